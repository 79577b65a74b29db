"""What the caller may do with a project."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.acts import Act, Reason, allowed, permitted, reasons
from app.core import clock
from app.core.actor import Actor, Permission
from app.deals import separation
from app.deals.separation import Drafted
from app.merging import conflicts
from app.pipeline import acts, undoing
from app.pipeline.acts import Case
from app.pipeline.undoing import Latest
from app.projects import stages
from app.projects.acts import Listed, Row, decides
from app.projects.models import Project
from app.projects.schemas import ProjectRead

ProjectAct = Literal[
    "edit",
    "follow_up",
    "add_evidence",
    "add_amount",
    "add_contact",
    "appoint",
    "set_team",
    "publish_plan",
    "report_milestone",
    "move",
    "move_back",
    "override",
    "undo",
    "correct_move",
    "pause",
    "reactivate",
    "terminate",
    "reinstate",
    "transfer",
    "change_program",
    "merge",
    "add_phase",
    "draft_deal",
    "dispute",
    "rule",
]


ACTS = cast(Mapping[ProjectAct, Act], {**acts.ACTS, "merge": Act("merge_project", decides(conflicts.refusal))})

_SEPARATED = frozenset({Permission.override_gates, Permission.terminate, Permission.correct, Permission.transfer})
"""The rights to acts that whoever drafted a deal leaves to another."""


async def _drafted(session: AsyncSession, actor: Actor, rows: Sequence[Row]) -> list[Drafted]:
    if not rows or not actor.permissions & _SEPARATED:
        return []
    return await separation.drafted_on(session, actor, sorted({row.parent_id or row.id for row in rows}))


async def _continued(session: AsyncSession, actor: Actor, rows: Sequence[Row]) -> set[UUID]:
    """Returns the ids of those projects that a phase continues."""
    parents = [row.id for row in rows if row.is_parent]
    if not parents or Permission.correct not in actor.permissions:
        return set()
    query = select(Project.parent_id).where(Project.parent_id.in_(parents), Project.continues_parent)
    return {parent_id for parent_id in await session.scalars(query) if parent_id is not None}


async def _latest(session: AsyncSession, actor: Actor, project_ids: Sequence[UUID]) -> dict[UUID, Latest]:
    if not project_ids or Permission.write not in actor.permissions:
        return {}
    return await undoing.latest(session, project_ids)


async def may(session: AsyncSession, actor: Actor, project: ProjectRead) -> dict[ProjectAct, Reason | None]:
    """Returns for each act on a project that the actor sees why it is not open, None where it is."""
    case = Case(
        actor,
        project,
        [named.name for named in (project.unit, project.task_force) if named is not None],
        stages=await stages.pipeline(session),
        drafted=await _drafted(session, actor, [project]),
        is_continued=project.id in await _continued(session, actor, [project]),
        latest=(await _latest(session, actor, [project.id])).get(project.id),
    )
    return reasons(actor, ACTS, case)


async def of_page(session: AsyncSession, actor: Actor, page: Sequence[Any]) -> list[list[ProjectAct]]:
    """Returns for each row of a page the acts that are open, with a statement more only where a row may have something
    to undo, where the actor drafted a deal of a line (`is_drafted_by_actor`), and where it has phases. The actor sees
    all of the rows; they have the columns of `acts.COLUMNS` and `updated_at`.
    """
    if not page:
        return []
    rows = [Listed.of(row) for row in page]
    acts_permitted = permitted(actor, ACTS)
    table = await stages.pipeline(session)
    since = clock.now(session) - undoing.WITHIN
    changed = [row.id for row in page if row.updated_at >= since]
    latest = await _latest(session, actor, changed)
    of_actor = [row for row, read in zip(rows, page, strict=True) if read.is_drafted_by_actor]
    drafted, continued = await _drafted(session, actor, of_actor), await _continued(session, actor, rows)
    bound = {project_id for deal in drafted for project_id in (deal.project_id, deal.line_id, deal.ended_with)}
    open_acts: dict[Hashable, list[ProjectAct]] = {}
    answers = []
    for row in rows:
        is_alone = row.id in latest or bound & {row.id, row.parent_id} - {None}
        judged = row if is_alone else _alike(actor, row)
        kind = (judged, row.id in continued)
        if kind not in open_acts:
            case = Case(
                actor,
                judged,
                stages=table,
                drafted=drafted,
                is_continued=row.id in continued,
                latest=latest.get(row.id),
            )
            open_acts[kind] = allowed(acts_permitted, case)
        answers.append(open_acts[kind])
    return answers


_ANYONE = UUID(int=0)


def _alike(actor: Actor, row: Listed) -> Listed:
    """Returns the row without what no act looks at, the same for all rows to which the same acts are open: a page has
    few kinds of rows, each judged once. Not for a row of a line with a deal that the actor drafted, nor for one whose
    latest move could be undone."""
    return replace(
        row,
        id=_ANYONE,
        code="",
        parent_id=None if row.parent_id is None else _ANYONE,
        unit_id=None if actor.sees_all else row.unit_id,
        task_force_id=None if actor.sees_all else row.task_force_id,
    )
