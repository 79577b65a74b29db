"""A client that disconnects at any point is no server error: one log line of level info, and nothing is half done."""

from typing import Any

import pytest
from starlette.types import Message, Scope
from structlog.testing import capture_logs

from app.core import logs
from tests.accounts.test_matrix import filled, operations
from tests.conftest import World

pytestmark = pytest.mark.anyio

SENDS = {"POST", "PUT", "PATCH", "DELETE"}


async def hang_up(world: World, method: str, path: str, body: bytes, *headers: tuple[bytes, bytes]) -> list[Any]:
    """Sends the beginning of a body and disconnects. Returns the log lines."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("five-ones.test", 80),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": method,
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"five-ones.test"),
            (b"content-type", b"application/json"),
            (b"content-length", b"900"),
            *headers,
        ],
        "state": {},
    }
    coming: list[Message] = [{"type": "http.request", "body": body, "more_body": True}] if body else []

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        """Drops the response: the client is gone."""

    logs.configure(world.settings.model_copy(update={"log_level": "info"}))
    with capture_logs() as lines:
        await world.app(scope, receive, send)
    return lines


async def test_a_stranger_hangs_up_in_any_body(world: World) -> None:
    """Whether FastAPI, the claim of an idempotency key or the route itself reads the body."""
    asked = [(method, filled(path)) for method, path, _ in operations(world) if method in SENDS]
    assert ("POST", filled("/api/v1/hooks/{source_id}")) in asked
    assert len(asked) > 100
    for method, path in asked:
        for body in (b"", b'{"type":'):
            lines = await hang_up(world, method, path, body, (b"idempotency-key", b"once"), (b"if-match", b'"1"'))
            levels = {line["log_level"] for line in lines}
            assert levels <= {"debug", "info"}, (method, path, lines)
            (request,) = [line for line in lines if line["event"] == "request"]
            assert request["status"] < 500, (method, path)


async def test_it_is_told_apart_from_what_was_refused(world: World) -> None:
    """Hung up is 499; a body that came whole and is wrong stays 422."""
    (line,) = await hang_up(world, "POST", "/api/v1/enterprises", b'{"name":')
    assert (line["event"], line["status"]) == ("request", 499)
    whole = await world.send("POST", "/enterprises", {"name": ""})
    assert whole.status_code == 422
    assert await world.get("/enterprises") == {**await world.get("/enterprises"), "items": []}
