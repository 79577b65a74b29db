"""Entries, exits, medians, 90th percentiles and cohorts, against a plain computation over the moves on record."""

import math
import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio

STAGE = ("entry", "forward", "back")
POSITION = ["screened", "negotiating", "framework", "signed", "landed", "preparing", "started", "building"]
REACHED = ("landed", "started", "completed", "operating", "at_capacity")


def rank(days: list[int], per_cent: int) -> int | None:
    ordered = sorted(days)
    return ordered[math.ceil(len(ordered) * per_cent / 100) - 1] if ordered else None


def plain(walks: list[list[dict[str, Any]]], start: date, end: date) -> dict[str, Any]:
    """Computes the funnel by hand from the moves of each project."""
    entered: dict[str, int] = defaultdict(int)
    left: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for walk in walks:
        stage, since, paused, paused_on = "", date.min, 0, None
        for move in [move for move in walk if not move["is_withdrawn"]]:
            on = date.fromisoformat(move["happened_on"])
            if paused_on is not None:
                paused, paused_on = paused + (on - paused_on).days, None
            if move["kind"] == "pause":
                paused_on = on
            if move["kind"] in (*STAGE, "terminate"):
                if stage and start <= on <= end:
                    left[stage].append((move["kind"], (on - since).days - paused))
                if move["kind"] in STAGE:
                    entered[move["to_stage"]] += start <= on <= end
                    stage, since, paused = move["to_stage"], on, 0
    return {
        stage: (entered[stage], [kind for kind, _ in left[stage]], [days for _, days in left[stage]])
        for stage in POSITION
    }


def cohorts(walks: list[list[dict[str, Any]]], start: date, end: date) -> dict[str, list[dict[str, date]]]:
    found: dict[str, list[dict[str, date]]] = defaultdict(list)
    for walk in walks:
        standing: dict[str, date] = {}
        for move in walk:
            if move["is_withdrawn"] or move["kind"] not in STAGE:
                continue
            if move["kind"] == "back":
                level = POSITION.index(move["to_stage"])
                standing = {stage: on for stage, on in standing.items() if POSITION.index(stage) <= level}
            else:
                standing.setdefault(move["to_stage"], date.fromisoformat(move["happened_on"]))
        on = standing.get("signed")
        if on is not None and start <= on <= end:
            found[f"{on.year}Q{math.ceil(on.month / 3)}"].append(standing)
    return found


async def agrees(world: World, period: str, start: str, end: str, walks: list[list[dict[str, Any]]]) -> Any:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    found = await world.get("/totals/funnel", period=period)
    expected = plain(walks, first, last)
    for stage in found["stages"]:
        entered, kinds, days = expected.get(stage["stage"], (0, [], []))
        assert stage["entered"] == entered, stage
        assert (stage["left"], stage["left_forward"], stage["left_back"], stage["left_ended"]) == (
            len(kinds),
            kinds.count("forward"),
            kinds.count("back"),
            kinds.count("terminate"),
        ), stage
        assert (stage["median_days"], stage["p90_days"]) == (rank(days, 50), rank(days, 90)), stage
    expected_cohorts = cohorts(walks, first, last)
    assert [cohort["quarter"] for cohort in found["cohorts"]] == sorted(expected_cohorts)
    for cohort in found["cohorts"]:
        own = expected_cohorts[cohort["quarter"]]
        assert cohort["signed"] == len(own)
        for reached in cohort["reached"]:
            days = [(walk[reached["stage"]] - walk["signed"]).days for walk in own if reached["stage"] in walk]
            assert (reached["count"], reached["median_days"]) == (len(days), rank(days, 50))
            assert reached["rate"] == f"{len(days) / len(own):.4f}"
        assert [reached["stage"] for reached in cohort["reached"]] == list(REACHED)
    return found


async def wander(city: make.City, dice: random.Random) -> str:
    """Makes a project that moves on, back, pauses, resumes and may end, on random days of the spring of 2023."""
    world = city.world
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    kinds = ("letter_of_intent", "local_company", "project_code", "site_secured", "procedure_list", "commit_and_start")
    await make.add_evidence(city, project["id"], *kinds)
    await make.make_deal(city, project["id"], signed_on="2023-01-04")
    path, day = f"/projects/{project['id']}", date(2023, 1, 4).toordinal()
    stage = "screened"
    for _ in range(dice.randint(3, 9)):
        day = min(day + dice.randint(0, 25), date(2023, 5, 30).toordinal())
        on = date.fromordinal(day).isoformat()
        verb = dice.choice(["forward"] * 6 + ["back", "pause", "end"])
        here = POSITION.index(stage)
        if verb == "forward" and stage != "started":
            to = POSITION[min(here + dice.choice([1, 1, 1, 2]), POSITION.index("started"))]
            moved = await make.move(city, project["id"], to, on, catch_up=True)
            stage = moved["stage"]
        elif verb == "back" and stage not in ("screened", "started"):
            moves = [move for move in await world.get(f"{path}/moves") if move["kind"] in STAGE]
            entered = [move["to_stage"] for move in moves]
            to = next(name for name in reversed(POSITION[:here]) if name in entered)
            body = {"to": to, "happened_on": on, "reason": "示例"}
            answer = await world.send("POST", f"{path}/moves", body, version=await world.version(path))
            if answer.status_code == 201:
                stage = to
        elif verb == "pause":
            body = {"happened_on": on, "reason": "示例", "resume_expected_on": "2023-12-01"}
            await world.act(path, "pause", body)
            day = min(day + dice.randint(0, 20), date(2023, 5, 30).toordinal())
            await world.act(path, "reactivation", {"happened_on": date.fromordinal(day).isoformat()})
        elif verb == "end":
            end = {"happened_on": on, "reason_code": "market", "reason": "示例"}
            await world.act(path, "termination", end)
            break
    found: str = project["id"]
    return found


