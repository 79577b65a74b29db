from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ScopeRead
from app.core.clock import Day, KnownAt, Moment
from app.core.localized import Label, Word
from app.core.money import PositiveAmount, Yuan
from app.core.paging import Count, ListQuery
from app.deals.models import EntryKind, SizeBand
from app.enterprises.models import Origin, Ownership
from app.projects.models import Program
from app.totals.periods import Period


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
    """The period, both ends included, and what to count. With `known_at`, the totals as they were known then."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: Day = Field(alias="from", description="起始日（含）")
    to: Day = Field(description="截止日（含）")
    known_at: KnownAt | None = None
    unit_id: UUID | None = Field(None, description="单位及其下级（按期末的隶属）/ the subtree on the last day")
    task_force_id: UUID | None = None


class SigningsQuery(SigningsFilter):
    group_by: GroupBy | None = None


class EntriesQuery(ListQuery, SigningsFilter):
    pass


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
    scope: ScopeRead
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
    """The deal behind an entry. Where its project is out of the reader's scope only the code is given."""

    code: str
    id: UUID | None
    title: str | None
    href: str | None
    project_id: UUID | None
    project_name: str | None

    @classmethod
    def of(cls, row: Any) -> "EntryDeal":
        """Builds it from a row with `is_visible`, `deal_code`, `deal_id`, `deal_title`, `project_id`, `project_name`.
        Where `is_visible` is false only the code is kept."""
        if not row.is_visible:
            return cls(code=row.deal_code, id=None, title=None, href=None, project_id=None, project_name=None)
        return cls(
            code=row.deal_code,
            id=row.deal_id,
            title=row.deal_title,
            href=f"/api/v1/deals/{row.deal_id}",
            project_id=row.project_id,
            project_name=row.project_name,
        )


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
    """The rows that a total adds up. `sum` is over the whole filter, not the page."""

    items: list[EntryRow]
    next_cursor: str | None
    count: Count
    sum: EntriesSum
    scope: ScopeRead
    known_at: Moment


class TargetFigure(BaseModel):
    """A target beside what was reached within the reader's scope. `rate` is null without a target, or where the reader
    sees only a part of what was reached."""

    target: str | None
    reached: str
    rate: str | None = Field(description="四位小数 / four decimals")


class Performance(BaseModel):
    """A task force's year by the ledger: net figures of the year's entries that count for it."""

    task_force_id: UUID
    name: str
    year: int
    scope: ScopeRead
    known_at: Moment
    signings: TargetFigure
    amount: TargetFigure
    same_quarter_landed: TargetFigure
    caliber: Label
    entries_url: str


class FigureFilter(BaseModel):
    """What to count, as known at a moment."""

    model_config = ConfigDict(extra="forbid")

    period: Period
    known_at: KnownAt | None = None
    unit_id: UUID | None = Field(None, description="单位及其下级（按期末的隶属）/ the subtree on the last day")
    task_force_id: UUID | None = None


class OverviewQuery(FigureFilter):
    min_planned_total: PositiveAmount | None = Field(
        None, description="只计计划总投资不低于此数的开复工 / started or resumed from this planned total on"
    )


class FigureRowsQuery(ListQuery, OverviewQuery):
    pass


class FigureRead(BaseModel):
    """A figure with its caliber and the address of its rows."""

    count: int
    amount: Yuan
    amount_yi: str = Field(description="亿元，一位小数，仅供显示 / display only")
    without_amount: int = Field(description="没有金额、只计个数的 / counted without an amount")
    caliber: Label
    rows_url: str


class PartOfSignings(BaseModel):
    """A part of the signings of the period, net like these."""

    count: int
    amount: Yuan


class SigningsFigure(FigureRead):
    gross: Gross
    same_quarter_landed: int
    approved_at_source: PartOfSignings = Field(
        description="其中来源已审核的 / of these, approved where they come from, by a trusted source"
    )
    single_person: PartOfSignings = Field(
        description="其中单人审批的，含来源信任无人确认的 / of these, approved by one person, or by a source whose "
        "trust nobody had confirmed"
    )


