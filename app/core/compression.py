"""Compresses answers (Brotli, gzip), except those that hold a secret and streams of events.

An answer whose length tells whether a guess is in it gives a secret away letter by letter (BREACH): what is shown once
and what bears a token is sent as it is. An event stream is read event by event, which compressing would delay.
"""

import re
from collections.abc import Iterable
from re import Pattern

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from app.core.errors import MEDIA_TYPE
from app.core.routing import SECRET, SHOWN_ONCE

MINIMUM = 1000
"""Bytes; what is shorter fits into one packet anyway."""

add_compress_type(MEDIA_TYPE)
remove_compress_type("text/event-stream")


def secret_addresses(routers: Iterable[APIRouter], prefix: str) -> list[Pattern[str]]:
    """Returns the addresses, below a prefix, of the routes whose answers hold a secret."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    secret = [route for route in routes if (route.openapi_extra or {}).keys() & {*SECRET, *SHOWN_ONCE}]
    return [re.compile(f"^{prefix}{route.path_regex.pattern.removeprefix('^')}") for route in secret]


class Compression:
    """Compresses by what the client accepts. `secrets`: the addresses whose answers are left as they are."""

    def __init__(self, app: ASGIApp, *, secrets: Iterable[Pattern[str]]) -> None:
        self.app = app
        self.compressed = CompressMiddleware(app, minimum_size=MINIMUM, zstd=False)
        self.secrets = tuple(secrets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_secret = scope["type"] == "http" and any(pattern.match(scope["path"]) for pattern in self.secrets)
        await (self.app if is_secret else self.compressed)(scope, receive, send)
