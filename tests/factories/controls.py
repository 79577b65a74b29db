"""The second person, who confirms what the first has asked for."""

from dataclasses import replace
from typing import Any

import httpx

from tests.conftest import LOCAL_PERSON, World

ANOTHER = replace(LOCAL_PERSON, id="another", name="另一人")


async def confirmed(world: World, asked: httpx.Response) -> dict[str, Any]:
    """Lets another person confirm the change that this answer asked for. Returns the confirmed change."""
    assert asked.status_code == 202, asked.text
    return await confirm(world, asked.json()["id"], asked.json()["version"])


async def confirm(world: World, change_id: str, version: int = 1) -> dict[str, Any]:
    before, world.actor = world.actor, ANOTHER
    try:
        answer = await world.send("POST", f"/control-changes/{change_id}/confirmation", {}, version=version)
    finally:
        world.actor = before
    assert answer.status_code == 200, answer.text
    change: dict[str, Any] = answer.json()
    return change