async def test_the_funnel_agrees_with_a_plain_computation(world: World) -> None:
    city, dice = await make.make_city(world), random.Random(1)
    ids = [await wander(city, dice) for _ in range(10)]
    walks = [await world.get(f"/projects/{project_id}/moves") for project_id in ids]
    assert sum(len(walk) for walk in walks) > 40
    for period, start, end in (
        ("2023Q1", "2023-01-01", "2023-03-31"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2023", "2023-01-01", "2023-12-31"),
    ):
        await agrees(world, period, start, end, walks)
    # Known then is known for ever, whatever happens later.
    said = await world.get("/totals/funnel", period="2023")
    last = [move for move in walks[0] if not move["is_withdrawn"]][-1]
    if last["kind"] not in ("entry", "terminate"):
        body = {"withdraw": True, "reason": "示例"}
        await world.act(f"/projects/{ids[0]}", f"moves/{last['id']}/correction", body)
    walks = [await world.get(f"/projects/{project_id}/moves") for project_id in ids]
    await agrees(world, "2023", "2023-01-01", "2023-12-31", walks)
    again = await world.get("/totals/funnel", period="2023", known_at=said["known_at"])
    for stage in said["stages"]:
        stage["present"] = None  # of now, not of a moment
    assert again == said


async def test_a_continuing_phase_goes_on_with_its_parents_stay(world: World, city: make.City) -> None:
    parent, _ = await make.make_signed(city, signed_on="2023-02-01")
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    path = f"/projects/{parent['id']}"
    phase = await world.post(f"{path}/phases", first, version=await world.version(path))
    await make.land(city, phase["id"], "2023-03-03")
    found = await agrees(
        world, "2023Q1", "2023-01-01", "2023-03-31", [await world.get(f"/projects/{phase['id']}/moves")]
    )
    signed = next(stage for stage in found["stages"] if stage["stage"] == "signed")
    assert (signed["entered"], signed["left"], signed["median_days"]) == (1, 1, 30)


async def test_the_funnel_is_cut_by_scope_unit_and_program(world: World, city: make.City) -> None:
    here, there = city.districts
    for unit in (here, there, there):
        await make.make_signed(city, unit_id=unit, task_force_id=city.task_forces[0] if unit == here else None)
    twin = await make.make_project(city)
    into = await make.make_project(city)

    async def screened(**query: Any) -> int:
        found = await world.get("/totals/funnel", period="2023Q1", **query)
        return next(int(stage["entered"]) for stage in found["stages"] if stage["stage"] == "screened")

    assert await screened() == 5
    await world.act(f"/projects/{twin['id']}", "merge", {"into_id": into["id"], "reason": "示例"})
    assert await screened() == 4  # a merged record was one too many
    assert (await screened(unit_id=there), await screened(unit_id=city.city)) == (2, 4)
    assert await screened(task_force_id=city.task_forces[0]) == 1
    assert (await screened(pool="promotion"), await screened(pool="construction")) == (4, 0)
    both = await make.make_project(city, unit_id=here, program="both")
    assert (await screened(pool="promotion"), await screened(pool="construction")) == (5, 1)
    assert (await screened(program="promotion"), await screened(program="construction,both")) == (4, 1)
    asked = {"what": "present", "stage": "screened", "period": "2023Q1", "pool": "construction"}
    said = await world.get("/totals/funnel/rows", **asked)
    assert [row["project"]["id"] for row in said["items"]] == [both["id"]]
    assert (said["pool"], said["program"]) == ("construction", None)
    funnel = await world.get("/totals/funnel", period="2023Q1", program="both,promotion")
    assert (funnel["pool"], funnel["program"]) == (None, "both,promotion")
    for actor, count in ((staff(units=[there]), 2), (staff(task_forces=city.task_forces[:1]), 1), (staff(), 0)):
        world.actor = actor
        assert await screened() == count
        found = await world.get("/totals/funnel", period="2023Q1")
        assert sum(cohort["signed"] for cohort in found["cohorts"]) == count


async def test_what_is_there_now_has_no_earlier_moment(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    pause = {"happened_on": "2023-03-01", "reason": "示例", "resume_expected_on": "2024-01-01"}
    await world.act(f"/projects/{project['id']}", "pause", pause)
    await world.act(f"/projects/{project['id']}", "reactivation", {"happened_on": "2023-03-31"})
    asked = {"period": "2023", "what": "present", "stage": "screened"}
    (row,) = (await world.get("/totals/funnel/rows", **asked))["items"]
    assert row["days"] == 151 - 30, "from 2023-01-01 to 2023-06-01, without the pause"
    answer = await world.client.get("/api/v1/totals/funnel/rows", params={**asked, "known_at": "2023-02-01"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?known_at")
