"""Which links of phases to parents are in force: added and not withdrawn, now or as known at a moment."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Invalid
from app.core.localized import Say
from app.projects.models import PhaseLink, PhaseWithdrawal, Project


def _withdrawn(known_at: datetime | None) -> ColumnElement[bool]:
    links = select(PhaseWithdrawal.link_id)
    if known_at is not None:
        links = links.where(PhaseWithdrawal.recorded_at <= known_at)
    return PhaseLink.id.in_(links)


def in_force(known_at: datetime | None = None) -> ColumnElement[bool]:
    """Returns the condition on PhaseLink that it is in force, as known at a moment (now by default)."""
    if known_at is None:
        return ~_withdrawn(None)
    return and_(PhaseLink.recorded_at <= known_at, ~_withdrawn(known_at))


def has_begun(project_id: Any, day: Any, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Returns the condition that a project is no phase or was one by that day, as known at a moment (default now)."""
    later = (PhaseLink.project_id == project_id, PhaseLink.effective_on > day)
    return ~exists().where(*later, in_force(known_at)).correlate_except(PhaseLink)


async def first_day(session: AsyncSession, project: Project) -> date | None:
    """Returns the day from which a project is a phase; None where it is no phase."""
    if project.parent_id is None:
        return None
    query = select(PhaseLink.effective_on).where(PhaseLink.project_id == project.id, in_force())
    day: date | None = await session.scalar(query)
    return day


async def refuse_before(session: AsyncSession, project: Project, day: date, pointer: str) -> None:
    """Raises Invalid for the field `pointer` where the day is before the project became a phase."""
    began_on = await first_day(session, project)
    if began_on is not None and day < began_on:
        say = Say(
            f"{project.code} 自 {began_on} 起才是分期，不能登记此前的事项；此前的属于总项目。",
            f"{project.code} is a phase from {began_on} on: nothing of an earlier day is its own, but its parent's.",
        )
        raise Invalid.field(pointer, "before_phase", say)


def under(parent_id: UUID) -> ColumnElement[bool]:
    """Returns the condition on PhaseLink that it is in force and links to this parent."""
    return and_(PhaseLink.parent_id == parent_id, in_force())
