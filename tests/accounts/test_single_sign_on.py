"""Single sign-on: signing on, refusals, settings."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from app.accounts import service
from app.accounts.models import Way
from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from app.core.config import Settings
from tests.accounts.openid_provider import Rogue
from tests.accounts.people import CLI, confirm, grant_again, password, session_of, sign_in, sign_in_required, user
from tests.accounts.sign_on import (
    CALLBACK,
    HERE,
    SECRET,
    at_the_provider,
    back,
    begin,
    bind,
    claims,
    problem,
    reasons,
    signed_on,
    signed_on_by,
    signing_on,
)
from tests.accounts.test_sign_in import OTHERS_ADDRESSES, OWN_ADDRESSES, RIGHT, events
from tests.conftest import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("client", ["five-ones", "public", "posting"])
async def test_a_bound_user_comes_in(world: World, provider: str, client: str) -> None:
    secret = None if client == "public" else SecretStr(SECRET)
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, provider, sign_on_client_id=client, sign_on_client_secret=secret):
        assert (await world.client.get("/api/v1/sign-in")).json()["ways"] == ["password", "single_sign_on"]
        assert (await bind(world, "clerk", "li.ming@gov")).json()["sign_on_subject"] == "li.ming@gov"
        await grant_again(world, "clerk", Role.bureau)
        for _ in range(5):
            await sign_in(world, "clerk", "wrong")
        assert (await sign_in(world, "clerk", "wrong")).json()["code"] == "sign_in_suspended", "for passwords alone"
        begun = await begin(world, "/docs?a=1")
        query = parse_qs(urlsplit(begun.headers["location"]).query)
        assert (query["code_challenge_method"], query["response_type"]) == (["S256"], ["code"])
        cookie = begun.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert query["state"][0] not in cookie
        answer = await back(world, await at_the_provider(begun.headers["location"], "li.ming@gov"))
        assert answer.headers["location"] == "/docs?a=1"
        me = (await world.client.get("/api/v1/me")).json()
        assert (me["name"], me["kind"], [role["code"] for role in me["roles"]]) == ("示例人员", "person", ["bureau"])
        (row,) = (await world.client.get("/api/v1/me/sessions")).json()["items"]
        assert row["way"] == Way.single_sign_on.value
    event = (await events(world, SecurityEventType.signed_in))[-1]
    assert (event.data["way"], event.data["session"]["id"]) == ("single_sign_on", row["id"])


async def test_locked_and_past_users_stay_out(world: World, provider: str) -> None:
    for name in ("locked", "past"):
        await user(world, name, Role.bureau, active_from="2020-01-01")
    async with signing_on(world, provider):
        for name in ("locked", "past"):
            await bind(world, name, name)
        async with world.database.writing() as session:
            await service.set_locked(session, CLI, "locked", True)
            (await service.get(session, "past")).active_until = datetime(2023, 5, 31, tzinfo=UTC).date()
        for name in ("locked", "past"):
            world.client.cookies.clear()
            assert problem(await signed_on(world, name)) == "sign_on_not_in_use"
    failed = await events(world, SecurityEventType.sign_in_failed)
    assert [event.data["reason"] for event in failed] == ["sign_on_not_in_use"] * 2
    assert all(event.subject_id is not None for event in failed)


async def test_what_the_browser_brought_ends(world: World, provider: str) -> None:
    """Session fixation: a person who planted a session in the browser gains nothing from the sign-on."""
    await user(world, "clerk", Role.bureau)
    await user(world, "attacker", Role.bureau)
    async with signing_on(world, provider):
        await bind(world, "clerk", "clerk")
        planted = await session_of(world, "attacker")
        world.client.cookies.clear()
        world.client.cookies.set("five_ones_session", planted["Cookie"].partition("=")[2])
        await signed_on(world, "clerk")
        world.client.cookies.clear()
        assert (await world.client.get("/api/v1/me", headers=planted)).status_code == 401


async def test_an_office_switches_passwords_off(world: World, provider: str) -> None:
    await user(world, "boss", Role.system_admin)
    await user(world, "secure", Role.security_admin)
    await user(world, "clerk", Role.bureau)
    await password(world, "boss", RIGHT)
    await password(world, "clerk", RIGHT)
    path, off = "/api/v1/office-settings/password_sign_in", {"value": "off"}
    async with signing_on(world, provider):
        by_password = await session_of(world, "boss")
        refused = await world.client.put(path, json=off, headers=by_password)
        assert (refused.status_code, refused.json()["code"]) == (409, "sign_on_first")
        by_sign_on = await session_of(world, "boss", Way.single_sign_on)
        assert (await world.client.put(path, json=off, headers=by_sign_on)).status_code == 200
        assert (await world.client.get("/api/v1/me", headers=by_password)).status_code == 401
        assert (await world.client.get("/api/v1/me", headers=by_sign_on)).status_code == 200
        assert (await world.client.get("/api/v1/sign-in")).json()["ways"] == ["single_sign_on"]
        for text in (RIGHT, "wrong"):
            answer = await sign_in(world, "clerk", text)
            assert (answer.status_code, answer.json()["code"]) == (403, "password_sign_in_off")
        assert await reasons(world) == ["passwords_off"] * 2
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201, "no single sign-on: passwords are the only way"
    async with signing_on(world, provider):
        on = await world.client.put(path, json={"value": "on", "reason": "示例"}, headers=by_sign_on)
        assert on.status_code == 202, on.text
        await confirm(world, on, await session_of(world, "secure", Way.single_sign_on))
        assert (await sign_in(world, "clerk", RIGHT)).status_code == 201


async def test_without_a_provider(world: World) -> None:
    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/sign-in")).json()["ways"] == ["password"]
        assert problem(await begin(world)) == "sign_on_off"
        assert problem(await back(world, f"{CALLBACK}?state=a&code=b")) == "sign_on_off"


async def test_the_way_on_is_within_this_site(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        for wanted, onward in [
            *((ours, ours) for ours in OWN_ADDRESSES),
            *((other, "/") for other in OTHERS_ADDRESSES),
        ]:
            world.client.cookies.clear()
            answer = await signed_on_by(world, rogue, claims(world, rogue), wanted)
            at = httpx.URL(HERE).join(answer.headers["location"])
            assert (at.host, str(at)) == ("five-ones.test", str(httpx.URL(HERE).join(onward))), wanted


@pytest.mark.parametrize(
    "given",
    [
        {"sign_on_issuer": "http://id.example.cn"},
        {"sign_on_issuer": "https://user@id.example.cn"},
        {"sign_on_issuer": "https://id.example.cn/?a=1"},
        {"sign_on_issuer": "id.example.cn"},
        {"sign_on_client_id": ""},
        {"public_url": None},
    ],
    ids=str,
)
def test_settings_that_would_not_work_are_named(given: dict[str, Any]) -> None:
    right: dict[str, Any] = {"sign_on_issuer": "https://id.example.cn", "sign_on_client_id": "x", "public_url": HERE}
    assert Settings(**right).sign_on_issuer == "https://id.example.cn"
    with pytest.raises(ValueError, match=r"https|SIGN_ON"):
        Settings(**{**right, **given})
