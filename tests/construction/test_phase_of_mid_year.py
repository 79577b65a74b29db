"""A phase formed in the middle of a year: before its first day its parent counts, with its own amounts or, where it
states none, those of its phases; from that day on the leaves do. Nothing is counted twice or dropped."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.construction.models import StartBatch, StartBatchRow
from app.core import knowledge
from tests.conftest import World
from tests.construction.test_phases_and_days import phase_of
from tests.factories import city as make
from tests.pipeline.test_merging_in_odd_cases import building

pytestmark = pytest.mark.anyio

COUNT = {"with": "count"}
PERIODS = ("2023Q1", "2023H1", "2023")
KINDS = ("planned_total", "planned_this_year")


async def state(world: World, project: str, **values: int) -> None:
    """Records amounts in whole yuan, valid from 5 January 2023 on."""
    for kind, value in values.items():
        year = {"year": 2023} if kind == "planned_this_year" else {}
        body = {"kind": kind, "value": f"{value}.00", "effective_on": "2023-01-05", "source": "示例", **year}
        await world.post(f"/projects/{project}/amounts", body)


async def overviews(world: World) -> dict[str, Any]:
    return {period: await world.get("/totals/overview", period=period) for period in PERIODS}


def planned(found: dict[str, Any]) -> list[tuple[int, int, int]]:
    """Returns for each period the number planned for the year, planned total and planned this year in yuan."""
    return [
        (one["count"], *(int(Decimal(one["amount"][kind])) for kind in KINDS))
        for one in (found[period]["planned_year"] for period in PERIODS)
    ]


async def said_again(world: World, *before: dict[str, Any]) -> None:
    """Asserts that each earlier answer is given again for its moment."""
    for found in before:
        for period, then in found.items():
            assert await world.get("/totals/overview", period=period, known_at=then["known_at"]) == then


@pytest.mark.parametrize("continues", [True, False])
@pytest.mark.parametrize("stated", [{}, {"planned_total": 12, "planned_this_year": 4}, {"planned_total": 12}])
async def test_a_row_older_than_the_phase_it_went_over_to(
    world: World, city: make.City, continues: bool, stated: dict[str, int]
) -> None:
    parent, other = [(await make.make_project(city, unit_id=unit))["id"] for unit in city.districts]
    await state(world, parent, **stated)
    await state(world, other, planned_total=5, planned_this_year=2)
    await world.post(f"/plan-lists/2023/projects/{other}", {"source": "示例"})
    phase = await phase_of(world, parent, "2023-05-01", continues_parent=continues)
    before = await overviews(world)
    assert planned(before) == [(1, 5, 2)] * 3
    await world.act(f"/projects/{other}", "merge", {"into_id": phase, "reason": "示例"})
    after = await overviews(world)
    # In the first quarter there was no phase: its parent counts as a whole, with its own amounts.
    whole = {"planned_total": 5, "planned_this_year": 2} | stated
    # A phase that continues its parent reads the parent's plan for the year as its own.
    own = stated.get("planned_this_year", 2) if continues else 2
    assert planned(after) == [(1, whole["planned_total"], whole["planned_this_year"]), (1, 5, own), (1, 5, own)]
    owners = [
        (await world.get("/totals/planned-year/rows", period=period))["items"][0]["unit_id"] for period in PERIODS
    ]
    assert owners == [city.districts[0]] * 3
    await said_again(world, before, after)
    await world.holds()


async def test_what_is_stated_of_the_phases_adds_up_to_their_parent(world: World, city: make.City) -> None:
    """Two listed records, each merged into a phase of one project that states no amount of its own."""
    parent, *others = [(await make.make_project(city))["id"] for _ in range(3)]
    for other, total in zip(others, (5, 8), strict=True):
        await state(world, other, planned_total=total, planned_this_year=1)
        await world.post(f"/plan-lists/2023/projects/{other}", {"source": "示例"})
    phases = [await phase_of(world, parent, on, no) for no, on in ((1, "2023-05-01"), (2, "2023-05-20"))]
    before = await overviews(world)
    assert planned(before) == [(2, 13, 2)] * 3
    for other, phase in zip(others, phases, strict=True):
        await world.act(f"/projects/{other}", "merge", {"into_id": phase, "reason": "示例"})
    after = await overviews(world)
    assert planned(after) == [(1, 13, 2), (2, 13, 2), (2, 13, 2)]
    await said_again(world, before, after)


async def test_a_resumption_and_a_batch_of_before_the_phase_keep_their_amount(world: World, city: make.City) -> None:
    """They belong to the parent that the phase continues, and the phase states no amount of its own."""
    parent, other = [await building(city, "2022-05-01") for _ in range(2)]
    ceremony = {"name": "示例", "held_on": "2023-02-14", "project_ids": [other]}
    for project in (parent, other):
        ruled = {"program": "both", "effective_on": "2023-01-02", "reason": "示例"}
        answer = await world.send(
            "POST", f"/projects/{project}/program-changes", ruled, version=await world.version(f"/projects/{project}")
        )
        assert answer.status_code in (201, 409), answer.text
    await state(world, other, planned_total=5)
    batch = await world.post("/start-batches", ceremony)
    await world.post(f"/projects/{other}/work-resumptions", {"on": "2023-03-10"})
    await world.post(f"/plan-lists/2022/projects/{other}", {"source": "示例"})
    phase = await phase_of(world, parent, "2023-05-01", continues_parent=True)
    before = await overviews(world)
    await world.act(f"/projects/{other}", "merge", {"into_id": phase, "reason": "示例"})
    after = await overviews(world)
    for name in ("started_or_resumed", "collective_start"):
        for period in PERIODS:
            one, then = after[period][name], before[period][name]
            assert {key: one[key] for key in ("count", "amount", "without_amount")} == {
                key: then[key] for key in ("count", "amount", "without_amount")
            }, (name, period)
    assert batch["count"]["value"] == 1
    await said_again(world, before)
    await world.holds()


async def test_two_batches_of_one_project_count_once_whatever_was_merged(world: World, city: make.City) -> None:
    parent, other = [(await make.make_project(city))["id"] for _ in range(2)]
    for project, on in ((parent, "2023-02-14"), (other, "2023-03-10")):
        await world.post("/start-batches", {"name": "示例", "held_on": on, "project_ids": [project]})
    phase = await phase_of(world, parent, "2023-05-01", continues_parent=True)
    before = await overviews(world)
    await world.act(f"/projects/{other}", "merge", {"into_id": phase, "reason": "示例"})
    after = await overviews(world)
    starts = [[found[period]["collective_start"]["count"] for period in PERIODS] for found in (before, after)]
    assert starts == [[2, 2, 2], [1, 1, 1]]
    await said_again(world, before)
    await world.holds()


FIRST_DAYS = ("2023-05-09", "2023-05-10", "2023-05-11")


@pytest.mark.parametrize("continues", [True, False])
@pytest.mark.parametrize("from_on", FIRST_DAYS)
async def test_a_first_phase_takes_no_row_of_its_parent_out_of_the_figures(
    world: World, city: make.City, from_on: str, continues: bool
) -> None:
    batched = (await make.make_project(city))["id"]
    built = await building(city, "2022-05-01")
    for project in (batched, built):
        await state(world, project, planned_total=5)
        await world.post(f"/plan-lists/2023/projects/{project}", {"source": "示例"})
    await world.post("/start-batches", {"name": "示例", "held_on": "2023-05-10", "project_ids": [batched]})
    await world.post(f"/projects/{built}/work-resumptions", {"on": "2023-05-10"})
    before = await overviews(world)
    body = {"phase_no": 1, "from_on": from_on, "continues_parent": continues}
    for project in (batched, built):
        path = f"/projects/{project}"
        named = {**body, "name": make.distinct_name("一期")}
        answer = await world.send("POST", f"{path}/phases", named, version=await world.version(path))
        if continues or from_on > "2023-05-10":
            assert answer.status_code == 201, answer.text
            await phase_of(world, project, from_on, 2)  # the first reads the rows, or none is late
            continue
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["code"]) == (422, "/from_on", "parent_has_rows")
        assert "2023-05-10" in error["detail"]
    after = await overviews(world)
    for period in PERIODS:
        for name in ("started_or_resumed", "collective_start", "planned_year"):
            assert after[period][name]["count"] == before[period][name]["count"], (period, name)
    await world.holds()


@pytest.mark.parametrize("continues", [True, False])
async def test_a_start_of_the_day_of_the_first_phase_still_counts(
    world: World, city: make.City, continues: bool
) -> None:
    project = await building(city, "2023-05-10")
    await state(world, project, planned_total=5)
    before = await overviews(world)
    assert before["2023H1"]["started_or_resumed"]["count"] == 1
    await phase_of(world, project, "2023-05-10", continues_parent=continues)
    after = await overviews(world)
    for period in PERIODS:
        assert after[period]["started_or_resumed"]["count"] == before[period]["started_or_resumed"]["count"], period
    await world.holds()


async def test_a_parent_counts_again_once_its_phase_was_listed_by_mistake(world: World, city: make.City) -> None:
    parent = (await make.make_project(city))["id"]
    await state(world, parent, planned_total=12, planned_this_year=4)
    await world.post(f"/plan-lists/2023/projects/{parent}", {"source": "示例"})
    phase = await phase_of(world, parent, "2023-05-01")
    before = await overviews(world)
    assert planned(before) == [(1, 12, 4)] * 3
    await world.post(f"/plan-lists/2023/projects/{phase}", {"source": "示例"})
    listed = await overviews(world)
    assert planned(listed) == [(1, 12, 4), (1, 0, 0), (1, 0, 0)]
    await world.post(f"/plan-lists/2023/projects/{phase}/withdrawal", {"reason": "示例"})
    assert planned(await overviews(world)) == planned(before)
    await said_again(world, before, listed)


async def listed(world: World, on: str) -> list[tuple[str, bool, list[str]]]:
    """Returns the list of a day, page by page: each project, whether as a whole line, and by whose rows. Asserts that
    it equals the rows of the figure for a period that ends on that day, with amounts and places."""
    items: list[Any] = []
    page = await world.get("/plan-lists/2023", on=on, limit=1, **COUNT)
    items += page["items"]
    while page["next_cursor"]:
        page = await world.get("/plan-lists/2023", on=on, limit=1, cursor=page["next_cursor"], **COUNT)
        items += page["items"]
    period = {"2023-03-31": "2023Q1", "2023-06-30": "2023H1", "2023-12-31": "2023"}[on]
    rows = (await world.get("/totals/planned-year/rows", period=period, limit=200))["items"]
    names = ("unit_id", "task_force_id", "program", *KINDS)
    assert [[one["id"], *(one[name] for name in names)] for one in items] == [
        [row["project"]["id"], *(row[name] for name in names)] for row in rows
    ]
    assert page["count"]["value"] == len(rows)
    return [(one["id"], one["is_whole_line"], one["listed_as"]) for one in items]


@pytest.mark.parametrize("continues", [True, False])
async def test_the_list_tells_the_rows_of_the_figure(world: World, city: make.City, continues: bool) -> None:
    parent, plain, merged = [(await make.make_project(city, unit_id=city.districts[n % 2]))["id"] for n in range(3)]
    await state(world, parent, planned_total=12)
    for project in (parent, plain, merged):
        await state(world, project, planned_this_year=3)
        await world.post(f"/plan-lists/2023/projects/{project}", {"source": "示例"})
    ruled = {"unit_id": city.districts[0], "ruled_on": "2023-04-20", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{plain}", "transfers", ruled)
    codes = {one: (await world.get(f"/projects/{one}"))["code"] for one in (parent, plain, merged)}
    days = ("2023-03-31", "2023-06-30", "2023-12-31")
    phases = [
        await phase_of(world, parent, on, no, continues_parent=continues and no == 1)
        for no, on in ((1, "2023-05-01"), (2, "2023-05-20"))
    ]
    codes |= {one: (await world.get(f"/projects/{one}"))["code"] for one in phases}

    async def told(on: str) -> dict[str, tuple[bool, list[str]]]:
        return {one: (whole, by) for one, whole, by in await listed(world, on)}

    for on in days:
        # A phase that goes on with its parent reads its row; else the parent counts for all of its phases.
        one = phases[0] if continues and on > days[0] else parent
        found = await told(on)
        assert found[one] == (one == parent, [codes[parent]])
        assert set(found) == {one, plain, merged}
    await world.act(f"/projects/{merged}", "merge", {"into_id": phases[1], "reason": "示例"})
    for on in days:
        found = await told(on)
        if on == days[0]:
            assert found == {
                plain: (False, [codes[plain]]),
                parent: (True, sorted((codes[parent], codes[phases[1]]))),
            }
        else:
            own = {phases[0]: (False, [codes[parent]])} if continues else {}
            assert found == {plain: (False, [codes[plain]]), phases[1]: (False, [codes[phases[1]]]), **own}
    for unit in city.districts:  # by the unit of the day: one was passed on in April
        then = await world.get("/plan-lists/2023", on="2023-03-31", unit_id=unit, **COUNT)
        figure = await world.get("/totals/overview", period="2023Q1", unit_id=unit)
        assert then["count"]["value"] == figure["planned_year"]["count"] == 1
    answer = await world.send("GET", "/plan-lists/2023?on=2022-12-31")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "not_in_year")


async def test_check_lists_rows_of_a_parent_that_no_figure_counts(world: World, city: make.City) -> None:
    """Rows that were taken before such a phase was refused; withdrawing them mends it."""
    parent = (await make.make_project(city))["id"]
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-05-10"})
    await phase_of(world, parent, "2023-05-10")
    async with world.database.writing() as session:
        event_id = await session.scalar(select(StartBatch.event_id))
        own: dict[str, Any] = {"project_id": UUID(parent), "batch_id": UUID(batch["id"]), "event_id": event_id}
        session.add(StartBatchRow(**own, seq=1, is_withdrawn=False, recorded_at=await knowledge.take(session)))
    (found,) = [finding for finding in await world.findings() if finding.rule == "parent_rows"]
    assert "2023-05-10" in found.what.en
    await world.post(f"/start-batches/{batch['id']}/projects/{parent}/withdrawal", {"reason": "示例"})
    assert [finding for finding in await world.findings() if finding.rule == "parent_rows"] == []
