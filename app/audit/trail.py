"""The log of security events. `record` writes in the caller's transaction; `Trail.note` in one of its own, which a
refusal does not roll back.

A flood is counted, not written: of one type, outcome, actor, operation and address, ten events a minute are written and
the rest become one event with their number when the minute is over.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from fastapi import Request
from sqlalchemy import Table, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import SecurityEvent, SecurityEventType, SecurityOutcome
from app.core import client, clock
from app.core.actor import ACTING, Actor
from app.core.context import ContextValue
from app.core.db import Database
from app.core.errors import Problem
from app.core.ids import new_id
from app.core.records import plain

_WRITTEN_A_MINUTE = 10
_MOST_KEYS = 10_000
"""Keys that are counted at once; beyond that, events are counted without their address."""

_INSERT = insert(cast(Table, SecurityEvent.__table__))

ENDED = "ended_sessions"
"""The key in the data of an event that names the sessions which ended with it."""
ENDED_SESSIONS: ContextValue[list[UUID]] = ContextValue(ENDED, copied=list)
"""Sessions that ended in this transaction and that no event names yet."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """The object of a security event: its kind, such as `user`, and its id."""

    type: str
    id: UUID


async def record(
    session: AsyncSession,
    actor: Actor | None,
    what: SecurityEventType,
    subject: Subject | None = None,
    data: dict[str, Any] | None = None,
    *,
    outcome: SecurityOutcome = SecurityOutcome.done,
) -> None:
    """Logs an event in the caller's transaction. It also names the sessions that ended in the transaction so far."""
    if actor is not None:
        ACTING.set(session, actor)
    if ended := ENDED_SESSIONS.clear(session):
        data = {**(data or {}), ENDED: ended}
    await _insert(session, _row(clock.now(session), actor, what, subject, data, outcome))


def name_ended(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Makes the next security event of this transaction name these sessions as ended."""
    if ids:
        ENDED_SESSIONS.get_or_set(session, list).extend(ids)


def _row(
    at: datetime,
    actor: Actor | None,
    what: SecurityEventType,
    subject: Subject | None,
    data: dict[str, Any] | None,
    outcome: SecurityOutcome,
) -> dict[str, Any]:
    return {
        "at": at,
        "type": what.value,
        "outcome": outcome,
        "actor_id": actor and actor.id,
        "actor_name": actor and actor.name,
        "actor_kind": actor and actor.kind,
        "subject_type": subject and subject.type,
        "subject_id": subject and subject.id,
        **dataclasses.asdict(client.current()),
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "count": 1,
        "data": plain(data or {}),
    }


async def _insert(session: AsyncSession, row: dict[str, Any]) -> None:
    await session.execute(_INSERT, {"id": new_id(), **row})


Key = tuple[str, str, str | None, str | None, str | None, datetime]
"""Type, outcome, address, actor, operation and minute: a flood of one actor hides no event of another."""


class Trail:
    """Writes events in separate transactions, which a refusal does not roll back. Each process counts its floods."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[Key, int] = {}

    async def note(
        self,
        actor: Actor | None,
        what: SecurityEventType,
        subject: Subject | None = None,
        data: dict[str, Any] | None = None,
        *,
        outcome: SecurityOutcome = SecurityOutcome.refused,
    ) -> None:
        """Writes an event, or counts it in a flood. Never raises, so that the refusal is answered in any case."""
        now = self._database.clock()
        rows = self._finished_floods(now)
        operation = (data or {}).get("operation")
        if self._count(what, outcome, actor.id if actor else None, operation, now):
            rows.append(_row(now, actor, what, subject, data, outcome))
        await self._write(rows)

    async def flush(self) -> None:
        """Writes the floods of minutes that are over."""
        await self._write(self._finished_floods(self._database.clock()))

    async def close(self) -> None:
        """Writes all floods; for the end of the process."""
        await self._write(self._finished_floods(None))

    def _count(
        self,
        what: SecurityEventType,
        outcome: SecurityOutcome,
        actor_id: str | None,
        operation: str | None,
        now: datetime,
    ) -> bool:
        """Counts an event. Returns whether it is written by itself, not as part of a flood."""
        address = client.current().address if len(self._seen) < _MOST_KEYS else None
        key = (what.value, outcome.value, address, actor_id, operation, now.replace(second=0, microsecond=0))
        self._seen[key] = self._seen.get(key, 0) + 1
        return self._seen[key] <= _WRITTEN_A_MINUTE

    def _finished_floods(self, now: datetime | None) -> list[dict[str, Any]]:
        """Returns the floods of minutes that are over, as rows; all floods where `now` is None."""
        over = [key for key in self._seen if now is None or now >= key[-1] + timedelta(minutes=1)]
        rows = []
        for key in over:
            beyond = self._seen.pop(key) - _WRITTEN_A_MINUTE
            if beyond > 0:
                type, outcome, address, actor_id, operation, minute = key
                data = {"operation": operation} if operation else {}
                row = _row(
                    minute + timedelta(minutes=1), None, SecurityEventType(type), None, data, SecurityOutcome(outcome)
                )
                nobody = {"user_agent": None, "request_id": None}
                rows.append({**row, **nobody, "address": address, "actor_id": actor_id, "count": beyond})
        return rows

    async def _write(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        try:
            async with self._database.writing() as session:
                for row in rows:
                    await _insert(session, row)
        except (SQLAlchemyError, OSError, Problem) as error:
            log.error("security_events_lost", types=[row["type"] for row in rows], reason=type(error).__name__)


def of(request: Request) -> Trail:
    trail: Trail = request.app.state.trail
    return trail
