from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.actor import ScopeRead
from app.core.localized import Word
from app.core.paging import ListQuery, Page
from app.core.refs import Ref
from app.core.several import Several
from app.leads.schemas import LeadSummary
from app.lists.lead_filter import LeadFilter, RunningClock
from app.lists.schemas import FacetValue
from app.rights.leads import LeadAct


class LeadClockLeft(BaseModel):
    """The open clock of a lead that ends first."""

    code: RunningClock
    due_on: date
    workdays_left: int = Field(description="还剩多少个工作日，超期为负 / workdays left, negative where it is over")
    days_left: int = Field(description="还剩多少天，超期为负 / days left, negative where it is over")


class LeadRow(LeadSummary):
    """A row of the list: how a lead stands, who brought it and who deals with it."""

    referrer_id: UUID | None
    referrer: Ref | None
    handler_id: UUID | None
    handler: Ref | None
    reported_on: date
    answered_on: date | None
    assessed_on: date | None
    is_overdue: bool
    clock: LeadClockLeft | None = Field(description="没有未结时限的为空 / null where no clock runs")
    days_waiting: int | None = Field(
        description="登记以来多少天；没有未结时限的为空 / days since the report; null where no clock runs"
    )
    may: list[LeadAct] = Field(description="你现在可以办理的 / the acts open to you")


class LeadSort(Word):
    reported_latest = "-reported_at"
    reported_earliest = "reported_at"
    updated_latest = "-updated_at"
    updated_earliest = "updated_at"
    name_up = "name"
    name_down = "-name"
    code_up = "code"
    code_down = "-code"
    due_earliest = "due_on"
    due_latest = "-due_on"


class LeadQuery(ListQuery, LeadFilter):
    sort: LeadSort = Field(LeadSort.reported_latest, description="排序，减号为降序 / a minus means descending")


class LeadList(Page[LeadRow]):
    today: date
    scope: ScopeRead


class LeadFacetBy(Word):
    status = "status", "状态", "status"
    channel = "channel", "来源渠道", "channel"
    program = "program", "类别", "program"
    unit = "unit", "承接单位", "unit in charge"
    first_unit = "first_unit", "首报单位", "unit that reported it"
    task_force = "task_force", "产业专班", "task force"
    industry = "industry", "行业", "industry"
    investor = "investor", "投资方", "investor"
    referrer = "referrer", "引荐方", "referrer"
    handler = "handler", "经办人", "handler"
    clock = "clock", "最先到期的时限", "clock that ends first"
    is_overdue = "is_overdue", "超期", "overdue"


class LeadFacetQuery(LeadFilter):
    by: Several[LeadFacetBy] = Field(description="按哪些维度，逗号分隔 / dimensions, separated by commas")
    ignore_own: bool = Field(
        False,
        description="每个维度不计自身的条件，供改选 / leaves out a dimension's own condition, to choose others",
    )


class LeadFacetList(BaseModel):
    filter: str = Field(description="筛选该维度的参数 / the parameter that filters by it")
    items: list[FacetValue]
    is_whole: bool = Field(description="为否时只列出最多的 200 个 / false where only the 200 largest are listed")


class LeadFacets(BaseModel):
    today: date
    scope: ScopeRead
    facets: dict[LeadFacetBy, LeadFacetList]
