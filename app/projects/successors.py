"""The project that a merged record is by now: found through any number of merges, and named to whoever asks for it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.core.localized import Say
from app.core.records import plain
from app.projects.models import Project, Successor


def _chain(first: ColumnElement[bool]) -> Any:
    """A subquery of the project of which `first` holds, what it was merged into, and so on to the last."""
    chain = select(Project.id, Project.merged_into_id).where(first).cte("chain", recursive=True)
    return chain.union(select(Project.id, Project.merged_into_id).join(chain, Project.id == chain.c.merged_into_id))


async def last_id(session: AsyncSession, project_id: UUID) -> UUID:
    """The id of the project itself, or of the one it was merged into in the end."""
    chain = _chain(Project.id == project_id)
    found: UUID | None = await session.scalar(select(chain.c.id).where(chain.c.merged_into_id.is_(None)))
    return project_id if found is None else found


async def find(session: AsyncSession, project_id: UUID, in_scope: ColumnElement[bool]) -> Successor | None:
    """What a merged project is by now. None where it was not merged, or where `in_scope` does not hold of it."""
    found = await _last(session, Project.id == project_id, in_scope)
    return None if found is None or found.id == project_id else found


async def of_lead(session: AsyncSession, lead_id: UUID, in_scope: ColumnElement[bool]) -> Successor | None:
    """The project that a lead is by now: the one it became, or what that was merged into. None out of scope."""
    return await _last(session, Project.lead_id == lead_id, in_scope)


async def _last(session: AsyncSession, first: ColumnElement[bool], in_scope: ColumnElement[bool]) -> Successor | None:
    chain = _chain(first)
    query = select(Project.id, Project.code, Project.name).join(chain, Project.id == chain.c.id)
    row = (await session.execute(query.where(chain.c.merged_into_id.is_(None), in_scope))).one_or_none()
    return None if row is None else Successor(row.id, row.code, row.name)


def say(successor: Successor | None) -> Say:
    """Where to deal with a merged record: at its successor, or through the bureau where that is out of sight."""
    if successor is None:
        return Say(
            "项目已并入其他单位的项目，请由招商局办理。",
            "It was merged into a project of another unit; ask the bureau to deal with it.",
        )
    return Say(
        f"项目已并入 {successor.code}，请在那里办理。", f"It was merged into {successor.code}; deal with that one."
    )


def refusal(project: Project, code: str) -> Conflict:
    """The refusal of a verb on a merged project that the caller holds locked, with the code of that verb."""
    return Conflict(say(project.successor), code=code, **problem_members(project.successor))


def problem_members(successor: Successor | None) -> dict[str, Any]:
    """The same for programs, as a member of the refusal; nothing where the successor is out of sight."""
    return {} if successor is None else {"successor": plain(successor)}
