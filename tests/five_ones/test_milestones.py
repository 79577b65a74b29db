"""Milestones are planned in the order of their stages, and forecasts are in the future; past or old ones give
warnings."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.five_ones.order import StageDay, disorder
from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make


async def publish(world: World, path: str, days: dict[str, str], **fields: Any) -> Any:
    """Publishes a plan whose milestones lead to these stages on these days. Returns the answer."""
    milestones = [{"name": stage, "leads_to": stage, "planned_on": day} for stage, day in days.items()]
    plan = {"title": "示例方案", "milestones": milestones, **fields}
    return await world.send("POST", f"{path}/plans", plan, version=await world.version(path))


async def new_project(world: World, **fields: Any) -> str:
    city = await make.make_city(world)
    return f"/projects/{(await make.make_project(city, **fields))['id']}"


@given(st.lists(st.integers(0, 20), max_size=9), st.randoms())
def test_a_disorder_is_found_wherever_the_milestones_stand(numbers: list[int], shuffler: Any) -> None:
    start = date(2023, 1, 1)
    stage_days = [
        StageDay(position, start + timedelta(days=number), position) for position, number in enumerate(numbers)
    ]
    shuffler.shuffle(stage_days)
    found = disorder(stage_days)
    assert (found is None) == (numbers == sorted(numbers))
    if found is not None:
        assert found[0].position > found[1].position
        assert found[0].day < found[1].day


@pytest.mark.anyio
async def test_milestones_follow_their_stages(world: World) -> None:
    path = await new_project(world)
    days = {"landed": "2023-12-31", "started": "2023-05-31", "completed": "2023-02-01", "operating": "2020-01-01"}
    answer = await publish(world, path, days)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/milestones/1/planned_on"
    for wrong, pointer in (
        ({"operating": "2024-06-29", "completed": "2024-06-30"}, 0),  # the order of writing does not matter
        ({"signed": "2023-07-01", "at_capacity": "2023-06-30"}, 1),
        ({"landed": "2023-07-01", "started": "2023-08-01", "completed": "2023-07-31", "operating": "2023-09-01"}, 2),
    ):
        answer = await publish(world, path, wrong)
        error = answer.json()["errors"][0]
        assert (error["pointer"], error["code"]) == (f"/milestones/{pointer}/planned_on", "before_earlier_stage")
    assert (await world.get(f"{path}/plans")) == []


@pytest.mark.anyio
async def test_what_is_in_order_is_taken(world: World) -> None:
    path = await new_project(world)
    same_day = dict.fromkeys(("landed", "started", "completed"), "2023-07-01")
    written_backwards = {"operating": "2024-01-01", "landed": "2023-07-01"}
    for number, days in enumerate((same_day, written_backwards)):
        assert (await publish(world, path, days, reason="示例")).status_code == 201
        assert (await world.get(f"{path}/plans"))[0]["number"] == number + 1
    free = [  # milestones without a stage have no place in the order
        {"name": "备料", "planned_on": "2023-06-01"},
        {"name": "落地", "leads_to": "landed", "planned_on": "2023-07-01"},
        {"name": "踏勘", "planned_on": "2023-06-15"},
    ]
    plan = {"title": "示例方案", "milestones": free, "reason": "示例"}
    await world.post(f"{path}/plans", plan, version=await world.version(path))
    assert (await world.get(f"{path}/plans"))[0]["warnings"] == []


@pytest.mark.anyio
async def test_construction_has_its_own_walk(world: World) -> None:
    path = await new_project(world, program="construction")
    answer = await publish(world, path, {"started": "2023-08-01", "preparing": "2023-09-01"})
    assert answer.json()["errors"][0]["pointer"] == "/milestones/0/planned_on"
    assert (await publish(world, path, {"preparing": "2023-08-01", "started": "2023-08-01"})).status_code == 201


@pytest.mark.anyio
async def test_a_forecast_lies_ahead(world: World) -> None:
    path = await new_project(world)
    await publish(world, path, {"landed": "2023-07-01", "started": "2023-08-01"})
    (landed, _) = (await world.get(f"{path}/plans"))[0]["milestones"]
    reports = f"{path}/milestones/{landed['id']}/reports"
    for day in ("2022-03-01", "2023-05-31", "1949-10-01"):
        answer = await refused(world, "POST", reports, 422, "past_day", json={"forecast_on": day})
        assert answer["errors"][0]["pointer"] == "/forecast_on"
    for day in ("2023-06-01", "2023-07-15", "2030-01-01"):
        await world.post(reports, {"forecast_on": day})
    await refused(world, "POST", reports, 422, "future_day", json={"actual_on": "2023-06-02", "note": "示例"})
    await world.post(reports, {"actual_on": "2022-03-01", "note": "示例：补录"})  # an actual day may be long past


@pytest.mark.anyio
async def test_what_is_past_is_taken_and_warned_of(world: World) -> None:
    """A catch-up states past days; the warnings stay until something is reported."""
    path = await new_project(world)
    await publish(world, path, {"landed": "2023-05-01", "started": "2023-05-31", "completed": "2023-06-01"})
    plan = (await world.get(f"{path}/plans"))[0]
    landed, started, completed = plan["milestones"]
    assert [(warning["code"], warning["milestone_id"]) for warning in plan["warnings"]] == [
        ("past_day", landed["id"]),
        ("past_day", started["id"]),
    ]
    await world.post(f"{path}/milestones/{landed['id']}/reports", {"actual_on": "2023-05-02", "note": "示例"})
    await world.post(f"{path}/milestones/{started['id']}/reports", {"forecast_on": "2023-07-01"})
    plan = (await world.get(f"{path}/five-ones"))["plan"]
    # The start is now expected after the planned completion: a warning only, because forecasts come one by one.
    assert [(warning["code"], warning["milestone_id"]) for warning in plan["warnings"]] == [
        ("out_of_order", completed["id"])
    ]
    await world.post(f"{path}/milestones/{completed['id']}/reports", {"forecast_on": "2023-08-01"})
    assert (await world.get(f"{path}/plans"))[0]["warnings"] == []


@pytest.mark.anyio
async def test_an_old_plan_in_disorder_is_read_reported_on_and_mended(world: World, city: make.City) -> None:
    """From before the rule: its gate is not met, its milestones are reported as ever, a further version mends it."""
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    await make.move(city, project["id"], "negotiating", "2023-01-03")
    await make.make_deal(city, project["id"])
    async with world.database.writing() as session:
        await session.execute(text("UPDATE milestones SET planned_on = '2023-01-01' WHERE leads_to = 'completed'"))
    plan = (await world.get(f"{path}/plans"))[0]
    assert [warning["code"] for warning in plan["warnings"]] == ["out_of_order", "past_day"]
    by_stage = {milestone["leads_to"]: milestone for milestone in plan["milestones"]}
    for stage in ("landed", "completed"):
        await world.post(f"{path}/milestones/{by_stage[stage]['id']}/reports", {"forecast_on": "2024-06-30"})
    gates = {gate["code"]: gate for gate in (await world.get(f"{path}/gates", to="signed"))["gates"]}
    assert gates["milestones_planned"]["is_met"] is False
    assert "completed" in gates["milestones_planned"]["missing_en"]
    days = dict.fromkeys(("landed", "started", "completed", "operating"), "2024-06-30")
    assert (await publish(world, path, days, reason="示例：理顺次序")).status_code == 201
    signed = await make.move(city, project["id"], "signed", "2023-02-01")
    assert signed["stage"] == "signed"
    plans = await world.get(f"{path}/plans")
    assert [(plan["number"], plan["warnings"]) for plan in plans] == [(2, []), (1, [])]
    # The log says that the milestone was planned otherwise, for its row was set by hand.
    assert {finding.rule for finding in await world.findings()} <= {"sealed_log"}


async def test_a_last_day_narrows_what_is_overdue_too(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    milestones = [
        {"name": "示例甲", "leads_to": "landed", "planned_on": "2023-03-01"},
        {"name": "示例乙", "leads_to": "started", "planned_on": "2023-04-01"},
    ]
    path = f"/projects/{project['id']}"
    answer = await world.send("POST", f"{path}/plans", {"title": "示例", "milestones": milestones}, version=1)
    assert answer.status_code == 201, answer.text
    for until, names in ((None, ["示例甲", "示例乙"]), ("2023-03-31", ["示例甲"]), ("2023-02-01", [])):
        asked = {"state": "overdue", **({"until": until} if until else {})}
        assert [row["name"] for row in (await world.get("/milestones", **asked))["items"]] == names
