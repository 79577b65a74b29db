"""The client of a request: its address and user agent. Stored in the logs that need them and nowhere else."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Client:
    """Both are None where the system acts by itself. `address` is an IP address in its shortest form."""

    address: str | None = None
    user_agent: str | None = None


_CURRENT: ContextVar[Client | None] = ContextVar("client", default=None)


def current() -> Client:
    return _CURRENT.get() or Client()


def enter(scope: Scope) -> None:
    """Sets the client for the rest of this request. Behind a proxy it is the client that the proxy names."""
    client = scope.get("client")
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), None)
    _CURRENT.set(Client(_address(client[0]) if client else None, _printable(agent) if agent else None))


def _address(text: str) -> str | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).compressed


def _printable(raw: bytes) -> str:
    """Returns the text shortened and without control characters: anybody can send it, and auditors read it."""
    text = raw.decode("utf-8", "replace")[:_LONGEST_AGENT]
    return "".join(c if c.isprintable() else "�" for c in text)
