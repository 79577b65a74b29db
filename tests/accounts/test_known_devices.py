"""A suspension that strangers bring about does not keep out whoever signs in from a browser of theirs."""

from datetime import timedelta

import httpx
import pytest

from app.accounts import credentials, service
from app.accounts.roles import Role
from app.accounts.service import Who
from tests.accounts.people import CLI, password, sign_in, user
from tests.accounts.test_sign_in import RIGHT
from tests.conftest import World

pytestmark = pytest.mark.anyio


async def again(world: World, name: str, text: str, device: str) -> httpx.Response:
    """A sign-in from a browser that holds this."""
    world.client.cookies.clear()
    headers = {"Cookie": f"five_ones_device={device}"}
    answer = await world.client.post("/api/v1/session", json={"name": name, "password": text}, headers=headers)
    world.client.cookies.clear()
    return answer


async def suspend(world: World, name: str) -> None:
    for _ in range(5):
        assert (await sign_in(world, name, "wrong")).status_code == 401
    assert (await sign_in(world, name, RIGHT)).status_code == 429


async def people(world: World) -> None:
    for name in ("clerk", "other"):
        await user(world, name, Role.bureau)
        await password(world, name, RIGHT)


@pytest.mark.xfail(strict=True, reason="anybody keeps anybody out by five wrong passwords")
async def test_a_known_browser_passes_a_suspension_made_elsewhere(world: World) -> None:
    await people(world)
    device = (await sign_in(world, "clerk", RIGHT)).cookies["five_ones_device"]
    for _ in range(2):
        await suspend(world, "clerk")
        world.clock.moment += timedelta(minutes=1)
        answer = await again(world, "clerk", RIGHT, device)
        assert (answer.status_code, answer.cookies["five_ones_device"]) == (201, device)
        assert (await sign_in(world, "clerk", RIGHT)).status_code == 429, "others stay suspended"
        world.clock.moment += timedelta(minutes=15)
