"""Sessions of browsers, kept by the server: begun, found by their cookie, ended.

A session ends by itself when nobody has used it for `session_idle_minutes`, and `session_hours` after it began.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from fastapi import Request, Response
from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, devices
from app.accounts.models import Credential, KnownDevice, Must, SignInSession, User, Way
from app.accounts.roles import ADMINISTRATORS
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import client, clock, office
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import NotFound, Unauthorized
from app.core.localized import Say
from app.core.records import affected, digest, one

SESSION = Say("会话", "session")
_KEPT = timedelta(days=30)
_SEEN_EVERY = timedelta(minutes=1)
"""How exact `last_seen_at` is: a session in steady use costs a write that often."""

log = structlog.get_logger(__name__)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_token(token: str) -> str:
    """What a write by cookie carries as `X-CSRF-Token`: another site can send the cookie, but not read this."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https with us, or with what stands before us."""
    settings: Settings = request.app.state.settings
    return request.url.scheme == "https" or (settings.public_url or "").startswith("https:")


_COOKIE = "five_ones_session"


def _cookie_name(request: Request, name: str) -> str:
    """Under https no page of another host can set a cookie of the `__Host-` kind."""
    return f"__Host-{name}" if is_secure(request) else name


def token_of(request: Request) -> str | None:
    return held(request, _COOKIE)


def held(request: Request, name: str) -> str | None:
    return request.cookies.get(_cookie_name(request, name))


def give(
    request: Request, response: Response, token: str, name: str = _COOKIE, within: timedelta | None = None
) -> None:
    """Hand the browser its session, or what else it alone is to hold. The cookie ends with the browser or `within` a
    time, a session by itself."""
    response.set_cookie(
        _cookie_name(request, name),
        token,
        max_age=int(within.total_seconds()) if within is not None else None,
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_secure(request),
    )


def take_back(request: Request, response: Response, name: str = _COOKIE) -> None:
    response.delete_cookie(
        _cookie_name(request, name), path="/", httponly=True, samesite="lax", secure=is_secure(request)
    )


async def begin(
    session: AsyncSession, settings: Settings, user: User, way: Way, device: KnownDevice | None = None
) -> tuple[SignInSession, str]:
    """A new session and what the browser is to hold. Never one that the browser brought: that could be another's.

    The security event of it, which is sealed, says what the rows of session and device say (`check` compares).
    """
    token, now, came_from = secrets.token_urlsafe(32), clock.now(session), client.current()
    row = SignInSession(
        user_id=user.id,
        way=way,
        token_hash=_hash(token),
        address=came_from.address,
        user_agent=came_from.user_agent,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=settings.session_hours),
    )
    session.add(row)
    await session.flush()
    who = Actor(str(user.id), user.display_name, ActorKind.person)
    data: dict[str, Any] = {"way": way, "session": {"id": row.id, "said": said(row)}}
    if device is not None:
        data["device"] = {"id": device.id, "said": devices.said(device)}
    await trail.record(session, who, SecurityEventType.signed_in, Subject("user", user.id), data)
    return row, token


def said(row: SignInSession) -> str:
    """SHA-256 of what a session is from beginning to end: whose, since when, for how long, in which browser."""
    return digest(
        row.id, row.user_id, row.way, row.token_hash, row.address, row.user_agent, row.created_at, row.expires_at
    )


def is_live(row: SignInSession | Row[Any], settings: Settings, now: datetime) -> bool:
    idle = timedelta(minutes=settings.session_idle_minutes)
    return row.ended_at is None and now < min(row.expires_at, row.last_seen_at + idle)


async def end(session: AsyncSession, *conditions: object) -> list[UUID]:
    """End the live sessions that these columns tell; answers their ids. The next security event of the transaction
    names them: call it before that is recorded."""
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
    return [] if token is None else await end(session, SignInSession.token_hash == _hash(token))


async def end_all(session: AsyncSession, user_id: UUID, *, but: UUID | None = None) -> list[UUID]:
    """End every session of a user, except perhaps the one that asks for it."""
    others = [] if but is None else [SignInSession.id != but]
    return await end(session, SignInSession.user_id == user_id, *others)


async def end_own(session: AsyncSession, user_id: UUID, session_id: UUID) -> None:
    """Raises NotFound where the user has no such session."""
    if not await end(session, SignInSession.user_id == user_id, SignInSession.id == session_id):
        raise NotFound.of(SESSION)


async def get(session: AsyncSession, session_id: UUID) -> SignInSession:
    """Raises NotFound."""
    return await one(session, select(SignInSession).where(SignInSession.id == session_id), SESSION)


async def of_user(session: AsyncSession, settings: Settings, user_id: UUID) -> list[SignInSession]:
    """The live sessions of a user, the latest used first."""
    query = select(SignInSession).where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None))
    rows = await session.scalars(query.order_by(SignInSession.last_seen_at.desc(), SignInSession.id))
    now = clock.now(session)
    return [row for row in rows if is_live(row, settings, now)]


NOBODY = Say("登录已失效，请重新登录。", "You are no longer signed in; sign in again.")


@dataclass(frozen=True, slots=True)
class Use:
    """A request that came with a session's cookie."""

    session_id: UUID
    user_id: UUID
    way: Way
    token: str
    must: tuple[Must, ...]
    wants_remembering: bool
    stored_business_day: date | None


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


_QUERY_BESIDE_SIGN_ON = _QUERY.add_columns(actors.setting(office.PASSWORD_SIGN_IN).label("password_sign_in"))
"""Whether passwords count is asked only where there is another way in: every request asks this."""


async def actor_of(database: Database, token: str) -> tuple[Actor, Use]:
    """Who is signed in. Raises Unauthorized, for whatever reason in the same words."""
    settings = database.settings
    query = _QUERY if settings.sign_on_issuer is None else _QUERY_BESIDE_SIGN_ON
    row = await database.row(query, token_hash=_hash(token))
    now = database.clock()
    if row is None or not _lets_in(row, settings, now) or not actors.is_active(row, clock.business_day(now)):
        raise Unauthorized(NOBODY)
    actor = await actors.of(database, row, ActorKind.person, frozenset(Permission))
    use = Use(
        session_id=row.session_id,
        user_id=row.user_id,
        way=row.way,
        token=token,
        must=_must(settings, row, actor, now),
        wants_remembering=row.last_seen_at + _SEEN_EVERY < now,
        stored_business_day=actors.stored_business_day(row),
    )
    return actor, use


def _must(settings: Settings, row: Row[Any], actor: Actor, now: datetime) -> tuple[Must, ...]:
    """Whoever comes by single sign-on proves itself there, by one factor or two."""
    if row.way is not Way.password or row.password_set_at is None:
        return ()
    age = timedelta(days=settings.password_max_days)
    is_old = bool(age) and row.password_set_at + age <= now
    found = [Must.change_password] if row.must_change or is_old else []
    wants_two = row.second_factor_of == office.ADMINISTRATORS and bool(actor.roles & ADMINISTRATORS)
    if wants_two and row.second_factor_since is None:
        found.append(Must.set_second_factor)
    return tuple(found)


async def remember_use(database: Database, session_id: UUID) -> None:
    """Say when a session was last used. Where the database does not take it, the next use says it."""
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
    """Forget sessions that have been over for a month: who came when is in the trail. How many there were."""
    over = func.coalesce(SignInSession.ended_at, SignInSession.expires_at)
    return await affected(session, delete(SignInSession).where(over < clock.now(session) - _KEPT))
