"""Enters, moves, pauses and reactivates projects. Endings, corrections, transfers and phases have their own files."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, refs
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound, refuse
from app.core.ids import new_id
from app.core.localized import Say
from app.core.records import plain
from app.core.refs import Ref
from app.deals import separation
from app.enterprises import service as enterprises
from app.leads import duplicates, likeness
from app.leads.schemas import Candidate
from app.organizations import service as organizations
from app.organizations.models import Official
from app.pipeline import editing, gate_facts, gates, line, move_writer, refusals, ways
from app.pipeline.line import Line
from app.pipeline.move_writer import Grounds, Step
from app.pipeline.schemas import (
    MoveCreate,
    MoveRead,
    PauseCreate,
    ProjectEnter,
    ProjectRegistered,
    ReactivationCreate,
)
from app.projects import giver_and_taker, moves
from app.projects import refusals as project_refusals
from app.projects import service as projects
from app.projects.gate_results import Override, pass_gates
from app.projects.giver_and_taker import NOBODY, Holder
from app.projects.models import Project, Status
from app.projects.moves import Move, MoveKind, ProjectMove
from app.projects.schemas import ProjectFields, ProjectRead
from app.projects.stages import SCREENED, Pipeline, Strictness, pipeline
from app.taskforces import service as taskforces


async def enter(session: AsyncSession, actor: Actor, body: ProjectEnter) -> ProjectRegistered:
    """Enters a new project at `screened`. Returns it with possible duplicates.

    Raises DuplicatesFound, GatesUnmet with the missing gates, Forbidden, Invalid.
    """
    project, warnings = await make(session, actor, body)
    return editing.registered(await projects.get(session, actor, project.id), warnings)


async def make(
    session: AsyncSession, actor: Actor, body: ProjectEnter, *, is_illustrative: bool = False
) -> tuple[Project, list[Candidate]]:
    """As `enter`, but returns the project row and the possible duplicates, for callers inside the service."""
    on = body.entered_on or await clock.today(session)
    await clock.refuse_future(session, on, "/entered_on")
    taker = Holder(body.unit_id, body.task_force_id)
    giver_and_taker.require(actor, NOBODY, taker)
    if body.override is not None:
        giver_and_taker.require_somebody(actor, taker)
    if body.unit_id is not None:
        await organizations.require_units(session, {body.unit_id}, "/unit_id")
    await taskforces.require(session, body.task_force_id, "/task_force_id")
    await enterprises.hold(session, body.investor_id)
    project, event_id = await projects.create(
        session,
        actor,
        ProjectFields.model_validate({name: getattr(body, name) for name in ProjectFields.model_fields}),
        stage=SCREENED,
        on=on,
        event="project.entered",
        program=body.program,
        unit_id=body.unit_id,
        task_force_id=body.task_force_id,
        direct_entry_reason=body.direct_entry_reason,
        duplicate_ruling=body.duplicate_ruling,
        is_illustrative=is_illustrative,
    )
    return project, await begin(session, actor, project, on, event_id, body.override)


async def begin(
    session: AsyncSession, actor: Actor, project: Project, on: date, event_id: UUID, override: Override | None
) -> list[Candidate]:
    """Passes a new project through the gates of its first stage and writes its entry. Returns possible duplicates."""
    candidate = likeness.of_project(project)
    warnings = await duplicates.settle(session, actor, candidate, project.duplicate_ruling, event_id)
    table = await pipeline(session)
    facts = await gate_facts.load(session, actor, project, on, table, [], is_new=True)
    overridden = pass_gates(actor, gates.evaluate(table, facts, [project.stage]), override)
    await write_entry(session, project, on, event_id, plain(override) if overridden else None)
    return warnings


async def write_entry(
    session: AsyncSession, project: Project, on: date, event_id: UUID, override: dict[str, Any] | None
) -> None:
    """Writes the first move of a project, under the event that created it."""
    entry = Move(
        id=new_id(),
        project_id=project.id,
        seq=1,
        kind=MoveKind.entry,
        from_stage=None,
        to_stage=project.stage,
        from_status=None,
        to_status=Status.active,
        happened_on=on,
        is_withdrawn=False,
        is_catch_up=False,
        expected_on=None,
    )
    await move_writer.write(session, [entry], Grounds(override=override, reason=project.direct_entry_reason), event_id)
    await line.refresh_after_move(session, project)


def _require_stage_of_program(table: Pipeline, project: Project, to: str) -> None:
    """Raises Invalid where there is no such stage, or the project's program does not pass through it."""
    gates.require_stage(table, to, "/to")
    if not table.stage(to).applies_to(project.program):
        raise Invalid.field(
            "/to",
            "stage_not_walked",
            Say(
                f"{project.program.say.zh}项目不走这个阶段。",
                f"A project of program {project.program.say.en} does not walk this stage.",
            ),
        )


