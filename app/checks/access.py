"""What lets people in, and what lets the service work: compared with the security log, and with its own times.

A session or a known browser ends within hours or weeks, and the business log keeps everything for ever: so the event of
the sign-in, in the log of security events, says what their rows say. Both logs are sealed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import devices, sessions
from app.accounts.models import KnownDevice, SignInSession
from app.audit import trail
from app.audit.models import SecurityEvent, SecurityEventType
from app.checks.findings import BATCH, Finding
from app.core import clock
from app.core.localized import Say
from app.jobs import schedules
from app.jobs.models import Schedule

RULE = "access"


@dataclass(slots=True)
class _Told:
    """What events say: of a session and a browser its digest, when a session ended, when a browser was last used."""

    said: dict[UUID, str] = field(default_factory=dict)
    ended_at: dict[UUID, datetime] = field(default_factory=dict)
    last_at: dict[UUID, datetime] = field(default_factory=dict)


async def sessions_and_browsers(session: AsyncSession) -> list[Finding]:
    """Each session and each known browser is as the event of the sign-in says, and has ended when an event says so.

    One that was removed lets nobody in, so that nobody looks for it.
    """
    held = list(await session.scalars(select(SignInSession).order_by(SignInSession.id)))
    known = list(await session.scalars(select(KnownDevice).order_by(KnownDevice.id)))
    since = [*(row.created_at for row in held), *(row.last_at for row in known)]
    told = await _told(session, {row.id for row in held} | {row.id for row in known}, min(since)) if since else _Told()
    found = []
    for row in held:
        if told.said.get(row.id) != sessions.fingerprint(row):
            found.append(_finding(f"session {row.id}", row.user_id, told.said.get(row.id)))
        elif told.ended_at.get(row.id) != row.ended_at:
            ends = told.ended_at.get(row.id)
            say = Say(f"记为 {row.ended_at} 结束，日志所记为 {ends}", f"ended {row.ended_at}, the log says {ends}")
            found.append(Finding(RULE, f"session {row.id} of user {row.user_id}", say))
    for browser in known:
        if told.said.get(browser.id) != devices.fingerprint(browser):
            found.append(_finding(f"known_device {browser.id}", browser.user_id, told.said.get(browser.id)))
        elif (last := told.last_at[browser.id]) != browser.last_at:
            say = Say(f"记为 {browser.last_at} 用过，日志所记为 {last}", f"used {browser.last_at}, the log says {last}")
            found.append(Finding(RULE, f"known_device {browser.id} of user {browser.user_id}", say))
    return found


def _finding(row: str, user_id: UUID, said: str | None) -> Finding:
    say = Say("没有登录事件说到它", "no sign-in tells of it")
    if said is not None:
        say = Say("与登录事件所记不符", "is not what the event of its sign-in says")
    return Finding(RULE, f"{row} of user {user_id}", say)


async def _told(session: AsyncSession, wanted: set[UUID], since: datetime) -> _Told:
    """What events since a moment say of these, in memory for no more than these."""
    told = _Told()
    async for at, type, data in _events(session, since):
        for id in map(UUID, data.get(trail.ENDED, ())):
            if id in wanted:
                told.ended_at[id] = at
        if type == SecurityEventType.signed_in.value:
            for part in ("session", "device"):
                if (one := data.get(part)) and (id := UUID(one["id"])) in wanted:
                    told.said[id], told.last_at[id] = one["said"], at
    return told


async def _events(session: AsyncSession, since: datetime) -> AsyncIterator[tuple[datetime, str, dict[str, Any]]]:
    """Sign-ins, and whatever ended sessions: moment, type and data, in the order they were made."""
    event = SecurityEvent
    tells = or_(event.type == SecurityEventType.signed_in.value, cast(event.data, String).contains(trail.ENDED))
    query = select(event.id, event.at, event.type, event.data).where(event.at >= since, tells).order_by(event.id)
    after = UUID(int=0)
    while rows := (await session.execute(query.where(event.id > after).limit(BATCH))).all():
        for row in rows:
            yield row.at, row.type, row.data
        after = rows[-1].id


async def schedules_come(session: AsyncSession) -> list[Finding]:
    """A schedule is next due no later than the next time it names: pushed beyond that, its job would not be made."""
    now = clock.now(session)
    found = []
    for row in await session.scalars(select(Schedule).where(Schedule.is_active).order_by(Schedule.name)):
        try:
            latest = schedules.next_after(row.cron, now)
        except ValueError:
            latest = now
        if row.next_at > latest:
            say = Say(f"下次应不晚于 {latest}，记为 {row.next_at}", f"next at {row.next_at}, not after {latest}")
            found.append(Finding("schedule", f"job_schedules {row.name}", say))
    return found
