"""Outgoing messages: attempts, backoff, failures, and what ends them."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from app import job_registry
from app.audit.models import SecurityEvent
from app.core import clock
from app.core.actor import system
from app.core.clock import moment_text
from app.core.ids import new_id
from app.events import service as events
from app.jobs.worker import Worker
from app.webhooks.outbound import attempts, deliveries
from app.webhooks.outbound.attempts import JITTER, SCHEDULE
from app.webhooks.outbound.models import WebhookDelivery, WebhookMessage
from app.webhooks.outbound.posting import Outcome
from app.webhooks.outbound.sender import Sender
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.webhooks.endpoints import endpoint, until
from tests.webhooks.receiver import DROP, HANG, OK, Receiver, answer, receiver
from tests.webhooks.sender import last_event, source, states, work_off

pytestmark = pytest.mark.anyio


async def test_ten_attempts_over_three_days(world: World) -> None:
    async with receiver() as other:
        other.default = answer(500, body="示例故障")
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        while (delivery := await to.only())["next_at"] is not None:
            await until(world, delivery["next_at"])
        at = [datetime.fromisoformat(one["at"]) for one in delivery["made"]]
        assert (delivery["state"], delivery["attempts"]) == ("failed", len(SCHEDULE) + 1)
        waited = [later - before for before, later in pairwise(at)]
        for pause, meant in zip(waited, SCHEDULE, strict=True):
            assert meant * (1 - JITTER) <= pause <= meant * (1 + JITTER) + timedelta(seconds=2)
        assert any(abs(pause - meant) > meant * 0.01 for pause, meant in zip(waited, SCHEDULE, strict=True))
        assert timedelta(hours=75) < sum(SCHEDULE, timedelta()) < timedelta(hours=76)
        assert {request.id for request in other.requests} == {other.requests[0].id}
        assert {request.body for request in other.requests} == {other.requests[0].body}
        assert {(one["status"], one["answer"]) for one in delivery["made"]} == {(500, "示例故障")}
        assert all(request.verify(to.secret) for request in other.requests)


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        (answer(500), 500, None),
        (answer(302, "Location: /elsewhere"), 302, None),
        (answer(204), 204, None),
        (DROP, None, "dropped"),
        (HANG, None, "timeout"),
        (b"no http\r\n\r\n", None, "dropped"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 200, None),
        (answer(200, "Content-Encoding: gzip", body="no gzip"), 200, None),
    ],
)
async def test_what_comes_of_an_answer(world: World, said: bytes, status: int | None, error: str | None) -> None:
    world.settings.outbound_seconds = 0.3
    async with receiver() as other:
        other.script = [said]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        (made,) = (await to.only())["made"]
        assert (made["status"], made["error"]) == (status, error)
        assert len(other.requests) == 1
        is_done = status in (200, 204)
        assert await to.states() == ["delivered" if is_done else "pending"]
        await until(world, (await to.only())["next_at"] or moment_text(world.clock.moment))
        assert [request.id for request in other.requests] == [other.requests[0].id] * (1 if is_done else 2)
        assert await to.states() == ["delivered"]


async def test_nobody_listens(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
    await make.make_investor(world)
    await work_off(world)
    assert [(one["status"], one["error"]) for one in (await to.only())["made"]] == [(None, "unreachable")]


async def test_a_receiver_says_when_to_come_back(world: World) -> None:
    in_two_hours = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    for said, at_least, at_most in (
        ("600", 600, 601),
        (in_two_hours, 7100, 7201),
        ("99999999999999999999", 86400, 86401),
        ("1", 4, 7),
        ("soon", 4, 7),
        ("-5", 4, 7),
    ):
        async with receiver() as other:
            other.script = [answer(429, f"Retry-After: {said}")]
            to = await endpoint(world, other, "enterprise.created", owner=f"owner{at_most}{len(said)}")
            await make.make_investor(world)
            await work_off(world)
            delivery = await to.only()
            waits = datetime.fromisoformat(delivery["next_at"]) - datetime.fromisoformat(delivery["made"][0]["at"])
            assert at_least <= waits.total_seconds() <= at_most, said
            # Nobody else's message goes there before either.
            await make.make_investor(world)
            await work_off(world)
            assert len(other.requests) == 1
            await until(world, (datetime.fromisoformat(delivery["next_at"]) + timedelta(seconds=61)).isoformat())
            assert await to.states() == ["delivered", "delivered"]
            await to.act("PATCH", body={"is_active": False})


async def test_gone_is_final(world: World) -> None:
    async with receiver() as other:
        other.default = answer(410)
        to = await endpoint(world, other)
        await make.make_investor(world)
        await make.make_investor(world)
        await work_off(world)
        found = await to.read()
        assert (found["is_active"], found["disabled"]) == (False, "gone")
        await until(world, moment_text(world.clock.moment + timedelta(hours=1)))
        assert await to.states() == ["failed", "pending"]
        assert len(other.requests) == 1
        async with world.database.reading() as session:
            said = select(SecurityEvent.data).where(SecurityEvent.actor_id == "sender")
            assert [data["why"] for data in await session.scalars(said)] == ["gone"]
        assert (await last_event(world, "webhook_endpoint.disabled")).data["why"] == "gone"
        # Missed messages are sent once it is active again.
        other.default = OK
        await to.act("PATCH", body={"is_active": True})
        assert (await to.read())["disabled"] is None
        await to.act("POST", "/replay", {"since": "2023-01-01T00:00:00Z"})
        await work_off(world)
        assert await to.states() == ["delivered", "delivered"]


async def test_five_days_of_failure_disable(world: World) -> None:
    async with receiver() as other:
        other.default = answer(503)
        to = await endpoint(world, other)
        for day in range(6):
            assert (await to.read())["is_active"]
            await make.make_investor(world)
            await until(world, moment_text(world.clock.moment + timedelta(days=1)))
            assert (await to.read())["is_active"] is (day < 5)
        assert (await to.read("/health"))["disabled"] == "failing"
        await until(world, moment_text(world.clock.moment + timedelta(days=2)))
        sent = len(other.requests)
        await until(world, moment_text(world.clock.moment + timedelta(days=2)))
        assert len(other.requests) == sent, "nothing is sent there any more"


async def test_success_ends_a_failure(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        failing = await to.read("/health")
        assert failing["failing_since"] is not None
        assert (failing["pending"], failing["failed_in_24_hours"]) == (1, 1)
        idle = await endpoint(world, Receiver(port=9), owner="another")
        await idle.act("PATCH", body={"is_active": False})
        with counted(world) as statements:
            rows = (await world.get("/webhook-endpoints", include="health"))["items"]
        assert len(statements) == 2
        assert {row["id"]: row["health"] for row in rows} == {
            to.id: failing,
            idle.id: await idle.read("/health"),
        }
        assert {row["owner_name"] for row in rows} == {(await one.read())["owner_name"] for one in (to, idle)}
        assert all(row["health"] is None for row in (await world.get("/webhook-endpoints"))["items"])
        await until(world, (await to.only())["next_at"])
        well = await to.read("/health")
        assert (well["failing_since"], well["rests_until"], well["pending"]) == (None, None, 0)
        assert (well["succeeded_in_24_hours"], well["failed_in_24_hours"]) == (1, 1)
        assert well["average_milliseconds"] >= 0
        assert well["last_success_at"] > well["last_failure_at"]


async def test_what_fails_is_tried_by_one_message_at_a_time(world: World) -> None:
    async with receiver() as other:
        other.default = answer(500)
        to = await endpoint(world, other)
        for _ in range(8):
            await make.make_investor(world)
        await work_off(world)
        assert len(other.requests) == 1
        for _ in range(4):
            before = len(other.requests)
            paused = (await to.read("/health"))["rests_until"]
            await until(world, (datetime.fromisoformat(paused) + timedelta(seconds=1)).isoformat())
            assert len(other.requests) == before + 1
        other.default = OK
        for _ in range(3):
            await until(world, moment_text(world.clock.moment + timedelta(minutes=6)))
        assert await to.states() == ["delivered"] * 8


async def test_a_receiver_that_hangs_holds_up_nothing_else(world: World) -> None:
    """One slot for each lane: while one waits for somebody else's answer, the inbox is applied."""
    async with receiver() as other:
        other.default = HANG
        await endpoint(world, other, "enterprise.created")
        sender = await source(world, order="arrival")
        await make.make_investor(world)
        worker = Worker(world.database, job_registry.registry(), slots=1, poll_seconds=0.05)
        sender_of_ours = Sender(world.database, slots=1, poll_seconds=0.05)
        worker.start()
        sender_of_ours.start()
        async with asyncio.timeout(20):
            await other.asked.wait()
            code = make.credit_code(4242)
            await world.post("/enterprises", {"name": "示例四二", "credit_code": code})
            await sender.send("enterprise.updated", {"id": "E-1", "name": "示例四三", "credit_code": code})
            while await states(world) != ["applied"]:  # noqa: ASYNC110 - it is the database that changes
                await asyncio.sleep(0.01)
        assert len(other.requests) == 1
        await worker.stop(0)
        await sender_of_ours.stop(0)


