"""Checks sessions and known browsers against the security log, and the times of schedules.

The business log keeps everything for ever, but sessions and known browsers end within hours or weeks. So their values
are recorded in the sign-in event of the security log. Both logs are sealed.
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
class _SignInRecord:
    """What security events say, by id: fingerprints of sessions and browsers, when a session ended, when a browser was
    last used."""

    fingerprints: dict[UUID, str] = field(default_factory=dict)
    ended_at: dict[UUID, datetime] = field(default_factory=dict)
    last_at: dict[UUID, datetime] = field(default_factory=dict)


async def sessions_and_browsers(session: AsyncSession) -> list[Finding]:
    """Checks that each session and known browser is as its sign-in event says, and ended when an event says so.

    Deleted rows are not checked, because they let nobody sign in.
    """
    session_rows = list(await session.scalars(select(SignInSession).order_by(SignInSession.id)))
    browsers = list(await session.scalars(select(KnownDevice).order_by(KnownDevice.id)))
    since = [*(row.created_at for row in session_rows), *(row.last_at for row in browsers)]
    record = (
        await _load_record(session, {row.id for row in session_rows} | {row.id for row in browsers}, min(since))
        if since
        else _SignInRecord()
    )
    findings = []
    for row in session_rows:
        if record.fingerprints.get(row.id) != sessions.fingerprint(row):
            findings.append(_finding(f"session {row.id}", row.user_id, record.fingerprints.get(row.id)))
        elif record.ended_at.get(row.id) != row.ended_at:
            ends = record.ended_at.get(row.id)
            say = Say(f"记为 {row.ended_at} 结束，日志所记为 {ends}", f"ended {row.ended_at}, the log says {ends}")
            findings.append(Finding(RULE, f"session {row.id} of user {row.user_id}", say))
    for browser in browsers:
        if record.fingerprints.get(browser.id) != devices.fingerprint(browser):
            recorded = record.fingerprints.get(browser.id)
            findings.append(_finding(f"known_device {browser.id}", browser.user_id, recorded))
        elif (last := record.last_at[browser.id]) != browser.last_at:
            say = Say(f"记为 {browser.last_at} 用过，日志所记为 {last}", f"used {browser.last_at}, the log says {last}")
            findings.append(Finding(RULE, f"known_device {browser.id} of user {browser.user_id}", say))
    return findings


def _finding(row: str, user_id: UUID, recorded: str | None) -> Finding:
    say = Say("没有登录事件说到它", "no sign-in tells of it")
    if recorded is not None:
        say = Say("与登录事件所记不符", "is not what the event of its sign-in says")
    return Finding(RULE, f"{row} of user {user_id}", say)


async def _load_record(session: AsyncSession, wanted: set[UUID], since: datetime) -> _SignInRecord:
    """Returns what the events since a moment say about these ids; keeps no others in memory."""
    record = _SignInRecord()
    async for at, type, data in _events(session, since):
        for id in map(UUID, data.get(trail.ENDED, ())):
            if id in wanted:
                record.ended_at[id] = at
        if type == SecurityEventType.signed_in.value:
            for part in ("session", "device"):
                if (one := data.get(part)) and (id := UUID(one["id"])) in wanted:
                    record.fingerprints[id], record.last_at[id] = one["said"], at
    return record


async def _events(session: AsyncSession, since: datetime) -> AsyncIterator[tuple[datetime, str, dict[str, Any]]]:
    """Yields moment, type and data of sign-ins and of events that ended sessions, in the order they were made."""
    event = SecurityEvent
    is_relevant = or_(event.type == SecurityEventType.signed_in.value, cast(event.data, String).contains(trail.ENDED))
    query = select(event.id, event.at, event.type, event.data).where(event.at >= since, is_relevant).order_by(event.id)
    after = UUID(int=0)
    while rows := (await session.execute(query.where(event.id > after).limit(BATCH))).all():
        for row in rows:
            yield row.at, row.type, row.data
        after = rows[-1].id


async def schedules_come(session: AsyncSession) -> list[Finding]:
    """Checks that no active schedule is due later than its next time by `cron`, for its job would be created late."""
    now = clock.now(session)
    findings = []
    for row in await session.scalars(select(Schedule).where(Schedule.is_active).order_by(Schedule.name)):
        try:
            latest = schedules.next_after(row.cron, now)
        except ValueError:
            latest = now
        if row.next_at > latest:
            say = Say(f"下次应不晚于 {latest}，记为 {row.next_at}", f"next at {row.next_at}, not after {latest}")
            findings.append(Finding("schedule", f"job_schedules {row.name}", say))
    return findings
