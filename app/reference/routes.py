from app.core.actor import CurrentActor
from app.core.db import ReadSession
from app.core.routing import DICTIONARY, Router
from app.reference import service
from app.reference.schemas import IndustryRead

router = Router(tags=["参考数据 reference"])


@router.get("/industries", summary="国民经济行业分类 GB/T 4754-2017", openapi_extra=DICTIONARY)
async def list_industries(session: ReadSession, _actor: CurrentActor) -> list[IndustryRead]:
    return await service.industries(session)
