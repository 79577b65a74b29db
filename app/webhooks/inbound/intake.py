"""Batches messages that arrive at the same time: one read of their source, one transaction that stores them all.

The statement and the commit cost more than the message. A sender is answered only after the transaction of its message
has been committed.
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
"""Size of a batch: bodies are long, and all of them are in memory twice while they are written."""


@dataclass(frozen=True, slots=True)
class SourceAtReceipt:
    """A source as read when a message arrives, with the secrets valid at that time.

    The confirmation is read in the same statement as the secret that proves the message. Read later, the source might
    have been confirmed meanwhile, and a message that one person alone could sign would count as confirmed.
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
class Stored:
    """A message in the inbox. `is_new` is False where the same message was received before."""

    inbox_id: UUID
    is_new: bool


Row = dict[str, Any]
_Key = tuple[UUID, str]
_PLAIN = [name for name in SourceAtReceipt.__slots__ if name not in ("secrets", "is_confirmed")]
_SOURCE = select(
    *(getattr(WebhookSource, name) for name in (*_PLAIN, "secret", "previous_secret", "previous_until")),
    WebhookSource.confirmed_since.is_not(None).label("is_confirmed"),
).where(WebhookSource.id == bindparam("id"))


class Intake:
    """The batchers of one process for one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.source: Batcher[UUID, SourceAtReceipt | None] = Batcher(self._read_sources, _MOST)
        """Reads after the call, so that a rotation or removal takes effect immediately in every process."""
        self.keep: Batcher[Row, Stored | None] = Batcher(self._keep, _MOST)
        """Stores a row of the inbox, with the job that applies it. None where another body came under that id."""

    async def _read_sources(self, ids: list[UUID]) -> list[SourceAtReceipt | None]:
        distinct = list(dict.fromkeys(ids))
        sources_by_id = dict(zip(distinct, await asyncio.gather(*map(self._read_source, distinct)), strict=True))
        return [sources_by_id[source_id] for source_id in ids]

    async def _read_source(self, source_id: UUID) -> SourceAtReceipt | None:
        row = await self._database.row(_SOURCE, id=source_id)
        if row is None:
            return None
        secrets = sources.secrets_of(self._database.settings, row, self._database.clock())
        plain = {name: getattr(row, name) for name in _PLAIN}
        return SourceAtReceipt(**plain, is_confirmed=row.is_confirmed, secrets=secrets)

    async def _keep(self, rows: list[Row]) -> list[Stored | BaseException | None]:
        try:
            return await self._write(rows)
        except Exception as error:
            if len(rows) == 1 or _is_unreachable(error):
                raise
        # One of them cannot be written, or not now: write each by itself, so that it does not block the others.
        answers: list[Stored | BaseException | None] = []
        for row in rows:
            try:
                answers += await self._write([row])
            except Exception as error:
                answers.append(error)
        return answers

    async def _write(self, rows: list[Row]) -> list[Stored | BaseException | None]:
        async with self._database.writing() as session:
            return await write(session, rows)


def _is_unreachable(error: Exception) -> bool:
    """Whether the database is unreachable, so that every other row would fail too, after as long a wait."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    return isinstance(error, (PoolTimeout, OSError, Problem))


def _key(row: Row) -> _Key:
    return row["source_id"], row["message_id"]


async def write(session: AsyncSession, rows: list[Row]) -> list[Stored | BaseException | None]:
    """Stores rows of the inbox with their jobs, in the caller's transaction. Returns an answer for each, as `keep`."""
    now = clock.now(session)
    first: dict[_Key, Row] = {}
    for row in rows:
        settled = None if row["state"] is InboxState.received else now
        first.setdefault(_key(row), row | {"received_at": now, "settled_at": settled})
    table = InboxMessage.__table__
    assert isinstance(table, Table)
    once = insert(session, table).on_conflict_do_nothing(index_elements=["source_id", "message_id"])
    # In the order of their keys, as in every process: else two could deadlock.
    sorted_rows = [first[key] for key in sorted(first)]
    connection = await session.connection()  # the bookkeeping of the ORM session would double the cost
    inserted_ids = {row.id for row in await connection.execute(once.returning(table.c.id), sorted_rows)}
    new = [row for row in first.values() if row["id"] in inserted_ids]
    await jobs.enqueue_all(session, APPLY, [_job(row) for row in new if row["state"] is InboxState.received])
    stored = {_key(row): (row["id"], row["body"]) for row in new}
    stored |= await _stored_before(session, [key for key in first if key not in stored])
    return [_answer(row, stored.get(_key(row))) for row in rows]


def _job(row: Row) -> Wanted:
    inbox_id = str(row["id"])
    return Wanted(f"source:{row['source_id']}", {"message": inbox_id}, f"{APPLY}:{inbox_id}:0")


async def _stored_before(session: AsyncSession, keys: Iterable[_Key]) -> dict[_Key, tuple[UUID, bytes]]:
    """Returns id and body of the messages with these keys that are in the inbox already."""
    if not keys:
        return {}
    columns = InboxMessage.source_id, InboxMessage.message_id, InboxMessage.id, InboxMessage.body
    rows = await session.execute(select(*columns).where(tuple_(*columns[:2]).in_(keys)))
    return {(source_id, message_id): (inbox_id, body) for source_id, message_id, inbox_id, body in rows}


def _answer(row: Row, stored: tuple[UUID, bytes] | None) -> Stored | BaseException | None:
    if stored is None:
        return Unavailable()  # a concurrent row with this key blocked the insert and is gone again
    inbox_id, body = stored
    if body != row["body"]:
        return None
    return Stored(inbox_id, is_new=inbox_id == row["id"])


_intakes: WeakKeyDictionary[Database, Intake] = WeakKeyDictionary()


def intake_of(database: Database) -> Intake:
    """Returns the intake of this process for a database."""
    if (intake := _intakes.get(database)) is None:
        intake = _intakes[database] = Intake(database)
    return intake
