"""Users: adding, editing, granting, locking."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, attempts, devices, sessions, suspension, tokens
from app.accounts import roles as table
from app.accounts.actors import Who, named
from app.accounts.models import AccountPart, Credential, SignOnIdentity, User, UserRole, UserTaskForce
from app.accounts.roles import ADMINISTRATORS, GRANTS, Reach, Role
from app.accounts.schemas import AccountChangeRead, UserCreate, UserRead, UserUpdate
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock
from app.core.actor import Actor, ActorKind, Permission, system
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.localized import Say
from app.core.records import Changes, apply, locked, one, plain
from app.events import service as events
from app.events.models import Event
from app.organizations import service as organizations
from app.taskforces import service as taskforces

SIGN_ON = system("sign_on")
"""Who adds the account of somebody seen for the first time."""


async def get(session: AsyncSession, who: Who) -> User:
    """Raises NotFound."""
    return await one(session, named(who), actors.USER)


async def lock(session: AsyncSession, who: Who, version: int | None = None) -> User:
    """Raises NotFound, or Stale where `version` is not the user's."""
    return await locked(session, named(who), version, actors.USER)


async def _log(
    session: AsyncSession, actor: Actor, what: SecurityEventType, user: User, data: dict[str, Any] | None = None
) -> None:
    """Every change is an event; a change of an account is a security event besides, for other readers."""
    await events.record(session, actor, what.value, user, data)
    await trail.record(session, actor, what, Subject("user", user.id), data)


def _require_another(actor: Actor, user: User) -> None:
    """Raises Forbidden where administrators would change what they themselves may do."""
    if actor.id == str(user.id):
        say = Say(
            "不能对自己的账号这样做；请由另一位管理员办理。", "Not on your own account; ask another administrator."
        )
        raise Forbidden(say, code="own_account")


async def add(session: AsyncSession, actor: Actor, body: UserCreate, *, is_illustrative: bool = False) -> UserRead:
    """Add a user, with roles where the actor may grant them. `is_illustrative` is for the sample's."""
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
    _check_span(user)
    data = body.model_dump(mode="json", exclude={"roles", "task_force_ids"}, exclude_none=True)
    await _log(session, actor, SecurityEventType.user_added, user, data)
    if body.roles or body.task_force_ids:
        await grant(session, actor, user.name, body.roles, body.task_force_ids)
    return await read(session, user)


def _check_span(user: User) -> None:
    if user.active_until is not None and user.active_until < user.active_from:
        say = Say("不能早于启用日。", "Not before it begins.")
        raise Invalid.field("/active_until", "range_descends", say)


async def edit(session: AsyncSession, actor: Actor, who: Who, version: int, body: UserUpdate) -> UserRead:
    """Change name, unit, official or span. Raises Invalid where the user's roles want a unit."""
    actor.require(Permission.manage_accounts)
    user = await lock(session, who, version)
    _require_another(actor, user)
    await _check(session, body.unit_id, body.official_id)
    today = clock.business_day(clock.now(session))
    had_ended = user.active_until is not None and user.active_until < today
    changes = apply(user, body)
    _check_span(user)
    _check_unit({GRANTS[role].reach for role in await actors.roles_of(session, user.id)}, user, "/unit_id")
    if changes:
        await _log(session, actor, SecurityEventType.user_changed, user, {"changes": changes})
        await suspension.changed(session, actor, user, *_parts(changes))
        await suspension.end_what_was_asked(session, actor, user)
    if had_ended and (user.active_until is None or user.active_until >= today):
        await tokens.revoke_all(session, actor, user.id)
    return await read(session, user)


def _parts(changes: Changes) -> list[AccountPart]:
    """Which changes reach further, or elsewhere, than what roles were granted for. A name does not, nor less time."""
    found = [part for name, part in _REACHING.items() if name in changes]
    begun, ended = changes.get("active_from"), changes.get("active_until")
    is_longer = ended is not None and ended[0] is not None and (ended[1] is None or ended[1] > ended[0])
    if is_longer or (begun is not None and begun[1] < begun[0]):
        found.append(AccountPart.span)
    return found


_REACHING = {"unit_id": AccountPart.unit, "official_id": AccountPart.official}


async def _check(session: AsyncSession, unit_id: UUID | None, official_id: UUID | None) -> None:
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
    """Let these be the user's roles, and these the task forces it sees.

    Raises Invalid for roles kept apart, Conflict for an account that nobody but single sign-on and the actor has seen.
    """
    actor.require(Permission.grant_roles)
    user = await lock(session, who, version)
    _require_another(actor, user)
    if roles:
        await _require_seen(session, actor, user)
    wanted = sorted(set(roles))
    table.check_together(wanted, "/roles")
    reaches = {GRANTS[role].reach for role in wanted}
    _check_unit(reaches, user, "/roles")
    if (Reach.task_forces in reaches) != bool(task_force_ids):
        say = Say("专班角色须指定专班，其他角色不填。", "The task force role names task forces; the others name none.")
        raise Invalid.field("/task_force_ids", "task_forces_where_due", say)
    for task_force_id in task_force_ids:
        await taskforces.require(session, task_force_id, "/task_force_ids")
    before = await actors.roles_of(session, user.id)
    data = {"changes": {"roles": plain([sorted(before), wanted])}, "task_force_ids": sorted(map(str, task_force_ids))}
    if Role.integration in before and Role.integration not in wanted:
        # Administrators made these, and would see through them what the account is to see now.
        await tokens.revoke_all(session, actor, user.id)
    if actor.kind is not ActorKind.system and ADMINISTRATORS & set(wanted) - set(before):
        # Whoever may have come in as this user until now, by a binding or token of another's making, goes.
        await session.execute(delete(SignOnIdentity).where(SignOnIdentity.user_id == user.id))
        await sessions.end_all(session, user.id)
        await tokens.revoke_all(session, actor, user.id)
    await _log(session, actor, SecurityEventType.roles_granted, user, data)
    await session.execute(delete(UserRole).where(UserRole.user_id == user.id))
    await session.execute(delete(UserTaskForce).where(UserTaskForce.user_id == user.id))
    granted_for = {"unit_id": user.unit_id, "official_id": user.official_id}
    session.add_all(UserRole(user_id=user.id, role=role, suspended_at=None, **granted_for) for role in wanted)
    await suspension.settle(session, user.id)
    session.add_all(UserTaskForce(user_id=user.id, task_force_id=found) for found in set(task_force_ids))
    await suspension.end_what_was_asked(session, actor, user)
    return await read(session, user)


