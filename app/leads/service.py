"""Leads: scope, search, answering and assessing. Registration has a file of its own."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, refs
from app.core.actor import Actor
from app.core.errors import Invalid, NotFound, refuse
from app.core.localized import Say
from app.core.records import locked, one, plain
from app.core.refs import Reference
from app.events import service as events
from app.leads import clocks, refusals
from app.leads.models import Lead, LeadAssessment, LeadStatus, Outcome
from app.leads.schemas import (
    LeadAnswer,
    LeadAssess,
    LeadAssessmentRead,
    LeadRead,
    LeadWait,
)
from app.organizations import service as organizations
from app.organizations.models import Official, Unit
from app.projects import decision_rights, successors
from app.projects import service as projects
from app.projects.models import Project

LEAD = Say("线索", "lead")

REFERENCES = [Reference("first_unit", "first_unit_id", Unit), *projects.REFERENCES]


def visible_to(actor: Actor) -> Select[UUID]:
    return select(Lead.id).where(scope(actor))


def scope(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Lead for the actor's scope: its unit reported or deals with the lead, its task force
    does, or the actor handles it."""
    if actor.unit_ids is None:
        return true()
    conditions: list[ColumnElement[bool]] = [Lead.unit_id.in_(actor.unit_ids), Lead.first_unit_id.in_(actor.unit_ids)]
    if actor.task_force_ids:
        conditions.append(Lead.task_force_id.in_(actor.task_force_ids))
    if actor.official_id is not None:
        conditions.append(Lead.handler_id == actor.official_id)
    return or_(*conditions)


def is_overdue(today: date) -> ColumnElement[bool]:
    """Returns the condition on Lead that a clock still running is past its day. Never NULL."""
    return func.coalesce(Lead.due_on < today, false())


def waits_for(what: LeadWait) -> ColumnElement[bool]:
    """Returns the condition on Lead that it is to be answered, or to be assessed."""
    if what is LeadWait.answer:
        return and_(Lead.answered_on.is_(None), Lead.status != LeadStatus.converted)
    return Lead.assessed_on.is_(None)


_COMPUTED = {"is_overdue", "assessments", "project_id", "project", "successor"}
_READ_REFERENCES = [*REFERENCES, *projects.PROSPECT_REFERENCES, Reference("handler", "handler_id", Official)]
_NAMED = {reference.field for reference in _READ_REFERENCES}
_READ = refs.joined(
    select(
        *(getattr(Lead, name) for name in LeadRead.model_fields if name not in _COMPUTED | _NAMED),
        select(Project.id).where(Project.lead_id == Lead.id).correlate(Lead).scalar_subquery().label("project_id"),
    ),
    Lead.__table__.c,
    _READ_REFERENCES,
)


async def get(session: AsyncSession, actor: Actor, lead_id: UUID) -> LeadRead:
    """Returns the lead as the actor sees it. Raises NotFound."""
    return await read(session, actor, lead_id, scope(actor))


async def read(session: AsyncSession, actor: Actor, lead_id: UUID, *conditions: ColumnElement[bool]) -> LeadRead:
    """Returns the lead where the conditions on Lead hold, with the project it became where the actor sees that. Raises
    NotFound."""
    row = (await session.execute(_READ.where(Lead.id == lead_id, *conditions))).one_or_none()
    if row is None:
        raise NotFound.of(LEAD)
    assessments = await session.execute(
        select(*(getattr(LeadAssessment, name) for name in LeadAssessmentRead.model_fields))
        .where(LeadAssessment.lead_id == lead_id)
        .order_by(LeadAssessment.recorded_at.desc())
    )
    today = await clock.today(session)
    return LeadRead.model_validate(
        {
            **refs.named(row, _READ_REFERENCES),
            "is_overdue": row.due_on is not None and row.due_on < today,
            **await _became(session, actor, lead_id, row.project_id),
            "assessments": [LeadAssessmentRead.model_validate(assessment) for assessment in assessments],
        }
    )


async def _became(session: AsyncSession, actor: Actor, lead_id: UUID, project_id: UUID | None) -> dict[str, Any]:
    if project_id is None:
        return {"project": None}
    in_scope = projects.scope(actor)
    return {
        "project": await refs.find(session, Project, project_id, in_scope),
        "successor": await successors.of_lead(session, lead_id, in_scope),
    }


async def require_visible(session: AsyncSession, actor: Actor, lead_id: UUID) -> None:
    """Raises NotFound where the lead does not exist or is out of scope."""
    if await session.scalar(select(Lead.id).where(Lead.id == lead_id, scope(actor))) is None:
        raise NotFound.of(LEAD)


async def fetch(session: AsyncSession, actor: Actor, lead_id: UUID) -> Lead:
    """Returns the lead without locking it. Raises NotFound."""
    return await one(session, select(Lead).where(Lead.id == lead_id, scope(actor)), LEAD)


