from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from app.construction import resumptions, service
from app.construction.schemas import (
    PlanListAdd,
    PlanListItem,
    PlanListQuery,
    PlanListRead,
    StartBatchCreate,
    StartBatchDetail,
    StartBatchQuery,
    StartBatchRead,
    Withdrawal,
    WorkResumptionCreate,
    WorkResumptionRead,
)
from app.core import dated
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import Router, problems

router = Router(tags=["建设 construction"])

Year = Annotated[int, Path(ge=1949, le=2199)]


@router.get("/plan-lists/{year}", summary="年度计划库 The plan list of a year")
async def get_plan_list(
    session: SnapshotSession, actor: CurrentActor, year: Year, query: Annotated[PlanListQuery, Query()]
) -> dated.Page[PlanListItem]:
    return await service.plan_list(session, actor, year, query)


@router.post("/plan-lists/{year}/projects/{project_id}", status_code=201, summary="列入年度计划库 List a project")
@problems("already_on_record owner_decides project_ended project_is_parent")
async def list_project_in_plan(
    session: WriteSession, actor: CurrentActor, year: Year, project_id: UUID, body: PlanListAdd
) -> PlanListRead:
    return await service.list_project(session, actor, year, project_id, body)


@router.post(
    "/plan-lists/{year}/projects/{project_id}/withdrawal", status_code=201, summary="移出年度计划库 Unlist a project"
)
@problems("not_on_record owner_decides")
async def withdraw_project_from_plan(
    session: WriteSession, actor: CurrentActor, year: Year, project_id: UUID, body: Withdrawal
) -> PlanListRead:
    return await service.unlist_project(session, actor, year, project_id, body)


@router.get("/projects/{project_id}/plan-lists", summary="项目历年列入计划库的记录 A project's rows on plan lists")
async def list_project_plan_lists(
    session: SnapshotSession, actor: CurrentActor, project_id: UUID
) -> list[PlanListRead]:
    return await service.plan_lists_of(session, actor, project_id)


@router.get("/start-batches", summary="开工批次 Collective starts")
async def list_start_batches(
    session: SnapshotSession, _actor: CurrentActor, query: Annotated[StartBatchQuery, Query()]
) -> Page[StartBatchRead]:
    return await service.find_batches(session, query)


@router.post("/start-batches", status_code=201, summary="登记集中开工 Record a collective start")
@problems("already_on_record not_found owner_decides project_is_parent project_merged")
async def create_start_batch(session: WriteSession, actor: CurrentActor, body: StartBatchCreate) -> StartBatchDetail:
    return await service.create_batch(session, actor, body)


@router.get("/start-batches/{batch_id}", summary="开工批次及其项目 A collective start with its projects")
async def get_start_batch(session: SnapshotSession, actor: CurrentActor, batch_id: UUID) -> StartBatchDetail:
    return await service.get_batch(session, actor, batch_id)


@router.post("/start-batches/{batch_id}/withdrawal", status_code=201, summary="撤回批次 Withdraw a batch")
@problems("batch_withdrawn")
async def withdraw_start_batch(
    session: WriteSession, actor: CurrentActor, batch_id: UUID, body: Withdrawal
) -> StartBatchDetail:
    return await service.withdraw_batch(session, actor, batch_id, body)


@router.post(
    "/start-batches/{batch_id}/projects/{project_id}", status_code=201, summary="项目加入批次 A project started with it"
)
@problems("already_on_record batch_withdrawn owner_decides project_is_parent project_merged")
async def join_start_batch(
    session: WriteSession, actor: CurrentActor, batch_id: UUID, project_id: UUID
) -> StartBatchDetail:
    await service.join_batch(session, actor, batch_id, project_id)
    return await service.get_batch(session, actor, batch_id)


@router.post(
    "/start-batches/{batch_id}/projects/{project_id}/withdrawal",
    status_code=201,
    summary="项目移出批次 A project did not start with it",
)
@problems("batch_withdrawn not_on_record owner_decides")
async def leave_start_batch(
    session: WriteSession, actor: CurrentActor, batch_id: UUID, project_id: UUID, body: Withdrawal
) -> StartBatchDetail:
    return await service.leave_batch(session, actor, batch_id, project_id, body)


@router.get("/projects/{project_id}/work-resumptions", summary="复工记录 Work resumptions, withdrawn included")
async def list_work_resumptions(
    session: SnapshotSession, actor: CurrentActor, project_id: UUID
) -> list[WorkResumptionRead]:
    return list(await resumptions.of_project(session, actor, project_id))


@router.post("/projects/{project_id}/work-resumptions", status_code=201, summary="登记复工 Confirm that work goes on")
@problems("already_on_record owner_decides project_ended project_is_parent unknown_evidence")
async def add_work_resumption(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: WorkResumptionCreate
) -> WorkResumptionRead:
    return await resumptions.add(session, actor, project_id, body)


@router.post(
    "/projects/{project_id}/work-resumptions/{year}/withdrawal", status_code=201, summary="撤回复工 Withdraw it"
)
@problems("not_on_record owner_decides")
async def withdraw_work_resumption(
    session: WriteSession, actor: CurrentActor, project_id: UUID, year: Year, body: Withdrawal
) -> WorkResumptionRead:
    return await resumptions.withdraw(session, actor, project_id, year, body)
