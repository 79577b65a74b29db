"""Registers and edits leads; both search for duplicates."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.codes import next_code
from app.core.errors import Invalid, refuse
from app.core.localized import Say
from app.core.records import apply
from app.enterprises import service as enterprises
from app.enterprises.schemas import EnterpriseTaken
from app.events import service as events
from app.leads import clocks, duplicates, likeness, refusals
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus
from app.leads.schemas import Candidate, LeadCreate, LeadRead, LeadRegistered, LeadUpdate
from app.organizations import service as organizations
from app.organizations.models import Post
from app.projects import giver_and_taker
from app.projects import service as projects
from app.projects.giver_and_taker import NOBODY, Holder
from app.reference import workdays
from app.taskforces import service as taskforces

_IDENTITY = frozenset({"name", "investor_id", "duplicate_ruling"})
"""The fields that make a lead a duplicate of another, and the ruling that it is none."""

_NOT_COLUMNS = frozenset({"investor_name", "investor_id", "duplicate_ruling"})


async def _check(session: AsyncSession, lead: Lead, *, unit: bool = True) -> None:
    await projects.check_prospect(session, lead)
    if unit and lead.unit_id is not None:
        await organizations.require_units(session, {lead.unit_id}, "/unit_id")
    await taskforces.require(session, lead.task_force_id, "/task_force_id")


async def _investor(session: AsyncSession, actor: Actor, body: LeadCreate) -> EnterpriseTaken | None:
    """Returns the enterprise of the given name, registered if it is new; None where no name is given."""
    if body.investor_name is None:
        return None
    if body.investor_id is not None:
        say = Say("已填 investor_id，不再填名称。", "Leave it out beside `investor_id`.")
        raise Invalid.field("/investor_name", "either_or", say)
    return await enterprises.by_name(session, actor, body.investor_name, "/investor_name")


async def _handler(session: AsyncSession, actor: Actor, body: LeadCreate, today: date) -> UUID | None:
    """Returns the official of the actor where it is in post: whoever registers a lead deals with it until the answer
    names another, unless it is given to another unit or task force at once."""
    is_given = body.unit_id not in (None, actor.unit_id) or body.task_force_id not in (None, *actor.task_force_ids)
    if actor.official_id is None or is_given:
        return None
    is_held = organizations.in_post(today)
    post = select(Post.official_id).where(Post.official_id == actor.official_id, is_held).limit(1)
    handler_id: UUID | None = await session.scalar(post)
    return handler_id


async def create(
    session: AsyncSession, actor: Actor, body: LeadCreate, *, is_illustrative: bool = False
) -> LeadRegistered:
    """Registers a lead. Its first unit and time of report never change. Raises DuplicatesFound."""
    # The first unit never changes, so nobody may report in the name of another's unit.
    actor.require_unit(body.first_unit_id, "/first_unit_id")
    giver_and_taker.require(actor, NOBODY, Holder(body.unit_id, body.task_force_id))
    await organizations.require_units(session, {body.first_unit_id}, "/first_unit_id")
    now, today = clock.now(session), await clock.today(session)
    # Locks the counter first: leads, and investors by name, are registered one transaction at a time.
    code = await next_code(session, "L", today.year)
    taken = await _investor(session, actor, body)
    investor_id = body.investor_id if taken is None else taken.id
    await enterprises.hold(session, investor_id)
    fields = {name: getattr(body, name) for name in LeadCreate.model_fields.keys() - _NOT_COLUMNS}
    lead = Lead(
        **fields,
        investor_id=investor_id,
        code=code,
        reported_at=now,
        reported_on=today,
        reported_by=actor.name,
        handler_id=await _handler(session, actor, body, today),
        status=LeadStatus.registered,
        is_illustrative=is_illustrative,
    )
    projects.set_name(lead)
    allowed = await clocks.limits(session, hold=True)
    days = clocks.due(lead, allowed, await workdays.calendar(session))
    lead.answer_due_on, lead.assess_due_on, lead.due_on = days.answer_due_on, days.assess_due_on, days.due_on
    await _check(session, lead)
    data = {"fields": body.model_dump(mode="json", exclude_none=True), "investor_id": investor_id}
    event_id = await events.record(session, actor, "lead.registered", lead, data)
    warnings = await duplicates.settle(session, actor, likeness.of_lead(lead), body.duplicate_ruling, event_id)
    return _registered(await leads.read(session, actor, lead.id), warnings, taken)


async def update(session: AsyncSession, actor: Actor, lead_id: UUID, version: int, body: LeadUpdate) -> LeadRegistered:
    """Edits a lead that is not converted. Raises DuplicatesFound where the edit makes it similar to another record."""
    before = await leads.fetch(session, actor, lead_id)
    await enterprises.hold(session, before.investor_id, body.investor_id)
    lead = await leads.lock(session, actor, lead_id, version, reports=True)
    giver = Holder.of(lead)
    taker = giver._replace(**body.model_dump(include=body.model_fields_set & set(Holder._fields)))
    if taker != giver:
        giver_and_taker.require(actor, giver, taker)
    await leads.require_deciding(session, actor, lead)
    refuse(refusals.converted(lead, lead.became))
    changes = apply(lead, body, without=frozenset({"duplicate_ruling"}))
    if body.duplicate_ruling is not None:
        changes["duplicate_ruling"] = [None, body.duplicate_ruling]
    warnings: list[Candidate] = []
    if changes:
        await _check(session, lead, unit=taker != giver)
        projects.set_name(lead)
        event_id = await events.record(session, actor, "lead.updated", lead, {"changes": changes})
        if changes.keys() & _IDENTITY:
            sought = likeness.of_lead(lead)
            warnings = await duplicates.settle(session, actor, sought, body.duplicate_ruling, event_id)
    return _registered(await leads.read(session, actor, lead_id), warnings)


def _registered(lead: LeadRead, warnings: list[Candidate], investor: EnterpriseTaken | None = None) -> LeadRegistered:
    return LeadRegistered.model_validate({**lead.model_dump(), "warnings": warnings, "investor_taken": investor})
