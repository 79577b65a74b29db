from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.core.actor import CurrentActor
from app.core.db import PageSession, SnapshotSession
from app.core.routing import Router
from app.dossiers import activity, pages
from app.dossiers.schemas import ActivityPage, ActivityQuery, PageQuery, ProjectPage

router = Router()

Asked = Annotated[ActivityQuery, Query()]


@router.get("/projects/{project_id}", summary="项目 Get a project", tags=["项目 projects"])
async def get_project(
    session: PageSession, actor: CurrentActor, project_id: UUID, query: Annotated[PageQuery, Query()]
) -> ProjectPage:
    return await pages.of_project(session, actor, project_id, list(query.include or ()))


@router.get("/projects/{project_id}/activity", summary="动态 What happened, in words", tags=["项目 projects"])
async def list_project_activity(
    session: SnapshotSession, actor: CurrentActor, project_id: UUID, query: Asked
) -> ActivityPage:
    return await activity.of_project(session, actor, project_id, query)


@router.get("/leads/{lead_id}/activity", summary="动态 What happened, in words", tags=["线索 leads"])
async def list_lead_activity(
    session: SnapshotSession, actor: CurrentActor, lead_id: UUID, query: Asked
) -> ActivityPage:
    return await activity.of_lead(session, actor, lead_id, query)


@router.get("/deals/{deal_id}/activity", summary="动态 What happened, in words", tags=["签约与台账 deals"])
async def list_deal_activity(
    session: SnapshotSession, actor: CurrentActor, deal_id: UUID, query: Asked
) -> ActivityPage:
    return await activity.of_deal(session, actor, deal_id, query)


@router.get("/enterprises/{enterprise_id}/activity", summary="动态 What happened, in words", tags=["企业 enterprises"])
async def list_enterprise_activity(
    session: SnapshotSession, actor: CurrentActor, enterprise_id: UUID, query: Asked
) -> ActivityPage:
    return await activity.of_enterprise(session, actor, enterprise_id, query)


@router.get(
    "/officials/{official_id}/activity", summary="动态 What happened, in words", tags=["单位与领导 organizations"]
)
async def list_official_activity(
    session: SnapshotSession, actor: CurrentActor, official_id: UUID, query: Asked
) -> ActivityPage:
    return await activity.of_official(session, actor, official_id, query)
