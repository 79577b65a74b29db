"""The filter of deals: one object for list, facets and export. Conditions are AND; several values of one are OR.

Unit, task force and industry are those of the deal's project today.
"""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, not_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, office
from app.core.actor import Actor
from app.core.clock import Day
from app.core.localized import Word
from app.core.several import PICKED, IdOrNone, Picked, Several
from app.core.text import SEARCHED, Code, SearchText
from app.deals import submissions
from app.deals.models import Deal, DealKind, DealStatus
from app.lists.project_filter import below, own_deal
from app.projects import service as projects
from app.projects.models import Program, Project
from app.projects.stages import SIGNED, pipeline
from app.reference import service as reference
from app.search import index


class DraftedBy(Word):
    me = "me", "本人", "myself"
    others = "others", "他人", "others"


class DealFilter(BaseModel):
    """The filter of deals."""

    model_config = ConfigDict(extra="forbid")

    status: Several[DealStatus] | None = Field(None, description="状态 / statuses")
    kind: Several[DealKind] | None = Field(None, description="协议种类 / kinds")
    project_id: Several[UUID] | None = Field(None, description="所属项目 / projects")
    investor_id: Several[UUID] | None = Field(None, description="投资方 / investors")
    unit_id: Several[UUID] | None = Field(
        None, description="项目承接单位及其下级 / units in charge of the project and all below them"
    )
    own_unit_id: Several[IdOrNone] | None = Field(
        None, description="项目承接单位本身，不含下级；none 为无 / the unit itself; `none` for no unit"
    )
    task_force_id: Several[IdOrNone] | None = Field(None, description="专班；none 为未归属 / `none` for no task force")
    industry_code: Several[Code] | None = Field(None, description="项目行业 / industries", examples=["26"])
    signed_from: Day | None = Field(None, description="签订不早于 / signed on that day or later")
    signed_to: Day | None = Field(None, description="签订不晚于 / signed on that day or earlier")
    drafted_by: DraftedBy | None = Field(None, description="由谁起草 / drafted by whom")
    approvable: bool | None = Field(
        None, description="已送审、待本人审核的 / submitted, and for the caller to approve or return"
    )
    submitted: bool | None = Field(None, description="已送审、待审核的草稿 / drafts submitted for approval")
    returned: bool | None = Field(None, description="被退回、未再送审的草稿 / drafts returned and not submitted again")
    awaiting_signed: bool | None = Field(
        None,
        description="投资协议已生效而项目未到签约阶段的，即 awaiting_signed 之数 / live formal deals whose project is "
        "not at `signed` yet, as the total of that name counts them",
    )
    is_approved_at_source: bool | None = Field(None, description="来源已审核 / approved where it comes from")
    is_illustrative: bool | None = Field(None, description="示例数据 / made-up data")
    ids: Picked[UUID] | None = Field(None, description=PICKED)
    q: SearchText | None = Field(None, description=SEARCHED)


class Reading:
    """What the conditions of a filter need to know: who asks, the day, whether the office separates duties."""

    def __init__(self, actor: Actor, today: date, before_signed: Sequence[str], *, is_separated: bool) -> None:
        self.actor = actor
        self.today = today
        self.before_signed = before_signed
        """The stages before `signed`, where they are asked for."""
        self.is_separated = is_separated

    @classmethod
    async def of(cls, session: AsyncSession, actor: Actor, asked: DealFilter) -> "Reading":
        """Reads it; whether duties are separated, and the stages, only where that is asked for. Raises Invalid for an
        unknown industry."""
        await reference.require_industries(session, asked.industry_code, "?industry_code")
        is_separated = asked.approvable is not None and await office.is_separated(session)
        before: list[str] = []
        if asked.awaiting_signed is not None:
            table = await pipeline(session)
            signed = table.stage(SIGNED).position
            before = [stage.code for stage in table.stages if stage.position < signed]
        return cls(actor, await clock.today(session), before, is_separated=is_separated)

    @property
    def key(self) -> Hashable:
        """What the conditions are built from, besides the filter."""
        actor = self.actor
        return (
            actor.scope_key,
            actor.id,
            actor.permissions,
            self.today,
            tuple(self.before_signed),
            self.is_separated,
        )


def _drafted_by(who: DraftedBy, reading: Reading) -> ColumnElement[bool]:
    is_mine = Deal.drafted_by == reading.actor.id
    return is_mine if who is DraftedBy.me else not_(is_mine)


def _approvable(wanted: bool, reading: Reading) -> ColumnElement[bool]:
    awaited = submissions.awaits(reading.actor, is_separated=reading.is_separated)
    return awaited if wanted else not_(awaited)


def _awaiting_signed(wanted: bool, reading: Reading) -> ColumnElement[bool]:
    is_before = and_(Project.stage.in_(reading.before_signed), Project.program != Program.construction)
    awaiting = and_(own_deal(), is_before)
    return awaiting if wanted else not_(awaiting)


Condition = Callable[[Any, Reading], ColumnElement[bool]]
_CONDITIONS: dict[str, Condition] = {
    "status": lambda values, _: Deal.status.in_(list(values)),
    "kind": lambda values, _: Deal.kind.in_(list(values)),
    "project_id": lambda ids, _: Deal.project_id.in_(list(ids)),
    "investor_id": lambda ids, _: Deal.investor_id.in_(list(ids)),
    "unit_id": lambda ids, reading: below(Project.unit_id, ids, reading.today),
    "own_unit_id": lambda ids, _: ids.holds(Project.unit_id),
    "task_force_id": lambda ids, _: ids.holds(Project.task_force_id),
    "industry_code": lambda codes, _: Project.industry_code.in_(list(codes)),
    "signed_from": lambda day, _: Deal.signed_on >= day,
    "signed_to": lambda day, _: Deal.signed_on <= day,
    "drafted_by": _drafted_by,
    "approvable": _approvable,
    "submitted": lambda wanted, _: submissions.is_submitted() if wanted else not_(submissions.is_submitted()),
    "returned": lambda wanted, _: submissions.is_returned() if wanted else not_(submissions.is_returned()),
    "awaiting_signed": _awaiting_signed,
    "is_approved_at_source": lambda wanted, _: Deal.is_approved_at_source == wanted,
    "is_illustrative": lambda wanted, _: Deal.is_illustrative == wanted,
    "ids": lambda ids, _: Deal.id.in_(list(ids)),
    "q": lambda text, _: index.matches("deal", text),
}


def conditions(asked: DealFilter, reading: Reading, *, without: str | None = None) -> list[ColumnElement[bool]]:
    """Returns the conditions on Deal and its Project: the scope of who asks, and each of the filter. `without` leaves
    one out."""
    found = [projects.scope(reading.actor)]
    for name, condition in _CONDITIONS.items():
        value = getattr(asked, name)
        if value is not None and name != without:
            found.append(condition(value, reading))
    return found
