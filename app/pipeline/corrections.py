"""What was recorded wrongly: a move's day, a move that never was, a deal's amount, day, place or investor."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.currency import CNY
from app.core.errors import Conflict, Invalid, NotFound
from app.core.records import plain
from app.core.say import Say
from app.deals import ledger
from app.deals import service as deals
from app.deals.ledger import Position
from app.deals.models import Deal, DealFact, DealKind, DealStatus, FactKind
from app.deals.schemas import DealCorrect, DealRead
from app.enterprises import service as enterprises
from app.events import service as events
from app.organizations import service as organizations
from app.pipeline import endings, gates, moving
from app.pipeline.schemas import MoveCorrectionCreate
from app.projects import moves
from app.projects import service as projects
from app.projects.gating import GatesUnmet
from app.projects.models import Project
from app.projects.moves import Move, MoveCorrection, MoveKind
from app.projects.schemas import ProjectRead
from app.projects.stages import Pipeline, pipeline
from app.reference import service as reference
from app.taskforces import service as taskforces

MOVE = Say("移动", "move")

# A move


async def correct_move(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    move_id: UUID,
    version: int,
    body: MoveCorrectionCreate,
) -> ProjectRead:
    """Give a move another day between its neighbours, or withdraw the latest one, at any stage.

    A catch-up made several moves on one day: they are corrected one by one, the last first.
    """
    actor.require(Permission.correct)
    if (body.happened_on is None) != body.withdraw:
        raise Invalid.field(
            "/happened_on",
            "day_or_withdraw",
            Say("改日期或撤回，填且只填一项。", "Give another day or withdraw, one of the two."),
        )
    project = await projects.lock(session, actor, project_id, version)
    projects.refuse_parent(project)
    await moving.lock_deals(session, project)
    history = (await moves.history(session, [project_id]))[project_id]
    live = [move for move in history if not move.is_withdrawn and move.project_id == project_id]
    index = next((i for i, move in enumerate(live) if move.id == move_id), None)
    if index is None:
        raise NotFound.of(MOVE)
    if body.withdraw:
        _refuse_withdrawal(live, index)
        await endings.withdraw(session, actor, project, history, live[index], body.reason, "project.move_withdrawn")
    else:
        await _redate(session, actor, project, history, live, index, body)
    return await projects.get(session, actor, project_id)


def _refuse_withdrawal(live: list[Move], index: int) -> None:
    if index != len(live) - 1:
        raise Conflict(Say("只能撤回最近一次移动。", "Only the latest move is withdrawn."), code="not_the_latest_move")
    if live[index].kind is MoveKind.entry:
        raise Conflict(
            Say(
                "入库不能撤回；误录的项目请终止。",
                "The entry is not withdrawn; terminate a project entered by mistake.",
            ),
            code="entry_stays",
        )


async def _redate(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    history: list[Move],
    live: list[Move],
    index: int,
    body: MoveCorrectionCreate,
) -> None:
    day = body.happened_on
    assert day is not None
    move, today = live[index], await clock.today(session)
    inherited = [m.happened_on for m in history if m.project_id != project.id and not m.is_withdrawn]
    earliest = live[index - 1].happened_on if index else max(inherited, default=clock.EARLIEST_DAY)
    latest = live[index + 1].happened_on if index + 1 < len(live) else today
    if not earliest <= day <= latest:
        raise Invalid.field(
            "/happened_on",
            "not_between_neighbours",
            Say(
                f"应在前后移动 {earliest} 与 {latest} 之间。",
                f"Between its neighbours, {earliest} and {latest}.",
            ),
        )
    after = moving.moved_to_day(history, move.id, day)
    await moving.assign(session, project, after)
    data = {"move_id": move.id, "reason": body.reason, "changes": {"happened_on": [move.happened_on, day]}}
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
    await moving.restated(session, project, after, event_id)
    await require_signed_gate(session, project, after, await pipeline(session))


async def require_signed_gate(session: AsyncSession, project: Project, history: list[Move], table: Pipeline) -> None:
    """The fixed gate again: a live formal deal signed no later than the entry into `signed`. Raises GatesUnmet."""
    if not moving.needs_deal(project, table):
        return
    signed_on = moves.entries(history, moving.positions(table)).get("signed")
    if signed_on is None:
        return
    facts = await gates.load(session, project, signed_on, table)
    judged = [gate for gate in gates.evaluate(table, facts, ["signed"]) if gate.is_fixed and not gate.is_met]
    if judged:
        raise GatesUnmet(
            Say(
                "进入签约阶段之日须不早于签约日：" + "；".join(gate.missing_zh or "" for gate in judged),
                "The entry into `signed` cannot precede the signing: "
                + "; ".join(gate.missing_en or "" for gate in judged),
            ),
            gates=[gate.model_dump(mode="json") for gate in judged],
        )


# A deal

_FIELDS = ("effective_on", "amount", "unit_id", "task_force_id", "industry_code", "investor_id")
_ALLOWED: dict[FactKind, frozenset[str]] = {
    FactKind.signing: frozenset(_FIELDS),
    FactKind.amendment: frozenset({"effective_on", "amount"}),
    FactKind.transfer: frozenset({"effective_on", "unit_id", "task_force_id"}),
    FactKind.termination: frozenset({"effective_on"}),
}


async def correct_deal(session: AsyncSession, actor: Actor, deal_id: UUID, version: int, body: DealCorrect) -> DealRead:
    """Replay the deal's history with the right value. What comes out different is reversed and entered anew."""
    actor.require(Permission.correct)
    deal, project = await deals.lock(session, actor, deal_id, version)
    if deal.kind is not DealKind.formal or deal.status not in (DealStatus.live, DealStatus.terminated):
        raise Conflict(
            Say("只有审核通过的投资协议可以更正；草稿直接修改。", "Only an approved formal deal is corrected."),
            code="not_correctable",
        )
    if body.never_a_deal:
        await _never_a_deal(session, actor, deal, project, body)
        return await deals.get(session, actor, deal_id)
    await moving.lock_deals(session, project)
    facts = ledger.standing_facts(await ledger.facts_of(session, deal_id))
    fact = next((f for f in facts if f.id == (body.fact_id or facts[0].id)), None)
    if fact is None:
        raise Invalid.field(
            "/fact_id",
            "unknown_fact",
            Say("没有这一条，或已被更正。", "No such fact, or it was corrected since."),
        )
    values = await _right_values(session, body, fact, deal)
    before = {name: getattr(fact, name) for name in values}
    if before == values and not _investor_changes(body, deal):
        raise Invalid.field("/reason", "unchanged", Say("没有要更正的内容。", "Nothing would change."))
    await _apply(session, actor, deal, project, fact, values, body)
    return await deals.get(session, actor, deal_id)


