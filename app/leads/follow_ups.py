"""Follow-ups and contacts of a lead that is not converted."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging
from app.core.actor import Actor
from app.core.errors import refuse
from app.enterprises.schemas import ContactCreate, ContactKept, ContactRead
from app.events import service as events
from app.leads import refusals
from app.leads import service as leads
from app.projects import contacts, follow_ups
from app.projects.contacts import ContactLink
from app.projects.follow_ups import FollowUp, FollowUpCreate, FollowUpQuery, FollowUpRead


async def add(session: AsyncSession, actor: Actor, lead_id: UUID, body: FollowUpCreate) -> FollowUpRead:
    lead = await leads.lock(session, actor, lead_id, None, reports=True)
    refuse(refusals.converted(lead, lead.became))
    await clock.refuse_future(session, body.on, "/on")
    event_id = await events.note(session, actor, "lead.follow_up_added", "lead", lead_id, body.event_data())
    units = [lead.unit_id, lead.first_unit_id]
    return await follow_ups.append(session, actor, body, event_id, units, lead_id=lead_id)


async def find(session: AsyncSession, actor: Actor, lead_id: UUID, query: FollowUpQuery) -> paging.Page[FollowUpRead]:
    await leads.require_visible(session, actor, lead_id)
    return await follow_ups.page(session, FollowUp.lead_id == lead_id, query, f"lead-follow-ups:{lead_id}")


async def add_contact(session: AsyncSession, actor: Actor, lead_id: UUID, body: ContactCreate) -> ContactKept:
    """Adds a contact of the lead's investor."""
    lead = await leads.lock(session, actor, lead_id, None)
    refuse(refusals.converted(lead, lead.became))
    return await contacts.append(session, actor, "lead", lead_id, lead.investor_id, body)


async def contacts_of(session: AsyncSession, actor: Actor, lead_id: UUID) -> list[ContactRead]:
    lead = await leads.fetch(session, actor, lead_id)
    return await contacts.of(session, ContactLink.lead_id == lead_id, lead.investor_id)
