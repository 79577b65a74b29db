"""What an act on a deal would enter into the ledger, computed by `deals/replay.py` from the facts as they would be.

Nothing is written and nothing locked: the act itself judges anew, by what is on record then, and asks for more: gates,
separation, «Deal and stage», the fate of the project.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, scope_of
from app.core.currency import in_yuan
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import one
from app.core.refs import Ref
from app.deals import approval, facts, ledger, numbers, refusals, replay
from app.deals import service as deals
from app.deals.models import Deal, DealKind, FactKind, LedgerEntry
from app.deals.schemas import DealAmend, DealCorrect, DealTerminate, FateKind
from app.organizations.models import Unit
from app.pipeline import deal_and_stage, deal_corrections, place_corrections
from app.pipeline.place_corrections import Span
from app.pipeline.schemas import DealPreview, PreviewEntry, PreviewSum, PreviewTotal
from app.projects import decision_rights, placements
from app.projects import service as projects
from app.projects.models import Project, Status
from app.projects.placements import Series
from app.projects.stages import pipeline
from app.taskforces.models import TaskForce

_ASKS = {DealKind.formal: "formal_deal", DealKind.framework: "intent"}
"""The gate of a stage that a live deal of this kind meets."""


async def _read(session: AsyncSession, actor: Actor, deal_id: UUID, *, decides: bool = True) -> tuple[Deal, Project]:
    """Returns the deal and its project, not locked. Raises NotFound, Forbidden where the actor may only report."""
    deal = await one(session, select(Deal).where(Deal.id == deal_id, deals.scope(actor)), deals.DEAL)
    project = await projects.fetch(session, actor, deal.project_id)
    if decides:
        await decision_rights.require(session, actor, project)
    return deal, project


async def of_approval(session: AsyncSession, actor: Actor, deal_id: UUID) -> DealPreview:
    """Returns what the approval of a draft would enter: nothing for a framework deal.

    Raises NotFound, Conflict where it is no draft, or its day, amount, investor or unit is missing.
    """
    deal, project = await _read(session, actor, deal_id, decides=False)
    refuse(refusals.not_a_draft(deal))
    investor = await approval.investor_of(session, deal)
    moves_to = await _may_move_to(session, project, deal)
    if deal.kind is DealKind.framework:
        return await _told(session, actor, deal, [], None, moves_to)
    series = await placements.series(session, project.id)
    if deal.signed_on is None or deal.agreed_amount is None or investor is None or project.unit_id is None:
        say = Say(
            "缺签约日、协议额、投资方或承接单位，尚不能预演。",
            "Day of signing, agreed amount, investor or unit in charge is missing: nothing to preview yet.",
        )
        raise Conflict(say, code="not_complete")
    stated = {"industry_code": project.industry_code, "origin": investor.origin, "ownership": investor.ownership}
    place = series.on(facts.signed_from(series, deal.signed_on))
    signing = _row(
        1,
        FactKind.signing,
        deal.signed_on,
        amount=deal.agreed_amount,
        unit_id=place.unit_id,
        task_force_id=place.task_force_id,
        **stated,
    )
    return await _replayed(session, actor, deal, [signing], series, moves_to)


async def of_amendment(session: AsyncSession, actor: Actor, deal_id: UUID, body: DealAmend) -> DealPreview:
    """Returns what an amendment would enter. Raises as the amendment does, but for gates and separation."""
    deal, _ = await _read(session, actor, deal_id)
    refuse(refusals.not_live_formal(deal))
    today = await clock.today(session)
    amount = in_yuan(body, body.agreed_amount, "/agreed_amount", today)
    await clock.refuse_future(session, body.effective_on, "/effective_on")
    rows = await _stating(session, deal, FactKind.amendment, body.effective_on, amount=amount)
    return await _replayed(session, actor, deal, rows, None, None)


async def of_termination(session: AsyncSession, actor: Actor, deal_id: UUID, body: DealTerminate) -> DealPreview:
    """Returns what the termination of a deal would enter. Raises as the termination does, but for separation
    and the project's fate."""
    deal, project = await _read(session, actor, deal_id)
    refuse(refusals.not_live(deal))
    today = await clock.today(session)
    if deal.signed_on is not None and not deal.signed_on <= body.effective_on <= today:
        say = Say(f"终止日应在签约日 {deal.signed_on} 与业务日 {today} 之间。", f"Between the signing and {today}.")
        raise Invalid.field("/effective_on", "out_of_range", say)
    if deal.kind is DealKind.framework:
        return await _told(session, actor, deal, [], None, None)
    rows = await _stating(session, deal, FactKind.termination, body.effective_on)
    series = await placements.series(session, project.id)
    undone: list[UUID] = []
    if body.project is not None and body.project.becomes is FateKind.before_signed:
        undone = await _leaves_undone(session, project)
    return await _replayed(session, actor, deal, rows, series, None, undone)


