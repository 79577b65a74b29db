"""Every change made to a sealed log past the service is found and named."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.audit import seals, trail
from app.audit.background import seal_all
from app.audit.models import Log, Pruning, Seal, SecurityEvent, SecurityEventType, SecurityOutcome
from app.audit.seals import Verdict
from app.core.actor import system
from app.core.ids import new_id
from tests.accounts.people import user
from tests.conftest import ROOT, World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

CLI = system("cli")


async def fill(world: World) -> None:
    """Writes some rows into both logs."""
    await make.make_city(world)
    async with world.database.writing() as session:
        for number in range(5):
            await trail.record(session, CLI, SecurityEventType.settings_changed, data={"number": number})


LAG = timedelta(seconds=1200)
"""Twice the longest transaction."""


async def seal(world: World) -> dict[Log, int]:
    """Seals all rows so far, as if they were older than any transaction."""
    last = max([UUID(str(id)) for log in Log for id in await ids(world, log)])
    before = datetime.fromtimestamp(((last.int >> 80) + 1) / 1000, UTC)
    while datetime.now(UTC) < before:
        pass  # less than a millisecond: later rows get later ids
    return await seal_all(world.database, before + LAG)


async def verified(world: World, *heads: str, at: datetime | None = None) -> Verdict:
    async with world.database.snapshot() as session:
        return await seals.verify(session, at or datetime.now(UTC), heads)


async def behind_its_back(world: World, *statements: str, **values: Any) -> None:
    """Runs statements as the owner of the database does, with its triggers off."""
    async with world.database.writing() as session:
        if world.database.is_sqlite:
            rows = await session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
            triggers = rows.all()
            for name, _ in triggers:
                await session.execute(text(f"DROP TRIGGER {name}"))
        else:
            await session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            bound = {key: values[key] for key in values if f":{key}" in statement}
            await session.execute(text(statement), bound)
        if world.database.is_sqlite:
            for _, sql in triggers:
                await session.execute(text(sql.replace(":", "\\:")))


async def ids(world: World, log: Log) -> list[Any]:
    """Returns the ids of rows that no migration made, in this database's notation."""
    query = f"SELECT id FROM {log.value} WHERE actor_id <> 'migration' ORDER BY id"
    async with world.database.reading() as session:
        return list(await session.scalars(text(query)))


def shown(found: Sequence[Any]) -> list[str]:
    return [str(UUID(str(id))) for id in found]


@pytest.mark.parametrize("log", list(Log))
async def test_one_row_altered_missing_or_inserted_is_named(world: World, log: Log) -> None:
    await fill(world)
    await user(world, "clerk")
    counts = await seal(world)
    assert min(counts.values()) >= 5
    assert (await verified(world)).broken == []
    found = await ids(world, log)
    changed, gone = found[1], found[3]
    if log is Log.events:
        async with world.database.reading() as session:
            gone = await session.scalar(text("SELECT id FROM events WHERE type = 'user.added'"))
    inserted = UUID(int=(UUID(str(found[2])).int + 1))
    new = inserted.hex if world.database.is_sqlite else str(inserted)
    async with world.database.reading() as session:
        row = (await session.execute(text(f"SELECT * FROM {log.value} WHERE id = :id"), {"id": found[0]})).mappings()
        names = [name for name in row.one() if name not in ("id", "subject_version")]
    listed = ", ".join(names)
    await behind_its_back(
        world,
        f"UPDATE {log.value} SET actor_name = 'somebody else' WHERE id = :changed",
        *(["DELETE FROM written_rows WHERE event_id = :gone"] if log is Log.events else []),
        f"DELETE FROM {log.value} WHERE id = :gone",
        f"INSERT INTO {log.value} (id, {listed}) SELECT :new, {listed} FROM {log.value} WHERE id = :first",
        changed=changed,
        gone=gone,
        new=new,
        first=found[0],
    )
    verdict = await verified(world)
    assert {(broken.log, broken.kind, broken.what) for broken in verdict.broken} == {
        (log, "altered", shown([changed])[0]),
        (log, "missing", shown([gone])[0]),
        (log, "inserted", str(inserted)),
    }


