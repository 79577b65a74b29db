"""Builds the Actor of a user, which every verb is given: its rights and its scope.

Every request needs it, so it is read in one statement, which is built once. The units below a unit are cached by this
process as long as the number of links in the tree stays the same: links are only ever added.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    cast,
    extract,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import roles as table
from app.accounts.models import User, UserRole, UserTaskForce
from app.accounts.roles import ADMINISTRATORS, GRANTS, Reach, Role
from app.core import clock, office, stage_versions
from app.core.actor import Actor, ActorKind, Permission
from app.core.context import ReadBefore
from app.core.db import Database
from app.core.localized import Say
from app.core.office import OfficeSetting
from app.core.remembered import one_of
from app.organizations import service as organizations
from app.organizations.models import Unit, UnitParent
from app.taskforces.models import TaskForce

USER = Say("账号", "user")
Who = UUID | str
"""A user, by id or by sign-in name."""


def named(who: Who) -> Select[User]:
    """Selects a user by id or sign-in name."""
    return select(User).where(User.id == who if isinstance(who, UUID) else User.name == who.casefold())


async def roles_of(session: AsyncSession, user_id: UUID) -> list[Role]:
    rows = await session.scalars(select(UserRole.role).where(UserRole.user_id == user_id))
    return sorted(rows)


async def task_forces_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    rows = await session.scalars(select(UserTaskForce.task_force_id).where(UserTaskForce.user_id == user_id))
    return sorted(rows)


def with_suspended_roles() -> Select[UUID]:
    """Selects the ids of the users who have a role that is not in force."""
    return select(UserRole.user_id).join(User).where(not_(_IN_FORCE))


async def suspended_roles(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, list[Role]]:
    """Returns those roles of these users that are not in force, by user id."""
    rows = await session.execute(
        with_suspended_roles().add_columns(UserRole.role).where(UserRole.user_id.in_(user_ids))
    )
    by_user: dict[UUID, list[Role]] = {}
    for user_id, role in rows:
        by_user[user_id] = sorted([*by_user.get(user_id, []), role])
    return by_user


def is_active(user: User | Row[Any], today: date) -> bool:
    """Whether a user may sign in. `today` is the real day, not a stored business day: the sample's fixed day must not
    let an expired account in again."""
    has_ended = user.active_until is not None and user.active_until < today
    return not user.is_locked and user.active_from <= today and not has_ended


_IN_FORCE = or_(
    one_of(UserRole.role, sorted(ADMINISTRATORS)),
    and_(
        UserRole.suspended_at.is_(None),
        UserRole.unit_id.is_not_distinct_from(User.unit_id),
        UserRole.official_id.is_not_distinct_from(User.official_id),
    ),
)
"""Whether a role is in force: an administrator's always, a business role for the unit and official it was granted for,
while no other person has changed the account since."""


def _roles(condition: ColumnElement[bool]) -> ColumnElement[str | None]:
    listed = select(func.aggregate_strings(cast(UserRole.role, String), " "))
    return listed.where(UserRole.user_id == User.id, condition).correlate(User).scalar_subquery()


_NEVER = 99991231


def _task_forces() -> ColumnElement[str | None]:
    """Returns one line for each of the user's task forces: id, closing day as the number YYYYMMDD, name."""
    closed_on = TaskForce.closed_on
    day = extract("year", closed_on) * 10000 + extract("month", closed_on) * 100 + extract("day", closed_on)
    words = (cast(TaskForce.id, String), cast(func.coalesce(cast(day, Integer), _NEVER), String), TaskForce.name)
    line = words[0] + " " + words[1] + " " + words[2]
    listed = select(func.aggregate_strings(line, "\n")).join(UserTaskForce).where(UserTaskForce.user_id == User.id)
    return listed.correlate(User).scalar_subquery()


def _open_task_forces(row: Row[Any], today: date) -> dict[UUID, str]:
    """Returns the names of the task forces open on that day, by id. A closed one gives no access, not even to its own
    former projects."""
    lines = [line.split(" ", 2) for line in (row.task_forces or "").split("\n") if line]
    return {UUID(id): name for id, closed_on, name in lines if int(closed_on) >= int(f"{today:%Y%m%d}")}


def setting(key: str) -> ColumnElement[str | None]:
    """Returns a setting of the office as a subquery; NULL for the default."""
    return select(OfficeSetting.value).where(OfficeSetting.key == key).scalar_subquery()


COLUMNS = (
    User.id.label("user_id"),
    User.display_name,
    User.unit_id,
    User.official_id,
    User.active_from,
    User.active_until,
    User.is_locked,
    select(Unit.name).where(Unit.id == User.unit_id).correlate(User).scalar_subquery().label("unit_name"),
    _roles(_IN_FORCE).label("roles"),
    _roles(not_(_IN_FORCE)).label("suspended_roles"),
    _task_forces().label("task_forces"),
    select(func.count()).select_from(UnitParent).scalar_subquery().label("links"),
    setting(office.BUSINESS_DAY).label("business_day"),
    stage_versions.CURRENT.scalar_subquery().label("stage_versions"),
    setting(office.SECOND_FACTOR).label("second_factor_of"),
)
"""The columns that `of` and `is_active` read, for a statement that joins User."""


