"""The page of a project in one request: the project, what the caller may do, and the parts asked for, all as of one
moment. Each part is what the address of its own answers."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, refs
from app.core.actor import Actor
from app.dossiers.schemas import Part, ProjectPage
from app.five_ones import due, plans
from app.five_ones import service as five_ones
from app.leads import service as leads
from app.leads.models import Lead
from app.lists import deals
from app.lists.deal_schemas import DealQuery
from app.lists.projects import clock_of
from app.lists.schemas import Clock
from app.pipeline import service as pipeline
from app.pipeline import ways
from app.projects import amounts, contacts, evidence
from app.projects import service as projects
from app.projects.models import Project
from app.rights import projects as rights

_MOST_DEALS = 200


async def _deals(session: AsyncSession, actor: Actor, project_id: UUID) -> Any:
    query = DealQuery.model_validate({"project_id": str(project_id), "limit": _MOST_DEALS})
    return (await deals.find(session, actor, query)).items


async def _milestones(session: AsyncSession, _actor: Actor, project_id: UUID) -> Any:
    plan = await plans.current(session, project_id)
    return [] if plan is None else plan.milestones


async def _clock(session: AsyncSession, _actor: Actor, project_id: UUID) -> Any:
    project = await session.get_one(Project, project_id)
    ends = await due.limit_ends(session, [project])
    values = clock_of(ends[project_id], await clock.today(session))
    return None if values is None else Clock.model_validate(values)


_READ: dict[Part, Callable[[AsyncSession, Actor, UUID], Awaitable[Any]]] = {
    Part.clock: _clock,
    Part.five_ones: five_ones.get,
    Part.gates: lambda session, actor, project_id: ways.gates_of(session, actor, project_id, None, None),
    Part.amounts: lambda session, _actor, project_id: amounts.versions(session, project_id),
    Part.moves: pipeline.list_moves,
    Part.milestones: _milestones,
    Part.deals: _deals,
    Part.evidence: lambda session, _actor, project_id: evidence.of_project(session, project_id),
    Part.contacts: contacts.find,
    Part.plans: lambda session, _actor, project_id: plans.versions(session, project_id),
}


async def of_project(
    session: AsyncSession, actor: Actor, project_id: UUID, parts: Collection[Part] = ()
) -> ProjectPage:
    """Returns the project with what the caller may do and with these parts. Raises NotFound."""
    project = await projects.get(session, actor, project_id)
    may = await rights.may(session, actor, project)
    read = {part.value: await _READ[part](session, actor, project_id) for part in parts}
    lead = await refs.find(session, Lead, project.lead_id, leads.scope(actor))
    parts_read = {part.value: None for part in Part} | read
    return ProjectPage.model_construct(**dict(project), may=may, lead=lead, **parts_read)
