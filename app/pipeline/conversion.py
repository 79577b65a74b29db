"""Converts a lead into a project in one step, with its fields, follow-ups and contacts. The project names its lead."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Invalid, refuse
from app.core.localized import Say
from app.enterprises import service as enterprises
from app.events import service as events
from app.five_ones import due
from app.leads import refusals
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus
from app.pipeline import editing, service
from app.pipeline.schemas import LeadConvert, ProjectRegistered
from app.projects import giver_and_taker
from app.projects import service as projects
from app.projects.contacts import ContactLink
from app.projects.follow_ups import FollowUp
from app.projects.giver_and_taker import Holder
from app.projects.models import Project
from app.projects.schemas import ProjectFields, ProspectFields
from app.projects.stages import SCREENED


async def convert(
    session: AsyncSession, actor: Actor, lead_id: UUID, version: int, body: LeadConvert
) -> ProjectRegistered:
    """Makes a project at `screened` from a lead. Returns it with possible duplicates.

    Raises GatesUnmet with the missing gates, Conflict where the lead is converted already, Invalid for the day,
    Forbidden, NotFound or Stale.
    """
    await enterprises.hold(session, (await leads.fetch(session, actor, lead_id)).investor_id)
    lead = await leads.lock(session, actor, lead_id, version)
    refuse(refusals.converted(lead, lead.became))
    today = await clock.today(session)
    on = body.converted_on or today
    if not lead.reported_on <= on <= today:
        raise Invalid.field(
            "/converted_on",
            "out_of_range",
            Say(
                f"应在登记日 {lead.reported_on} 与业务日 {today} 之间。",
                f"Between the day of report {lead.reported_on} and the business day {today}.",
            ),
        )
    holder = Holder.of(lead)
    giver_and_taker.require(actor, holder, holder)
    if body.override is not None:
        giver_and_taker.require_somebody(actor, holder)
    fields = {name: getattr(lead, name) for name in ProspectFields.model_fields}
    project, event_id = await projects.create(
        session,
        actor,
        ProjectFields.model_validate(fields),
        stage=SCREENED,
        on=on,
        event="project.converted",
        program=lead.program,
        unit_id=lead.unit_id,
        task_force_id=lead.task_force_id,
        lead_id=lead_id,
        duplicate_ruling=body.duplicate_ruling,
        is_illustrative=lead.is_illustrative,
    )
    warnings = await service.begin(session, actor, project, on, event_id, body.override)
    await _close(session, actor, lead, project, on)
    return editing.registered(await projects.get(session, actor, project.id), warnings)


async def _close(session: AsyncSession, actor: Actor, lead: Lead, project: Project, on: date) -> None:
    lead.status, lead.converted_on, lead.due_on = LeadStatus.converted, on, None
    # A lead that was never assessed, converted by override, counts as assessed on that day.
    lead.assessed_on = lead.assessed_on or on
    data = {"project_id": project.id, "project_code": project.code, "converted_on": on}
    await events.record(session, actor, "lead.converted", lead, data, project_id=project.id)
    for beneath in (FollowUp, ContactLink):
        await session.execute(update(beneath).where(beneath.lead_id == lead.id).values(project_id=project.id))
    latest = await session.scalar(select(func.max(FollowUp.on)).where(FollowUp.lead_id == lead.id))
    if latest is not None:
        await due.touched(session, project.id, latest)
