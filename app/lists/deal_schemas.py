from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.actor import ScopeRead
from app.core.clock import Moment
from app.core.localized import Label, Word
from app.core.money import Yuan
from app.core.paging import ListQuery, Page
from app.core.refs import Ref
from app.core.several import Several
from app.deals.acts import DealAct
from app.deals.schemas import DealSummary
from app.lists.deal_filter import DealFilter
from app.lists.schemas import FacetValue


class DealRow(DealSummary):
    """A row of the list: what is needed to recognize a deal, where it counts, and what its approval still wants."""

    drafted_by: str
    drafted_by_name: str | None
    drafted_at: Moment = Field(description="起草的时间 / when it was drafted")
    submitted_at: Moment | None = Field(description="草稿送审的时间；未送审为空 / null where it was not submitted")
    is_returned: bool = Field(description="草稿已退回，尚未再送审 / returned, and not submitted again")
    unit_id: UUID | None
    unit: Ref | None = Field(description="项目承接单位 / the unit in charge of its project")
    task_force_id: UUID | None
    task_force: Ref | None
    gates_missing: list[Label] | None = Field(
        description="草稿审核尚缺的必要门槛；非草稿为空 / blocking gates of approval that are unmet; null for no draft"
    )
    may: list[DealAct] = Field(description="现在可办的动作 / the acts that are open to you")


class DealSort(Word):
    updated_latest = "-updated_at"
    updated_earliest = "updated_at"
    signed_latest = "-signed_on"
    signed_earliest = "signed_on"
    submitted_latest = "-submitted_at"
    submitted_earliest = "submitted_at"
    largest = "-agreed_amount"
    smallest = "agreed_amount"


class DealWith(Word):
    """What the list answers besides its page, each for one statement more."""

    row_count = "count", "行数", "number of rows"
    sums = "sum", "合计", "sum of live formal deals"


class DealQuery(ListQuery, DealFilter):
    with_: Several[DealWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；sum：有效投资协议合计 / the number of rows; live formal deals",
    )
    sort: DealSort = Field(DealSort.updated_latest, description="排序，减号为降序 / a minus means descending")

    @property
    def wants_sums(self) -> bool:
        return self.with_ is not None and DealWith.sums in self.with_


class DealSum(BaseModel):
    """Live formal deals: those that count."""

    count: int
    agreed_amount: Yuan = Field(description="现行协议额之和（元）/ in yuan")
    agreed_amount_yi: str = Field(description="亿元，仅供显示 / in 100 million yuan, for display only")


class DealLeftOut(BaseModel):
    """Rows of the filter that the sum does not count."""

    drafts: int
    discarded: int
    frameworks: int = Field(description="有效的框架协议，不计金额 / live framework deals, which count nowhere")
    terminated: int
    voided: int


class DealList(Page[DealRow]):
    today: date
    scope: ScopeRead
    sum: DealSum | None = Field(
        None, description="以 with=sum 索取：全部符合条件的，非本页 / over the filter, not the page; where asked for"
    )
    left_out: DealLeftOut | None = Field(None, description="合计未计入的 / what the sum leaves out")


class DealFacetBy(Word):
    status = "status", "状态", "status"
    kind = "kind", "协议种类", "kind"
    unit = "unit", "承接单位", "unit in charge"
    task_force = "task_force", "产业专班", "task force"
    industry = "industry", "行业", "industry"
    investor = "investor", "投资方", "investor"
    drafted_by = "drafted_by", "起草人", "drafted by"


class DealFacetQuery(DealFilter):
    by: Several[DealFacetBy] = Field(description="按哪些维度，逗号分隔 / dimensions, separated by commas")
    ignore_own: bool = Field(
        False,
        description="每个维度不计自身的条件，供改选 / leaves out a dimension's own condition, to choose others",
    )


class DealFacet(FacetValue):
    """A value with its sum."""

    sum: DealSum
    left_out: DealLeftOut


class DealFacetList(BaseModel):
    filter: str = Field(description="筛选该维度的参数 / the parameter that filters by it")
    items: list[DealFacet]
    is_whole: bool = Field(description="为否时只列出最多的 200 个 / false where only the 200 largest are listed")


class DealFacets(BaseModel):
    today: date
    scope: ScopeRead
    facets: dict[DealFacetBy, DealFacetList]
