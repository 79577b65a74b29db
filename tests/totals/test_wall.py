"""The wall says what overview, funnel and attention say, without a way to what is behind it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import World

pytestmark = pytest.mark.anyio


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from keys(part)
    elif isinstance(value, list):
        for part in value:
            yield from keys(part)


@pytest.mark.parametrize("grain", ["month", "quarter", "half", "year"])
async def test_the_wall_shows_the_figures_of_the_running_period(
    world: World, signed_project: tuple[dict[str, Any], dict[str, Any]], grain: str
) -> None:
    _, deal = signed_project
    assert deal["status"] == "live"
    answer = await world.client.get("/api/v1/totals/wall", params={"grain": grain})
    assert answer.status_code == 200, answer.text
    wall = answer.json()
    overview = (
        await world.client.get(
            "/api/v1/totals/overview", params={"period": wall["period"], "group_by": "unit,task_force"}
        )
    ).json()
    assert overview["from"] <= wall["today"] <= overview["to"]
    for figure in ("signings", "collective_start", "started_or_resumed"):
        assert wall[figure]["count"] == overview[figure]["count"]
        assert wall[figure]["amount"] == overview[figure]["amount"]
    assert wall["planned_year"]["amount"] == overview["planned_year"]["amount"]["planned_total"]
    signings = wall["signings"]
    assert [part["count"] for part in signings["units"]] == [
        part["count"] for part in overview["signings"]["groups"]["unit"]
    ]
    assert sum(part["count"] for part in signings["task_forces"]) == signings["count"]
    assert sum(part["count"] for part in [*signings["largest"], signings["rest"]]) == signings["count"]
    attention = (await world.client.get("/api/v1/totals/attention")).json()
    assert wall["attention"]["overdue"] == attention["overdue"]["count"]
    funnel = await world.client.get("/api/v1/totals/funnel", params={"period": wall["period"], "pool": "promotion"})
    assert [stage["count"] for stage in wall["stages"]] == [
        stage["present"]["count"] for stage in funnel.json()["stages"]
    ]
    assert not [key for key in keys(wall) if key == "id" or key.endswith(("_id", "_url", "href"))]
