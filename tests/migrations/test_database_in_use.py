"""`five-ones migrate` of a database in use: its own changes are entered into the log, those made past the service are
not; and one that is too old, or newer than the program, is left alone."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest
from sqlalchemy import inspect, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from app import schema
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.events import sealed
from tests.conftest import ROOT, running
from tests.factories import city as make
from tests.journeys.test_commands import five_ones, mistaken
from tests.migrations.test_migrations import in_database

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

    def vouch_since(self, table: str, revision: str) -> None:
        """As where the log vouches from this revision on for a table that is older."""
        app = self.folder / "app"
        app.unlink()
        for made in (app, app / "events"):
            made.mkdir()
            for child in (ROOT / made.relative_to(self.folder)).iterdir():
                if child.name not in ("events", "sealed.py", "__pycache__"):
                    (made / child.name).symlink_to(child)
        said = Path(sealed.__file__).read_text(encoding="utf-8")
        empty = "SINCE: dict[str, str] = {}"
        assert empty in said
        (app / "events/sealed.py").write_text(said.replace(empty, f'SINCE = {{"{table}": "{revision}"}}'), "utf-8")

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


@pytest.fixture
def used_url(database_url: str) -> str:
    asyncio.run(fill(database_url))
    return database_url


def test_what_a_migration_changes_is_logged_and_what_others_changed_is_not(used_url: str, tmp_path: Path) -> None:
    assert five_ones(used_url, "check").returncode == 0
    tamper(used_url, ONE_GATE)
    assert five_ones(used_url, "check").returncode == 1
    later = Tree(tmp_path)
    later.migration("2099010101", COLUMN, OTHER, FULL[make_url(used_url).get_backend_name()])
    broken = later.run(used_url, "migrate")
    assert broken.returncode == 1, "the log takes no row, so that the migration may leave none either"
    assert f"already at {schema.head_revision()}" in five_ones(used_url, "migrate").stdout
    later = Tree(tmp_path / "mended")
    later.migration("2099010101", COLUMN, OTHER)
    later.migration("2099010102", "UPDATE evidence_kinds SET position = position + 100")
    # One at a time: what the first changed is no stranger's doing for the second.
    for revision in ("2099010101", "head"):
        made = later.run(used_url, "migrate", revision)
        assert made.returncode == 0, made.stderr
    told_of = [(data["table"], *data["revisions"]) for data in told(used_url, "rows.migrated")]
    assert sorted(told_of) == [
        ("evidence_kinds", "2099010101", "2099010102"),
        ("stage_limits", schema.head_revision(), "2099010101"),
    ]
    assert told(used_url, "rows.found") == []
    last = later.run(used_url, "check")
    named = [line for line in last.stderr.splitlines() if line.startswith("sealed_log")]
    assert (last.returncode, len(named)) == (1, 1), last.stderr
    assert named[0].startswith("sealed_log: stage_gates landed/")
    assert "strictness: block → warn" in named[0]


def test_a_table_that_the_log_vouches_for_from_now_on_is_entered_as_found(database_url: str, tmp_path: Path) -> None:
    columns = "name, kind, payload, cron, is_active, next_at"
    row = f"INSERT INTO job_schedules ({columns}) VALUES ('{{}}', 'audit.prune', '{{{{}}}}', '0 5 * * *', true, "
    row += "'2023-06-01 00:00:00.000000')"
    tamper(database_url, row.format("old"), OTHER)
    later = Tree(tmp_path)
    later.migration("2099010101", COLUMN)
    later.vouch_since("job_schedules", "2099010101")
    made = later.run(database_url, "migrate")
    assert made.returncode == 0, made.stderr
    assert [data["table"] for data in told(database_url, "rows.found")] == ["job_schedules"]
    tamper(database_url, row.format("new"))
    checked = later.run(database_url, "check")
    named = {line.split(":")[1] for line in checked.stderr.splitlines() if line.startswith("sealed_log")}
    limits = {name for name in named if name.startswith(" stage_limits ")}
    assert (checked.returncode, named - limits, len(limits)) == (1, {" job_schedules new"}, 10), checked.stderr
    assert "notice: sealed_log: job_schedules" in checked.stderr
    assert "1 rows are older than what the log keeps of them" in checked.stderr


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("2026112401", ("早于 0.1.0 版", "git checkout 8b158fc13447", "from before release 0.1.0")),
        ("20261129201", ("git checkout 8b158fc13447",)),
        ("2999010101", ("比程序新", "newer than this program")),
    ],
)
def test_a_revision_without_a_way_on_is_named_with_what_to_do(
    database_url: str, revision: str, said: tuple[str, ...]
) -> None:
    tamper(database_url, f"UPDATE alembic_version SET version_num = '{revision}'")
    before = in_database(database_url, rows)
    for words in (("migrate",), ("migrate", "head"), ("check",), ("serve", "--port", "1"), ("worker",)):
        mistaken(five_ones(database_url, *words), revision, *said)
    status, answer = asyncio.run(readiness(database_url))
    assert (status, answer["status"], answer["found"]) == (503, "not migrated", revision)
    assert [part for part in said if part not in answer["remedy"]["zh"] + answer["remedy"]["en"]] == []
    assert in_database(database_url, rows) == before


async def readiness(url: str) -> tuple[int, Any]:
    async with running(url) as world:
        answer = await world.client.get("/readyz")
        return answer.status_code, answer.json()


async def rows(session: AsyncSession) -> dict[str, list[Any]]:
    """Returns every row of every table, with the revision."""
    names = await (await session.connection()).run_sync(lambda sync: inspect(sync).get_table_names())
    return {name: sorted(map(repr, await session.execute(text(f'SELECT * FROM "{name}"')))) for name in names}
