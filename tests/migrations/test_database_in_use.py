"""`five-ones migrate` of a database in use: its own changes are entered into the log, those made past the service are
not."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest
from sqlalchemy import make_url, text

from app import schema
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.events import sealed
from tests.conftest import BACKENDS, ROOT, running
from tests.factories import city as make
from tests.journeys.test_commands import five_ones

BEFORE = "2026112911"
"""The last revision without `written_rows`."""
REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{after}"


def upgrade() -> None:
    for statement in {statements}:
        op.execute(statement)
"""
ONE_GATE = "UPDATE stage_gates SET strictness = 'warn' WHERE stage = 'landed' AND gate = 'code_or_arrival'"
OTHER = "UPDATE stage_limits SET source = 'later'"
FULL = {
    "sqlite": "CREATE TRIGGER stop BEFORE INSERT ON written_rows BEGIN SELECT RAISE(ABORT, 'full'); END",
    "postgresql": "ALTER TABLE written_rows ADD CONSTRAINT stop CHECK (number < 0) NOT VALID",
}
COLUMN = "ALTER TABLE units ADD COLUMN room VARCHAR(20) DEFAULT 'x' NOT NULL"


class Tree:
    """A later release: this program with further migrations, run as the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        for name in ("app", "alembic.ini"):
            (folder / name).symlink_to(ROOT / name)
        copytree(ROOT / "migrations", folder / "migrations", ignore=ignore_patterns("__pycache__"))
        self.head = schema.head_revision()

    def migration(self, revision: str, *statements: str) -> None:
        said = REVISION.format(revision=revision, after=self.head, statements=list(statements))
        (self.folder / "migrations/versions" / f"{revision}.py").write_text(said, encoding="utf-8")
        self.head = revision

    def run(self, url: str, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {"FIVE_ONES_DATABASE_URL": url, "PATH": "/usr/bin:/bin"}
        line = [sys.executable, "-m", "app.commands.main", *words]
        return subprocess.run(line, env=environment, cwd=self.folder, capture_output=True, text=True, check=False)


def tamper(url: str, *statements: str) -> None:
    """Changes rows as the owner of the database can."""

    async def work() -> None:
        database = Database(Settings(database_url=url), clock.system_now)
        async with database.writing() as session:
            for statement in statements:
                await session.execute(text(statement))
        await database.close()

    asyncio.run(work())


def told(url: str, type: str) -> Sequence[Any]:
    """Returns the data of the events of a type, without those of the migration that made the database."""

    async def work() -> list[Any]:
        database = Database(Settings(database_url=url), clock.system_now)
        async with database.reading() as session:
            rows = await session.scalars(text("SELECT data FROM events WHERE type = :type"), {"type": type})
            found = [json.loads(row) if isinstance(row, str) else row for row in rows]
            found = [data for data in found if data["revisions"][0] is not None]
        await database.close()
        return found

    return asyncio.run(work())


async def fill(url: str) -> None:
    async with running(url) as world:
        city = await make.make_city(world)
        await make.make_signed(city)
        await make.make_lead(city)


@pytest.fixture(params=BACKENDS)
def found_url(request: pytest.FixtureRequest, migrated_database_url: Callable[[str], str]) -> str:
    """A database in use whose log did not keep rows until it was migrated by the command."""
    url = migrated_database_url(request.param)
    asyncio.run(fill(url))
    schema.downgrade(Settings(database_url=url), BEFORE)
    made = five_ones(url, "migrate")
    assert (made.returncode, BEFORE in made.stdout) == (0, True), made.stderr
    return url


def test_rows_of_before_are_entered_as_found_and_what_migrations_change_later_as_migrated(
    found_url: str, tmp_path: Path
) -> None:
    found = told(found_url, "rows.found")
    assert {"deals", "ledger_entries", "projects", "stage_gates"} <= {data["table"] for data in found}
    assert {tuple(data["revisions"]) for data in found} == {(BEFORE, schema.head_revision())}
    checked = five_ones(found_url, "check")
    assert checked.returncode == 0, checked.stderr
    count = sum(data["rows"] for data in found)
    assert "notice: sealed_log" in checked.stderr
    assert f"{count} rows are older than what the log keeps of them" in checked.stderr
    assert told(found_url, "rows.migrated") == []

    tamper(found_url, ONE_GATE)
    assert five_ones(found_url, "check").returncode == 1
    later = Tree(tmp_path)
    later.migration("2099010101", COLUMN, OTHER, FULL[make_url(found_url).get_backend_name()])
    broken = later.run(found_url, "migrate")
    assert broken.returncode == 1, "the log takes no row, so that the migration may leave none either"
    assert f"already at {schema.head_revision()}" in five_ones(found_url, "migrate").stdout
    later = Tree(tmp_path / "mended")
    later.migration("2099010101", COLUMN, OTHER)
    later.migration("2099010102", "UPDATE evidence_kinds SET position = position + 100")
    # One at a time: what the first changed is no stranger's doing for the second.
    for revision in ("2099010101", "head"):
        made = later.run(found_url, "migrate", revision)
        assert made.returncode == 0, made.stderr
    tables = {data["table"] for data in told(found_url, "rows.migrated")}
    assert tables == {"evidence_kinds", "stage_limits"}
    last = later.run(found_url, "check")
    named = [line for line in last.stderr.splitlines() if line.startswith("sealed_log")]
    assert (last.returncode, len(named)) == (1, 1), last.stderr
    assert named[0].startswith("sealed_log: stage_gates landed/")
    assert "strictness: block → warn" in named[0]


def test_a_table_that_the_log_vouches_for_from_now_on_is_entered_as_found(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    ((table, since),) = sealed.SINCE.items()
    assert table == "job_schedules"
    columns = "name, kind, payload, cron, is_active, next_at"
    row = f"INSERT INTO job_schedules ({columns}) VALUES ('{{}}', 'audit.prune', '{{{{}}}}', '0 5 * * *', true, "
    row += "'2023-06-01 00:00:00.000000')"
    schema.downgrade(settings, f"{since}-1")
    tamper(database_url, row.format("old"), OTHER)
    assert five_ones(database_url, "migrate").returncode == 0
    assert [data["table"] for data in told(database_url, "rows.found")] == [table]
    checked = five_ones(database_url, "check")
    named = [line for line in checked.stderr.splitlines() if line.startswith("sealed_log")]
    assert (checked.returncode, {line.split()[1] for line in named}) == (1, {"stage_limits"}), "named before, and after"
    assert "notice: sealed_log: job_schedules" in checked.stderr
    tamper(database_url, row.format("new"))
    assert "sealed_log: job_schedules new: " in five_ones(database_url, "check").stderr
