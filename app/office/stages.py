"""Reads and edits the stage table: names, limits, strictness of gates. The formal-deal gate is fixed."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls import service as controls
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Invalid
from app.core.localized import Say
from app.core.records import locked
from app.events import service as events
from app.five_ones import due
from app.office.schemas import LimitRead, StageGateRead, StageRead, StageSet
from app.pipeline.gates import GATES
from app.projects.models import Project, Status
from app.projects.stages import LimitKind, Pipeline, Stage, StageLimit, Strictness, for_edit, forget, pipeline

STAGE = Say("阶段", "stage")


def _read(table: Pipeline, stage: Stage) -> StageRead:
    return StageRead(
        code=stage.code,
        version=stage.version,
        position=stage.position,
        name_zh=stage.name_zh,
        name_en=stage.name_en,
        for_promotion=stage.for_promotion,
        for_construction=stage.for_construction,
        is_skippable=stage.is_skippable,
        limits=[LimitRead.model_validate(limit) for limit in table.limits(stage.code)],
        gates=[
            StageGateRead(
                code=gate.gate,
                zh=GATES[gate.gate][0].zh,
                en=GATES[gate.gate][0].en,
                strictness=gate.strictness,
                is_fixed=gate.is_fixed,
                for_promotion=gate.for_promotion,
                for_construction=gate.for_construction,
            )
            for gate in table.all_gates(stage.code)
        ],
    )


async def stages(session: AsyncSession) -> list[StageRead]:
    """Returns all stages in order, with limits and gates."""
    table = await pipeline(session)
    return [_read(table, stage) for stage in table.stages]


async def set_stage(
    session: AsyncSession, actor: Actor, code: str, version: int, body: StageSet
) -> StageRead | ControlChange:
    """Replaces names and limits of a stage, changes the strictness of the named gates, and recomputes `due_on` of its
    projects.

    A request that loosens a gate or a limit waits as a whole until another person confirms it: then the waiting change
    is returned. Raises Forbidden, NotFound or Stale, Invalid for a wrong field or where such a request gives no reason,
    Conflict for a fixed gate.
    """
    actor.require(Permission.edit_stages)
    stage, table = await _locked(session, code, version)
    _check_gates(table, code, body)
    limits = _limits(code, body)
    before = _state(table, stage)
    if _loosens(table, code, body):
        reason = controls.require_reason(body.reason)
        asked = body.model_dump(mode="json", exclude={"reason"})
        return await controls.ask(session, actor, ControlKind.stage, code, asked=asked, before=before, reason=reason)
    return await _put(session, actor, stage, table, body, limits, {})


async def _locked(session: AsyncSession, code: str, version: int | None) -> tuple[Stage, Pipeline]:
    """Returns the stage, locked, and the stage table. Locks its projects before, by id, as every verb does."""
    in_stage = select(Project.id).where(Project.stage == code, Project.is_parent.is_(False)).order_by(Project.id)
    await session.execute(in_stage.with_for_update(key_share=True))
    # All stages first, in their order: of two editors who each hold one, either would wait for the other.
    table = await for_edit(session)
    return await locked(session, select(Stage).where(Stage.code == code), version, STAGE), table


def _state(table: Pipeline, stage: Stage) -> dict[str, Any]:
    return _read(table, stage).model_dump(mode="json", include={"name_zh", "name_en", "limits", "gates"})


def _loosens(table: Pipeline, code: str, body: StageSet) -> bool:
    """Returns whether a blocking gate would only warn, or a limit would be longer, of another unit, or removed.

    Days, workdays and months are not compared: which is longer depends on the calendar.
    """
    strictness = {gate.gate: gate.strictness for gate in table.all_gates(code)}
    if any(
        strictness[change.code] is Strictness.block and change.strictness is not Strictness.block
        for change in body.gates
    ):
        return True
    wanted = {limit.kind: limit for limit in body.limits}
    for limit in table.limits(code):
        new = wanted.get(limit.kind)
        if new is None or new.unit is not limit.unit:
            return True
        if limit.amount is not None and (new.amount is None or new.amount > limit.amount):
            return True
    return False


async def present(session: AsyncSession, code: str) -> dict[str, Any]:
    """Returns the present stage, locked, as `ControlChange.before` holds it. Raises NotFound."""
    stage, table = await _locked(session, code, None)
    return _state(table, stage)


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Puts a confirmed change of a stage into effect."""
    stage, table = await _locked(session, change.key, None)
    body = StageSet.model_validate(change.asked)
    await _put(session, actor, stage, table, body, _limits(stage.code, body), event_fields(change))


def _check_gates(table: Pipeline, code: str, body: StageSet) -> None:
    """Raises Invalid for a gate that the stage does not have, Conflict where a fixed gate would be loosened."""
    gates = {gate.gate: gate for gate in table.all_gates(code)}
    for index, change in enumerate(body.gates):
        gate = gates.get(change.code)
        if gate is None:
            raise Invalid.field(
                f"/gates/{index}/code",
                "unknown_gate",
                Say("本阶段没有这道门槛。", "This stage has no such gate."),
            )
        if gate.is_fixed and change.strictness is not Strictness.block:
            raise Conflict(
                Say("“有效投资协议”是固定门槛，不能放宽。", "The formal-deal gate is fixed."),
                code="gate_is_fixed",
            )


async def _put(
    session: AsyncSession,
    actor: Actor,
    stage: Stage,
    table: Pipeline,
    body: StageSet,
    limits: list[StageLimit],
    people: dict[str, str],
) -> StageRead:
    code, before = stage.code, _state(table, stage)
    strictness = {change.code: change.strictness for change in body.gates}
    for gate in table.all_gates(code):
        gate.strictness = strictness.get(gate.gate, gate.strictness)
    stage.name_zh, stage.name_en = body.name_zh, body.name_en
    for row in table.limits(code):
        session.expunge(row)
    await session.execute(delete(StageLimit).where(StageLimit.stage == code))
    session.add_all(limits)
    after = body.model_dump(mode="json", exclude={"reason"})
    await events.record(session, actor, "stage.updated", stage, {"before": before, "after": after, **people})
    forget(session)
    ids = await session.scalars(
        select(Project.id).where(Project.stage == code, Project.status == Status.active, Project.is_parent.is_(False))
    )
    await due.refresh_for_all(session, actor, ids.all(), "stage")
    return _read(await pipeline(session), stage)


def _limits(code: str, body: StageSet) -> list[StageLimit]:
    """Returns the new rows of limits. Raises Invalid where a kind is repeated or amount and unit do not fit it."""
    kinds = [limit.kind for limit in body.limits]
    if len(set(kinds)) != len(kinds):
        raise Invalid.field("/limits", "repeated_value", Say("同一种期限只设一条。", "One limit of a kind."))
    rows = []
    for index, limit in enumerate(body.limits):
        wants = limit.kind is not LimitKind.plan_date
        if wants != (limit.amount is not None) or wants != (limit.unit is not None):
            raise Invalid.field(
                f"/limits/{index}/amount",
                "amount_unless_planned",
                Say("期限须填数量和单位；按计划节点的不填。", "Amount and unit, except for plan_date."),
            )
        rows.append(StageLimit(stage=code, source="O", **limit.model_dump()))
    return rows
