"""What is counted of a merged project goes over to its successor, where that has nothing of its own there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import resumptions, series
from app.construction import service as construction
from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.construction.schemas import WorkResumptionCreate
from app.core.actor import Actor
from app.core.errors import Invalid
from app.projects.models import Project


@dataclass(frozen=True, slots=True)
class Listed:
    """Where a project stands on record now: years of plan lists, batches, and work resumptions."""

    years: list[int]
    batches: list[Any]
    resumptions: list[Any]


async def listed(session: AsyncSession, project_id: UUID) -> Listed:
    plans = series.latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year)
    members = series.latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    resumed = series.latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year)
    withdrawn = exists().where(StartBatchWithdrawal.batch_id == StartBatch.id)
    years = await session.scalars(select(plans.c.year).where(plans.c.project_id == project_id).order_by(plans.c.year))
    batches = await session.execute(
        select(StartBatch.id, StartBatch.name, StartBatch.held_on)
        .join(members, members.c.batch_id == StartBatch.id)
        .where(members.c.project_id == project_id, ~withdrawn)
        .order_by(StartBatch.held_on, StartBatch.id)
    )
    resumed_in = await session.execute(
        select(resumed.c.year, resumed.c.on, resumed.c.note)
        .where(resumed.c.project_id == project_id)
        .order_by(resumed.c.year)
    )
    return Listed(list(years), list(batches), list(resumed_in))


async def take_over(session: AsyncSession, actor: Actor, merged: Project, successor: Project, reason: str) -> None:
    """Withdraw the rows of the merged project, and put its successor on record where it is not. Both are locked."""
    mine, own = await listed(session, merged.id), await listed(session, successor.id)
    why = f"并入 {successor.code}：{reason}"[:4000]
    source = f"由 {merged.code} 并入"
    for year in mine.years:
        data = {"year": year, "reason": why}
        await construction.write_plan_row(
            session, actor, "project.plan_list_withdrawn", merged.id, year, data, reason=why
        )
        if year not in own.years:
            data = {"year": year, "source": source}
            await construction.write_plan_row(
                session, actor, "project.plan_listed", successor.id, year, data, source=source
            )
    for batch in mine.batches:
        data = {"batch_id": batch.id, "reason": why}
        await construction.write_batch_row(session, actor, "project.batch_left", batch.id, merged.id, data, why)
        if batch.id not in {other.id for other in own.batches}:
            data = {"batch_id": batch.id, "name": batch.name, "held_on": batch.held_on}
            await construction.write_batch_row(session, actor, "project.batch_joined", batch.id, successor.id, data)
    for row in mine.resumptions:
        await resumptions.write_withdrawal(session, actor, merged.id, row.year, why)
        if row.year not in {other.year for other in own.resumptions}:
            await _resume(session, actor, successor, row, source)


async def _resume(session: AsyncSession, actor: Actor, successor: Project, row: Any, source: str) -> None:
    """One that started this year, or was completed before, counts by itself and resumes nothing."""
    body = WorkResumptionCreate(on=row.on, note=f"{source}：{row.note}"[:4000] if row.note else source)
    try:
        await resumptions.check(session, successor, body)
    except Invalid:
        return
    await resumptions.write(session, actor, successor.id, body)
