"""The funnel and the rows of its numbers, as they are asked for and answered."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement

from app.core.actor import ScopeRead
from app.core.clock import Moment
from app.core.localized import Label, Word
from app.core.money import Yuan
from app.core.paging import Count
from app.core.refs import Ref
from app.core.several import Several
from app.core.text import Code
from app.projects.models import Pool, Program
from app.projects.moves import MoveKind
from app.totals.figure_schemas import FigureProject
from app.totals.filters import WITHIN, PlaceQuery, PlaceRowsQuery
from app.totals.periods import Period

_PROGRAM: Any = Field(description="所问的类别 / the programs asked for", examples=["promotion,both"])


class FunnelQuery(PlaceQuery):
    pool: Pool | None = Field(None, description="口径，含“两者” / the pool; includes projects of both programs")
    program: Several[Program] | None = Field(None, description="登记的类别，原值 / the stored value")

    def of_programs(self, program: Any) -> list[ColumnElement[bool]]:
        """Returns the conditions on the column of a row's program."""
        conditions = [] if self.pool is None else [program.in_(self.pool.programs)]
        return conditions if self.program is None else [*conditions, self.program.holds(program)]


class FunnelWhat(Word):
    """Which rows of the funnel."""

    entered = "entered", "进入", "entered the stage"
    left = "left", "离开", "left the stage"
    left_forward = "left_forward", "前进离开", "left it forward"
    left_back = "left_back", "退回离开", "left it back"
    left_ended = "left_ended", "终止离开", "left it by termination"
    present = "present", "现在此阶段", "at the stage now"
    overdue = "overdue", "现已超期", "at the stage now, overdue"
    signed = "signed", "签约批次", "in the cohort that entered `signed`"
    reached = "reached", "批次中已到达", "of that cohort, reached the stage"


class FunnelRowsFilter(FunnelQuery):
    what: FunnelWhat = Field(
        description="哪一个数的明细；现有数与期间无关 / which number; those of now are the same for all periods"
    )
    stage: Code | None = Field(
        None, description="阶段；签约批次（signed）不用填 / the stage; not for the cohort itself (signed)"
    )
    within: Period | None = WITHIN


class FunnelRowsQuery(PlaceRowsQuery, FunnelRowsFilter):
    pass


class FunnelPresent(BaseModel):
    """Active leaves at the stage now, as on the board, whatever the period."""

    count: int
    amount: Yuan = Field(description="计划总投资 / planned total")
    without_amount: int
    rows_url: str
    overdue: int
    overdue_url: str


class FunnelStage(BaseModel):
    """Stays at a stage that began or ended in the period. The days are those of the stays that ended."""

    stage: str
    name_zh: str
    name_en: str
    entered: int
    entered_url: str
    left: int
    left_url: str = Field(description="其 days 即停留天数 / its `days` are what the medians are of")
    left_forward: int
    left_forward_url: str
    left_back: int
    left_back_url: str
    left_ended: int = Field(description="终止 / by termination")
    left_ended_url: str
    median_days: int | None
    p90_days: int | None
    present: FunnelPresent | None = Field(
        description="现有；问过去某时所知的数时为 null / now; null where asked as known at a moment"
    )


class CohortStage(BaseModel):
    stage: str
    count: int
    rate: str = Field(description="四位小数 / four decimals")
    median_days: int | None = Field(description="自签约起的天数中位数 / days since `signed`")
    rows_url: str


class Cohort(BaseModel):
    """Projects that entered `signed` in a quarter, and what they have reached."""

    quarter: str
    signed: int
    signed_url: str
    reached: list[CohortStage]


class Funnel(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    period: str | None = Field(description="所问的期间；按起止日问时为 null / null where asked by two days")
    from_: date = Field(alias="from")
    to: date
    pool: Pool | None
    program: str | None = _PROGRAM
    scope: ScopeRead
    known_at: Moment
    stages: list[FunnelStage]
    cohorts: list[Cohort]
    caliber: Label


class FunnelRow(BaseModel):
    """A stay at a stage, a project at it now, or a project of a cohort."""

    project: FigureProject
    stage: str
    entered_on: date | None
    left_on: date | None
    left_by: MoveKind | None
    days: int | None = Field(
        description="停留天数，扣除暂缓；批次为签约起的天数 / days stayed without pauses; of a cohort, since `signed`"
    )
    signed_on: date | None = Field(description="批次的签约日 / of a cohort")
    unit_id: UUID | None
    unit: Ref | None
    task_force_id: UUID | None
    task_force: Ref | None
    program: Program
    planned_total: Yuan | None = Field(
        description="计划总投资：现有的按当前，其他按期末 / of those there now today's, else that of the last day"
    )
    is_illustrative: bool


class FunnelSum(BaseModel):
    count: int
    amount: Yuan | None = Field(description="现有的计划总投资；其他为 null / of those at the stage now, else null")
    without_amount: int | None


class FunnelRows(BaseModel):
    """The rows behind a number of the funnel. `sum` is over the whole filter, not the page."""

    items: list[FunnelRow]
    next_cursor: str | None
    count: Count
    sum: FunnelSum
    pool: Pool | None
    program: str | None = _PROGRAM
    scope: ScopeRead
    known_at: Moment
    caliber: Label
