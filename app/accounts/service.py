"""Users: adding, editing, granting, locking."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import SQLColumnExpression, delete, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, attempts, devices, refusals, sessions, suspension, tokens
from app.accounts import roles as table
from app.accounts.actors import Who, named
from app.accounts.models import AccountPart, Credential, SignOnIdentity, User, UserRole, UserTaskForce
from app.accounts.roles import ADMINISTRATORS, GRANTS, Reach, Role
from app.accounts.schemas import UserCreate, UserQuery, UserRead, UserUpdate
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock, paging, refs
from app.core.actor import Actor, ActorKind, Permission, system
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import Changes, apply, locked, one, plain
from app.core.refs import Ref, Reference
from app.events import service as events
from app.events.models import Event
from app.organizations import service as organizations
from app.organizations.models import Official, Unit
from app.search import index
from app.taskforces import service as taskforces
from app.taskforces.models import TaskForce

SIGN_ON = system("sign_on")
"""The actor that adds an account at a first single sign-on."""


async def get(session: AsyncSession, who: Who) -> User:
    """Returns a user. Raises NotFound."""
    return await one(session, named(who), actors.USER)


async def lock(session: AsyncSession, who: Who, version: int | None = None) -> User:
    """Locks and returns a user. Raises NotFound, or Stale where `version` is not the user's."""
    return await locked(session, named(who), version, actors.USER)


async def _log(
    session: AsyncSession, actor: Actor, event_type: SecurityEventType, user: User, data: dict[str, Any] | None = None
) -> None:
    """Records a change of an account twice: as an event, and as a security event for the auditor."""
    await events.record(session, actor, event_type.value, user, data)
    await trail.record(session, actor, event_type, Subject("user", user.id), data)


async def add(session: AsyncSession, actor: Actor, body: UserCreate, *, is_illustrative: bool = False) -> UserRead:
    """Adds a user, with roles where the actor may grant them. `is_illustrative` marks the accounts of the sample.

    Raises as `grant` does; Invalid also for a unit, official or period that is not allowed.
    """
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
        is_illustrative=is_illustrative,
    )
    _check_period(user)
    data = body.model_dump(mode="json", exclude={"roles", "task_force_ids"}, exclude_none=True)
    await _log(session, actor, SecurityEventType.user_added, user, data)
    if body.roles or body.task_force_ids:
        await grant(session, actor, user.name, body.roles, body.task_force_ids)
    return await read(session, user)


def _check_period(user: User) -> None:
    if user.active_until is not None and user.active_until < user.active_from:
        say = Say("不能早于启用日。", "Not before it begins.")
        raise Invalid.field("/active_until", "range_descends", say)


async def edit(session: AsyncSession, actor: Actor, who: Who, version: int, body: UserUpdate) -> UserRead:
    """Changes name, unit, official or period of use. Raises Invalid where the user's roles require a unit."""
    actor.require(Permission.manage_accounts)
    user = await lock(session, who, version)
    refuse(refusals.own_account(actor, user.id))
    await _check(session, body.unit_id, body.official_id)
    today = clock.business_day(clock.now(session))
    had_ended = user.active_until is not None and user.active_until < today
    changes = apply(user, body)
    _check_period(user)
    _check_unit({GRANTS[role].reach for role in await actors.roles_of(session, user.id)}, user, "/unit_id")
    if changes:
        await _log(session, actor, SecurityEventType.user_changed, user, {"changes": changes})
        await suspension.changed(session, actor, user, *_parts(changes))
        await suspension.withdraw_requests(session, actor, user)
    if had_ended and (user.active_until is None or user.active_until >= today):
        await tokens.revoke_all(session, actor, user.id)
    return await read(session, user)


def _parts(changes: Changes) -> list[AccountPart]:
    """Returns the changed parts for which roles may not have been granted: unit, official, and a longer period of use.
    A new name or a shorter period is harmless."""
    parts = [part for name, part in _REACHING.items() if name in changes]
    begun, ended = changes.get("active_from"), changes.get("active_until")
    is_longer = ended is not None and ended[0] is not None and (ended[1] is None or ended[1] > ended[0])
    if is_longer or (begun is not None and begun[1] < begun[0]):
        parts.append(AccountPart.span)
    return parts


_REACHING = {"unit_id": AccountPart.unit, "official_id": AccountPart.official}


async def _check(session: AsyncSession, unit_id: UUID | None, official_id: UUID | None) -> None:
    """Raises Invalid for a unit that is not open today, or an unknown official."""
    if unit_id is not None:
        await organizations.require_units(session, {unit_id}, "/unit_id")
    if official_id is not None:
        await organizations.require_officials(session, {official_id}, "/official_id")


