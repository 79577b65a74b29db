"""Rows that are only added: the last of a series holds, and says that something stands or was withdrawn."""

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
    """The row of a series that holds now, None where there is none."""
    of_key = [getattr(model, name) == value for name, value in key.items()]
    return (await session.scalars(select(model).where(*of_key).order_by(model.seq.desc()).limit(1))).one_or_none()


async def last_of(session: AsyncSession, model: Any, project: Project, **key: Any) -> Any:
    """The row that says where a project stands: its own, or that of the parent it continues."""
    rows = [await last(session, model, project_id=project_id, **key) for project_id in project.own_ids]
    return next((row for row in rows if row is not None and not row.is_withdrawn), rows[0])


async def next_seq(session: AsyncSession, model: Any, **key: Any) -> int:
    """Of two who append at once the second is told by constraint."""
    found = await last(session, model, **key)
    return 1 if found is None else int(found.seq) + 1


def refuse_standing(row: Any, say: Say) -> None:
    if row is not None and not row.is_withdrawn:
        raise Conflict(say, code="already_on_record")


def require_standing(row: Any, say: Say, project: Project | None = None) -> None:
    """Raises Conflict where no row stands; of a merged project its rows stand with its successor, which is named."""
    if row is None or row.is_withdrawn:
        if project is not None and project.status is Status.merged:
            raise successors.refusal(project, "not_on_record")
        raise Conflict(say, code="not_on_record")


def latest_rows(model: Any, *key: Any, known_at: datetime | None = None) -> Any:
    """A subquery of the rows that hold, now or as known at a moment: the last of each series that does not withdraw."""
    rank = func.row_number().over(partition_by=key, order_by=model.seq.desc()).label("rank")
    known = select(model, rank) if known_at is None else select(model, rank).where(model.recorded_at <= known_at)
    ranked = known.subquery()
    return select(ranked).where(ranked.c.rank == 1, ~ranked.c.is_withdrawn).subquery()


def read_by(project_id: Any, *known: ColumnElement[bool]) -> ColumnElement[Any]:
    """Whose row it is: a parent's is read by the phase that continues it, of the links of which `known` holds (of those
    that stand now by default)."""
    continuing = select(PhaseLink.project_id).where(
        PhaseLink.parent_id == project_id, PhaseLink.continues_parent, *(known or (phase_links.in_force(),))
    )
    return func.coalesce(continuing.correlate_except(PhaseLink).scalar_subquery(), project_id)


async def tell_phases(session: AsyncSession, actor: Actor, told: Sequence[RecordEvent]) -> None:
    """Say what was said of these projects' rows to the phases that continue them and read the rows as their own."""
    links = select(PhaseLink.project_id, PhaseLink.parent_id).where(
        PhaseLink.parent_id.in_({parent_id for _, parent_id, _ in told}),
        PhaseLink.continues_parent,
        phase_links.in_force(),
    )
    phase_of = {row.parent_id: row.project_id for row in await session.execute(links)}
    same = [
        (event, phase_of[parent_id], {**data, "of_project_id": parent_id})
        for event, parent_id, data in told
        if parent_id in phase_of
    ]
    await events.note_each(session, actor, "project", same)
