"""Transfers 流转 a project to another unit or task force, with its live deal; and changes its program."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import plain
from app.deals import facts, separation
from app.deals.models import DealStatus
from app.events import service as events
from app.five_ones import due
from app.organizations import service as organizations
from app.pipeline import gate_facts, gates, line
from app.pipeline.schemas import ProgramChange, TransferCreate
from app.projects import giver_and_taker, placements, refusals
from app.projects import service as projects
from app.projects.gate_results import pass_gates
from app.projects.models import Project
from app.projects.schemas import ProjectRead
from app.taskforces import service as taskforces


async def transfer(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: TransferCreate
) -> ProjectRead:
    """Gives a project to another unit or task force, from the day on which somebody decided so (`ruled_on`).

    For each formal deal live on that day the ledger gets two entries: one takes the deal from the old place, the other
    gives it to the new one.

    Raises Forbidden, NotFound or Stale, Conflict for an ended project, Invalid for a wrong field, LedgerRefused where
    a live deal may not be transferred on that day.
    """
    giver_and_taker.require_ruling(actor)
    async with line.held(session, actor, project_id, version) as held:
        project = held.project
        refuse(refusals.ended(project))
        formal = held.own_deals
        unit_id = body.unit_id if "unit_id" in body.model_fields_set else project.unit_id
        task_force_id = body.task_force_id if "task_force_id" in body.model_fields_set else project.task_force_id
        await _check(session, project, body, unit_id, task_force_id)
        changes = {
            "unit_id": [project.unit_id, unit_id],
            "task_force_id": [project.task_force_id, task_force_id],
        }
        ruled = {name: after for name, (before, after) in changes.items() if after != before}
        for deal in formal:
            if deal.status is DealStatus.live:
                await facts.require_transferable(session, deal, body.ruled_on)
        wanted = (await placements.series(session, project_id)).ruled(body.ruled_on, **ruled)
        moved = [deal for deal in formal if facts.restatement(await facts.in_force(session, deal), wanted)]
        await separation.require_another(session, actor, moved)
        placements.assign(project, wanted)
        data = {
            **body.model_dump(mode="json", include={"ruled_on", "document", "reason"}),
            "changes": plain(changes),
        }
        event_id = await events.record(session, actor, "project.transferred", project, data, project_id=project_id)
        await placements.write(session, project, wanted, event_id)
        ruling = {"document": body.document, "reason": body.reason}
        for deal in formal:
            # A deal terminated since may have been live on the day of the ruling.
            if deal.status is DealStatus.live or deal in moved:
                deal_event = await events.record(session, actor, "deal.transferred", deal, data, project_id=project_id)
                await facts.follow_project(session, actor, deal, deal_event, body.reason, ruling=ruling)
    # The actor sees the result even where the project left its scope, but not phases out of its scope.
    return await projects.read(session, project_id, phases=projects.scope(actor))


async def _check(
    session: AsyncSession,
    project: Project,
    body: TransferCreate,
    unit_id: UUID | None,
    task_force_id: UUID | None,
) -> None:
    """Raises Invalid where nothing changes, or the unit, task force or day is wrong."""
    if unit_id is None:
        raise Invalid.field("/unit_id", "missing", Say("项目须有承接单位。", "A project has a unit in charge."))
    if (unit_id, task_force_id) == (project.unit_id, project.task_force_id):
        raise Invalid.field("/unit_id", "unchanged", Say("已在此单位和专班。", "It is there already."))
    if unit_id != project.unit_id:
        await organizations.require_units(session, {unit_id}, "/unit_id", on=body.ruled_on)
    if task_force_id != project.task_force_id:
        await taskforces.require(session, task_force_id, "/task_force_id")
    await _check_effective(session, project, body.ruled_on, "/ruled_on")


async def _check_effective(session: AsyncSession, project: Project, day: date, pointer: str) -> None:
    """Raises Invalid where the day is after today, or before the last day for which a placement was stated."""
    today = await clock.today(session)
    latest = (await placements.series(session, project.id)).last_stated
    if not latest <= day <= today:
        raise Invalid.field(
            pointer,
            "out_of_range",
            Say(
                f"应在 {latest}（最近一次变动）与业务日 {today} 之间；更早的请更正那一次。",
                f"Between {latest}, the last change, and the business day {today}; correct that change for an earlier.",
            ),
        )


async def change_program(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: ProgramChange
) -> ProjectRead:
    """Changes the program of a project. Every gate of the new program up to the present stage must be met.

    Raises GatesUnmet, Forbidden, NotFound or Stale, Conflict for a parent, a project not active or a stage outside the
    program, Invalid for the program or the day.
    """
    giver_and_taker.require_ruling(actor)
    async with line.held(session, actor, project_id, version) as held:
        project, table = held.project, held.table
        refuse(refusals.active_leaf(project))
        if body.program is project.program:
            raise Invalid.field("/program", "unchanged", Say("已是此类项目。", "It is of that program already."))
        await _check_effective(session, project, body.effective_on, "/effective_on")
        if not table.stage(project.stage).applies_to(body.program):
            raise Conflict(
                Say(
                    f"{body.program.say.zh}不走当前阶段。",
                    f"Program {body.program.say.en} does not walk the present stage.",
                ),
                code="stage_not_walked",
            )
        before = project.program
        wanted = (await placements.series(session, project_id)).ruled(body.effective_on, program=body.program)
        placements.assign(project, wanted)
        here = table.stage(project.stage).position
        stages = [stage.code for stage in table.walk(body.program) if stage.position <= here and not stage.is_skippable]
        today = await clock.today(session)
        loaded = await gate_facts.load(session, actor, project, today, table, held.history, from_entry=True)
        overridden = pass_gates(actor, gates.evaluate(table, loaded, stages), body.override)
        if overridden:
            await separation.require_another_on(session, actor, project)
        data = {
            "changes": {"program": [before, body.program]},
            "effective_on": body.effective_on,
            "reason": body.reason,
            "override": plain(body.override) if overridden else None,
        }
        event_id = await events.record(session, actor, "project.program_changed", project, data, project_id=project_id)
        await placements.write(session, project, wanted, event_id)
        await due.refresh(session, [project_id])
    return await projects.get(session, actor, project_id)
