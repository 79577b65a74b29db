"""Signing in by an OpenID provider: a real one, and one that tries what an attacker would."""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from pydantic import SecretStr
from sqlalchemy import func, select

from app.accounts import service
from app.accounts.models import SignOnUse, User, Way
from app.accounts.openid import Provider
from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from app.core import office
from app.core.config import Settings
from app.core.errors import Unavailable
from tests.accounts.openid_provider import Rogue, real_provider, rogue_provider
from tests.accounts.people import CLI, confirm, grant_again, password, session_of, sign_in, sign_in_required, user
from tests.accounts.test_sign_in import OTHERS_ADDRESSES, OWN_ADDRESSES, RIGHT, events
from tests.conftest import World

pytestmark = pytest.mark.anyio

HERE = "http://five-ones.test"
CALLBACK = f"{HERE}/api/v1/sign-on/callback"
SECRET = "of the tests+alone/ %"
OTHER_KEY = RSAKey.generate_key(2048)


@pytest.fixture(scope="session")
def provider() -> Iterator[str]:
    with real_provider(CALLBACK) as issuer:
        yield issuer


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    with rogue_provider() as found:
        yield found


@asynccontextmanager
async def signing_on(world: World, issuer: str, **more: Any) -> AsyncIterator[None]:
    """The world's app with this provider; its clock is right, for a token's is."""
    state = world.app.state
    known = {"sign_on_client_id": "five-ones", "sign_on_client_secret": SecretStr(SECRET), "public_url": HERE}
    before = state.sign_on, world.settings
    world.settings = world.settings.model_copy(update={"sign_on_issuer": issuer, **known, **more})
    world.database.settings = state.settings = world.settings
    state.sign_on = Provider(world.settings)
    world.clock.moment = datetime.now(UTC)
    world.client.cookies.clear()
    try:
        async with sign_in_required(world):
            yield
    finally:
        state.sign_on, world.settings = before
        world.database.settings = state.settings = world.settings


async def begin(world: World, wanted: str | None = None) -> httpx.Response:
    return await world.client.get("/api/v1/sign-on", params={"next": wanted} if wanted is not None else None)


