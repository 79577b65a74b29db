"""Single sign-on: one attempt, one browser, one provider; and faulty providers."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from sqlalchemy import func, select

from app.accounts.models import SignOnUse
from app.accounts.openid import Provider
from app.accounts.roles import Role
from app.core import office
from app.core.errors import Unavailable
from tests.accounts.openid_provider import Rogue
from tests.accounts.people import session_of, user
from tests.accounts.sign_on import CALLBACK, HERE, back, begin, bind, claims, problem, rightly, signed_on_by, signing_on
from tests.conftest import World
from tests.transport import InProcess

pytestmark = pytest.mark.anyio


async def test_an_attempt_counts_once_in_its_browser_and_for_ten_minutes(world: World, rogue: Rogue) -> None:
    await user(world, "clerk", Role.bureau)
    async with signing_on(world, rogue.issuer):
        await bind(world, "clerk", "clerk")
        world.client.cookies.clear()

        async def ready() -> tuple[str, str]:
            """Returns an address the provider may send the browser back to, and the cookie the browser holds
            meanwhile."""
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
            transport = InProcess(world.app)
            headers = {"Cookie": kept}
            async with httpx.AsyncClient(transport=transport, base_url=HERE, headers=headers) as client:
                found.append((await client.get(f"{CALLBACK}?code=c&state={sent['state']}")).headers["location"])

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(come)
    assert sorted(found) == ["/", *["/login?problem=sign_on_expired"] * 4]


async def test_an_answer_of_another_provider_is_refused(world: World, rogue: Rogue) -> None:
    """Mix-up (RFC 9207): the answer names another issuer, or none although this provider always names itself."""
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


async def test_under_https_the_attempt_is_held_by_this_host_alone(world: World, rogue: Rogue) -> None:
    async with signing_on(world, rogue.issuer, public_url="https://zs.example.cn"):
        cookie = (await begin(world)).headers["set-cookie"]
    assert cookie.startswith("__Host-five_ones_sign_on_")
    assert "Max-Age=600" in cookie
    assert "Secure" in cookie
    assert "Domain" not in cookie
