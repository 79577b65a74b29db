"""Separation of duties 三重分离: a person who drafted a deal, or edited its draft, does not decide on it. Our default
[R]; an office switches it off with `PUT /api/v1/office-settings/separation`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, bindparam, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import office
from app.core.actor import Actor, ActorKind
from app.core.errors import Forbidden
from app.core.localized import Say
from app.core.office import OfficeSetting
from app.deals.models import Deal, DealKind, DealStatus
from app.events.models import Event
from app.projects.models import Project
from app.projects.moves import MoveKind, ProjectMove


class OfLine(Protocol):
    """A project, or a row with these columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...


class Drafted(NamedTuple):
    """A deal that an actor drafted, or whose draft the actor edited, while the office separates duties."""

    deal_id: UUID
    project_id: UUID
    line_id: UUID
    kind: DealKind
    status: DealStatus
    ended_with: UUID | None
    """The project that was terminated in the act that ended the deal."""

    def binds(self, project: OfLine) -> bool:
        """Whether it is a draft or live deal of the project, its parent or its phases, so that the actor does not
        override a gate of that project."""
        is_of_line = self.project_id in (project.id, project.parent_id) or self.line_id == project.id
        return is_of_line and self.status in (DealStatus.draft, DealStatus.live)

    def ends_with(self, project: OfLine) -> bool:
        """Whether the termination of the project terminates the deal."""
        return self.project_id == project.id and self.status is DealStatus.live

    def moves_with(self, project: OfLine) -> bool:
        """Whether a transfer of the project transfers the deal."""
        return self.ends_with(project) and self.kind is DealKind.formal

    def returns_with(self, project: OfLine) -> bool:
        """Whether the deal ended together with the project, and comes back where that termination is undone."""
        return self.status is DealStatus.terminated and self.ended_with == project.id


_ENDING, _LEAF = aliased(ProjectMove), aliased(Project)
_ENDED_WITH = and_(
    _ENDING.project_id.in_(select(_LEAF.id).where(_LEAF.line_id == Project.line_id).correlate(Project)),
    _ENDING.recorded_at == Deal.ended_at,
    _ENDING.kind == MoveKind.terminate,
)
_IS_OFF = select(OfficeSetting.key).where(OfficeSetting.key == office.SEPARATION, OfficeSetting.value == office.OFF)
is_separated = ~_IS_OFF.exists()
"""The condition that the office separates duties."""
_DRAFTED = (
    select(Deal.id, Deal.project_id, Project.line_id, Deal.kind, Deal.status, _ENDING.project_id.label("ended_with"))
    .join(Project, Project.id == Deal.project_id)
    .outerjoin(_ENDING, _ENDED_WITH)
    .where(is_separated)
)


def drafted_by(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on Deal that the actor drafted it or edited its draft. The edit made by a merge of its
    investor does not count."""
    return _is_by(literal(actor.id))


def _is_by(actor_id: ColumnElement[str]) -> ColumnElement[bool]:
    edits = select(Event.id).where(
        Event.subject_type == "deal",
        Event.subject_id == Deal.id,
        Event.type == "deal.updated",
        Event.actor_id == actor_id,
        Event.data["merged_id"].as_string().is_(None),
    )
    return or_(Deal.drafted_by == actor_id, edits.correlate(Deal).exists())


def has_drafted_on(project: Any) -> ColumnElement[bool]:
    """Returns the condition that the actor with the id `actor_id`, a parameter, drafted a deal of the line of a project
    or edited its draft. `project` has the columns of one: Project itself, or the columns of a subquery."""
    member = aliased(Project)
    deals = select(Deal.id).join(member, member.id == Deal.project_id).where(member.line_id == project.line_id)
    return deals.where(_is_by(bindparam("actor_id", type_=String))).exists()


async def has_drafted(session: AsyncSession, actor: Actor, deal: Deal) -> bool:
    """Returns whether the actor drafted the deal or edited its draft; the system counts as having done so."""
    if actor.kind is ActorKind.system:
        return True
    return await session.scalar(select(Deal.id).where(Deal.id == deal.id, drafted_by(actor))) is not None


async def drafted(session: AsyncSession, actor: Actor, *conditions: ColumnElement[bool]) -> list[Drafted]:
    """Returns the deals on which the actor may not decide, of those where the conditions on Deal and its Project hold,
    in one statement. There are none for the system, or where the office does not separate duties."""
    if actor.kind is ActorKind.system:
        return []
    rows = await session.execute(_DRAFTED.where(drafted_by(actor), *conditions))
    return [Drafted(*row) for row in rows]


_ON_LINES = _DRAFTED.where(
    _is_by(bindparam("actor_id", type_=String)), Project.line_id.in_(bindparam("line_ids", expanding=True))
)


async def drafted_on(session: AsyncSession, actor: Actor, line_ids: Sequence[UUID]) -> list[Drafted]:
    """Returns the deals of these lines on which the actor may not decide, as `drafted`."""
    if actor.kind is ActorKind.system:
        return []
    rows = await session.execute(_ON_LINES, {"actor_id": actor.id, "line_ids": line_ids})
    return [Drafted(*row) for row in rows]


def not_the_drafter() -> Forbidden:
    """Returns the refusal of a submission by whoever neither drafted the deal nor edited its draft."""
    say = Say("由起草或修改过草稿的人送审。", "Whoever drafted or edited the draft submits it.")
    return Forbidden(say, code="not_the_drafter")


def refusal() -> Forbidden:
    """Returns the refusal of a decision on a deal that the actor drafted."""
    say = Say(
        "签约由你起草或改过，须由其他人审核、变更、终止或越过门槛。",
        "You drafted this deal or edited its draft: somebody else approves, changes or terminates it, or overrides "
        "its gates.",
    )
    return Forbidden(say, code="drafted_by_you")


async def require_another(session: AsyncSession, actor: Actor, deals: Iterable[Deal]) -> None:
    """Raises Forbidden where the actor drafted one of these deals or edited its draft, if the office separates duties.
    The system actor is exempt."""
    ids = [deal.id for deal in deals]
    if ids and await drafted(session, actor, Deal.id.in_(ids)):
        raise refusal()


async def require_another_on(session: AsyncSession, actor: Actor, project: Project) -> None:
    """As `require_another`, for every draft and live deal of the project, its parent and its phases."""
    if any(deal.binds(project) for deal in await drafted(session, actor, Project.line_id == project.line_id)):
        raise refusal()
