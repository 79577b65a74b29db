"""Compares every row with the values that its last transaction wrote, according to the sealed log.

Reads `written_rows` once, keeping 18 bytes for each row, and then each table. Rows that differ are looked up in the log
again, to name the columns.
"""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    insert,
    literal,
    null,
    select,
    text,
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
"""The event with the first known values of rows that are older than their table's place in the log."""
MIGRATED = "rows.migrated"
"""The event with the values of rows that migrations wrote."""

_ROWS_AT_ONCE = 1000
_ROWS_AN_EVENT = 5000
_NEVER_WRITTEN = "inserted"

Key = str
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that differs from its last transaction: `altered`, `missing`, or `inserted` by no transaction."""

    table: str
    key: Key
    kind: str
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """By column, the value in the log and the value in the row."""
    row: list[Any] | None = None
    """The values of the row, in the order of `sealed.columns`; None where it is missing."""
    event_id: UUID | None = None


@dataclass(slots=True)
class Comparison:
    differences: list[Difference] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    """By table, how many rows the log holds only as they were first found."""


class _Written:
    """The last state of every row in the log: the digest of its values, and which columns it covers."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[Key, tuple[bytes, int]]] = {}
        self._lists: dict[tuple[Names, bool], int] = {}
        self.lists: list[tuple[Names, bool]] = []

    def add(self, table: str, logged: dict[str, Any], *, is_found: bool) -> None:
        kind = (tuple(logged["columns"]), is_found)
        number = self._lists.setdefault(kind, len(self.lists))
        if number == len(self.lists):
            self.lists.append(kind)
        rows = self.rows.setdefault(table, {})
        keys, digest = logged["keys"], _digester(table, kind[0])
        for row in logged["rows"]:
            rows[_key(row[:keys])] = (digest(row), number)
        for key in logged.get("gone", ()):
            rows.pop(_key(key), None)


def _key(values: list[Any]) -> Key:
    return str(values[0]) if len(values) == 1 else "/".join(map(str, values))


def _digester(table: str, names: Names) -> Callable[[list[Any]], bytes]:
    """Returns the digest function for values of these columns. The digests are never stored."""
    model_table = Base.metadata.tables.get(table)
    has_json = model_table is None or not sealed.json_columns(model_table).isdisjoint(names)
    return _digest_of_json if has_json else _digest


def _digest(values: list[Any]) -> bytes:
    return hashlib.blake2b(to_json(values), digest_size=16).digest()


def _digest_of_json(values: list[Any]) -> bytes:
    """Returns the digest with sorted keys, because databases may reorder the keys of JSON."""
    ordered = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(ordered.encode(), digest_size=16).digest()


async def compare(session: AsyncSession) -> Comparison:
    """Returns every difference between rows and log. Needs a snapshot.

    Columns that a database before its migration does not have are read as NULL, tables as empty.
    """
    written = await _written(session)
    schema = await _schema(session)
    filled = await _filled(session, schema)
    answer = Comparison()
    suspects: dict[tuple[str, Key], tuple[str, list[Any] | None]] = {}
    for table in sealed.tables():
        rows = written.rows.pop(table.name, {})
        readers = [_reader(table, names) for names, _ in written.lists]
        count = len(table.primary_key)
        async for row in _rows(session, table, schema[table.name] if table.name in filled else None):
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
    found_events = set(await session.scalars(select(Event.id).where(Event.type == FOUND)))
    async for event_id, tables in _written_rows(session):
        for name, logged in tables.items():
            written.add(name, logged, is_found=event_id in found_events)
    return written


async def _written_rows(session: AsyncSession) -> AsyncIterator[tuple[UUID, dict[str, Any]]]:
    """Yields event id and tables of all written rows, in the order of the commits."""
    query = select(WrittenRows.number, WrittenRows.event_id, WrittenRows.tables).order_by(WrittenRows.number)
    after = 0
    while True:
        batch = (await session.execute(query.where(WrittenRows.number > after).limit(_ROWS_AT_ONCE))).all()
        for _, event_id, tables in batch:
            yield event_id, tables
        if len(batch) < _ROWS_AT_ONCE:
            return
        after = batch[-1].number


_COLUMNS_ON_SQLITE = (
    "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_xinfo(t.name) c WHERE t.type = 'table'"
)
_COLUMNS_ON_POSTGRESQL = (
    "SELECT t.relname, c.attname FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid"
    " WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p')"
    " AND c.attnum > 0 AND NOT c.attisdropped"
)


