"""Continuity leaves out paused days, begins later for construction, and names what was missing."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_paused_days_do_not_count(world: World, city: make.City) -> None:
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


async def test_construction_is_due_from_preparing(world: World, city: make.City) -> None:
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


async def test_gaps_list_and_a_replaced_team(world: World, city: make.City) -> None:
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


async def test_a_change_of_program_goes_on_counting(world: World, city: make.City) -> None:
    """A construction project that becomes both never entered talks; it is followed from where it was."""
    project = await make.make_project(city, program="construction")
    await make.give_five_ones(city, project["id"])
    await make.add_evidence(
        city, project["id"], "project_approval", "construction_permit", "local_company", "project_code", "site_secured"
    )
    await make.move(city, project["id"], "preparing", "2023-01-10")
    await make.move(city, project["id"], "started", "2023-02-10")
    path = f"/projects/{project['id']}"
    before = (await world.get(f"{path}/five-ones"))["continuity"]
    await make.make_deal(city, project["id"])
    gates = {"gates": ["milestones_planned"], "reason": "示例"}
    change = {"program": "both", "effective_on": "2023-03-01", "reason": "示例", "override": gates}
    await world.act(path, "program-changes", change)
    assert (await world.get(f"{path}/five-ones"))["continuity"] == before
    await world.holds()


async def test_an_ended_project_is_not_late_for_a_leader(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    end = {"happened_on": "2023-01-02", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "termination", end)
    assert not (await world.get(f"/projects/{project['id']}/five-ones"))["continuity"]["is_leader_late"]


async def test_the_expected_end_of_a_pause_comes_back_with_it(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    pause = {"happened_on": "2023-03-01", "reason": "示例", "resume_expected_on": "2023-09-01"}
    await world.act(path, "pause", pause)
    await world.act(path, "termination", {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"})
    back = await world.act(path, "reinstatement", {"reason": "示例"})
    assert (back["status"], back["resume_expected_on"]) == ("paused", "2023-09-01")
    await world.act(path, "reactivation", {"happened_on": "2023-04-20"})
    last = (await world.get(f"{path}/moves"))[-1]
    again = await world.act(path, f"moves/{last['id']}/correction", {"withdraw": True, "reason": "示例"})
    assert (again["status"], again["resume_expected_on"]) == ("paused", "2023-09-01")
    await world.holds()
