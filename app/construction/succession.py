"""Moves the construction facts of a merged project to its successor, where that has none of its own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import resumptions
from app.construction import service as construction
from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.construction.schemas import WorkResumptionCreate
from app.core import knowledge, series
from app.core.actor import Actor
from app.core.errors import Invalid
from app.events import service as events
from app.events.service import RecordEvent
from app.projects import phase_links
from app.projects.models import Project


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows in force of some projects, each with its `project_id`: plan lists, batches, work resumptions."""

    years: list[Any]
    batches: list[Any]
    resumptions: list[Any]


async def listed(session: AsyncSession, project_ids: Collection[UUID]) -> Listed:
    """Returns the rows in force of these projects."""
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
    """Returns the rows that a merge moves: the project's own, those it reads as its own, and those of records merged
    into it before that could not be moved then."""
    earlier = select(Project.id).where(Project.merged_into_id == merged.id).cte("earlier", recursive=True)
    earlier = earlier.union(select(Project.id).join(earlier, Project.merged_into_id == earlier.c.id))
    before = await session.scalars(select(earlier.c.id))
    return await listed(session, {*merged.own_ids, *before})


async def note_on_phase(
    session: AsyncSession, actor: Actor, parent_id: UUID, phase_id: UUID, *, is_over: bool = False
) -> None:
    """Logs on a phase that continues its parent which rows it reads as its own, from now on or (`is_over`) no
    longer."""
    await knowledge.take(session)  # nobody withdraws a batch until the commit
    rows, origin = await listed(session, [parent_id]), {"of_project_id": parent_id}
    plan, batch, resumed = _NO_LONGER if is_over else _FROM_NOW_ON
    notes: list[RecordEvent] = [(plan, phase_id, {"year": row.year, **origin}) for row in rows.years]
    for row in rows.batches:
        notes.append((batch, phase_id, {"batch_id": row.id, "name": row.name, "held_on": row.held_on, **origin}))
    notes += [(resumed, phase_id, {"year": row.year, "on": row.on, **origin}) for row in rows.resumptions]
    await events.note_each(session, actor, "project", notes)


_FROM_NOW_ON = ("project.plan_listed", "project.batch_joined", "project.work_resumed")
_NO_LONGER = ("project.plan_list_withdrawn", "project.batch_left", "project.work_resumption_withdrawn")


async def take_over(session: AsyncSession, actor: Actor, merged: Project, successor: Project, reason: str) -> None:
    """Withdraws the rows of the merged project, and enters them for its successor where that has none. Both are
    locked."""
    moving, existing = await going_over(session, merged), await listed(session, successor.own_ids)
    began_on = await phase_links.first_day(session, successor)
    # Rows from before the first day of a phase belong to its parent.
    existing_of_line = existing if began_on is None else await listed(session, {*successor.own_ids, successor.line_id})
    reason_text = f"并入 {successor.code}：{reason}"[:4000]
    source = f"由 {merged.code} 并入"
    years = {row.year for row in existing.years}
    years_of_line = {row.year for row in existing_of_line.years}
    for row in moving.years:
        data: dict[str, Any] = {"year": row.year, "reason": reason_text}
        event = "project.plan_list_withdrawn"
        await construction.write_plan_row(session, actor, event, row.project_id, row.year, data, reason=reason_text)
        is_earlier = began_on is not None and row.year < began_on.year
        listed_years, holder_id = (years_of_line, successor.line_id) if is_earlier else (years, successor.id)
        if row.year not in listed_years:
            listed_years.add(row.year)
            data, event = {"year": row.year, "source": source}, "project.plan_listed"
            await construction.write_plan_row(session, actor, event, holder_id, row.year, data, source=source)
    batches = {row.id for row in existing_of_line.batches}
    for row in moving.batches:
        is_earlier = began_on is not None and row.held_on < began_on
        if is_earlier and not successor.continues_parent and row.id not in batches:
            continue  # It still counts as the start of the merged record: the phase did not exist on that day.
        data, event = {"batch_id": row.id, "reason": reason_text}, "project.batch_left"
        await construction.write_batch_row(session, actor, event, row.id, row.project_id, data, reason_text)
        if row.id not in batches:
            batches.add(row.id)
            data = {"batch_id": row.id, "name": row.name, "held_on": row.held_on}
            holder_id = successor.line_id if is_earlier else successor.id
            await construction.write_batch_row(session, actor, "project.batch_joined", row.id, holder_id, data)
    in_force = {row.year: (row.project_id, row.on) for row in existing.resumptions}
    for row in moving.resumptions:
        is_earlier = began_on is not None and row.on < began_on
        if successor.continues_parent or not is_earlier:
            holder_id = successor.line_id if is_earlier else successor.id
            await _resume(session, actor, successor, holder_id, row, in_force, reason_text, source)


async def _resume(
    session: AsyncSession,
    actor: Actor,
    successor: Project,
    holder_id: UUID,
    row: Any,
    in_force: dict[int, tuple[UUID, date]],
    reason_text: str,
    source: str,
) -> None:
    """Moves one resumption. Of two in a year the earlier stays in force, whichever project it came from; `in_force` is
    kept up to date.

    `holder_id` is the successor or, for a day before it continued its parent, that parent.

    Where the successor resumes nothing (it started that year, or was completed before) the row stays where it is: it no
    longer counts, and moves when the successor itself is merged.
    """
    body = WorkResumptionCreate(on=row.on, note=f"{source}：{row.note}"[:4000] if row.note else source)
    try:
        await resumptions.check(session, successor, body)
    except Invalid:
        return
    await resumptions.write_withdrawal(session, actor, row.project_id, row.year, reason_text)
    if row.year in in_force:
        holder_in_force, on = in_force[row.year]
        if on <= row.on:
            return
        await resumptions.write_withdrawal(session, actor, holder_in_force, row.year, reason_text)
    await resumptions.write(session, actor, holder_id, body)
    in_force[row.year] = (holder_id, row.on)