class DaySpan(BaseModel):
    """From one day to another, both included."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    to: date


class StartedFigure(FigureRead):
    min_planned_total: Yuan | None


class PlannedSum(BaseModel):
    planned_total: Yuan
    planned_total_yi: str
    planned_this_year: Yuan
    planned_this_year_yi: str


class PlannedWithout(BaseModel):
    planned_total: int
    planned_this_year: int


class PlannedFigure(BaseModel):
    count: int
    amount: PlannedSum
    without_amount: PlannedWithout
    caliber: Label
    rows_url: str


class Overview(BaseModel):
    """A period on one page. Promotion and construction are two pools that are never added."""

    model_config = ConfigDict(populate_by_name=True)

    period: str
    from_: date = Field(alias="from")
    to: date
    scope: ScopeRead
    known_at: Moment
    signings: SigningsFigure
    collective_start: FigureRead
    started_or_resumed: StartedFigure
    planned_year: PlannedFigure
    awaiting_signed: FigureRead
    separation_off: list[DaySpan] = Field(
        description="期间内“起草与审核分离”停用的日期 / days on which one person could draft and approve"
    )


class FigureProject(BaseModel):
    """The project behind a row. Where it is out of the reader's scope only the code is given."""

    code: str
    id: UUID | None
    name: str | None
    href: str | None


class FigureRow(BaseModel):
    project: FigureProject
    day: date
    kind: str
    unit_id: UUID | None
    task_force_id: UUID | None
    program: Program
    planned_total: Yuan | None
    planned_this_year: Yuan | None
    is_illustrative: bool


class FigureRows(BaseModel):
    """The rows that a figure adds up. `sum` is over the whole filter, not the page."""

    items: list[FigureRow]
    next_cursor: str | None
    count: Count
    sum: PlannedSum
    without_amount: PlannedWithout
    scope: ScopeRead
    known_at: Moment
    caliber: Label


class AwaitingRow(BaseModel):
    """An approved deal whose project is not at `signed` or later, with its agreed amount as known at the moment."""

    deal: EntryDeal
    amount: Yuan
    is_illustrative: bool


class AwaitingSum(BaseModel):
    count: int
    amount: Yuan


class AwaitingRows(BaseModel):
    """Approved deals whose project is not at `signed` or later, as known at a moment."""

    items: list[AwaitingRow]
    next_cursor: str | None
    count: Count
    sum: AwaitingSum
    scope: ScopeRead
    known_at: Moment
    caliber: Label


class FunnelQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    period: Period
    known_at: KnownAt | None = None
    unit_id: UUID | None = Field(None, description="单位及其下级（按期末的隶属）/ the subtree on the last day")
    task_force_id: UUID | None = None
    program: Program | None = Field(None, description="此类及“两者” / of that program, or of both")


class FunnelStage(BaseModel):
    """Stays at a stage that began or ended in the period. The days are those of the stays that ended."""

    stage: str
    name_zh: str
    name_en: str
    entered: int
    left: int
    left_forward: int
    left_back: int
    left_ended: int = Field(description="终止 / by termination")
    median_days: int | None
    p90_days: int | None


class CohortStage(BaseModel):
    stage: str
    count: int
    rate: str = Field(description="四位小数 / four decimals")
    median_days: int | None = Field(description="自签约起的天数中位数 / days since `signed`")


class Cohort(BaseModel):
    """Projects that entered `signed` in a quarter, and what they have reached."""

    quarter: str
    signed: int
    reached: list[CohortStage]


class Funnel(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    period: str
    from_: date = Field(alias="from")
    to: date
    scope: ScopeRead
    known_at: Moment
    stages: list[FunnelStage]
    cohorts: list[Cohort]
    caliber: Label
