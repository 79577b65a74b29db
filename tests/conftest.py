"""Every test runs the real app on a real database of its own: a copy of one that Alembic migrated."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI, Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, make_url

from app import job_registry, schema
from app.accounts import passwords
from app.accounts.authentication import token_failures
from app.audit.background import seal_at_end
from app.audit.trail import Trail
from app.checks.findings import Finding
from app.checks.run import run
from app.core import logs, office
from app.core.actor import Actor, ActorKind, Permission
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from app.main import create_app
from tests.postgres import memory, postgres_cluster

ROOT = Path(__file__).parents[1]
LOCAL_PERSON = Actor("local", "本机用户", ActorKind.person, permissions=frozenset(Permission))
"""The actor of most tests: one person with all rights, signed in."""
BACKENDS = ("sqlite", "postgresql")

passwords.hashing = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
"""The same hash with the cheapest parameters: hundreds sign in. Commands run as processes keep the real ones."""

if (folder := memory()) is not None:
    # In memory: SQLite waits for the disk at every commit, and no test is about a power cut.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)

for name in [name for name in os.environ if name.startswith("FIVE_ONES_") and name != "FIVE_ONES_STORM"]:
    del os.environ[name]


class Clock:
    """A clock that advances one millisecond at every reading; a test may set it."""

    def __init__(self) -> None:
        self.moment = datetime(2023, 6, 1, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def set(self, year: int, month: int, day: int, hour: int = 2) -> None:
        self.moment = datetime(year, month, day, hour, tzinfo=UTC)


class World:
    """The running app, its database and clock, and one client that acts as `actor`."""

    def __init__(self, client: httpx.AsyncClient, database: Database, clock: Clock, settings: Settings) -> None:
        self.app = _app()
        self.client = client
        self.database = database
        self.clock = clock
        self.settings = settings
        self.actor: Actor = LOCAL_PERSON

    async def get(self, path: str, **params: Any) -> Any:
        response = await self.client.get(f"/api/v1{path}", params=params or None)
        assert response.status_code == 200, response.text
        return response.json()

    async def count(self, path: str, **params: Any) -> int:
        """Returns the number of rows that a list counts."""
        number: int = (await self.get(path, **params, **{"with": "count"}))["count"]["value"]
        return number

    async def post(self, path: str, body: Any, *, version: int | None = None, status: int = 201) -> Any:
        response = await self.send("POST", path, body, version=version)
        assert response.status_code == status, response.text
        return response.json()

    async def act(self, path: str, verb: str, body: Any) -> Any:
        """Sends a verb on a record in its current version and asserts success. Returns the body."""
        answer = await self.send("POST", f"{path}/{verb}", body, version=await self.version(path))
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def send(
        self, method: str, path: str, body: Any = None, *, version: int | None = None, **headers: str
    ) -> httpx.Response:
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=named)

    async def findings(self) -> list[Finding]:
        async with self.database.snapshot() as session:
            return await run(session)

    async def holds(self) -> None:
        """Asserts every invariant of `five-ones check`; notices are no breach."""
        assert [finding for finding in await self.findings() if not finding.is_notice] == []

    async def version(self, path: str) -> int:
        found: int = (await self.get(path))["version"]
        return found


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


_CLUSTER = pytest.StashKey[ExitStack]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Starts one PostgreSQL in the controlling process for all processes of a run."""
    stash = node.config.stash
    if _CLUSTER not in stash:
        stash[_CLUSTER] = ExitStack()
        with suppress(RuntimeError):  # each process says what is missing, where a test needs it
            node.config.shared_postgres = stash[_CLUSTER].enter_context(postgres_cluster())
    if (url := getattr(node.config, "shared_postgres", None)) is not None:
        node.workerinput["postgres"] = url


def pytest_unconfigure(config: pytest.Config) -> None:
    if (cluster := config.stash.get(_CLUSTER, None)) is not None:
        cluster.close()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    shared: str | None = getattr(request.config, "workerinput", {}).get("postgres")
    if shared is not None:
        yield shared
        return
    with postgres_cluster() as url:
        yield url


