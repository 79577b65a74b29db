from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ActorKind
from app.core.clock import Moment
from app.core.localized import Word
from app.core.paging import ListQuery, Page
from app.core.refs import Ref
from app.core.several import Several
from app.enterprises.schemas import ContactRead
from app.five_ones.schemas import FiveOnesRead, MilestoneRead, PlanRead
from app.lists.deal_schemas import DealRow
from app.lists.schemas import Clock
from app.pipeline.schemas import GatesRead, MoveRead
from app.projects.amounts import AmountRead
from app.projects.evidence import EvidenceRead
from app.rights.schemas import ProjectWithRights


class ActivityKind(Word):
    follow_up = "follow_up", "跟进", "follow-ups"
    stage = "stage", "阶段与状态", "stage and status"
    field = "field", "登记与修改", "fields"
    deal = "deal", "签约", "deals"
    evidence = "evidence", "依据", "evidence"
    people = "people", "人员", "people"
    plan = "plan", "方案与计划", "plans"
    amount = "amount", "金额", "amounts"


class ActivityWith(Word):
    """What a timeline answers besides its page, each for one statement more."""

    row_count = "count", "行数", "number of rows"
    kinds = "kinds", "各种类的条数", "number of each kind"


class ActivityQuery(ListQuery):
    with_: Several[ActivityWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；kinds：各种类的条数 / the number of rows; the number of each kind",
    )
    kind: Several[ActivityKind] | None = Field(None, description="只看这些种类，逗号分隔 / of these kinds only")


class ActivityActor(BaseModel):
    name: str
    kind: ActorKind


class BothLanguages(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    zh: str
    en: str


class ActivityChange(BaseModel):
    """A field that was changed, with its values before and after and how people read them."""

    field: str
    zh: str
    en: str
    before: Any = Field(alias="from", description="改动前的值；个人信息及范围外的记录为 null / null where withheld")
    after: Any = Field(alias="to", description="改动后的值；个人信息及范围外的记录为 null / null where withheld")
    from_text: BothLanguages
    to_text: BothLanguages


class ActivityAct(Word):
    undo = "undo", "撤销", "undo"


class ActivityRef(Ref):
    """A record that an event names, where the reader sees it."""

    type: str = Field(
        description="project、lead、deal、enterprise、unit、official、task_force 或 referrer / the kind of record"
    )


class ActivityItem(BaseModel):
    """One event as people read it."""

    id: UUID
    kind: ActivityKind
    type: str = Field(description="事件类型 / the type of the event, such as project.moved")
    at: Moment
    on: date | None = Field(description="所述之事的业务日 / the business day of what it tells of")
    actor: ActivityActor | None = Field(description="谁办的；不公开的为 null / who did it; null where not shown")
    zh: str
    en: str
    body: BothLanguages | None = Field(
        description="跟进的内容，或写明的理由 / text of a follow-up, or the reason given"
    )
    next_step: str | None = Field(description="跟进的下一步 / the next step of a follow-up")
    next_step_on: date | None = Field(description="下一步在哪天前办 / by when it is to be taken")
    changes: list[ActivityChange]
    refs: list[ActivityRef]
    may: list[ActivityAct] = Field(
        default_factory=list,
        description="对这一条现在可以办理的：undo 为 POST /projects/{id}/undo / open to you: to undo this very act",
    )


class ActivityPage(Page[ActivityItem]):
    __qualname__ = "Page_ActivityItem_"  # as it is called in the API document

    kinds: dict[ActivityKind, int] | None = Field(
        None,
        description="各种类的条数，不受 kind 影响，以 with=kinds 索取 / events of each kind, whatever `kind` asks for; "
        "where asked for by with=kinds",
    )


class Part(Word):
    """A part of the page of a project."""

    clock = "clock", "时限", "clock"
    five_ones = "five_ones", "五个一", "five ones"
    gates = "gates", "门槛", "gates"
    amounts = "amounts", "金额", "amounts"
    moves = "moves", "阶段变动", "moves"
    milestones = "milestones", "里程碑", "milestones"
    deals = "deals", "签约", "deals"
    evidence = "evidence", "依据", "evidence"
    contacts = "contacts", "联系人", "contacts"
    plans = "plans", "方案", "plans"


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    include: Several[Part] | None = Field(None, description="一并给出的部分，逗号分隔 / the parts to answer with it")


class ProjectPage(ProjectWithRights):
    """The whole project, what the caller may do with it, and the parts asked for by `include`; others are null."""

    lead: Ref | None = Field(
        None,
        description="由哪条线索转来；没有或不在你范围内为空 / the lead it was; null where there is none in your scope",
    )
    clock: Clock | None = Field(None, description="最先到期的时限，同列表；没有时限的为空 / as in the list")
    five_ones: FiveOnesRead | None = Field(None, description="同 GET …/five-ones / as it answers")
    gates: GatesRead | None = Field(None, description="到下一阶段的门槛，同 GET …/gates / up to the next stage")
    amounts: list[AmountRead] | None = Field(None, description="同 GET …/amounts / as it answers")
    moves: list[MoveRead] | None = Field(None, description="同 GET …/moves / as it answers")
    milestones: list[MilestoneRead] | None = Field(None, description="现行方案的里程碑 / of the current plan")
    deals: list[DealRow] | None = Field(
        None, description="本项目的签约，最近改动的在前，至多 200 条 / its deals, the last changed first, 200 at most"
    )
    evidence: list[EvidenceRead] | None = Field(None, description="同 GET …/evidence / as it answers")
    contacts: list[ContactRead] | None = Field(None, description="同 GET …/contacts，已掩码 / masked")
    plans: list[PlanRead] | None = Field(None, description="同 GET …/plans / as it answers")
