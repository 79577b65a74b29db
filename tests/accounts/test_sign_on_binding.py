"""Single sign-on: which account is bound to which subject, by whom, and what ends with the binding."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from sqlalchemy import func, select

from app.accounts import service
from app.accounts.models import User
from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from tests.accounts.openid_provider import Rogue
from tests.accounts.people import grant_again, session_of, user
from tests.accounts.sign_on import (
    CALLBACK,
    HERE,
    bind,
    claims,
    problem,
    reasons,
    rightly,
    signed_on,
    signed_on_by,
    signing_on,
)
from tests.accounts.test_sign_in import events
from tests.conftest import World
from tests.transport import InProcess

pytestmark = pytest.mark.anyio


async def test_who_is_bound_to_no_account_is_shown_to_administrators(world: World, provider: str) -> None:
    await user(world, "li.ming", Role.bureau)
    async with signing_on(world, provider):
        assert problem(await signed_on(world, "li.ming@gov")) == "sign_on_unknown"
        assert problem(await signed_on(world, "li.ming@gov")) == "sign_on_unknown"
        await user(world, "boss", Role.system_admin)
        boss = await session_of(world, "boss")
        world.client.cookies.clear()
        (arrival,) = (await world.client.get("/api/v1/sign-on/arrivals", headers=boss)).json()["items"]
        assert (arrival["issuer"], arrival["subject"]) == (provider, "li.ming@gov")
        assert (arrival["name"], arrival["user_name"]) == ("示例人员 li.ming@gov", "li.ming")
        assert arrival["last_at"] > arrival["first_at"]
        assert (await bind(world, "li.ming", arrival["subject"])).status_code == 200
        assert (await world.client.get("/api/v1/sign-on/arrivals", headers=boss)).json()["items"] == []
        world.client.cookies.clear()
        assert (await signed_on(world, "li.ming@gov")).headers["location"] == "/"
    assert await reasons(world) == ["sign_on_unknown", "sign_on_unknown"]


async def test_an_arrival_is_forgotten_after_thirty_days(world: World, provider: str, rogue: Rogue) -> None:
    async with signing_on(world, provider):
        await signed_on(world, "first@gov")
    async with signing_on(world, rogue.issuer):
        world.clock.moment += timedelta(days=31)
        await signed_on_by(world, rogue, claims(world, rogue, sub="second@gov"))
        await user(world, "boss", Role.system_admin)
        boss = await session_of(world, "boss")
        world.client.cookies.clear()
        items = (await world.client.get("/api/v1/sign-on/arrivals", headers=boss)).json()["items"]
    assert [item["subject"] for item in items] == ["second@gov"]


async def test_an_office_may_have_users_added_without_any_role(world: World, provider: str) -> None:
    """A subject with the name of an existing account does not get that account."""
    await user(world, "li.ming", Role.bureau)
    async with signing_on(world, provider, sign_on_adds_users=True):
        assert (await signed_on(world, "wang.hua@gov")).headers["location"] == "/"
        me = (await world.client.get("/api/v1/me")).json()
        assert (me["name"], me["roles"], me["permissions"]) == ("示例人员 wang.hua@gov", [], [])
        assert (await world.client.get("/api/v1/projects")).json()["code"] == "no_role"
        assert (await signed_on(world, "li.ming@gov")).headers["location"] == "/"
        assert (await world.client.get("/api/v1/me")).json()["roles"] == []
        assert (await signed_on(world, "wang.hua@gov")).headers["location"] == "/"
        assert (await world.client.get("/api/v1/me")).json() == me
    async with world.database.reading() as session:
        names = [found.name for found in await service.everybody(session)]
    assert [name for name in names if not name.startswith("sso-")] == ["li.ming", "wang.hua"]
    assert len(names) == 3
    added = await events(world, SecurityEventType.user_added)
    assert [event.actor_name for event in added if event.actor_name != "cli"] == ["sign_on", "sign_on"]


async def test_unbinding_ends_what_was_begun_by_it(world: World, provider: str) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, provider):
        await bind(world, "clerk", "clerk")
        by_password = await session_of(world, "clerk")
        await user(world, "other", Role.bureau)
        taken = await bind(world, "other", "clerk")
        assert (taken.status_code, taken.json()["code"]) == (409, "sign_on_bound")
        again = await bind(world, "clerk", "clerk")
        assert (again.status_code, again.json()["code"]) == (409, "unchanged")
        world.client.cookies.clear()
        await signed_on(world, "clerk")
        by_sign_on = dict(world.client.cookies)
        assert (await world.client.get("/api/v1/me")).status_code == 200
        boss = await session_of(world, "boss")
        async with world.database.reading() as session:
            clerk = await service.get(session, "clerk")
        world.client.cookies.clear()
        headers = {**boss, "If-Match": f'"{clerk.version}"'}
        unbound = await world.client.delete(f"/api/v1/users/{clerk.id}/sign-on", headers=headers)
        assert (unbound.status_code, unbound.json()["sign_on_subject"]) == (200, None)
        headers["If-Match"] = unbound.headers["etag"]
        twice = await world.client.delete(f"/api/v1/users/{clerk.id}/sign-on", headers=headers)
        assert (twice.status_code, twice.json()["code"]) == (409, "unchanged")
        world.client.cookies.clear()
        assert (await world.client.get("/api/v1/me", headers=by_password)).status_code == 200
        world.client.cookies.update(by_sign_on)
        assert (await world.client.get("/api/v1/me")).status_code == 401
        assert problem(await signed_on(world, "clerk")) == "sign_on_unknown"


async def test_who_may_bind(world: World, provider: str) -> None:
    """Nobody binds an administrator over the network, nor anything where no provider is set up."""
    await user(world, "clerk", Role.bureau)
    await user(world, "secure", Role.security_admin)
    off = await bind(world, "clerk", "clerk")
    assert off.status_code == 200 or off.json()["code"] == "sign_on_off"
    async with signing_on(world, provider):
        refused = await bind(world, "secure", "attacker")
        assert (refused.status_code, refused.json()["code"]) == (403, "administrator_reset")
        own = await bind(world, "boss", "attacker")
        assert (own.status_code, own.json()["code"]) == (403, "administrator_reset")
        for bad in ("", " ", "a b", "张三", "x" * 256):
            assert (await bind(world, "clerk", bad)).status_code == 422


async def test_one_person_coming_twice_at_once_is_added_once(world: World, rogue: Rogue) -> None:
    async with signing_on(world, rogue.issuer, sign_on_adds_users=True):
        found: list[str] = []

        async def come() -> None:
            transport = InProcess(world.app)
            async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
                begun = await client.get("/api/v1/sign-on")
                sent = parse_qs(urlsplit(begun.headers["location"]).query)
                tokens[sent["nonce"][0]] = rightly(rogue, {"nonce": sent["nonce"][0], **claims(world, rogue)})
                at = f"{CALLBACK}?code={sent['nonce'][0]}&state={sent['state'][0]}"
                found.append((await client.get(at)).headers["location"])

        tokens: dict[str, str] = {}
        answer = rogue.answer

        def by_code(path: str, form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
            return (200, {"id_token": tokens[form["code"][0]]}) if path == "/token" else answer(path, form)

        rogue.answer = by_code  # type: ignore[method-assign]
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(come)
        assert found == ["/"] * 4
    async with world.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1


async def test_a_binding_opens_nothing_that_was_not_there_when_it_was_made(world: World, rogue: Rogue) -> None:
    """A person who bound their own subject to an account gets neither its later administrator role nor a token issued
    meanwhile."""
    await user(world, "clerk", Role.bureau)
    await user(world, "secure", Role.security_admin)
    await user(world, "robot", Role.integration)
    async with signing_on(world, rogue.issuer):
        assert (await bind(world, "robot", "attacker")).json()["code"] == "integration_bound"
        bound = await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        await signed_on_by(world, rogue, claims(world, rogue))
        assert (await world.client.get("/api/v1/projects")).json()["code"] == "role_suspended"
        await grant_again(world, "clerk", Role.bureau)
        session = (await world.client.get("/api/v1/session")).json()
        csrf = {"X-CSRF-Token": session["csrf_token"]}
        body = {"name": "示例", "scopes": ["read"]}
        made = await world.client.post("/api/v1/me/tokens", json=body, headers=csrf)
        bearer = {"Authorization": f"Bearer {made.json()['secret']}"}
        world.client.cookies.clear()
        assert (await world.client.get("/api/v1/me", headers=bearer)).status_code == 200
        secure = await session_of(world, "secure")
        path = f"/api/v1/users/{bound.json()['id']}/roles"
        read = await world.client.get(f"/api/v1/users/{bound.json()['id']}", headers=secure)
        headers = {**secure, "If-Match": read.headers["etag"]}
        granted = await world.client.put(path, json={"roles": ["auditor"]}, headers=headers)
        assert (granted.status_code, granted.json()["sign_on_subject"]) == (200, None), granted.text
        assert (await world.client.get("/api/v1/me", headers=bearer)).status_code == 401
        world.client.cookies.clear()
        assert problem(await signed_on_by(world, rogue, claims(world, rogue))) == "sign_on_unknown"


async def test_an_account_that_added_itself_wants_two_administrators(world: World, provider: str) -> None:
    """Else an administrator who grants roles could sign on and make a clerk, or a second account of their own,
    alone."""
    for name, role in (("secure", Role.security_admin), ("system", Role.system_admin)):
        await user(world, name, role)
    async with signing_on(world, provider, sign_on_adds_users=True):
        await signed_on(world, "secure@gov")
        secure, system = await session_of(world, "secure"), await session_of(world, "system")
        world.client.cookies.clear()
        listed = (await world.client.get("/api/v1/users", headers=secure)).json()["items"]
        (own,) = [one for one in listed if one["sign_on_subject"] is not None]
        path = f"/api/v1/users/{own['id']}"
        for wanted in ("bureau", "system_admin", "auditor"):
            headers = {**secure, "If-Match": f'"{own["version"]}"'}
            refused = await world.client.put(f"{path}/roles", json={"roles": [wanted]}, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (409, "account_unseen"), refused.text
        named = {"display_name": "示例核实"}
        headers = {**system, "If-Match": f'"{own["version"]}"'}
        seen = await world.client.patch(path, json=named, headers=headers)
        headers = {**secure, "If-Match": seen.headers["etag"]}
        granted = await world.client.put(f"{path}/roles", json={"roles": ["bureau"]}, headers=headers)
        assert granted.status_code == 200, granted.text
        # One that an administrator added needs no more than the grant.
        body = {"name": "zhang.san", "display_name": "示例人员"}
        added = await world.client.post("/api/v1/users", json=body, headers=system)
        headers = {**secure, "If-Match": added.headers["etag"]}
        path = f"/api/v1/users/{added.json()['id']}/roles"
        assert (await world.client.put(path, json={"roles": ["bureau"]}, headers=headers)).status_code == 200


async def test_nobody_can_take_the_name_another_would_get(world: World, rogue: Rogue) -> None:
    async with signing_on(world, rogue.issuer, sign_on_adds_users=True):
        for subject, name in (("one", "sso-0123456789ab"), ("two", "wang.hua"), ("three", "wang.hua"), ("four", None)):
            world.client.cookies.clear()
            said = claims(world, rogue, sub=subject, preferred_username=name, name="示例人员")
            assert (await signed_on_by(world, rogue, said)).headers["location"] == "/", subject
    async with world.database.reading() as session:
        names = sorted(found.name for found in await service.everybody(session))
    assert "sso-0123456789ab" not in names
    assert names[-1] == "wang.hua"
    assert len(names) == 4
