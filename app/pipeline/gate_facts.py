"""The facts that gates examine, for one project and one day, loaded in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, literal, select, true, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.deals import separation
from app.deals.models import Deal, DealKind, DealStatus
from app.five_ones import plans
from app.five_ones.continuity import Span
from app.five_ones.models import LeaderAssignment, MilestoneReport, Team
from app.five_ones.schemas import MilestoneRead, PlanRead
from app.leads import duplicates
from app.leads import service as leads
from app.projects import decision_rights, moves
from app.projects import service as projects
from app.projects.evidence import EvidenceKindRead, EvidenceRead, kinds, valid
from app.projects.follow_ups import FollowUp
from app.projects.models import Project
from app.projects.moves import Move
from app.projects.stages import STARTED, LimitKind, LimitUnit, Pipeline


class Live(NamedTuple):
    """A live deal on the project's line."""

    id: UUID
    code: str
    kind: DealKind
    signed_on: date | None
    is_seen: bool


class Draft(NamedTuple):
    """A draft of a deal on the project's line, which the actor sees."""

    id: UUID
    code: str
    kind: DealKind
    status: DealStatus
    project_id: UUID


class Held(NamedTuple):
    """An assignment of a leader, or a team, with its days."""

    id: UUID
    span: Span


class Row(NamedTuple):
    """A follow-up, by id and day."""

    id: UUID
    on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that gates examine, for one project on one day, and what says who may supply what they lack."""

    actor: Actor
    project: Project
    line: Project | None
    """The root of its line, itself where it has no parent; None where the actor does not see it. What is on record
    there meets gates all the same, but is not named."""
    table: Pipeline
    happened_on: date
    duplicates: Sequence[str]
    followed_up_since: date | None
    """The day of its lead's last assessment, if that said to follow it up."""
    evidence: Sequence[EvidenceRead]
    deals: Sequence[Live] = ()
    contact: Row | None = None
    """The first contact with the investor."""
    leaders: Sequence[Held] = ()
    """All assignments of leaders, former ones included; `teams` likewise."""
    teams: Sequence[Held] = ()
    plan: PlanRead | None = None
    last_follow_up: Row | None = None
    last_report_on: date | None = None
    started_on: date | None = None
    idle_days: int | None = None
    kinds: Mapping[str, EvidenceKindRead] = field(default_factory=dict)
    drafts: Sequence[Draft] = ()
    own_drafts: frozenset[UUID] = frozenset()
    """The drafts on which the actor may not decide."""
    holders: Sequence[str] = ()
    """Who decides on the project, by name, where the actor only reports."""
    line_holders: Sequence[str] = ()
    """The same of the root of its line, where a draft of it is to be approved."""
    is_new: bool = False

    @property
    def milestones(self) -> Sequence[MilestoneRead]:
        return self.plan.milestones if self.plan is not None else ()

    def of(self, *kinds: str) -> EvidenceRead | None:
        """Returns evidence of one of these kinds, dated on or before the day of the judgement."""
        return next((row for row in self.valid_evidence if row.kind in kinds), None)

    @property
    def valid_evidence(self) -> list[EvidenceRead]:
        """The evidence that existed on the day: later evidence does not meet a gate for it."""
        return [row for row in self.evidence if row.on <= self.happened_on]

    def held(self, rows: Sequence[Held]) -> Held | None:
        """Returns the one whose days include the day of the judgement."""
        return next((row for row in rows if row.span.holds(self.happened_on)), None)

    def by_then(self, day: date | None) -> bool:
        """Returns whether there is a day, not later than the day of the judgement."""
        return day is not None and day <= self.happened_on


def _idle_days(table: Pipeline, project: Project) -> int | None:
    """Returns the idle limit in days of the present stage, or of the nearest earlier stage that has one."""
    here = table.stage(project.stage).position
    for stage in reversed([s for s in table.walk(project.program) if s.position <= here]):
        for limit in table.limits(stage.code):
            if limit.kind is LimitKind.idle and limit.unit is LimitUnit.day:
                return limit.amount
    return None


async def _held(session: AsyncSession, project_ids: Sequence[UUID]) -> tuple[list[Held], list[Held]]:
    """Returns all assignments of leaders, and all teams."""
    models: tuple[type[LeaderAssignment] | type[Team], ...] = (LeaderAssignment, Team)
    each = [
        select(literal(index).label("whose"), model.id, model.opened_on, model.closed_on).where(
            model.project_id.in_(project_ids)
        )
        for index, model in enumerate(models)
    ]
    held: tuple[list[Held], list[Held]] = ([], [])
    for row in await session.execute(union_all(*each)):
        held[row.whose].append(Held(row.id, Span(row.opened_on, row.closed_on)))
    return held


