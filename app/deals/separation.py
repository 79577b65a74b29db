"""Whoever drafted a deal leaves its fate to others (三重分离; our default [R], and an office can switch it off)."""

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import office
from app.core.actor import Actor, ActorKind
from app.core.errors import Forbidden
from app.core.say import Say
from app.deals.models import Deal, DealStatus
from app.projects.models import Project


async def require_another(session: AsyncSession, actor: Actor, deals: Iterable[Deal]) -> None:
    """Raises Forbidden where the actor drafted one of these. The system has no interest in what it drafts."""
    if actor.kind is ActorKind.system or not any(deal.drafted_by == actor.id for deal in deals):
        return
    if await office.is_separated(session):
        say = Say(
            "签约由你起草，须由其他人审核、终止或越过门槛。",
            "You drafted this deal: somebody else approves it, terminates it or overrides its gates.",
        )
        raise Forbidden(say, code="drafted_by_you")


async def require_another_on(session: AsyncSession, actor: Actor, project: Project) -> None:
    """The same for every deal that still counts on the project, its parent or its phases."""
    line = or_(Project.id == project.id, Project.parent_id == project.id)
    if project.parent_id is not None:
        line = or_(line, Project.id == project.parent_id)
    query = select(Deal).where(
        Deal.project_id.in_(select(Project.id).where(line)),
        Deal.status.in_([DealStatus.draft, DealStatus.live]),
        Deal.drafted_by == actor.id,
    )
    await require_another(session, actor, await session.scalars(query))