async def grant(
    session: AsyncSession,
    actor: Actor,
    who: Who,
    roles: Collection[Role],
    task_force_ids: Collection[UUID],
    version: int | None = None,
) -> UserRead:
    """Replaces the user's roles and task forces. Ends a suspension of the roles.

    Raises Invalid for roles that one person may not hold together, or for a missing unit or task force; Conflict for an
    account that single sign-on added and nobody but the actor has edited.
    """
    actor.require(Permission.grant_roles)
    user = await lock(session, who, version)
    refuse(refusals.own_account(actor, user.id))
    if roles:
        await _require_two_people(session, actor, user)
    new_roles = sorted(set(roles))
    table.check_together(new_roles, "/roles")
    reaches = {GRANTS[role].reach for role in new_roles}
    _check_unit(reaches, user, "/roles")
    if (Reach.task_forces in reaches) != bool(task_force_ids):
        say = Say("专班角色须指定专班，其他角色不填。", "The task force role names task forces; the others name none.")
        raise Invalid.field("/task_force_ids", "task_forces_where_due", say)
    for task_force_id in task_force_ids:
        await taskforces.require(session, task_force_id, "/task_force_ids")
    before = await actors.roles_of(session, user.id)
    data = {
        "changes": {"roles": plain([sorted(before), new_roles])},
        "task_force_ids": sorted(map(str, task_force_ids)),
    }
    if Role.integration in before and Role.integration not in new_roles:
        # Administrators issued these tokens, and would see through them what the account sees now.
        await tokens.revoke_all(session, actor, user.id)
    if actor.kind is not ActorKind.system and ADMINISTRATORS & set(new_roles) - set(before):
        # Nobody may keep the rights of an administrator by a binding or token that somebody else made before.
        await session.execute(delete(SignOnIdentity).where(SignOnIdentity.user_id == user.id))
        await sessions.end_all(session, user.id)
        await tokens.revoke_all(session, actor, user.id)
    await _log(session, actor, SecurityEventType.roles_granted, user, data)
    await session.execute(delete(UserRole).where(UserRole.user_id == user.id))
    await session.execute(delete(UserTaskForce).where(UserTaskForce.user_id == user.id))
    granted_for = {"unit_id": user.unit_id, "official_id": user.official_id}
    session.add_all(UserRole(user_id=user.id, role=role, suspended_at=None, **granted_for) for role in new_roles)
    await suspension.settle(session, user.id)
    session.add_all(
        UserTaskForce(user_id=user.id, task_force_id=task_force_id) for task_force_id in set(task_force_ids)
    )
    await suspension.withdraw_requests(session, actor, user)
    return await read(session, user)


async def _require_two_people(session: AsyncSession, actor: Actor, user: User) -> None:
    """Raises Conflict for an account that single sign-on added and no administrator except the actor has edited: two
    people must have looked at it."""
    editors = select(Event.actor_id).where(
        Event.subject_type == "user",
        Event.subject_id == user.id,
        Event.type.in_([SecurityEventType.user_added.value, SecurityEventType.user_changed.value]),
    )
    editor_ids = set(await session.scalars(editors))
    if SIGN_ON.id in editor_ids and not editor_ids - {SIGN_ON.id, actor.id} and actor.kind is not ActorKind.system:
        say = Say(
            "这个账号由单点登录自动新增，请系统管理员先核实（如改姓名或指定单位），再授予角色。",
            "Single sign-on added this account by itself: have the system administrator look into it first and set its "
            "name or unit, then grant its roles.",
        )
        raise Conflict(say, code="account_unseen")


def _check_unit(reaches: Collection[Reach], user: User, pointer: str) -> None:
    if {Reach.unit, Reach.subtree} & set(reaches) and user.unit_id is None:
        say = Say("这个角色按单位看数据，请先为账号指定单位。", "This role sees by unit: give the user a unit first.")
        raise Invalid.field(pointer, "role_wants_unit", say)


async def set_locked(
    session: AsyncSession, actor: Actor, who: Who, is_locked: bool, version: int | None = None
) -> UserRead:
    """Locks a user out at once, or unlocks it, also after failed sign-ins. Tokens stay revoked after an unlocking.

    Raises Conflict where it is locked or unlocked already.
    """
    actor.require(Permission.manage_accounts)
    user = await lock(session, who, version)
    refuse(refusals.own_account(actor, user.id))
    is_forgiven = not is_locked and await attempts.forgive(session, user.name)
    if not user.is_locked and is_forgiven:
        await trail.record(session, actor, SecurityEventType.user_unlocked, Subject("user", user.id))
        return await read(session, user)
    if is_locked:
        refuse(refusals.locked_already(is_locked=user.is_locked))
    elif not user.is_locked:
        raise Conflict(Say("账号未锁定。", "It is not locked."), code="unchanged")
    user.is_locked = is_locked
    if is_locked:
        await devices.forget_all(session, user.id)
        await sessions.end_all(session, user.id)
    event_type = SecurityEventType.user_locked if is_locked else SecurityEventType.user_unlocked
    await _log(session, actor, event_type, user)
    await suspension.withdraw_requests(session, actor, user)
    # At an unlocking too: accounts locked by an earlier version of this system still have their tokens.
    await tokens.revoke_all(session, actor, user.id)
    return await read(session, user)


async def read(session: AsyncSession, user: User) -> UserRead:
    await session.flush()
    [read] = await _read_all(session, [user])
    return read


