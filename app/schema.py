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
from app.core.localized import Say
from app.events import comparison, sealed
from app.search import following

ROOT = Path(__file__).parent.parent

_SQUASHED = """
    2026112401 2026112402 2026112501 2026112502 2026112601 2026112602 2026112603 2026112604 2026112605 2026112606
    2026112607 2026112608 2026112609 2026112610 2026112611 2026112913 20261129131 2026112915 2026112916 2026112918
    20261129151 20261129152 2026112911 2026112917 2026112920 20261129201
"""
"""The revisions from before release 0.1.0. Its two migrations lead to the same schema and rows."""

_LAST_WITH_THEM = "8b158fc13447"
"""The last commit that can migrate a database of one of these revisions."""

_MIGRATE = Say("数据库未迁移到当前版本，请先运行 five-ones migrate", "run `five-ones migrate` first")
_MIGRATE_WITH_THEM = Say(
    "数据库（{revision}）早于 0.1.0 版：请先用提交 {commit} 的程序（git checkout {commit}）"
    "运行 five-ones migrate，再用本程序",
    "the database ({revision}) is from before release 0.1.0: run `five-ones migrate` of commit {commit} first "
    "(git checkout {commit}), then this program",
)
_UPDATE = Say(
    "数据库（{revision}）比程序新，请更新程序", "the database ({revision}) is newer than this program; update it"
)


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
    """Whether this program has the revision."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    return revision in {script.revision for script in scripts.walk_revisions()}


def remedy(revision: str | None) -> Say | None:
    """Returns what must be done before this program can use a database of this revision; None where it can."""
    if revision == head_revision():
        return None
    if revision is None or knows(revision):
        return _MIGRATE
    if revision in _SQUASHED.split():
        return _MIGRATE_WITH_THEM.filled(revision=revision, commit=_LAST_WITH_THEM)
    return _UPDATE.filled(revision=revision)


def upgrade(
    settings: Settings, revision: str = "head", progress: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Migrates to `revision`, and at the head recomputes stored keys. Returns how many of them were stale.

    The database has no revision yet, or one that this program `knows`. Must not be called from a running event loop:
    env.py starts its own. After each revision `progress` is called with its place in the history and the length of the
    history.
    """
    config = alembic_config(settings)
    history = [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
    config.attributes["applied"] = lambda name: progress(history.index(name) + 1, len(history))
    before, differing = asyncio.run(_before(settings))
    config.attributes["finish"] = functools.partial(_adopt, settings, history, before, differing)
    command.upgrade(config, revision)
    return asyncio.run(_renew_keys(settings)) if revision == "head" else 0


async def _renew_keys(settings: Settings) -> int:
    """Renews what code derives from names and numbers: stored keys, and the entries of the index."""
    database = Database(settings, clock.system_now, is_shared=False)
    try:
        return await stored_keys.renew(database) + await following.renew(database)
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
            if revision in (None, head_revision()):
                return revision, set()
            return revision, comparison.differing_rows(await comparison.compare(session))
    finally:
        await database.close()


async def _adopt(
    settings: Settings, history: list[str], before: str | None, differing: RowKeys, connection: AsyncConnection
) -> None:
    """Logs the rows that the migration changed, in its transaction: so `check` can tell them from other changes, and a
    failed migration leaves neither rows nor log."""
    async with writing_within(connection, settings, clock.system_now) as session:
        after = await current_revision(session)
        if after == before:
            return
        newly = frozenset(
            table
            for table, since in sealed.SINCE.items()
            if before is not None and history.index(before) < history.index(since)
        )
        await comparison.adopt(session, system("schema"), {"revisions": [before, after]}, differing, newly)


def downgrade(settings: Settings, revision: str) -> None:
    command.downgrade(alembic_config(settings), revision)
