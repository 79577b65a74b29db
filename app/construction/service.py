"""Putting rows on record and withdrawing them. A row beneath a project raises no version: conflicts are 409."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.construction.schemas import (
    BatchMember,
    PlanListAdd,
    PlanListItem,
    PlanListQuery,
    PlanListRead,
    StartBatchCreate,
    StartBatchDetail,
    StartBatchQuery,
    StartBatchRead,
    Withdrawal,
    WorkResumptionCreate,
    WorkResumptionRead,
)
from app.core import clock, knowledge, paging
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.core.records import one, plain
from app.core.say import Say
from app.events import service as events
from app.organizations import service as organizations
from app.projects import amounts, evidence, moves
from app.projects import service as projects
from app.projects.amounts import AmountCreate, AmountKind
from app.projects.models import Project
from app.projects.stages import pipeline

BATCH = Say("开工批次", "start batch")


async def _last(session: AsyncSession, model: Any, **key: Any) -> Any:
    """The row of a series that holds now, None where there is none."""
    of_key = [getattr(model, name) == value for name, value in key.items()]
    return (await session.scalars(select(model).where(*of_key).order_by(model.seq.desc()).limit(1))).one_or_none()


def _refuse_standing(row: Any, say: Say) -> int:
    """The number of the next row that stands. Raises Conflict where one stands already."""
    if row is not None and not row.is_withdrawn:
        raise Conflict(say, code="already_on_record")
    return 1 if row is None else int(row.seq) + 1


def _require_standing(row: Any, say: Say) -> int:
    if row is None or row.is_withdrawn:
        raise Conflict(say, code="not_on_record")
    return int(row.seq) + 1


def latest_rows(model: Any, *key: Any) -> Any:
    """A subquery of the rows that hold now: the last of each series, where it was not withdrawn."""
    rank = func.row_number().over(partition_by=key, order_by=model.seq.desc()).label("rank")
    ranked = select(model, rank).subquery()
    return select(ranked).where(ranked.c.rank == 1, ~ranked.c.is_withdrawn).subquery()


# The plan list


async def list_project(
    session: AsyncSession, actor: Actor, year: int, project_id: UUID, body: PlanListAdd
) -> PlanListRead:
    """Put a leaf on the list of a year. Raises Conflict where it is on it."""
    actor.require(Permission.keep_lists)
    project = await projects.lock(session, actor, project_id, None)
    projects.refuse_parent(project)
    projects.refuse_ended(project)
    last = await _last(session, PlanListRow, project_id=project_id, year=year)
    seq = _refuse_standing(last, Say(f"项目已在 {year} 年计划库中。", f"It is on the list of {year} already."))
    data = {"year": year, **plain(body)}
    event_id = await events.note(
        session, actor, "project.plan_listed", "project", project_id, data, project_id=project_id
    )
    row = await _plan_row(session, project_id, year, seq, event_id, source=body.source)
    if body.planned_this_year is not None:
        amount = AmountCreate(
            kind=AmountKind.planned_this_year,
            value=body.planned_this_year,
            year=year,
            effective_on=await clock.today(session),
            source=body.source,
        )
        await amounts.add(session, actor, project, amount)
    return PlanListRead.model_validate(row)


async def unlist_project(
    session: AsyncSession, actor: Actor, year: int, project_id: UUID, body: Withdrawal
) -> PlanListRead:
    actor.require(Permission.keep_lists)
    await projects.lock(session, actor, project_id, None)
    last = await _last(session, PlanListRow, project_id=project_id, year=year)
    seq = _require_standing(last, Say(f"项目不在 {year} 年计划库中。", f"It is not on the list of {year}."))
    data = {"year": year, "reason": body.reason}
    event_id = await events.note(
        session, actor, "project.plan_list_withdrawn", "project", project_id, data, project_id=project_id
    )
    row = await _plan_row(session, project_id, year, seq, event_id, reason=body.reason)
    return PlanListRead.model_validate(row)


async def _plan_row(
    session: AsyncSession, project_id: UUID, year: int, seq: int, event_id: UUID, **said: str | None
) -> PlanListRow:
    row = PlanListRow(
        project_id=project_id,
        year=year,
        seq=seq,
        is_withdrawn="reason" in said,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **said,
    )
    session.add(row)
    await session.flush()
    return row


async def plan_list(session: AsyncSession, actor: Actor, year: int, query: PlanListQuery) -> paging.Page[PlanListItem]:
    """The leaves on the list of a year as it stands now."""
    standing = latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year)
    own = [getattr(Project, name) for name in PlanListItem.model_fields if name not in ("source", "recorded_at")]
    found: Select[*tuple[Any, ...]] = (
        select(*own, standing.c.source, standing.c.recorded_at)
        .join(standing, standing.c.project_id == Project.id)
        .where(standing.c.year == year, projects.scope(actor), projects.is_leaf())
    )
    if query.unit_id is not None:
        subtree = organizations.subtree(query.unit_id, await clock.today(session))
        found = found.where(Project.unit_id.in_(subtree))
    for name in ("task_force_id", "program"):
        if (value := getattr(query, name)) is not None:
            found = found.where(getattr(Project, name) == value)
    order = paging.Order([Project.name_pinyin, Project.id])
    return await paging.page(session, found, order, query, f"plan-list:{year}", PlanListItem.model_validate)


async def plan_lists_of(session: AsyncSession, actor: Actor, project_id: UUID) -> list[PlanListRead]:
    """Every row ever put on record for a project, latest first."""
    await projects.require_visible(session, actor, project_id)
    rows = await session.scalars(
        select(PlanListRow)
        .where(PlanListRow.project_id == project_id)
        .order_by(PlanListRow.year.desc(), PlanListRow.seq.desc())
    )
    return [PlanListRead.model_validate(row) for row in rows]


# Collective starts


async def create_batch(
    session: AsyncSession, actor: Actor, body: StartBatchCreate, *, is_illustrative: bool = False
) -> StartBatchDetail:
    actor.require(Permission.keep_lists)
    today = await clock.today(session)
    if body.held_on > today:
        raise Invalid.field(
            "/held_on", "future_day", Say(f"不能晚于业务日 {today}。", f"Not after the business day {today}.")
        )
    if len(set(body.project_ids)) != len(body.project_ids):
        raise Invalid.field("/project_ids", "repeated_value", Say("项目重复。", "A project is given twice."))
    batch = StartBatch(
        id=new_id(),
        name=body.name,
        held_on=body.held_on,
        source=body.source,
        is_illustrative=is_illustrative,
    )
    batch.event_id = await events.note(session, actor, "start_batch.created", "start_batch", batch.id, plain(body))
    for project_id in sorted(body.project_ids):
        await projects.lock(session, actor, project_id, None)
    batch.recorded_at = await knowledge.take(session)
    session.add(batch)
    await session.flush()
    for project_id in sorted(body.project_ids):
        await join_batch(session, actor, batch.id, project_id)
    return await get_batch(session, actor, batch.id)


async def _batch(session: AsyncSession, batch_id: UUID) -> StartBatch:
    """A batch that was not withdrawn. Raises NotFound, Conflict."""
    batch = await one(session, select(StartBatch).where(StartBatch.id == batch_id), BATCH)
    query = select(StartBatchWithdrawal.id).where(StartBatchWithdrawal.batch_id == batch_id)
    if await session.scalar(query) is not None:
        raise Conflict(Say("这个批次已撤回。", "This batch was withdrawn."), code="batch_withdrawn")
    return batch


async def join_batch(session: AsyncSession, actor: Actor, batch_id: UUID, project_id: UUID) -> None:
    """Say that a leaf started with a batch. Raises Conflict where it did already."""
    actor.require(Permission.keep_lists)
    project = await projects.lock(session, actor, project_id, None)
    projects.refuse_parent(project)
    batch = await _batch(session, batch_id)
    last = await _last(session, StartBatchRow, batch_id=batch_id, project_id=project_id)
    seq = _refuse_standing(last, Say("项目已在这个批次中。", "It is in this batch already."))
    data = {"batch_id": batch_id, "name": batch.name, "held_on": batch.held_on}
    await _batch_row(session, actor, "project.batch_joined", batch_id, project_id, seq, data)


async def leave_batch(
    session: AsyncSession, actor: Actor, batch_id: UUID, project_id: UUID, body: Withdrawal
) -> StartBatchDetail:
    actor.require(Permission.keep_lists)
    await projects.lock(session, actor, project_id, None)
    await _batch(session, batch_id)
    last = await _last(session, StartBatchRow, batch_id=batch_id, project_id=project_id)
    seq = _require_standing(last, Say("项目不在这个批次中。", "It is not in this batch."))
    data = {"batch_id": batch_id, "reason": body.reason}
    await _batch_row(session, actor, "project.batch_left", batch_id, project_id, seq, data, body.reason)
    return await get_batch(session, actor, batch_id)


async def _batch_row(
    session: AsyncSession,
    actor: Actor,
    event: str,
    batch_id: UUID,
    project_id: UUID,
    seq: int,
    data: dict[str, Any],
    reason: str | None = None,
) -> None:
    event_id = await events.note(session, actor, event, "project", project_id, plain(data), project_id=project_id)
    session.add(
        StartBatchRow(
            batch_id=batch_id,
            project_id=project_id,
            seq=seq,
            is_withdrawn=reason is not None,
            reason=reason,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
        )
    )
    await session.flush()


async def withdraw_batch(session: AsyncSession, actor: Actor, batch_id: UUID, body: Withdrawal) -> StartBatchDetail:
    """The whole batch was a mistake: it counts no more."""
    actor.require(Permission.keep_lists)
    await _batch(session, batch_id)
    data = {"reason": body.reason}
    event_id = await events.note(session, actor, "start_batch.withdrawn", "start_batch", batch_id, data)
    recorded_at = await knowledge.take(session)
    session.add(StartBatchWithdrawal(batch_id=batch_id, reason=body.reason, recorded_at=recorded_at, event_id=event_id))
    await session.flush()
    return await get_batch(session, actor, batch_id)


def _batches() -> Select[*tuple[Any, ...]]:
    own = [getattr(StartBatch, name) for name in StartBatchRead.model_fields if name != "withdrawn_reason"]
    return select(*own, StartBatchWithdrawal.reason.label("withdrawn_reason")).join_from(
        StartBatch, StartBatchWithdrawal, StartBatchWithdrawal.batch_id == StartBatch.id, isouter=True
    )


async def find_batches(session: AsyncSession, query: StartBatchQuery) -> paging.Page[StartBatchRead]:
    found = _batches()
    if query.year is not None:
        found = found.where(StartBatch.held_on.between(date(query.year, 1, 1), date(query.year, 12, 31)))
    order = paging.Order([StartBatch.held_on, StartBatch.id], descending=True)
    return await paging.page(session, found, order, query, "start-batches", StartBatchRead.model_validate)


async def get_batch(session: AsyncSession, actor: Actor, batch_id: UUID) -> StartBatchDetail:
    row = await _one_batch(session, batch_id)
    standing = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    members: Select[*tuple[Any, ...]] = (
        select(*(getattr(Project, name) for name in BatchMember.model_fields))
        .join(standing, standing.c.project_id == Project.id)
        .where(standing.c.batch_id == batch_id, projects.scope(actor))
    )
    found = await session.execute(members.order_by(Project.name_pinyin, Project.id).limit(paging.COUNT_CAP))
    shown = [BatchMember.model_validate(member) for member in found]
    return StartBatchDetail(**row.model_dump(), projects=shown, count=await paging.count(session, members))


async def _one_batch(session: AsyncSession, batch_id: UUID) -> StartBatchRead:
    row = (await session.execute(_batches().where(StartBatch.id == batch_id))).one_or_none()
    if row is None:
        await one(session, select(StartBatch).where(StartBatch.id == batch_id), BATCH)
    return StartBatchRead.model_validate(row)


# Work resumptions


async def resume_work(
    session: AsyncSession, actor: Actor, project_id: UUID, body: WorkResumptionCreate
) -> WorkResumptionRead:
    """Confirm that a carried-over project builds on. One a project and year; a new start needs none."""
    project = await projects.lock(session, actor, project_id, None)
    projects.refuse_parent(project)
    projects.refuse_ended(project)
    await _check_resumption(session, project, body)
    year = body.on.year
    last = await _last(session, WorkResumption, project_id=project_id, year=year)
    seq = _refuse_standing(
        last, Say(f"{year} 年的复工已登记。", f"The work resumption of {year} is on record already.")
    )
    event_id = await events.note(
        session, actor, "project.work_resumed", "project", project_id, plain(body), project_id=project_id
    )
    row = WorkResumption(
        project_id=project_id,
        year=year,
        seq=seq,
        is_withdrawn=False,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **body.model_dump(),
    )
    session.add(row)
    await session.flush()
    return WorkResumptionRead.model_validate(row)


async def _check_resumption(session: AsyncSession, project: Project, body: WorkResumptionCreate) -> None:
    today = await clock.today(session)
    if body.on > today:
        raise Invalid.field(
            "/on", "future_day", Say(f"不能晚于业务日 {today}。", f"Not after the business day {today}.")
        )
    table = await pipeline(session)
    history = (await moves.history(session, [project.id]))[project.id]
    entries = moves.entries(history, {stage.code: stage.position for stage in table.stages})
    started_on, completed_on = entries.get("started"), entries.get("completed")
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
        known = {row.id for row in await evidence.standing(session, project.own_ids)}
        if body.evidence_id not in known:
            raise Conflict(
                Say("本项目没有这条依据，或已作废。", "This project has no such evidence, or it is void."),
                code="unknown_evidence",
            )


async def withdraw_resumption(
    session: AsyncSession, actor: Actor, project_id: UUID, year: int, body: Withdrawal
) -> WorkResumptionRead:
    await projects.lock(session, actor, project_id, None)
    last = await _last(session, WorkResumption, project_id=project_id, year=year)
    seq = _require_standing(last, Say(f"{year} 年没有复工登记。", f"No work resumption of {year} is on record."))
    data = {"year": year, "reason": body.reason}
    event_id = await events.note(
        session, actor, "project.work_resumption_withdrawn", "project", project_id, data, project_id=project_id
    )
    row = WorkResumption(
        project_id=project_id,
        year=year,
        seq=seq,
        on=last.on,
        evidence_id=last.evidence_id,
        is_withdrawn=True,
        reason=body.reason,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
    )
    session.add(row)
    await session.flush()
    return WorkResumptionRead.model_validate(row)


async def resumptions_of(session: AsyncSession, actor: Actor, project_id: UUID) -> Sequence[WorkResumptionRead]:
    """Every row ever put on record, latest first."""
    await projects.require_visible(session, actor, project_id)
    rows = await session.scalars(
        select(WorkResumption)
        .where(and_(WorkResumption.project_id == project_id))
        .order_by(WorkResumption.year.desc(), WorkResumption.seq.desc())
    )
    return [WorkResumptionRead.model_validate(row) for row in rows]
