"""Entering, editing, amounts by version, evidence, duplicates, scope."""

from uuid import UUID

import pytest

from app.core.actor import Actor, ActorKind, Permission
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def test_the_latest_version_of_an_amount_holds(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}"
    for value, day in (("100.00", "2023-02-01"), ("300.00", "2023-03-01"), ("200.00", "2023-02-15")):
        body = {"kind": "planned_total", "value": value, "effective_on": day, "source": "示例"}
        await world.post(f"{path}/amounts", body)
    found = await world.get(path)
    assert (found["planned_total"], found["version"]) == ("300.00", 1)
    assert [row["value"] for row in await world.get(f"{path}/amounts")] == ["300.00", "200.00", "100.00"]


async def test_foreign_money_is_converted_and_keeps_its_rate(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/amounts"
    body = {
        "kind": "planned_total",
        "currency": "USD",
        "original_amount": "1000000.01",
        "rate": "6.83000001",
        "rate_on": "2023-01-31",
        "rate_source": "示例：中间价",
        "effective_on": "2023-02-01",
        "source": "示例",
    }
    found = await world.post(path, body)
    assert (found["value"], found["rate"]) == ("6830000.08", "6.83000001")
    bare = await world.send("POST", path, {**body, "rate_source": None})
    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (422, "/rate_source")


async def test_a_year_goes_with_the_amounts_that_have_one(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/amounts"
    body = {"kind": "done", "value": "1.00", "effective_on": "2023-02-01", "source": "示例"}
    for extra, pointer in (({}, "/year"), ({"year": 2023}, "/through_on")):
        refused = await world.send("POST", path, {**body, **extra})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    await world.post(path, {**body, "year": 2023, "through_on": "2023-01-31"})


async def test_evidence_is_voided_and_never_changed(world: World, city: make.City) -> None:
    path = f"/projects/{(await make.make_project(city))['id']}/evidence"
    found = await world.post(path, {"kind": "acceptance", "on": "2023-02-01"})
    bad = await world.send("POST", path, {"kind": "acceptance", "on": "2023-02-01", "is_not_needed": True})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/reason")
    void = f"{path}/{found['id']}/void"
    assert (await world.post(void, {"reason": "示例：录错"}, status=200))["void_reason"] == "示例：录错"
    again = await world.send("POST", void, {"reason": "示例"})
    assert (again.status_code, again.json()["code"]) == (409, "already_void")


async def test_the_timeline_tells_who_when_what_before_and_after(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    edited = await world.send("PATCH", path, {"short_name": "示例"}, version=1)
    assert edited.headers["etag"] == '"2"'
    events = (await world.get(f"{path}/timeline"))["items"]
    assert [(event["type"], event["subject_version"]) for event in events] == [
        ("project.updated", 2),
        ("project.entered", 1),
    ]
    assert events[0]["data"] == {"changes": {"short_name": [None, "示例"]}}
    assert events[0]["actor_id"] == "local"


async def test_a_team_member_sees_the_project_whatever_the_unit(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"

    def actor(official: int | None, *permissions: Permission) -> Actor:
        return Actor(
            "someone",
            "示例",
            ActorKind.person,
            official_id=None if official is None else UUID(city.officials[official]),
            permissions=frozenset(permissions),
            unit_ids=frozenset({UUID(city.districts[1])}),
        )

    for official, status in ((3, 200), (4, 404), (None, 404)):
        world.actor = actor(official)
        assert (await world.send("GET", path)).status_code == status
    world.actor = actor(None)
    body = {"kind": "call", "on": "2023-01-05", "summary": "示例"}
    assert (await world.send("POST", f"{path}/follow-ups", body)).status_code == 404
    assert (await world.send("PATCH", path, {"short_name": "示例"}, version=2)).status_code == 404
    world.actor = actor(3)
    end = {"happened_on": "2023-05-01", "reason_code": "other", "reason": "示例"}
    refused = await world.send("POST", f"{path}/termination", end, version=2)
    assert (refused.status_code, refused.json()["permission"]) == (403, "terminate")


async def test_an_etag_is_weak_for_it_stands_for_several_bodies(world: World, city: make.City) -> None:
    """A row added beneath a record changes its body but not its version."""
    path = f"/projects/{(await make.make_project(city))['id']}"
    rows = (
        ("amounts", {"kind": "planned_total", "value": "5.00", "effective_on": "2023-03-30", "source": "示例"}),
        ("follow-ups", {"kind": "visit", "on": "2023-05-30", "summary": "示例"}),
        ("evidence", {"kind": "legality_review", "on": "2023-03-30"}),
    )
    for below, body in rows:
        before = await world.client.get(f"/api/v1{path}")
        await world.post(f"{path}/{below}", body)
        after = await world.client.get(f"/api/v1{path}")
        assert before.headers["etag"] == after.headers["etag"] == '"1"'
    # Either form is taken back, and an old version is not.
    for tag, status in (('W/"1"', 200), ('"2"', 200), ('W/"2"', 412)):
        edited = await world.send("PATCH", path, {"short_name": f"示例{status}{tag}"}, If_Match=tag)
        assert edited.status_code == status, edited.text
