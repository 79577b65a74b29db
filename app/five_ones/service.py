"""The five ones of a project together, the list of gaps, and the projects of an official."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, dated, paging
from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.localized import Say
from app.core.records import one
from app.core.refs import Reference
from app.five_ones import assignments, continuity, plans, strokes
from app.five_ones.continuity import Span
from app.five_ones.models import LeaderAssignment, Stroke, StrokeState, Team
from app.five_ones.schemas import (
    Continuity,
    FiveOne,
    FiveOnesRead,
    GapFilter,
    GapKind,
    GapQuery,
    GapRow,
    LeaderRead,
    OfficialProject,
    PlanRead,
    TeamRead,
)
from app.organizations import service as organizations
from app.organizations.models import Official, Post, Unit
from app.projects import moves
from app.projects import service as projects
from app.projects.members import MemberRole, ProjectMember
from app.projects.models import Project, Status
from app.projects.stages import Pipeline, pipeline

OFFICIAL = organizations.OFFICIAL
_UNIT = Reference("unit", "unit_id", Unit)
_GAP_REFERENCES = [_UNIT, Reference("leader", "leader_id", Official)]


async def _leader_spans(session: AsyncSession, project_ids: list[UUID]) -> list[Span]:
    """Returns the spans in which an assignment was open and its official held a post."""
    rows = await session.execute(
        select(
            LeaderAssignment.opened_on,
            LeaderAssignment.closed_on,
            Post.started_on,
            Post.ended_on,
        )
        .join(Post, Post.official_id == LeaderAssignment.official_id)
        .where(LeaderAssignment.project_id.in_(project_ids))
    )
    spans = []
    for row in rows:
        start = max(row.opened_on, row.started_on)
        ends = [day for day in (row.closed_on, row.ended_on) if day is not None]
        end = min(ends, default=None)
        if end is None or start <= end:
            spans.append(Span(start, end))
    return spans


async def _continuity(session: AsyncSession, project: Project, today: date) -> Continuity:
    ids = project.own_ids
    history = await moves.history_of(session, project.id)
    table = await pipeline(session)
    position = table.positions
    entries = moves.entries(history, position)
    teams = await session.execute(select(Team.opened_on, Team.closed_on).where(Team.project_id.in_(ids)))
    entered_on = history[0].happened_on if history else project.stage_since
    return continuity.measure(
        continuity.due_from(project.program, entries, position),
        continuity.ended_on(history, entries),
        today,
        continuity.paused_spans(history),
        await _leader_spans(session, ids),
        [Span(row.opened_on, row.closed_on) for row in teams],
        entered_on=entered_on,
    )


def _one(stroke: Stroke, missing: Say | None, *, is_there: bool = False) -> FiveOne:
    """Returns one of the five. `is_there`: it exists, and what is missing interrupts it."""
    broken = StrokeState.interrupted if is_there else StrokeState.missing
    return FiveOne(
        code=stroke,
        zh=stroke.say.zh,
        en=stroke.say.en,
        state=StrokeState.complete if missing is None else broken,
        is_complete=missing is None,
        missing_zh=missing.zh if missing else None,
        missing_en=missing.en if missing else None,
    )


def _missing_unit(project: Project) -> Say | None:
    if project.is_parent:
        return Say("项目已分期，五个一落实到各期", "it has phases; the five ones belong to its leaves")
    return None if project.unit_id else Say("缺承接单位", "no unit in charge")


def _missing_leader(leader: LeaderRead | None) -> Say | None:
    if leader is None:
        return Say("缺包保领导", "no leader")
    return None if leader.is_in_post else Say("包保领导已离任", "the leader's post has ended")


def _missing_team(team: TeamRead | None) -> Say | None:
    return Say("缺工作班子", "no team") if team is None else None


def _missing_plan(plan: PlanRead | None) -> Say | None:
    return Say("缺推进方案", "no plan") if plan is None else None


def _missing_follow_through(continuity_read: Continuity, today: date, is_late: bool) -> Say | None:
    """Returns what interrupts it today; gaps that are closed stand in the continuity alone."""
    missing_zh, missing_en = [], []
    if days := continuity.days_of_open_gap(continuity_read, today):
        missing_zh.append(f"责任断档 {days} 天")
        missing_en.append(f"{days} days without leader or team")
    if continuity_read.is_leader_late:
        missing_zh.append("入库 7 天仍无包保领导")
        missing_en.append("no leader 7 days after entry")
    if is_late:
        missing_zh.append("跟进超期")
        missing_en.append("follow-up overdue")
    return Say("、".join(missing_zh), ", ".join(missing_en)) if missing_zh else None


async def get(session: AsyncSession, actor: Actor, project_id: UUID) -> FiveOnesRead:
    """Returns each of the five, complete or with what is missing, and continuity with its gaps."""
    project = await one(
        session, select(Project).where(Project.id == project_id, projects.scope(actor)), projects.PROJECT
    )
    today = await clock.today(session)
    leader = await assignments.leader_of(session, project_id)
    team = await assignments.team_of(session, project_id)
    versions = await plans.versions(session, project_id)
    plan = versions[0] if versions else None
    continuity_read = await _continuity(session, project, today)
    is_late = project.due_on is not None and project.due_on < today and project.status is Status.active
    table = await pipeline(session)
    ones = [
        _one(Stroke.project, _missing_unit(project)),
        _one(Stroke.leader, _missing_leader(leader), is_there=leader is not None),
        _one(Stroke.team, _missing_team(team)),
        _one(Stroke.plan, _missing_plan(plan)),
        _one(Stroke.followed_through, _missing_follow_through(continuity_read, today, is_late), is_there=True),
    ]
    return FiveOnesRead(
        project_id=project_id,
        version=project.version,
        is_complete=all(single.is_complete for single in ones),
        ones=ones,
        leader=leader,
        team=team,
        plan=plan,
        plan_dates=plans.plan_dates(versions, [stage.code for stage in table.stages]),
        continuity=continuity_read,
        late_on=project.due_on if is_late else None,
    )


def in_gaps(actor: Actor, query: GapFilter, today: date, table: Pipeline) -> list[ColumnElement[bool]]:
    """Returns the conditions on Project of the list of gaps."""
    flags = strokes.flags(Project, today, table)
    conditions = [
        projects.scope(actor),
        is_gap(flags, table),
        *query.conditions(Project.unit_id, Project.task_force_id, today),
    ]
    if query.ids is not None:
        conditions.append(Project.id.in_(list(query.ids)))
    if query.leader_id is not None:
        conditions.append(exists(strokes.leader(Project).where(LeaderAssignment.official_id == query.leader_id)))
    if query.kind is not None:
        kinds = gap_kinds(flags)
        conditions.append(or_(*(kinds[kind] for kind in query.kind)))
    return conditions


def is_gap(flags: strokes.Flags, table: Pipeline) -> ColumnElement[bool]:
    """Returns the condition on Project that it is an active or paused leaf that lacks what is due by now, or is
    overdue."""
    is_wanting = or_(strokes.is_lacking(Project, flags, table), flags.is_overdue)
    return and_(projects.is_leaf(), Project.status.in_([Status.active, Status.paused]), is_wanting)


def gap_kinds(flags: strokes.Flags) -> dict[GapKind, ColumnElement[bool]]:
    """Returns the condition on Project of each kind of gap, of a project that has one."""
    return {kind: flags.is_overdue if kind is GapKind.is_late else getattr(flags, kind) for kind in GapKind}


async def gaps(session: AsyncSession, actor: Actor, query: GapQuery) -> dated.Page[GapRow]:
    """Returns active and paused leaves that must be followed and lack a leader in post, team or plan; before that,
    those without a leader in post from day 7 or whose leader's post has ended; and all that are overdue."""
    today = await clock.today(session)
    table = await pipeline(session)
    flags = strokes.flags(Project, today, table)
    leaves: Select[*tuple[Any, ...]] = select(
        Project.id,
        Project.code,
        Project.name,
        Project.stage,
        Project.unit_id,
        strokes.leader(Project).scalar_subquery().label("leader_id"),
        *(condition.label(kind.value) for kind, condition in gap_kinds(flags).items()),
    ).where(*in_gaps(actor, query, today, table))
    order = paging.Order([Project.name_pinyin, Project.id])
    page = await paging.page(session, leaves, order, query, "gaps", GapRow.model_validate, _GAP_REFERENCES)
    return dated.Page[GapRow].made(page, actor, today)


async def projects_of_official(
    session: AsyncSession, actor: Actor, official_id: UUID, query: paging.ListQuery
) -> paging.Page[OfficialProject]:
    """Returns the projects an official leads or works on now, within the caller's scope."""
    existing_id = await session.scalar(select(Official.id).where(Official.id == official_id))
    if existing_id is None:
        raise NotFound.of(OFFICIAL)
    is_member = and_(ProjectMember.project_id == Project.id, ProjectMember.official_id == official_id)
    leads = select(ProjectMember.id).where(is_member, ProjectMember.role == MemberRole.leader).exists()
    works = select(ProjectMember.id).where(is_member).exists()
    rows = select(
        Project.id,
        Project.code,
        Project.name,
        Project.stage,
        Project.due_on,
        Project.unit_id,
        case((leads, literal(MemberRole.leader.value)), else_=literal(MemberRole.team_official.value)).label("role"),
    ).where(projects.scope(actor), works)
    order = paging.Order([Project.name_pinyin, Project.id])
    name = f"official-projects:{official_id}"
    return await paging.page(session, rows, order, query, name, OfficialProject.model_validate, [_UNIT])
