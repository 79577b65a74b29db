from ipaddress import ip_network
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.core.body import ID, body
from app.core.clock import Moment
from app.core.localized import Word
from app.core.paging import ListQuery, Page
from app.core.records import unset
from app.core.refs import Ref
from app.core.several import Several
from app.core.text import Code, Prose, Text
from app.webhooks.inbound.models import InboxState, SourceOrder


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise PydanticCustomError("network", "an address or network") from None


Networks = Annotated[
    list[Annotated[Text, AfterValidator(_network)]],
    Field(max_length=50, description="可发送的 IP 或网段，空为不限 / where it may send from, empty for anywhere"),
]


Names = Annotated[dict[Text, Code], Field(max_length=500)]


class SourceCreate(BaseModel):
    model_config = body({"name": "示例审批平台", "unit_id": ID, "order": "sequence", "networks": ["203.0.113.0/24"]})

    name: Text
    unit_id: UUID | None = Field(None, description="只能为此单位及下级发送；空为全市 / speaks for it and all below")
    order: SourceOrder = SourceOrder.sequence
    is_active: bool = True
    is_trusted: bool = Field(False, description="其签约已在来源处审核 / its deals are approved already")
    units: Names = Field(default_factory=dict, description="来源的单位名称对应我方代码 / its units to our codes")
    stages: Names = Field(default_factory=dict, description="来源的阶段名称对应我方代码 / its stages to our codes")
    networks: Networks = Field(default_factory=list)
    reason: Prose | None = Field(None, description="供确认人参考 / for who confirms it")


class SourceUpdate(BaseModel):
    model_config = body({"is_active": False})

    name: Text = unset()
    unit_id: UUID | None = None
    order: SourceOrder = unset()
    is_active: bool = unset()
    is_trusted: bool = unset()
    units: Names = unset()
    stages: Names = unset()
    networks: Networks = unset()
    reason: Prose | None = Field(
        None, description="扩大信任或范围时必填，由另一人确认 / required where it widens, for who confirms it"
    )


class SourceRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    unit_id: UUID | None
    unit: Ref | None = None
    order: SourceOrder
    is_active: bool
    is_removed: bool
    is_trusted: bool = Field(description="已确认其签约在来源处审核 / confirmed: its deals are approved already")
    confirmed_since: Moment | None = Field(
        description="为空则尚未确认，来的推送一律不办 / none: nothing it sends is acted on"
    )
    confirmed_by_name: str | None
    confirmed_at: Moment | None
    pending_change_id: UUID | None = Field(None, description="待确认的变更 / the change that waits for confirmation")
    wants_trust: bool = Field(False, description="已请求信任，尚未确认 / trust is asked for and not confirmed")
    units: dict[str, str]
    stages: dict[str, str]
    networks: list[str]
    previous_until: Moment | None = Field(description="旧密钥用到何时 / until when the secret before holds")


class SourceIssued(SourceRead):
    address: str = Field(description="推送到这个地址 / where the source sends to")
    secret: str = Field(
        description="密钥前段，只显示这一次；后段在确认时交给确认人，前后相接才是密钥 / "
        "the first part of the secret, shown this once; the second is shown to who confirms, and follows the first"
    )


class SourceInclude(Word):
    counts = "counts", "收到的推送", "what was received"


class SourceQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    include: Several[SourceInclude] | None = Field(
        None,
        description="counts：一并给出最近收到的时间和各状态的条数 / with the last message and the number in each state",
    )


class HookMessage(BaseModel):
    """A message of a source. For the documentation only: the server parses messages itself, and stores invalid ones
    too."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "enterprise.updated",
                    "timestamp": "2023-03-01T08:00:00Z",
                    "data": {"id": "E-1001", "version": 3, "name": "示例新材料有限公司"},
                }
            ]
        }
    )

    type: str = Field(description="见 README「接收推送」 / see the README")
    timestamp: Moment | None = None
    data: dict[str, Any]


class Receipt(BaseModel):
    """The message was received. Its state is in the inbox, under this id."""

    id: UUID


class InboxQuery(ListQuery):
    state: InboxState | None = Field(None, description="状态 / the state")
    source_id: UUID | None = Field(None, description="来源 / the source")


class ReplayQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: InboxState | None = Field(None, description="状态 / the state")
    source_id: UUID | None = Field(None, description="来源 / the source")
    limit: int = Field(50, ge=1, le=200, description="一次最多办多少条 / at most so many at once")


class InboxError(BaseModel):
    """Why a message is not applied. `pointer` is a JSON pointer into the message."""

    pointer: str
    code: str
    zh: str
    en: str


class InboxChange(BaseModel):
    """A record that a message changed."""

    type: str = Field(description="记录的种类，如 project / the kind of record")
    id: UUID
    instead_of: UUID | None = Field(
        None, description="推送所指、已并入它的记录 / the record that the message meant, which was merged into it"
    )


class InboxItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    source_id: UUID
    source: Ref
    message_id: str
    type: str | None
    object_kind: str | None
    external_id: str | None
    sequence: int | None
    state: InboxState
    errors: list[InboxError] = Field(description="为何未办 / why it is not applied")
    changed: list[InboxChange] = Field(description="改动了哪些记录 / which records it changed")
    received_at: Moment
    settled_at: Moment | None


class InboxRow(InboxItem):
    """A row of the list."""


class InboxList(Page[InboxRow]):
    counts: dict[InboxState, int] = Field(description="各状态的数量，不受筛选影响 / how many in each state, unfiltered")


class LinkCreate(BaseModel):
    """Links a message to one of our records, and applies it again."""

    model_config = body({"record_id": ID})

    record_id: UUID
    kind: Literal["project", "deal", "lead", "enterprise"] | None = Field(
        None, description="缺省为推送所述的对象；签约推送可写 project / what the message is about, by default"
    )


class Reason(BaseModel):
    model_config = body({"reason": "示例：已由人工登记"})

    reason: Prose
