"""A row shows the strokes that the page of its project shows, after any sequence of acts and on any day."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.roles import Role
from app.five_ones.schemas import GapKind
from app.organizations.models import Unit
from tests.conftest import World, running
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.lists.test_facets import DISTRICT, subtree, walked
from tests.pipeline.test_random_verbs import EVIDENCE, PROJECT_VERBS, START
from tests.properties import asked

PEOPLE_VERBS = ("leader", "hand_over", "team", "plan", "follow_up", "end_post", "new_post", "wait")
SEQUENCES = st.lists(
    st.tuples(st.sampled_from([*PEOPLE_VERBS, *PEOPLE_VERBS, *PROJECT_VERBS]), st.integers(0, 60), st.integers(0, 3)),
    min_size=5,
    max_size=14,
)


async def strokes_agree(world: World) -> int:
    """Asserts that rows, cards and gaps say what the pages say. Returns the number of projects."""
    rows = (await world.get("/projects", limit=200))["items"]
    gaps = {gap["id"] for gap in (await world.get("/five-ones/gaps", limit=200))["items"]}
    complete = {row["id"] for row in (await world.get("/projects", five_ones="complete", limit=200))["items"]}
    overdue = {row["id"] for row in (await world.get("/projects", is_overdue="true", limit=200))["items"]}
    for row in rows:
        page = await world.get(f"/projects/{row['id']}/five-ones")
        shown = {one["code"]: one["state"] for one in page["ones"]}
        assert row["five_ones"] == shown, (row["name"], row["stage"], row["status"], page)
        assert (row["id"] in complete) == page["is_complete"]
        assert row["is_overdue"] == (row["id"] in overdue) == (page["late_on"] is not None and not row["is_parent"])
        assert (row["clock"]["due_on"] if row["clock"] else None) == row["due_on"]
        if row["is_overdue"]:
            assert row["id"] in gaps
            assert row["clock"]["days_left"] < 0
            assert row["clock"]["share"] > 1
    await gaps_agree(world)
    return len(rows)


async def gaps_agree(world: World) -> dict[str, int]:
    """Asserts that the filter of projects finds the rows of the list of gaps, all and of each kind. Returns how many
    it finds."""
    gaps = await walked(world, "/five-ones/gaps")
    found = {}
    for kind in (None, *GapKind):
        value = "gap" if kind is None else f"gap_{kind}"
        listed = {gap["id"] for gap in gaps if kind is None or gap[kind]}
        assert {row["id"] for row in await walked(world, "/projects", five_ones=value)} == listed, value
        found[value] = len(listed)
    return found


def test_the_filter_finds_the_gaps_of_the_sample(sample_copy: str) -> None:
    async def all_of_it() -> None:
        async with running(sample_copy) as world:
            async with world.database.reading() as session:
                codes = select(Unit.id).where(Unit.code.in_([DISTRICT, "210400-GX"])).order_by(Unit.code)
                department, district = await session.scalars(codes)
            below = await subtree(world, district, (await world.get("/pipeline/board", cards=0))["today"])
            found = [
                await gaps_agree(as_actor(world, role, units))
                for role, units in ((Role.leader, []), (Role.district, below), (Role.department, [department]))
            ]
            everything, of_district, of_department = (counts["gap"] for counts in found)
            assert 0 < of_district < everything
            assert 0 < of_department < everything
            lacking = await walked(
                as_actor(world, Role.leader, []), "/projects", five_ones="lacks_leader,lacks_team,lacks_plan"
            )
            assert len(lacking) > everything, "it counts what is not due yet"

    asyncio.run(all_of_it())


def as_actor(world: World, role: Role, units: list[Any]) -> World:
    world.actor = clerk(role, units=[str(unit) for unit in units])
    return world


def test_rows_show_what_pages_show_after_any_sequence(
    prepared: tuple[str, make.City, str], copy_of: Callable[[str], str]
) -> None:
    url, city, project_id = prepared

    @asked(url, 20)
    @given(sequence=SEQUENCES)
    def agree(sequence: list[tuple[str, int, int]]) -> None:
        asyncio.run(_play(copy_of(url), city, project_id, sequence))

    agree()


@pytest.fixture
def prepared(database_url: str) -> tuple[str, make.City, str]:
    async def fill() -> tuple[str, make.City, str]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            project = await make.make_project(city)
            await make.add_evidence(city, project["id"], *EVIDENCE)
            return database_url, city, project["id"]

    return asyncio.run(fill())


async def _play(url: str, city: make.City, project_id: str, sequence: list[tuple[str, int, int]]) -> None:
    async with running(url) as world:
        targets = [project_id]
        for verb, days, n in sequence:
            day = (START + timedelta(days=days)).isoformat()
            path = f"/projects/{targets[n % len(targets)]}"
            if verb == "wait":
                later = date(2023, 6, 1) + timedelta(days=days)
                world.clock.set(later.year, later.month, later.day)
                continue
            status, answer = await _do(world, city, path, verb, day, n)
            assert status < 500, (verb, answer)
            if verb == "phase" and status == 201:
                targets.append(answer["id"])
        assert await strokes_agree(world) == len(targets)


async def _do(world: World, city: make.City, path: str, verb: str, day: str, n: int) -> tuple[int, Any]:
    official, version = city.officials[n], None
    if verb in PROJECT_VERBS:
        name, body = PROJECT_VERBS[verb](day, n, city)
        path, version = f"{path}/{name}", await world.version(path)
    elif verb == "leader":
        path, body = f"{path}/leaders", {"official_id": official, "opened_on": day}
    elif verb == "hand_over":
        body = {"official_id": official, "opened_on": day, "note": "示例"}
        path, version = f"{path}/leader-handovers", await world.version(path)
    elif verb == "team":
        members = [{"official_id": city.officials[number]} for number in (0, 1)]
        body = {"lead_unit_id": city.city, "leader_id": city.officials[2], "contact_id": city.officials[0]}
        path, body = f"{path}/teams", {**body, "members": members, "opened_on": day}
    elif verb == "plan":
        milestones = [{"name": "示例", "leads_to": "landed", "planned_on": day}]
        body = {"title": "示例", "reason": "示例", "milestones": milestones}
        path, version = f"{path}/plans", await world.version(path)
    elif verb == "follow_up":
        path, body = f"{path}/follow-ups", {"kind": "visit", "with_investor": True, "on": day, "summary": "示例"}
    else:
        person = await world.get(f"/officials/{official}")
        version, path = person["version"], f"/officials/{official}/posts"
        body = {"unit_id": city.city, "title": "示例", "started_on": day}
        if verb == "end_post":
            path, body = f"{path}/{person['posts'][0]['id']}/end", {"ended_on": day}
    answer = await world.send("POST", path, body, version=version)
    return answer.status_code, answer.json()
