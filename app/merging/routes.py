from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.routing import IfMatch, Router, problems
from app.enterprises.schemas import EnterpriseRead
from app.merging import enterprises, projects
from app.merging.schemas import EnterpriseMergeCreate, MergeCreate, MergePreview, MergeQuery
from app.projects.schemas import ProjectRead

router = Router(tags=["推进 pipeline"])


@router.get("/projects/{project_id}/merge", summary="并入预演 The dry run of a merge")
@problems("place_out_of_scope")
async def preview_project_merge(
    session: SnapshotSession, actor: CurrentActor, project_id: UUID, query: Annotated[MergeQuery, Query()]
) -> MergePreview:
    return await projects.preview(session, actor, project_id, query.into_id)


@router.post("/projects/{project_id}/merge", status_code=201, summary="并入另一项目 Merge into another project")
@problems("drafted_by_you merge_refused owner_decides place_out_of_scope")
async def merge_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: MergeCreate,
) -> ProjectRead:
    return await projects.merge(session, actor, project_id, version, body)


@router.get("/enterprises/{enterprise_id}/merge", summary="企业并入预演 The dry run of a merge")
async def preview_enterprise_merge(
    session: SnapshotSession, actor: CurrentActor, enterprise_id: UUID, query: Annotated[MergeQuery, Query()]
) -> MergePreview:
    return await enterprises.preview(session, actor, enterprise_id, query.into_id)


@router.post("/enterprises/{enterprise_id}/merge", status_code=201, summary="企业并入 Merge into another enterprise")
@problems("merge_refused")
async def merge_enterprise(
    session: WriteSession,
    actor: CurrentActor,
    enterprise_id: UUID,
    version: IfMatch,
    body: EnterpriseMergeCreate,
) -> EnterpriseRead:
    return await enterprises.merge(session, actor, enterprise_id, version, body)
