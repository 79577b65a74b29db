"""A phase added by mistake is withdrawn: its parent is as if the phase had never been added, and answers as known
before stay the same."""

from typing import Any

import pytest

from app.accounts.roles import Role
from app.core import office
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

FIRST = {"name": "示例一期", "phase_no": 1, "from_on": "2023-05-01"}
REASON = {"reason": "示例：误设分期"}


async def project_that_counts(city: make.City) -> tuple[str, str]:
    """Makes a project landed in the quarter of its deal, with an amount, on the year's list and in a batch. Returns
    path and deal."""
    world = city.world
    project, deal = await make.make_signed(city)
    path = f"/projects/{project['id']}"
    await make.land(city, project["id"], "2023-03-01")
    amount = {"kind": "planned_total", "value": "600000000.00", "effective_on": "2023-02-01", "source": "示例"}
    await world.post(f"{path}/amounts", amount)
    await world.post(f"/plan-lists/2023{path}", {"source": "示例", "planned_this_year": "90000000.00"})
    batch = {"name": "示例批次", "held_on": "2023-03-30", "project_ids": [project["id"]]}
    await world.post("/start-batches", batch)
    return path, deal["id"]


CHANGING = {"version", "updated_at", "known_at", "present"}
"""`present` is of now, and not answered as known at a moment."""


def without(value: Any, names: set[str] = CHANGING) -> Any:
    if isinstance(value, dict):
        kept = {name: held for name, held in value.items() if name not in names and not name.endswith("_url")}
        return {name: without(held, names) for name, held in kept.items()}
    return [without(held, names) for held in value] if isinstance(value, list) else value


async def figures(world: World, *units: str, **more: Any) -> list[Any]:
    asked: list[dict[str, str]] = [{}, *({"unit_id": unit} for unit in units)]
    found = [await world.get("/totals/overview", period="2023", **one, **more) for one in asked]
    funnel = await world.get("/totals/funnel", period="2023", **more)
    return [without(figure) for figure in (*found, funnel)]


async def all_of(world: World, path: str, deal: str) -> dict[str, Any]:
    """Returns everything a reader sees of the project."""
    found = {
        beneath: await world.get(f"{path}{beneath}")
        for beneath in ("", "/five-ones", "/gates", "/moves", "/evidence", "/amounts", "/plans", "/plan-lists")
    }
    found["entries"] = (await world.get(f"/deals/{deal}/entries"))["items"]
    found["board"] = await world.get("/pipeline/board")
    return {name: without(value) for name, value in found.items()}


@pytest.mark.parametrize(("continues", "is_paused"), [(True, False), (False, False), (True, True)])
async def test_the_parent_stands_as_if_the_phase_had_not_been(
    world: World, city: make.City, continues: bool, is_paused: bool
) -> None:
    path, deal = await project_that_counts(city)
    if is_paused:
        pause = {"happened_on": "2023-04-01", "reason": "示例", "resume_expected_on": "2023-12-01"}
        await world.act(path, "pause", pause)
    before, counted = await all_of(world, path, deal), await figures(world, *city.districts)
    known_first = (await world.get("/totals/overview", period="2023"))["known_at"]
    phase = await world.act(path, "phases", {**FIRST, "continues_parent": continues, "unit_id": city.districts[1]})
    with_phase = await figures(world, *city.districts)
    assert with_phase != counted
    known_then = (await world.get("/totals/overview", period="2023"))["known_at"]
    own = f"/projects/{phase['id']}"
    amount = {"kind": "planned_total", "value": "700000000.00", "effective_on": "2023-05-02", "source": "示例"}
    await world.post(f"{own}/amounts", amount)
    known_last = (await world.get("/totals/overview", period="2023"))["known_at"]
    with_amount = await figures(world, *city.districts, known_at=known_last)
    gone = await world.act(own, "phase-withdrawal", REASON)
    assert (gone["status"], gone["merged_into_id"], gone["parent_id"]) == ("merged", path.split("/")[2], None)
    assert await all_of(world, path, deal) == before
    assert await figures(world, *city.districts) == counted
    assert await figures(world, *city.districts, known_at=known_first) == counted
    assert await figures(world, *city.districts, known_at=known_then) == with_phase
    assert await figures(world, *city.districts, known_at=known_last) == with_amount
    for record, event in ((path, "project.phase_withdrawn"), (own, "project.merged")):
        assert (await world.get(f"{record}/timeline"))["items"][0]["type"] == event
    await world.holds()
    again = await world.act(path, "phases", {**FIRST, "continues_parent": True})
    assert again["phase_no"] == 1
    await world.holds()


