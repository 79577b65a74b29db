from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.routing import IfMatch, Router, problems
from app.views import service
from app.views.schemas import ViewCounts, ViewCountsQuery, ViewCreate, ViewQuery, ViewRead, ViewUpdate

router = Router(tags=["视图 views"])


@router.get("/views", summary="保存的视图 Saved views")
async def list_views(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[ViewQuery, Query()]
) -> list[ViewRead]:
    return await service.find(session, actor, query.room)


@router.get("/views/counts", summary="各视图的行数 How many rows each view shows")
async def get_view_counts(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[ViewCountsQuery, Query()]
) -> ViewCounts:
    return await service.counts(session, actor, query.room)


@router.post("/views", status_code=201, summary="保存视图 Save a view")
@problems("no_own_unit too_many_views")
async def create_view(session: WriteSession, actor: CurrentActor, body: ViewCreate, response: Response) -> ViewRead:
    view = await service.create(session, actor, body)
    response.headers["Location"] = f"/api/v1/views/{view.id}"
    return view


@router.get("/views/{view_id}", summary="视图 Get a view")
async def get_view(session: SnapshotSession, actor: CurrentActor, view_id: UUID) -> ViewRead:
    return await service.get(session, actor, view_id)


@router.patch("/views/{view_id}", summary="修改视图 Edit a view")
@problems("no_own_unit not_your_view")
async def update_view(
    session: WriteSession, actor: CurrentActor, view_id: UUID, version: IfMatch, body: ViewUpdate
) -> ViewRead:
    return await service.update(session, actor, view_id, version, body)


@router.delete("/views/{view_id}", status_code=204, summary="删除视图 Delete a view")
@problems("not_your_view")
async def delete_view(session: WriteSession, actor: CurrentActor, view_id: UUID, version: IfMatch) -> None:
    await service.delete(session, actor, view_id, version)
