"""The facts that gates examine, for one project and one day, loaded in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.deals.models import Deal, DealKind, DealStatus
from app.five_ones import plans
from app.five_ones.continuity import Span
from app.five_ones.models import LeaderAssignment, MilestoneReport, Team
from app.five_ones.schemas import MilestoneRead
from app.leads import duplicates
from app.leads import service as leads
from app.projects import moves
from app.projects.evidence import EvidenceRead, valid
from app.projects.follow_ups import FollowUp
from app.projects.models import Project
from app.projects.moves import Move
from app.projects.stages import STARTED, LimitKind, LimitUnit, Pipeline


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that gates examine, for one project on one day."""

    project: Project
    table: Pipeline
    happened_on: date
    duplicates: Sequence[str]
    followed_up_since: date | None
    """The day of its lead's last assessment, if that said to follow it up."""
    evidence: Sequence[EvidenceRead]
    deals: Sequence[tuple[DealKind, date | None]]
    """The live deals on the project's line: kind and day."""
    contact_on: date | None
    """The day of the first contact with the investor."""
    leaders: Sequence[Span]
    """The spans of all assignments of leaders, former ones included; `teams` likewise."""
    teams: Sequence[Span]
    milestones: Sequence[MilestoneRead]
    last_follow_up_on: date | None
    last_report_on: date | None
    started_on: date | None
    idle_days: int | None
    is_new: bool = False

    def has(self, *kinds: str) -> bool:
        """Returns whether there is evidence of one of these kinds, dated on or before the day of the judgement."""
        return any(row.kind in kinds for row in self.valid_evidence)

    @property
    def valid_evidence(self) -> list[EvidenceRead]:
        """The evidence that existed on the day: later evidence does not meet a gate for it."""
        return [row for row in self.evidence if row.on <= self.happened_on]

    def was_held(self, spans: Sequence[Span]) -> bool:
        """Returns whether one of the spans includes the day."""
        return any(span.holds(self.happened_on) for span in spans)

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


async def _spans(session: AsyncSession, project_ids: Sequence[UUID]) -> tuple[list[Span], list[Span]]:
    """Returns the spans of all leaders, and of all teams."""
    kinds: tuple[type[LeaderAssignment] | type[Team], ...] = (LeaderAssignment, Team)
    each = [
        select(literal(index).label("whose"), kind.opened_on, kind.closed_on).where(kind.project_id.in_(project_ids))
        for index, kind in enumerate(kinds)
    ]
    spans: tuple[list[Span], list[Span]] = ([], [])
    for row in await session.execute(union_all(*each)):
        spans[row.whose].append(Span(row.opened_on, row.closed_on))
    return spans


async def _days(session: AsyncSession, project_ids: Sequence[UUID], up_to: date) -> Any:
    """Returns the day of the first contact with the investor, and those of the latest follow-up and milestone report up
    to a day."""
    reported = select(func.max(MilestoneReport.on)).where(
        MilestoneReport.project_id.in_(project_ids), MilestoneReport.on <= up_to
    )
    query = select(
        func.min(case((FollowUp.with_investor, FollowUp.on))).label("contact_on"),
        func.max(case((FollowUp.on <= up_to, FollowUp.on))).label("last_follow_up_on"),
        reported.scalar_subquery().label("last_report_on"),
    )
    return (await session.execute(query.where(FollowUp.project_id.in_(project_ids)))).one()


async def load(
    session: AsyncSession,
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
    unruled = await duplicates.unruled(session, project) if from_entry else []
    followed_up_since = await leads.followed_up_since(session, project.lead_id)
    if is_new:
        return Facts(
            project=project,
            table=table,
            happened_on=happened_on,
            duplicates=unruled,
            followed_up_since=followed_up_since,
            evidence=[],
            deals=[],
            contact_on=None,
            leaders=[],
            teams=[],
            milestones=[],
            last_follow_up_on=None,
            last_report_on=None,
            started_on=None,
            idle_days=None,
            is_new=True,
        )
    project_ids = project.own_ids
    deals = await session.execute(
        select(Deal.kind, Deal.signed_on).where(
            Deal.status == DealStatus.live,
            Deal.project_id.in_({project.id, project.line_id}),
        )
    )
    plan = await plans.current(session, project.id)
    leaders, teams = await _spans(session, project_ids)
    days = await _days(session, project_ids, happened_on)
    entries = moves.entries(history, table.positions)
    return Facts(
        project=project,
        table=table,
        happened_on=happened_on,
        duplicates=unruled,
        followed_up_since=followed_up_since,
        evidence=await valid(session, [project.id, project.line_id]),
        deals=[(row.kind, row.signed_on) for row in deals],
        contact_on=days.contact_on,
        leaders=leaders,
        teams=teams,
        milestones=plan.milestones if plan else [],
        last_follow_up_on=days.last_follow_up_on,
        last_report_on=days.last_report_on,
        started_on=entries.get(STARTED),
        idle_days=_idle_days(table, project),
    )
