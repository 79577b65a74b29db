"""谋划实施: which projects a year's plan list counts on a day, for the list itself and for the figure.

A line is on the list once. Before its first day a phase is part of its parent, which is then on the list through it; a
parent with phases counts as a whole until one of them is put on the list.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.construction.models import PlanListRow
from app.core.series import latest_rows
from app.projects import as_of, phase_links
from app.projects.amounts import AmountKind
from app.projects.models import PhaseLink, Project
from app.projects.own_rows import read_by


def rows_in_force(year: int, day: date, known_at: datetime) -> Any:
    """Returns a subquery of the rows in force, each with the `project_id` it puts on the list that day and `listed_id`,
    the project it was entered for."""
    rows = latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year, known_at=known_at)
    on = literal(day, PhaseLink.effective_on.type)
    parent = select(PhaseLink.parent_id).where(
        PhaseLink.project_id == rows.c.project_id, PhaseLink.effective_on > on, phase_links.in_force(known_at)
    )
    project_id = func.coalesce(parent.correlate(rows).scalar_subquery(), rows.c.project_id)
    of_day = (
        select(
            project_id.label("project_id"),
            rows.c.project_id.label("listed_id"),
            rows.c.source,
            rows.c.recorded_at,
        )
        .where(rows.c.year == year)
        .subquery()
    )
    leaf = read_by(of_day.c.project_id, PhaseLink.effective_on <= day, phase_links.in_force(known_at))
    others = (of_day.c.listed_id, of_day.c.source, of_day.c.recorded_at)
    return select(leaf.label("project_id"), on.label("day"), *others).subquery()


def counts(facts: Any, year: int, known_at: datetime) -> ColumnElement[bool]:
    """Returns the condition on a project on the list that it counts as a leaf of the day, or as a parent that counts
    for its phases, and was not merged."""
    is_one = or_(as_of.was_leaf(facts, known_at), _counts_for_phases(facts, year, known_at))
    return and_(is_one, ~as_of.was_merged(facts, known_at))


def _counts_for_phases(facts: Any, year: int, known_at: datetime) -> ColumnElement[bool]:
    """Returns the condition that the project has phases by that day, not all of them merged, and none of them is on the
    year's list. A phase that was listed and later merged counts as listed: its row went to its successor."""
    of_parent = as_of.has_phases(facts, known_at)
    merged = as_of.merged_ids(known_at)
    is_left = exists().where(*of_parent, PhaseLink.project_id.not_in(merged)).correlate(facts)
    listed_rows = latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year, known_at=known_at)
    listed = select(listed_rows.c.project_id).where(listed_rows.c.year == year)
    ever = aliased(PlanListRow)
    was_listed = select(ever.project_id).where(ever.year == year, ever.recorded_at <= known_at)
    was_merged_away = and_(PhaseLink.project_id.in_(merged), PhaseLink.project_id.in_(was_listed))
    is_listed = exists().where(*of_parent, or_(PhaseLink.project_id.in_(listed), was_merged_away)).correlate(facts)
    return and_(is_left, ~is_listed)


async def lines(session: AsyncSession, line_ids: Collection[UUID], known_at: datetime) -> set[tuple[UUID, int]]:
    """Returns each of these lines with each year whose plan list a project of it is on, as known at a moment."""
    later = aliased(PlanListRow)
    same = (later.project_id == PlanListRow.project_id, later.year == PlanListRow.year)
    is_replaced = exists().where(*same, later.seq > PlanListRow.seq, later.recorded_at <= known_at)
    listed = select(Project.line_id, PlanListRow.year).join(PlanListRow, PlanListRow.project_id == Project.id)
    in_force = (PlanListRow.recorded_at <= known_at, ~PlanListRow.is_withdrawn, ~is_replaced)
    found = await session.execute(listed.where(Project.line_id.in_(sorted(line_ids)), *in_force))
    return {(row.line_id, row.year) for row in found}


def planned_this_year(facts: Any, year: int, day: date, known_at: datetime) -> ColumnElement[Decimal]:
    """Returns what is planned for the year as of a day, in yuan: a phase without a plan of its own reads that of the
    parent it continues. NULL where neither states one."""
    asked = (AmountKind.planned_this_year, known_at, day, year)
    of_parent = as_of.amount_of_parent(facts, *asked)
    of_project = as_of.amount(facts, *asked)
    return func.coalesce(of_project, of_parent, type_=of_project.type)
