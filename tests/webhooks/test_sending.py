"""What others are told: in the transaction of the change, signed, on a schedule, and only what may be seen."""

import asyncio
import base64
import json
import os
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from httpx_secure import SSRFProtectionError
from sqlalchemy import delete, insert, select, update
from standardwebhooks.webhooks import WebhookVerificationError

from app import job_registry
from app.accounts import service as users
from app.accounts.models import UserRole
from app.accounts.roles import Role
from app.audit.models import SecurityEvent
from app.core import clock
from app.core.actor import system
from app.core.clock import moment_text, system_now
from app.core.config import Settings
from app.core.ids import new_id
from app.events import service as events
from app.events.models import Event
from app.jobs.worker import Worker
from app.webhooks.objects import OBJECTS
from app.webhooks.outbound import attempts, deliveries, guard
from app.webhooks.outbound.attempts import JITTER, SCHEDULE
from app.webhooks.outbound.models import WebhookDelivery, WebhookMessage, WebhookStream
from app.webhooks.outbound.posting import Outcome
from app.webhooks.outbound.sender import Sender
from app.webhooks.outbound.types import TYPES, WITHHELD
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import ROOT, World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.webhooks.receiver import DROP, HANG, OK, Receiver, Request, answer, certificate, receiver
from tests.webhooks.sender import last_event, source, states, work_off

pytestmark = pytest.mark.anyio


async def ask(
    world: World, who: str, method: str, path: str, body: Any = None, version: int | None = None
) -> httpx.Response:
    """As a user who signs in anew for everything: clocks are moved here."""
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
        """The earliest first."""
        found: list[dict[str, Any]] = (await self.read("/deliveries", **params))["items"]
        return found[::-1]

    async def states(self) -> list[str]:
        return [one["state"] for one in await self.deliveries()]

    async def only(self) -> dict[str, Any]:
        """Its one delivery, with its attempts."""
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
    """`of` is the owner's unit."""
    world.settings.outbound_networks = "127.0.0.0/8:*, [::1/128]:*"
    await user(world, owner, role, unit_id=of)
    body = {"name": "示例驾驶舱", "url": receives.url, "types": list(types or ("*",)), **fields}
    said = await ask(world, owner, "POST", "/webhook-endpoints", body)
    assert said.status_code == 201, said.text
    return Endpoint(world, said.json(), owner)


async def until(world: World, moment: str) -> None:
    """Go on to a moment, and let the worker do what is due by then."""
    world.clock.moment = datetime.fromisoformat(moment)
    await work_off(world)


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
        # What it missed is sent once it is on again.
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


async def test_only_what_the_owner_sees_is_told(world: World) -> None:
    city = await make.make_city(world)
    async with receiver() as other, receiver() as whole:
        district, elsewhere = city.districts[0], await make.make_unit(world, "示例他区", city.city)
        to = await endpoint(world, other, "project.*", "deal.*", owner="of_district", role=Role.district, of=district)
        everything = await endpoint(world, whole, "project.*", "deal.*", owner="of_bureau", unit_id=district)
        own = await make.make_project(city, unit_id=district)
        await make.make_project(city, unit_id=elsewhere)
        await work_off(world)
        told = [request.told["data"]["object"]["id"] for request in other.requests]
        assert set(told) == {own["id"]}
        assert sorted(told) == sorted(request.told["data"]["object"]["id"] for request in whole.requests)
        # Told and not yet sent when its sight ends.
        count = len(other.requests)
        await world.send("PATCH", f"/projects/{own['id']}", {"name": "示例改名"}, version=own["version"])
        async with world.database.writing() as session:
            mine = select(WebhookMessage.id).order_by(WebhookMessage.id.desc()).limit(1)
            newest = await session.scalar(mine)
        await deliveries.spread_all(world.database)
        ruled = {"unit_id": elsewhere, "ruled_on": "2023-06-01", "reason": "示例", "document": "示例1号"}
        await world.act(f"/projects/{own['id']}", "transfers", ruled)
        await work_off(world)
        assert len(other.requests) == count
        by_message = {one["message_id"]: one["state"] for one in await to.deliveries()}
        assert by_message[str(newest)] == "withheld"
        assert (await everything.states()).count("withheld") >= 1


