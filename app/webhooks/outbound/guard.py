"""Where messages may be sent: to public addresses over https, and to networks that whoever runs the service has named.

Asked when an endpoint is saved, before each request, and again by the connection itself (`httpx_secure`): a name may
lead elsewhere by then.
"""

import asyncio
import socket
import ssl
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

import httpx
from httpx_secure import httpx_ssrf_protection

from app.core.config import Settings

_Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")
_RESOLVE_SECONDS = 5.0


class Refused(Exception):
    """Nothing is sent there. `why` is `unknown` for a name without an address."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _inner(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one only carries."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    teredo = address.teredo[1] if address.teredo is not None else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _is_public(address: _Address) -> bool:
    return all(one.is_global and not one.is_multicast for one in (address, _inner(address)))


def _is_allowed(scheme: str, address: _Address, settings: Settings) -> bool:
    is_named = any(address in ip_network(network) for network in settings.intranets)
    return is_named or (scheme == "https" and _is_public(address))


async def require(url: str, settings: Settings) -> None:
    """Raises Refused unless every address of the host is allowed; http goes to named networks alone."""
    parts = urlsplit(url)
    addresses = await _addresses(parts.hostname or "")
    if not addresses:
        raise Refused("unknown")
    if not all(_is_allowed(parts.scheme, address, settings) for address in addresses):
        raise Refused("address")


async def _addresses(host: str) -> list[_Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        pass
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [ip_address(str(one[4][0]).partition("%")[0]) for one in found]


def client(settings: Settings, url: str) -> httpx.AsyncClient:
    """For one request to `url`: it follows no redirect, uses no proxy, and connects to nothing that is not allowed."""
    scheme = urlsplit(url).scheme
    made = httpx.AsyncClient(
        verify=_trust(settings.outbound_ca_file), trust_env=False, follow_redirects=False, timeout=None
    )
    return httpx_ssrf_protection(
        made,
        check_globally_reachable=False,
        custom_validator=lambda _host, address, _port: _is_allowed(scheme, address, settings),
    )


@lru_cache(maxsize=4)
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """The system's authorities, and those of the file besides. Made once: it takes longer than a request."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
