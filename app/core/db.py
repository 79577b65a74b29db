"""Engines, the three kinds of session, and the storage of types.

writing   one transaction, committed before the answer leaves
reading   no transaction: each statement sees its own moment
snapshot  one moment for several statements

The writing engine on SQLite has exactly one connection and uses BEGIN IMMEDIATE: writers queue in the pool instead
of failing with «database is locked». The reading engine cannot write on either database.
"""

import asyncio
import enum
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import structlog
from fastapi import Depends, Request
from sqlalchemy import DateTime, Dialect, Enum, MetaData, Select, Uuid, event, text
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from app.core import context, sqlite
from app.core.config import Settings
from app.core.errors import Unavailable
from app.core.ids import new_id

log = structlog.get_logger(__name__)

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC with microseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[enum.Enum], name: str) -> Enum:
    """Returns an enum type: VARCHAR with a CHECK named after the column (two columns of one enum need two names)."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [str(m.value) for m in members],
    )


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime(), UUID: Uuid()}


Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]


class Versioned:
    """A record that people edit. `version` is its ETag; each flush that changes it raises it, one event each."""

    id: Mapped[Id]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class WritingSession(Session):
    """The session of a transaction that writes; listeners that must see every write use its events."""


class RehearsingSession(Session):
    """The session of an act that is only tried, on the reading engine: it locks nothing and writes nothing."""


@event.listens_for(RehearsingSession, "do_orm_execute")
def _lock_nothing(state: ORMExecuteState) -> None:
    """The reading engine refuses to lock rows."""
    statement: Any = state.statement
    if state.is_select and getattr(statement, "_for_update_arg", None) is not None:
        statement = statement._generate()
        statement._for_update_arg = None
        state.statement = statement


def _require_open(connection: Any, _record: object, _proxy: object) -> None:
    """Makes the pool open another connection in place of one that the server has closed. Asking the connection takes
    no round trip, as a ping would."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


_PLAN_FOR_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")

BeforeCommit = Callable[[AsyncSession], Awaitable[None]]
"""Called before the commit of each transaction that writes, such as to fill the outbox of webhooks."""


