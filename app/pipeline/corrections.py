"""What was recorded wrongly: a move's day, a move that never was, a deal's amount, day, place or investor."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.currency import CNY
from app.core.errors import Conflict, Invalid, NotFound
from app.core.records import plain
from app.core.say import Say
from app.deals import ledger
from app.deals import service as deals
from app.deals.ledger import Fact
from app.deals.models import Deal, DealFact, DealKind, DealStatus, FactKind
from app.deals.schemas import DealCorrect, DealRead
from app.enterprises import service as enterprises
from app.events import service as events
from app.organizations import service as organizations
from app.pipeline import deal_and_stage, endings, moving, placing
from app.pipeline.schemas import MoveCorrectionCreate
from app.projects import moves, placements
from app.projects import service as projects
from app.projects.models import Project, Status
from app.projects.moves import Move, MoveCorrection, MoveKind
from app.projects.schemas import ProjectRead
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
    await _refuse_continued(session, project)
    await moving.lock_deals(session, project)
    history = (await moves.history(session, [project_id]))[project_id]
    live = [move for move in history if not move.is_withdrawn]
    index = next((i for i, move in enumerate(live) if move.id == move_id), None)
    if index is None:
        raise NotFound.of(MOVE)
    if body.withdraw:
        _refuse_withdrawal(live, index)
        await endings.withdraw(session, actor, project, history, live[index], body.reason, "project.move_withdrawn")
    else:
        await _redate(session, actor, project, history, live, index, body)
    await deal_and_stage.require(session, project)
    return await projects.get(session, actor, project_id)


async def _refuse_continued(session: AsyncSession, project: Project) -> None:
    """The moves of a parent that a phase continues are that phase's, and corrected there. Raises Conflict."""
    continuing = await session.scalar(
        select(Project.id).where(Project.parent_id == project.id, Project.continues_parent)
    )
    if continuing is not None:
        raise Conflict(
            Say(
                "总项目的移动已由接续它的分期继承，请在该分期上更正。",
                "A phase continues this project's moves; correct them there.",
            ),
            code="continued_by_a_phase",
        )


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
    move = live[index]
    earliest, latest = await _bounds(session, project, live, index)
    if not earliest <= day <= latest:
        raise Invalid.field(
            "/happened_on",
            "not_between_neighbours",
            Say(
                f"应在前后移动 {earliest} 与 {latest} 之间。",
                f"Between its neighbours, {earliest} and {latest}.",
            ),
        )
    together = await endings.ended_with(session, project, move) if move.kind is MoveKind.terminate else []
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
    if move.kind is MoveKind.entry and move.project_id == project.id:
        known = await placements.series(session, project.id)
        await placements.write(session, project, [(min(day, known[0][0]), known[0][1])], event_id)
    for deal in together:
        await _redate_ending(session, actor, deal, move.happened_on, day, body.reason)
    await moving.restated(session, project, after, event_id)


async def _bounds(session: AsyncSession, project: Project, live: list[Move], index: int) -> tuple[date, date]:
    """Between its neighbours; a parent's move not after its first phase, a phase's own not before it."""
    earliest = live[index - 1].happened_on if index else clock.EARLIEST_DAY
    latest = live[index + 1].happened_on if index + 1 < len(live) else await clock.today(session)
    from_on = await moving.phase_from(session, project)
    if from_on is not None:
        if project.is_parent or live[index].project_id != project.id:
            latest = min(latest, from_on)
        else:
            earliest = max(earliest, from_on)
    return earliest, latest


async def _redate_ending(session: AsyncSession, actor: Actor, deal: Deal, was_on: date, day: date, reason: str) -> None:
    """A deal that ended with its project ends with it on the right day too."""
    if deal.ended_on != was_on:
        if deal.ended_on is not None and deal.ended_on > day:
            raise Conflict(
                Say(
                    f"签约 {deal.code} 于 {deal.ended_on} 终止，项目不能更早终止；请先更正签约的终止日。",
                    f"The deal {deal.code} ended on {deal.ended_on}, after that day; correct the deal first.",
                ),
                code="deal_ended_later",
            )
        return
    deal.ended_on = day
    data = {"reason": reason, "changes": {"ended_on": [was_on, day]}}
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=deal.project_id)
    if deal.kind is DealKind.formal:
        facts = ledger.standing_facts(await ledger.facts_of(session, deal.id))
        await endings.restate_fact(session, facts[-1], event_id, reason, effective_on=day)
        await ledger.settle(session, deal, event_id)


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
        await deal_and_stage.require(session, project)
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
    if body.withdraw:
        _refuse_extra(body, "withdraw", {*_FIELDS, "project"})
        await _withdraw_fact(session, actor, deal, project, fact, body)
        await deal_and_stage.require(session, project)
        return await deals.get(session, actor, deal_id)
    _require_place(actor, fact, body)
    values = await _right_values(session, body, fact, deal)
    before = {name: getattr(fact, name) for name in values}
    if before == values and not _investor_changes(body, deal):
        raise Invalid.field("/reason", "unchanged", Say("没有要更正的内容。", "Nothing would change."))
    await _apply(session, actor, deal, project, fact, values, body)
    await deal_and_stage.require(session, project)
    return await deals.get(session, actor, deal_id)


