"""Separation of duties 三重分离: a person who drafted a deal, or edited its draft, does not decide on it. Our default
[R]; an office switches it off with `PUT /api/v1/office-settings/separation`."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import office
from app.core.actor import Actor, ActorKind
from app.core.errors import Forbidden
from app.core.localized import Say
from app.deals.models import Deal, DealStatus
from app.events.models import Event
from app.projects.models import Project


async def require_another(session: AsyncSession, actor: Actor, deals: Iterable[Deal]) -> None:
    """Raises Forbidden where the actor drafted one of these deals or edited its draft, if the office separates duties.
    The system actor is exempt."""
    if actor.kind is ActorKind.system:
        return
    if not await has_drafted(session, actor, list(deals)):
        return
    if await office.is_separated(session):
        say = Say(
            "签约由你起草或改过，须由其他人审核、变更、终止或越过门槛。",
            "You drafted this deal or edited its draft: somebody else approves, changes or terminates it, or overrides "
            "its gates.",
        )
        raise Forbidden(say, code="drafted_by_you")


async def has_drafted(session: AsyncSession, actor: Actor, deals: list[Deal]) -> bool:
    """Returns whether the actor drafted one of these deals or edited its draft."""
    if any(deal.drafted_by == actor.id for deal in deals):
        return True
    edits = _edits(actor).where(Event.subject_id.in_([deal.id for deal in deals]))
    return (await session.scalars(edits.limit(1))).first() is not None


def drafted_by(actor: Actor) -> ColumnElement[bool]:
    """Condition on Deal: the actor drafted it or edited its draft."""
    return or_(Deal.drafted_by == actor.id, _edits(actor).where(Event.subject_id == Deal.id).correlate(Deal).exists())


def _edits(actor: Actor) -> Select[UUID]:
    """Selects the edits of drafts by the actor. The edit made by a merge of its investor does not count."""
    return select(Event.id).where(
        Event.subject_type == "deal",
        Event.type == "deal.updated",
        Event.actor_id == actor.id,
        Event.data["merged_id"].as_string().is_(None),
    )


async def require_another_on(session: AsyncSession, actor: Actor, project: Project) -> None:
    """As `require_another`, for every draft and live deal of the project, its parent and its phases."""
    line = or_(Project.id == project.id, Project.parent_id == project.id)
    if project.parent_id is not None:
        line = or_(line, Project.id == project.parent_id)
    query = select(Deal).where(
        Deal.project_id.in_(select(Project.id).where(line)),
        Deal.status.in_([DealStatus.draft, DealStatus.live]),
    )
    await require_another(session, actor, await session.scalars(query))
