"""Signings of a period by how their deals were approved: at a trusted source, or by one person.

A deal is marked once, when it is approved, and its entries are written then or later: so the entries recorded by a
moment show what was known at it.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.deals.models import Deal, LedgerEntry
from app.totals import service
from app.totals.schemas import PartOfSignings, SigningsFilter

_IS_SINGLE = or_(Deal.is_single_person, and_(Deal.is_approved_at_source, Deal.trust_confirmed_by.is_(None)))


@dataclass(frozen=True, slots=True)
class Parts:
    approved_at_source: PartOfSignings
    single_person: PartOfSignings


def _sums(name: str, condition: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    zero = Decimal(0)
    amount = func.sum(case((condition, LedgerEntry.amount), else_=zero))
    return [
        func.coalesce(func.sum(case((condition, LedgerEntry.count), else_=0)), 0).label(f"{name}_count"),
        func.coalesce(amount, zero, type_=LedgerEntry.amount.type).label(f"{name}_amount"),
    ]


async def parts(session: AsyncSession, actor: Actor, filters: SigningsFilter, known_at: datetime) -> Parts:
    """Returns count and amount of the same entries as the signings of `filters`, by how their deals were approved."""
    query = (
        select(*_sums("source", Deal.is_approved_at_source.expression), *_sums("single", _IS_SINGLE))
        .select_from(LedgerEntry)
        .join(Deal, Deal.id == LedgerEntry.deal_id)
        .where(*service.matching(actor, filters, known_at))
    )
    row = (await session.execute(query)).one()
    return Parts(
        PartOfSignings(count=row.source_count, amount=row.source_amount),
        PartOfSignings(count=row.single_count, amount=row.single_amount),
    )
