"""`due_on` of a project: the earliest day on which a limit of its stage ends, a derived column.

`idle` counts from the last follow-up, move or milestone report; `in_stage` from the entry into the stage; `plan_date`
is the planned day of the next stage's milestone in the current plan. Paused days do not count. Recomputing does not
raise the project's version.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, case, cast, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.actor import Actor
from app.core.remembered import Remembered
from app.events import service as events
from app.events.service import RecordEvent
from app.five_ones.continuity import Span, paused_spans
from app.five_ones.models import Milestone, MilestoneReport, Plan
from app.projects import derived_columns, moves
from app.projects.derived_columns import PROJECTS
from app.projects.follow_ups import FollowUp
from app.projects.models import Program, Project, Status
from app.projects.moves import Move
from app.projects.stages import LimitKind, LimitUnit, Pipeline, StageLimit, pipeline
from app.reference import workdays

INPUTS = [
    Project.id,
    Project.stage,
    Project.program,
    Project.status,
    Project.is_parent,
    Project.stage_since,
    Project.paused_days,
    Project.last_activity_on,
    Project.due_on,
]
"""The columns that the limits of a project are computed from."""
_NO_LIMITS = (Status.paused, Status.terminated, Status.merged)


def _end_of_limit(
    limit: StageLimit, start: date, paused_days: int, paused: Sequence[Span], calendar: workdays.Calendar
) -> date:
    assert limit.amount is not None
    if limit.unit is LimitUnit.workday:
        return workdays.add(start, limit.amount, calendar, lambda day: any(span.holds(day) for span in paused))
    if limit.unit is LimitUnit.day:
        due = start + timedelta(days=limit.amount)
    else:
        due = clock.month_after(start, limit.amount)
    return due + timedelta(days=paused_days)


def planned_on(project: Any, table: Pipeline) -> ColumnElement[date]:
    """Returns the day planned for the next stage by the current plan; NULL where the stage has no limit by plan.
    `project` has the columns of one: Project itself, or the columns of a subquery."""
    following = [
        (and_(project.program == program, project.stage == stage.code), after)
        for program in Program
        for stage in table.walk(program)
        if _has_planned_limit(table, stage.code) and (after := table.next_required[program, stage.code])
    ]
    if not following:
        return cast(null(), Date)
    plan, current = aliased(Plan), aliased(Plan)
    latest = select(func.max(plan.number)).where(plan.project_id == current.project_id).scalar_subquery()
    day: ColumnElement[date] = (
        select(func.min(Milestone.planned_on))
        .select_from(current)
        .join(Milestone, Milestone.plan_id == current.id)
        .where(current.project_id == project.id, current.number == latest, Milestone.leads_to == case(*following))
        .scalar_subquery()
    )
    return day


def _has_planned_limit(table: Pipeline, stage: str) -> bool:
    return any(limit.kind is LimitKind.plan_date for limit in table.limits(stage))


_PLANNED: Remembered[Select[*tuple[Any, ...]]] = Remembered(10)
"""The statements that read planned days, by the stage table: each act that moves a due day asks."""


async def _planned_days(session: AsyncSession, table: Pipeline, project_ids: Sequence[UUID]) -> dict[UUID, date | None]:
    """Returns `planned_on` of each project."""
    are_asked = Project.id.in_(bindparam("project_ids", expanding=True))
    query = _PLANNED.get(table, lambda: select(Project.id, planned_on(Project, table)).where(are_asked))
    rows = await session.execute(query, {"project_ids": project_ids})
    return {project_id: day for project_id, day in rows}


@dataclass(frozen=True, slots=True)
class LimitEnd:
    """A limit that a project is under: counted from `since`, it ends on `due_on`."""

    kind: LimitKind
    since: date
    due_on: date
    amount: int | None = None
    """How many of `unit` it allows; None for a planned day."""
    unit: LimitUnit | None = None


def _first_end(
    row: Any,
    table: Pipeline,
    calendar: workdays.Calendar,
    planned: Mapping[UUID, date | None],
    paused: Sequence[Span],
) -> LimitEnd | None:
    """Returns the limit that ends first."""
    if row.status in _NO_LIMITS or row.is_parent:
        return None
    ends: list[LimitEnd] = []
    for limit in table.limits(row.stage):
        if limit.kind is LimitKind.idle:
            day = _end_of_limit(limit, row.last_activity_on, 0, [], calendar)
            ends.append(LimitEnd(limit.kind, row.last_activity_on, day, limit.amount, limit.unit))
        elif limit.kind is LimitKind.in_stage:
            day = _end_of_limit(limit, row.stage_since, row.paused_days, paused, calendar)
            ends.append(LimitEnd(limit.kind, row.stage_since, day, limit.amount, limit.unit))
        elif day_planned := planned.get(row.id):
            ends.append(LimitEnd(limit.kind, row.stage_since, day_planned))
    return min(ends, key=lambda end: end.due_on, default=None)


@dataclass(frozen=True, slots=True)
class ComputedDue:
    """The stored `due_on` of a project, and the correct one."""

    stored: date | None
    correct: date | None


async def compute(session: AsyncSession, project_ids: Collection[UUID]) -> dict[UUID, ComputedDue]:
    """Computes `due_on` of these projects from what is on record, in a fixed number of statements."""
    rows = (await session.execute(select(*INPUTS).where(Project.id.in_(sorted(project_ids))))).all()
    ends = await limit_ends(session, rows)
    return {row.id: ComputedDue(row.due_on, end.due_on if (end := ends[row.id]) else None) for row in rows}


async def limit_ends(
    session: AsyncSession, rows: Sequence[Any], planned: Mapping[UUID, date | None] | None = None
) -> dict[UUID, LimitEnd | None]:
    """Returns for each project, given by a row with the columns of `INPUTS`, the limit that ends first; None where it
    is under none. `planned` has `planned_on` of each, where it has been read."""
    table = await pipeline(session)
    limits = [limit for stage in {row.stage for row in rows} for limit in table.limits(stage)]
    has_workdays = any(limit.unit is LimitUnit.workday for limit in limits)
    calendar = await workdays.calendar(session) if has_workdays else {}
    if planned is None:
        dated = [row.id for row in rows if _has_planned_limit(table, row.stage)]
        planned = await _planned_days(session, table, dated) if dated else {}
    paused = {}
    if stopped := [row.id for row in rows if row.paused_days]:
        history = await moves.history(session, stopped)
        paused = {project_id: paused_spans(history[project_id]) for project_id in stopped}
    return {row.id: _first_end(row, table, calendar, planned, paused.get(row.id, [])) for row in rows}


def idle_ends(limit: StageLimit, first: date, last: date, calendar: workdays.Calendar) -> list[tuple[date, date]]:
    """Returns each day of last activity whose idle limit ends between two days, with the day on which it ends."""
    ends = []
    start = last
    while (end := _end_of_limit(limit, start, 0, [], calendar)) >= first:
        if end <= last:
            ends.append((start, end))
        start -= timedelta(days=1)
    return ends


async def refresh(session: AsyncSession, project_ids: Collection[UUID]) -> dict[UUID, ComputedDue]:
    """Updates the stored `due_on` of these projects; their versions stay. Returns those that changed."""
    if not project_ids:
        return {}
    await session.flush()
    computed = await compute(session, project_ids)
    differing = {project_id: due for project_id, due in computed.items() if due.stored != due.correct}
    changed: list[dict[str, Any]] = [
        {"row_id": project_id, "due": due.correct} for project_id, due in differing.items()
    ]
    if changed:
        await (await session.connection()).execute(
            update(PROJECTS).where(PROJECTS.c.id == bindparam("row_id")).values(due_on=bindparam("due")),
            changed,
        )
        for change in changed:
            derived_columns.refresh_loaded(session, change["row_id"], due_on=change["due"])
    return differing


async def refresh_for_all(session: AsyncSession, actor: Actor, project_ids: Collection[UUID], by: str) -> None:
    """Updates `due_on` after a change of data that many projects share, and logs an event on each whose day moved.

    `by` names what was changed: `stage` or `calendar`.
    """
    moved = await refresh(session, project_ids)
    notes: list[RecordEvent] = [
        ("project.due_on_moved", project_id, {"changes": {"due_on": [due.stored, due.correct]}, "by": by})
        for project_id, due in sorted(moved.items())
    ]
    await events.note_each(session, actor, "project", notes)


async def latest_activity(
    session: AsyncSession, projects: Sequence[Project], histories: Mapping[UUID, Sequence[Move]]
) -> dict[UUID, date]:
    """Returns the day of the last move, follow-up or milestone report of each project; a phase that continues its
    parent reads the parent's too."""
    asked = {project_id for project in projects for project_id in project.own_ids}
    latest: dict[UUID | None, date] = {}
    for row in (FollowUp, MilestoneReport):
        days = await session.execute(
            select(row.project_id, func.max(row.on)).where(row.project_id.in_(asked)).group_by(row.project_id)
        )
        for project_id, day in days:
            latest[project_id] = max(day, latest.get(project_id, day))
    activity = {}
    for project in projects:
        days_of = [latest.get(project_id) for project_id in project.own_ids]
        days_of.append(moves.last_day(histories[project.id]))
        activity[project.id] = max((day for day in days_of if day is not None), default=project.last_activity_on)
    return activity


async def touched(session: AsyncSession, project_id: UUID, on: date) -> None:
    """Records activity on a day: idle limits start again from the latest such day."""
    latest = select(Project.last_activity_on).where(Project.id == project_id)
    before = (await session.scalars(latest)).one()
    if on > before:
        await derived_columns.keep(session, project_id, last_activity_on=on)
    await refresh(session, [project_id])