Once = Callable[[str, Callable[[Path], str]], str]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Returns a function that does something once for all processes of a run and returns the text it made to each."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def do(what: str, make: Callable[[Path], str]) -> str:
        made = shared / f"{what}.made"
        with (shared / f"{what}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                made.write_text(make(shared))
        return made.read_text()

    return do


async def _admin(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def sqlite_template(once: Once) -> Path:
    def make(shared: Path) -> str:
        path = shared / "template.db"
        schema.upgrade(Settings(database_url=f"sqlite:///{path}"))
        asyncio.run(_let_one_person_do_all(f"sqlite:///{path}"))
        return str(path)

    return Path(once("sqlite-template", make))


@pytest.fixture(scope="session")
def postgres_template(postgres: str, once: Once) -> str:
    def make(_shared: Path) -> str:
        name = f"template_{uuid4().hex[:12]}"
        asyncio.run(_admin(postgres, f"CREATE DATABASE {name}"))
        schema.upgrade(Settings(database_url=_named(postgres, name)))
        asyncio.run(_let_one_person_do_all(_named(postgres, name)))
        return name

    return once("postgres-template", make)


async def _let_one_person_do_all(url: str) -> None:
    """Switches off the separation of drafting and approving, which has tests of its own: most tests act as one
    person."""
    database = Database(Settings(database_url=url), system_now)
    async with database.writing() as session:
        await office.put(session, office.SEPARATION, office.OFF)
    await seal_at_end(database, logs_heads=False)  # a run of all tests takes longer than a row may wait for its seal
    await database.close()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def _postgres_database(admin: str, template: str | None) -> Iterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    copied = f"TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
    asyncio.run(_admin(admin, f"CREATE DATABASE {name} {copied}"))
    yield _named(admin, name)
    asyncio.run(_admin(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def migrated_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Returns a function that makes a migrated, otherwise empty database on a backend."""
    with ExitStack() as stack:

        def make(backend: str) -> str:
            if backend == "sqlite":
                path = tmp_path / f"{uuid4().hex[:12]}.db"
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
                return f"sqlite:///{path}"
            template: str = request.getfixturevalue("postgres_template")
            return stack.enter_context(_postgres_database(request.getfixturevalue("postgres"), template))

        yield make


@pytest.fixture
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Returns a function that makes a database without any schema on a backend."""
    with ExitStack() as stack:

        def make(backend: str) -> str:
            if backend == "sqlite":
                return f"sqlite:///{tmp_path / uuid4().hex[:12]}.db"
            return stack.enter_context(_postgres_database(request.getfixturevalue("postgres"), None))

        yield make


@pytest.fixture
def copy_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Returns a function that copies a database nobody is connected to, so that many examples share one starting
    state."""
    with ExitStack() as stack:

        def make(url: str) -> str:
            source = make_url(url).database
            assert source is not None
            if make_url(url).get_backend_name() == "sqlite":
                path = tmp_path / f"{uuid4().hex[:12]}.db"
                shutil.copy(source, path)
                return f"sqlite:///{path}"
            return stack.enter_context(_postgres_database(request.getfixturevalue("postgres"), source))

        yield make


@pytest.fixture(scope="session")
def sqlite_sample(sqlite_template: Path, once: Once) -> str:
    """The sample as `five-ones sample` loads it, made once for all processes; to be read or copied."""

    def make(shared: Path) -> str:
        path = shared / "sample.db"
        shutil.copy(sqlite_template, path)
        fill(f"sqlite:///{path}")
        return f"sqlite:///{path}"

    return once("sqlite-sample", make)


@pytest.fixture(scope="session")
def postgres_sample(postgres: str, postgres_template: str, once: Once) -> str:
    """The same on PostgreSQL; only to be copied, because a database in use cannot be copied."""

    def make(_shared: Path) -> str:
        name = f"sample_{uuid4().hex[:12]}"
        asyncio.run(_admin(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}"))
        fill(_named(postgres, name))
        return _named(postgres, name)

    return once("postgres-sample", make)


@pytest.fixture(params=BACKENDS)
def sample_copy(request: pytest.FixtureRequest, copy_of: Callable[[str], str]) -> str:
    """A copy of the sample, on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{'sqlite' if request.param == 'sqlite' else 'postgres'}_sample")
    return copy_of(url)


def fill(url: str) -> None:
    """Loads the sample by the command."""
    command = [sys.executable, "-m", "app.commands.main", "sample"]
    subprocess.run(command, env={**os.environ, "FIVE_ONES_DATABASE_URL": url}, cwd=ROOT, check=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Drops the SQLite variant of tests marked `postgresql_only`."""
    items[:] = [
        item for item in items if item.get_closest_marker("postgresql_only") is None or "[sqlite" not in item.name
    ]


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, migrated_database_url: Callable[[str], str]) -> str:
    """A migrated, otherwise empty database, on SQLite and on PostgreSQL."""
    return migrated_database_url(request.param)


@asynccontextmanager
async def running(url: str) -> AsyncIterator[World]:
    """Runs the app on that database."""
    settings = Settings(database_url=url, log_level="error")
    logs.configure(settings)
    app, clock = _app(), Clock()
    database = job_registry.open_database(settings, clock)
    _take_compiled(database)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://five-ones.test") as client:
        world = World(client, database, clock, settings)
        before = dict(app.state._state)
        app.state.database, app.state.settings, app.state.world = database, settings, world
        app.state.trail, app.state.token_failures = Trail(database), token_failures(settings)
        try:
            yield world
        finally:
            app.state._state.update(before)
            _keep_compiled(database)
            await database.close()


_COMPILED: dict[tuple[bool, str], Engine] = {}
"""One connected engine of each kind, whose cache of compiled statements serves every test."""


def _engines(database: Database) -> Iterator[tuple[tuple[bool, str], Engine]]:
    for name in ("read_engine", "write_engine"):
        yield (database.is_sqlite, name), getattr(database, name).sync_engine


def _take_compiled(database: Database) -> None:
    for kind, engine in _engines(database):
        if (first := _COMPILED.get(kind)) is not None:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
            engine.pool._dialect = first.dialect


def _keep_compiled(database: Database) -> None:
    for kind, engine in _engines(database):
        if getattr(engine.dialect, "server_version_info", None) is not None:
            _COMPILED.setdefault(kind, engine)


@cache
def _app() -> FastAPI:
    """Returns one app for all worlds of this process: building its routes takes longer than most tests."""

    async def acting(request: Request) -> Actor:
        world: World = request.app.state.world
        return world.actor

    return create_app(actor_source=acting)


async def anybody(_request: Request) -> Actor:
    """Actor source for an app that a test builds itself, where the actor does not matter."""
    return LOCAL_PERSON


@pytest.fixture
async def world(database_url: str, anyio_backend: str) -> AsyncIterator[World]:
    async with running(database_url) as world:
        yield world
