"""Routes that edit enterprises and referrers: the right to do so depends on their leads, projects and deals."""

from uuid import UUID

from app.core.actor import CurrentActor
from app.core.db import WriteSession
from app.core.routing import IfMatch, Router, problems
from app.enterprises.schemas import EnterpriseRead, EnterpriseUpdate, RankingCreate
from app.pipeline import identity
from app.referrers.schemas import ReferrerRegistered, ReferrerUpdate

router = Router()


@router.patch("/enterprises/{enterprise_id}", summary="修改企业 Edit an enterprise", tags=["企业 enterprises"])
@problems(
    "bureau_decides credit_code_taken duplicates_asked_too_often enterprise_twins group_ring identified_by_deals",
    "merged_enterprise registration_taken",
)
async def update_enterprise(
    session: WriteSession,
    actor: CurrentActor,
    enterprise_id: UUID,
    version: IfMatch,
    body: EnterpriseUpdate,
) -> EnterpriseRead:
    return await identity.update_enterprise(session, actor, enterprise_id, version, body)


@router.post(
    "/enterprises/{enterprise_id}/rankings",
    status_code=201,
    summary="登记榜单名次 Add a ranking",
    tags=["企业 enterprises"],
)
@problems("bureau_decides duplicates_asked_too_often merged_enterprise ranking_taken")
async def add_ranking(
    session: WriteSession, actor: CurrentActor, enterprise_id: UUID, body: RankingCreate
) -> EnterpriseRead:
    return await identity.add_ranking(session, actor, enterprise_id, body)


@router.patch("/referrers/{referrer_id}", summary="修改引荐方 Edit a referrer", tags=["引荐方 referrers"])
@problems("bureau_decides duplicates_asked_too_often referrer_taken")
async def update_referrer(
    session: WriteSession,
    actor: CurrentActor,
    referrer_id: UUID,
    version: IfMatch,
    body: ReferrerUpdate,
) -> ReferrerRegistered:
    return await identity.update_referrer(session, actor, referrer_id, version, body)