async def test_what_came_after_the_takeover_goes_back_to_the_parent(world: World, city: make.City) -> None:
    """A handover, another team, a new plan, a visit: they were of the project, whichever record they were made on."""
    path, _ = await project_that_counts(city)
    phase = await world.act(path, "phases", {**FIRST, "continues_parent": True})
    own = f"/projects/{phase['id']}"
    await world.act(
        own, "leader-handovers", {"official_id": city.officials[4], "note": "示例", "opened_on": "2023-05-10"}
    )
    plan = {"title": "示例新方案", "reason": "示例", "milestones": [{"name": "示例", "planned_on": "2024-09-30"}]}
    await world.act(own, "plans", plan)
    milestone = (await world.get(f"{own}/plans"))[0]["milestones"][0]["id"]
    await world.post(f"{own}/milestones/{milestone}/reports", {"forecast_on": "2024-10-01"})
    await world.post(f"{own}/follow-ups", {"kind": "visit", "on": "2023-05-20", "summary": "示例后来走访"})
    await world.post(f"{own}/contacts", make.CONTACT)
    held = await world.get(f"{own}/five-ones")
    await world.act(own, "phase-withdrawal", REASON)
    found = await world.get(f"{path}/five-ones")
    assert found["leader"]["official_id"] == held["leader"]["official_id"] == city.officials[4]
    assert found["team"]["lead_unit_id"] == held["team"]["lead_unit_id"]
    plans = await world.get(f"{path}/plans")
    assert [version["title"] for version in plans] == ["示例新方案", "示例方案"]
    assert plans[0]["milestones"][0]["forecast_on"] == "2024-10-01"
    leaders = await world.get(f"{path}/leaders")
    assert [(row["opened_on"], row["closed_on"]) for row in leaders] == [
        ("2023-05-10", None),
        ("2023-01-02", "2023-05-09"),
    ]
    assert "示例后来走访" in str(await world.get(f"{path}/follow-ups"))
    assert len(await world.get(f"{path}/contacts")) == 1
    project = await world.get(path)
    assert (project["stage"], project["is_parent"], project["last_activity_on"]) == ("landed", False, "2023-05-20")
    world.actor = clerk(Role.department, official=city.officials[4])
    assert (await world.get(path))["id"]
    world.actor = LOCAL_PERSON
    await make.add_evidence(city, path.split("/")[2], "procedure_list")
    await world.act(path, "moves", {"to": "preparing", "happened_on": "2023-06-01"})
    await world.holds()


async def test_what_a_phase_has_of_its_own_stands_in_the_way(world: World, city: make.City) -> None:
    parent = await make.make_project(city)
    path = f"/projects/{parent['id']}"
    phase = await world.act(path, "phases", FIRST)
    own = f"/projects/{phase['id']}"
    await make.give_five_ones(city, phase["id"], "2023-05-02")
    await make.move(city, phase["id"], "negotiating", "2023-05-03")
    evidence = await world.post(f"{own}/evidence", {"kind": "letter_of_intent", "on": "2023-05-03"})
    amount = {"kind": "planned_total", "value": "700000000.00", "effective_on": "2023-05-02", "source": "示例"}
    await world.post(f"{own}/amounts", amount)
    draft = await world.post("/deals", {"project_id": phase["id"], "title": "示例"})
    await world.post(f"/plan-lists/2023{own}", {"source": "示例"})
    batch = {"name": "示例", "held_on": "2023-05-30", "project_ids": [phase["id"]]}
    batch_id = (await world.post("/start-batches", batch))["id"]

    async def tried() -> set[str]:
        answer = await world.send("POST", f"{own}/phase-withdrawal", REASON, version=await world.version(own))
        if answer.status_code == 201:
            return set()
        assert (answer.status_code, answer.json()["code"]) == (409, "phase_stays"), answer.text
        return {conflict["code"] for conflict in answer.json()["conflicts"]}

    left = {"moves", "evidence", "amounts", "deals", "plan_lists", "start_batches"}
    assert await tried() == left
    move = (await world.get(f"{own}/moves"))[-1]["id"]
    await world.act(own, f"moves/{move}/correction", {"withdraw": True, "reason": "示例"})
    await world.post(f"{own}/evidence/{evidence['id']}/void", {"reason": "示例"}, status=200)
    await world.post(f"{path}/amounts", amount)
    await world.send("DELETE", f"/deals/{draft['id']}", version=1)
    assert await tried() == {"plan_lists", "start_batches"}
    await world.post(f"/plan-lists/2023{own}/withdrawal", {"reason": "示例"})
    await world.post(f"/start-batches/{batch_id}{own}/withdrawal", {"reason": "示例"})
    assert await tried() == set()
    assert (await world.get(path))["is_parent"] is False
    await world.holds()


