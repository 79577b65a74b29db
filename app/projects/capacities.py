"""The capacities of a project: what it will make, and how much of it."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Invalid, refuse
from app.core.localized import Say
from app.events import service as events
from app.projects import refusals
from app.projects import service as projects
from app.projects.models import ProjectCapacity
from app.projects.schemas import CapacitiesSet, ProjectRead


async def replace(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: CapacitiesSet
) -> ProjectRead:
    """Replaces the list of capacities. Raises Invalid for a repeated product or a quantity not above 0."""
    project = await projects.lock(session, actor, project_id, version)
    refuse(refusals.merged(project))
    products = [item.product for item in body.items]
    if len(set(products)) != len(products):
        raise Invalid.field("/items", "repeated_value", Say("同一产品重复出现。", "A product is given twice."))
    for index, item in enumerate(body.items):
        if item.quantity <= 0:
            raise Invalid.field(f"/items/{index}/quantity", "greater_than", Say("应大于 0。", "Above zero."))
    before = (await projects.get(session, actor, project_id)).capacities
    data = {"changes": {"capacities": [before, body.items]}}
    event_id = await events.record(session, actor, "project.capacities_set", project, data, project_id=project_id)
    await session.execute(delete(ProjectCapacity).where(ProjectCapacity.project_id == project_id))
    session.add_all(
        ProjectCapacity(project_id=project_id, event_id=event_id, **item.model_dump()) for item in body.items
    )
    await session.flush()
    return await projects.get(session, actor, project_id)
