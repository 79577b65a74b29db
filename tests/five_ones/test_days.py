"""Nobody leads or works on a project before it was entered; the list of gaps agrees with the page of each project."""

from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

pytestmark = pytest.mark.anyio


def team_of(city: make.City) -> dict[str, Any]:
    people = city.officials
    members = [{"official_id": people[1]}, {"official_id": people[2]}]
    return {"lead_unit_id": city.city, "leader_id": people[0], "contact_id": people[1], "members": members}


async def listed(world: World) -> dict[str, tuple[bool, bool, bool]]:
    """Returns by project: leader missing since day 7, leader out of post, follow-up overdue."""
    rows = (await world.get("/five-ones/gaps", limit=100))["items"]
    return {row["id"]: (row["is_leader_late"], row["is_leader_out_of_post"], row["is_late"]) for row in rows}


async def test_no_leader_and_no_team_before_the_project(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}"
    leader = {"official_id": city.officials[0]}
    for place, body in (("leaders", leader), ("teams", team_of(city))):
        for day in ("2022-12-31", "2020-01-01", "1949-10-01"):
            early = {**body, "opened_on": day}
            answer = await refused(world, "POST", f"{path}/{place}", 422, "before_entry", json=early)
            assert answer["errors"][0]["pointer"] == "/opened_on"
            assert "2023-01-01" in answer["errors"][0]["detail"]
        await world.post(f"{path}/{place}", {**body, "opened_on": "2023-01-01"})
    for place, body in (
        ("leader-handovers", {"official_id": city.officials[1], "note": "示例"}),
        ("team-replacements", team_of(city)),
    ):
        version = await world.version(path)
        answer = await world.send("POST", f"{path}/{place}", {**body, "opened_on": "2022-12-31"}, version=version)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/opened_on")


async def test_a_project_entered_late_is_led_from_when_it_was(world: World, city: make.City) -> None:
    """The day that counts is the one it was entered on, not the day of writing."""
    path = f"/projects/{(await make.make_project(city, entered_on='2020-03-01'))['id']}"
    await world.post(f"{path}/leaders", {"official_id": city.officials[0], "opened_on": "2020-03-01"})


async def test_a_phase_has_its_own_first_day(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}"
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "relation": "phase", "from_on": "2023-03-01"}
    head = {"If-Match": f'"{await world.version(path)}"'}
    early = {**phase, "from_on": "2022-12-31"}
    await refused(world, "POST", f"{path}/phases", 422, "before_last_move", json=early, headers=head)
    made = await world.act(path, "phases", phase)
    leader = {"official_id": city.officials[0], "opened_on": "2023-02-28"}
    answer = await refused(world, "POST", f"/projects/{made['id']}/leaders", 422, "before_entry", json=leader)
    assert "2023-03-01" in answer["errors"][0]["detail"]
    await world.post(f"/projects/{made['id']}/leaders", {**leader, "opened_on": "2023-03-01"})


async def test_a_screened_project_without_leader_is_listed(world: World, city: make.City) -> None:
    days = ("2023-05-31", "2023-05-26", "2023-05-25", "2023-05-20")
    projects = [(await make.make_project(city, entered_on=day))["id"] for day in days]
    program = {"program": "construction", "entered_on": "2023-05-20"}
    projects.append((await make.make_project(city, **program))["id"])
    await world.post(f"/projects/{projects[3]}/leaders", {"official_id": city.officials[0]})
    assert await listed(world) == {projects[2]: (True, False, False), projects[4]: (True, False, False)}
    for project_id in projects:  # each page says the same
        page = (await world.get(f"/projects/{project_id}/five-ones"))["continuity"]
        assert page["is_leader_late"] is (project_id in (projects[2], projects[4]))


async def test_a_leader_whose_post_has_ended_and_a_late_follow_up(world: World, city: make.City) -> None:
    fresh = await make.make_project(city, entered_on="2023-05-30")
    old = await make.make_project(city, entered_on="2023-01-10")  # 45 days without a word
    for project in (fresh, old):
        await world.post(f"/projects/{project['id']}/leaders", {"official_id": city.officials[0]})
    assert await listed(world) == {old["id"]: (False, False, True)}
    path = f"/officials/{city.officials[0]}"
    post = (await world.get(path))["posts"][0]["id"]
    await world.act(path, f"posts/{post}/end", {"ended_on": "2023-05-31"})
    assert await listed(world) == {fresh["id"]: (False, True, False), old["id"]: (True, True, True)}
    page = {one["code"]: one for one in (await world.get(f"/projects/{fresh['id']}/five-ones"))["ones"]}
    assert page["leader"]["missing_en"] == "the leader's post has ended"
    for project in (fresh, old):
        reason = {"happened_on": "2023-06-01", "reason_code": "market", "reason": "示例"}
        await world.act(f"/projects/{project['id']}", "termination", reason)
    assert await listed(world) == {}
