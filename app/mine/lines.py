"""What the lines of a page show of their records besides the names, read for the page alone: the limit and what is left
of it, the last follow-up, amounts, and what a milestone, a lead or a draft is recognized by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, bindparam, false, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.money import Money
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.deals.models import Deal
from app.five_ones import due, milestones, strokes
from app.five_ones.models import Milestone, Plan
from app.leads import clocks
from app.leads.models import ClockCode, Lead
from app.lists import deals
from app.mine.kinds import BY_RANK, TaskKind
from app.organizations.models import Unit
from app.projects.follow_ups import FollowUp
from app.projects.models import Project
from app.projects.stages import LimitUnit, Pipeline
from app.reference import workdays
from app.webhooks.inbound.models import InboxMessage

REFERENCES = [
    Reference("project", "project_id", Project),
    Reference("lead", "lead_id", Lead),
    Reference("deal", "deal_id", Deal, lambda deal: deal.title),
    Reference("of_project", "of_project_id", Project),
    Reference("unit", "unit_id", Unit),
]
OF_LIMITS = frozenset({TaskKind.overdue, TaskKind.idle_limit, TaskKind.stage_limit})
OF_DRAFTS = frozenset({TaskKind.approval, TaskKind.returned})
_CLOCKS = {TaskKind.answer: ClockCode.answer, TaskKind.assess: ClockCode.assess}

Row = Mapping[str, Any]


def shown(page: Subquery) -> Select[*tuple[Any, ...]]:
    """Selects a page with what is stored of its records."""
    row = page.c
    last = aliased(FollowUp, name="last")
    latest = func.coalesce(_latest(FollowUp.project_id, row.project_id), _latest(FollowUp.lead_id, row.lead_id))
    return (
        select(
            *row,
            func.coalesce(Project.version, Lead.version, Deal.version).label("version"),
            func.coalesce(Project.is_illustrative, Lead.is_illustrative, Deal.is_illustrative, false()).label(
                "is_illustrative"
            ),
            Project.stage,
            func.coalesce(Project.planned_total, Lead.estimate_from, Deal.agreed_amount, type_=Money()).label("amount"),
            Lead.estimate_to.label("amount_to"),
            Lead.channel,
            Lead.answered_on,
            Milestone.name.label("milestone"),
            Milestone.planned_on,
            milestones.forecast_on().label("forecast_on"),
            Plan.number.label("plan_number"),
            FollowUp.next_step,
            last.on.label("last_on"),
            last.kind.label("last_kind"),
            last.with_investor.label("last_with_investor"),
            Deal.project_id.label("of_project_id"),
            Deal.kind.label("deal_kind"),
            Deal.agreement_no,
            Deal.signed_on,
            Deal.drafted_by,
            Deal.return_reason,
            InboxMessage.message_id.label("message_id"),
            InboxMessage.type.label("message_type"),
        )
        .select_from(page)
        .outerjoin(Project, Project.id == row.project_id)
        .outerjoin(Lead, Lead.id == row.lead_id)
        .outerjoin(Deal, Deal.id == row.deal_id)
        .outerjoin(Milestone, Milestone.id == row.id)
        .outerjoin(Plan, Plan.id == Milestone.plan_id)
        .outerjoin(FollowUp, FollowUp.id == row.id)
        .outerjoin(InboxMessage, InboxMessage.id == row.id)
        .outerjoin(last, last.id == latest)
    )


def _latest(key: Any, id: Any) -> Any:
    """Returns the id of the latest follow-up beneath a record."""
    of_record = aliased(FollowUp)
    same = getattr(of_record, key.key) == id
    return (
        select(of_record.id).where(same).order_by(of_record.on.desc(), of_record.id.desc()).limit(1).scalar_subquery()
    )


async def completed(session: AsyncSession, rows: Sequence[Row], today: date, table: Pipeline) -> Sequence[Row]:
    """Adds to rows what is computed for them: `end` and `flags` of projects, `limit` as its kind, amount and unit,
    `left` as a number and its unit, and the gates that a draft still lacks. A fixed number of statements."""
    by_kind: dict[TaskKind, set[UUID]] = {}
    for row in rows:
        by_kind.setdefault(BY_RANK[row["rank"]], set()).add(row["deal_id"] or row["lead_id"] or row["project_id"])
    projects = await _projects(session, _of(by_kind, OF_LIMITS | {TaskKind.five_ones}), today, table)
    rules = await clocks.rules(session) if by_kind.keys() & _CLOCKS.keys() else {}
    drafts = sorted(_of(by_kind, OF_DRAFTS))
    gates = await deals.gates_missing(session, drafts, today) if drafts else {}
    full = [
        {**row, "end": None, **projects.get(row["project_id"], {}), "gates_missing": gates.get(row["deal_id"])}
        for row in rows
    ]
    for row in full:
        row["limit"] = _limit(row, rules)
    has_workdays = any(row["limit"] and row["limit"]["unit"] is LimitUnit.workday for row in full)
    calendar = await workdays.calendar(session) if has_workdays else {}
    for row in full:
        row["left"] = left(row["due_on"], today, row["limit"], calendar)
    return full


def _of(by_kind: Mapping[TaskKind, set[UUID]], kinds: Iterable[TaskKind]) -> set[UUID]:
    return set().union(*(by_kind.get(kind, set()) for kind in kinds))


async def _projects(
    session: AsyncSession, project_ids: set[UUID], today: date, table: Pipeline
) -> dict[UUID, dict[str, Any]]:
    """Returns the limit that ends first and what is lacking, of these projects."""
    if not project_ids:
        return {}
    statement = _PROJECTS.get((today, table), lambda: _judged(today, table))
    found = (await session.execute(statement, {"project_ids": sorted(project_ids)})).all()
    ends = await due.limit_ends(session, found, {row.id: row.planned_on for row in found})
    return {row.id: {"end": ends[row.id], "flags": row._mapping} for row in found}


_PROJECTS: Remembered[Select[*tuple[Any, ...]]] = Remembered(10)


def _judged(today: date, table: Pipeline) -> Select[*tuple[Any, ...]]:
    """Selects the projects `project_ids` with what their limits are computed from and with what they lack."""
    columns = [*due.INPUTS, Project.unit_id, Project.parent_id, Project.continues_parent]
    are_asked = Project.id.in_(bindparam("project_ids", expanding=True))
    facts = strokes.with_facts(select(*columns).where(are_asked).subquery("page"), today)
    known, flags = strokes.judged(facts, today, table)
    return select(*known.c, *flags.columns(), due.planned_on(known.c, table).label("planned_on"))


def _limit(row: Row, rules: Mapping[ClockCode, clocks.Rule]) -> dict[str, Any] | None:
    """Returns the rule that sets the day of a task; None where a person set it, or it has none."""
    kind, end = BY_RANK[row["rank"]], row["end"]
    if kind in OF_LIMITS and end is not None:
        return {"kind": end.kind, "amount": end.amount, "unit": end.unit}
    rule = rules.get(_CLOCKS[kind]) if kind in _CLOCKS else None
    return None if rule is None else {"kind": None, "amount": rule.amount, "unit": rule.unit}


def left(
    due_on: date, today: date, limit: Mapping[str, Any] | None, calendar: workdays.Calendar
) -> tuple[int, LimitUnit]:
    """Returns how much time is left, negative where it is over, in workdays where the limit is in workdays. Over a
    weekend, when no workday has passed yet, it is told in days."""
    if limit is not None and limit["unit"] is LimitUnit.workday:
        number = workdays.between(today, due_on, calendar)
        if number or due_on == today:
            return number, LimitUnit.workday
    return (due_on - today).days, LimitUnit.day
