"""The repeated steps of the sample, each through the same service as a request."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, system
from app.enterprises import service as enterprises
from app.enterprises.credit_code import check_character
from app.enterprises.models import Origin, Ownership
from app.enterprises.schemas import EnterpriseCreate
from app.five_ones import assignments, follow_ups, plans
from app.five_ones.schemas import (
    LeaderAppoint,
    MilestoneReportCreate,
    MilestoneSet,
    PlanPublish,
    TeamMemberSet,
    TeamSet,
)
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate
from app.projects import amounts, evidence
from app.projects import service as projects
from app.projects.amounts import AmountCreate, AmountKind
from app.projects.evidence import EvidenceCreate
from app.projects.follow_ups import FollowUpCreate, FollowUpKind
from app.reference import workdays

SAMPLE = system("sample")
APPROVER = system("sample-approver")
MADE_UP_PREFIX = "示例："
"""Prefix of every made-up name."""

MADE_UP = "示例"

LEADERS = 7
"""The first of the officials are leaders of the city, the others of its departments (`POSTS`)."""

Step = Callable[[AsyncSession], Awaitable[None]]


@dataclass(slots=True)
class City:
    """The sample city while it is built: the ids of the records created so far, by their names in the plan, and the
    steps planned for each day: (day, number, step)."""

    units: dict[str, UUID] = field(default_factory=dict)
    task_forces: dict[str, UUID] = field(default_factory=dict)
    officials: list[UUID] = field(default_factory=list)
    projects: dict[str, UUID] = field(default_factory=dict)
    plan: list[tuple[date, int, Step]] = field(default_factory=list)
    investors: int = 0
    calendar: workdays.Calendar = field(default_factory=dict)

    def at(self, day: date, step: Step) -> None:
        """Plans a step. Steps of one day run in the order in which they were planned."""
        self.plan.append((day, len(self.plan), step))

    def workday(self, day: date) -> date:
        """Returns the day itself, or the last workday before it."""
        while not workdays.is_workday(day, self.calendar):
            day -= timedelta(days=1)
        return day

    def people(self, number: int) -> tuple[UUID, UUID, UUID, UUID]:
        """Returns a leader of the city, and a team leader and two members of its departments, each in rotation."""
        leaders, others = self.officials[:LEADERS], self.officials[LEADERS:]
        first, second, third = (others[(number + step) % len(others)] for step in range(3))
        return leaders[number % LEADERS], first, second, third


def credit_code(number: int) -> str:
    """Returns a well-formed credit code of division 000000, which cannot have been issued to anybody."""
    first = f"91000000{number:09d}"
    return first + check_character(first)


def national_code(number: int, year: int) -> str:
    """Returns a well-formed national project code of division 000000, which cannot have been issued to anybody."""
    return f"{year % 100:02d}01-000000-04-01-{number:06d}"


async def investor(session: AsyncSession, city: City, number: int | None = None) -> UUID:
    """Creates a made-up investor, by default the next. Returns its id."""
    if number is None:
        number = city.investors = city.investors + 1
    created = await enterprises.create(
        session,
        SAMPLE,
        EnterpriseCreate(
            name=f"{MADE_UP_PREFIX}投资企业{number:02d}有限公司",
            credit_code=credit_code(number),
            origin=(Origin.domestic, Origin.province, Origin.domestic)[number % 3],
            ownership=(Ownership.private, Ownership.central_soe, Ownership.local_soe)[number % 3],
            is_illustrative=True,
        ),
    )
    return created.id


async def planned_total(session: AsyncSession, actor: Actor, project_id: UUID, value: Decimal, source: str) -> None:
    row = await projects.lock(session, actor, project_id, None)
    today = await clock.today(session)
    amount = AmountCreate(kind=AmountKind.planned_total, value=value, effective_on=today, source=source)
    await amounts.add(session, actor, row, amount)


async def five_ones(
    session: AsyncSession,
    city: City,
    project_id: UUID,
    unit: str,
    number: int,
    milestones: Sequence[tuple[str, str, date]],
) -> None:
    """Appoints a leader, sets a team and publishes a plan. A milestone is (name, stage it leads to, planned day)."""
    leader, chief, first, second = city.people(number)
    await assignments.appoint(session, SAMPLE, project_id, LeaderAppoint(official_id=leader), is_illustrative=True)
    team = TeamSet(
        lead_unit_id=city.units[unit],
        leader_id=chief,
        contact_id=first,
        members=[TeamMemberSet(official_id=first), TeamMemberSet(official_id=second)],
    )
    await assignments.set_team(session, SAMPLE, project_id, team, is_illustrative=True)
    plan = PlanPublish(
        title="示例推进方案",
        milestones=[MilestoneSet(name=name, leads_to=stage, planned_on=day) for name, stage, day in milestones],
    )
    await plans.publish(session, SAMPLE, project_id, None, plan, is_illustrative=True)


async def reached(session: AsyncSession, project_id: UUID, stage: str, on: date) -> None:
    """Reports the milestone that leads to a stage as reached on that day."""
    await report(session, project_id, stage, MilestoneReportCreate(actual_on=on, note="示例：现场核实"))


async def report(session: AsyncSession, project_id: UUID, stage: str, body: MilestoneReportCreate) -> None:
    """Reports on the milestone that leads to a stage."""
    plan = await plans.current(session, project_id)
    assert plan is not None
    milestone = next(milestone for milestone in plan.milestones if milestone.leads_to == stage)
    await plans.report(session, SAMPLE, project_id, milestone.id, body)


async def visit(session: AsyncSession, project_id: UUID, on: date) -> None:
    body = FollowUpCreate(kind=FollowUpKind.visit, with_investor=True, on=on, summary="示例：与投资方洽谈")
    await follow_ups.add(session, SAMPLE, project_id, body)


async def inspect(session: AsyncSession, project_id: UUID, on: date) -> None:
    body = FollowUpCreate(kind=FollowUpKind.inspection, on=on, summary="示例：现场调度")
    await follow_ups.add(session, SAMPLE, project_id, body)


async def move(session: AsyncSession, project_id: UUID, to: str, on: date, *, catch_up: bool = False) -> None:
    body = MoveCreate(to=to, happened_on=on, catch_up=catch_up, reason="示例：补录" if catch_up else None)
    await pipeline.advance(session, SAMPLE, project_id, None, body)


async def prove(session: AsyncSession, project_id: UUID, on: date, *kinds: str) -> None:
    """Adds evidence of these kinds."""
    for kind in kinds:
        project = await projects.lock(session, SAMPLE, project_id, None)
        await evidence.add(session, SAMPLE, project, EvidenceCreate(kind=kind, on=on, note="示例数据"))
