"""Administrators keep accounts; nobody grants themselves anything."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.accounts.people import browser, one_a_role, session_of, sign_in, sign_in_required, user
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

RIGHT = "青山不改2023 绿水长流"


async def by_name(world: World, headers: dict[str, str], name: str) -> dict[str, Any]:
    items = (await world.client.get("/api/v1/users", headers=headers)).json()["items"]
    found: dict[str, Any] = next(item for item in items if item["name"] == name)
    return found


async def test_an_account_from_its_first_day_to_its_last(world: World, city: make.City) -> None:
    await user(world, "system", Role.system_admin)
    await user(world, "security", Role.security_admin)
    system, security = await session_of(world, "system"), await session_of(world, "security")
    client = world.client
    async with sign_in_required(world):
        body = {"name": "Li.Clerk", "display_name": "示例经办", "unit_id": city.districts[0]}
        made = await client.post("/api/v1/users", json=body, headers=system)
        assert made.status_code == 201, made.text
        path = made.headers["Location"]
        assert (made.json()["name"], made.json()["has_password"]) == ("li.clerk", False)
        assert (await client.post("/api/v1/users", json=body, headers=system)).json()["code"] == "user_name_taken"
        reset = await client.post(f"{path}/password", headers=system)
        released = await client.post(f"{path}/password/release", headers=security)
        temporary = reset.json()["password"] + released.json()["password"]
        assert (await client.get(path, headers=system)).json()["has_password"] is True
        held = browser(await sign_in(world, "li.clerk", temporary))
        changed = {"current": temporary, "new": RIGHT}
        assert (await client.put("/api/v1/me/password", json=changed, headers=held)).status_code == 204
        assert (await client.get("/api/v1/projects", headers=held)).json()["code"] == "no_role"
        roles = {"roles": ["district"]}
        assert (await client.put(f"{path}/roles", json=roles, headers=system)).json()["permission"] == "grant_roles"
        unseen = await client.put(f"{path}/roles", json=roles, headers={**security, "If-Match": '"1"'})
        assert unseen.status_code == 412, "the password was reset since"
        granted = await client.put(f"{path}/roles", json=roles, headers={**security, "If-Match": '"2"'})
        assert (granted.status_code, granted.json()["roles"]) == (200, ["district"])
        assert (await client.get("/api/v1/projects", headers=held)).status_code == 200
        stale = await client.patch(path, json={"display_name": "示例"}, headers={**system, "If-Match": '"1"'})
        assert stale.status_code == 412
        without = await client.patch(path, json={"unit_id": None}, headers={**system, "If-Match": '"3"'})
        assert without.json()["errors"][0]["code"] == "role_wants_unit"
        edited = await client.patch(path, json={"unit_id": city.districts[1]}, headers={**system, "If-Match": '"3"'})
        assert (edited.status_code, edited.json()["suspended_roles"]) == (200, ["district"])
        assert (await client.get("/api/v1/me", headers=held)).json()["unit_ids"] == []
        anew = await client.put(f"{path}/roles", json=roles, headers={**security, "If-Match": edited.headers["ETag"]})
        assert (await client.get("/api/v1/me", headers=held)).json()["unit_ids"] == [city.districts[1]]
        locked = await client.post(f"{path}/lock", headers={**system, "If-Match": anew.headers["ETag"]})
        assert locked.json()["is_locked"] is True
        assert (await client.get("/api/v1/me", headers=held)).status_code == 401
        again = await client.post(f"{path}/unlock", headers={**system, "If-Match": locked.headers["ETag"]})
        assert again.json()["is_locked"] is False
        assert (await client.get("/api/v1/me", headers=held)).status_code == 401
        assert (await sign_in(world, "li.clerk", RIGHT)).status_code == 201
    await world.holds()


async def test_administrators_do_not_become_each_other(world: World, city: make.City) -> None:
    names = await one_a_role(world, city)
    system, security = await session_of(world, "system-admin"), await session_of(world, "security-admin")
    client = world.client
    async with sign_in_required(world):
        for role in (Role.system_admin, Role.security_admin, Role.auditor):
            path = f"/api/v1/users/{(await by_name(world, system, names[role]))['id']}"
            for refused in (
                await client.post(f"{path}/password", headers=system),
                await client.delete(f"{path}/second-factor", headers=system),
            ):
                assert refused.json()["code"] == "administrator_reset"
        own = f"/api/v1/users/{(await by_name(world, security, 'security-admin'))['id']}"
        body = {"roles": ["bureau"]}
        refused = await client.put(f"{own}/roles", json=body, headers={**security, "If-Match": '"2"'})
        assert refused.json()["code"] == "own_account"
        own = f"/api/v1/users/{(await by_name(world, system, 'system-admin'))['id']}"
        for method, what, sent in (("PATCH", "", {"display_name": "示例"}), ("POST", "/lock", None)):
            refused = await client.request(method, own + what, json=sent, headers={**system, "If-Match": '"2"'})
            assert refused.json()["code"] == "own_account"
        leader = f"/api/v1/users/{(await by_name(world, system, 'leader'))['id']}"
        token = {"name": "示例", "scopes": ["read"]}
        refused = await client.post(f"{leader}/tokens", json=token, headers=system)
        assert refused.json()["code"] == "token_of_somebody_else"
        machine = f"/api/v1/users/{(await by_name(world, system, 'integration'))['id']}"
        made = await client.post(f"{machine}/tokens", json=token, headers=system)
        assert made.status_code == 201
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        assert (await client.get("/api/v1/me", headers=key)).json()["roles"][0]["code"] == "integration"
        other = f"{leader}/tokens/{made.json()['id']}"
        assert (await client.delete(other, headers=system)).status_code == 404
        gone = await client.delete(f"{machine}/tokens/{made.json()['id']}", headers=system)
        assert gone.status_code == 204
        assert (await client.get("/api/v1/me", headers=key)).status_code == 401


async def test_people_make_their_own_tokens_and_tokens_make_none(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await user(world, "other", Role.bureau)
    held, other = await session_of(world, "clerk"), await session_of(world, "other")
    client, body = world.client, {"name": "报表", "scopes": ["read"], "days": 30}
    async with sign_in_required(world):
        refused = await client.post("/api/v1/me/tokens", json=body, headers={**held, "Idempotency-Key": "again"})
        assert refused.json()["errors"][0]["code"] == "idempotency_key_refused"
        made = await client.post("/api/v1/me/tokens", json=body, headers=held)
        assert made.status_code == 201, made.text
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        for method, path, sent in (
            ("POST", "/me/tokens", body),
            ("PUT", "/me/password", {"current": "x", "new": "y"}),
            ("POST", "/me/second-factor", None),
            ("GET", "/me/tokens", None),
            ("DELETE", "/session", None),
        ):
            answer = await client.request(method, f"/api/v1{path}", json=sent, headers=key)
            assert (answer.status_code, answer.json()["code"]) == (403, "in_person"), path
        assert (await client.get("/api/v1/projects", headers=key)).status_code == 200
        (item,) = (await client.get("/api/v1/me/tokens", headers=held)).json()["items"]
        assert "secret" not in item
        path = f"/api/v1/me/tokens/{item['id']}"
        assert (await client.delete(path, headers=other)).status_code == 404
        assert (await client.delete(path, headers=held)).status_code == 204
        assert (await client.get("/api/v1/projects", headers=key)).status_code == 401
        for _ in range(19):
            assert (await client.post("/api/v1/me/tokens", json=body, headers=held)).status_code == 201
        often = await client.post("/api/v1/me/tokens", json=body, headers=held)
        assert (often.status_code, often.json()["code"]) == (429, "tokens_too_often")


async def test_roles_and_unit_cannot_be_slipped_in(world: World, city: make.City) -> None:
    """Mass assignment: a field that the schema does not offer is refused."""
    await user(world, "system", Role.system_admin)
    await user(world, "clerk", Role.bureau)
    system, clerk = await session_of(world, "system"), await session_of(world, "clerk")
    client = world.client
    async with sign_in_required(world):
        path = f"/api/v1/users/{(await by_name(world, system, 'clerk'))['id']}"
        for sent in ({"roles": ["leader"]}, {"is_locked": False}, {"name": "x"}, {"id": city.city}, {"version": 9}):
            answer = await client.patch(path, json=sent, headers={**system, "If-Match": '"2"'})
            assert answer.json()["errors"][0]["code"] == "extra_forbidden", sent
        with_roles = {"name": "new", "display_name": "示例", "roles": ["bureau"]}
        refused = await client.post("/api/v1/users", json=with_roles, headers=system)
        assert refused.json()["permission"] == "grant_roles"
        for sent in ({"unit_id": city.districts[1]}, {"roles": ["leader"]}, {"actor": "x"}):
            body = {"name": "示例企业", **sent}
            assert (await client.post("/api/v1/enterprises", json=body, headers=clerk)).status_code == 422
        items = (await client.get("/api/v1/users", headers=system)).json()["items"]
        assert sorted(item["name"] for item in items) == ["clerk", "system"]


async def test_accounts_are_found_by_what_they_are(world: World, city: make.City) -> None:
    """By name as by pinyin, by role, unit, lock, waiting password and suspension; page by page as all at once."""
    here, there = city.districts
    fields: dict[str, dict[str, Any]] = {
        "reset": {"display_name": "示例曾某", "unit_id": here},
        "locked": {"display_name": "示例长某", "unit_id": there},
        "moved": {"display_name": "示例单某", "unit_id": here},
        "idle": {"display_name": "示例甲某", "unit_id": city.city, "official_id": city.officials[0]},
    }
    path = {}
    for name, body in fields.items():
        made = await world.post("/users", {"name": name, **body})
        path[name] = f"/users/{made['id']}"
    force = {"roles": ["task_force"], "task_force_ids": city.task_forces[:1]}
    for name, roles in (("reset", {"roles": ["district"]}), ("moved", {"roles": ["district"]}), ("idle", force)):
        granted = await world.send("PUT", f"{path[name]}/roles", roles, version=1)
        assert granted.status_code == 200, granted.text
    await world.post(f"{path['reset']}/password", None)
    await world.act(path["locked"], "lock", None)
    # The unit is changed by another person than the one who granted the roles.
    await user(world, "system", Role.system_admin)
    headers = {**await session_of(world, "system"), "If-Match": f'"{await world.version(path["moved"])}"'}
    async with sign_in_required(world):
        moved = await world.client.patch(f"/api/v1{path['moved']}", json={"unit_id": there}, headers=headers)
    assert moved.json()["suspended_roles"] == ["district"]
    for asked, names in (
        ({"q": "曾某"}, ["reset"]),
        ({"q": "LOCK"}, ["locked"]),
        ({"q": "shanmou"}, ["moved"]),
        ({"role": "district,task_force"}, ["idle", "moved", "reset"]),
        ({"role": "district", "unit_id": here}, ["reset"]),
        ({"unit_id": city.city}, ["idle", "locked", "moved", "reset"]),
        ({"is_locked": "true"}, ["locked"]),
        ({"is_locked": "false", "unit_id": there}, ["moved"]),
        ({"waits_for_release": "true"}, ["reset"]),
        ({"has_suspended_roles": "true"}, ["moved", "reset"]),
        ({"has_suspended_roles": "false", "role": "task_force,district"}, ["idle"]),
        ({}, ["idle", "locked", "moved", "reset", "system"]),
    ):
        rows = (await world.get("/users", **asked))["items"]
        assert [row["name"] for row in rows] == names, asked
        if "has_suspended_roles" in asked:
            assert {bool(row["suspended_roles"]) for row in rows} == {asked["has_suspended_roles"] == "true"}
        assert await world.count("/users", **asked) == len(names)
        page = await world.get("/users", limit=1, **asked)
        walked = page["items"]
        while page["next_cursor"] is not None:
            page = await world.get("/users", limit=1, **asked, cursor=page["next_cursor"])
            walked += page["items"]
        assert walked == rows
    idle = (await world.get("/users", q="idle"))["items"][0]
    assert idle["unit"]["name"] == "示例市"
    assert idle["official"]["id"] == city.officials[0]
    assert [one["id"] for one in idle["task_forces"]] == idle["task_force_ids"] == city.task_forces[:1]
    await world.holds()
