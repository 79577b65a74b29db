"""Rows are compared with the sealed log: a consistent change made past the service is found and named."""

import asyncio
import shutil
import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, LargeBinary, Numeric, String, Table, Uuid, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import system_now
from app.core.config import Settings
from app.core.db import Database, UTCDateTime
from app.core.money import Money
from app.events import comparison, sealed
from app.events.comparison import Comparison, Difference
from app.tables import metadata
from tests.conftest import World
from tests.factories import city as make

COOKED = {
    "the amount, within a size band": [
        "UPDATE deals SET agreed_amount = agreed_amount + 100",
        "UPDATE deal_facts SET amount = amount + 100",
        "UPDATE ledger_entries SET amount = amount + 100",
    ],
    "who drafted and who approved": ["UPDATE deals SET drafted_by = 'somebody', approved_by = drafted_by"],
    "the way to a stage": ["UPDATE stage_gates SET strictness = 'warn'"],
    "planned total": [
        "UPDATE project_amounts SET value = value + 100 WHERE kind = 'planned_total'",
        "UPDATE projects SET planned_total = planned_total + 100",
    ],
    "a lead and all beneath it": [
        "DELETE FROM written_rows WHERE event_id IN (SELECT id FROM events WHERE subject_type = 'lead')",
        "DELETE FROM leads",
        "DELETE FROM events WHERE subject_type = 'lead'",
    ],
    "separation": ["UPDATE office_settings SET value = 'on' WHERE key = 'separation'"],
    "one more office setting": ["INSERT INTO office_settings (key, value) VALUES ('second_factor', 'off')"],
}


@pytest.mark.anyio
@pytest.mark.parametrize("what", COOKED)
async def test_what_was_changed_consistently_is_found(world: World, what: str) -> None:
    city = await make.make_city(world)
    project, _ = await make.make_signed(city)
    await make.make_lead(city)
    amount = {"kind": "planned_total", "value": "5000000.00", "effective_on": "2023-03-01", "source": "示例"}
    await world.post(f"/projects/{project['id']}/amounts", amount)
    await world.holds()
    async with world.database.writing() as session:
        await switch_off(session)
        for statement in COOKED[what]:
            await session.execute(text(statement), execution_options={"writes_copies": True})
    found = [finding for finding in await world.findings() if finding.rule == "sealed_log"]
    if what == "a lead and all beneath it":
        # With its event and what that wrote gone from the log, the seals tell: here nothing is sealed yet.
        assert found == []
        return
    assert found
    assert all(finding.row.split()[0] in " ".join(COOKED[what]) for finding in found)


async def switch_off(session: AsyncSession) -> None:
    """Switches triggers and foreign keys off, as the owner of the database can."""
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("PRAGMA defer_foreign_keys=ON"))
        rows = await session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in rows.all():
            await session.execute(text(f"DROP TRIGGER {name}"))
    else:
        await session.execute(text("SET LOCAL session_replication_role = replica"))


def made_up(column: Column[Any], references: dict[str, list[Any]]) -> Any:
    """Returns a value for a column that the sample leaves empty; for a foreign key an existing one."""
    kind = column.type
    for key in column.foreign_keys:
        some = references.get(key.column.table.name + "." + key.column.name)
        if some:
            return some.pop()
    if isinstance(kind, Enum):
        return (kind.enum_class or (lambda value: value))(kind.enums[0])
    for types, value in (
        (Uuid, uuid4()),
        (UTCDateTime, datetime(2023, 3, 1, tzinfo=UTC)),
        (Date, date(2023, 3, 1)),
        (Boolean, False),
        (JSON, []),
        (LargeBinary, b"x"),
        (Money, Decimal(5)),
        (Numeric, Decimal(5)),
        (Integer, uuid4().int % 10**6 + 3000),
        (String, uuid4().hex[:8]),
    ):
        if isinstance(kind, types):
            return value
    raise AssertionError(f"no value for {column}")


async def fill(url: str) -> None:
    """Fills every table with two rows at least; rows written here are written as the service writes them."""
    database = Database(Settings(database_url=url), system_now)
    for table in sealed.tables():
        async with database.writing() as session:
            await session.execute(text("PRAGMA ignore_check_constraints=ON"))
            count: int = await session.scalar(text(f"SELECT count(*) FROM {table.name}"))
            for _ in range(2 - count):
                references = {}
                for column in table.c:
                    for key in column.foreign_keys:
                        values = await session.scalars(key.column.table.select().with_only_columns(key.column).limit(9))
                        there = set(await session.scalars(table.select().with_only_columns(column)))
                        name = f"{key.column.table.name}.{key.column.name}"
                        references[name] = [value for value in values if value not in there]
                await session.execute(table.insert(), [{c.name: made_up(c, references) for c in table.c}])
    await database.close()


def compared(url: str) -> Comparison:
    async def work() -> Comparison:
        database = Database(Settings(database_url=url), system_now)
        try:
            async with database.snapshot() as session:
                return await comparison.compare(session)
        finally:
            await database.close()

    return asyncio.run(work())


