"""Networks and ports of an intranet to which webhooks may be sent, as an administrator writes them."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

HTTPS = 443
_ANY = "*"


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """A network and the allowed port; None for any port."""

    network: IPv4Network | IPv6Network
    port: int | None

    def is_open(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        is_there = address.version == self.network.version and address in self.network
        return is_there and self.port in (None, port)


def parse_network(text: str) -> AllowedNetwork:
    """Parses `10.20.0.0/16:8443`, `[fd00::/8]:8443`, `10.20.0.7:*` (any port); the default port is 443.

    Raises ValueError where the text has another form.
    """
    network, port = text, ""
    if text.startswith("["):
        network, _, rest = text[1:].partition("]")
        if rest and not rest.startswith(":"):
            raise ValueError(text)
        port = rest[1:] or ("" if not rest else "none")
    elif text.count(":") == 1:
        network, _, port = text.partition(":")
        port = port or "none"
    if port == _ANY:
        return AllowedNetwork(ip_network(network), None)
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(text)
    return AllowedNetwork(ip_network(network), int(port) if port else HTTPS)