async def test_every_column_of_a_row_is_sealed(world: World) -> None:
    await fill(world)
    await seal(world)
    for log in Log:
        (first, *_) = await ids(world, log)
        async with world.database.reading() as session:
            query = text(f"SELECT * FROM {log.value} WHERE id = :id")
            row = dict((await session.execute(query, {"id": first})).mappings().one())
        for name in row.keys() - {"id", "outcome", "actor_kind"}:
            kept = row[name]
            other: Any = {"at": "'2001-01-01 00:00:00.000000'", "count": "7", "subject_version": "99"}.get(name)
            if name in ("subject_id", "project_id"):
                other = f"'{new_id().hex}'" if world.database.is_sqlite else f"'{new_id()}'"
            if name == "data":
                other = "'{\"x\": 1}'"
            await behind_its_back(
                world, f"UPDATE {log.value} SET {name} = {other or repr('other')} WHERE id = :first", first=first
            )
            assert [broken.kind for broken in (await verified(world)).broken] == ["altered"], name
            if name == "data" and not world.database.is_sqlite:
                await behind_its_back(
                    world,
                    f"UPDATE {log.value} SET data = CAST(:kept AS JSON) WHERE id = :first",
                    first=first,
                    kept=json.dumps(kept),
                )
            else:
                await behind_its_back(
                    world, f"UPDATE {log.value} SET {name} = :kept WHERE id = :first", first=first, kept=kept
                )
            assert (await verified(world)).broken == [], name


async def test_a_chain_that_was_made_anew_is_known_by_a_head_kept_elsewhere(world: World) -> None:
    await fill(world)
    await seal(world)
    head = (await verified(world)).heads[Log.security_events][1]
    await fill(world)
    await seal(world)
    assert (await verified(world, head)).broken == []
    await behind_its_back(world, "DELETE FROM seals", "UPDATE security_events SET actor_name = 'x'")
    await seal(world)
    assert (await verified(world)).broken == []
    assert [(broken.kind, broken.what) for broken in (await verified(world, head)).broken] == [("head_unknown", head)]


async def test_a_seal_that_is_changed_or_gone_is_named(world: World) -> None:
    for _ in range(3):
        await fill(world)
        await seal(world)
    await behind_its_back(world, "UPDATE seals SET count = count + 1 WHERE log = 'events' AND number = 2")
    assert [(broken.kind, broken.what) for broken in (await verified(world)).broken] == [("seal_broken", "2")]
    await behind_its_back(world, "DELETE FROM seals WHERE log = 'events' AND number = 2")
    kinds = {(broken.kind, broken.what) for broken in (await verified(world)).broken}
    assert ("seal_broken", "3") in kinds


async def test_a_row_with_an_id_of_the_future_waits_for_no_seal(world: World) -> None:
    await fill(world)
    async with world.database.writing() as session:
        await trail.record(session, CLI, SecurityEventType.settings_changed)
    verdict = await verified(world, at=datetime.now(UTC) - timedelta(minutes=10))
    assert {broken.kind for broken in verdict.broken} == {"from_the_future"}


async def test_a_long_log_is_sealed_in_ranges_and_two_sealers_make_one_chain(world: World) -> None:
    async with world.database.writing() as session:
        for number in range(2100):
            await trail.record(session, CLI, SecurityEventType.settings_changed, data={"number": number})
    counts = await asyncio.gather(seal(world), seal(world))
    assert sum(count[Log.security_events] for count in counts) <= 2100
    await seal(world)
    verdict = await verified(world)
    assert verdict.broken == []
    assert (verdict.sealed[Log.security_events], verdict.open[Log.security_events]) == (2100, 0)
    assert verdict.heads[Log.security_events][0] >= 3


