"""Errors as the client sees them: RFC 9457 problem documents, Chinese by default, English on request.

An error is a noun with its status on the class. `code` never changes; `title` and `detail` follow Accept-Language.
"""

import socket
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Constraint, Index, Table
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.schema import ColumnCollectionConstraint
from starlette.exceptions import HTTPException

from app.core.messages import message
from app.core.say import Say

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One thing wrong with the input. `pointer` is a JSON pointer into the body (`/` for all of it), `?name` a query
    parameter, `#Name` a header, `path:name` a part of the address."""

    pointer: str
    code: str
    detail: str


class ProblemDocument(BaseModel):
    """RFC 9457. `code` is stable; `title` and `detail` are in the language asked for."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldError] | None = None
    gates: list[dict[str, Any]] | None = Field(None, description="未满足的门槛（gates_unmet）/ the gates not met")
    candidates: list[dict[str, Any]] | None = Field(
        None, description="疑似重复的记录（duplicates_found）/ what it may be a duplicate of"
    )
    conflicts: list[dict[str, Any]] | None = Field(
        None, description="并入须先解决的（merge_refused）/ what stands in the way of a merge"
    )
    current_version: int | None = Field(None, description="记录的现行版本（stale）/ the record's present version")
    permission: str | None = Field(None, description="缺少的权限（forbidden）/ the right that is missing")


class Problem(Exception):
    """Anything the client is told. `extra` lands in the document as further members."""

    status: ClassVar[int] = 400
    code: str = "bad_request"
    title: Say = Say("请求有误", "Bad request")

    def __init__(
        self,
        detail: Say,
        *,
        code: str | None = None,
        headers: dict[str, str] | None = None,
        fields: Sequence[tuple[str, str, Say]] = (),
        **extra: Any,
    ) -> None:
        super().__init__(detail.en)
        self.detail = detail
        self.code = code or self.code
        self.headers = headers or {}
        self.fields = fields
        self.extra = extra


class Invalid(Problem):
    """Input that parses but cannot be; names the field and the remedy."""

    status = 422
    code = "invalid_input"
    title = Say("输入有误", "Invalid input")

    @classmethod
    def field(cls, pointer: str, code: str, detail: Say) -> "Invalid":
        return cls(detail, fields=[(pointer, code, detail)])


class Unauthorized(Problem):
    """Nobody known is asking."""

    status = 401
    code = "unauthorized"
    title = Say("请先登录", "Sign in first")

    def __init__(self, detail: Say) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status = 403
    code = "forbidden"
    title = Say("没有权限", "Not allowed")


class NotFound(Problem):
    status = 404
    code = "not_found"
    title = Say("找不到", "Not found")

    @classmethod
    def of(cls, what: Say) -> "NotFound":
        return cls(
            Say(
                f"没有这条{what.zh}，或不在你的范围内。",
                f"There is no such {what.en}, or it is outside your scope.",
            )
        )


class Conflict(Problem):
    status = 409
    code = "conflict"
    title = Say("与现状冲突", "Conflict with the present state")


class Stale(Problem):
    status = 412
    code = "stale"
    title = Say("记录已变", "The record has changed")

    def __init__(self, current: int | None = None) -> None:
        extra: dict[str, Any] = {} if current is None else {"current_version": current}
        super().__init__(
            Say(
                "你看到之后，别人已经改过这条记录；请重新读取再提交。",
                "Somebody has changed this record since you read it; read it again and resubmit.",
            ),
            **extra,
        )


class PreconditionRequired(Problem):
    status = 428
    code = "if_match_required"
    title = Say("缺少 If-Match", "If-Match required")


class Unavailable(Problem):
    status = 503
    code = "busy"
    title = Say("系统忙", "Busy")

    def __init__(self) -> None:
        super().__init__(
            Say(
                "系统正忙，什么都没有改动，请稍后重试。",
                "The system is busy; nothing was changed, please try again.",
            ),
            headers={"Retry-After": "1"},
        )


_BY_NAME: dict[str, tuple[str, Say]] = {}
_BY_COLUMNS: dict[tuple[str, frozenset[str]], tuple[str, Say]] = {}


