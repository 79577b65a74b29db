"""`audit verify` checks what must exist: seals in time, a log where there are users, triggers, heads."""

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from app.audit import heads, seals, trail, triggers
from app.audit.background import seal_all
from app.audit.models import Log, SecurityEvent, SecurityEventType, SecurityOutcome
from app.core.config import Settings
from tests.accounts.people import user
from tests.audit.test_seals import CLI, LAG, behind_its_back, fill, ids, seal
from tests.conftest import World

pytestmark = pytest.mark.anyio


async def kinds(world: World, *, at: datetime | None = None, kept: tuple[heads.Head, ...] = ()) -> set[str]:
    allowed = seals.allowance(world.settings)
    async with world.database.snapshot() as session:
        verdict = await seals.verify(session, at or datetime.now(UTC), kept=kept, allowed=allowed)
    return {found.kind for found in verdict.broken}


async def test_the_triggers_are_those_that_the_migrations_make(world: World) -> None:
    """Run with WRITE_TRIGGERS=1 after a migration that makes triggers, on both databases."""
    async with world.database.reading() as session:
        there = await triggers.present(session)
        dialect = session.get_bind().dialect.name
    if os.environ.get("WRITE_TRIGGERS"):
        known = json.loads(triggers.FILE.read_text(encoding="utf-8"))
        known[dialect] = dict(sorted(there.items()))
        triggers.FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
        triggers.expected.cache_clear()
    assert there == triggers.expected(dialect), "WRITE_TRIGGERS=1 python -m pytest tests/audit/test_verify.py"


async def test_a_database_just_migrated_or_filled_gives_no_alarm(world: World) -> None:
    assert await kinds(world) == set()
    await fill(world)
    await user(world, "clerk")
    assert await kinds(world) == set()
    assert await kinds(world, at=datetime.now(UTC) + LAG) == set()


async def test_a_row_unsealed_for_longer_than_sealing_allows_is_named(world: World) -> None:
    await fill(world)
    later = datetime.now(UTC) + seals.allowance(world.settings) + timedelta(minutes=1)
    assert await kinds(world, at=later) == {"not_sealed_in_time"}
    await seal(world)
    assert await kinds(world, at=later) == set()
    await behind_its_back(world, "DELETE FROM seals")
    assert await kinds(world, at=later) == {"not_sealed_in_time"}


async def test_rows_sealed_one_by_one_wait_for_nothing_and_are_sealed_in_their_range_again(world: World) -> None:
    """A process seals its rows as it ends: the range closed later may hold rows that were not committed yet."""
    await fill(world)
    counts = await seal_all(world.database, datetime.now(UTC), open_too=True)
    assert min(counts.values()) >= 5
    assert sum((await seal_all(world.database, datetime.now(UTC), open_too=True)).values()) == 0
    day_after = datetime.now(UTC) + timedelta(days=1)
    assert await kinds(world, at=day_after) == set()
    first, second, *_ = await ids(world, Log.security_events)
    late = UUID(int=UUID(str(first)).int + 1)
    row = trail._row(datetime.now(UTC), CLI, SecurityEventType.exported, None, None, SecurityOutcome.done)
    async with world.database.writing() as session:
        await session.execute(insert(SecurityEvent).values(id=late, **row))
    assert await kinds(world) == set()
    assert await kinds(world, at=day_after) == {"not_sealed_in_time"}
    await behind_its_back(world, "UPDATE security_events SET actor_name = 'x' WHERE id = :changed", changed=second)
    assert await kinds(world) == {"altered"}
    await seal(world)
    assert await kinds(world, at=day_after) == {"altered"}, "the range has sealed what it found"
    await behind_its_back(
        world, "UPDATE security_events SET actor_name = :name WHERE id = :changed", name=CLI.name, changed=second
    )
    assert await kinds(world) == {"altered"}
    async with world.database.snapshot() as session:
        verdict = await seals.verify(session, datetime.now(UTC))
    assert (verdict.sealed[Log.security_events], verdict.open[Log.security_events]) == (6, 0)


