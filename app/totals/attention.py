"""What needs attention today: overdue projects, gaps in the five ones, leads, drafts and milestones.

Each number is counted under the conditions of the list that its address leads to. They are of today: the days on which
something is due are not kept for earlier moments.
"""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, refs
from app.core.actor import Actor, scope_of
from app.core.refs import Reference
from app.deals.models import Deal, DealStatus
from app.five_ones import milestones, strokes
from app.five_ones import service as five_ones
from app.five_ones.schemas import GapFilter, GapKind, MilestoneFilter, MilestoneState
from app.leads import service as leads
from app.leads.models import Lead
from app.leads.schemas import LeadWait
from app.projects import service as projects
from app.projects.models import Project
from app.projects.placed import PlacedFilter
from app.projects.stages import pipeline
from app.totals import groups
from app.totals.attention_schemas import (
    Attention,
    DraftDeals,
    FiveOnesGaps,
    OpenCount,
    OpenMilestones,
    OverdueProjects,
    OverdueStage,
    WaitingLeads,
    WorstLead,
    WorstProject,
)


class _Reading:
    """Who asks for what, and the day."""

    def __init__(self, actor: Actor, query: PlacedFilter, today: date) -> None:
        self.actor, self.query, self.today = actor, query, today

    def url(self, path: str, **changes: str) -> str:
        """Returns the address of a list, of the same unit and task force."""
        asked = self.query.model_dump(mode="json", exclude_none=True)
        return f"/api/v1/{path}?" + urlencode({**asked, **changes})

    def place(self, model: Any) -> list[ColumnElement[bool]]:
        """Returns the conditions on the unit and the task force of a record."""
        return self.query.conditions(model.unit_id, model.task_force_id, self.today)


async def attention(session: AsyncSession, actor: Actor, query: PlacedFilter) -> Attention:
    """Returns what needs attention today, each number with the address of its rows."""
    reading = _Reading(actor, query, await clock.today(session))
    overdue, gaps = await _projects(session, reading)
    return Attention(
        today=reading.today,
        scope=scope_of(actor),
        overdue=overdue,
        five_ones=gaps,
        leads=await _leads(session, reading),
        deals=await _deals(session, reading),
        milestones=await _milestones(session, reading),
    )


async def _projects(session: AsyncSession, reading: _Reading) -> tuple[OverdueProjects, FiveOnesGaps]:
    """Returns the overdue projects and the gaps, in one scan: every overdue leaf is a gap too."""
    table = await pipeline(session)
    filters = GapFilter.model_construct(**dict(reading.query))
    kinds = five_ones.gap_kinds(strokes.flags(Project, reading.today, table))
    leaves = select(Project.stage, *(condition.label(kind.value) for kind, condition in kinds.items())).where(
        *five_ones.in_gaps(reading.actor, filters, reading.today, table)
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
            rows_url=reading.url("projects", is_overdue="true", stage=stage.code),
        )
        for stage in table.stages
        if late_in.get(stage.code)
    ]
    is_overdue = (projects.scope(reading.actor), projects.is_overdue(reading.today))
    overdue = OverdueProjects(
        count=sum(late_in.values()),
        rows_url=reading.url("projects", is_overdue="true"),
        by_stage=by_stage,
        worst=WorstProject(**await _worst(session, reading, "project", Project, *is_overdue)) if by_stage else None,
    )
    of_kinds = {
        kind.value: OpenCount(
            count=sum(getattr(row, kind.value) for row in found),
            rows_url=reading.url("five-ones/gaps", kind=kind.value),
        )
        for kind in GapKind
    }
    gaps = FiveOnesGaps(count=sum(row.n for row in found), rows_url=reading.url("five-ones/gaps"), **of_kinds)
    return overdue, gaps


async def _worst(
    session: AsyncSession, reading: _Reading, field: str, model: Any, *conditions: ColumnElement[bool]
) -> dict[str, Any]:
    """Returns the fields of `Worst`, with the record under the name of `field`. There is one that is overdue."""
    records = select(model.id, model.due_on).where(*conditions, *reading.place(model))
    first = records.order_by(model.due_on, model.id).limit(1).subquery("first")
    reference = Reference(field, "id", model)
    row = refs.named((await session.execute(refs.of_page(first, [reference]))).one(), [reference])
    return {field: row[field], "due_on": row["due_on"], "days": (reading.today - row["due_on"]).days}


async def _leads(session: AsyncSession, reading: _Reading) -> WaitingLeads:
    numbers = [
        groups.number(leads.waits_for(LeadWait.answer), "unanswered"),
        groups.number(leads.waits_for(LeadWait.assessment), "unassessed"),
        groups.number(leads.is_overdue(reading.today), "overdue"),
    ]
    row = (await session.execute(select(*numbers).where(leads.scope(reading.actor), *reading.place(Lead)))).one()
    is_overdue = (leads.scope(reading.actor), leads.is_overdue(reading.today))
    return WaitingLeads(
        unanswered=OpenCount(count=row.unanswered, rows_url=reading.url("leads", waits_for=LeadWait.answer)),
        unassessed=OpenCount(count=row.unassessed, rows_url=reading.url("leads", waits_for=LeadWait.assessment)),
        overdue=OpenCount(count=row.overdue, rows_url=reading.url("leads", is_overdue="true")),
        worst=WorstLead(**await _worst(session, reading, "lead", Lead, *is_overdue)) if row.overdue else None,
    )


async def _deals(session: AsyncSession, reading: _Reading) -> DraftDeals:
    row = (
        await session.execute(
            select(
                func.count().label("n"),
                groups.total(Deal.agreed_amount, "amount"),
                groups.number(Deal.agreed_amount.is_(None), "without"),
            )
            .select_from(Deal)
            .join(Project, Project.id == Deal.project_id)
            .where(projects.scope(reading.actor), Deal.status == DealStatus.draft, *reading.place(Project))
        )
    ).one()
    return DraftDeals(
        count=row.n,
        amount=row.amount,
        without_amount=row.without,
        rows_url=reading.url("deals", status=DealStatus.draft),
    )


async def _milestones(session: AsyncSession, reading: _Reading) -> OpenMilestones:
    query = MilestoneFilter.model_construct(**dict(reading.query))
    states = {
        MilestoneState.overdue: milestones.is_overdue(reading.today),
        MilestoneState.due: milestones.is_due(reading.today),
    }
    numbers = [groups.number(condition, state.value) for state, condition in states.items()]
    statement = milestones.of_projects(select(*numbers)).where(
        *milestones.conditions(reading.actor, query, reading.today),
        milestones.due_on() <= reading.today + milestones.SOON,
    )
    row = (await session.execute(statement)).one()
    return OpenMilestones(
        overdue=OpenCount(count=row.overdue, rows_url=reading.url("milestones", state=MilestoneState.overdue)),
        due_in_14=OpenCount(count=row.due, rows_url=reading.url("milestones", state=MilestoneState.due)),
    )
