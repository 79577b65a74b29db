"""What the cockpit asks besides the totals: groups and parts, what is at a stage now, what needs attention, who polls;
for several roles compared with plain SQL, and as known at earlier moments."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from app.totals.groups import GroupBy
from app.totals.service import BY
from tests.accounts.people import session_of, sign_in_required, user
from tests.accounts.test_scope_of_roles import city_of_several, scalar, spelled
from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.opening import Opener
from tests.totals.test_funnel import wander

pytestmark = pytest.mark.anyio

EVERY = ",".join(GroupBy)


async def rows_of(world: World, query: str) -> dict[str, tuple[Any, ...]]:
    """Returns the rows of a plain SQL query by their first column; ids without hyphens."""
    async with world.database.reading() as session:
        found = await session.execute(text(query))
        return {str(row[0]).replace("-", ""): tuple(row[1:]) for row in found}


async def test_a_district_a_department_and_a_task_force_get_what_plain_sql_says(world: World) -> None:
    city = await city_of_several(world)
    here, below, force = city.districts[0], city.districts[-1], city.task_forces[0]
    for unit in city.districts[:2]:
        await make.make_lead(city, first_unit_id=unit, unit_id=unit)
        project = await make.make_project(city, unit_id=unit, place_unit_id=unit, name=make.distinct_name("示例草稿"))
        await world.post("/deals", {"project_id": project["id"], "title": "示例", "agreed_amount": "70000000.00"})
    await user(world, "district", Role.district, unit_id=here)
    await user(world, "department", Role.department, unit_id=here)
    await user(world, "force", Role.task_force, task_force_ids=[force])
    units = "unit_id IN ({0})"
    reach = {
        "district": units.format(spelled(world, [here, below])),
        "department": units.format(spelled(world, [here])),
        "force": f"task_force_id IN ({spelled(world, [force])})",
    }
    late_until = world.clock().date() - timedelta(days=1)
    async with sign_in_required(world):
        for name, condition in reach.items():
            headers = await session_of(world, name)

            async def get(path: str, held: Any = headers, **params: Any) -> Any:
                answer = await world.client.get(f"/api/v1{path}", params=params, headers=held)
                assert answer.status_code == 200, answer.text
                return answer.json()

            total = await get("/totals/signings", period="2023", group_by="unit,size")
            for by, column in (("unit", "unit_id"), ("size", "size")):
                plain = await rows_of(
                    world,
                    f"SELECT {column}, sum(count), sum(amount) FROM ledger_entries WHERE {condition} GROUP BY {column}",
                )
                told = {
                    group["key"].replace("-", ""): (group["count"], int(group["amount"].replace(".", "")))
                    for group in total["groups"][by]
                }
                assert told == {key: (int(n), int(amount)) for key, (n, amount) in plain.items()}, (name, by)
            funnel = await get("/totals/funnel", period="2023")
            led = f"({condition} OR id IN (SELECT project_id FROM project_members WHERE {condition}))"
            seen = led if name != "force" else condition
            now = await rows_of(
                world,
                "SELECT stage, count(*), coalesce(sum(planned_total), 0), "
                f"sum(CASE WHEN due_on <= '{late_until}' THEN 1 ELSE 0 END) "
                f"FROM projects WHERE {seen} AND NOT is_parent AND status = 'active' GROUP BY stage",
            )
            for stage in funnel["stages"]:
                present, (n, amount, late) = stage["present"], now.get(stage["stage"], (0, 0, 0))
                told_now = (present["count"], int(present["amount"].replace(".", "")), present["overdue"])
                assert told_now == (n, int(amount), late), (name, stage["stage"])
            attention = await get("/totals/attention")
            assert attention["overdue"]["count"] == sum(late for _, _, late in now.values()), name
            assert sum(one["count"] for one in attention["overdue"]["by_stage"]) == attention["overdue"]["count"]
            drafts = f"FROM deals WHERE status = 'draft' AND project_id IN (SELECT id FROM projects WHERE {seen})"
            assert attention["deals"]["count"] == await scalar(world, f"SELECT count(*) {drafts}"), name
            amount = await scalar(world, f"SELECT sum(agreed_amount) {drafts}")
            assert int(attention["deals"]["amount"].replace(".", "")) == amount, name
            of_force = next(
                row
                for row in (await get("/task-forces/performance", year=2023))["items"]
                if row["task_force_id"] == force
            )
            counts = f"FROM ledger_entries WHERE {condition} AND task_force_id IN ({spelled(world, [force])})"
            assert of_force["signings"]["reached"] == str(await scalar(world, f"SELECT sum(count) {counts}")), name
            leaves = (
                f"FROM projects WHERE {seen} AND task_force_id IN ({spelled(world, [force])}) AND status = 'active'"
            )
            assert of_force["projects"] == await scalar(world, f"SELECT count(*) {leaves}"), name
            assert (await get(f"/task-forces/{force}/performance", year=2023))["overdue"] == of_force["overdue"]


async def answers(world: World, **known_at: str) -> list[Any]:
    """Returns the answers of the cockpit that can be asked as known at a moment."""
    asked: tuple[tuple[str, dict[str, str]], ...] = (
        ("/totals/overview", {"period": "2023", "group_by": EVERY}),
        ("/totals/signings", {"period": "2023Q1", "group_by": ",".join(sorted(BY))}),
        ("/totals/funnel", {"period": "2023"}),
        ("/totals/funnel/rows", {"period": "2023", "what": "entered", "stage": "negotiating"}),
        ("/totals/funnel/rows", {"period": "2023", "what": "left", "stage": "negotiating"}),
        ("/totals/funnel/rows", {"period": "2023", "what": "reached", "stage": "landed"}),
    )
    return [await world.get(path, **query, **known_at) for path, query in asked]


@pytest.mark.parametrize("seed", [3, 4])
async def test_what_was_said_then_is_said_again_with_all_its_parts(world: World, seed: int) -> None:
    city, dice = await make.make_city(world), random.Random(seed)
    told = []
    for _ in range(3):
        project = await wander(city, dice)
        listing = {"source": "示例", "planned_this_year": f"{dice.randint(1, 9)}0000000.00"}
        await world.send("POST", f"/plan-lists/2023/projects/{project}", listing)
        moment = (await world.get("/totals/head"))["known_at"]
        told.append((moment, await answers(world, known_at=moment)))
    for moment, said in told:
        assert await answers(world, known_at=moment) == said
    opener = Opener(world)
    for answer in told[0][1][:3]:
        await opener.open(answer)


async def test_the_rows_of_the_funnel(world: World) -> None:
    city = await make.make_city(world)
    here = city.districts[0]
    project, _ = await make.make_signed(city, signed_on="2023-02-01", task_force_id=city.task_forces[0])
    path = f"/projects/{project['id']}"
    await world.act(path, "pause", {"happened_on": "2023-02-06", "reason": "示例", "resume_expected_on": "2023-12-01"})
    await world.act(path, "reactivation", {"happened_on": "2023-02-16"})
    await make.land(city, project["id"], "2023-03-03")
    asked = {"period": "2023Q1", "stage": "signed"}
    (left,) = (await world.get("/totals/funnel/rows", **asked, what="left_forward"))["items"]
    assert (left["project"]["id"], left["days"], left["left_by"]) == (project["id"], 20, "forward")
    assert (left["unit"]["id"], left["task_force"]["id"]) == (here, city.task_forces[0])
    amount = {"kind": "planned_total", "effective_on": "2023-04-01", "source": "示例", "value": "9000000000.00"}
    await world.post(f"{path}/amounts", amount)
    before = project["planned_total"]
    for what in ("entered", "left_forward", "reached"):
        (row,) = (await world.get("/totals/funnel/rows", **asked, what=what))["items"]
        (later,) = (await world.get("/totals/funnel/rows", **{**asked, "period": "2023"}, what=what))["items"]
        assert (row["planned_total"], later["planned_total"]) == (before, amount["value"]), what
    (reached,) = (await world.get("/totals/funnel/rows", period="2023Q1", what="reached", stage="landed"))["items"]
    assert (reached["days"], reached["signed_on"], reached["entered_on"]) == (30, "2023-02-01", "2023-03-03")
    (present,) = (await world.get("/totals/funnel/rows", period="2023Q1", what="present", stage="landed"))["items"]
    assert present["project"]["name"] == project["name"]
    for what in ("left_back", "left_ended", "overdue"):
        assert (await world.get("/totals/funnel/rows", **asked, what=what))["items"] == [], what
    others = {"own_unit_id": city.districts[1]}
    assert (await world.get("/totals/funnel/rows", **asked, what="left", **others))["sum"]["count"] == 0
    more = [await make.make_signed(city, signed_on=f"2023-02-0{day}") for day in (1, 2, 3)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.get("/totals/funnel/rows", period="2023Q1", what="signed", limit=2, **cursor)
        found += [row["project"]["id"] for row in page["items"]]
        assert page["count"]["value"] == 4
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(found) == sorted([project["id"], *(one["id"] for one, _ in more)])


async def test_the_bar_the_trend_and_the_split_figures(world: World) -> None:
    city = await make.make_city(world)
    deals = [
        await make.make_signed(city, f"{yi}00000000.00", f"2023-0{month}-05")
        for yi, month in ((9, 1), (2, 1), (3, 3), (4, 3), (5, 3), (6, 3), (1, 3))
    ]
    found = (await world.get("/totals/overview", period="2023Q1"))["signings"]
    largest = found["parts"]["largest"]
    assert [part["amount"] for part in largest] == [f"{yi}00000000.00" for yi in (9, 6, 5, 4, 3)]
    assert largest[0]["deal"]["code"] == deals[0][1]["code"]
    assert (found["parts"]["rest"]["count"], found["parts"]["rest"]["amount"]) == (2, "300000000.00")
    months = {month["month"]: month["count"] for month in found["trend"]}
    assert next(iter(months)) == "2022-03"
    assert (months["2023-01"], months["2023-02"], months["2023-03"], sum(months.values())) == (2, 0, 5, 7)
    assert [month["month"] for month in found["trend"] if month["is_in_period"]] == ["2023-01", "2023-02", "2023-03"]
    part = (await world.get("/totals/overview", **{"from": "2023-03-04", "to": "2023-03-31"}))["signings"]
    assert (part["count"], part["trend"][-1]["count"]) == (5, 5)


@pytest.mark.parametrize(
    ("path", "query", "pointer", "code"),
    [
        ("overview", {}, "?period", "missing"),
        ("overview", {"from": "2023-01-01"}, "?to", "missing"),
        ("signings", {"to": "2023-01-01"}, "?from", "missing"),
        ("signings", {"from": "2023-02-01", "to": "2023-01-01"}, "?to", "before_from"),
        ("signings/entries", {"from": "2023-01-01", "to": "2023-01-31", "period": "2023"}, "?period", "two_periods"),
        ("overview", {"from": "2022-12-01", "to": "2023-01-31"}, "?to", "not_one_year"),
        ("signings", {"period": "2023", "group_by": "unit,program"}, "?group_by", "no_such_dimension"),
        ("overview", {"period": "2023", "group_by": "unit,colour"}, "?group_by.1", "enum"),
        ("signings", {"period": "2023", "own_unit_id": "none,x"}, "?own_unit_id.1", "uuid_or_word"),
        ("signings/entries", {"period": "2023", "size": "none"}, "?size.0", "enum"),
        ("signings/entries", {"period": "2023", "industry_code": "none,1"}, "?industry_code", "unknown_industry"),
        ("funnel/rows", {"period": "2023", "what": "entered"}, "?stage", "missing"),
        ("funnel/rows", {"period": "2023", "what": "left", "stage": "nowhere"}, "?stage", "unknown_stage"),
        ("funnel/rows", {"period": "2023", "what": "signed", "stage": "landed"}, "?stage", "not_of_cohort"),
        ("planned-year/rows", {"period": "2023", "min_planned_total": "1.00"}, "?min_planned_total", None),
    ],
)
async def test_what_cannot_be_asked(
    world: World, path: str, query: dict[str, str], pointer: str, code: str | None
) -> None:
    answer = await refused(world, "GET", f"/totals/{path}", 422, code, params=query)
    assert answer["errors"][0]["pointer"] == pointer


async def test_a_page_that_polls_keeps_no_session_alive(world: World) -> None:
    await make.make_city(world)
    await user(world, "leader", Role.leader)
    headers = await session_of(world, "leader")
    first = (await world.get("/totals/head"))["known_at"]
    await make.make_signed(await make.make_city(world))
    assert (await world.get("/totals/head"))["known_at"] > first
    seen = "SELECT count(*) FROM sessions WHERE last_seen_at > created_at"
    world.clock.moment += timedelta(minutes=5)
    async with sign_in_required(world):
        with counted(world) as statements:
            answer = await world.client.get("/api/v1/totals/head", headers=headers)
        assert answer.status_code == 200
        assert len([one for one in statements if "knowledge_head" in one]) == 1
        assert not [one for one in statements if one.startswith("UPDATE")]
        assert await scalar(world, seen) == 0
        await world.client.get("/api/v1/totals/signings", params={"period": "2023"}, headers=headers)
        assert await scalar(world, seen) == 1


async def test_the_lead_that_has_waited_longest(world: World, city: make.City) -> None:
    here, there = city.districts
    for day in (1, 12):
        world.clock.set(2023, 6, day)
        await make.make_lead(city)
    world.clock.set(2023, 7, 3)
    first = (await world.get("/leads", is_overdue="true", sort="due_on"))["items"][0]
    attention = await world.get("/totals/attention", own_unit_id=here)
    worst = attention["leads"]["worst"]
    assert (worst["lead"]["id"], worst["lead"]["name"], worst["due_on"]) == (
        first["id"],
        first["name"],
        first["due_on"],
    )
    assert worst["days"] == -first["clock"]["days_left"] > 0
    assert (
        attention["leads"]["overdue"]["count"] == await world.count("/leads", is_overdue="true", own_unit_id=here) == 2
    )
    world.actor = staff(units=[there])
    assert (await world.get("/totals/attention"))["leads"]["worst"] is None