async def test_a_receiver_that_is_down_costs_others_nothing(world: World) -> None:
    """A thousand messages wait for it; another receiver gets its message at once, with few statements."""
    async with receiver() as other:
        down = await endpoint(world, Receiver(port=1), "enterprise.*", owner="of_down")
        await make.make_investor(world)
        await work_off(world)
        await endpoint(world, other, "enterprise.*", owner="of_well")
        async with world.database.writing() as session:
            for _ in range(1000):
                await events.note(session, system("test"), "enterprise.updated", "enterprise", new_id())
            gone = insert(WebhookDelivery)
            now, endpoint_id = clock.now(session), UUID(down.id)
            (message,) = await session.scalars(select(WebhookMessage).limit(1))
            told = {column.name: getattr(message, column.name) for column in WebhookMessage.__table__.columns}
            ids = [new_id() for _ in range(1000)]
            await session.execute(insert(WebhookMessage), [{**told, "id": id} for id in ids])
            own = {"endpoint_id": endpoint_id, "state": "pending", "is_ping": False, "attempts": 0, "created_at": now}
            await session.execute(gone, [{**own, "id": new_id(), "message_id": id, "next_at": now} for id in ids])
        await make.make_investor(world)
        await deliveries.spread_all(world.database)
        with counted(world) as statements:
            await Sender(world.database).until_idle()
        assert len(other.requests) == 1
        assert len(statements) < 60
        assert (await down.read("/health"))["pending"] >= 1000


