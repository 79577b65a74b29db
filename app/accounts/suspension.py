"""Changes that another person made to an account: the user is notified, and the business roles are suspended.

A role was granted to a certain person, for a unit and an official. Once another person has changed how one signs in to
the account, or what it sees, the role is suspended until the security administrator grants it again. Commands at the
server (`five-ones user …`) suspend nothing: whoever controls the server controls everything.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, policy
from app.accounts.models import AccountChange, AccountPart, User, UserRole
from app.accounts.roles import ADMINISTRATORS, Role
from app.accounts.schemas import AccountChangeRead, Suspended
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.controls import service as controls
from app.core import clock
from app.core.actor import Actor, ActorKind
from app.events import service as events

_NOTICES_KEPT = timedelta(days=30)
_IS_BUSINESS = UserRole.role.not_in(ADMINISTRATORS)


async def changed(session: AsyncSession, actor: Actor, user: User, *parts: AccountPart) -> None:
    """Records which parts of an account the actor changed, and suspends its business roles. Does nothing for one's own
    account.

    The caller holds the lock on the user.
    """
    if not parts or actor.id == str(user.id):
        return
    roles = []
    if actor.kind is not ActorKind.system:
        suspended = (
            update(UserRole)
            .where(UserRole.user_id == user.id, _IS_BUSINESS)
            .values(suspended_at=clock.now(session))
            .returning(UserRole.role)
        )
        roles = sorted(await session.scalars(suspended, execution_options={"synchronize_session": False}))
    data = {"parts": [part.value for part in parts], "suspended": [role.value for role in roles]}
    event_type = SecurityEventType.roles_suspended if roles else SecurityEventType.account_touched
    event_id = await events.record(session, actor, event_type.value, user, data)
    await trail.record(session, actor, event_type, Subject("user", user.id), data)
    now = clock.now(session)
    session.add_all(
        AccountChange(
            user_id=user.id,
            part=part,
            is_open=bool(roles),
            changed_by=actor.id,
            changed_by_name=actor.name,
            changed_at=now,
            event_id=event_id,
        )
        for part in parts
    )
    await session.flush()
    if roles:
        await withdraw_requests(session, actor, user)


async def withdraw_requests(session: AsyncSession, actor: Actor, user: User) -> None:
    """Withdraws the waiting control changes that the user asked for and may no longer ask for."""
    await session.flush()
    await controls.withdraw_without_right(session, actor, str(user.id), await actors.usable(session, user))


def _changes() -> Select[AccountChange]:
    return select(AccountChange).order_by(AccountChange.changed_at.desc(), AccountChange.id.desc())


async def notices(session: AsyncSession, user_id: UUID) -> list[AccountChangeRead]:
    """Returns what others changed of an account in the last thirty days, the latest first."""
    is_recent = AccountChange.changed_at > clock.now(session) - _NOTICES_KEPT
    rows = await session.scalars(_changes().where(AccountChange.user_id == user_id, is_recent))
    return [read(row) for row in rows]


async def for_me(session: AsyncSession, actor: Actor) -> tuple[Suspended | None, list[AccountChangeRead]]:
    """Returns (suspended roles, notices) for `GET /me`; (None, []) for an actor without an account."""
    try:
        user_id = UUID(actor.id)
    except ValueError:
        return None, []
    recent = await notices(session, user_id)
    if not actor.suspended_roles:
        return None, recent
    roles = [Role(code).label for code in sorted(actor.suspended_roles)]
    because = (await why(session, user_id)).get(user_id, [])
    return Suspended(roles=roles, because=because, zh=policy.SUSPENDED.zh, en=policy.SUSPENDED.en), recent


async def why(session: AsyncSession, *user_ids: UUID) -> dict[UUID, list[AccountChangeRead]]:
    """Returns what others changed of these accounts since the roles were granted, the latest first, by user id."""
    rows = await session.scalars(_changes().where(AccountChange.user_id.in_(user_ids), AccountChange.is_open))
    changes: dict[UUID, list[AccountChangeRead]] = {}
    for row in rows:
        changes.setdefault(row.user_id, []).append(read(row))
    return changes


async def settle(session: AsyncSession, user_id: UUID) -> None:
    """Closes the changes that suspended a user's roles, once the roles have been granted again."""
    waiting = update(AccountChange).where(AccountChange.user_id == user_id, AccountChange.is_open)
    await session.execute(waiting.values(is_open=False), execution_options={"synchronize_session": False})


def read(row: AccountChange) -> AccountChangeRead:
    return AccountChangeRead(
        **row.part.label.model_dump(), changed_by_name=row.changed_by_name, changed_at=row.changed_at
    )
