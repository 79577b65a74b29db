from typing import Annotated

from fastapi import Query, Request

from app.accounts.authentication import CurrentUse
from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession
from app.core.routing import IfMatch, Router
from app.mine import me, preferences, tasks
from app.mine.schemas import MyCounts, MyRead, PreferencesRead, PreferencesSet, TaskList, TaskQuery

router = Router(tags=["我的 mine"])


@router.get("/me", summary="我是谁、能做什么 Who I am and what I may do")
async def get_me(request: Request, session: SnapshotSession, actor: CurrentActor) -> MyRead:
    return await me.get(session, actor, getattr(request.state, "use", None))


@router.get("/me/preferences", summary="我的页面设置 What I have set for the pages")
async def get_my_preferences(session: ReadSession, use: CurrentUse) -> PreferencesRead:
    return await preferences.get(session, use.user_id)


@router.put("/me/preferences", summary="修改我的页面设置 Set it anew")
async def set_my_preferences(
    session: WriteSession, use: CurrentUse, version: IfMatch, body: PreferencesSet
) -> PreferencesRead:
    return await preferences.put(session, use.user_id, version, body.value)


@router.get("/me/tasks", summary="我的待办 What I have to do, in one queue")
async def list_my_tasks(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[TaskQuery, Query()]
) -> TaskList:
    return await tasks.find(session, actor, query)


@router.get("/me/counts", summary="待办件数 How much waits for me")
async def get_my_counts(session: ReadSession, actor: CurrentActor) -> MyCounts:
    return await tasks.my_counts(session, actor)
