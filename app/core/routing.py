"""The route class of every router: strict JSON, no unknown query parameters, ETags, answers stored for
Idempotency-Key."""

import hashlib
import json
import math
from collections.abc import Callable, Coroutine, Iterator
from functools import cached_property
from typing import Annotated, Any, NoReturn, TypeVar
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Match
from starlette.types import Scope

from app.core import idempotency
from app.core.actor import current_actor
from app.core.db import rolled_back_session, write_session
from app.core.errors import Invalid, JsonRefused, PreconditionRequired
from app.core.localized import Say

API = "/api/v1"
"""The prefix of the addresses of the API."""


def _refuse(kind: str) -> NoReturn:
    raise JsonRefused(kind)


def _not_finite(_text: str) -> NoReturn:
    _refuse("json_not_finite")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _refuse("json_not_finite")
    return value


class StrictRequest(Request):
    """Accepts JSON only as the standard defines it: no NaN, no Infinity, no number out of range, no extreme nesting."""

    async def json(self) -> Any:
        try:
            return json.loads(await self.body(), parse_constant=_not_finite, parse_float=_finite)
        except RecursionError:
            _refuse("json_too_deep")
        except json.JSONDecodeError:
            raise
        except ValueError:
            _refuse("json_invalid")


_DECLARED = "problem_codes"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def problems(*codes: str) -> Callable[[Endpoint], Endpoint]:
    """Declares the codes of the problem documents that an endpoint refuses with; those that follow from what it is are
    added (`app.document`). Each argument names one or more, with spaces between. Stands below the router's decorator.
    """

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, " ".join(codes).split())
        return endpoint

    return declare


class Route(APIRoute):
    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, openapi_extra: dict[str, Any] | None = None, **options: Any
    ) -> None:
        codes = [*getattr(endpoint, _DECLARED, [])]
        extra = {**(openapi_extra or {}), "x-problems": codes}
        super().__init__(path, endpoint, openapi_extra=extra, **options)
        calls = set(_calls(self.dependant))
        if calls & {write_session, rolled_back_session}:
            codes.append("conflict")  # by a constraint of the database that has no code of its own
        if write_session in calls and "POST" in (self.methods or ()) and not SHOWN_ONCE.items() <= extra.items():
            codes.append("idempotency_key_reused")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        declared = frozenset(_query_names(self.dependant))
        takes_any = ANY_PARAMETER.items() <= (self.openapi_extra or {}).items()
        is_dictionary = DICTIONARY.items() <= (self.openapi_extra or {}).items()
        is_versioned = any(VERSION_FIELDS & _fields(model) for model in _models(self))

        async def strict(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive)
            await current_actor(request)  # authenticate before reading the input
            _check_encoding(request)
            if not takes_any:
                _check_query(request, declared)
            response = await handle(request)
            if is_versioned and response.status_code < 300:
                _set_etag(response)
            if is_dictionary:
                return _kept_by_clients(request, response)
            await idempotency.keep(request, response)
            return response

        return strict


