from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ScopeRead
from app.core.localized import Label, Word
from app.core.money import Yuan
from app.core.paging import ListQuery, Page
from app.core.refs import Ref
from app.core.several import Several
from app.core.text import Code
from app.five_ones.models import Stroke, StrokeState
from app.lists.project_filter import ProjectFilter
from app.lists.sums import LeftOut, PoolSum
from app.projects.models import Program, Status
from app.projects.schemas import ProjectSummary
from app.projects.stages import LimitKind
from app.rights.projects import ProjectAct

FilterInForce = dict[str, str | int | bool]
"""The parameters of the filter with their values, as a request sends them; those not asked for are left out."""


class Clock(BaseModel):
    """The limit of its stage that ends first. `share` is the part of it that has passed, above 1 where it is over."""

    model_config = ConfigDict(from_attributes=True)

    kind: LimitKind
    since: date = Field(description="从哪天起算 / counted from")
    due_on: date
    limit_days: int = Field(description="共多少天（自然日）/ calendar days from `since` to `due_on`")
    days_left: int = Field(description="还剩多少天，超期为负 / negative where it is over")
    share: float


class ProjectRow(ProjectSummary):
    """A row of the list: what is needed to recognize a project, to see how it stands, and who answers for it."""

    place: Ref | None
    leader: Ref | None
    is_overdue: bool
    days_in_stage: int
    clock: Clock | None = Field(description="最先到期的时限；没有时限的为空 / null where no limit runs")
    next_stage: str | None = Field(description="下一个必经阶段 / the next stage that may not be skipped")
    five_ones: dict[Stroke, StrokeState] = Field(description="五个一各自的现状 / the state of each of the five today")
    agreed_amount: Yuan | None = Field(description="本项目有效协议的现行协议额（元）/ of its own live deal")
    signed_on: date | None = Field(description="本项目有效协议的签订日 / of its own live deal")
    may: list[ProjectAct] = Field(description="你现在可以办理的 / the acts open to you")
    line_deal: bool = Field(description="协议签在总项目或分期上 / the deal of its line is its parent's or a phase's")


class ProjectSort(Word):
    updated_latest = "-updated_at"
    updated_earliest = "updated_at"
    created_latest = "-created_at"
    created_earliest = "created_at"
    name_up = "name"
    name_down = "-name"
    code_up = "code"
    code_down = "-code"
    due_earliest = "due_on"
    due_latest = "-due_on"
    planned_largest = "-planned_total"
    planned_smallest = "planned_total"
    stage_up = "stage"
    stage_down = "-stage"
    stage_since_earliest = "stage_since"
    stage_since_latest = "-stage_since"
    activity_earliest = "last_activity_on"
    activity_latest = "-last_activity_on"
    unit_up = "unit"
    unit_down = "-unit"
    signed_earliest = "signed_on"
    signed_latest = "-signed_on"


class ProjectWith(Word):
    """What the list answers besides its page, each for one statement more."""

    row_count = "count", "行数", "number of rows"
    sums = "sum", "合计", "sums by pool"


class ProjectQuery(ListQuery, ProjectFilter):
    with_: Several[ProjectWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；sum：按口径分列的合计 / the number of rows; sums by pool",
    )
    sort: ProjectSort = Field(ProjectSort.updated_latest, description="排序，减号为降序 / a minus means descending")

    @property
    def wants_sums(self) -> bool:
        return self.with_ is not None and ProjectWith.sums in self.with_


class ProjectList(Page[ProjectRow]):
    today: date
    scope: ScopeRead
    sum: list[PoolSum] | None = Field(
        None, description="以 with=sum 索取：全部符合条件的，非本页 / over the filter, not the page; where asked for"
    )
    left_out: LeftOut | None = Field(None, description="合计未计入的 / what the sums leave out")


class FacetBy(Word):
    stage = "stage", "阶段", "stage"
    status = "status", "状态", "status"
    program = "program", "类别", "program"
    unit = "unit", "承接单位", "unit in charge"
    place = "place", "落地县区", "place"
    task_force = "task_force", "产业专班", "task force"
    industry = "industry", "行业", "industry"
    investor = "investor", "投资方", "investor"
    leader = "leader", "包保领导", "leader"
    origin = "origin", "来源地", "origin"
    ownership = "ownership", "所有制", "ownership"
    is_overdue = "is_overdue", "超期", "overdue"


class FacetQuery(ProjectFilter):
    by: Several[FacetBy] = Field(description="按哪些维度，逗号分隔 / dimensions, separated by commas")
    ignore_own: bool = Field(
        False,
        description="每个维度不计自身的条件，供改选 / leaves out a dimension's own condition, to choose others",
    )


class FacetValue(BaseModel):
    """One value of a dimension. `key` is what the filter of the dimension takes; null where there is no value."""

    key: str | None
    zh: str
    en: str
    short_name: str | None = None
    count: int = Field(description="符合条件的行数 / rows of the filter with this value")


class Facet(FacetValue):
    """A value with its sums."""

    sum: list[PoolSum]
    left_out: LeftOut


class FacetList(BaseModel):
    filter: str = Field(description="筛选该维度的参数 / the parameter that filters by it")
    items: list[Facet]
    is_whole: bool = Field(description="为否时只列出最多的 200 个 / false where only the 200 largest are listed")


class Facets(BaseModel):
    today: date
    scope: ScopeRead
    filter: FilterInForce = Field(description="生效的筛选条件 / the filter in force")
    facets: dict[FacetBy, FacetList]


class Card(BaseModel):
    """A card of the board."""

    id: UUID
    version: int
    code: str
    name: str
    program: Program
    stage: str
    stage_since: date
    days_in_stage: int
    status: Status
    due_on: date | None
    is_overdue: bool
    clock: Clock | None
    unit_id: UUID | None
    unit: Ref | None
    leader: Ref | None
    five_ones: dict[Stroke, StrokeState]
    planned_total: Yuan | None
    is_illustrative: bool
    may: list[ProjectAct] = Field(description="你现在可以办理的 / the acts open to you")


class ColumnLimit(BaseModel):
    """How long a project may stay in the stage of a column."""

    kind: LimitKind
    amount: int | None
    unit: Label | None


class Column(BaseModel):
    """A stage with its first cards and its sums. `cards_url` lists all of its cards."""

    stage: str
    name_zh: str
    name_en: str
    limits: list[ColumnLimit]
    count: int
    overdue: int
    sum: list[PoolSum]
    cards: list[Card]
    cards_url: str


class BoardFilter(ProjectFilter):
    """The filter of the list, with two values set: the board shows active leaves."""

    status: Several[Status] | None = Field(
        default_factory=lambda: Several([Status.active]), description="缺省 active / `active` by default"
    )
    is_leaf: bool | None = Field(True, description="缺省 true / true by default")


class BoardQuery(BoardFilter):
    cards: int = Field(10, ge=0, le=50, description="每列先给几张卡片 / first cards a column")


class CardsQuery(ListQuery, BoardFilter):
    stage: Several[Code] = Field(description="哪一列 / which column", examples=["signed"])


class Board(BaseModel):
    today: date
    scope: ScopeRead
    filter: FilterInForce = Field(description="生效的筛选条件，含缺省值 / the filter in force, with its defaults")
    columns: list[Column]