def _investor_changes(body: DealCorrect, deal: Deal) -> bool:
    return "investor_id" in body.model_fields_set and body.investor_id != deal.investor_id


async def _right_values(session: AsyncSession, body: DealCorrect, fact: DealFact, deal: Deal) -> dict[str, Any]:
    """The columns of the fact that the correction sets, checked."""
    given = body.model_fields_set & set(_FIELDS)
    if body.project is not None:
        raise Invalid.field("/project", "needless_fate", Say("仅用于“从未签约”。", "Only with `never_a_deal`."))
    for name in sorted(given - _ALLOWED[fact.kind]):
        raise Invalid.field(
            f"/{name}",
            "not_of_this_fact",
            Say(f"{fact.kind.say.zh}没有这一项。", f"A {fact.kind.say.en} does not state this."),
        )
    values = {name: getattr(body, name) for name in given if name != "investor_id"}
    if "effective_on" in values and values["effective_on"] > await clock.today(session):
        raise Invalid.field("/effective_on", "future_day", Say("不能晚于业务日。", "Not after the business day."))
    if "unit_id" in values:
        await organizations.require_units(session, {values["unit_id"]}, "/unit_id")
    if values.get("task_force_id") is not None:
        await taskforces.require(session, values["task_force_id"], "/task_force_id")
    if values.get("industry_code") is not None:
        await reference.require_industries(session, {values["industry_code"]}, "/industry_code")
    if "investor_id" in given:
        await enterprises.require(session, body.investor_id, "/investor_id")
        investor = await enterprises.get(session, body.investor_id)
        values |= {"origin": investor.origin, "ownership": investor.ownership}
    return values


