"""Binds identities of single sign-on to users: an administrator binds one, or a user is added at the first sign-in.

Never by name or mail: whoever could choose those at the provider could become another user here.
"""

import secrets
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, credentials, refusals, service, sessions, suspension, tokens
from app.accounts.actors import Who
from app.accounts.models import AccountPart, SignInSession, SignOnArrival, SignOnIdentity, User, Way
from app.accounts.openid import Identity
from app.accounts.schemas import UserCreate, UserName, UserRead
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, refuse
from app.core.localized import Say
from app.core.name_key import LONGEST_NAME
from app.events import service as events

_ARRIVALS_KEPT = timedelta(days=30)
_MOST_SHOWN = 200
_GENERATED_PREFIX = "sso-"
_NAMES: TypeAdapter[str] = TypeAdapter(UserName)


async def bound_to(session: AsyncSession, identity: Identity) -> User | None:
    """Returns the user bound to an identity, locked so that the binding cannot change before the session has begun."""
    is_identity = (SignOnIdentity.issuer == identity.issuer, SignOnIdentity.subject == identity.subject)
    bound = select(SignOnIdentity.user_id).where(*is_identity)
    user_id = await session.scalar(bound)
    if user_id is None:
        return None
    user = await session.get(User, user_id, with_for_update=True, populate_existing=True)
    return user if await session.scalar(bound) == user_id else None


async def bind(
    session: AsyncSession, actor: Actor, who: Who, issuer: str | None, subject: str, version: int | None = None
) -> UserRead:
    """Binds the provider's `subject` to a user. Raises Conflict where it is bound already, for an integration, and
    where no provider is set up; Forbidden for an administrator's account over the network.

    That is bound at the server alone, as its password is reset: whoever could bind it over the network could become
    that administrator.
    """
    actor.require(Permission.manage_accounts)
    user = await service.lock(session, who, version)
    await credentials.require_no_administrator(session, actor, user)
    refuse(refusals.integration_unbound(await actors.roles_of(session, user.id)))
    if issuer is None:
        say = Say(
            "未启用单点登录（FIVE_ONES_SIGN_ON_ISSUER）。", "No single sign-on is set up (FIVE_ONES_SIGN_ON_ISSUER)."
        )
        raise Conflict(say, code="sign_on_off")
    row = await session.get(SignOnIdentity, user.id)
    if row is None:
        row = SignOnIdentity(user_id=user.id)
        session.add(row)
    elif (row.issuer, row.subject) == (issuer, subject):
        raise Conflict(Say("已是这个身份。", "It is bound to that already."), code="unchanged")
    row.issuer, row.subject = issuer, subject
    await session.flush()
    is_arrival = (SignOnArrival.issuer == issuer, SignOnArrival.subject == subject)
    await session.execute(delete(SignOnArrival).where(*is_arrival))
    await _end_access(session, actor, user)
    await _log(session, actor, user, SecurityEventType.sign_on_bound, issuer, subject)
    await suspension.changed(session, actor, user, AccountPart.sign_on)
    return await service.read(session, user)


async def unbind(session: AsyncSession, actor: Actor, who: Who, version: int | None = None) -> UserRead:
    """Removes a user's binding. Raises Conflict where the user is not bound; Forbidden as `bind` does."""
    actor.require(Permission.manage_accounts)
    user = await service.lock(session, who, version)
    await credentials.require_no_administrator(session, actor, user)
    row = await session.get(SignOnIdentity, user.id)
    if row is None:
        raise refusals.not_bound()
    await session.delete(row)
    await _end_access(session, actor, user)
    await _log(session, actor, user, SecurityEventType.sign_on_unbound, row.issuer, row.subject)
    await suspension.changed(session, actor, user, AccountPart.sign_on)
    return await service.read(session, user)


async def _end_access(session: AsyncSession, actor: Actor, user: User) -> None:
    """Ends the sessions of the former binding, and revokes the user's tokens, which may have been issued in them."""
    await sessions.end(session, SignInSession.user_id == user.id, SignInSession.way == Way.single_sign_on)
    await tokens.revoke_all(session, actor, user.id)


async def _log(
    session: AsyncSession, actor: Actor, user: User, event_type: SecurityEventType, issuer: str, subject: str
) -> None:
    data = {"issuer": issuer, "subject": subject}
    await events.record(session, actor, event_type.value, user, data)
    await trail.record(session, actor, event_type, Subject("user", user.id), data)


async def remember(session: AsyncSession, identity: Identity) -> None:
    """Records a single sign-on by an identity that is bound to no user. Each record is deleted thirty days after the
    last sign-on."""
    now = clock.now(session)
    await session.execute(delete(SignOnArrival).where(SignOnArrival.last_at < now - _ARRIVALS_KEPT))
    is_arrival = (SignOnArrival.issuer == identity.issuer, SignOnArrival.subject == identity.subject)
    row = await session.scalar(select(SignOnArrival).where(*is_arrival).with_for_update())
    if row is None:
        row = SignOnArrival(issuer=identity.issuer, subject=identity.subject, first_at=now)
        session.add(row)
    row.name, row.user_name, row.last_at = _short(identity.name), _short(identity.user_name), now
    await session.flush()


async def arrivals(session: AsyncSession) -> list[SignOnArrival]:
    """Returns who signed in at the provider and is not bound, the latest first."""
    is_recent = SignOnArrival.last_at >= clock.now(session) - _ARRIVALS_KEPT
    query = select(SignOnArrival).where(is_recent).order_by(SignOnArrival.last_at.desc(), SignOnArrival.id)
    return list(await session.scalars(query.limit(_MOST_SHOWN)))


async def add(session: AsyncSession, identity: Identity) -> User:
    """Adds a user for a first sign-in, without any role: it may do nothing until one is granted."""
    name = _user_name(identity.user_name)
    if name is None or await session.scalar(select(User.id).where(User.name == name)) is not None:
        name = f"{_GENERATED_PREFIX}{secrets.token_hex(6)}"
    body = UserCreate(name=name, display_name=_short(identity.name) or _short(identity.user_name) or name)
    user = await service.get(session, (await service.add(session, service.SIGN_ON, body)).id)
    session.add(SignOnIdentity(user_id=user.id, issuer=identity.issuer, subject=identity.subject))
    is_arrival = (SignOnArrival.issuer == identity.issuer, SignOnArrival.subject == identity.subject)
    await session.execute(delete(SignOnArrival).where(*is_arrival))
    await _log(session, service.SIGN_ON, user, SecurityEventType.sign_on_bound, identity.issuer, identity.subject)
    return user


def _user_name(text: str | None) -> str | None:
    """Returns the text as a user name; None where it is not a valid one, or has the prefix of generated names."""
    try:
        name = _NAMES.validate_python(text)
    except ValidationError:
        return None
    return None if name.startswith(_GENERATED_PREFIX) else name


def _short(text: str | None) -> str | None:
    """Returns the text on one line, cut to the length of the column: it comes from outside and may be anything."""
    plain = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(plain.split())[:LONGEST_NAME] or None
