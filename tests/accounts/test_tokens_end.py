"""Sessions and tokens from before an account was locked, or its password changed, open nothing afterwards."""

from typing import Any

import pytest

from app.accounts import service
from app.accounts.roles import Role
from app.accounts.schemas import UserUpdate
from tests.accounts.people import CLI, password, session_of, sign_in_required, token, user
from tests.conftest import World

pytestmark = pytest.mark.anyio

RIGHT = "原来的口令 battery staple"
NEW = "另一个口令 correct horse"


async def _opens(world: World, *headers: dict[str, str]) -> list[int]:
    return [(await world.client.get("/api/v1/me", headers=one)).status_code for one in headers]


async def _change(world: World, held: dict[str, str], **more: Any) -> None:
    body = {"current": RIGHT, "new": NEW, **more}
    answer = await world.client.put("/api/v1/me/password", json=body, headers=held)
    assert answer.status_code == 204, answer.text


async def test_a_lock_ends_tokens_for_good(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await user(world, "other", Role.bureau)
    before, others = await token(world, "clerk"), await token(world, "other")
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "clerk", True)
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "clerk", False)
    after = await token(world, "clerk")
    async with sign_in_required(world):
        assert await _opens(world, before, after, others) == [401, 200, 200]


async def test_an_account_that_is_taken_up_again_has_no_old_tokens(world: World) -> None:
    await user(world, "clerk", Role.bureau, active_from="2023-01-01", active_until="2023-06-02")
    await user(world, "other", Role.bureau, active_from="2023-01-01", active_until="2023-06-12")
    before, others = await token(world, "clerk"), await token(world, "other")
    world.clock.set(2023, 6, 10)
    async with world.database.writing() as session:
        for name in ("clerk", "other"):
            version = (await service.get(session, name)).version
            await service.edit(session, CLI, name, version, UserUpdate.model_validate({"active_until": "2023-12-31"}))
    async with sign_in_required(world):
        assert await _opens(world, before, others) == [401, 200]


async def test_a_new_password_ends_tokens(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    held, elsewhere = await session_of(world, "clerk"), await session_of(world, "clerk")
    api = await token(world, "clerk")
    async with sign_in_required(world):
        await _change(world, held)
        assert await _opens(world, held, elsewhere, api) == [200, 401, 401]


async def test_whoever_says_so_keeps_the_tokens_at_a_new_password(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    held, api = await session_of(world, "clerk"), await token(world, "clerk")
    async with sign_in_required(world):
        await _change(world, held, keep_tokens=True)
        assert await _opens(world, held, api) == [200, 200]


async def test_a_password_that_is_refused_ends_nothing(world: World) -> None:
    await user(world, "clerk", Role.bureau)
    await password(world, "clerk", RIGHT)
    held, api = await session_of(world, "clerk"), await token(world, "clerk")
    async with sign_in_required(world):
        for body in ({"current": "wrong", "new": NEW}, {"current": RIGHT, "new": "short"}):
            assert (await world.client.put("/api/v1/me/password", json=body, headers=held)).status_code == 422
        assert await _opens(world, held, api) == [200, 200]
