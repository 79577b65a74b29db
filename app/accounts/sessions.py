"""Sessions of browsers, kept by the server: begun, looked up by their cookie, ended.

A session expires when unused for `session_idle_minutes`, and at the latest `session_hours` after it began.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request, Response
from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, devices
from app.accounts.bearer import hashed
from app.accounts.models import Credential, KnownDevice, Must, SignInSession, User, Way
from app.accounts.roles import ADMINISTRATORS
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import client, clock, office
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.context import ReadBefore
from app.core.db import Database
from app.core.errors import NotFound, Unauthorized
from app.core.localized import Say
from app.core.records import affected, digest, one

SESSION = Say("会话", "session")
_KEPT = timedelta(days=30)
_SEEN_EVERY = timedelta(minutes=1)
"""Precision of `last_seen_at`: a session in steady use costs one write per this time."""

log = structlog.get_logger(__name__)


def csrf_token(token: str) -> str:
    """Returns what a write by cookie carries as `X-CSRF-Token`: another site can send the cookie, but not read this."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https with us, or with a proxy in front of us."""
    settings: Settings = request.app.state.settings
    return request.url.scheme == "https" or (settings.public_url or "").startswith("https:")


_COOKIE = "five_ones_session"


def _cookie_name(request: Request, name: str) -> str:
    """Adds `__Host-` under https: no page of another host can set a cookie with that prefix."""
    return f"__Host-{name}" if is_secure(request) else name


def token_of(request: Request) -> str | None:
    return cookie(request, _COOKIE)


def cookie(request: Request, name: str) -> str | None:
    return request.cookies.get(_cookie_name(request, name))


def set_cookie(
    request: Request, response: Response, token: str, name: str = _COOKIE, within: timedelta | None = None
) -> None:
    """Sets a cookie that scripts cannot read. It lives `within` that time, or until the browser closes; the server ends
    a session independently of that."""
    response.set_cookie(
        _cookie_name(request, name),
        token,
        max_age=int(within.total_seconds()) if within is not None else None,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def delete_cookie(request: Request, response: Response, name: str = _COOKIE) -> None:
    response.delete_cookie(
        _cookie_name(request, name), path="/", httponly=True, samesite="lax", secure=is_secure(request)
    )


async def begin(
    session: AsyncSession, settings: Settings, user: User, way: Way, device: KnownDevice | None = None
) -> tuple[SignInSession, str]:
    """Begins a session. Returns it and its token, always a new one: a token from the browser could be somebody else's.

    The sealed security event holds the fingerprints of the rows of session and device, which `check` compares.
    """
    token, now, origin = secrets.token_urlsafe(32), clock.now(session), client.current()
    row = SignInSession(
        user_id=user.id,
        way=way,
        token_hash=hashed(token),
        address=origin.address,
        user_agent=origin.user_agent,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
    )
    session.add(row)
    await session.flush()
    actor = Actor(str(user.id), user.display_name, ActorKind.person)
    data: dict[str, Any] = {"way": way, "session": {"id": row.id, "said": fingerprint(row)}}
    if device is not None:
        data["device"] = {"id": device.id, "said": devices.fingerprint(device)}
    await trail.record(session, actor, SecurityEventType.signed_in, Subject("user", user.id), data)
    return row, token


def fingerprint(row: SignInSession) -> str:
    """Returns the SHA-256 of the columns of a session that never change: user, times, token, browser."""
    return digest(
        row.id, row.user_id, row.way, row.token_hash, row.address, row.user_agent, row.created_at, row.expires_at
    )


def is_live(row: SignInSession | Row[Any], settings: Settings, now: datetime) -> bool:
    idle = timedelta(minutes=settings.session_idle_minutes)
    return row.ended_at is None and now < min(row.expires_at, row.last_seen_at + idle)


async def end(session: AsyncSession, *conditions: object) -> list[UUID]:
    """Ends the live sessions that meet the conditions. Returns their ids. The next security event of the transaction
    names them: call this before recording it."""
    ended = (
        update(SignInSession)
        .where(SignInSession.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
        .values(ended_at=clock.now(session))
        .returning(SignInSession.id)
    )
    ids = list(await session.scalars(ended, execution_options={"synchronize_session": False}))
    trail.name_ended(session, ids)
    return ids


async def end_token(session: AsyncSession, token: str | None) -> list[UUID]:
    """Ends the session of a token, if there is one. Returns its id in a list."""
    return [] if token is None else await end(session, SignInSession.token_hash == hashed(token))


async def end_all(session: AsyncSession, user_id: UUID, *, except_id: UUID | None = None) -> list[UUID]:
    """Ends every session of a user except `except_id`. Returns their ids."""
    others = [] if except_id is None else [SignInSession.id != except_id]
    return await end(session, SignInSession.user_id == user_id, *others)


async def end_own(session: AsyncSession, user_id: UUID, session_id: UUID) -> None:
    """Ends one session of a user. Raises NotFound where the user has no such session."""
    if not await end(session, SignInSession.user_id == user_id, SignInSession.id == session_id):
        raise NotFound.of(SESSION)


async def get(session: AsyncSession, session_id: UUID) -> SignInSession:
    """Raises NotFound."""
    return await one(session, select(SignInSession).where(SignInSession.id == session_id), SESSION)


async def of_user(session: AsyncSession, settings: Settings, user_id: UUID) -> list[SignInSession]:
    """Returns the live sessions of a user, the latest used first."""
    query = select(SignInSession).where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None))
    rows = await session.scalars(query.order_by(SignInSession.last_seen_at.desc(), SignInSession.id))
    now = clock.now(session)
    return [row for row in rows if is_live(row, settings, now)]


