"""Who a request comes from, where the office wants people to sign in."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import Request

from app.accounts import policy, tokens
from app.core.actor import Actor
from app.core.db import database
from app.core.errors import Unauthorized
from app.core.say import Say

_SIGN_IN = Say("请先登录：以 Authorization: Bearer 附上令牌。", "Sign in first: send a token as Authorization: Bearer.")


async def remembered(request: Request) -> AsyncIterator[None]:
    """After the answer has left: when the token was used. Nobody waits for it, and nothing fails by it."""
    try:
        yield
    finally:
        token_id: UUID | None = getattr(request.state, "token_in_use", None)
        if token_id is not None:
            await tokens.remember_use(database(request), token_id)


async def signed_in(request: Request) -> Actor:
    """The actor behind the request's token. Raises Unauthorized; Forbidden where it may not ask for this at all."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not token.strip():
        raise Unauthorized(_SIGN_IN)
    actor, request.state.token_in_use = await tokens.actor_of(database(request), token.strip())
    policy.require(actor, request.method, request.scope["route"].name)
    return actor
