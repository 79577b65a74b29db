"""Jobs, for the users who asked for them and those who operate the service."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from app.controls import answer
from app.controls.models import ControlChange
from app.core.actor import ActorSource, CurrentActor
from app.core.db import ReadSession, WriteSession, database
from app.core.errors import Problem
from app.core.routing import Router, problems
from app.core.text import Code
from app.jobs import schedules, service
from app.jobs.models import ENDED
from app.jobs.schemas import JobList, JobQuery, JobRead, ScheduleList, ScheduleRead, ScheduleSet

router = Router(tags=["任务 jobs"])

_LOOK_SECONDS = 1.0
_PING_LOOKS = 15
_LOOKS = 15 * 60
"""A stream ends after 15 minutes; the client may open it again."""


@router.get("/jobs", summary="后台任务 Jobs")
async def list_jobs(query: Annotated[JobQuery, Query()], session: ReadSession, actor: CurrentActor) -> JobList:
    jobs = await service.find(session, actor, query.state, query.kind, query.limit)
    items = [JobRead.model_validate(job) for job in jobs]
    return JobList(items=items, counts=await service.counts(session, actor))


@router.get("/jobs/{job_id}", summary="一个任务 A job")
async def get_job(job_id: UUID, session: ReadSession, actor: CurrentActor) -> JobRead:
    return JobRead.model_validate(await service.get(session, actor, job_id))


_EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "event": {"const": "job"},
        "data": {
            "type": "string",
            "description": "任务现状，JobRead 的 JSON / the job as it is, JSON of JobRead",
        },
    },
    "required": ["event", "data"],
}
"""One event of the stream."""


@router.get(
    "/jobs/{job_id}/events",
    summary="任务进展（SSE） The progress of a job, as server-sent events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}}},
)
async def follow_job(job_id: UUID, request: Request, session: ReadSession, actor: CurrentActor) -> StreamingResponse:
    await service.get(session, actor, job_id)
    return StreamingResponse(_progress(request, job_id), media_type="text/event-stream")


async def _progress(request: Request, job_id: UUID) -> AsyncIterator[str]:
    """Yields a `job` event after each change, until the job has ended or the client may no longer see it."""
    last = None
    authenticate: ActorSource = request.app.state.actor_source
    for look in range(_LOOKS):
        try:
            actor = await authenticate(request)
            async with database(request).reading() as session:
                job = await service.get(session, actor, job_id)
        except (Problem, SQLAlchemyError, OSError):
            return
        current = JobRead.model_validate(job).model_dump(mode="json")
        if current != last:
            yield f"event: job\ndata: {json.dumps(current, ensure_ascii=False)}\n\n"
            last = current
        elif look % _PING_LOOKS == 0:
            yield ": \n\n"  # else a proxy may close the connection as idle
        if job.state in ENDED:
            return
        await asyncio.sleep(_LOOK_SECONDS)


@router.post("/jobs/{job_id}/cancellation", summary="取消任务 Cancel a job")
@problems("job_ended job_is_promise")
async def cancel_job(job_id: UUID, request: Request, session: WriteSession, actor: CurrentActor) -> JobRead:
    return JobRead.model_validate(await service.cancel(session, actor, job_id, request.app.state.jobs))


@router.post("/jobs/{job_id}/retry", summary="重试失败的任务 Try a failed job again")
@problems("job_not_failed")
async def retry_job(job_id: UUID, session: WriteSession, actor: CurrentActor) -> JobRead:
    return JobRead.model_validate(await service.retry(session, actor, job_id))


@router.get("/job-schedules", summary="定时任务 Schedules")
async def list_job_schedules(session: ReadSession, _actor: CurrentActor) -> ScheduleList:
    return ScheduleList(items=[ScheduleRead.model_validate(row) for row in await schedules.find(session)])


@router.put(
    "/job-schedules/{name}",
    summary="修改定时 Change a schedule",
    response_model=ScheduleRead,
    responses=answer.WAITS,
)
@problems("change_pending not_found")
async def set_job_schedule(
    name: Code, body: ScheduleSet, session: WriteSession, actor: CurrentActor
) -> ScheduleRead | Response:
    schedule = await schedules.put(session, actor, name, body)
    if isinstance(schedule, ControlChange):
        return answer.accepted(session, schedule)
    return ScheduleRead.model_validate(schedule)
