"""Alembic's way in. One at a time: PostgreSQL holds an advisory lock, SQLite the write lock, for all of it."""

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.core import files
from app.core.config import Settings
from app.core.db import UTCDateTime
from app.core.money import Money
from app.tables import metadata

_LOCK = 5_1_5_1_5_1
LOCK_SECONDS = 60


def _render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations import nothing of the app, which will have moved on by the time they run."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Money):
        return "sa.BigInteger()"
    return False


def _include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leaves out SQLite's full-text index, whose tables are SQLite's own."""
    return kind != "table" or name is None or not name.startswith(("search_grams", "search_vocabulary"))


def _include_object(item: Any, _name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Leaves out on SQLite the indexes that only PostgreSQL has."""
    is_sqlite = context.get_context().dialect.name == "sqlite"
    return kind != "index" or not is_sqlite or not item.dialect_options["postgresql"]["using"]


def _engine(settings: Settings) -> AsyncEngine:
    url = settings.url
    if url.get_backend_name() != "sqlite":
        server_settings = {"lock_timeout": "10s", "statement_timeout": "10min", "timezone": "UTC"}
        return create_async_engine(url, connect_args={"server_settings": server_settings})
    if settings.sqlite_file is not None:
        files.make_file(settings.sqlite_file)
    engine = create_async_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={LOCK_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA secure_delete=ON")
        # A batch rebuild drops and recreates a table: with foreign keys on, that would delete its children.
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _applied(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    tell = context.config.attributes.get("applied")
    if tell is not None and step.is_upgrade:
        tell(step.up_revision_id)


def _migrate(connection: Connection) -> None:
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=_render_item,
        include_name=_include_name,
        include_object=_include_object,
        render_as_batch=is_sqlite,
        compare_type=True,
        on_version_apply=_applied,
        transaction_per_migration=False,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    )
    with context.begin_transaction():
        if not is_sqlite:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        context.run_migrations()
        if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            raise RuntimeError(f"foreign keys broken by the migration: {broken[:5]}")


async def _run(settings: Settings) -> None:
    engine = _engine(settings)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
            if (finish := context.config.attributes.get("finish")) is not None:
                await finish(connection)
    finally:
        await engine.dispose()


asyncio.run(_run(context.config.attributes.get("settings") or Settings()))