_REFERENCES = [Reference("unit", "unit_id", Unit), Reference("official", "official_id", Official)]
_NAMES = refs.joined(select(User.id), User.__table__.c, _REFERENCES)
_DERIVED = {
    "unit",
    "official",
    "roles",
    "suspended_roles",
    "changed_since_grant",
    "waits_for_release",
    "task_force_ids",
    "task_forces",
    "has_password",
    "has_second_factor",
    "sign_on_subject",
}


async def _read_all(session: AsyncSession, users: Sequence[User]) -> list[UserRead]:
    """Returns these users with all that is shown of them, in seven statements at most."""
    ids = [user.id for user in users]
    names = {row.id: refs.named(row, _REFERENCES) for row in await session.execute(_NAMES.where(User.id.in_(ids)))}
    roles: dict[UUID, list[Role]] = {}
    for row in await session.scalars(select(UserRole).where(UserRole.user_id.in_(ids)).order_by(UserRole.role)):
        roles.setdefault(row.user_id, []).append(row.role)
    task_forces = await _task_forces(session, ids)
    credentials = {
        row.user_id: row for row in await session.scalars(select(Credential).where(Credential.user_id.in_(ids)))
    }
    identities = {
        row.user_id: row for row in await session.scalars(select(SignOnIdentity).where(SignOnIdentity.user_id.in_(ids)))
    }
    suspended = await actors.suspended_roles(session, ids)
    changes = await suspension.why(session, *suspended)
    reads = []
    for user in users:
        credential, identity = credentials.get(user.id), identities.get(user.id)
        of_user = task_forces.get(user.id, [])
        reads.append(
            UserRead(
                **{name: getattr(user, name) for name in UserRead.model_fields.keys() - _DERIVED},
                unit=names[user.id]["unit"],
                official=names[user.id]["official"],
                roles=roles.get(user.id, []),
                suspended_roles=suspended.get(user.id, []),
                changed_since_grant=changes.get(user.id, []),
                waits_for_release=credential is not None and credential.second_part is not None,
                task_force_ids=[one.id for one in of_user],
                task_forces=of_user,
                sign_on_subject=identity.subject if identity is not None else None,
                has_password=credential is not None,
                has_second_factor=credential is not None and credential.second_factor_since is not None,
            )
        )
    return reads


async def _task_forces(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, list[Ref]]:
    query = select(UserTaskForce.user_id, TaskForce).join(TaskForce, TaskForce.id == UserTaskForce.task_force_id)
    found: dict[UUID, list[Ref]] = {}
    for user_id, task_force in await session.execute(
        query.where(UserTaskForce.user_id.in_(user_ids)).order_by(TaskForce.id)
    ):
        found.setdefault(user_id, []).append(refs.of(task_force))
    return found


async def name_of(session: AsyncSession, actor_id: str | None) -> str | None:
    """Returns the shown name of the account that an actor's id names; None where it names none."""
    try:
        user_id = UUID(actor_id or "")
    except ValueError:
        return None
    name: str | None = await session.scalar(select(User.display_name).where(User.id == user_id))
    return name


async def illustrative(session: AsyncSession) -> list[str]:
    """Returns the names of the sample's accounts that are not locked."""
    query = select(User.name).where(User.is_illustrative, ~User.is_locked).order_by(User.name)
    return list(await session.scalars(query))


async def is_anybody(session: AsyncSession) -> bool:
    return await session.scalar(select(User.id).limit(1)) is not None


async def everybody(session: AsyncSession) -> list[UserRead]:
    """Returns every user, by name."""
    return await _read_all(session, (await session.scalars(select(User).order_by(User.name))).all())


async def find(session: AsyncSession, query: UserQuery) -> paging.Page[UserRead]:
    """Returns a page of the users, by name."""
    conditions = await _conditions(session, query)
    order = paging.Order([User.name, User.id])
    ids = select(User.id).where(*conditions)
    part = await paging.rows(
        session, ids, order, name="users", limit=query.limit, cursor=query.cursor, filters=query.filters()
    )
    page = select(User).where(User.id.in_([row.id for row in part.rows])).order_by(User.name, User.id)
    return paging.Page(
        items=await _read_all(session, (await session.scalars(page)).all()),
        next_cursor=part.next_cursor,
        count=await paging.count(session, ids) if query.wants_count else None,
    )


async def _conditions(session: AsyncSession, query: UserQuery) -> list[SQLColumnExpression[bool]]:
    conditions: list[SQLColumnExpression[bool]] = []
    if query.q is not None:
        conditions.append(index.matches("user", query.q))
    if query.role is not None:
        conditions.append(User.id.in_(select(UserRole.user_id).where(query.role.holds(UserRole.role))))
    if query.unit_id is not None:
        conditions.append(User.unit_id.in_(organizations.subtree(query.unit_id, await clock.today(session))))
    asked = {
        User.is_locked: query.is_locked,
        User.id.in_(select(Credential.user_id).where(Credential.second_part.is_not(None))): query.waits_for_release,
        User.id.in_(actors.with_suspended_roles()): query.has_suspended_roles,
    }
    conditions += (condition if is_so else not_(condition) for condition, is_so in asked.items() if is_so is not None)
    return conditions
