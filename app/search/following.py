"""The index follows every write by itself: each transaction writes the entries of the records it wrote, at its commit.

The listeners below see every flush and every INSERT, UPDATE and DELETE of a writing session, whoever makes it. What a
migration changes is followed by `renew`, which `five-ones migrate` calls; `stale` is what `five-ones check` asks.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from copy import deepcopy
from functools import cache
from importlib.metadata import version
from typing import Any, cast
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Row, String, delete, event, inspect, or_, select, text, type_coerce
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

from app.core.context import ContextValue
from app.core.db import Database, WritingSession
from app.search import keys
from app.search.index import SOURCES, Source
from app.search.models import FULL_TEXT, VOCABULARY, SearchEntry

_AT_ONCE = 500
_MADE = ("lines", "grams", "digest")
BATCH = 2_000

_WRITTEN: ContextValue[dict[str, set[UUID]]] = ContextValue("records_to_index", copied=deepcopy)
"""Ids of the records that the transaction wrote, by kind."""


def _source_of(table: str) -> Source | None:
    return next((source for source in SOURCES.values() if source.table.name == table), None)


def _written(session: Session, source: Source) -> set[UUID]:
    return _WRITTEN.get_or_set(session, dict).setdefault(source.kind, set())


@event.listens_for(WritingSession, "after_flush")
def _flushed(session: WritingSession, _context: object) -> None:
    for row in [*session.new, *session.deleted]:
        if (source := _source_of(row.__table__.name)) is not None:
            _written(session, source).add(row.id)
    for row in session.dirty:
        if (source := _source_of(row.__table__.name)) is not None:
            state = inspect(row)
            if any(state.attrs[name].history.has_changes() for name in source.columns if name in state.dict):
                _written(session, source).add(row.id)


@event.listens_for(WritingSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    statement: Any = state.statement
    source = _source_of(statement.table.name)
    if source is None or state.execution_options.get("writes_copies"):
        return
    session = cast(WritingSession, state.session)
    rows: Any = state.parameters if isinstance(state.parameters, list) else [state.parameters or {}]
    if state.is_insert:
        _written(session, source).update(row["id"] for row in rows)
        return
    query = select(source.table.c.id)
    if statement.whereclause is not None:
        query = query.where(statement.whereclause)
    for values in rows:
        _written(session, source).update(session.scalars(query, values))


@event.listens_for(WritingSession, "before_commit")
def _committing(session: WritingSession) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    for kind, ids in (_WRITTEN.clear(session) or {}).items():
        listed = sorted(ids)
        for at in range(0, len(listed), _AT_ONCE):
            _index(session, SOURCES[kind], listed[at : at + _AT_ONCE])


def _index(session: Session, source: Source, ids: Sequence[UUID]) -> None:
    """Writes the entries of these records as the records are now."""
    query = _query(source).where(source.table.c.id.in_(ids)).order_by(source.table.c.id)
    # Locked, so that whoever renames one meanwhile writes its entry after this one.
    rows = session.execute(query.with_for_update(key_share=True)).all()
    if entries := [entry_of(source, row) for row in rows]:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(_upsert(is_sqlite=is_sqlite), entries)
    if gone := set(ids) - {row.id for row in rows}:
        _remove(session, source.kind, gone)


@cache
def _query(source: Source) -> Any:
    return select(source.table.c.id, *(source.table.c[name] for name in source.columns))


def _remove(session: Session, kind: str, ids: Collection[UUID]) -> None:
    session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.record_id.in_(ids)))


@cache
def _upsert(*, is_sqlite: bool) -> Any:
    table: Any = SearchEntry.__table__
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return insert.on_conflict_do_update(
        index_elements=[table.c.record_id, table.c.kind],
        set_={name: insert.excluded[name] for name in _MADE},
        where=or_(*(table.c[name] != insert.excluded[name] for name in _MADE)),
    )


def entry_of(source: Source, row: Any) -> dict[str, Any]:
    """Returns the entry of a record, from a row of its table with the columns of the source."""
    entry = keys.entry(source.kind, source.fields(row))
    return {
        "kind": source.kind,
        "record_id": row.id,
        "lines": entry.lines,
        "grams": entry.grams,
        "digest": _digest(source, row, entry.lines, entry.grams),
    }


EDITION = f"1 {unicodedata.unidata_version} {version('pypinyin')} {version('opencc')}"
"""Raised whenever other lines or grams are made of the same names: then `migrate` makes all entries anew."""


def _digest(source: Source, row: Any, lines: str, grams: Sequence[int]) -> str:
    made_of = [EDITION, *(str(getattr(row, name)) for name in source.columns), lines, grams]
    return hashlib.blake2b(to_json(made_of), digest_size=16).hexdigest()


async def _batches(session: AsyncSession, source: Source) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yields the records of a source in the order of their ids, each with its entry, where it has one."""
    after: UUID | None = None
    query = (
        _query(source)
        .add_columns(*(getattr(SearchEntry, name).label(f"entry_{name}") for name in _MADE))
        .outerjoin(SearchEntry, (SearchEntry.record_id == source.table.c.id) & (SearchEntry.kind == source.kind))
        .order_by(source.table.c.id)
        .limit(BATCH)
    )
    while True:
        rows = (await session.execute(query if after is None else query.where(source.table.c.id > after))).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        after = rows[-1].id


