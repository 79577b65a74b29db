"""复工: the yearly confirmation that construction of a carried-over project continues."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction.models import WorkResumption
from app.construction.schemas import Withdrawal, WorkResumptionCreate, WorkResumptionRead
from app.core import clock, knowledge, series
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import plain
from app.events import service as events
from app.projects import evidence, moves, own_rows, phase_links, refusals
from app.projects import service as projects
from app.projects.models import Project
from app.projects.stages import COMPLETED, STARTED, pipeline


async def add(session: AsyncSession, actor: Actor, project_id: UUID, body: WorkResumptionCreate) -> WorkResumptionRead:
    """Confirms that construction of a carried-over project continues. One per project and year; a new start needs
    none."""
    project = await projects.lock(session, actor, project_id, None)
    refuse(refusals.leaf_in_force(project))
    await clock.refuse_future(session, body.on, "/on")
    year = body.on.year
    last = await own_rows.last_of(session, WorkResumption, project, year=year)
    series.refuse_in_force(
        last, Say(f"{year} 年的复工已登记。", f"The work resumption of {year} is on record already.")
    )
    await phase_links.refuse_before(session, project, body.on, "/on")
    await check(session, project, body)
    return await write(session, actor, project_id, body)


async def write(
    session: AsyncSession, actor: Actor, project_id: UUID, body: WorkResumptionCreate
) -> WorkResumptionRead:
    """Appends a resumption that was checked, with its event."""
    year = body.on.year
    event_id = await events.note(
        session, actor, "project.work_resumed", "project", project_id, plain(body), project_id=project_id
    )
    row = WorkResumption(
        project_id=project_id,
        year=year,
        seq=await series.next_seq(session, WorkResumption, project_id=project_id, year=year),
        is_withdrawn=False,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **body.model_dump(),
    )
    session.add(row)
    await session.flush()
    return WorkResumptionRead.model_validate(row)


async def check(session: AsyncSession, project: Project, body: WorkResumptionCreate) -> None:
    """Raises Invalid where the project is not carried over from an earlier year or is completed, Conflict for evidence
    that is not a valid one of its own."""
    table = await pipeline(session)
    history = await moves.history_of(session, project.id)
    entries = moves.entries(history, table.positions)
    started_on, completed_on = entries.get(STARTED), entries.get(COMPLETED)
    if started_on is None or started_on >= date(body.on.year, 1, 1):
        raise Invalid.field(
            "/on",
            "not_carried_over",
            Say(
                "复工只登记往年开工的续建项目；当年开工的计入新开工。",
                "Only a project started in an earlier year resumes work; a start of this year counts as a start.",
            ),
        )
    if completed_on is not None and completed_on < body.on:
        raise Invalid.field(
            "/on",
            "already_completed",
            Say(f"项目已于 {completed_on} 竣工。", f"The project was completed on {completed_on}."),
        )
    if body.evidence_id is not None:
        evidence_ids = {row.id for row in await evidence.valid(session, project.own_ids)}
        if body.evidence_id not in evidence_ids:
            raise Conflict(
                Say("本项目没有这条依据，或已作废。", "This project has no such evidence, or it is void."),
                code="unknown_evidence",
            )


async def withdraw(
    session: AsyncSession, actor: Actor, project_id: UUID, year: int, body: Withdrawal
) -> WorkResumptionRead:
    project = await projects.lock(session, actor, project_id, None)
    last = await series.last(session, WorkResumption, project_id=project_id, year=year)
    own_rows.require_in_force(last, _none_of(year), project)
    return await write_withdrawal(session, actor, project_id, year, body.reason)


def _none_of(year: int) -> Say:
    return Say(f"{year} 年没有复工登记。", f"No work resumption of {year} is on record.")


async def write_withdrawal(
    session: AsyncSession, actor: Actor, project_id: UUID, year: int, reason: str
) -> WorkResumptionRead:
    """Appends the row that withdraws a year's resumption. Raises Conflict where none is in force."""
    last = await series.last(session, WorkResumption, project_id=project_id, year=year)
    series.require_in_force(last, _none_of(year))
    data = {"year": year, "reason": reason}
    event_id = await events.note(
        session, actor, "project.work_resumption_withdrawn", "project", project_id, data, project_id=project_id
    )
    await own_rows.note_on_phases(session, actor, [("project.work_resumption_withdrawn", project_id, data)])
    row = WorkResumption(
        project_id=project_id,
        year=year,
        seq=last.seq + 1,
        on=last.on,
        evidence_id=last.evidence_id,
        is_withdrawn=True,
        reason=reason,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
    )
    session.add(row)
    await session.flush()
    return WorkResumptionRead.model_validate(row)


async def of_project(session: AsyncSession, actor: Actor, project_id: UUID) -> Sequence[WorkResumptionRead]:
    """Returns every row, latest first, withdrawals included."""
    await projects.require_visible(session, actor, project_id)
    rows = await session.scalars(
        select(WorkResumption)
        .where(WorkResumption.project_id == project_id)
        .order_by(WorkResumption.year.desc(), WorkResumption.seq.desc())
    )
    return [WorkResumptionRead.model_validate(row) for row in rows]
