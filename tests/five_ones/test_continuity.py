"""Continuity leaves out paused days, begins later for construction, and says who was missing."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_paused_days_do_not_count(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"], "2023-05-01")
    await make.move(city, project["id"], "negotiating", "2023-05-02")
    path = f"/projects/{project['id']}"
    pause = {"happened_on": "2023-05-12", "reason": "示例", "resume_expected_on": "2023-06-01"}
    await world.post(f"{path}/pause", pause, version=await world.version(path))
    await world.post(f"{path}/reactivation", {"happened_on": "2023-05-22"}, version=await world.version(path))
    found = (await world.get(f"{path}/five-ones"))["continuity"]
    assert (found["from_on"], found["to_on"], found["days"], found["rate"]) == (
        "2023-05-02",
        "2023-06-01",
        21,
        "1.0000",
    )
    end = {"happened_on": "2023-05-27", "reason_code": "refused", "reason": "示例"}
    await world.post(f"{path}/termination", end, version=await world.version(path))
    assert (await world.get(f"{path}/five-ones"))["continuity"]["days"] == 15


async def test_construction_is_due_from_preparing(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city, program="construction")
    await make.add_evidence(city, project["id"], "project_approval")
    override = {"gates": ["leader", "team", "plan"], "reason": "示例"}
    path = f"/projects/{project['id']}/five-ones"
    assert (await world.get(path))["continuity"]["rate"] is None
    await make.move(city, project["id"], "preparing", "2023-05-23", override=override)
    await make.give_five_ones(city, project["id"], "2023-05-28")
    found = (await world.get(path))["continuity"]
    assert (found["days"], found["covered_days"], found["rate"]) == (10, 5, "0.5000")
    assert found["gaps"] == [
        {"from_on": "2023-05-23", "to_on": "2023-05-27", "days": 5, "lacks": ["leader", "team"]},
    ]


async def test_gaps_list_and_a_replaced_team(world: World) -> None:
    city = await make.make_city(world)
    bare, kept = await make.make_project(city), await make.make_project(city)
    override = {"gates": ["investor_contact", "leader", "team", "plan"], "reason": "示例"}
    await make.move(city, bare["id"], "negotiating", "2023-05-20", override=override)
    await make.give_five_ones(city, kept["id"], "2023-05-20")
    await make.move(city, kept["id"], "negotiating", "2023-05-20")
    gaps = (await world.get("/five-ones/gaps"))["items"]
    assert [[gap["id"], *(gap[f"lacks_{one}"] for one in ("leader", "team", "plan"))] for gap in gaps] == [
        [bare["id"], True, True, True]
    ]
    path, people = f"/projects/{kept['id']}", city.officials
    body = {
        "lead_unit_id": city.districts[1],
        "leader_id": people[4],
        "contact_id": people[4],
        "members": [{"official_id": people[3]}, {"official_id": people[4]}],
        "opened_on": "2023-05-25",
    }
    await world.post(f"{path}/team-replacements", body, version=await world.version(path))
    found = await world.get(f"{path}/five-ones")
    assert (found["team"]["lead_unit_id"], found["continuity"]["gaps"]) == (city.districts[1], [])
    for official, roles in ((people[0], ["leader"]), (people[2], []), (people[4], ["team_official"])):
        rows = (await world.get(f"/officials/{official}/projects"))["items"]
        assert [row["role"] for row in rows] == roles
