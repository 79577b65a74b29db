"""Workdays: Monday to Friday, less days off, plus worked weekend days; the table is the office's to edit."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import ContextValue
from app.reference.models import Holiday, HolidayKind

Calendar = dict[date, HolidayKind]

_CALENDAR: ContextValue[Calendar] = ContextValue("calendar")


async def calendar(session: AsyncSession) -> Calendar:
    """Every exceptional day; some forty a year. Read once a transaction."""
    known = _CALENDAR.get(session)
    if known is None:
        rows = await session.execute(select(Holiday.day, Holiday.kind))
        known = _CALENDAR.set(session, {row.day: row.kind for row in rows})
    return known


def forget(session: AsyncSession) -> None:
    """Read the calendar anew, after an edit."""
    _CALENDAR.clear(session)


def is_workday(day: date, known: Calendar) -> bool:
    exception = known.get(day)
    return day.weekday() < 5 if exception is None else exception is HolidayKind.work


def add(day: date, workdays: int, known: Calendar, stands_still: Callable[[date], bool] = lambda _day: False) -> date:
    """The day some workdays on; the starting day itself is not counted, nor a day on which the clock stands still."""
    while workdays > 0:
        day += timedelta(days=1)
        workdays -= is_workday(day, known) and not stands_still(day)
    return day