async def _require_seen(session: AsyncSession, actor: Actor, user: User) -> None:
    """An account has two administrators behind it: one who adds it, or edits what single sign-on added, and one who
    grants its roles."""
    made = select(Event.actor_id).where(
        Event.subject_type == "user",
        Event.subject_id == user.id,
        Event.type.in_([SecurityEventType.user_added.value, SecurityEventType.user_changed.value]),
    )
    hands = set(await session.scalars(made))
    if SIGN_ON.id in hands and not hands - {SIGN_ON.id, actor.id} and actor.kind is not ActorKind.system:
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
    """Lock a user out at once, or let it in again, also after failed sign-ins. Tokens made before stay ended.

    Raises Conflict where it is so already.
    """
    actor.require(Permission.manage_accounts)
    user = await lock(session, who, version)
    _require_another(actor, user)
    is_forgiven = not is_locked and await attempts.forgive(session, user.name)
    if not user.is_locked and is_forgiven:
        await trail.record(session, actor, SecurityEventType.user_unlocked, Subject("user", user.id))
        return await read(session, user)
    if user.is_locked is is_locked:
        say = Say("账号已锁定。", "It is locked already.") if is_locked else Say("账号未锁定。", "It is not locked.")
        raise Conflict(say, code="unchanged")
    user.is_locked = is_locked
    if is_locked:
        await devices.forget_all(session, user.id)
        await sessions.end_all(session, user.id)
    what = SecurityEventType.user_locked if is_locked else SecurityEventType.user_unlocked
    await _log(session, actor, what, user)
    await suspension.end_what_was_asked(session, actor, user)
    # At the unlocking too: accounts that an earlier version locked still have their tokens.
    await tokens.revoke_all(session, actor, user.id)
    return await read(session, user)


async def read(session: AsyncSession, user: User) -> UserRead:
    return _shown(
        user,
        await actors.roles_of(session, user.id),
        await actors.task_forces_of(session, user.id),
        await session.get(Credential, user.id),
        await session.get(SignOnIdentity, user.id),
        await actors.suspended_roles_of(session, user.id),
        (await suspension.why(session, user.id)).get(user.id, []),
    )


_DERIVED = {
    "roles",
    "suspended_roles",
    "changed_since_grant",
    "waits_for_release",
    "task_force_ids",
    "has_password",
    "has_second_factor",
    "sign_on_subject",
}


def _shown(
    user: User,
    roles: list[Role],
    task_force_ids: list[UUID],
    credential: Credential | None,
    identity: SignOnIdentity | None,
    suspended: list[Role],
    changes: list[AccountChangeRead],
) -> UserRead:
    return UserRead(
        **{name: getattr(user, name) for name in UserRead.model_fields.keys() - _DERIVED},
        roles=roles,
        suspended_roles=suspended,
        changed_since_grant=changes,
        waits_for_release=credential is not None and credential.second_part is not None,
        task_force_ids=task_force_ids,
        sign_on_subject=identity.subject if identity is not None else None,
        has_password=credential is not None,
        has_second_factor=credential is not None and credential.second_factor_since is not None,
    )


async def illustrative(session: AsyncSession) -> list[str]:
    """Names of the sample's accounts that could sign in."""
    query = select(User.name).where(User.is_illustrative, ~User.is_locked).order_by(User.name)
    return list(await session.scalars(query))


async def is_anybody(session: AsyncSession) -> bool:
    return await session.scalar(select(User.id).limit(1)) is not None


async def find(session: AsyncSession) -> list[UserRead]:
    """Every user, by name; seven statements."""
    users = (await session.scalars(select(User).order_by(User.name))).all()
    roles: dict[UUID, list[Role]] = {}
    for held in await session.scalars(select(UserRole).order_by(UserRole.role)):
        roles.setdefault(held.user_id, []).append(held.role)
    task_forces: dict[UUID, list[UUID]] = {}
    for seen in await session.scalars(select(UserTaskForce).order_by(UserTaskForce.task_force_id)):
        task_forces.setdefault(seen.user_id, []).append(seen.task_force_id)
    credentials = {credential.user_id: credential for credential in await session.scalars(select(Credential))}
    identities = {identity.user_id: identity for identity in await session.scalars(select(SignOnIdentity))}
    suspended = await actors.suspended_roles(session)
    changes = await suspension.why(session, *suspended)
    return [
        _shown(
            user,
            roles.get(user.id, []),
            task_forces.get(user.id, []),
            credentials.get(user.id),
            identities.get(user.id),
            suspended.get(user.id, []),
            changes.get(user.id, []),
        )
        for user in users
    ]