async def test_of_several_phases_one_is_withdrawn(world: World, city: make.City) -> None:
    parent = await make.make_project(city)
    path = f"/projects/{parent['id']}"
    await world.post(f"{path}/leaders", {"official_id": city.officials[0], "opened_on": "2023-01-02"})
    first = await world.act(path, "phases", {**FIRST, "from_on": "2023-04-01"})
    second = await world.act(path, "phases", {**FIRST, "name": "示例另一期", "phase_no": 2})
    before = await world.get(f"/projects/{second['id']}")
    await world.act(f"/projects/{first['id']}", "phase-withdrawal", REASON)
    found = await world.get(path)
    assert (found["is_parent"], [phase["id"] for phase in found["phases"]]) == (True, [second["id"]])
    assert await world.get(f"/projects/{second['id']}") == before
    assert (await world.get(f"{path}/leaders"))[0]["closed_on"] == "2023-04-30"  # the day before what is now the first
    await world.holds()
    for record, code in ((path, "not_a_phase"), (f"/projects/{first['id']}", "project_merged")):
        answer = await world.send("POST", f"{record}/phase-withdrawal", REASON, version=await world.version(record))
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    await world.act(f"/projects/{second['id']}", "phase-withdrawal", REASON)
    assert (await world.get(path))["is_parent"] is False
    assert (await world.get(f"{path}/five-ones"))["leader"]["official_id"] == city.officials[0]
    await world.holds()


async def test_what_continues_its_parent_is_the_last_to_be_withdrawn(world: World, city: make.City) -> None:
    path, deal = await project_that_counts(city)
    before = await all_of(world, path, deal)
    first = await world.act(path, "phases", {**FIRST, "continues_parent": True})
    second = await world.act(path, "phases", {**FIRST, "name": "示例另一期", "phase_no": 2})
    own = f"/projects/{first['id']}"
    answer = await world.send("POST", f"{own}/phase-withdrawal", REASON, version=await world.version(own))
    assert [conflict["code"] for conflict in answer.json()["conflicts"]] == ["other_phases"]
    for phase in (second, first):
        await world.act(f"/projects/{phase['id']}", "phase-withdrawal", REASON)
    assert await all_of(world, path, deal) == before
    await world.holds()


async def test_who_may_withdraw_a_phase(world: World, city: make.City) -> None:
    """A person with the right to correct who had no part in the line's deal; a district asks the bureau."""
    path, _ = await project_that_counts(city)
    phase = await world.act(path, "phases", {**FIRST, "continues_parent": True})
    own = f"/projects/{phase['id']}"
    world.actor = clerk(Role.district, units=[city.districts[0]])
    answer = await world.send("POST", f"{own}/phase-withdrawal", REASON, version=await world.version(own))
    assert (answer.status_code, answer.json()["permission"]) == (403, "correct")
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    world.actor = LOCAL_PERSON  # who drafted the deal
    answer = await world.send("POST", f"{own}/phase-withdrawal", REASON, version=await world.version(own))
    assert (answer.status_code, answer.json()["code"]) == (403, "drafted_by_you")
    world.actor = clerk(Role.bureau)
    await world.act(own, "phase-withdrawal", REASON)
