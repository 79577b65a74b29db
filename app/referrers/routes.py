from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import Router, problems
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery
from app.referrers import service
from app.referrers.schemas import ReferrerCreate, ReferrerQuery, ReferrerRead, ReferrerRegistered

router = Router(prefix="/referrers", tags=["引荐方 referrers"])


@router.get("", summary="引荐方列表 List referrers")
async def list_referrers(
    session: SnapshotSession, _actor: CurrentActor, query: Annotated[ReferrerQuery, Query()]
) -> Page[ReferrerRead]:
    return await service.find(session, query)


@router.post("", status_code=201, summary="登记引荐方 Register a referrer")
@problems("referrer_taken")
async def create_referrer(
    session: WriteSession, actor: CurrentActor, body: ReferrerCreate, response: Response
) -> ReferrerRegistered:
    referrer = await service.create(session, actor, body)
    response.headers["Location"] = f"/api/v1/referrers/{referrer.id}"
    return referrer


@router.get("/{referrer_id}", summary="引荐方 Get a referrer")
async def get_referrer(session: SnapshotSession, _actor: CurrentActor, referrer_id: UUID) -> ReferrerRead:
    return await service.get(session, referrer_id)


@router.get("/{referrer_id}/timeline", summary="引荐方的时间线 The events of a referrer, newest first")
async def get_referrer_timeline(
    session: SnapshotSession, actor: CurrentActor, referrer_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.get(session, referrer_id)
    return await events.timeline_of(session, actor, "referrer", referrer_id, query)
