"""The signing ledger: its books, and how they come to say what a deal's facts say. The arithmetic is in `replay`."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import knowledge
from app.core.actor import Actor
from app.core.currency import CONVERSION
from app.core.ids import new_id
from app.deals import replay
from app.deals.models import Deal, DealFact, LedgerEntry
from app.projects.models import Project


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Entries are scoped by their own unit or task force: a district keeps what it once counted, and no more."""
    return actor.within(LedgerEntry.unit_id, LedgerEntry.task_force_id)


def facts_in_force(rows: Iterable[DealFact]) -> list[DealFact]:
    """The last row of each seq, without the withdrawn, in the order the facts were stated."""
    latest: dict[int, DealFact] = {}
    for row in sorted(rows, key=lambda row: row.recorded_at):
        corrected = latest.get(row.seq)
        if corrected is None or row.corrects_id == corrected.id:
            latest[row.seq] = row
    return [row for _, row in sorted(latest.items()) if not row.is_withdrawn]


def as_fact(row: DealFact) -> replay.Fact:
    return replay.Fact(
        row.seq,
        row.kind,
        row.effective_on,
        row.amount,
        row.unit_id,
        row.task_force_id,
        row.industry_code,
        row.origin,
        row.ownership,
    )


async def facts_of(session: AsyncSession, deal_id: UUID) -> list[DealFact]:
    rows = await session.scalars(
        select(DealFact).where(DealFact.deal_id == deal_id).order_by(DealFact.recorded_at, DealFact.id)
    )
    return list(rows)


async def books_of(session: AsyncSession, deal_id: UUID) -> list[replay.BookEntry]:
    rows = await session.scalars(
        select(LedgerEntry).where(LedgerEntry.deal_id == deal_id).order_by(LedgerEntry.recorded_at, LedgerEntry.id)
    )
    return [book_entry(row) for row in rows]


def book_entry(row: LedgerEntry) -> replay.BookEntry:
    dimensions = replay.Dimensions(
        row.unit_id, row.task_force_id, row.industry_code, row.origin, row.ownership, row.size
    )
    posting = replay.Posting(
        row.seq, row.side, row.of_kind, row.effective_on, row.count, row.amount, row.landed, dimensions
    )
    return replay.BookEntry(row.id, posting, row.is_reversal, row.corrects_id)


async def landings(session: AsyncSession, deal: Deal) -> list[date]:
    """The days on which the deal's project, or a leaf under it, landed.

    A leaf merged into another record is that record: it lands there, and under this deal no more. Where a record has
    no landing of its own, that of what was merged into it is its landing.
    """
    continuing = aliased(Project)
    of_phase = (
        select(continuing.landed_on)
        .where(continuing.parent_id == Project.id, continuing.continues_parent, continuing.merged_into_id.is_(None))
        .correlate(Project)
        .scalar_subquery()
    )
    is_leaf = and_(Project.parent_id == deal.project_id, Project.merged_into_id.is_(None))
    own = select(Project.id, func.coalesce(Project.landed_on, of_phase).label("day"))
    found = own.where(or_(Project.id == deal.project_id, is_leaf)).cte("landed", recursive=True)
    merged = select(Project.id, Project.landed_on).join(found, Project.merged_into_id == found.c.id)
    found = found.union(merged.where(found.c.day.is_(None)))
    days = await session.scalars(select(found.c.day).where(found.c.day.is_not(None)))
    return list(days)


async def settle(session: AsyncSession, deal: Deal, event_id: UUID) -> replay.Position | None:
    """Bring the ledger to the deal's facts and landing; the caller holds the deal's row lock.

    Answers where the deal stands, None if it never was one. The amount agreed, with the conversion it came from, is
    kept on the deal; its version stays, for the act that brought this about has raised it. Raises LedgerRefused.
    """
    recorded_at = await knowledge.take(session)
    rows = facts_in_force(await facts_of(session, deal.id))
    facts = [as_fact(row) for row in rows]
    position, wanted = replay.replay(facts, await landings(session, deal))
    drafts = replay.difference(wanted, await books_of(session, deal.id))
    if drafts:
        await session.execute(insert(LedgerEntry), [_row(deal, draft, recorded_at, event_id) for draft in drafts])
    if facts:
        await _keep_agreed(session, deal, next(row for row in rows if row.seq == replay.agreed(facts).seq))
    return position


async def _keep_agreed(session: AsyncSession, deal: Deal, stated: DealFact) -> None:
    money = {"agreed_amount": stated.amount, **{name: getattr(stated, name) for name in CONVERSION}}
    if any(getattr(deal, name) != value for name, value in money.items()):
        await session.execute(
            update(Deal).where(Deal.id == deal.id).values(**money),
            execution_options={"synchronize_session": "evaluate"},
        )


def _row(deal: Deal, draft: replay.Draft, recorded_at: datetime, event_id: UUID) -> dict[str, object]:
    posting = draft.posting
    dimensions = {name: getattr(posting.dimensions, name) for name in replay.Dimensions.__slots__}
    return {
        "id": new_id(),
        "deal_id": deal.id,
        "kind": draft.kind,
        "of_kind": posting.kind,
        "effective_on": posting.effective_on,
        "recorded_at": recorded_at,
        "count": posting.count,
        "amount": posting.amount,
        "landed": posting.landed,
        "seq": posting.seq,
        "side": posting.side,
        "is_reversal": draft.is_reversal,
        "corrects_id": draft.corrects_id,
        "event_id": event_id,
        **dimensions,
    }
