"""One act on many projects: each item is done or refused by itself, as the act alone would be."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from app.audit.models import SecurityEventType
from app.core.actor import Permission
from app.core.idempotency import IdempotencyKey
from app.events.models import Event
from app.projects.models import Project
from tests.audit.test_trail import events
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_statements import counted
from tests.factories import city as make

pytestmark = pytest.mark.anyio

LISTED = {"year": 2023, "source": "示例计划"}
FORWARD = {"to": "negotiating", "happened_on": "2023-01-05"}


async def sent(world: World, act: str, body: Any, items: list[Any], key: str = "", **more: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    request = {"act": act, "body": body, "items": items, **more}
    return await world.client.post("/api/v1/projects/bulk", json=request, headers=headers)


async def bulk(world: World, act: str, body: Any, items: list[Any], key: str = "", **more: Any) -> Any:
    answer = await sent(world, act, body, items, key, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def item(project: Any, version: int | None = None) -> dict[str, Any]:
    return {"id": project["id"], "version": version or project["version"]}


async def now(world: World, *projects: Any) -> list[dict[str, Any]]:
    """Returns items with the present versions of these projects."""
    return [item(project, await world.version(f"/projects/{project['id']}")) for project in projects]


async def rows(world: World) -> list[int]:
    """Returns how many events and claimed keys there are, and the sum of all versions of projects."""
    async with world.database.reading() as session:
        counts = [
            select(func.count(Event.id)),
            select(func.count(IdempotencyKey.key)),
            select(func.sum(Project.version)),
        ]
        return [await session.scalar(count) or 0 for count in counts]


def outcomes(answer: Any) -> list[tuple[int, str | None]]:
    return [(one["status"], one["problem"] and one["problem"]["code"]) for one in answer["items"]]


async def ready(city: make.City, **fields: Any) -> dict[str, Any]:
    project = await make.make_project(city, **fields)
    await make.give_five_ones(city, project["id"])
    return project


async def test_each_item_is_done_or_refused_and_the_events_name_the_batch(world: World, city: make.City) -> None:
    first, lacking, stale, last = [
        await ready(city),
        await make.make_project(city),
        await ready(city),
        await ready(city),
    ]
    items = await now(world, first, lacking, stale, last)
    items[2]["version"] += 5
    answer = await bulk(world, "move", FORWARD, items)
    assert outcomes(answer) == [(200, None), (409, "gates_unmet"), (412, "stale"), (200, None)]
    assert (answer["done"], answer["refused"]) == (2, 2)
    assert [one["id"] for one in answer["items"]] == [one["id"] for one in items]
    assert answer["items"][1]["problem"]["gates"]
    for one in answer["items"]:
        project = await world.get(f"/projects/{one['id']}")
        assert project["stage"] == ("negotiating" if one["problem"] is None else "screened")
        assert one["version"] == (project["version"] if one["problem"] is None else None)
    async with world.database.reading() as session:
        events = list(await session.scalars(select(Event).where(Event.type == "project.moved")))
    assert {str(event.subject_id) for event in events} == {first["id"], last["id"]}
    assert {event.data["batch_id"] for event in events} == {answer["batch_id"]}
    await world.holds()


async def test_a_dry_run_says_what_happens_then_and_writes_nothing(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    signed, _ = signed_project
    fit, bare, ended = await ready(city), await make.make_project(city), await make.make_project(city)
    end = {"happened_on": "2023-02-01", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{ended['id']}", "termination", end)
    await world.post(f"/plan-lists/2023/projects/{bare['id']}", {"source": "示例"})
    people = city.officials
    team = {"lead_unit_id": city.city, "leader_id": people[1], "contact_id": people[2]}
    members = [{"official_id": people[2]}, {"official_id": people[3]}]
    ruling = {"ruled_on": "2023-03-01", "document": "示例裁", "reason": "示例"}
    acts: list[tuple[str, dict[str, Any]]] = [
        ("add_to_plan_list", LISTED),
        ("appoint_leader", {"official_id": people[0], "opened_on": "2023-02-01"}),
        ("set_team", {**team, "members": members, "opened_on": "2023-02-01"}),
        ("set_team", {**team, "contact_id": people[4], "members": members}),
        ("edit", {"progress": "示例进展", "progress_on": "2023-03-01"}),
        ("edit", {"progress_on": "2030-03-01"}),
        ("edit", {"name": signed["name"]}),
        ("transfer", {"unit_id": city.districts[1], **ruling}),
        ("transfer", {"unit_id": city.districts[0], **ruling}),
        ("move", FORWARD),
        ("move", {"to": "screened", "happened_on": "2023-03-05", "reason": "示例"}),
        ("move", {"to": "landed", "happened_on": "2023-03-05"}),
    ]
    seen = set()
    for act, body in acts:
        items = [*await now(world, fit, bare, ended, signed), {"id": city.city, "version": 1}]
        before = await rows(world)
        tried = await bulk(world, act, body, items, key=f"dry {act}", dry_run=True)
        assert await rows(world) == before, act
        assert tried["batch_id"] is None
        done = await bulk(world, act, body, items)
        assert outcomes(tried) == outcomes(done), (act, body)
        for told, met in zip(tried["items"], done["items"], strict=True):
            if told["problem"] is not None:
                told["problem"].pop("request_id"), met["problem"].pop("request_id")
                assert told["problem"] == met["problem"]
        seen |= {status for status, _ in outcomes(done)}
    assert seen == {200, 404, 409, 422}
    await world.holds()


async def test_a_batch_sent_again_answers_what_is_done_and_does_the_rest(world: World, city: make.City) -> None:
    free, listed = await make.make_project(city), await make.make_project(city)
    await world.post(f"/plan-lists/2023/projects/{listed['id']}", {"source": "示例"})
    items = [item(free), item(listed)]
    first = await bulk(world, "add_to_plan_list", LISTED, items, key="示例".encode().hex())
    assert [status for status, _ in outcomes(first)] == [200, 409]
    await world.post(f"/plan-lists/2023/projects/{listed['id']}/withdrawal", {"reason": "示例"})
    again = await bulk(world, "add_to_plan_list", LISTED, items, key="示例".encode().hex())
    assert outcomes(again) == [(200, None), (200, None)]
    assert again["items"][0] == first["items"][0]
    assert again["batch_id"] == first["batch_id"]
    assert len(await world.get(f"/projects/{free['id']}/plan-lists")) == 1
    other = await bulk(world, "add_to_plan_list", {**LISTED, "year": 2024}, items, key="示例".encode().hex())
    assert outcomes(other) == [(422, "idempotency_key_reused")] * 2
    without_key = await bulk(world, "add_to_plan_list", LISTED, items)
    assert [status for status, _ in outcomes(without_key)] == [409, 409]


async def test_a_batch_against_a_single_act_and_against_itself(world: World, city: make.City) -> None:
    projects = [await ready(city) for _ in range(3)]
    items = await now(world, *projects)
    path = f"/projects/{projects[1]['id']}/moves"
    one, other, single = await asyncio.gather(
        bulk(world, "move", FORWARD, items),
        bulk(world, "move", FORWARD, items[::-1]),
        world.send("POST", path, FORWARD, version=items[1]["version"]),
    )
    both = list(zip(outcomes(one), outcomes(other)[::-1], strict=True))
    for index, pair in enumerate(both):
        tried = [status for status, _ in pair] + ([single.status_code] if index == 1 else [])
        assert sorted(tried) == [200, 412] or sorted(tried) in ([200, 412, 412], [201, 412, 412])
    for project in projects:
        assert len(await world.get(f"/projects/{project['id']}/moves")) == 2
    await world.holds()


async def test_a_district_reaches_its_own_and_no_others(world: World, city: make.City) -> None:
    own = await make.make_project(city)
    others = await make.make_project(city, unit_id=city.districts[1], place_unit_id=city.districts[1])
    world.actor = replace(LOCAL_PERSON, unit_ids=frozenset({UUID(city.districts[0])}))
    items = [item(others), item(own), {"id": city.city, "version": 1}]
    for dry_run in (True, False):
        answer = await bulk(world, "add_to_plan_list", LISTED, items, dry_run=dry_run)
        assert outcomes(answer) == [(404, "not_found"), (200, None), (404, "not_found")]
        absent, unknown = answer["items"][0]["problem"], answer["items"][2]["problem"]
        assert absent == unknown
    kept = await events(world, SecurityEventType.not_found)
    assert [str(event.subject_id) for event in kept] == [others["id"], city.city] * 2, "each item has its own record"


async def test_the_right_to_the_act_is_asked_before_any_item(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    transfer = {"unit_id": city.districts[1], "ruled_on": "2023-03-01", "document": "示例裁", "reason": "示例"}
    for act, body, right in (
        ("transfer", transfer, Permission.transfer),
        ("add_to_plan_list", LISTED, Permission.keep_lists),
        ("move", FORWARD, Permission.write),
    ):
        world.actor = replace(LOCAL_PERSON, permissions=frozenset(Permission) - {right})
        answer = await sent(world, act, body, [item(project)])
        assert (answer.status_code, answer.json()["permission"]) == (403, right.value)


async def test_wrong_input_is_named_by_its_place(world: World, city: make.City) -> None:
    good = {"id": city.city, "version": 1}
    for act, body, items, pointer in (
        ("move", FORWARD, [good, {"id": "x", "version": 1}], "/items/1/id"),
        ("move", FORWARD, [good, {"id": city.districts[0]}], "/items/1/version"),
        ("move", FORWARD, [good, good], "/items"),
        ("move", FORWARD, [], "/items"),
        ("move", FORWARD, [{"id": str(UUID(int=n)), "version": 1} for n in range(201)], "/items"),
        ("move", {"happened_on": "2023-01-05"}, [good], "/body/to"),
        ("move", {**FORWARD, "override": {"reason": "示例"}}, [good], "/body/override"),
        ("edit", {"stage": "signed"}, [good], "/body/stage"),
        ("terminate", {}, [good], "/"),
    ):
        answer = await sent(world, act, body, items)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await sent(world, "move", FORWARD, [good], key="k" * 164)).status_code == 422


async def test_every_item_costs_the_same_statements(world: World, city: make.City) -> None:
    projects = [await make.make_project(city) for _ in range(12)]

    async def cost(chosen: list[Any], *, dry_run: bool = False) -> int:
        with counted(world) as statements:
            answer = await bulk(
                world, "edit", {"parcel_no": f"示例{len(chosen)}"}, [item(one) for one in chosen], dry_run=dry_run
            )
        assert answer["refused"] == 0
        return len(statements)

    tried = [await cost(projects[:count], dry_run=True) for count in (1, 3, 5)]
    done = [await cost(projects[:1]), await cost(projects[1:4]), await cost(projects[4:9])]
    for one, three, five in (tried, done):
        assert three - one == five - three
        assert (three - one) / 2 <= 25
