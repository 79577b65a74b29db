"""What the caller may do with a project."""

from collections.abc import Hashable, Mapping, Sequence
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
from app.projects.acts import Listed, decides
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


async def _drafted(session: AsyncSession, actor: Actor, rows: Sequence[Any]) -> list[Drafted]:
    if not rows or not actor.permissions & _SEPARATED:
        return []
    return await separation.drafted_on(session, actor, sorted({row.parent_id or row.id for row in rows}))


async def _continued(session: AsyncSession, actor: Actor, rows: Sequence[Any]) -> set[UUID]:
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
    acts_permitted = permitted(actor, ACTS)
    table = await stages.pipeline(session)
    since = clock.now(session) - undoing.WITHIN
    latest = await _latest(session, actor, [row.id for row in page if row.updated_at >= since])
    changed = [Listed.of(row) for row in page if row.id in latest]
    undoable = {row.id for row in changed if undoing.refusal(actor, row, latest[row.id]) is None}
    of_actor = [row for row in page if row.is_drafted_by_actor]
    drafted, continued = await _drafted(session, actor, of_actor), await _continued(session, actor, page)
    bound = {project_id for deal in drafted for project_id in (deal.project_id, deal.line_id, deal.ended_with)}
    bound |= undoable
    open_acts: dict[Hashable, list[ProjectAct]] = {}
    answers = []
    for row in page:
        is_alone = row.id in bound or (row.parent_id is not None and row.parent_id in bound)
        kind = row.id if is_alone else _kind(actor, row, row.id in continued)
        if kind not in open_acts:
            case = Case(
                actor,
                Listed.of(row),
                stages=table,
                drafted=drafted,
                is_continued=row.id in continued,
                latest=latest[row.id] if row.id in undoable else None,
            )
            open_acts[kind] = allowed(acts_permitted, case)
        answers.append(open_acts[kind])
    return answers


def _kind(actor: Actor, row: Any, is_continued: bool) -> Hashable:
    """Returns what the acts look at, the same for all rows to which the same acts are open: a page has few kinds of
    rows, each judged once. Not for a row of a line with a deal that the actor drafted, nor for one whose latest act the
    actor may undo."""
    place = None if actor.sees_all else (row.unit_id, row.task_force_id)
    return row.status, row.is_parent, row.parent_id is None, row.program, row.stage, place, is_continued
