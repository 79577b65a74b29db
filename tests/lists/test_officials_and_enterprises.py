"""Rows of officials and enterprises count what their reader sees, as the lists they lead to and plain SQL do."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core.actor import Actor
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import two_districts
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.search.test_scope_of_search import actors, scopes

pytestmark = pytest.mark.anyio


async def listed(world: World, url: str) -> list[dict[str, Any]]:
    page = await world.get(url.removeprefix("/api/v1"))
    assert page["next_cursor"] is None
    rows: list[dict[str, Any]] = page["items"]
    return rows


async def test_what_an_official_leads_is_what_the_reader_sees(world: World) -> None:
    two = await two_districts(world)
    world.clock.set(2023, 9, 1)
    seen, costs = set(), set()
    for actor in (*actors(two), LOCAL_PERSON):
        world.actor = actor
        with counted(world) as statements:
            officials = (await world.get("/officials?with=led"))["items"]
        costs.add(len(statements))
        assert all(row["led"] is None for row in (await world.get("/officials"))["items"])
        gaps = {row["id"] for row in (await world.get("/five-ones/gaps"))["items"]}
        for official in officials:
            led = official["led"]
            projects = await listed(world, led["projects_url"])
            assert led["projects"] == len(projects)
            assert led["overdue"] == len(await listed(world, led["overdue_url"]))
            assert led["gaps"] == len([project for project in projects if project["id"] in gaps])
            open_gaps = await listed(world, led["gaps_url"])
            assert led["gaps"] == len(open_gaps)
            assert all(row["leader"]["id"] == row["leader_id"] == official["id"] for row in open_gaps)
            assert {row["id"] for row in open_gaps} <= gaps
            seen.add((led["projects"], led["overdue"] > 0, led["gaps"] > 0))
    assert {projects for projects, *_ in seen} == {0, 1, 2}
    assert {True, False} == {overdue for _, overdue, _ in seen} == {gap for *_, gap in seen}
    assert max(costs) <= 5


async def business(world: World, actor: Actor, investor: str) -> tuple[Any, ...]:
    """Returns what an enterprise invests in, of what the actor sees, by plain SQL."""
    scope, found = scopes(world, actor), []
    of_investor = f"investor_id = '{UUID(investor).hex if world.database.is_sqlite else investor}'"
    live = f"kind = 'formal' AND status = 'live' AND {scope['deals']}"
    in_scope = f"project_id IN (SELECT id FROM projects WHERE {scope['projects']}"
    async with world.database.reading() as session:
        for query in (
            f"SELECT count(*) FROM projects WHERE {of_investor} AND {scope['projects']}",
            f"SELECT count(*) FROM deals WHERE {of_investor} AND {live}",
            f"SELECT coalesce(sum(agreed_amount), 0) FROM deals WHERE {of_investor} AND {live}",
            f'SELECT max("on") FROM follow_ups WHERE with_investor AND {in_scope} AND {of_investor})',
        ):
            found.append(await session.scalar(text(query)))
    projects, deals, amount, last = found
    return projects, deals, int(amount), None if last is None else str(last)


async def test_the_business_of_an_enterprise_is_what_the_reader_sees(world: World) -> None:
    two = await two_districts(world)
    await make.make_lead(two.city)  # brings an investor without projects
    seen, costs = set(), set()
    for actor in (*actors(two), LOCAL_PERSON):
        world.actor = actor
        with counted(world) as statements:
            rows = (await world.get("/enterprises?with=business"))["items"]
        costs.add(len(statements))
        for row in rows:
            told = row["business"]
            assert told["projects"] == len(await listed(world, told["projects_url"]))
            amount = int(told["signed_amount"].replace(".", ""))
            found = told["projects"], told["deals"], amount, told["last_contact_on"]
            assert found == await business(world, actor, row["id"])
            seen.add(found)
    assert len(seen) > 3
    assert any(not found[0] for found in seen)
    assert max(costs) <= 2
