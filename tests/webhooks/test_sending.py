"""Outgoing messages: written in the transaction of the change, signed, and identical when repeated."""

import asyncio
import base64
import json
import os
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from standardwebhooks.webhooks import WebhookVerificationError

from app import job_registry
from app.core.actor import system
from app.core.clock import moment_text, system_now
from app.core.config import Settings
from app.core.ids import new_id
from app.events import service as events
from app.events.models import Event
from app.webhooks.objects import OBJECTS
from app.webhooks.outbound.models import WebhookMessage, WebhookStream
from app.webhooks.outbound.types import TYPES, WITHHELD
from tests.conftest import ROOT, World
from tests.factories import city as make
from tests.webhooks.endpoints import endpoint, until
from tests.webhooks.receiver import HANG, Request, answer, receiver
from tests.webhooks.sender import last_event, source, work_off

pytestmark = pytest.mark.anyio


async def test_a_change_is_told_of_and_proved(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other, "enterprise.*")
        world.settings.public_url = "https://zs.example.cn"
        enterprise_id = await make.make_investor(world)
        await work_off(world)
        (request,) = other.requests
        assert request.verify(to.secret) == request.told
        assert request.headers["content-type"] == "application/json"
        event = await last_event(world, "enterprise.created")
        assert request.told == {
            "type": "enterprise.created",
            "timestamp": moment_text(event.at),
            "data": {
                "id": str(event.id),
                "object": {"type": "enterprise", "id": enterprise_id},
                "project_id": None,
                "version": 1,
                "sequence": 1,
                "changed": [],
                "link": f"https://zs.example.cn/api/v1/enterprises/{enterprise_id}",
            },
        }
        changes = {"name": "示例新名称", "registered_place": "示例市"}
        await world.send("PATCH", f"/enterprises/{enterprise_id}", changes, version=1)
        await work_off(world)
        told = other.requests[-1].told["data"]
        assert (told["version"], told["sequence"], told["changed"]) == (2, 2, ["name", "registered_place"])
        delivery = (await to.deliveries())[-1]
        read = await world.get(f"/webhook-deliveries/{delivery['id']}")
        assert read["state"] == "delivered"
        assert read["body"] == other.requests[-1].body.decode()
        assert [(one["status"], one["error"], one["answer"]) for one in read["made"]] == [(200, None, "ok")]
        assert f"msg_{UUID(read['message_id']).hex}" == other.requests[-1].id
        assert to.secret not in str(read)


async def test_what_is_wrong_in_any_way_is_refused_by_the_public_library(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        (request,) = other.requests
        assert request.verify(to.secret)
        stale = str(int(request.headers["webhook-timestamp"]) - 301)
        another = f"whsec_{base64.b64encode(b'x' * 32).decode()}"
        for wrong, secret in (
            (Request(request.headers, request.body.replace(b"1", b"2", 1)), to.secret),
            (Request({**request.headers, "webhook-timestamp": stale}, request.body), to.secret),
            (Request({**request.headers, "webhook-id": "msg_1"}, request.body), to.secret),
            (request, another),
        ):
            with pytest.raises(WebhookVerificationError):
                wrong.verify(secret)


async def test_what_is_rolled_back_is_not_told(world: World) -> None:
    async with receiver() as other:
        await endpoint(world, other)
        sender = await source(world, order="arrival")
        refused = await world.send("POST", "/enterprises", {"name": "示例", "unit": 1})
        assert refused.status_code == 422
        enterprise_id = await make.make_investor(world)
        stale = await world.send("PATCH", f"/enterprises/{enterprise_id}", {"name": "示例二"}, version=7)
        assert stale.status_code == 412
        with suppress(RuntimeError):
            async with world.database.writing() as session:
                await events.note(session, system("test"), "enterprise.updated", "enterprise", UUID(enterprise_id))
                raise RuntimeError
        # One that a savepoint takes back while the rest of its transaction stays.
        await sender.send("enterprise.updated", {"id": "E-1", "name": "示例三", "credit_code": make.credit_code(9999)})
        await work_off(world)
        async with world.database.writing() as session:
            with suppress(RuntimeError):
                async with session.begin_nested():
                    await events.note(session, system("test"), "enterprise.updated", "enterprise", UUID(enterprise_id))
                    raise RuntimeError
        await work_off(world)
        assert [request.told["type"] for request in other.requests] == ["enterprise.created"]


async def test_what_a_crash_repeats_bears_the_same_id(database_url: str, world: World) -> None:
    """A worker of its own is killed when the message has arrived and nothing is known of it here."""
    world.clock.moment = datetime.now(UTC)
    async with receiver() as other:
        other.script = [HANG]
        to = await endpoint(world, other)
        await make.make_investor(world)
        own = {
            **os.environ,
            "FIVE_ONES_DATABASE_URL": database_url,
            "FIVE_ONES_OUTBOUND_NETWORKS": "127.0.0.0/8:*",
            "FIVE_ONES_LOG_LEVEL": "error",
        }
        command = [sys.executable, "-m", "app.commands.main", "worker"]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=own, stderr=asyncio.subprocess.DEVNULL)
        async with asyncio.timeout(60):
            await other.asked.wait()
        process.kill()
        await process.wait()
        assert await to.states() == ["pending"]
        await until(world, moment_text(datetime.now(UTC) + timedelta(seconds=90)))
        assert await to.states() == ["delivered"]
        first, second = other.requests
        assert (first.id, first.body) == (second.id, second.body)
        assert second.verify(to.secret)


