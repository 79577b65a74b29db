from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.core.actor import CurrentActor
from app.core.clock import KnownAt
from app.core.db import FigureSession, ReadSession
from app.core.routing import Router
from app.projects.placed import PlacedFilter
from app.totals import attention, figure_rows, funnel, funnel_rows, overview, performance, service, wall
from app.totals.attention_schemas import Attention
from app.totals.figure_schemas import (
    AwaitingQuery,
    AwaitingRows,
    CollectiveQuery,
    FigureRows,
    Overview,
    OverviewQuery,
    PlannedQuery,
    StartedQuery,
)
from app.totals.figures import Figure
from app.totals.filters import EntriesQuery
from app.totals.funnel_schemas import Funnel, FunnelQuery, FunnelRows, FunnelRowsQuery
from app.totals.schemas import Entries, Head, Performance, Performances, Signings, SigningsQuery
from app.totals.wall_schemas import Wall, WallGrain

router = Router(tags=["汇总 totals"])


@router.get("/totals/signings", summary="签约数、签约额 Signing totals")
async def get_signings(
    session: FigureSession, actor: CurrentActor, query: Annotated[SigningsQuery, Query()]
) -> Signings:
    return await service.signings(session, actor, query)


@router.get("/totals/signings/entries", summary="签约总数的明细 The rows a total was added from")
async def list_signing_entries(
    session: FigureSession, actor: CurrentActor, query: Annotated[EntriesQuery, Query()]
) -> Entries:
    return await service.entries(session, actor, query)


@router.get("/totals/overview", summary="一页总览 A period on one page")
async def get_overview(
    session: FigureSession, actor: CurrentActor, query: Annotated[OverviewQuery, Query()]
) -> Overview:
    return await overview.overview(session, actor, query)


@router.get("/totals/funnel", summary="转化漏斗 The funnel, stage by stage and by signing cohort")
async def get_funnel(session: FigureSession, actor: CurrentActor, query: Annotated[FunnelQuery, Query()]) -> Funnel:
    return await funnel.funnel(session, actor, query)


@router.get("/totals/funnel/rows", summary="转化漏斗的明细 The rows behind a number of the funnel")
async def list_funnel_rows(
    session: FigureSession, actor: CurrentActor, query: Annotated[FunnelRowsQuery, Query()]
) -> FunnelRows:
    return await funnel_rows.rows(session, actor, query)


@router.get("/totals/awaiting-signed/rows", summary="已审核待转签约 Approved deals not yet at signed")
async def list_awaiting_signed_rows(
    session: FigureSession, actor: CurrentActor, query: Annotated[AwaitingQuery, Query()]
) -> AwaitingRows:
    return await figure_rows.awaiting_rows(session, actor, query)


@router.get("/totals/collective-start/rows", summary="集中开工的明细 The rows of collective start")
async def list_collective_start_rows(
    session: FigureSession, actor: CurrentActor, query: Annotated[CollectiveQuery, Query()]
) -> FigureRows:
    return await figure_rows.rows(session, actor, Figure.collective_start, query)


@router.get("/totals/started-or-resumed/rows", summary="开复工的明细 The rows of started or resumed")
async def list_started_or_resumed_rows(
    session: FigureSession, actor: CurrentActor, query: Annotated[StartedQuery, Query()]
) -> FigureRows:
    return await figure_rows.rows(session, actor, Figure.started_or_resumed, query)


@router.get("/totals/planned-year/rows", summary="谋划实施的明细 The rows planned for the year")
async def list_planned_year_rows(
    session: FigureSession, actor: CurrentActor, query: Annotated[PlannedQuery, Query()]
) -> FigureRows:
    return await figure_rows.rows(session, actor, Figure.planned_year, query)


@router.get("/totals/attention", summary="需要关注 What needs attention today")
async def get_attention(
    session: FigureSession, actor: CurrentActor, query: Annotated[PlacedFilter, Query()]
) -> Attention:
    return await attention.attention(session, actor, query)


@router.get("/totals/wall", summary="大屏 The figures of the wall")
async def get_wall(
    session: FigureSession,
    actor: CurrentActor,
    grain: Annotated[
        WallGrain, Query(description="今天所在的月、季度、半年或年 / the month, quarter, half or year of today")
    ] = WallGrain.quarter,
) -> Wall:
    return await wall.wall(session, actor, grain)


@router.get("/totals/head", summary="最近一次记账的时刻 When something countable was last recorded")
async def get_totals_head(session: ReadSession, _actor: CurrentActor) -> Head:
    return await service.head(session)


_Year = Annotated[int, Query(ge=1950, le=2199, description="年度 / the year")]


@router.get("/task-forces/performance", summary="各专班年度绩效 The year of every task force")
async def list_task_force_performances(
    session: FigureSession, actor: CurrentActor, year: _Year, known_at: Annotated[KnownAt | None, Query()] = None
) -> Performances:
    return await performance.performances(session, actor, year, known_at)


@router.get("/task-forces/{task_force_id}/performance", summary="专班年度绩效 A task force's year")
async def get_task_force_performance(
    session: FigureSession,
    actor: CurrentActor,
    task_force_id: UUID,
    year: _Year,
    known_at: Annotated[KnownAt | None, Query()] = None,
) -> Performance:
    return await performance.performance(session, actor, task_force_id, year, known_at)
