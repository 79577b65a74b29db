"""Whoever has just moved a project takes that act back: all its moves at once, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def standing(world: World, path: str) -> tuple[Any, ...]:
    """Returns what a move changes of a project, and its moves in force."""
    project = await world.get(path)
    names = ("stage", "stage_since", "status", "due_on", "last_activity_on", "paused_on")
    moves = [move["to_stage"] for move in await world.get(f"{path}/moves") if not move["is_withdrawn"]]
    return *(project.get(name) for name in names), moves


async def refused(world: World, path: str) -> tuple[int, str]:
    answer = await world.send("POST", f"{path}/undo", version=await world.version(path))
    return answer.status_code, answer.json()["code"]


def as_clerk(world: World, city: make.City, name: str = "clerk") -> None:
    world.actor = clerk(Role.district, units=[city.districts[0]], name=name)


async def test_each_act_is_undone_with_everything_that_came_with_it(world: World, city: make.City) -> None:
    """By a clerk of a district, who has no right to correct moves."""
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    await make.give_five_ones(city, project["id"])
    deal = await make.make_deal(city, project["id"], signed_on="2023-02-01")
    as_clerk(world, city)
    pause = {"happened_on": "2023-03-01", "reason": "示例", "resume_expected_on": "2023-12-01"}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("moves", {"to": "signed", "happened_on": "2023-02-01", "catch_up": True}),
        ("pause", pause),
        ("reactivation", {"happened_on": "2023-03-10"}),
    ]
    for verb, body in acts:
        before = await standing(world, path)
        await world.act(path, verb, body)
        assert await standing(world, path) != before
        undone = await world.act(path, "undo", None)
        assert await standing(world, path) == before, verb
        last = (await world.get(f"{path}/timeline"))["items"][0]
        assert (last["type"], last["subject_version"]) == ("project.move_withdrawn", undone["version"])
        await world.act(path, verb, body)
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "live"
    world.actor = LOCAL_PERSON
    await world.holds()


async def test_a_move_back_is_undone(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    await make.give_five_ones(city, project["id"])
    await make.move(city, project["id"], "negotiating", "2023-01-03")
    before = await standing(world, path)
    await world.act(path, "moves", {"to": "screened", "happened_on": "2023-01-05", "reason": "示例"})
    await world.act(path, "undo", None)
    assert await standing(world, path) == before
    await world.holds()


async def test_a_landing_leaves_the_ledger_and_what_was_known_stays(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, _ = signed_project
    path = f"/projects/{project['id']}"
    quarter = {"from": "2023-01-01", "to": "2023-03-31"}
    before = await world.get("/totals/signings", **quarter)
    await make.land(city, project["id"], "2023-03-15")
    between = await world.get("/totals/signings", **quarter)
    assert between["same_quarter_landed"] == before["same_quarter_landed"] + 1
    await world.act(path, "undo", None)
    after = await world.get("/totals/signings", **quarter)
    assert after["same_quarter_landed"] == before["same_quarter_landed"]
    assert await world.get("/totals/signings", **quarter, known_at=between["known_at"]) == between
    await world.holds()


async def test_what_is_not_undone_says_why(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    assert await refused(world, path) == (409, "not_undoable")  # the entry
    await make.give_five_ones(city, project["id"])
    as_clerk(world, city)
    await world.act(path, "moves", {"to": "negotiating", "happened_on": "2023-01-03"})
    as_clerk(world, city, "colleague")
    assert await refused(world, path) == (403, "not_your_act")
    as_clerk(world, city)
    moment = world.clock.moment
    world.clock.moment = moment + timedelta(minutes=15, seconds=5)
    assert await refused(world, path) == (409, "too_late_to_undo")
    world.clock.moment = moment + timedelta(minutes=14)
    await world.act(path, "undo", None)
    assert await refused(world, path) == (409, "not_undoable")
    world.actor = LOCAL_PERSON
    world.clock.moment = moment + timedelta(minutes=20)
    end = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
    await world.act(path, "termination", end)
    assert await refused(world, path) == (409, "not_undoable")
    await world.holds()


async def test_an_act_with_an_override_is_left_to_a_correction(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    gates = [gate for gate in (await world.get(f"{path}/gates"))["gates"] if not gate["is_met"]]
    override = {"gates": [gate["code"] for gate in gates], "reason": "示例"}
    await world.act(path, "moves", {"to": "negotiating", "happened_on": "2023-01-03", "override": override})
    assert await refused(world, path) == (409, "gate_overridden")


async def test_a_move_back_that_came_with_the_end_of_a_deal_is_left_to_its_correction(
    world: World, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    end = {"effective_on": "2023-04-10", "reason": "示例", "project": {"becomes": "before_signed"}}
    await world.act(f"/deals/{deal['id']}", "termination", end)
    path = f"/projects/{project['id']}"
    assert await refused(world, path) == (409, "ended_a_deal")
    parts = await world.get(f"{path}/moves")
    assert parts[-1]["kind"] == "back"
    await world.holds()
