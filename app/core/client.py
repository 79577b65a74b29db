"""Where a request comes from: its address and what it calls itself. Kept in the logs that must know, nowhere else."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Client:
    """Both are None for what the machine does by itself. `address` is an IP address in its shortest form."""

    address: str | None = None
    user_agent: str | None = None


_CURRENT: ContextVar[Client | None] = ContextVar("client", default=None)


def current() -> Client:
    return _CURRENT.get() or Client()


def enter(scope: Scope) -> None:
    """Say for the rest of this request where it came from. Behind a proxy the client is who the proxy names."""
    client = scope.get("client")
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), None)
    _CURRENT.set(Client(_address(client[0]) if client else None, _printable(agent) if agent else None))


def _address(text: str) -> str | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).compressed


def _printable(raw: bytes) -> str:
    """What a stranger sends ends up before an auditor's eyes: no control characters, and not for ever long."""
    text = raw.decode("utf-8", "replace")[:_LONGEST_AGENT]
    return "".join(c if c.isprintable() else "�" for c in text)
