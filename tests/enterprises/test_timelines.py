"""Records that all staff see have timelines too; these show no more of the acts of others than before."""

from typing import Any

import pytest

from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.factories.city import CONTACT, credit_code

pytestmark = pytest.mark.anyio


async def timeline(world: World, path: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.get(f"{path}/timeline", **params))["items"]
    return found


async def test_who_changed_a_credit_code_is_seen(world: World) -> None:
    enterprise = await world.post("/enterprises", {"name": "示例甲", "credit_code": credit_code(7001)})
    path = f"/enterprises/{enterprise['id']}"
    change = {"credit_code": credit_code(7002)}
    assert (await world.send("PATCH", path, change, version=1)).status_code == 200
    await world.post(f"{path}/rankings", {"list_name": "示例榜", "year": 2023, "rank": 3})
    rows = await timeline(world, path)
    assert [row["type"] for row in rows] == ["enterprise.ranking_added", "enterprise.updated", "enterprise.created"]
    assert (rows[1]["actor_id"], rows[1]["subject_version"]) == (LOCAL_PERSON.id, 2)
    assert rows[1]["data"]["changes"]["credit_code"] == [credit_code(7001), credit_code(7002)]
    assert [row["type"] for row in await timeline(world, path, type="enterprise.created")] == ["enterprise.created"]
    first = await world.get(f"{path}/timeline", limit=2)
    rest = await world.get(f"{path}/timeline", limit=2, cursor=first["next_cursor"])
    assert [row["id"] for row in first["items"] + rest["items"]] == [row["id"] for row in rows]
    unknown = await world.send("GET", "/enterprises/00000000-0000-7000-8000-000000000000/timeline")
    assert unknown.status_code == 404


async def test_a_merged_enterprise_says_where_it_went(world: World) -> None:
    merged = await make.make_investor(world, credit_code=None)
    into = await make.make_investor(world)
    body = {"into_id": into, "reason": "示例"}
    assert (await world.send("POST", f"/enterprises/{merged}/merge", body, version=1)).status_code in (200, 201)
    (last, *_), (taken, *_) = [await timeline(world, f"/enterprises/{one}") for one in (merged, into)]
    assert (last["type"], last["data"]["into_id"]) == ("enterprise.merged", into)
    assert (taken["type"], taken["data"]["merged_id"]) == ("enterprise.absorbed", merged)


async def test_a_district_does_not_learn_who_deals_with_whom(world: World, city: make.City) -> None:
    path = f"/enterprises/{city.investor}"
    project = await make.make_project(city)
    await world.post(f"/projects/{project['id']}/contacts", CONTACT)
    await world.post(f"{path}/contacts", CONTACT)
    seen_by_bureau = await timeline(world, path)
    assert {"enterprise.created", "enterprise.contact_added"} <= {row["type"] for row in seen_by_bureau}
    assert "13800001234" not in str(seen_by_bureau)
    world.actor = staff(units=[city.districts[1]])
    rows = await timeline(world, path)
    assert [(row["type"], row["actor_id"]) for row in rows] == [("enterprise.created", "")]
    assert LOCAL_PERSON.name not in str(rows)
    assert await timeline(world, path, type="enterprise.contact_added") == []
    # Its own acts it recognizes.
    own = await make.make_investor(world)
    assert [row["actor_id"] for row in await timeline(world, f"/enterprises/{own}")] == ["clerk"]
    assert project["id"] not in str(rows)


async def test_whatever_all_staff_see_has_one(world: World, city: make.City) -> None:
    referrer = (await world.post("/referrers", {"kind": "adviser", "name": "示例顾问"}))["id"]
    for path, first in (
        (f"/referrers/{referrer}", "referrer.created"),
        (f"/units/{city.city}", "unit.created"),
        (f"/officials/{city.officials[0]}", "official.created"),
        (f"/task-forces/{city.task_forces[0]}", "task_force.created"),
    ):
        rows = await timeline(world, path)
        assert [row["type"] for row in rows] == [first]
        assert "示例顾问" not in str(rows)
