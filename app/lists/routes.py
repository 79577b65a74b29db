from typing import Annotated

from fastapi import Query, Response

from app.core.actor import CurrentActor
from app.core.db import PageSession, SnapshotSession
from app.core.paging import Page
from app.core.routing import Router
from app.lists import board, deal_facets, deals, enterprises, facets, lead_facets, leads, officials, projects
from app.lists.deal_schemas import DealFacetQuery, DealFacets, DealList, DealQuery
from app.lists.enterprises import EnterpriseListQuery, EnterpriseRow
from app.lists.lead_schemas import LeadFacetQuery, LeadFacets, LeadList, LeadQuery
from app.lists.officials import OfficialListQuery, OfficialRow
from app.lists.schemas import Board, BoardQuery, Card, CardsQuery, FacetQuery, Facets, ProjectList, ProjectQuery

router = Router()


@router.get("/enterprises", summary="企业列表 List enterprises", tags=["企业 enterprises"])
async def list_enterprises(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[EnterpriseListQuery, Query()]
) -> Page[EnterpriseRow]:
    return await enterprises.find(session, actor, query)


@router.get("/officials", summary="领导与工作人员列表 List officials", tags=["单位与领导 organizations"])
async def list_officials(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[OfficialListQuery, Query()]
) -> Page[OfficialRow]:
    return await officials.find(session, actor, query)


@router.get("/projects", summary="项目列表 List projects", tags=["项目 projects"], response_model=ProjectList)
async def list_projects(session: PageSession, actor: CurrentActor, query: Annotated[ProjectQuery, Query()]) -> Response:
    return await projects.answer(session, actor, query)


@router.get("/projects/facets", summary="项目分面 Values of a dimension, with counts", tags=["项目 projects"])
async def get_project_facets(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[FacetQuery, Query()]
) -> Facets:
    return await facets.facets(session, actor, query)


@router.get("/pipeline/board", summary="看板 The board", tags=["推进 pipeline"], response_model=Board)
async def get_board(session: SnapshotSession, actor: CurrentActor, query: Annotated[BoardQuery, Query()]) -> Response:
    return await board.board(session, actor, query)


@router.get(
    "/pipeline/board/cards",
    summary="看板一列的卡片 The cards of one column",
    tags=["推进 pipeline"],
    response_model=Page[Card],
)
async def list_board_cards(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[CardsQuery, Query()]
) -> Response:
    return await board.cards(session, actor, query)


@router.get("/deals", summary="签约列表 List deals", tags=["签约与台账 deals"])
async def list_deals(session: SnapshotSession, actor: CurrentActor, query: Annotated[DealQuery, Query()]) -> DealList:
    return await deals.find(session, actor, query)


@router.get("/deals/facets", summary="签约分面 Values of a dimension, with counts", tags=["签约与台账 deals"])
async def get_deal_facets(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[DealFacetQuery, Query()]
) -> DealFacets:
    return await deal_facets.facets(session, actor, query)


@router.get("/leads", summary="线索列表 List leads", tags=["线索 leads"])
async def list_leads(session: SnapshotSession, actor: CurrentActor, query: Annotated[LeadQuery, Query()]) -> LeadList:
    return await leads.find(session, actor, query)


@router.get("/leads/facets", summary="线索分面 Values of a dimension, with counts", tags=["线索 leads"])
async def get_lead_facets(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[LeadFacetQuery, Query()]
) -> LeadFacets:
    return await lead_facets.find(session, actor, query)
