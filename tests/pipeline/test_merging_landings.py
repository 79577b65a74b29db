"""A landing counts once, through every merge of the landed record."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make
from tests.properties import asked

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
MERGE = {"reason": "示例"}
DAYS = ("2023-02-20", "2023-03-25", "2023-04-05")


@dataclass(frozen=True)
class Lines:
    """A line with a deal and two leaves, the first of which continues it, and another project with a deal."""

    city: make.City
    first: str
    second: str
    other: str


async def lines(world: World) -> Lines:
    city = await make.make_city(world)
    parent, _ = await make.make_signed(city)
    leaves = []
    for number, continues in ((1, True), (2, False)):
        name = make.distinct_name(f"{number}期")
        body = {"name": name, "phase_no": number, "from_on": "2023-02-10", "continues_parent": continues}
        leaves.append((await world.act(f"/projects/{parent['id']}", "phases", body))["id"])
    await make.give_five_ones(city, leaves[1], "2023-02-11")
    await make.move(city, leaves[1], "signed", "2023-02-12", catch_up=True)
    other, _ = await make.make_signed(city)
    return Lines(city, leaves[0], leaves[1], other["id"])


async def landed(world: World, **known: str) -> int:
    found: int = (await world.get("/totals/signings", **YEAR, **known))["same_quarter_landed"]
    return found


async def merge(world: World, merged: str, into: str) -> Any:
    return await world.act(f"/projects/{merged}", "merge", {"into_id": into, **MERGE})


@pytest.mark.anyio
async def test_the_landing_of_the_only_landed_leaf_is_entered_back(world: World) -> None:
    two = await lines(world)
    await make.land(two.city, two.first, "2023-02-20")
    await make.land(two.city, two.other, "2023-03-01")
    known_at = (await world.get("/totals/signings", **YEAR))["known_at"]
    dry = await world.get(f"/projects/{two.first}/merge", into_id=two.other)
    assert "landing" in {item["code"] for item in dry["goes_over"]}
    assert await landed(world) == 2
    await merge(world, two.first, two.other)
    assert (await landed(world), await landed(world, known_at=known_at)) == (1, 2)
    # A leaf of the line that lands in its turn counts for the deal of the line.
    await make.land(two.city, two.second, "2023-03-02")
    assert await landed(world) == 2
    await world.holds()


@pytest.mark.anyio
async def test_a_landing_stays_where_another_leaf_has_landed_in_the_quarter(world: World) -> None:
    two = await lines(world)
    for project, on in ((two.first, "2023-02-20"), (two.second, "2023-03-02"), (two.other, "2023-03-01")):
        await make.land(two.city, project, on)
    await merge(world, two.first, two.other)
    assert await landed(world) == 2
    await world.holds()


@pytest.mark.anyio
async def test_within_a_line_the_successor_says_when_it_landed(world: World) -> None:
    """The remaining leaf landed after the quarter, so the line did. Where it landed within, nothing changes."""
    two = await lines(world)
    await make.land(two.city, two.first, "2023-02-20")
    await make.land(two.city, two.second, "2023-04-05")
    assert await landed(world) == 1
    dry = await world.get(f"/projects/{two.first}/merge", into_id=two.second)
    moves = next(item["zh"] for item in dry["stays"] if item["code"] == "moves")
    assert "2023-02-20" in moves
    assert "2023-04-05" in moves
    await merge(world, two.first, two.second)
    assert await landed(world) == 0
    await world.holds()


def test_no_landing_counts_twice(two_lines: tuple[str, Lines], copy_of: Callable[[str], str]) -> None:
    url, made = two_lines

    @asked(url, 5)
    @given(
        days=st.fixed_dictionaries({name: st.sampled_from([None, *DAYS]) for name in ("first", "second", "other")}),
        into=st.sampled_from(["second", "other"]),
    )
    def counts_once(days: dict[str, str | None], into: str) -> None:
        asyncio.run(_play(copy_of(url), made, days, into))

    counts_once()


@pytest.fixture
def two_lines(database_url: str) -> tuple[str, Lines]:
    async def fill() -> tuple[str, Lines]:
        async with running(database_url) as world:
            return database_url, await lines(world)

    return asyncio.run(fill())


async def _play(url: str, made: Lines, days: dict[str, str | None], into: str) -> None:
    async with running(url) as world:
        made = replace(made, city=replace(made.city, world=world))
        for name, on in sorted(days.items(), key=lambda day: day[1] or ""):
            if on is not None:
                await make.land(made.city, getattr(made, name), on)
        known_at = (await world.get("/totals/signings", **YEAR))["known_at"]
        before = await landed(world)
        assert before == _wanted([days["first"], days["second"]], [days["other"]])
        body = {"into_id": getattr(made, into), **MERGE}
        path = f"/projects/{made.first}"
        answer = await world.send("POST", f"{path}/merge", body, version=await world.version(path))
        if days["first"] is not None and days[into] is None:
            assert answer.status_code == 409  # the merged project is at a later stage
            return
        if answer.status_code == 200:
            # The leaf that is left says when it landed, under the line it belongs to.
            assert await landed(world) == _wanted([days["second"]], [days["other"]])
        assert await landed(world, known_at=known_at) == before
        await world.holds()


def _wanted(*lines: list[str | None]) -> int:
    """Returns how many of the lines, each with a deal of 1 February, have a leaf that landed within the quarter."""
    return sum(any(on is not None and date.fromisoformat(on).month <= 3 for on in line) for line in lines)


@pytest.mark.anyio
async def test_a_successor_that_loses_its_landing_lands_with_what_was_merged_into_it(world: World) -> None:
    """Its own landing comes first, even a later one; each change of it computes the deal's credit again."""
    two = await lines(world)
    await make.land(two.city, two.first, "2023-02-20")
    await make.land(two.city, two.other, "2023-04-05")
    assert await landed(world) == 1
    await merge(world, two.first, two.other)
    assert await landed(world) == 0
    known_at = (await world.get("/totals/signings", **YEAR))["known_at"]
    path = f"/projects/{two.other}"

    async def correct(**right: Any) -> None:
        latest = next(move for move in reversed(await world.get(f"{path}/moves")) if not move["is_withdrawn"])
        body = {"reason": "示例", **right}
        await world.act(path, f"moves/{latest['id']}/correction", body)

    # Never landed by itself: the record that was merged into it did, within the quarter of its deal.
    await correct(withdraw=True)
    assert await landed(world) == 1
    await world.holds()
    await make.move(two.city, two.other, "landed", "2023-04-07")
    assert await landed(world) == 0
    await correct(happened_on="2023-03-30")
    assert await landed(world) == 1
    await correct(withdraw=True)
    assert (await landed(world), await landed(world, known_at=known_at)) == (1, 0)
    await world.holds()


