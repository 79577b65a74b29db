"""Compare every row with what the sealed log says that its last transaction wrote.

Two walks, each of fixed statements: one over `written_rows`, which remembers 18 bytes a row, and one over each table.
What differs is then looked up in the log, so that the answer can name the columns.
"""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    insert,
    inspect,
    literal,
    null,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.db import Base
from app.core.ids import new_id
from app.events import sealed
from app.events import service as events
from app.events.models import Event, WrittenRows

FOUND = "rows.found"
"""The event that says what rows from before `written_rows` said when they were found."""
MIGRATED = "rows.migrated"
"""The event that says what migrations made of rows."""

MIGRATION = "migration"
"""The actor of events that migrations made themselves."""

_ROWS_AT_ONCE = 1000
_ROWS_AN_EVENT = 5000
_NEVER_WRITTEN = "inserted"

Key = str
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as its last transaction left it: `altered`, `missing`, or `inserted` by none."""

    table: str
    key: Key
    kind: str
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """By name of the column what the log says and what the row says."""
    row: list[Any] | None = None
    """What the row says, in the order of `vouched.columns`; None where it is missing."""
    event_id: UUID | None = None


@dataclass(slots=True)
class Comparison:
    differences: list[Difference] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    """By table the rows of which the log says no more than how they were found."""


class _Written:
    """What the log says of every row: the digest of its values, and which columns and event they are of."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, tuple[bytes, int]]] = {}
        self._lists: dict[tuple[Names, bool], int] = {}
        self.lists: list[tuple[Names, bool]] = []

    def add(self, table: str, said: dict[str, Any], *, is_found: bool) -> None:
        kind = (tuple(said["columns"]), is_found)
        number = self._lists.setdefault(kind, len(self.lists))
        if number == len(self.lists):
            self.lists.append(kind)
        rows = self.rows.setdefault(table, {})
        keys, digest = said["keys"], _digester(table, kind[0])
        for row in said["rows"]:
            rows[_key(row[:keys])] = (digest(row), number)
        for key in said.get("gone", ()):
            rows.pop(_key(key), None)


def _key(values: list[Any]) -> Key:
    return str(values[0]) if len(values) == 1 else "/".join(map(str, values))


def _digester(table: str, names: Names) -> Callable[[list[Any]], bytes]:
    """How to digest values of these columns, in memory alone."""
    known = Base.metadata.tables.get(table)
    has_parts = known is None or not sealed.json_columns(known).isdisjoint(names)
    return _digest_of_parts if has_parts else _digest


def _digest(values: list[Any]) -> bytes:
    return hashlib.blake2b(to_json(values), digest_size=16).digest()


def _digest_of_parts(values: list[Any]) -> bytes:
    """Keys are put into their order, which databases need not keep."""
    said = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


async def compare(session: AsyncSession) -> Comparison:
    """Every difference between rows and log. Wants a snapshot.

    A table or column that this database does not have yet, for it is not migrated, says nothing.
    """
    written = await _written(session)
    there = await _schema(session)
    answer = Comparison()
    suspects: dict[tuple[str, Key], tuple[str, list[Any] | None]] = {}
    for table in sealed.tables():
        rows = written.rows.pop(table.name, {})
        readers = [_reader(table, names) for names, _ in written.lists]
        count = len(table.primary_key)
        async for row in _rows(session, table, there.get(table.name)):
            key = _key(row[:count])
            digest, number = rows.pop(key, (None, -1))
            if digest is None:
                suspects[table.name, key] = (_NEVER_WRITTEN, row)
                continue
            if written.lists[number][1]:
                answer.found[table.name] += 1
            read = readers[number]
            if read is None or digest != read(row):
                suspects[table.name, key] = ("altered", row)
        suspects.update({(table.name, key): ("missing", None) for key in rows})
    answer.differences = await _explained(session, suspects)
    return answer


async def _written(session: AsyncSession) -> _Written:
    written = _Written()
    found = set(await session.scalars(select(Event.id).where(Event.type == FOUND)))
    async for event_id, tables in _all(session):
        for name, said in tables.items():
            written.add(name, said, is_found=event_id in found)
    return written


async def _all(session: AsyncSession) -> AsyncIterator[tuple[UUID, dict[str, Any]]]:
    query = select(WrittenRows.number, WrittenRows.event_id, WrittenRows.tables).order_by(WrittenRows.number)
    after = 0
    while True:
        batch = (await session.execute(query.where(WrittenRows.number > after).limit(_ROWS_AT_ONCE))).all()
        for _, event_id, tables in batch:
            yield event_id, tables
        if len(batch) < _ROWS_AT_ONCE:
            return
        after = batch[-1].number


async def _schema(session: AsyncSession) -> dict[str, set[str]]:
    """The names of the columns this database has, by table."""

    def read(connection: Connection) -> dict[str, set[str]]:
        found = inspect(connection).get_multi_columns()
        return {name: {column["name"] for column in columns} for (_, name), columns in found.items()}

    return await (await session.connection()).run_sync(read)


