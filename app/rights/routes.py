from uuid import UUID

from fastapi import APIRouter

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession
from app.core.routing import Route
from app.deals import service as deals
from app.leads import service as leads
from app.projects import service as projects
from app.rights import deals as deal_rights
from app.rights import leads as lead_rights
from app.rights import projects as project_rights
from app.rights.schemas import DealWithRights, LeadWithRights, ProjectWithRights

router = APIRouter(route_class=Route)


@router.get("/projects/{project_id}", summary="项目 Get a project", tags=["项目 projects"])
async def get_project(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> ProjectWithRights:
    project = await projects.get(session, actor, project_id)
    may = await project_rights.may(session, actor, project)
    return ProjectWithRights.model_construct(**dict(project), may=may)


@router.get("/deals/{deal_id}", summary="签约 Get a deal", tags=["签约与台账 deals"])
async def get_deal(session: SnapshotSession, actor: CurrentActor, deal_id: UUID) -> DealWithRights:
    deal = await deals.get(session, actor, deal_id)
    return DealWithRights.model_construct(**dict(deal), may=await deal_rights.may(session, actor, deal_id))


@router.get("/leads/{lead_id}", summary="线索 Get a lead", tags=["线索 leads"])
async def get_lead(session: SnapshotSession, actor: CurrentActor, lead_id: UUID) -> LeadWithRights:
    lead = await leads.get(session, actor, lead_id)
    return LeadWithRights.model_construct(**dict(lead), may=lead_rights.may(actor, lead))
