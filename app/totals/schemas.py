from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.clock import Day, KnownAt, Moment
from app.core.money import Yuan
from app.core.paging import Count
from app.core.say import Label, Word
from app.deals.models import EntryKind, SizeBand
from app.enterprises.models import Origin, Ownership


class GroupBy(Word):
    unit = "unit", "单位", "unit"
    task_force = "task_force", "专班", "task force"
    month = "month", "月", "month"
    quarter = "quarter", "季度", "quarter"
    industry = "industry", "行业", "industry"
    origin = "origin", "来源地", "origin"
    ownership = "ownership", "所有制", "ownership"
    size = "size", "规模", "size"


class SigningsFilter(BaseModel):
    """The period, both ends included, and what to count. `known_at` answers what was said then."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Day = Field(alias="from", description="起始日（含）")
    to: Day = Field(description="截止日（含）")
    known_at: KnownAt | None = None
    unit_id: UUID | None = Field(None, description="单位及其下级（按期末的隶属）/ the subtree on the last day")
    task_force_id: UUID | None = None


class SigningsQuery(SigningsFilter):
    group_by: GroupBy | None = None


class EntriesQuery(SigningsFilter):
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=2000)


class Gross(BaseModel):
    """毛额: without terminations and corrections of terminations."""

    count: int
    amount: Yuan


class Group(BaseModel):
    key: str | None = Field(description="未归属为 null / null is a group of its own")
    label: Label
    count: int
    amount: Yuan
    gross: Gross
    same_quarter_landed: int


class Signings(BaseModel):
    """签约数、签约额. `count` and `amount` are net. 工作调度口径，非统计数据."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    to: date
    known_at: Moment = Field(
        description="截至何时已知；以此再问，答案永远相同 / asked again with it, the same for ever"
    )
    count: int
    amount: Yuan
    amount_yi: str = Field(description="亿元，一位小数，仅供显示 / display only")
    gross: Gross
    same_quarter_landed: int
    groups: list[Group]
    caliber: Label
    entries_url: str


class EntryDeal(BaseModel):
    """The deal behind an entry. Where the project is out of the reader's scope there is a code and no link."""

    code: str
    id: UUID | None
    title: str | None
    href: str | None
    project_id: UUID | None
    project_name: str | None


class EntryRow(BaseModel):
    id: UUID
    kind: EntryKind
    of_kind: EntryKind
    effective_on: date
    recorded_at: Moment
    count: int
    amount: Yuan
    landed: int
    unit_id: UUID
    unit_name: str
    task_force_id: UUID | None
    industry_code: str | None
    origin: Origin | None
    ownership: Ownership | None
    size: SizeBand
    corrects_id: UUID | None
    is_illustrative: bool
    deal: EntryDeal


class EntriesSum(BaseModel):
    count: int
    amount: Yuan
    landed: int


class Entries(BaseModel):
    """The rows a total was added from. `sum` is over the whole filter, not the page."""

    items: list[EntryRow]
    next_cursor: str | None
    count: Count
    sum: EntriesSum
    known_at: Moment


class TargetFigure(BaseModel):
    """A target beside what was reached within the reader's scope; no target, or only a share of it seen: no rate."""

    target: str | None
    reached: str
    rate: str | None = Field(description="四位小数 / four decimals")


class Performance(BaseModel):
    """A task force's year by the ledger: net figures of the year's entries that count for it."""

    task_force_id: UUID
    name: str
    year: int
    known_at: Moment
    signings: TargetFigure
    amount: TargetFigure
    same_quarter_landed: TargetFigure
    caliber: Label
    entries_url: str