async def at_the_provider(address: str, name: str) -> str:
    """Sign in there under a name, as a person does; the address it sends the browser back to."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        while True:
            answer = await browser.get(address)
            if answer.is_redirect:
                address = str(answer.next_request.url) if answer.next_request is not None else ""
            else:
                form = re.search(r'action="([^"]+)"', answer.text)
                assert form is not None, answer.text
                prompt = "login" if 'name="login"' in answer.text else "consent"
                fields = {"prompt": prompt, "login": name, "password": "any"}
                answer = await browser.post(unescape(form[1]), data=fields)
                assert answer.next_request is not None, answer.text
                address = str(answer.next_request.url)
            if address.startswith(HERE):
                return address


async def back(world: World, address: str) -> httpx.Response:
    answer = await world.client.get(address)
    assert answer.status_code == 303, answer.text
    return answer


async def signed_on(world: World, name: str, wanted: str | None = None) -> httpx.Response:
    """The whole way; the answer that ends it."""
    begun = await begin(world, wanted)
    return await back(world, await at_the_provider(begun.headers["location"], name))


def problem(answer: httpx.Response) -> str:
    """What the page to sign in on is told; nobody has been let in."""
    assert "five_ones_session" not in answer.headers.get("set-cookie", "")
    path, _, code = answer.headers["location"].partition("?problem=")
    assert path == "/login"
    return str(code)


async def reasons(world: World) -> list[str]:
    return [event.data["reason"] for event in await events(world, SecurityEventType.sign_in_failed)]


async def bind(world: World, name: str, subject: str) -> httpx.Response:
    """As the system administrator does."""
    if not await exists(world, "boss"):
        await user(world, "boss", Role.system_admin)
    boss = await session_of(world, "boss")
    async with world.database.reading() as session:
        found = await service.get(session, name)
    path = f"/api/v1/users/{found.id}/sign-on"
    headers = {**boss, "If-Match": f'"{found.version}"'}
    return await world.client.put(path, json={"subject": subject}, headers=headers)


async def exists(world: World, name: str) -> bool:
    async with world.database.reading() as session:
        return await session.scalar(select(User.id).where(User.name == name)) is not None


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
    """Whoever is called as an existing account is at the provider does not become it."""
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
        names = [found.name for found in await service.find(session)]
    assert [name for name in names if not name.startswith("sso-")] == ["li.ming", "wang.hua"]
    assert len(names) == 3
    added = await events(world, SecurityEventType.user_added)
    assert [event.actor_name for event in added if event.actor_name != "cli"] == ["sign_on", "sign_on"]


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
    """Session fixation: whoever put a session of theirs into the browser does not see who comes in by it."""
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


# What an attacker may bring back.


def claims(world: World, rogue: Rogue, **changed: Any) -> dict[str, Any]:
    """Claims of a token that is right; its nonce is put in when it is known. None takes a claim out."""
    now = int(world.clock.moment.timestamp())
    right = {"iss": rogue.issuer, "sub": "clerk", "aud": "five-ones", "iat": now, "exp": now + 300}
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


Sign = Callable[[Rogue, dict[str, Any]], str]


def rightly(rogue: Rogue, said: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, said, rogue.key)


async def signed_on_by(
    world: World, rogue: Rogue, said: dict[str, Any], wanted: str | None = None, sign: Sign = rightly, **query: str
) -> httpx.Response:
    begun = await begin(world, wanted)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    rogue.tokens = {"id_token": sign(rogue, {"nonce": sent["nonce"], **said}), "access_token": "x"}
    return await back(world, str(httpx.URL(CALLBACK, params={"state": sent["state"], "code": "code", **query})))


def unsigned(_: Rogue, said: dict[str, Any]) -> str:
    header, body = (urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ('{"alg":"none"}', _json(said)))
    return f"{header}.{body}."


def _json(said: dict[str, Any]) -> str:
    return httpx.Request("POST", HERE, json=said).content.decode()


def under_the_public_key(rogue: Rogue, said: dict[str, Any]) -> str:
    """The public key, as everybody can read it, taken for the secret of an HMAC."""
    parts = ('{"alg":"HS256","kid":"one"}', _json(said))
    signed = ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    digest = hmac.digest(rogue.key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def under_the_client_secret(_: Rogue, said: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "HS256"}, _json(said), OctKey.import_key(SECRET), algorithms=["HS256"])


def under_another_key(_: Rogue, said: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, said, OTHER_KEY)


def under_a_key_it_brings(_: Rogue, said: dict[str, Any]) -> str:
    key = OTHER_KEY
    header = {"alg": "RS256", "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, _json(said), key, registry=jws.JWSRegistry(strict_check_header=False))


def with_its_end_changed(rogue: Rogue, said: dict[str, Any]) -> str:
    token = rightly(rogue, said)
    return token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)


def with_another_body(rogue: Rogue, said: dict[str, Any]) -> str:
    header, _, signature = rightly(rogue, {**said, "sub": "attacker"}).split(".")
    return f"{header}.{urlsafe_b64encode(_json(said).encode()).decode().rstrip('=')}.{signature}"


FORGED: list[Sign] = [
    unsigned,
    under_the_public_key,
    under_the_client_secret,
    under_another_key,
    under_a_key_it_brings,
    with_its_end_changed,
    with_another_body,
    lambda *_: "",
    lambda *_: "a.b.c",
    lambda *_: "....",
]


async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        for algorithms in (["RS256"], ["RS256", "HS256", "none"]):
            rogue.metadata["id_token_signing_alg_values_supported"] = algorithms
            world.app.state.sign_on = Provider(world.settings)
            for sign in FORGED:
                world.client.cookies.clear()
                answer = await signed_on_by(world, rogue, claims(world, rogue), sign=sign)
                assert problem(answer) == "sign_on_refused", sign
            world.client.cookies.clear()
            assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"
    failed = await events(world, SecurityEventType.sign_in_failed)
    assert {event.data["reason"] for event in failed} == {"sign_on_refused"}


HOUR = 3600
WRONG_CLAIMS: list[dict[str, Any]] = [
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": "another"},
    {"aud": ["another", "third"]},
    {"aud": None},
    {"aud": ["five-ones", "another"], "azp": "another"},
    {"nonce": "of another attempt"},
    {"nonce": ""},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"sub": ["clerk"]},
    {"sub": "cl\x00erk"},
    {"sub": "张三"},
    {"sub": "a b"},
    {"exp": -HOUR},
    {"exp": None},
    {"exp": "soon"},
    {"iat": HOUR},
    {"nbf": HOUR},
    {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
]


async def test_a_token_for_another_time_place_or_person_lets_nobody_in(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        for changed in WRONG_CLAIMS:
            now = int(world.clock.moment.timestamp())
            moved = {
                name: now + value if name in ("exp", "iat", "nbf") and isinstance(value, int) else value
                for name, value in changed.items()
            }
            answer = await signed_on_by(world, rogue, claims(world, rogue, **moved))
            assert problem(answer) == "sign_on_refused", changed
        assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"


async def test_a_nonce_that_is_missing_lets_nobody_in(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)

    def without_nonce(rogue: Rogue, said: dict[str, Any]) -> str:
        return rightly(rogue, {name: value for name, value in said.items() if name != "nonce"})

    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        answer = await signed_on_by(world, rogue, claims(world, rogue), sign=without_nonce)
        assert problem(answer) == "sign_on_refused"


async def test_an_attempt_counts_once_in_its_browser_and_for_ten_minutes(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()

        async def ready() -> tuple[str, str]:
            """An address that is right to come back by, and what the browser holds meanwhile."""
            world.client.cookies.clear()
            begun = await begin(world)
            sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
            rogue.tokens = {"id_token": rightly(rogue, {"nonce": sent["nonce"], **claims(world, rogue)})}
            (kept,) = world.client.cookies.items()
            world.client.cookies.clear()
            return f"{CALLBACK}?code=c&state={sent['state']}", "=".join(kept)

        async def answer(address: str, kept: str) -> httpx.Response:
            world.client.cookies.clear()
            found = await world.client.get(address, headers={"Cookie": kept})
            world.client.cookies.clear()
            return found

        address, kept = await ready()
        first = await answer(address, kept)
        assert first.headers["location"] == "/"
        assert first.headers.get_list("set-cookie")[-1].startswith(f'{kept.partition("=")[0]}=""')
        assert problem(await answer(address, kept)) == "sign_on_expired", "the same state again"
        address, kept = await ready()
        other_address, other_kept = await ready()
        assert problem(await answer(address, other_kept)) == "sign_on_expired", "another attempt's state"
        renamed = address_name(kept) + "=" + other_kept.partition("=")[2]
        assert problem(await answer(address, renamed)) == "sign_on_expired", "another attempt under its name"
        assert problem(await answer(other_address, "a=b")) == "sign_on_expired", "another browser"
        assert (
            problem(await answer(other_address, other_kept.partition("=")[0] + "=" + "x" * 5000)) == "sign_on_expired"
        )
        assert problem(await answer(CALLBACK, other_kept)) == "sign_on_expired", "no state"
        assert problem(await answer(f"{other_address}&state=x", other_kept)) == "sign_on_expired", "two states"
        assert problem(await answer(f"{other_address}&code=x", other_kept)) == "sign_on_expired", "two codes"
        world.clock.moment += timedelta(minutes=11)
        assert problem(await answer(other_address, other_kept)) == "sign_on_expired"
        address, kept = await ready()
        extra = f"{address}&session_state=s&scope=openid&anything=1"
        assert (await answer(extra, kept)).headers["location"] == "/", "what else a provider sends does no harm"
    async with world.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SignOnUse)) == 2


def address_name(cookie: str) -> str:
    return cookie.partition("=")[0]


async def test_one_state_lets_somebody_in_once_though_it_comes_twice_at_once(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        begun = await begin(world)
        sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        rogue.tokens = {"id_token": rightly(rogue, {"nonce": sent["nonce"], **claims(world, rogue)})}
        kept = "=".join(next(iter(world.client.cookies.items())))
        world.client.cookies.clear()
        found: list[str] = []

        async def come() -> None:
            transport = httpx.ASGITransport(world.app)
            headers = {"Cookie": kept}
            async with httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers) as client:
                found.append((await client.get(f"{CALLBACK}?code=c&state={sent['state']}")).headers["location"])

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(come)
    assert sorted(found) == ["/", *["/login?problem=sign_on_expired"] * 4]


async def test_one_person_coming_twice_at_once_is_added_once(world: World, rogue: Rogue) -> None:
    async with signing_on(world, rogue.issuer, sign_on_adds_users=True):
        found: list[str] = []

        async def come() -> None:
            transport = httpx.ASGITransport(world.app)
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


async def test_an_answer_of_another_provider_is_refused(world: World, rogue: Rogue) -> None:
    """Mix-up (RFC 9207): who says that it is another's, or does not say whose it is though it always would."""
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        said = claims(world, rogue)
        assert problem(await signed_on_by(world, rogue, said, iss="https://evil.example")) == "sign_on_refused"
        assert "/token" not in [path for path, _ in rogue.asked], "the code goes to nobody"
        rogue.metadata["authorization_response_iss_parameter_supported"] = True
        world.app.state.sign_on = Provider(world.settings)
        assert problem(await signed_on_by(world, rogue, said)) == "sign_on_refused"
        assert (await signed_on_by(world, rogue, said, iss=rogue.issuer)).headers["location"] == "/"


