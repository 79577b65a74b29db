"""What the caller may do with a project."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden, Problem
from app.deals import separation
from app.deals.separation import Drafted
from app.leads import first_talks
from app.merging import conflicts
from app.pipeline import refusals
from app.projects import decision_rights, giver_and_taker, stages
from app.projects import refusals as of_project
from app.projects.giver_and_taker import Holder
from app.projects.models import Project
from app.projects.refusals import Judged
from app.projects.schemas import ProjectRead
from app.projects.stages import Pipeline
from app.rights.acts import Act, Reason, allowed, reasons

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


class Row(Judged, Protocol):
    """A project, or a row of a list with its columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Case:
    """A project before its acts are asked."""

    actor: Actor
    project: Row
    stages: Pipeline
    drafted: Sequence[Drafted] = ()
    """The deals of its line on which the actor may not decide."""
    is_continued: bool = False
    """Whether a phase continues it."""
    holders: Sequence[str] = ()
    """The names of its unit in charge and task force, for the sentence that says who decides."""

    @property
    def only_reports(self) -> Forbidden | None:
        """The refusal of a decision to whoever sees the project only as a member of its team."""
        if self.actor.reaches(self.project.unit_id, self.project.task_force_id):
            return None
        return decision_rights.refusal(self.holders, decision_rights.MEMBER)

    @property
    def holder(self) -> Holder:
        return Holder(self.project.unit_id, self.project.task_force_id)


def _separated(is_bound: bool) -> Forbidden | None:
    return separation.refusal() if is_bound else None


def _override(case: Case) -> Problem | None:
    return (
        case.only_reports
        or refusals.forward(case.project, case.stages)
        or case.actor.lacks(Permission.override_gates)
        or _separated(any(deal.binds(case.project) for deal in case.drafted))
    )


def _terminate(case: Case) -> Problem | None:
    return (
        case.only_reports
        or of_project.leaf_in_force(case.project)
        or _separated(any(deal.ends_with(case.project) for deal in case.drafted))
    )


def _reinstate(case: Case) -> Problem | None:
    return (
        case.only_reports
        or refusals.reinstate(case.project)
        or _separated(any(deal.returns_with(case.project) for deal in case.drafted))
    )


def _transfer(case: Case) -> Problem | None:
    return (
        case.only_reports
        or of_project.ended(case.project)
        or _separated(any(deal.moves_with(case.project) for deal in case.drafted))
    )


def _add_phase(case: Case) -> Problem | None:
    giving = None if case.actor.sees_all else giver_and_taker.giving(case.actor, case.holder)
    return giving or case.only_reports or refusals.add_phase(case.project)


def _decides(refused: Callable[[Row], Problem | None]) -> Callable[[Case], Problem | None]:
    return lambda case: case.only_reports or refused(case.project)


def _reports(refused: Callable[[Row], Problem | None]) -> Callable[[Case], Problem | None]:
    """An act open to a member of the team: the act locks the project with `reports=True`."""
    return lambda case: refused(case.project)


ACTS: Mapping[ProjectAct, Act] = {
    "edit": Act("update_project", _decides(of_project.merged)),
    "follow_up": Act("add_follow_up", _reports(of_project.leaf_in_force)),
    "add_evidence": Act("add_project_evidence", _reports(of_project.ended)),
    "add_amount": Act("add_project_amount", _decides(of_project.ended)),
    "add_contact": Act("add_project_contact", _decides(of_project.ended)),
    "appoint": Act("appoint_leader", _decides(of_project.leaf_in_force)),
    "set_team": Act("set_team", _decides(of_project.leaf_in_force)),
    "publish_plan": Act("publish_plan", _decides(of_project.leaf_in_force)),
    "report_milestone": Act("report_milestone", _reports(of_project.leaf_in_force)),
    "move": Act("move_project", lambda case: case.only_reports or refusals.forward(case.project, case.stages)),
    "move_back": Act(
        "move_project", lambda case: case.only_reports or refusals.back(case.actor, case.project, case.stages)
    ),
    "override": Act("move_project", _override),
    "correct_move": Act(
        "correct_move", lambda case: case.only_reports or refusals.correct_move(is_continued=case.is_continued)
    ),
    "pause": Act("pause_project", _decides(of_project.active_leaf)),
    "reactivate": Act("reactivate_project", _decides(refusals.reactivate)),
    "terminate": Act("terminate_project", _terminate),
    "reinstate": Act("reinstate_project", _reinstate),
    "transfer": Act("transfer_project", _transfer),
    "change_program": Act("change_project_program", _decides(of_project.active_leaf)),
    "merge": Act("merge_project", _decides(conflicts.refusal)),
    "add_phase": Act("add_project_phase", _add_phase),
    "draft_deal": Act("draft_deal", _decides(of_project.ended)),
    "dispute": Act("dispute_project_first_talk", _reports(first_talks.raised_elsewhere)),
    "rule": Act("rule_project_first_talk", _decides(first_talks.raised_elsewhere)),
}

_SEPARATED = frozenset({Permission.override_gates, Permission.terminate, Permission.correct, Permission.transfer})
"""The rights to acts that whoever drafted a deal leaves to another."""


async def _drafted(session: AsyncSession, actor: Actor, rows: Sequence[Row]) -> list[Drafted]:
    if not rows or not actor.permissions & _SEPARATED:
        return []
    lines = {row.parent_id or row.id for row in rows}
    return await separation.drafted(session, actor, Project.line_id.in_(lines))


async def _continued(session: AsyncSession, actor: Actor, rows: Sequence[Row]) -> set[UUID]:
    """Returns the ids of those projects that a phase continues."""
    parents = [row.id for row in rows if row.is_parent]
    if not parents or Permission.correct not in actor.permissions:
        return set()
    query = select(Project.parent_id).where(Project.parent_id.in_(parents), Project.continues_parent)
    return {parent_id for parent_id in await session.scalars(query) if parent_id is not None}


async def may(session: AsyncSession, actor: Actor, project: ProjectRead) -> dict[ProjectAct, Reason | None]:
    """Returns for each act on a project that the actor sees why it is not open, None where it is."""
    case = Case(
        actor,
        project,
        await stages.pipeline(session),
        await _drafted(session, actor, [project]),
        project.id in await _continued(session, actor, [project]),
        [named.name for named in (project.unit, project.task_force) if named is not None],
    )
    return reasons(actor, ACTS, case)


async def of_page(session: AsyncSession, actor: Actor, rows: Sequence[Row]) -> list[list[ProjectAct]]:
    """Returns for each row of a page, all of which the actor sees, the acts that are open: in at most three statements,
    one of which reads the stages where this transaction has not read them yet."""
    if not rows:
        return []
    table = await stages.pipeline(session)
    drafted, continued = await _drafted(session, actor, rows), await _continued(session, actor, rows)
    return [allowed(actor, ACTS, Case(actor, row, table, drafted, row.id in continued)) for row in rows]