async def test_two_secrets_sign_for_a_day(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        before, after = to.secret, (await to.act("POST", "/secret"))["secret"]
        await make.make_investor(world)
        await work_off(world)
        assert other.requests[-1].verify(before) == other.requests[-1].verify(after)
        world.clock.moment += timedelta(hours=24, minutes=1)
        await make.make_investor(world)
        await work_off(world)
        assert other.requests[-1].verify(after)
        with pytest.raises(WebhookVerificationError):
            other.requests[-1].verify(before)


async def test_an_answer_that_says_our_secret_back_is_kept_without_it(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        other.script = [answer(200, body=f"{to.secret} \x00\x1b[31m {'长' * 3000}")]
        await make.make_investor(world)
        await work_off(world)
        (made,) = (await to.only())["made"]
        assert made["answer"].startswith("… ��[31m 长长")
        assert len(made["answer"].encode()) <= 2100


async def test_what_was_sent_long_ago_is_forgotten(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await until(world, moment_text(world.clock.moment + timedelta(days=91)))
        assert await to.deliveries() == []
        assert (await to.read("/health"))["last_success_at"] is None


async def test_everything_said_of_business_is_told_or_named_as_withheld(sqlite_sample: str) -> None:
    database = job_registry.open_database(Settings(database_url=sqlite_sample), system_now)
    async with database.reading() as session:
        logged = select(Event.type).where(Event.subject_type.in_(OBJECTS)).distinct()
        said = set(await session.scalars(logged.where(Event.subject_type != "webhook_endpoint")))
    await database.close()
    assert len(said) > 20
    assert said <= TYPES.keys() | WITHHELD


async def test_a_secret_at_the_edge_of_what_is_kept(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        for before in (1999, 2440, 0):
            other.script = [answer(200, body="x" * before + to.secret * 60)]
            await make.make_investor(world)
            await work_off(world)
            delivery = (await to.deliveries())[-1]
            (made,) = (await world.get(f"/webhook-deliveries/{delivery['id']}"))["made"]
            assert to.secret[6:20] not in made["answer"]
            assert len(made["answer"]) <= 2048


async def test_two_changes_of_many_objects_do_not_wait_for_each_other(world: World) -> None:
    """In opposite orders, at the same time, beyond what one statement takes."""
    async with receiver() as other:
        await endpoint(world, other)
        ids = [new_id() for _ in range(450)]

        async def change(order: list[UUID]) -> None:
            async with world.database.writing() as session:
                for one in order:
                    await events.note(session, system("test"), "enterprise.updated", "enterprise", one)

        await asyncio.gather(change(ids), change(ids[::-1]))
        async with world.database.reading() as session:
            numbers = Counter(await session.scalars(select(WebhookStream.last_sequence)))
            bodies = list(await session.scalars(select(WebhookMessage.body)))
        assert numbers == {2: 450}
        told = Counter(
            (json.loads(body)["data"]["object"]["id"], json.loads(body)["data"]["sequence"]) for body in bodies
        )
        assert len(told) == 900


async def test_a_message_that_cannot_be_spread_keeps_back_no_other(world: World) -> None:
    """A message about an object of an unknown kind is marked, logged, and can be retried."""
    async with receiver() as other:
        await endpoint(world, other)
        await make.make_investor(world)
        async with world.database.writing() as session:
            odd = update(WebhookMessage).values(object_type="unknown")
            await session.execute(odd, execution_options={"synchronize_session": False})
        await make.make_investor(world)
        await work_off(world)
        assert len(other.requests) == 1