async def test_what_the_provider_says_no_to(world: World, rogue: Rogue) -> None:
    async with signing_on(world, rogue.issuer):
        for error, told in (("access_denied", "sign_on_denied"), ("server_error\nforged line", "sign_on_refused")):
            assert problem(await signed_on_by(world, rogue, claims(world, rogue), error=error)) == told
        begun = await begin(world)
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        assert problem(await back(world, f"{CALLBACK}?state={state}")) == "sign_on_refused"
        rogue.status = 400
        await begin(world)
        assert problem(await back(world, f"{CALLBACK}?state={state}&code=c")) == "sign_on_expired"


BROKEN: list[dict[str, Any]] = [
    {"issuer": "https://evil.example"},
    {"token_endpoint": "http://evil.example/token"},
    {"token_endpoint": None},
    {"jwks_uri": 7},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "javascript://localhost/%0aalert(1)"},
    {"authorization_endpoint": "https://["},
    {"authorization_endpoint": "https://evil.example/\ud800"},
    {"token_endpoint": "https://["},
    {"token_endpoint": "http://127.0.0.1:99999/"},
    {"token_endpoint_auth_methods_supported": 7},
    {"id_token_signing_alg_values_supported": 7},
    {"id_token_signing_alg_values_supported": [["RS256"]]},
    {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    {"deep": "DEEP"},
]


