"""The second person: what one has asked for is confirmed by another."""

from dataclasses import replace
from typing import Any

import httpx

from tests.conftest import LOCAL_PERSON, World

ANOTHER = replace(LOCAL_PERSON, id="another", name="另一人")


async def confirmed(world: World, asked: httpx.Response) -> dict[str, Any]:
    """Let another person confirm what this answer says was asked for; the confirmed change."""
    assert asked.status_code == 202, asked.text
    return await confirm(world, asked.json()["id"], asked.json()["version"])


async def confirm(world: World, change_id: str, version: int = 1) -> dict[str, Any]:
    before, world.actor = world.actor, ANOTHER
    try:
        answer = await world.send("POST", f"/control-changes/{change_id}/confirmation", {}, version=version)
    finally:
        world.actor = before
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
