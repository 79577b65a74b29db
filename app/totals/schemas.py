from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ScopeRead
from app.core.clock import Moment
from app.core.localized import Label
from app.core.money import Yuan
from app.core.paging import Count
from app.core.refs import Ref
from app.core.several import Several
from app.deals.models import EntryKind, SizeBand
from app.enterprises.models import Origin, Ownership
from app.totals.filters import SigningsFilter
from app.totals.groups import GroupBy, GroupLabel


class SigningsQuery(SigningsFilter):
    group_by: Several[GroupBy] | None = Field(
        None, description="分组，可多个 / groups by these dimensions, in one answer"
    )


class OpenSum(BaseModel):
    """Count and amount of ledger entries, with the address of the entries that add up to them."""

    count: int
    amount: Yuan
    entries_url: str


class Group(OpenSum):
    key: str = Field(description="按此索取本组明细；无值的组为 none / its rows are asked for by it; none: no value")
    label: GroupLabel
    gross: OpenSum
    same_quarter_landed: int


class SigningsSums(OpenSum):
    """签约数、签约额. `count` and `amount` are net: `gross` and `terminations` added up."""

    amount_yi: str = Field(description="亿元，一位小数，仅供显示 / display only")
    gross: OpenSum = Field(description="毛额 / without terminations and corrections of terminations")
    terminations: OpenSum = Field(description="终止，为负数 / terminations, below zero")
    same_quarter_landed: int = Field(description="当季签约当季落地 / landed in the quarter of signing")
    same_quarter_landed_url: str = Field(description="其 landed 相加 / rows whose `landed` adds up to it")
    groups: dict[GroupBy, list[Group]] = Field(description="所问的各分组 / by the dimensions asked for")
    caliber: Label


class Signings(SigningsSums):
    """The signing total of a period. 工作调度口径，非统计数据."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    to: date
    scope: ScopeRead
    known_at: Moment = Field(
        description="截至何时已知；以此再问，答案永远相同 / asked again with it, the same for ever"
    )


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
        """Builds it from values with `is_visible`, `deal_code`, `deal_id`, `deal_title`, `project_id`, `project_name`.
        Where `is_visible` is false only the code is kept."""
        if not row["is_visible"]:
            return cls(code=row["deal_code"], id=None, title=None, href=None, project_id=None, project_name=None)
        return cls(
            code=row["deal_code"],
            id=row["deal_id"],
            title=row["deal_title"],
            href=f"/api/v1/deals/{row['deal_id']}",
            project_id=row["project_id"],
            project_name=row["project_name"],
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
    unit: Ref
    task_force_id: UUID | None
    task_force: Ref | None
    industry_code: str | None
    industry: Label | None
    origin: Origin | None
    ownership: Ownership | None
    size: SizeBand
    corrects_id: UUID | None
    is_illustrative: bool
    deal: EntryDeal
    investor_id: UUID | None
    investor: Ref | None = Field(description="协议现在的投资方；看不到项目的为空 / of the deal now; null out of scope")
    credit_code: str | None = Field(description="投资方的统一社会信用代码 / of the investor")
    is_on_plan_list: bool | None = Field(
        description="项目（或其总项目、分期）列入所属日当年的年度计划；看不到项目的为空 / whether its project, or "
        "the parent or a phase of it, is on the plan list of the year of the effective day; null out of scope"
    )


class EntriesSum(BaseModel):
    count: int
    amount: Yuan
    landed: int


class Entries(BaseModel):
    """The rows that a total adds up. `sum` is over the whole filter, not the page."""

    items: list[EntryRow]
    next_cursor: str | None
    count: Count = Field(description="明细行数 / number of rows")
    sum: EntriesSum
    scope: ScopeRead
    known_at: Moment


class TargetFigure(BaseModel):
    """A target beside what was reached within the reader's scope. `rate` is null without a target, or where the reader
    sees only a part of what was reached."""

    target: str | None
    reached: str
    rate: str | None = Field(description="四位小数 / four decimals")


class PerformanceFigures(BaseModel):
    """A task force's year by the ledger: net figures of the year's entries that count for it."""

    task_force_id: UUID
    name: str
    task_force: Ref
    leader_id: UUID | None
    leader: Ref | None = Field(description="牵头市领导 / lead official")
    projects: int = Field(description="现有的末级项目，不含暂缓 / its active leaves now")
    projects_url: str
    overdue: int = Field(description="其中已超期的 / of these, overdue")
    overdue_url: str
    signings: TargetFigure
    amount: TargetFigure
    same_quarter_landed: TargetFigure
    entries_url: str


class Performance(PerformanceFigures):
    year: int
    scope: ScopeRead
    known_at: Moment
    caliber: Label


class Performances(BaseModel):
    """The year of every task force, by name."""

    year: int
    scope: ScopeRead
    known_at: Moment
    items: list[PerformanceFigures]
    caliber: Label


class Head(BaseModel):
    known_at: Moment = Field(description="最近一次记账的时刻；变了才须重取 / figures need reading anew once it changes")
