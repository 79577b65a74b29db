"""The integrators' page: its programs run as printed, and the public library in both directions, through real
sockets."""

import asyncio
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from jsonschema_rs import Draft202012Validator, meta
from standardwebhooks.webhooks import Webhook

from app.webhooks.inbound.types import TYPES as RECEIVED
from app.webhooks.outbound.types import TYPES as SENT
from tests.conftest import ROOT, World
from tests.factories import city as make
from tests.factories.controls import confirm
from tests.webhooks.endpoints import endpoint
from tests.webhooks.receiver import Receiver, receiver
from tests.webhooks.sender import inbox, source, states, work_off

pytestmark = pytest.mark.anyio

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
CODE = make.credit_code(77)


def program(name: str, folder: Path) -> Path:
    """Writes one of the page's programs to a file."""
    (text,) = re.findall(rf"```python {re.escape(name)}\n(.*?)```", PAGE, re.DOTALL)
    assert len([line for line in text.splitlines() if line.strip()]) <= 20
    found = folder / name
    found.write_text(text, encoding="utf-8")
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """Serves the world's app on a socket. Yields its address."""
    config = uvicorn.Config(world.app, port=free_port(), lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        await task


async def run(*command: str | Path) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_the_sender_of_the_page(world: World, tmp_path: Path) -> None:
    found = await world.post("/enterprises", {"name": "示例", "credit_code": CODE})
    sender = await source(world)
    data = {"id": "E-1001", "version": 3, "name": "示例新材料有限公司", "credit_code": CODE}
    async with served(world) as origin:
        text = json.dumps(data, ensure_ascii=False)
        said = await run(
            program("sender.py", tmp_path), f"{origin}{sender.path}", sender.secret, "enterprise.updated", text
        )
    assert said.startswith("202 ")
    await work_off(world)
    assert await states(world) == ["applied"]
    assert (await world.get(f"/enterprises/{found['id']}"))["name"] == "示例新材料有限公司"


async def test_the_receiver_of_the_page(world: World, tmp_path: Path) -> None:
    port = free_port()

    there = Receiver(port)
    to = await endpoint(world, there, "enterprise.*")
    process = await asyncio.create_subprocess_exec(
        sys.executable, program("receiver.py", tmp_path), str(port), to.secret, stdout=asyncio.subprocess.PIPE
    )
    try:
        await listening(port)
        enterprise_id = await make.make_investor(world)
        await world.send("PATCH", f"/enterprises/{enterprise_id}", {"headquarters": "示例市"}, version=1)
        await work_off(world)
        assert await to.states() == ["delivered", "delivered"]
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
        assert lines == [
            f"enterprise.created {enterprise_id} []",
            f"enterprise.updated {enterprise_id} ['headquarters']",
        ]
        # The same again is known by its id, and answered all the same.
        (first, _) = await to.deliveries()
        await world.send("POST", f"/webhook-deliveries/{first['id']}/redelivery")
        async with httpx.AsyncClient() as forger:
            assert (await forger.post(there.url, content=b"{}")).status_code == 401
        await work_off(world)
        assert await to.states() == ["delivered", "delivered"]
    finally:
        process.kill()
    assert await process.stdout.read() == b""
    await process.wait()


async def listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def test_what_the_public_library_signs_is_taken_and_nothing_else(world: World) -> None:
    """Through a socket: a wrong byte, a stale time, a future one, and an old secret after its rotation has ended."""
    sender = await source(world)
    old = sender.secret
    body = json.dumps({"type": "enterprise.updated", "data": {"id": "E-1", "version": 1, "name": "示例"}}).encode()

    def signed(secret: str, moment: datetime, message_id: str) -> dict[str, str]:
        signature = Webhook(secret).sign(message_id, moment, body.decode())
        stamp = str(int(moment.timestamp()))
        named = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signature}
        return {"Content-Type": "application/json", **named}

    async with served(world) as origin, httpx.AsyncClient(base_url=origin) as client:

        async def status(headers: dict[str, str], content: bytes = body) -> int:
            return (await client.post(sender.path, content=content, headers=headers)).status_code

        now = datetime.now(UTC)
        assert await status(signed(old, now, "msg_1")) == 202
        assert await status(signed(old, now, "msg_1")) == 200
        assert await status(signed(old, now, "msg_2"), body.replace(b"E-1", b"E-2")) == 401
        assert await status(signed(old, now - timedelta(minutes=6), "msg_3")) == 401
        assert await status(signed(old, now + timedelta(minutes=6), "msg_4")) == 401
        rotated = await world.post(f"/webhook-sources/{sender.id}/secret", None, version=2)
        second = (await confirm(world, rotated["pending_change_id"]))["secret"]
        assert await status(signed(old, now, "msg_5")) == 202
        world.clock.moment += timedelta(hours=24, seconds=1)
        assert await status(signed(old, now, "msg_6")) == 401
        assert await status(signed(rotated["secret"] + second, now, "msg_6")) == 202
    assert [item["message_id"] for item in await inbox(world)] == ["msg_1", "msg_5", "msg_6"]


async def test_every_type_is_published_with_an_example_that_fits(world: World) -> None:
    catalogue = await world.get("/webhooks/event-types")
    assert [one["type"] for one in catalogue["received"]] == list(RECEIVED)
    assert [one["type"] for one in catalogue["sent"]] == list(SENT)
    for one in [*catalogue["received"], *catalogue["sent"]]:
        meta.validate(one["schema"])
        fits = Draft202012Validator(one["schema"])
        fits.validate(one["example"])
        assert not fits.is_valid({**one["example"], "type": "another"})
        assert not fits.is_valid({**one["example"], "data": {}})


async def test_every_example_is_taken(world: World) -> None:
    """None of the published examples is refused for its shape."""
    sender = await source(world)
    for one in (await world.get("/webhooks/event-types"))["received"]:
        assert (await sender.send(one["type"], one["example"]["data"])).status_code == 202
    assert {item["state"] for item in await inbox(world)} == {"received", "ignored"}


async def test_what_is_sent_fits_its_schema(world: World) -> None:
    published = {one["type"]: one["schema"] for one in (await world.get("/webhooks/event-types"))["sent"]}
    city = await make.make_city(world)
    async with receiver() as other:
        await endpoint(world, other)
        project, _ = await make.make_signed(city)
        await make.make_lead(city)
        await work_off(world)
        told = [request.told for request in other.requests]
    assert {one["type"].partition(".")[0] for one in told} >= {"project", "five_ones", "deal", "lead"}
    for one in told:
        Draft202012Validator(published[one["type"]]).validate(one)
    own = [one["data"]["sequence"] for one in told if one["data"]["object"]["id"] == project["id"]]
    assert sorted(own) == list(range(1, len(own) + 1))
    assert "示例" not in json.dumps(told, ensure_ascii=False), "no value of a record"
