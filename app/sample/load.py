"""Fill an empty database through the ordinary services, oldest day first, in one transaction.

The injected clock puts every row on its own day, so that past `known_at` show the quarter growing.
"""

import csv
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, office
from app.core.actor import Actor, system
from app.core.clock import SHANGHAI
from app.deals import service as deals
from app.deals.schemas import DealApprove, DealCreate
from app.enterprises import service as enterprises
from app.enterprises.credit_code import check_character
from app.enterprises.models import Origin, Ownership
from app.enterprises.schemas import EnterpriseCreate, RankingCreate
from app.events import service as events
from app.five_ones import assignments, follow_ups, plans
from app.five_ones.schemas import (
    LeaderAppoint,
    MilestoneSet,
    PlanPublish,
    TeamMemberSet,
    TeamSet,
)
from app.organizations import service as organizations
from app.organizations.models import Unit, UnitKind
from app.organizations.schemas import OfficialCreate, PostCreate, UnitCreate
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate, ProjectEnter
from app.projects import amounts, evidence
from app.projects import service as projects
from app.projects.amounts import AmountCreate, AmountKind
from app.projects.evidence import EvidenceCreate
from app.projects.follow_ups import FollowUpCreate, FollowUpKind
from app.projects.gating import Override
from app.projects.models import Program, Project
from app.projects.schemas import CapacitiesSet, CapacitySet
from app.sample.city import (
    BUSINESS_DAY,
    FOUNDED_ON,
    NOT_REPORTED,
    SANMU_AMOUNT,
    SANMU_SIGNED_ON,
    SIGNINGS,
    SOURCE,
    TASK_FORCES,
    Signing,
)
from app.taskforces import service as taskforces
from app.taskforces.schemas import TaskForceCreate

SAMPLE = system("sample")
APPROVER = system("sample-approver")
OFFICE = UUID(int=0)
"""The subject of events that concern the office as a whole."""

UNITS = Path(__file__).parent / "data" / "units.csv"
SALT = "示例："


class NotEmpty(RuntimeError):
    """The database holds something already."""


Step = Callable[[AsyncSession], Awaitable[None]]


@dataclass(slots=True)
class City:
    """Ids by the names the plan uses, and the plan itself: steps by day."""

    units: dict[str, UUID] = field(default_factory=dict)
    task_forces: dict[str, UUID] = field(default_factory=dict)
    officials: list[UUID] = field(default_factory=list)
    projects: dict[str, UUID] = field(default_factory=dict)
    plan: list[tuple[date, int, Step]] = field(default_factory=list)

    def at(self, day: date, step: Step) -> None:
        self.plan.append((day, len(self.plan), step))


async def is_empty(session: AsyncSession) -> bool:
    unit = await session.scalar(select(Unit.id).limit(1))
    return unit is None and await session.scalar(select(Project.id).limit(1)) is None


async def load(session: AsyncSession, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
    """Load the sample in the caller's transaction. Raises NotEmpty."""
    if not await is_empty(session):
        raise NotEmpty
    city = City()
    city.at(FOUNDED_ON, lambda s: _found(s, city))
    for index, signing in enumerate(SIGNINGS):
        _plan_signing(city, index, signing)
    city.at(SANMU_SIGNED_ON, lambda s: _sanmu(s, city))
    steps = sorted(city.plan, key=lambda step: step[:2])
    for done, (day, number, step) in enumerate(steps):
        clock.set_now(session, datetime.combine(day, time(9), SHANGHAI) + timedelta(seconds=number))
        await step(session)
        progress(done + 1, len(steps))
    clock.set_now(session, datetime.combine(BUSINESS_DAY, time(18), SHANGHAI))
    await office.put(session, office.BUSINESS_DAY, BUSINESS_DAY.isoformat())
    await events.note(
        session, SAMPLE, "office.business_day_set", "office", OFFICE, {"business_day": BUSINESS_DAY.isoformat()}
    )


async def _found(session: AsyncSession, city: City) -> None:
    with UNITS.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: bool(row["parent_code"]))
    for row in rows:
        unit = await organizations.create_unit(
            session,
            SAMPLE,
            UnitCreate(
                code=row["code"],
                name=row["name_zh"],
                name_en=row["name_en"],
                kind=UnitKind(row["kind"]),
                division_code=row["division_code"] or None,
                parent_id=city.units.get(row["parent_code"]),
                is_assessed=row["kind"] != "city",
                source=SOURCE if row["source"] == "article" else row["source"],
            ),
        )
        city.units[row["code"]] = unit.id
    for name in TASK_FORCES:
        task_force = await taskforces.create(session, SAMPLE, TaskForceCreate(name=name, source=SOURCE))
        city.task_forces[name] = task_force.id
    for number in range(1, 7):
        post = PostCreate(unit_id=city.units["210400"], title="示例职务", started_on=FOUNDED_ON)
        official = await organizations.create_official(
            session, SAMPLE, OfficialCreate(name=f"示例干部{number:02d}", is_illustrative=True, posts=[post])
        )
        city.officials.append(official.id)


