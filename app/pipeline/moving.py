"""How a move is written down. Stage and status are what the standing moves add up to, and are never set by hand.

Every verb follows the same order: lock the line, lock its deals, judge, append the facts, restate the project from
them, settle the ledger where the landing changed, and last see that «Deal and stage» still holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.core.say import Say
from app.deals import ledger
from app.deals import service as deals
from app.deals.models import Deal, DealKind, DealStatus
from app.events import service as events
from app.five_ones import due
from app.organizations import service as organizations
from app.pipeline.schemas import Authority
from app.projects import moves, phase_links, successors
from app.projects.kept import keep
from app.projects.models import PhaseLink, Project, Status, TerminationReason
from app.projects.moves import Move, MoveKind, ProjectMove
from app.projects.stages import Pipeline, pipeline


@dataclass(frozen=True, slots=True)
class Step:
    """One row of moves about to be made."""

    kind: MoveKind
    to_stage: str
    to_status: Status
    happened_on: date


@dataclass(frozen=True, slots=True)
class Grounds:
    """What every step of one act carries."""

    reason: str | None = None
    reason_code: TerminationReason | None = None
    expected_on: date | None = None
    authority: Authority | None = None
    override: dict[str, Any] | None = None
    is_catch_up: bool = False


@dataclass(slots=True)
class Standing:
    """What moves add up to."""

    stage: str = ""
    stage_since: date | None = None
    status: Status = Status.active
    paused_on: date | None = None
    paused_days: int = 0
    resume_expected_on: date | None = None
    entries: dict[str, date] = field(default_factory=dict)


def standing(history: Sequence[Move], position: dict[str, int]) -> Standing:
    """Fold the moves that were not withdrawn."""
    found = Standing()
    for move in history:
        if move.is_withdrawn:
            continue
        if move.kind is MoveKind.merge and found.stage_since is None:
            # A phase that never was has no entry: its merge into its parent says where it stood.
            found.stage, found.stage_since = move.to_stage, move.happened_on
        if move.kind in (MoveKind.entry, MoveKind.forward, MoveKind.back):
            found.stage, found.stage_since, found.paused_days = move.to_stage, move.happened_on, 0
        if move.kind is MoveKind.reactivate and found.paused_on is not None:
            found.paused_days += (move.happened_on - found.paused_on).days
        if move.to_status is Status.paused:
            found.paused_on = move.happened_on
            found.resume_expected_on = move.expected_on or found.resume_expected_on
        else:
            found.paused_on = found.resume_expected_on = None
        found.status = move.to_status
    found.entries = moves.entries(history, position)
    return found


def positions(table: Pipeline) -> dict[str, int]:
    return {stage.code: stage.position for stage in table.stages}


async def phase_from(session: AsyncSession, project: Project) -> date | None:
    """The day from which a phase is one; for a parent the day of its first phase."""
    own = PhaseLink.project_id == project.id
    day: date | None = await session.scalar(
        select(func.min(PhaseLink.effective_on)).where(or_(own, PhaseLink.parent_id == project.id), phase_links.stand())
    )
    return day


async def check_day(session: AsyncSession, project: Project, day: date, history: Sequence[Move]) -> None:
    """Raises Invalid where a day lies after today, before the last move that stands, or before the phase."""
    pointer = "/happened_on"
    today = await clock.today(session)
    from_on = await phase_from(session, project) if project.parent_id is not None else None
    if from_on is not None and day < from_on:
        raise Invalid.field(
            pointer,
            "before_phase",
            Say(f"不能早于分期之日 {from_on}。", f"Not before {from_on}, the day it became a phase."),
        )
    if day > today:
        raise Invalid.field(
            pointer, "future_day", Say(f"不能晚于业务日 {today}。", f"Not after the business day {today}.")
        )
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
    if authority is None:
        return
    await organizations.require_officials(session, {authority.official_id}, "/authority/official_id")
    if authority.decided_on > await clock.today(session):
        raise Invalid.field(
            "/authority/decided_on", "future_day", Say("不能晚于业务日。", "Not after the business day.")
        )


def refuse_unless_active(project: Project) -> None:
    if project.status is Status.merged:
        raise successors.refusal(project, "project_not_active")
    if project.status is not Status.active:
        raise Conflict(
            Say(
                f"项目{project.status.say.zh}，不能移动。",
                f"The project is {project.status.say.en} and does not move.",
            ),
            code="project_not_active",
        )


async def lock_deals(session: AsyncSession, project: Project) -> Sequence[Deal]:
    """All formal deals whose ledger may depend on this project, locked before the head of knowledge."""
    found = await deals.on_line(session, project, DealStatus.live, DealStatus.terminated, whole=True)
    return [deal for deal in found if deal.kind is DealKind.formal]


async def make(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    history: list[Move],
    steps: Sequence[Step],
    grounds: Grounds,
    event: str,
    data: dict[str, Any],
) -> UUID:
    """Append the steps and restate the project; one rise of its version, one event. Answers the event's id."""
    table = await pipeline(session)
    before = standing(history, positions(table))
    added = []
    stage, status = before.stage or None, before.status if history else None
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
    history += added
    _assign(project, standing(history, positions(table)))
    data = {
        **data,
        "changes": {
            "stage": [before.stage or None, project.stage],
            "status": [before.status.value if before.stage else None, project.status.value],
        },
        "moves": [move.id for move in added],
    }
    event_id = await events.record(session, actor, event, project, data, project_id=project.id)
    await write(session, added, grounds, event_id)
    await restated(session, project, history, event_id)
    return event_id


