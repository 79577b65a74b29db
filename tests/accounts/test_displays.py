"""A screen on a wall reads the wall's figures by a session of its own, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts import policy
from app.accounts.roles import Role
from tests.accounts.people import session_of, sign_in_required, user
from tests.accounts.test_matrix import asked, operations
from tests.conftest import World

pytestmark = pytest.mark.anyio

WALL = "/api/v1/totals/wall"


async def added(world: World, **fields: Any) -> dict[str, Any]:
    await user(world, "system", Role.system_admin)
    admin = await session_of(world, "system")
    answer = await world.client.post("/api/v1/displays", json={"name": "示例大厅", **fields}, headers=admin)
    assert answer.status_code == 201, answer.text
    display: dict[str, Any] = answer.json()
    return {**display, "admin": admin}


async def begun(world: World, code: str) -> dict[str, str]:
    """Sets up a screen. Returns the headers of its browser."""
    answer = await world.client.post("/api/v1/display-session", json={"code": code})
    world.client.cookies.clear()
    assert answer.status_code == 201, answer.text
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    return {"Cookie": cookie.partition(";")[0]}


async def test_a_display_reads_the_wall_and_nothing_else(world: World) -> None:
    async with sign_in_required(world):
        display = await added(world)
        screen = await begun(world, display["code"].replace("-", " ").lower())
        answer = await world.client.get(WALL, headers=screen)
        assert answer.status_code == 200, answer.text
        assert answer.json()["scope"]["is_whole_city"]
        for method, path, name in operations(world):
            if name not in policy.OPEN | policy.DISPLAYED:
                refused = await asked(world, method, path, screen)
                assert refused.status_code == 401, f"{method} {path}: {refused.text}"
        (listed,) = (await world.client.get("/api/v1/displays", headers=display["admin"])).json()["items"]
    assert listed["begun_at"] == listed["last_used_at"] is not None
    assert listed["is_in_use"]
    assert "code" not in listed


async def test_a_code_works_once_and_for_a_day(world: World) -> None:
    async with sign_in_required(world):
        first = await added(world)
        await begun(world, first["code"])
        again = await world.client.post("/api/v1/display-session", json={"code": first["code"]})
        second = await world.client.post("/api/v1/displays", json={"name": "示例"}, headers=first["admin"])
        world.clock.moment += timedelta(days=1)
        late = await world.client.post("/api/v1/display-session", json={"code": second.json()["code"]})
        wrong = await world.client.post("/api/v1/display-session", json={"code": "AAAA-AAAA-AAAA"})
    assert {(one.status_code, one.json()["code"]) for one in (again, late, wrong)} == {(401, "display_code")}
    assert len({one.json()["detail"] for one in (again, late, wrong)}) == 1


async def test_a_display_ends_by_hand_and_by_time(world: World) -> None:
    async with sign_in_required(world):
        display = await added(world, days=2)
        other = await world.client.post("/api/v1/displays", json={"name": "示例", "days": 2}, headers=display["admin"])
        screens = [await begun(world, code) for code in (display["code"], other.json()["code"])]
        address = f"/api/v1/displays/{display['id']}"
        assert (await world.client.delete(address, headers=display["admin"])).status_code == 204
        assert (await world.client.delete(address, headers=display["admin"])).json()["code"] == "unchanged"
        answers = [(await world.client.get(WALL, headers=screen)).status_code for screen in screens]
        assert answers == [401, 200]
        world.clock.moment += timedelta(days=2)
        assert (await world.client.get(WALL, headers=screens[1])).status_code == 401


async def test_an_added_display_that_was_ended_is_not_set_up(world: World) -> None:
    async with sign_in_required(world):
        display = await added(world)
        await world.client.delete(f"/api/v1/displays/{display['id']}", headers=display["admin"])
        answer = await world.client.post("/api/v1/display-session", json={"code": display["code"]})
    assert answer.status_code == 401


@pytest.mark.parametrize("days", [0, 91, "x"])
async def test_a_display_lasts_ninety_days_at_most(world: World, days: Any) -> None:
    async with sign_in_required(world):
        await user(world, "system", Role.system_admin)
        admin = await session_of(world, "system")
        answer = await world.client.post("/api/v1/displays", json={"name": "示例", "days": days}, headers=admin)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/days"


async def test_guessing_codes_is_slowed_down(world: World) -> None:
    most = world.settings.token_failures_an_address
    body = {"code": "AAAA-AAAA-AAAA"}
    async with sign_in_required(world):
        answers = [await world.client.post("/api/v1/display-session", json=body) for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [401] * most + [429]
    assert answers[-1].json()["code"] == "too_many_bad_tokens"


async def test_the_trail_tells_of_displays(world: World) -> None:
    async with sign_in_required(world):
        display = await added(world)
        await begun(world, display["code"])
        await world.client.delete(f"/api/v1/displays/{display['id']}", headers=display["admin"])
        await user(world, "auditor", Role.auditor)
        auditor = await session_of(world, "auditor")
        found = await world.client.get("/api/v1/audit", params={"limit": 200}, headers=auditor)
    types = [one["type"] for one in found.json()["items"] if one["type"].startswith("display.")]
    assert sorted(types) == ["display.added", "display.begun", "display.ended"]
