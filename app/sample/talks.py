"""Made-up promotion projects that are not signed: in talks, at a letter of intent, paused, given up, and in phases.

They are on no plan list and hold no approved agreement, so that no figure of the article counts them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from app.five_ones import follow_ups
from app.five_ones.schemas import MilestoneReportCreate
from app.pipeline import endings, phases
from app.pipeline import service as pipeline
from app.pipeline.schemas import PauseCreate, PhaseCreate, ProjectEnter, TerminationCreate
from app.projects import service as projects
from app.projects.follow_ups import FollowUpCreate, FollowUpKind
from app.projects.models import Program, TerminationReason
from app.sample import acts
from app.sample.acts import MADE_UP, MADE_UP_PREFIX, SAMPLE, City

INVESTORS = 200
"""Their investors are numbered from here, so that those of the signings keep their numbers."""

_YI = 100_000_000
_LATER = (
    ("落地", "landed", date(2023, 8, 31)),
    ("开工", "started", date(2023, 11, 30)),
    ("竣工", "completed", date(2025, 6, 30)),
    ("投产", "operating", date(2025, 10, 31)),
)


@dataclass(frozen=True, slots=True)
class Talk:
    """A made-up project in talks. `intent_planned_on`: planned day of its letter of intent; `next_step`: what is to be
    done after the last talk, by `next_step_on`. Amount in 亿元."""

    what: str
    unit: str
    task_force: str
    industry: str
    amount_yi: str
    entered_on: date
    negotiating_on: date
    intent_planned_on: date
    signing_planned_on: date
    talked_on: date
    next_step: str | None = None
    next_step_on: date | None = None
    framework_on: date | None = None
    forecast_on: tuple[date, date] | None = None
    """(day of the report, day by which the letter of intent is now expected)."""
    paused_on: date | None = None
    terminated_on: date | None = None


IN_DRAFT = "生物基材料项目"
"""The project whose agreement one of the bureau has drafted."""

IN_DRAFT_OF_DISTRICT = "煤矸石陶粒项目"
"""The project whose agreement its district has drafted."""

IN_PHASES = "氢能装备产业园项目"

TALKS = (
    Talk(
        IN_DRAFT,
        "210403",
        "高端精细化工",
        "29",
        "4.2",
        date(2022, 11, 15),
        date(2022, 12, 20),
        date(2023, 2, 10),
        date(2023, 4, 14),
        date(2023, 3, 27),
        "示例：送法律顾问核对协议文本",
        date(2023, 4, 4),
        framework_on=date(2023, 2, 10),
    ),
    Talk(
        IN_DRAFT_OF_DISTRICT,
        "210404",
        "新型煤化工及煤矸石综合利用",
        "30",
        "1.8",
        date(2022, 12, 6),
        date(2023, 1, 12),
        date(2023, 2, 24),
        date(2023, 4, 28),
        date(2023, 3, 23),
        "示例：补合法性审查意见",
        date(2023, 3, 31),
        framework_on=date(2023, 3, 15),
    ),
    Talk(
        "分布式光伏项目",
        "210423",
        "新型清洁能源",
        "44",
        "2.4",
        date(2022, 12, 2),
        date(2023, 1, 5),
        date(2023, 2, 10),
        date(2023, 3, 24),
        date(2023, 3, 16),
        "示例：请电网公司确认接入方案",
        date(2023, 3, 24),
        framework_on=date(2023, 2, 24),
    ),
    Talk(
        "风电装备总装项目",
        "210403",
        "先进装备制造业",
        "38",
        "6.5",
        date(2022, 12, 13),
        date(2023, 1, 30),
        date(2023, 3, 10),
        date(2023, 5, 31),
        date(2023, 3, 20),
        "示例：请投资方来看厂房",
        date(2023, 4, 7),
        forecast_on=(date(2023, 3, 20), date(2023, 4, 20)),
    ),
    Talk(
        "人参饮片项目",
        "210422",
        "农产品(中药材)深加工",
        "27",
        "0.9",
        date(2023, 1, 9),
        date(2023, 2, 8),
        date(2023, 3, 20),
        date(2023, 5, 19),
        date(2023, 3, 14),
        "示例：核实中药材种植面积",
        date(2023, 3, 28),
    ),
    Talk(
        "轨道车辆内饰项目",
        "210411",
        "先进装备制造业",
        "37",
        "1.5",
        date(2022, 12, 20),
        date(2023, 1, 31),
        date(2023, 3, 24),
        date(2023, 5, 26),
        date(2023, 2, 15),
    ),
    Talk(
        "滑雪装备体验项目",
        "210421",
        "冰雪旅游",
        "24",
        "3.0",
        date(2023, 1, 16),
        date(2023, 2, 22),
        date(2023, 4, 12),
        date(2023, 6, 16),
        date(2023, 3, 29),
        "示例：约文旅部门会商",
        date(2023, 4, 6),
    ),
    Talk(
        "蓝莓冻干食品项目",
        "210423",
        "农产品(中药材)深加工",
        "14",
        "0.6",
        date(2023, 2, 14),
        date(2023, 3, 16),
        date(2023, 4, 27),
        date(2023, 6, 30),
        date(2023, 3, 30),
        "示例：赴投资方总部考察",
        date(2023, 4, 11),
    ),
    Talk(
        "老厂区更新项目",
        "210402",
        "闲置资产盘活",
        "70",
        "1.2",
        date(2023, 1, 4),
        date(2023, 2, 15),
        date(2023, 3, 31),
        date(2023, 5, 31),
        date(2023, 3, 8),
        paused_on=date(2023, 3, 10),
    ),
    Talk(
        "芳烃深加工项目",
        "210400-GX",
        "高端精细化工",
        "26",
        "8.0",
        date(2022, 11, 22),
        date(2022, 12, 28),
        date(2023, 2, 28),
        date(2023, 4, 28),
        date(2023, 3, 9),
        terminated_on=date(2023, 3, 17),
    ),
)

PHASES = (("4.0", date(2023, 2, 27)), ("6.0", None))
"""Planned total in 亿元 of each phase of `IN_PHASES`, and the day on which it came into talks."""

PHASED_ON = date(2023, 2, 20)


def plan(city: City) -> None:
    for number, talk in enumerate(TALKS):
        _plan(city, number, talk)
    city.at(
        date(2023, 2, 6), lambda s: _enter(s, city, len(TALKS), IN_PHASES, "210400-GX", "新型清洁能源", "38", "10.0")
    )
    city.at(PHASED_ON, lambda s: _add_phases(s, city))
    for number, (_, on) in enumerate(PHASES, start=1):
        if on is not None:
            name = _of_phase(number)
            city.at(on, lambda s, on=on, name=name: _negotiate_phase(s, city, name, on))  # type: ignore[misc]


def _of_phase(number: int) -> str:
    return f"{IN_PHASES}（{'一二'[number - 1]}期）"


def _plan(city: City, number: int, talk: Talk) -> None:
    name = talk.what
    city.at(
        talk.entered_on,
        lambda s: _enter(s, city, number, name, talk.unit, talk.task_force, talk.industry, talk.amount_yi),
    )
    city.at(talk.negotiating_on, lambda s: _negotiate(s, city, number, talk))
    if talk.framework_on is not None:
        framework_on = talk.framework_on
        city.at(framework_on, lambda s: _agree(s, city, name, framework_on))
    city.at(talk.talked_on, lambda s: _talk(s, city, talk))
    if talk.forecast_on is not None:
        on, expected_on = talk.forecast_on
        body = MilestoneReportCreate(forecast_on=expected_on, note="示例：投资方内部决策推迟")
        city.at(on, lambda s: acts.report(s, city.projects[name], "framework", body))
    if talk.paused_on is not None:
        paused_on = talk.paused_on
        city.at(paused_on, lambda s: _pause(s, city, name, paused_on))
    if talk.terminated_on is not None:
        terminated_on = talk.terminated_on
        city.at(terminated_on, lambda s: _terminate(s, city, name, terminated_on))


async def _enter(
    session: AsyncSession,
    city: City,
    number: int,
    name: str,
    unit: str,
    task_force: str,
    industry: str,
    amount_yi: str,
) -> None:
    project, _ = await pipeline.make(
        session,
        SAMPLE,
        ProjectEnter(
            name=MADE_UP_PREFIX + name,
            program=Program.promotion,
            unit_id=city.units[unit],
            place_unit_id=city.units[unit],
            task_force_id=city.task_forces[task_force],
            industry_code=industry,
            investor_id=await acts.investor(session, city, INVESTORS + number + 1),
            direct_entry_reason="示例数据",
            source=MADE_UP,
        ),
        is_illustrative=True,
    )
    city.projects[name] = project.id
    await acts.planned_total(session, SAMPLE, project.id, Decimal(amount_yi) * _YI, MADE_UP)


async def _negotiate(session: AsyncSession, city: City, number: int, talk: Talk) -> None:
    project_id = city.projects[talk.what]
    milestones = [("意向书", "framework", talk.intent_planned_on), ("签约", "signed", talk.signing_planned_on), *_LATER]
    await acts.five_ones(session, city, project_id, talk.unit, number, milestones)
    await acts.visit(session, project_id, talk.negotiating_on)
    await acts.move(session, project_id, "negotiating", talk.negotiating_on)


async def _agree(session: AsyncSession, city: City, name: str, on: date) -> None:
    """A letter of intent."""
    project_id = city.projects[name]
    await acts.prove(session, project_id, on, "letter_of_intent")
    await acts.move(session, project_id, "framework", on)
    await acts.reached(session, project_id, "framework", on)
    if name == IN_DRAFT:
        await acts.prove(session, project_id, on, "legality_review", "fair_competition_review")


async def _talk(session: AsyncSession, city: City, talk: Talk) -> None:
    body = FollowUpCreate(
        kind=FollowUpKind.talk,
        with_investor=True,
        on=talk.talked_on,
        summary="示例：与投资方洽谈投资条件",
        next_step=talk.next_step,
        next_step_on=talk.next_step_on,
    )
    await follow_ups.add(session, SAMPLE, city.projects[talk.what], body)


async def _pause(session: AsyncSession, city: City, name: str, on: date) -> None:
    project = await projects.get(session, SAMPLE, city.projects[name])
    body = PauseCreate(happened_on=on, reason="示例：等待厂区权属确认", resume_expected_on=date(2023, 6, 30))
    await pipeline.pause(session, SAMPLE, project.id, project.version, body)


async def _terminate(session: AsyncSession, city: City, name: str, on: date) -> None:
    project = await projects.get(session, SAMPLE, city.projects[name])
    body = TerminationCreate(happened_on=on, reason_code=TerminationReason.investor_withdrew, reason="示例：投资方放弃")
    await endings.terminate(session, SAMPLE, project.id, project.version, body)


async def _add_phases(session: AsyncSession, city: City) -> None:
    for number, (amount_yi, _) in enumerate(PHASES, start=1):
        whole = await projects.get(session, SAMPLE, city.projects[IN_PHASES])
        name = _of_phase(number)
        body = PhaseCreate(name=MADE_UP_PREFIX + name, phase_no=number, from_on=PHASED_ON, source=MADE_UP)
        phase = await phases.add(session, SAMPLE, whole.id, whole.version, body)
        city.projects[name] = phase.id
        await acts.planned_total(session, SAMPLE, phase.id, Decimal(amount_yi) * _YI, MADE_UP)


async def _negotiate_phase(session: AsyncSession, city: City, name: str, on: date) -> None:
    project_id = city.projects[name]
    milestones = [("意向书", "framework", date(2023, 4, 21)), ("签约", "signed", date(2023, 6, 15)), *_LATER]
    await acts.five_ones(session, city, project_id, "210400-GX", len(TALKS), milestones)
    await acts.visit(session, project_id, on)
    await acts.move(session, project_id, "negotiating", on)
