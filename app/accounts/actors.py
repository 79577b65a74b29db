"""What a user is to every verb: the Actor, with its rights and what it sees."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import roles as table
from app.accounts.models import User, UserRole, UserTaskForce
from app.accounts.roles import GRANTS, Reach, Role
from app.core import clock
from app.core.actor import Actor, ActorKind, Permission
from app.organizations import service as organizations


async def roles_of(session: AsyncSession, user_id: UUID) -> list[Role]:
    rows = await session.scalars(select(UserRole.role).where(UserRole.user_id == user_id))
    return sorted(rows)


async def task_forces_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    rows = await session.scalars(select(UserTaskForce.task_force_id).where(UserTaskForce.user_id == user_id))
    return sorted(rows)


def is_active(user: User, today: date) -> bool:
    """`today` is the real day, not a stored one: nobody comes back because the sample's clock stands still."""
    ended = user.active_until is not None and user.active_until < today
    return not user.is_locked and user.active_from <= today and not ended


async def actor_of(
    session: AsyncSession, user: User, kind: ActorKind, rights: frozenset[Permission], via: str = ""
) -> Actor:
    """The user as every verb sees it: with those of its rights that are within `rights`, over what its roles reach.

    Its id is the user's, by whichever way it came: nobody is two persons by having two tokens.
    """
    held = await roles_of(session, user.id)
    reaches = {GRANTS[role].reach for role in held}
    unit_ids: set[UUID] = set()
    if Reach.subtree in reaches and user.unit_id is not None:
        below = await session.scalars(organizations.subtree(user.unit_id, await clock.today(session)))
        unit_ids |= set(below)
    if Reach.unit in reaches and user.unit_id is not None:
        unit_ids.add(user.unit_id)
    task_forces = await task_forces_of(session, user.id) if Reach.task_forces in reaches else []
    return Actor(
        id=str(user.id),
        name=user.display_name[: 200 - len(via)] + via,
        kind=kind,
        official_id=user.official_id,
        permissions=table.permissions_of(held) & rights,
        roles=frozenset(held),
        unit_ids=None if Reach.everything in reaches else frozenset(unit_ids),
        task_force_ids=frozenset(task_forces),
    )
