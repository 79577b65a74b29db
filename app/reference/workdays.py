"""Workdays: Monday to Friday, less days off, plus worked weekend days. An office edits the table."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import ContextValue
from app.reference.models import Holiday, HolidayKind

Calendar = dict[date, HolidayKind]

_CALENDAR: ContextValue[Calendar] = ContextValue("calendar")


async def calendar(session: AsyncSession) -> Calendar:
    """Returns all exceptional days, some forty per year. Read once per transaction."""
    exceptions = _CALENDAR.get(session)
    if exceptions is None:
        rows = await session.execute(select(Holiday.day, Holiday.kind))
        exceptions = _CALENDAR.set(session, {row.day: row.kind for row in rows})
    return exceptions


def forget(session: AsyncSession) -> None:
    """Drops the calendar read in this transaction, after an edit."""
    _CALENDAR.clear(session)


def is_workday(day: date, exceptions: Calendar) -> bool:
    exception = exceptions.get(day)
    return day.weekday() < 5 if exception is None else exception is HolidayKind.work


def add(
    day: date, workdays: int, exceptions: Calendar, is_stopped: Callable[[date], bool] = lambda _day: False
) -> date:
    """Returns the day that is `workdays` later. The starting day and the days on which the clock is stopped do not
    count."""
    while workdays > 0:
        day += timedelta(days=1)
        workdays -= is_workday(day, exceptions) and not is_stopped(day)
    return day


def between(start: date, end: date, exceptions: Calendar) -> int:
    """Returns the workdays after one day up to another; negative where the other is before it."""
    if end < start:
        return -between(end, start, exceptions)
    return sum(is_workday(start + timedelta(days=n), exceptions) for n in range(1, (end - start).days + 1))
