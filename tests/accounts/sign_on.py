"""Single sign-on through a provider for tests: the common start of these tests."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts import service
from app.accounts.models import User
from app.accounts.openid import Provider
from app.accounts.roles import Role
from app.audit.models import SecurityEventType
from tests.accounts.openid_provider import Rogue
from tests.accounts.people import session_of, sign_in_required, user
from tests.accounts.test_sign_in import events
from tests.conftest import World

HERE = "http://five-ones.test"
CALLBACK = f"{HERE}/api/v1/sign-on/callback"
SECRET = "of the tests+alone/ %"


@asynccontextmanager
async def signing_on(world: World, issuer: str, **more: Any) -> AsyncIterator[None]:
    """Runs the world's app with this provider, and its clock at the real time, which tokens carry."""
    state = world.app.state
    fixed = {"sign_on_client_id": "five-ones", "sign_on_client_secret": SecretStr(SECRET), "public_url": HERE}
    before = state.sign_on, world.settings
    world.settings = world.settings.model_copy(update={"sign_on_issuer": issuer, **fixed, **more})
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
    """Signs in at the provider under a name, as a person does. Returns the address it sends the browser back to."""
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
    """Signs on from start to end. Returns the last answer."""
    begun = await begin(world, wanted)
    return await back(world, await at_the_provider(begun.headers["location"], name))


def problem(answer: httpx.Response) -> str:
    """Returns the problem code given to the sign-in page, after asserting that no session was opened."""
    assert "five_ones_session" not in answer.headers.get("set-cookie", "")
    path, _, code = answer.headers["location"].partition("?problem=")
    assert path == "/login"
    return str(code)


async def reasons(world: World) -> list[str]:
    return [event.data["reason"] for event in await events(world, SecurityEventType.sign_in_failed)]


async def bind(world: World, name: str, subject: str) -> httpx.Response:
    """Binds an account to a subject, as the system administrator does."""
    if not await exists(world, "boss"):
        await user(world, "boss", Role.system_admin)
    boss = await session_of(world, "boss")
    async with world.database.reading() as session:
        account = await service.get(session, name)
    path = f"/api/v1/users/{account.id}/sign-on"
    headers = {**boss, "If-Match": f'"{account.version}"'}
    return await world.client.put(path, json={"subject": subject}, headers=headers)


async def exists(world: World, name: str) -> bool:
    async with world.database.reading() as session:
        return await session.scalar(select(User.id).where(User.name == name)) is not None


def claims(world: World, rogue: Rogue, **changed: Any) -> dict[str, Any]:
    """Returns the claims of a valid token; the nonce is added once it is known. None removes a claim."""
    now = int(world.clock.moment.timestamp())
    right = {"iss": rogue.issuer, "sub": "clerk", "aud": "five-ones", "iat": now, "exp": now + 300}
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


Sign = Callable[[Rogue, dict[str, Any]], str]


def rightly(rogue: Rogue, token_claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, token_claims, rogue.key)


async def signed_on_by(
    world: World,
    rogue: Rogue,
    token_claims: dict[str, Any],
    wanted: str | None = None,
    sign: Sign = rightly,
    **query: str,
) -> httpx.Response:
    begun = await begin(world, wanted)
    sent = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    rogue.tokens = {"id_token": sign(rogue, {"nonce": sent["nonce"], **token_claims}), "access_token": "x"}
    return await back(world, str(httpx.URL(CALLBACK, params={"state": sent["state"], "code": "code", **query})))
