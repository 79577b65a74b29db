from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.accounts import service as accounts
from app.accounts.acts import allowed, permitted, reasons
from app.accounts.schemas import UserQuery
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession
from app.core.paging import Page
from app.core.routing import Router
from app.deals import service as deals
from app.enterprises import service as enterprises
from app.leads import service as leads
from app.organizations import service as organizations
from app.organizations.schemas import UnitQuery
from app.rights import deals as deal_rights
from app.rights import leads as lead_rights
from app.rights import others
from app.rights.schemas import (
    DealWithRights,
    EnterpriseWithRights,
    LeadWithRights,
    OfficialWithRights,
    TaskForceRow,
    TaskForceWithRights,
    UnitRow,
    UnitWithRights,
    UserRow,
    UserWithRights,
)
from app.taskforces import service as taskforces
from app.taskforces.schemas import TaskForceQuery

router = Router()


@router.get("/deals/{deal_id}", summary="签约 Get a deal", tags=["签约与台账 deals"])
async def get_deal(session: SnapshotSession, actor: CurrentActor, deal_id: UUID) -> DealWithRights:
    deal = await deals.get(session, actor, deal_id)
    return DealWithRights.model_construct(**dict(deal), may=await deal_rights.may(session, actor, deal_id))


@router.get("/leads/{lead_id}", summary="线索 Get a lead", tags=["线索 leads"])
async def get_lead(session: SnapshotSession, actor: CurrentActor, lead_id: UUID) -> LeadWithRights:
    lead = await leads.get(session, actor, lead_id)
    return LeadWithRights.model_construct(**dict(lead), may=lead_rights.may(actor, lead))


@router.get("/enterprises/{enterprise_id}", summary="企业 Get an enterprise", tags=["企业 enterprises"])
async def get_enterprise(session: SnapshotSession, actor: CurrentActor, enterprise_id: UUID) -> EnterpriseWithRights:
    enterprise = await enterprises.get(session, enterprise_id)
    return EnterpriseWithRights.model_construct(**dict(enterprise), may=others.of_enterprise(actor, enterprise))


@router.get("/officials/{official_id}", summary="领导 Get an official", tags=["单位与领导 organizations"])
async def get_official(session: SnapshotSession, actor: CurrentActor, official_id: UUID) -> OfficialWithRights:
    official = await organizations.get_official(session, official_id)
    return OfficialWithRights.model_construct(**dict(official), may=reasons(actor, others.OFFICIAL_ACTS, official))


@router.get("/units", summary="单位列表 List units", tags=["单位与领导 organizations"])
async def list_units(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[UnitQuery, Query()]
) -> Page[UnitRow]:
    page, acts = await organizations.find_units(session, query), permitted(actor, others.UNIT_ACTS)
    return page.of(UnitRow.model_construct(**dict(unit), may=allowed(acts, unit)) for unit in page.items)


@router.get("/units/{unit_id}", summary="单位 Get a unit", tags=["单位与领导 organizations"])
async def get_unit(session: SnapshotSession, actor: CurrentActor, unit_id: UUID) -> UnitWithRights:
    unit = await organizations.get_unit(session, unit_id)
    return UnitWithRights.model_construct(**dict(unit), may=reasons(actor, others.UNIT_ACTS, unit))


@router.get("/task-forces", summary="专班列表 List task forces", tags=["产业招商专班 task forces"])
async def list_task_forces(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[TaskForceQuery, Query()]
) -> Page[TaskForceRow]:
    page, acts = await taskforces.find(session, query), permitted(actor, others.TASK_FORCE_ACTS)
    return page.of(TaskForceRow.model_construct(**dict(one), may=allowed(acts, one)) for one in page.items)


@router.get("/task-forces/{task_force_id}", summary="专班 Get a task force", tags=["产业招商专班 task forces"])
async def get_task_force(session: SnapshotSession, actor: CurrentActor, task_force_id: UUID) -> TaskForceWithRights:
    task_force = await taskforces.get(session, task_force_id)
    may = reasons(actor, others.TASK_FORCE_ACTS, task_force)
    return TaskForceWithRights.model_construct(**dict(task_force), may=may)


@router.get("/users", summary="账号列表 Users", tags=["账号 accounts"])
async def list_users(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[UserQuery, Query()]
) -> Page[UserRow]:
    page = await accounts.find(session, query)
    rows = zip(page.items, await others.of_users(session, actor, page.items), strict=True)
    return page.of(UserRow.model_construct(**dict(user), may=may) for user, may in rows)


@router.get("/users/{user_id}", summary="账号 A user", tags=["账号 accounts"])
async def get_user(user_id: UUID, session: SnapshotSession, actor: CurrentActor) -> UserWithRights:
    user = await accounts.read(session, await accounts.get(session, user_id))
    return UserWithRights.model_construct(**dict(user), may=await others.of_user(session, actor, user))