def _without_record(source: Source) -> Any:
    has_record = select(source.table.c.id).where(source.table.c.id == SearchEntry.record_id).exists()
    return (SearchEntry.kind == source.kind) & ~has_record


@cache
def _without_records() -> Any:
    """Selects the entries without a record, of all kinds there are and were."""
    lacking = (_without_record(source) for source in SOURCES.values())
    return select(SearchEntry.kind, SearchEntry.record_id).where(or_(SearchEntry.kind.not_in(SOURCES), *lacking))


def _is_right(source: Source, row: Any) -> bool:
    """Whether the entry is what was made of the record as it is now, by this edition."""
    if row.entry_digest is None:
        return False
    return bool(row.entry_digest == _digest(source, row, row.entry_lines, row.entry_grams))


async def renew(database: Database) -> int:
    """Makes missing and stale entries anew, batch by batch, while others work. Returns how many there were."""
    count = 0
    for source in SOURCES.values():
        async with database.reading() as reading:
            async for rows in _batches(reading, source):
                ids = [row.id for row in rows if not _is_right(source, row)]
                for at in range(0, len(ids), _AT_ONCE):
                    async with database.writing() as session:
                        await session.run_sync(_index, source, ids[at : at + _AT_ONCE])
                count += len(ids)
        async with database.writing() as session:
            await session.execute(delete(SearchEntry).where(_without_record(source)))
    async with database.writing() as session:
        await session.execute(delete(SearchEntry).where(SearchEntry.kind.not_in(SOURCES)))
        if database.is_sqlite:
            await _mend_full_text(session)
    return count


async def _mend_full_text(session: AsyncSession) -> None:
    """Makes SQLite's full-text index anew where it is not what the entries say."""
    if await _differing_grams(session):
        await session.execute(text(f"INSERT INTO {FULL_TEXT}({FULL_TEXT}) VALUES ('rebuild')"))


async def _differing_grams(session: AsyncSession) -> int:
    """Returns of how many grams SQLite's full-text index has another number of entries than there are."""
    there = Counter[str]()
    stored = await session.execute(select(type_coerce(SearchEntry.grams, String)).order_by(SearchEntry.number))
    for (words,) in stored:
        there.update(words.split())
    rows = await session.execute(text(f"SELECT term, doc FROM {VOCABULARY}"))
    indexed: dict[str, int] = {row.term: row.doc for row in rows}
    return sum(there[word] != indexed.get(word, 0) for word in there.keys() | indexed.keys())


async def stale(session: AsyncSession) -> AsyncIterator[tuple[str, UUID]]:
    """Yields kind and id of every record whose entry is not what is made of it, and of entries without a record."""
    for source in SOURCES.values():
        async for rows in _batches(session, source):
            for row in rows:
                right = entry_of(source, row)
                if any(getattr(row, f"entry_{name}") != right[name] for name in _MADE):
                    yield source.kind, row.id
    for kind, record_id in await session.execute(_without_records()):
        yield kind, record_id


async def full_text_is_right(session: AsyncSession) -> bool:
    """Whether SQLite's full-text index is what the entries say; PostgreSQL keeps its own."""
    return session.get_bind().dialect.name != "sqlite" or not await _differing_grams(session)
