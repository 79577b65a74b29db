"""Undo 撤销: whoever has just moved, paused or reactivated a project takes that act back, all of its moves at once.

It needs no right of correction and no reason, for it is a slip noticed at once: the same person, within 15 minutes, no
gate overridden, no later move, no deal ended by it. The withdrawal is like any other: the moves stay on record, and
what was known in between stays known.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden, refuse
from app.core.localized import Say
from app.events.models import Event
from app.pipeline import endings, line
from app.pipeline.line import Line
from app.projects import refusals
from app.projects import service as projects
from app.projects.moves import Move, MoveKind, ProjectMove
from app.projects.schemas import ProjectRead

WITHIN = timedelta(minutes=15)
_REASON = "本人当即撤销"
_KINDS = {MoveKind.forward, MoveKind.back, MoveKind.pause, MoveKind.reactivate}


class _Act(NamedTuple):
    """The latest act on a project: its moves, who made it and when."""

    moves: list[Move]
    actor_id: str
    recorded_at: datetime
    is_overridden: bool


async def undo(session: AsyncSession, actor: Actor, project_id: UUID, version: int) -> ProjectRead:
    """Withdraws the latest act on a project.

    Raises Conflict where it cannot be undone or the 15 minutes are over, Forbidden where another person made it, and
    as `line.held`.
    """
    async with line.held(session, actor, project_id, version) as held:
        refuse(refusals.parent(held.project))
        act = await _latest(session, held)
        _require_own(act, actor, clock.now(session))
        if await endings.deals_ended_by(session, held.project, act.moves[-1]):
            say = Say(
                "这次办理同时终止了签约，请更正该签约。", "A deal ended in the same act; correct that deal instead."
            )
            raise Conflict(say, code="ended_a_deal")
        await endings.withdraw(held, act.moves, _REASON, "project.move_withdrawn")
    return await projects.get(session, actor, project_id)


async def _latest(session: AsyncSession, held: Line) -> _Act:
    """Returns the act that made the last move in force. Raises Conflict where that move is none that can be undone."""
    in_force = [move for move in held.history if not move.is_withdrawn]
    last = in_force[-1]
    if last.kind not in _KINDS or last.project_id != held.project.id:
        say = Say(
            f"最近一次办理是{last.kind.say.zh}，不能这样撤销。",
            f"The latest act ({last.kind.say.en}) cannot be undone in this way.",
        )
        raise Conflict(say, code="not_undoable")
    columns: Any = (ProjectMove.id, ProjectMove.recorded_at, ProjectMove.override, Event.actor_id)
    of_act = select(ProjectMove.event_id).where(ProjectMove.id == last.id).scalar_subquery()
    query = select(*columns).join(Event, Event.id == ProjectMove.event_id).where(ProjectMove.event_id == of_act)
    rows = {row.id: row for row in await session.execute(query)}
    made = rows[last.id]
    moves = [move for move in in_force if move.id in rows]
    is_overridden = any(row.override is not None for row in rows.values())
    return _Act(moves, made.actor_id, made.recorded_at, is_overridden)


def _require_own(act: _Act, actor: Actor, now: datetime) -> None:
    """Raises Forbidden where another person made the act, Conflict where a gate was overridden in it or the time is
    over."""
    if act.actor_id != actor.id:
        say = Say("只能撤销自己办理的；他人办理的请更正移动。", "Only your own act is undone; correct the move.")
        raise Forbidden(say, code="not_your_act")
    if act.is_overridden:
        say = Say(
            "这次办理越过了门槛，须更正移动。", "A gate was overridden in this act; have the move corrected instead."
        )
        raise Conflict(say, code="gate_overridden")
    if now - act.recorded_at > WITHIN:
        say = Say("已过 15 分钟，须更正移动。", "More than 15 minutes have passed; have the move corrected instead.")
        raise Conflict(say, code="too_late_to_undo")
