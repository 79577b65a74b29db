from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import Router, problems
from app.enterprises import service
from app.enterprises.schemas import (
    ContactCreate,
    ContactKept,
    ContactRead,
    EnterpriseCreate,
    EnterpriseRead,
)
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery

router = Router(prefix="/enterprises", tags=["企业 enterprises"])


@router.post("", status_code=201, summary="登记企业 Create an enterprise")
@problems("credit_code_taken enterprise_twins registration_taken")
async def create_enterprise(
    session: WriteSession, actor: CurrentActor, body: EnterpriseCreate, response: Response
) -> EnterpriseRead:
    enterprise = await service.create(session, actor, body)
    response.headers["Location"] = f"/api/v1/enterprises/{enterprise.id}"
    return enterprise


@router.get("/{enterprise_id}/contacts", summary="联系人（脱敏） List contacts, masked")
async def list_contacts(session: SnapshotSession, actor: CurrentActor, enterprise_id: UUID) -> list[ContactRead]:
    return await service.contacts(session, actor, enterprise_id)


@router.post("/{enterprise_id}/contacts", status_code=201, summary="登记联系人 Add a contact")
@problems("duplicates_asked_too_often merged_enterprise")
async def add_contact(
    session: WriteSession, actor: CurrentActor, enterprise_id: UUID, body: ContactCreate
) -> ContactKept:
    return await service.add_contact(session, actor, enterprise_id, body)


@router.get("/{enterprise_id}/timeline", summary="企业的时间线 The events of an enterprise, newest first")
async def get_enterprise_timeline(
    session: SnapshotSession, actor: CurrentActor, enterprise_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.get(session, enterprise_id)
    return await events.timeline_of(session, actor, "enterprise", enterprise_id, query)
