"""Password sign-in, sessions, and the limits that keep strangers out."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from pwdlib import PasswordHash
from sqlalchemy import func, select, text

from app.accounts import attempts, passwords, service
from app.accounts.models import Credential
from app.accounts.roles import Role
from app.audit.models import SecurityEvent, SecurityEventType
from app.core import office
from app.core.rate_limits import RateLimit
from tests.accounts.people import CLI, browser, password, session_of, sign_in, sign_in_required, token, user
from tests.conftest import World

pytestmark = pytest.mark.anyio

RIGHT = "青山不改2023 绿水长流"
CHANGED = "绿水长流2023 青山不改"


async def events(world: World, what: SecurityEventType) -> list[SecurityEvent]:
    async with world.database.reading() as session:
        query = select(SecurityEvent).where(SecurityEvent.type == what.value).order_by(SecurityEvent.id)
        return list(await session.scalars(query))


async def test_signing_in_and_out(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    async with sign_in_required(world):
        answer = await sign_in(world, "Clerk", RIGHT)
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie
        held = browser(answer)
        assert answer.json()["csrf_token"] not in held["Cookie"]
        me = (await world.client.get("/api/v1/me", headers=held)).json()
        assert (me["kind"], me["must"], [role["code"] for role in me["roles"]]) == ("person", [], ["bureau"])
        now = (await world.client.get("/api/v1/session", headers=held)).json()
        assert {**now, "onward": "/", "notices": []} == answer.json()
        made = await world.client.post("/api/v1/enterprises", json={"name": "示例企业"}, headers=held)
        assert made.status_code == 201
        out = await world.client.delete("/api/v1/session", headers=held)
        assert (out.status_code, out.content) == (204, b"")
        assert 'five_ones_session=""' in out.headers["set-cookie"]
        for headers in (held, {"Cookie": held["Cookie"]}):
            assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 401
    (signed_in,) = await events(world, SecurityEventType.signed_in)
    assert (signed_in.actor_name, signed_in.address) == ("示例人员", "127.0.0.1")
    assert signed_in.user_agent is not None
    assert "python-httpx" in signed_in.user_agent
    assert len(await events(world, SecurityEventType.signed_out)) == 1


OWN_ADDRESSES = ["/docs", "/api/v1/me?a=1&b=%2F%2Fevil.example", "/", "/项目?状态=1"]
OTHERS_ADDRESSES = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "javascript:alert(1)",
    " //evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/x" * 1500,
    "/.//evil.example/",
    "/a/..//evil.example",
    "/./\\evil.example",
    "",
]


async def test_a_link_to_sign_in_by_leads_nowhere_else(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    for wanted in OWN_ADDRESSES:
        assert (await sign_in(world, "clerk", RIGHT, next=wanted)).json()["onward"] == wanted
    for elsewhere in [*OTHERS_ADDRESSES, None]:
        assert (await sign_in(world, "clerk", RIGHT, next=elsewhere)).json()["onward"] == "/", elsewhere


async def test_too_many_tokens_that_do_not_hold(world: World) -> None:
    """The address is limited for invalid tokens; valid tokens still work from there."""
    await user(world, "clerk", Role.bureau)
    right = await token(world, "clerk")
    world.app.state.token_failures = RateLimit(5, timedelta(minutes=1))
    wrong = {"Authorization": "Bearer fiveones_0_x"}
    async with sign_in_required(world):
        answers = [await world.client.get("/api/v1/me", headers=wrong) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        assert (await world.client.get("/api/v1/me", headers=right)).status_code == 200
        world.clock.moment += timedelta(minutes=1)
        assert (await world.client.get("/api/v1/me", headers=wrong)).status_code == 401


async def test_whatever_is_wrong_is_answered_alike(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await user(world, "gone", Role.bureau, active_from="2023-01-01", active_until="2023-05-31")
    await user(world, "locked", Role.bureau)
    await user(world, "no-password", Role.bureau)
    for name in ("clerk", "gone", "locked"):
        await password(world, name, RIGHT)
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "locked", True)
    tried = [("clerk", "wrong"), ("gone", RIGHT), ("locked", RIGHT), ("no-password", RIGHT), ("nobody", RIGHT)]
    answers = [await sign_in(world, name, text) for name, text in tried]
    assert {answer.status_code for answer in answers} == {401}
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "sign_in_failed"
    failed = await events(world, SecurityEventType.sign_in_failed)
    assert [event.data["reason"] for event in failed] == [
        "wrong_password",
        "not_in_use",
        "not_in_use",
        "wrong_password",
        "unknown_name",
    ]
    assert failed[0].subject_id is not None
    assert failed[-1].subject_id is None
    assert all("nobody" not in str(event.__dict__) and RIGHT not in str(event.__dict__) for event in failed)


@pytest.mark.parametrize("name", ["clerk", "nobody"])
async def test_five_failures_suspend_a_name_whether_or_not_anybody_has_it(world: World, name: str) -> None:
    """Each request was refused and rolled back, and its failure is counted all the same."""
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    for _ in range(4):
        assert (await sign_in(world, name, "wrong")).status_code == 401
    assert (await sign_in(world, name.upper(), "wrong")).status_code == 401
    for text_ in ("wrong", RIGHT):
        refused = await sign_in(world, name, text_)
        assert (refused.status_code, refused.json()["code"]) == (429, "sign_in_suspended")
        assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert len(await events(world, SecurityEventType.sign_in_locked)) == 1
    world.clock.moment += timedelta(minutes=15)
    assert (await sign_in(world, name, RIGHT)).status_code == (201 if name == "clerk" else 401)


async def test_a_success_forgets_the_failures_and_an_administrator_lifts_a_suspension(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    for _ in range(2):
        for _ in range(4):
            assert (await sign_in(world, "clerk", "wrong")).status_code == 401
        assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
    for _ in range(5):
        await sign_in(world, "clerk", "wrong")
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 429
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "clerk", False)
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201


async def test_strangers_do_not_keep_anybody_from_changing_the_password(world: World) -> None:
    """A signed-in user changes it, however many sign-ins fail meanwhile; the sessions left open have five guesses
    together."""
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    here, there = await session_of(world, "clerk"), await session_of(world, "clerk")
    for _ in range(6):
        await sign_in(world, "clerk", "wrong")
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 429
    new = "另一个口令 correct horse"
    async with sign_in_required(world):

        async def change(headers: dict[str, str], current: str) -> int:
            body = {"current": current, "new": new, "keep_tokens": True}
            return (await world.client.put("/api/v1/me/password", json=body, headers=headers)).status_code

        guesses = [await change(headers, f"wrong {number}") for number, headers in enumerate([here, there] * 3)]
        assert guesses == [422] * 5 + [429], "counted for both sessions together"
        assert await change(here, RIGHT) == 429
        world.clock.moment += timedelta(minutes=15)
        for _ in range(6):
            await sign_in(world, "clerk", "wrong")
        assert await change(here, RIGHT) == 204
    world.clock.moment += timedelta(minutes=15)
    assert (await sign_in(world, "clerk", new)).status_code == 201


async def test_guesses_at_once_are_no_more_than_guesses_in_turn(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    bodies = [{"name": "clerk", "password": f"wrong {number}"} for number in range(20)]
    answers = await asyncio.gather(*(world.client.post("/api/v1/session", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_many_names_from_one_address_are_suspended_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.settings, "sign_in_failures_an_address", 6)
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    for number in range(6):
        assert (await sign_in(world, f"name{number}", "wrong")).status_code == 401
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 429
    world.clock.moment += timedelta(minutes=15)
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
    async with world.database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM sign_in_attempts")) == 1


async def test_a_session_ends_when_idle_and_in_any_case(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    idle, used = await session_of(world, "clerk"), await session_of(world, "clerk")

    async def status(headers: dict[str, str]) -> int:
        return (await world.client.get("/api/v1/me", headers=headers)).status_code

    async with sign_in_required(world):
        for _ in range(28):
            world.clock.moment += timedelta(minutes=25)
            assert await status(used) == 200
        assert await status(idle) == 401
        world.clock.moment += timedelta(minutes=25)
        assert await status(used) == 401


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


@pytest.mark.parametrize(
    ("said", "device"),
    [
        (WINDOWS, "Chrome · Windows"),
        (f"{WINDOWS} Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 13) Chrome/99.0 MicroMessenger/8.0", "微信 WeChat · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/16.5 Safari/605.1", "Safari · macOS"),
        ("curl/8.0", None),
    ],
)
async def test_a_session_names_the_device(world: World, said: str, device: str | None) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    world.client.headers["User-Agent"] = said
    headers = browser(await sign_in(world, "clerk", RIGHT))
    async with sign_in_required(world):
        (item,) = (await world.client.get("/api/v1/me/sessions", headers=headers)).json()["items"]
    assert (item["device"], item["user_agent"]) == (device, said)


async def test_one_sees_and_ends_ones_own_sessions_and_no_other(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await user(world, "other", Role.bureau)
    here, there, foreign = [await session_of(world, name) for name in ("clerk", "clerk", "other")]
    async with sign_in_required(world):
        items = (await world.client.get("/api/v1/me/sessions", headers=here)).json()["items"]
        assert sorted(item["is_this"] for item in items) == [False, True]
        assert [item["device"] for item in items] == [None, None]
        (distant,) = [item["id"] for item in items if not item["is_this"]]
        path = f"/api/v1/me/sessions/{distant}"
        assert (await world.client.delete(path, headers=foreign)).status_code == 404
        assert (await world.client.delete(path, headers=here)).status_code == 204
        assert (await world.client.delete(path, headers=here)).status_code == 404
        assert (await world.client.get("/api/v1/me", headers=there)).status_code == 401
        assert (await world.client.get("/api/v1/me", headers=here)).status_code == 200


async def test_signing_in_never_takes_over_a_session_that_was_brought(world: World) -> None:
    """Session fixation: a planted cookie does not become the session, and the session it replaced has ended."""
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    planted = await session_of(world, "clerk")
    body = {"name": "clerk", "password": RIGHT}
    async with sign_in_required(world):
        answer = await world.client.post("/api/v1/session", json=body, headers=planted)
        world.client.cookies.clear()
        assert browser(answer)["Cookie"] != planted["Cookie"]
        assert (await world.client.get("/api/v1/me", headers=planted)).status_code == 401
        made_up = {"Cookie": "five_ones_session=made-up-by-another"}
        answer = await world.client.post("/api/v1/session", json=body, headers=made_up)
        world.client.cookies.clear()
        assert "made-up" not in browser(answer)["Cookie"]


async def test_a_page_of_another_site_writes_nothing(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await user(world, "other", Role.bureau)
    held, others = await session_of(world, "clerk"), await session_of(world, "other")
    cookie = {"Cookie": held["Cookie"]}
    async with sign_in_required(world):
        for sent in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "é"}, {"X-CSRF-Token": others["X-CSRF-Token"]}):
            headers = [(key.encode(), value.encode()) for key, value in {**cookie, **sent}.items()]
            refused = await world.client.post("/api/v1/enterprises", json={"name": "示例"}, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token")
            out = await world.client.delete("/api/v1/session", headers=headers)
            assert out.status_code == 403
        assert (await world.client.get("/api/v1/me", headers=cookie)).status_code == 200
        form = await world.client.post(
            "/api/v1/session",
            content=b'{"name": "clerk", "password": "x"}',
            headers={"Content-Type": "text/plain"},
        )
        assert form.status_code == 422
    assert len(await events(world, SecurityEventType.forged)) == 8
    assert await events(world, SecurityEventType.sign_in_failed) == []


async def test_the_cookie_is_secure_where_people_come_by_https(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    body = {"name": "clerk", "password": RIGHT}
    answer = await world.client.post("https://five-ones.test/api/v1/session", json=body)
    assert answer.headers["set-cookie"].startswith("__Host-five_ones_session=")
    assert "Secure" in answer.headers["set-cookie"]


async def test_a_password_that_somebody_else_set_is_changed_first(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT, must_change=True)
    async with sign_in_required(world):
        answer = await sign_in(world, "clerk", RIGHT)
        held, elsewhere = browser(answer), browser(await sign_in(world, "clerk", RIGHT))
        assert [must["code"] for must in answer.json()["must"]] == ["change_password"]
        refused = await world.client.get("/api/v1/projects", headers=held)
        assert (refused.status_code, refused.json()["code"], refused.json()["must"]) == (
            403,
            "first_do_this",
            "change_password",
        )
        assert (await world.client.get("/api/v1/me", headers=held)).status_code == 200
        for body, code in (
            ({"current": "wrong", "new": "x"}, "password_wrong"),
            ({"current": RIGHT, "new": RIGHT}, "password_same"),
            ({"current": RIGHT, "new": "short"}, "password_short"),
            ({"current": RIGHT, "new": "ﷺ"}, "password_short"),
            ({"current": RIGHT, "new": "password2024"}, "password_common"),
            ({"current": RIGHT, "new": "P@ssw0rd123"}, "password_common"),
            ({"current": RIGHT, "new": "1234567890"}, "password_common"),
            ({"current": RIGHT, "new": "aaaaaaaaaaaaaa"}, "password_common"),
            ({"current": RIGHT, "new": "my-clerk-2023"}, "password_name"),
            ({"current": RIGHT, "new": "示例人员2023年口令"}, "password_name"),
            ({"current": RIGHT, "new": "shilirenyuan2023"}, "password_name"),
        ):
            answer = await world.client.put("/api/v1/me/password", json=body, headers=held)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code), body
            assert RIGHT not in answer.text
        body = {"current": RIGHT, "new": "另一个口令 correct horse"}
        assert (await world.client.put("/api/v1/me/password", json=body, headers=held)).status_code == 204
        assert (await world.client.get("/api/v1/projects", headers=held)).status_code == 200
        assert (await world.client.get("/api/v1/me", headers=elsewhere)).status_code == 401
        assert (await sign_in(world, "clerk", RIGHT)).status_code == 401
        assert (await sign_in(world, "clerk", body["new"])).json()["must"] == []
    assert len(await events(world, SecurityEventType.password_changed)) == 1


async def test_whoever_finds_an_open_browser_does_not_guess_on(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    held = await session_of(world, "clerk")
    async with sign_in_required(world):
        for _ in range(5):
            body = {"current": "wrong", "new": "x"}
            assert (await world.client.put("/api/v1/me/password", json=body, headers=held)).status_code == 422
        assert (await world.client.put("/api/v1/me/password", json=body, headers=held)).status_code == 429
    # Signing in is counted apart: its owner still comes in, and the browser is no less shut by that.
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
    async with sign_in_required(world):
        assert (await world.client.put("/api/v1/me/password", json=body, headers=held)).status_code == 429


async def test_passwords_grow_old_where_the_office_wants_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.settings, "password_max_days", 90)
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    assert (await sign_in(world, "clerk", RIGHT)).json()["must"] == []
    world.clock.moment += timedelta(days=90)
    assert [must["code"] for must in (await sign_in(world, "clerk", RIGHT)).json()["must"]] == ["change_password"]


async def second_factor(world: World, headers: dict[str, str]) -> pyotp.TOTP:
    begun = await world.client.post("/api/v1/me/second-factor", headers=headers)
    assert begun.status_code == 201, begun.text
    assert begun.json()["address"].startswith("otpauth://totp/")
    return pyotp.TOTP(begun.json()["key"])


async def test_a_second_factor(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    async with sign_in_required(world):
        held = browser(await sign_in(world, "clerk", RIGHT))
        totp = await second_factor(world, held)
        async with world.database.reading() as session:
            kept = await session.scalar(select(Credential.second_factor))
            assert kept is not None
            assert totp.secret not in kept
        assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
        path = "/api/v1/me/second-factor/confirmation"
        wrong = {"code": totp.at(world.clock.moment - timedelta(hours=1))}
        assert (await world.client.post(path, json=wrong, headers=held)).status_code == 422
        code = {"code": totp.at(world.clock.moment)}
        assert (await world.client.post(path, json=code, headers=held)).status_code == 204
        assert (await world.client.post("/api/v1/me/second-factor", headers=held)).status_code == 409
        wanted = await sign_in(world, "clerk", RIGHT)
        assert (wanted.status_code, wanted.json()["code"]) == (401, "code_required")
        assert (await sign_in(world, "clerk", "wrong", code=totp.at(world.clock.moment))).status_code == 401
        used = await sign_in(world, "clerk", RIGHT, **code)
        assert (used.status_code, used.json()["code"]) == (401, "sign_in_failed")
        world.clock.moment += timedelta(seconds=30)
        next_code = totp.at(world.clock.moment)
        assert (await sign_in(world, "clerk", RIGHT, code=next_code)).status_code == 201
        assert (await sign_in(world, "clerk", RIGHT, code=next_code)).status_code == 401
        world.clock.moment += timedelta(seconds=60)
        codes = [totp.at(world.clock.moment)] * 4
        at_once = await asyncio.gather(
            *(
                world.client.post("/api/v1/session", json={"name": "clerk", "password": RIGHT, "code": found})
                for found in codes
            )
        )
        world.client.cookies.clear()
        assert sorted(answer.status_code for answer in at_once) == [201, 401, 401, 401]
        removal = "/api/v1/me/second-factor/removal"
        assert (await world.client.post(removal, json={"password": "wrong"}, headers=held)).status_code == 422
        assert (await world.client.post(removal, json={"password": RIGHT}, headers=held)).status_code == 204
        assert (await sign_in(world, "clerk", RIGHT)).status_code == 201


async def test_wrong_codes_suspend_as_wrong_passwords_do(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    async with sign_in_required(world):
        held = browser(await sign_in(world, "clerk", RIGHT))
        totp = await second_factor(world, held)
        code = {"code": totp.at(world.clock.moment)}
        await world.client.post("/api/v1/me/second-factor/confirmation", json=code, headers=held)
        for _ in range(5):
            assert (await sign_in(world, "clerk", RIGHT, code="000000")).status_code == 401
            assert (await sign_in(world, "clerk", RIGHT)).status_code in (401, 429)
        assert (await sign_in(world, "clerk", RIGHT, code="000000")).status_code == 429


async def test_an_office_may_want_two_factors_of_its_administrators(world: World) -> None:
    await user(world, "admin", Role.system_admin)
    await user(world, "clerk", Role.bureau)
    for name in ("admin", "clerk"):
        await password(world, name, RIGHT)
    async with world.database.writing() as session:
        await office.put(session, office.SECOND_FACTOR, "administrators")
    async with sign_in_required(world):
        assert (await sign_in(world, "clerk", RIGHT)).json()["must"] == []
        answer = await sign_in(world, "admin", RIGHT)
        assert [must["code"] for must in answer.json()["must"]] == ["set_second_factor"]
        held = browser(answer)
        assert (await world.client.get("/api/v1/users", headers=held)).status_code == 403
        totp = await second_factor(world, held)
        code = {"code": totp.at(world.clock.moment)}
        await world.client.post("/api/v1/me/second-factor/confirmation", json=code, headers=held)
        assert (await world.client.get("/api/v1/users", headers=held)).status_code == 200


async def test_no_secret_of_anybody_is_kept_as_it_is(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    answer = await sign_in(world, "clerk", RIGHT)
    secret = answer.cookies["five_ones_session"]
    async with world.database.reading() as session:
        for table in ("sessions", "credentials", "events", "security_events", "users"):
            rows: list[Any] = list((await session.execute(text(f"SELECT * FROM {table}"))).all())
            assert RIGHT not in str(rows)
            assert secret not in str(rows)
        assert await session.scalar(select(func.count()).select_from(Credential)) == 1


@pytest.mark.postgresql_only
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_whoever_is_signed_in_does_not_notice_that_the_database_restarted(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    held = await session_of(world, "clerk")
    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/projects", headers=held)).status_code == 200
        async with world.database.writing() as session:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            gone = await session.execute(text(f"{others} AND pid <> pg_backend_pid()"))
            assert len(gone.all()) >= 1
        for _ in range(3):
            assert (await world.client.get("/api/v1/projects", headers=held)).status_code == 200


async def test_a_hash_made_when_hashing_was_weaker_is_made_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)

    async def kept() -> str:
        async with world.database.reading() as session:
            return (await session.scalars(select(Credential.password_hash))).one()

    weak = await kept()
    monkeypatch.setattr(passwords, "hashing", PasswordHash.recommended())
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
    strong = await kept()
    assert weak != strong
    assert "m=65536" in strong
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
    assert await kept() == strong


@pytest.mark.parametrize(
    "body",
    [
        {"name": "my-secret-pass\x00", "password": "x"},
        {"name": "ｃｌｅｒｋ", "password": "x" * 257},
        {"name": "x" * 65, "password": "x"},
        {"name": "clerk", "password": "\x00"},
        {"name": "clerk", "password": "x", "code": "١٢٣٤٥٦"},
        {"name": ["clerk"], "password": {"a": 1}},
        {"name": "clerk", "password": "x", "is_admin": True},
    ],
)
async def test_odd_input_is_refused_and_is_in_no_log(
    world: World, body: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    answer = await world.client.post("/api/v1/session", json=body)
    assert answer.status_code in (401, 422), answer.text
    assert "my-secret-pass" not in capfd.readouterr().err + answer.text


async def test_whoever_has_one_ipv6_address_has_its_network(world: World) -> None:
    one, other, far = (
        {limit.key for limit in attempts.limits(world.settings, "x", address)}
        for address in ("2001:db8::1", "2001:db8::ffff:2:3:4", "2001:db8:0:1::1")
    )
    assert one == other
    assert one != far


async def test_a_reset_ends_sessions_and_tokens_and_a_change_under_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await user(world, "system", Role.system_admin)
    await user(world, "secure", Role.security_admin)
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    system, held, key = await session_of(world, "system"), await session_of(world, "clerk"), await token(world, "clerk")
    async with sign_in_required(world):
        users = (await world.client.get("/api/v1/users", headers=system)).json()["items"]
        (clerk,) = [item["id"] for item in users if item["name"] == "clerk"]
        plain = passwords.hashed
        resets: list[httpx.Response] = []

        async def hashed(text: str) -> str:
            """Hashes like the original, but lets the administrator reset the password first."""
            if text == CHANGED and not resets:
                resets.append(await world.client.post(f"/api/v1/users/{clerk}/password", headers=system))
            return await plain(text)

        monkeypatch.setattr(passwords, "hashed", hashed)
        body = {"current": RIGHT, "new": CHANGED}
        assert (await world.client.put("/api/v1/me/password", json=body, headers=held)).status_code == 401
        assert resets[0].status_code == 201
        for headers in (held, key):
            assert (await world.client.get("/api/v1/me", headers=headers)).status_code == 401
        assert (await sign_in(world, "clerk", CHANGED)).status_code == 401
        secure = await session_of(world, "secure")
        released = await world.client.post(f"/api/v1/users/{clerk}/password/release", headers=secure)
        whole = resets[0].json()["password"] + released.json()["password"]
        assert (await sign_in(world, "clerk", whole)).status_code == 201


@pytest.mark.parametrize("name", ["clerk", "locked", "no-password", "nobody"])
async def test_every_sign_in_hashes_once(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the time reveals nothing either: hashing takes most of it."""
    for known in ("clerk", "locked", "no-password"):
        await user(world, known, Role.bureau)
    for known in ("clerk", "locked"):
        await password(world, known, RIGHT)
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "locked", True)
    await passwords.verify("x", None)
    plain, hashed = passwords.hashing.verify_and_update, []

    def counted(text: str, kept: str) -> tuple[bool, str | None]:
        hashed.append(kept)
        return plain(text, kept)

    monkeypatch.setattr(passwords.hashing, "verify_and_update", counted)
    assert (await sign_in(world, name, "wrong")).status_code == 401
    assert len(hashed) == 1
