"""An aiosqlite connection that runs a statement in one hop to its thread, where the plain one takes four.

SQLAlchemy's dialect asks any driver for a cursor, executes, fetches every row and closes, each a separate await. For a
server that is four packets; for aiosqlite it is four times another thread, which costs more than the statement itself.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import aiosqlite


class Cursor:
    """What SQLAlchemy's dialect asks of a cursor: rows are fetched where the statement ran."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._ran: sqlite3.Cursor | None = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> "Cursor":
        return self

    def _run(self, sql: str, parameters: Sequence[Any]) -> None:
        self._ran = self._connection._conn.execute(sql, parameters)
        self._rows = self._ran.fetchall() if self._ran.description else []

    def _run_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._ran = self._connection._conn.executemany(sql, parameters)

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
        """Every row was fetched: the statement behind it is finished already."""

    @property
    def description(self) -> Any:
        return self._ran.description if self._ran else None

    @property
    def rowcount(self) -> int:
        return self._ran.rowcount if self._ran else -1

    @property
    def lastrowid(self) -> int | None:
        return self._ran.lastrowid if self._ran else None


class Connection(aiosqlite.Connection):
    def cursor(self) -> Cursor:  # type: ignore[override]
        return Cursor(self)

    async def rollback(self) -> None:
        """Where nothing was begun there is nothing to go to the thread for; a pool asks at every return."""
        if self.in_transaction:
            await super().rollback()


class Inline(Connection):
    """Runs every statement where it is called: for a command that has nothing else to do meanwhile."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)  # Ctrl-C is heard here, and before the commit
        return fn(*args, **kwargs)


_WAIT_FOR_READERS_SECONDS = 0.2


async def truncate_wal(connection: Connection, busy_seconds: float) -> bool:
    """Write what the write-ahead log holds into the database, and cut it to nothing. Outside any transaction.

    Returns False where a reader holds on to it, for whom nobody waits long. `busy_seconds` is how long the connection
    waits for locks otherwise.
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
    """The `async_creator_fn` of an engine."""
    return await _opened(Connection, *args, **options)


async def connect_inline(*args: Any, **options: Any) -> aiosqlite.Connection:
    """The `async_creator_fn` of an engine that nobody shares."""
    return await _opened(Inline, *args, **options)


async def _opened(kind: type[Connection], *args: Any, **options: Any) -> aiosqlite.Connection:
    connection = kind(partial(sqlite3.connect, *args, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does: a connection that was not closed keeps no process alive
    return await connection
