"""Follow-ups of a project."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging
from app.core.actor import Actor
from app.core.errors import refuse
from app.events import service as events
from app.five_ones import due
from app.projects import follow_ups, refusals
from app.projects import service as projects
from app.projects.follow_ups import FollowUp, FollowUpCreate, FollowUpQuery, FollowUpRead


async def add(session: AsyncSession, actor: Actor, project_id: UUID, body: FollowUpCreate) -> FollowUpRead:
    project = await projects.lock(session, actor, project_id, None, reports=True)
    refuse(refusals.leaf_in_force(project))
    await clock.refuse_future(session, body.on, "/on")
    event_id = await events.note(
        session, actor, "five_ones.follow_up_added", "project", project_id, body.event_data(), project_id=project_id
    )
    row = await follow_ups.append(session, actor, body, event_id, [project.unit_id], project_id=project_id)
    await due.touched(session, project_id, body.on)
    return row


async def find(
    session: AsyncSession, actor: Actor, project_id: UUID, query: FollowUpQuery
) -> paging.Page[FollowUpRead]:
    await projects.require_visible(session, actor, project_id)
    return await follow_ups.page(session, FollowUp.project_id == project_id, query, f"follow-ups:{project_id}")
