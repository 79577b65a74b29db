from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actor import ActorKind
from app.core.clock import Moment
from app.core.localized import Word
from app.core.paging import ListQuery
from app.core.refs import Ref
from app.core.several import Several


class ActivityKind(Word):
    follow_up = "follow_up", "跟进", "follow-ups"
    stage = "stage", "阶段与状态", "stage and status"
    field = "field", "登记与修改", "fields"
    deal = "deal", "签约", "deals"
    evidence = "evidence", "依据", "evidence"
    people = "people", "人员", "people"
    plan = "plan", "方案与计划", "plans"
    amount = "amount", "金额", "amounts"


class ActivityQuery(ListQuery):
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
