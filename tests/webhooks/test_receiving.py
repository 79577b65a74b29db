"""A message from a source is authenticated, stored with its job, and answered; nothing else happens before that."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, make_url, select

from app.audit.models import SecurityEvent, SecurityEventType
from app.jobs.models import Job
from app.webhooks.inbound import receiving
from app.webhooks.inbound.models import InboxMessage
from tests.accounts.people import sign_in_required
from tests.conftest import World, running
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.webhooks.sender import Sender, inbox, source, states, work_off

pytestmark = pytest.mark.anyio

ENTERPRISE = {"id": "E-1", "version": 1, "name": "示例企业"}


async def kept(world: World) -> tuple[int, int]:
    """Returns the numbers of messages and jobs."""
    async with world.database.reading() as session:
        messages = await session.scalar(select(func.count()).select_from(InboxMessage))
        jobs = await session.scalar(select(func.count()).select_from(Job))
    return int(messages or 0), int(jobs or 0)


async def refusals(world: World) -> list[str]:
    async with world.database.reading() as session:
        query = select(SecurityEvent).where(SecurityEvent.type == SecurityEventType.hook_refused.value)
        return [event.data.get("reason", "flood") for event in await session.scalars(query.order_by(SecurityEvent.id))]


async def test_a_message_is_kept_with_its_job_and_answered_once(world: World) -> None:
    sender = await source(world)
    async with sign_in_required(world):
        first = await sender.send("enterprise.updated", ENTERPRISE, id="msg_1")
        assert first.status_code == 202, first.text
        assert await kept(world) == (1, 1)
        again = await sender.send("enterprise.updated", ENTERPRISE, id="msg_1")
        assert (again.status_code, again.json()) == (200, first.json())
        other = await sender.send("enterprise.updated", {**ENTERPRISE, "name": "另一家"}, id="msg_1")
        assert (other.status_code, other.json()["code"]) == (409, "message_id_reused")
    assert await kept(world) == (1, 1)
    assert await refusals(world) == ["other_body"]
    (item,) = await inbox(world)
    assert (item["id"], item["message_id"], item["state"]) == (first.json()["id"], "msg_1", "received")
    body = await world.client.get(f"/api/v1/inbox/{item['id']}/body")
    assert json.loads(body.content)["data"] == ENTERPRISE


async def test_the_same_message_ten_at_once_is_one(world: World) -> None:
    sender = await source(world)
    answers = await asyncio.gather(*(sender.send("enterprise.updated", ENTERPRISE, id="msg_1") for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] * 9 + [202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await kept(world) == (1, 1)


async def test_whatever_is_not_proved_is_refused_alike_and_leaves_nothing(world: World) -> None:
    sender, other = await source(world), await source(world, "另一平台")
    body = json.dumps({"type": "enterprise.updated", "data": ENTERPRISE}).encode()
    right = sender.signed(body)
    now = datetime.now(UTC)
    broken = {
        "unsigned": {"Content-Type": "application/json"},
        "without an id": {name: value for name, value in right.items() if name != "webhook-id"},
        "another's secret": other.signed(body),
        "stale": sender.signed(body, at=now - timedelta(minutes=6)),
        "of the future": sender.signed(body, at=now + timedelta(minutes=6)),
        "a wrong byte": {**right, "webhook-signature": right["webhook-signature"][:-3] + "AA="},
        "another id": {**right, "webhook-id": "msg_other"},
        "no version": {**right, "webhook-signature": right["webhook-signature"].removeprefix("v1,")},
        "nonsense": {**right, "webhook-signature": ",,, v1 v1,%%%"},
        "no time": {**right, "webhook-timestamp": "yesterday"},
        "an endless time": {**right, "webhook-timestamp": "1e400"},
    }
    answers = [(what, await sender.raw(body, headers)) for what, headers in broken.items()]
    answers.append(("another body", await sender.raw(body + b" ", right)))
    answers.append(("no text", await sender.raw(b"\xff\xfe", right)))
    world.clock.moment += timedelta(minutes=1)  # of a flood in one minute only the first ten are written
    for address in (str(uuid4()), "x", "0" * 300):
        answers.append((address, await Sender(world, address, sender.secret).raw(body, right)))
    texts = set()
    for what, answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (401, "hook_refused"), what
        texts.add(json.dumps({**answer.json(), "request_id": ""}))
    assert len(texts) == 1
    assert await kept(world) == (0, 0)
    assert set(await refusals(world)) == {"signature", "unknown_source", "flood"}
    assert (await sender.raw(body, right)).status_code == 202


async def test_what_cannot_be_read_is_refused(world: World) -> None:
    sender = await source(world)

    async def answer(body: bytes, **headers: str) -> httpx.Response:
        return await sender.raw(body, {**sender.signed(body), **headers})

    right = b'{"type": "enterprise.updated", "data": {}}'
    for media_type in ("text/plain", "application/xml", "", "application/json; charset=gbk", "application/jsonx"):
        assert (await answer(right, **{"Content-Type": media_type})).status_code == 415, media_type
    for media_type in ("application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"):
        assert (await answer(right, **{"Content-Type": media_type})).status_code == 202, media_type
    for body in (b"", b"{", b"[]", b"null", b'"x"', b'{"a": NaN}', b"[" * 100_000, b'{"type":1}x'):
        refused = await answer(body)
        assert refused.status_code == 400, body[:20]
    long = "m" * 201
    refused = await sender.raw(right, sender.signed(right, id=long))
    assert refused.status_code == 400
    big = b'{"type": "x", "data": "' + b"x" * (1024 * 1024) + b'"}'
    assert (await answer(big)).status_code == 413
    assert (await kept(world))[0] == 3


async def test_what_is_wrong_with_a_message_is_kept_with_it(world: World) -> None:
    sender = await source(world)
    sent: list[tuple[str, dict[str, Any]]] = [
        ("of.tomorrow", {"id": "x"}),
        ("enterprise.updated", {"id": "E-1"}),
        ("enterprise.updated", {"id": "E-1", "name": "示例", "version": 1, "size": "large"}),
        ("enterprise.updated", {"id": "E-1", "name": "示例"}),
        ("enterprise.updated", {"id": "E-1", "name": "示例", "version": 1, "credit_code": "123"}),
    ]
    for type, data in sent:
        assert (await sender.send(type, data)).status_code == 202
    bare = b'{"data": {}}'
    assert (await sender.raw(bare, sender.signed(bare))).status_code == 202
    listed = await inbox(world)
    assert [item["state"] for item in listed] == ["ignored", *["failed"] * 5]
    pointers = [[one["pointer"] for one in item["errors"]] for item in listed]
    assert pointers[1:] == [["/data/name"], ["/data/size"], ["/data/version"], ["/data/credit_code"], ["/type"]]
    assert all(one["zh"] and one["en"] for item in listed for one in item["errors"])
    assert (await kept(world))[1] == 0, "nothing to do"
    assert (await world.get("/inbox", state="ignored"))["counts"] == {"ignored": 1, "failed": 5}
    unit = await make.make_unit(world, "示例区")
    silent = await source(world, name="示例未推送的平台", unit_id=unit)
    rows = {row["id"]: row for row in (await world.get("/webhook-sources", include="counts"))["items"]}
    assert rows[sender.id]["counts"] == {"ignored": 1, "failed": 5}
    assert rows[sender.id]["last_received_at"] == max(item["received_at"] for item in listed)
    assert (rows[silent.id]["counts"], rows[silent.id]["last_received_at"]) == ({}, None)
    assert (rows[silent.id]["unit"]["id"], rows[sender.id]["unit"]) == (unit, None)


async def test_a_cloud_event_is_read_as_it_says(world: World) -> None:
    sender = await source(world)
    event = {"specversion": "1.0", "id": "1", "source": "/示例", "type": "enterprise.updated", "data": ENTERPRISE}
    for given in (event, {**event, "specversion": "0.3"}):
        body = json.dumps(given).encode()
        headers = sender.signed(body) | {"Content-Type": "application/cloudevents+json; charset=utf-8"}
        assert (await sender.raw(body, headers)).status_code == 202
    assert await states(world) == ["received", "failed"]


async def test_secrets_are_rotated(world: World) -> None:
    sender = await source(world)
    path = f"/webhook-sources/{sender.id}"
    issued = await world.send("POST", f"{path}/secret", version=2)
    assert issued.status_code == 201, issued.text
    renewed = Sender(world, sender.id, issued.json()["secret"])
    assert renewed.secret != sender.secret
    assert (await renewed.send("enterprise.updated", ENTERPRISE)).status_code == 401, "one part alone"
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 202
    await renewed.confirmed(issued.json()["pending_change_id"])
    for signer in (sender, renewed):
        assert (await signer.send("enterprise.updated", ENTERPRISE)).status_code == 202
    body = b'{"type": "enterprise.updated", "data": {}}'
    both = renewed.signed(body, id="m")
    both["webhook-signature"] = "v1,AAAA " + both["webhook-signature"]
    assert (await renewed.raw(body, both)).status_code == 202
    world.clock.moment += timedelta(hours=25)
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 401
    assert (await renewed.send("enterprise.updated", ENTERPRISE)).status_code == 202
    read = await world.get(path)
    assert sender.secret not in json.dumps(read)
    assert "secret" not in read


async def test_where_a_source_may_send_from(world: World) -> None:
    near = await source(world, networks=["127.0.0.0/8"])
    far = await source(world, "远处平台", networks=["203.0.113.0/24", "2001:db8::/32"])
    assert (await near.send("enterprise.updated", ENTERPRISE)).status_code == 202
    assert (await far.send("enterprise.updated", ENTERPRISE)).status_code == 401
    assert await refusals(world) == ["address"]
    refused = await world.send("POST", "/webhook-sources", {"name": "错误平台", "networks": ["203.0.113.1/24"]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/networks/0")


async def test_a_source_that_is_off_or_removed(world: World) -> None:
    sender = await source(world)
    path = f"/webhook-sources/{sender.id}"
    off = await world.send("PATCH", path, {"is_active": False}, version=2)
    assert off.status_code == 200
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 401
    await confirmed(world, await world.send("PATCH", path, {"is_active": True, "reason": "示例"}, version=3))
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 202
    gone = await world.send("DELETE", path, version=4)
    assert gone.status_code == 204
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 410
    assert (await world.send("PATCH", path, {"is_active": True}, version=5)).status_code == 409
    await work_off(world)
    assert await states(world) == ["parked"], "what came before is dealt with all the same"


async def test_a_removed_source_is_unknown_to_whoever_cannot_sign(world: World) -> None:
    sender = await source(world)
    path = f"/webhook-sources/{sender.id}"
    assert (await world.send("DELETE", path, version=await world.version(path))).status_code == 204
    body = json.dumps({"type": "enterprise.updated", "data": ENTERPRISE}).encode()
    forged = {**sender.signed(body), "webhook-signature": "v1,AAAA"}
    stale = sender.signed(body, at=datetime.now(UTC) - timedelta(hours=1))
    nobody = Sender(world, str(uuid4()), sender.secret)
    unknown = await nobody.raw(body, nobody.signed(body))
    for headers in ({"Content-Type": "application/json"}, forged, stale):
        answer = await sender.raw(body, headers)
        assert (answer.status_code, answer.json()["detail"]) == (401, unknown.json()["detail"])
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 410


async def test_what_nobody_can_apply_is_not_kept_whole(world: World) -> None:
    sender = await source(world)
    long, other = ({"id": "X-1", "text": letter * 900_000} for letter in "ab")
    first = await sender.send("of.tomorrow", long, id="msg_long")
    assert first.status_code == 202
    again = await sender.send("of.tomorrow", long, id="msg_long")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await sender.send("of.tomorrow", other, id="msg_long")).status_code == 409
    assert (await sender.send("of.tomorrow", {"id": "X-2"})).status_code == 202
    assert (await sender.send("enterprise.updated", {**ENTERPRISE, "text": "a" * 900_000})).status_code == 202
    async with world.database.reading() as session:
        bodies = list(await session.scalars(select(InboxMessage.body).order_by(InboxMessage.id)))
    assert [len(body) < 17_000 for body in bodies] == [True] * 3
    stub = json.loads(bodies[0])
    assert (stub["type"], stub["kept"], stub["bytes"] > 900_000) == ("of.tomorrow", False, True)
    assert json.loads(bodies[1])["data"] == {"id": "X-2"}


async def test_what_nobody_knows_is_forgotten_after_a_month(world: World) -> None:
    sender = await source(world)
    for type in ("of.tomorrow", "enterprise.updated", "funds.arrived"):
        data = ENTERPRISE if type == "enterprise.updated" else {"id": "F-1", "sequence": 1}
        assert (await sender.send(type, data)).status_code == 202
    await work_off(world)
    world.clock.moment += timedelta(days=32)
    await work_off(world)
    assert [item["type"] for item in await inbox(world)] == ["enterprise.updated", "funds.arrived"]


async def test_too_many_are_told_when_to_come_back(world: World) -> None:
    sender, other = await source(world), await source(world, "另一平台")
    world.app.state.hook_rate_limit = receiving.rate_limit(3)
    answers = [await sender.send("enterprise.updated", ENTERPRISE) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [202] * 3 + [429] * 2
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert (await other.send("enterprise.updated", ENTERPRISE)).status_code == 202
    world.clock.moment += timedelta(minutes=1)
    assert (await sender.send("enterprise.updated", ENTERPRISE)).status_code == 202


Cut = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def cuttable(database_url: str) -> AsyncIterator[tuple[str, Cut]]:
    """Yields an address of the database, and a block that makes it unreachable."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":

        @asynccontextmanager
        async def locked() -> AsyncIterator[None]:
            assert url.database is not None
            with closing(sqlite3.connect(url.database, isolation_level=None)) as other:
                other.execute("BEGIN EXCLUSIVE")
                yield

        yield database_url, locked
        return
    writers: set[asyncio.StreamWriter] = set()

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to = await asyncio.open_connection(url.host, url.port)
        writers.update((writer, to))
        with suppress(ConnectionError):
            await asyncio.gather(_copy(reader, to), _copy(there, writer))

    async def listen(port: int = 0) -> asyncio.Server:
        return await asyncio.start_server(passed_on, "127.0.0.1", port)

    server = await listen()
    port = server.sockets[0].getsockname()[1]

    @asynccontextmanager
    async def cut() -> AsyncIterator[None]:
        nonlocal server
        server.close()
        for writer in writers:
            writer.close()
        yield
        server = await listen(port)

    yield url.set(host="127.0.0.1", port=port).render_as_string(hide_password=False), cut
    server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_a_database_that_is_down(database_url: str) -> None:
    """The way to the server is cut (SQLite: another holds the file): nothing is promised that was not kept."""
    async with cuttable(database_url) as (url, cut), running(url) as world:
        world.settings.lock_timeout_seconds = 0.2
        sender = await source(world)
        async with cut():
            for _ in range(2):
                answer = await sender.send("enterprise.updated", ENTERPRISE, id="msg_1")
                assert answer.status_code == 503, answer.text
                assert int(answer.headers["Retry-After"]) > 0
        assert await kept(world) == (0, 0)
        assert (await sender.send("enterprise.updated", ENTERPRISE, id="msg_1")).status_code == 202
        assert await kept(world) == (1, 1)