async def _schema(session: AsyncSession) -> dict[str, set[str]]:
    """Returns the names of the columns of this database, by table."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    names: dict[str, set[str]] = {}
    for table, column in await session.execute(text(_COLUMNS_ON_SQLITE if is_sqlite else _COLUMNS_ON_POSTGRESQL)):
        names.setdefault(table, set()).add(column)
    return names


async def _filled(session: AsyncSession, schema: Collection[str]) -> set[str]:
    """Returns which tables of the schema hold a row: a small city fills a third of them."""
    names = [table.name for table in sealed.tables() if table.name in schema]
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    return set(await session.scalars(text(asked)))


async def _rows(session: AsyncSession, table: Table, present: set[str] | None) -> AsyncIterator[list[Any]]:
    """Yields each row in the order of its key, in the form of the log. `present` names the columns that exist, None
    where there is no row."""
    if present is None:
        return
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    keys, query = _query(table, sealed.names(table) - present, is_sqlite=is_sqlite)
    after: tuple[Any, ...] | None = None
    while True:
        following = query if after is None else query.where(_is_after(keys, after))
        batch = (await session.execute(following)).all()
        for row in batch:
            yield sealed.logged_row(table, row)
        if len(batch) < _ROWS_AT_ONCE:
            return
        after = tuple(batch[-1][: len(keys)])


@cache
def _query(
    table: Table, absent: frozenset[str], *, is_sqlite: bool
) -> tuple[tuple[ColumnElement[Any], ...], Select[Any]]:
    """Returns the columns of a table's key, and the query of its first rows in their order; `absent` columns are
    NULL."""
    raw = partial(sealed.raw, is_sqlite=is_sqlite)
    keys = tuple(raw(column) for column in table.primary_key)
    columns = [null().label(column.name) if column.name in absent else raw(column) for column in sealed.columns(table)]
    return keys, select(*columns).select_from(table).order_by(*keys).limit(_ROWS_AT_ONCE)


def _is_after(keys: tuple[ColumnElement[Any], ...], values: tuple[Any, ...]) -> ColumnElement[bool]:
    bound = [literal(value, column.type) for column, value in zip(keys, values, strict=True)]
    return keys[0] > bound[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*bound)


def _reader(table: Table, names: Names) -> Callable[[list[Any]], bytes] | None:
    """Returns the digest function for these columns of a row; None where the log no longer includes one of them."""
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
    """Returns the suspects as differences, without those whose columns the log no longer includes."""
    if not suspects:
        return []
    last = await _last_logged(session, suspects.keys())
    tables = {table.name: table for table in sealed.tables()}
    answer = []
    for (name, key), (kind, row) in suspects.items():
        event_id, logged = last.get((name, key), (None, {}))
        columns = _changed(tables[name], logged, row) if kind == "altered" and row is not None else {}
        if columns or kind != "altered":
            answer.append(Difference(name, key, kind, columns, row, event_id))
    return answer


Logged = tuple[UUID | None, dict[str, Any]]
"""An event and the values that it holds of a row, by column."""


async def _last_logged(session: AsyncSession, wanted: Collection[tuple[str, Key]]) -> dict[tuple[str, Key], Logged]:
    """Returns by table and key the last event that wrote the row, and the values it wrote."""
    last: dict[tuple[str, Key], Logged] = {}
    async for event_id, tables in _written_rows(session):
        for name, logged in tables.items():
            for row in logged["rows"]:
                if (name, key := _key(row[: logged["keys"]])) in wanted:
                    last[name, key] = event_id, dict(zip(logged["columns"], row, strict=True))
            for gone in logged.get("gone", ()):
                if (name, key := _key(gone)) in wanted:
                    last[name, key] = event_id, {}
    return last


def _changed(table: Table, logged: dict[str, Any], row: list[Any]) -> dict[str, tuple[Any, Any]]:
    """Returns by column the value in the log and the value in the row, where they differ."""
    now = dict(zip((column.name for column in sealed.columns(table)), row, strict=True))
    both = logged.keys() & now.keys()
    return {name: (logged[name], now[name]) for name in sorted(both) if logged[name] != now[name]}


def differing_rows(comparison: Comparison) -> set[tuple[str, Key]]:
    """Returns table and key of each row that differs."""
    return {(difference.table, difference.key) for difference in comparison.differences}


async def adopt(
    session: AsyncSession,
    actor: Actor,
    data: dict[str, Any],
    differing: set[tuple[str, Key]],
    newly: Collection[str] = (),
) -> None:
    """Logs the rows that migrations changed.

    Rows in `differing` differed before the migration: they are not logged, so that `compare` still reports them. Of
    tables in `newly`, which the log did not include before, all rows that differ are logged as found.
    """
    changed: dict[str, list[Difference]] = {}
    for one in (await compare(session)).differences:
        if one.table in newly or (one.table, one.key) not in differing:
            changed.setdefault(one.table, []).append(one)
    for table in sealed.tables():
        differences = changed.get(table.name, [])
        rows = [one.row for one in differences if one.row is not None]
        gone = [one.key.split("/") for one in differences if one.row is None]
        await _log_rows(session, actor, FOUND if table.name in newly else MIGRATED, data, table, rows, gone)


async def _log_rows(
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
        logged: dict[str, Any] = {
            "columns": [column.name for column in sealed.columns(table)],
            "keys": len(table.primary_key),
            "rows": some,
        }
        if gone and not at:
            logged["gone"] = gone
        event_data = {**data, "table": table.name, "rows": len(some), "gone": len(logged.get("gone", ()))}
        event_id = await events.note(session, actor, type, "log", new_id(), event_data)
        written = {"event_id": event_id, "tables": {table.name: logged}}
        await session.execute(insert(WrittenRows), written)