async def lock(
    session: AsyncSession, actor: Actor, lead_id: UUID, version: int | None, *, reports: bool = False
) -> Lead:
    """Returns the lead, locked and freshly read. Raises NotFound, Forbidden or Stale.

    `reports` marks an act that only reports on the lead: such acts are also open to those who see it without deciding,
    the unit that reported it first and the handler.
    """
    await require_visible(session, actor, lead_id)
    lead = await locked(session, select(Lead).where(Lead.id == lead_id, scope(actor)), version, LEAD)
    if lead.status is LeadStatus.converted:
        lead.became = await successors.of_lead(session, lead_id, projects.scope(actor))
    if not reports:
        await require_deciding(session, actor, lead)
    return lead


def decided_by(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Lead under which an actor decides: its unit or task force deals with the lead, or its
    unit reported a lead that nobody deals with."""
    if actor.unit_ids is None:
        return true()
    is_nobodys = and_(Lead.unit_id.is_(None), Lead.task_force_id.is_(None))
    return or_(
        Lead.unit_id.in_(actor.unit_ids),
        Lead.task_force_id.in_(actor.task_force_ids),
        and_(is_nobodys, Lead.first_unit_id.in_(actor.unit_ids)),
    )


async def require_deciding(session: AsyncSession, actor: Actor, lead: Lead) -> None:
    """Raises Forbidden, naming who decides, where the actor sees the lead but does not decide on it."""
    if refusals.only_reports(actor, lead, ()) is not None:
        names = await decision_rights.holders(session, *refusals.dealt_with_by(lead))
        refuse(refusals.only_reports(actor, lead, names))


async def followed_up_since(session: AsyncSession, lead_id: UUID | None) -> date | None:
    """Returns the day of the last assessment where its outcome was to follow up, else None."""
    if lead_id is None:
        return None
    query = select(LeadAssessment.outcome, LeadAssessment.on).where(LeadAssessment.lead_id == lead_id)
    last = (await session.execute(query.order_by(LeadAssessment.recorded_at.desc()).limit(1))).one_or_none()
    return last.on if last is not None and last.outcome is Outcome.follow_up else None


async def _check_day(session: AsyncSession, lead: Lead, on: date) -> None:
    today = await clock.today(session)
    if not lead.reported_on <= on <= today:
        raise Invalid.field(
            "/on",
            "out_of_range",
            Say(
                f"应在登记日 {lead.reported_on} 与业务日 {today} 之间。",
                f"Between the day of report {lead.reported_on} and the business day {today}.",
            ),
        )


async def answer(session: AsyncSession, actor: Actor, lead_id: UUID, version: int, body: LeadAnswer) -> LeadRead:
    """Records that the referrer was answered: the first clock stops on that day."""
    lead = await lock(session, actor, lead_id, version)
    refuse(refusals.answered(lead))
    await _check_day(session, lead, body.on)
    if body.handler_id is not None:
        await organizations.require_in_post(session, body.handler_id, body.on, "/handler_id")
        lead.handler_id = body.handler_id
    lead.answered_on, lead.answer_note = body.on, body.note
    lead.due_on = clocks.earliest_open(lead, lead.answer_due_on, lead.assess_due_on)
    data = {"on": body.on, "due_on": lead.answer_due_on, "handler_id": lead.handler_id}
    await events.record(session, actor, "lead.answered", lead, data)
    return await read(session, actor, lead_id)


async def _refuse_before_last(session: AsyncSession, lead_id: UUID, on: date) -> None:
    query = select(func.max(LeadAssessment.on)).where(LeadAssessment.lead_id == lead_id)
    last: date | None = await session.scalar(query)
    if last is not None and on < last:
        say = Say(f"不能早于上一次研判的 {last}。", f"Not before the last assessment, on {last}.")
        raise Invalid.field("/on", "before_last_assessment", say)


async def assess(session: AsyncSession, actor: Actor, lead_id: UUID, version: int, body: LeadAssess) -> LeadRead:
    """Assesses a lead. A later assessment replaces an earlier one: a lead kept in reserve may come up again."""
    lead = await lock(session, actor, lead_id, version)
    refuse(refusals.converted(lead, lead.became))
    await _check_day(session, lead, body.on)
    if body.outcome is not Outcome.follow_up and body.reason is None:
        say = Say(f"{body.outcome.say.zh}须写明理由。", f"To {body.outcome.say.en} wants a reason.")
        raise Invalid.field("/reason", "missing", say)
    await _refuse_before_last(session, lead_id, body.on)
    before = lead.status
    lead.status = LeadStatus(body.outcome.value)
    lead.assessed_on = lead.assessed_on or body.on
    lead.due_on = clocks.earliest_open(lead, lead.answer_due_on, lead.assess_due_on)
    data = {"changes": {"status": plain([before, lead.status])}, "on": body.on}
    event_id = await events.record(session, actor, "lead.assessed", lead, data)
    session.add(
        LeadAssessment(
            lead_id=lead_id,
            recorded_at=await knowledge.take(session),
            recorded_by=actor.name,
            event_id=event_id,
            **body.model_dump(),
        )
    )
    await session.flush()
    return await read(session, actor, lead_id)
