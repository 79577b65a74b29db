"""Rights, clocks, corrections, endings and phases: what is refused, and which data stays consistent."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.actor import Permission
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
Q1 = {"from": "2023-01-01", "to": "2023-03-31"}


async def act(world: World, path: str, verb: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
    return answer.status_code, answer.json()


async def test_verbs_that_want_a_right(world: World, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    moves = await world.get(f"{path}/moves")
    end = {"happened_on": "2023-04-01", "reason_code": "market", "reason": "示例"}
    asked: list[tuple[str, str, dict[str, Any], Permission]] = [
        (path, "moves", {"to": "negotiating", "happened_on": "2023-04-01", "reason": "示例"}, Permission.move_back),
        (path, "termination", end, Permission.terminate),
        (path, f"moves/{moves[-1]['id']}/correction", {"withdraw": True, "reason": "示例"}, Permission.correct),
        (deal_path, "corrections", {"amount": "1.00", "reason": "示例"}, Permission.correct),
        (deal_path, "termination", {"effective_on": "2023-04-01", "reason": "示例"}, Permission.terminate),
    ]
    whole = world.actor
    for subject, verb, body, permission in asked:
        world.actor = replace(whole, permissions=whole.permissions - {permission})
        status, answer = await act(world, subject, verb, body)
        assert (status, answer["permission"]) == (403, permission.value)
    forced = {"to": "landed", "happened_on": "2023-04-01", "override": {"gates": ["local_company"], "reason": "示例"}}
    world.actor = replace(whole, permissions=whole.permissions - {Permission.override_gates})
    assert (await act(world, path, "moves", forced))[0] == 403
    assert (await world.get(path))["version"] == project["version"]


async def test_paused_days_and_what_a_paused_project_refuses(world: World, city: make.City) -> None:
    project = await make.make_project(city, entered_on="2023-05-01")
    path = f"/projects/{project['id']}"
    assert project["due_on"] == "2023-06-15"
    pause = {"happened_on": "2023-05-10", "reason": "示例", "resume_expected_on": "2023-05-09"}
    status, answer = await act(world, path, "pause", pause)
    assert (status, answer["errors"][0]["code"]) == (422, "before_pause")
    assert (await act(world, path, "reactivation", {"happened_on": "2023-05-10"}))[1]["code"] == "not_paused"
    status, paused = await act(world, path, "pause", {**pause, "resume_expected_on": "2023-05-31"})
    assert (status, paused["status"], paused["due_on"]) == (201, "paused", None)
    assert (await act(world, path, "pause", {**pause, "resume_expected_on": "2023-05-31"}))[1]["code"] == (
        "project_not_active"
    )
    status, active = await act(world, path, "reactivation", {"happened_on": "2023-05-20"})
    # 45 days idle, counted from the last move: the reactivation.
    assert (status, active["status"], active["stage"], active["due_on"]) == (201, "active", "screened", "2023-07-04")
    await world.holds()


async def test_days_of_a_move(world: World, city: make.City) -> None:
    """Never after today, never before the last move; the entry stays, and is redated up to its neighbour."""
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    for day, code in (("2023-06-02", "future_day"), ("2022-12-31", "before_last_move")):
        status, answer = await act(world, path, "moves", {"to": "negotiating", "happened_on": day})
        assert (status, answer["errors"][0]["code"]) == (422, code)
    entry = (await world.get(f"{path}/moves"))[0]
    status, answer = await act(world, path, f"moves/{entry['id']}/correction", {"withdraw": True, "reason": "示例"})
    assert (status, answer["code"]) == (409, "entry_stays")
    await make.move(city, project["id"], "negotiating", "2023-01-05")
    for day, wanted in (("2023-01-06", 422), ("2023-01-05", 201), ("2022-12-01", 201)):
        body = {"happened_on": day, "reason": "示例"}
        assert (await act(world, path, f"moves/{entry['id']}/correction", body))[0] == wanted
    shown = await world.get(f"{path}/moves")
    assert [move["happened_on"] for move in shown] == ["2022-12-01", "2023-01-05"]
    await world.holds()


async def test_the_entry_into_signed_is_not_redated_before_the_deal(world: World, city: make.City) -> None:
    project, _ = await make.make_signed(city, signed_on="2023-02-10")
    path = f"/projects/{project['id']}"
    signed = (await world.get(f"{path}/moves"))[-1]
    status, answer = await act(
        world, path, f"moves/{signed['id']}/correction", {"happened_on": "2023-02-09", "reason": "示例"}
    )
    assert (status, [gate["code"] for gate in answer["gates"]]) == (409, ["formal_deal"])
    assert "2023-02-10" in answer["detail"]
    await world.holds()


async def test_after_the_start_a_lost_deal_only_terminates(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    await make.land(city, project["id"], "2023-03-01")
    await make.add_evidence(city, project["id"], "construction_permit")
    await make.move(city, project["id"], "started", "2023-03-10", catch_up=True)
    path = f"/deals/{deal['id']}"
    body: dict[str, Any] = {"effective_on": "2023-04-10", "reason": "示例", "project": {"becomes": "before_signed"}}
    status, answer = await act(world, path, "termination", body)
    assert (status, answer["code"]) == (409, "no_way_back")
    assert (await world.get(path))["status"] == "live"
    body["project"] = {"becomes": "terminated", "reason_code": "dishonest"}
    assert (await act(world, path, "termination", body))[0] == 201
    assert (await world.get(f"/projects/{project['id']}"))["status"] == "terminated"
    quarter, year = await world.get("/totals/signings", **Q1), await world.get("/totals/signings", **YEAR)
    assert (quarter["count"], quarter["same_quarter_landed"], year["count"]) == (1, 1, 0)
    await world.holds()


async def test_a_deal_before_signed_ends_without_a_fate(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    await make.move(city, project["id"], "negotiating", "2023-02-05", reason="示例")
    path = f"/deals/{deal['id']}"
    body: dict[str, Any] = {"effective_on": "2023-04-10", "reason": "示例"}
    status, answer = await act(world, path, "termination", {**body, "project": {"becomes": "before_signed"}})
    assert (status, answer["errors"][0]["code"]) == (422, "needless_fate")
    assert (await act(world, path, "termination", body))[0] == 201
    assert (await world.get(f"/projects/{project['id']}"))["stage"] == "negotiating"
    await world.holds()


async def test_the_first_phase_takes_over_and_the_deal_serves_every_leaf(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, deal = signed_project
    path = f"/projects/{parent['id']}"
    before = await world.get(f"{path}/five-ones")
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    one = (await act(world, path, "phases", first))[1]
    taken = await world.get(f"/projects/{one['id']}/five-ones")
    for part, names in (("leader", ["official_id"]), ("team", ["lead_unit_id", "leader_id", "members"])):
        assert [taken[part][name] for name in names] == [before[part][name] for name in names]
    days = [[m["leads_to"], m["planned_on"]] for m in before["plan"]["milestones"]]
    assert [[m["leads_to"], m["planned_on"]] for m in taken["plan"]["milestones"]] == days
    assert (taken["continuity"]["from_on"], taken["continuity"]["gaps"]) == ("2023-01-03", [])
    again = {**first, "name": "示例又一期", "phase_no": 2}
    assert (await act(world, path, "phases", again))[1]["code"] == "already_continued"
    two = (await act(world, path, "phases", {**again, "continues_parent": False}))[1]
    assert two["stage"] == "screened"
    below = await act(world, f"/projects/{two['id']}", "phases", {**again, "continues_parent": False, "phase_no": 3})
    assert below[1]["code"] == "phase_of_phase"
    end = {"happened_on": "2023-03-01", "reason_code": "market", "reason": "示例"}
    pause = {"happened_on": "2023-03-01", "reason": "示例", "resume_expected_on": "2023-04-01"}
    for verb, body in (
        ("moves", {"to": "landed", "happened_on": "2023-03-01"}),
        ("pause", pause),
        ("termination", end),
    ):
        assert (await act(world, path, verb, body))[1]["code"] == "project_is_parent"
    await make.give_five_ones(city, two["id"], "2023-02-10")
    await make.move(city, two["id"], "signed", "2023-02-12", catch_up=True)
    await make.land(city, two["id"], "2023-03-01")
    await make.land(city, one["id"], "2023-03-05")
    total = await world.get("/totals/signings", **Q1)
    assert (total["count"], total["same_quarter_landed"]) == (1, 1)
    assert (await world.get(path))["stage"] == "landed"
    await world.holds()
    lost: dict[str, Any] = {"effective_on": "2023-04-10", "reason": "示例", "project": {"becomes": "before_signed"}}
    assert (await act(world, f"/deals/{deal['id']}", "termination", lost))[0] == 201
    leaves = [(await world.get(f"/projects/{leaf['id']}"))["stage"] for leaf in (one, two)]
    assert (leaves, (await world.get(path))["stage"]) == (["negotiating", "negotiating"], "negotiating")
    await world.holds()
