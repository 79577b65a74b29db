"""Which links of phases to parents stand: those of phases that were added and not withdrawn, now or as known then."""

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
    """The condition on PhaseLink that it stands, as known at a moment (now by default)."""
    if known_at is None:
        return ~_withdrawn(None)
    return and_(PhaseLink.recorded_at <= known_at, ~_withdrawn(known_at))


def has_begun(project_id: Any, day: Any, known_at: datetime | None = None) -> ColumnElement[bool]:
    """The condition that a project is no phase, or was one by that day, as known at a moment (now by default)."""
    later = (PhaseLink.project_id == project_id, PhaseLink.effective_on > day)
    return ~exists().where(*later, in_force(known_at)).correlate_except(PhaseLink)


async def first_day(session: AsyncSession, project: Project) -> date | None:
    """The day from which a phase is one. None for what is no phase."""
    if project.parent_id is None:
        return None
    query = select(PhaseLink.effective_on).where(PhaseLink.project_id == project.id, in_force())
    found: date | None = await session.scalar(query)
    return found


async def refuse_before(session: AsyncSession, project: Project, day: date, pointer: str) -> None:
    """Raises Invalid naming `pointer` where a row would say something of a phase for a day on which it was none."""
    began_on = await first_day(session, project)
    if began_on is not None and day < began_on:
        say = Say(
            f"{project.code} 自 {began_on} 起才是分期，不能登记此前的事项；此前的属于总项目。",
            f"{project.code} is a phase from {began_on} on: nothing of an earlier day is its own, but its parent's.",
        )
        raise Invalid.field(pointer, "before_phase", say)


def under(parent_id: UUID) -> ColumnElement[bool]:
    """The condition on PhaseLink that a phase stands under this parent."""
    return and_(PhaseLink.parent_id == parent_id, in_force())
