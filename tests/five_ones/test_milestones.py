"""Milestones lie in the order of their stages, and forecasts ahead."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def publish(world: World, path: str, days: dict[str, str], **fields: Any) -> Any:
    """The answer to a plan whose milestones lead to these stages on these days."""
    milestones = [{"name": stage, "leads_to": stage, "planned_on": day} for stage, day in days.items()]
    plan = {"title": "示例方案", "milestones": milestones, **fields}
    return await world.send("POST", f"{path}/plans", plan, version=await world.version(path))


@pytest.mark.xfail(strict=True, reason="milestones are in any order")
async def test_milestones_follow_their_stages(world: World) -> None:
    city = await make.make_city(world)
    path = f"/projects/{(await make.make_project(city))['id']}"
    days = {"landed": "2023-12-31", "started": "2023-05-31", "completed": "2023-02-01", "operating": "2020-01-01"}
    answer = await publish(world, path, days)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/milestones/1/planned_on"


@pytest.mark.xfail(strict=True, reason="a forecast may lie behind")
async def test_a_forecast_lies_ahead(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    milestone = (await world.get(f"{path}/plans"))[0]["milestones"][0]
    answer = await world.send("POST", f"{path}/milestones/{milestone['id']}/reports", {"forecast_on": "2022-03-01"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/forecast_on"