async def test_a_provider_that_is_not_as_it_should_be(world: World, rogue: Rogue) -> None:
    right = dict(rogue.metadata)
    async with signing_on(world, rogue.issuer):
        for broken in BROKEN:
            rogue.metadata = right | broken
            if "deep" in broken:
                deep: Any = []
                for _ in range(900):
                    deep = [deep]
                rogue.metadata["deep"] = deep
                rogue.metadata["jwks_uri"] = None
            world.app.state.sign_on = Provider(world.settings)
            begun = await begin(world)
            if begun.headers["location"].startswith("/login"):
                assert problem(begun) == "sign_on_unreachable", broken
            else:
                answer = await signed_on_by(world, rogue, claims(world, rogue))
                assert problem(answer) == "sign_on_unreachable", broken


async def test_keys_that_we_do_not_understand_are_passed_over(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    right = rogue.keys["keys"]
    odd: list[Any] = [{"kty": "EC", "crv": "SM2", "x": "AA", "y": "AA", "kid": "sm"}, {"kty": "RSA"}, "key", 7]
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        for keys, is_in in (([*odd, *right], True), (odd, False), ([{"kty": "oct", "k": "AAAA"}], False)):
            world.client.cookies.clear()
            rogue.keys = {"keys": keys}
            world.app.state.sign_on = Provider(world.settings)
            answer = await signed_on_by(world, rogue, claims(world, rogue))
            assert (answer.headers["location"] == "/") is is_in


async def test_another_key_under_the_same_name(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        await signed_on_by(world, rogue, claims(world, rogue))
        world.clock.moment += timedelta(minutes=2)
        rogue.key = RSAKey.import_key(OTHER_KEY.as_dict(private=True) | {"kid": "one"})
        rogue.keys = dict(KeySet([rogue.key]).as_dict(private=False))
        assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"


async def test_two_tabs_do_not_end_each_other(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        sent = [parse_qs(urlsplit((await begin(world)).headers["location"]).query) for _ in range(2)]
        await back(world, f"{CALLBACK}?state=of-a-stranger&code=c")
        for one in sent:
            rogue.tokens = {"id_token": rightly(rogue, {"nonce": one["nonce"][0], **claims(world, rogue)})}
            answer = await back(world, f"{CALLBACK}?state={one['state'][0]}&code=c")
            assert answer.headers["location"] == "/"


async def test_a_binding_opens_nothing_that_was_not_there_when_it_was_made(world: World, rogue: Rogue) -> None:
    """Who bound a subject of theirs to somebody does not come in as an administrator, nor by a token made meanwhile."""
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
    """Else whoever grants roles would come in by single sign-on and make a clerk, or a second self, alone."""
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
        names = sorted(found.name for found in await service.find(session))
    assert "sso-0123456789ab" not in names
    assert names[-1] == "wang.hua"
    assert len(names) == 4


async def test_a_password_proved_while_passwords_are_switched_off_opens_nothing(world: World, provider: str) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, provider):
        late = await session_of(world, "clerk")
        assert (await world.client.get("/api/v1/me", headers=late)).status_code == 200
        async with world.database.writing() as session:
            await office.put(session, office.PASSWORD_SIGN_IN, office.OFF)
        assert (await world.client.get("/api/v1/me", headers=late)).status_code == 401


async def test_a_database_that_is_busy_sends_back_to_the_page(
    world: World, rogue: Rogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> None:
        raise Unavailable

    async with signing_on(world, rogue.issuer):
        monkeypatch.setattr(world.database, "writing", busy)
        assert problem(await signed_on_by(world, rogue, claims(world, rogue))) == "sign_on_unreachable"
        monkeypatch.undo()


async def test_a_provider_that_is_down(world: World, rogue: Rogue) -> None:
    async with signing_on(world, "http://127.0.0.1:9"):
        assert problem(await begin(world)) == "sign_on_unreachable"
    async with signing_on(world, rogue.issuer):
        rogue.status = 503
        for _ in range(20):
            assert problem(await begin(world)) == "sign_on_unreachable"
        assert len(rogue.asked) == 1, "it is left alone for a moment"
        rogue.status = 200
        world.clock.moment += timedelta(seconds=6)
        begun = await begin(world)
        state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
        rogue.status = 401
        assert problem(await back(world, f"{CALLBACK}?state={state}&code=c")) == "sign_on_unreachable"
        again = (await begin(world)).headers["location"]
        assert again.startswith(rogue.issuer), "nobody closes the way in by codes that are wrong"


async def test_the_provider_changes_its_keys(world: World, rogue: Rogue) -> None:
    """A key we have not seen has us ask for keys, though not at every stranger's word."""
    await user(world, "clerk", Role.bureau)

    def asked() -> int:
        return [path for path, _ in rogue.asked].count("/keys")

    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()
        assert (await signed_on_by(world, rogue, claims(world, rogue))).headers["location"] == "/"
        rogue.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
        rogue.keys = dict(KeySet([rogue.key]).as_dict(private=False))

        def by_two(rogue: Rogue, said: dict[str, Any]) -> str:
            return jwt.encode({"alg": "RS256", "kid": "two"}, said, rogue.key)

        for _ in range(3):
            assert problem(await signed_on_by(world, rogue, claims(world, rogue), sign=by_two)) == "sign_on_refused"
        assert asked() == 1, "within a minute of the last"
        world.clock.moment += timedelta(minutes=2)
        assert (await signed_on_by(world, rogue, claims(world, rogue), sign=by_two)).headers["location"] == "/"
        assert asked() == 2


async def test_under_https_the_attempt_is_held_by_this_host_alone(world: World, rogue: Rogue) -> None:
    async with signing_on(world, rogue.issuer, public_url="https://zs.example.cn"):
        cookie = (await begin(world)).headers["set-cookie"]
    assert cookie.startswith("__Host-five_ones_sign_on_")
    assert "Max-Age=600" in cookie
    assert "Secure" in cookie
    assert "Domain" not in cookie


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
