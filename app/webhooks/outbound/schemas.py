import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.core.body import ID, body
from app.core.clock import Instant, Moment
from app.core.localized import Word
from app.core.paging import ListQuery
from app.core.records import unset
from app.core.refs import Ref
from app.core.several import Several
from app.core.text import Code, Text
from app.webhooks.outbound.models import DeliveryState, Disabled, NotSent
from app.webhooks.outbound.types import types_matching

_NOT_IN_ADDRESSES = frozenset(' \\<>"^`{|}')
_AFTER_BRACKET = re.compile(r"(:\d*)?")


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
        httpx.URL(value).raw_host.decode("ascii")
    except (ValueError, httpx.InvalidURL):
        raise PydanticCustomError("url", "an https address without user and fragment") from None
    is_plain = value.isascii() and value.isprintable() and not set(value) & _NOT_IN_ADDRESSES
    is_odd = "@" in parts.netloc or parts.fragment or not _AFTER_BRACKET.fullmatch(parts.netloc.partition("]")[2])
    if not host or parts.scheme not in ("https", "http") or is_odd or not is_plain:
        raise PydanticCustomError("url", "an https address without user and fragment")
    return value


def _pattern(value: str) -> str:
    if not types_matching([value]):
        raise PydanticCustomError("event_pattern", "a pattern that no type matches")
    return value


Url = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_url),
    WithJsonSchema({"type": "string", "format": "uri", "maxLength": 500}),
]
Patterns = Annotated[
    list[Annotated[Code, AfterValidator(_pattern)]],
    Field(
        min_length=1,
        max_length=50,
        description="消息类型：`deal.approved`、`deal.*` 或 `*`，见 `GET /webhooks/event-types` / types, or patterns",
    ),
]


class EndpointCreate(BaseModel):
    model_config = body({"name": "示例驾驶舱", "url": "https://example.com/hooks", "types": ["deal.*"], "unit_id": ID})

    name: Text
    url: Url
    types: Patterns
    unit_id: UUID | None = Field(
        None,
        description="项目、签约、线索只推送此单位及下级的；企业不分单位 / of projects, deals and leads those of "
        "this unit and all below it; enterprises are of no unit",
    )


class EndpointUpdate(BaseModel):
    model_config = body({"is_active": False})

    name: Text = unset()
    url: Url = unset()
    types: Patterns = unset()
    unit_id: UUID | None = None
    is_active: bool = unset()


class EndpointRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    url: str
    types: list[str]
    unit_id: UUID | None
    unit: Ref | None
    owner_id: UUID = Field(description="推送其可见的 / it is told what this user sees")
    owner_name: str
    is_active: bool
    is_removed: bool
    disabled: Disabled | None = Field(description="系统自行停用的原因 / why the service switched it off")
    failing_since: Moment | None = Field(description="自何时起一直失败 / since when every attempt has failed")
    previous_until: Moment | None = Field(description="旧密钥用到何时 / until when the secret before holds")


class EndpointIssued(EndpointRead):
    secret: str = Field(description="只显示这一次 / shown this once")


class EndpointHealth(BaseModel):
    is_active: bool
    disabled: Disabled | None
    failing_since: Moment | None
    rests_until: Moment | None = Field(description="此前不再发送 / nothing is sent before")
    pending: int = Field(description="待送的消息 / messages still to be sent")
    oldest_pending_at: Moment | None
    succeeded_in_24_hours: int = Field(description="24 小时内成功的次数 / attempts that succeeded")
    failed_in_24_hours: int
    average_milliseconds: int | None = Field(description="成功的平均用时 / of those that succeeded")
    last_success_at: Moment | None
    last_failure_at: Moment | None


class EndpointInclude(Word):
    health = "health", "状况", "health"


class EndpointQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    include: Several[EndpointInclude] | None = Field(None, description="health：一并给出状况 / with the health of each")


class _Deliveries(ListQuery):
    type: Code | None = Field(None, description="消息类型 / the type of message")
    since: Instant | None = Field(None, description="此时以后的 / given to it since")


class DeliveryQuery(_Deliveries):
    state: DeliveryState | None = Field(None, description="状态 / the state")


class UndeliveredQuery(_Deliveries):
    state: Literal[DeliveryState.failed, DeliveryState.pending, DeliveryState.withheld] = Field(
        DeliveryState.failed, description="未送达、待送或不再可见的 / failed, pending or withheld"
    )


class DeliverySummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    endpoint_id: UUID
    endpoint_name: str
    message_id: UUID = Field(description="webhook-id 为 msg_ 加它的 32 位十六进制 / sent as msg_ and its 32 digits")
    type: str
    object_type: str
    object_id: UUID | None = Field(description="无业务查阅权限者不可见 / for those who may read business")
    state: DeliveryState
    attempts: int = Field(description="本轮已试次数 / of the present round")
    next_at: Moment | None
    created_at: Moment
    settled_at: Moment | None


class AttemptRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    at: Moment
    status: int | None
    error: NotSent | None
    milliseconds: int
    answer: str = Field(
        description="答复的前 2 KB，只给系统管理员看 / the first 2 KB of the answer, for whoever operates the service"
    )


class DeliveryRead(DeliverySummary):
    body: str | None = Field(description="逐字节的原文，无业务查阅权限者不可见 / what was sent, byte for byte")
    made: list[AttemptRead] = Field(description="每一次发送 / every attempt")


class ReplayWhat(Word):
    missing = "missing", "未送达的", "what was not delivered"
    all = "all", "全部", "everything"


class ReplayCreate(BaseModel):
    """Sends the messages of a period again, also those written while the endpoint was off."""

    model_config = body({"since": "2023-03-01T00:00:00Z", "what": "missing"})

    since: Instant
    until: Instant | None = None
    what: ReplayWhat = ReplayWhat.missing


class ReplayAsked(BaseModel):
    job_id: UUID = Field(description="进展见 `GET /jobs/{job_id}` / follow it there")
