"""Each deal's facts replayed against its entries, its amount and the place of its project."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Batch, Finding
from app.core.localized import Say
from app.deals import facts, ledger, numbers, replay
from app.deals.facts import Restatement
from app.deals.models import Deal, DealFact, DealKind, DealStatus, LedgerEntry
from app.projects import placements
from app.projects.models import Project, ProjectPlacement


async def ledger_against_deals(session: AsyncSession, batch: Batch) -> list[Finding]:
    """The facts of a deal give the sums its entries have, by day and dimensions, and say where its project stood."""
    found = []
    projects = batch.projects
    by_id = {project.id: project for project in projects}
    deals = (await session.scalars(select(Deal).where(Deal.project_id.in_(by_id)).order_by(Deal.code))).all()
    ids = [deal.id for deal in deals]
    rows_of = _grouped(await session.scalars(select(DealFact).where(DealFact.deal_id.in_(ids))), "deal_id")
    owners = {deal.project_id for deal in deals}
    places = await session.scalars(select(ProjectPlacement).where(ProjectPlacement.project_id.in_(owners)))
    series_of = {owner: placements.series_from(rows) for owner, rows in _grouped(places, "project_id").items()}
    entries = select(LedgerEntry).where(LedgerEntry.deal_id.in_(ids)).order_by(LedgerEntry.recorded_at)
    books = _grouped(await session.scalars(entries), "deal_id")
    for deal in deals:
        project = by_id[deal.project_id]
        rows = ledger.facts_in_force(rows_of.get(deal.id, []))
        held = [ledger.book_entry(row).posting for row in books.get(deal.id, [])]
        found += _judge(deal, project, [ledger.as_fact(row) for row in rows], held, _landings(project, batch))
        if deal.project_id in series_of:
            found += _against_places(deal, project, facts.restatement(rows, series_of[deal.project_id]))
    return found


async def one_agreement_counts_once(session: AsyncSession) -> list[Finding]:
    """Deals that count, or have counted, under one number of an agreement, and nobody has said that they are two: deals
    of before the gate, or of a number that was given another key since."""
    columns = (Deal.code, Deal.agreement_no, Deal.agreement_key, Deal.override)
    counted = (Deal.agreement_key.is_not(None), Deal.status.in_(numbers.COUNTED))
    twins = select(Deal.agreement_key).where(*counted).group_by(Deal.agreement_key).having(func.count() > 1)
    query = select(*columns).where(*counted, Deal.agreement_key.in_(twins)).order_by(Deal.code)
    found = []
    for rows in _grouped(await session.execute(query), "agreement_key").values():
        silent = [row.code for row in rows if numbers.GATE not in ((row.override or {}).get("gates") or ())]
        if len(silent) > 1:
            say = Say(
                f"协议编号“{rows[0].agreement_no}”相同，同一协议只计一次；重复的请更正为“误录作废”",
                f"bear one number, “{rows[0].agreement_no}”: one agreement counts once; correct the other as never a "
                "deal",
            )
            found.append(Finding("agreement_no", "deals " + ", ".join(silent), say, is_notice=True))
    return found


def _grouped(rows: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, name), []).append(row)
    return groups


def _against_places(deal: Deal, project: Project, lacking: Restatement) -> list[Finding]:
    """Whether the next act on the deal would move it: its books must not depend on when it was last touched."""
    if not lacking:
        return []
    days = sorted({*(row.effective_on for row, _ in lacking.corrections), *(day for day, _ in lacking.transfers)})
    told = ", ".join(str(day) for day in days)
    say = Say(
        f"按项目 {project.code} 的归属重新推算，{told} 的台账会不同",
        f"restated now by the places of {project.code}, its books of {told} would differ",
    )
    return [Finding("ledger", f"deal {deal.code}", say)]


def _landings(project: Project, batch: Batch) -> list[date]:
    """The landings of the project and of the leaves under it, as `ledger.landings` finds them."""
    phases = [own for own in batch.phases.get(project.id, ()) if own.merged_into_id is None]
    continuing = next((own.landed_on for own in phases if own.continues_parent), None)
    found = []
    at = [(project.id, project.landed_on or continuing)]
    at += [(own.id, own.landed_on) for own in phases]
    while at:
        record_id, day = at.pop()
        if day is not None:
            found.append(day)
        else:
            at += [(own.id, own.landed_on) for own in batch.merged.get(record_id, [])]
    return found


def _judge(
    deal: Deal,
    project: Project,
    facts: Sequence[replay.Fact],
    held: Sequence[replay.Posting],
    landings: Sequence[date],
) -> list[Finding]:
    row = f"deal {deal.code}"
    try:
        position, wanted = replay.replay(facts, landings)
    except replay.LedgerRefused as refused:
        return [Finding("ledger", row, refused.detail)]
    found = []
    if _sums(wanted) != _sums(held):
        say = Say("台账分录与其事实不符", "its entries do not add up to its facts")
        found.append(Finding("ledger", row, say))
    if deal.status is not DealStatus.live or deal.kind is not DealKind.formal:
        return found
    if position is None:
        return [*found, Finding("deal_and_stage", row, Say("有效而没有签约", "live without a signing"))]
    if position.remaining != deal.agreed_amount:
        say = Say(
            f"协议额 {deal.agreed_amount}，台账为 {position.remaining}",
            f"agreed {deal.agreed_amount}, the ledger has {position.remaining}",
        )
        found.append(Finding("ledger", row, say))
    here = position.dimensions
    if (here.unit_id, here.task_force_id) != (project.unit_id, project.task_force_id):
        say = Say(f"与项目 {project.code} 归属不同", f"counts elsewhere than project {project.code}")
        found.append(Finding("deal_and_stage", row, say))
    return found


def _sums(postings: Sequence[replay.Posting]) -> dict[Any, tuple[int, Decimal, int]]:
    added: dict[Any, tuple[int, Decimal, int]] = {}
    for posting in postings:
        key = (posting.effective_on, posting.dimensions)
        count, amount, landed = added.get(key, (0, Decimal(0), 0))
        added[key] = (count + posting.count, amount + posting.amount, landed + posting.landed)
    return {key: sums for key, sums in added.items() if sums != (0, Decimal(0), 0)}