def _credit_code(number: int) -> str:
    """A well-formed code of division 000000, so that none can have been issued."""
    first = f"91000000{number:09d}"
    return first + check_character(first)


def _plan_signing(city: City, index: int, signing: Signing) -> None:
    name = f"{SALT}{signing.what}{index + 1:02d}"
    entered_on = signing.signed_on - timedelta(days=60)
    talked_on = signing.signed_on - timedelta(days=45)
    city.at(entered_on, lambda s: _enter(s, city, index, name, signing))
    city.at(talked_on, lambda s: _negotiate(s, city, index, name, signing, talked_on))
    city.at(signing.signed_on, lambda s: _sign(s, city, index, name, signing))
    landed_on = signing.landed_on
    if landed_on is not None:
        city.at(landed_on, lambda s: _land(s, city, name, landed_on))


async def _enter(session: AsyncSession, city: City, index: int, name: str, signing: Signing) -> None:
    investor = await enterprises.create(
        session,
        SAMPLE,
        EnterpriseCreate(
            name=f"{SALT}投资企业{index + 1:02d}有限公司",
            credit_code=_credit_code(index + 1),
            origin=(Origin.domestic, Origin.province, Origin.domestic)[index % 3],
            ownership=(Ownership.private, Ownership.central_soe, Ownership.local_soe)[index % 3],
            is_illustrative=True,
        ),
    )
    project = await pipeline.enter(
        session,
        SAMPLE,
        ProjectEnter(
            name=name,
            program=Program.promotion,
            unit_id=city.units[signing.unit],
            place_unit_id=city.units[signing.unit],
            task_force_id=city.task_forces[signing.task_force],
            industry_code=signing.industry,
            investor_id=investor.id,
            direct_entry_reason="示例数据",
            source="示例",
        ),
        is_illustrative=True,
    )
    city.projects[name] = project.id
    await _planned_total(session, SAMPLE, project.id, signing.amount, "示例")


async def _planned_total(session: AsyncSession, actor: Actor, project_id: UUID, value: Decimal, source: str) -> None:
    row = await projects.lock(session, actor, project_id, None)
    await amounts.add(
        session,
        actor,
        row,
        AmountCreate(
            kind=AmountKind.planned_total, value=value, effective_on=await clock.today(session), source=source
        ),
    )


async def _negotiate(session: AsyncSession, city: City, index: int, name: str, signing: Signing, on: date) -> None:
    project_id = city.projects[name]
    people = city.officials
    leader, chief, first, second = (people[(index + step) % len(people)] for step in range(4))
    await assignments.appoint(session, SAMPLE, project_id, LeaderAppoint(official_id=leader), is_illustrative=True)
    team = TeamSet(
        lead_unit_id=city.units[signing.unit],
        leader_id=chief,
        contact_id=first,
        members=[TeamMemberSet(official_id=first), TeamMemberSet(official_id=second)],
    )
    await assignments.set_team(session, SAMPLE, project_id, team, is_illustrative=True)
    days = (("落地", "landed", 90), ("开工", "started", 270), ("竣工", "completed", 720), ("投产", "operating", 800))
    plan = PlanPublish(
        title="示例推进方案",
        milestones=[
            MilestoneSet(name=what, leads_to=stage, planned_on=signing.signed_on + timedelta(days=after))
            for what, stage, after in days
        ],
    )
    version = (await projects.get(session, SAMPLE, project_id)).version
    await plans.publish(session, SAMPLE, project_id, version, plan, is_illustrative=True)
    await _visit(session, project_id, on)
    await _move(session, project_id, "negotiating", on)


