"""Nobody takes counted records from others, or gives them to others: one check for every verb."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def led_by_another(city: make.City) -> tuple[str, dict[str, Any]]:
    """Makes a project of the first district on the list of the year, whose team the second district leads."""
    world = city.world
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    await world.post(f"/plan-lists/2023{path}", {"source": "示例"})
    team = {
        "lead_unit_id": city.districts[1],
        "leader_id": city.officials[1],
        "contact_id": city.officials[2],
        "members": [{"official_id": city.officials[2]}, {"official_id": city.officials[3]}],
    }
    await world.act(path, "team-replacements", team)
    return path, team


async def figures(world: World, *units: str) -> list[dict[str, Any]]:
    """Returns the figures of each of these units in 2023."""
    found = [await world.get("/totals/overview", period="2023", unit_id=unit) for unit in units]
    return [{name: value for name, value in overview.items() if name != "known_at"} for overview in found]


@pytest.mark.parametrize("continues", [True, False])
async def test_the_lead_unit_of_a_team_takes_nothing_over_by_a_phase(
    world: World, city: make.City, continues: bool
) -> None:
    path, _ = await led_by_another(city)
    before = await figures(world, *city.districts)
    world.actor = clerk(Role.district, units=[city.districts[1]])
    phase = {
        "name": "示例接续期",
        "phase_no": 1,
        "from_on": "2023-06-01",
        "continues_parent": continues,
        "unit_id": city.districts[1],
    }
    answer = await world.send("POST", f"{path}/phases", phase, version=await world.version(path))
    assert (answer.status_code, answer.json().get("permission")) == (403, "transfer"), answer.text
    world.actor = LOCAL_PERSON
    assert await figures(world, *city.districts) == before


@pytest.mark.parametrize("role", [Role.task_force, Role.district])
async def test_a_project_is_entered_for_ones_own_side_alone(world: World, city: make.City, role: Role) -> None:
    here, force = city.districts[0], city.task_forces[0]
    own: dict[str, Any] = {"task_forces": [force]} if role is Role.task_force else {"units": [here]}
    world.actor = clerk(role, **own)
    body = {
        "name": "示例越界项目",
        "unit_id": here,
        "task_force_id": force,
        "place_unit_id": here,
        "industry_code": "26",
        "direct_entry_reason": "示例",
    }
    answer = await world.send("POST", "/projects", body)
    assert (answer.status_code, answer.json().get("permission")) == (403, "transfer"), answer.text


async def test_each_side_that_changes_is_ones_own(world: World, city: make.City) -> None:
    """A phase by its owner: for oneself it is added; for another, or taken from a task force, it is the bureau's."""
    here, there = city.districts
    force = city.task_forces[0]
    project = await make.make_project(city, task_force_id=force)
    path = f"/projects/{project['id']}"
    phase = {"name": "示例一期", "phase_no": 1, "from_on": "2023-05-01"}
    owner = clerk(Role.district, units=[here])
    for who, given, code in (
        (owner, {"unit_id": there}, "place_out_of_scope"),
        (owner, {"task_force_id": None}, "forbidden"),
        (clerk(Role.task_force, task_forces=[force]), {"unit_id": there}, "forbidden"),
    ):
        world.actor = who
        answer = await world.send("POST", f"{path}/phases", {**phase, **given}, version=1)
        told = (answer.status_code, answer.json().get("code"), answer.json().get("permission"))
        assert told == (403, code, "transfer"), answer.text
    world.actor = owner
    assert (await world.post(f"{path}/phases", phase, version=1))["task_force_id"] == force  # nothing changes hands
    world.actor = clerk(Role.bureau)
    other = {**phase, "name": "示例二期", "phase_no": 2, "unit_id": there, "task_force_id": None}
    assert (await world.act(path, "phases", other))["unit_id"] == there


async def test_a_lead_is_converted_by_whoever_deals_with_it(world: World, city: make.City) -> None:
    here, there = city.districts
    lead = await make.make_lead(city, first_unit_id=there, unit_id=here)
    path = f"/leads/{lead['id']}"
    for unit, status, code in ((there, 403, "owner_decides"), (here, 409, "gates_unmet")):
        world.actor = clerk(Role.district, units=[unit])
        answer = await world.send("POST", f"{path}/conversion", {}, version=await world.version(path))
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    world.actor = clerk(Role.district, units=[there])
    taken = await world.send("PATCH", path, {"unit_id": there}, version=await world.version(path))
    assert (taken.status_code, taken.json()["permission"]) == (403, "transfer")
