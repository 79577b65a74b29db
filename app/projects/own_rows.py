"""Series of rows beneath a project, such as its entries on plan lists: the phase that continues a project reads the
rows of its parent as its own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import series
from app.core.actor import Actor
from app.core.localized import Say
from app.events import service as events
from app.events.service import RecordEvent
from app.projects import phase_links, successors
from app.projects.models import PhaseLink, Project, Status


async def last_of(session: AsyncSession, model: Any, project: Project, **key: Any) -> Any:
    """Returns the row in force for a project: its own or that of the parent it continues; else its own last row, if
    any."""
    rows = [await series.last(session, model, project_id=project_id, **key) for project_id in project.own_ids]
    return next((row for row in rows if row is not None and not row.is_withdrawn), rows[0])


def require_in_force(row: Any, say: Say, project: Project) -> None:
    """Raises Conflict where no row is in force; for a merged project it names the successor, which holds the rows
    now."""
    if project.status is Status.merged and (row is None or row.is_withdrawn):
        raise successors.refusal(project, "not_on_record")
    series.require_in_force(row, say)


def read_by(project_id: Any, *links: ColumnElement[bool]) -> ColumnElement[Any]:
    """Returns the project that reads a row of `project_id` as its own: the phase that continues it by `links` (by
    default those in force now), else the project itself."""
    continuing = select(PhaseLink.project_id).where(
        PhaseLink.parent_id == project_id, PhaseLink.continues_parent, *(links or (phase_links.in_force(),))
    )
    return func.coalesce(continuing.correlate_except(PhaseLink).scalar_subquery(), project_id)


async def note_on_phases(session: AsyncSession, actor: Actor, notes: Sequence[RecordEvent]) -> None:
    """Logs events about rows of these projects also on the phases that continue them and read the rows as their own."""
    query = select(PhaseLink.project_id, PhaseLink.parent_id).where(
        PhaseLink.parent_id.in_({parent_id for _, parent_id, _ in notes}),
        PhaseLink.continues_parent,
        phase_links.in_force(),
    )
    phase_of = {row.parent_id: row.project_id for row in await session.execute(query)}
    phase_notes = [
        (event, phase_of[parent_id], {**data, "of_project_id": parent_id})
        for event, parent_id, data in notes
        if parent_id in phase_of
    ]
    await events.note_each(session, actor, "project", phase_notes)
