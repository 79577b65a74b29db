"""The list of leads: every filter against what was made, rows with their clocks, and facets that add up."""

from typing import Any

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from tests.accounts.test_scope_of_roles import spelled
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

DIMENSIONS = "status,channel,program,unit,first_unit,task_force,industry,investor,referrer,handler,clock,is_overdue"


async def made(city: make.City) -> dict[str, str]:
    """Makes four leads that differ in every filtered field, on 2023-06-01 (a Thursday). Returns their ids by name."""
    world, (here, there) = city.world, city.districts
    referrer = await world.post("/referrers", {"name": "示例商会", "kind": "chamber"})
    plain = {"first_unit_id": here}
    fields: dict[str, dict[str, Any]] = {
        "甲": {**plain, "investor_id": city.investor, "referrer_id": referrer["id"]},
        "乙": {**plain, "unit_id": None, "investor_id": None, "channel": "online", "program": "both"},
        "丙": {**plain, "unit_id": there, "task_force_id": city.task_forces[0], "industry_code": "31"},
        "丁": {"first_unit_id": there, "unit_id": there},
    }
    ids = {name: (await make.make_lead(city, name=f"示例：{name}", **given))["id"] for name, given in fields.items()}
    answered = {"on": "2023-06-01", "note": "示例"}
    await world.act(f"/leads/{ids['丙']}", "answer", {**answered, "handler_id": city.officials[0]})
    await world.act(f"/leads/{ids['丁']}", "answer", answered)
    await world.act(f"/leads/{ids['丁']}", "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    world.clock.set(2023, 6, 5)
    ids["referrer"] = referrer["id"]
    return ids


async def test_each_filter_alone(world: World, city: make.City) -> None:
    ids = await made(city)
    here, there = city.districts
    force, official = city.task_forces[0], city.officials[0]
    expected: list[tuple[dict[str, Any], str]] = [
        ({"status": "registered"}, "甲乙丙"),
        ({"status": "registered,follow_up"}, "甲乙丙丁"),
        ({"channel": "online"}, "乙"),
        ({"program": "both,construction"}, "乙"),
        ({"unit_id": city.city}, "甲丙丁"),
        ({"unit_id": f"{here},{there}"}, "甲丙丁"),
        ({"own_unit_id": "none"}, "乙"),
        ({"own_unit_id": f"{here},none"}, "甲乙"),
        ({"first_unit_id": city.city}, "甲乙丙丁"),
        ({"own_first_unit_id": there}, "丁"),
        ({"task_force_id": "none"}, "甲乙丁"),
        ({"task_force_id": f"none,{force}"}, "甲乙丙丁"),
        ({"industry_code": "31"}, "丙"),
        ({"investor_id": city.investor}, "甲"),
        ({"investor_id": "none"}, "乙"),
        ({"referrer_id": ids["referrer"]}, "甲"),
        ({"referrer_id": "none"}, "乙丙丁"),
        ({"handler_id": official}, "丙"),
        ({"handler_id": "none"}, "甲乙丁"),
        ({"handler_id": "me"}, ""),
        ({"reported_from": "2023-06-01", "reported_to": "2023-06-01"}, "甲乙丙丁"),
        ({"reported_from": "2023-06-02"}, ""),
        ({"due_to": "2023-06-02"}, "甲乙"),
        ({"due_from": "2023-06-03"}, "丙"),
        ({"is_overdue": "true"}, "甲乙"),
        ({"is_overdue": "false"}, "丙丁"),
        ({"clock": "answer"}, "甲乙"),
        ({"clock": "assess"}, "丙"),
        ({"clock": "answer,assess"}, "甲乙丙"),
        ({"waits_for": "assessment"}, "甲乙丙"),
        ({"is_illustrative": "true"}, ""),
        ({"q": "示例：丙"}, "丙"),
        ({"status": "registered", "first_unit_id": here, "clock": "assess"}, "丙"),
    ]
    for asked, names in expected:
        answer = await world.get("/leads", **asked, **{"with": "count"})
        assert {row["id"] for row in answer["items"]} == {ids[name] for name in names}, asked
        assert answer["count"]["value"] == len(names)
    world.actor = clerk(Role.leader, official=official)
    assert [row["id"] for row in (await world.get("/leads", handler_id="me"))["items"]] == [ids["丙"]]


async def test_a_row_says_which_clock_runs_and_what_may_be_done(world: World, city: make.City) -> None:
    ids = await made(city)
    page = await world.get("/leads")
    assert page["today"] == "2023-06-05"
    rows = {row["id"]: row for row in page["items"]}
    late, waits, done = rows[ids["甲"]], rows[ids["丙"]], rows[ids["丁"]]
    assert late["clock"] == {"code": "answer", "due_on": "2023-06-02", "workdays_left": -1, "days_left": -3}
    assert (late["is_overdue"], late["days_waiting"]) == (True, 4)
    assert (late["referrer"]["name"], late["investor"]["id"]) == ("示例商会", city.investor)
    assert waits["clock"] == {"code": "assess", "due_on": "2023-06-06", "workdays_left": 1, "days_left": 1}
    assert (waits["is_overdue"], waits["handler"]["name"]) == (False, "示例干部0")
    assert (done["clock"], done["is_overdue"], done["days_waiting"]) == (None, False, None)
    for row in rows.values():
        whole = await world.get(f"/leads/{row['id']}")
        assert set(row["may"]) == {act for act, reason in whole["may"].items() if reason is None}
        assert {name: whole[name] for name in row if name in whole and name != "may"} == {
            name: row[name] for name in row if name in whole and name != "may"
        }


async def test_facets_add_up_for_everybody(world: World, city: make.City) -> None:
    await made(city)
    here, force = city.districts[0], city.task_forces[0]
    reaches = {
        "1 = 1": clerk(Role.leader),
        f"unit_id IN ({spelled(world, [here])}) OR first_unit_id IN ({spelled(world, [here])})": clerk(
            Role.district, units=[here]
        ),
        f"task_force_id IN ({spelled(world, [force])})": clerk(Role.task_force, task_forces=[force]),
        "1 = 0": clerk(Role.department),
    }
    for condition, actor in reaches.items():
        world.actor = actor
        async with world.database.reading() as session:
            number = await session.scalar(text(f"SELECT count(*) FROM leads WHERE {condition}"))
        rows = (await world.get("/leads"))["items"]
        assert len(rows) == number
        facets = (await world.get("/leads/facets", by=DIMENSIONS))["facets"]
        assert ",".join(facets) == DIMENSIONS
        for dimension, facet in facets.items():
            assert facet["is_whole"]
            assert sum(one["count"] for one in facet["items"]) == number, dimension
            for one in facet["items"]:
                assert one["zh"]
                if dimension == "clock" and one["key"] is None:
                    continue
                chosen = await world.get("/leads", **{facet["filter"]: one["key"] or "none"})
                assert len(chosen["items"]) == one["count"], (dimension, one)
    world.actor = clerk(Role.leader)
    kept = (await world.get("/leads/facets", by="clock", clock="answer"))["facets"]["clock"]["items"]
    assert [one["key"] for one in kept] == ["answer"]
    open_ones = (await world.get("/leads/facets", by="clock", clock="answer", ignore_own="true"))["facets"]["clock"]
    assert [one["key"] for one in open_ones["items"]] == ["answer", "assess", None]


async def test_every_sort_walks_all_leads_both_ways(world: World, city: make.City) -> None:
    await made(city)
    for sort in ("reported_at", "updated_at", "name", "code", "due_on"):
        names = []
        cursor: dict[str, str] = {}
        while True:
            page = await world.get("/leads", sort=sort, limit=1, **cursor)
            names += [row["id"] for row in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert len(set(names)) == 4
        assert [row["id"] for row in (await world.get("/leads", sort=f"-{sort}"))["items"]] == names[::-1]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"status": "registered,asleep"}, "?status"),
        ({"handler_id": "you"}, "?handler_id"),
        ({"own_first_unit_id": "none"}, "?own_first_unit_id"),
        ({"clock": "first_talk"}, "?clock"),
        ({"industry_code": "26,1"}, "?industry_code"),
        ({"due_from": "2023-13-01"}, "?due_from"),
        ({"colour": "red"}, "?colour"),
    ],
)
async def test_what_a_filter_refuses(world: World, asked: dict[str, str], pointer: str) -> None:
    for path, more in (("/leads", {}), ("/leads/facets", {"by": "status"})):
        answer = await world.client.get(f"/api/v1{path}", params={**asked, **more})
        assert answer.status_code == 422, (path, asked, answer.text)
        assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"]), answer.text


async def test_statements_do_not_grow_with_leads(world: World, city: make.City) -> None:
    await made(city)

    async def numbers() -> list[int]:
        found = []
        for path in ("/leads?with=count&clock=answer", "/leads/facets?by=status,unit,referrer,handler,clock"):
            with counted(world) as statements:
                await world.get(path)
            found.append(len(statements))
        return found

    before = await numbers()
    for _ in range(3):
        await make.make_lead(city)
    assert await numbers() == before
    assert before == [4, 9]
