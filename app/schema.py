"""The schema's place in its history: migrations are made by Alembic alone, never at start-up."""

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
    """The revision the database stands at, None where it holds no schema of ours. Raises where it is out of reach."""
    connection = await session.connection()
    if not await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version")):
        return None
    found: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def knows(revision: str) -> bool:
    """Whether this program has that revision; else the database is newer than the program."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    return revision in {script.revision for script in scripts.walk_revisions()}


def upgrade(
    settings: Settings, revision: str = "head", progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Migrate, and at the head make stored keys anew; how many were stale.

    Must not be called from a running event loop: env.py starts its own. `progress` is told after each revision which
    one in the whole history that was.
    """
    config = alembic_config(settings)
    history = [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
    config.attributes["applied"] = lambda name: progress(history.index(name) + 1, len(history))
    before, known = asyncio.run(_before(settings))
    config.attributes["finish"] = functools.partial(_adopt, settings, history, before, known)
    command.upgrade(config, revision)
    return asyncio.run(_renew_keys(settings)) if revision == "head" else 0


async def _renew_keys(settings: Settings) -> int:
    database = Database(settings, clock.system_now, is_shared=False)
    try:
        return await stored_keys.renew(database)
    finally:
        await database.close()


RowKeys = set[tuple[str, str]]
"""Table and key of rows that are not what the log says."""


async def _before(settings: Settings) -> tuple[str | None, RowKeys]:
    """The revision before migrating, and the rows that differ from the log already."""
    if settings.sqlite_file is not None and not settings.sqlite_file.exists():
        return None, set()
    database = Database(settings, clock.system_now, is_shared=False)
    try:
        async with database.snapshot() as session:
            revision = await current_revision(session)
            if revision in (None, head_revision()) or not await _keeps_rows(session):
                return revision, set()
            return revision, comparison.differing_rows(await comparison.compare(session))
    finally:
        await database.close()


async def _keeps_rows(session: AsyncSession) -> bool:
    connection = await session.connection()
    return await connection.run_sync(lambda sync: inspect(sync).has_table("written_rows"))


async def _adopt(
    settings: Settings, history: list[str], before: str | None, known: RowKeys, connection: AsyncConnection
) -> None:
    """What the migration made of rows goes into the log in its transaction, so that `check` takes nobody else's changes
    for its own, and a migration that breaks off leaves neither."""
    async with writing_within(connection, settings, clock.system_now) as session:
        after = await current_revision(session)
        if after == before or not await _keeps_rows(session):
            return
        newly = frozenset(
            table
            for table, since in sealed.SINCE.items()
            if before is not None and history.index(before) < history.index(since)
        )
        await comparison.adopt(session, system("schema"), {"revisions": [before, after]}, known, newly)


def downgrade(settings: Settings, revision: str) -> None:
    command.downgrade(alembic_config(settings), revision)