def other(column: Column[Any]) -> str:
    """Returns an SQL expression for another value than the column holds."""
    kind, name = column.type, f'"{column.name}"'
    if isinstance(kind, Enum):
        return f"CASE WHEN {name} = '{kind.enums[0]}' THEN '{kind.enums[-1]}' ELSE '{kind.enums[0]}' END"
    if isinstance(kind, Boolean):
        return f"NOT {name}"
    if isinstance(kind, Uuid):
        return f"'{uuid4().hex}'"
    if isinstance(kind, UTCDateTime):
        return "'2001-01-01 00:00:00.000000'"
    if isinstance(kind, Date):
        return "'2001-01-01'"
    if isinstance(kind, JSON):
        return """'["other"]'"""
    if isinstance(kind, String):
        return f"coalesce({name}, '') || 'x'"
    return f"coalesce({name}, 0) + 7000"


def can_differ(column: Column[Any]) -> bool:
    is_only_one = isinstance(column.type, Enum) and len(column.type.enums) == 1
    return not column.primary_key and not is_only_one and str(column) != "lead_clocks.code"


def tamper(path: Path, table: Table) -> None:
    """Alters one row in all its columns, removes one and inserts one, with triggers off."""
    columns = [column for column in sealed.columns(table) if not column.primary_key]
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints=ON")
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table.name]
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for index in table.indexes:
            connection.execute(f"DROP INDEX IF EXISTS {index.name}")
        first, second = connection.execute(f"SELECT rowid FROM {table.name} LIMIT 2").fetchall()
        for column in columns:
            # A code of which every value is taken can be no other.
            changed = f'UPDATE OR IGNORE {table.name} SET "{column.name}" = {other(column)} WHERE rowid = ?'
            connection.execute(changed, first)
        connection.execute(f"DELETE FROM {table.name} WHERE rowid = ?", second)
        listed = ", ".join(f'"{column.name}"' for column in table.c)
        values = ", ".join(_inserted(column) for column in table.c)
        connection.execute(f"INSERT OR REPLACE INTO {table.name} ({listed}) VALUES ({values})")
        for _, sql in triggers:
            connection.execute(sql)


def _inserted(column: Column[Any]) -> str:
    value = made_up(column, {})
    if isinstance(column.type, Uuid):
        return f"'{uuid4().hex}'"
    if isinstance(column.type, UTCDateTime):
        return "'2023-03-01 00:00:00.000000'"
    if isinstance(value, bool | int | Decimal):
        return str(int(value))
    if isinstance(column.type, JSON):
        return "'[]'"
    if isinstance(column.type, Enum):
        return f"'{column.type.enums[-1]}'"
    return f"'{value}'"


@pytest.fixture(scope="module")
def cooked(sqlite_sample: str, tmp_path_factory: pytest.TempPathFactory) -> list[Difference]:
    """Tampers with each table of a filled sample. Returns the findings."""
    path = tmp_path_factory.mktemp("cooked") / "sample.db"
    shutil.copy(sqlite_sample.removeprefix("sqlite:///"), path)
    asyncio.run(fill(f"sqlite:///{path}"))
    assert compared(f"sqlite:///{path}").differences == []
    for table in sealed.tables():
        tamper(path, table)
    return compared(f"sqlite:///{path}").differences


@pytest.mark.parametrize("table", sealed.tables(), ids=lambda table: table.name)
def test_a_row_altered_removed_or_put_in_is_named_in_every_table(cooked: list[Difference], table: Table) -> None:
    its = [found for found in cooked if found.table == table.name]
    columns = {column.name for column in sealed.columns(table) if can_differ(column)}
    assert {found.kind for found in its} == {"inserted", "missing"} | ({"altered"} if columns else set())
    if columns:
        altered = next(found for found in its if found.kind == "altered")
        assert altered.columns.keys() == columns
        assert altered.event_id is not None


@pytest.mark.anyio
async def test_on_postgresql_every_row_is_missed_too(world: World) -> None:
    """SQLite is tried table by table above."""
    city = await make.make_city(world)
    await make.make_signed(city)
    await make.make_lead(city)
    await world.holds()
    if world.database.is_sqlite:
        return
    emptied = set()
    async with world.database.writing() as session:
        await switch_off(session)
        for table in sealed.tables():
            if await session.scalar(text(f"SELECT count(*) FROM {table.name}")):
                await session.execute(text(f"DELETE FROM {table.name}"))
                emptied.add(table.name)
    async with world.database.snapshot() as session:
        differences = (await comparison.compare(session)).differences
    assert {found.kind for found in differences} == {"missing"}
    assert {found.table for found in differences} == emptied
    assert {"deals", "ledger_entries", "projects", "leads", "stage_gates", "unit_parents"} <= emptied


def test_what_is_left_out_is_left_out_for_a_reason() -> None:
    """A table is logged unless `sealed.LEFT_OUT` names it; a countable table, which holds an event, is not named."""
    assert sealed.LEFT_OUT.keys() <= metadata.tables.keys()
    for name, reason in sealed.LEFT_OUT.items():
        assert reason
        if name != "written_rows":
            assert not any(key.column.table.name == "events" for key in metadata.tables[name].foreign_keys), (
                f"{name} holds the event that made it, so the log must vouch for its rows: take it out of LEFT_OUT"
            )
    for name, columns in sealed._COLUMNS.items():
        assert columns <= set(metadata.tables[name].c.keys()), name
