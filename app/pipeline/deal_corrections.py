"""Corrects a deal recorded wrongly: a value of a fact, a fact that never happened, or a deal that never was one."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, Permission
from app.core.currency import CNY, CONVERSION
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import plain
from app.deals import facts, refusals
from app.deals import service as deals
from app.deals.models import Deal, DealFact, DealStatus, FactKind
from app.deals.schemas import DealCorrect, DealRead
from app.enterprises import service as enterprises
from app.events import service as events
from app.organizations import service as organizations
from app.pipeline import endings, line, place_corrections
from app.pipeline.line import Line
from app.projects import giver_and_taker, moves, successors
from app.projects.giver_and_taker import Holder
from app.projects.models import Project, Status
from app.reference import service as reference
from app.taskforces import service as taskforces

_FIELDS = ("effective_on", "amount", "unit_id", "task_force_id", "industry_code", "investor_id")
NO_FACT = frozenset({*_FIELDS, "also_moves"})
_ALLOWED: dict[FactKind, frozenset[str]] = {
    FactKind.signing: frozenset(_FIELDS),
    FactKind.amendment: frozenset({"effective_on", "amount"}),
    FactKind.transfer: frozenset({"effective_on", "unit_id", "task_force_id"}),
    FactKind.termination: frozenset({"effective_on"}),
}


async def correct(
    session: AsyncSession, actor: Actor, deal_id: UUID, version: int | None, body: DealCorrect
) -> DealRead:
    """Corrects a deal and replays its facts: ledger entries that come out different are reversed and entered anew.

    Raises Forbidden, NotFound or Stale, Conflict where the deal cannot be corrected so, Invalid for a wrong field,
    LedgerRefused where the facts would contradict each other.
    """
    actor.require(Permission.correct)
    async with line.of_deal(session, actor, deal_id, version) as (deal, held):
        refuse(refusals.not_correctable(deal))
        await (_void(held, deal, body) if body.never_a_deal else _correct_fact(held, deal, body))
    return await deals.get(session, actor, deal_id)


async def _correct_fact(held: Line, deal: Deal, body: DealCorrect) -> None:
    session, actor, project = held.session, held.actor, held.project
    fact = named(await facts.in_force(session, deal), body)
    if body.withdraw:
        await _withdraw_fact(session, actor, deal, project, fact, body)
        return
    require_place(actor, fact, body)
    values = await right_values(session, body, fact)
    before = {name: getattr(fact, name) for name in values}
    if before == values and not _investor_changes(body, deal):
        raise Invalid.field("/reason", "unchanged", Say("没有要更正的内容。", "Nothing would change."))
    await _apply(session, actor, deal, project, fact, values, body)


def named(in_force: list[DealFact], body: DealCorrect) -> DealFact:
    """Returns the fact to correct, by default the signing. Raises Invalid where it is not in force."""
    fact = next((row for row in in_force if row.id == (body.fact_id or in_force[0].id)), None)
    if fact is None:
        say = Say("没有这一条，或已被更正。", "No such fact, or it was corrected since.")
        raise Invalid.field("/fact_id", "unknown_fact", say)
    return fact


def require_place(actor: Actor, fact: DealFact, body: DealCorrect) -> None:
    """Raises Forbidden where the correction changes the place a deal counts for and the actor may not transfer it."""
    given = body.model_fields_set
    is_redated = fact.kind is FactKind.transfer and "effective_on" in given
    if not is_redated and not given & {"unit_id", "task_force_id"}:
        return
    giver_and_taker.require_ruling(actor)
    unit_id = body.unit_id if "unit_id" in given else fact.unit_id
    task_force_id = body.task_force_id if "task_force_id" in given else fact.task_force_id
    giver_and_taker.require(actor, Holder(fact.unit_id, fact.task_force_id), Holder(unit_id, task_force_id))


def refuse_extra(body: DealCorrect, verb: str, names: set[str]) -> None:
    """Raises Invalid where the body gives a field that does not go with `verb`."""
    for name in sorted(body.model_fields_set & names):
        raise Invalid.field(
            f"/{name}",
            f"not_with_{verb}",
            Say(f"填写 {verb} 时不填其他更正。", f"Leave it out with `{verb}`."),
        )


def _investor_changes(body: DealCorrect, deal: Deal) -> bool:
    return "investor_id" in body.model_fields_set and body.investor_id != deal.investor_id


async def right_values(session: AsyncSession, body: DealCorrect, fact: DealFact) -> dict[str, Any]:
    """Returns the columns of the fact that the correction sets. Raises Invalid where one is wrong."""
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
    await clock.refuse_future(session, values.get("effective_on"), "/effective_on")
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
        # A corrected amount is stated in yuan: the conversion of the old amount does not apply to it.
        values = {**dict.fromkeys(CONVERSION), "currency": CNY, **values}
    changes = {name: plain([getattr(fact, name), value]) for name, value in values.items()}
    data = {"fact_id": fact.id, "reason": body.reason, "changes": changes}
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=project.id)
    await facts.correct(session, actor, deal, fact, event_id, body.reason, **values)
    await place_corrections.follow(
        session, actor, deal, project, fact, values, reason=body.reason, also_moves=body.also_moves
    )
    await facts.follow_project(session, actor, deal, event_id, body.reason)


async def _refuse_after_its_project(session: AsyncSession, project: Project, day: date) -> None:
    """Raises Invalid where a deal would end after its terminated project."""
    if project.status is not Status.terminated:
        return
    ended_on = moves.last_day(await moves.history_of(session, project.id))
    if ended_on is not None and day > ended_on:
        raise Invalid.field(
            "/effective_on",
            "after_its_project",
            Say(
                f"项目已于 {ended_on} 终止；请更正项目的终止日。",
                f"The project ended on {ended_on}; correct the day of its termination instead.",
            ),
        )


async def _withdraw_fact(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, fact: DealFact, body: DealCorrect
) -> None:
    """Withdraws an amendment or a termination that never happened. Raises as `refuse_withdrawal`."""
    refuse_withdrawal(project, fact, body)
    if fact.kind is FactKind.termination:
        await endings.restore_deal(session, actor, deal, body.reason)
        return
    data = {"fact_id": fact.id, "reason": body.reason, "withdrawn": True, "amount": plain(fact.amount)}
    event_id = await events.record(session, actor, "deal.corrected", deal, data, project_id=project.id)
    await facts.withdraw(session, actor, deal, [fact], event_id, body.reason)


def refuse_withdrawal(project: Project, fact: DealFact, body: DealCorrect) -> None:
    """Raises Conflict where the fact is neither amendment nor termination, and for a termination that came with the
    project's: reinstate the project. Raises Invalid for a field that does not go with a withdrawal."""
    refuse_extra(body, "withdraw", {*NO_FACT, "project"})
    if fact.kind is FactKind.termination:
        if project.status is Status.terminated:
            raise Conflict(
                Say("签约随项目终止；请撤销项目的终止。", "The deal ended with its project; reinstate the project."),
                code="ended_with_its_project",
            )
        if project.status is Status.merged:
            where = successors.say(project.successor)
            raise Conflict(
                Say(
                    f"{where.zh}已终止的签约留在原项目，请在并入的项目上另行起草。",
                    f"{where.en} Ended deals stay where they were: draft the deal anew on the successor.",
                ),
                code="project_merged",
                **successors.problem_members(project.successor),
            )
        return
    if fact.kind is not FactKind.amendment:
        raise Conflict(
            Say(
                "只有变更和终止可以撤回；签约请用“误录作废”（never_a_deal）。",
                "Only an amendment or a termination is withdrawn.",
            ),
            code="not_withdrawable",
        )


async def _void(held: Line, deal: Deal, body: DealCorrect) -> None:
    """Voids a deal that was never signed: withdraws every fact and reverses every entry on its own day."""
    session, actor, project = held.session, held.actor, held.project
    refuse_extra(body, "never_a_deal", {*NO_FACT, "fact_id", "withdraw"})
    was_live = deal.status is DealStatus.live
    leaves = await endings.leaves_losing_deal(held, deal) if was_live else []
    endings.require_fate(leaves, body.project)
    deal.status, deal.ended_on = DealStatus.voided, None
    deal.end_reason = body.reason
    data = {"reason": body.reason, "changes": {"status": ["live" if was_live else "terminated", "voided"]}}
    event_id = await events.record(session, actor, "deal.voided", deal, data, project_id=project.id)
    await facts.withdraw(session, actor, deal, await facts.in_force(session, deal), event_id, body.reason)
    for leaf in leaves:
        await endings.apply_fate(held, leaf, body.project, await clock.today(session), body.reason)
