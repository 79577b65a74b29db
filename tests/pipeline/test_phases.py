"""A phase that continues its parent reads the parent's acts as its own, once; its first day is binding."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

Q1 = {"from": "2023-01-01", "to": "2023-03-31"}


def continues(on: str) -> dict[str, object]:
    return {"name": "示例一期", "phase_no": 1, "from_on": on, "continues_parent": True}


async def test_an_inherited_landing_is_undone_by_the_phase(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, _ = signed_project
    await make.land(city, parent["id"], "2023-03-01")
    phase = await world.act(f"/projects/{parent['id']}", "phases", continues("2023-03-05"))
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 1
    await make.move(city, phase["id"], "signed", "2023-03-10", reason="示例")
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 0
    await make.move(city, phase["id"], "landed", "2023-05-10")
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 0
    await world.holds()


async def test_an_inherited_move_is_corrected_on_the_phase(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, _ = signed_project
    await make.land(city, parent["id"], "2023-04-02")
    phase = await world.act(f"/projects/{parent['id']}", "phases", continues("2023-04-05"))
    path = f"/projects/{phase['id']}"
    landed = (await world.get(f"{path}/moves"))[-1]
    correction = f"moves/{landed['id']}/correction"
    body = {"happened_on": "2023-03-30", "reason": "示例"}
    above = f"/projects/{parent['id']}"
    answer = await world.send("POST", f"{above}/{correction}", body, version=await world.version(above))
    assert answer.json()["code"] == "continued_by_a_phase"
    late = await world.send("POST", f"{path}/{correction}", {**body, "happened_on": "2023-04-06"}, version=1)
    assert late.json()["errors"][0]["code"] == "not_between_neighbours"
    await world.act(path, correction, body)
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 1
    back = await world.act(path, correction, {"withdraw": True, "reason": "示例"})
    assert back["stage"] == "signed"
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 0
    await world.holds()


async def test_a_parents_own_move_is_corrected_where_no_phase_continues_it(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, _ = signed_project
    await make.land(city, parent["id"], "2023-04-02")
    path = f"/projects/{parent['id']}"
    await world.act(path, "phases", {"name": "示例一期", "phase_no": 1, "from_on": "2023-04-05"})
    landed = (await world.get(f"{path}/moves"))[-1]
    body = {"happened_on": "2023-03-30", "reason": "示例"}
    shown = await world.act(path, f"moves/{landed['id']}/correction", body)
    assert shown["stage"] == "screened"
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 1
    await world.holds()


async def test_a_pause_goes_over_to_the_phase(world: World, signed_project: make.Signed) -> None:
    parent, _ = signed_project
    path = f"/projects/{parent['id']}"
    pause = {"happened_on": "2023-03-01", "reason": "示例", "resume_expected_on": "2023-09-01"}
    await world.act(path, "pause", pause)
    plain = {"name": "示例一期", "phase_no": 1, "from_on": "2023-03-10"}
    answer = await world.send("POST", f"{path}/phases", plain, version=await world.version(path))
    assert (answer.status_code, answer.json()["code"]) == (409, "project_not_active")
    phase = await world.act(path, "phases", continues("2023-03-10"))
    assert (phase["status"], phase["resume_expected_on"]) == ("paused", "2023-09-01")
    assert (await world.get(path))["status"] == "active"
    active = await world.act(f"/projects/{phase['id']}", "reactivation", {"happened_on": "2023-04-01"})
    assert active["status"] == "active"
    await world.holds()


async def test_what_was_taken_over_begins_where_it_began(world: World, city: make.City) -> None:
    """Leader and team of May do not come to have led since January; forecasts given for the parent stay."""
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    await make.give_five_ones(city, project["id"], "2023-05-20")
    override = {"gates": ["investor_contact", "leader", "team"], "reason": "示例"}
    await make.move(city, project["id"], "negotiating", "2023-01-03", override=override)
    before = await world.get(f"{path}/five-ones")
    milestone = before["plan"]["milestones"][0]
    await world.post(f"{path}/milestones/{milestone['id']}/reports", {"forecast_on": "2024-07-15"})
    phase = await world.act(path, "phases", continues("2023-01-10"))
    after = await world.get(f"/projects/{phase['id']}/five-ones")
    for name in ("days", "covered_days", "gaps"):
        assert after["continuity"][name] == before["continuity"][name]
    assert after["leader"]["opened_on"] == "2023-05-20"
    assert after["plan"]["milestones"][0]["forecast_on"] == "2024-07-15"
    await world.holds()


async def test_the_day_of_a_phase_binds(world: World, city: make.City, signed_project: make.Signed) -> None:
    parent, _ = signed_project
    path = f"/projects/{parent['id']}"
    phase = await world.act(path, "phases", continues("2023-04-10"))
    await make.add_evidence(city, phase["id"], "local_company", "project_code", "site_secured")
    early = {"to": "landed", "happened_on": "2023-03-05"}
    answer = await world.send("POST", f"/projects/{phase['id']}/moves", early, version=phase["version"])
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "before_phase")
    for day in ("2022-01-10", "2023-04-09"):
        second = {"name": "示例二期", "phase_no": 2, "from_on": day}
        answer = await world.send("POST", f"{path}/phases", second, version=await world.version(path))
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "before_last_move")
    two = await world.act(path, "phases", {"name": "示例二期", "phase_no": 2, "from_on": "2023-04-20"})
    entry = (await world.get(f"/projects/{two['id']}/moves"))[0]
    body = {"happened_on": "2023-04-19", "reason": "示例"}
    correction = f"/projects/{two['id']}/moves/{entry['id']}/correction"
    answer = await world.send("POST", correction, body, version=two["version"])
    assert answer.json()["errors"][0]["code"] == "not_between_neighbours"
    await world.holds()
