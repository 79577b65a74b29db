"""Random pairs of records are merged; figures and board count the facts of both, now and as known before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make
from tests.pipeline.test_merging_in_odd_cases import building
from tests.properties import asked

PERIODS = {"2023Q1": "2023-03-31", "2023H1": "2023-06-30", "2023": "2023-12-31"}
DAYS = ("2023-02-01", "2023-03-10", "2023-05-02")
KINDS = ("planned_total", "planned_this_year")


@dataclass
class Stated:
    """The facts recorded of one project."""

    listed: bool
    batched: bool
    resumed: bool
    amounts: dict[str, dict[str, int]] = field(default_factory=dict)

    def amount(self, kind: str, day: str) -> int | None:
        """Returns the version valid on a day."""
        return max(((on, value) for on, value in self.amounts[kind].items() if on <= day), default=("", None))[1]


AMOUNTS = st.fixed_dictionaries(
    {kind: st.dictionaries(st.sampled_from(DAYS), st.integers(1, 9), max_size=2) for kind in KINDS}
)
STATED = st.builds(Stated, st.booleans(), st.booleans(), st.booleans(), AMOUNTS)


@pytest.fixture
def pairs(database_url: str) -> tuple[str, make.City, dict[str, list[str]], str]:
    """Two records of a project that was entered, and two of one under construction since last year."""

    async def fill() -> tuple[str, make.City, dict[str, list[str]], str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-01"})
            entered = [(await make.make_project(city))["id"] for _ in range(2)]
            built = [await building(city, "2022-05-01") for _ in range(2)]
            return database_url, city, {"entered": entered, "built": built}, batch["id"]

    return asyncio.run(fill())


def test_a_merge_counts_what_the_two_stated(
    pairs: tuple[str, make.City, dict[str, list[str]], str], copy_of: Callable[[str], str]
) -> None:
    url, city, ids, batch = pairs

    @asked(url, 6)
    @given(which=st.sampled_from(["entered", "built"]), merged=STATED, successor=STATED)
    def counts(which: str, merged: Stated, successor: Stated) -> None:
        asyncio.run(_play(copy_of(url), city, ids[which], batch, merged, successor, is_built=which == "built"))

    counts()


async def _play(
    url: str, city: make.City, pair: list[str], batch: str, merged: Stated, successor: Stated, *, is_built: bool
) -> None:
    async with running(url) as world:
        city = replace(city, world=world)
        for project, stated in zip(pair, (merged, successor), strict=True):
            stated.resumed = stated.resumed and is_built
            await _put_on_record(world, project, batch, stated)
        before = await _overviews(world)
        for period, day in PERIODS.items():
            _compare(before[period], [merged, successor], day, is_built=is_built)
        await world.act(f"/projects/{pair[0]}", "merge", {"into_id": pair[1], "reason": "示例"})
        after = await _overviews(world)
        whole = _joined(merged, successor)
        for period, day in PERIODS.items():
            _compare(after[period], [whole], day, is_built=is_built)
        board = await world.get("/pipeline/board")
        today = whole.amount("planned_total", "2023-06-01") or 0
        sums = dict.fromkeys(("promotion", "construction"), Decimal(0))
        for one in (one for column in board["columns"] for one in column["sum"]):
            sums[one["pool"]] += Decimal(one["planned_total"])
        assert max(sums.values()) == Decimal(today), "a project of both programs is in both pools"
        for period in PERIODS:
            known_at = before[period]["known_at"]
            assert await world.get("/totals/overview", period=period, known_at=known_at) == before[period]
        await world.holds()


async def _put_on_record(world: World, project: str, batch: str, stated: Stated) -> None:
    for kind, versions in stated.amounts.items():
        year = {"year": 2023} if kind == "planned_this_year" else {}
        for day, value in versions.items():
            body = {"kind": kind, "value": f"{value}.00", "effective_on": day, "source": "示例", **year}
            await world.post(f"/projects/{project}/amounts", body)
    if stated.listed:
        await world.post(f"/plan-lists/2023/projects/{project}", {"source": "示例"})
    if stated.batched:
        await world.post(f"/start-batches/{batch}/projects/{project}", None)
    if stated.resumed:
        await world.post(f"/projects/{project}/work-resumptions", {"on": "2023-03-10"})


async def _overviews(world: World) -> dict[str, Any]:
    return {period: await world.get("/totals/overview", period=period) for period in PERIODS}


def _joined(merged: Stated, successor: Stated) -> Stated:
    """Returns the facts of the record that remains: the successor's, and before its first day those of the merged
    one."""
    amounts = {
        kind: {
            day: value
            for day, value in merged.amounts[kind].items()
            if day < min(successor.amounts[kind], default="9999-12-31")
        }
        | successor.amounts[kind]
        for kind in KINDS
    }
    return Stated(
        merged.listed or successor.listed,
        merged.batched or successor.batched,
        merged.resumed or successor.resumed,
        amounts,
    )


def _compare(found: dict[str, Any], stated: list[Stated], end: str, *, is_built: bool) -> None:
    def total(projects: list[Stated], kind: str, day: str) -> Decimal:
        return Decimal(sum(project.amount(kind, day) or 0 for project in projects))

    listed = [project for project in stated if project.listed]
    planned = found["planned_year"]
    assert planned["count"] == len(listed)
    for kind in KINDS:
        assert Decimal(planned["amount"][kind]) == total(listed, kind, end), kind
    # A construction project is in no collective start of promotion projects.
    batched = [] if is_built else [project for project in stated if project.batched]
    for name, counted, day in (
        ("collective_start", batched, "2023-03-01"),
        ("started_or_resumed", [project for project in stated if project.resumed], end),
    ):
        assert found[name]["count"] == len(counted)
        assert Decimal(found[name]["amount"]) == total(counted, "planned_total", day), name
