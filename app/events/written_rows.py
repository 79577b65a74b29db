"""Each transaction logs the values of the rows it wrote, as they are at its commit.

This needs no call: the listeners below see every flush and every INSERT, UPDATE and DELETE of a writing session. A
statement that writes derived columns alone sets `execution_options(writes_copies=True)` and is not logged.
"""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, event, insert, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session

from app.core import clock, context
from app.core.actor import ACTING, system
from app.core.db import Base, WritingSession
from app.core.ids import new_id
from app.events import sealed
from app.events.models import Event, WrittenRows

Key = tuple[Any, ...]

_EVENTS = cast(Table, Event.__table__)
_INSERT = insert(cast(Table, WrittenRows.__table__))
_ROWS_A_STATEMENT = 500
_LOG = system("log")
ROWS_WRITTEN = "rows.written"
"""The type of the event of a transaction that logs no other."""


def events_of(session: AsyncSession | Session) -> list[UUID]:
    """Returns the ids of the events of this transaction, in their order."""
    return context.EVENTS.get_or_set(session, list)


def _touched(session: WritingSession, table: Table) -> set[Key]:
    """Returns the mutable set of keys of the rows of a table that this transaction wrote."""
    return context.WRITTEN_KEYS.get_or_set(session, dict).setdefault(table.name, set())


@event.listens_for(WritingSession, "after_flush")
def _flushed(session: WritingSession, _context: object) -> None:
    for row in [*session.new, *session.deleted]:
        _remember(session, row)
    for row in session.dirty:
        state = inspect(row)
        if any(state.attrs[name].history.has_changes() for name in sealed.names(row.__table__) & state.dict.keys()):
            _remember(session, row)


def _remember(session: WritingSession, row: Any) -> None:
    table: Table = row.__table__
    if table.name not in sealed.LEFT_OUT:
        _touched(session, table).add(tuple(getattr(row, column.name) for column in table.primary_key))


@event.listens_for(WritingSession, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    statement: Any = state.statement
    table = statement.table
    if table.name in sealed.LEFT_OUT or state.execution_options.get("writes_copies"):
        return
    session = cast(WritingSession, state.session)
    if state.is_insert:
        rows: Any = state.parameters if isinstance(state.parameters, list) else [state.parameters or {}]
        keys = {tuple(row[column.name] for column in table.primary_key) for row in rows}
    else:
        query = select(*table.primary_key)
        if statement.whereclause is not None:
            query = query.where(statement.whereclause)
        bound: Any = state.parameters if isinstance(state.parameters, list) else [state.parameters]
        keys = {tuple(row) for values in bound for row in session.execute(query, values)}
    _touched(session, table).update(keys)


@event.listens_for(WritingSession, "before_commit")
def _committing(session: WritingSession) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    touched = context.WRITTEN_KEYS.clear(session) or {}
    tables = {name: _values(session, name, keys) for name, keys in sorted(touched.items()) if keys}
    if tables:
        write(session, tables)


def write(session: WritingSession, tables: dict[str, Any]) -> None:
    """Logs the rows of `tables` with the last event of this transaction, or with an event made for them."""
    events = events_of(session)
    session.execute(_INSERT, {"event_id": events[-1] if events else _only_event(session), "tables": tables})


def _only_event(session: WritingSession) -> UUID:
    event_id = new_id()
    actor = ACTING.get(session) or _LOG
    values = {
        "id": event_id,
        "at": clock.now(session),
        "type": ROWS_WRITTEN,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "actor_kind": actor.kind,
        "subject_type": "log",
        "subject_id": event_id,
        "data": {},
    }
    session.execute(insert(_EVENTS), values)
    return event_id


def _values(session: WritingSession, name: str, keys: set[Key]) -> dict[str, Any]:
    """Returns these rows of a table as they are now, and the keys of those that are gone."""
    table = Base.metadata.tables[name]
    columns = sealed.columns(table)
    count = len(table.primary_key)
    rows = []
    listed = sorted(keys, key=str)
    for at in range(0, len(listed), _ROWS_A_STATEMENT):
        result = session.execute(_select(table, listed[at : at + _ROWS_A_STATEMENT]))
        rows += [sealed.logged_row(table, row) for row in result]
    present = {tuple(row[:count]) for row in rows}
    touched = {tuple(sealed.logged_key(key)) for key in keys}
    values: dict[str, Any] = {"columns": [column.name for column in columns], "keys": count, "rows": rows}
    if gone := sorted(touched - present, key=str):
        values["gone"] = [list(key) for key in gone]
    return values


def _select(table: Table, keys: list[Key]) -> Select[Any]:
    columns = tuple(table.primary_key)
    query = select(*sealed.columns(table))
    if len(columns) == 1:
        return query.where(columns[0].in_([key[0] for key in keys]))
    return query.where(tuple_(*columns).in_(keys))
