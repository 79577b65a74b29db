"""Changes that wait for another person."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from app.controls import service
from app.controls.schemas import (
    ControlChangeConfirmed,
    ControlChangeQuery,
    ControlChangeRead,
    ControlChangeRefuse,
)
from app.core import clock
from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession
from app.core.paging import Page
from app.core.routing import SHOWN_ONCE, IfMatch, Router, problems
from app.events.schemas import EventRead, TimelineQuery

router = Router(tags=["管控 controls"])


@router.get("/control-changes", summary="放宽管控的变更 Changes that loosen a control")
async def list_control_changes(
    query: Annotated[ControlChangeQuery, Query()], session: SnapshotSession, _actor: CurrentActor
) -> Page[ControlChangeRead]:
    return await service.find(session, query)


@router.get("/control-changes/{change_id}", summary="一项变更 A change")
async def get_control_change(change_id: UUID, session: ReadSession, _actor: CurrentActor) -> ControlChangeRead:
    return await service.get(session, change_id)


@router.get("/control-changes/{change_id}/timeline", summary="变更的经过 What happened to a change")
async def get_control_change_timeline(
    change_id: UUID, query: Annotated[TimelineQuery, Query()], session: SnapshotSession, actor: CurrentActor
) -> Page[EventRead]:
    return await service.timeline(session, actor, change_id, query)


@router.post("/control-changes/{change_id}/confirmation", summary="确认变更 Confirm a change", openapi_extra=SHOWN_ONCE)
@problems(
    "asked_by_you asker_gone change_lapsed change_settled control_moved first_part_is_yours recorded_meanwhile",
    "right_ended rotate_first secret_unreadable unit_ring",
)
async def confirm_control_change(
    change_id: UUID, request: Request, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> ControlChangeConfirmed:
    change, secret = await service.confirm(session, actor, request.app.state.controls, change_id, version)
    return ControlChangeConfirmed(**service.read(change, clock.now(session)).model_dump(), secret=secret)


@router.post("/control-changes/{change_id}/refusal", summary="退回变更 Refuse a change")
@problems("change_lapsed change_settled")
async def refuse_control_change(
    change_id: UUID,
    body: ControlChangeRefuse,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
) -> ControlChangeRead:
    change = await service.refuse(session, actor, change_id, version, body.reason)
    return service.read(change, clock.now(session))


@router.post("/control-changes/{change_id}/withdrawal", summary="撤回变更 Withdraw a change")
@problems("change_lapsed change_settled")
async def withdraw_control_change(
    change_id: UUID, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> ControlChangeRead:
    change = await service.withdraw(session, actor, change_id, version)
    return service.read(change, clock.now(session))
