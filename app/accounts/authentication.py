"""Authentication of a request: by a token in its header, or by a session in its cookie."""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from app.accounts import displays, policy, sessions, tokens
from app.accounts.models import Must
from app.accounts.sessions import Use
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import client
from app.core.actor import NOBODY, Actor
from app.core.config import Settings
from app.core.db import Database, database
from app.core.errors import Forbidden, TooMany, Unauthorized
from app.core.localized import Say
from app.core.rate_limits import RateLimit

_SIGN_IN = Say(
    "请先登录，或以 Authorization: Bearer 附上令牌。", "Sign in first, or send a token as Authorization: Bearer."
)
CSRF_HEADER = "x-csrf-token"


async def remembered(request: Request) -> AsyncIterator[None]:
    """Stores the time at which the token or session was last used, after the answer was sent: no request waits for it
    or fails because of it."""
    try:
        yield
    finally:
        remember: Callable[[Database], Awaitable[None]] | None = getattr(request.state, "remember", None)
        if remember is not None:
            await remember(database(request))


async def signed_in(request: Request) -> Actor:
    """Returns the actor of a request. Raises Unauthorized; Forbidden where it may not call the operation; TooMany."""
    operation: str = request.scope["route"].name
    if operation in policy.OPEN:
        return NOBODY
    if operation in policy.DISPLAYED and (display := await _display(request)) is not None:
        return display
    actor, must = await _authenticate(request)
    request.state.known = actor
    if operation in policy.POLLED:
        request.state.remember = None
    policy.require(actor, operation, must)
    return actor


async def _display(request: Request) -> Actor | None:
    """Returns the display of a request, or None where it comes from none that is in use."""
    token = sessions.cookie(request, displays.COOKIE)
    found = await displays.actor_of(database(request), token) if token is not None else None
    if found is None:
        return None
    actor, display_id, wants_remembering = found
    request.state.known = actor
    if wants_remembering:
        request.state.remember = partial(displays.remember_use, display_id=display_id)
    return actor


async def _authenticate(request: Request) -> tuple[Actor, tuple[Must, ...]]:
    """Returns the actor and what it must do first. Raises Unauthorized, Forbidden, TooMany."""
    if "authorization" in request.headers:
        kind, _, token = request.headers["authorization"].partition(" ")
        if kind.casefold() != "bearer" or not token.strip():
            raise Unauthorized(_SIGN_IN)
        try:
            actor, used = await tokens.actor_of(database(request), token.strip())
        except Unauthorized:
            await trail.of(request).note(None, SecurityEventType.token_refused)
            require_below_limit(request)
            raise
        if used.wants_remembering:
            request.state.remember = partial(tokens.remember_use, token_id=used.token_id)
        request.state.read_before = used.read_before
        return actor, ()
    cookie = sessions.token_of(request)
    if cookie is None:
        raise Unauthorized(_SIGN_IN)
    actor, use = await sessions.actor_of(database(request), cookie)
    if request.method not in policy.READS:
        await _require_csrf_token(request, actor, use)
    if use.wants_remembering:
        request.state.remember = partial(sessions.remember_use, session_id=use.session_id)
    request.state.use = use
    request.state.read_before = use.read_before
    return actor, use.must


def token_failures(settings: Settings) -> RateLimit:
    """Returns the rate limit on invalid tokens, counted by address."""
    return RateLimit(settings.token_failures_an_address, timedelta(minutes=1))


def require_below_limit(request: Request) -> None:
    """Counts an invalid token. Raises TooMany where one address sends too many. Valid tokens work all the same: many
    people share an address, and one of their programs may have an old token."""
    failures: RateLimit = request.app.state.token_failures
    wait = failures.take(client.current().address or "", database(request).clock())
    if wait is not None:
        say = Say("无效令牌过多，请稍后再试。", "Too many tokens that do not hold; try again later.")
        raise TooMany(say, wait.total_seconds(), code="too_many_bad_tokens")


async def _require_csrf_token(request: Request, actor: Actor, use: Use) -> None:
    """Raises Forbidden for a write without the CSRF token: another site may have sent it with the user's cookie."""
    sent = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(sent.encode(), sessions.csrf_token(use.token).encode()):
        await trail.of(request).note(actor, SecurityEventType.forged, Subject("user", use.user_id))
        say = Say(
            "缺少或不符的 X-CSRF-Token；请带上 GET /api/v1/session 给出的值。",
            "X-CSRF-Token is missing or wrong; send what GET /api/v1/session answers.",
        )
        raise Forbidden(say, code="csrf_token", fields=[("#X-CSRF-Token", "csrf_token", say)])


async def current_use(request: Request) -> Use:
    """Returns the session of a request. Raises Forbidden where it has none, such as one with a token."""
    use: Use | None = getattr(request.state, "use", None)
    if use is None:
        raise Forbidden(Say("请登录后办理。", "Sign in to do this."), code="in_person")
    return use


CurrentUse = Annotated[Use, Depends(current_use)]
