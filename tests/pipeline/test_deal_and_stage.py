"""«Deal and stage» holds on whole lines and by day, against every verb that could break it."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
END = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
CONTINUES = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}


async def refused(world: World, path: str, verb: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
    assert answer.status_code == 409, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_parent_and_phase_do_not_both_come_to_have_a_deal(world: World, city: make.City) -> None:
    parent = await make.make_project(city)
    path = f"/projects/{parent['id']}"
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-01-10"}
    phase = await world.act(path, "phases", first)
    await make.make_deal(city, phase["id"])
    phase_path = f"/projects/{phase['id']}"
    await world.act(phase_path, "termination", END)
    await make.make_deal(city, parent["id"], signed_on="2023-05-01")
    assert (await refused(world, phase_path, "reinstatement", {"reason": "示例"}))["code"] == "deal_and_stage"
    assert (await world.get("/totals/signings", **YEAR))["count"] == 1
    await world.holds()


async def test_a_parents_deal_is_not_redated_past_a_leafs_entry(world: World, signed_project: make.Signed) -> None:
    parent, deal = signed_project
    await world.act(f"/projects/{parent['id']}", "phases", CONTINUES)
    body = {"effective_on": "2023-05-01", "reason": "示例"}
    assert (await refused(world, f"/deals/{deal['id']}", "corrections", body))["code"] == "deal_and_stage"
    await world.holds()


async def test_what_was_redated_while_ended_is_judged_when_it_comes_back(world: World, city: make.City) -> None:
    project, _ = await make.make_signed(city, signed_on="2023-02-10")
    path = f"/projects/{project['id']}"
    await world.act(path, "termination", END)
    signed = next(m for m in await world.get(f"{path}/moves") if m["to_stage"] == "signed")
    await world.act(path, f"moves/{signed['id']}/correction", {"happened_on": "2023-01-15", "reason": "示例"})
    assert (await refused(world, path, "reinstatement", {"reason": "示例"}))["code"] == "deal_and_stage"
    await world.holds()


async def test_a_leaf_whose_deal_was_replaced_comes_back_before_signed(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, deal = signed_project
    phase = await world.act(f"/projects/{parent['id']}", "phases", CONTINUES)
    path = f"/projects/{phase['id']}"
    await world.act(path, "termination", {**END, "happened_on": "2023-03-10"})
    await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-04-10", "reason": "示例"})
    assert "before_signed" in (await refused(world, path, "reinstatement", {"reason": "示例"}))["detail"]
    await make.make_deal(city, parent["id"], signed_on="2023-05-01")
    assert (await refused(world, path, "reinstatement", {"reason": "示例"}))["code"] == "deal_and_stage"
    back = await world.act(path, "reinstatement", {"reason": "示例", "becomes": "before_signed"})
    assert (back["stage"], back["status"]) == ("negotiating", "active")
    await world.holds()


async def test_a_leaf_that_ended_with_its_parents_deal_comes_back_with_it(
    world: World, signed_project: make.Signed
) -> None:
    parent, deal = signed_project
    phase = await world.act(f"/projects/{parent['id']}", "phases", CONTINUES)
    fate = {"becomes": "terminated", "reason_code": "market"}
    end = {"effective_on": "2023-04-10", "reason": "示例", "project": fate}
    await world.act(f"/deals/{deal['id']}", "termination", end)
    back = await world.act(f"/projects/{phase['id']}", "reinstatement", {"reason": "示例"})
    assert (back["stage"], back["status"]) == ("signed", "active")
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "live"
    assert (await world.get("/totals/signings", **YEAR))["count"] == 1
    await world.holds()


async def test_a_project_whose_deal_never_was_comes_back_before_signed(
    world: World, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    await world.act(path, "termination", END)
    await world.act(f"/deals/{deal['id']}", "corrections", {"never_a_deal": True, "reason": "示例"})
    assert (await refused(world, path, "reinstatement", {"reason": "示例"}))["code"] == "deal_and_stage"
    back = await world.act(path, "reinstatement", {"reason": "示例", "becomes": "before_signed"})
    assert back["stage"] == "negotiating"
    await world.holds()


async def test_a_way_round_by_the_program_does_not_loosen_the_fixed_gate(world: World, city: make.City) -> None:
    project, deal = await make.make_signed(city, program="both")
    path = f"/projects/{project['id']}"
    await make.land(city, project["id"], "2023-02-10")
    await make.add_evidence(city, project["id"], "construction_permit", "project_approval")
    await make.move(city, project["id"], "started", "2023-02-20", catch_up=True)
    change = {"program": "construction", "effective_on": "2023-03-01", "reason": "示例"}
    await world.act(path, "program-changes", change)
    await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-03-05", "reason": "示例"})
    await make.make_deal(city, project["id"], signed_on="2023-03-20")
    back = {"program": "both", "effective_on": "2023-03-21", "reason": "示例"}
    assert (await refused(world, path, "program-changes", back))["code"] == "deal_and_stage"
    await world.holds()