def _require_place(actor: Actor, fact: DealFact, body: DealCorrect) -> None:
    """To say that a deal counts elsewhere is as much as to transfer it. Raises Forbidden."""
    if not body.model_fields_set & {"unit_id", "task_force_id"}:
        return
    actor.require(Permission.transfer)
    given = body.model_fields_set
    unit_id = body.unit_id if "unit_id" in given else fact.unit_id
    task_force_id = body.task_force_id if "task_force_id" in given else fact.task_force_id
    actor.require_place(unit_id, task_force_id, "/unit_id")


def _refuse_extra(body: DealCorrect, verb: str, names: set[str]) -> None:
    for name in sorted(body.model_fields_set & names):
        raise Invalid.field(
            f"/{name}",
            f"not_with_{verb}",
            Say(f"填写 {verb} 时不填其他更正。", f"Leave it out with `{verb}`."),
        )


def _investor_changes(body: DealCorrect, deal: Deal) -> bool:
    return "investor_id" in body.model_fields_set and body.investor_id != deal.investor_id


async def _right_values(session: AsyncSession, body: DealCorrect, fact: DealFact, deal: Deal) -> dict[str, Any]:
    """The columns of the fact that the correction sets, checked."""
    given = body.model_fields_set & set(_FIELDS)
    if body.project is not None:
        raise Invalid.field(
            "/project", "needless_fate", Say("仅用于“误录作废”（never_a_deal）。", "Only with `never_a_deal`.")
        )
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
        on = values.get("effective_on", fact.effective_on)
        await organizations.require_units(session, {values["unit_id"]}, "/unit_id", on=on)
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
        await _refuse_after_its_project(session, project, values["effective_on"])
        deal.ended_on = values["effective_on"]
    if "amount" in values:
        # Corrected in yuan: the conversion it came from no longer says so.
        conversion = {name: None for name in deals.money_names()} | {"currency": CNY}
        values = {**conversion, **values}
    rows = ledger.standing_facts(await ledger.facts_of(session, deal.id))
    deals.agree(deal, _stated_last(rows, fact, values))
    changes = {name: plain([getattr(fact, name), value]) for name, value in values.items()}
    data = {"fact_id": fact.id, "reason": body.reason, "changes": changes}
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=project.id)
    await endings.restate_fact(session, fact, event_id, body.reason, **values)
    position = await ledger.settle(session, deal, event_id)
    wanted = placing.corrected(await placements.series(session, project.id), fact, values)
    await placing.follow(session, actor, deal, position, body.reason, wanted)


async def _refuse_after_its_project(session: AsyncSession, project: Project, day: date) -> None:
    if project.status is not Status.terminated:
        return
    ended_on = moves.last_day((await moves.history(session, [project.id]))[project.id])
    if ended_on is not None and day > ended_on:
        raise Invalid.field(
            "/effective_on",
            "after_its_project",
            Say(
                f"项目已于 {ended_on} 终止；请更正项目的终止日。",
                f"The project ended on {ended_on}; correct the day of its termination instead.",
            ),
        )


def _stated_last(rows: Sequence[DealFact], fact: DealFact, values: dict[str, Any]) -> dict[str, Any]:
    """The money of the fact that says what is agreed now, once this fact is right (or withdrawn)."""
    right = {
        row.id: {**{name: getattr(row, name) for name in (*deals.money_names(), "effective_on")}}
        | (values if row.id == fact.id else {})
        for row in rows
    }
    facts = [
        Fact(row.seq, row.kind, right[row.id]["effective_on"], right[row.id]["amount"])
        for row in rows
        if not right[row.id].get("is_withdrawn")
    ]
    last = ledger.agreed(facts)
    return next(right[row.id] for row in rows if row.seq == last.seq)


async def _withdraw_fact(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, fact: DealFact, body: DealCorrect
) -> None:
    """An amendment or a termination that never was. What ended with its project comes back with it."""
    if fact.kind is FactKind.termination:
        if project.status is Status.terminated:
            raise Conflict(
                Say("签约随项目终止；请撤销项目的终止。", "The deal ended with its project; reinstate the project."),
                code="ended_with_its_project",
            )
        await endings.bring_back(session, actor, deal, body.reason)
        return
    if fact.kind is not FactKind.amendment:
        raise Conflict(
            Say(
                "只有变更和终止可以撤回；签约请用“误录作废”（never_a_deal）。",
                "Only an amendment or a termination is withdrawn.",
            ),
            code="not_withdrawable",
        )
    rows = ledger.standing_facts(await ledger.facts_of(session, deal.id))
    before = deal.agreed_amount
    deals.agree(deal, _stated_last(rows, fact, {"is_withdrawn": True}))
    data = {
        "fact_id": fact.id,
        "reason": body.reason,
        "withdrawn": True,
        "changes": {"agreed_amount": plain([before, deal.agreed_amount])},
    }
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=project.id)
    await endings.restate_fact(session, fact, event_id, body.reason, is_withdrawn=True)
    await ledger.settle(session, deal, event_id)


async def _never_a_deal(session: AsyncSession, actor: Actor, deal: Deal, project: Project, body: DealCorrect) -> None:
    """There was no signing: every fact is withdrawn, every entry reversed on its own day."""
    _refuse_extra(body, "never_a_deal", {*_FIELDS, "fact_id", "withdraw"})
    was_live = deal.status is DealStatus.live
    leaves = await endings.leaves_standing_on(session, actor, deal, project) if was_live else []
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
