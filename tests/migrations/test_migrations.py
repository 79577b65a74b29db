"""The schema agrees with the models, survives a downgrade and upgrade, and append-only tables stay append-only."""

import asyncio
import re
import warnings
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint, make_url, text
from sqlalchemy.exc import IntegrityError, SAWarning
from sqlalchemy.ext.asyncio import AsyncSession

from app import schema
from app.core import clock
from app.core.config import Settings
from app.core.db import Database
from app.tables import metadata
from tests.conftest import running
from tests.factories import city as make

APPEND_ONLY = [
    "deal_facts",
    "deal_relocations",
    "duplicate_rulings",
    "events",
    "evidence",
    "evidence_voids",
    "first_talk_disputes",
    "first_talk_rulings",
    "lead_assessments",
    "ledger_entries",
    "milestone_reports",
    "move_corrections",
    "phase_links",
    "phase_withdrawals",
    "plan_list_rows",
    "project_amounts",
    "project_moves",
    "project_placements",
    "prunings",
    "published_figures",
    "seals",
    "security_events",
    "setting_changes",
    "start_batch_rows",
    "start_batch_withdrawals",
    "start_batches",
    "task_force_targets",
    "unit_parents",
    "work_resumptions",
    "written_rows",
]


EMPTY = "20261129101"
"""The revision with every table and no row."""


def steps() -> list[str]:
    """Returns what is gone back to, latest first: every revision before the last, and the empty database."""
    scripts = ScriptDirectory.from_config(schema.alembic_config(Settings()))
    return [str(script.down_revision or "base") for script in scripts.walk_revisions()]


def in_database(url: str, work: Any, *, writes: bool = False) -> Any:
    async def whole() -> Any:
        database = Database(Settings(database_url=url), clock.system_now)
        try:
            async with database.writing() if writes else database.reading() as session:
                return await work(session)
        finally:
            await database.close()

    return asyncio.run(whole())


