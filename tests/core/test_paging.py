"""Every sort × direction × limit, with ties: each row once, in the same order on both databases."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import BACKENDS, World, running
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
def test_every_sort_walks_each_row_once_and_alike_on_both(
    cities: dict[str, make.City], copy_of: Callable[[str], str], rows: list[tuple[str, str | None]], limit: int
) -> None:
    walks = [asyncio.run(_every_sort(copy_of(url), city, rows, limit)) for url, city in cities.items()]
    assert walks[0] == walks[1]


@pytest.fixture
def cities(migrated_database_url: Callable[[str], str]) -> dict[str, make.City]:
    async def fill(url: str) -> make.City:
        async with running(url) as world:
            return await make.make_city(world)

    return {url: asyncio.run(fill(url)) for url in map(migrated_database_url, BACKENDS)}


async def _every_sort(
    url: str, city: make.City, rows: list[tuple[str, str | None]], limit: int
) -> dict[str, list[int]]:
    """Returns by sort the numbers of the rows in the order read. Ids grow with the numbers, so ties are comparable."""
    async with running(url) as world:
        city = replace(city, world=world)
        numbers: dict[str, int] = {}
        for name, amount in rows:
            project = await make.make_project(city, name=name, duplicate_ruling="示例：并非重复")
            numbers[project["id"]] = len(numbers)
            if amount is not None:
                body = {"kind": "planned_total", "value": amount, "effective_on": "2023-01-02", "source": "示例"}
                await world.post(f"/projects/{project['id']}/amounts", body)
        scope = {"unit_id": city.districts[0], "limit": limit}
        walks = {}
        for sort in PROJECT_SORTS:
            up = await _walk(world, "/projects", sort=sort, **scope)
            down = await _walk(world, "/projects", sort=f"-{sort}", **scope)
            assert sorted(up) == sorted(numbers)
            assert down == up[::-1]
            walks[sort] = [numbers[key] for key in up]
        by_amount = [rows[number][1] or "0" for number in walks["planned_total"]]
        assert by_amount == sorted(by_amount)
        return walks


async def test_other_lists_walk_each_row_once(world: World, city: make.City) -> None:
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
