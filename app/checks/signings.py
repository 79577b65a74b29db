"""Checks each deal's facts, replayed, against its ledger entries, its amount and the placements of its project."""

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
    """Checks that the facts of a deal give the sums of its entries by day and dimensions, and agree with the placements
    of its project."""
    findings = []
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
        postings = [ledger.book_entry(row).posting for row in books.get(deal.id, [])]
        findings += _judge(deal, project, [ledger.as_fact(row) for row in rows], postings, _landings(project, batch))
        if deal.project_id in series_of:
            findings += _against_places(deal, project, facts.restatement(rows, series_of[deal.project_id]))
    return findings


async def one_agreement_counts_once(session: AsyncSession) -> list[Finding]:
    """Finds deals that count, or have counted, under the same agreement number, without an override stating that they
    are different agreements: deals older than the gate, or whose number key has changed. Notices only."""
    columns = (Deal.code, Deal.agreement_no, Deal.agreement_key, Deal.override)
    counted = (Deal.agreement_key.is_not(None), Deal.status.in_(numbers.COUNTED))
    twins = select(Deal.agreement_key).where(*counted).group_by(Deal.agreement_key).having(func.count() > 1)
    query = select(*columns).where(*counted, Deal.agreement_key.in_(twins)).order_by(Deal.code)
    findings = []
    for rows in _grouped(await session.execute(query), "agreement_key").values():
        not_overridden = [row.code for row in rows if numbers.GATE not in ((row.override or {}).get("gates") or ())]
        if len(not_overridden) > 1:
            say = Say(
                f"协议编号“{rows[0].agreement_no}”相同，同一协议只计一次；重复的请更正为“误录作废”",
                f"bear one number, “{rows[0].agreement_no}”: one agreement counts once; correct the other as never a "
                "deal",
            )
            findings.append(Finding("agreement_no", "deals " + ", ".join(not_overridden), say, is_notice=True))
    return findings


def _grouped(rows: Iterable[Any], name: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, name), []).append(row)
    return groups


def _against_places(deal: Deal, project: Project, changes: Restatement) -> list[Finding]:
    """Checks that the next act on the deal would not restate it: its entries must not depend on when acts happen."""
    if not changes:
        return []
    days = sorted({*(row.effective_on for row, _ in changes.corrections), *(day for day, _ in changes.transfers)})
    listed = ", ".join(str(day) for day in days)
    say = Say(
        f"按项目 {project.code} 的归属重新推算，{listed} 的台账会不同",
        f"restated now by the places of {project.code}, its books of {listed} would differ",
    )
    return [Finding("ledger", f"deal {deal.code}", say)]


def _landings(project: Project, batch: Batch) -> list[date]:
    """Returns the landings of the project and of the leaves under it, as `ledger.landings` does."""
    phases = [phase for phase in batch.phases.get(project.id, ()) if phase.merged_into_id is None]
    continuing = next((phase.landed_on for phase in phases if phase.continues_parent), None)
    days = []
    at = [(project.id, project.landed_on or continuing)]
    at += [(record.id, record.landed_on) for record in phases]
    while at:
        record_id, day = at.pop()
        if day is not None:
            days.append(day)
        else:
            at += [(record.id, record.landed_on) for record in batch.merged.get(record_id, [])]
    return days


def _judge(
    deal: Deal,
    project: Project,
    facts: Sequence[replay.Fact],
    posted: Sequence[replay.Posting],
    landings: Sequence[date],
) -> list[Finding]:
    """Checks the entries of a deal, and amount and place of a live formal one, against its facts replayed."""
    row = f"deal {deal.code}"
    try:
        position, wanted = replay.replay(facts, landings)
    except replay.LedgerRefused as refused:
        return [Finding("ledger", row, refused.detail)]
    findings = []
    if _sums(wanted) != _sums(posted):
        say = Say("台账分录与其事实不符", "its entries do not add up to its facts")
        findings.append(Finding("ledger", row, say))
    if deal.status is not DealStatus.live or deal.kind is not DealKind.formal:
        return findings
    if position is None:
        return [*findings, Finding("deal_and_stage", row, Say("有效而没有签约", "live without a signing"))]
    if position.remaining != deal.agreed_amount:
        say = Say(
            f"协议额 {deal.agreed_amount}，台账为 {position.remaining}",
            f"agreed {deal.agreed_amount}, the ledger has {position.remaining}",
        )
        findings.append(Finding("ledger", row, say))
    here = position.dimensions
    if (here.unit_id, here.task_force_id) != (project.unit_id, project.task_force_id):
        say = Say(f"与项目 {project.code} 归属不同", f"counts elsewhere than project {project.code}")
        findings.append(Finding("deal_and_stage", row, say))
    return findings


def _sums(postings: Sequence[replay.Posting]) -> dict[Any, tuple[int, Decimal, int]]:
    added: dict[Any, tuple[int, Decimal, int]] = {}
    for posting in postings:
        key = (posting.effective_on, posting.dimensions)
        count, amount, landed = added.get(key, (0, Decimal(0), 0))
        added[key] = (count + posting.count, amount + posting.amount, landed + posting.landed)
    return {key: sums for key, sums in added.items() if sums != (0, Decimal(0), 0)}
