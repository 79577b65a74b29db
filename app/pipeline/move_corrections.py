"""Corrects a move recorded wrongly: gives it another day, or withdraws it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Invalid, NotFound, refuse
from app.core.localized import Say
from app.deals import facts, separation
from app.deals.models import Deal, DealKind, FactKind
from app.events import service as events
from app.pipeline import endings, gate_facts, gates, line, move_writer, refusals
from app.pipeline.line import Line
from app.pipeline.schemas import MoveCorrectionCreate
from app.projects import moves, placements
from app.projects import service as projects
from app.projects.gate_results import GateRead, unmet
from app.projects.models import Project
from app.projects.moves import Move, MoveCorrection, MoveKind, ProjectMove
from app.projects.schemas import ProjectRead
from app.projects.stages import Strictness

MOVE = Say("移动", "move")


async def correct(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    move_id: UUID,
    version: int,
    body: MoveCorrectionCreate,
) -> ProjectRead:
    """Gives a move another day between its neighbours, or withdraws the latest one, at any stage.

    A catch-up made several moves on one day: they are corrected one by one, the last first. Raises NotFound for a move
    not in force, Conflict for one that cannot be withdrawn, Invalid for a wrong day, GatesUnmet where an earlier day
    does not meet the gates.
    """
    actor.require(Permission.correct)
    if (body.happened_on is None) != body.withdraw:
        raise Invalid.field(
            "/happened_on",
            "day_or_withdraw",
            Say("改日期或撤回，填且只填一项。", "Give another day or withdraw, one of the two."),
        )
    async with line.held(session, actor, project_id, version) as held:
        await _refuse_continued(session, held.project)
        in_force = [move for move in held.history if not move.is_withdrawn]
        index = next((i for i, move in enumerate(in_force) if move.id == move_id), None)
        if index is None:
            raise NotFound.of(MOVE)
        if body.withdraw:
            _refuse_withdrawal(in_force, index)
            await endings.withdraw(held, [in_force[index]], body.reason, "project.move_withdrawn")
        else:
            await _redate(held, in_force, index, body)
    return await projects.get(session, actor, project_id)


async def _refuse_continued(session: AsyncSession, project: Project) -> None:
    """Raises Conflict where a phase continues the project: its moves belong to that phase and are corrected there."""
    continuing = select(Project.id).where(Project.parent_id == project.id, Project.continues_parent)
    refuse(refusals.correct_move(is_continued=await session.scalar(continuing) is not None))


def _refuse_withdrawal(in_force: list[Move], index: int) -> None:
    """Raises Conflict unless the move is the latest one, and neither a merge nor the entry."""
    if index != len(in_force) - 1:
        raise Conflict(Say("只能撤回最近一次移动。", "Only the latest move is withdrawn."), code="not_the_latest_move")
    if in_force[index].kind is MoveKind.merge:
        raise Conflict(
            Say(
                "并入不能撤销：签约和名单已转到并入的项目；确需分开请重新登记。",
                "A merge is not undone: its deals and lists have gone over. Register the project anew instead.",
            ),
            code="merge_stays",
        )
    if in_force[index].kind is MoveKind.entry:
        raise Conflict(
            Say(
                "入库不能撤回；误录的项目请终止。",
                "The entry is not withdrawn; terminate a project entered by mistake.",
            ),
            code="entry_stays",
        )


async def _redate(held: Line, in_force: list[Move], index: int, body: MoveCorrectionCreate) -> None:
    session, actor, project = held.session, held.actor, held.project
    day = body.happened_on
    assert day is not None
    move = in_force[index]
    earliest, latest = await _bounds(session, project, in_force, index)
    if not earliest <= day <= latest:
        raise Invalid.field(
            "/happened_on",
            "not_between_neighbours",
            Say(
                f"应在前后移动 {earliest} 与 {latest} 之间。",
                f"Between its neighbours, {earliest} and {latest}.",
            ),
        )
    if day < move.happened_on and move.kind is MoveKind.forward:
        await _require_gates_on(held, move, day)
    ended_deals = await endings.deals_ended_by(session, project, move) if move.kind is MoveKind.terminate else []
    held.assign(project, moves.redated(held.history, move.id, day))
    data = {
        "move_id": move.id,
        "to": move.to_stage,
        "reason": body.reason,
        "changes": {"happened_on": [move.happened_on, day]},
    }
    event_id = await events.record(session, actor, "project.move_corrected", project, data, project_id=project.id)
    session.add(
        MoveCorrection(
            move_id=move.id,
            happened_on=day,
            is_withdrawn=False,
            reason=body.reason,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
        )
    )
    await session.flush()
    if move.kind is MoveKind.entry and move.project_id == project.id:
        series = await placements.series(session, project.id)
        await placements.write(session, project, series.beginning(day), event_id)
    for deal in ended_deals:
        await _redate_ending(session, actor, deal, move.happened_on, day, body.reason)
    held.mark_moved(project, event_id)


async def _require_gates_on(held: Line, move: Move, day: date) -> None:
    """Raises GatesUnmet where a gate of the stage is met on the day on record but not on the new, earlier day."""
    session = held.session

    async def unmet_on(on: date) -> list[GateRead]:
        loaded = await gate_facts.load(session, held.actor, held.project, on, held.table, held.history)
        judged = gates.evaluate(held.table, loaded, [move.to_stage])
        return [gate for gate in judged if not gate.is_met and gate.strictness is Strictness.block]

    before = {gate.code for gate in await unmet_on(move.happened_on)}
    overridden = await session.scalar(select(ProjectMove.override).where(ProjectMove.id == move.id)) or {}
    newly = [gate for gate in await unmet_on(day) if gate.code not in before | set(overridden.get("gates", []))]
    if newly:
        # A later day would be given in this correction, not in a new move.
        raise unmet([gate.model_copy(update={"acts": []}) for gate in newly])


async def _bounds(session: AsyncSession, project: Project, in_force: list[Move], index: int) -> tuple[date, date]:
    """Returns the earliest and the latest day for a move: those of its neighbours (the latest: today).

    A move of a parent is not after the day of its first phase; a move of a phase is not before it became one.
    """
    earliest = in_force[index - 1].happened_on if index else clock.EARLIEST_DAY
    latest = in_force[index + 1].happened_on if index + 1 < len(in_force) else await clock.today(session)
    phase_on = await move_writer.phase_from(session, project)
    if phase_on is not None:
        if project.is_parent or in_force[index].project_id != project.id:
            latest = min(latest, phase_on)
        else:
            earliest = max(earliest, phase_on)
    return earliest, latest


async def _redate_ending(session: AsyncSession, actor: Actor, deal: Deal, was_on: date, day: date, reason: str) -> None:
    """Moves the termination of a deal that ended with its project to the right day."""
    if deal.ended_on != was_on:
        return
    deal.ended_on = day
    data = {"reason": reason, "changes": {"ended_on": [was_on, day]}}
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=deal.project_id)
    if deal.kind is DealKind.formal:
        ending = next(row for row in await facts.in_force(session, deal) if row.kind is FactKind.termination)
        await facts.correct(session, actor, deal, ending, event_id, reason, effective_on=day)
        await facts.follow_project(session, actor, deal, event_id, reason)
    else:
        await separation.require_another(session, actor, [deal])