async def of_correction(session: AsyncSession, actor: Actor, deal_id: UUID, body: DealCorrect) -> DealPreview:
    """Returns what a correction would enter for the deal itself, not for others that may have to move with it.

    Raises as the correction of the fact does.
    """
    deal, project = await _read(session, actor, deal_id)
    refuse(refusals.not_correctable(deal))
    in_force = await facts.in_force(session, deal)
    if body.never_a_deal:
        deal_corrections.refuse_extra(body, "never_a_deal", {*deal_corrections.NO_FACT, "fact_id", "withdraw"})
        drafts = replay.difference([], await ledger.books_of(session, deal.id))
        return await _told(session, actor, deal, drafts, None, None)
    fact = deal_corrections.named(in_force, body)
    series = await placements.series(session, project.id)
    if body.withdraw:
        deal_corrections.refuse_withdrawal(project, fact, body)
        return await _replayed(session, actor, deal, [row for row in in_force if row is not fact], series, None)
    deal_corrections.require_place(actor, fact, body)
    values = await deal_corrections.right_values(session, body, fact)
    rows = [_stated(row, values) if row is fact else row for row in in_force]
    replay.require_span([ledger.as_fact(row) for row in rows])
    others = await _others(session, deal)
    spans = [Span.of(await facts.in_force(session, other), series) for other in others]
    series = place_corrections.corrected(series, fact, values, facts.end_of(rows), spans)
    return await _replayed(session, actor, deal, rows, series, None)


async def _others(session: AsyncSession, deal: Deal) -> Sequence[Deal]:
    """Returns the other formal deals of the project that have counted."""
    counted = Deal.status.in_(numbers.COUNTED)
    query = select(Deal).where(Deal.project_id == deal.project_id, Deal.kind == DealKind.formal, counted)
    return (await session.scalars(query.where(Deal.id != deal.id))).all()


async def _leaves_undone(session: AsyncSession, project: Project) -> list[UUID]:
    """Returns the ids of the leaves that would go back before `signed` with their deal."""
    table = await pipeline(session)
    leaves = await session.scalars(
        select(Project).where((Project.id == project.id) | (Project.parent_id == project.id))
    )
    return [leaf.id for leaf in leaves if deal_and_stage.needs_deal(leaf, table)]


def _row(seq: int, kind: FactKind, on: date, **stated: Any) -> Any:
    """Returns a fact as it would be stated."""
    dimensions = ("amount", "unit_id", "task_force_id", "industry_code", "origin", "ownership")
    return SimpleNamespace(seq=seq, kind=kind, effective_on=on, **{**dict.fromkeys(dimensions), **stated})


def _stated(row: Any, values: dict[str, Any]) -> Any:
    """Returns a fact with other values."""
    return SimpleNamespace(**{**{name: getattr(row, name) for name in replay.Fact.__slots__}, **values})


async def _stating(session: AsyncSession, deal: Deal, kind: FactKind, on: date, **stated: Any) -> list[Any]:
    """Returns the facts in force with one more. Raises LedgerRefused where it may not be stated for its day."""
    rows: list[Any] = [*await facts.in_force(session, deal)]
    replay.require_statable([ledger.as_fact(row) for row in rows], replay.Fact(0, kind, on))
    return [*rows, _row(rows[-1].seq + 1, kind, on, **stated)]


def _following(rows: Sequence[Any], series: Series) -> list[Any]:
    """Returns the facts once they follow the places of the project, as `facts.restatement` says."""
    changes = facts.restatement(rows, series)
    right = {row.seq: values for row, values in changes.corrections}
    kept = []
    for row in rows:
        values = right.get(row.seq, {})
        if not values.get("is_withdrawn"):
            kept.append(_stated(row, values))
    seq = max(row.seq for row in rows)
    for number, (day, place) in enumerate(changes.transfers, start=1):
        moved = {"unit_id": place.unit_id, "task_force_id": place.task_force_id}
        kept.append(_row(seq + number, FactKind.transfer, day, **moved))
    return kept


async def _replayed(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    rows: Sequence[Any],
    series: Series | None,
    moves_to: str | None,
    undone: Sequence[UUID] = (),
) -> DealPreview:
    """Returns the difference that these facts would make to the books of the deal."""
    rows = rows if series is None else _following(rows, series)
    days = await ledger.landings(session, deal, undone)
    position, wanted = replay.replay([ledger.as_fact(row) for row in rows], days)
    drafts = replay.difference(wanted, await ledger.books_of(session, deal.id))
    return await _told(session, actor, deal, drafts, position, moves_to)


