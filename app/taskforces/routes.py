from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import IfMatch, Router, problems
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery
from app.taskforces import service
from app.taskforces.schemas import (
    TargetSet,
    TaskForceCreate,
    TaskForceRead,
    TaskForceUpdate,
)

router = Router(prefix="/task-forces", tags=["产业招商专班 task forces"])


@router.post("", status_code=201, summary="设立专班 Create a task force")
@problems("task_force_name_taken")
async def create_task_force(
    session: WriteSession, actor: CurrentActor, body: TaskForceCreate, response: Response
) -> TaskForceRead:
    task_force = await service.create(session, actor, body)
    response.headers["Location"] = f"/api/v1/task-forces/{task_force.id}"
    return task_force


@router.patch("/{task_force_id}", summary="修改专班 Edit a task force")
@problems("task_force_name_taken")
async def update_task_force(
    session: WriteSession,
    actor: CurrentActor,
    task_force_id: UUID,
    version: IfMatch,
    body: TaskForceUpdate,
) -> TaskForceRead:
    return await service.update(session, actor, task_force_id, version, body)


@router.put("/{task_force_id}/targets/{year}", summary="年度目标 Set a year's targets")
async def set_task_force_target(
    session: WriteSession,
    actor: CurrentActor,
    task_force_id: UUID,
    year: Annotated[int, Path(ge=1949, le=2199)],
    version: IfMatch,
    body: TargetSet,
) -> TaskForceRead:
    return await service.set_target(session, actor, task_force_id, year, version, body)


@router.get("/{task_force_id}/timeline", summary="专班的时间线 The events of a task force, newest first")
async def get_task_force_timeline(
    session: SnapshotSession, actor: CurrentActor, task_force_id: UUID, query: Annotated[TimelineQuery, Query()]
) -> Page[EventRead]:
    await service.get(session, task_force_id)
    return await events.timeline_of(session, actor, "task_force", task_force_id, query)