async def move(session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: MoveCreate) -> ProjectRead:
    """Moves a project forward through the gates, or one stage back with a reason.

    Whoever decides on the project may do so; to override a gate takes `override_gates` and another person than drafted
    its deal, to move back takes `move_back`. Raises GatesUnmet, Conflict, Invalid, and as `line.held`.
    """
    await advance(session, actor, project_id, version, body)
    return await projects.get(session, actor, project_id)


async def advance(session: AsyncSession, actor: Actor, project_id: UUID, version: int | None, body: MoveCreate) -> None:
    """As `move`, but returns nothing, for callers inside the service. They pass None where they read no version."""
    async with line.held(session, actor, project_id, version) as held:
        refuse(project_refusals.active_leaf(held.project))
        _require_stage_of_program(held.table, held.project, body.to)
        await move_writer.check_day(session, held.project, body.happened_on, held.history)
        await move_writer.check_authority(session, body.authority)
        refuse(refusals.standing_at(held.project, body.to))
        here, there = held.table.stage(held.project.stage).position, held.table.stage(body.to).position
        await (_forward(held, body) if there > here else _back(held, body))


async def _forward(held: Line, body: MoveCreate) -> None:
    session, actor, project, table = held.session, held.actor, held.project, held.table
    stages = ways.path(table, project, body.to)
    if len(stages) > 1 and not body.catch_up:
        raise Conflict(
            Say(
                f"一次只能前进一个阶段；确已发生的请注明补录（catch_up），将经过：{'、'.join(stages)}。",
                f"One stage at a time; what has happened already is a catch_up through {', '.join(stages)}.",
            ),
            code="needs_catch_up",
        )
    facts = await gate_facts.load(session, actor, project, body.happened_on, table, held.history)
    judged = gates.evaluate(table, facts, stages)
    overridden = pass_gates(actor, judged, body.override)
    if overridden:
        await separation.require_another_on(session, actor, project)
    override = plain(body.override) if overridden else None
    steps = [Step(MoveKind.forward, stage, Status.active, body.happened_on) for stage in stages]
    data = {
        "to": body.to,
        "happened_on": body.happened_on,
        "catch_up": body.catch_up,
        "reason": body.reason,
        "override": override,
        "warnings": [gate.code for gate in judged if not gate.is_met and gate.strictness is Strictness.warn],
    }
    grounds = Grounds(
        reason=body.reason,
        authority=body.authority,
        override=override,
        is_catch_up=body.catch_up and len(stages) > 1,
    )
    await move_writer.make(held, steps, grounds, "project.moved", data)


async def _back(held: Line, body: MoveCreate) -> None:
    refuse(refusals.back(held.actor, held.project, held.table))
    if body.override is not None:
        raise Invalid.field("/override", "needless_override", Say("回退不看门槛。", "Moving back passes no gates."))
    if body.to != ways.previous(held.history, held.table, held.project):
        raise refusals.not_the_stage_before()
    if body.reason is None:
        raise Invalid.field("/reason", "missing", Say("回退须写明理由。", "Moving back wants a reason."))
    steps = [Step(MoveKind.back, body.to, Status.active, body.happened_on)]
    data = {"to": body.to, "happened_on": body.happened_on, "reason": body.reason}
    grounds = Grounds(reason=body.reason, authority=body.authority)
    await move_writer.make(held, steps, grounds, "project.moved_back", data)


