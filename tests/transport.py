"""The tests' way to the app, which holds every operation to its word: it answers with no problem that it does not
declare."""

from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.core.errors import MEDIA_TYPE

_SCOPE: ContextVar[MutableMapping[str, Any]] = ContextVar("scope")
"""The request as the app left it: `route` is the one that matched."""
_DECLARED: dict[str, frozenset[str]] = {}
"""The codes that each operation declares; filled at the first problem of this process."""


class InProcess(httpx.ASGITransport):
    def __init__(self, app: FastAPI) -> None:
        async def seen(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            _SCOPE.set(scope)
            await app(scope, receive, send)

        super().__init__(seen)
        self._app_under_test = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-type") == MEDIA_TYPE:
            await response.aread()
            self._require_declared(request.method, response.json()["code"])
        return response

    def _require_declared(self, method: str, code: str) -> None:
        route = _SCOPE.get().get("route")
        if not isinstance(route, APIRoute) or method not in (route.methods or ()) or not route.include_in_schema:
            return  # no operation: an unknown address or method, or a page
        if not _DECLARED:
            for methods in self._app_under_test.openapi()["paths"].values():
                _DECLARED.update({one["operationId"]: frozenset(one["x-problems"]) for one in methods.values()})
        place = f"{route.endpoint.__module__}.{route.endpoint.__name__}"
        assert code in _DECLARED[route.name], f"{code} is not among x-problems of {place}: add it to its @problems"
