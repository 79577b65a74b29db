"""Every sort × direction × limit, with ties: each row once, the same order on both databases."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make

pytestmark = pytest.mark.anyio

PROJECT_SORTS = ("updated_at", "created_at", "name", "due_on", "planned_total")
NAMES = ("抚顺甲", "抚顺甲乙", "Alpha", "alpha", "沈白")


async def _walk(world: World, path: str, **params: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = await world.get(path, **params, **({"cursor": cursor} if cursor else {}))
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([None, "1.00", "2.00"])), min_size=5, max_size=9),
    limit=st.integers(1, 4),
)
def test_every_sort_walks_each_row_once(database_url: str, rows: list[tuple[str, str | None]], limit: int) -> None:
    asyncio.run(_every_sort(database_url, rows, limit))


async def _every_sort(url: str, rows: list[tuple[str, str | None]], limit: int) -> None:
    async with running(url) as world:
        city = await make.make_city(world)
        names = {}
        amounts = {}
        for name, amount in rows:
            project = await make.make_project(city, name=name, duplicate_ruling="示例：并非重复")
            names[project["id"]], amounts[project["id"]] = name, amount
            if amount is not None:
                body = {"kind": "planned_total", "value": amount, "effective_on": "2023-01-02", "source": "示例"}
                await world.post(f"/projects/{project['id']}/amounts", body)
        scope = {"unit_id": city.districts[0], "limit": limit}
        for sort in PROJECT_SORTS:
            up = await _walk(world, "/projects", sort=sort, **scope)
            down = await _walk(world, "/projects", sort=f"-{sort}", **scope)
            assert sorted(up) == sorted(names)
            assert down == up[::-1]
        by_amount = [amounts[key] or "0" for key in await _walk(world, "/projects", sort="planned_total", **scope)]
        assert by_amount == sorted(by_amount)


async def test_other_lists_walk_each_row_once(world: World) -> None:
    city = await make.make_city(world)
    for _ in range(5):
        await make.make_signed(city)
    for path, sorts in (
        ("/deals", ("signed_on", "-signed_on", "updated_at", "-updated_at")),
        ("/enterprises", (None,)),
        ("/officials", (None,)),
        ("/units", (None,)),
        ("/five-ones/gaps", (None,)),
    ):
        for sort in sorts:
            params: dict[str, Any] = {"sort": sort} if sort else {}
            whole = [item["id"] for item in (await world.get(path, **params, limit=200))["items"]]
            assert await _walk(world, path, **params, limit=2) == whole
            assert len(set(whole)) == len(whole)
    cards = {"stage": "signed", "limit": 2}
    assert len(set(await _walk(world, "/pipeline/board/cards", **cards))) == 5
    timeline = [item["id"] for item in (await world.get("/projects", limit=1))["items"]]
    events = await _walk(world, f"/projects/{timeline[0]}/timeline", limit=3)
    assert len(set(events)) == len(events) > 5
