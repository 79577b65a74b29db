"""The result of a check, and the batches in which checks read a database that does not fit into memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.localized import Say
from app.projects import moves
from app.projects.models import Project

BATCH = 1_000
"""Lines checked together: enough for few statements, and far below a driver's limit of parameters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and with which row. A notice should be looked at but breaks no rule."""

    rule: str
    row: str
    what: Say
    is_notice: bool = False


Check = Callable[[AsyncSession], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class MergedRecord:
    """A project that was merged into another, and the day it had landed, if it had."""

    id: UUID
    landed_on: date | None


Merged = dict[UUID, list[MergedRecord]]
"""All merged records of the database, by the id of the project they were merged into."""


async def _merged(session: AsyncSession) -> Merged:
    columns = (Project.merged_into_id, Project.id, Project.landed_on)
    into: Merged = {}
    for survivor, id, landed_on in await session.execute(select(*columns).where(Project.merged_into_id.is_not(None))):
        if survivor is not None:
            into.setdefault(survivor, []).append(MergedRecord(id, landed_on))
    return into


@dataclass(frozen=True, slots=True)
class Batch:
    """Some whole lines: a parent is always together with its phases. `history`: the moves of each project by its id."""

    projects: Sequence[Project]
    history: dict[UUID, list[moves.Move]]
    phases: dict[UUID, list[Project]]
    """The phases of each parent, by the parent's id."""
    merged: Merged


CheckOfBatch = Callable[[AsyncSession, Batch], Awaitable[list[Finding]]]


async def batches(session: AsyncSession) -> AsyncIterator[Batch]:
    """Yields all projects in batches, so that each is loaded once for all checks."""
    after, merged = None, await _merged(session)
    while True:
        roots = select(Project.id).where(Project.parent_id.is_(None)).order_by(Project.id).limit(BATCH)
        if after is not None:
            roots = roots.where(Project.id > after)
        root_ids = (await session.scalars(roots)).all()
        if not root_ids:
            return
        after = root_ids[-1]
        whole = select(Project).where(Project.line_id.in_(root_ids)).order_by(Project.code)
        projects = (await session.scalars(whole)).all()
        phases: dict[UUID, list[Project]] = {}
        for project in projects:
            if project.parent_id is not None:
                phases.setdefault(project.parent_id, []).append(project)
        yield Batch(projects, await moves.history(session, [project.id for project in projects]), phases, merged)
        session.expunge_all()
