"""SQLite's files: readable by their owner only, and without any erased data."""

import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from app import schema
from app.accounts.roles import Role
from app.core.actor import system
from app.core.config import Settings
from app.leads import personal
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.factories import city as make
from tests.leads.test_personal import PERSON

pytestmark = pytest.mark.anyio
SECRETS = [PERSON[name].encode() for name in ("name", "phone", "email")]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(settings: Settings) -> list[Path]:
    """Returns the database file and those SQLite keeps beside it."""
    path = settings.sqlite_file
    assert path is not None
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]


def left(world: World) -> list[bytes]:
    """Returns which personal data the bytes of any file still contain."""
    raw = b"".join(path.read_bytes() for path in files(world.settings) if path.exists())
    return [secret for secret in (*SECRETS, b"13800001235") if secret in raw]


@pytest.mark.parametrize("umask", [0o022, 0o000, 0o077, 0o777])
def test_a_new_database_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    """The folders created for it too; an existing folder keeps its mode."""
    tmp_path.chmod(0o755)
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'made' / 'here' / 'city.db'}")
    before = os.umask(umask)
    try:
        schema.upgrade(settings, "+1")
    finally:
        os.umask(before)
    assert {mode(path) for path in files(settings) if path.exists()} == {0o600}
    assert [mode(tmp_path / "made" / "here"), mode(tmp_path / "made"), mode(tmp_path)] == [0o700, 0o700, 0o755]


def test_a_database_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "city.db"
    path.touch()
    path.chmod(0o640)
    schema.upgrade(Settings(database_url=f"sqlite:///{path}"), "+1")
    assert mode(path) == 0o640


@pytest.mark.sqlite_only
async def test_an_erasure_leaves_nothing_in_the_files(world: World) -> None:
    """By the verb, by the job, and by a change of an official's phone."""
    if not world.database.is_sqlite:
        pytest.skip("PostgreSQL's files are its own")
    city = await make.make_city(world)
    await user(world, "clerk", Role.bureau)
    clerk = await session_of(world, "clerk")
    async with sign_in_required(world):
        for number in range(20):
            body = {**PERSON, "title": f"示例{number}" * 20}
            made = await world.client.post(f"/api/v1/enterprises/{city.investor}/contacts", json=body, headers=clerk)
            assert made.status_code == 201
        assert left(world)
        for contact in (await world.client.get(f"/api/v1/enterprises/{city.investor}/contacts", headers=clerk)).json():
            assert (await world.client.delete(f"/api/v1/contacts/{contact['id']}", headers=clerk)).status_code == 204
    assert left(world) == []
    await world.post(f"/enterprises/{city.investor}/contacts", PERSON)
    assert left(world)
    world.clock.set(2024, 2, 3)
    async with world.database.writing() as session:
        assert await personal.erase_expired(session, system("worker")) == 1
    assert left(world) == []
    official = f"/officials/{city.officials[0]}"
    assert (await world.send("PATCH", official, {"phone": "13800001235"}, version=1)).status_code == 200
    assert left(world)
    assert (await world.send("PATCH", official, {"phone": None}, version=2)).status_code == 200
    assert left(world) == []


@pytest.mark.sqlite_only
async def test_a_reader_only_puts_it_off(world: World) -> None:
    """A reader at that moment prevents truncating the log; the next change afterwards truncates it."""
    if not world.database.is_sqlite:
        pytest.skip("PostgreSQL's files are its own")
    city = await make.make_city(world)
    made = await world.post(f"/enterprises/{city.investor}/contacts", PERSON)
    async with world.database.snapshot() as reader:
        await reader.execute(text("SELECT count(*) FROM units"))
        erased = await world.client.delete(f"/api/v1/contacts/{made['id']}")
        assert erased.status_code == 204
        assert left(world)
    await make.make_investor(world, name="示例：另一企业有限公司")
    assert left(world) == []
