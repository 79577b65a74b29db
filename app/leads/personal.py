"""Personal data of contacts: seen in full only for a purpose, kept no longer than agreed, deleted when the person asks.

Source: 个人信息保护法. A deletion leaves an event with the contact's id and no personal data.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail, unmasking
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.audit.unmasking import Purpose, Unmasked
from app.core import clock, idempotency
from app.core.actor import Actor, Permission
from app.core.db import erases
from app.core.errors import Forbidden
from app.core.localized import Say
from app.core.records import one
from app.enterprises.models import Contact
from app.events import service as events
from app.leads import service as leads
from app.leads.models import Lead
from app.projects import decision_rights
from app.projects import service as projects
from app.projects.contacts import ContactLink
from app.projects.models import Project

CONTACT = Say("联系人", "contact")


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Contact that the actor sees the whole city, or a project or lead that has the contact
    and its investor."""
    return true() if actor.sees_all else _is_for(projects.scope(actor), leads.scope(actor))


async def _require_deciding(session: AsyncSession, actor: Actor, contact_id: UUID) -> None:
    """Raises Forbidden where the actor decides on no project or lead that has the contact."""
    if actor.sees_all:
        return
    decided = _is_for(decision_rights.decided_by(actor), leads.decided_by(actor))
    if await session.scalar(select(Contact.id).where(Contact.id == contact_id, decided)) is None:
        say = Say(
            "完整联系方式只对项目或线索的承接单位、所属专班开放；请向其了解。",
            "Phone and mail in full are for the unit in charge or the task force of the project or lead: ask them.",
        )
        raise Forbidden(say, code="owner_decides")


def _is_for(of_those_projects: ColumnElement[bool], of_those_leads: ColumnElement[bool]) -> ColumnElement[bool]:
    """Returns the condition on Contact that one of these projects or leads has the contact, and its investor."""
    of_project = (
        select(ContactLink.contact_id)
        .join(Project, Project.id == ContactLink.project_id)
        .where(of_those_projects, Project.investor_id == Contact.enterprise_id)
    )
    of_lead = (
        select(ContactLink.contact_id)
        .join(Lead, Lead.id == ContactLink.lead_id)
        .where(of_those_leads, Lead.investor_id == Contact.enterprise_id)
    )
    return or_(Contact.id.in_(of_project.correlate(Contact)), Contact.id.in_(of_lead.correlate(Contact)))


async def unmask(session: AsyncSession, actor: Actor, contact_id: UUID, purpose: Purpose) -> Unmasked:
    """Returns name, phone and mail in full. Raises NotFound where the contact is out of scope or past its retention;
    Forbidden; TooMany."""
    is_kept = Contact.may_be_kept(await clock.today(session))
    contact = await one(session, select(Contact).where(Contact.id == contact_id, _seen(actor), is_kept), CONTACT)
    await _require_deciding(session, actor, contact_id)
    await unmasking.note(session, actor, Subject("contact", contact.id), purpose)
    return Unmasked(name=contact.name, phone=contact.phone, email=contact.email)


async def erase(session: AsyncSession, actor: Actor, contact_id: UUID) -> None:
    """Deletes a contact because the person asks, with every copy in stored answers. Raises NotFound, Forbidden."""
    actor.require(Permission.erase)
    query = select(Contact).where(Contact.id == contact_id, _seen(actor)).with_for_update()
    contact = await one(session, query, CONTACT)
    await _require_deciding(session, actor, contact_id)
    await _erase(session, actor, contact)


async def erase_expired(session: AsyncSession, actor: Actor) -> int:
    """Deletes the contacts whose retention has ended. Returns their number."""
    actor.require(Permission.erase)
    erases(session)  # also where none has expired: SQLite's files may still hold a contact deleted before
    expired = select(Contact).where(not_(Contact.may_be_kept(await clock.today(session)))).order_by(Contact.id)
    contacts = list(await session.scalars(expired.with_for_update()))
    for contact in contacts:
        await _erase(session, actor, contact)
    return len(contacts)


async def _erase(session: AsyncSession, actor: Actor, contact: Contact) -> None:
    erases(session)
    await idempotency.forget(session, contact.id)
    await session.execute(delete(ContactLink).where(ContactLink.contact_id == contact.id))
    await session.execute(delete(Contact).where(Contact.id == contact.id))
    data = {"contact_id": str(contact.id)}
    await events.note(session, actor, "enterprise.contact_erased", "enterprise", contact.enterprise_id, data)
    await trail.record(session, actor, SecurityEventType.erased, Subject("contact", contact.id))
