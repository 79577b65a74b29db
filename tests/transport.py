"""The tests' way to the app, which holds every operation to its word: it answers with no problem that it does not
declare, and an id and the name beside it are of the same record."""

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


_OUT_OF_SCOPE = frozenset({"parent", "merged_into", "project", "lead"})
"""Names that are withheld from whoever does not see the record, though its id stands there."""


def named(answer: Any) -> Any:
    """Returns an answer. Fails where the record beside an id is another one, or is missing."""
    waiting = [answer]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
            for field, value in part.items():
                beside = "industry" if field == "industry_code" else field.removesuffix("_id")
                if beside == field or beside not in part or not isinstance(part[beside], dict | None):
                    continue
                record = part[beside]
                if record is None:
                    assert value is None or beside in _OUT_OF_SCOPE, (field, value, "has no name")
                elif "name" in record or "zh" in record:
                    assert value == (record["id"] if "id" in record else record["code"]), (field, value, record)
    return answer


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
