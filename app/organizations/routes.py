from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.audit.unmasking import Unmask, Unmasked
from app.controls import answer
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import SHOWN_ONCE, IfMatch, Router, problems
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery
from app.organizations import service
from app.organizations.schemas import (
    OfficialCreate,
    OfficialRead,
    OfficialUpdate,
    UnitCreate,
    UnitParentSet,
    UnitRead,
    UnitUpdate,
)

router = Router(tags=["单位与领导 organizations"])


@router.post("/units", status_code=201, summary="登记单位 Create a unit")
@problems("unit_code_taken")
async def create_unit(session: WriteSession, actor: CurrentActor, body: UnitCreate, response: Response) -> UnitRead:
    unit = await service.create_unit(session, actor, body)
    response.headers["Location"] = f"/api/v1/units/{unit.id}"
    return unit


@router.patch("/units/{unit_id}", summary="修改单位 Edit a unit")
async def update_unit(
    session: WriteSession,
    actor: CurrentActor,
    unit_id: UUID,
    version: IfMatch,
    body: UnitUpdate,
) -> UnitRead:
    return await service.update_unit(session, actor, unit_id, version, body)


@router.post(
    "/units/{unit_id}/parents",
    summary="自某日起的上级 Set the parent from a day on",
    response_model=UnitRead,
    responses=answer.WAITS,
)
@problems("change_pending unit_ring")
async def set_unit_parent(
    session: WriteSession,
    actor: CurrentActor,
    unit_id: UUID,
    version: IfMatch,
    body: UnitParentSet,
) -> Response:
    return answer.accepted(session, await service.set_unit_parent(session, actor, unit_id, version, body))


@router.post("/officials", status_code=201, summary="登记领导或工作人员 Create an official")
@problems("post_overlaps")
async def create_official(
    session: WriteSession, actor: CurrentActor, body: OfficialCreate, response: Response
) -> OfficialRead:
    official = await service.create_official(session, actor, body)
    response.headers["Location"] = f"/api/v1/officials/{official.id}"
    return official


@router.patch("/officials/{official_id}", summary="修改 Edit an official")
async def update_official(
    session: WriteSession,
    actor: CurrentActor,
    official_id: UUID,
    version: IfMatch,
    body: OfficialUpdate,
) -> OfficialRead:
    return await service.update_official(session, actor, official_id, version, body)


@router.post("/officials/{official_id}/unmasking", summary="查看完整电话 In full", openapi_extra=SHOWN_ONCE)
@problems("unmasked_too_often")
async def unmask_official(session: WriteSession, actor: CurrentActor, official_id: UUID, body: Unmask) -> Unmasked:
    return await service.unmask_official(session, actor, official_id, body.purpose)


@router.get("/units/{unit_id}/timeline", summary="单位的时间线 The events of a unit, newest first")
async def get_unit_timeline(
    session: SnapshotSession, actor: CurrentActor, unit_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.get_unit(session, unit_id)
    return await events.timeline_of(session, actor, "unit", unit_id, query)


@router.get("/officials/{official_id}/timeline", summary="领导的时间线 The events of an official, newest first")
async def get_official_timeline(
    session: SnapshotSession, actor: CurrentActor, official_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.get_official(session, official_id)
    return await events.timeline_of(session, actor, "official", official_id, query)
