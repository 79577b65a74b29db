"""Protection against server-side request forgery: messages go only to public addresses over https, and to ports of
networks that the operator has configured.

Checked when an endpoint is saved and before each request. The request then goes to a checked address and not to the
name, which may resolve differently by then; the connection is checked once more (`httpx_secure`).
"""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import httpx
from httpx_secure import httpx_ssrf_protection

from app.core.config import Settings

Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_V6 = IPv6Network("2000::/3")
_NOT_PUBLIC = [
    ip_network(network)
    for network in ("192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "224.0.0.0/4")
]
"""Networks that `is_global` accepts in some versions of Python: relays, tunnels, documentation, multicast."""
_PORTS = {"https": 443, "http": 80}
_RESOLVE_SECONDS = 5.0
_RESOLVERS = ThreadPoolExecutor(32, "resolve")
"""A thread pool of its own: a name server that hangs blocks a thread for long, and must not block other work."""


class Refused(Exception):
    """Nothing may be sent to the address. `is_known` is False for a name that does not resolve."""

    def __init__(self, *, is_known: bool) -> None:
        super().__init__("an address that is not allowed" if is_known else "a name without an address")
        self.is_known = is_known


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return _is_public(IPv4Address(address.packed[-4:]))
        if address not in _GLOBAL_V6 or address.scope_id is not None:
            return False
    return address.is_global and not any(_is_in(address, network) for network in _NOT_PUBLIC)


def _is_in(address: Address, network: IPv4Network | IPv6Network) -> bool:
    return address.version == network.version and address in network


def is_allowed(scheme: str, address: Address, port: int, settings: Settings) -> bool:
    """Whether messages may go to that port: one of a configured network, or one of a public address by https."""
    is_named = any(allowed.is_open(address, port) for allowed in settings.allowed_networks)
    return is_named or (scheme == "https" and _is_public(address))


async def resolve(url: str, settings: Settings) -> list[Address]:
    """Resolves the host of an address. Returns its IP addresses. Raises Refused unless all of them are allowed; http is
    allowed to configured networks only."""
    parts = httpx.URL(url)
    addresses = await _addresses(parts.raw_host.decode("ascii").strip("[]"))
    if not addresses:
        raise Refused(is_known=False)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    if not all(is_allowed(parts.scheme, address, port, settings) for address in addresses):
        raise Refused(is_known=True)
    return addresses


async def _addresses(host: str) -> list[Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            resolved: list[Any] = await loop.run_in_executor(
                _RESOLVERS, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            )
        return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in resolved))
    except (OSError, ValueError, TimeoutError):
        return []


def client(settings: Settings, scheme: str, connect_seconds: float) -> httpx.AsyncClient:
    """Returns a client for one request, without redirects and proxies, that connects only to allowed addresses."""
    unprotected = httpx.AsyncClient(
        verify=_trust(settings.outbound_ca_file),
        trust_env=False,
        follow_redirects=False,
        timeout=httpx.Timeout(None, connect=connect_seconds),
    )
    return httpx_ssrf_protection(
        unprotected,
        check_globally_reachable=False,
        custom_validator=lambda _host, address, port: is_allowed(scheme, address, port, settings),
    )


@lru_cache(maxsize=4)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Returns the trusted authorities: the system's and those of the file. Cached: loading takes longer than a
    request."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
