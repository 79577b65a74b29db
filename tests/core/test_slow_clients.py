"""Connections over real sockets: slow clients are disconnected, served clients are not, and idle ones make room."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from app import serving
from app.core.config import Settings
from app.core.connections import Config, Limits
from app.main import create_app
from tests.conftest import World, anybody

pytestmark = pytest.mark.anyio

SHORT = 0.4
LONG = 60.0
"""Seconds that no test waits for."""
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
BIG = bytes(6 * 1024 * 1024)


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that answers without reading the body, after a while, or with more than any buffer holds."""
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * SHORT)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": BIG if scope["path"] == "/big" else b"done", "more_body": True})
    await send({"type": "http.response.body", "body": b"."})


@asynccontextmanager
async def served(app: ASGIApp, **limits: Any) -> AsyncIterator[uvicorn.Server]:
    chosen = {"header_seconds": LONG, "body_seconds": LONG, "answer_seconds": LONG, "connections": 100, **limits}
    config = Config(app, Limits(**chosen), port=0, lifespan="off", timeout_graceful_shutdown=1, timeout_keep_alive=1)
    async with running(uvicorn.Server(config)) as server:
        yield server


@asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncIterator[uvicorn.Server]:
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await task


async def connect(server: uvicorn.Server, first: bytes = b"", **options: Any) -> tuple[Any, Any]:
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
    writer.write(first)
    return reader, writer


async def to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Returns everything received until the server closes."""
    async with asyncio.timeout(30):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def dribble(writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Sends a piece now and then, as long as the server accepts it."""
    try:
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(SHORT / 8)
    except ConnectionError:
        pass


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (b"GET / HTTP/1.1\r\nX-A: ", b"a"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n", b"a"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (GET, b"\r\n"),
        (GET + b"GET / HT", b""),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", b"\r\n"),
    ],
    ids=["nothing", "blanks", "headers", "body", "chunks", "blanks after", "second headers", "upgrade"],
)
async def test_whoever_keeps_us_waiting_is_let_go(first: bytes, piece: bytes) -> None:
    async with served(plain, header_seconds=SHORT, body_seconds=SHORT) as server:
        reader, writer = await connect(server, first)
        task = asyncio.create_task(dribble(writer, piece))
        said = await to_the_end(reader)
        assert said.count(b"HTTP/1.1") <= 2
        assert b" 500 " not in said
        task.cancel()
        writer.close()


async def test_a_reader_who_takes_nothing_is_cut_off() -> None:
    async with served(plain, answer_seconds=SHORT) as server:
        _, writer = await connect(server, b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n", limit=1024)
        writer.transport.pause_reading()
        async with asyncio.timeout(30):
            while not server.server_state.total_requests and not server.server_state.connections:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        writer.close()


async def test_a_proxy_closes_its_idle_connections_before_we_do() -> None:
    """nginx and most balancers keep one for 60 s: one that we had closed meanwhile would be a 502 now and then."""
    assert serving.config(plain, Settings()).timeout_keep_alive > 60
    kept = serving.config(plain, Settings(keep_alive_seconds=1), port=0, lifespan="off")
    async with running(uvicorn.Server(kept)) as server:
        reader, writer = await connect(server, GET)
        assert (await to_the_end(reader)).count(b"HTTP/1.1 200") == 1
        writer.close()


async def test_whoever_is_served_or_comes_in_time_is_not() -> None:
    """An answer that takes longer than every limit, two requests on one connection, a body in pieces."""
    async with served(plain, header_seconds=SHORT, body_seconds=LONG, answer_seconds=SHORT) as server:
        reader, writer = await connect(server, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in await reader.readuntil(b"0\r\n\r\n")
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n")
        for _ in range(4):
            writer.write(b"ab")
            await asyncio.sleep(SHORT / 2)
        assert b" 200 " in await reader.readuntil(b"0\r\n\r\n")
        writer.write(GET)
        assert b" 200 " in await reader.readuntil(b"0\r\n\r\n")
        writer.close()


async def test_those_who_wait_make_room_for_those_who_ask() -> None:
    """With the most connections open and none of them asking, everybody else is served, and the newest stay."""
    async with served(plain, connections=10) as server:
        idle = [await connect(server, b"GET / HT") for _ in range(46)]
        for _ in range(5):
            reader, writer = await connect(server, GET)
            assert b" 200 " in await reader.readuntil(b"0\r\n\r\n")
            writer.close()
        assert await to_the_end(idle[0][0]) == b""
        assert len(server.server_state.connections) <= 10
        for _, writer in idle:
            writer.close()


async def test_where_all_are_being_served_one_more_is_refused() -> None:
    async with served(plain, connections=2) as server:
        slow = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
        asking = [await connect(server, slow) for _ in range(2)]
        while len(server.server_state.tasks) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        reader, writer = await connect(server, GET)
        assert b" 503 " in await to_the_end(reader)
        for one, other in asking:
            assert b" 200 " in await one.readuntil(b"0\r\n\r\n")
            other.close()
        writer.close()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_body_that_does_not_come_is_told_so(world: World, language: str) -> None:
    """A problem document in the language asked for, nothing done, and the connection is closed."""
    app = create_app(world.settings.model_copy(update={"body_seconds": SHORT}), actor_source=anybody)
    app.state.database, app.state.trail = world.database, world.app.state.trail
    async with served(app) as server:
        head = "POST /api/v1/enterprises HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        head += f"Accept-Language: {language}\r\nContent-Length: 90\r\n\r\n"
        reader, writer = await connect(server, head.encode() + b'{"name": ')
        said = await to_the_end(reader)
        writer.close()
    headers, _, body = said.partition(b"\r\n\r\n")
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (408, "too_slow")
    assert ("body" in problem["detail"]) == (language == "en")
    assert b"connection: close" in headers.lower()
    assert (await world.get("/enterprises"))["items"] == []


async def test_a_small_window_is_no_fault() -> None:
    """A client that reads slowly gets the whole answer, though it takes longer than the limit."""
    async with served(plain, answer_seconds=2 * SHORT) as server:
        port = server.servers[0].sockets[0].getsockname()[1]

        def read() -> int:
            count = 0
            with socket.create_connection(("127.0.0.1", port)) as one:
                one.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                while part := one.recv(262144, socket.MSG_WAITALL):
                    count += len(part)
                    time.sleep(SHORT / 4)
            return count

        assert await asyncio.to_thread(read) > len(BIG)