async def _may_move_to(session: AsyncSession, project: Project, deal: Deal) -> str | None:
    """Returns the stage ahead whose gate asks for a deal of this kind; None where there is none."""
    if project.status is not Status.active or project.is_parent:
        return None
    table = await pipeline(session)
    here = table.stage(project.stage).position
    for stage in table.walk(project.program):
        asks = {gate.gate for gate in table.gates(stage.code, project.program)}
        if stage.position > here and _ASKS[deal.kind] in asks:
            return stage.code
    return None


def _sees(actor: Actor, draft: replay.Draft) -> bool:
    dimensions = draft.posting.dimensions
    return actor.reaches(dimensions.unit_id, dimensions.task_force_id)


async def _told(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    drafts: Sequence[replay.Draft],
    position: replay.Position | None,
    moves_to: str | None,
) -> DealPreview:
    shown = [draft for draft in drafts if _sees(actor, draft)]
    at = position.dimensions if position is not None else None
    unit_ids = {draft.posting.dimensions.unit_id for draft in shown} | ({at.unit_id} if at else set())
    force_ids = {draft.posting.dimensions.task_force_id for draft in shown} | ({at.task_force_id} if at else set())
    units = {row.id: Ref.model_validate(_named(row)) for row in await session.scalars(_by_id(Unit, unit_ids))}
    forces = {row.id: Ref.model_validate(_named(row)) for row in await session.scalars(_by_id(TaskForce, force_ids))}
    return DealPreview(
        deal_id=deal.id,
        version=deal.version,
        scope=scope_of(actor),
        entries=[_entry(draft, units, forces) for draft in shown],
        totals=await _totals(session, actor, shown),
        unit=units.get(at.unit_id) if at else None,
        task_force=forces.get(at.task_force_id) if at and at.task_force_id else None,
        project_may_move_to=moves_to,
    )


def _by_id(model: Any, ids: set[Any]) -> Any:
    return select(model).where(model.id.in_([one_id for one_id in ids if one_id is not None]))


def _named(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name, None) for name in ("id", "code", "name", "name_en", "short_name")}


def _entry(draft: replay.Draft, units: dict[UUID, Ref], forces: dict[UUID, Ref]) -> PreviewEntry:
    posting, at = draft.posting, draft.posting.dimensions
    return PreviewEntry(
        kind=draft.kind,
        of_kind=posting.kind,
        effective_on=posting.effective_on,
        count=posting.count,
        amount=posting.amount,
        landed=posting.landed,
        unit_id=at.unit_id,
        unit=units[at.unit_id],
        task_force_id=at.task_force_id,
        task_force=forces[at.task_force_id] if at.task_force_id else None,
        industry_code=at.industry_code,
        origin=at.origin,
        ownership=at.ownership,
        size=at.size,
        is_reversal=draft.is_reversal,
        corrects_id=draft.corrects_id,
    )


def _periods(days: Sequence[date]) -> dict[str, tuple[date, date]]:
    """Returns each year and quarter that one of the days lies in, with its first and last day."""
    found: dict[str, tuple[date, date]] = {}
    for day in sorted(days):
        year, number = clock.quarter(day)
        found[str(year)] = date(year, 1, 1), date(year, 12, 31)
        last = date(year, 12, 31) if number == 4 else date.fromordinal(date(year, 3 * number + 1, 1).toordinal() - 1)
        found[f"{year}Q{number}"] = date(year, 3 * number - 2, 1), last
    return found


async def _totals(session: AsyncSession, actor: Actor, drafts: Sequence[replay.Draft]) -> list[PreviewTotal]:
    """Returns the signing totals of each year and quarter concerned, before and after, in the actor's scope."""
    periods = _periods([draft.posting.effective_on for draft in drafts])
    if not periods:
        return []
    of_any = or_(*(LedgerEntry.effective_on.between(*days) for days in periods.values()))
    columns = []
    for first, last in periods.values():
        lies_in = LedgerEntry.effective_on.between(first, last)
        columns += [func.sum(case((lies_in, column), else_=0)) for column in (LedgerEntry.count, LedgerEntry.amount)]
    sums = list((await session.execute(select(*columns).where(ledger.visible_to(actor), of_any))).one())
    totals = []
    for number, (period, (first, last)) in enumerate(periods.items()):
        within = [draft.posting for draft in drafts if first <= draft.posting.effective_on <= last]
        count, amount = sums[2 * number] or 0, Decimal(sums[2 * number + 1] or 0)
        totals.append(
            PreviewTotal(
                period=period,
                before=PreviewSum(count=count, amount=amount),
                after=PreviewSum(
                    count=count + sum(posting.count for posting in within),
                    amount=amount + sum((posting.amount for posting in within), Decimal(0)),
                ),
            )
        )
    return totals
