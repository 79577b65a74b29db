from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from app.audit import reading, trail
from app.audit.models import SecurityEventType
from app.audit.schemas import AuditFilter, AuditQuery, AuditRead
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, database
from app.core.paging import Page
from app.core.routing import Router

router = Router(prefix="/audit", tags=["审计 audit"])


@router.get("", summary="审计记录 The trail")
async def list_audit(
    session: SnapshotSession, _actor: CurrentActor, query: Annotated[AuditQuery, Query()]
) -> Page[AuditRead]:
    return await reading.find(session, query)


@router.get(
    "/export",
    summary="导出审计记录 The trail as CSV",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "CSV, UTF-8"}},
)
async def export_audit(
    request: Request, actor: CurrentActor, query: Annotated[AuditFilter, Query()]
) -> StreamingResponse:
    """每次导出都记入安全日志 / every export is recorded in the security log."""
    data = {"what": "audit", **query.model_dump(mode="json", exclude_none=True)}
    async with database(request).writing() as session:
        await trail.record(session, actor, SecurityEventType.exported, data=data)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(reading.export(database(request), query), media_type="text/csv", headers=headers)
