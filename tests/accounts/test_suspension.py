"""A change of an account by another person suspends its business roles; a reset alone opens nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.accounts import credentials, service
from app.accounts.models import User
from app.accounts.roles import Role
from tests.accounts.people import CLI, browser, password, session_of, sign_in, sign_in_required, token, user
from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import ANOTHER

pytestmark = pytest.mark.anyio


async def id_of(world: World, headers: dict[str, str], name: str) -> str:
    items = (await world.client.get("/api/v1/users", headers=headers)).json()["items"]
    return next(str(item["id"]) for item in items if item["name"] == name)


async def read(world: World, headers: dict[str, str], user_id: str) -> dict[str, Any]:
    answer = await world.client.get(f"/api/v1/users/{user_id}", headers=headers)
    found: dict[str, Any] = answer.json()
    return found


async def patch(world: World, headers: dict[str, str], user_id: str, body: dict[str, Any]) -> dict[str, Any]:
    version = (await read(world, headers, user_id))["version"]
    answer = await world.client.patch(
        f"/api/v1/users/{user_id}", json=body, headers={**headers, "If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def grant(world: World, headers: dict[str, str], user_id: str, **body: Any) -> dict[str, Any]:
    version = (await read(world, headers, user_id))["version"]
    answer = await world.client.put(
        f"/api/v1/users/{user_id}/roles", json=body, headers={**headers, "If-Match": f'"{version}"'}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_reset_opens_nothing_to_one_administrator(world: World) -> None:
    for name, role in (("system", Role.system_admin), ("secure", Role.security_admin), ("clerk", Role.bureau)):
        await user(world, name, role)
    system, secure, clerk = [await session_of(world, name) for name in ("system", "secure", "clerk")]
    key = await token(world, "clerk")
    async with sign_in_required(world):
        clerk_id = await id_of(world, system, "clerk")
        path = f"/api/v1/users/{clerk_id}/password"
        early = await world.client.post(f"{path}/release", headers=secure)
        assert (early.status_code, early.json()["code"]) == (409, "nothing_to_release")
        first = (await world.client.post(path, headers=system)).json()["password"]
        assert (await sign_in(world, "clerk", first)).status_code == 401
        for headers in (clerk, key):
            assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 401
        assert (await world.client.post(f"{path}/release", headers=system)).json()["permission"] == "grant_roles"
        assert (await read(world, secure, clerk_id))["waits_for_release"]
        second = (await world.client.post(f"{path}/release", headers=secure)).json()["password"]
        again = await world.client.post(f"{path}/release", headers=secure)
        assert (again.status_code, again.json()["code"]) == (409, "nothing_to_release")
        for part in (first, second, second + first):
            assert (await sign_in(world, "clerk", part)).status_code == 401
        answer = await sign_in(world, "clerk", first + second)
        assert answer.status_code == 201, answer.text
        assert [one["code"] for one in answer.json()["notices"]] == ["password"]
        here = browser(answer)
        changed = {"current": first + second, "new": "示例口令 2024 戊己庚辛"}
        assert (await world.client.put("/api/v1/me/password", json=changed, headers=here)).status_code == 204
        me = (await world.client.get("/api/v1/me", headers=here)).json()
        assert (me["roles"], me["permissions"], me["sees_all"]) == ([], [], False)
        assert [role["code"] for role in me["suspended"]["roles"]] == ["bureau"]
        assert [one["code"] for one in me["suspended"]["because"]] == ["password"]
        refused = await world.client.get("/api/v1/projects", headers=here)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_suspended")
        waits = await read(world, secure, clerk_id)
        assert (waits["roles"], waits["suspended_roles"]) == (["bureau"], ["bureau"])
        assert [one["code"] for one in waits["changed_since_grant"]] == ["password"]
        after = await grant(world, secure, clerk_id, roles=["bureau"])
        assert (after["suspended_roles"], after["changed_since_grant"]) == ([], [])
        assert (await world.client.get("/api/v1/projects", headers=here)).status_code == 200
        me = (await world.client.get("/api/v1/me", headers=here)).json()
        assert (me["suspended"], [one["code"] for one in me["notices"]]) == (None, ["password"])
    await world.holds()


async def test_a_reset_that_nobody_releases_lapses(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    clerk_id = await id_of(world, {}, "clerk")
    await world.post(f"/users/{clerk_id}/password", None)
    own = await world.send("POST", f"/users/{clerk_id}/password/release")
    assert (own.status_code, own.json()["code"]) == (403, "reset_by_you")
    world.clock.moment += timedelta(days=7, seconds=1)
    world.actor = ANOTHER
    late = await world.send("POST", f"/users/{clerk_id}/password/release")
    assert (late.status_code, late.json()["code"]) == (409, "reset_lapsed")


async def test_another_unit_suspends_the_role_until_it_is_granted_again(world: World, city: make.City) -> None:
    await make.make_project(city)
    await user(world, "system", Role.system_admin)
    await user(world, "district", Role.district, unit_id=city.districts[1])
    system, district = await session_of(world, "system"), await session_of(world, "district")
    key = await token(world, "district")
    async with sign_in_required(world):
        district_id = await id_of(world, system, "district")
        version = (await read(world, system, district_id))["version"]
        changed = await world.client.patch(
            f"/api/v1/users/{district_id}",
            json={"unit_id": str(city.districts[0])},
            headers={**system, "If-Match": f'"{version}"'},
        )
        assert changed.status_code == 200
        for headers in (district, key):
            answer = await world.client.get("/api/v1/projects", headers=headers)
            assert (answer.status_code, answer.json().get("code")) == (403, "role_suspended")


async def test_a_password_of_ones_own_suspends_nothing(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", "示例口令 2023 甲乙丙丁")
    clerk = await session_of(world, "clerk")
    async with sign_in_required(world):
        body = {"current": "示例口令 2023 甲乙丙丁", "new": "示例口令 2024 戊己庚辛"}
        changed = await world.client.put("/api/v1/me/password", json=body, headers=clerk)
        assert changed.status_code == 204, changed.text
        assert (await world.client.get("/api/v1/projects", headers=clerk)).status_code == 200


async def test_what_suspends_and_what_does_not(world: World, city: make.City) -> None:
    official = await make.make_official(world, city.districts[0])
    await user(world, "clerk", Role.district, unit_id=city.districts[0], active_until="2030-01-01")
    await password(world, "clerk", "示例口令 2023 甲乙丙丁")
    user_id = await id_of(world, {}, "clerk")
    for body in (
        {"display_name": "示例人员（改）"},
        {"active_until": "2029-01-01"},
        {"unit_id": city.districts[0]},
    ):
        assert (await patch(world, {}, user_id, body))["suspended_roles"] == [], body
    for verb in ("lock", "unlock"):
        await world.act(f"/users/{user_id}", verb, {})
    assert (await read(world, {}, user_id))["suspended_roles"] == []
    reaching: list[tuple[str, dict[str, Any]]] = [
        ("unit", {"unit_id": city.districts[1]}),
        ("unit", {"unit_id": city.districts[0]}),
        ("official", {"official_id": official}),
        ("span", {"active_until": None}),
        ("span", {"active_from": "2020-01-01"}),
    ]
    for part, change in reaching:
        found = await patch(world, {}, user_id, change)
        assert found["suspended_roles"] == ["district"], change
        assert [one["code"] for one in found["changed_since_grant"]] == [part]
        granted = await grant(world, {}, user_id, roles=["district"])
        assert granted["suspended_roles"] == []
    await world.holds()


async def test_a_leader_and_a_task_force_too(world: World, city: make.City) -> None:
    await make.make_project(city)
    await user(world, "leader", Role.leader)
    await user(world, "force", Role.task_force, task_force_ids=[city.task_forces[0]])
    await user(world, "system", Role.system_admin)
    leader, force, system = [await session_of(world, name) for name in ("leader", "force", "system")]
    async with sign_in_required(world):
        for name, headers in (("leader", leader), ("force", force)):
            user_id = await id_of(world, system, name)
            assert (await world.client.get("/api/v1/totals/funnel?period=2023", headers=headers)).status_code == 200
            await patch(world, system, user_id, {"unit_id": city.city})
            answer = await world.client.get("/api/v1/totals/funnel?period=2023", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_suspended")
        own = await world.client.get("/api/v1/me", headers=system)
        assert own.json()["suspended"] is None
        assert own.json()["permissions"]


async def test_a_grant_holds_for_what_it_was_given_for(world: World, city: make.City) -> None:
    """Also where the account was changed by another road than the verbs."""
    await user(world, "district", Role.district, unit_id=city.districts[1])
    await user(world, "leader", Role.leader, official_id=city.officials[0])
    district, leader = await session_of(world, "district"), await session_of(world, "leader")
    elsewhere = {"district": {"unit_id": UUID(city.city)}, "leader": {"official_id": UUID(city.officials[1])}}
    async with world.database.writing() as session:
        for name, values in elsewhere.items():
            await session.execute(update(User).where(User.name == name).values(**values))
    async with sign_in_required(world):
        for headers in (district, leader):
            answer = await world.client.get("/api/v1/projects", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "role_suspended")


async def test_at_the_server_a_reset_is_whole_and_suspends_nothing(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    async with world.database.writing() as session:
        text = await credentials.reset(session, CLI, await service.lock(session, "clerk"))
    assert (await sign_in(world, "clerk", text)).status_code == 201
    found = await read(world, {}, await id_of(world, {}, "clerk"))
    assert (found["suspended_roles"], found["waits_for_release"]) == ([], False)