async def _rows(session: AsyncSession, table: Table, there: set[str] | None) -> AsyncIterator[list[Any]]:
    """Each row in the order of its key, as the log would keep it."""
    if there is None:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    raw = partial(sealed.raw, is_sqlite=is_sqlite)
    keys = tuple(raw(column) for column in table.primary_key)
    columns = [raw(column) if column.name in there else null().label(column.name) for column in sealed.columns(table)]
    query = select(*columns).select_from(table).order_by(*keys).limit(_ROWS_AT_ONCE)
    after: tuple[Any, ...] | None = None
    while True:
        beyond = query if after is None else query.where(_is_after(keys, after))
        batch = (await session.execute(beyond)).all()
        for row in batch:
            yield sealed.logged_row(table, row)
        if len(batch) < _ROWS_AT_ONCE:
            return
        after = tuple(batch[-1][: len(keys)])


def _is_after(keys: tuple[ColumnElement[Any], ...], values: tuple[Any, ...]) -> ColumnElement[bool]:
    bound = [literal(value, column.type) for column, value in zip(keys, values, strict=True)]
    return keys[0] > bound[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*bound)


def _reader(table: Table, names: Names) -> Callable[[list[Any]], bytes] | None:
    """The digest of these columns of a row; None where one of them is not among those vouched for today."""
    today = {column.name: place for place, column in enumerate(sealed.columns(table))}
    if not today.keys() >= set(names):
        return None
    places, digest = [today[name] for name in names], _digester(table.name, names)
    if places == list(range(len(today))):
        return digest
    return lambda row: digest([row[place] for place in places])


async def _explained(
    session: AsyncSession, suspects: dict[tuple[str, Key], tuple[str, list[Any] | None]]
) -> list[Difference]:
    """The suspects beside what the log says of them; one whose columns are no longer vouched for is none."""
    if not suspects:
        return []
    last = await _last_said(session, suspects.keys())
    tables = {table.name: table for table in sealed.tables()}
    answer = []
    for (name, key), (kind, row) in suspects.items():
        event_id, said = last.get((name, key), (None, {}))
        columns = _changed(tables[name], said, row) if kind == "altered" and row is not None else {}
        if columns or kind != "altered":
            answer.append(Difference(name, key, kind, columns, row, event_id))
    return answer


Said = tuple[UUID | None, dict[str, Any]]


async def _last_said(session: AsyncSession, wanted: Collection[tuple[str, Key]]) -> dict[tuple[str, Key], Said]:
    """By table and key the last event that wrote the row, and what it left there."""
    last: dict[tuple[str, Key], Said] = {}
    async for event_id, tables in _all(session):
        for name, said in tables.items():
            for row in said["rows"]:
                if (name, key := _key(row[: said["keys"]])) in wanted:
                    last[name, key] = event_id, dict(zip(said["columns"], row, strict=True))
            for gone in said.get("gone", ()):
                if (name, key := _key(gone)) in wanted:
                    last[name, key] = event_id, {}
    return last


def _changed(table: Table, said: dict[str, Any], row: list[Any]) -> dict[str, tuple[Any, Any]]:
    """By name of the column what the log says and what the row says, where they differ."""
    now = dict(zip((column.name for column in sealed.columns(table)), row, strict=True))
    both = said.keys() & now.keys()
    return {name: (said[name], now[name]) for name in sorted(both) if said[name] != now[name]}


def differing_rows(comparison: Comparison) -> set[tuple[str, Key]]:
    """Which rows differ."""
    return {(found.table, found.key) for found in comparison.differences}


async def adopt(
    session: AsyncSession,
    actor: Actor,
    data: dict[str, Any],
    known: set[tuple[str, Key]],
    newly: Collection[str] = (),
) -> None:
    """Enter into the log what migrations made of rows; where it keeps no rows yet, what all rows say now.

    Those in `known` differed before the migration: they are not entered, so that `compare` goes on naming them. Of
    tables in `newly`, which the log has not vouched for before, all that it does not know is entered as found.
    """
    is_used = await session.scalar(select(Event.id).where(Event.actor_id != MIGRATION).limit(1))
    found = FOUND if is_used else MIGRATED
    if await session.scalar(select(WrittenRows.number).limit(1)) is None:
        there = await _schema(session)
        for table in sealed.tables():
            rows = [row async for row in _rows(session, table, there.get(table.name))]
            await _enter(session, actor, found, data, table, rows, [])
        return
    changed: dict[str, list[Difference]] = {}
    for one in (await compare(session)).differences:
        if one.table in newly or (one.table, one.key) not in known:
            changed.setdefault(one.table, []).append(one)
    for table in sealed.tables():
        differences = changed.get(table.name, [])
        rows = [one.row for one in differences if one.row is not None]
        gone = [one.key.split("/") for one in differences if one.row is None]
        await _enter(session, actor, found if table.name in newly else MIGRATED, data, table, rows, gone)


async def _enter(
    session: AsyncSession,
    actor: Actor,
    type: str,
    data: dict[str, Any],
    table: Table,
    rows: list[list[Any]],
    gone: list[list[str]],
) -> None:
    for at in range(0, max(len(rows), 1 if gone else 0), _ROWS_AN_EVENT):
        some = rows[at : at + _ROWS_AN_EVENT]
        said: dict[str, Any] = {
            "columns": [column.name for column in sealed.columns(table)],
            "keys": len(table.primary_key),
            "rows": some,
        }
        if gone and not at:
            said["gone"] = gone
        told = {**data, "table": table.name, "rows": len(some), "gone": len(said.get("gone", ()))}
        event_id = await events.note(session, actor, type, "log", new_id(), told)
        written = {"event_id": event_id, "tables": {table.name: said}}
        await session.execute(insert(WrittenRows), written)
