"""转化漏斗: entries into and exits from each stage in a period, the days stayed, what is there now, and the cohorts.

Percentiles are nearest-rank: the smallest number of days that at least so many per cent of the stays did not exceed.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, scope_of
from app.core.localized import Label
from app.projects import service as projects
from app.projects.models import Project, ProjectPlacement, Status
from app.projects.moves import MoveKind
from app.projects.stages import Stage, pipeline
from app.totals import figures, groups
from app.totals.cohorts import by_quarter, walks
from app.totals.filters import Address, Asked
from app.totals.funnel_schemas import Funnel, FunnelPresent, FunnelQuery, FunnelStage, FunnelWhat
from app.totals.stays import LEFT_BY, counted, days_stayed, nearest_rank, paused, stays_within

CALIBER = Label(
    code="funnel",
    zh="转化漏斗：本期进入、离开各阶段的次数与停留天数（日历日，扣除暂缓；就近取整的中位数与九成位数），"
    "按当日所在单位、专班、类别统计，并入的不计；签约批次按进入签约阶段的季度与当日所在单位，"
    "截至所知时刻的到达率，不论其后流转至何处。" + figures.NOT_STATISTICS[0],
    en="Funnel: entries into and exits from each stage in the period and the days stayed (calendar days less pauses; "
    "nearest-rank median and 90th percentile), by unit, task force and program of the day, merged ones left out; "
    "cohorts by the quarter and place of entry into `signed`, with what they reached since, wherever. "
    + figures.NOT_STATISTICS[1],
)
ROWS = "totals/funnel/rows"


async def _entered(session: AsyncSession, actor: Actor, asked: Asked, query: FunnelQuery) -> dict[str, int]:
    facts = stays_within(FunnelWhat.entered, asked, (asked.start, asked.end))
    rows = await session.execute(
        select(facts.c.to_stage, func.count().label("n"))
        .select_from(facts)
        .join(ProjectPlacement, and_(*counted(facts, actor, asked, query)))
        .group_by(facts.c.to_stage)
    )
    return {row.to_stage: row.n for row in rows}


async def _left(session: AsyncSession, actor: Actor, asked: Asked, query: FunnelQuery) -> list[Any]:
    facts = stays_within(FunnelWhat.left, asked, (asked.start, asked.end))
    rows = await session.execute(select(facts).join(ProjectPlacement, and_(*counted(facts, actor, asked, query))))
    return list(rows.mappings())


def present_conditions(actor: Actor, query: FunnelQuery, today: date) -> list[ColumnElement[bool]]:
    """Returns the conditions on Project that it is an active leaf the query asks for, as on the board."""
    return [
        projects.scope(actor),
        projects.is_leaf(),
        Project.status == Status.active,
        *query.conditions(Project.unit_id, Project.task_force_id, today),
        *query.of_programs(Project.program),
    ]


def present_sums(today: date) -> list[ColumnElement[Any]]:
    """Returns the sums over the projects at a stage now."""
    return [
        func.count().label("n"),
        groups.total(Project.planned_total, "amount"),
        groups.number(Project.planned_total.is_(None), "without"),
        groups.number(projects.is_overdue(today), "overdue"),
    ]


async def _present(
    session: AsyncSession, actor: Actor, query: FunnelQuery, address: Address, stages: Iterable[str]
) -> dict[str, FunnelPresent]:
    """Returns what is at each stage now. Nothing where the query asks as known at a moment: the day something is due
    is not kept for earlier moments."""
    if query.known_at is not None:
        return {}
    today = await clock.today(session)
    rows = await session.execute(
        select(Project.stage, *present_sums(today))
        .where(*present_conditions(actor, query, today))
        .group_by(Project.stage)
    )
    sums_of = {row.stage: row for row in rows}
    present = {}
    for stage in stages:
        sums, opened = sums_of.get(stage), address.under("stage", stage).under("known_at", None)
        present[stage] = FunnelPresent(
            count=sums.n if sums else 0,
            amount=sums.amount if sums else Decimal(0),
            without_amount=sums.without if sums else 0,
            rows_url=opened(what=FunnelWhat.present, known_at=None),
            overdue=sums.overdue if sums else 0,
            overdue_url=opened(what=FunnelWhat.overdue, known_at=None),
        )
    return present


async def funnel(session: AsyncSession, actor: Actor, query: FunnelQuery) -> Funnel:
    """Returns every stage of the table, in order, and the cohorts of the period, as known at a moment."""
    start, end = query.days()
    asked = Asked(start, end, await knowledge.known_at(session, query.known_at), query)
    table = await pipeline(session)
    address = Address(ROWS, query, asked.known_at)
    entered = await _entered(session, actor, asked, query)
    paused_days = await paused(session, asked)
    left: defaultdict[str, list[tuple[MoveKind, int]]] = defaultdict(list)
    for row in await _left(session, actor, asked, query):
        left[row["to_stage"]].append((row["left_by"], days_stayed(row, paused_days) or 0))
    present = await _present(session, actor, query, address, [stage.code for stage in table.stages])
    cohort = await walks(session, actor, asked, query, (start, end), table.positions)
    return Funnel(
        scope=scope_of(actor),
        period=query.period,
        from_=start,
        to=end,
        pool=query.pool,
        program=None if query.program is None else str(query.program),
        known_at=asked.known_at,
        stages=[
            _stage(stage, entered.get(stage.code, 0), left[stage.code], present.get(stage.code), address)
            for stage in table.stages
        ],
        cohorts=by_quarter(cohort, address),
        caliber=CALIBER,
    )


def _stage(
    stage: Stage, entered: int, exits: list[tuple[MoveKind, int]], present: FunnelPresent | None, address: Address
) -> FunnelStage:
    days = sorted(of_stay for _, of_stay in exits)
    kinds = [kind for kind, _ in exits]
    opened = address.under("stage", stage.code)
    urls = {f"{what.value}_url": opened(what=what) for what in (FunnelWhat.entered, FunnelWhat.left, *LEFT_BY)}
    return FunnelStage(
        stage=stage.code,
        name_zh=stage.name_zh,
        name_en=stage.name_en,
        entered=entered,
        left=len(exits),
        left_forward=kinds.count(MoveKind.forward),
        left_back=kinds.count(MoveKind.back),
        left_ended=kinds.count(MoveKind.terminate),
        median_days=nearest_rank(days, 50),
        p90_days=nearest_rank(days, 90),
        present=present,
        **urls,
    )