async def triggers(session: AsyncSession) -> list[tuple[str, str]]:
    if session.get_bind().dialect.name == "sqlite":
        rows = await session.execute(text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = await session.execute(
            text("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")
        )
    return sorted((row[0], row[1]) for row in rows)


def expected_triggers(url: str) -> list[tuple[str, str]]:
    endings = ("no_delete", "no_update") if url.startswith("sqlite") else ("append_only", "no_truncate")
    whole = [(table, f"{table}_{ending}") for table in APPEND_ONLY for ending in endings]
    indexed = [("search_entries", f"search_entries_{what}") for what in ("deleted", "inserted", "updated")]
    return sorted([*whole, ("leads", "leads_fixed"), *(indexed if url.startswith("sqlite") else [])])


def test_the_models_and_the_migrations_agree(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    with warnings.catch_warnings():
        # Expression indexes cannot be compared on SQLite; the lists are tested for them.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", SAWarning)
        try:
            command.check(schema.alembic_config(settings))
        except CommandError as error:
            pytest.fail(str(error))


_SQLITE_CATALOGUE = (
    "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
    " AND tbl_name <> 'alembic_version'"
)
_POSTGRESQL_CATALOGUE = (
    "SELECT contype::text, conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace",
    "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT 'column', table_name || '.' || column_name,"
    " concat_ws(' ', data_type, character_maximum_length, collation_name, is_nullable, column_default)"
    " FROM information_schema.columns WHERE table_schema = 'public'",
)


def _clauses(sql: str) -> str:
    """Returns a CREATE TABLE of SQLite as its sorted clauses, because Alembic and the models order them differently."""
    head, _, body = re.sub(r"\s+", " ", sql).strip().removesuffix(")").partition("(")
    clauses, depth = [""], 0
    for character in body:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            clauses.append("")
        else:
            clauses[-1] += character
    return "\n".join([head, *sorted(clause.strip() for clause in clauses)]).replace('"', "").replace(" \n", "\n")


async def catalogue(session: AsyncSession) -> dict[tuple[str, str], str]:
    """Returns CHECKs with their texts and enum values, indexes with their predicates, columns with type and
    collation."""
    if session.get_bind().dialect.name == "sqlite":
        rows = (await session.execute(text(_SQLITE_CATALOGUE))).all()
        return {(kind, name): _clauses(sql) if kind == "table" else sql for kind, name, sql in rows}
    found = {}
    for query in _POSTGRESQL_CATALOGUE:
        for kind, name, definition in await session.execute(text(query)):
            if "alembic_version" not in name:
                found[kind, name] = definition
    return found


def test_the_migrated_catalogue_is_what_the_models_make(
    database_url: str, empty_database_url: Callable[[str], str]
) -> None:
    """Compares what `alembic check` does not: texts of CHECKs, enum values, predicates and expressions of indexes."""

    async def create(session: AsyncSession) -> None:
        await (await session.connection()).run_sync(metadata.create_all)

    fresh = empty_database_url(make_url(database_url).get_backend_name())
    in_database(fresh, create, writes=True)
    migrated, made = in_database(database_url, catalogue), in_database(fresh, catalogue)
    assert {key: sql for key, sql in migrated.items() if made.get(key) != sql} == {}
    assert migrated == made
    assert len(made) > 100


def test_down_and_up_again_leaves_the_same_schema(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    before = in_database(database_url, catalogue)
    assert in_database(database_url, triggers) == expected_triggers(database_url)
    for step in steps():
        schema.downgrade(settings, step)
        schema.upgrade(settings)
        assert in_database(database_url, triggers) == expected_triggers(database_url)
        assert in_database(database_url, catalogue) == before


def test_append_only_tables_refuse_every_change(database_url: str) -> None:
    is_sqlite = database_url.startswith("sqlite")
    verbs = ["UPDATE events SET type = 'x'", "DELETE FROM events"]
    if is_sqlite:
        verbs.append("INSERT OR REPLACE INTO events SELECT * FROM events LIMIT 1")
    else:
        verbs += [f"TRUNCATE {table} CASCADE" for table in APPEND_ONLY]
    for verb in verbs:

        async def attempt(session: AsyncSession, verb: str = verb) -> None:
            await session.execute(text(verb))

        with pytest.raises(IntegrityError, match="append-only"):
            in_database(database_url, attempt, writes=True)


def test_every_foreign_key_has_an_index() -> None:
    for table in metadata.sorted_tables:
        leading = [[column.name for column in index.columns] for index in table.indexes]
        leading += [
            [column.name for column in constraint.columns]
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint)
        ]
        for key in table.foreign_key_constraints:
            if key.referred_table.name not in ("stages", "evidence_kinds"):
                names = key.column_keys
                assert any(index[: len(names)] == names for index in leading), f"{table.name}: {names}"


def test_rows_survive_the_way_down_and_up_and_no_seed_is_taken_from_under_them(database_url: str) -> None:
    async def fill() -> tuple[str, dict[str, Any]]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            project, _ = await make.make_signed(city, task_force_id=city.task_forces[0])
            await make.make_lead(city)
            path = f"/projects/{project['id']}"
            end = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
            await world.act(path, "termination", end)
            return path, await world.get(path)

    async def see(path: str, project: dict[str, Any]) -> None:
        async with running(database_url) as world:
            await world.holds()
            assert await world.get(path) == project
            back = await world.act(path, "reinstatement", {"reason": "示例"})
            assert (back["stage"], back["status"]) == ("signed", "active")
            await world.holds()

    path, project = asyncio.run(fill())
    settings = Settings(database_url=database_url)
    for step in takewhile(lambda step: step != EMPTY, steps()):
        schema.downgrade(settings, step)
        schema.upgrade(settings)
    with pytest.raises((IntegrityError, RuntimeError), match="foreign key"):
        schema.downgrade(settings, EMPTY)
    asyncio.run(see(path, project))
