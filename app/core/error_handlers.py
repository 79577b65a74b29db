"""Turns every exception of a request into a problem document, in the language asked for."""

import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from app.core.errors import (
    MEDIA_TYPE,
    TOO_LARGE,
    BrokenRequest,
    HungUp,
    Invalid,
    JsonRefused,
    MethodNotAllowed,
    NotFound,
    Problem,
    Stale,
    TooLarge,
    TooSlow,
    Unavailable,
    conflict,
)
from app.core.localized import Say
from app.core.messages import message

log = structlog.get_logger(__name__)

OnProblem = Callable[[Request, Problem], Awaitable[Problem]]
"""Called with every problem after the rollback; returns the problem to answer with."""


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _is_busy(error: DBAPIError) -> bool:
    return _sqlstate(error) in {"40001", "40P01", "55P03", "57014"} or "database is locked" in str(error.orig)


def _is_unreachable(error: DBAPIError) -> bool:
    """Whether a connection was lost or refused (class 08), too many are open, or the server starts or stops (57P0x)."""
    state = _sqlstate(error)
    return state.startswith("08") or state in {"53300", "57P01", "57P02", "57P03"}


def is_temporary(error: Exception) -> bool:
    """Whether a retry may succeed: the database is busy, locked or unreachable."""
    if isinstance(error, DBAPIError):
        return _is_busy(error) or _is_unreachable(error) or error.connection_invalidated
    return isinstance(error, (PoolTimeout, OSError))


def wants_english(request: Request) -> bool:
    """Whether Accept-Language ranks English above Chinese."""
    best: dict[str, float] = {}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        language = tag.partition("-")[0].lower()
        best[language] = max(best.get(language, 0.0), weight)
    return best.get("en", 0.0) > best.get("zh", 0.0)


def _printable(text: str) -> str:
    """Returns a field name, which the client chose, shortened and without lone surrogates, which cannot be encoded."""
    return text[:100].encode("utf-8", "replace").decode("utf-8")


def respond(request: Request, problem: Problem) -> JSONResponse:
    """Answers with the problem document in the language asked for."""
    language = "en" if wants_english(request) else "zh-CN"
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return JSONResponse(document(request, problem), problem.status, headers, MEDIA_TYPE)


def document(request: Request, problem: Problem) -> dict[str, Any]:
    """Returns the problem document in the language asked for."""
    english = wants_english(request)

    def pick(say: Say) -> str:
        return say.en if english else say.zh

    body: dict[str, Any] = {
        "type": f"/problems/{problem.code.replace('_', '-')}",
        "title": pick(problem.title),
        "status": problem.status,
        "detail": pick(problem.detail),
        "code": problem.code,
        "request_id": getattr(request.state, "request_id", ""),
        **problem.extra,
    }
    if problem.fields:
        body["errors"] = [
            {"pointer": _printable(pointer), "code": code, "detail": pick(say)} for pointer, code, say in problem.fields
        ]
    return body


def problem_of(request: Request, error: Exception) -> Problem:
    """Returns the problem that an exception of a request, or of a part of one, is answered with."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, IntegrityError):
        return conflict(error)
    if isinstance(error, StaleDataError):
        return Stale()
    if is_temporary(error):
        return Unavailable()
    log.error("item_failed", request_id=getattr(request.state, "request_id", ""), exc_info=error)
    return _fault(request)


def _pointer(location: Sequence[str | int]) -> str:
    """Returns the place of a Pydantic error in the form of `FieldError.pointer`."""
    place, *path = location or ("body",)
    if place == "query":
        return "?" + ".".join(str(step) for step in path)
    if place == "header":
        return "#" + ".".join(str(step) for step in path)
    if place == "path":
        return "path:" + ".".join(str(step) for step in path)
    return "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)


def from_validation(error: RequestValidationError) -> Invalid:
    fields = []
    for one in error.errors():
        location = one["loc"]
        if one["type"] == "json_invalid":
            location = ("body",)
        fields.append((_pointer(location), str(one["type"]), message(one["type"], one.get("ctx"))))
    first = fields[0]
    more = len(fields) - 1
    where = _printable(first[0])
    detail = Say(
        f"{where}：{first[2].zh}" + (f"（另有 {more} 处）" if more else ""),
        f"{where}: {first[2].en}" + (f" ({more} more)" if more else ""),
    )
    return Invalid(detail, fields=fields)


_HTTP: dict[int, tuple[type[Problem], Say]] = {
    404: (NotFound, Say("没有这个地址。", "There is nothing at this address.")),
    405: (MethodNotAllowed, Say("这个地址不支持此方法。", "This address does not support that method.")),
    408: (TooSlow, Say("请求体没有在限时内发完，请重试。", "The body did not come in time; send it again.")),
    413: (TooLarge, TOO_LARGE),
    499: (HungUp, Say("请求没有发完。", "The request did not come to its end.")),
}


class Fault(Problem):
    status = 500
    code = "internal_error"
    title = Say("系统故障", "Internal error")


def _server_fault(request: Request) -> JSONResponse:
    return respond(request, _fault(request))


def _fault(request: Request) -> Fault:
    request_id = getattr(request.state, "request_id", "")
    detail = Say(
        f"系统出错，什么都没有改动。请把编号 {request_id} 告诉管理员。",
        f"Something went wrong on our side; nothing was changed. Tell an administrator the id {request_id}.",
    )
    return Fault(detail)


def install(app: FastAPI, on_problem: OnProblem) -> None:
    """Registers a handler for every exception of a request."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> JSONResponse:
        return respond(request, await on_problem(request, error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return respond(request, from_validation(error))

    @app.exception_handler(JsonRefused)
    async def json_refused(request: Request, error: JsonRefused) -> JSONResponse:
        return respond(request, Invalid.field("/", error.kind, message(error.kind, None)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        kind, detail = _HTTP.get(
            error.status_code, (BrokenRequest, Say("请求无法读取。", "The request could not be read."))
        )
        return respond(request, kind(detail, headers=dict(error.headers or {})))

    _install_database(app)

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> JSONResponse:
        return _server_fault(request)


def _install_database(app: FastAPI) -> None:
    @app.exception_handler(IntegrityError)
    async def integrity(request: Request, error: IntegrityError) -> JSONResponse:
        return respond(request, conflict(error))

    @app.exception_handler(StaleDataError)
    async def stale(request: Request, error: StaleDataError) -> JSONResponse:
        return respond(request, Stale())

    @app.exception_handler(PoolTimeout)
    async def exhausted(request: Request, error: PoolTimeout) -> JSONResponse:
        return respond(request, Unavailable())

    async def unreachable(request: Request, error: Exception) -> JSONResponse:
        log.error("database_unreachable", request_id=getattr(request.state, "request_id", ""), reason=str(error))
        return respond(request, Unavailable())

    # Raised by a driver without a connection, so not as a database error.
    for kind in (ConnectionError, TimeoutError, socket.gaierror):
        app.add_exception_handler(kind, unreachable)

    @app.exception_handler(DBAPIError)
    async def database(request: Request, error: DBAPIError) -> JSONResponse:
        if _is_busy(error):
            return respond(request, Unavailable())
        if error.connection_invalidated or _is_unreachable(error):
            return await unreachable(request, error.orig if isinstance(error.orig, Exception) else error)
        log.error("database_error", request_id=getattr(request.state, "request_id", ""), exc_info=error)
        return _server_fault(request)
