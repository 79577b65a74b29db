"""Reading and editing the stage table: names, limits, strictness. The formal-deal gate is fixed."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Invalid
from app.core.records import locked, plain
from app.core.say import Say
from app.events import service as events
from app.five_ones import due
from app.pipeline.gates import GATES
from app.pipeline.schemas import LimitRead, StageGateRead, StageRead, StageSet
from app.projects.models import Project, Status
from app.projects.stages import LimitKind, Pipeline, Stage, StageLimit, Strictness, forget, pipeline

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
    table = await pipeline(session)
    return [_read(table, stage) for stage in table.stages]


async def set_stage(session: AsyncSession, actor: Actor, code: str, version: int, body: StageSet) -> StageRead:
    """Replace names and limits and change the strictness of the gates named; `due_on` of its projects follows."""
    actor.require(Permission.edit_stages)
    # Projects before the stage, as every verb locks them; in the order of ids.
    in_it = select(Project.id).where(Project.stage == code, Project.is_parent.is_(False)).order_by(Project.id)
    await session.execute(in_it.with_for_update(key_share=True))
    stage = await locked(session, select(Stage).where(Stage.code == code), version, STAGE)
    table = await pipeline(session)
    before = _read(table, stage).model_dump(mode="json", include={"name_zh", "name_en", "limits", "gates"})
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
        gate.strictness = change.strictness
    limits = _limits(code, body)
    stage.name_zh, stage.name_en = body.name_zh, body.name_en
    for row in table.limits(code):
        session.expunge(row)
    await session.execute(delete(StageLimit).where(StageLimit.stage == code))
    session.add_all(limits)
    await events.record(session, actor, "stage.updated", stage, {"before": before, "after": plain(body)})
    forget(session)
    ids = await session.scalars(
        select(Project.id).where(Project.stage == code, Project.status == Status.active, Project.is_parent.is_(False))
    )
    await due.refresh_for_all(session, actor, ids.all(), "stage")
    return _read(await pipeline(session), stage)


def _limits(code: str, body: StageSet) -> list[StageLimit]:
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
