"""The queue of tasks as one SELECT: the union of what is due by its kinds, each row with the same columns (ADR 43).

A row says what is due (`id`), when (`due_on`, of undated kinds today) and on which record; what a page shows of it is
read for the page alone.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    Uuid,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from app.core import office
from app.core.actor import Actor, Permission
from app.core.office import OfficeSetting
from app.deals import separation, submissions
from app.deals.models import Deal
from app.events.models import Event
from app.five_ones import milestones, strokes
from app.five_ones.models import Milestone, Plan
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus
from app.mine.kinds import TaskKind, TaskScope
from app.projects import decision_rights
from app.projects import service as projects
from app.projects.follow_ups import FollowUp
from app.projects.members import ProjectMember
from app.projects.models import Project, Status
from app.projects.stages import Pipeline
from app.webhooks.inbound.models import InboxMessage, InboxState

_LEFT_TO_PEOPLE = (InboxState.parked, InboxState.failed)
_UNKNOWN = cast(null(), Uuid())

IdleEnds = tuple[tuple[tuple[str, ...], tuple[tuple[date, date], ...]], ...]
"""For stages that share an idle limit: each day of last activity with the day on which the limit ends, of the days
asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for which tasks, up to which day. Without `idle_ends` limits of both kinds are told as `stage_limit`."""

    actor: Actor
    scope: TaskScope
    today: date
    until: date
    table: Pipeline
    idle_ends: IdleEnds = ()

    @property
    def key(self) -> Hashable:
        """What the statement is built from."""
        actor = self.actor
        who = (actor.id, actor.unit_id, actor.unit_ids, actor.task_force_ids, actor.official_id, actor.permissions)
        return (who, self.scope, self.today, self.until, tuple(self.table.positions.items()), self.idle_ends)

    @property
    def is_mine(self) -> bool:
        return self.scope is TaskScope.mine


def tasks(asked: Asked, branches: "Branches | None" = None) -> CompoundSelect[Any]:
    """Selects the tasks, by default of every kind: rank of the kind, day, id of what is due, and the record it is
    about."""
    return union_all(*(branch(asked) for branch in branches or _ALL))


def _row(rank: Any, day: Any, of: Any, id: Any, unit: Any, task_force: Any, *, is_open: Any = None) -> Select[Any]:
    """Selects the columns of a task; `of` is the model of the record it is about."""
    own = {model: model.id if model is of else _UNKNOWN for model in (Project, Lead, Deal)}
    return select(
        rank.label("rank"),
        day.label("due_on"),
        id.label("id"),
        own[Project].label("project_id"),
        own[Lead].label("lead_id"),
        own[Deal].label("deal_id"),
        unit.label("unit_id"),
        task_force.label("task_force_id"),
        (true() if is_open is None else is_open).label("is_open"),
    )


def _rank(kind: TaskKind) -> ColumnElement[int]:
    return literal_column(str(kind.rank), Integer)


def _day(day: date) -> ColumnElement[date]:
    return literal(day, Date)


def _of_project(rank: Any, day: Any, id: Any) -> Select[Any]:
    return _row(rank, day, Project, id, Project.unit_id, Project.task_force_id)


def _own_unit(actor: Actor, unit: Any, task_force: Any) -> ColumnElement[bool]:
    """Returns the condition that it is owed by the unit of an account without an official; without a unit, by its task
    forces."""
    if actor.unit_id is not None:
        is_own: ColumnElement[bool] = unit == actor.unit_id
        return is_own
    return task_force.in_(actor.task_force_ids) if actor.task_force_ids else false()


def _own_projects(asked: Asked) -> ColumnElement[bool]:
    """Returns the condition on Project that it lies within the scope asked for."""
    actor, visible = asked.actor, projects.scope(asked.actor)
    if not asked.is_mine:
        return visible
    if actor.official_id is None:
        return and_(_own_unit(actor, Project.unit_id, Project.task_force_id), visible)
    worked_on = select(ProjectMember.project_id).where(ProjectMember.official_id == actor.official_id)
    return and_(Project.id.in_(worked_on), visible)


def _own_leads(asked: Asked) -> ColumnElement[bool]:
    """Returns the condition on Lead that it lies within the scope asked for."""
    actor, visible = asked.actor, leads.scope(asked.actor)
    if not asked.is_mine:
        return visible
    if actor.official_id is None:
        return and_(_own_unit(actor, _lead_unit(), Lead.task_force_id), visible)
    return and_(Lead.handler_id == actor.official_id, visible)


def _own_step(asked: Asked, own: ColumnElement[bool], visible: ColumnElement[bool]) -> ColumnElement[bool]:
    """Returns the condition that a next step lies within the scope asked for: mine are also those that I wrote down
    myself, on whatever I still see."""
    if not asked.is_mine:
        return own
    is_by_me = exists().where(Event.id == FollowUp.event_id, Event.actor_id == asked.actor.id)
    return or_(own, and_(is_by_me, visible))


def _lead_unit() -> ColumnElement[Any]:
    """Returns the unit that deals with a lead: the one that reported it, while nobody deals with it."""
    return func.coalesce(Lead.unit_id, case((Lead.task_force_id.is_(None), Lead.first_unit_id)), type_=Uuid())


def _limits(asked: Asked) -> Select[Any]:
    """Overdue projects, and those that a limit of their stage will make overdue."""
    is_idle = or_(
        *(
            and_(Project.stage.in_(stages), tuple_(Project.last_activity_on, Project.due_on).in_(ends))
            for stages, ends in asked.idle_ends
        ),
        false(),
    )
    kind = case(
        (Project.due_on < asked.today, _rank(TaskKind.overdue)),
        (is_idle, _rank(TaskKind.idle_limit)),
        else_=_rank(TaskKind.stage_limit),
    )
    return _of_project(kind, Project.due_on, Project.id).where(
        _own_projects(asked), projects.is_leaf(), Project.status == Status.active, Project.due_on <= asked.until
    )


def _of_lead(asked: Asked, kind: TaskKind, due_on: Any, done_on: Any) -> Select[Any]:
    row = _row(_rank(kind), due_on, Lead, Lead.id, _lead_unit(), Lead.task_force_id)
    return row.where(_own_leads(asked), Lead.status != LeadStatus.converted, done_on.is_(None), due_on <= asked.until)


def _milestones(asked: Asked) -> Select[Any]:
    due_on = milestones.due_on()
    row = _of_project(_rank(TaskKind.milestone), due_on, Milestone.id)
    return (
        row.select_from(Milestone)
        .join(Plan, Plan.id == Milestone.plan_id)
        .join(Project, Project.id == Plan.project_id)
        .where(_own_projects(asked), *milestones.is_open(), due_on <= asked.until)
    )


def _next_steps(asked: Asked, record: Any, key: Any, row: Select[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    """The next step of the latest follow-up of a record, where it has a day."""
    later = aliased(FollowUp)
    has_later = exists().where(
        getattr(later, key.key) == key, tuple_(later.on, later.id) > tuple_(FollowUp.on, FollowUp.id)
    )
    return (
        row.select_from(FollowUp)
        .join(record, record.id == key)
        .where(*conditions, FollowUp.next_step_on <= asked.until, ~has_later)
    )


def _next_steps_of_projects(asked: Asked) -> Select[Any]:
    row = _of_project(_rank(TaskKind.next_step), FollowUp.next_step_on, FollowUp.id)
    is_own = _own_step(asked, _own_projects(asked), projects.scope(asked.actor))
    is_active = and_(projects.is_leaf(), Project.status == Status.active)
    return _next_steps(asked, Project, FollowUp.project_id, row, is_own, is_active)


def _next_steps_of_leads(asked: Asked) -> Select[Any]:
    day = FollowUp.next_step_on
    row = _row(_rank(TaskKind.next_step), day, Lead, FollowUp.id, _lead_unit(), Lead.task_force_id)
    is_own = _own_step(asked, _own_leads(asked), leads.scope(asked.actor))
    return _next_steps(asked, Lead, FollowUp.lead_id, row, is_own, Lead.status != LeadStatus.converted)


def _approvals(asked: Asked) -> Select[Any]:
    """Submitted drafts. Mine are those that I may approve."""
    actor = asked.actor
    is_off = select(OfficeSetting.key).where(OfficeSetting.key == office.SEPARATION, OfficeSetting.value == office.OFF)
    may_approve = or_(
        submissions.awaits(actor, is_separated=True),
        and_(submissions.awaits(actor, is_separated=False), is_off.exists()),
    )
    where = and_(decision_rights.decided_by(actor), may_approve) if asked.is_mine else projects.scope(actor)
    return (
        _row(
            _rank(TaskKind.approval),
            _day(asked.today),
            Deal,
            Deal.id,
            Project.unit_id,
            Project.task_force_id,
            is_open=may_approve,
        )
        .select_from(Deal)
        .join(Project, Project.id == Deal.project_id)
        .where(submissions.is_submitted(), Project.status.in_([Status.active, Status.paused]), where)
    )


def _returned(asked: Asked) -> Select[Any]:
    """Drafts that were returned. Mine are those that I drafted or edited, and so may submit again."""
    is_own = separation.drafted_by(asked.actor)
    visible = projects.scope(asked.actor)
    day, place = _day(asked.today), (Project.unit_id, Project.task_force_id)
    return (
        _row(_rank(TaskKind.returned), day, Deal, Deal.id, *place, is_open=is_own)
        .select_from(Deal)
        .join(Project, Project.id == Deal.project_id)
        .where(
            submissions.is_returned(),
            Project.status.in_([Status.active, Status.paused]),
            and_(is_own, visible) if asked.is_mine else visible,
        )
    )


def _gaps(asked: Asked) -> Select[Any]:
    flags = strokes.flags(Project, asked.today, asked.table)
    is_open = and_(projects.is_leaf(), Project.status.in_([Status.active, Status.paused]))
    row = _of_project(_rank(TaskKind.five_ones), _day(asked.today), Project.id)
    return row.where(_own_projects(asked), is_open, strokes.is_lacking(Project, flags, asked.table))


def _inbox(asked: Asked) -> Select[Any]:
    """Messages left to people, who look after the inbox of the whole city."""
    may = true() if Permission.keep_inbox in asked.actor.permissions else false()
    row = _row(_rank(TaskKind.inbox), _day(asked.today), InboxMessage, InboxMessage.id, _UNKNOWN, _UNKNOWN)
    return row.where(may, InboxMessage.state.in_(_LEFT_TO_PEOPLE))


Branches = tuple[Callable[[Asked], Select[Any]], ...]
APPOINTED: Branches = (
    lambda asked: _of_lead(asked, TaskKind.answer, Lead.answer_due_on, Lead.answered_on),
    lambda asked: _of_lead(asked, TaskKind.assess, Lead.assess_due_on, Lead.assessed_on),
    _milestones,
    _next_steps_of_projects,
    _next_steps_of_leads,
)
"""What stands in a diary: leads to answer and assess, milestones and next steps."""
_ALL: Branches = (
    *APPOINTED,
    _limits,
    _approvals,
    _returned,
    _gaps,
    _inbox,
)
