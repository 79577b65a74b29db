"""A phase is one from a day on: nothing of an earlier day is put on record of it, and no figure counts it before."""

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@pytest.mark.xfail(strict=True, reason="a phase counts before it was one")
async def test_a_phase_counts_from_its_first_day_on(world: World) -> None:
    city = await make.make_city(world)
    project = (await make.make_project(city))["id"]
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-02-14", "project_ids": [project]})
    await world.post(f"/plan-lists/2023/projects/{project}", {"source": "示例"})
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-05-01"}
    phase = (await world.act(f"/projects/{project}", "phases", first))["id"]
    answer = await world.send("POST", f"/start-batches/{batch['id']}/projects/{phase}")
    assert (answer.status_code, "2023-05-01" in answer.json()["errors"][0]["detail"]) == (422, True)
    await world.post(f"/plan-lists/2023/projects/{phase}", {"source": "示例"})
    for period, starts in (("2023Q1", 1), ("2023Q2", 0), ("2023", 1)):
        found = await world.get("/totals/overview", period=period)
        assert (found["collective_start"]["count"], found["planned_year"]["count"]) == (starts, 1)
