"""An aiosqlite connection that runs a statement in one call to its thread instead of four.

SQLAlchemy's dialect opens a cursor, executes, fetches all rows and closes, each in a separate await. With aiosqlite
each of these switches to another thread, which together costs more than the statement itself.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite


class Cursor:
    """The cursor that SQLAlchemy's dialect uses: rows are fetched in the same call as the statement runs."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._executed: sqlite3.Cursor | None = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> "Cursor":
        return self

    def _run(self, sql: str, parameters: Sequence[Any]) -> None:
        self._executed = self._connection._conn.execute(sql, parameters)
        self._rows = self._executed.fetchall() if self._executed.description else []

    def _run_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._executed = self._connection._conn.executemany(sql, parameters)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "Cursor":
        await self._connection._execute(self._run, sql, parameters)  # type: ignore[no-untyped-call]
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        await self._connection._execute(self._run_many, sql, parameters)  # type: ignore[no-untyped-call]
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Does nothing: all rows were fetched, so the statement is finished already."""

    @property
    def description(self) -> Any:
        return self._executed.description if self._executed else None

    @property
    def rowcount(self) -> int:
        return self._executed.rowcount if self._executed else -1

    @property
    def lastrowid(self) -> int | None:
        return self._executed.lastrowid if self._executed else None


class Connection(aiosqlite.Connection):
    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def rollback(self) -> None:
        """Skips the thread where no transaction is open: the pool rolls back at every return of a connection."""
        if self.in_transaction:
            await super().rollback()


class Inline(Connection):
    """Runs every statement in the calling thread: for a command that does nothing else meanwhile."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)  # so that Ctrl-C can cancel between statements, and before the commit
        return fn(*args, **kwargs)


_WAIT_FOR_READERS_SECONDS = 0.2


async def truncate_wal(connection: Connection, busy_seconds: float) -> bool:
    """Copies the write-ahead log into the database and truncates it (a checkpoint). Outside any transaction.

    Returns False where a reader still needs the log after a short wait. `busy_seconds` is the lock timeout of the
    connection, which is set again afterwards.
    """
    cursor = connection.cursor()
    await cursor.execute(f"PRAGMA busy_timeout={int(_WAIT_FOR_READERS_SECONDS * 1000)}")
    try:
        await cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((is_busy, _, _),) = await cursor.fetchall()
        return not is_busy
    finally:
        await cursor.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")


async def connect(*args: Any, **options: Any) -> aiosqlite.Connection:
    """Opens a connection: the `async_creator_fn` of an engine."""
    return await _opened(Connection, *args, **options)


async def connect_inline(*args: Any, **options: Any) -> aiosqlite.Connection:
    """Opens a connection that runs in the calling thread: the `async_creator_fn` of an engine that one task uses."""
    return await _opened(Inline, *args, **options)


async def _opened(kind: type[Connection], *args: Any, **options: Any) -> aiosqlite.Connection:
    connection = kind(partial(sqlite3.connect, *args, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does: an open connection must not keep the process alive
    return await connection
