"""Append-only series: a fact is the rows of one key, numbered by `seq`; the last one known is in force, unless it
withdraws."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.core.localized import Say


async def last(session: AsyncSession, model: Any, **key: Any) -> Any:
    """Returns the last row of a series, None where there is none."""
    of_key = [getattr(model, name) == value for name, value in key.items()]
    return (await session.scalars(select(model).where(*of_key).order_by(model.seq.desc()).limit(1))).one_or_none()


async def next_seq(session: AsyncSession, model: Any, **key: Any) -> int:
    """Returns the next number of a series, whose record the caller holds locked."""
    last_row = await last(session, model, **key)
    return 1 if last_row is None else int(last_row.seq) + 1


def refuse_in_force(row: Any, say: Say) -> None:
    """Raises Conflict where the row enters a fact that is in force."""
    if row is not None and not row.is_withdrawn:
        raise Conflict(say, code="already_on_record")


def require_in_force(row: Any, say: Say) -> None:
    """Raises Conflict where no row is in force."""
    if row is None or row.is_withdrawn:
        raise Conflict(say, code="not_on_record")


def latest_rows(model: Any, *key: Any, known_at: datetime | None = None) -> Any:
    """Returns a subquery of the rows in force, now or as known at a moment: the last of each series, unless it
    withdraws."""
    rank = func.row_number().over(partition_by=key, order_by=model.seq.desc()).label("rank")
    rows = select(model, rank) if known_at is None else select(model, rank).where(model.recorded_at <= known_at)
    ranked = rows.subquery()
    return select(ranked).where(ranked.c.rank == 1, ~ranked.c.is_withdrawn).subquery()