async def _apply(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    project: Project,
    fact: DealFact,
    values: dict[str, Any],
    body: DealCorrect,
) -> None:
    if "investor_id" in body.model_fields_set:
        deal.investor_id = body.investor_id
    if fact.kind is FactKind.signing and "effective_on" in values:
        deal.signed_on = values["effective_on"]
    if fact.kind is FactKind.termination and "effective_on" in values:
        deal.ended_on = values["effective_on"]
    remaining = await _agreed_after(session, deal, fact, values)
    if remaining != deal.agreed_amount:
        # Corrected in yuan: the conversion it came from no longer says so.
        deal.agreed_amount, deal.currency = remaining, CNY
        deal.original_amount = deal.rate = deal.rate_on = deal.rate_source = None
    changes = {name: plain([getattr(fact, name), value]) for name, value in values.items()}
    data = {"fact_id": fact.id, "reason": body.reason, "changes": changes}
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=project.id)
    await endings.restate_fact(session, fact, event_id, body.reason, **values)
    position = await ledger.settle(session, deal, event_id)
    await _follow_place(session, actor, deal, project, position, body.reason)
    history = (await moves.history(session, [project.id]))[project.id]
    if history:
        await require_signed_gate(session, project, history, await pipeline(session))


async def _agreed_after(session: AsyncSession, deal: Deal, fact: DealFact, values: dict[str, Any]) -> Any:
    """The amount last stated once this fact is right."""
    facts = ledger.standing_facts(await ledger.facts_of(session, deal.id))
    stated = [values.get("amount", f.amount) if f.id == fact.id else f.amount for f in facts]
    return [amount for amount in stated if amount is not None][-1]


async def _follow_place(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, position: Position | None, reason: str
) -> None:
    """Project and live deal go together: where the correction moved the deal, the project moves too."""
    if position is None or deal.status is not DealStatus.live:
        return
    here = position.dimensions
    if (project.unit_id, project.task_force_id) == (here.unit_id, here.task_force_id):
        return
    changes = {
        "unit_id": [project.unit_id, here.unit_id],
        "task_force_id": [project.task_force_id, here.task_force_id],
    }
    project.unit_id, project.task_force_id = here.unit_id, here.task_force_id
    data = {"deal_id": deal.id, "reason": reason, "changes": changes}
    event_id = await events.record(session, actor, "project.place_corrected", project, data, project_id=project.id)
    since = position.latest_transfer_on or position.signed_on
    await projects.place(session, project, since, event_id)


async def _never_a_deal(session: AsyncSession, actor: Actor, deal: Deal, project: Project, body: DealCorrect) -> None:
    """There was no signing: every fact is withdrawn, every entry reversed on its own day."""
    if extra := body.model_fields_set & {*_FIELDS, "fact_id"}:
        name = sorted(extra)[0]
        raise Invalid.field(
            f"/{name}",
            "not_with_never_a_deal",
            Say("“从未签约”不填其他更正。", "Leave it out with `never_a_deal`."),
        )
    was_live = deal.status is DealStatus.live
    leaves = await endings.leaves_standing_on(session, deal, project) if was_live else []
    await moving.lock_deals(session, project)
    endings.require_fate(leaves, body.project)
    deal.status, deal.ended_on = DealStatus.voided, None
    deal.end_reason = body.reason
    data = {"reason": body.reason, "changes": {"status": ["live" if was_live else "terminated", "voided"]}}
    event_id = await events.record(session, actor, "deal.voided", deal, data, project_id=project.id)
    for fact in ledger.standing_facts(await ledger.facts_of(session, deal.id)):
        await endings.restate_fact(session, fact, event_id, body.reason, is_withdrawn=True)
    await ledger.settle(session, deal, event_id)
    for leaf in leaves:
        await endings.meet_fate(session, actor, leaf, body.project, await clock.today(session), body.reason)
