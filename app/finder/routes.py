from typing import Annotated

from fastapi import Query

from app.core.actor import CurrentActor
from app.core.db import ReadSession
from app.core.routing import Router
from app.finder import service
from app.finder.schemas import SearchAnswer, SearchQuery

router = Router(tags=["检索 search"])


@router.get("/search", summary="检索各类记录 Find records of all kinds by name, number, pinyin or initials")
async def search(session: ReadSession, actor: CurrentActor, query: Annotated[SearchQuery, Query()]) -> SearchAnswer:
    return await service.find(session, actor, query)
