"""One project, one leader, one team, one plan, followed through."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_each_is_complete_or_says_what_is_missing(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}/five-ones"
    bare = await world.get(path)
    assert [one["is_complete"] for one in bare["ones"]] == [True, False, False, False, False]
    assert bare["continuity"]["is_leader_late"]
    await make.give_five_ones(city, project["id"], "2023-05-25")
    await make.move(city, project["id"], "negotiating", "2023-05-25")
    whole = await world.get(path)
    assert whole["is_complete"]
    assert (whole["continuity"]["rate"], whole["continuity"]["days"]) == ("1.0000", 8)


async def test_a_handover_leaves_no_gap_and_an_ended_post_does(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"], "2023-05-22")
    await make.move(city, project["id"], "negotiating", "2023-05-22")
    path = f"/projects/{project['id']}"
    body = {"official_id": city.officials[4], "opened_on": "2023-05-27", "note": "示例交接"}
    version = await world.version(path)
    answer = await world.send("POST", f"{path}/leader-handovers", body, version=version)
    assert (answer.status_code, answer.headers["etag"]) == (201, f'"{await world.version(path)}"')
    assert await world.version(path) == version + 1
    leaders = await world.get(f"{path}/leaders")
    assert [(leader["opened_on"], leader["closed_on"]) for leader in leaders] == [
        ("2023-05-27", None),
        ("2023-05-22", "2023-05-26"),
    ]
    assert (await world.get(f"{path}/five-ones"))["continuity"]["gaps"] == []
    official = f"/officials/{city.officials[4]}"
    post = (await world.get(official))["posts"][0]["id"]
    await world.post(f"{official}/posts/{post}/end", {"ended_on": "2023-05-29"}, version=1, status=200)
    found = (await world.get(f"{path}/five-ones"))["continuity"]
    assert found["gaps"] == [{"from_on": "2023-05-30", "to_on": "2023-06-01", "days": 3, "lacks": ["leader"]}]
    assert found["rate"] == "0.7273"
    gaps = (await world.get("/five-ones/gaps"))["items"]
    assert [(gap["id"], gap["is_leader_out_of_post"]) for gap in gaps] == [(project["id"], True)]
    mine = (await world.get(f"{official}/projects"))["items"]
    assert [(row["id"], row["role"]) for row in mine] == [(project["id"], "leader")]


async def test_a_new_plan_keeps_reports_and_original_days(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    milestone = (await world.get(f"{path}/plans"))[0]["milestones"][0]
    report = f"{path}/milestones/{milestone['id']}/reports"
    await world.post(report, {"forecast_on": "2024-08-01", "note": "示例"})
    bare = await world.send("POST", report, {"actual_on": "2023-05-01"})
    assert bare.json()["errors"][0]["pointer"] == "/evidence_id"
    plan = {"title": "示例方案二", "milestones": [{"name": "落地", "leads_to": "landed", "planned_on": "2024-09-30"}]}
    silent = await world.send("POST", f"{path}/plans", plan, version=await world.version(path))
    assert silent.json()["errors"][0]["pointer"] == "/reason"
    await world.post(f"{path}/plans", {**plan, "reason": "示例"}, version=await world.version(path))
    versions = await world.get(f"{path}/plans")
    assert [version["number"] for version in versions] == [2, 1]
    dates = {row["stage"]: row for row in (await world.get(f"{path}/five-ones"))["plan_dates"]}
    landed = dates["landed"]
    assert (landed["original_on"], landed["current_on"], landed["forecast_on"]) == (
        "2024-06-30",
        "2024-09-30",
        "2024-08-01",
    )


async def test_a_follow_up_is_no_countable_fact(world: World, city: make.City) -> None:
    """It does not lock the head of knowledge, so clerks who record their calls do not wait for each other."""
    project = await make.make_project(city)
    period = {"from": "2023-01-01", "to": "2023-03-31"}
    before = (await world.get("/totals/signings", **period))["known_at"]
    call = {"kind": "call", "on": "2023-05-30", "summary": "示例"}
    await world.post(f"/projects/{project['id']}/follow-ups", call)
    assert (await world.get("/totals/signings", **period))["known_at"] == before


async def test_a_team_has_two_members_and_a_contact_among_them(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/teams"
    people = city.officials
    body = {
        "lead_unit_id": city.city,
        "leader_id": people[0],
        "contact_id": people[4],
        "members": [{"official_id": people[1]}, {"official_id": people[2]}],
    }
    stranger = await world.send("POST", path, body)
    assert stranger.json()["errors"][0]["code"] == "not_in_team"
    lone = {**body, "contact_id": people[0], "members": [{"official_id": people[1]}]}
    assert (await world.send("POST", path, lone)).status_code == 422
    await world.post(path, {**body, "contact_id": people[0]})
    again = await world.send("POST", path, {**body, "contact_id": people[0]})
    assert (again.status_code, again.json()["code"]) == (409, "team_already_open")