async def test_success_lets_all_that_waited_go(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        for _ in range(9):
            await make.make_investor(world)
        await work_off(world)
        assert len(other.requests) == 1
        await until(world, moment_text(world.clock.moment + timedelta(seconds=3)))
        assert len(other.requests) == 9
        assert sorted(await to.states()) == ["delivered"] * 8 + ["pending"]


async def test_a_ping_tells_nothing_of_the_health(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        await to.act("POST", "/ping")
        assert (await to.send("POST", "/ping")).json()["code"] == "ping_pending"
        await work_off(world)
        assert (await to.read("/health"))["failing_since"] is None
        # A blip long after another is not five days of failure.
        for _ in range(2):
            other.script = [answer(503)]
            await make.make_investor(world)
            await work_off(world)
            await to.act("PATCH", body={"name": "示例改名"})
            world.clock.moment += timedelta(days=6)
        assert (await to.read())["is_active"]


async def test_a_new_name_does_not_excuse_a_failure(world: World) -> None:
    async with receiver() as other:
        other.default = answer(503)
        to = await endpoint(world, other)
        for day in range(7):
            await to.act("PATCH", body={"name": f"示例{day}"})
            if not (await to.read())["is_active"]:
                break
            await make.make_investor(world)
            await until(world, moment_text(world.clock.moment + timedelta(days=1)))
        assert (await to.read())["disabled"] == "failing"


async def test_people_overrule_a_rest(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(429, "Retry-After: 86400")]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await to.act("POST", "/ping")
        await work_off(world)
        assert [request.told["type"] for request in other.requests] == ["enterprise.created", "webhook.ping"]
        await to.act("PATCH", body={"is_active": False})
        await to.act("PATCH", body={"is_active": True})
        await work_off(world)
        assert await to.states() == ["delivered", "delivered"]


async def test_what_somebody_else_has_settled_stays(world: World) -> None:
    """Two senders were at one message, and the slower one's receiver answered 410."""
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await deliveries.spread_all(world.database)
        (delivery,) = await to.deliveries()
        async with world.database.reading() as session:
            found = await attempts.read(session, UUID(delivery["id"]))
        assert found is not None
        await work_off(world)
        async with world.database.writing() as session:
            await attempts.record(session, found, Outcome(status=410))
        assert await to.states() == ["delivered"]
        read = await to.read()
        assert (read["is_active"], read["failing_since"]) == (True, None)
        assert [one["status"] for one in (await to.only())["made"]] == [200, 410]


async def test_what_the_old_address_answers_is_no_word_of_the_new(world: World) -> None:
    async with receiver() as other, receiver() as new:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await deliveries.spread_all(world.database)
        (delivery,) = await to.deliveries()
        async with world.database.reading() as session:
            found = await attempts.read(session, UUID(delivery["id"]))
        assert found is not None
        await to.act("PATCH", body={"url": new.url})
        async with world.database.writing() as session:
            await attempts.record(session, found, Outcome(status=410))
        assert (await to.read())["is_active"]
        await work_off(world)
        assert (len(other.requests), len(new.requests), await to.states()) == (0, 1, ["delivered"])


async def test_a_sender_that_is_told_to_stop_gives_its_turn_back(world: World) -> None:
    async with receiver() as other:
        other.script = [HANG]
        to = await endpoint(world, other)
        await make.make_investor(world)
        ours = Sender(world.database, poll_seconds=0.05)
        ours.start()
        async with asyncio.timeout(20):
            await other.asked.wait()
        await ours.stop(0)
        assert await to.states() == ["pending"]
        await work_off(world)
        assert await to.states() == ["delivered"]
        assert other.requests[0].id == other.requests[1].id
