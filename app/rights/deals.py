"""What the caller may do with a deal."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.acts import Reason, allowed, permitted, reasons
from app.core.actor import Actor
from app.deals import separation
from app.deals.acts import ACTS, Case, DealAct
from app.deals.models import Deal, DealKind, DealStatus
from app.organizations.models import Unit
from app.projects.acts import COLUMNS, Listed
from app.projects.models import Project
from app.taskforces.models import TaskForce

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
        Deal.submitted_at,
        separation.is_separated.label("is_separated"),
        *(getattr(Project, name).label(f"project_{name}") for name in COLUMNS),
        Unit.name.label("unit_name"),
        TaskForce.name.label("task_force_name"),
        and_(Deal.status == DealStatus.draft, Deal.kind == DealKind.formal, _HAS_LIVE.exists()).label("line_has_live"),
    )
    .join(Project, Project.id == Deal.project_id)
    .outerjoin(Unit, Unit.id == Project.unit_id)
    .outerjoin(TaskForce, TaskForce.id == Project.task_force_id)
)
"""Of a deal and its project, what the refusals look at."""


async def _cases(session: AsyncSession, actor: Actor, deal_ids: Collection[UUID]) -> dict[UUID, Case]:
    facts = _FACTS.add_columns(separation.drafted_by(actor).label("has_drafted")).where(Deal.id.in_(deal_ids))
    return {row.id: _case(actor, row) for row in await session.execute(facts)}


def _case(actor: Actor, row: Any) -> Case:
    # No deal of a merged project is a draft, so no successor is named.
    project = Listed.of(row, "project_")
    names = [name for name in (row.unit_name, row.task_force_name) if name is not None]
    is_drafted, is_submitted = row.has_drafted and row.is_separated, row.submitted_at is not None
    return Case(actor, row, project, is_drafted, row.line_has_live, names, row.has_drafted, is_submitted)


async def may(session: AsyncSession, actor: Actor, deal_id: UUID) -> dict[DealAct, Reason | None]:
    """Returns for each act on a deal that the actor sees why it is not open, None where it is."""
    cases = await _cases(session, actor, [deal_id])
    return reasons(actor, ACTS, cases[deal_id])


async def of_page(session: AsyncSession, actor: Actor, deal_ids: Collection[UUID]) -> dict[UUID, list[DealAct]]:
    """Returns for each deal of a page, all of which the actor sees, its open acts, in one statement."""
    if not deal_ids:
        return {}
    acts = permitted(actor, ACTS)
    cases = await _cases(session, actor, deal_ids)
    return {deal_id: allowed(acts, case) for deal_id, case in cases.items()}
