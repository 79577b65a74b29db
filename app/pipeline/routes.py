from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.core.actor import CurrentActor
from app.core.clock import Day
from app.core.db import SnapshotSession, WriteSession
from app.core.routing import IfMatch, Route
from app.core.text import Code
from app.deals.schemas import DealAmend, DealCorrect, DealRead, DealTerminate
from app.leads.schemas import DisputeRule, FirstTalkRead
from app.pipeline import (
    conversion,
    deal_corrections,
    editing,
    endings,
    first_talk_rulings,
    move_corrections,
    previews,
    service,
    transfers,
    undoing,
    ways,
)
from app.pipeline.schemas import (
    DealPreview,
    GatesRead,
    LeadConvert,
    MoveCorrectionCreate,
    MoveCreate,
    MoveRead,
    PauseCreate,
    ProgramChange,
    ProjectEnter,
    ProjectRegistered,
    ReactivationCreate,
    ReinstatementCreate,
    TargetsRead,
    TerminationCreate,
    TransferCreate,
)
from app.projects.schemas import ProjectRead, ProjectUpdate

router = APIRouter(route_class=Route, tags=["推进 pipeline"])


@router.post("/projects", status_code=201, summary="项目直接入库 Enter a project directly")
async def enter_project(
    session: WriteSession, actor: CurrentActor, body: ProjectEnter, response: Response
) -> ProjectRegistered:
    project = await service.enter(session, actor, body)
    response.headers["Location"] = f"/api/v1/projects/{project.id}"
    return project


@router.get("/projects/{project_id}/gates", summary="门槛与可走的步骤 Gates, and what is missing")
async def get_project_gates(
    session: SnapshotSession,
    actor: CurrentActor,
    project_id: UUID,
    to: Annotated[Code | None, Query(description="目标阶段，缺省为下一阶段 / the next stage by default")] = None,
    happened_on: Annotated[Day | None, Query(description="缺省为业务日 / the business day by default")] = None,
) -> GatesRead:
    return await ways.gates_of(session, actor, project_id, to, happened_on)


@router.get("/projects/{project_id}/targets", summary="可移入的阶段 What each stage would say to a move")
async def get_project_targets(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> TargetsRead:
    return await ways.targets(session, actor, project_id)


@router.get("/projects/{project_id}/moves", summary="历次移动 All moves")
async def list_project_moves(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> list[MoveRead]:
    return await service.list_moves(session, actor, project_id)


@router.post("/projects/{project_id}/moves", status_code=201, summary="移动到某阶段 Move a project")
async def move_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: MoveCreate,
) -> ProjectRead:
    return await service.move(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/pause", status_code=201, summary="暂缓 Pause")
async def pause_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: PauseCreate,
) -> ProjectRead:
    return await service.pause(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/reactivation", status_code=201, summary="恢复 Reactivate a paused project")
async def reactivate_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ReactivationCreate,
) -> ProjectRead:
    return await service.reactivate(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/undo", status_code=201, summary="撤销本人刚办理的移动 Undo one's own latest act")
async def undo_move(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
) -> ProjectRead:
    return await undoing.undo(session, actor, project_id, version)


@router.post("/projects/{project_id}/termination", status_code=201, summary="终止项目 Terminate, its live deal with it")
async def terminate_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: TerminationCreate,
) -> ProjectRead:
    return await endings.terminate(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/reinstatement", status_code=201, summary="撤销终止 Undo a mistaken termination")
async def reinstate_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ReinstatementCreate,
) -> ProjectRead:
    return await endings.reinstate(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/moves/{move_id}/correction", status_code=201, summary="更正移动 Correct a move")
async def correct_move(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    move_id: UUID,
    version: IfMatch,
    body: MoveCorrectionCreate,
) -> ProjectRead:
    return await move_corrections.correct(session, actor, project_id, move_id, version, body)


@router.post("/projects/{project_id}/transfers", status_code=201, summary="流转 Transfer a project and its live deal")
async def transfer_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: TransferCreate,
) -> ProjectRead:
    return await transfers.transfer(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/program-changes", status_code=201, summary="改变项目类别 Change the program")
async def change_project_program(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ProgramChange,
) -> ProjectRead:
    return await transfers.change_program(session, actor, project_id, version, body)


@router.get("/deals/{deal_id}/approval/preview", summary="审核签约预演 What an approval would enter")
async def preview_approval(session: SnapshotSession, actor: CurrentActor, deal_id: UUID) -> DealPreview:
    return await previews.of_approval(session, actor, deal_id)


@router.post("/deals/{deal_id}/amendments/preview", summary="变更预演 What an amendment would enter")
async def preview_amendment(
    session: SnapshotSession, actor: CurrentActor, deal_id: UUID, body: DealAmend
) -> DealPreview:
    return await previews.of_amendment(session, actor, deal_id, body)


@router.post("/deals/{deal_id}/termination/preview", summary="终止签约预演 What a termination would enter")
async def preview_termination(
    session: SnapshotSession, actor: CurrentActor, deal_id: UUID, body: DealTerminate
) -> DealPreview:
    return await previews.of_termination(session, actor, deal_id, body)


@router.post("/deals/{deal_id}/corrections/preview", summary="更正签约预演 What a correction would enter")
async def preview_correction(
    session: SnapshotSession, actor: CurrentActor, deal_id: UUID, body: DealCorrect
) -> DealPreview:
    return await previews.of_correction(session, actor, deal_id, body)


@router.post("/deals/{deal_id}/termination", status_code=201, summary="终止签约 Terminate a deal")
async def terminate_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealTerminate,
) -> DealRead:
    return await endings.terminate_deal(session, actor, deal_id, version, body)


@router.post("/deals/{deal_id}/corrections", status_code=201, summary="更正签约 Correct a deal")
async def correct_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealCorrect,
) -> DealRead:
    return await deal_corrections.correct(session, actor, deal_id, version, body)


@router.patch("/projects/{project_id}", summary="修改项目 Edit a project")
async def update_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ProjectUpdate,
) -> ProjectRegistered:
    return await editing.update(session, actor, project_id, version, body)


@router.post(
    "/leads/{lead_id}/first-talk/disputes/{dispute_id}/ruling", status_code=201, summary="裁定线索首谈 Rule on it"
)
async def rule_lead_first_talk(
    session: WriteSession,
    actor: CurrentActor,
    lead_id: UUID,
    dispute_id: UUID,
    version: IfMatch,
    body: DisputeRule,
) -> FirstTalkRead:
    return await first_talk_rulings.on_lead(session, actor, lead_id, version, dispute_id, body)


@router.post(
    "/projects/{project_id}/first-talk/disputes/{dispute_id}/ruling", status_code=201, summary="裁定项目首谈 Rule on it"
)
async def rule_project_first_talk(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    dispute_id: UUID,
    version: IfMatch,
    body: DisputeRule,
) -> FirstTalkRead:
    return await first_talk_rulings.on_project(session, actor, project_id, version, dispute_id, body)


@router.post("/leads/{lead_id}/conversion", status_code=201, summary="转为项目 Make a project of a lead")
async def convert_lead(
    session: WriteSession,
    actor: CurrentActor,
    lead_id: UUID,
    version: IfMatch,
    body: LeadConvert,
    response: Response,
) -> ProjectRegistered:
    project = await conversion.convert(session, actor, lead_id, version, body)
    response.headers["Location"] = f"/api/v1/projects/{project.id}"
    return project
