"""API tokens: made, shown once, used as `Authorization: Bearer …`, revoked."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service
from app.accounts.models import ApiToken, TokenScope, User
from app.accounts.schemas import TokenIssue
from app.core import clock
from app.core.actor import Actor, ActorKind, Permission
from app.core.db import Database
from app.core.errors import Conflict, Unauthorized
from app.core.records import one
from app.core.say import Say
from app.events import service as events

TOKEN = Say("令牌", "token")
MARK = "fiveones_"
"""What every token begins with, so that one that leaked is recognized as ours."""

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
    TokenScope.read: frozenset(),
    TokenScope.write: frozenset(Permission) - _ADMINISTRATION,
    TokenScope.admin: _ADMINISTRATION,
}
_SEEN_EVERY = timedelta(minutes=10)
"""How exact `last_used_at` is: a token in steady use costs a write that often."""

log = structlog.get_logger(__name__)


def _hash(token: str) -> str:
    """A token is 256 random bits: nothing is gained by hashing it slowly."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(session: AsyncSession, actor: Actor, user_name: str, body: TokenIssue) -> tuple[ApiToken, str]:
    """Make a token of a user; answers it with its secret, which is nowhere kept."""
    actor.require(Permission.manage_accounts)
    user = await service.by_name(session, user_name)
    prefix = MARK + secrets.token_hex(3)
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    now = clock.now(session)
    kept = sorted({scope.value for scope in body.scopes})
    data = {"prefix": prefix, "name": body.name, "scopes": kept, "days": body.days}
    token = ApiToken(
        user_id=user.id,
        name=body.name,
        prefix=prefix,
        token_hash=_hash(secret),
        scopes=kept,
        created_at=now,
        expires_at=now + timedelta(days=body.days),
        event_id=await events.note(session, actor, "user.token_issued", "user", user.id, data),
    )
    session.add(token)
    await session.flush()
    return token, secret


async def revoke(session: AsyncSession, actor: Actor, prefix: str) -> ApiToken:
    actor.require(Permission.manage_accounts)
    token = await one(session, select(ApiToken).where(ApiToken.prefix == prefix).with_for_update(), TOKEN)
    if token.revoked_at is not None:
        raise Conflict(Say("令牌已撤销。", "It is revoked already."), code="unchanged")
    token.revoked_at = clock.now(session)
    await events.note(session, actor, "user.token_revoked", "user", token.user_id, {"prefix": prefix})
    await session.flush()
    return token


async def of_user(session: AsyncSession, user: User) -> list[ApiToken]:
    rows = await session.scalars(select(ApiToken).where(ApiToken.user_id == user.id).order_by(ApiToken.created_at))
    return list(rows)


NOBODY = Say("令牌无效、已过期或已撤销。", "The token is not valid, has expired or was revoked.")


async def actor_of(database: Database, token: str) -> tuple[Actor, UUID | None]:
    """Whose token this is, within its scopes; and its id where its use wants to be remembered.

    Raises Unauthorized, for whatever reason in the same words.
    """
    async with database.snapshot() as session:
        found = (
            await session.execute(
                select(ApiToken, User)
                .join(User, User.id == ApiToken.user_id)
                .where(ApiToken.token_hash == _hash(token))
            )
        ).one_or_none()
        if found is None:
            raise Unauthorized(NOBODY)
        row, user = found
        now = clock.now(session)
        is_live = row.revoked_at is None and now < row.expires_at
        if not is_live or not service.is_active(user, clock.business_day(now)):
            raise Unauthorized(NOBODY)
        rights = frozenset[Permission]().union(*(_RIGHTS[TokenScope(scope)] for scope in row.scopes))
        actor = await service.actor_of(session, user, ActorKind.token, rights, via=f"（{row.prefix}）")
        is_stale = row.last_used_at is None or row.last_used_at + _SEEN_EVERY < now
    return actor, row.id if is_stale else None


async def remember_use(database: Database, token_id: UUID) -> None:
    """Say when a token was last used. Where the database does not take it, the next use says it."""
    try:
        async with database.writing() as session:
            now = clock.now(session)
            is_stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < now - _SEEN_EVERY)
            await session.execute(
                update(ApiToken).where(ApiToken.id == token_id, is_stale).values(last_used_at=now),
                execution_options={"synchronize_session": False},
            )
    except (SQLAlchemyError, OSError):
        log.warning("token_use_not_remembered", token_id=str(token_id))
