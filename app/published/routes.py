from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.routing import Router, problems
from app.published import service
from app.published.schemas import (
    PublishedCreate,
    PublishedFigures,
    PublishedQuery,
    PublishedRead,
    PublishedSupersede,
)

router = Router(prefix="/published-figures", tags=["对外发布数 published figures"])


@router.get("", summary="发布数与系统数对照 What was published beside what the system has")
async def list_published_figures(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[PublishedQuery, Query()]
) -> PublishedFigures:
    return await service.find(session, actor, query)


@router.post("", status_code=201, summary="登记发布数 Enter a published figure")
async def enter_published_figure(
    session: WriteSession, actor: CurrentActor, body: PublishedCreate, response: Response
) -> PublishedRead:
    figure = await service.create(session, actor, body)
    response.headers["Location"] = f"/api/v1/published-figures/{figure.id}"
    return figure


@router.get("/{figure_id}", summary="一个发布数 Get a published figure")
async def get_published_figure(session: SnapshotSession, _actor: CurrentActor, figure_id: UUID) -> PublishedRead:
    return await service.get(session, figure_id)


@router.post("/{figure_id}/supersession", status_code=201, summary="更新发布数 It was published anew")
@problems("superseded_already")
async def supersede_published_figure(
    session: WriteSession, actor: CurrentActor, figure_id: UUID, body: PublishedSupersede, response: Response
) -> PublishedRead:
    figure = await service.supersede(session, actor, figure_id, body)
    response.headers["Location"] = f"/api/v1/published-figures/{figure.id}"
    return figure
