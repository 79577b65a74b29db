"""The 731 projects of the year's plan list: two that the article names, the others made up."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import resumptions
from app.construction import service as construction
from app.construction.schemas import PlanListAdd, StartBatchCreate, WorkResumptionCreate
from app.deals import service as deals
from app.deals.schemas import DealApprove, DealCreate
from app.enterprises import service as enterprises
from app.enterprises.schemas import EnterpriseCreate
from app.five_ones import plans
from app.five_ones.schemas import MilestoneSet, PlanPublish
from app.pipeline import phases
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate, PhaseCreate, ProjectEnter
from app.projects import capacities as project_capacities
from app.projects.gate_results import Override
from app.projects.models import Program
from app.projects.schemas import CapacitiesSet, CapacitySet
from app.sample import acts
from app.sample.acts import APPROVER, MADE_UP, MADE_UP_PREFIX, SAMPLE, City
from app.sample.city import (
    BUSINESS_DAY,
    CEREMONY_ON,
    LISTED_ON,
    NOT_REPORTED,
    SOURCE,
    VISITED_ON,
    XIANGSHUN_ALL,
    XIANGSHUN_FIRST,
)
from app.sample.made_up import Leaf, leaves

YEAR = 2023
LATE_STAGES = {"completed": "acceptance", "operating": "production", "at_capacity": "above_threshold"}
"""The stages after building, each with the evidence that its gate asks for."""

REASON_VISIT = "采访日，开工日报道未载明"
REASON_BUSINESS_DAY = "业务日，开工日报道未载明"


def plan(city: City) -> None:
    made_up = leaves(city.workday)
    for leaf in made_up:
        _plan(city, leaf)
    city.at(LISTED_ON, lambda s: _list(s, city, [leaf for leaf in made_up if leaf.entered_on < LISTED_ON]))
    starters = [leaf for leaf in made_up if leaf.signed_on is not None]
    city.at(CEREMONY_ON, lambda s: _ceremony(s, city, starters))
    city.at(VISITED_ON, lambda s: _xiangshun(s))
    city.at(BUSINESS_DAY, lambda s: _shenbai(s, city))


def _plan(city: City, leaf: Leaf) -> None:
    city.at(leaf.entered_on, lambda s: _enter(s, city, leaf))
    if leaf.entered_on >= LISTED_ON:
        city.at(leaf.entered_on, lambda s: _list(s, city, [leaf]))
    if leaf.signed_on is not None:
        city.at(leaf.signed_on, lambda s: _sign(s, city, leaf))
    elif leaf.started_on is not None:
        city.at(leaf.started_on, lambda s: _start(s, city, leaf))
    elif leaf.prepared_on is not None:
        city.at(leaf.prepared_on, lambda s: _prepare(s, city, leaf))
    for day in leaf.resumed_on:
        city.at(day, lambda s, day=day: _resume(s, city, leaf, day))  # type: ignore[misc]
    if leaf.inspected_on is not None:
        city.at(leaf.inspected_on, lambda s: _inspect(s, city, leaf))
    for stage, proof in LATE_STAGES.items():
        on = getattr(leaf, f"{stage}_on")
        if on is not None:
            city.at(on, lambda s, stage=stage, proof=proof, on=on: _move_late(s, city, leaf, stage, proof, on))  # type: ignore[misc]


async def _move_late(session: AsyncSession, city: City, leaf: Leaf, stage: str, proof: str, on: date) -> None:
    project_id = city.projects[leaf.name]
    await acts.prove(session, project_id, on, proof)
    await acts.move(session, project_id, stage, on)
    if stage == "completed":
        await acts.reached(session, project_id, stage, on)


async def _enter(session: AsyncSession, city: City, leaf: Leaf) -> None:
    is_promoted = leaf.signed_on is not None
    unit_id = city.units[leaf.unit]
    project, _ = await pipeline.make(
        session,
        SAMPLE,
        ProjectEnter(
            name=MADE_UP_PREFIX + leaf.name,
            program=Program.both if is_promoted else Program.construction,
            unit_id=unit_id,
            place_unit_id=unit_id,
            task_force_id=city.task_forces[leaf.task_force] if leaf.task_force else None,
            industry_code=leaf.industry,
            investor_id=await acts.investor(session, city) if is_promoted else None,
            national_code=acts.national_code(leaf.number, leaf.entered_on.year),
            direct_entry_reason="示例数据",
            source=MADE_UP,
        ),
        is_illustrative=True,
    )
    city.projects[leaf.name] = project.id
    await acts.planned_total(session, SAMPLE, project.id, leaf.planned_total, MADE_UP)


async def _list(session: AsyncSession, city: City, listed: Sequence[Leaf]) -> None:
    for leaf in listed:
        body = PlanListAdd(planned_this_year=leaf.planned_this_year, source=MADE_UP)
        await construction.list_project(session, SAMPLE, YEAR, city.projects[leaf.name], body)


def _start_and_end(started_on: date) -> list[tuple[str, str, date]]:
    return [("开工", "started", started_on), _end(started_on)]


def _end(started_on: date) -> tuple[str, str, date]:
    return ("竣工", "completed", started_on + timedelta(days=900))


async def _prepare(session: AsyncSession, city: City, leaf: Leaf) -> None:
    assert leaf.prepared_on is not None
    project_id = city.projects[leaf.name]
    milestones = _start_and_end(leaf.prepared_on + timedelta(days=120))
    await acts.five_ones(session, city, project_id, leaf.unit, leaf.number, milestones)
    await acts.move(session, project_id, "preparing", leaf.prepared_on)


async def _start(session: AsyncSession, city: City, leaf: Leaf) -> None:
    """Moves a leaf through `preparing` to `started`, or to `building` where it started in an earlier year."""
    on = leaf.started_on
    assert on is not None
    project_id = city.projects[leaf.name]
    await acts.five_ones(session, city, project_id, leaf.unit, leaf.number, [_end(on)])
    await acts.prove(session, project_id, on, "construction_permit")
    await acts.move(session, project_id, "started" if on.year == YEAR else "building", on, catch_up=True)


async def _resume(session: AsyncSession, city: City, leaf: Leaf, on: date) -> None:
    await resumptions.add(session, SAMPLE, city.projects[leaf.name], WorkResumptionCreate(on=on, note="示例：现场核实"))


async def _inspect(session: AsyncSession, city: City, leaf: Leaf) -> None:
    assert leaf.inspected_on is not None
    await acts.inspect(session, city.projects[leaf.name], leaf.inspected_on)


# The collective start


async def _sign(session: AsyncSession, city: City, leaf: Leaf) -> None:
    on = leaf.signed_on
    assert on is not None
    project_id = city.projects[leaf.name]
    milestones = [("落地", "landed", CEREMONY_ON), *_start_and_end(CEREMONY_ON)]
    milestones.append(("投产", "operating", CEREMONY_ON + timedelta(days=960)))
    await acts.five_ones(session, city, project_id, leaf.unit, leaf.number, milestones)
    await acts.visit(session, project_id, on)
    await acts.prove(session, project_id, on, "legality_review", "fair_competition_review")
    draft = await deals.draft(
        session,
        SAMPLE,
        DealCreate(
            project_id=project_id,
            title=f"{MADE_UP_PREFIX}{leaf.name}投资协议",
            agreement_no=f"示例协〔2022〕{leaf.number}号",
            signed_on=on,
            agreed_amount=leaf.planned_total,
            source=MADE_UP,
        ),
        is_illustrative=True,
    )
    await deals.approve(session, APPROVER, draft.id, draft.version, DealApprove())
    await acts.move(session, project_id, "signed", on, catch_up=True)


async def _ceremony(session: AsyncSession, city: City, starters: Sequence[Leaf]) -> None:
    for leaf in starters:
        project_id = city.projects[leaf.name]
        await acts.prove(session, project_id, CEREMONY_ON, "local_company", "site_secured", "construction_permit")
        await acts.move(session, project_id, "started", CEREMONY_ON, catch_up=True)
        for stage in ("landed", "started"):
            await acts.reached(session, project_id, stage, CEREMONY_ON)
    body = StartBatchCreate(
        name="一季度集中开工（日期与项目为示例）",
        held_on=CEREMONY_ON,
        source=f"{SOURCE}：36 个、46.8 亿元；报道未载明日期与项目",
        project_ids=[city.projects[leaf.name] for leaf in starters],
    )
    await construction.create_batch(session, SAMPLE, body, is_illustrative=True)


# The two projects that the article names. Data missing in the article stays empty, and its gates are overridden.


async def _xiangshun(session: AsyncSession) -> None:
    group = await enterprises.create(session, SAMPLE, EnterpriseCreate(name="北京建龙集团", source=SOURCE))
    company = EnterpriseCreate(name="辽宁祥顺气体有限公司", parent_id=group.id, source=SOURCE)
    investor = await enterprises.create(session, SAMPLE, company)
    whole, _ = await pipeline.make(
        session,
        SAMPLE,
        ProjectEnter(
            name="辽宁祥顺气体有限公司稀有气体生产线",
            short_name="祥顺稀有气体",
            program=Program.construction,
            investor_id=investor.id,
            description="氦氖氙氪精制、电子级超纯氧生产和电子级激光气体生产线",
            direct_entry_reason=f"报道的建设项目，补录；{REASON_VISIT}",
            source=SOURCE,
            override=_missing("industry", "place", "unit_in_charge"),
        ),
    )
    await acts.planned_total(session, SAMPLE, whole.id, XIANGSHUN_ALL, SOURCE)
    first = await phases.add(
        session,
        SAMPLE,
        whole.id,
        whole.version,
        PhaseCreate(
            name="辽宁祥顺气体有限公司稀有气体精制项目（一期）",
            short_name="祥顺一期",
            phase_no=1,
            from_on=VISITED_ON,
            annual_revenue=Decimal("441000000.00"),
            annual_tax=Decimal("42150000.00"),
            source=SOURCE,
            override=_missing("industry", "place", "unit_in_charge"),
        ),
    )
    capacities = CapacitiesSet(
        items=[
            CapacitySet(product=product, quantity=Decimal(quantity), unit="立方米/年")
            for product, quantity in (("高纯氦", 7440), ("高纯氖", 1747))
        ]
    )
    await project_capacities.replace(session, SAMPLE, first.id, first.version, capacities)
    await acts.planned_total(session, SAMPLE, first.id, XIANGSHUN_FIRST, SOURCE)
    named = (
        ("建成", "completed", date(2023, 6, 30)),
        ("7 月投产（报道未载明日期，按月末）", "operating", date(2023, 7, 31)),
        ("投产后一个月内达产达效（报道未载明日期，按次月末）", "at_capacity", date(2023, 8, 31)),
    )
    aims = PlanPublish(
        title="报道所述目标",
        milestones=[MilestoneSet(name=name, leads_to=stage, planned_on=day) for name, stage, day in named],
    )
    await plans.publish(session, SAMPLE, first.id, None, aims)
    reported = MoveCreate(
        to="building",
        happened_on=VISITED_ON,
        catch_up=True,
        reason=REASON_VISIT,
        override=_missing("project_approved", "leader", "team", "permit"),
    )
    await pipeline.advance(session, SAMPLE, first.id, None, reported)
    await construction.list_project(session, SAMPLE, YEAR, first.id, PlanListAdd(source=SOURCE))


async def _shenbai(session: AsyncSession, city: City) -> None:
    project, _ = await pipeline.make(
        session,
        SAMPLE,
        ProjectEnter(
            name="沈白高铁抚顺段",
            program=Program.construction,
            place_unit_id=city.units["210400"],
            description="兰山梁场（东洲区兰山乡）、顺城隧道等在施",
            direct_entry_reason=f"报道的建设项目，补录；{REASON_BUSINESS_DAY}",
            source=SOURCE,
            override=_missing("industry", "unit_in_charge"),
        ),
    )
    reported = MoveCreate(
        to="building",
        happened_on=BUSINESS_DAY,
        catch_up=True,
        reason=REASON_BUSINESS_DAY,
        override=_missing("project_approved", "leader", "team", "plan", "permit"),
    )
    await pipeline.advance(session, SAMPLE, project.id, None, reported)
    await construction.list_project(session, SAMPLE, YEAR, project.id, PlanListAdd(source=SOURCE))


def _missing(*gates: str) -> Override:
    return Override(gates=list(gates), reason=NOT_REPORTED)
