"""The `five-ones` command: a mistake gets one sentence in both languages, never a traceback."""

import asyncio
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from app import schema
from app.accounts.roles import Role
from app.audit import heads, seals
from app.audit.seals import Broken
from app.commands import main as cli
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from tests.conftest import ROOT

PRODUCTION = {"FIVE_ONES_ENVIRONMENT": "production"}
SCRIPT = Path(sys.executable).parent / "five-ones"
"""The command as installed; worker processes import it again."""


@dataclass
class Answer:
    returncode: int
    stdout: str
    stderr: str


def five_ones(url: str, *arguments: str, **settings: str) -> Answer:
    """Runs the command in this process."""
    found = CliRunner().invoke(cli.app, arguments, env={"FIVE_ONES_DATABASE_URL": url, **settings})
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return Answer(found.exit_code, found.stdout, found.stderr)


def spawned(url: str, *arguments: str, folder: Path = ROOT) -> Answer:
    """Runs the installed command as a process of its own."""
    environment = {**os.environ, "FIVE_ONES_DATABASE_URL": url}
    command = [str(SCRIPT), *arguments]
    found = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    return Answer(found.returncode, found.stdout, found.stderr)


def mistaken(answer: Answer, *said: str) -> None:
    """Asserts that it failed with a sentence in both languages that contains this, without a traceback."""
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
    assert re.search(r"[一-鿿]", answer.stderr)
    for part in said:
        assert part in answer.stderr, answer.stderr


@pytest.fixture
def new_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new' / 'city.db'}"


@pytest.fixture
def sample_url(sqlite_sample: str, copy_of: Callable[[str], str]) -> str:
    return copy_of(sqlite_sample)


@pytest.fixture
def migrated_url(migrated_database_url: Callable[[str], str]) -> str:
    return migrated_database_url("sqlite")


def test_from_nothing_to_a_city(new_url: str) -> None:
    mistaken(five_ones(new_url, "sample"), "five-ones migrate", "no database file")
    made = five_ones(new_url, "migrate")
    assert (made.returncode, schema.head_revision() in made.stdout, "was empty" in made.stdout) == (0, True, True)
    assert "nothing changed" in five_ones(new_url, "migrate").stdout


def test_the_sample_is_loaded_once(sample_url: str) -> None:
    mistaken(five_ones(sample_url, "sample"), "空库")
    again = five_ones(sample_url, "sample", "--if-empty")
    assert (again.returncode, "skipped" in again.stdout) == (0, True)
    assert five_ones(sample_url, "business-day").stdout.startswith("2023-03-31")
    checked = five_ones(sample_url, "check")
    assert (checked.returncode, "every invariant holds" in checked.stdout) == (0, True)


