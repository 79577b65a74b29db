"""Bodies that are too large, or that stop coming, are refused with a problem document.

FastAPI's own `max_body_size` answers plain text and cannot be told otherwise.
"""

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import edge, errors


class BodyLimit:
    """Refuses a declared length at once, and an undeclared one when it is reached.

    Where the client hangs up before its body is complete, reading it raises HTTPException 499, whoever reads it: what
    Starlette raises itself is an unexpected error to a route that reads its body without FastAPI.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        if declared.isdigit() and (len(declared) > 18 or int(declared) > self.max_bytes):
            await edge.respond(Request(scope), errors.TooLarge(errors.TOO_LARGE))(scope, receive, send)
            return
        seen = 0
        is_complete = is_answered = False

        async def counted() -> Message:
            nonlocal seen, is_complete
            message = await receive()
            if message["type"] == "http.disconnect" and not (is_complete or is_answered):
                raise HTTPException(499)
            seen += len(message.get("body", b""))
            if seen > self.max_bytes:
                raise HTTPException(413)
            is_complete = is_complete or not message.get("more_body", False)
            return message

        async def answered(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        await self.app(scope, counted, answered)
