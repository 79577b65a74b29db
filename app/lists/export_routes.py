from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from app.core.actor import CurrentActor
from app.core.routing import Router
from app.lists import exports
from app.lists.export import CSV, prepared, respond
from app.lists.export_schemas import (
    DealExportQuery,
    GapExportQuery,
    LeadExportQuery,
    MilestoneExportQuery,
    ProjectExportQuery,
)

router = Router()


@router.get("/projects/export", summary="导出项目 Export projects", tags=["项目 projects"], **CSV)
async def export_projects(
    request: Request, actor: CurrentActor, query: Annotated[ProjectExportQuery, Query()]
) -> StreamingResponse:
    """与列表同一筛选、同一范围；每次导出都记入安全日志 / the list of the same filter; on record in the security log."""
    return await respond(request, actor, "projects", query, prepared(exports.projects, actor, query))


@router.get("/leads/export", summary="导出线索 Export leads", tags=["线索 leads"], **CSV)
async def export_leads(
    request: Request, actor: CurrentActor, query: Annotated[LeadExportQuery, Query()]
) -> StreamingResponse:
    """与列表同一筛选、同一范围；每次导出都记入安全日志 / the list of the same filter; on record in the security log."""
    return await respond(request, actor, "leads", query, prepared(exports.leads, actor, query))


@router.get("/deals/export", summary="导出签约 Export deals", tags=["签约与台账 deals"], **CSV)
async def export_deals(
    request: Request, actor: CurrentActor, query: Annotated[DealExportQuery, Query()]
) -> StreamingResponse:
    """与列表同一筛选、同一范围；每次导出都记入安全日志 / the list of the same filter; on record in the security log."""
    return await respond(request, actor, "deals", query, prepared(exports.deals, actor, query))


@router.get("/five-ones/gaps/export", summary="导出五个一缺口 Export the gaps", tags=["五个一 five ones"], **CSV)
async def export_five_ones_gaps(
    request: Request, actor: CurrentActor, query: Annotated[GapExportQuery, Query()]
) -> StreamingResponse:
    """与列表同一筛选、同一范围；每次导出都记入安全日志 / the list of the same filter; on record in the security log."""
    return await respond(request, actor, "five-ones-gaps", query, prepared(exports.gaps, actor, query))


@router.get("/milestones/export", summary="导出里程碑 Export open milestones", tags=["五个一 five ones"], **CSV)
async def export_milestones(
    request: Request, actor: CurrentActor, query: Annotated[MilestoneExportQuery, Query()]
) -> StreamingResponse:
    """与列表同一筛选、同一范围；每次导出都记入安全日志 / the list of the same filter; on record in the security log."""
    return await respond(request, actor, "milestones", query, prepared(exports.open_milestones, actor, query))
