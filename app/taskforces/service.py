"""Task forces are data, not an enum: the article's list of seven ends in «等» (and others)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, paging, refs
from app.core.actor import Actor, Permission
from app.core.errors import Invalid, NotFound
from app.core.localized import Say
from app.core.pinyin import name_pinyin
from app.core.records import apply, locked, plain
from app.core.refs import Reference
from app.events import service as events
from app.organizations import service as organizations
from app.organizations.models import Official, Unit
from app.reference import service as reference
from app.reference.models import Industry
from app.search import index
from app.taskforces.models import (
    TaskForce,
    TaskForceIndustry,
    TaskForceMember,
    TaskForceTarget,
    TaskForceUnit,
)
from app.taskforces.schemas import (
    TargetRead,
    TargetSet,
    TaskForceCreate,
    TaskForceQuery,
    TaskForceRead,
    TaskForceSummary,
    TaskForceUpdate,
)

TASK_FORCE = Say("专班", "task force")

_LISTS = frozenset({"unit_ids", "members", "industry_codes"})
_REFERENCES = [
    Reference("lead_official", "lead_official_id", Official),
    Reference("lead_unit", "lead_unit_id", Unit),
]
_READ = refs.selected(TaskForceSummary, TaskForce, _REFERENCES)
_UNIT, _OFFICIAL = Reference("unit", "unit_id", Unit), Reference("official", "official_id", Official)
_INDUSTRY = Reference("industry", "industry_code", Industry)
_UNITS = refs.joined(select(TaskForceUnit.unit_id), TaskForceUnit.__table__.c, [_UNIT])
_MEMBERS = (
    refs.joined(select(TaskForceMember.official_id, TaskForceMember.duty), TaskForceMember.__table__.c, [_OFFICIAL])
    .join(Official, Official.id == TaskForceMember.official_id)
    .order_by(Official.name_pinyin, Official.id)
)
_INDUSTRIES = refs.joined(select(TaskForceIndustry.industry_code), TaskForceIndustry.__table__.c, [_INDUSTRY])


async def find(session: AsyncSession, query: TaskForceQuery) -> paging.Page[TaskForceSummary]:
    task_forces = select(*refs.columns(TaskForceSummary, TaskForce, _REFERENCES))
    if query.q is not None:
        task_forces = task_forces.where(index.matches("task_force", query.q))
    order = paging.Order([TaskForce.name_pinyin, TaskForce.id])
    read = TaskForceSummary.model_validate
    return await paging.page(session, task_forces, order, query, "task-forces", read, _REFERENCES)


async def get(session: AsyncSession, task_force_id: UUID) -> TaskForceRead:
    row = (await session.execute(_READ.where(TaskForce.id == task_force_id))).one_or_none()
    if row is None:
        raise NotFound.of(TASK_FORCE)
    of_units = _UNITS.where(TaskForceUnit.task_force_id == task_force_id).order_by(TaskForceUnit.unit_id)
    units = refs.all_named(await session.execute(of_units), [_UNIT])
    of_members = _MEMBERS.where(TaskForceMember.task_force_id == task_force_id)
    members = refs.all_named(await session.execute(of_members), [_OFFICIAL])
    of_industries = _INDUSTRIES.where(TaskForceIndustry.task_force_id == task_force_id)
    of_industries = of_industries.order_by(TaskForceIndustry.industry_code)
    industries = refs.all_named(await session.execute(of_industries), [_INDUSTRY])
    return TaskForceRead.model_validate(
        {
            **refs.named(row, _REFERENCES),
            "unit_ids": [unit["unit_id"] for unit in units],
            "units": [unit["unit"] for unit in units],
            "members": members,
            "industry_codes": [industry["industry_code"] for industry in industries],
            "industries": [industry["industry"] for industry in industries],
            "targets": await targets_of(session, task_force_id),
        }
    )


async def targets_of(session: AsyncSession, task_force_id: UUID, known_at: datetime | None = None) -> list[TargetRead]:
    """Returns the targets of each year, as known at a moment (now by default), earliest year first."""
    rows = select(TaskForceTarget).where(TaskForceTarget.task_force_id == task_force_id)
    if known_at is not None:
        rows = rows.where(TaskForceTarget.recorded_at <= known_at)
    latest = {row.year: row for row in await session.scalars(rows.order_by(TaskForceTarget.recorded_at))}
    return [TargetRead.model_validate(row) for _, row in sorted(latest.items())]


async def require(session: AsyncSession, task_force_id: UUID | None, pointer: str) -> None:
    """Raises Invalid naming `pointer` where there is no such open task force."""
    if task_force_id is None:
        return
    row = (await session.execute(select(TaskForce.closed_on).where(TaskForce.id == task_force_id))).one_or_none()
    if row is None or (row.closed_on is not None and row.closed_on < await clock.today(session)):
        raise Invalid.field(
            pointer,
            "unknown_task_force",
            Say("没有这个专班，或已撤销；见 GET /api/v1/task-forces。", "No such open task force."),
        )


async def _check_leads(session: AsyncSession, task_force: TaskForce) -> None:
    if task_force.lead_official_id is not None:
        await organizations.require_officials(session, {task_force.lead_official_id}, "/lead_official_id")
    if task_force.lead_unit_id is not None:
        await organizations.require_units(session, {task_force.lead_unit_id}, "/lead_unit_id")


def _refuse_repeated(values: Sequence[Any], pointer: str) -> None:
    if len(set(values)) != len(values):
        raise Invalid.field(pointer, "repeated_value", Say("同一项重复出现。", "The same value is given twice."))


async def _set_lists(session: AsyncSession, task_force_id: UUID, body: TaskForceCreate | TaskForceUpdate) -> None:
    given = body.model_fields_set & _LISTS
    rows: list[Any] = []
    if "unit_ids" in given:
        _refuse_repeated(body.unit_ids, "/unit_ids")
        await session.execute(delete(TaskForceUnit).where(TaskForceUnit.task_force_id == task_force_id))
        await organizations.require_units(session, set(body.unit_ids), "/unit_ids")
        rows += [TaskForceUnit(task_force_id=task_force_id, unit_id=unit_id) for unit_id in body.unit_ids]
    if "members" in given:
        officials = [member.official_id for member in body.members]
        _refuse_repeated(officials, "/members")
        await organizations.require_officials(session, set(officials), "/members")
        await session.execute(delete(TaskForceMember).where(TaskForceMember.task_force_id == task_force_id))
        rows += [TaskForceMember(task_force_id=task_force_id, **member.model_dump()) for member in body.members]
    if "industry_codes" in given:
        _refuse_repeated(body.industry_codes, "/industry_codes")
        await reference.require_industries(session, set(body.industry_codes), "/industry_codes")
        await session.execute(delete(TaskForceIndustry).where(TaskForceIndustry.task_force_id == task_force_id))
        rows += [TaskForceIndustry(task_force_id=task_force_id, industry_code=code) for code in body.industry_codes]
    session.add_all(rows)
    await session.flush()


async def create(session: AsyncSession, actor: Actor, body: TaskForceCreate) -> TaskForceRead:
    actor.require(Permission.edit_organizations)
    task_force = TaskForce(**body.model_dump(exclude=set(_LISTS)), name_pinyin=name_pinyin(body.name))
    task_force.opened_on = body.opened_on or await clock.today(session)
    await _check_leads(session, task_force)
    await events.record(session, actor, "task_force.created", task_force, body.model_dump(mode="json"))
    await _set_lists(session, task_force.id, body)
    return await get(session, task_force.id)


async def update(
    session: AsyncSession, actor: Actor, task_force_id: UUID, version: int, body: TaskForceUpdate
) -> TaskForceRead:
    """Edits a task force. To reopen a closed one, or to move its end to a later day, also needs the right to transfer:
    its people see its projects again, and projects count for it."""
    actor.require(Permission.edit_organizations)
    task_force = await locked(session, select(TaskForce).where(TaskForce.id == task_force_id), version, TASK_FORCE)
    before, closed_on = plain(_lists_of(await get(session, task_force_id))), task_force.closed_on
    changes = apply(task_force, body, without=_LISTS)
    if closed_on is not None and (task_force.closed_on is None or task_force.closed_on > closed_on):
        actor.require(Permission.transfer)
    if task_force.closed_on is not None and task_force.closed_on < task_force.opened_on:
        raise Invalid.field(
            "/closed_on", "before_opening", Say("撤销日不能早于设立日。", "It cannot close before it opened.")
        )
    await _check_leads(session, task_force)
    for name in sorted(body.model_fields_set & _LISTS):
        if (after := plain(getattr(body, name))) != before[name]:
            changes[name] = [before[name], after]
    if changes:
        task_force.name_pinyin = name_pinyin(task_force.name)
        await events.record(session, actor, "task_force.updated", task_force, {"changes": changes})
        await _set_lists(session, task_force_id, body)
    return await get(session, task_force_id)


def _lists_of(task_force: TaskForceRead) -> dict[str, Any]:
    """Returns the lists as they are sent."""
    members = [member.model_dump(include={"official_id", "duty"}) for member in task_force.members]
    return {**{name: getattr(task_force, name) for name in _LISTS}, "members": members}


async def set_target(
    session: AsyncSession, actor: Actor, task_force_id: UUID, year: int, version: int, body: TargetSet
) -> TaskForceRead:
    """Sets or replaces a year's targets."""
    actor.require(Permission.edit_organizations)
    task_force = await locked(session, select(TaskForce).where(TaskForce.id == task_force_id), version, TASK_FORCE)
    before = next((target for target in await targets_of(session, task_force_id) if target.year == year), None)
    data = {"year": year, "before": plain(before), "after": plain(body)}
    event_id = await events.record(session, actor, "task_force.target_set", task_force, data)
    session.add(
        TaskForceTarget(
            task_force_id=task_force_id,
            year=year,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
            **body.model_dump(),
        )
    )
    await session.flush()
    return await get(session, task_force_id)
