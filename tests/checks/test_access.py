"""Sessions, known browsers and schedules changed by SQL: `check` names them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.accounts.bearer import hashed
from app.accounts.roles import Role
from app.checks.findings import Finding
from app.job_registry import registry
from app.jobs.worker import Worker
from tests.accounts.people import browser, password, sign_in, sign_in_required, user
from tests.accounts.test_known_devices import again
from tests.conftest import World

pytestmark = pytest.mark.anyio

WORDS = "青山不改 2023 绿水长流"


@asynccontextmanager
async def people(world: World) -> AsyncIterator[dict[str, dict[str, str]]]:
    """A system administrator and a clerk who have signed in, each with the headers of their browser."""
    headers = {}
    async with sign_in_required(world):
        for name, role in (("admin", Role.system_admin), ("clerk", Role.bureau)):
            await user(world, name, role)
            await password(world, name, WORDS)
            headers[name] = browser(await sign_in(world, name, WORDS))
        yield headers


async def altered(world: World, *statements: str, **values: object) -> list[Finding]:
    """Returns what `check` names after these SQL statements."""
    async with world.database.writing() as session:
        for statement in statements:
            bound = {name: value for name, value in values.items() if f":{name}" in statement}
            await session.execute(text(statement), bound)
    return [finding for finding in await world.findings() if not finding.is_notice]


def spelled(world: World, id: UUID) -> object:
    return id.hex if world.database.is_sqlite else id


async def test_a_session_made_or_changed_by_sql_is_named(world: World) -> None:
    async with people(world) as headers:
        await world.holds()
        # Lawful: used again later, another sign-in in the same browser, signed out, ended by oneself.
        world.clock.moment += timedelta(minutes=20)
        assert (await world.client.get("/api/v1/me", headers=headers["clerk"])).status_code == 200
        (row,) = (await world.client.get("/api/v1/me/sessions", headers=headers["clerk"])).json()["items"]
        again = browser(await sign_in(world, "clerk", WORDS))
        assert (await world.client.delete("/api/v1/session", headers=again)).status_code == 204
        await world.holds()
    clerk, forged = UUID(row["id"]), uuid4()
    others = "user_id, way, address, user_agent, created_at, last_seen_at, expires_at"
    whose = "(SELECT id FROM users WHERE name = 'admin')"
    is_clerks = "id = :clerk"
    named = {}
    for what, done, undone in (
        (
            "put in",
            f"INSERT INTO sessions (id, token_hash, {others})"
            f" SELECT :forged, :hash, {others} FROM sessions WHERE {is_clerks}",
            "DELETE FROM sessions WHERE id = :forged",
        ),
        (
            "somebody else's",
            f"UPDATE sessions SET user_id = {whose} WHERE {is_clerks}",
            f"UPDATE sessions SET user_id = (SELECT id FROM users WHERE name = 'clerk') WHERE {is_clerks}",
        ),
        (
            "longer",
            f"UPDATE sessions SET expires_at = '2033-01-01 00:00:00.000000' WHERE {is_clerks}",
            f"UPDATE sessions SET expires_at = '{_text(row['expires_at'])}' WHERE {is_clerks}",
        ),
        (
            "another token",
            f"UPDATE sessions SET token_hash = :hash WHERE {is_clerks}",
            None,
        ),
    ):
        values = {"clerk": spelled(world, clerk), "forged": spelled(world, forged), "hash": hashed("known")}
        found = await altered(world, done, **values)
        assert [finding.rule for finding in found] == ["access"], what
        named[what] = found[0].row.split()[1]
        if undone:
            assert await altered(world, undone, **values) == []
    assert named == {
        "put in": str(forged),
        "somebody else's": str(clerk),
        "longer": str(clerk),
        "another token": str(clerk),
    }


def _text(moment: str) -> str:
    return moment.replace("T", " ").removesuffix("Z")


async def test_a_session_that_ended_and_is_let_live_again_by_sql_is_named(world: World) -> None:
    async with people(world) as headers:
        assert (await world.client.delete("/api/v1/session", headers=headers["clerk"])).status_code == 204
        await world.holds()
        (found,) = await altered(world, "UPDATE sessions SET ended_at = NULL WHERE ended_at IS NOT NULL")
        assert (found.rule, "the log says 2023-06-01" in found.what.en) == ("access", True)


async def test_a_browser_made_or_changed_by_sql_is_named(world: World) -> None:
    async with people(world):
        device = (await sign_in(world, "clerk", WORDS)).cookies["five_ones_device"]
        world.clock.moment += timedelta(days=3)
        answer = await again(world, "clerk", WORDS, device)
        assert answer.cookies["five_ones_device"] == device, "lawful: known again"
        await world.holds()
    forged = uuid4()
    others = "user_id, first_at, last_at"
    made = f"INSERT INTO known_devices (id, token_hash, {others})"
    made += f" SELECT :forged, :hash, {others} FROM known_devices LIMIT 1"
    values = {"forged": spelled(world, forged), "hash": hashed("known")}
    (found,) = await altered(world, made, **values)
    assert (found.rule, found.row.split()[1]) == ("access", str(forged))
    assert await altered(world, "DELETE FROM known_devices WHERE id = :forged", **values) == []
    longer = await altered(world, "UPDATE known_devices SET last_at = '2033-01-01 00:00:00.000000'")
    assert len(longer) == 3
    assert all("the log says 2023-06-0" in finding.what.en for finding in longer)


async def test_a_schedule_changed_by_sql_is_named(world: World) -> None:
    worker = Worker(world.database, registry())
    await worker._poll()
    await world.holds()
    # Lawful: an administrator sets one, and each is fired when it is due.
    assert (
        await world.send("PUT", "/job-schedules/audit.prune", {"cron": "0 5 * * *", "is_active": True})
    ).status_code == 200
    world.clock.set(2023, 6, 9)
    assert await worker.until_idle() > 5
    await worker._poll()
    await world.holds()
    off = "UPDATE job_schedules SET is_active = false WHERE name = 'audit.prune'"
    (found,) = await altered(world, off)
    assert found.rule == "sealed_log"
    assert found.row.startswith("job_schedules audit.prune")
    assert await altered(world, off.replace("false", "true")) == []
    (found,) = await altered(
        world, "UPDATE job_schedules SET next_at = '2033-01-01 00:00:00.000000' WHERE name = 'jobs.prune'"
    )
    assert (found.rule, found.row) == ("schedule", "job_schedules jobs.prune")
    gone = await altered(world, "DELETE FROM job_schedules")
    assert {finding.rule for finding in gone} == {"sealed_log"}
    assert len(gone) == len(registry().recurring)
