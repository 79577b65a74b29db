"""`five-ones check`: every invariant recomputed from the rows, each finding naming the row that breaks it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Base, Versioned
from app.deals import ledger
from app.deals.models import Deal, DealFact, DealKind, DealStatus, LedgerEntry
from app.events.models import Event
from app.events.service import subject_name
from app.five_ones.models import LeaderAssignment, Team
from app.pipeline.moving import needs_deal, positions, standing
from app.projects import moves
from app.projects.amounts import AmountKind, ProjectAmount
from app.projects.models import Project, Status
from app.projects.stages import pipeline
from app.tables import metadata


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and with which row."""

    rule: str
    row: str
    what: str


Check = Callable[[AsyncSession], Awaitable[list[Finding]]]


async def versions(session: AsyncSession) -> list[Finding]:
    """Every versioned record has exactly the events 1 … version."""
    found = []
    for mapper in Base.registry.mappers:
        kind: Any = mapper.class_
        if not issubclass(kind, Versioned):
            continue
        name = subject_name(kind)
        counted = (
            select(
                Event.subject_id,
                func.count().label("events"),
                func.min(Event.subject_version).label("first"),
                func.max(Event.subject_version).label("last"),
            )
            .where(Event.subject_type == name, Event.subject_version.is_not(None))
            .group_by(Event.subject_id)
            .subquery()
        )
        rows = await session.execute(
            select(kind.id, kind.version, counted.c.events, counted.c.first, counted.c.last).join(
                counted, counted.c.subject_id == kind.id, isouter=True
            )
        )
        for row in rows:
            if (row.events, row.first, row.last) != (row.version, 1, row.version):
                what = f"version {row.version}, events {row.first}…{row.last} ({row.events or 0})"
                found.append(Finding("versions", f"{name} {row.id}", what))
    return found


async def added_rows(session: AsyncSession) -> list[Finding]:
    """Every added row holds the id of an event that exists."""
    found = []
    for table in metadata.sorted_tables:
        if "event_id" not in table.c or "id" not in table.c:
            continue
        rows = await session.scalars(
            select(table.c.id).where(~select(Event.id).where(Event.id == table.c.event_id).exists())
        )
        found += [Finding("added_rows", f"{table.name} {row}", "no such event") for row in rows]
    return found


async def ledger_against_deals(session: AsyncSession) -> list[Finding]:
    """Each deal's facts replayed give the sums its entries have, by day and dimensions; draft deals have none."""
    facts: dict[Any, list[DealFact]] = {}
    for fact in await session.scalars(select(DealFact).order_by(DealFact.recorded_at, DealFact.id)):
        facts.setdefault(fact.deal_id, []).append(fact)
    books: dict[Any, list[ledger.Standing]] = {}
    for entry in await session.scalars(select(LedgerEntry).order_by(LedgerEntry.recorded_at, LedgerEntry.id)):
        books.setdefault(entry.deal_id, []).append(ledger.standing(entry))
    landings = await _landings(session)
    found = []
    for deal in await session.scalars(select(Deal).order_by(Deal.code)):
        rows = [ledger.as_fact(row) for row in ledger.standing_facts(facts.get(deal.id, []))]
        try:
            position, wanted = ledger.replay(rows, landings(deal))
        except ledger.LedgerRefused as refused:
            found.append(Finding("ledger", f"deal {deal.code}", refused.detail.en))
            continue
        if _sums(wanted) != _sums([entry.posting for entry in books.get(deal.id, [])]):
            found.append(Finding("ledger", f"deal {deal.code}", "its entries do not add up to its facts"))
        if deal.status is DealStatus.live and deal.kind is DealKind.formal:
            remaining = position.remaining if position else None
            if remaining != deal.agreed_amount:
                what = f"agreed {deal.agreed_amount}, the ledger has {remaining}"
                found.append(Finding("ledger", f"deal {deal.code}", what))
    return found


