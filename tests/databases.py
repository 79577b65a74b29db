"""Databases for tests: templates that are made once a run, and copies of them that live as long as a test."""

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from app import schema
from app.audit.background import seal_at_end
from app.core import office
from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database
from tests.conftest import BACKENDS, ROOT
from tests.postgres import postgres_cluster

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
FilledOnce = Callable[[str, str, Callable[[str], Any]], tuple[str, Any]]


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
    await seal(database)
    await database.close()


async def seal(database: Database) -> None:
    """Seals all rows of a template's logs: a run of all tests takes longer than a row may wait for its seal."""
    await seal_at_end(database, logs_heads=False)


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
def filled_once(request: pytest.FixtureRequest, once: Once) -> FilledOnce:
    """Returns a function that fills a migrated database of a backend once for all processes of a run. It returns the
    database's address, only to be read or copied, and what filling it returned, as JSON gives it back."""

    def filled(backend: str, what: str, fill: Callable[[str], Any]) -> tuple[str, Any]:
        def make(shared: Path) -> str:
            if backend == "sqlite":
                url = f"sqlite:///{shared / what}.db"
                shutil.copy(request.getfixturevalue("sqlite_template"), shared / f"{what}.db")
            else:
                admin, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
                name = f"{what}_{uuid4().hex[:12]}"
                asyncio.run(_admin(admin, f"CREATE DATABASE {name} TEMPLATE {template}"))
                url = _named(admin, name)
            return json.dumps([url, fill(url)])

        url, returned = json.loads(once(f"{backend}-{what}", make))
        return url, returned

    return filled


@pytest.fixture(scope="session")
def sqlite_sample(filled_once: FilledOnce) -> str:
    """The sample as `five-ones sample` loads it; to be read or copied."""
    return filled_once("sqlite", "sample", load_sample)[0]


@pytest.fixture(params=BACKENDS)
def sample_copy(request: pytest.FixtureRequest, filled_once: FilledOnce, copy_of: Callable[[str], str]) -> str:
    """A copy of the sample, on SQLite and on PostgreSQL."""
    return copy_of(filled_once(request.param, "sample", load_sample)[0])


def load_sample(url: str) -> None:
    """Loads the sample by the command."""
    command = [sys.executable, "-m", "app.commands.main", "sample"]
    subprocess.run(command, env={**os.environ, "FIVE_ONES_DATABASE_URL": url}, cwd=ROOT, check=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Drops the SQLite variant of tests marked `postgresql_only`."""
    items[:] = [
        item for item in items if item.get_closest_marker("postgresql_only") is None or "[sqlite" not in item.name
    ]
