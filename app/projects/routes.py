from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession
from app.core.errors import refuse
from app.core.paging import Page
from app.core.routing import DICTIONARY, IfMatch, Router, problems
from app.enterprises.schemas import ContactCreate, ContactKept, ContactRead
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery
from app.projects import amounts, capacities, contacts, evidence, refusals, service
from app.projects.amounts import AmountCreate, AmountRead
from app.projects.evidence import EvidenceCreate, EvidenceKindRead, EvidenceRead, EvidenceVoidCreate
from app.projects.schemas import CapacitiesSet, ProjectRead

router = Router(tags=["项目 projects"])


@router.put("/projects/{project_id}/capacities", summary="产能 Replace the capacities")
@problems("owner_decides project_merged")
async def set_project_capacities(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: CapacitiesSet,
) -> ProjectRead:
    return await capacities.replace(session, actor, project_id, version, body)


@router.get("/projects/{project_id}/timeline", summary="时间线 The project's events, newest first")
async def get_project_timeline(
    session: SnapshotSession, actor: CurrentActor, project_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.require_visible(session, actor, project_id)
    return await events.timeline(session, project_id, query)


@router.get("/projects/{project_id}/contacts", summary="项目联系人 Contacts for a project, masked")
async def list_project_contacts(session: ReadSession, actor: CurrentActor, project_id: UUID) -> list[ContactRead]:
    return await contacts.find(session, actor, project_id)


@router.post("/projects/{project_id}/contacts", status_code=201, summary="登记项目联系人 Keep a contact")
@problems("duplicates_asked_too_often no_investor owner_decides project_ended")
async def add_project_contact(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: ContactCreate
) -> ContactKept:
    return await contacts.add(session, actor, project_id, body)


@router.get("/projects/{project_id}/amounts", summary="金额各版本 All versions of all amounts")
async def list_project_amounts(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> list[AmountRead]:
    await service.require_visible(session, actor, project_id)
    return list(await amounts.versions(session, project_id))


@router.post("/projects/{project_id}/amounts", status_code=201, summary="登记金额新版本 Add a version of an amount")
@problems("owner_decides project_ended")
async def add_project_amount(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: AmountCreate
) -> AmountRead:
    project = await service.lock(session, actor, project_id, None)
    refuse(refusals.ended(project))
    return await amounts.add(session, actor, project, body)


@router.get("/evidence-kinds", summary="依据种类 Kinds of evidence", openapi_extra=DICTIONARY)
async def list_evidence_kinds(session: ReadSession, _actor: CurrentActor) -> list[EvidenceKindRead]:
    return await evidence.kinds(session)


@router.get("/projects/{project_id}/evidence", summary="依据 All evidence, voided included")
async def list_project_evidence(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> list[EvidenceRead]:
    await service.require_visible(session, actor, project_id)
    return await evidence.of_project(session, project_id)


@router.post("/projects/{project_id}/evidence", status_code=201, summary="登记依据 Put evidence on record")
@problems("duplicates_asked_too_often owner_decides project_ended voucher_taken")
async def add_project_evidence(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: EvidenceCreate
) -> EvidenceRead:
    # «Not needed» is a decision, which a mere member of the team may not take.
    project = await service.lock(session, actor, project_id, None, reports=not body.is_not_needed)
    refuse(refusals.ended(project))
    return await evidence.add(session, actor, project, body)


@router.post("/projects/{project_id}/evidence/{evidence_id}/void", summary="依据作废 Void evidence")
@problems("already_void owner_decides")
async def void_project_evidence(
    session: WriteSession, actor: CurrentActor, project_id: UUID, evidence_id: UUID, body: EvidenceVoidCreate
) -> EvidenceRead:
    project = await service.lock(session, actor, project_id, None)
    return await evidence.void(session, actor, project, evidence_id, body)
