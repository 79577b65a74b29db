"""A suspension caused by strangers does not keep out a user who signs in from a known browser."""

from datetime import timedelta

import httpx
import pytest

from app.accounts import credentials, service
from app.accounts.roles import Role
from app.accounts.service import lock
from tests.accounts.people import CLI, password, sign_in, user
from tests.accounts.test_sign_in import RIGHT
from tests.conftest import World

pytestmark = pytest.mark.anyio


async def again(world: World, name: str, text: str, device: str) -> httpx.Response:
    """Signs in from a browser that holds this device cookie."""
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


async def test_what_a_browser_holds_opens_nothing_by_itself(world: World) -> None:
    """The cookie belongs to one user and has its own count of failures; a forged one counts as none."""
    await people(world)
    device = (await sign_in(world, "clerk", RIGHT)).cookies["five_ones_device"]
    await suspend(world, "other")
    for made_up in (device, "", "x" * 43, device.upper()):
        assert (await again(world, "other", RIGHT, made_up)).status_code == 429, "it is not this person's"
    for _ in range(5):
        assert (await again(world, "clerk", "wrong", device)).status_code == 401
    assert (await again(world, "clerk", RIGHT, device)).status_code == 429, "whoever has stolen it guesses five times"
    assert (await sign_in(world, "clerk", RIGHT)).status_code == 201, "and keeps nobody else out"
    async with world.database.writing() as session:
        await service.set_locked(session, CLI, "clerk", False)
    assert (await again(world, "clerk", RIGHT, device)).status_code == 201, "an administrator lifts that too"


async def test_a_token_that_somebody_else_put_there_never_becomes_known(world: World) -> None:
    await people(world)
    planted = (await sign_in(world, "other", RIGHT)).cookies["five_ones_device"]
    answer = await again(world, "clerk", RIGHT, planted)
    assert answer.cookies["five_ones_device"] != planted
    await suspend(world, "clerk")
    assert (await again(world, "clerk", RIGHT, planted)).status_code == 429


@pytest.mark.parametrize("how", ["reset", "lock", "time", "ten others"])
async def test_a_browser_is_known_no_longer(world: World, how: str) -> None:
    await people(world)
    device = (await sign_in(world, "clerk", RIGHT)).cookies["five_ones_device"]
    if how == "time":
        world.clock.moment += timedelta(days=91)
    elif how == "ten others":
        for _ in range(10):
            world.clock.moment += timedelta(seconds=1)
            assert (await sign_in(world, "clerk", RIGHT)).status_code == 201
    else:
        async with world.database.writing() as session:
            if how == "reset":
                await credentials.reset(session, CLI, await lock(session, "clerk"))
            else:
                await service.set_locked(session, CLI, "clerk", True)
                await service.set_locked(session, CLI, "clerk", False)
        await password(world, "clerk", RIGHT)
    await suspend(world, "clerk")
    assert (await again(world, "clerk", RIGHT, device)).status_code == 429


async def test_a_known_browser_passes_the_suspension_of_its_address(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody behind the same address cannot keep a whole office out."""
    monkeypatch.setattr(world.settings, "sign_in_failures_an_address", 6)
    await people(world)
    device = (await sign_in(world, "clerk", RIGHT)).cookies["five_ones_device"]
    for number in range(6):
        await sign_in(world, f"name{number}", "wrong")
    assert (await sign_in(world, "other", RIGHT)).status_code == 429
    assert (await again(world, "clerk", RIGHT, device)).status_code == 201


async def test_the_cookie_is_for_this_site_alone(world: World) -> None:
    await people(world)
    world.client.cookies.clear()
    body = {"name": "clerk", "password": RIGHT}
    answer = await world.client.post("https://five-ones.test/api/v1/session", json=body)
    (cookie,) = [value for value in answer.headers.get_list("set-cookie") if "device" in value]
    assert cookie.startswith("__Host-five_ones_device=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert f"Max-Age={90 * 24 * 3600}" in cookie
    world.client.cookies.clear()
