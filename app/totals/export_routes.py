"""Each address of rows behind a figure, with `/export`: the same rows as CSV."""

from functools import partial
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from app.core.actor import Actor, CurrentActor
from app.core.routing import Router
from app.lists.export import CSV, prepared, respond
from app.totals import exports
from app.totals.exports import (
    AwaitingExportQuery,
    EntryExportQuery,
    FigureExportQuery,
    FunnelExportQuery,
    PlannedExportQuery,
    StartedExportQuery,
)
from app.totals.figures import Figure

router = Router(prefix="/totals", tags=["汇总 totals"])


@router.get("/signings/entries/export", summary="导出签约明细 Export the rows of a total", **CSV)
async def export_signing_entries(
    request: Request, actor: CurrentActor, query: Annotated[EntryExportQuery, Query()]
) -> StreamingResponse:
    """与明细同一筛选、同一范围；每次导出都记入安全日志 / the rows of the same filter; on record in the security log."""
    return await respond(request, actor, "signing-entries", query, prepared(exports.entries, actor, query))


@router.get("/awaiting-signed/rows/export", summary="导出已审核待转签约 Export deals not yet at signed", **CSV)
async def export_awaiting_signed_rows(
    request: Request, actor: CurrentActor, query: Annotated[AwaitingExportQuery, Query()]
) -> StreamingResponse:
    """与明细同一筛选、同一范围；每次导出都记入安全日志 / the rows of the same filter; on record in the security log."""
    return await respond(request, actor, "awaiting-signed", query, prepared(exports.awaiting_signed, actor, query))


async def _figure(request: Request, actor: Actor, figure: Figure, query: exports.AnyFigureQuery) -> StreamingResponse:
    prepare = prepared(partial(exports.of_figure, figure), actor, query)
    return await respond(request, actor, figure.value, query, prepare)


@router.get("/collective-start/rows/export", summary="导出集中开工的明细 Export collective start", **CSV)
async def export_collective_start_rows(
    request: Request, actor: CurrentActor, query: Annotated[FigureExportQuery, Query()]
) -> StreamingResponse:
    """与明细同一筛选、同一范围；每次导出都记入安全日志 / the rows of the same filter; on record in the security log."""
    return await _figure(request, actor, Figure.collective_start, query)


@router.get("/started-or-resumed/rows/export", summary="导出开复工的明细 Export started or resumed", **CSV)
async def export_started_or_resumed_rows(
    request: Request, actor: CurrentActor, query: Annotated[StartedExportQuery, Query()]
) -> StreamingResponse:
    """与明细同一筛选、同一范围；每次导出都记入安全日志 / the rows of the same filter; on record in the security log."""
    return await _figure(request, actor, Figure.started_or_resumed, query)


@router.get("/planned-year/rows/export", summary="导出谋划实施的明细 Export planned for the year", **CSV)
async def export_planned_year_rows(
    request: Request, actor: CurrentActor, query: Annotated[PlannedExportQuery, Query()]
) -> StreamingResponse:
    """与明细同一筛选、同一范围；每次导出都记入安全日志 / the rows of the same filter; on record in the security log."""
    return await _figure(request, actor, Figure.planned_year, query)


@router.get("/funnel/rows/export", summary="导出转化漏斗的明细 Export the rows of the funnel", **CSV)
async def export_funnel_rows(
    request: Request, actor: CurrentActor, query: Annotated[FunnelExportQuery, Query()]
) -> StreamingResponse:
    """与明细同一筛选、同一范围；每次导出都记入安全日志 / the rows of the same filter; on record in the security log."""
    return await respond(request, actor, "funnel", query, prepared(exports.funnel_number, actor, query))
