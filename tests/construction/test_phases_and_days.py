"""A phase exists from a day on: no row of an earlier day is accepted for it, and no figure counts it before."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.construction.models import PlanListRow, StartBatchRow
from app.core import knowledge
from tests.conftest import World, running
from tests.factories import city as make
from tests.pipeline.test_merging_in_odd_cases import building


async def phase_of(world: World, project: str, from_on: str, phase_no: int = 1, **fields: Any) -> str:
    body = {"name": make.distinct_name(f"{phase_no}期"), "phase_no": phase_no, "from_on": from_on, **fields}
    return str((await world.act(f"/projects/{project}", "phases", body))["id"])


async def counted(world: World, period: str, **known: str) -> tuple[int, int]:
    """Returns the numbers of collective starts and of projects planned for the year."""
    found = await world.get("/totals/overview", period=period, **known)
    return found["collective_start"]["count"], found["planned_year"]["count"]


@pytest.mark.anyio
async def test_a_phase_counts_from_its_first_day_on(world: World, city: make.City) -> None:
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


@pytest.mark.anyio
async def test_rows_of_an_earlier_day_name_the_day_a_phase_began(world: World, city: make.City) -> None:
    project = await building(city, "2022-05-01")
    batch = (await world.post("/start-batches", {"name": "示例", "held_on": "2023-02-14"}))["id"]
    later = (await world.post("/start-batches", {"name": "示例", "held_on": "2023-05-01"}))["id"]
    phase = await phase_of(world, project, "2023-05-01", continues_parent=True)
    members = {"name": "示例", "held_on": "2023-04-30", "project_ids": [phase]}
    for path, body, pointer in (
        (f"/start-batches/{batch}/projects/{phase}", None, "path:project_id"),
        ("/start-batches", members, "/project_ids"),
        (f"/plan-lists/2022/projects/{phase}", {"source": "示例"}, "path:year"),
        (f"/projects/{phase}/work-resumptions", {"on": "2023-03-01"}, "/on"),
    ):
        answer = await world.send("POST", path, body)
        assert answer.status_code == 422, path
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "before_phase")
        assert "2023-05-01" in error["detail"]
    # Of its own first day and later everything is taken, and papers and amounts may be older than the phase.
    await world.post(f"/start-batches/{later}/projects/{phase}", None)
    await world.post(f"/projects/{phase}/work-resumptions", {"on": "2023-05-01"})
    await world.post(f"/plan-lists/2023/projects/{phase}", {"source": "示例"})
    await make.add_evidence(city, phase, "legality_review", on="2023-01-03")
    amount = {"kind": "filed", "value": "1.00", "effective_on": "2023-01-03", "source": "示例"}
    await world.post(f"/projects/{phase}/amounts", amount)
    await world.holds()


@pytest.mark.anyio
async def test_a_project_in_two_batches_counts_once_though_a_phase_goes_on_with_it(
    world: World, city: make.City
) -> None:
    project = (await make.make_project(city))["id"]
    await world.post("/start-batches", {"name": "示例", "held_on": "2023-02-14", "project_ids": [project]})
    phase = await phase_of(world, project, "2023-05-01", continues_parent=True)
    await world.post("/start-batches", {"name": "示例", "held_on": "2023-05-10", "project_ids": [phase]})
    assert [(await counted(world, period))[0] for period in ("2023Q1", "2023Q2", "2023")] == [1, 1, 1]


@pytest.mark.anyio
async def test_check_lists_rows_of_a_phase_before_it_was_one(world: World, city: make.City) -> None:
    """Rows that were taken before they were refused: no figure counts them, and the check names them."""
    project = (await make.make_project(city))["id"]
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-02-14", "project_ids": [project]})
    phase = await phase_of(world, project, "2023-05-01")
    async with world.database.writing() as session:
        event_id = await session.scalar(select(StartBatchRow.event_id).limit(1))
        own: dict[str, Any] = {"project_id": UUID(phase), "seq": 1, "is_withdrawn": False, "event_id": event_id}
        own["recorded_at"] = await knowledge.take(session)
        session.add(StartBatchRow(**{**own, "batch_id": UUID(batch["id"])}))
        session.add(PlanListRow(**{**own, "year": 2022, "source": "示例"}))
    assert await counted(world, "2023Q1") == (1, 0)
    found = [finding for finding in await world.findings() if finding.rule == "before_phase"]
    assert len(found) == 2
    assert all("2023-05-01" in finding.what.en for finding in found)


LISTED = st.fixed_dictionaries({name: st.booleans() for name in ("project", "phase", "second")})


@pytest.fixture
def one_project(database_url: str) -> tuple[str, make.City, str]:
    async def fill() -> tuple[str, make.City, str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            return database_url, city, (await make.make_project(city))["id"]

    return asyncio.run(fill())


@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(listed=LISTED, batched=LISTED, from_on=st.sampled_from(["2023-03-31", "2023-04-20"]), continues=st.booleans())
def test_a_line_counts_once_and_never_not_at_all(
    one_project: tuple[str, make.City, str],
    copy_of: Callable[[str], str],
    listed: dict[str, bool],
    batched: dict[str, bool],
    from_on: str,
    continues: bool,
) -> None:
    url, city, project = one_project
    asyncio.run(_play(copy_of(url), city, project, listed, batched, from_on, continues))


async def _play(
    url: str,
    city: make.City,
    project: str,
    listed: dict[str, bool],
    batched: dict[str, bool],
    from_on: str,
    continues: bool,
) -> None:
    periods = ("2023Q1", "2023H1", "2023")
    async with running(url) as world:
        city = replace(city, world=world)
        held = [("2023-02-14", "project"), ("2023-05-10", "phase")]
        batches = {name: await world.post("/start-batches", {"name": "示例", "held_on": on}) for on, name in held}
        said: list[tuple[dict[str, Any], str]] = []

        async def put_on_record(name: str, record_id: str) -> None:
            # The phase that continues it already has the row on record as its own.
            is_listed = name == "phase" and continues and listed["project"]
            if listed[name] and not is_listed:
                await world.post(f"/plan-lists/2023/projects/{record_id}", {"source": "示例"})
            if name in batches and batched[name]:
                await world.post(f"/start-batches/{batches[name]['id']}/projects/{record_id}", None)
            for period in periods:
                said.append((await world.get("/totals/overview", period=period), period))

        await put_on_record("project", project)
        phase = await phase_of(world, project, from_on, continues_parent=continues)
        await put_on_record("phase", phase)
        second = await phase_of(world, project, "2023-05-20", 2)
        await put_on_record("second", second)
        for period, end in zip(periods, ("2023-03-31", "2023-06-30", "2023-12-31"), strict=True):
            starts, planned = await counted(world, period)
            has_phase, has_second = end >= from_on, end >= "2023-05-20"
            of_phase = listed["phase"] or (continues and listed["project"])
            leaves = [name for name, is_one in (("phase", has_phase and of_phase), ("second", has_second)) if is_one]
            leaves = [name for name in leaves if name != "second" or listed["second"]]
            assert planned == max(len(leaves), any(listed.values())), (period, leaves)
            opened = [batched["project"], end >= "2023-05-10" and batched["phase"]]
            assert starts == (any(opened) if continues else sum(opened))
        for then, period in said:
            assert await world.get("/totals/overview", period=period, known_at=then["known_at"]) == then
        await world.holds()
