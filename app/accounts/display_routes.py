"""Routes of displays: added, listed and ended by administrators, set up by their screens."""

from uuid import UUID

from fastapi import Request, Response

from app.accounts import authentication, displays, sessions
from app.accounts.schemas import DisplayAdd, DisplayAdded, DisplayBegin, DisplayBegun, DisplayList
from app.audit import trail
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession, database
from app.core.errors import Unauthorized
from app.core.routing import SHOWN_ONCE, Router, problems

router = Router(tags=["账号 accounts"])


@router.get("/displays", summary="大屏 Displays")
async def list_displays(session: SnapshotSession, _actor: CurrentActor) -> DisplayList:
    return DisplayList(items=await displays.find(session))


@router.post("/displays", status_code=201, summary="新增大屏 Add a display", openapi_extra=SHOWN_ONCE)
async def add_display(body: DisplayAdd, session: WriteSession, actor: CurrentActor) -> DisplayAdded:
    return await displays.add(session, actor, body)


@router.delete("/displays/{display_id}", status_code=204, summary="停用大屏 End a display")
@problems("unchanged")
async def end_display(display_id: UUID, session: WriteSession, actor: CurrentActor) -> None:
    await displays.end(session, actor, display_id)


@router.post("/display-session", status_code=201, summary="接入大屏 Set up a screen", openapi_extra=SHOWN_ONCE)
@problems("display_code too_many_bad_tokens")
async def begin_display(body: DisplayBegin, request: Request, response: Response) -> DisplayBegun:
    try:
        display, token = await displays.begin(database(request), trail.of(request), body.code)
    except Unauthorized:
        authentication.require_below_limit(request)
        raise
    within = display.expires_at - database(request).clock()
    sessions.set_cookie(request, response, token, displays.COOKIE, within)
    return DisplayBegun(name=display.name, expires_at=display.expires_at)
