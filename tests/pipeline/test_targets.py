"""What each stage would say to a move: in one answer, as the gates and the move itself would say it."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.pipeline.test_gates import lacking

pytestmark = pytest.mark.anyio

TODAY = "2023-06-01"


def _unmet(gates: list[dict[str, Any]], strictness: str) -> list[tuple[str, str]]:
    return [(gate["stage"], gate["code"]) for gate in gates if not gate["is_met"] and gate["strictness"] == strictness]


async def _agree(world: World, project: str) -> dict[str, Any]:
    """Asserts that every target says what its gates say. Returns the targets by stage."""
    path = f"/projects/{project}"
    answer = await world.get(f"{path}/targets")
    shown = await world.get(path)
    assert (answer["version"], answer["stage"]) == (shown["version"], shown["stage"])
    ways = {move["to"]: move for move in (await world.get(f"{path}/gates"))["moves"]}
    for item in answer["items"]:
        walked = await world.client.get(f"/api/v1{path}/gates", params={"to": item["to"]})
        if walked.status_code == 422:
            assert (item["kind"], item["blocks"], item["warnings"]) == ("none", [], [])
            assert item["refused"]["code"] in ("stage_not_walked", "project_not_active")
            continue
        said = walked.json()
        gates = said["gates"]
        if item["kind"] != "forward":
            refused = item["refused"] and item["refused"]["zh"]
            assert (said["is_open"], said["refused_zh"]) == (refused is None, refused), item["to"]
        for name, strictness in (("blocks", "block"), ("warnings", "warn")):
            assert [(gate["stage"], gate["code"]) for gate in item[name]] == _unmet(gates, strictness), item["to"]
        if item["to"] in ways:
            way = ways[item["to"]]
            assert (item["kind"], item["needs_catch_up"]) == (way["kind"], way["needs_catch_up"])
            assert item["refused"] == way["refused"]
        elif item["kind"] != "forward":
            assert item["refused"] is not None
    return {item["to"]: item for item in answer["items"]}


async def test_a_target_says_what_its_gates_say(world: World) -> None:
    city = await make.make_city(world)
    fresh = await lacking(city, "promotion", "leader")
    found = await _agree(world, fresh)
    assert found["screened"]["refused"]["code"] == "already_there"
    assert [gate["code"] for gate in found["negotiating"]["blocks"]] == ["leader"]
    assert (found["negotiating"]["kind"], found["signed"]["needs_catch_up"]) == ("forward", True)
    signed, _ = await make.make_signed(city)
    found = await _agree(world, signed["id"])
    assert (found["negotiating"]["kind"], found["negotiating"]["refused"]) == ("back", None)
    assert found["screened"]["refused"]["code"] == "one_stage_back"
    built = await lacking(city, "construction", "acceptance")
    await make.move(city, built, "started", "2023-02-02", catch_up=True)
    found = await _agree(world, built)
    assert found["negotiating"]["kind"] == "none"
    assert found["screened"]["refused"]["code"] == "no_way_back"
    pause = {"happened_on": TODAY, "reason": "示例", "resume_expected_on": "2023-12-31"}
    await world.act(f"/projects/{fresh}", "pause", pause)
    found = await _agree(world, fresh)
    assert found["negotiating"]["refused"]["code"] == "project_not_active"


async def test_a_target_says_what_the_move_answers(world: World) -> None:
    """Tried by the unit in charge, by another who only reports, and by the bureau."""
    city = await make.make_city(world)
    project = await lacking(city, "promotion", "intent")
    await make.move(city, project, "negotiating", "2023-02-02")
    here, there = city.districts
    district = clerk(Role.district, units=[here])
    member = clerk(Role.district, units=[there], official=city.officials[3])
    for actor in (member, district, LOCAL_PERSON):
        world.actor = actor
        targets = await world.get(f"/projects/{project}/targets")
        for item in targets["items"]:
            if item["kind"] != "none" and item["refused"] is None and not item["blocks"]:
                continue
            body = {"to": item["to"], "happened_on": TODAY, "reason": "示例", "catch_up": True}
            answer = await world.send("POST", f"/projects/{project}/moves", body, version=targets["version"])
            problem = answer.json()
            if item["refused"] is not None and item["refused"]["code"] != "stage_not_walked":
                assert problem["code"] == item["refused"]["code"], item
            elif item["blocks"]:
                assert [gate["code"] for gate in problem["gates"]] == [gate["code"] for gate in item["blocks"]]
    back = next(item for item in targets["items"] if item["kind"] == "back")
    body = {"to": back["to"], "happened_on": TODAY, "reason": "示例"}
    await world.post(f"/projects/{project}/moves", body, version=targets["version"])
