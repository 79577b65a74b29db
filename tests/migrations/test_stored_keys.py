"""Rows of earlier releases get current keys: `five-ones migrate` computes them again, however the old ones were
made."""

import asyncio
from typing import Any

from sqlalchemy import text

from app import schema, stored_keys
from app.core.config import Settings
from tests.conftest import running
from tests.factories import city as make
from tests.projects.test_vouchers import add_twin, findings_of_vouchers, opens_the_gate, voucher

OLD_KEYS = (
    "UPDATE enterprises SET name_normalized = '示例15度能源有限公司' WHERE name = '示例1.5度能源有限公司'",
    "UPDATE leads SET name_normalized = '示例15万吨'",
    "UPDATE projects SET name_normalized = '示例c软件园', upstream_key = NULL",
    "UPDATE referrers SET name_pinyin = 'bao mou' WHERE name = '薄某'",
)


def test_keys_of_existing_rows_are_made_anew(database_url: str) -> None:
    async def fill() -> dict[str, Any]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            made = {
                "enterprises": await world.post("/enterprises", {"name": "示例1.5度能源有限公司"}),
                "leads": await make.make_lead(city, name="示例1.5万吨"),
                "projects": await make.make_project(city, name="示例C++软件园", upstream_code="LN-2023-001"),
                "referrers": await world.post("/referrers", {"kind": "adviser", "name": "薄某"}),
            }
            await world.holds()
            async with world.database.writing() as session:
                for statement in OLD_KEYS:
                    await session.execute(text(statement))
            assert len([finding for finding in await world.findings() if finding.rule == "key"]) == 5
            return made

    async def see(made: dict[str, Any]) -> None:
        async with running(database_url) as world:
            await world.holds()
            for kind, record in made.items():
                assert await world.version(f"/{kind}/{record['id']}") == record["version"]
            answer = await world.post("/duplicates/check", {"name": "示例", "upstream_code": "ln-2023-1"}, status=200)
            assert [one["id"] for one in answer["candidates"]] == [made["projects"]["id"]]
            answer = await world.post("/duplicates/check", {"name": "示例1.5万 吨"}, status=200)
            assert [one["id"] for one in answer["candidates"]] == [made["leads"]["id"]]
            assert (await world.post("/duplicates/check", {"name": "示例15万吨"}, status=200))["candidates"] == []

    made = asyncio.run(fill())
    settings = Settings(database_url=database_url)
    assert schema.upgrade(settings) == 5
    asyncio.run(see(made))
    assert schema.upgrade(settings) == 0


def test_a_name_edited_meanwhile_keeps_the_key_of_its_edit(database_url: str) -> None:
    """The keys are renewed while others work: the edit is waited for, and not undone."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    edit = "UPDATE enterprises SET name = '示例乙', name_normalized = '示例乙' WHERE name = '示例甲'"

    async def race() -> None:
        async with running(database_url) as world:
            await world.post("/enterprises", {"name": "示例甲"})
            async with world.database.writing() as session:
                await session.execute(text("UPDATE enterprises SET name_normalized = '示例旧'"))
            async with world.database.writing() as session:
                await session.execute(text(edit))
                renewal = asyncio.create_task(stored_keys.renew(world.database))
                if not world.database.is_sqlite:
                    async with world.database.reading() as other:
                        while not await other.scalar(waiting):
                            pass
            await renewal
            async with world.database.reading() as session:
                assert await session.scalar(text("SELECT name_normalized FROM enterprises")) == "示例乙"

    asyncio.run(race())


def test_of_twin_vouchers_of_before_the_first_is_given_the_number(database_url: str) -> None:
    """As a database is after the migration that made the table of numbers, and before `migrate` has filled it."""

    async def fill() -> list[str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            paths = [f"/projects/{(await make.make_project(city))['id']}" for _ in range(2)]
            await world.post(f"{paths[0]}/evidence", voucher())
            await add_twin(world, paths[1])
            async with world.database.writing() as session:
                await session.execute(text("DELETE FROM standing_vouchers"))
            assert await findings_of_vouchers(world) == ["key", "voucher", "voucher"]
            return paths

    async def see(paths: list[str]) -> None:
        async with running(database_url) as world:
            assert await findings_of_vouchers(world) == ["voucher"]
            assert [await opens_the_gate(world, path) for path in paths] == [True, False]

    paths = asyncio.run(fill())
    settings = Settings(database_url=database_url)
    assert schema.upgrade(settings) == 1
    asyncio.run(see(paths))
    assert schema.upgrade(settings) == 0