async def write(session: AsyncSession, added: Sequence[Move], grounds: Grounds, event_id: UUID) -> None:
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


def _assign(project: Project, found: Standing) -> None:
    assert found.stage_since is not None
    project.stage, project.stage_since = found.stage, found.stage_since
    project.status = found.status
    project.paused_on, project.paused_days = found.paused_on, found.paused_days
    project.resume_expected_on = found.resume_expected_on


async def assign(session: AsyncSession, project: Project, history: Sequence[Move]) -> None:
    """Set stage and status of a project from its moves, for a correction; the caller records the event.

    A parent shows its furthest leaf, whatever moves it made while it was one.
    """
    if not project.is_parent:
        _assign(project, standing(history, positions(await pipeline(session))))


async def restated(session: AsyncSession, project: Project, history: Sequence[Move], event_id: UUID) -> None:
    """After the moves of a project changed: kept copies, the ledger's landing, the parent's stage, `due_on`."""
    table = await pipeline(session)
    landed_on = standing(history, positions(table)).entries.get("landed")
    landed_changed = landed_on != project.landed_on
    last_activity_on = (await due.latest_activity(session, [project], {project.id: history}))[project.id]
    if landed_changed or last_activity_on != project.last_activity_on:
        await keep(session, project.id, landed_on=landed_on, last_activity_on=last_activity_on)
    if landed_changed:
        for deal in await lock_deals(session, project):
            await ledger.settle(session, deal, event_id)
    await entered(session, project)


async def entered(session: AsyncSession, project: Project) -> None:
    """After a project was made or moved: the parent's stage, `due_on`."""
    if project.is_parent or project.parent_id is not None:
        await _restate_parent(session, project.line_id, await pipeline(session))
    await due.refresh(session, [project.id])


async def _restate_parent(session: AsyncSession, parent_id: UUID, table: Pipeline) -> None:
    """A parent's stage is shown as that of its furthest leaf."""
    stages = await session.scalars(
        select(Project.stage).where(Project.parent_id == parent_id, Project.status.in_([Status.active, Status.paused]))
    )
    found = sorted(set(stages), key=lambda code: table.stage(code).position)
    if found:
        await keep(session, parent_id, stage=found[-1])


def withdrawn(history: Sequence[Move], move_id: UUID) -> list[Move]:
    return [replace(move, is_withdrawn=True) if move.id == move_id else move for move in history]


def moved_to_day(history: Sequence[Move], move_id: UUID, day: date) -> list[Move]:
    return [replace(move, happened_on=day) if move.id == move_id else move for move in history]
