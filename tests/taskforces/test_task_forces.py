"""Task forces with their year against targets, from the ledger."""

import pytest

from app.accounts.roles import Role
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def test_a_year_against_its_targets(world: World, city: make.City) -> None:
    path = f"/task-forces/{city.task_forces[0]}"
    target = {"signings": 4, "amount": "1000000000.00"}
    body = await world.send("PUT", f"{path}/targets/2023", target, version=1)
    assert body.json()["targets"][0]["amount"] == "1000000000.00"
    await make.make_signed(city, task_force_id=city.task_forces[0])
    await make.make_signed(city, task_force_id=city.task_forces[1])
    found = await world.get(f"{path}/performance", year=2023)
    assert found["signings"] == {"target": "4", "reached": "1", "rate": "0.2500"}
    assert found["amount"] == {"target": "1000000000.00", "reached": "500000000.00", "rate": "0.5000"}
    assert found["same_quarter_landed"] == {"target": None, "reached": "0", "rate": None}
    rows = (await world.client.get(found["entries_url"])).json()
    assert rows["sum"]["amount"] == found["amount"]["reached"]


async def test_members_units_and_industries_are_replaced_whole(world: World, city: make.City) -> None:
    body = {
        "name": "示例新专班",
        "lead_official_id": city.officials[0],
        "lead_unit_id": city.city,
        "cadence": "每周调度",
        "unit_ids": city.districts,
        "members": [{"official_id": city.officials[1], "duty": "专员"}],
        "industry_codes": ["26", "2614"],
    }
    made = await world.post("/task-forces", body)
    path = f"/task-forces/{made['id']}"
    edit = {"unit_ids": city.districts[:1], "industry_codes": []}
    changed = (await world.send("PATCH", path, edit, version=1)).json()
    assert (changed["unit_ids"], changed["industry_codes"]) == (city.districts[:1], [])
    (member,) = changed["members"]
    assert (member["official_id"], member["duty"]) == (city.officials[1], "专员")
    unknown = await world.send("PATCH", path, {"industry_codes": ["0000"]}, version=2)
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_industry")


async def test_a_year_is_whole_or_refused(world: World, city: make.City) -> None:
    """Days begin on 1949-10-01, so 1949 is no whole year."""
    path = f"/api/v1/task-forces/{city.task_forces[0]}/performance"
    for year, status in ((1949, 422), (1950, 200), (2199, 200), (2200, 422)):
        assert (await world.client.get(path, params={"year": year})).status_code == status, year


async def test_a_closed_task_force_gives_no_sight(world: World, city: make.City) -> None:
    """Its figures stay in the totals of its year; nobody sees a project through it any more."""
    force = city.task_forces[0]
    await make.make_signed(city, task_force_id=force)
    await user(world, "force", Role.task_force, task_force_ids=[force])
    headers = await session_of(world, "force")

    async def seen() -> int:
        async with sign_in_required(world):
            answer = await world.client.get("/api/v1/projects?with=count", headers=headers)
        count: int = answer.json()["count"]["value"]
        return count

    assert await seen() == 1
    for number, (closed_on, count) in enumerate((("2023-06-01", 1), ("2023-05-31", 0)), start=1):
        answer = await world.send("PATCH", f"/task-forces/{force}", {"closed_on": closed_on}, version=number)
        assert answer.status_code == 200, answer.text
        assert await seen() == count  # on its last day it still works
    assert (await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-12-31"}))["count"] == 1


async def test_no_administrator_alone_gives_a_closed_task_force_its_sight_back(world: World, city: make.City) -> None:
    """Its clerks would see its projects again: that needs the right to transfer projects."""
    path = f"/task-forces/{city.task_forces[0]}"
    await world.send("PATCH", path, {"closed_on": "2023-03-30"}, version=await world.version(path))
    closed = await world.version(path)
    world.actor = clerk(Role.system_admin)
    for later in (None, "2023-12-31", "2023-03-31"):
        refused = await world.send("PATCH", path, {"closed_on": later}, version=closed)
        assert (refused.status_code, refused.json()["permission"]) == (403, "transfer"), later
    # What gives nobody sight is the administrator's too: an earlier end, a name.
    assert (await world.send("PATCH", path, {"closed_on": "2023-03-01"}, version=closed)).status_code == 200
    assert (await world.send("PATCH", path, {"cadence": "每月"}, version=closed + 1)).status_code == 200
    world.actor = clerk(Role.bureau)
    assert (await world.send("PATCH", path, {"closed_on": None}, version=closed + 2)).status_code == 200
