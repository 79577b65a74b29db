"""Checks the derived columns of projects against moves, placements, deals, follow-ups, limits and amounts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Batch, Finding
from app.core.localized import Say
from app.five_ones import due
from app.five_ones.models import LeaderAssignment, Team
from app.pipeline import deal_and_stage
from app.projects import moves, placements
from app.projects.amounts import AmountKind, ProjectAmount
from app.projects.models import Project, ProjectPlacement, Status
from app.projects.stages import LANDED, Pipeline, pipeline


async def stages_against_moves(session: AsyncSession, batch: Batch) -> list[Finding]:
    """Checks that stage, status and landing of every leaf follow from its moves, and a parent's from its leaves."""
    table = await pipeline(session)
    findings = []
    history = batch.history
    for project in batch.projects:
        if project.is_parent:
            findings += _check_parent(project, batch.phases.get(project.id, []), history[project.id], table)
            continue
        wanted = moves.state_of(history[project.id], table.positions)
        have = (project.stage, project.stage_since, project.status, project.landed_on)
        want = (wanted.stage, wanted.stage_since, wanted.status, wanted.entries.get(LANDED))
        if have != want:
            say = Say(
                f"现为 {_plain(have)}，按其移动应为 {_plain(want)}",
                f"has {_plain(have)}, its moves say {_plain(want)}",
            )
            findings.append(Finding("stage", f"project {project.code}", say))
    return findings


def _check_parent(
    parent: Project, phases: Sequence[Project], history: Sequence[moves.Move], table: Pipeline
) -> list[Finding]:
    """Checks that a parent has the stage of its furthest leaf, is not paused, and has its landing unless a phase
    continues it."""
    leaves = [leaf for leaf in phases if leaf.status in (Status.active, Status.paused)]
    furthest = max((table.stage(leaf.stage).position for leaf in leaves), default=table.stage(parent.stage).position)
    is_continued = any(phase.continues_parent for phase in phases)
    landed_on = None if is_continued else moves.entries(history, table.positions).get(LANDED)
    have = (table.stage(parent.stage).position, parent.status is Status.paused, parent.landed_on)
    if have == (furthest, False, landed_on):
        return []
    say = Say(
        f"显示为 {parent.stage}、{parent.status}、落地 {parent.landed_on}，与其各期不符",
        f"shows {parent.stage}, {parent.status}, landed {parent.landed_on}; its phases say otherwise",
    )
    return [Finding("parent_stage", f"project {parent.code}", say)]


def _plain(values: Sequence[object]) -> str:
    return " / ".join(str(value) for value in values)


async def deals_against_stages(session: AsyncSession, batch: Batch) -> list[Finding]:
    """Checks «Deal and stage» on every line."""
    return [
        Finding("deal_and_stage", f"project {project.code}", say)
        for project, say in await deal_and_stage.breaches(session, batch.projects, batch.history)
    ]


async def places(session: AsyncSession, batch: Batch) -> list[Finding]:
    """Checks that unit in charge, task force and program are those of the last placement, and that the placements are
    consistent."""
    findings = []
    projects = batch.projects
    rows: dict[UUID, list[Any]] = {}
    columns = ProjectPlacement.__table__.c  # not entities, which cost twice as much
    for row in await session.execute(select(*columns).where(columns.project_id.in_([p.id for p in projects]))):
        rows.setdefault(row.project_id, []).append(row)
    for project in projects:
        placement_rows = rows.get(project.id, [])
        if placement_rows and not placements.are_consistent(placement_rows):
            say = Say(
                "某日的记载既非当日所定，也不承前", "a dated row keeps neither what its day states nor what goes on"
            )
            findings.append(Finding("place", f"project {project.code}", say))
        elif not placement_rows or placements.series_from(placement_rows).now != placements.of(project):
            say = Say("承接单位、专班或类别与其最近一次记载不符", "counts elsewhere than its last dated row says")
            findings.append(Finding("place", f"project {project.code}", say))
    return findings


async def days_on_record(session: AsyncSession, batch: Batch) -> list[Finding]:
    """Checks that a leaf's last activity is its latest move, follow-up or report, and that `due_on` follows from the
    limits."""
    findings = []
    projects = batch.projects
    ids = [project.id for project in projects]
    latest = await due.latest_activity(session, projects, batch.history)
    days = await due.compute(session, ids)
    for project in projects:
        if not project.is_parent and project.last_activity_on != latest[project.id]:
            say = _differs(project.last_activity_on, latest[project.id])
            findings.append(Finding("last_activity", f"project {project.code}", say))
        if days[project.id].stored != days[project.id].correct:
            say = _differs(days[project.id].stored, days[project.id].correct)
            findings.append(Finding("due_on", f"project {project.code}", say))
    return findings


def _differs(stored: object, computed: object) -> Say:
    return Say(f"记为 {stored}，重算为 {computed}", f"keeps {stored}, recomputed {computed}")


async def one_leader_one_team(session: AsyncSession) -> list[Finding]:
    """Checks that a leaf has at most one open leader and one open team, and a parent has none."""
    findings = []
    for model in (LeaderAssignment, Team):
        rows = await session.execute(
            select(Project.code, Project.is_parent, func.count().label("open"))
            .join(model, model.project_id == Project.id)
            .where(model.closed_on.is_(None))
            .group_by(Project.code, Project.is_parent)
            .having((func.count() > 1) | Project.is_parent)
        )
        for row in rows:
            say = Say(f"{row.open} 个未结束", f"{row.open} open")
            findings.append(Finding(model.__tablename__, f"project {row.code}", say))
    return findings


async def kept_amounts(session: AsyncSession) -> list[Finding]:
    """Checks that a project's `planned_total` is its latest version."""
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
    return [Finding("planned_total", f"project {row.code}", _differs(row.planned_total, row.value)) for row in rows]