async def _landings(session: AsyncSession) -> Callable[[Deal], Any]:
    rows = (
        await session.execute(select(Project.id, Project.parent_id, Project.continues_parent, Project.landed_on))
    ).all()
    by_id = {row.id: row for row in rows}
    below: dict[Any, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def landed_on(deal: Deal) -> Any:
        own = by_id[deal.project_id]
        line = [own, *below.get(own.id, [])]
        if own.continues_parent:
            line.append(by_id[own.parent_id])
        return min((row.landed_on for row in line if row.landed_on is not None), default=None)

    return landed_on


def _sums(postings: Sequence[ledger.Posting]) -> dict[Any, tuple[int, Decimal, int]]:
    added: dict[Any, tuple[int, Decimal, int]] = {}
    for posting in postings:
        key = (posting.effective_on, posting.dimensions)
        count, amount, landed = added.get(key, (0, Decimal(0), 0))
        added[key] = (count + posting.count, amount + posting.amount, landed + posting.landed)
    return {key: sums for key, sums in added.items() if sums != (0, Decimal(0), 0)}


async def stages_against_moves(session: AsyncSession) -> list[Finding]:
    """Stage, status and landing of every leaf are what its moves add up to; a parent shows its furthest leaf."""
    table = await pipeline(session)
    projects = (await session.scalars(select(Project).order_by(Project.code))).all()
    history = await moves.history(session, [project.id for project in projects])
    found = []
    for project in projects:
        if project.is_parent:
            leaves = [p for p in projects if p.parent_id == project.id and p.status in (Status.active, Status.paused)]
            furthest = max((table.stage(leaf.stage).position for leaf in leaves), default=None)
            if furthest is not None and table.stage(project.stage).position != furthest:
                found.append(Finding("parent_stage", f"project {project.code}", f"shows {project.stage}"))
            continue
        wanted = standing(history[project.id], positions(table))
        have = (project.stage, project.stage_since, project.status, project.landed_on)
        want = (wanted.stage, wanted.stage_since, wanted.status, wanted.entries.get("landed"))
        if have != want:
            what = f"has {_plain(have)}, its moves say {_plain(want)}"
            found.append(Finding("stage", f"project {project.code}", what))
    return found


def _plain(values: Sequence[object]) -> str:
    return " / ".join(str(value) for value in values)


async def deals_against_stages(session: AsyncSession) -> list[Finding]:
    """«Deal and stage»: one live formal deal from `signed` on, none on an ended project."""
    table = await pipeline(session)
    live: dict[Any, list[Deal]] = {}
    for deal in await session.scalars(select(Deal).where(Deal.status == DealStatus.live)):
        live.setdefault(deal.project_id, []).append(deal)
    found = []
    for project in await session.scalars(select(Project).order_by(Project.code)):
        own = live.get(project.id, [])
        if own and project.status in (Status.terminated, Status.merged):
            found.append(Finding("deal_and_stage", f"project {project.code}", "ended with a live deal on it"))
        line = own if project.parent_id is None else [*own, *live.get(project.parent_id, [])]
        formal = [deal for deal in line if deal.kind is DealKind.formal]
        if len(formal) > 1 or (needs_deal(project, table) and len(formal) != 1):
            what = f"at {project.stage} with {len(formal)} live formal deals on its line"
            found.append(Finding("deal_and_stage", f"project {project.code}", what))
        for deal in own:
            found += await _place(session, deal, project)
    return found


async def _place(session: AsyncSession, deal: Deal, project: Project) -> list[Finding]:
    if deal.kind is not DealKind.formal:
        return []
    facts = [ledger.as_fact(row) for row in ledger.standing_facts(await ledger.facts_of(session, deal.id))]
    position, _ = ledger.replay(facts, None)
    if position is None:
        return [Finding("deal_and_stage", f"deal {deal.code}", "live without a signing")]
    here = position.dimensions
    if (here.unit_id, here.task_force_id) != (project.unit_id, project.task_force_id):
        return [Finding("deal_and_stage", f"deal {deal.code}", f"counts elsewhere than project {project.code}")]
    return []


async def one_leader_one_team(session: AsyncSession) -> list[Finding]:
    """At most one open leader and one open team a leaf, none on a parent."""
    found = []
    for model in (LeaderAssignment, Team):
        rows = await session.execute(
            select(Project.code, Project.is_parent, func.count().label("open"))
            .join(model, model.project_id == Project.id)
            .where(model.closed_on.is_(None))
            .group_by(Project.code, Project.is_parent)
        )
        for row in rows:
            if row.open > 1 or row.is_parent:
                found.append(Finding(model.__tablename__, f"project {row.code}", f"{row.open} open"))
    return found


async def kept_amounts(session: AsyncSession) -> list[Finding]:
    """A project's `planned_total` is its latest version."""
    rank = func.row_number().over(
        partition_by=ProjectAmount.project_id,
        order_by=(
            ProjectAmount.effective_on.desc(),
            ProjectAmount.recorded_at.desc(),
            ProjectAmount.id.desc(),
        ),
    )
    ranked = (
        select(ProjectAmount.project_id, ProjectAmount.value, rank.label("rank"))
        .where(ProjectAmount.kind == AmountKind.planned_total)
        .subquery()
    )
    rows = await session.execute(
        select(Project.code, Project.planned_total, ranked.c.value)
        .join(ranked, (ranked.c.project_id == Project.id) & (ranked.c.rank == 1), isouter=True)
        .where(func.coalesce(Project.planned_total, -1) != func.coalesce(ranked.c.value, -1))
    )
    return [
        Finding("planned_total", f"project {row.code}", f"keeps {row.planned_total}, latest version {row.value}")
        for row in rows
    ]


_NOT_COUNTABLE = frozenset({"knowledge_head", "follow_ups", "milestone_reports"})
"""Rows with a moment of recording that no total depends on: they take no turn in the order of knowledge."""


async def head_of_knowledge(session: AsyncSession) -> list[Finding]:
    """No countable fact was recorded after the head."""
    found = []
    for table in metadata.sorted_tables:
        if "recorded_at" not in table.c or table.name in _NOT_COUNTABLE:
            continue
        late = await session.scalar(
            select(func.count()).where(
                table.c.recorded_at > select(text("recorded_at")).select_from(text("knowledge_head")).scalar_subquery()
            )
        )
        if late:
            found.append(Finding("knowledge", table.name, f"{late} rows after the head"))
    return found


CHECKS: tuple[Check, ...] = (
    versions,
    added_rows,
    ledger_against_deals,
    stages_against_moves,
    deals_against_stages,
    one_leader_one_team,
    kept_amounts,
    head_of_knowledge,
)


async def run(session: AsyncSession) -> list[Finding]:
    """All checks on one snapshot."""
    findings: list[Finding] = []
    for check in CHECKS:
        findings += await check(session)
    return findings
