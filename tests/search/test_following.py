"""The index follows whatever is written, in its transaction; `check` compares it, `migrate` mends it."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app import schema
from app.core.config import Settings
from app.enterprises.models import Enterprise
from app.organizations.models import Official
from app.projects.models import Project
from app.referrers.models import Referrer
from app.search import following, keys
from app.search.index import SOURCES
from app.search.models import FULL_TEXT, SearchEntry
from tests.conftest import World, running
from tests.factories import city as make
from tests.leads.test_personal import PERSON


async def found(world: World, path: str, q: str) -> int:
    return len((await world.get(path, q=q))["items"])


async def names(world: World, *statements: Any) -> None:
    async with world.database.writing() as session:
        for statement in statements:
            await session.execute(statement)


async def index_findings(world: World) -> list[str]:
    return [finding.row for finding in await world.findings() if finding.rule == "index"]


async def test_a_new_name_replaces_the_old_one(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city, name="示例：旧名石化", short_name="旧石")
    path = f"/projects/{project['id']}"
    body = {"name": "示例：新名氢能", "short_name": None}
    assert (await world.send("PATCH", path, body, version=1)).status_code == 200
    assert [await found(world, "/projects", q) for q in ("旧名", "旧石", "jmsh", "新名", "xmqn")] == [0, 0, 0, 1, 1]
    official = await make.make_official(world, city.city, "示例仇某")
    path = f"/officials/{official}"
    answer = await world.send("PATCH", path, {"name": "示例翟某"}, version=await world.version(path))
    assert answer.status_code == 200
    assert [await found(world, "/officials", q) for q in ("仇", "翟", "zhai")] == [0, 1, 1]
    await world.holds()


async def test_a_merge_gives_the_records_to_the_other_investor(world: World) -> None:
    city = await make.make_city(world)
    merged = await make.make_investor(world, name="示例：远大氢能", credit_code=None)
    await make.make_project(city, name="示例站", investor_id=merged)
    into = await make.make_investor(world, name="示例：宏图储能")
    body = {"into_id": into, "reason": "示例"}
    await world.act(f"/enterprises/{merged}", "merge", body)
    assert [await found(world, "/projects", q) for q in ("氢能", "储能")] == [0, 1]
    assert [await found(world, "/enterprises", q) for q in ("氢能", "储能")] == [1, 1]
    await world.holds()


async def test_every_way_to_write_is_followed(world: World) -> None:
    """Objects, one statement for many rows, rows that go, and a transaction that fails."""
    await make.make_investor(world, name="示例：甲厂")
    await names(world, update(Enterprise).where(Enterprise.name == "示例：甲厂").values(name="示例：乙厂"))
    assert [await found(world, "/enterprises", q) for q in ("甲厂", "乙厂")] == [0, 1]
    await world.post("/referrers", {"kind": "chamber", "name": "示例商会"})
    await names(world, delete(Referrer))
    assert await found(world, "/referrers", "商会") == 0
    async with world.database.reading() as session:
        kinds = set(await session.scalars(select(SearchEntry.kind)))
    assert kinds == {"enterprise"}
    with pytest.raises(IntegrityError):
        await names(world, update(Enterprise).values(name="示例：丙厂"), update(Enterprise).values(version=None))
    assert [await found(world, "/enterprises", q) for q in ("丙厂", "乙厂")] == [0, 1]
    async with world.database.writing() as session:
        official = {"name_pinyin": "", "version": 1, "is_illustrative": True}
        moment = {"created_at": world.clock(), "updated_at": world.clock()}
        rows = [{"id": uuid4(), "name": name, **official, **moment} for name in ("示例赵某", "示例钱某")]
        await session.execute(insert(Official), rows)
    assert [await found(world, "/officials", q) for q in ("zhao", "qm", "示例")] == [1, 1, 2]


async def test_what_a_savepoint_took_back_is_not_indexed(world: World) -> None:
    city = await make.make_city(world)
    first, second = [await make.make_project(city, name=f"示例{number}号站") for number in ("甲", "乙")]
    async with world.database.writing() as session:
        kept = await session.get_one(Project, UUID(first["id"]))
        kept.name = "示例：留下"
        await session.flush()
        async with session.begin_nested() as savepoint:
            undone = await session.get_one(Project, UUID(second["id"]))
            undone.name, kept.name = "示例：收回", "示例：也收回"
            await session.flush()
            await savepoint.rollback()
    assert [await found(world, "/projects", q) for q in ("收回", "留下", "乙号站", "甲号站")] == [0, 1, 1, 0]
    assert await index_findings(world) == []


async def test_contacts_and_phones_are_never_indexed(world: World) -> None:
    city = await make.make_city(world)
    await world.post(f"/enterprises/{city.investor}/contacts", PERSON)
    path = f"/officials/{city.officials[0]}"
    body = {"phone": PERSON["phone"]}
    assert (await world.send("PATCH", path, body, version=await world.version(path))).status_code == 200
    for q in (PERSON["name"], PERSON["phone"], PERSON["email"], "lxrj"):
        assert (await world.get("/search", q=q))["items"] == []
    async with world.database.reading() as session:
        lines = "".join(await session.scalars(select(SearchEntry.lines)))
    assert [one for one in (PERSON["name"], PERSON["phone"], PERSON["email"]) if one in lines] == []


TAMPERED = {
    "lines": "UPDATE search_entries SET lines = replace(lines, '石化', '油化') WHERE kind = 'project'",
    "grams": "UPDATE search_entries SET grams = (SELECT grams FROM search_entries WHERE kind = 'official' LIMIT 1)"
    " WHERE kind = 'project'",
    "digest": "UPDATE search_entries SET digest = 'x' WHERE kind = 'project'",
    "gone": "DELETE FROM search_entries WHERE kind = 'project'",
    "renamed": "UPDATE projects SET short_name = '示例偷改'",
    "of nothing": "UPDATE search_entries SET record_id = '00000000000000000000000000000007' WHERE kind = 'project'",
    "of no kind": "UPDATE search_entries SET kind = 'contact' WHERE kind = 'project'",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED)
def test_check_finds_what_differs_and_migrate_mends_it(database_url: str, statement: str) -> None:
    async def tamper() -> None:
        async with running(database_url) as world:
            city = await make.make_city(world)
            await make.make_project(city, name="示例石化")
            assert await index_findings(world) == []
            await names(world, text(statement))
            assert any("project" in row or "contact" in row for row in await index_findings(world))

    async def see() -> None:
        async with running(database_url) as world:
            assert await index_findings(world) == []
            assert await found(world, "/projects", "石化") == 1

    asyncio.run(tamper())
    settings = Settings(database_url=database_url)
    assert schema.upgrade(settings) == 1
    asyncio.run(see())
    assert schema.upgrade(settings) == 0


@pytest.mark.sqlite_only
def test_check_finds_a_full_text_index_that_differs(database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps its own index")

    async def tamper() -> None:
        async with running(database_url) as world:
            city = await make.make_city(world)
            await make.make_project(city, name="示例石化")
            await names(world, text(f"INSERT INTO {FULL_TEXT}({FULL_TEXT}) VALUES ('delete-all')"))
            assert await index_findings(world) == [FULL_TEXT]
            assert await found(world, "/projects", "石化") == 0

    async def see() -> None:
        async with running(database_url) as world:
            assert await index_findings(world) == []
            assert await found(world, "/projects", "石化") == 1

    asyncio.run(tamper())
    schema.upgrade(Settings(database_url=database_url))
    asyncio.run(see())


def test_rows_of_before_are_indexed_by_migrate(database_url: str) -> None:
    async def fill() -> int:
        async with running(database_url) as world:
            city = await make.make_city(world)
            await make.make_signed(city, name="示例石化")
            await make.make_lead(city)
            async with world.database.reading() as session:
                return len(await _entries(session))

    async def see() -> None:
        async with running(database_url) as world:
            assert await index_findings(world) == []
            assert await found(world, "/projects", "石化") == 1
            async with world.database.reading() as session:
                assert len(await _entries(session)) == count

    count = asyncio.run(fill())
    settings = Settings(database_url=database_url)
    schema.downgrade(settings, "20261130080")
    assert schema.upgrade(settings) == count
    asyncio.run(see())


async def _entries(session: AsyncSession) -> Sequence[Any]:
    return (await session.execute(select(SearchEntry.kind, SearchEntry.record_id))).all()


def test_an_edition_is_what_it_was() -> None:
    """Where this fails, other lines or grams are made of the same names: raise EDITION, then enter the new digest."""
    name = "示例：1.5万吨CATL（中国）长输管线曾某二期 3#〔2023〕88号 Fushun"
    fields = [(keys.Match.own_name, style, name) for style in keys.Style]
    entries = [keys.entry(kind, [field]) for kind in SOURCES for field in fields]
    made = hashlib.sha256(repr(entries).encode()).hexdigest()[:16]
    assert (following.EDITION.split()[0], made) == ("1", "b2ea4ebd8c6e3a81")