def test_an_older_sample_is_said_with_how_to_renew_it(sample_url: str) -> None:
    again = five_ones(sample_url, "sample", "--if-empty")
    assert "较早" not in again.stderr
    # As it was before editions were numbered.
    engine = create_engine(sample_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER events_no_update"))
        connection.execute(text("UPDATE events SET data = json_remove(data, '$.sample_edition')"))
    engine.dispose()
    older = five_ones(sample_url, "sample", "--if-empty")
    assert (older.returncode, older.stdout) == (0, again.stdout)
    assert f"删除 {sample_url.removeprefix('sqlite:///')}*" in older.stderr
    assert "earlier edition" in older.stderr


def test_the_sample_has_an_account_for_every_role(sample_url: str, tmp_path: Path) -> None:
    """Shown again as long as they hold; a password that was changed since gets all of them new ones."""
    folder = Path(sample_url.removeprefix("sqlite:///")).parent
    first = five_ones(sample_url, "sample", "--if-empty")
    names = re.findall(r"^  (demo-[a-z0-9-]+) +(\S+) ", first.stdout, re.MULTILINE)
    for_each_role = [f"demo-{role.value.replace('_', '-')}" for role in Role]
    assert [name for name, _ in names] == [*for_each_role[:2], "demo-bureau-2", *for_each_role[2:]]
    assert five_ones(sample_url, "sample", "--if-empty").stdout == first.stdout
    for name in ("demo-accounts", "demo-token"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    bearer = {"Authorization": f"Bearer {(folder / 'demo-token').read_text().strip()}"}
    with serving(sample_url) as (_, client):
        seen = client.get("/api/v1/totals/signings?from=2023-01-01&to=2023-03-31", headers=bearer).json()
        assert (seen["count"], seen["amount"]) == (12, "13880000000.00")
        assert client.post("/api/v1/enterprises", json={"name": "示例"}, headers=bearer).status_code == 403
        for name, password in names:
            answer = client.post("/api/v1/session", json={"name": name, "password": password})
            assert answer.status_code == 201, name
            assert client.get("/api/v1/me").json()["roles"], name
            listed = client.get("/api/v1/projects")
            assert listed.status_code == 403 or listed.json()["items"] or name == "demo-integration", name
            client.cookies.clear()
    assert five_ones(sample_url, "user", "reset", "demo-leader").returncode == 0
    again = five_ones(sample_url, "sample", "--if-empty")
    assert not {password for _, password in names} & set(re.findall(r"\S+", again.stdout))


def test_the_stages_are_printed_with_the_gates_each_asks(migrated_url: str) -> None:
    done = five_ones(migrated_url, "stages")
    lines = done.stdout.splitlines()
    landed = lines.index("landed  落地  landed  仅招商 promotion only")
    preparing = lines.index("preparing  前期  preparing")
    gates = [line.split()[2] for line in lines[landed:preparing] if line.startswith("    必须满足 blocks")]
    assert (done.returncode, gates) == (0, ["local_company", "code_or_arrival", "site_secured"])
    assert "    期限 limit  停留 180 天 / in the stage: 180 days" in lines[landed:preparing]


def test_it_is_printed_who_may_move_a_project(migrated_url: str) -> None:
    lines = five_ones(migrated_url, "stages").stdout.splitlines()
    moves = lines[lines.index("谁可移动 who moves a project") :]
    assert moves[1].endswith("招商局、县区/开发区、专班、部门 / the bureau, district or zone, task force, department")
    assert [line.endswith("  招商局 / the bureau") for line in moves] == [False, False, False, True, False, True, False]


def test_the_first_two_accounts_of_an_empty_database(migrated_url: str) -> None:
    made = five_ones(migrated_url, "user", "bootstrap")
    found = dict(line.split() for line in made.stdout.splitlines())
    assert list(found) == ["sysadmin", "secadmin"]
    mistaken(five_ones(migrated_url, "user", "bootstrap"), "已有账号", "user add")
    with serving(migrated_url) as (_, client):
        for name, password in found.items():
            answer = client.post("/api/v1/session", json={"name": name, "password": password}).json()
            assert [must["code"] for must in answer["must"]] == ["change_password"]
            csrf = {"X-CSRF-Token": answer["csrf_token"]}
            body = {"current": password, "new": "青山不改 2023 绿水长流"}
            assert client.get("/api/v1/users").json()["code"] == "first_do_this"
            assert client.put("/api/v1/me/password", json=body, headers=csrf).status_code == 204
            assert client.get("/api/v1/users").status_code == 200
            client.cookies.clear()
    assert five_ones(migrated_url, "check").returncode == 0


def test_a_broken_row_is_named_in_both_languages(sample_url: str) -> None:
    engine = create_engine(sample_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE projects SET planned_total = 7 WHERE code = 'P2022-00001'"))
    engine.dispose()
    mistaken(five_ones(sample_url, "check"), "planned_total: project P2022-00001", "记为", "keeps")


def test_production_takes_no_sample(migrated_url: str) -> None:
    mistaken(five_ones(migrated_url, "sample", **PRODUCTION), "生产环境不装示例", "not loaded")


def test_production_takes_nothing_that_is_for_showing(sample_url: str, migrated_url: str) -> None:
    mistaken(
        five_ones(sample_url, "serve", **PRODUCTION),
        "business-day --clear",
        "an empty one",
        "demo-auditor",
        "five-ones user lock",
        "FIVE_ONES_SECRET",
    )
    mistaken(five_ones(migrated_url, "serve", **PRODUCTION), "openssl rand -hex 32")
    mistaken(five_ones(migrated_url, "serve", **PRODUCTION, FIVE_ONES_SECRET="short"), "at least 32")
    right = {"FIVE_ONES_SECRET": secrets.token_hex(32), "FIVE_ONES_PUBLIC_URL": "https://zs.example.cn"}
    with serving(migrated_url, **PRODUCTION, **right) as (_, client):
        assert client.get("/readyz").json()["status"] == "ready"


def test_production_wants_an_https_address_and_a_secret_nobody_guesses(migrated_url: str) -> None:
    for command in ("serve", "worker"):
        refused = five_ones(migrated_url, command, **PRODUCTION, FIVE_ONES_SECRET="0" * 32)
        mistaken(refused, "FIVE_ONES_PUBLIC_URL", "openssl rand -hex 32")


def test_production_takes_no_business_day(sample_url: str) -> None:
    mistaken(five_ones(sample_url, "business-day", "2023-03-30", **PRODUCTION), "only be cleared")
    cleared = five_ones(sample_url, "business-day", "--clear", **PRODUCTION)
    assert cleared.returncode == 0


@pytest.mark.parametrize("day", ["yesterday", "20230301", "1800-01-01", "3000-01-01", "2023-02-30", ""])
def test_days_are_days(migrated_url: str, day: str) -> None:
    mistaken(five_ones(migrated_url, "business-day", day))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "postgresql://nobody@127.0.0.1:1/none",
            "the database cannot be used: postgresql+asyncpg://nobody@127.0.0.1:1",
        ),
        ("postgresql://u:secret@no-such-host.invalid/none", "no-such-host.invalid"),
        ("mysql://u@127.0.0.1/none", "no async driver"),
        ("postgresql+psycopg2://u@127.0.0.1/none", "no async driver"),
        ("nonsense://x", "no driver"),
        ("postgresql://u@127.0.0.1:port/none", "not a database URL"),
        ("postgresql://u@127.0.0.1/none?nonsense=1", "nonsense"),
        ("just text", "not a database URL"),
        ("sqlite://", "name the database file"),
    ],
)
def test_addresses_of_databases(url: str, said: str) -> None:
    for command in ("migrate", "check"):
        answer = five_ones(url, command)
        mistaken(answer, said)
        assert "secret" not in answer.stderr


