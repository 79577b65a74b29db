"""A receiver's own side: a real socket that verifies by the public library, and answers as a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass(frozen=True)
class Request:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    def verify(self, secret: str) -> Any:
        """Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HANG, DROP = b"hang", b"drop"


def answer(status: int, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *headers, f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()


@dataclass
class Receiver:
    """Answers by `script`, one for each request, then by `default`."""

    port: int = 0
    host: str = "127.0.0.1"
    script: list[bytes] = field(default_factory=list)
    default: bytes = OK
    requests: list[Request] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first request."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hooks"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            named = [line.partition(":") for line in head[1:] if line]
            headers = {name.lower(): value.strip() for name, _, value in named}
            body = await reader.readexactly(int(headers["content-length"]))
            self.requests.append(Request(headers, body))
            self.asked.set()
            said = self.script.pop(0) if self.script else self.default
            if said is HANG:
                await reader.read()  # until the other side hangs up
            elif said is not DROP:
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
