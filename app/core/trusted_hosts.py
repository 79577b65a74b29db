"""Accepts requests for trusted host names alone, so that no URL in an answer holds a name chosen by an attacker."""

import re

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import error_handlers
from app.core.errors import BrokenRequest
from app.core.localized import Say

_HOST = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_UNCHECKED_PATHS = frozenset({"/healthz", "/readyz"})
"""A load balancer requests these by the address of the machine."""
_UNKNOWN = Say(
    "请用本系统的对外地址访问；其他主机名须由运维列入 FIVE_ONES_HOSTS。",
    "Ask by the public address; whoever runs the service names other hosts in FIVE_ONES_HOSTS.",
)


class TrustedHosts:
    """Refuses (400) requests for other hosts, except health checks. Ports are ignored: a proxy may use another one."""

    def __init__(self, app: ASGIApp, trusted: frozenset[str]) -> None:
        self.app = app
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _UNCHECKED_PATHS or self._is_trusted(scope):
            await self.app(scope, receive, send)
            return
        await error_handlers.respond(Request(scope), BrokenRequest(_UNKNOWN, code="host_unknown"))(scope, receive, send)

    def _is_trusted(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        return match is not None and match["name"].strip("[]").removesuffix(".") in self.trusted
