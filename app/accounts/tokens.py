"""API tokens: issued, shown once, used as `Authorization: Bearer …`, revoked."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, bearer, refusals
from app.accounts.bearer import hashed
from app.accounts.models import ApiToken, TokenScope, User
from app.accounts.schemas import TokenIssue, TokenIssued, TokenRead
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock
from app.core.actor import Actor, ActorKind, Permission
from app.core.context import ReadBefore
from app.core.db import Database
from app.core.errors import Conflict, TooMany, Unauthorized, refuse
from app.core.localized import Say
from app.core.records import locked, one
from app.events import service as events

TOKEN = Say("令牌", "token")
MARK = "fiveones_"
"""Prefix of every token, so that a leaked one is recognized as ours."""

_ADMINISTRATION = frozenset(
    {
        Permission.edit_stages,
        Permission.edit_calendar,
        Permission.edit_organizations,
        Permission.manage_accounts,
        Permission.grant_roles,
        Permission.read_audit,
    }
)
_RIGHTS: dict[TokenScope, frozenset[Permission]] = {
    TokenScope.read: frozenset({Permission.read}),
    TokenScope.write: frozenset(Permission) - _ADMINISTRATION,
    TokenScope.webhook: frozenset(),
    TokenScope.admin: _ADMINISTRATION | {Permission.read},
}
_MOST_AN_HOUR = 20
_SEEN_EVERY = timedelta(minutes=10)
"""Precision of `last_used_at`: a token in steady use costs one write per this time."""


async def issue(session: AsyncSession, actor: Actor, who: actors.Who, body: TokenIssue) -> tuple[ApiToken, str]:
    """Issues a token of a user. Returns it and its secret, which is not stored.

    People issue their own. Administrators issue tokens of integrations only: with a token of another person they could
    act as that person. Raises Forbidden, or TooMany.
    """
    user = await locked(session, actors.named(who), None, actors.USER)
    if actor.id != str(user.id):
        actor.require(Permission.manage_accounts)
        refuse(refusals.token_of_somebody_else(actor, user.id, await actors.roles_of(session, user.id)))
    await _require_below_limit(session, user)
    prefix = MARK + secrets.token_hex(3)
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    now = clock.now(session)
    scopes = sorted({scope.value for scope in body.scopes})
    data = {"prefix": prefix, "name": body.name, "scopes": scopes, "days": body.days}
    token = ApiToken(
        user_id=user.id,
        name=body.name,
        prefix=prefix,
        token_hash=hashed(secret),
        scopes=scopes,
        created_at=now,
        expires_at=now + timedelta(days=body.days),
        event_id=await events.note(session, actor, SecurityEventType.token_issued.value, "user", user.id, data),
    )
    await trail.record(session, actor, SecurityEventType.token_issued, Subject("user", user.id), data)
    session.add(token)
    await session.flush()
    return token, secret


def issued(token: ApiToken, secret: str) -> TokenIssued:
    return TokenIssued(**TokenRead.model_validate(token).model_dump(), secret=secret)


async def _require_below_limit(session: AsyncSession, user: User) -> None:
    """Raises TooMany for the twenty-first token of an hour: a stolen session must not leave many tokens behind."""
    since = clock.now(session) - timedelta(hours=1)
    query = select(func.count()).where(ApiToken.user_id == user.id, ApiToken.created_at > since)
    if (await session.scalar(query) or 0) >= _MOST_AN_HOUR:
        say = Say(f"一小时最多签发 {_MOST_AN_HOUR} 个令牌。", f"At most {_MOST_AN_HOUR} tokens an hour.")
        raise TooMany(say, 3600, code="tokens_too_often")


async def revoke(session: AsyncSession, actor: Actor, which: UUID | str, *, user_id: UUID | None = None) -> ApiToken:
    """Revokes a token by its id or prefix; with `user_id`, only a token of that user. Returns it. Raises NotFound, or
    Conflict where it is revoked already."""
    query = select(ApiToken).where(ApiToken.id == which if isinstance(which, UUID) else ApiToken.prefix == which)
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    token = await one(session, query.with_for_update(), TOKEN)
    if actor.id != str(token.user_id):
        actor.require(Permission.manage_accounts)
    if token.revoked_at is not None:
        raise Conflict(Say("令牌已撤销。", "It is revoked already."), code="unchanged")
    await _end(session, actor, token)
    return token


async def _end(session: AsyncSession, actor: Actor, token: ApiToken) -> None:
    token.revoked_at = clock.now(session)
    data = {"prefix": token.prefix}
    await events.note(session, actor, SecurityEventType.token_revoked.value, "user", token.user_id, data)
    await trail.record(session, actor, SecurityEventType.token_revoked, Subject("user", token.user_id), data)
    await session.flush()


async def revoke_all(session: AsyncSession, actor: Actor, user_id: UUID) -> None:
    """Revokes every live token of a user."""
    live = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None)).order_by(ApiToken.id)
    for token in await session.scalars(live.with_for_update()):
        await _end(session, actor, token)


async def of_user(session: AsyncSession, user_id: UUID) -> list[ApiToken]:
    """Returns every token the user ever had, the oldest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.created_at, ApiToken.id)
    return list(await session.scalars(query))


TOKEN_INVALID = Say("令牌无效、已过期或已撤销。", "The token is not valid, has expired or was revoked.")


_QUERY = (
    select(
        ApiToken.id.label("token_id"),
        ApiToken.prefix,
        ApiToken.scopes,
        ApiToken.expires_at,
        ApiToken.last_used_at,
        ApiToken.revoked_at,
        *actors.COLUMNS,
    )
    .join(User, User.id == ApiToken.user_id)
    .where(ApiToken.token_hash == bindparam("token_hash"))
)


@dataclass(frozen=True, slots=True)
class Use:
    """The use of a token by a request. `wants_remembering`: `last_used_at` is so old that it is written anew."""

    token_id: UUID
    wants_remembering: bool
    read_before: ReadBefore


async def actor_of(database: Database, token: str) -> tuple[Actor, Use]:
    """Returns the user of a token as an actor, with the rights its scopes allow. Raises Unauthorized, with the same
    message whatever the reason."""
    row = await database.row(_QUERY, token_hash=hashed(token))
    now = database.clock()
    is_live = row is not None and row.revoked_at is None and now < row.expires_at
    if row is None or not is_live or not actors.is_active(row, clock.business_day(now)):
        raise Unauthorized(TOKEN_INVALID)
    rights = frozenset[Permission]().union(*(_RIGHTS[TokenScope(scope)] for scope in row.scopes))
    actor = await actors.of(database, row, ActorKind.token, rights, via=f"（{row.prefix}）")
    is_stale = row.last_used_at is None or row.last_used_at + _SEEN_EVERY < now
    return actor, Use(row.token_id, is_stale, actors.read_before(row))


async def remember_use(database: Database, token_id: UUID) -> None:
    """Writes when a token was last used."""
    await bearer.remember_use(database, ApiToken.last_used_at, token_id, every=_SEEN_EVERY)
