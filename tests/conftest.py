"""Every test runs the real app on a real database of its own: a copy of one that Alembic migrated."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select

from app import job_registry
from app.accounts import passwords
from app.accounts.authentication import token_failures
from app.audit.models import OfficeEventType, SecurityEvent, SecurityEventType
from app.audit.trail import Trail
from app.checks.findings import Finding
from app.checks.run import run
from app.core import logs
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.db import Database
from app.dossiers.sentences import SENTENCES
from app.events.models import Event
from app.main import create_app
from tests.postgres import memory
from tests.transport import InProcess, named

pytest_plugins = ["tests.databases", "tests.prepared"]

ROOT = Path(__file__).parents[1]
BACKENDS = ("sqlite", "postgresql")

LOCAL_PERSON = Actor("local", "本机用户", ActorKind.person, permissions=frozenset(Permission))
"""The actor of most tests: one person with all rights, signed in."""

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
        return named(response.json())

    async def count(self, path: str, **params: Any) -> int:
        """Returns the number of rows that a list counts."""
        number: int = (await self.get(path, **params, **{"with": "count"}))["count"]["value"]
        return number

    async def post(self, path: str, body: Any, *, version: int | None = None, status: int = 201) -> Any:
        response = await self.send("POST", path, body, version=version)
        assert response.status_code == status, response.text
        return named(response.json())

    async def act(self, path: str, verb: str, body: Any) -> Any:
        """Sends a verb on a record in its current version and asserts success. Returns the body."""
        answer = await self.send("POST", f"{path}/{verb}", body, version=await self.version(path))
        assert answer.status_code in (200, 201), answer.text
        return named(answer.json())

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


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def database_url(request: pytest.FixtureRequest, backend: str) -> str:
    """A database of this test's own, on SQLite and on PostgreSQL: migrated and otherwise empty, but with the city if
    the test asks for `city`, and with the project if it asks for `signed_project`."""
    url: str
    if "city" in request.fixturenames:
        url = request.getfixturevalue("copy_of")(request.getfixturevalue("prepared").url)
    else:
        url = request.getfixturevalue("migrated_database_url")(backend)
    return url


@asynccontextmanager
async def running(url: str) -> AsyncIterator[World]:
    """Runs the app on that database."""
    settings = Settings(database_url=url, log_level="error")
    logs.configure(settings)
    app, clock = _app(), Clock()
    database = job_registry.open_database(settings, clock)
    _take_compiled(database)
    transport = InProcess(app)
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

    # Without the web client, whether or not it has been built: tests/pages tries it.
    return create_app(Settings(client_directory=""), actor_source=acting)


async def anybody(_request: Request) -> Actor:
    """Actor source for an app that a test builds itself, where the actor does not matter."""
    return LOCAL_PERSON


async def _require_names(database: Database) -> None:
    """Asserts that every action in the logs has its name in the dictionary; those that tests make up begin with
    `test.`."""
    written: set[str] = set()
    async with database.reading() as session:
        for model in (Event, SecurityEvent):
            written |= set(await session.scalars(select(model.type).distinct()))
    names = {*SENTENCES, *(one.value for one in (*OfficeEventType, *SecurityEventType))}
    assert {type for type in written if not type.startswith("test.")} <= names


@pytest.fixture
async def world(database_url: str, anyio_backend: str) -> AsyncIterator[World]:
    async with running(database_url) as world:
        yield world
        await _require_names(world.database)
