"""Facets, board columns and sums are what the rows of the list add up to, as the leader and as a district."""

import asyncio
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.organizations import service as organizations
from app.organizations.models import Unit
from tests.conftest import LOCAL_PERSON, World, running

DISTRICT = "210404"
DIMENSIONS = "stage,status,program,unit,place,task_force,industry,investor,leader,origin,ownership,is_overdue"


async def walked(world: World, path: str, **asked: Any) -> list[Any]:
    """Returns all rows of a list, page by page."""
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.get(path, **asked, limit=200, **cursor)
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        cursor = {"cursor": page["next_cursor"]}


def added_up(rows: list[Any]) -> tuple[list[Any], dict[str, int]]:
    """Returns the sums by pool and what they leave out, computed from rows."""
    counted = [row for row in rows if not row["is_parent"] and row["status"] not in ("terminated", "merged")]
    sums = []
    for pool in ("promotion", "construction"):
        of_pool = [row for row in counted if row["program"] in (pool, "both")]
        amounts = [Decimal(row["planned_total"]) for row in of_pool if row["planned_total"] is not None]
        if of_pool:
            without = len(of_pool) - len(amounts)
            sums.append((pool, len(of_pool), f"{sum(amounts, Decimal(0)):.2f}", without))
    out = [row for row in rows if not row["is_parent"]]
    ended = Counter(row["status"] for row in out)
    left_out = {"parents": len(rows) - len(out), "terminated": ended["terminated"], "merged": ended["merged"]}
    return sums, left_out


def said(answer: Any) -> tuple[list[Any], dict[str, int]]:
    sums = [(one["pool"], one["count"], one["planned_total"], one["without_amount"]) for one in answer["sum"]]
    return sums, answer["left_out"]


def test_facets_columns_and_sums_add_up(sample_copy: str) -> None:
    async def all_of_it() -> None:
        async with running(sample_copy) as world:
            await some_endings(world)
            await agree(world)
            async with world.database.reading() as session:
                unit_id = (await session.scalars(select(Unit.id).where(Unit.code == DISTRICT))).one()
            day = (await world.get("/pipeline/board", cards=0))["today"]
            below = await subtree(world, unit_id, day)
            world.actor = replace(LOCAL_PERSON, unit_ids=frozenset(below))
            everything = await agree(world)
            assert 0 < everything < 765

    asyncio.run(all_of_it())


async def subtree(world: World, unit_id: UUID, day: str) -> list[UUID]:
    from datetime import date

    async with world.database.reading() as session:
        return list(await session.scalars(organizations.subtree(unit_id, date.fromisoformat(day))))


async def some_endings(world: World) -> None:
    """Pauses one and ends one of construction too: in the sample only promotion projects are."""
    rows = (await world.get("/projects", stage="screened", program="construction", is_leaf="true", limit=4))["items"]
    day = (await world.get("/pipeline/board", cards=0))["today"]
    reason = {"happened_on": day, "reason": "示例"}
    for row, verb, body in (
        (rows[0], "pause", {**reason, "resume_expected_on": "2024-01-01"}),
        (rows[1], "termination", {**reason, "reason_code": "other"}),
    ):
        await world.act(f"/projects/{row['id']}", verb, body)


async def agree(world: World) -> int:
    """Asserts it for every dimension. Returns the number of projects."""
    rows = await walked(world, "/projects")
    page = await world.get("/projects", **{"with": "count,sum"}, limit=1)
    assert page["count"]["value"] == len(rows)
    assert said(page) == added_up(rows)
    assert len(page["sum"]) == 2

    answer = await world.get("/projects/facets", by=DIMENSIONS)
    for dimension, facet in answer["facets"].items():
        assert facet["is_whole"]
        assert sum(one["count"] for one in facet["items"]) == len(rows), dimension
        assert len({one["key"] for one in facet["items"]}) == len(facet["items"])
        for one in facet["items"][:6] + facet["items"][-2:]:
            assert one["zh"]
            if dimension == "place" or (one["key"] is None and dimension not in ("unit", "task_force", "leader")):
                continue
            key = {facet["filter"]: one["key"] or "none"}
            chosen = await walked(world, "/projects", **key)
            assert len(chosen) == one["count"], (dimension, one)
            assert said(one) == added_up(chosen), (dimension, one)

    asked = {"pool": "construction", "program": "both,construction"}
    assert (await world.get("/projects/facets", by="stage", **asked))["filter"] == asked
    board = await world.get("/pipeline/board", cards=3)
    assert board["filter"] == {"status": "active", "is_leaf": True}
    on_board = [row for row in rows if row["status"] == "active" and not row["is_parent"]]
    assert sum(column["count"] for column in board["columns"]) == len(on_board)
    for column in board["columns"]:
        of_stage = [row for row in on_board if row["stage"] == column["stage"]]
        assert (column["count"], column["overdue"]) == (len(of_stage), sum(row["is_overdue"] for row in of_stage))
        assert said({**column, "left_out": None})[0] == added_up(of_stage)[0]
        cards = []
        cursor = ""
        while cursor is not None:
            url = column["cards_url"] + "&limit=200" + (f"&cursor={cursor}" if cursor else "")
            part = (await world.client.get(url)).json()
            cards += part["items"]
            cursor = part["next_cursor"]
        assert {card["id"] for card in cards} == {row["id"] for row in of_stage}
        assert [card["due_on"] or "9" for card in cards] == sorted(card["due_on"] or "9" for card in cards)
        assert column["cards"] == cards[:3]
        by_id = {row["id"]: row for row in of_stage}
        for card in cards[:5]:
            assert {name: by_id[card["id"]][name] for name in card} == card
    return len(rows)
