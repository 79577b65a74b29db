"""Common start of the tests of outgoing messages: an endpoint of a user, and a sender that works until a moment."""

from datetime import datetime
from typing import Any

import httpx

from app.accounts.roles import Role
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.webhooks.receiver import Receiver
from tests.webhooks.sender import work_off


async def ask(
    world: World, who: str, method: str, path: str, body: Any = None, version: int | None = None
) -> httpx.Response:
    """Sends a request as a user who signs in again for each one, because these tests move the clock."""
    headers = await session_of(world, who)
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    async with sign_in_required(world):
        return await world.client.request(method, f"/api/v1{path}", json=body, headers=headers)


class Endpoint:
    """An endpoint of a user."""

    def __init__(self, world: World, made: dict[str, Any], owner: str) -> None:
        self.world, self.id, self.secret, self.owner = world, made["id"], made["secret"], owner
        self.path = f"/webhook-endpoints/{self.id}"

    async def read(self, more: str = "", **params: Any) -> Any:
        return await self.world.get(f"{self.path}{more}", **params)

    async def send(self, method: str, more: str = "", body: Any = None, by: str | None = None) -> httpx.Response:
        version = (await self.read())["version"]
        return await ask(self.world, by or self.owner, method, f"{self.path}{more}", body, version)

    async def act(self, method: str, more: str = "", body: Any = None) -> Any:
        said = await self.send(method, more, body)
        assert said.is_success, said.text
        return said.json()

    async def deliveries(self, **params: Any) -> list[dict[str, Any]]:
        """Returns the deliveries, the earliest first."""
        found: list[dict[str, Any]] = (await self.read("/deliveries", **params))["items"]
        return found[::-1]

    async def states(self) -> list[str]:
        return [one["state"] for one in await self.deliveries()]

    async def only(self) -> dict[str, Any]:
        """Returns its one delivery, with its attempts."""
        (delivery,) = await self.deliveries()
        found: dict[str, Any] = await self.world.get(f"/webhook-deliveries/{delivery['id']}")
        return found


async def endpoint(
    world: World,
    receives: Receiver,
    *types: str,
    owner: str = "owner",
    role: Role = Role.bureau,
    of: str | None = None,
    **fields: Any,
) -> Endpoint:
    """Adds an endpoint that sends to `receives`; `of` is the owner's unit."""
    world.settings.outbound_networks = "127.0.0.0/8:*, [::1/128]:*"
    await user(world, owner, role, unit_id=of)
    body = {"name": "示例驾驶舱", "url": receives.url, "types": list(types or ("*",)), **fields}
    said = await ask(world, owner, "POST", "/webhook-endpoints", body)
    assert said.status_code == 201, said.text
    return Endpoint(world, said.json(), owner)


async def until(world: World, moment: str) -> None:
    """Moves the clock to a moment, and lets the worker do what is due by then."""
    world.clock.moment = datetime.fromisoformat(moment)
    await work_off(world)