@pytest.mark.parametrize("what", ["altered", "missing"])
async def test_a_row_sealed_alone_is_missed_when_its_range_is_sealed_without_it(world: World, what: str) -> None:
    await fill(world)
    await seal_all(world.database, datetime.now(UTC), open_too=True)
    (_, second, *_) = await ids(world, Log.security_events)
    verb = "DELETE FROM security_events" if what == "missing" else "UPDATE security_events SET actor_name = 'x'"
    await behind_its_back(world, f"{verb} WHERE id = :changed", changed=second)
    assert await kinds(world) == {what}
    await seal(world)
    assert await kinds(world) == {what}


async def test_check_and_readiness_tell_of_rows_that_wait_for_their_seal(world: World) -> None:
    """A notice: they break no rule of the rows. The server stays ready."""
    await fill(world)
    assert (await world.client.get("/readyz")).json()["sealing"] == "in time"
    assert await world.findings() == []
    yesterday = int((datetime.now(UTC) - timedelta(days=1)).timestamp() * 1000)
    old = UUID(int=(yesterday << 80) | (7 << 76) | (2 << 62))
    row = trail._row(datetime.now(UTC), CLI, SecurityEventType.exported, None, None, SecurityOutcome.done)
    async with world.database.writing() as session:
        await session.execute(insert(SecurityEvent).values(id=old, **row))
    ready = await world.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["sealing"]) == (200, "ready", "late")
    (notice,) = await world.findings()
    assert (notice.rule, notice.row, notice.is_notice) == ("sealing", "security_events", True)
    assert "five-ones audit seal" in notice.what.zh
    await seal_all(world.database, datetime.now(UTC), open_too=True)
    assert (await world.client.get("/readyz")).json()["sealing"] == "in time"
    assert await world.findings() == []


async def test_an_empty_log_beside_users_is_named(world: World) -> None:
    await user(world, "clerk")
    await behind_its_back(world, "DELETE FROM security_events")
    assert await kinds(world) == {"empty"}


async def test_a_trigger_that_is_gone_off_or_another_is_named(world: World) -> None:
    assert await kinds(world) == set()
    is_sqlite = world.database.is_sqlite
    gone = "DROP TRIGGER ledger_entries_no_update"
    off = "ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only"
    async with world.database.writing() as session:
        await session.execute(text(gone if is_sqlite else off))
    assert await kinds(world) == ({"trigger_missing"} if is_sqlite else {"trigger_altered"})
    if is_sqlite:
        async with world.database.writing() as session:
            await session.execute(
                text("CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries BEGIN SELECT 1; END")
            )
        assert await kinds(world) == {"trigger_altered"}


async def test_heads_kept_beside_the_database_tell_of_a_chain_cut_off(world: World, tmp_path: Path) -> None:
    world.database.settings = Settings(database_url=world.settings.database_url, heads_file=str(tmp_path / "heads"))
    for _ in range(2):
        await fill(world)
        await seal(world)
    kept = tuple(heads.read(world.database.settings))
    assert stat.S_IMODE((tmp_path / "heads").stat().st_mode) == 0o600
    assert {head.log for head in kept} == {"events", "security_events"}
    assert await kinds(world, kept=kept) == set()
    last = max(head.number for head in kept if head.log == "security_events")
    async with world.database.reading() as session:
        query = text("SELECT until FROM seals WHERE log = 'security_events' AND number = :number")
        until = UUID(str(await session.scalar(query, {"number": last - 1})))
    after = until.hex if world.database.is_sqlite else str(until)
    await behind_its_back(
        world,
        f"DELETE FROM security_events WHERE id > '{after}'",
        f"DELETE FROM seals WHERE log = 'security_events' AND number = {last}",
    )
    assert await kinds(world) == set()
    assert await kinds(world, kept=kept) == {"head_newer"}
    forged = heads.Head(Log.events.value, 1, "0" * 64)
    assert "head_gone" in await kinds(world, kept=(forged,))


def test_a_line_that_is_no_head_is_passed_over_and_no_file_keeps_none(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}")
    assert heads.read(settings) == ()
    (tmp_path / "x.db.heads").write_text('{"log": "events"}\nno json\n{"log": "events", "number": 1, "hash": "a"}\n')
    assert heads.read(settings) == [heads.Head("events", 1, "a")]
    assert heads.file_of(Settings(database_url="postgresql://x/y")) is None
