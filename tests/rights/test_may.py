"""What `may` says of an act is what the act answers: for many people, records in many states, and all acts."""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from app.accounts.acts import Act
from app.accounts.roles import Role
from app.deals import acts as deal_acts
from app.deals import separation
from app.leads.models import Lead
from app.projects.models import Project
from app.rights import deals, leads, projects
from tests.accounts.people import sign_in_required
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories.staff import clerk
from tests.rights.scene import DEAL_ACTS, LEAD_ACTS, PROJECT_ACTS, Make, Scene, make_scene, separate

pytestmark = pytest.mark.anyio

OF_INPUT = {"place_out_of_scope", "line_out_of_scope"}
"""Refusals (403) of what was typed in: a unit outside one's scope, and phases of others beneath a deal."""
OF_THE_RECORD = {
    "project_ended",
    "project_merged",
    "project_is_parent",
    "project_not_active",
    "already_there",
    "no_way_back",
    "not_paused",
    "not_terminated",
    "continued_by_a_phase",
    "phase_of_phase",
    "merge_refused",
    "raised_elsewhere",
    "not_a_draft",
    "not_live",
    "not_correctable",
    "line_has_live_deal",
    "submitted",
    "not_submitted",
    "not_undoable",
    "gate_overridden",
    "too_late_to_undo",
    "ended_a_deal",
    "lead_converted",
    "answered_already",
}
"""Refusals (409) because of status, stage or phases of the record."""
ROOMS: dict[str, tuple[dict[str, Make], Mapping[Any, Act]]] = {
    "projects": (PROJECT_ACTS, projects.ACTS),
    "deals": (DEAL_ACTS, deal_acts.ACTS),
    "leads": (LEAD_ACTS, leads.ACTS),
}


def refusal(answer: httpx.Response, read: dict[str, Any]) -> tuple[str, str] | None:
    """Returns code and Chinese sentence of a refusal that `may` covers; None for any other answer."""
    if answer.status_code not in (403, 409):
        return None
    problem = answer.json()
    code = problem["code"]
    if answer.status_code == 403:
        return None if code in OF_INPUT else (code, problem["detail"])
    if code not in OF_THE_RECORD:
        return None
    if code == "merge_refused":
        # Two projects are asked; `may` speaks of the one it stands on.
        own = [conflict["zh"] for conflict in problem["conflicts"] if conflict["zh"].startswith(read["code"])]
        ended = {"project_ended", "project_is_parent"} & {conflict["code"] for conflict in problem["conflicts"]}
        return (code, "") if own and ended else None
    return code, problem["detail"]


ENDINGS = {"terminate", "merge", "add_phase", "pause", "discard", "transfer"}
"""Open acts that come last, for they close others."""


def _turn(act: str, is_open: bool) -> int:
    """Returns when an act is tried: what is refused first, then what is open, and what the others open after them."""
    if act in ("undo", "submit"):
        return 2
    if not is_open or act == "return":  # an edit takes the submission back
        return 0
    return 3 if act in ENDINGS else 1


async def agree(scene: Scene, room: str, record: str, who: str, rng: random.Random, seen: Counter[Any]) -> None:
    """Tries every act of one person on one record, first those that are refused."""
    acts: dict[str, Make] = ROOMS[room][0]
    path = f"/{room}/{record}"
    answer = await scene.read(who, path)
    if answer.status_code == 404:
        return
    may = answer.json()["may"]
    order = sorted(acts, key=lambda act: (_turn(act, may[act] is None), rng.random()))
    for act in order:
        read = (await scene.read(who, path)).json()
        said = read["may"][act]
        request = await acts[act](scene, record, read)
        if request is None:
            continue
        tried = await scene.send(who, request, read["version"])
        found = refusal(tried, read)
        told = f"{who} {act} {path}: said {said}, answered {tried.status_code} {tried.text}"
        if said is None:
            assert found is None, told
        else:
            assert found is not None, told
            assert found[0] == said["code"], told
            assert found[1] in ("", said["zh"]), told
        seen[act, None if said is None else said["code"]] += 1
        if tried.status_code < 300:
            refreshed = await scene.read(who, path)
            if refreshed.status_code == 404:
                return


