"""Rows name what they refer to, in one statement with the page."""

import pytest

from tests.conftest import World
from tests.core.test_scope import staff
from tests.core.test_statements import counted
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_rows_and_records_name_what_they_refer_to(world: World) -> None:
    city = await make.make_city(world)
    unit, force = city.districts[0], city.task_forces[0]
    for path, short_name in ((f"/units/{unit}", "示例县"), (f"/task-forces/{force}", "示例产业")):
        answer = await world.send("PATCH", path, {"short_name": short_name}, version=await world.version(path))
        assert answer.status_code == 200, answer.text
    project, _ = await make.make_signed(city, unit_id=unit, task_force_id=force)
    await make.make_lead(city)

    (row,) = (await world.get("/projects"))["items"]
    read = await world.get(f"/projects/{project['id']}")
    for said in (row, read):
        for field in ("unit", "task_force", "investor"):
            assert said[field]["id"] == said[f"{field}_id"], field
        assert (said["unit"]["short_name"], said["task_force"]["short_name"]) == ("示例县", "示例产业")
        assert said["unit"]["code"] is not None
        assert said["industry"]["code"] == said["industry_code"]
    assert read["place"]["id"] == read["place_unit_id"]
    assert read["referrer"] is None
    assert read["referrer_id"] is None

    (lead,) = (await world.get("/leads"))["items"]
    assert lead["first_unit"]["id"] == lead["first_unit_id"]
    assert (await world.get(f"/leads/{lead['id']}"))["first_unit"] == lead["first_unit"]

    (deal,) = (await world.get("/deals"))["items"]
    assert (deal["project"]["code"], deal["project"]["name"]) == (project["code"], deal["project_name"])
    assert deal["investor"]["id"] == deal["investor_id"]


async def test_all_that_stands_beneath_is_named(world: World, signed_project: make.Signed, city: make.City) -> None:
    """Where a name stands beside an id, `World.get` fails unless both are of the same record."""
    project, deal = signed_project
    assert (await world.get(f"/units/{city.districts[0]}"))["parent"]["name"] == "示例市"
    (entry,) = (await world.get(f"/deals/{deal['id']}/entries"))["items"]
    (fact,) = (await world.get(f"/deals/{deal['id']}"))["facts"]
    for said in (entry, fact):
        assert said["unit"]["id"] == city.districts[0]
        assert said["industry"]["code"] == "26"
    (visit,) = (await world.get(f"/projects/{project['id']}/follow-ups"))["items"]
    assert visit["unit"]["id"] == city.districts[0]
    await world.post(f"/plan-lists/2023/projects/{project['id']}", {"source": "示例"})
    (listed,) = (await world.get("/plan-lists/2023"))["items"]
    assert listed["unit"]["id"] == city.districts[0]

    path = f"/task-forces/{city.task_forces[0]}"
    edit = {
        "name_en": "Made-up industry",
        "lead_official_id": city.officials[0],
        "lead_unit_id": city.city,
        "unit_ids": city.districts,
        "members": [{"official_id": city.officials[1], "duty": "示例"}],
        "industry_codes": ["26"],
    }
    await world.send("PATCH", path, edit, version=await world.version(path))
    read = await world.get(path)
    assert read["name_en"] == "Made-up industry"
    assert [unit["id"] for unit in read["units"]] == read["unit_ids"] == sorted(city.districts)
    assert [industry["code"] for industry in read["industries"]] == read["industry_codes"] == ["26"]
    assert read["members"][0]["official"]["id"] == city.officials[1]
    row = next(row for row in (await world.get("/task-forces"))["items"] if row["id"] == city.task_forces[0])
    assert (row["lead_official"], row["lead_unit"]) == (read["lead_official"], read["lead_unit"])
    assert row["lead_official"]["name"] == "示例干部0"
    answer = await world.send("PATCH", path, {"members": edit["members"]}, version=read["version"])
    assert answer.json()["version"] == read["version"], "the same members are no change"


async def test_a_lead_and_its_project_are_named_to_whoever_sees_them(world: World, city: make.City) -> None:
    here, there = city.districts
    lead = await make.make_lead(city, first_unit_id=here, unit_id=there)
    path = f"/leads/{lead['id']}"
    await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    project = await world.act(path, "conversion", {})
    page = await world.get(f"/projects/{project['id']}")
    assert page["lead"]["id"] == lead["id"]
    assert (await world.get(path))["project"]["id"] == project["id"]
    world.actor = staff(units=[here])
    read = await world.get(path)
    assert (read["project_id"], read["project"], read["successor"]) == (project["id"], None, None)


async def test_a_referrer_is_named_as_the_enterprise_is_called_now(world: World) -> None:
    city = await make.make_city(world)
    referrer = await world.post("/referrers", {"kind": "enterprise", "enterprise_id": city.investor})
    assert (referrer["enterprise"]["id"], referrer["official"]) == (city.investor, None)
    project = await make.make_project(city, referrer_id=referrer["id"])
    path = f"/enterprises/{city.investor}"
    await world.send("PATCH", path, {"name": "示例：改名后的企业"}, version=await world.version(path))
    read = await world.get(f"/projects/{project['id']}")
    assert read["referrer"]["name"] == read["investor"]["name"] == "示例：改名后的企业"


async def test_a_count_is_a_statement_only_where_it_is_asked_for(world: World) -> None:
    city = await make.make_city(world)
    await make.make_signed(city)
    await world.get("/projects")  # a process reads the stage table once
    for path in ("/projects", "/leads", "/deals", "/units", "/enterprises", "/officials", "/plan-lists/2023"):
        with counted(world) as without:
            page = await world.get(path)
        assert page["count"] is None
        with counted(world) as counting:
            page = await world.get(path, **{"with": "count"})
        assert page["count"] == {"value": len(page["items"]), "capped": False}
        assert len(counting) == len(without) + 1, path