def test_a_file_that_cannot_be_made_is_said_without_a_traceback() -> None:
    """The driver speaks from a thread of its own: seen from outside."""
    mistaken(spawned("sqlite:////proc/nowhere/x.db", "migrate"), "/proc/nowhere")


def test_sslmode_is_understood(migrated_database_url: Callable[[str], str]) -> None:
    assert five_ones(f"{migrated_database_url('postgresql')}?sslmode=disable", "check").returncode == 0


def test_settings_are_named_with_their_remedy(migrated_url: str) -> None:
    wrong = five_ones(migrated_url, "check", FIVE_ONES_ENVIRONMENT="testing", FIVE_ONES_POOL_SIZE="0")
    mistaken(wrong, "FIVE_ONES_ENVIRONMENT: 应为", "'development'", "FIVE_ONES_POOL_SIZE: 应不小于 1")
    slip = five_ones(migrated_url, "check", FIVE_ONES_LOGLEVEL="info", FIVE_ONES_LOG_LEVEL="INFO")
    assert (slip.returncode, "FIVE_ONES_LOGLEVEL" in slip.stderr) == (0, True)


def test_a_database_newer_than_the_program(migrated_url: str) -> None:
    engine = create_engine(migrated_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '2999010101'"))
    engine.dispose()
    for command in ("migrate", "check", "serve"):
        mistaken(five_ones(migrated_url, command), "2999010101", "newer than this program")


def test_migrations_that_do_not_exist_and_files_that_cannot_be_written(new_url: str) -> None:
    mistaken(five_ones(new_url, "migrate", "nonsense"), "no such revision: nonsense")
    mistaken(five_ones(new_url, "openapi", "/no/dir/x.json"), "cannot write /no/dir/x.json")
    mistaken(five_ones("mysql://x/y", "openapi"), "no async driver")


def test_nothing_is_made_where_nothing_was_asked_for(tmp_path: Path) -> None:
    """Only `migrate` creates a file: other commands, run in another folder, report that there is none."""
    mistaken(spawned("sqlite:///var/five-ones.db", "business-day", folder=tmp_path), "var/five-ones.db")
    assert list(tmp_path.iterdir()) == []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_a_taken_port_is_said(migrated_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        mistaken(five_ones(migrated_url, "serve", "--port", str(port)), f"{port} 已被其他程序占用", "is taken")
    mistaken(five_ones(migrated_url, "serve", "--host", "203.0.113.1"), "203.0.113.1")


@contextmanager
def serving(url: str, *arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    port = free_port()
    server = subprocess.Popen(
        [str(SCRIPT), "serve", "--port", str(port), *arguments],
        env={**os.environ, "FIVE_ONES_DATABASE_URL": url, **settings},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        # Retries wait longer each time, until the server listens.
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=httpx.HTTPTransport(retries=9)) as client:
            yield server, client
    finally:
        server.kill()
        server.communicate()


def signed_in(url: str, *scopes: str) -> dict[str, str]:
    """Returns the header of a clerk of the bureau."""
    assert five_ones(url, "user", "add", "clerk", "--display-name", "示例人员", "--role", "bureau").returncode == 0
    wanted = [part for scope in scopes for part in ("--scope", scope)]
    made = five_ones(url, "token", "add", "clerk", "--name", "示例", *wanted)
    return {"Authorization": f"Bearer {made.stdout.strip()}"}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_it_serves_and_stops_when_told(sample_url: str, workers: str) -> None:
    headers = signed_in(sample_url, "write")
    with serving(sample_url, "--workers", workers) as (server, client):
        client.headers.update(headers)
        assert client.get("/readyz").json()["status"] == "ready"
        names = [f"示例企业{n}有限公司" for n in range(6)]
        assert {client.post("/api/v1/enterprises", json={"name": name}).status_code for name in names} == {201}
        server.send_signal(signal.SIGTERM)
        said, _ = server.communicate(timeout=30)
        assert "listening on" in said
        assert "Traceback" not in said
    assert five_ones(sample_url, "check").returncode == 0
    assert verified_the_day_after(sample_url) == []


def verified_the_day_after(url: str) -> list[Broken]:
    """Returns the result of `audit verify` tomorrow, if nothing runs until then."""

    async def work() -> list[Broken]:
        settings = Settings(database_url=url)
        database = Database(settings, system_now)
        try:
            async with database.snapshot() as session:
                kept, tomorrow = heads.read(settings), datetime.now(UTC) + timedelta(days=1)
                assert kept
                return (await seals.verify(session, tomorrow, kept=kept, allowed=seals.allowance(settings))).broken
        finally:
            await database.close()

    return asyncio.run(work())


def test_what_commands_write_is_sealed_before_they_end(new_url: str) -> None:
    for command in (
        ["migrate"],
        ["user", "bootstrap"],
        ["user", "add", "clerk", "--display-name", "示例人员", "--role", "bureau"],
        ["business-day", "2023-03-31"],
        ["token", "add", "clerk", "--name", "示例", "--scope", "read"],
    ):
        assert five_ones(new_url, *command).returncode == 0
        assert verified_the_day_after(new_url) == []
    assert "0 more sealed" in five_ones(new_url, "audit", "seal").stdout


@pytest.mark.parametrize(("option", "jobs_are_done"), [("--worker", True), ("--no-worker", False)])
def test_a_server_does_jobs_unless_told_not_to(migrated_url: str, option: str, jobs_are_done: bool) -> None:
    with serving(migrated_url, option) as (server, client):
        assert client.get("/readyz").json()["status"] == "ready"
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    assert bool(schedules(migrated_url)) is jobs_are_done


def test_a_worker_of_its_own_stops_when_told(migrated_url: str) -> None:
    command = [str(SCRIPT), "worker"]
    environment = {**os.environ, "FIVE_ONES_DATABASE_URL": migrated_url}
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        assert "worker" in worker.stderr.readline()
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=30)
    assert (worker.returncode, "Traceback" in said) == (0, False)
    assert "audit.prune" in schedules(migrated_url)


def schedules(url: str) -> list[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        names = [str(row[0]) for row in connection.execute(text("SELECT name FROM job_schedules"))]
    engine.dispose()
    return names


def test_what_a_killed_server_answered_is_kept(migrated_url: str) -> None:
    headers = signed_in(migrated_url, "write")
    with serving(migrated_url) as (server, client):
        client.headers.update(headers)
        answered = [client.post("/api/v1/enterprises", json={"name": f"示例企业{n}"}).json()["id"] for n in range(5)]
        server.kill()
    with serving(migrated_url) as (_, client):
        client.headers.update(headers)
        kept = {row["id"] for row in client.get("/api/v1/enterprises").json()["items"]}
    assert set(answered) == kept
    assert five_ones(migrated_url, "check").returncode == 0


def test_users_and_tokens_by_command(sample_url: str) -> None:
    added = five_ones(
        sample_url, "user", "add", "Zhang.San", "--display-name", "示例人员", "--unit", "210404", "--role", "district"
    )
    assert added.stdout.startswith("zhang.san（示例人员）：县区/开发区 district")
    for said, arguments in (
        ("登录名已被使用", ("user", "add", "zhang.san", "--display-name", "示例")),
        ("没有代码为 1 的单位", ("user", "add", "other", "--display-name", "示例", "--unit", "1")),
        ("Letters, digits", ("user", "add", "张三", "--display-name", "示例")),
        ("没有专班", ("user", "grant", "zhang.san", "--role", "task_force", "--task-force", "无")),
        ("Not held by one person", ("user", "grant", "zhang.san", "--role", "auditor", "--role", "system_admin")),
        ("no such user", ("user", "lock", "nobody")),
        ("--no-roles", ("user", "grant", "zhang.san")),
        ("没有代码为 [/x] 的单位", ("user", "add", "other", "--display-name", "[/x]", "--unit", "[/x]")),
        ("UTF-8", ("user", "lock", "\udcff")),
        ("366", ("token", "add", "zhang.san", "--name", "示例", "--scope", "read", "--days", "400")),
        ("no such token", ("token", "revoke", "fiveones_0")),
    ):
        mistaken(five_ones(sample_url, *arguments), said)
    made = five_ones(sample_url, "token", "add", "zhang.san", "--name", "示例", "--scope", "read")
    token = made.stdout.strip()
    assert re.fullmatch(r"fiveones_[0-9a-f]{6}_[\w-]{43}", token, re.ASCII)
    assert token not in made.stderr
    bearer = {"Authorization": f"Bearer {token}"}
    with serving(sample_url) as (_, client):
        assert client.get("/api/v1/projects").status_code == 401
        assert client.get("/readyz").status_code == 200
        seen = client.get("/api/v1/totals/overview?period=2023Q1", headers=bearer).json()
        assert 0 < seen["planned_year"]["count"] < 731
        assert client.post("/api/v1/enterprises", json={"name": "示例"}, headers=bearer).status_code == 403
        prefix = token[:15]
        assert prefix in five_ones(sample_url, "token", "list", "zhang.san").stdout
        assert token not in five_ones(sample_url, "token", "list", "zhang.san").stdout
        assert five_ones(sample_url, "token", "revoke", prefix).returncode == 0
        assert client.get("/api/v1/me", headers=bearer).status_code == 401
    assert "已锁定" in five_ones(sample_url, "user", "lock", "zhang.san").stdout
    assert "zhang.san" in five_ones(sample_url, "user", "list").stdout
    assert five_ones(sample_url, "check").returncode == 0
