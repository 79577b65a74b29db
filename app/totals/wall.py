"""The wall: the figures of the running period for a screen that nobody operates. Names no person and has no address."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, office
from app.core.actor import Actor, scope_of
from app.projects.models import Pool
from app.projects.placed import PlacedFilter
from app.totals import attention, funnel, overview
from app.totals.figure_schemas import FigurePart, Overview, OverviewQuery
from app.totals.funnel_schemas import FunnelQuery
from app.totals.groups import GroupBy
from app.totals.periods import month_of, number_of, quarter_of
from app.totals.schemas import Group, OpenSum
from app.totals.wall_schemas import (
    Wall,
    WallAttention,
    WallCollective,
    WallGrain,
    WallGroup,
    WallMonth,
    WallPart,
    WallPlanned,
    WallSignings,
    WallStage,
    WallStarted,
    WallSum,
)


def running(grain: WallGrain, today: date) -> str:
    """Returns the period of a kind in which a day lies."""
    half = 1 if today.month <= 6 else 2
    return {
        WallGrain.month: month_of(number_of(today)),
        WallGrain.quarter: quarter_of(number_of(today)),
        WallGrain.half: f"{today.year:04d}H{half}",
        WallGrain.year: f"{today.year:04d}",
    }[grain]


async def wall(session: AsyncSession, actor: Actor, grain: WallGrain) -> Wall:
    """Returns the figures of the running period, within the reader's scope; a display sees the whole city."""
    today = await clock.today(session)
    period = running(grain, today)
    query = OverviewQuery.model_validate({"period": period, "group_by": f"{GroupBy.unit},{GroupBy.task_force}"})
    found = await overview.overview(session, actor, query)
    stages = await funnel.funnel(session, actor, FunnelQuery(period=period, pool=Pool.promotion))
    waiting = await attention.attention(session, actor, PlacedFilter())
    started, planned = found.started_or_resumed, found.planned_year
    return Wall(
        today=today,
        is_day_set=await office.stored_business_day(session) is not None,
        period=period,
        scope=scope_of(actor),
        known_at=found.known_at,
        signings=_signings(found),
        collective_start=WallCollective(
            count=found.collective_start.count,
            amount=found.collective_start.amount,
            from_1_yi=_sum(found.collective_start.from_1_yi),
            caliber=found.collective_start.caliber,
        ),
        started_or_resumed=WallStarted(
            count=started.count,
            amount=started.amount,
            new=_sum(started.new),
            resumed=_sum(started.resumed),
            caliber=started.caliber,
        ),
        planned_year=WallPlanned(
            count=planned.count,
            amount=planned.amount.planned_total,
            planned_this_year=planned.amount.planned_this_year,
            started=_sum(planned.started),
            caliber=planned.caliber,
        ),
        stages=[
            WallStage(
                name_zh=stage.name_zh, name_en=stage.name_en, count=stage.present.count, amount=stage.present.amount
            )
            for stage in stages.stages
            if stage.present is not None
        ],
        attention=WallAttention(
            overdue=waiting.overdue.count, gaps=waiting.five_ones.count, unanswered=waiting.leads.unanswered.count
        ),
    )


def _sum(part: FigurePart | OpenSum) -> WallSum:
    """Returns count and amount without the address of the rows."""
    return WallSum(count=part.count, amount=part.amount)


def _signings(found: Overview) -> WallSignings:
    signings = found.signings
    return WallSignings(
        count=signings.count,
        amount=signings.amount,
        same_quarter_landed=signings.same_quarter_landed,
        largest=[
            WallPart(
                name=part.deal.project_name,
                count=part.count,
                amount=part.amount,
                is_illustrative=part.is_illustrative,
            )
            for part in signings.parts.largest
        ],
        rest=_sum(signings.parts.rest),
        trend=[
            WallMonth(month=month.month, is_in_period=month.is_in_period, count=month.count, amount=month.amount)
            for month in signings.trend
        ],
        units=_groups(signings.groups[GroupBy.unit]),
        task_forces=_groups(signings.groups[GroupBy.task_force]),
        caliber=signings.caliber,
    )


def _groups(groups: Iterable[Group]) -> list[WallGroup]:
    return [
        WallGroup(
            zh=group.label.zh,
            en=group.label.en,
            short_name=group.label.short_name,
            is_none=group.key == "none",
            count=group.count,
            amount=group.amount,
        )
        for group in groups
    ]