class Router(APIRouter):
    """The router of a room: FastAPI's, with our route class. It refuses an address whose first segment no route of the
    room has, such as `projects`, without trying any: FastAPI tries every route of every room, twice, at every request.
    """

    def __init__(self, *, route_class: type[APIRoute] = Route, **options: Any) -> None:
        super().__init__(route_class=route_class, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        head = scope["path"].partition(f"{API}/")[2].partition("/")[0]
        return super().matches(scope) if head in self._heads else (Match.NONE, {})

    @cached_property
    def _heads(self) -> frozenset[str]:
        """The first segments of the addresses of the routes, which are all there by the first request."""
        heads = frozenset(route.path.split("/")[1] for route in self.routes if isinstance(route, APIRoute))
        assert not any(head.startswith("{") for head in heads), "an address of the API begins with a word"
        return heads


VERSION_FIELDS = frozenset({"version", "project_version"})
"""Fields at the top of an answer that hold the version of its record; an answer has at most one of them."""


def _models(route: APIRoute) -> list[Any]:
    """Returns the models of all answers of the route."""
    return [route.response_model, *(answer.get("model") for answer in route.responses.values())]


def _fields(model: Any) -> frozenset[str]:
    return frozenset(getattr(model, "model_fields", ()))


def _set_etag(response: Response) -> None:
    """Sets the ETag from the answer itself, so that the two cannot differ. A version inside a list or a nested record
    belongs to another record and sets none."""
    answer = json.loads(bytes(response.body))
    versions = [answer[name] for name in VERSION_FIELDS if answer.get(name) is not None]
    if versions:
        response.headers["ETag"] = f'"{versions[0]}"'


DICTIONARY: dict[str, Any] = {"x-dictionary": True}
"""`openapi_extra` of a GET whose answer is a dictionary, the same for everybody: clients may keep it, and ask by
If-None-Match whether it has changed. Every answer about business stays `no-store`."""


def _kept_by_clients(request: Request, response: Response) -> Response:
    """Sets the headers by which a client keeps a dictionary. Returns 304 where it has this one already."""
    tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    asked = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    if asked & {tag, "*"}:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


SECRET: dict[str, Any] = {"x-secret": True}
"""`openapi_extra` of a GET whose answer holds a secret, such as the token against forged requests: it is never
compressed, as those of SHOWN_ONCE are not."""

SHOWN_ONCE: dict[str, Any] = {"x-shown-once": True}
"""`openapi_extra` of a POST whose answer holds a secret: the answer is not stored for an Idempotency-Key."""


ANY_PARAMETER: dict[str, Any] = {"x-any-parameter": True}
"""`openapi_extra` of an address that other systems call with query parameters we did not declare."""


def _query_names(dependant: Dependant) -> set[str]:
    """Returns the names of the query parameters that a route and its dependencies declare."""
    names: set[str] = set()
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names |= {info.alias or name for name, info in annotation.model_fields.items()}
        else:
            names.add(field.alias)
    for nested in dependant.dependencies:
        names |= _query_names(nested)
    return names


def _calls(dependant: Dependant) -> Iterator[Any]:
    """Yields the functions that a route and its dependencies call."""
    yield dependant.call
    for nested in dependant.dependencies:
        yield from _calls(nested)


def _check_encoding(request: Request) -> None:
    """Raises RequestValidationError for a URL that is not UTF-8: decoded leniently, it would be another text."""
    for place, raw in (("query", request.scope["query_string"]), ("path", request.scope.get("raw_path") or b"")):
        try:
            unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError:
            raise RequestValidationError([{"type": "not_utf8", "loc": (place,), "msg": "", "input": None}]) from None


def _check_query(request: Request, declared: frozenset[str]) -> None:
    seen: set[str] = set()
    errors = []
    for name, _ in request.query_params.multi_items():
        if name not in declared:
            errors.append({"type": "unknown_parameter", "loc": ("query", name), "msg": "", "input": None})
        elif name in seen:
            errors.append({"type": "repeated_parameter", "loc": ("query", name), "msg": "", "input": None})
        seen.add(name)
    if errors:
        raise RequestValidationError(errors)


def if_match(
    if_match: Annotated[
        str | None,
        Header(description="读到的版本，即 ETag / the version you read, as its ETag", examples=['"3"']),
    ] = None,
) -> int:
    """Returns the version that the caller read. 428 where it is missing, 422 where it has another form."""
    if if_match is None:
        raise PreconditionRequired(
            Say(
                "请在 If-Match 中带上读到的 ETag，以免覆盖别人的改动。",
                "Send the ETag you read as If-Match, so that nobody's change is overwritten.",
            )
        )
    tag = if_match.strip().removeprefix("W/")
    digits = tag[1:-1] if len(tag) > 2 and tag[0] == tag[-1] == '"' else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise Invalid.field("#If-Match", "if_match", Say('If-Match 应形如 "3"。', 'If-Match should look like "3".'))
    return int(digits)


IfMatch = Annotated[int, Depends(if_match)]
