"""`due_on`: each kind of limit, what moves it, and that the earliest of several counts."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirmed

pytestmark = pytest.mark.anyio

HOLIDAYS = Path(__file__).parents[2] / "migrations" / "data" / "holidays.csv"


async def at_stage(city: make.City, stage: str, on: str) -> str:
    """Makes a construction project that entered a stage on a day. Returns its path."""
    project = await make.make_project(city, program="construction", entered_on="2022-12-01")
    await make.give_five_ones(city, project["id"], "2022-12-01")
    kinds = ("project_approval", "construction_permit", "acceptance", "production")
    await make.add_evidence(city, project["id"], *kinds, on="2022-12-01")
    await make.move(city, project["id"], stage, on, catch_up=True)
    return f"/projects/{project['id']}"


async def set_limits(world: World, stage: str, *limits: dict[str, Any]) -> None:
    body = {"name_zh": "示例", "name_en": "stage", "limits": list(limits), "reason": "示例"}
    version = next(row["version"] for row in await world.get("/pipeline/stages") if row["code"] == stage)
    answer = await world.send("PUT", f"/pipeline/stages/{stage}", body, version=version)
    if answer.status_code != 200:
        await confirmed(world, answer)


def workdays_on(day: date, number: int) -> date:
    """Returns the day `number` workdays later, counted one by one over the published notices."""
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        kinds = {row["day"]: row["kind"] for row in csv.DictReader(file)}
    while number:
        day += timedelta(days=1)
        kind = kinds.get(day.isoformat())
        number -= kind == "work" or (kind is None and day.weekday() < 5)
    return day


async def test_workdays_leave_out_holidays_and_count_worked_weekends(world: World, city: make.City) -> None:
    """From 2023-01-17 over the Spring Festival, with its two worked weekends, and Tomb-sweeping Day."""
    path = await at_stage(city, "preparing", "2023-01-17")
    expected = workdays_on(date(2023, 1, 17), 90)
    assert (await world.get(path))["due_on"] == expected.isoformat()
    plain_weekdays = date(2023, 1, 17) + timedelta(days=126)
    assert expected > plain_weekdays


async def test_months_end_on_the_last_day_of_a_shorter_month(world: World, city: make.City) -> None:
    path = await at_stage(city, "operating", "2023-01-31")
    assert (await world.get(path))["due_on"] == "2024-01-31"
    await set_limits(world, "operating", {"kind": "in_stage", "amount": 1, "unit": "month"})
    assert (await world.get(path))["due_on"] == "2023-02-28"
    await set_limits(world, "operating", {"kind": "in_stage", "amount": 11, "unit": "month"})
    assert (await world.get(path))["due_on"] == "2023-12-31"


async def test_the_planned_day_of_the_next_stage_and_the_earliest_of_two(world: World, city: make.City) -> None:
    path = await at_stage(city, "building", "2023-05-20")
    assert (await world.get(path))["due_on"] == "2023-05-27"  # 7 days idle
    milestones = [
        {"name": "竣工", "leads_to": "completed", "planned_on": "2023-05-24"},
        {"name": "投产", "leads_to": "operating", "planned_on": "2023-05-25"},
    ]
    plan = {"title": "示例", "reason": "示例", "milestones": milestones}
    await world.post(f"{path}/plans", plan, version=await world.version(path))
    assert (await world.get(path))["due_on"] == "2023-05-24"  # planned, not that of the stage after
    call = {"kind": "call", "on": "2023-05-28", "summary": "示例"}
    await world.post(f"{path}/follow-ups", call)
    assert (await world.get(path))["due_on"] == "2023-05-24"
    later = {**plan, "milestones": [{**milestones[0], "planned_on": "2023-08-01"}]}
    await world.post(f"{path}/plans", later, version=await world.version(path))
    assert (await world.get(path))["due_on"] == "2023-06-04"  # idle again, from the call
    milestone = (await world.get(f"{path}/plans"))[0]["milestones"][0]["id"]
    await world.post(f"{path}/milestones/{milestone}/reports", {"forecast_on": "2023-09-01"})
    assert (await world.get(path))["due_on"] == "2023-06-08"  # idle from the report of today
    await world.holds()


async def test_a_row_counts_by_the_limits_in_force(world: World, city: make.City) -> None:
    """Also after an edit: a page that was built for the limits before is not read again."""
    path = await at_stage(city, "building", "2023-05-20")
    milestones = [{"name": "竣工", "leads_to": "completed", "planned_on": "2023-05-24"}]
    plan = {"title": "示例", "reason": "示例", "milestones": milestones}
    await world.post(f"{path}/plans", plan, version=await world.version(path))
    idle = {"kind": "idle", "amount": 7, "unit": "day"}
    by_plan = {"kind": "plan_date", "amount": None, "unit": None}
    for limits, kind in (([idle], "idle"), ([idle, by_plan], "plan_date")):
        await set_limits(world, "building", *limits)
        [row] = (await world.get("/projects", stage="building"))["items"]
        assert row["clock"]["kind"] == kind
        assert row["clock"] == (await world.get(path, include="clock"))["clock"]


async def test_paused_workdays_lengthen_a_limit_in_workdays(world: World, city: make.City) -> None:
    """A pause over a weekend costs no workday; one of ten days costs its workdays."""
    path = await at_stage(city, "preparing", "2023-02-01")
    due = (await world.get(path))["due_on"]
    for paused_on, on, later in (("2023-02-11", "2023-02-13", due), ("2023-02-15", "2023-02-25", None)):
        pause = {"happened_on": paused_on, "reason": "示例", "resume_expected_on": "2023-03-01"}
        await world.act(path, "pause", pause)
        found = await world.act(path, "reactivation", {"happened_on": on})
        wanted = later or workdays_on(date.fromisoformat(due), workdays_between("2023-02-15", "2023-02-25")).isoformat()
        assert found["due_on"] == wanted
    await world.holds()


def workdays_between(first: str, end: str) -> int:
    """Returns the number of workdays from the first day up to the end, which is not included."""
    day, last, number = date.fromisoformat(first) - timedelta(days=1), date.fromisoformat(end), 0
    while (day := workdays_on(day, 1)) < last:
        number += 1
    return number


async def test_a_stage_without_limit_is_never_due(world: World, city: make.City) -> None:
    path = await at_stage(city, "started", "2023-02-01")
    assert (await world.get(path))["due_on"] is None
    assert (await world.get("/projects", is_overdue=True))["items"] == []


async def test_overdue_is_the_day_after(world: World, city: make.City) -> None:
    path = await at_stage(city, "building", "2023-05-25")
    assert not (await world.get(path))["is_overdue"]  # due on 2023-06-01, which is today
    world.clock.set(2023, 6, 2)
    assert (await world.get(path))["is_overdue"]
    late = await world.get(f"{path}/five-ones")
    assert (late["late_on"], [one["is_complete"] for one in late["ones"]][-1]) == ("2023-06-01", False)
    overdue = {column["stage"]: column["overdue"] for column in (await world.get("/pipeline/board"))["columns"]}
    assert overdue["building"] == 1


async def test_a_phase_that_continues_its_parent_goes_on_from_its_last_contact(world: World, city: make.City) -> None:
    parent = await make.make_project(city, entered_on="2023-03-01")
    path = f"/projects/{parent['id']}"
    await world.post(f"{path}/follow-ups", {"kind": "call", "on": "2023-05-20", "summary": "示例"})
    assert (await world.get(path))["due_on"] == "2023-07-04"
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-05-25", "continues_parent": True}
    phase = await world.post(f"{path}/phases", first, version=await world.version(path))
    assert (phase["last_activity_on"], phase["due_on"]) == ("2023-05-20", "2023-07-04")
    await world.holds()


async def test_a_leader_is_late_from_day_7(world: World, city: make.City) -> None:
    project = await make.make_project(city, entered_on="2023-05-26")
    path = f"/projects/{project['id']}/five-ones"
    assert not (await world.get(path))["continuity"]["is_leader_late"]  # day 6
    world.clock.set(2023, 6, 2)
    assert (await world.get(path))["continuity"]["is_leader_late"]
    await world.post(f"/projects/{project['id']}/leaders", {"official_id": city.officials[0]})
    assert not (await world.get(path))["continuity"]["is_leader_late"]
