"""The overview of a period and the rows of its figures, as they are answered."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ScopeRead
from app.core.clock import Moment
from app.core.localized import Label
from app.core.money import Yuan
from app.core.paging import Count
from app.core.refs import Ref
from app.core.several import Several
from app.deals.models import SizeBand
from app.projects.models import Program
from app.totals.filters import (
    AwaitingRowsQuery,
    FigureKind,
    FigureRowsQuery,
    OverviewFilter,
    PlannedRowsQuery,
    StartedRowsQuery,
)
from app.totals.groups import GroupBy, GroupLabel
from app.totals.schemas import EntryDeal, OpenSum, SigningsSums


class Grouping(BaseModel):
    group_by: Several[GroupBy] | None = Field(
        None,
        description="分组，可多个；每个数按其所有的维度分组 / dimensions; each figure is grouped by those it has",
    )


class OverviewQuery(Grouping, OverviewFilter):
    pass


class CollectiveQuery(Grouping, FigureRowsQuery):
    pass


class StartedQuery(Grouping, StartedRowsQuery):
    pass


class PlannedQuery(Grouping, PlannedRowsQuery):
    pass


class AwaitingQuery(Grouping, AwaitingRowsQuery):
    pass


class FigurePart(BaseModel):
    """A part of a figure, with the address of its rows."""

    count: int
    amount: Yuan
    without_amount: int = Field(description="没有金额、只计个数的 / counted without an amount")
    rows_url: str


class FigureGroup(FigurePart):
    key: str = Field(description="按此索取本组明细；无值的组为 none / its rows are asked for by it; none: no value")
    label: GroupLabel


class FigureRead(FigurePart):
    """A figure with its caliber and the address of its rows."""

    amount_yi: str = Field(description="亿元，一位小数，仅供显示 / display only")
    without_amount_url: str
    groups: dict[GroupBy, list[FigureGroup]] = Field(
        description="所问的、此数所有的各分组 / by the dimensions asked for that it has"
    )
    caliber: Label


class CollectiveFigure(FigureRead):
    from_1_yi: FigurePart = Field(description="其中 1 亿元及以上的 / of these, 100 million yuan and more")


class StartedFigure(FigureRead):
    min_planned_total: Yuan | None
    new: FigurePart = Field(description="其中新开工的 / of these, newly started")
    resumed: FigurePart = Field(description="其中复工的 / of these, resumed")


class PlannedSum(BaseModel):
    planned_total: Yuan
    planned_total_yi: str
    planned_this_year: Yuan
    planned_this_year_yi: str


class PlannedWithout(BaseModel):
    planned_total: int
    planned_this_year: int


class PlannedGroup(FigureGroup):
    planned_this_year: Yuan


class PlannedFigure(BaseModel):
    count: int
    amount: PlannedSum
    without_amount: PlannedWithout
    without_planned_total_url: str
    without_planned_this_year_url: str
    started: FigurePart = Field(description="其中期末前已开工的 / of these, started by the last day")
    groups: dict[GroupBy, list[PlannedGroup]]
    caliber: Label
    rows_url: str


class AwaitingGroup(BaseModel):
    key: str
    label: GroupLabel
    count: int
    amount: Yuan
    rows_url: str


class AwaitingFigure(BaseModel):
    count: int
    amount: Yuan
    amount_yi: str
    groups: dict[GroupBy, list[AwaitingGroup]]
    caliber: Label
    rows_url: str


class SigningPart(OpenSum):
    """What one deal adds to the signings of the period. Out of the reader's scope only its code is given."""

    deal: EntryDeal
    is_illustrative: bool


class SigningParts(BaseModel):
    """The signings as one divided bar: the largest deals, then all others together."""

    largest: list[SigningPart]
    rest: OpenSum


class TrendMonth(OpenSum):
    month: str
    is_in_period: bool


class SigningsFigure(SigningsSums):
    approved_at_source: OpenSum = Field(
        description="其中来源已审核的 / of these, approved where they come from, by a trusted source"
    )
    single_person: OpenSum = Field(
        description="其中单人审批的，含来源信任无人确认的 / of these, approved by one person, or by a source whose "
        "trust nobody had confirmed"
    )
    parts: SigningParts
    trend: list[TrendMonth] = Field(
        description="截至期末的各月，至少十三个月，无签约的月为 0 / the months up to the last day, thirteen at least"
    )


class DaySpan(BaseModel):
    """From one day to another, both included."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    to: date


class Overview(BaseModel):
    """A period on one page. Promotion and construction are two pools that are never added."""

    model_config = ConfigDict(populate_by_name=True)

    period: str | None = Field(description="所问的期间；按起止日问时为 null / null where asked by two days")
    from_: date = Field(alias="from")
    to: date
    scope: ScopeRead
    known_at: Moment
    signings: SigningsFigure
    collective_start: CollectiveFigure
    started_or_resumed: StartedFigure
    planned_year: PlannedFigure
    awaiting_signed: AwaitingFigure
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
    kind: FigureKind
    unit_id: UUID | None
    unit: Ref | None
    task_force_id: UUID | None
    task_force: Ref | None
    program: Program
    planned_total: Yuan | None
    planned_this_year: Yuan | None
    size: SizeBand | None
    is_illustrative: bool


class FigureRows(BaseModel):
    """The rows that a figure adds up. `sum` and `groups` are over the whole filter, not the page."""

    items: list[FigureRow]
    next_cursor: str | None
    count: Count
    sum: PlannedSum
    without_amount: PlannedWithout
    groups: dict[GroupBy, list[FigureGroup]] = Field(description="所问的各分组 / by the dimensions asked for")
    scope: ScopeRead
    known_at: Moment
    caliber: Label


class AwaitingRow(BaseModel):
    """An approved deal whose project is not at `signed` or later, with its agreed amount as known at the moment."""

    deal: EntryDeal
    amount: Yuan
    unit_id: UUID
    unit: Ref
    task_force_id: UUID | None
    task_force: Ref | None
    program: Program
    size: SizeBand
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
    groups: dict[GroupBy, list[AwaitingGroup]] = Field(description="所问的各分组 / by the dimensions asked for")
    scope: ScopeRead
    known_at: Moment
    caliber: Label