async def of(database: Database, row: Row[Any], kind: ActorKind, rights: frozenset[Permission], via: str = "") -> Actor:
    """Returns the Actor of a user. Its rights are those of its roles within `rights`; its scope is that of its roles.

    Its id is always the user's: with two tokens one is still the same person.
    """
    roles_in_force = frozenset(Role(code) for code in (row.roles or "").split())
    reaches = {GRANTS[role].reach for role in roles_in_force}
    unit_ids: set[UUID] = set()
    if Reach.subtree in reaches and row.unit_id is not None:
        unit_ids |= await _subtree(database, row)
    if Reach.unit in reaches and row.unit_id is not None:
        unit_ids.add(row.unit_id)
    task_forces = _open_task_forces(row, _today(database, row)) if Reach.task_forces in reaches else {}
    return Actor(
        id=str(row.user_id),
        name=row.display_name[: 200 - len(via)] + via,
        kind=kind,
        official_id=row.official_id if roles_in_force else None,
        unit_id=row.unit_id if roles_in_force else None,
        suspended_roles=frozenset((row.suspended_roles or "").split()),
        permissions=table.permissions_of(roles_in_force) & rights,
        roles=roles_in_force,
        unit_ids=None if Reach.everything in reaches else frozenset(unit_ids),
        task_force_ids=frozenset(task_forces),
        scope=_scope_text(row, reaches, task_forces.values()),
    )


_BY_ID = select(*COLUMNS).where(User.id == bindparam("user_id"))


async def absent_user(database: Database, user_id: UUID) -> Actor | None:
    """Returns the Actor of a user without a request, for work in that user's name. None where the user may not sign
    in."""
    row = await database.row(_BY_ID, user_id=user_id)
    if row is None or not is_active(row, clock.business_day(database.clock())):
        return None
    return await of(database, row, ActorKind.token, frozenset(Permission))


async def holds(session: AsyncSession, actor_id: str, permission: Permission) -> bool:
    """Whether the actor of that id may use a right today. Locks the user, so that it stays so until the commit.

    Always true for an actor without an account: the server itself, a migration, the app where nobody signs in.
    """
    try:
        user_id = UUID(actor_id)
    except ValueError:
        return True
    query = select(User).where(User.id == user_id).with_for_update(read=True)
    user = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    return user is not None and permission in await usable(session, user)


async def usable(session: AsyncSession, user: User) -> frozenset[Permission]:
    """Returns the rights a user may use today; none while the account is locked or outside its period of use."""
    if not is_active(user, clock.business_day(clock.now(session))):
        return frozenset()
    rows = await session.scalars(select(UserRole.role).join(User).where(User.id == user.id, _IN_FORCE))
    return table.permissions_of(list(rows))


def _scope_text(row: Row[Any], reaches: Collection[Reach], task_forces: Collection[str]) -> Say:
    """Returns the scope in words. It always includes the projects of teams that one's unit leads or oneself is in."""
    zh, en = [], []
    if Reach.subtree in reaches:
        zh.append(f"{row.unit_name}及下级单位")
        en.append(f"{row.unit_name} and all below it")
    elif Reach.unit in reaches:
        zh.append(f"{row.unit_name}承接的项目")
        en.append(f"projects {row.unit_name} is in charge of")
    if task_forces:
        zh.append(f"{'、'.join(task_forces)}的项目")
        en.append(f"projects of {', '.join(task_forces)}")
    zh.append("参与的班子")
    en.append("teams one is in")
    return Say("、".join(zh), ", ".join(en))


_MOST_REMEMBERED = 1000


def read_before(row: Row[Any]) -> ReadBefore:
    """Returns what further reads of the request need not read again."""
    return ReadBefore(_stored_business_day(row), row.stage_versions)


def _stored_business_day(row: Row[Any]) -> date | None:
    """Returns the fixed business day of this database, such as the sample's; None where the real day counts."""
    return date.fromisoformat(row.business_day) if row.business_day else None


def _today(database: Database, row: Row[Any]) -> date:
    return _stored_business_day(row) or clock.business_day(database.clock())


async def _subtree(database: Database, row: Row[Any]) -> frozenset[UUID]:
    """Returns the ids of the user's unit and all units below it, cached in this process."""
    today = _today(database, row)
    cache: dict[tuple[UUID, date, int], frozenset[UUID]] = database.remembered
    key = (row.unit_id, today, row.links)
    if key not in cache:
        async with database.reading() as session:
            unit_ids = frozenset(await session.scalars(organizations.subtree(row.unit_id, today)))
        if len(cache) > _MOST_REMEMBERED:
            cache.clear()
        cache[key] = unit_ids
    return cache[key]