async def _visit(session: AsyncSession, project_id: UUID, on: date) -> None:
    visit = FollowUpCreate(kind=FollowUpKind.visit, with_investor=True, on=on, summary="示例：与投资方洽谈")
    await follow_ups.add(session, SAMPLE, project_id, visit)


async def _move(session: AsyncSession, project_id: UUID, to: str, on: date) -> None:
    version = (await projects.get(session, SAMPLE, project_id)).version
    await pipeline.move(session, SAMPLE, project_id, version, MoveCreate(to=to, happened_on=on))


async def _evidence(session: AsyncSession, project_id: UUID, on: date, *kinds: str) -> None:
    for kind in kinds:
        project = await projects.lock(session, SAMPLE, project_id, None)
        await evidence.add(session, SAMPLE, project, EvidenceCreate(kind=kind, on=on, note="示例数据"))


async def _sign(session: AsyncSession, city: City, index: int, name: str, signing: Signing) -> None:
    project_id = city.projects[name]
    await _visit(session, project_id, signing.signed_on)
    await _evidence(session, project_id, signing.signed_on, "legality_review", "fair_competition_review")
    draft = await deals.draft(
        session,
        SAMPLE,
        DealCreate(
            project_id=project_id,
            title=f"{name}投资协议",
            agreement_no=f"示例协〔2023〕{index + 1}号",
            signed_on=signing.signed_on,
            agreed_amount=signing.amount,
            source="示例",
        ),
        is_illustrative=True,
    )
    await deals.approve(session, APPROVER, draft.id, draft.version, DealApprove())
    await _move(session, project_id, "signed", signing.signed_on)


async def _land(session: AsyncSession, city: City, name: str, on: date) -> None:
    project_id = city.projects[name]
    await _evidence(session, project_id, on, "local_company", "project_code", "site_secured")
    await _move(session, project_id, "landed", on)


async def _sanmu(session: AsyncSession, city: City) -> None:
    """The one signing the article names. What it does not say stays empty and is overridden on record."""
    investor = await enterprises.create(
        session, SAMPLE, EnterpriseCreate(name="江苏三木集团", origin=Origin.domestic, source=SOURCE)
    )
    for list_name, rank in (("中国企业500强", 471), ("中国制造业企业500强", 234)):
        await enterprises.add_ranking(
            session, SAMPLE, investor.id, RankingCreate(list_name=list_name, year=2022, rank=rank, source=SOURCE)
        )
    zone = city.units["210400-GX"]
    project = await pipeline.enter(
        session,
        SAMPLE,
        ProjectEnter(
            name="65万吨苯酚丙酮一体化产业链项目",
            short_name="三木苯酚丙酮",
            program=Program.promotion,
            unit_id=zone,
            place_unit_id=zone,
            industry_code="26",
            investor_id=investor.id,
            land_area=Decimal(1607),
            description="65万吨/年苯酚丙酮、50万吨/年双酚A及20万吨/年聚碳酸酯",
            direct_entry_reason="报道的签约项目，补录",
            source=SOURCE,
        ),
    )
    capacities = CapacitiesSet(
        items=[
            CapacitySet(product=product, quantity=Decimal(quantity), unit="万吨/年")
            for product, quantity in (("苯酚丙酮", 65), ("双酚A", 50), ("聚碳酸酯", 20))
        ]
    )
    sanmu = await projects.set_capacities(session, SAMPLE, project.id, project.version, capacities)
    await _planned_total(session, SAMPLE, project.id, SANMU_AMOUNT, SOURCE)
    draft = await deals.draft(
        session,
        SAMPLE,
        DealCreate(
            project_id=project.id,
            title="65万吨苯酚丙酮一体化产业链项目投资协议",
            signed_on=SANMU_SIGNED_ON,
            agreed_amount=SANMU_AMOUNT,
            source=SOURCE,
        ),
    )
    missing = Override(gates=["agreement_no", "investor_identified", "legality_review"], reason=NOT_REPORTED)
    await deals.approve(session, APPROVER, draft.id, draft.version, DealApprove(override=missing))
    move = MoveCreate(
        to="signed",
        happened_on=SANMU_SIGNED_ON,
        catch_up=True,
        reason="报道的签约，各阶段一并补录",
        override=Override(
            gates=["investor_contact", "leader", "team", "plan", "milestones_planned"], reason=NOT_REPORTED
        ),
    )
    await pipeline.move(session, SAMPLE, project.id, sanmu.version, move)