def on_conflict(rule: Index | Constraint, code: str, say: Say) -> None:
    """Say what a broken unique index or CHECK means. SQLite names only the columns of a unique index."""
    assert isinstance(rule.table, Table)
    _BY_NAME[str(rule.name)] = (code, say)
    if isinstance(rule, Index | ColumnCollectionConstraint):
        columns = frozenset(column.name for column in rule.columns)
        _BY_COLUMNS[(rule.table.name, columns)] = (code, say)


def rule_of(table: Any, name: str) -> Index | Constraint:
    """The index or constraint of a table by its name, for `on_conflict`."""
    rules: Iterable[Index | Constraint] = [*table.indexes, *table.constraints]
    return next(rule for rule in rules if str(rule.name) == name)


def _meaning(error: IntegrityError) -> tuple[str, Say]:
    fallback = (
        "conflict",
        Say("与已有记录冲突，什么都没有改动。", "This conflicts with what is on record; nothing was changed."),
    )
    cause = getattr(error.orig, "__cause__", None)
    name = getattr(cause, "constraint_name", None)
    if name:
        return _BY_NAME.get(name, fallback)
    text = str(error.orig)
    if text.startswith("UNIQUE constraint failed: "):
        places = [place.strip().split(".") for place in text.removeprefix("UNIQUE constraint failed: ").split(",")]
        if all(len(place) == 2 for place in places):
            return _BY_COLUMNS.get((places[0][0], frozenset(place[1] for place in places)), fallback)
    if text.startswith("CHECK constraint failed: "):
        return _BY_NAME.get(text.removeprefix("CHECK constraint failed: "), fallback)
    return fallback


def conflict(error: IntegrityError) -> Conflict:
    """What a broken constraint means to whoever broke it."""
    code, say = _meaning(error)
    return Conflict(say, code=code)


def _sqlstate(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None) or "")


def _is_busy(error: DBAPIError) -> bool:
    return _sqlstate(error) in {"40001", "40P01", "55P03", "57014"} or "database is locked" in str(error.orig)


def _is_unreachable(error: DBAPIError) -> bool:
    """Connection lost or refused (class 08), too many of them, or a server that starts up or shuts down (57P0x)."""
    state = _sqlstate(error)
    return state.startswith("08") or state in {"53300", "57P01", "57P02", "57P03"}


def wants_english(request: Request) -> bool:
    """English only where Accept-Language ranks it above Chinese."""
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
    """Field names come from the client: shorten them, and let no lone surrogate reach the encoder."""
    return text[:100].encode("utf-8", "replace").decode("utf-8")


def respond(request: Request, problem: Problem) -> JSONResponse:
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
    headers = {"Content-Language": "en" if english else "zh-CN", "Vary": "Accept-Language", **problem.headers}
    return JSONResponse(body, problem.status, headers, MEDIA_TYPE)


def _pointer(location: Sequence[str | int]) -> str:
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


class MethodNotAllowed(Problem):
    status = 405
    code = "method_not_allowed"
    title = Say("不支持的方法", "Method not allowed")


class TooLarge(Problem):
    status = 413
    code = "too_large"
    title = Say("请求过大", "Request too large")


class BrokenRequest(Problem):
    status = 400


class JsonRefused(HTTPException):
    """A body that is no JSON of ours. FastAPI lets an HTTPException through where it swallows all else."""

    def __init__(self, kind: str) -> None:
        super().__init__(422)
        self.kind = kind


TOO_LARGE = Say("请求体超过上限（默认 1 MiB）。", "The body exceeds the limit (1 MiB by default).")

_HTTP: dict[int, tuple[type[Problem], Say]] = {
    404: (NotFound, Say("没有这个地址。", "There is nothing at this address.")),
    405: (MethodNotAllowed, Say("这个地址不支持此方法。", "This address does not support that method.")),
    413: (TooLarge, TOO_LARGE),
}


def _server_fault(request: Request) -> JSONResponse:
    class Fault(Problem):
        status = 500
        code = "internal_error"
        title = Say("系统故障", "Internal error")

    request_id = getattr(request.state, "request_id", "")
    detail = Say(
        f"系统出错，什么都没有改动。请把编号 {request_id} 告诉管理员。",
        f"Something went wrong on our side; nothing was changed. Tell an administrator the id {request_id}.",
    )
    return respond(request, Fault(detail))


def install(app: FastAPI) -> None:
    """Map every error that can reach the edge to a problem document."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> JSONResponse:
        return respond(request, error)

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

    # What a driver raises before there is a connection to raise database errors with.
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
