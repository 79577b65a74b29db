"""Append-only series: the last row is in force, and either enters a fact or withdraws it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.localized import Say
from app.events import service as events
from app.events.service import RecordEvent
from app.projects import phase_links, successors
from app.projects.models import PhaseLink, Project, Status


async def last(session: AsyncSession, model: Any, **key: Any) -> Any:
    """Returns the last row of a series, None where there is none."""
    of_key = [getattr(model, name) == value for name, value in key.items()]
    return (await session.scalars(select(model).where(*of_key).order_by(model.seq.desc()).limit(1))).one_or_none()


async def last_of(session: AsyncSession, model: Any, project: Project, **key: Any) -> Any:
    """Returns the row in force for a project: its own or that of the parent it continues; else its own last row, if
    any."""
    rows = [await last(session, model, project_id=project_id, **key) for project_id in project.own_ids]
    return next((row for row in rows if row is not None and not row.is_withdrawn), rows[0])


async def next_seq(session: AsyncSession, model: Any, **key: Any) -> int:
    """Returns the next number of a series, whose project the caller holds locked."""
    last_row = await last(session, model, **key)
    return 1 if last_row is None else int(last_row.seq) + 1


def refuse_in_force(row: Any, say: Say) -> None:
    """Raises Conflict where the row enters a fact that is in force."""
    if row is not None and not row.is_withdrawn:
        raise Conflict(say, code="already_on_record")


def require_in_force(row: Any, say: Say, project: Project | None = None) -> None:
    """Raises Conflict where no row is in force; for a merged project it names the successor, which holds the rows
    now."""
    if row is None or row.is_withdrawn:
        if project is not None and project.status is Status.merged:
            raise successors.refusal(project, "not_on_record")
        raise Conflict(say, code="not_on_record")


def latest_rows(model: Any, *key: Any, known_at: datetime | None = None) -> Any:
    """Returns a subquery of the rows in force, now or as known at a moment: the last of each series, unless it
    withdraws."""
    rank = func.row_number().over(partition_by=key, order_by=model.seq.desc()).label("rank")
    rows = select(model, rank) if known_at is None else select(model, rank).where(model.recorded_at <= known_at)
    ranked = rows.subquery()
    return select(ranked).where(ranked.c.rank == 1, ~ranked.c.is_withdrawn).subquery()


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