@pytest.mark.parametrize("separated", [True, False])
@pytest.mark.parametrize("room", ROOMS)
async def test_a_hint_says_what_the_act_answers(world: World, room: str, separated: bool) -> None:
    scene = await make_scene(world)
    await separate(world, separated)
    rng, seen = random.Random(f"{room} {separated}"), Counter[Any]()
    records = {"projects": scene.projects, "deals": scene.deals, "leads": scene.leads}[room]
    pairs = [(record, who) for record in records for who in scene.people]
    async with sign_in_required(world):
        for record, who in sorted(
            rng.sample(pairs, min(len(pairs), 40 if room == "projects" else 90)), key=lambda pair: rng.random()
        ):
            await agree(scene, room, record, who, rng, seen)
    acts = ROOMS[room][1]
    assert {act for act, code in seen if code is None} == set(acts) == set(ROOMS[room][0])
    assert {act for act, code in seen if code is not None} == set(acts)
    assert ("drafted_by_you" in {code for _, code in seen}) == (separated and room != "leads")
    await world.holds()


async def test_a_row_carries_what_is_open_on_its_record(world: World) -> None:
    """For roles of every reach, and for whoever drafted deals of the page, in as many statements for one row as for
    all."""
    scene = await make_scene(world)
    await separate(world, True)
    here, there = scene.city.districts
    drafter = next(str(row["id"]) for row in (await world.get("/users"))["items"] if row["name"] == "drafter")
    actors = [
        clerk(Role.bureau),
        clerk(Role.bureau, name=drafter),
        clerk(Role.leader),
        clerk(Role.district, units=[here]),
        clerk(Role.district, units=[there], official=scene.city.officials[3]),
        clerk(Role.task_force, task_forces=scene.city.task_forces[:1]),
    ]
    for actor in actors:
        world.actor = actor
        await _compare(world, "projects", _rows_of_projects)
        await _compare(world, "deals", _rows_of_deals)
        await _compare(world, "leads", _rows_of_leads)


async def _compare(world: World, room: str, rows_of: Any) -> None:
    ids = [item["id"] for item in (await world.get(f"/{room}", limit=200))["items"]]
    expected = {}
    for record in ids:
        may = (await world.get(f"/{room}/{record}"))["may"]
        expected[record] = [act for act, why in may.items() if why is None]
    with counted(world) as statements:
        found = await rows_of(world, ids)
    assert found == expected
    assert len(statements) <= 5  # that of the list itself included
    with counted(world) as for_one:
        await rows_of(world, ids[:1])
    assert len(for_one) <= len(statements)


async def _rows_of_projects(world: World, ids: list[str]) -> dict[str, list[str]]:
    async with world.database.reading() as session:
        is_drafted = separation.has_drafted_on(Project).label("is_drafted_by_actor")
        query = select(Project.__table__, is_drafted).where(Project.id.in_(map(UUID, ids)))
        rows = (await session.execute(query, {"actor_id": world.actor.id})).all()
        acts = await projects.of_page(session, world.actor, rows)
        return {str(row.id): list(open_acts) for row, open_acts in zip(rows, acts, strict=True)}


async def _rows_of_deals(world: World, ids: list[str]) -> dict[str, list[str]]:
    async with world.database.reading() as session:
        acts = await deals.of_page(session, world.actor, [UUID(one) for one in ids])
        return {str(deal_id): list(open_acts) for deal_id, open_acts in acts.items()}


async def _rows_of_leads(world: World, ids: list[str]) -> dict[str, list[str]]:
    async with world.database.reading() as session:
        rows = (await session.execute(select(Lead.__table__).where(Lead.id.in_(map(UUID, ids))))).all()
        acts = leads.of_page(world.actor, rows)
        return {str(row.id): list(open_acts) for row, open_acts in zip(rows, acts, strict=True)}
