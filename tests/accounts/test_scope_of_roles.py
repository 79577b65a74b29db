"""Each role sees exactly the rows in its scope: in lists, on the board, in totals and their rows."""

from typing import Any

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
COUNT = {"with": "count"}


def spelled(world: World, ids: list[str]) -> str:
    """Returns ids in this database's notation, for a plain SQL list."""
    return ", ".join(f"'{id.replace('-', '')}'" if world.database.is_sqlite else f"'{id}'" for id in ids) or "NULL"


async def scalar(world: World, query: str) -> int:
    async with world.database.reading() as session:
        return int(await session.scalar(text(query)) or 0)


async def city_of_several(world: World) -> make.City:
    """Makes projects in three units and two task forces, one with a team of another unit, and deals on some."""
    city = await make.make_city(world)
    below = await make.make_unit(world, "示例镇", city.districts[0], kind="zone")
    city.districts.append(below)
    here, there = city.districts[:2]
    for number, (unit, force) in enumerate(
        ((here, None), (here, 0), (there, 0), (there, None), (below, None), (below, 0))
    ):
        fields: dict[str, Any] = {"unit_id": unit, "place_unit_id": unit, "name": f"示例项目{number}"}
        if force is not None:
            fields["task_force_id"] = city.task_forces[force]
        if number % 2:
            await make.make_signed(city, f"{number}000000.00", **fields)
        else:
            await make.make_project(city, **fields)
    return city


async def test_lists_board_and_totals_hold_the_rows_of_the_scope(world: World) -> None:
    city = await city_of_several(world)
    here, there, below = city.districts[0], city.districts[1], city.districts[-1]
    force = city.task_forces[0]
    await user(world, "leader", Role.leader)
    await user(world, "bureau", Role.bureau)
    await user(world, "district", Role.district, unit_id=here)
    await user(world, "zone", Role.district, unit_id=below)
    await user(world, "department", Role.department, unit_id=here)
    await user(world, "force", Role.task_force, task_force_ids=[force])
    await user(world, "both", Role.task_force, Role.department, unit_id=there, task_force_ids=[force])
    led = "SELECT project_id FROM project_members WHERE unit_id IN ({0})"
    units = "(p.unit_id IN ({0}) OR p.id IN (" + led + "))"
    reach = {
        "leader": "1 = 1",
        "bureau": "1 = 1",
        "district": units.format(spelled(world, [here, below])),
        "zone": units.format(spelled(world, [below])),
        "department": units.format(spelled(world, [here])),
        "force": f"p.task_force_id IN ({spelled(world, [force])})",
        "both": f"({units.format(spelled(world, [there]))} OR p.task_force_id IN ({spelled(world, [force])}))",
    }
    ledger = {
        "leader": "1 = 1",
        "bureau": "1 = 1",
        "district": f"unit_id IN ({spelled(world, [here, below])})",
        "zone": f"unit_id IN ({spelled(world, [below])})",
        "department": f"unit_id IN ({spelled(world, [here])})",
        "force": f"task_force_id IN ({spelled(world, [force])})",
        "both": f"(unit_id IN ({spelled(world, [there])}) OR task_force_id IN ({spelled(world, [force])}))",
    }
    seen = set()
    async with sign_in_required(world):
        for name, condition in reach.items():
            headers = await session_of(world, name)

            async def get(path: str, held: Any = headers, **params: Any) -> Any:
                return (await world.client.get(f"/api/v1{path}", params=params, headers=held)).json()

            projects = await scalar(world, f"SELECT count(*) FROM projects p WHERE {condition}")
            listed = await get("/projects", limit=200, **COUNT)
            assert (len(listed["items"]), listed["count"]["value"]) == (projects, projects), name
            board = await get("/pipeline/board")
            assert sum(column["count"] for column in board["columns"]) == projects, name
            deals = await scalar(
                world, f"SELECT count(*) FROM deals d JOIN projects p ON p.id = d.project_id WHERE {condition}"
            )
            assert (await get("/deals", **COUNT))["count"]["value"] == deals, name
            rows = f"FROM ledger_entries WHERE {ledger[name]}"
            total = await get("/totals/signings", **YEAR)
            assert total["count"] == await scalar(world, f"SELECT sum(count) {rows}"), name
            assert total["amount"].replace(".", "") == str(await scalar(world, f"SELECT sum(amount) {rows}")), name
            entries = await get("/totals/signings/entries", **YEAR)
            assert len(entries["items"]) == await scalar(world, f"SELECT count(*) {rows}"), name
            assert total["scope"] == board["scope"] == entries["scope"]
            assert total["scope"]["is_whole_city"] is (name in ("leader", "bureau"))
            seen.add((projects, total["count"]))
        said = (await world.client.get("/api/v1/totals/signings", params=YEAR, headers=headers)).json()["scope"]
        assert "承接的项目" in said["zh"]
    assert len(seen) >= 4


async def test_a_transfer_away_leaves_the_past_and_takes_the_future(world: World, city: make.City) -> None:
    """The district keeps what was counted for it; later agreements count elsewhere; the city's sums do not change."""
    here, there = city.districts[:2]
    project, deal = await make.make_signed(city, "100000000.00", unit_id=here, place_unit_id=here)
    await user(world, "bureau", Role.bureau)
    await user(world, "here", Role.district, unit_id=here)
    await user(world, "there", Role.district, unit_id=there)
    people = {name: await session_of(world, name) for name in ("bureau", "here", "there")}

    async def totals() -> dict[str, tuple[int, str]]:
        found = {}
        for name, headers in people.items():
            total = (await world.client.get("/api/v1/totals/signings", params=YEAR, headers=headers)).json()
            found[name] = (total["count"], total["amount"])
        return found

    async with sign_in_required(world):
        before = await totals()
        assert before == {"bureau": (1, "100000000.00"), "here": (1, "100000000.00"), "there": (0, "0.00")}
    move = {"unit_id": there, "ruled_on": "2023-05-01", "reason": "示例", "document": "示例裁〔2023〕1号"}
    await world.act(f"/projects/{project['id']}", "transfers", move)
    async with sign_in_required(world):
        assert (await totals())["bureau"] == before["bureau"]
        past = {"from": "2023-01-01", "to": "2023-04-30"}
        kept = await world.client.get("/api/v1/totals/signings", params=past, headers=people["here"])
        assert kept.json()["count"] == 1
        (row,) = [
            item
            for item in (
                await world.client.get("/api/v1/totals/signings/entries", params=past, headers=people["here"])
            ).json()["items"]
            if item["kind"] == "signing"
        ]
        assert row["deal"]["code"] == deal["code"]
        for name, status in (("here", 404), ("there", 200)):
            answer = await world.client.get(f"/api/v1/projects/{project['id']}", headers=people[name])
            assert answer.status_code == status, name
    amended = {"effective_on": "2023-05-20", "agreed_amount": "130000000.00", "document": "示例补充协议"}
    await world.act(f"/deals/{deal['id']}", "amendments", amended)
    async with sign_in_required(world):
        after = await totals()
        assert after["bureau"] == (1, "130000000.00")
        assert sum(after[name][0] for name in ("here", "there")) == 1
        future = {"from": "2023-05-02", "to": "2023-12-31"}
        later = {}
        for name, headers in people.items():
            answer = await world.client.get("/api/v1/totals/signings", params=future, headers=headers)
            later[name] = answer.json()["amount"]
        assert later == {"bureau": "30000000.00", "here": "0.00", "there": "30000000.00"}
