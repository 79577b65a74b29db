from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.actor import CurrentActor
from app.core.clock import Day
from app.core.db import RolledBackSession, SnapshotSession, WriteSession
from app.core.routing import IfMatch, Router, problems
from app.core.text import Code
from app.deals import facts
from app.deals import service as deals
from app.deals.schemas import DealAmend, DealCorrect, DealRead, DealTerminate
from app.leads import duplicates
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

router = Router(tags=["推进 pipeline"])
_TERMINATION = f"{facts.PROBLEMS} line_out_of_scope no_way_back not_live owner_decides project_fate_required"
_CORRECTION = (
    f"{facts.PROBLEMS} deal_and_stage ended_with_its_project line_has_live_deal line_out_of_scope moves_other_deals "
    "no_way_back not_correctable not_withdrawable owner_decides place_out_of_scope project_fate_required project_merged"
)
"""What the act and its preview refuse with."""


@router.post("/projects", status_code=201, summary="项目直接入库 Enter a project directly")
@problems(duplicates.PROBLEMS, "gates_unmet place_out_of_scope")
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
@problems(
    "already_there drafted_by_you gates_unmet needs_catch_up no_way_back one_stage_back owner_decides",
    "project_is_parent project_not_active",
)
async def move_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: MoveCreate,
) -> ProjectRead:
    return await service.move(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/pause", status_code=201, summary="暂缓 Pause")
@problems("owner_decides project_is_parent project_not_active")
async def pause_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: PauseCreate,
) -> ProjectRead:
    return await service.pause(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/reactivation", status_code=201, summary="恢复 Reactivate a paused project")
@problems("not_paused owner_decides project_is_parent")
async def reactivate_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ReactivationCreate,
) -> ProjectRead:
    return await service.reactivate(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/undo", status_code=201, summary="撤销本人刚办理的移动 Undo one's own latest act")
@problems(
    "deal_and_stage ended_a_deal gate_overridden not_undoable not_your_act owner_decides project_is_parent",
    "too_late_to_undo",
)
async def undo_move(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
) -> ProjectRead:
    return await undoing.undo(session, actor, project_id, version)


@router.post("/projects/{project_id}/termination", status_code=201, summary="终止项目 Terminate, its live deal with it")
@problems(facts.PROBLEMS, "deal_and_stage owner_decides project_ended project_is_parent")
async def terminate_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: TerminationCreate,
) -> ProjectRead:
    return await endings.terminate(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/reinstatement", status_code=201, summary="撤销终止 Undo a mistaken termination")
@problems("deal_and_stage drafted_by_you no_way_back not_terminated owner_decides")
async def reinstate_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ReinstatementCreate,
) -> ProjectRead:
    return await endings.reinstate(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/moves/{move_id}/correction", status_code=201, summary="更正移动 Correct a move")
@problems(
    facts.PROBLEMS,
    "continued_by_a_phase deal_and_stage entry_stays gates_unmet merge_stays not_the_latest_move owner_decides",
)
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
@problems(facts.PROBLEMS, "owner_decides project_ended")
async def transfer_project(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: TransferCreate,
) -> ProjectRead:
    return await transfers.transfer(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/program-changes", status_code=201, summary="改变项目类别 Change the program")
@problems(
    "deal_and_stage drafted_by_you gates_unmet owner_decides project_is_parent project_not_active stage_not_walked"
)
async def change_project_program(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: ProgramChange,
) -> ProjectRead:
    return await transfers.change_program(session, actor, project_id, version, body)


@router.get("/deals/{deal_id}/approval/preview", summary="审核签约预演 What an approval would enter")
@problems(deals.APPROVAL_PROBLEMS)
async def preview_approval(session: RolledBackSession, actor: CurrentActor, deal_id: UUID) -> DealPreview:
    return await previews.of_approval(session, actor, deal_id)


@router.post("/deals/{deal_id}/amendments/preview", summary="变更预演 What an amendment would enter")
@problems(deals.AMENDMENT_PROBLEMS)
async def preview_amendment(
    session: RolledBackSession, actor: CurrentActor, deal_id: UUID, body: DealAmend
) -> DealPreview:
    return await previews.of_amendment(session, actor, deal_id, body)


@router.post("/deals/{deal_id}/termination/preview", summary="终止签约预演 What a termination would enter")
@problems(_TERMINATION)
async def preview_termination(
    session: RolledBackSession, actor: CurrentActor, deal_id: UUID, body: DealTerminate
) -> DealPreview:
    return await previews.of_termination(session, actor, deal_id, body)


@router.post("/deals/{deal_id}/corrections/preview", summary="更正签约预演 What a correction would enter")
@problems(_CORRECTION)
async def preview_correction(
    session: RolledBackSession, actor: CurrentActor, deal_id: UUID, body: DealCorrect
) -> DealPreview:
    return await previews.of_correction(session, actor, deal_id, body)


@router.post("/deals/{deal_id}/termination", status_code=201, summary="终止签约 Terminate a deal")
@problems(_TERMINATION)
async def terminate_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealTerminate,
) -> DealRead:
    return await endings.terminate_deal(session, actor, deal_id, version, body)


@router.post("/deals/{deal_id}/corrections", status_code=201, summary="更正签约 Correct a deal")
@problems(_CORRECTION)
async def correct_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealCorrect,
) -> DealRead:
    return await deal_corrections.correct(session, actor, deal_id, version, body)


@router.patch("/projects/{project_id}", summary="修改项目 Edit a project")
@problems(duplicates.PROBLEMS, "owner_decides project_merged")
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
@problems("owner_decides raised_elsewhere ruled_already")
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
@problems(facts.PROBLEMS, "owner_decides project_ended raised_elsewhere ruled_already")
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
@problems(duplicates.PROBLEMS, "gates_unmet lead_converted owner_decides place_out_of_scope")
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
