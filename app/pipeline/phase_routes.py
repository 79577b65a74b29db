from uuid import UUID

from fastapi import Response

from app.core.actor import CurrentActor
from app.core.db import WriteSession
from app.core.routing import IfMatch, Router, problems
from app.leads import duplicates
from app.pipeline import phase_withdrawals, phases
from app.pipeline.schemas import PhaseCreate, PhaseWithdraw
from app.projects.schemas import ProjectRead

router = Router(tags=["推进 pipeline"])


@router.post("/projects/{project_id}/phases", status_code=201, summary="分期 Add a phase")
@problems(
    duplicates.PROBLEMS,
    "owner_decides",
    "already_continued gates_unmet phase_of_phase phase_taken place_out_of_scope project_ended",
    "project_not_active",
)
async def add_project_phase(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: PhaseCreate,
    response: Response,
) -> ProjectRead:
    phase = await phases.add(session, actor, project_id, version, body)
    response.headers["Location"] = f"/api/v1/projects/{phase.id}"
    return phase


@router.post(
    "/projects/{project_id}/phase-withdrawal", status_code=201, summary="撤销误设的分期 Withdraw a phase that never was"
)
@problems("deal_and_stage drafted_by_you not_a_phase owner_decides phase_stays place_out_of_scope project_merged")
async def withdraw_project_phase(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: PhaseWithdraw,
) -> ProjectRead:
    return await phase_withdrawals.withdraw(session, actor, project_id, version, body)
