"""Undo 撤销: whoever has just moved, paused or reactivated a project takes that act back, all of its moves at once.

It needs no right of correction and no reason, for it is a slip noticed at once: the same person, within 15 minutes, no
gate overridden, no later move, no deal ended by it. The withdrawal is like any other: the moves stay on record, and
what was known in between stays known.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, Problem, refuse
from app.core.localized import Say
from app.deals.models import Deal, DealStatus
from app.events.models import Event
from app.pipeline import endings, line
from app.projects import moves, refusals
from app.projects import service as projects
from app.projects.models import Project
from app.projects.moves import MoveKind, ProjectMove
from app.projects.refusals import Judged
from app.projects.schemas import ProjectRead

WITHIN = timedelta(minutes=15)
_REASON = "本人当即撤销"
_KINDS = {MoveKind.forward, MoveKind.back, MoveKind.pause, MoveKind.reactivate}


class Latest(NamedTuple):
    """The last move in force of a project, and what of the act that made it decides whether it is undone."""

    owner_id: UUID
    """The project itself."""
    move_id: UUID
    project_id: UUID
    """The project that made the move: the parent, where a phase continues it and has not moved since."""
    kind: MoveKind
    event_id: UUID
    actor_id: str
    is_late: bool
    """Whether the time to undo it is over."""
    is_overridden: bool
    ended_a_deal: bool


def _latest() -> Select[*tuple[Any, ...]]:
    """Selects the last move in force of each of the projects `project_ids`."""
    rank = (
        func.row_number()
        .over(
            partition_by=Project.id,
            order_by=((ProjectMove.project_id == Project.id).desc(), ProjectMove.seq.desc()),
        )
        .label("rank")
    )
    in_force = (
        select(Project.id.label("owner_id"), Project.line_id, ProjectMove.id.label("move_id"), rank)
        .join_from(Project, ProjectMove, moves.is_of_history)
        .where(Project.id.in_(bindparam("project_ids", expanding=True)), ~moves.is_withdrawn())
        .subquery()
    )
    of_act, ended = aliased(ProjectMove), aliased(Deal)
    overridden = select(of_act.id).where(of_act.event_id == ProjectMove.event_id, of_act.override.is_not(None))
    deals_ended = select(ended.id).where(
        ended.project_id.in_([in_force.c.owner_id, in_force.c.line_id]),
        ended.status == DealStatus.terminated,
        ended.ended_at == ProjectMove.recorded_at,
    )
    return (
        select(
            in_force.c.owner_id,
            in_force.c.move_id,
            ProjectMove.project_id,
            ProjectMove.kind,
            ProjectMove.event_id,
            Event.actor_id,
            ProjectMove.recorded_at < bindparam("late_before"),
            overridden.exists(),
            deals_ended.exists(),
        )
        .join_from(in_force, ProjectMove, ProjectMove.id == in_force.c.move_id)
        .join(Event, Event.id == ProjectMove.event_id)
        .where(in_force.c.rank == 1)
    )


_LATEST = _latest()
"""Built once: building it takes longer than running it."""


async def latest(session: AsyncSession, project_ids: Collection[UUID]) -> dict[UUID, Latest]:
    """Returns the last move in force of each project, in one statement."""
    asked = {"project_ids": list(project_ids), "late_before": clock.now(session) - WITHIN}
    return {row.owner_id: Latest(*row) for row in await session.execute(_LATEST, asked)}


def refusal(actor: Actor, project: Judged, last: Latest | None) -> Problem | None:
    """Returns why the latest act on a project is not undone; None where it is."""
    if (parent := refusals.parent(project)) is not None:
        return parent
    if last is None or last.kind not in _KINDS or last.project_id != last.owner_id:
        kind = MoveKind.entry if last is None else last.kind
        return Conflict(
            Say(
                f"最近一次办理是{kind.say.zh}，不能这样撤销。",
                f"The latest act ({kind.say.en}) cannot be undone in this way.",
            ),
            code="not_undoable",
        )
    if last.actor_id != actor.id:
        say = Say("只能撤销自己办理的；他人办理的请更正移动。", "Only your own act is undone; correct the move.")
        return Forbidden(say, code="not_your_act")
    return _left_to_correction(last)


def _left_to_correction(last: Latest) -> Conflict | None:
    if last.is_overridden:
        say = Say(
            "这次办理越过了门槛，须更正移动。", "A gate was overridden in this act; have the move corrected instead."
        )
        return Conflict(say, code="gate_overridden")
    if last.is_late:
        say = Say("已过 15 分钟，须更正移动。", "More than 15 minutes have passed; have the move corrected instead.")
        return Conflict(say, code="too_late_to_undo")
    if last.ended_a_deal:
        say = Say("这次办理同时终止了签约，请更正该签约。", "A deal ended in the same act; correct that deal instead.")
        return Conflict(say, code="ended_a_deal")
    return None


async def undo(session: AsyncSession, actor: Actor, project_id: UUID, version: int) -> ProjectRead:
    """Withdraws the latest act on a project.

    Raises Conflict where it cannot be undone or the 15 minutes are over, Forbidden where another person made it, and
    as `line.held`.
    """
    async with line.held(session, actor, project_id, version) as held:
        last = (await latest(session, [project_id])).get(project_id)
        refuse(refusal(actor, held.project, last))
        assert last is not None
        of_act = set(await session.scalars(select(ProjectMove.id).where(ProjectMove.event_id == last.event_id)))
        undone = [move for move in held.history if move.id in of_act and not move.is_withdrawn]
        await endings.withdraw(held, undone, _REASON, "project.move_withdrawn")
    return await projects.get(session, actor, project_id)
