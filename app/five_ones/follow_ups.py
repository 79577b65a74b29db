"""Follow-ups 跟进: contacts with the investor and the bureau's own steps, added beneath the project."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging
from app.core.actor import Actor
from app.core.errors import Invalid
from app.core.say import Say
from app.events import service as events
from app.five_ones import due
from app.five_ones.models import FollowUp
from app.five_ones.schemas import FollowUpCreate, FollowUpQuery, FollowUpRead
from app.projects import service as projects


async def add(session: AsyncSession, actor: Actor, project_id: UUID, body: FollowUpCreate) -> FollowUpRead:
    project = await projects.lock(session, actor, project_id, None)
    projects.refuse_parent(project)
    projects.refuse_ended(project)
    today = await clock.today(session)
    if body.on > today:
        raise Invalid.field(
            "/on", "future_day", Say(f"不能晚于业务日 {today}。", f"Not after the business day {today}.")
        )
    # What was said may name people: it stays in the row and out of the log, which nobody can clear.
    data = body.model_dump(mode="json", include={"kind", "on", "with_investor"})
    event_id = await events.note(
        session, actor, "five_ones.follow_up_added", "project", project_id, data, project_id=project_id
    )
    row = FollowUp(
        project_id=project_id,
        recorded_at=clock.now(session),
        recorded_by=actor.name,
        event_id=event_id,
        **body.model_dump(),
    )
    session.add(row)
    await session.flush()
    await due.touched(session, project_id, body.on)
    return FollowUpRead.model_validate(row)


async def find(
    session: AsyncSession, actor: Actor, project_id: UUID, query: FollowUpQuery
) -> paging.Page[FollowUpRead]:
    await projects.require_visible(session, actor, project_id)
    found = select(*(getattr(FollowUp, name) for name in FollowUpRead.model_fields)).where(
        FollowUp.project_id == project_id
    )
    if query.with_investor is not None:
        found = found.where(FollowUp.with_investor == query.with_investor)
    order = paging.Order([FollowUp.on, FollowUp.id], descending=True)
    name = f"follow-ups:{project_id}"
    return await paging.page(session, found, order, query, name, FollowUpRead.model_validate)


async def first_contact_on(session: AsyncSession, project_ids: list[UUID]) -> date | None:
    """The day of the first real contact with the investor, None if there is none."""
    first: date | None = await session.scalar(
        select(func.min(FollowUp.on)).where(FollowUp.project_id.in_(project_ids), FollowUp.with_investor)
    )
    return first


async def latest_on(session: AsyncSession, project_ids: list[UUID], up_to: date) -> date | None:
    """The day of the latest follow-up up to a day, None if there is none."""
    day: date | None = await session.scalar(
        select(func.max(FollowUp.on)).where(FollowUp.project_id.in_(project_ids), FollowUp.on <= up_to)
    )
    return day
