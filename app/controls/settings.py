"""The history of office settings: stored with each change, shown beside figures."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls.models import SettingChange
from app.core import clock, knowledge, office


async def store(session: AsyncSession, key: str, value: str | None, event_id: UUID) -> None:
    """Stores a setting, and the change of it with today as its effective day."""
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
    """A range of days, both ends included."""

    start: date
    end: date


async def separation_off(session: AsyncSession, start: date, end: date, known_at: datetime) -> list[Days]:
    """Returns the days from `start` to `end` when a deal's drafter could also approve it, as known at a moment.

    A day counts where separation was off for part of it. While it is off, the last range ends on the day of `known_at`.
    """
    query = (
        select(SettingChange.value, SettingChange.effective_on)
        .where(SettingChange.key == office.SEPARATION, SettingChange.recorded_at <= known_at)
        .order_by(SettingChange.recorded_at, SettingChange.id)
    )
    ranges: list[Days] = []
    since: date | None = None
    for value, day in await session.execute(query):
        if value == office.OFF:
            since = since or day
        elif since is not None:
            ranges.append(Days(since, max(since, day)))
            since = None
    if since is not None:
        ranges.append(Days(since, max(since, clock.business_day(known_at))))
    return _joined([Days(max(days.start, start), min(days.end, end)) for days in ranges])


def _joined(days: list[Days]) -> list[Days]:
    """Returns the ranges in order, without empty ones; ranges that touch or overlap are merged."""
    joined: list[Days] = []
    for one in sorted((one for one in days if one.start <= one.end), key=lambda one: one.start):
        if joined and (one.start - joined[-1].end).days <= 1:
            joined[-1] = Days(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return joined
