"""While a name is typed, the caller sees which of the records in his scope are similar, compared with plain SQL."""

from typing import Any
from uuid import UUID

import pytest
from rapidfuzz import fuzz
from sqlalchemy import text

from app.core.actor import Actor
from app.core.name_key import normalized
from app.leads import similar
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.search.test_scope_of_search import scopes

pytestmark = pytest.mark.anyio

NAMES = (
    "示例：年产65万吨苯酚丙酮一体化项目",
    "示例：苯酚丙酮扩建工程",
    "65万吨苯酚",
    "示例：双酚A与苯酚项目",
    "示例：石化仓储基地二期",
    "示例：清原抽水蓄能电站项目",
    "示例（清原）抽水蓄能二期",
    "示例：新能源项目",
    "示例：生产基地项目",
)
ASKED = (
    *NAMES,
    "65万吨苯酚丙",
    "苯酚",
    "生产基地",
    "抽水",
    "65",
    "示例",
    "项目",
    "a",
    "示例：新型煤化工及煤矸石综合利用产业园的苯酚丙酮项目",
)


def ratio(asked: str, name: str) -> int:
    return int(fuzz.ratio(normalized(asked), normalized(name)))


async def check(world: World, name: str, investor: str | None = None, **fields: str) -> list[dict[str, Any]]:
    asked = {"name": name, **fields, **({"investor_id": investor} if investor else {})}
    found: list[dict[str, Any]] = await world.get("/duplicates/similar", **asked)
    return found


def alike(asked: str, name: str) -> bool:
    """Whether two names contain one another, or have a text in common."""
    own, other = normalized(asked), normalized(name)
    return (len(other) > 2 and other in own) or share(asked, name)


def share(asked: str, name: str) -> bool:
    """Whether two names have a text in common: the whole name that is asked about, three characters without a common
    word, or both characters between two such words; numbers alone do not count."""
    own, other = normalized(asked), normalized(name)
    if len(own) > 3 and own in other:
        return True
    for word in (*similar.COMMON.split(), *(f"{digit}期" for digit in range(10))):
        own = own.replace(word, "\n")
    parts = own.split("\n")
    texts = [part for part in parts if len(part) == 2]
    texts += [part[at : at + 3] for part in parts for at in range(len(part) - 2)]
    return any(one in other for one in texts if not one.isdigit())


def actors(city: make.City) -> list[Actor]:
    here, there = city.districts
    return [
        staff(units=[here]),
        staff(units=[there]),
        staff(units=[city.city]),
        staff(task_forces=city.task_forces[:1]),
        staff(official=city.officials[2]),
        staff(),
        LOCAL_PERSON,
    ]


async def make_records(city: make.City) -> None:
    """Every name as a project of one district and a lead of the other, some of them of a task force."""
    world = city.world
    for place, name in enumerate(NAMES):
        unit, other = city.districts[place % 2], city.districts[1 - place % 2]
        of_force = {"task_force_id": city.task_forces[0]} if place % 3 == 0 else {}
        fields = {"unit_id": unit, "place_unit_id": unit, **of_force}
        investor = city.investor if place == 4 else await make.make_investor(world)
        project = await make.make_project(city, name=name, investor_id=investor, **fields)
        if place == 1:
            await make.give_five_ones(city, project["id"])
        fields = {"unit_id": other, "first_unit_id": other, "place_unit_id": other}
        await make.make_lead(city, name=f"{name}（线索）", duplicate_ruling="示例：另一厂区", **fields)
    here = {"unit_id": city.districts[0], "place_unit_id": city.districts[0]}
    names = {"short_name": "老苯酚丙酮", "statistical_name": "示例统计用名抽水蓄能"}
    await make.make_project(city, name="示例：甲乙丙", investor_id=await make.make_investor(world), **names, **here)
    investor = await make.make_investor(world, name="示例清原新能源集团有限公司")
    await make.make_project(city, name="示例：丁戊己", investor_id=investor, **here)
    await make.make_lead(city, name="示例：庚辛壬", investor_id=investor, first_unit_id=city.districts[0])
    merged = await make.make_project(city, name="示例：苯酚丙酮老厂")
    into = await make.make_project(city, name="示例：并入的项目")
    await world.act(f"/projects/{merged['id']}", "merge", {"into_id": into["id"], "reason": "示例"})


