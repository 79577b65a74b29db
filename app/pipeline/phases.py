"""Adds phases 分期. From the day of its first phase a project is a parent: stages, five ones and statistics are its
leaves'."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import succession
from app.core import clock, knowledge
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.enterprises import service as enterprises
from app.events import service as events
from app.five_ones import assignments, due, plans
from app.five_ones.models import Capacity, LeaderAssignment, Team, TeamMember
from app.five_ones.schemas import LeaderAppoint, MilestoneSet, PlanPublish, PlanRead, TeamMemberSet, TeamSet
from app.leads import duplicates, likeness
from app.organizations import service as organizations
from app.pipeline import line, move_writer, refusals
from app.pipeline.line import Line
from app.pipeline.schemas import PhaseCreate
from app.pipeline.service import begin
from app.projects import decision_rights, giver_and_taker, moves
from app.projects import service as projects
from app.projects.giver_and_taker import Holder
from app.projects.models import PhaseLink, Project, Status
from app.projects.schemas import ProjectFields, ProjectRead
from app.projects.stages import SCREENED
from app.taskforces import service as taskforces


async def add(session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: PhaseCreate) -> ProjectRead:
    """Adds a phase at `screened`, or one that continues its parent's stage, leader, team and plan.

    Raises Forbidden, NotFound or Stale, Conflict where the project cannot have this phase, Invalid for a wrong field,
    GatesUnmet or DuplicatesFound as for a new project.
    """
    before = await projects.fetch(session, actor, project_id)
    await enterprises.hold(session, before.investor_id, body.investor_id)
    async with line.held(session, actor, project_id, version, reports=True) as held:
        parent = held.project
        # What the parent counts for passes to its phases. A mere member of its team may not transfer that.
        taker = Holder(body.unit_id or parent.unit_id, _task_force(parent, body))
        giver_and_taker.require(actor, Holder.of(parent), taker)
        await decision_rights.require(session, actor, parent)
        refuse(refusals.add_phase(parent))
        await _check(held, body)
        was_leaf = not parent.is_parent
        closed = await assignments.close_all(session, parent, body.from_on - timedelta(days=1)) if was_leaf else None
        plan_before = await plans.current(session, project_id) if was_leaf else None
        inherited = _inherited(parent) if body.continues_parent else {}
        _become_parent(parent, body)
        # Not everybody who sees the parent sees the phase, so the phase's name is in its own event only.
        data = {"phase_no": body.phase_no, "continues_parent": body.continues_parent}
        await events.record(session, actor, "project.phase_added", parent, data, project_id=project_id)
        phase, event_id = await _create(session, actor, parent, body, inherited)
        if body.continues_parent:
            assert closed is not None
            await _take_over(session, phase, closed, body, event_id)
            await succession.note_on_phase(session, actor, project_id, phase.id)
            if plan_before is not None:
                copy = _copy_of_plan(plan_before)
                await plans.write_plan(session, phase, 1, copy, plan_before, event_id, is_illustrative=False)
            held.mark_moved(phase, event_id)
            await duplicates.settle(session, actor, likeness.of_project(phase), body.duplicate_ruling, event_id)
        else:
            await begin(session, actor, phase, body.from_on, event_id, body.override)
        await due.refresh(session, [project_id])
    return await projects.get(session, actor, phase.id)


def _inherited(parent: Project) -> dict[str, Any]:
    """Returns the columns a phase takes from the parent it continues, until they are computed from its moves."""
    names = ("stage_since", "status", "paused_on", "paused_days", "resume_expected_on", "last_activity_on")
    return {name: getattr(parent, name) for name in names}


def _become_parent(parent: Project, body: PhaseCreate) -> None:
    """Makes a project a parent: it has no due day. A phase that continues it takes over its pause and its landing."""
    parent.is_parent = True
    parent.due_on = None
    if body.continues_parent:
        parent.landed_on = None
        parent.status = Status.active
        parent.paused_on = parent.resume_expected_on = None
        parent.paused_days = 0


def _task_force(parent: Project, body: PhaseCreate) -> UUID | None:
    return body.task_force_id if "task_force_id" in body.model_fields_set else parent.task_force_id


async def _check(held: Line, body: PhaseCreate) -> None:
    """Raises Conflict where the project cannot have this phase, Invalid for a wrong field."""
    session, parent = held.session, held.project
    await clock.refuse_future(session, body.from_on, "/from_on")
    if body.continues_parent and parent.is_parent:
        raise Conflict(
            Say("只有第一期可以接续总项目。", "Only the first phase can continue its parent."),
            code="already_continued",
        )
    if parent.status is Status.paused and not body.continues_parent:
        raise Conflict(
            Say("暂缓的项目请先恢复，或由分期接续。", "Reactivate the project first, or let the phase continue it."),
            code="project_not_active",
        )
    first = await move_writer.phase_from(session, parent)
    earliest = max(day for day in (moves.last_day(held.history), first, clock.EARLIEST_DAY) if day is not None)
    if body.from_on < earliest:
        raise Invalid.field(
            "/from_on",
            "before_last_move",
            Say(
                f"不能早于 {earliest}：总项目上一次移动或首次分期之日。",
                f"Not before {earliest}, the parent's last move or its first phase.",
            ),
        )
    if not body.continues_parent and not parent.is_parent:
        await _refuse_rows_of_parent(session, parent, body.from_on)
    if body.unit_id is not None:
        await organizations.require_units(session, {body.unit_id}, "/unit_id", on=body.from_on)
    await taskforces.require(session, body.task_force_id, "/task_force_id")


async def _refuse_rows_of_parent(session: AsyncSession, parent: Project, from_on: date) -> None:
    """Raises Invalid where the parent has a start batch or work resumption on or after the day of the phase, naming the
    earliest. No figure would count that row, because the parent is no leaf then. Not for a phase that continues it."""
    rows = await succession.listed(session, [parent.id])
    late = [(row.held_on, f"开工批次“{row.name}”", f"the start batch “{row.name}”") for row in rows.batches]
    late += [(row.on, "复工登记", "a work resumption") for row in rows.resumptions]
    day, zh, en = min((row for row in late if row[0] >= from_on), default=(None, "", ""))
    if day is not None:
        say = Say(
            f"总项目有 {day} 的{zh}，分期应晚于这一天，或由分期接续总项目；登记有误的请先撤回。",
            f"Its parent has {en} of {day}: the phase begins after that day, or continues the parent; withdraw a row "
            "that is wrong first.",
        )
        raise Invalid.field("/from_on", "parent_has_rows", say)


async def _create(
    session: AsyncSession, actor: Actor, parent: Project, body: PhaseCreate, inherited: dict[str, Any]
) -> tuple[Project, UUID]:
    """Creates the phase and its link. Returns it with the id of its event.

    Place, industry and investor are the parent's unless given.
    """
    given = body.model_fields_set
    fields = ProjectFields.model_validate({name: getattr(body, name) for name in ProjectFields.model_fields})
    for name in ("place_unit_id", "industry_code", "investor_id"):
        if name not in given:
            setattr(fields, name, getattr(parent, name))
    phase, event_id = await projects.create(
        session,
        actor,
        fields,
        stage=parent.stage if body.continues_parent else SCREENED,
        on=body.from_on,
        event="project.entered",
        program=parent.program,
        unit_id=body.unit_id or parent.unit_id,
        task_force_id=_task_force(parent, body),
        parent_id=parent.id,
        phase_no=body.phase_no,
        relation=body.relation,
        continues_parent=body.continues_parent,
        duplicate_ruling=body.duplicate_ruling,
        direct_entry_reason=f"{parent.code} 第 {body.phase_no} 期",
        is_illustrative=parent.is_illustrative,
        **inherited,
    )
    session.add(
        PhaseLink(
            project_id=phase.id,
            parent_id=parent.id,
            effective_on=body.from_on,
            continues_parent=body.continues_parent,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
        )
    )
    await session.flush()
    return phase, event_id


async def _take_over(
    session: AsyncSession,
    phase: Project,
    closed: tuple[LeaderAssignment | None, Team | None],
    body: PhaseCreate,
    event_id: UUID,
) -> None:
    """Opens on the phase the leader and the team that were open on its parent: from the day of the phase, or from the
    day they opened there if that is later."""
    leader, team = closed
    if leader is not None:
        appoint = LeaderAppoint(
            official_id=leader.official_id, capacities=[Capacity(code) for code in leader.capacities]
        )
        await assignments.open_leader(
            session,
            phase,
            appoint,
            max(body.from_on, leader.opened_on),
            event_id,
            is_illustrative=leader.is_illustrative,
        )
    if team is not None:
        rows = await session.execute(
            select(TeamMember.official_id, TeamMember.duty).where(TeamMember.team_id == team.id)
        )
        team_set = TeamSet(
            lead_unit_id=team.lead_unit_id,
            leader_id=team.leader_id,
            contact_id=team.contact_id,
            members=[TeamMemberSet.model_validate(row) for row in rows],
            note=team.note,
        )
        await assignments.open_team(
            session,
            phase,
            team_set,
            max(body.from_on, team.opened_on),
            event_id,
            is_illustrative=team.is_illustrative,
        )


def _copy_of_plan(plan: PlanRead) -> PlanPublish:
    return PlanPublish(
        title=plan.title,
        reason="接续总项目方案",
        milestones=[
            MilestoneSet(name=m.name, leads_to=m.leads_to, planned_on=m.planned_on, continues=m.id)
            for m in plan.milestones
        ],
    )
