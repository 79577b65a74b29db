"""Nobody takes from others, or gives to others, what counts: one check for every verb."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def led_by_another(city: make.City) -> tuple[str, dict[str, Any]]:
    """A project of the first district on the list of the year, whose team the second district leads."""
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
    """What counts for each of these units in 2023."""
    found = [await world.get("/totals/overview", period="2023", unit_id=unit) for unit in units]
    return [{name: value for name, value in overview.items() if name != "known_at"} for overview in found]


@pytest.mark.parametrize("continues", [True, False])
async def test_the_lead_unit_of_a_team_takes_nothing_over_by_a_phase(world: World, continues: bool) -> None:
    city = await make.make_city(world)
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
async def test_a_project_is_entered_for_ones_own_side_alone(world: World, role: Role) -> None:
    city = await make.make_city(world)
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
