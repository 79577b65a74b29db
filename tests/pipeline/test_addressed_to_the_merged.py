"""What is addressed to a merged record reaches its successor, or is told the successor's code."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.sender import inbox, source, work_off

pytestmark = pytest.mark.anyio


async def merge(world: World, merged: str, into: str) -> Any:
    return await world.act(f"/projects/{merged}", "merge", {"into_id": into, "reason": "示例"})


@pytest.mark.xfail(strict=True, reason="a message about a merged project fails")
async def test_a_message_about_a_merged_project_reaches_its_successor(world: World) -> None:
    city = await make.make_city(world)
    first, second = await make.make_project(city), await make.make_project(city)
    sender = await source(world)
    told = {"id": "P-900", "version": 1, "code": first["code"], "kind": "progress", "on": "2023-03-01"}
    await sender.send("project.progress", {**told, "summary": "示例一"})
    await work_off(world)
    await merge(world, first["id"], second["id"])
    await sender.send("project.progress", {**told, "version": 2, "summary": "示例二"})
    await work_off(world)
    assert [message["state"] for message in await inbox(world)] == ["applied", "applied"]
    assert (await world.get(f"/projects/{second['id']}/follow-ups"))["count"]["value"] == 2


@pytest.mark.xfail(strict=True, reason="people are told to undo a termination")
async def test_people_are_told_the_code_of_the_successor(world: World) -> None:
    city = await make.make_city(world)
    first, second = await make.make_project(city), await make.make_project(city)
    await merge(world, first["id"], second["id"])
    body = {"kind": "progress", "on": "2023-03-01", "summary": "示例"}
    answer = await world.send("POST", f"/projects/{first['id']}/follow-ups", body, Accept_Language="en")
    assert answer.status_code == 409
    assert f"It was merged into {second['code']}; deal with that one" in answer.json()["detail"]
