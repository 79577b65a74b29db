"""Rows of plan lists, collective starts and resumptions come and go; each moment's answer can be read again."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make

FIGURES = ("collective_start", "started_or_resumed", "planned_year")
OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["plan", "batch", "resumption"]), st.integers(0, 1)), min_size=3, max_size=12
)


async def _carried_over(city: make.City) -> str:
    """Makes a project of both programs under construction since 2022, which may have any of the three kinds of rows."""
    project = await make.make_project(city, program="both", entered_on="2022-01-01")
    await make.give_five_ones(city, project["id"], "2022-01-02")
    kinds = ("local_company", "project_code", "site_secured", "project_approval", "commit_and_start")
    await make.add_evidence(city, project["id"], *kinds, on="2022-01-03")
    await make.make_deal(city, project["id"], signed_on="2022-02-01")
    await make.move(city, project["id"], "started", "2022-04-01", catch_up=True)
    found: str = project["id"]
    return found


@pytest.fixture
def carried_over(database_url: str) -> tuple[str, make.City, list[str], str]:
    async def fill() -> tuple[str, make.City, list[str], str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-01"})
            return database_url, city, [await _carried_over(city) for _ in range(2)], batch["id"]

    return asyncio.run(fill())


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(operations=OPERATIONS)
def test_what_was_said_before_each_row_is_said_after_it(
    carried_over: tuple[str, make.City, list[str], str],
    copy_of: Callable[[str], str],
    operations: list[tuple[str, int]],
) -> None:
    url, city, projects, batch = carried_over
    asyncio.run(_play(copy_of(url), city, projects, batch, operations))


async def _play(url: str, city: make.City, projects: list[str], batch: str, operations: list[tuple[str, int]]) -> None:
    async with running(url) as world:
        city = replace(city, world=world)
        standing: dict[str, set[int]] = {"plan": set(), "batch": set(), "resumption": set()}
        said = [await world.get("/totals/overview", period="2023Q1")]
        for what, number in operations:
            await _toggle(world, what, projects[number], batch, is_on=number in standing[what])
            standing[what] ^= {number}
            said.append(await world.get("/totals/overview", period="2023Q1"))
            counts = [said[-1][figure]["count"] for figure in FIGURES]
            assert counts == [len(standing[name]) for name in ("batch", "resumption", "plan")]
        for then in said:
            assert await world.get("/totals/overview", period="2023Q1", known_at=then["known_at"]) == then
        await world.holds()


async def _toggle(world: World, what: str, project: str, batch: str, *, is_on: bool) -> Any:
    """Enters the row, or withdraws the one in force."""
    path = {
        "plan": f"/plan-lists/2023/projects/{project}",
        "batch": f"/start-batches/{batch}/projects/{project}",
        "resumption": f"/projects/{project}/work-resumptions" + ("/2023" if is_on else ""),
    }[what]
    if is_on:
        return await world.post(f"{path}/withdrawal", {"reason": "示例"})
    body = {"plan": {"source": "示例"}, "batch": None, "resumption": {"on": "2023-03-10"}}[what]
    return await world.post(path, body)
