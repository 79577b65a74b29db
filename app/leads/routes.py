from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.audit.unmasking import Unmask, Unmasked
from app.controls import answer
from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import SHOWN_ONCE, IfMatch, Router, problems
from app.enterprises.schemas import ContactCreate, ContactKept, ContactRead
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery
from app.leads import clocks, duplicate_checks, duplicates, first_talks, follow_ups, personal, registration, service
from app.leads.models import ClockCode
from app.leads.schemas import (
    Candidate,
    DisputeRaise,
    DuplicateCheck,
    DuplicatesRead,
    FirstTalkRead,
    LeadAnswer,
    LeadAssess,
    LeadClockRead,
    LeadClockSet,
    LeadCreate,
    LeadRead,
    LeadRegistered,
    LeadUpdate,
    SimilarQuery,
)
from app.projects.follow_ups import FollowUpCreate, FollowUpQuery, FollowUpRead

router = Router(tags=["线索 leads"])


@router.post("/leads", status_code=201, summary="登记线索 Register a lead")
@problems(duplicates.PROBLEMS, "enterprise_twins place_out_of_scope")
async def register_lead(
    session: WriteSession, actor: CurrentActor, body: LeadCreate, response: Response
) -> LeadRegistered:
    lead = await registration.create(session, actor, body)
    response.headers["Location"] = f"/api/v1/leads/{lead.id}"
    return lead


@router.patch("/leads/{lead_id}", summary="修改线索 Edit a lead")
@problems(duplicates.PROBLEMS, "lead_converted owner_decides place_out_of_scope")
async def update_lead(
    session: WriteSession,
    actor: CurrentActor,
    lead_id: UUID,
    version: IfMatch,
    body: LeadUpdate,
) -> LeadRegistered:
    return await registration.update(session, actor, lead_id, version, body)


@router.post("/leads/{lead_id}/answer", status_code=201, summary="响应引荐方 Answer whoever brought it")
@problems("answered_already owner_decides")
async def answer_lead(
    session: WriteSession,
    actor: CurrentActor,
    lead_id: UUID,
    version: IfMatch,
    body: LeadAnswer,
) -> LeadRead:
    return await service.answer(session, actor, lead_id, version, body)


@router.post("/leads/{lead_id}/assessments", status_code=201, summary="研判 Assess a lead")
@problems("lead_converted owner_decides")
async def assess_lead(
    session: WriteSession,
    actor: CurrentActor,
    lead_id: UUID,
    version: IfMatch,
    body: LeadAssess,
) -> LeadRead:
    return await service.assess(session, actor, lead_id, version, body)


