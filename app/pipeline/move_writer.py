"""Writes moves. Stage and status are always computed from the moves in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.localized import Say
from app.events import service as events
from app.organizations import service as organizations
from app.pipeline.line import Line
from app.pipeline.schemas import Authority
from app.projects import moves, phase_links
from app.projects.models import PhaseLink, Project, Status, TerminationReason
from app.projects.moves import Move, MoveKind, ProjectMove


@dataclass(frozen=True, slots=True)
class Step:
    """A move about to be made."""

    kind: MoveKind
    to_stage: str
    to_status: Status
    happened_on: date


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all steps of one act have in common: reason, decision, override."""

    reason: str | None = None
    reason_code: TerminationReason | None = None
    expected_on: date | None = None
    authority: Authority | None = None
    override: dict[str, Any] | None = None
    is_catch_up: bool = False


async def phase_from(session: AsyncSession, project: Project) -> date | None:
    """Returns the day from which a phase is one, for a parent the day of its first phase; None for neither."""
    of_phase = PhaseLink.project_id == project.id
    day: date | None = await session.scalar(
        select(func.min(PhaseLink.effective_on)).where(
            or_(of_phase, PhaseLink.parent_id == project.id), phase_links.in_force()
        )
    )
    return day


async def check_day(session: AsyncSession, project: Project, day: date, history: Sequence[Move]) -> None:
    """Raises Invalid where a day is after today, before the last move in force, or before the phase became one."""
    pointer = "/happened_on"
    phase_on = await phase_from(session, project) if project.parent_id is not None else None
    if phase_on is not None and day < phase_on:
        raise Invalid.field(
            pointer,
            "before_phase",
            Say(f"不能早于分期之日 {phase_on}。", f"Not before {phase_on}, the day it became a phase."),
        )
    await clock.refuse_future(session, day, pointer)
    last = moves.last_day(history)
    if last is not None and day < last:
        raise Invalid.field(
            pointer,
            "before_last_move",
            Say(
                f"不能早于上一次移动的 {last}；补录有误请更正该次移动。",
                f"Not before the last move on {last}; correct that move.",
            ),
        )


async def check_authority(session: AsyncSession, authority: Authority | None) -> None:
    """Raises Invalid where the official does not exist or the day of the decision is after today."""
    if authority is None:
        return
    await organizations.require_officials(session, {authority.official_id}, "/authority/official_id")
    await clock.refuse_future(session, authority.decided_on, "/authority/decided_on")


async def make(
    line: Line,
    steps: Sequence[Step],
    grounds: Grounds,
    event: str,
    data: dict[str, Any],
    *,
    project: Project | None = None,
) -> UUID:
    """Appends moves to the history of a project of the line, by default the project of the act. Sets its stage and
    status, and raises its version once, with one event. Returns the id of the event."""
    project = project or line.project
    history = await line.history_of(project)
    last = next((move for move in reversed(history) if not move.is_withdrawn), None)
    stage = stage_before = last.to_stage if last else None
    status = last.to_status if last else Status.active if history else None
    added = []
    seq = max((move.seq for move in history if move.project_id == project.id), default=0)
    for step in steps:
        seq += 1
        added.append(
            Move(
                id=new_id(),
                project_id=project.id,
                seq=seq,
                kind=step.kind,
                from_stage=stage,
                to_stage=step.to_stage,
                from_status=status,
                to_status=step.to_status,
                happened_on=step.happened_on,
                is_withdrawn=False,
                is_catch_up=grounds.is_catch_up,
                expected_on=grounds.expected_on,
            )
        )
        stage, status = step.to_stage, step.to_status
    line.assign(project, [*history, *added])
    data = {
        **data,
        "changes": {
            "stage": [stage_before, project.stage],
            "status": [last.to_status.value if last else None, project.status.value],
        },
        "moves": [move.id for move in added],
    }
    event_id = await events.record(line.session, line.actor, event, project, data, project_id=project.id)
    await write(line.session, added, grounds, event_id)
    line.mark_moved(project, event_id)
    return event_id


async def write(session: AsyncSession, added: Sequence[Move], grounds: Grounds, event_id: UUID) -> None:
    """Inserts the rows of these moves; the caller has recorded the event."""
    recorded_at = await knowledge.take(session)
    authority = grounds.authority.model_dump(mode="json") if grounds.authority else None
    for move in added:
        session.add(
            ProjectMove(
                id=move.id,
                project_id=move.project_id,
                seq=move.seq,
                kind=move.kind,
                from_stage=move.from_stage,
                to_stage=move.to_stage,
                from_status=move.from_status,
                to_status=move.to_status,
                happened_on=move.happened_on,
                recorded_at=recorded_at,
                is_catch_up=move.is_catch_up,
                reason=grounds.reason,
                reason_code=grounds.reason_code if move.kind is MoveKind.terminate else None,
                expected_on=move.expected_on,
                authority=authority,
                override=grounds.override,
                event_id=event_id,
            )
        )
    await session.flush()
