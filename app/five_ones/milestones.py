"""Milestones that are still open, across projects: of the current plans of active leaves, and not reported as done.

A milestone is due on the day of its latest forecast, without one on its planned day.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock, dated, paging
from app.core.actor import Actor
from app.core.refs import Reference
from app.five_ones.models import LeaderAssignment, Milestone, MilestoneReport, Plan
from app.five_ones.schemas import MilestoneFilter, MilestoneQuery, MilestoneRow, MilestoneState
from app.five_ones.strokes import leader
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects.models import Project, Status
from app.taskforces.models import TaskForce

SOON = timedelta(days=14)
"""How far ahead an open milestone is due, by default."""
_REFERENCES = [
    Reference("project", "project_id", Project),
    Reference("unit", "unit_id", Unit),
    Reference("task_force", "task_force_id", TaskForce),
]


def is_open() -> list[ColumnElement[bool]]:
    """Returns the conditions on Milestone, Plan and Project that a milestone is open."""
    later = aliased(Plan)
    is_done = exists(
        select(MilestoneReport.id).where(
            MilestoneReport.line_id == Milestone.line_id, MilestoneReport.actual_on.is_not(None)
        )
    )
    return [
        projects.is_leaf(),
        Project.status == Status.active,
        ~exists(select(later.id).where(later.project_id == Plan.project_id, later.number > Plan.number)),
        ~is_done,
    ]


def forecast_on() -> ColumnElement[date | None]:
    """Returns the latest forecast of a milestone."""
    return (
        select(MilestoneReport.forecast_on)
        .where(MilestoneReport.line_id == Milestone.line_id, MilestoneReport.forecast_on.is_not(None))
        .order_by(MilestoneReport.recorded_at.desc(), MilestoneReport.id.desc())
        .limit(1)
        .correlate(Milestone)
        .scalar_subquery()
    )


def due_on() -> ColumnElement[date]:
    """Returns the day on which a milestone is due."""
    return func.coalesce(forecast_on(), Milestone.planned_on, type_=Milestone.planned_on.type)


def conditions(actor: Actor, query: MilestoneFilter, today: date) -> list[ColumnElement[bool]]:
    """Returns the conditions on Milestone, Plan and Project that the milestone is open and asked for."""
    found = [projects.scope(actor), *is_open(), *query.conditions(Project.unit_id, Project.task_force_id, today)]
    if query.state is not None:
        found.append(is_overdue(today) if query.state is MilestoneState.overdue else is_due(today, query.until))
    if query.until is not None:
        found.append(due_on() <= query.until)
    if query.ids is not None:
        found.append(Milestone.id.in_(list(query.ids)))
    if query.leader_id is not None:
        found.append(exists(leader(Project).where(LeaderAssignment.official_id == query.leader_id)))
    return found


def is_overdue(today: date) -> ColumnElement[bool]:
    return due_on() < today


def is_due(today: date, until: date | None = None) -> ColumnElement[bool]:
    """Returns the condition that it is due today or later, up to `until`, which is 14 days ahead by default."""
    day = due_on()
    return and_(day >= today, day <= (until or today + SOON))


def of_projects(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Adds plans and projects to a statement over milestones."""
    return (
        statement.select_from(Milestone)
        .join(Plan, Plan.id == Milestone.plan_id)
        .join(Project, Project.id == Plan.project_id)
    )


async def find(session: AsyncSession, actor: Actor, query: MilestoneQuery) -> dated.Page[MilestoneRow]:
    """Returns a page of the open milestones the actor sees, the earliest due first."""
    today = await clock.today(session)
    columns = [Milestone.id, Milestone.line_id, Milestone.name, Milestone.leads_to, Milestone.planned_on]
    rows = of_projects(
        select(
            *columns,
            forecast_on().label("forecast_on"),
            due_on().label("due_on"),
            Project.id.label("project_id"),
            Project.stage,
            Project.unit_id,
            Project.task_force_id,
        )
    ).where(*conditions(actor, query, today))
    order = paging.Order([due_on(), Milestone.id])

    def read(row: dict[str, Any]) -> MilestoneRow:
        return MilestoneRow(**row, days_late=max((today - row["due_on"]).days, 0))

    page = await paging.page(session, rows, order, query, "milestones", read, _REFERENCES)
    return dated.Page[MilestoneRow].made(page, actor, today)