class Database:
    """Both engines of one database, and the clock its transactions read."""

    def __init__(self, settings: Settings, clock: Any, *, is_shared: bool = True) -> None:
        """Without `is_shared`, one command alone uses it, and SQLite runs in the calling thread."""
        self.settings = settings
        self._connect = sqlite.connect if is_shared else sqlite.connect_inline
        self.clock = clock
        self.before_commit: BeforeCommit | None = None
        self.wakes: set[asyncio.Event] = set()
        """Set when a transaction of this process has made work for its background tasks."""
        self.has_written = False
        """Whether a transaction has been committed through this object."""
        self._must_truncate_wal = False
        """Whether an erasure left copies in SQLite's write-ahead log."""
        self.remembered: dict[Any, Any] = {}
        """A cache of this process. The code that stores an entry checks whether it is stale."""
        self.is_sqlite = settings.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.write_engine = self._sqlite_engine(writes=True)
            self.read_engine = self._sqlite_engine(writes=False)
        else:
            self.write_engine = self._server_engine({})
            # No parallel workers: starting them takes longer than most of our reads, and they take the cores of others.
            reads_only = {"default_transaction_read_only": "on", "max_parallel_workers_per_gather": "0"}
            self.read_engine = self._server_engine(reads_only, isolation_level="AUTOCOMMIT")
        self._write = async_sessionmaker(
            self.write_engine, expire_on_commit=False, autoflush=False, sync_session_class=WritingSession
        )
        self._read = async_sessionmaker(self.read_engine, expire_on_commit=False, autoflush=False)
        self._rehearse = async_sessionmaker(
            self.read_engine, expire_on_commit=False, autoflush=False, sync_session_class=RehearsingSession
        )

    def _sqlite_engine(self, *, writes: bool) -> AsyncEngine:
        settings = self.settings
        engine = create_async_engine(
            settings.url,
            pool_size=1 if writes else settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.pool_timeout_seconds,
            connect_args={"async_creator_fn": self._connect},
            hide_parameters=True,
        )

        @event.listens_for(engine.sync_engine, "connect")
        def connected(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # we send BEGIN ourselves, see below
            cursor = connection.cursor()
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA recursive_triggers=ON")  # else REPLACE bypasses the append-only triggers
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA busy_timeout={int(settings.lock_timeout_seconds * 1000)}")
            if writes:
                cursor.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
            else:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begun(connection: Connection) -> None:
            if writes:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            elif connection.get_execution_options().get("snapshot"):
                connection.exec_driver_sql("BEGIN")

        return engine

    def _server_engine(self, extra: dict[str, str], **options: Any) -> AsyncEngine:
        settings = self.settings
        server_settings = {
            "application_name": "five-ones",
            "timezone": "UTC",
            "jit": "off",  # compiling our longer statements takes longer than running them
            "lock_timeout": str(int(settings.lock_timeout_seconds * 1000)),
            "statement_timeout": str(int(settings.statement_timeout_seconds * 1000)),
            **extra,
        }
        engine = create_async_engine(
            settings.url,
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.pool_timeout_seconds,
            connect_args={"server_settings": server_settings},
            hide_parameters=True,  # keeps input of users out of the log
            **options,
        )
        event.listen(engine.sync_engine, "checkout", _require_open)
        return engine

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction: commits on success, rolls back on any error.

        Raises Unavailable, and rolls back, where it took longer than `longest_transaction_seconds`: sealing relies on
        rows older than twice that time being visible.
        """
        async with self._write() as session:
            _begin(session, self.settings, self.clock)
            async with session.begin():
                began = time.monotonic()
                yield session
                if self.before_commit is not None:
                    await self.before_commit(session)
                if time.monotonic() - began > self.settings.longest_transaction_seconds:
                    raise Unavailable
            self.has_written = True
            if context.WAKES.get(session):
                for wake in self.wakes:
                    wake.set()
            if self.is_sqlite and (context.ERASES.get(session) or self._must_truncate_wal):
                await self._truncate_wal()

    async def _truncate_wal(self) -> None:
        """Truncates SQLite's write-ahead log, which holds pages as they were before an erasure.

        It fails while a reader of any process uses an earlier snapshot: then the next transaction that writes tries
        again, and the nightly deletion of expired contacts in any case.
        """
        async with self.write_engine.connect() as connection:
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            try:
                is_truncated = await sqlite.truncate_wal(raw, self.settings.lock_timeout_seconds)
            except sqlite3.OperationalError:
                is_truncated = False
        if not is_truncated and not self._must_truncate_wal:
            log.warning("erased_data_still_in_log")
        self._must_truncate_wal = not is_truncated

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session without a transaction: each statement sees its own moment, and nothing can be written."""
        async with self._read() as session:
            context.CLOCK.set(session, self.clock)
            yield session

    async def row(self, statement: Select[*tuple[Any, ...]], **values: Any) -> Row[Any] | None:
        """Returns the only row of one statement, or None, without the cost of a session: for reads of every request.

        Retries once where the server has restarted: the first failure makes the pool discard all older connections, so
        that later readers get none of them.
        """
        try:
            return await self._row(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return await self._row(statement, values)

    async def _row(self, statement: Select[*tuple[Any, ...]], values: dict[str, Any]) -> Row[Any] | None:
        async with self.read_engine.connect() as connection:
            return (await connection.execute(statement, values)).one_or_none()

    @asynccontextmanager
    async def snapshot(self, *, plans_by_value: bool = False) -> AsyncIterator[AsyncSession]:
        """A session whose statements all see one moment; nothing can be written.

        With `plans_by_value`, PostgreSQL plans each statement for its values, as figures need: a plan kept for all
        periods took the overview of 100,000 projects from three to more than thirty seconds. Elsewhere planning takes
        longer than the statement.
        """
        async with self._read() as session:
            await self._see_one_moment(session)
            if plans_by_value and not self.is_sqlite:
                await session.execute(_PLAN_FOR_VALUES)
            yield session

    @asynccontextmanager
    async def rolled_back(self) -> AsyncIterator[AsyncSession]:
        """A transaction in which an act is done to see what it does, and which is rolled back."""
        async with self._write() as session:
            _begin(session, self.settings, self.clock)
            yield session

    @asynccontextmanager
    async def rehearsing(self) -> AsyncIterator[AsyncSession]:
        """A snapshot in which an act is tried: it raises what it would be refused with, and ends at its event."""
        async with self._rehearse() as session:
            await self._see_one_moment(session)
            context.REHEARSES.set(session, True)
            yield session

    async def _see_one_moment(self, session: AsyncSession) -> None:
        context.CLOCK.set(session, self.clock)
        context.SETTINGS.set(session, self.settings)
        options: dict[str, Any] = {"snapshot": True}
        if not self.is_sqlite:
            options["isolation_level"] = "REPEATABLE READ"
        await session.connection(execution_options=options)

    async def close(self) -> None:
        await self.read_engine.dispose()
        await self.write_engine.dispose()


def _begin(session: AsyncSession, settings: Settings, clock: Any) -> None:
    """Sets the context of a writing session."""
    context.CLOCK.set(session, clock)
    context.SETTINGS.set(session, settings)
    context.IS_WRITING.set(session, True)


@asynccontextmanager
async def writing_within(connection: AsyncConnection, settings: Settings, clock: Any) -> AsyncIterator[AsyncSession]:
    """A writing session within the open transaction of a connection, which the caller commits."""
    async with AsyncSession(
        connection, expire_on_commit=False, autoflush=False, sync_session_class=WritingSession
    ) as session:
        _begin(session, settings, clock)
        yield session
        await session.commit()  # ends only the part of the session; closing it instead would roll back everything


def erases(session: AsyncSession) -> None:
    """Marks this transaction as deleting personal data: after its commit SQLite's log is truncated too."""
    context.ERASES.set(session, True)


def database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def write_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One session in one transaction: commits on success, rolls back on any error."""
    async with database(request).writing() as session:
        await request.app.state.claim(session, request)
        request.state.write_session = session
        _pass_on(session, request)
        yield session


Opened = Callable[[Database], AbstractAsyncContextManager[AsyncSession]]


def _session(opened: Opened) -> Callable[[Request], AsyncIterator[AsyncSession]]:
    """Returns the dependency that opens a session for a request."""

    async def session(request: Request) -> AsyncIterator[AsyncSession]:
        async with opened(database(request)) as session:
            _pass_on(session, request)
            yield session

    return session


read_session = _session(Database.reading)
snapshot_session = _session(Database.snapshot)
figure_session = _session(lambda database: database.snapshot(plans_by_value=True))
rolled_back_session = _session(Database.rolled_back)


async def page_session(request: Request) -> AsyncIterator[AsyncSession]:
    has_more = not request.query_params.keys().isdisjoint(("with", "include"))
    async with database(request).snapshot() if has_more else database(request).reading() as session:
        _pass_on(session, request)
        yield session


def _pass_on(session: AsyncSession, request: Request) -> None:
    """Passes on what authentication has already read."""
    read_before: context.ReadBefore | None = getattr(request.state, "read_before", None)
    if read_before is not None:
        context.READ_BEFORE.set(session, read_before)


# The default scope would commit after the answer has left.
WriteSession = Annotated[AsyncSession, Depends(write_session, scope="function")]
ReadSession = Annotated[AsyncSession, Depends(read_session, scope="function")]
SnapshotSession = Annotated[AsyncSession, Depends(snapshot_session, scope="function")]
FigureSession = Annotated[AsyncSession, Depends(figure_session, scope="function")]
RolledBackSession = Annotated[AsyncSession, Depends(rolled_back_session, scope="function")]
PageSession = Annotated[AsyncSession, Depends(page_session, scope="function")]
"""For a list or record that is one statement: a snapshot only where `with` or `include` asks for what must agree with
it. What hints at open acts may be a moment newer."""
