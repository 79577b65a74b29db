"""The twelve signings of the quarter: one that the article names, eleven known only as part of the total."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.deals import service as deals
from app.deals.schemas import DealApprove, DealCreate
from app.enterprises import service as enterprises
from app.enterprises.models import Origin
from app.enterprises.schemas import EnterpriseCreate, RankingCreate
from app.pipeline import service as pipeline
from app.pipeline.schemas import MoveCreate, ProjectEnter
from app.projects import capacities as project_capacities
from app.projects.gate_results import Override
from app.projects.models import Program
from app.projects.schemas import CapacitiesSet, CapacitySet
from app.sample import acts
from app.sample.acts import APPROVER, MADE_UP, MADE_UP_PREFIX, SAMPLE, City
from app.sample.city import NOT_REPORTED, SANMU_AMOUNT, SANMU_SIGNED_ON, SIGNINGS, SOURCE, Signing

_MILESTONES = (("落地", "landed", 90), ("开工", "started", 270), ("竣工", "completed", 720), ("投产", "operating", 800))
"""Days after the signing."""


def plan(city: City) -> None:
    for number, signing in enumerate(SIGNINGS, start=1):
        _plan_signing(city, number, signing)
    city.at(SANMU_SIGNED_ON, lambda s: _sanmu(s, city))


def _plan_signing(city: City, number: int, signing: Signing) -> None:
    name = f"{MADE_UP_PREFIX}{signing.what}{number:02d}"
    talked_on = city.workday(signing.signed_on - timedelta(days=45))
    city.at(city.workday(signing.signed_on - timedelta(days=60)), lambda s: _enter(s, city, name, signing))
    city.at(talked_on, lambda s: _negotiate(s, city, number, name, signing, talked_on))
    city.at(signing.signed_on, lambda s: _sign(s, city, number, name, signing))
    landed_on = signing.landed_on
    if landed_on is not None:
        city.at(landed_on, lambda s: _land(s, city, name, landed_on))


async def _enter(session: AsyncSession, city: City, name: str, signing: Signing) -> None:
    project, _ = await pipeline.make(
        session,
        SAMPLE,
        ProjectEnter(
            name=name,
            program=Program.promotion,
            unit_id=city.units[signing.unit],
            place_unit_id=city.units[signing.unit],
            task_force_id=city.task_forces[signing.task_force],
            industry_code=signing.industry,
            investor_id=await acts.investor(session, city),
            direct_entry_reason="示例数据",
            source=MADE_UP,
        ),
        is_illustrative=True,
    )
    city.projects[name] = project.id
    await acts.planned_total(session, SAMPLE, project.id, signing.amount, MADE_UP)


async def _negotiate(session: AsyncSession, city: City, number: int, name: str, signing: Signing, on: date) -> None:
    project_id = city.projects[name]
    days = [(what, stage, signing.signed_on + timedelta(days=after)) for what, stage, after in _MILESTONES]
    await acts.five_ones(session, city, project_id, signing.unit, number - 1, days)
    await acts.visit(session, project_id, on)
    await acts.move(session, project_id, "negotiating", on)


async def _sign(session: AsyncSession, city: City, number: int, name: str, signing: Signing) -> None:
    project_id = city.projects[name]
    await acts.visit(session, project_id, signing.signed_on)
    await acts.prove(session, project_id, signing.signed_on, "legality_review", "fair_competition_review")
    draft = await deals.draft(
        session,
        SAMPLE,
        DealCreate(
            project_id=project_id,
            title=f"{name}投资协议",
            agreement_no=f"示例协〔2023〕{number}号",
            signed_on=signing.signed_on,
            agreed_amount=signing.amount,
            source=MADE_UP,
        ),
        is_illustrative=True,
    )
    await deals.approve(session, APPROVER, draft.id, draft.version, DealApprove())
    await acts.move(session, project_id, "signed", signing.signed_on)


async def _land(session: AsyncSession, city: City, name: str, on: date) -> None:
    project_id = city.projects[name]
    await acts.prove(session, project_id, on, "local_company", "project_code", "site_secured")
    await acts.move(session, project_id, "landed", on)


async def _sanmu(session: AsyncSession, city: City) -> None:
    """Adds the signing that the article names. Data missing there stays empty, and its gates are overridden."""
    investor = await enterprises.create(
        session, SAMPLE, EnterpriseCreate(name="江苏三木集团", origin=Origin.domestic, source=SOURCE)
    )
    for list_name, rank in (("中国企业500强", 471), ("中国制造业企业500强", 234)):
        await enterprises.add_ranking(
            session, SAMPLE, investor.id, RankingCreate(list_name=list_name, year=2022, rank=rank, source=SOURCE)
        )
    zone = city.units["210400-GX"]
    project, _ = await pipeline.make(
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
    sanmu = await project_capacities.replace(session, SAMPLE, project.id, project.version, capacities)
    await acts.planned_total(session, SAMPLE, project.id, SANMU_AMOUNT, SOURCE)
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
    await pipeline.advance(session, SAMPLE, project.id, sanmu.version, move)
