"""A follow-up says what comes next, and by when."""

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_a_next_step_has_a_day_that_is_not_before_the_follow_up(world: World, city: make.City) -> None:
    project, lead = await make.make_project(city), await make.make_lead(city)
    world.clock.set(2023, 6, 20)
    call = {
        "kind": "call",
        "on": "2023-06-10",
        "summary": "示例",
        "next_step": "示例：签约",
        "next_step_on": "2023-06-10",
    }
    for path in (f"/projects/{project['id']}/follow-ups", f"/leads/{lead['id']}/follow-ups"):
        answer = await refused(
            world, "POST", path, 422, "before_follow_up", json={**call, "next_step_on": "2023-06-09"}
        )
        assert [error["pointer"] for error in answer["errors"]] == ["/next_step_on"]
        row = await world.post(path, call)
        assert row["next_step_on"] == "2023-06-10"
        undated = await world.post(path, {**call, "next_step_on": None})
        assert (await world.get(path))["items"] == [undated, row]
    await world.holds()