async def _follow_ups(session: AsyncSession, project_ids: Sequence[UUID], up_to: date) -> Any:
    """Returns the first contact with the investor, and the latest follow-up and the day of the latest milestone report
    up to a day."""
    of_project = FollowUp.project_id.in_(project_ids)
    by_day = (FollowUp.on, FollowUp.id)
    first = select(FollowUp.id, FollowUp.on).where(of_project, FollowUp.with_investor).order_by(*by_day).limit(1)
    latest = (
        select(FollowUp.id, FollowUp.on)
        .where(of_project, FollowUp.on <= up_to)
        .order_by(*(column.desc() for column in by_day))
        .limit(1)
    )
    contact, last = first.subquery(), latest.subquery()
    reported = select(func.max(MilestoneReport.on).label("on")).where(
        MilestoneReport.project_id.in_(project_ids), MilestoneReport.on <= up_to
    )
    report = reported.subquery()
    query = (
        select(contact.c.id, contact.c.on, last.c.id, last.c.on, report.c.on)
        .select_from(report)
        .outerjoin(contact, true())
        .outerjoin(last, true())
    )
    return (await session.execute(query)).one()


async def _own(session: AsyncSession, actor: Actor, drafts: Sequence[Draft]) -> frozenset[UUID]:
    """Returns the drafts that the actor may not approve, where the actor may approve any."""
    if not drafts or Permission.approve_deals not in actor.permissions:
        return frozenset()
    own = await separation.drafted(session, actor, Deal.id.in_([draft.id for draft in drafts]))
    return frozenset(deal.deal_id for deal in own)


async def _holders(session: AsyncSession, actor: Actor, project: Project) -> list[str]:
    """Returns who decides on a project, by name, where the actor only reports."""
    if actor.reaches(project.unit_id, project.task_force_id):
        return []
    return await decision_rights.holders(session, project.unit_id, project.task_force_id)


async def _line(session: AsyncSession, actor: Actor, project: Project) -> Project | None:
    """Returns the root of the project's line where the actor sees it."""
    if project.line_id == project.id:
        return project
    query = select(Project).where(Project.id == project.line_id, projects.scope(actor))
    return (await session.scalars(query)).one_or_none()


async def load(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    happened_on: date,
    table: Pipeline,
    history: Sequence[Move],
    *,
    is_new: bool = False,
    from_entry: bool = False,
) -> Facts:
    """Loads the facts for the gates of a project on a day, in a fixed number of statements. `history` is its moves.

    `is_new`: the project was just created, so it has no rows beneath it to load. `from_entry`: the gates of the first
    stage are asked again, so duplicates are looked for; those of a new project were settled when it was created.
    """
    facts = Facts(
        actor=actor,
        project=project,
        line=project,
        table=table,
        happened_on=happened_on,
        duplicates=await duplicates.unruled(session, project) if from_entry else [],
        followed_up_since=await leads.followed_up_since(session, project.lead_id),
        evidence=[],
        is_new=is_new,
    )
    if is_new:
        return facts
    project_ids = project.own_ids
    line = await _line(session, actor, project)
    rows = await session.execute(
        select(Deal.id, Deal.code, Deal.kind, Deal.signed_on, Deal.status, Deal.project_id)
        .where(
            Deal.status.in_([DealStatus.live, DealStatus.draft]),
            Deal.project_id.in_({project.id, project.line_id}),
        )
        .order_by(Deal.code)
    )
    deals = rows.all()
    is_seen = {row.id: line is not None or row.project_id == project.id for row in deals}
    drafts = [
        Draft(row.id, row.code, row.kind, row.status, row.project_id)
        for row in deals
        if row.status is DealStatus.draft and is_seen[row.id]
    ]
    leaders, teams = await _held(session, project_ids)
    contact_id, contact_on, last_id, last_on, reported_on = await _follow_ups(session, project_ids, happened_on)
    return replace(
        facts,
        evidence=await valid(session, [project.id, project.line_id]),
        line=line,
        deals=[
            Live(row.id, row.code, row.kind, row.signed_on, is_seen[row.id])
            for row in deals
            if row.status is DealStatus.live
        ],
        contact=Row(contact_id, contact_on) if contact_id is not None else None,
        leaders=leaders,
        teams=teams,
        plan=await plans.current(session, project.id),
        last_follow_up=Row(last_id, last_on) if last_id is not None else None,
        last_report_on=reported_on,
        started_on=moves.entries(history, table.positions).get(STARTED),
        idle_days=_idle_days(table, project),
        kinds={kind.code: kind for kind in await kinds(session)},
        drafts=drafts,
        own_drafts=await _own(session, actor, drafts),
        holders=await _holders(session, actor, project),
        line_holders=() if line is None or line is project else await _holders(session, actor, line),
    )
