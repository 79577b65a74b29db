"""Applying messages: in order and by the rules that also apply to people."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app import job_registry
from app.core.db import Database
from app.enterprises import service as enterprises
from app.enterprises.schemas import EnterpriseUpdate
from app.jobs.worker import Worker
from tests.conftest import LOCAL_PERSON, World
from tests.webhooks.sender import Sender, inbox, someone_waits, source, states, work_off

pytestmark = pytest.mark.anyio

CODE = "91000000000000001N"


async def enterprise(world: World, name: str = "示例新材料有限公司", **fields: Any) -> str:
    made: str = (await world.post("/enterprises", {"name": name, **fields}))["id"]
    return made


async def snapshot(sender: Sender, version: int, name: str, **more: Any) -> None:
    answer = await sender.send("enterprise.updated", {"id": "E-1", "version": version, "name": name, **more})
    assert answer.status_code == 202, answer.text


async def test_the_newest_snapshot_stands(world: World) -> None:
    found = await enterprise(world, credit_code=CODE)
    sender = await source(world)
    await snapshot(sender, 2, "示例二", credit_code=CODE, headquarters="示例市")
    await work_off(world)
    await snapshot(sender, 1, "示例一", credit_code=CODE)
    await snapshot(sender, 3, "示例三", credit_code=CODE)
    await snapshot(sender, 3, "示例三之二", credit_code=CODE)
    await work_off(world)
    assert await states(world) == ["applied", "stale", "applied", "stale"]
    read = await world.get(f"/enterprises/{found}")
    assert (read["name"], read["headquarters"]) == ("示例三", "示例市")
    (first, *_) = await inbox(world)
    assert first["changed"] == [{"type": "enterprise", "id": found, "instead_of": None}]
    await world.holds()


async def test_what_is_known_by_its_id_need_not_be_found_again(world: World) -> None:
    found = await enterprise(world, credit_code=CODE)
    sender = await source(world)
    await snapshot(sender, 1, "示例一", credit_code=CODE)
    await work_off(world)
    await snapshot(sender, 2, "示例二")
    await work_off(world)
    read = await world.get(f"/enterprises/{found}")
    assert (read["name"], read["credit_code"]) == ("示例二", CODE)


async def test_nothing_is_matched_by_guess(world: World) -> None:
    """An equal name is no match; a person names the record, which is matched from then on."""
    found = await enterprise(world, "示例新材料有限公司")
    sender = await source(world)
    await snapshot(sender, 1, "示例新材料有限公司", headquarters="示例市")
    await work_off(world)
    (parked,) = await inbox(world)
    assert (parked["state"], parked["errors"][0]["code"]) == ("parked", "unmatched")
    nobody = await world.send("POST", f"/inbox/{parked['id']}/link", {"record_id": sender.id})
    assert (nobody.status_code, nobody.json()["errors"][0]["pointer"]) == (422, "/record_id")
    linked = await world.post(f"/inbox/{parked['id']}/link", {"record_id": found}, status=200)
    assert linked["state"] == "received"
    await work_off(world)
    assert await states(world) == ["applied"]
    await snapshot(sender, 2, "示例改名有限公司")
    await work_off(world)
    assert (await world.get(f"/enterprises/{found}"))["name"] == "示例改名有限公司"


async def test_what_is_refused_changes_nothing_and_can_be_replayed(world: World) -> None:
    found, other = await enterprise(world, "示例一", credit_code=CODE), await enterprise(world, "示例二")
    sender = await source(world)
    await snapshot(sender, 1, "示例一改", credit_code=CODE, industry_code="不存在")
    await work_off(world)
    (failed,) = await inbox(world)
    assert (failed["state"], failed["changed"]) == ("failed", [])
    assert failed["errors"][0]["pointer"] == "/data/industry_code"
    assert (await world.get(f"/enterprises/{found}"))["name"] == "示例一"
    await snapshot(sender, 2, "示例一再改", credit_code=CODE)
    await work_off(world)
    again = await world.post(f"/inbox/{failed['id']}/replay", None, status=200)
    assert again["state"] == "received"
    await work_off(world)
    assert await states(world) == ["stale", "applied"], "a newer one stands by now"
    refused = await world.send("POST", f"/inbox/{failed['id']}/replay")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_to_be_replayed")
    assert other != found


async def test_many_are_replayed_at_once(world: World) -> None:
    sender, other = await source(world), await source(world, "另一平台")
    for number in (1, 2, 3):
        await snapshot(sender, number, f"示例{number}", credit_code=CODE)
        await work_off(world)
    await snapshot(other, 1, "示例", credit_code=CODE)
    await work_off(world)
    assert await states(world) == ["parked"] * 4
    found = await enterprise(world, credit_code=CODE)
    answer = await world.send("POST", f"/inbox/replay?state=parked&source_id={sender.id}")
    assert answer.json() == {"count": 3}
    await work_off(world)
    assert await states(world) == ["applied"] * 3 + ["parked"]
    assert (await world.get(f"/enterprises/{found}"))["name"] == "示例3"
    assert (await world.send("POST", "/inbox/replay?state=applied")).status_code == 422


async def test_a_source_that_cannot_number_goes_by_arrival(world: World) -> None:
    found = await enterprise(world, credit_code=CODE)
    sender = await source(world, order="arrival")
    for name in ("示例一", "示例二"):
        await sender.send("enterprise.updated", {"id": "E-1", "name": name, "credit_code": CODE})
    await sender.send("enterprise.updated", {"id": "E-1", "name": "示例三", "version": 1})
    await work_off(world)
    assert await states(world) == ["applied"] * 3
    assert (await world.get(f"/enterprises/{found}"))["name"] == "示例三"


async def test_who_did_it_is_the_source_by_name(world: World) -> None:
    found = await enterprise(world, credit_code=CODE)
    sender = await source(world, "示例审批平台")
    await snapshot(sender, 1, "示例一", credit_code=CODE)
    await work_off(world)
    async with world.database.reading() as session:
        from sqlalchemy import select

        from app.events.models import Event

        query = select(Event).where(Event.type == "enterprise.updated")
        (event,) = await session.scalars(query)
    assert (str(event.subject_id), event.actor_name, event.actor_id) == (found, "示例审批平台", f"source:{sender.id}")


async def test_messages_of_one_object_are_applied_one_at_a_time(world: World) -> None:
    """With several workers at once, the newest stays in force."""
    found = await enterprise(world, credit_code=CODE)
    sender = await source(world)
    for version in range(1, 13):
        await snapshot(sender, version, f"示例{version}", credit_code=CODE)
    databases = [Database(world.settings, world.clock) for _ in range(3)]
    await asyncio.gather(*(Worker(database, job_registry.registry()).until_idle() for database in databases))
    for database in databases:
        await database.close()
    world.clock.moment += timedelta(hours=1)
    await work_off(world)
    assert set(await states(world)) <= {"applied", "stale"}
    assert (await world.get(f"/enterprises/{found}"))["name"] == "示例12"
    await world.holds()


async def test_a_message_does_not_fail_for_what_a_clerk_saves_meanwhile(world: World) -> None:
    """It is ordered by the source's own numbers and has read no version of ours that could be stale."""
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    found = await enterprise(world, credit_code=CODE)
    sender = await source(world)
    await snapshot(sender, 1, "示例一", credit_code=CODE)
    async with world.database.writing() as session:
        edit = EnterpriseUpdate(headquarters="示例市")
        await enterprises.update(session, LOCAL_PERSON, UUID(found), 1, edit)
        working = asyncio.create_task(work_off(world))
        await someone_waits(world)
    await working
    assert await states(world) == ["applied"]
    read = await world.get(f"/enterprises/{found}")
    assert (read["name"], read["headquarters"]) == ("示例一", "示例市")
    await world.holds()
