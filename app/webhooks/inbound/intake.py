"""What messages that come at the same time share: one look at their source, one transaction that keeps them all.

A message costs little; what costs is the statement and the commit. Each is answered when the transaction it is in has
been committed, and not before.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Table, bindparam, select, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.batching import Batcher
from app.core.db import Database
from app.core.errors import Problem, Unavailable
from app.core.records import insert
from app.jobs import service as jobs
from app.jobs.service import Wanted
from app.webhooks.inbound import sources
from app.webhooks.inbound.models import InboxMessage, InboxState, SourceOrder, WebhookSource

APPLY = "inbox.apply"
_MOST = 50
"""Of a round: bodies are long, and all of them are held twice while they are written."""


@dataclass(frozen=True, slots=True)
class Known:
    """A source as one look has found it, and the secrets that hold at that time.

    What is confirmed of it is read by the same statement as the secret that proves a message. Read later, it might have
    been confirmed meanwhile, and a message that one person could sign alone would pass for one that takes two.
    """

    id: UUID
    name: str
    order: SourceOrder
    is_active: bool
    is_removed: bool
    networks: list[str]
    is_confirmed: bool
    trust_change_id: UUID | None
    secrets: list[str]


@dataclass(frozen=True, slots=True)
class Taken:
    inbox_id: UUID
    is_new: bool


Row = dict[str, Any]
_Key = tuple[UUID, str]
_PLAIN = [name for name in Known.__slots__ if name not in ("secrets", "is_confirmed")]
_SOURCE = select(
    *(getattr(WebhookSource, name) for name in (*_PLAIN, "secret", "previous_secret", "previous_until")),
    WebhookSource.confirmed_since.is_not(None).label("is_confirmed"),
).where(WebhookSource.id == bindparam("id"))


class Intake:
    """Of one process and database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.source: Batcher[UUID, Known | None] = Batcher(self._look, _MOST)
        """As it is after this was asked: what is rotated, switched off or removed is so at once, for every process."""
        self.keep: Batcher[Row, Taken | None] = Batcher(self._keep, _MOST)
        """A row of the inbox, with the job that applies it. None where another body came under that id."""

    async def _look(self, ids: list[UUID]) -> list[Known | None]:
        wanted = list(dict.fromkeys(ids))
        found = dict(zip(wanted, await asyncio.gather(*map(self._look_at, wanted)), strict=True))
        return [found[one] for one in ids]

    async def _look_at(self, source_id: UUID) -> Known | None:
        row = await self._database.row(_SOURCE, id=source_id)
        if row is None:
            return None
        secrets = sources.secrets_of(self._database.settings, row, self._database.clock())
        plain = {name: getattr(row, name) for name in _PLAIN}
        return Known(**plain, is_confirmed=row.is_confirmed, secrets=secrets)

    async def _keep(self, rows: list[Row]) -> list[Taken | BaseException | None]:
        try:
            return await self._write(rows)
        except Exception as error:
            if len(rows) == 1 or _is_out_of_reach(error):
                raise
        # One of them cannot be written, or not now: each by itself, so that it stands in the way of no other.
        answers: list[Taken | BaseException | None] = []
        for row in rows:
            try:
                answers += await self._write([row])
            except Exception as error:
                answers.append(error)
        return answers

    async def _write(self, rows: list[Row]) -> list[Taken | BaseException | None]:
        async with self._database.writing() as session:
            return await _write(session, rows)


def _is_out_of_reach(error: Exception) -> bool:
    """Whether every other would fail alike, after as long a wait."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, (PoolTimeout, OSError, Problem))


def _key(row: Row) -> _Key:
    return row["source_id"], row["message_id"]


async def _write(session: AsyncSession, rows: list[Row]) -> list[Taken | BaseException | None]:
    now = clock.now(session)
    first: dict[_Key, Row] = {}
    for row in rows:
        settled = None if row["state"] is InboxState.received else now
        first.setdefault(_key(row), row | {"received_at": now, "settled_at": settled})
    table = InboxMessage.__table__
    assert isinstance(table, Table)
    once = insert(session, table).on_conflict_do_nothing(index_elements=["source_id", "message_id"])
    # In the order of their keys, in which every process waits for another's: else two would wait for each other.
    sorted_rows = [first[key] for key in sorted(first)]
    connection = await session.connection()  # the session's own bookkeeping costs as much again
    kept = {row.id for row in await connection.execute(once.returning(table.c.id), sorted_rows)}
    new = [row for row in first.values() if row["id"] in kept]
    await jobs.enqueue_all(session, APPLY, [_job(row) for row in new if row["state"] is InboxState.received])
    stand = {_key(row): (row["id"], row["body"]) for row in new}
    stand |= await _stored(session, [key for key in first if key not in stand])
    return [_answer(row, stand.get(_key(row))) for row in rows]


def _job(row: Row) -> Wanted:
    inbox_id = str(row["id"])
    return Wanted(f"source:{row['source_id']}", {"message": inbox_id}, f"{APPLY}:{inbox_id}:0")


async def _stored(session: AsyncSession, keys: Iterable[_Key]) -> dict[_Key, tuple[UUID, bytes]]:
    """Id and body of those that came before."""
    if not keys:
        return {}
    columns = InboxMessage.source_id, InboxMessage.message_id, InboxMessage.id, InboxMessage.body
    rows = await session.execute(select(*columns).where(tuple_(*columns[:2]).in_(keys)))
    return {(source_id, message_id): (inbox_id, body) for source_id, message_id, inbox_id, body in rows}


def _answer(row: Row, stands: tuple[UUID, bytes] | None) -> Taken | BaseException | None:
    if stands is None:
        return Unavailable()  # another was in the way, and is gone
    inbox_id, body = stands
    if body != row["body"]:
        return None
    return Taken(inbox_id, is_new=inbox_id == row["id"])


_intakes: WeakKeyDictionary[Database, Intake] = WeakKeyDictionary()


def intake_of(database: Database) -> Intake:
    """That of this process."""
    if (found := _intakes.get(database)) is None:
        found = _intakes[database] = Intake(database)
    return found