SIGNED_OUT = Say("登录已失效，请重新登录。", "You are no longer signed in; sign in again.")


@dataclass(frozen=True, slots=True)
class Use:
    """A request that came with a session's cookie."""

    session_id: UUID
    user_id: UUID
    way: Way
    token: str
    must: tuple[Must, ...]
    wants_remembering: bool
    read_before: ReadBefore


_QUERY = (
    select(
        SignInSession.id.label("session_id"),
        SignInSession.way,
        SignInSession.last_seen_at,
        SignInSession.expires_at,
        SignInSession.ended_at,
        Credential.must_change,
        Credential.password_set_at,
        Credential.second_factor_since,
        *actors.COLUMNS,
    )
    .join(User, User.id == SignInSession.user_id)
    .outerjoin(Credential, Credential.user_id == User.id)
    .where(SignInSession.token_hash == bindparam("token_hash"))
)


def _lets_in(row: Row[Any], settings: Settings, now: datetime) -> bool:
    is_off = settings.sign_on_issuer is not None and row.password_sign_in == office.OFF
    return is_live(row, settings, now) and not (is_off and row.way is Way.password)


_QUERY_WITH_SIGN_ON = _QUERY.add_columns(actors.setting(office.PASSWORD_SIGN_IN).label("password_sign_in"))
"""Reads also whether passwords are switched off, which is possible only with single sign-on. Runs at every request."""


async def actor_of(database: Database, token: str) -> tuple[Actor, Use]:
    """Returns the actor of a session's token. Raises Unauthorized, with the same message whatever the reason."""
    settings = database.settings
    query = _QUERY if settings.sign_on_issuer is None else _QUERY_WITH_SIGN_ON
    row = await database.row(query, token_hash=hashed(token))
    now = database.clock()
    if row is None or not _lets_in(row, settings, now) or not actors.is_active(row, clock.business_day(now)):
        raise Unauthorized(SIGNED_OUT)
    actor = await actors.of(database, row, ActorKind.person, frozenset(Permission))
    use = Use(
        session_id=row.session_id,
        user_id=row.user_id,
        way=row.way,
        token=token,
        must=_must(settings, row, actor, now),
        wants_remembering=row.last_seen_at + _SEEN_EVERY < now,
        read_before=actors.read_before(row),
    )
    return actor, use


def _must(settings: Settings, row: Row[Any], actor: Actor, now: datetime) -> tuple[Must, ...]:
    """Returns what the user has to do first. Nothing after single sign-on, whose provider checks the factors."""
    if row.way is not Way.password or row.password_set_at is None:
        return ()
    age = timedelta(days=settings.password_max_days)
    is_old = bool(age) and row.password_set_at + age <= now
    must = [Must.change_password] if row.must_change or is_old else []
    wants_two = row.second_factor_of == office.ADMINISTRATORS and bool(actor.roles & ADMINISTRATORS)
    if wants_two and row.second_factor_since is None:
        must.append(Must.set_second_factor)
    return tuple(must)


async def remember_use(database: Database, session_id: UUID) -> None:
    """Writes when a session was last used. Where the database fails, only logs it: the next use writes it."""
    try:
        async with database.writing() as session:
            now = clock.now(session)
            await session.execute(
                update(SignInSession)
                .where(SignInSession.id == session_id, SignInSession.last_seen_at < now - _SEEN_EVERY)
                .values(last_seen_at=now),
                execution_options={"synchronize_session": False},
            )
    except (SQLAlchemyError, OSError):
        log.warning("session_use_not_remembered", session_id=str(session_id))


async def prune(session: AsyncSession) -> int:
    """Deletes sessions that ended 30 days ago (the trail still holds every sign-in). Returns how many were deleted."""
    ended_at = func.coalesce(SignInSession.ended_at, SignInSession.expires_at)
    return await affected(session, delete(SignInSession).where(ended_at < clock.now(session) - _KEPT))
