"""Refuses bodies that are too large, or sent too slowly, with a problem document.

FastAPI's own `max_body_size` answers with plain text and has no option to change that.
"""

import asyncio

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import error_handlers, errors


class BodyLimit:
    """Refuses a declared length above the limit at once, and an undeclared one when it reaches the limit.

    Where the client disconnects or takes too long, every read of the body raises HTTPException: Starlette's own
    exception would be an unexpected error in a route that reads its body without FastAPI.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.seconds = seconds
        """Time to send a whole body, from the moment we begin to read it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if declared.isdigit() and (len(declared) > 18 or int(declared) > self.max_bytes):
            await error_handlers.respond(Request(scope), errors.TooLarge(errors.TOO_LARGE))(scope, receive, send)
            return
        body = _Body(receive, self.max_bytes, self.seconds)

        async def answer(message: Message) -> None:
            body.is_awaited = False
            await send(message)

        await self.app(scope, body.receive, answer)


class _Body:
    """One body while it is received. `is_awaited` until it is complete or the answer has begun."""

    def __init__(self, receive: Receive, max_bytes: int, seconds: float) -> None:
        self.is_awaited = True
        self._receive = receive
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._deadline: float | None = None
        self._bytes = 0

    async def receive(self) -> Message:
        """Raises HTTPException: 408 where it is too slow, 413 where it is too large, 499 where the client has gone."""
        if not self.is_awaited:
            return await self._receive()
        message = await self._in_time()
        if message["type"] == "http.disconnect":
            raise HTTPException(499)
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._max_bytes:
            raise HTTPException(413)
        self.is_awaited = message.get("more_body", False)
        return message

    async def _in_time(self) -> Message:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
