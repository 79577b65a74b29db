"""Who I am, in one answer: roles, rights and scope with names, the day, and the pages that are open to me."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import office_settings, policy, suspension
from app.accounts.models import Credential
from app.accounts.roles import GRANTS
from app.accounts.schemas import role_read
from app.accounts.sessions import Use
from app.core import clock, knowledge, office, refs
from app.core.actor import Actor, scope_of
from app.core.office import OfficeSetting
from app.core.refs import Ref
from app.mine.kinds import BEGINS_WITH, Page
from app.mine.schemas import MyRead, OfficeInForce
from app.organizations.models import Official, Unit
from app.taskforces.models import TaskForce


async def get(session: AsyncSession, actor: Actor, use: Use | None) -> MyRead:
    """Returns who the actor is, in a fixed number of statements."""
    suspended, notices = await suspension.for_me(session, actor)
    settings = {row.key: row.value for row in await session.execute(select(OfficeSetting.key, OfficeSetting.value))}
    own_unit = [] if actor.unit_id is None else [actor.unit_id]
    units = await _named(session, Unit, {*(actor.unit_ids or ()), *own_unit})
    task_forces = await _named(session, TaskForce, actor.task_force_ids)
    officials = await _named(session, Official, [] if actor.official_id is None else [actor.official_id])
    return MyRead(
        suspended=suspended,
        notices=notices,
        id=actor.id,
        name=actor.name,
        kind=actor.kind,
        must=[action.label for action in (use.must if use is not None else ())],
        roles=[role_read(role, GRANTS[role].reach, GRANTS[role].permissions) for role in GRANTS if role in actor.roles],
        permissions=[permission.label for permission in sorted(actor.permissions)],
        sees_all=actor.sees_all,
        unit_ids=sorted(actor.unit_ids or ()),
        task_force_ids=sorted(actor.task_force_ids),
        official_id=actor.official_id,
        today=await clock.today(session),
        business_day_is_set=office.BUSINESS_DAY in settings,
        known_at=await knowledge.known_at(session, None),
        scope=scope_of(actor),
        unit=next((unit for unit in units if unit.id == actor.unit_id), None),
        units=[unit for unit in units if unit.id in (actor.unit_ids or ())],
        task_forces=task_forces,
        official=next(iter(officials), None),
        has_second_factor=await _has_second_factor(session, actor),
        office=OfficeInForce.model_validate(office_settings.in_force(settings)),
        pages=[page for page in Page if _is_open(actor, page)],
    )


async def _named(session: AsyncSession, model: Any, ids: Collection[UUID]) -> list[Ref]:
    rows = await session.execute(refs.by_name(model).where(model.id.in_(sorted(ids))).order_by(model.name))
    return [refs.of(row) for row in rows]


async def _has_second_factor(session: AsyncSession, actor: Actor) -> bool:
    try:
        user_id = UUID(actor.id)
    except ValueError:
        return False
    return await session.scalar(select(Credential.second_factor_since).where(Credential.user_id == user_id)) is not None


def _is_open(actor: Actor, page: Page) -> bool:
    """Whether the actor may call the operation that a page begins with."""
    wants = policy.wanted(BEGINS_WITH[page])
    return bool(wants.any_of & actor.permissions) if wants.any_of else bool(actor.roles)
