"""The filter of leads: one object for list, facets, export and views.

Conditions are AND; several values of one, separated by commas, are OR.
"""

from collections.abc import Callable, Hashable
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, case, not_, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.clock import Day, today
from app.core.localized import Word
from app.core.several import PICKED, Absent, IdOrNone, PersonOrNone, Picked, Several
from app.core.text import SEARCHED, Code, SearchText
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus
from app.leads.schemas import LeadWait
from app.lists.project_filter import below, persons
from app.projects.models import Program
from app.reference import service as reference
from app.referrers.models import Channel
from app.search import index


class RunningClock(Word):
    """The clock of a lead that ends first, of those that still run."""

    answer = "answer", "待响应", "to be answered"
    assess = "assess", "待研判", "to be assessed"


class LeadFilter(BaseModel):
    """The filter of leads."""

    model_config = ConfigDict(extra="forbid")

    status: Several[LeadStatus] | None = Field(None, description="状态 / statuses")
    channel: Several[Channel] | None = Field(None, description="来源渠道 / channels")
    program: Several[Program] | None = Field(None, description="登记的类别，原值 / the stored value")
    unit_id: Several[UUID] | None = Field(None, description="承接单位及其下级 / units in charge and all below them")
    own_unit_id: Several[IdOrNone] | None = Field(
        None, description="承接单位本身，不含下级；none 为无 / the unit itself; `none` for no unit"
    )
    first_unit_id: Several[UUID] | None = Field(
        None, description="首报单位及其下级 / the units that reported it and all below them"
    )
    own_first_unit_id: Several[UUID] | None = Field(
        None, description="首报单位本身，不含下级 / the unit that reported it, itself"
    )
    task_force_id: Several[IdOrNone] | None = Field(None, description="专班；none 为未归属 / `none` for no task force")
    industry_code: Several[Code] | None = Field(None, description="行业代码，原值 / the stored code", examples=["26"])
    investor_id: Several[IdOrNone] | None = Field(None, description="投资方；none 为未填 / `none` for no investor")
    referrer_id: Several[IdOrNone] | None = Field(None, description="引荐方；none 为无 / `none` for no referrer")
    handler_id: Several[PersonOrNone] | None = Field(
        None, description="经办人；me 为本人，none 为未指定 / who handles it; `me`, or `none`"
    )
    reported_from: Day | None = Field(None, description="登记日不早于 / reported on that day or later")
    reported_to: Day | None = Field(None, description="登记日不晚于 / reported on that day or earlier")
    due_from: Day | None = Field(None, description="最早未结时限不早于 / its first open clock ends from that day")
    due_to: Day | None = Field(None, description="最早未结时限不晚于 / its first open clock ends by that day")
    is_overdue: bool | None = Field(None, description="超期 / overdue")
    clock: Several[RunningClock] | None = Field(
        None, description="最先到期的是哪个时限 / which of its open clocks ends first"
    )
    is_illustrative: bool | None = Field(None, description="示例数据 / made-up data")
    waits_for: LeadWait | None = Field(None, description="还未响应，或还未研判的 / not answered, or not assessed yet")
    ids: Picked[UUID] | None = Field(None, description=PICKED)
    q: SearchText | None = Field(None, description=SEARCHED)


def running_clock() -> ColumnElement[str | None]:
    """Returns which open clock of a lead ends first, of two that end on one day the answer; NULL where none runs."""
    answer_is_first = or_(Lead.assessed_on.is_not(None), Lead.answer_due_on <= Lead.assess_due_on)
    return case(
        (Lead.due_on.is_(None), None),
        (and_(Lead.answered_on.is_(None), answer_is_first), RunningClock.answer.value),
        else_=RunningClock.assess.value,
    )


class Reading:
    """What the conditions need to know: who asks, and the day."""

    def __init__(self, actor: Actor, today: date) -> None:
        self.actor, self.today = actor, today

    @classmethod
    async def of(cls, session: AsyncSession, actor: Actor, asked: LeadFilter) -> "Reading":
        """Returns what the conditions of a filter need. Raises Invalid for an unknown industry."""
        await reference.require_industries(session, asked.industry_code, "?industry_code")
        return cls(actor, await today(session))

    @property
    def key(self) -> Hashable:
        """What the conditions are built from, besides the filter."""
        return (self.actor.scope_key, self.today)


def _handled_by(values: Several[Any], reading: Reading) -> ColumnElement[bool]:
    is_handled: ColumnElement[bool] = Lead.handler_id.in_(persons(values, reading.actor))
    return or_(is_handled, Lead.handler_id.is_(None)) if Absent.none in values else is_handled


def _is_overdue(wanted: bool, reading: Reading) -> ColumnElement[bool]:
    condition = leads.is_overdue(reading.today)
    return condition if wanted else not_(condition)


Condition = Callable[[Any, Reading], ColumnElement[bool]]
_CONDITIONS: dict[str, Condition] = {
    "status": lambda values, _: Lead.status.in_(list(values)),
    "channel": lambda values, _: Lead.channel.in_(list(values)),
    "program": lambda values, _: Lead.program.in_(list(values)),
    "unit_id": lambda ids, reading: below(Lead.unit_id, ids, reading.today),
    "own_unit_id": lambda ids, _: ids.holds(Lead.unit_id),
    "first_unit_id": lambda ids, reading: below(Lead.first_unit_id, ids, reading.today),
    "own_first_unit_id": lambda ids, _: Lead.first_unit_id.in_(list(ids)),
    "task_force_id": lambda ids, _: ids.holds(Lead.task_force_id),
    "industry_code": lambda codes, _: Lead.industry_code.in_(list(codes)),
    "investor_id": lambda ids, _: ids.holds(Lead.investor_id),
    "referrer_id": lambda ids, _: ids.holds(Lead.referrer_id),
    "handler_id": _handled_by,
    "reported_from": lambda day, _: Lead.reported_on >= day,
    "reported_to": lambda day, _: Lead.reported_on <= day,
    "due_from": lambda day, _: Lead.due_on >= day,
    "due_to": lambda day, _: Lead.due_on <= day,
    "is_overdue": _is_overdue,
    "clock": lambda clocks, _: running_clock().in_([clock.value for clock in clocks]),
    "is_illustrative": lambda wanted, _: Lead.is_illustrative == wanted,
    "waits_for": lambda what, _: leads.waits_for(what),
    "ids": lambda ids, _: Lead.id.in_(list(ids)),
    "q": lambda text, _: index.matches("lead", text),
}


def conditions(asked: LeadFilter, reading: Reading, *, without: str | None = None) -> list[ColumnElement[bool]]:
    """Returns the conditions on Lead: the scope of who asks, and each of the filter. `without` leaves one out."""
    found = [leads.scope(reading.actor)]
    for name, condition in _CONDITIONS.items():
        value = getattr(asked, name)
        if value is not None and name != without:
            found.append(condition(value, reading))
    return found
