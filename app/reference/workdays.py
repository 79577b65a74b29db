"""Workdays: Monday to Friday, less days off, plus worked weekend days; the table is the office's to edit."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.reference.models import Holiday, HolidayKind

Calendar = dict[date, HolidayKind]


async def calendar(session: AsyncSession) -> Calendar:
    """Every exceptional day; some forty a year. Read once a transaction."""
    known: Calendar | None = session.info.get("calendar")
    if known is None:
        rows = await session.execute(select(Holiday.day, Holiday.kind))
        known = session.info["calendar"] = {row.day: row.kind for row in rows}
    return known


def is_workday(day: date, known: Calendar) -> bool:
    exception = known.get(day)
    return day.weekday() < 5 if exception is None else exception is HolidayKind.work


def add(day: date, workdays: int, known: Calendar) -> date:
    """The day some workdays on; the starting day itself is not counted."""
    while workdays > 0:
        day += timedelta(days=1)
        workdays -= is_workday(day, known)
    return day
