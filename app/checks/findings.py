"""What a check answers, and how the checks walk a database that does not fit into memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.say import Say
from app.projects import moves
from app.projects.models import Project

BATCH = 1_000
"""Lines looked at together: few statements, and far from a driver's limit of parameters."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and with which row. A notice is worth a look and breaks no rule."""

    rule: str
    row: str
    what: Say
    is_notice: bool = False


Check = Callable[[AsyncSession], Awaitable[list[Finding]]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole lines: a parent and its phases are never parted. `history` has the moves of each project by its id."""

    projects: Sequence[Project]
    history: dict[UUID, list[moves.Move]]


CheckOfBatch = Callable[[AsyncSession, Batch], Awaitable[list[Finding]]]


async def batches(session: AsyncSession) -> AsyncIterator[Batch]:
    """All projects, each loaded once however many checks look at it."""
    after = None
    while True:
        roots = select(Project.id).where(Project.parent_id.is_(None)).order_by(Project.id).limit(BATCH)
        if after is not None:
            roots = roots.where(Project.id > after)
        found = (await session.scalars(roots)).all()
        if not found:
            return
        after = found[-1]
        whole = select(Project).where(Project.line_id.in_(found)).order_by(Project.code)
        projects = (await session.scalars(whole)).all()
        yield Batch(projects, await moves.history(session, [project.id for project in projects]))
        session.expunge_all()