async def test_whoever_may_not_sign_in_is_told_nothing(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await deliveries.spread_all(world.database)
        async with world.database.writing() as session:
            owner = await users.get(session, "owner")
            owner.is_locked = True
        await make.make_investor(world)
        await work_off(world)
        assert other.requests == []
        assert await to.states() == ["withheld"]


async def test_what_came_while_it_was_off_can_be_had(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await to.act("PATCH", body={"is_active": False})
        assert (await to.send("POST", "/replay", {"since": "2023-01-01T00:00:00Z"})).json()["code"] == "endpoint_off"
        since = moment_text(world.clock.moment)
        await make.make_investor(world)
        await make.make_investor(world)
        await work_off(world)
        assert len(other.requests) == 1
        await to.act("PATCH", body={"is_active": True})
        asked = await to.act("POST", "/replay", {"since": since})
        await work_off(world)
        assert await to.states() == ["delivered"] * 3
        assert (await world.get(f"/jobs/{asked['job_id']}"))["result"] == {"count": 2}
        # Everything since then once more, under the same ids.
        before = [request.id for request in other.requests]
        await to.act("POST", "/replay", {"since": since, "what": "all"})
        await work_off(world)
        assert sorted(request.id for request in other.requests[3:]) == sorted(before[1:])
        await to.act("POST", "/replay", {"since": since, "until": since, "what": "all"})
        await work_off(world)
        assert len(other.requests) == 5


async def test_an_endpoint_is_replayed_ten_times_an_hour_by_one_user(world: World) -> None:
    """Others' messages wait behind them. Another endpoint and user have their own count, and so has the next hour."""
    since = {"since": "2023-01-01T00:00:00Z"}
    async with receiver() as other:
        to = await endpoint(world, other)
        for _ in range(10):
            await to.act("POST", "/replay", since)
        refused = await to.send("POST", "/replay", since)
        assert (refused.status_code, refused.json()["code"]) == (429, "replayed_too_often")
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        await (await endpoint(world, other, owner="second")).act("POST", "/replay", since)
        world.clock.moment += timedelta(hours=1)
        await to.act("POST", "/replay", since)


async def test_ten_messages_an_hour_are_sent_again_by_one_user(world: World) -> None:
    """One message ten times, or ten messages once: it is counted for the endpoint, apart from replays."""
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await make.make_investor(world, name="示例：另一投资方", credit_code=make.credit_code(77))
        await work_off(world)
        first, second = [f"/webhook-deliveries/{row['id']}/redelivery" for row in await to.deliveries()]
        for path in (first, second) * 5:
            assert (await world.send("POST", path)).status_code == 202
        refused = await world.send("POST", first)
        assert (refused.status_code, refused.json()["code"]) == (429, "replayed_too_often")
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        await to.act("POST", "/replay", {"since": "2023-01-01T00:00:00Z"})
        world.clock.moment += timedelta(hours=1)
        assert (await world.send("POST", second)).status_code == 202


async def test_one_is_sent_again(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        delivery = await to.only()
        again = f"/webhook-deliveries/{delivery['id']}/redelivery"
        assert (await world.send("POST", again)).json()["state"] == "pending"
        await work_off(world)
        assert await to.states() == ["delivered"], "at once, whatever the schedule says"
        assert (await world.send("POST", again)).status_code == 202
        await work_off(world)
        assert [request.id for request in other.requests] == [other.requests[0].id] * 3
        found = await to.only()
        assert (found["state"], len(found["made"])) == ("delivered", 3)
        await to.act("PATCH", body={"is_active": False})
        assert (await world.send("POST", again)).json()["code"] == "endpoint_off"
        assert await to.states() == ["delivered"]


async def test_a_ping_goes_once_and_also_where_it_is_off(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other, "deal.*")
        await to.act("POST", "/ping")
        await work_off(world)
        (request,) = other.requests
        assert request.verify(to.secret)["type"] == "webhook.ping"
        await to.act("PATCH", body={"is_active": False})
        other.default = answer(500)
        made = await to.act("POST", "/ping")
        await work_off(world)
        found = await world.get(f"/webhook-deliveries/{made['id']}")
        assert (found["state"], found["attempts"], found["made"][0]["status"]) == ("failed", 1, 500)


async def test_whose_it_is(world: World) -> None:
    city = await make.make_city(world)
    async with receiver() as other:
        to = await endpoint(world, other)
        await user(world, "colleague", Role.bureau)
        await user(world, "district", Role.district, unit_id=city.districts[0])
        await user(world, "administrator", Role.system_admin)
        for who, url, off, seen in (
            ("colleague", "not_the_owner", 200, 200),
            ("administrator", "forbidden", 200, 200),
            ("district", "not_found", 404, 404),
        ):
            assert (await to.send("PATCH", body={"name": "示例"}, by=who)).json()["code"] == url, who
            assert (await to.send("PATCH", body={"is_active": False}, by=who)).status_code == off, who
            assert (await to.send("GET", "/health", by=who)).status_code == seen, who
            assert (await to.send("GET", "/deliveries", by=who)).status_code == seen, who
            assert (await to.send("POST", "/secret", by=who)).status_code in (403, 404), who
        assert (await to.send("POST", "/owner", by="district")).status_code == 404
        assert (await to.send("POST", "/owner", by="colleague")).status_code == 200
        assert (await to.send("PATCH", body={"name": "示例"}, by="colleague")).status_code == 200
        assert (await to.send("PATCH", body={"name": "示例"})).json()["code"] == "not_the_owner"
        assert (await to.send("DELETE", by="administrator")).status_code == 204
        assert (await to.send("PATCH", body={"is_active": True}, by="colleague")).json()["code"] == "endpoint_removed"


async def test_whoever_is_no_user_owns_nothing(world: World) -> None:
    world.settings.outbound_networks = "127.0.0.0/8:*, [::1/128]:*"
    body = {"name": "示例", "url": "http://127.0.0.1:9/", "types": ["*"]}
    assert (await world.send("POST", "/webhook-endpoints", body)).json()["code"] == "no_user"


FORBIDDEN = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://10.1.2.3/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fd00::1]/",
    "https://[fec0::1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[::ffff:0:10.0.0.1]/",
    "https://[::10.0.0.1]/",
    "https://[3fff::1]/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://2130706433/",
    "http://93.184.215.14/",
]


@pytest.mark.parametrize("url", FORBIDDEN)
async def test_where_nothing_is_sent(world: World, url: str) -> None:
    await user(world, "owner", Role.bureau)
    said = await ask(world, "owner", "POST", "/webhook-endpoints", {"name": "示例", "url": url, "types": ["*"]})
    assert said.status_code == 422
    (wrong,) = said.json()["errors"]
    assert (wrong["pointer"], wrong["code"]) == ("/url", "url_refused")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "https://user@example.com/",
        "https://:pw@1.1.1.1/",
        "https://[2606:4700::1].x/",
        "https://",
        "https://exa mple.com/",
        "https://[v1.a]/",
        "https://[",
        "x",
    ],
)
async def test_what_is_no_address(world: World, url: str) -> None:
    said = await world.send("POST", "/webhook-endpoints", {"name": "示例", "url": url, "types": ["deals.*"]})
    assert said.status_code == 422
    assert {(one["pointer"], one["code"]) for one in said.json()["errors"]} == {
        ("/url", "url"),
        ("/types/0", "event_pattern"),
    }