@pytest.mark.anyio
async def test_a_record_that_never_walked_landed_lands_with_the_leaf_merged_into_it(world: World) -> None:
    """It joined the promotion program from construction, which has no landing, at a later stage."""
    two = await lines(world)
    city = two.city
    await make.land(city, two.first, "2023-02-20")
    built = (await make.make_project(city, program="construction"))["id"]
    await make.give_five_ones(city, built)
    await make.add_evidence(city, built, "project_approval")
    await make.move(city, built, "preparing", "2023-01-10", catch_up=True)
    await make.make_deal(city, built, signed_on="2023-01-10")
    path = f"/projects/{built}"
    both = {"program": "both", "effective_on": "2023-02-01", "reason": "示例"}
    refused = await world.send("POST", f"{path}/program-changes", both, version=await world.version(path))
    unmet = [gate["code"] for gate in refused.json()["gates"] if gate["strictness"] == "block"]
    await world.act(path, "program-changes", {**both, "override": {"gates": unmet, "reason": "示例"}})
    # The deal of the line has landed, with its first leaf; that of `built` has not.
    assert "landed" not in [move["to_stage"] for move in await world.get(f"{path}/moves")]
    assert await landed(world) == 1
    known_at = (await world.get("/totals/signings", **YEAR))["known_at"]
    await merge(world, two.first, built)
    assert (await landed(world), await landed(world, known_at=known_at)) == (1, 1)
    deals = {deal["project_id"]: deal["id"] for deal in (await world.get("/deals", status="live"))["items"]}
    assert (await world.get(f"/deals/{deals[built]}/entries"))["landed"] == 1
    await world.holds()
