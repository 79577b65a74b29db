"""Users: adding, granting, locking; and the Actor that a user is."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import roles as table
from app.accounts.models import User, UserRole, UserTaskForce
from app.accounts.roles import GRANTS, Reach, Role
from app.accounts.schemas import UserCreate, UserRead
from app.core import clock
from app.core.actor import Actor, ActorKind, Permission
from app.core.errors import Conflict, Invalid
from app.core.records import locked, one, plain
from app.core.say import Say
from app.events import service as events
from app.organizations import service as organizations
from app.taskforces import service as taskforces

USER = Say("账号", "user")


async def by_name(session: AsyncSession, name: str) -> User:
    """Raises NotFound."""
    return await one(session, select(User).where(User.name == name.casefold()), USER)


async def _lock(session: AsyncSession, name: str) -> User:
    return await locked(session, select(User).where(User.name == name.casefold()), None, USER)


async def add(session: AsyncSession, actor: Actor, body: UserCreate) -> UserRead:
    """Add a user, with roles where the actor may grant them."""
    actor.require(Permission.manage_accounts)
    await _check(session, body.unit_id, body.official_id)
    user = User(
        name=body.name,
        display_name=body.display_name,
        unit_id=body.unit_id,
        official_id=body.official_id,
        active_from=body.active_from or clock.business_day(clock.now(session)),
        active_until=body.active_until,
        is_locked=False,
        is_illustrative=False,
    )
    if user.active_until is not None and user.active_until < user.active_from:
        say = Say("不能早于启用日。", "Not before it begins.")
        raise Invalid.field("/active_until", "range_descends", say)
    data = body.model_dump(mode="json", exclude={"roles", "task_force_ids"}, exclude_none=True)
    await events.record(session, actor, "user.added", user, data)
    if body.roles or body.task_force_ids:
        await grant(session, actor, user.name, body.roles, body.task_force_ids)
    return await read(session, user)


async def _check(session: AsyncSession, unit_id: UUID | None, official_id: UUID | None) -> None:
    if unit_id is not None:
        await organizations.require_units(session, {unit_id}, "/unit_id")
    if official_id is not None:
        await organizations.require_officials(session, {official_id}, "/official_id")


async def grant(
    session: AsyncSession, actor: Actor, name: str, roles: Collection[Role], task_force_ids: Collection[UUID]
) -> UserRead:
    """Let these be the user's roles, and these the task forces it sees. Raises Invalid for roles kept apart."""
    actor.require(Permission.grant_roles)
    user = await _lock(session, name)
    wanted = sorted(set(roles))
    table.check_together(wanted, "/roles")
    reaches = {GRANTS[role].reach for role in wanted}
    if reaches & {Reach.unit, Reach.subtree} and user.unit_id is None:
        say = Say("这个角色按单位看数据，请先为账号指定单位。", "This role sees by unit: give the user a unit first.")
        raise Invalid.field("/roles", "role_wants_unit", say)
    if (Reach.task_forces in reaches) != bool(task_force_ids):
        say = Say("专班角色须指定专班，其他角色不填。", "The task force role names task forces; the others name none.")
        raise Invalid.field("/task_force_ids", "task_forces_where_due", say)
    for task_force_id in task_force_ids:
        await taskforces.require(session, task_force_id, "/task_force_ids")
    before = await roles_of(session, user.id)
    data = {"changes": {"roles": plain([sorted(before), wanted])}, "task_force_ids": sorted(map(str, task_force_ids))}
    await events.record(session, actor, "user.roles_granted", user, data)
    await session.execute(delete(UserRole).where(UserRole.user_id == user.id))
    await session.execute(delete(UserTaskForce).where(UserTaskForce.user_id == user.id))
    session.add_all(UserRole(user_id=user.id, role=role) for role in wanted)
    session.add_all(UserTaskForce(user_id=user.id, task_force_id=found) for found in set(task_force_ids))
    await session.flush()
    return await read(session, user)


async def set_locked(session: AsyncSession, actor: Actor, name: str, is_locked: bool) -> UserRead:
    """Lock a user out at once, or let it in again. Raises Conflict where it is so already."""
    actor.require(Permission.manage_accounts)
    user = await _lock(session, name)
    if user.is_locked is is_locked:
        say = Say("账号已锁定。", "It is locked already.") if is_locked else Say("账号未锁定。", "It is not locked.")
        raise Conflict(say, code="unchanged")
    user.is_locked = is_locked
    await events.record(session, actor, "user.locked" if is_locked else "user.unlocked", user, {})
    return await read(session, user)


async def roles_of(session: AsyncSession, user_id: UUID) -> list[Role]:
    rows = await session.scalars(select(UserRole.role).where(UserRole.user_id == user_id))
    return sorted(rows)


async def _task_forces_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    rows = await session.scalars(select(UserTaskForce.task_force_id).where(UserTaskForce.user_id == user_id))
    return sorted(rows)


async def read(session: AsyncSession, user: User) -> UserRead:
    return _shown(user, await roles_of(session, user.id), await _task_forces_of(session, user.id))


def _shown(user: User, roles: list[Role], task_force_ids: list[UUID]) -> UserRead:
    own = {name: getattr(user, name) for name in UserRead.model_fields if name not in ("roles", "task_force_ids")}
    return UserRead(**own, roles=roles, task_force_ids=task_force_ids)


async def find(session: AsyncSession) -> list[UserRead]:
    """Every user, by name; three statements."""
    users = (await session.scalars(select(User).order_by(User.name))).all()
    roles: dict[UUID, list[Role]] = {}
    for held in await session.scalars(select(UserRole).order_by(UserRole.role)):
        roles.setdefault(held.user_id, []).append(held.role)
    task_forces: dict[UUID, list[UUID]] = {}
    for seen in await session.scalars(select(UserTaskForce).order_by(UserTaskForce.task_force_id)):
        task_forces.setdefault(seen.user_id, []).append(seen.task_force_id)
    return [_shown(user, roles.get(user.id, []), task_forces.get(user.id, [])) for user in users]


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
    task_forces = await _task_forces_of(session, user.id) if Reach.task_forces in reaches else []
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
