from uuid import UUID

from fastapi import Response

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.routing import IfMatch, Router, problems
from app.deals import service, submissions
from app.deals.schemas import (
    DealAmend,
    DealApprove,
    DealCreate,
    DealDrafted,
    DealGates,
    DealRead,
    DealReturn,
    DealUpdate,
    EntriesRead,
)

router = Router(prefix="/deals", tags=["签约与台账 deals"])


@router.post("", status_code=201, summary="起草签约 Draft a deal")
@problems("duplicates_asked_too_often not_found owner_decides project_ended")
async def draft_deal(session: WriteSession, actor: CurrentActor, body: DealCreate, response: Response) -> DealDrafted:
    deal = await service.draft(session, actor, body)
    response.headers["Location"] = f"/api/v1/deals/{deal.id}"
    return deal


@router.patch("/{deal_id}", summary="修改草稿 Edit a draft")
@problems("duplicates_asked_too_often not_a_draft owner_decides")
async def update_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealUpdate,
) -> DealDrafted:
    return await service.update(session, actor, deal_id, version, body)


@router.delete("/{deal_id}", summary="弃用草稿 Discard a draft")
@problems("not_a_draft owner_decides")
async def discard_deal(session: WriteSession, actor: CurrentActor, deal_id: UUID, version: IfMatch) -> DealRead:
    return await service.discard(session, actor, deal_id, version)


@router.post("/{deal_id}/submission", status_code=201, summary="送审 Submit a draft for approval")
@problems("not_a_draft not_the_drafter owner_decides project_ended submitted")
async def submit_deal(session: WriteSession, actor: CurrentActor, deal_id: UUID, version: IfMatch) -> DealRead:
    return await submissions.submit(session, actor, deal_id, version)


@router.post("/{deal_id}/return", status_code=201, summary="退回起草人 Return a submitted draft to its drafter")
@problems("drafted_by_you not_a_draft not_submitted owner_decides")
async def return_deal(
    session: WriteSession, actor: CurrentActor, deal_id: UUID, version: IfMatch, body: DealReturn
) -> DealRead:
    return await submissions.send_back(session, actor, deal_id, version, body)


@router.get("/{deal_id}/gates", summary="审核签约还缺什么 What the approval still wants")
async def get_deal_gates(session: SnapshotSession, actor: CurrentActor, deal_id: UUID) -> DealGates:
    return await service.gates_of(session, actor, deal_id)


@router.post("/{deal_id}/approval", summary="审核签约 Approve a deal")
@problems(service.APPROVAL_PROBLEMS)
async def approve_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealApprove | None = None,
) -> DealRead:
    return await service.approve(session, actor, deal_id, version, body or DealApprove())


@router.post("/{deal_id}/amendments", summary="补充协议变更协议额 Amend a deal")
@problems(service.AMENDMENT_PROBLEMS)
async def amend_deal(
    session: WriteSession,
    actor: CurrentActor,
    deal_id: UUID,
    version: IfMatch,
    body: DealAmend,
) -> DealRead:
    return await service.amend(session, actor, deal_id, version, body)


@router.get("/{deal_id}/entries", summary="台账分录 The deal's ledger entries and their sum")
async def list_deal_entries(session: SnapshotSession, actor: CurrentActor, deal_id: UUID) -> EntriesRead:
    return await service.entries(session, actor, deal_id)
