"""What a setting of the office was on which days: stored with each change, read beside figures."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls.models import SettingChange
from app.core import clock, knowledge, office


async def store(session: AsyncSession, key: str, value: str | None, event_id: UUID) -> None:
    """Store a setting, and from which business day it holds."""
    await office.put(session, key, value)
    today = await clock.today(session)
    session.add(
        SettingChange(
            key=key,
            value=value,
            effective_on=today,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
        )
    )
    await session.flush()


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included."""

    start: date
    end: date


async def separation_off(session: AsyncSession, start: date, end: date, known_at: datetime) -> list[Days]:
    """The days from `start` to `end` on which who drafted a deal could also approve it, as known at a moment.

    A day on which it was off for a part counts. While it is off, the days go on to the day of `known_at`.
    """
    query = (
        select(SettingChange.value, SettingChange.effective_on)
        .where(SettingChange.key == office.SEPARATION, SettingChange.recorded_at <= known_at)
        .order_by(SettingChange.recorded_at, SettingChange.id)
    )
    found: list[Days] = []
    since: date | None = None
    for value, day in await session.execute(query):
        if value == office.OFF:
            since = since or day
        elif since is not None:
            found.append(Days(since, max(since, day)))
            since = None
    if since is not None:
        found.append(Days(since, max(since, clock.business_day(known_at))))
    return _joined([Days(max(days.start, start), min(days.end, end)) for days in found])


def _joined(days: list[Days]) -> list[Days]:
    """In the order of days, without empty ones; those that touch or overlap are one."""
    joined: list[Days] = []
    for one in sorted((one for one in days if one.start <= one.end), key=lambda one: one.start):
        if joined and (one.start - joined[-1].end).days <= 1:
            joined[-1] = Days(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined
