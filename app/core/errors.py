"""Errors as RFC 9457 problem documents, Chinese by default, English on request.

An error is a noun with its status on the class. `code` never changes; `title` and `detail` follow Accept-Language.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Constraint, Index, Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import ColumnCollectionConstraint
from starlette.exceptions import HTTPException

from app.core.localized import Say

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One error in the input. `pointer` is a JSON pointer into the body (`/` for all of it), `?name` a query parameter,
    `#Name` a header, `path:name` a part of the address."""

    pointer: str
    code: str
    detail: str


class ChangedField(BaseModel):
    """A field that others changed after the client read the record. `from` is the value it read; values that the
    client may not see are null."""

    field: str
    zh: str
    en: str
    before: Any = Field(
        alias="from", description="你读到的值，类型同该字段 / the value you read, of the field's own type"
    )
    after: Any = Field(alias="to", description="现在的值，类型同该字段 / the value now, of the field's own type")
    from_text: dict[str, str] = Field(description="zh、en：人读的写法 / as people read it")
    to_text: dict[str, str] = Field(description="zh、en：人读的写法 / as people read it")
    by: str | None = Field(description="最后改动的人；不公开的为 null / who changed it last; null where not shown")
    at: str = Field(description="最后改动的时间 / when it was changed last")


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
        None,
        description="疑似重复的记录（duplicates_found），或同名企业（enterprise_twins、ambiguous_name）/ "
        "what it may be a duplicate of, or enterprises of the same name",
    )
    conflicts: list[dict[str, Any]] | None = Field(
        None, description="并入须先解决的（merge_refused）/ what stands in the way of a merge"
    )
    successor: dict[str, Any] | None = Field(
        None, description="已并入的，现行记录 / of a merged record: the one it is by now, where you may see it"
    )
    current_version: int | None = Field(None, description="记录的现行版本（stale）/ the record's present version")
    changed: list[ChangedField] | None = Field(
        None, description="你读取之后改动的字段（stale）/ the fields changed since the version you sent"
    )
    current: dict[str, Any] | None = Field(
        None, description="记录的现状，同其 GET（stale）/ the record as its GET answers it now"
    )
    permission: str | None = Field(None, description="缺少的权限（forbidden）/ the right that is missing")


class Problem(Exception):
    """An error that the client receives. `extra` becomes further members of the document."""

    status: ClassVar[int] = 400
    code: str = "bad_request"
    title: Say = Say("请求有误", "Bad request")
    tells_of_others: bool = False
    """Whether it discloses that a record out of the actor's scope exists: such answers are counted and logged."""

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


def refuse(problem: Problem | None) -> None:
    """Raises the problem, where there is one."""
    if problem is not None:
        raise problem


class Invalid(Problem):
    """Input that can be parsed but not accepted; names the field and the remedy."""

    status = 422
    code = "invalid_input"
    title = Say("输入有误", "Invalid input")

    @classmethod
    def field(cls, pointer: str, code: str, detail: Say) -> "Invalid":
        return cls(detail, fields=[(pointer, code, detail)])


class Unauthorized(Problem):
    """The request is not authenticated."""

    status = 401
    code = "unauthorized"
    title = Say("请先登录", "Sign in first")

    def __init__(self, detail: Say, *, code: str | None = None) -> None:
        super().__init__(detail, code=code, headers={"WWW-Authenticate": "Bearer"})


class TooMany(Problem):
    """A rate limit was exceeded; a retry makes sense after `seconds`."""

    status = 429
    code = "too_many_requests"
    title = Say("过于频繁", "Too many requests")

    def __init__(self, detail: Say, seconds: float, *, code: str | None = None) -> None:
        super().__init__(detail, code=code, headers={"Retry-After": str(max(1, round(seconds)))})


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

    def __init__(self, current: int | None = None, *, record: Any = None, asked: int | None = None) -> None:
        """`record` is the one that has changed, `asked` the version that the client read: with them the answer says
        what has changed."""
        self.record, self.asked = record, asked
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
    """Registers the error for a violated unique index or CHECK. SQLite names only the columns of a unique index."""
    assert isinstance(rule.table, Table)
    _BY_NAME[str(rule.name)] = (code, say)
    if isinstance(rule, Index | ColumnCollectionConstraint):
        columns = frozenset(column.name for column in rule.columns)
        _BY_COLUMNS[(rule.table.name, columns)] = (code, say)


def rule_of(table: Any, name: str) -> Index | Constraint:
    """Returns the index or constraint of a table by its name, for `on_conflict`."""
    rules: Iterable[Index | Constraint] = [*table.indexes, *table.constraints]
    return next(rule for rule in rules if str(rule.name) == name)


def _meaning(error: IntegrityError) -> tuple[str, Say]:
    """Returns the code and the message of the violated constraint."""
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
    """Returns the error registered for a violated constraint."""
    code, say = _meaning(error)
    return Conflict(say, code=code)


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


class TooSlow(Problem):
    status = 408
    code = "too_slow"
    title = Say("请求超时", "Request timeout")


class HungUp(Problem):
    """The client disconnected before it had sent the whole request. Nobody reads this answer; it is for the log."""

    status = 499
    code = "client_gone"
    title = Say("对方已断开", "The client has gone")


class Gone(Problem):
    status = 410
    code = "gone"
    title = Say("已停用", "Gone")


class WrongMediaType(Problem):
    status = 415
    code = "media_type"
    title = Say("内容类型不支持", "Unsupported media type")


class JsonRefused(HTTPException):
    """A body that is not strict JSON. It is an HTTPException, because FastAPI replaces any other exception that is
    raised while it reads the body."""

    def __init__(self, kind: str) -> None:
        super().__init__(422)
        self.kind = kind


TOO_LARGE = Say("请求体超过上限（默认 1 MiB）。", "The body exceeds the limit (1 MiB by default).")
