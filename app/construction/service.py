"""Puts projects on plan lists and into collective starts, and withdraws them. A row beneath a project does not raise
its version: conflicts are 409."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import plan_years
from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal
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
)
from app.core import clock, dated, knowledge, paging, series
from app.core.actor import Actor, Permission, scope_of
from app.core.errors import Conflict, Invalid, refuse
from app.core.ids import new_id
from app.core.localized import Say
from app.core.records import one, plain
from app.core.refs import Reference
from app.events import service as events
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.projects import amounts, as_of, own_rows, phase_links, refusals
from app.projects import service as projects
from app.projects.amounts import AmountCreate, AmountKind
from app.projects.models import Project, ProjectPlacement
from app.taskforces.models import TaskForce

BATCH = Say("开工批次", "start batch")


# The plan list

_REFERENCES = [Reference("unit", "unit_id", Unit), Reference("task_force", "task_force_id", TaskForce)]


async def list_project(
    session: AsyncSession, actor: Actor, year: int, project_id: UUID, body: PlanListAdd
) -> PlanListRead:
    """Puts a leaf on the list of a year. Raises Conflict where it is on it."""
    actor.require(Permission.keep_lists)
    project = await projects.lock(session, actor, project_id, None)
    refuse(refusals.leaf_in_force(project))
    last = await own_rows.last_of(session, PlanListRow, project, year=year)
    series.refuse_in_force(last, Say(f"项目已在 {year} 年计划库中。", f"It is on the list of {year} already."))
    await phase_links.refuse_before(session, project, date(year, 12, 31), "path:year")
    data = {"year": year, **plain(body)}
    row = await write_plan_row(session, actor, "project.plan_listed", project_id, year, data, source=body.source)
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
    project = await projects.lock(session, actor, project_id, None)
    last = await own_rows.last_of(session, PlanListRow, project, year=year)
    own_rows.require_in_force(last, Say(f"项目不在 {year} 年计划库中。", f"It is not on the list of {year}."), project)
    data = {"year": year, "reason": body.reason}
    event = "project.plan_list_withdrawn"
    row = await write_plan_row(session, actor, event, last.project_id, year, data, reason=body.reason)
    return PlanListRead.model_validate(row)


async def write_plan_row(
    session: AsyncSession,
    actor: Actor,
    event: str,
    project_id: UUID,
    year: int,
    data: dict[str, Any],
    **text: str,
) -> PlanListRow:
    """Appends the next row of the year, with its event: with a `source` it enters, with a `reason` it withdraws.

    The event is logged on the project whose row it is, and on the phase that continues it and reads the row as its own.
    """
    event_id = await events.note(session, actor, event, "project", project_id, data, project_id=project_id)
    await own_rows.note_on_phases(session, actor, [(event, project_id, data)])
    row = PlanListRow(
        project_id=project_id,
        year=year,
        seq=await series.next_seq(session, PlanListRow, project_id=project_id, year=year),
        is_withdrawn="reason" in text,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **text,
    )
    session.add(row)
    await session.flush()
    return row


async def plan_list(session: AsyncSession, actor: Actor, year: int, query: PlanListQuery) -> dated.Page[PlanListItem]:
    """Returns the projects that the figure of the year counts on a day, within the scope of the actor. Raises Invalid
    for a day of another year."""
    day = query.on or date(year, 12, 31)
    if day.year != year:
        say = Say(f"应为 {year} 年内的一天。", f"A day of {year}.")
        raise Invalid.field("?on", "not_in_year", say)
    known_at = await knowledge.known_at(session, None)
    rows = plan_years.rows_in_force(year, day, known_at)
    # Several rows may put one project on the list: the item shows the earliest of them.
    rank = func.row_number().over(partition_by=rows.c.project_id, order_by=(rows.c.recorded_at, rows.c.listed_id))
    ranked = select(rows, rank.label("rank")).subquery()
    facts = select(ranked).where(ranked.c.rank == 1).subquery("facts")
    source = case((facts.c.listed_id.in_(projects.visible_to(actor)), facts.c.source)).label("source")
    items: Select[*tuple[Any, ...]] = (
        select(
            *(getattr(Project, name) for name in ("id", "code", "name", "stage")),
            *(getattr(ProjectPlacement, name) for name in ("program", "unit_id", "task_force_id")),
            as_of.amount(facts, AmountKind.planned_total, known_at, day).label("planned_total"),
            plan_years.planned_this_year(facts, year, day, known_at).label("planned_this_year"),
            Project.is_parent.label("is_whole_line"),
            source,
            facts.c.recorded_at,
        )
        .select_from(Project)
        .join(facts, facts.c.project_id == Project.id)
        .join(ProjectPlacement, ProjectPlacement.id == as_of.placement(facts, known_at))
        .where(projects.scope(actor), plan_years.counts(facts, year, known_at))
    )
    if query.unit_id is not None:
        items = items.where(ProjectPlacement.unit_id.in_(organizations.subtree(query.unit_id, day)))
    for name in ("task_force_id", "program"):
        if (value := getattr(query, name)) is not None:
            items = items.where(getattr(ProjectPlacement, name) == value)
    part = await paging.rows(
        session,
        items,
        paging.Order([Project.name_pinyin, Project.id]),
        name=f"plan-list:{year}",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
        names=_REFERENCES,
    )
    codes_of = await _listed_as(session, actor, rows, [row["id"] for row in part.rows])
    return dated.Page[PlanListItem](
        items=[PlanListItem.model_validate({**row, "listed_as": codes_of.get(row["id"], [])}) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, items.with_only_columns(Project.id)) if query.wants_count else None,
        today=await clock.today(session),
        scope=scope_of(actor),
    )


async def _listed_as(
    session: AsyncSession, actor: Actor, rows: Any, project_ids: Collection[UUID]
) -> dict[UUID, list[str]]:
    """Returns, by project on the list, the codes of the records that were put on it, as far as the actor sees them."""
    query = (
        select(rows.c.project_id.label("counted_id"), Project.code)
        .select_from(rows)
        .join(Project, Project.id == rows.c.listed_id)
        .where(rows.c.project_id.in_(project_ids), projects.scope(actor))
        .order_by(Project.code)
    )
    codes_of: dict[UUID, list[str]] = {}
    for row in await session.execute(query):
        codes_of.setdefault(row.counted_id, []).append(row.code)
    return codes_of


async def plan_lists_of(session: AsyncSession, actor: Actor, project_id: UUID) -> list[PlanListRead]:
    """Returns every row of a project, or of the parent it continues, latest first.

    Source and reason of the parent's rows are left out where the actor does not see the parent.
    """
    project = await projects.fetch(session, actor, project_id)
    rows = await session.scalars(
        select(PlanListRow)
        .where(PlanListRow.project_id.in_(project.own_ids))
        .order_by(PlanListRow.year.desc(), PlanListRow.recorded_at.desc(), PlanListRow.id.desc())
    )
    visible_ids = set(await session.scalars(projects.visible_to(actor).where(Project.id.in_(project.own_ids))))
    shown = [PlanListRead.model_validate(row) for row in rows]
    return [row if row.project_id in visible_ids else row.model_copy(update=_HIDDEN) for row in shown]


_HIDDEN = {"source": None, "reason": None}


# Collective starts


async def create_batch(
    session: AsyncSession, actor: Actor, body: StartBatchCreate, *, is_illustrative: bool = False
) -> StartBatchDetail:
    actor.require(Permission.keep_lists)
    await clock.refuse_future(session, body.held_on, "/held_on")
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
    for project_id in await projects.in_lock_order(session, body.project_ids):
        await projects.lock(session, actor, project_id, None)
    batch.recorded_at = await knowledge.take(session)
    session.add(batch)
    await session.flush()
    for project_id in sorted(body.project_ids):
        await join_batch(session, actor, batch.id, project_id, "/project_ids")
    return await get_batch(session, actor, batch.id)


async def _valid_batch(session: AsyncSession, batch_id: UUID) -> StartBatch:
    """Returns a batch that was not withdrawn. Raises NotFound, Conflict."""
    batch = await one(session, select(StartBatch).where(StartBatch.id == batch_id), BATCH)
    query = select(StartBatchWithdrawal.id).where(StartBatchWithdrawal.batch_id == batch_id)
    if await session.scalar(query) is not None:
        raise Conflict(Say("这个批次已撤回。", "This batch was withdrawn."), code="batch_withdrawn")
    return batch


async def join_batch(
    session: AsyncSession, actor: Actor, batch_id: UUID, project_id: UUID, pointer: str = "path:project_id"
) -> None:
    """Records that a leaf started with a batch. Raises Conflict where it did already, Invalid naming `pointer` where it
    is a phase that begins on a later day."""
    actor.require(Permission.keep_lists)
    project = await projects.lock(session, actor, project_id, None)
    refuse(refusals.parent(project) or refusals.merged(project))
    batch = await _valid_batch(session, batch_id)
    last = await own_rows.last_of(session, StartBatchRow, project, batch_id=batch_id)
    series.refuse_in_force(last, Say("项目已在这个批次中。", "It is in this batch already."))
    await phase_links.refuse_before(session, project, batch.held_on, pointer)
    data = {"batch_id": batch_id, "name": batch.name, "held_on": batch.held_on}
    await write_batch_row(session, actor, "project.batch_joined", batch_id, project_id, data)


async def leave_batch(
    session: AsyncSession, actor: Actor, batch_id: UUID, project_id: UUID, body: Withdrawal
) -> StartBatchDetail:
    actor.require(Permission.keep_lists)
    project = await projects.lock(session, actor, project_id, None)
    await _valid_batch(session, batch_id)
    last = await series.last(session, StartBatchRow, batch_id=batch_id, project_id=project_id)
    own_rows.require_in_force(last, Say("项目不在这个批次中。", "It is not in this batch."), project)
    data = {"batch_id": batch_id, "reason": body.reason}
    await write_batch_row(session, actor, "project.batch_left", batch_id, project_id, data, body.reason)
    return await get_batch(session, actor, batch_id)


async def write_batch_row(
    session: AsyncSession,
    actor: Actor,
    event: str,
    batch_id: UUID,
    project_id: UUID,
    data: dict[str, Any],
    reason: str | None = None,
) -> None:
    """Appends the next row of a project in a batch, with its event: with a `reason` it withdraws.

    Raises Conflict where the batch has been withdrawn.
    """
    recorded_at = await knowledge.take(session)
    # Checked while the head is locked, so that nobody withdraws the batch until the commit.
    await _valid_batch(session, batch_id)
    seq = await series.next_seq(session, StartBatchRow, batch_id=batch_id, project_id=project_id)
    event_id = await events.note(session, actor, event, "project", project_id, plain(data), project_id=project_id)
    await own_rows.note_on_phases(session, actor, [(event, project_id, data)])
    session.add(
        StartBatchRow(
            batch_id=batch_id,
            project_id=project_id,
            seq=seq,
            is_withdrawn=reason is not None,
            reason=reason,
            recorded_at=recorded_at,
            event_id=event_id,
        )
    )
    await session.flush()


async def withdraw_batch(session: AsyncSession, actor: Actor, batch_id: UUID, body: Withdrawal) -> StartBatchDetail:
    """Withdraws a whole batch entered by mistake: it no longer counts, and each of its members has left it."""
    actor.require(Permission.keep_lists)
    recorded_at = await knowledge.take(session)  # before the members are read: joining takes it too, so none is missed
    await _valid_batch(session, batch_id)
    event_id = await events.note(
        session, actor, "start_batch.withdrawn", "start_batch", batch_id, {"reason": body.reason}
    )
    session.add(StartBatchWithdrawal(batch_id=batch_id, reason=body.reason, recorded_at=recorded_at, event_id=event_id))
    in_force = series.latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    members = await session.scalars(select(in_force.c.project_id).where(in_force.c.batch_id == batch_id))
    data = {"batch_id": batch_id, "reason": body.reason, "is_whole_batch": True}
    notes = [("project.batch_left", member, data) for member in sorted(members)]
    await events.note_each(session, actor, "project", notes)
    await own_rows.note_on_phases(session, actor, notes)
    return await get_batch(session, actor, batch_id)


def _batches() -> Select[*tuple[Any, ...]]:
    columns = [getattr(StartBatch, name) for name in StartBatchRead.model_fields if name != "withdrawn_reason"]
    return select(*columns, StartBatchWithdrawal.reason.label("withdrawn_reason")).join_from(
        StartBatch, StartBatchWithdrawal, StartBatchWithdrawal.batch_id == StartBatch.id, isouter=True
    )


async def find_batches(session: AsyncSession, query: StartBatchQuery) -> paging.Page[StartBatchRead]:
    batches = _batches()
    if query.year is not None:
        batches = batches.where(StartBatch.held_on.between(date(query.year, 1, 1), date(query.year, 12, 31)))
    order = paging.Order([StartBatch.held_on, StartBatch.id], descending=True)
    return await paging.page(session, batches, order, query, "start-batches", StartBatchRead.model_validate)


async def get_batch(session: AsyncSession, actor: Actor, batch_id: UUID) -> StartBatchDetail:
    row = await _one_batch(session, batch_id)
    in_force = series.latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id)
    members: Select[*tuple[Any, ...]] = (
        select(*(getattr(Project, name) for name in BatchMember.model_fields))
        .join(in_force, in_force.c.project_id == Project.id)
        .where(in_force.c.batch_id == batch_id, projects.scope(actor))
    )
    rows = await session.execute(members.order_by(Project.name_pinyin, Project.id).limit(paging.COUNT_CAP))
    shown = [BatchMember.model_validate(member) for member in rows]
    return StartBatchDetail(**row.model_dump(), projects=shown, count=await paging.count(session, members))


async def _one_batch(session: AsyncSession, batch_id: UUID) -> StartBatchRead:
    row = (await session.execute(_batches().where(StartBatch.id == batch_id))).one_or_none()
    if row is None:
        await one(session, select(StartBatch).where(StartBatch.id == batch_id), BATCH)
    return StartBatchRead.model_validate(row)