@router.get("/leads/{lead_id}/timeline", summary="时间线 The lead's events, newest first")
async def get_lead_timeline(
    session: SnapshotSession, actor: CurrentActor, lead_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.require_visible(session, actor, lead_id)
    return await events.timeline_of(session, actor, "lead", lead_id, query)


@router.get("/leads/{lead_id}/follow-ups", summary="线索跟进 Follow-ups of a lead")
async def list_lead_follow_ups(
    session: SnapshotSession, actor: CurrentActor, lead_id: UUID, query: Annotated[FollowUpQuery, Query()]
) -> Page[FollowUpRead]:
    return await follow_ups.find(session, actor, lead_id, query)


@router.post("/leads/{lead_id}/follow-ups", status_code=201, summary="登记线索跟进 Record a follow-up")
@problems("lead_converted place_out_of_scope")
async def add_lead_follow_up(
    session: WriteSession, actor: CurrentActor, lead_id: UUID, body: FollowUpCreate
) -> FollowUpRead:
    return await follow_ups.add(session, actor, lead_id, body)


@router.get("/leads/{lead_id}/contacts", summary="线索联系人 Contacts for a lead, masked")
async def list_lead_contacts(session: ReadSession, actor: CurrentActor, lead_id: UUID) -> list[ContactRead]:
    return await follow_ups.contacts_of(session, actor, lead_id)


@router.post("/leads/{lead_id}/contacts", status_code=201, summary="登记线索联系人 Keep a contact")
@problems("duplicates_asked_too_often lead_converted no_investor owner_decides")
async def add_lead_contact(
    session: WriteSession, actor: CurrentActor, lead_id: UUID, body: ContactCreate
) -> ContactKept:
    return await follow_ups.add_contact(session, actor, lead_id, body)


@router.get("/leads/{lead_id}/first-talk", summary="线索首谈 Whose first talk it is")
async def get_lead_first_talk(session: SnapshotSession, actor: CurrentActor, lead_id: UUID) -> FirstTalkRead:
    return await first_talks.of_lead_id(session, actor, lead_id)


@router.post("/leads/{lead_id}/first-talk/disputes", status_code=201, summary="提出首谈争议 Dispute a first talk")
@problems("dispute_open no_first_talk place_out_of_scope raised_elsewhere")
async def dispute_lead_first_talk(
    session: WriteSession, actor: CurrentActor, lead_id: UUID, body: DisputeRaise
) -> FirstTalkRead:
    return await first_talks.raise_on_lead(session, actor, lead_id, body)


@router.get("/projects/{project_id}/first-talk", summary="项目首谈 Whose first talk it is")
async def get_project_first_talk(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> FirstTalkRead:
    return await first_talks.of_project_id(session, actor, project_id)


@router.post("/projects/{project_id}/first-talk/disputes", status_code=201, summary="提出首谈争议 Dispute a first talk")
@problems("dispute_open no_first_talk place_out_of_scope raised_elsewhere")
async def dispute_project_first_talk(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: DisputeRaise
) -> FirstTalkRead:
    return await first_talks.raise_on_project(session, actor, project_id, body)


@router.post(
    "/duplicates/check",
    summary="查重 What a form may be a duplicate of",
    description="每次查重记入安全日志；不能看全市的，须填名称和投资方，一小时限次（429）。"
    "Each check is on record; whoever "
    "does not see the whole city gives a name and an investor, and may ask so many times an hour (429).",
)
@problems("duplicates_asked_too_often not_found")
async def check_duplicates(session: WriteSession, actor: CurrentActor, body: DuplicateCheck) -> DuplicatesRead:
    return await duplicate_checks.check(session, actor, body)


@router.get("/duplicates/similar", summary="边录边查相似 What a name is like while it is typed")
async def list_similar(
    session: ReadSession, actor: CurrentActor, query: Annotated[SimilarQuery, Query()]
) -> list[Candidate]:
    """可见范围内名称部分相同、互相包含或投资方相同的，最像的在先，不妨碍登记 / those in your scope with names alike
    in part or the same investor, best first; they block nothing."""
    return await duplicate_checks.similar_to(session, actor, query)


@router.get("/lead-clocks", summary="线索时限 By when leads are answered and assessed")
async def list_lead_clocks(session: ReadSession, _actor: CurrentActor) -> list[LeadClockRead]:
    return await clocks.clocks(session)


@router.put(
    "/lead-clocks/{code}", summary="修改线索时限 Edit a clock", response_model=LeadClockRead, responses=answer.WAITS
)
@problems("change_pending not_found")
async def set_lead_clock(
    session: WriteSession,
    actor: CurrentActor,
    code: ClockCode,
    version: IfMatch,
    body: LeadClockSet,
) -> LeadClockRead | Response:
    return answer.accepted_or(session, await clocks.set_clock(session, actor, code, version, body))


@router.post("/contacts/{contact_id}/unmasking", summary="查看完整联系方式 In full", openapi_extra=SHOWN_ONCE)
@problems("owner_decides unmasked_too_often")
async def unmask_contact(session: WriteSession, actor: CurrentActor, contact_id: UUID, body: Unmask) -> Unmasked:
    return await personal.unmask(session, actor, contact_id, body.purpose)


@router.delete("/contacts/{contact_id}", status_code=204, summary="删除联系人 Delete a contact for good")
@problems("owner_decides")
async def erase_contact(session: WriteSession, actor: CurrentActor, contact_id: UUID) -> None:
    await personal.erase(session, actor, contact_id)
