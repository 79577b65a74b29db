"""What is kept on a project against what it is kept from: moves, deals, follow-ups, limits, amounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding, lines
from app.deals.models import Deal, DealKind, DealStatus
from app.five_ones import due
from app.five_ones.models import LeaderAssignment, Team
from app.pipeline.moving import needs_deal, positions, standing
from app.projects import moves
from app.projects.amounts import AmountKind, ProjectAmount
from app.projects.models import Project, Status
from app.projects.stages import Pipeline, pipeline


async def stages_against_moves(session: AsyncSession) -> list[Finding]:
    """Stage, status and landing of every leaf are what its moves add up to; a parent shows its furthest leaf."""
    table = await pipeline(session)
    found = []
    async for projects in lines(session):
        history = await moves.history(session, [project.id for project in projects])
        for project in projects:
            if project.is_parent:
                found += _parent(project, projects, table)
                continue
            wanted = standing(history[project.id], positions(table))
            have = (project.stage, project.stage_since, project.status, project.landed_on)
            want = (wanted.stage, wanted.stage_since, wanted.status, wanted.entries.get("landed"))
            if have != want:
                what = f"has {_plain(have)}, its moves say {_plain(want)}"
                found.append(Finding("stage", f"project {project.code}", what))
    return found


def _parent(parent: Project, line: Sequence[Project], table: Pipeline) -> list[Finding]:
    leaves = [leaf for leaf in line if leaf.parent_id == parent.id and leaf.status in (Status.active, Status.paused)]
    furthest = max((table.stage(leaf.stage).position for leaf in leaves), default=None)
    if furthest is None or table.stage(parent.stage).position == furthest:
        return []
    return [Finding("parent_stage", f"project {parent.code}", f"shows {parent.stage}")]


def _plain(values: Sequence[object]) -> str:
    return " / ".join(str(value) for value in values)


async def deals_against_stages(session: AsyncSession) -> list[Finding]:
    """«Deal and stage»: one live formal deal from `signed` on, none on an ended project."""
    table = await pipeline(session)
    found = []
    async for projects in lines(session):
        live: dict[UUID, list[Deal]] = {}
        query = select(Deal).where(Deal.status == DealStatus.live, Deal.project_id.in_([p.id for p in projects]))
        for deal in await session.scalars(query):
            live.setdefault(deal.project_id, []).append(deal)
        for project in projects:
            own = live.get(project.id, [])
            if own and project.status in (Status.terminated, Status.merged):
                found.append(Finding("deal_and_stage", f"project {project.code}", "ended with a live deal on it"))
            line = own if project.parent_id is None else [*own, *live.get(project.parent_id, [])]
            formal = [deal for deal in line if deal.kind is DealKind.formal]
            if len(formal) > 1 or (needs_deal(project, table) and len(formal) != 1):
                what = f"at {project.stage} with {len(formal)} live formal deals on its line"
                found.append(Finding("deal_and_stage", f"project {project.code}", what))
    return found


async def days_on_record(session: AsyncSession) -> list[Finding]:
    """The last activity is the latest move, follow-up or report, and `due_on` is what the limits give."""
    found = []
    async for projects in lines(session):
        ids = [project.id for project in projects]
        latest = await due.latest_activity(session, projects, await moves.history(session, ids))
        days = await due.compute(session, ids)
        for project in projects:
            if project.last_activity_on != latest[project.id]:
                what = f"keeps {project.last_activity_on}, its records say {latest[project.id]}"
                found.append(Finding("last_activity", f"project {project.code}", what))
            if days[project.id].kept != days[project.id].right:
                what = f"keeps {days[project.id].kept}, its limits give {days[project.id].right}"
                found.append(Finding("due_on", f"project {project.code}", what))
    return found


async def one_leader_one_team(session: AsyncSession) -> list[Finding]:
    """At most one open leader and one open team a leaf, none on a parent."""
    found = []
    for model in (LeaderAssignment, Team):
        rows = await session.execute(
            select(Project.code, Project.is_parent, func.count().label("open"))
            .join(model, model.project_id == Project.id)
            .where(model.closed_on.is_(None))
            .group_by(Project.code, Project.is_parent)
            .having((func.count() > 1) | Project.is_parent)
        )
        found += [Finding(model.__tablename__, f"project {row.code}", f"{row.open} open") for row in rows]
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
