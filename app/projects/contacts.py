"""Contact persons of a lead or project: contacts of its investor, visible to everybody who sees the record."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.actor import Actor
from app.core.db import Base, Id
from app.core.errors import Conflict, refuse
from app.core.localized import Say
from app.enterprises import service as enterprises
from app.enterprises.models import Contact
from app.enterprises.schemas import ContactCreate, ContactKept, ContactRead
from app.events import service as events
from app.projects import refusals
from app.projects import service as projects


class ContactLink(Base):
    """Links a contact of the investor to a lead, and to the project the lead became."""

    __tablename__ = "contact_links"
    __table_args__ = (CheckConstraint("project_id IS NOT NULL OR lead_id IS NOT NULL", name="beneath_something"),)

    id: Mapped[Id]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("enterprise_contacts.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.id"), index=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


async def append(
    session: AsyncSession, actor: Actor, subject: str, subject_id: UUID, investor_id: UUID | None, body: ContactCreate
) -> ContactKept:
    """Adds a contact of the investor and links it to a `project` or `lead`. Raises Conflict without an investor."""
    if investor_id is None:
        say = Say("请先填写投资方，联系人登记在投资方名下。", "Name the investor first: a contact is the investor's.")
        raise Conflict(say, code="no_investor")
    contact = await enterprises.keep_contact(session, actor, investor_id, body)
    project_id = subject_id if subject == "project" else None
    event_id = await events.note(
        session,
        actor,
        f"{subject}.contact_added",
        subject,
        subject_id,
        {"contact_id": contact.id},
        project_id=project_id,
    )
    lead_id = subject_id if subject == "lead" else None
    session.add(ContactLink(contact_id=contact.id, project_id=project_id, lead_id=lead_id, event_id=event_id))
    await session.flush()
    return contact


async def of(session: AsyncSession, beneath: ColumnElement[bool], investor_id: UUID | None) -> list[ContactRead]:
    """Returns the linked contacts, masked, by name: those of the present investor whose retention has not ended."""
    rows = await session.scalars(
        select(Contact)
        .join(ContactLink, ContactLink.contact_id == Contact.id)
        .where(beneath, Contact.enterprise_id == investor_id, Contact.may_be_kept(await clock.today(session)))
    )
    return enterprises.by_person(rows)


async def add(session: AsyncSession, actor: Actor, project_id: UUID, body: ContactCreate) -> ContactKept:
    """Adds a contact person of a project. Raises NotFound, Forbidden, Conflict where it ended or has no investor."""
    project = await projects.lock(session, actor, project_id, None)
    refuse(refusals.ended(project))
    return await append(session, actor, "project", project_id, project.investor_id, body)


async def find(session: AsyncSession, actor: Actor, project_id: UUID) -> list[ContactRead]:
    """Returns the contact persons of a project, masked. Raises NotFound."""
    project = await projects.fetch(session, actor, project_id)
    return await of(session, ContactLink.project_id == project_id, project.investor_id)
