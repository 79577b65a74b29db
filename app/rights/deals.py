"""What the caller may do with a deal."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden, Problem
from app.deals import refusals, separation
from app.deals.models import Deal, DealKind, DealStatus
from app.organizations.models import Unit
from app.projects import decision_rights
from app.projects import refusals as of_project
from app.projects.models import Project, Status, Successor
from app.rights.acts import Act, Reason, allowed, reasons
from app.taskforces.models import TaskForce

DealAct = Literal["edit", "discard", "approve", "amend", "terminate", "correct"]

_OTHER, _LEAF = aliased(Deal), aliased(Project)
_ON_ITS_LINE = select(_LEAF.id).where(
    _LEAF.line_id == Project.line_id, or_(Project.is_parent, _LEAF.id == Project.id, _LEAF.id == Project.line_id)
)
_HAS_LIVE = select(_OTHER.id).where(
    _OTHER.status == DealStatus.live,
    _OTHER.kind == DealKind.formal,
    _OTHER.project_id.in_(_ON_ITS_LINE.correlate(Project)),
)
_FACTS = (
    select(
        Deal.id,
        Deal.kind,
        Deal.status,
        Project.status.label("project_status"),
        Project.is_parent,
        Project.parent_id,
        Project.program,
        Project.stage,
        Project.unit_id,
        Project.task_force_id,
        Unit.name.label("unit_name"),
        TaskForce.name.label("task_force_name"),
        and_(Deal.status == DealStatus.draft, Deal.kind == DealKind.formal, _HAS_LIVE.exists()).label("line_has_live"),
    )
    .join(Project, Project.id == Deal.project_id)
    .outerjoin(Unit, Unit.id == Project.unit_id)
    .outerjoin(TaskForce, TaskForce.id == Project.task_force_id)
)
"""Of a deal and its project, what the refusals look at."""


@dataclass(frozen=True, slots=True)
class _Project:
    """The project of a deal, as its refusals look at it. A merged one has handed its drafts over."""

    status: Status
    is_parent: bool
    parent_id: UUID | None
    program: Any
    stage: str
    unit_id: UUID | None
    task_force_id: UUID | None
    successor: Successor | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A deal before its acts are asked."""

    actor: Actor
    deal: Any
    """A row of `_FACTS`."""
    is_drafted: bool
    """Whether the actor drafted it, while the office separates duties."""

    @property
    def project(self) -> _Project:
        row = self.deal
        return _Project(
            row.project_status,
            row.is_parent,
            row.parent_id,
            row.program,
            row.stage,
            row.unit_id,
            row.task_force_id,
        )

    @property
    def only_reports(self) -> Forbidden | None:
        """The refusal of a decision to whoever sees the project only as a member of its team."""
        if self.actor.reaches(self.deal.unit_id, self.deal.task_force_id):
            return None
        names = [name for name in (self.deal.unit_name, self.deal.task_force_name) if name is not None]
        return decision_rights.refusal(names, decision_rights.MEMBER)

    @property
    def separated(self) -> Forbidden | None:
        return separation.refusal() if self.is_drafted else None


def _approve(case: Case) -> Problem | None:
    return (
        case.only_reports
        or refusals.not_a_draft(case.deal)
        or of_project.ended(case.project)
        or case.separated
        or refusals.second(line_has_live=case.deal.line_has_live)
    )


def _decides(refused: Callable[[Any], Problem | None], *, separated: bool = False) -> Callable[[Case], Problem | None]:
    return lambda case: case.only_reports or refused(case.deal) or (case.separated if separated else None)


ACTS: Mapping[DealAct, Act] = {
    "edit": Act("update_deal", _decides(refusals.not_a_draft)),
    "discard": Act("discard_deal", _decides(refusals.not_a_draft)),
    "approve": Act("approve_deal", _approve),
    "amend": Act("amend_deal", _decides(refusals.not_live_formal, separated=True)),
    "terminate": Act("terminate_deal", _decides(refusals.not_live, separated=True)),
    "correct": Act("correct_deal", _decides(refusals.not_correctable, separated=True)),
}

_SEPARATED = frozenset({Permission.approve_deals, Permission.terminate, Permission.correct})
"""The rights to acts that whoever drafted a deal leaves to another."""


async def _cases(session: AsyncSession, actor: Actor, deal_ids: Collection[UUID]) -> dict[UUID, Case]:
    rows = (await session.execute(_FACTS.where(Deal.id.in_(deal_ids) if deal_ids else false()))).all()
    drafted: set[UUID] = set()
    if actor.permissions & _SEPARATED:
        drafted = {deal.deal_id for deal in await separation.drafted(session, actor, Deal.id.in_(deal_ids))}
    return {row.id: Case(actor, row, row.id in drafted) for row in rows}


async def may(session: AsyncSession, actor: Actor, deal_id: UUID) -> dict[DealAct, Reason | None]:
    """Returns for each act on a deal that the actor sees why it is not open, None where it is."""
    cases = await _cases(session, actor, [deal_id])
    return reasons(actor, ACTS, cases[deal_id])


async def of_page(session: AsyncSession, actor: Actor, deal_ids: Collection[UUID]) -> dict[UUID, list[DealAct]]:
    """Returns for each deal of a page, all of which the actor sees, its open acts, in two statements at most."""
    cases = await _cases(session, actor, deal_ids)
    return {deal_id: allowed(actor, ACTS, case) for deal_id, case in cases.items()}
