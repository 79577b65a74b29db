"""The revision of the database schema. Alembic alone migrates, and never at start-up."""

import asyncio
import functools
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app import stored_keys
from app.core import clock
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database, writing_within
from app.events import comparison, sealed

ROOT = Path(__file__).parent.parent


def alembic_config(settings: Settings) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["settings"] = settings
    return config


@functools.cache
def head_revision() -> str:
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert head is not None
    return head


async def current_revision(session: AsyncSession) -> str | None:
    """Returns the revision of the database, None where it has no schema. Raises where it is unreachable."""
    connection = await session.connection()
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return None
    revision: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def knows(revision: str) -> bool:
    """Whether this program has the revision; if not, the database is newer than the program."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    return revision in {script.revision for script in scripts.walk_revisions()}


def upgrade(
    settings: Settings, revision: str = "head", progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Migrates to `revision`, and at the head recomputes stored keys. Returns how many of them were stale.

    Must not be called from a running event loop: env.py starts its own. After each revision `progress` is called with
    its place in the history and the length of the history.
    """
    config = alembic_config(settings)
    history = [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
    config.attributes["applied"] = lambda name: progress(history.index(name) + 1, len(history))
    before, differing = asyncio.run(_before(settings))
    config.attributes["finish"] = functools.partial(_adopt, settings, history, before, differing)
    command.upgrade(config, revision)
    return asyncio.run(_renew_keys(settings)) if revision == "head" else 0


async def _renew_keys(settings: Settings) -> int:
    database = Database(settings, clock.system_now, is_shared=False)
    try:
        return await stored_keys.renew(database)
    finally:
        await database.close()


RowKeys = set[tuple[str, str]]
"""Table and key of rows that differ from the log."""


async def _before(settings: Settings) -> tuple[str | None, RowKeys]:
    """Returns the revision before the migration, and the rows that already differ from the log."""
    if settings.sqlite_file is not None and not settings.sqlite_file.exists():
        return None, set()
    database = Database(settings, clock.system_now, is_shared=False)
    try:
        async with database.snapshot() as session:
            revision = await current_revision(session)
            if revision in (None, head_revision()) or not await _has_written_rows(session):
                return revision, set()
            return revision, comparison.differing_rows(await comparison.compare(session))
    finally:
        await database.close()


async def _has_written_rows(session: AsyncSession) -> bool:
    connection = await session.connection()
    return await connection.run_sync(lambda sync: inspect(sync).has_table("written_rows"))


async def _adopt(
    settings: Settings, history: list[str], before: str | None, differing: RowKeys, connection: AsyncConnection
) -> None:
    """Logs the rows that the migration changed, in its transaction: so `check` can tell them from other changes, and a
    failed migration leaves neither rows nor log."""
    async with writing_within(connection, settings, clock.system_now) as session:
        after = await current_revision(session)
        if after == before or not await _has_written_rows(session):
            return
        newly = frozenset(
            table
            for table, since in sealed.SINCE.items()
            if before is not None and history.index(before) < history.index(since)
        )
        await comparison.adopt(session, system("schema"), {"revisions": [before, after]}, differing, newly)


def downgrade(settings: Settings, revision: str) -> None:
    command.downgrade(alembic_config(settings), revision)
