"""Who a request comes from, where the office wants people to sign in."""

from fastapi import Request

from app.accounts import policy, tokens
from app.core.actor import Actor
from app.core.db import database
from app.core.errors import Unauthorized
from app.core.say import Say

_SIGN_IN = Say("请先登录：以 Authorization: Bearer 附上令牌。", "Sign in first: send a token as Authorization: Bearer.")


async def signed_in(request: Request) -> Actor:
    """The actor behind the request's token. Raises Unauthorized; Forbidden where it may not ask for this at all."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not token.strip():
        raise Unauthorized(_SIGN_IN)
    actor = await tokens.actor_of(database(request), token.strip())
    policy.require(actor, request.method, request.scope["route"].name)
    return actor
