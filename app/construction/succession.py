"""What is counted of a merged project goes over to its successor, where that has nothing of its own there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import resumptions, series
from app.construction import service as construction
from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.construction.schemas import WorkResumptionCreate
from app.core import knowledge
from app.core.actor import Actor
from app.core.errors import Invalid
from app.events import service as events
from app.events.service import RecordEvent
from app.projects import phase_links
from app.projects.models import Project


@dataclass(frozen=True, slots=True)
class Listed:
    """Where projects stand on record now, each row with its `project_id`: plan lists, batches, work resumptions."""

    years: list[Any]
    batches: list[Any]
    resumptions: list[Any]


async def listed(session: AsyncSession, project_ids: Collection[UUID]) -> Listed:
    plans = series.latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year)
    members = series.latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    resumed = series.latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year)
    withdrawn = exists().where(StartBatchWithdrawal.batch_id == StartBatch.id)
    years = await session.execute(
        select(plans.c.project_id, plans.c.year)
        .where(plans.c.project_id.in_(project_ids))
        .order_by(plans.c.year, plans.c.project_id)
    )
    batches = await session.execute(
        select(members.c.project_id, StartBatch.id, StartBatch.name, StartBatch.held_on)
        .join(members, members.c.batch_id == StartBatch.id)
        .where(members.c.project_id.in_(project_ids), ~withdrawn)
        .order_by(StartBatch.held_on, StartBatch.id, members.c.project_id)
    )
    resumptions = await session.execute(
        select(resumed.c.project_id, resumed.c.year, resumed.c.on, resumed.c.note)
        .where(resumed.c.project_id.in_(project_ids))
        .order_by(resumed.c.on, resumed.c.project_id)
    )
    return Listed(list(years), list(batches), list(resumptions))


async def going_over(session: AsyncSession, merged: Project) -> Listed:
    """What counts of a project about to be merged: its own rows, those it reads as its own, and those of what was
    merged into it before and could take no place there."""
    earlier = select(Project.id).where(Project.merged_into_id == merged.id).cte("earlier", recursive=True)
    earlier = earlier.union(select(Project.id).join(earlier, Project.merged_into_id == earlier.c.id))
    before = await session.scalars(select(earlier.c.id))
    return await listed(session, {*merged.own_ids, *before})


async def tell_phase(
    session: AsyncSession, actor: Actor, parent_id: UUID, phase_id: UUID, *, is_over: bool = False
) -> None:
    """Tell a phase that continues its parent what it reads as its own, from now on or (`is_over`) no longer."""
    await knowledge.take(session)  # nobody withdraws a batch from here on
    mine, of = await listed(session, [parent_id]), {"of_project_id": parent_id}
    plan, batch, resumed = _NO_LONGER if is_over else _FROM_NOW_ON
    told: list[RecordEvent] = [(plan, phase_id, {"year": row.year, **of}) for row in mine.years]
    for row in mine.batches:
        told.append((batch, phase_id, {"batch_id": row.id, "name": row.name, "held_on": row.held_on, **of}))
    told += [(resumed, phase_id, {"year": row.year, "on": row.on, **of}) for row in mine.resumptions]
    await events.note_each(session, actor, "project", told)


_FROM_NOW_ON = ("project.plan_listed", "project.batch_joined", "project.work_resumed")
_NO_LONGER = ("project.plan_list_withdrawn", "project.batch_left", "project.work_resumption_withdrawn")


async def take_over(session: AsyncSession, actor: Actor, merged: Project, successor: Project, reason: str) -> None:
    """Withdraw the rows of the merged project, and put its successor on record where it is not. Both are locked."""
    mine, own = await going_over(session, merged), await listed(session, successor.own_ids)
    began_on = await phase_links.first_day(session, successor)
    # A phase began on a day: what is earlier is the line's, of which its parent holds the rows.
    line = own if began_on is None else await listed(session, {*successor.own_ids, successor.line_id})
    why = f"并入 {successor.code}：{reason}"[:4000]
    source = f"由 {merged.code} 并入"
    years = {row.year for row in own.years}
    of_line = {row.year for row in line.years}
    for row in mine.years:
        data: dict[str, Any] = {"year": row.year, "reason": why}
        event = "project.plan_list_withdrawn"
        await construction.write_plan_row(session, actor, event, row.project_id, row.year, data, reason=why)
        is_earlier = began_on is not None and row.year < began_on.year
        known, holder_id = (of_line, successor.line_id) if is_earlier else (years, successor.id)
        if row.year not in known:
            known.add(row.year)
            data, event = {"year": row.year, "source": source}, "project.plan_listed"
            await construction.write_plan_row(session, actor, event, holder_id, row.year, data, source=source)
    batches = {row.id for row in line.batches}
    for row in mine.batches:
        is_earlier = began_on is not None and row.held_on < began_on
        if is_earlier and not successor.continues_parent and row.id not in batches:
            continue  # It counts on as the start of the merged record: there was no such phase on that day.
        data, event = {"batch_id": row.id, "reason": why}, "project.batch_left"
        await construction.write_batch_row(session, actor, event, row.id, row.project_id, data, why)
        if row.id not in batches:
            batches.add(row.id)
            data = {"batch_id": row.id, "name": row.name, "held_on": row.held_on}
            holder_id = successor.line_id if is_earlier else successor.id
            await construction.write_batch_row(session, actor, "project.batch_joined", row.id, holder_id, data)
    standing = {row.year: (row.project_id, row.on) for row in own.resumptions}
    for row in mine.resumptions:
        is_earlier = began_on is not None and row.on < began_on
        if successor.continues_parent or not is_earlier:
            holder_id = successor.line_id if is_earlier else successor.id
            await _resume(session, actor, successor, holder_id, row, standing, why, source)


async def _resume(
    session: AsyncSession,
    actor: Actor,
    successor: Project,
    holder_id: UUID,
    row: Any,
    standing: dict[int, tuple[UUID, date]],
    why: str,
    source: str,
) -> None:
    """Of two resumptions of a year the earlier stands, whichever project it came from. `standing` is kept up to date.

    `holder_id` is the successor, or for a day before it went on with its parent that parent.

    Where the successor resumes nothing (it started that year, or was completed before) the row stays where it is: it
    counts no more, and goes over when the successor is merged in its turn.
    """
    body = WorkResumptionCreate(on=row.on, note=f"{source}：{row.note}"[:4000] if row.note else source)
    try:
        await resumptions.check(session, successor, body)
    except Invalid:
        return
    await resumptions.write_withdrawal(session, actor, row.project_id, row.year, why)
    if row.year in standing:
        standing_id, on = standing[row.year]
        if on <= row.on:
            return
        await resumptions.write_withdrawal(session, actor, standing_id, row.year, why)
    await resumptions.write(session, actor, holder_id, body)
    standing[row.year] = (holder_id, row.on)