async def test_what_is_young_is_not_sealed(world: World) -> None:
    await seal_all(world.database, datetime.now(UTC))
    before = (await verified(world)).sealed
    await fill(world)
    assert sum((await seal_all(world.database, datetime.now(UTC))).values()) == 0
    verdict = await verified(world)
    assert verdict.sealed == before
    assert min(verdict.open.values()) >= 5


async def test_security_events_go_by_sealed_ranges_after_six_months_and_business_events_never(world: World) -> None:
    await fill(world)
    await seal(world)
    await fill(world)
    later = datetime.now(UTC) + timedelta(days=185)
    for statement in ("DELETE FROM security_events", "DELETE FROM events", "DELETE FROM seals"):
        with pytest.raises(DBAPIError):
            async with world.database.writing() as session:
                await session.execute(text(statement))
    async with world.database.writing() as session:
        assert await seals.prune(session, CLI, datetime.now(UTC) + timedelta(days=183)) is None
    events = len(await ids(world, Log.events))
    async with world.database.writing() as session:
        assert await seals.prune(session, CLI, later) == 5
    assert len(await ids(world, Log.events)) == events
    assert len(await ids(world, Log.security_events)) == 6
    assert (await verified(world, at=later)).broken == []
    with pytest.raises(DBAPIError):
        async with world.database.writing() as session:
            await session.execute(text("DELETE FROM security_events"))
    await behind_its_back(world, "UPDATE prunings SET pruned_at = '2023-01-01 00:00:00.000000'")
    assert [broken.kind for broken in (await verified(world, at=later)).broken] == ["pruned_too_early"]


async def test_a_pruning_that_nobody_made_excuses_nothing(world: World) -> None:
    await fill(world)
    await seal(world)
    for log, accepts in ((Log.events, False), (Log.security_events, True)):
        async with world.database.reading() as session:
            query = select(Seal).where(Seal.log == log, ~Seal.of_migrations).order_by(Seal.number).limit(1)
            first = (await session.scalars(query)).one()
        forged = Pruning(
            log=log,
            number=first.number,
            after=UUID(int=0),
            until=first.until,
            pruned_at=datetime.now(UTC) + timedelta(days=185),
        )
        try:
            async with world.database.writing() as session:
                session.add(forged)
        except DBAPIError:
            assert not accepts
        else:
            assert accepts
    async with world.database.writing() as session:
        await session.execute(text("DELETE FROM security_events"))
    kinds = [broken.kind for broken in (await verified(world)).broken]
    assert kinds == ["pruning_forged"] + ["missing"] * 5


async def test_a_row_that_says_a_migration_made_it_is_named_too(world: World) -> None:
    await fill(world)
    await seal(world)
    row = {
        **trail._row(
            datetime(2020, 1, 1, tzinfo=UTC), CLI, SecurityEventType.exported, None, None, SecurityOutcome.done
        )
    }
    async with world.database.writing() as session:
        await session.execute(insert(SecurityEvent).values(id=UUID(int=1), **{**row, "actor_id": "migration"}))
    assert [(broken.kind, broken.what) for broken in (await verified(world)).broken] == [("inserted", str(UUID(int=1)))]


async def test_the_command_names_the_row(world: World) -> None:
    await fill(world)
    await seal(world)

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {"FIVE_ONES_DATABASE_URL": world.settings.database_url, "PATH": "/usr/bin:/bin"}
        line = [sys.executable, "-m", "app.commands.main", "audit", *words]
        return subprocess.run(line, env=environment, cwd=ROOT, capture_output=True, text=True)

    sound = await asyncio.to_thread(command, "verify")
    assert (sound.returncode, "both logs hold" in sound.stdout) == (0, True), sound.stderr
    head = (await verified(world)).heads[Log.events][1]
    assert head in sound.stdout
    (changed, *_) = await ids(world, Log.events)
    await behind_its_back(world, "UPDATE events SET actor_name = 'x' WHERE id = :changed", changed=changed)
    broken = await asyncio.to_thread(command, "verify", "--head", head)
    assert broken.returncode == 1
    assert f"{shown([changed])[0]}: 被改动 / was altered" in broken.stderr