async def in_scope(world: World, actor: Actor) -> dict[str, tuple[str, str, list[str]]]:
    """Returns by id name, investor and the other names of each lead and each project not merged that the actor sees, by
    plain SQL."""
    found = {}
    async with world.database.reading() as session:
        for table, names in (("projects", "short_name, statistical_name"), ("leads", "NULL, NULL")):
            seen = f"{scopes(world, actor)[table]} AND status <> 'merged'"
            investor = f"(SELECT name FROM enterprises WHERE enterprises.id = {table}.investor_id)"
            query = f"SELECT id, name, investor_id, {investor}, {names} FROM {table} WHERE {seen}"
            for row_id, name, investor_id, *others in await session.execute(text(query)):
                more = [other for other in others if other is not None]
                found[str(UUID(str(row_id)))] = name, str(UUID(str(investor_id))), more
    return found


async def test_similar_is_what_is_seen_and_alike(world: World, city: make.City) -> None:
    """Whatever is out of scope is left out, and of many the best remain, in the order of likeness."""
    await make_records(city)
    await make.make_lead(city, name="示例：已转化的苯酚丙酮线索")
    world.settings.duplicate_checks_an_hour = 10_000
    sizes, shown = set(), set()
    for actor in actors(city):
        seen = await in_scope(world, actor)
        world.actor = actor
        for name in ASKED:
            with counted(world) as statements:
                answer = await check(world, name, city.investor)
            expected = {
                one
                for one, (own, investor, others) in seen.items()
                if investor == city.investor or alike(name, own) or any(share(name, other) for other in others)
            }
            found = {one["id"]: one["similarity"] for one in answer}
            assert found.keys() <= expected, name
            assert len(found) == min(len(expected), similar.MOST) == len(answer), name
            assert list(found.values()) == sorted(found.values(), reverse=True)
            left_out = [ratio(name, seen[one][0]) for one in expected - found.keys()]
            assert not left_out or max(left_out) <= min(found.values())
            assert len([one for one in statements if "search_entries" in one]) <= 2
            sizes.add(len(expected))
            shown |= {(one["kind"], *(way["code"] for way in one["likenesses"])) for one in answer}
            assert all(one["unit"]["id"] == one["unit_id"] for one in answer)
    assert len(sizes) > 5
    assert max(sizes) > similar.MOST
    ways = ("same_name", "contained", "shared_part", "same_investor", "short_name", "investor_name")
    assert {(kind, way) for kind in ("project", "lead") for way in ways[1:3]} <= shown
    assert set(ways) <= {code for _, *codes in shown for code in codes}


async def test_a_record_is_not_similar_to_itself_nor_asked_without_limit(world: World, city: make.City) -> None:
    project = await make.make_project(city, name="示例：苯酚丙酮项目")
    lead = await make.make_lead(city, name="示例：苯酚丙酮线索")
    await world.act(f"/leads/{lead['id']}", "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    name = "苯酚丙酮三厂"
    assert {one["id"] for one in await check(world, name)} == {project["id"], lead["id"]}
    assert [one["id"] for one in await check(world, name, project_id=project["id"])] == [lead["id"]]
    assert [one["id"] for one in await check(world, name, lead_id=lead["id"])] == [project["id"]]
    assert await check(world, name, lead_id=lead["id"], project_id=project["id"]) == []
    twin = await make.make_investor(world, credit_code=None)
    await world.act(f"/enterprises/{twin}", "merge", {"into_id": city.investor, "reason": "示例"})
    assert await check(world, "甲乙丙丁", twin) == await check(world, "甲乙丙丁", city.investor) != []
    world.settings.duplicate_checks_an_hour = 1
    world.actor = staff(units=[city.districts[0]])
    for _ in range(3):  # typing is not asking about others: no question is counted
        assert {one["id"] for one in await check(world, name)} == {project["id"], lead["id"]}
    world.actor = staff(units=[city.districts[1]])
    assert await check(world, name) == []
    elsewhere = await make.make_project(city, name=f"示例：{name}", unit_id=city.districts[1])
    assert {one["id"] for one in await check(world, name, project_id=project["id"])} == {elsewhere["id"]}
    world.actor = LOCAL_PERSON
    answer = await world.post("/leads", {"name": name, "channel": "walk_in", "first_unit_id": city.districts[0]})
    assert answer["warnings"] == []  # what is similar blocks nothing, and is asked about no more
    for odd in ("，", "项目", "65", "·" * 200, "苯" * 200, "%_'\"\\", "\u0130" * 100):
        await check(world, odd)
    await world.holds()
