"""The signing ledger: reads a deal's facts and entries and appends missing entries. The arithmetic is in `replay`."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import knowledge
from app.core.actor import Actor
from app.core.currency import CONVERSION
from app.core.ids import new_id
from app.core.refs import Reference
from app.deals import replay
from app.deals.models import Deal, DealFact, LedgerEntry
from app.organizations.models import Unit
from app.projects.models import Project
from app.reference.models import Industry
from app.taskforces.models import TaskForce


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Returns the condition on LedgerEntry that its own unit or task force is in the actor's scope.

    So a district sees the entries that counted for it, also after the project was transferred.
    """
    return actor.within(LedgerEntry.unit_id, LedgerEntry.task_force_id)


REFERENCES = [
    Reference("unit", "unit_id", Unit),
    Reference("task_force", "task_force_id", TaskForce),
    Reference("industry", "industry_code", Industry),
]
"""What facts and entries name."""
_Fact = TypeVar("_Fact", DealFact, Any)


def facts_in_force(rows: Iterable[_Fact]) -> list[_Fact]:
    """Returns the last row of each `seq`, without the withdrawn ones, in the order the facts were stated."""
    latest: dict[int, _Fact] = {}
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
    """Returns all rows of a deal's facts in the order of recording, corrected and withdrawn ones included."""
    rows = await session.scalars(
        select(DealFact).where(DealFact.deal_id == deal_id).order_by(DealFact.recorded_at, DealFact.id)
    )
    return list(rows)


async def books_of(session: AsyncSession, deal_id: UUID) -> list[replay.BookEntry]:
    """Returns all ledger entries of a deal in the order of recording."""
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
    """Returns the days on which the deal's project, or a leaf under it, landed.

    A leaf merged into another record does not count here: its landing is that of its successor. Where a record has no
    landing of its own, the landings of the records merged into it count.
    """
    continuing = aliased(Project)
    of_phase = (
        select(continuing.landed_on)
        .where(continuing.parent_id == Project.id, continuing.continues_parent, continuing.merged_into_id.is_(None))
        .correlate(Project)
        .scalar_subquery()
    )
    is_leaf = and_(Project.parent_id == deal.project_id, Project.merged_into_id.is_(None))
    columns = select(Project.id, func.coalesce(Project.landed_on, of_phase).label("day"))
    landed = columns.where(or_(Project.id == deal.project_id, is_leaf)).cte("landed", recursive=True)
    merged = select(Project.id, Project.landed_on).join(landed, Project.merged_into_id == landed.c.id)
    landed = landed.union(merged.where(landed.c.day.is_(None)))
    days = await session.scalars(select(landed.c.day).where(landed.c.day.is_not(None)))
    return list(days)


async def settle(session: AsyncSession, deal: Deal, event_id: UUID) -> replay.Position | None:
    """Appends the entries that make the ledger agree with the deal's facts and landings. The caller holds the deal
    locked.

    Returns the position of the deal, None where it has no facts in force. Also sets the deal's agreed amount and
    conversion, without raising its version: the act that stated the fact has raised it. Raises LedgerRefused where the
    facts contradict each other.
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
    """Sets the deal's agreed amount and conversion from the fact that states them."""
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
