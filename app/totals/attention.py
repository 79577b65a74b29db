"""What needs attention today: overdue projects, gaps in the five ones, leads, drafts and milestones.

Each number is counted under the conditions of the list that its address leads to. They are of today: the days on which
something is due are not kept for earlier moments.
"""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, scope_of
from app.core.refs import Ref
from app.deals.models import Deal, DealStatus
from app.five_ones import milestones
from app.five_ones import service as five_ones
from app.five_ones.schemas import GapFilter, GapKind, MilestoneQuery, MilestoneState
from app.leads import service as leads
from app.leads.models import Lead
from app.leads.schemas import LeadWait
from app.organizations import service as organizations
from app.projects import service as projects
from app.projects.models import Project
from app.projects.stages import pipeline
from app.totals import groups
from app.totals.attention_schemas import (
    Attention,
    AttentionQuery,
    DraftDeals,
    FiveOnesGaps,
    OpenCount,
    OpenMilestones,
    OverdueProjects,
    OverdueStage,
    WaitingLeads,
    Worst,
)


class _Asked:
    """Who asks for what, and the day."""

    def __init__(self, actor: Actor, query: AttentionQuery, today: date) -> None:
        self.actor, self.query, self.today = actor, query, today

    def url(self, path: str, **changes: str) -> str:
        """Returns the address of a list, of the same unit and task force."""
        asked = self.query.model_dump(mode="json", exclude_none=True)
        return f"/api/v1/{path}?" + urlencode({**asked, **changes})

    def place(self, model: Any) -> list[ColumnElement[bool]]:
        """Returns the conditions on the unit and the task force of a record."""
        conditions = []
        if self.query.unit_id is not None:
            conditions.append(model.unit_id.in_(organizations.subtree(self.query.unit_id, self.today)))
        if self.query.task_force_id is not None:
            conditions.append(model.task_force_id == self.query.task_force_id)
        return conditions


async def attention(session: AsyncSession, actor: Actor, query: AttentionQuery) -> Attention:
    """Returns what needs attention today, each number with the address of its rows."""
    asked = _Asked(actor, query, await clock.today(session))
    overdue, gaps = await _projects(session, asked)
    return Attention(
        today=asked.today,
        scope=scope_of(actor),
        overdue=overdue,
        five_ones=gaps,
        leads=await _leads(session, asked),
        deals=await _deals(session, asked),
        milestones=await _milestones(session, asked),
    )


async def _projects(session: AsyncSession, asked: _Asked) -> tuple[OverdueProjects, FiveOnesGaps]:
    """Returns the overdue projects and the gaps, in one scan: every overdue leaf is a gap too."""
    table = await pipeline(session)
    filters = GapFilter(unit_id=asked.query.unit_id, task_force_id=asked.query.task_force_id)
    kinds = five_ones.gap_kinds(asked.today, table)
    leaves = select(Project.stage, *(condition.label(kind.value) for kind, condition in kinds.items())).where(
        *five_ones.in_gaps(asked.actor, filters, asked.today, table)
    )
    rows = leaves.subquery("gaps")
    numbers = [groups.number(rows.c[kind.value], kind.value) for kind in GapKind]
    found = (
        await session.execute(select(rows.c.stage, func.count().label("n"), *numbers).group_by(rows.c.stage))
    ).all()
    late_in = {row.stage: row.is_late for row in found}
    by_stage = [
        OverdueStage(
            stage=stage.code,
            name_zh=stage.name_zh,
            name_en=stage.name_en,
            count=late_in[stage.code],
            rows_url=asked.url("projects", is_overdue="true", stage=stage.code),
        )
        for stage in table.stages
        if late_in.get(stage.code)
    ]
    overdue = OverdueProjects(
        count=sum(late_in.values()),
        rows_url=asked.url("projects", is_overdue="true"),
        by_stage=by_stage,
        worst=await _worst(session, asked) if by_stage else None,
    )
    of_kinds = {
        kind.value: OpenCount(
            count=sum(getattr(row, kind.value) for row in found),
            rows_url=asked.url("five-ones/gaps", kind=kind.value),
        )
        for kind in GapKind
    }
    gaps = FiveOnesGaps(count=sum(row.n for row in found), rows_url=asked.url("five-ones/gaps"), **of_kinds)
    return overdue, gaps


async def _worst(session: AsyncSession, asked: _Asked) -> Worst:
    columns = [Project.id, Project.code, Project.name, Project.short_name, Project.due_on]
    row = (
        await session.execute(
            select(*columns)
            .where(projects.scope(asked.actor), projects.is_overdue(asked.today), *asked.place(Project))
            .order_by(Project.due_on, Project.id)
            .limit(1)
        )
    ).one()
    project = Ref(id=row.id, code=row.code, name=row.name, name_en=None, short_name=row.short_name)
    return Worst(project=project, due_on=row.due_on, days=(asked.today - row.due_on).days)


async def _leads(session: AsyncSession, asked: _Asked) -> WaitingLeads:
    numbers = [
        groups.number(leads.waits_for(LeadWait.answer), "unanswered"),
        groups.number(leads.waits_for(LeadWait.assessment), "unassessed"),
        groups.number(leads.is_overdue(asked.today), "overdue"),
    ]
    row = (await session.execute(select(*numbers).where(leads.scope(asked.actor), *asked.place(Lead)))).one()
    return WaitingLeads(
        unanswered=OpenCount(count=row.unanswered, rows_url=asked.url("leads", waits_for=LeadWait.answer)),
        unassessed=OpenCount(count=row.unassessed, rows_url=asked.url("leads", waits_for=LeadWait.assessment)),
        overdue=OpenCount(count=row.overdue, rows_url=asked.url("leads", is_overdue="true")),
    )


async def _deals(session: AsyncSession, asked: _Asked) -> DraftDeals:
    row = (
        await session.execute(
            select(
                func.count().label("n"),
                groups.total(Deal.agreed_amount, "amount"),
                groups.number(Deal.agreed_amount.is_(None), "without"),
            )
            .select_from(Deal)
            .join(Project, Project.id == Deal.project_id)
            .where(projects.scope(asked.actor), Deal.status == DealStatus.draft, *asked.place(Project))
        )
    ).one()
    return DraftDeals(
        count=row.n,
        amount=row.amount,
        without_amount=row.without,
        rows_url=asked.url("deals", status=DealStatus.draft),
    )


async def _milestones(session: AsyncSession, asked: _Asked) -> OpenMilestones:
    query = MilestoneQuery(unit_id=asked.query.unit_id, task_force_id=asked.query.task_force_id)
    states = {
        MilestoneState.overdue: milestones.is_overdue(asked.today),
        MilestoneState.due: milestones.is_due(asked.today),
    }
    numbers = [groups.number(condition, state.value) for state, condition in states.items()]
    statement = milestones.of_projects(select(*numbers)).where(
        *milestones.conditions(asked.actor, query, asked.today),
        milestones.due_on() <= asked.today + milestones.SOON,
    )
    row = (await session.execute(statement)).one()
    return OpenMilestones(
        overdue=OpenCount(count=row.overdue, rows_url=asked.url("milestones", state=MilestoneState.overdue)),
        due_in_14=OpenCount(count=row.due, rows_url=asked.url("milestones", state=MilestoneState.due)),
    )
