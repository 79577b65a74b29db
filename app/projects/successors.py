"""The successor of a merged project: the last of a chain of merges, named in the refusals of acts on the merged one."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.core.localized import Say
from app.core.records import plain
from app.projects.models import Project, Successor


class Merged(Protocol):
    @property
    def successor(self) -> Successor | None: ...


def _chain(first: ColumnElement[bool]) -> Any:
    """Returns a recursive subquery: the project where `first` holds, the project it was merged into, up to the last."""
    chain = select(Project.id, Project.merged_into_id).where(first).cte("chain", recursive=True)
    return chain.union(select(Project.id, Project.merged_into_id).join(chain, Project.id == chain.c.merged_into_id))


async def last_id(session: AsyncSession, project_id: UUID) -> UUID:
    """Returns the id of the last of the chain of merges, which is the project itself where it was not merged."""
    chain = _chain(Project.id == project_id)
    successor_id: UUID | None = await session.scalar(select(chain.c.id).where(chain.c.merged_into_id.is_(None)))
    return project_id if successor_id is None else successor_id


async def find(session: AsyncSession, project_id: UUID, in_scope: ColumnElement[bool]) -> Successor | None:
    """Returns the successor of a merged project; None where it was not merged or the successor is not in scope."""
    last = await _last(session, Project.id == project_id, in_scope)
    return None if last is None or last.id == project_id else last


async def of_lead(session: AsyncSession, lead_id: UUID, in_scope: ColumnElement[bool]) -> Successor | None:
    """Returns the project a lead became, or the successor of that project; None where it is not in scope."""
    return await _last(session, Project.lead_id == lead_id, in_scope)


async def _last(session: AsyncSession, first: ColumnElement[bool], in_scope: ColumnElement[bool]) -> Successor | None:
    chain = _chain(first)
    query = select(Project.id, Project.code, Project.name).join(chain, Project.id == chain.c.id)
    row = (await session.execute(query.where(chain.c.merged_into_id.is_(None), in_scope))).one_or_none()
    return None if row is None else Successor(row.id, row.code, row.name)


def say(successor: Successor | None) -> Say:
    """Returns the sentence that names the successor, or the bureau where the successor is out of scope."""
    if successor is None:
        return Say(
            "项目已并入其他单位的项目，请由招商局办理。",
            "It was merged into a project of another unit; ask the bureau to deal with it.",
        )
    return Say(
        f"项目已并入 {successor.code}，请在那里办理。", f"It was merged into {successor.code}; deal with that one."
    )


def refusal(project: Merged, code: str) -> Conflict:
    """Returns the refusal of an act on a merged project with this error code."""
    return Conflict(say(project.successor), code=code, **problem_members(project.successor))


def problem_members(successor: Successor | None) -> dict[str, Any]:
    """Returns the member `successor` for the problem document; nothing where the successor is out of scope."""
    return {} if successor is None else {"successor": plain(successor)}