async def pause(session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: PauseCreate) -> ProjectRead:
    """Pauses a project at any stage: its limits stop running. Needs a reason and the day it is expected to resume.

    Raises Conflict for a parent or a project not active, Invalid for a wrong day, and as `line.held`.
    """
    async with line.held(session, actor, project_id, version) as held:
        refuse(project_refusals.active_leaf(held.project))
        await move_writer.check_day(session, held.project, body.happened_on, held.history)
        await move_writer.check_authority(session, body.authority)
        if body.resume_expected_on < body.happened_on:
            raise Invalid.field(
                "/resume_expected_on", "before_pause", Say("预计恢复日不能早于暂缓日。", "Not before the pause.")
            )
        steps = [Step(MoveKind.pause, held.project.stage, Status.paused, body.happened_on)]
        grounds = Grounds(reason=body.reason, expected_on=body.resume_expected_on, authority=body.authority)
        data = body.model_dump(mode="json", exclude_none=True)
        await move_writer.make(held, steps, grounds, "project.paused", data)
    return await projects.get(session, actor, project_id)


async def reactivate(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: ReactivationCreate
) -> ProjectRead:
    """Reactivates a paused project at the same stage. Raises Conflict where it is not paused, Invalid for a wrong day,
    and as `line.held`."""
    async with line.held(session, actor, project_id, version) as held:
        refuse(refusals.reactivate(held.project))
        await move_writer.check_day(session, held.project, body.happened_on, held.history)
        steps = [Step(MoveKind.reactivate, held.project.stage, Status.active, body.happened_on)]
        data = body.model_dump(mode="json", exclude_none=True)
        await move_writer.make(held, steps, Grounds(reason=body.reason), "project.reactivated", data)
    return await projects.get(session, actor, project_id)


async def list_moves(session: AsyncSession, actor: Actor, project_id: UUID) -> list[MoveRead]:
    """Returns all moves in the order they were made, each with the day in force. Raises NotFound."""
    visible_ids = set(
        await session.scalars(projects.visible_to(actor).where(Project.line_id.in_(_line_of(project_id))))
    )
    if project_id not in visible_ids:
        raise NotFound.of(projects.PROJECT)
    history = await moves.history_of(session, project_id)
    rows = {
        row.id: row
        for row in await session.scalars(select(ProjectMove).where(ProjectMove.id.in_([move.id for move in history])))
    }
    columns = [name for name in MoveRead.model_fields if name not in {"happened_on", "is_withdrawn", *_GROUNDS}]
    officials = await _officials(session, rows.values())
    return [
        MoveRead(
            **{name: getattr(rows[move.id], name) for name in columns},
            **(_grounds(rows[move.id], officials) if move.project_id in visible_ids else dict.fromkeys(_GROUNDS)),
            happened_on=move.happened_on,
            is_withdrawn=move.is_withdrawn,
        )
        for move in history
    ]


async def _officials(session: AsyncSession, rows: Collection[ProjectMove]) -> dict[str, Ref]:
    """Returns the officials whose decisions the moves name, by id."""
    ids = {UUID(row.authority["official_id"]) for row in rows if row.authority is not None}
    if not ids:
        return {}
    return {str(row.id): refs.of(row) for row in await session.scalars(select(Official).where(Official.id.in_(ids)))}


def _grounds(row: ProjectMove, officials: dict[str, Ref]) -> dict[str, Any]:
    authority = row.authority
    if authority is not None:
        authority = {**authority, "official": officials[authority["official_id"]]}
    return {"reason": row.reason, "authority": authority, "override": row.override}


_GROUNDS = frozenset({"reason", "authority", "override"})
"""The fields of a parent's move that a phase shows only to those who see the parent."""


def _line_of(project_id: UUID) -> Select[UUID]:
    """Selects the id of the project's line."""
    return select(Project.line_id).where(Project.id == project_id)
