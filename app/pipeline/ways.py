"""Where a project may go: its gates, the moves that are open, and what each stage would say to it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.acts import Reason, reason
from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.localized import Say
from app.pipeline import gate_facts, gates, refusals
from app.pipeline.acts import ACTS, Case
from app.pipeline.gate_facts import Facts
from app.pipeline.schemas import GatesRead, OpenMove, Target, TargetKind, TargetsRead, UnmetGate
from app.projects import moves
from app.projects import refusals as project_refusals
from app.projects import service as projects
from app.projects.gate_results import GateRead
from app.projects.models import Project
from app.projects.moves import Move, MoveKind
from app.projects.refusals import Judged
from app.projects.stages import STARTED, Pipeline, Stage, Strictness, pipeline


def path(table: Pipeline, project: Judged, to: str) -> list[str]:
    """Returns the stages that a forward move enters; a skippable one only where it is the target."""
    between = table.between(project.program, project.stage, to)
    return [stage.code for stage in between if not stage.is_skippable or stage.code == to]


def previous(history: list[Move], table: Pipeline, project: Project) -> str | None:
    """Returns the stage that a move back leads to: the last one entered before the present one; None if none."""
    entries = moves.entries(history, table.positions)
    here = table.stage(project.stage).position
    below = [stage.code for stage in table.walk(project.program) if stage.position < here and stage.code in entries]
    return below[-1] if below else None


def _case(facts: Facts) -> Case:
    return Case(facts.actor, facts.project, facts.holders, stages=facts.table)


def _open_moves(facts: Facts, history: list[Move]) -> list[OpenMove]:
    project, table, case = facts.project, facts.table, _case(facts)
    if project_refusals.active_leaf(project) is not None:
        return []
    here = table.stage(project.stage).position
    forward = reason(ACTS["move"].refusal(facts.actor, case))
    open_moves = [
        OpenMove(
            kind=MoveKind.forward,
            to=stage.code,
            needs_catch_up=len(path(table, project, stage.code)) > 1,
            refused=forward,
        )
        for stage in table.walk(project.program)
        if stage.position > here
    ]
    back = previous(history, table, project)
    if back is not None and not table.at_least(project.stage, STARTED):
        refused = reason(ACTS["move_back"].refusal(facts.actor, case))
        open_moves.append(OpenMove(kind=MoveKind.back, to=back, needs_catch_up=False, refused=refused))
    return open_moves


async def gates_of(session: AsyncSession, actor: Actor, project_id: UUID, to: str | None, on: date | None) -> GatesRead:
    """Returns the gates up to a stage (the next one by default), judged for a day (today by default). A move back meets
    no gates.

    Raises NotFound, Invalid for an unknown stage or one that the program does not pass through.
    """
    project = await projects.fetch(session, actor, project_id)
    table = await pipeline(session)
    if to is not None:
        if to not in table:
            raise Invalid.field("?to", "unknown_stage", Say("没有这个阶段。", "No such stage."))
        if not table.stage(to).applies_to(project.program):
            raise Invalid.field(
                "?to", "stage_not_walked", Say("本项目不走这个阶段。", "This project does not walk it.")
            )
    history = await moves.history_of(session, project_id)
    here = table.stage(project.stage).position
    ahead = [s for s in table.walk(project.program) if s.position > here and not s.is_skippable]
    target = to or (ahead[0].code if ahead else None)
    stages = path(table, project, target) if target else []
    happened_on = on or await clock.today(session)
    facts = await gate_facts.load(session, actor, project, happened_on, table, history)
    judged: list[GateRead] = gates.evaluate(table, facts, stages)
    is_met = bool(stages) and all(gate.is_met or gate.strictness is Strictness.warn for gate in judged)
    refused = reason(project_refusals.active_leaf(project))
    if target is not None and table.stage(target).position <= here:
        _, refused = _kind(_case(facts), table.stage(target), previous(history, table, project))
        is_met = refused is None
    return GatesRead(
        project_id=project_id,
        version=project.version,
        stage=project.stage,
        status=project.status,
        to=target,
        happened_on=happened_on,
        is_open=refused is None and is_met,
        refused_zh=refused.zh if refused else None,
        refused_en=refused.en if refused else None,
        gates=judged,
        moves=_open_moves(facts, history),
    )


async def targets(session: AsyncSession, actor: Actor, project_id: UUID) -> TargetsRead:
    """Returns for every stage what a move to it today would meet. Raises NotFound.

    Each gate is judged once, however many stages have it before them.
    """
    project = await projects.fetch(session, actor, project_id)
    table, history = await pipeline(session), await moves.history_of(session, project_id)
    facts = await gate_facts.load(session, actor, project, await clock.today(session), table, history)
    here = table.stage(project.stage).position
    ahead = [stage.code for stage in table.walk(project.program) if stage.position > here]
    judged = {code: gates.evaluate(table, facts, [code]) for code in ahead}
    case, back = _case(facts), previous(history, table, project)
    items = [_target(case, stage, judged, back) for stage in table.stages]
    return TargetsRead(version=project.version, stage=project.stage, items=items)


def _target(case: Case, stage: Stage, judged: Mapping[str, Sequence[GateRead]], back: str | None) -> Target:
    project, table = case.project, case.stages
    stages = path(table, project, stage.code) if stage.code in judged else []
    unmet = [gate for code in stages for gate in judged[code] if not gate.is_met]
    kind, refused = _kind(case, stage, back)
    return Target(
        to=stage.code,
        zh=stage.name_zh,
        en=stage.name_en,
        kind=kind,
        needs_catch_up=len(stages) > 1,
        blocks=[UnmetGate.of(gate) for gate in unmet if gate.strictness is Strictness.block],
        warnings=[UnmetGate.of(gate) for gate in unmet if gate.strictness is Strictness.warn],
        refused=refused,
    )


def _kind(case: Case, stage: Stage, back: str | None) -> tuple[TargetKind, Reason | None]:
    """Returns which kind of move leads to a stage, and why it is refused whatever its gates say."""
    project, table = case.project, case.stages
    forward = ACTS["move"].refusal(case.actor, case)
    if not stage.applies_to(project.program):
        return TargetKind.none, reason(forward or _not_walked(project.program.say))
    if stage.code == project.stage:
        return TargetKind.none, reason(forward or refusals.standing_at(project, stage.code))
    if stage.position > table.stage(project.stage).position:
        return TargetKind.forward, reason(forward)
    refused = ACTS["move_back"].refusal(case.actor, case)
    if stage.code == back and not table.at_least(project.stage, STARTED):
        return TargetKind.back, reason(refused)
    return TargetKind.none, reason(refused or refusals.not_the_stage_before())


def _not_walked(program: Say) -> Conflict:
    say = Say(f"{program.zh}项目不走这个阶段。", f"A project of program {program.en} does not walk this stage.")
    return Conflict(say, code="stage_not_walked")
