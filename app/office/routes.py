from typing import Annotated

from fastapi import Path, Response

from app.controls import answer
from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession
from app.core.routing import DICTIONARY, IfMatch, Router, problems
from app.core.text import Code
from app.office import calendar, stages
from app.office.schemas import StageRead, StageSet
from app.reference.schemas import CalendarRead, CalendarSet

router = Router(tags=["推进 pipeline"])

Year = Annotated[int, Path(ge=1949, le=2199)]


@router.get("/pipeline/stages", summary="阶段、期限与门槛 Stages, limits and gates", openapi_extra=DICTIONARY)
async def list_stages(session: ReadSession, _actor: CurrentActor) -> list[StageRead]:
    return await stages.stages(session)


@router.put(
    "/pipeline/stages/{code}", summary="修改阶段设置 Edit a stage", response_model=StageRead, responses=answer.WAITS
)
@problems("change_pending gate_is_fixed not_found")
async def set_stage(
    session: WriteSession,
    actor: CurrentActor,
    code: Annotated[Code, Path()],
    version: IfMatch,
    body: StageSet,
) -> StageRead | Response:
    return answer.accepted_or(session, await stages.set_stage(session, actor, code, version, body))


@router.get("/calendars/{year}", summary="节假日与调休 The working calendar of a year")
async def get_calendar(session: SnapshotSession, _actor: CurrentActor, year: Year) -> CalendarRead:
    return await calendar.get(session, year)


@router.put(
    "/calendars/{year}",
    summary="设定一年的节假日与调休 Set the working calendar of a year",
    response_model=CalendarRead,
    responses=answer.WAITS,
)
@problems("change_pending recorded_meanwhile")
async def set_calendar(
    session: WriteSession, actor: CurrentActor, year: Year, version: IfMatch, body: CalendarSet
) -> CalendarRead | Response:
    return answer.accepted_or(session, await calendar.replace(session, actor, year, version, body))