async def test_an_address_that_is_allowed_no_longer_is_not_connected_to(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        world.settings.outbound_networks = ""
        await work_off(world)
        assert other.requests == []
        assert [(one["status"], one["error"]) for one in (await to.only())["made"]] == [(None, "address")]
        # The connection asks by itself, whatever was found out before.
        with pytest.raises(SSRFProtectionError):
            async with guard.client(world.settings, "http", 5) as client:
                await client.post(other.url)
        assert other.requests == []


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


async def test_a_receiver_that_is_down_costs_others_nothing(world: World) -> None:
    """A thousand messages wait for it; another is told at once, with few statements."""
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
            await attempts.keep(session, found, Outcome(status=410))
        assert await to.states() == ["delivered"]
        read = await to.read()
        assert (read["is_active"], read["failing_since"]) == (True, None)
        assert [one["status"] for one in (await to.only())["made"]] == [200, 410]


async def test_whoever_takes_over_looks_first_where_it_leads(world: World) -> None:
    city = await make.make_city(world)
    async with receiver() as other:
        district = city.districts[0]
        to = await endpoint(world, other, owner="of_district", role=Role.district, of=district)
        await make.make_project(city, unit_id=await make.make_unit(world, "示例他区", city.city))
        await work_off(world)
        other.requests.clear()
        await to.act("POST", "/replay", {"since": "2023-01-01T00:00:00Z", "what": "all"})
        await user(world, "colleague", Role.bureau)
        taken = await to.send("POST", "/owner", by="colleague")
        assert (taken.status_code, taken.json()["is_active"]) == (200, False)
        await work_off(world)
        assert other.requests == []
        assert (await to.send("PATCH", body={"is_active": True}, by="colleague")).status_code == 200
        await make.make_investor(world)
        await work_off(world)
        assert other.requests[-1].verify(taken.json()["secret"])
        with pytest.raises(WebhookVerificationError):
            other.requests[-1].verify(to.secret)


async def test_whoever_may_keep_no_endpoint_is_told_nothing(world: World) -> None:
    async with receiver() as other:
        await endpoint(world, other)
        async with world.database.writing() as session:
            owner = await users.get(session, "owner")
            await session.execute(delete(UserRole).where(UserRole.user_id == owner.id))
            session.add(UserRole(user_id=owner.id, role=Role.leader))
        await make.make_investor(world)
        await work_off(world)
        assert other.requests == []


async def test_what_is_asked_for_no_longer_is_not_sent(world: World) -> None:
    async with receiver() as other:
        other.script = [answer(500)]
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await to.act("PATCH", body={"types": ["deal.*"]})
        await until(world, moment_text(world.clock.moment + timedelta(minutes=1)))
        assert (len(other.requests), await to.states()) == (1, ["withheld"])


async def test_an_administrator_reads_of_no_business(world: World) -> None:
    async with receiver() as other:
        to = await endpoint(world, other)
        await make.make_investor(world)
        await work_off(world)
        await user(world, "administrator", Role.system_admin)
        listed = (await to.send("GET", "/deliveries", by="administrator")).json()["items"]
        read = await ask(world, "administrator", "GET", f"/webhook-deliveries/{listed[0]['id']}")
        assert (listed[0]["object_id"], read.json()["body"], read.json()["state"]) == (None, None, "delivered")


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


async def test_a_name_is_asked_once_and_its_judged_address_is_used(world: World) -> None:
    """`localhost` by its name: the connection goes to the address that was judged, the name is in the Host header."""
    async with receiver() as other:
        named = Receiver(port=other.port, host="localhost")
        await endpoint(world, named)
        await make.make_investor(world)
        await work_off(world)
        assert [request.headers["host"] for request in other.requests] == [f"localhost:{other.port}"]


async def test_a_certificate_is_for_the_name_that_was_given(world: World, tmp_path: Path) -> None:
    """The connection goes to a number; whom it may be is judged by the name, under the authorities that are trusted."""
    rightly, right = certificate("localhost", tmp_path)
    wrongly, wrong = certificate("another.example", tmp_path)
    for number, (secured, trusted, comes_of_it) in enumerate(
        [
            (right, str(rightly), (200, None)),
            (right, None, (None, "certificate")),
            (wrong, str(wrongly), (None, "certificate")),
        ]
    ):
        async with receiver(secured) as other:
            world.settings.outbound_ca_file = trusted
            to = await endpoint(world, other, owner=f"owner{number}")
            await make.make_investor(world)
            await work_off(world)
            (made,) = (await to.only())["made"]
            assert (made["status"], made["error"]) == comes_of_it
            assert len(other.requests) == (1 if made["status"] else 0)
            await to.act("PATCH", body={"is_active": False})


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
            await attempts.keep(session, found, Outcome(status=410))
        assert (await to.read())["is_active"]
        await work_off(world)
        assert (len(other.requests), len(new.requests), await to.states()) == (0, 1, ["delivered"])


@pytest.mark.parametrize("url", ["https://xn--ls8h.la/hooks", "https://xn--a/", "https://xn--zz--/"])
async def test_an_odd_name_is_asked_as_it_is_written(world: World, url: str) -> None:
    """There is no such name here, or nothing may be asked: refused, and no fault of ours."""
    await user(world, "owner", Role.bureau)
    said = await ask(world, "owner", "POST", "/webhook-endpoints", {"name": "示例", "url": url, "types": ["*"]})
    assert (said.status_code, said.json()["errors"][0]["code"]) == (422, "url_refused")


async def test_a_message_that_cannot_be_spread_keeps_back_no_other(world: World) -> None:
    """One of an object that nobody knows how to see: it is marked, told in the log, and can be had again."""
    async with receiver() as other:
        await endpoint(world, other)
        await make.make_investor(world)
        async with world.database.writing() as session:
            odd = update(WebhookMessage).values(object_type="unknown")
            await session.execute(odd, execution_options={"synchronize_session": False})
        await make.make_investor(world)
        await work_off(world)
        assert len(other.requests) == 1


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
