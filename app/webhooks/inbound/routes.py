"""Inbound webhooks: sources, the address they send to, and the inbox."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.controls import answer
from app.controls.models import ControlChange
from app.core.actor import CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession, database
from app.core.routing import ANY_PARAMETER, SHOWN_ONCE, IfMatch, Router, problems
from app.webhooks.inbound import acts, inbox, receiving, sources
from app.webhooks.inbound.acts import SourceList, SourceWithRights
from app.webhooks.inbound.models import WebhookSource
from app.webhooks.inbound.receiving import Sent
from app.webhooks.inbound.schemas import (
    InboxItem,
    InboxList,
    InboxQuery,
    LinkCreate,
    Reason,
    Receipt,
    ReplayQuery,
    SourceCreate,
    SourceIssued,
    SourceQuery,
    SourceRead,
    SourceUpdate,
)

router = Router(tags=["推送 webhooks"])


async def _issued(request: Request, session: AsyncSession, source: WebhookSource, secret: str) -> SourceIssued:
    [read] = await sources.read(session, [source])
    fields = read.model_dump()
    # Without a public address only a path: the Host header of the client is not to be trusted.
    origin = database(request).settings.public_url or ""
    return SourceIssued(**fields, secret=secret, address=f"{origin}/api/v1/hooks/{source.id}")


@router.post(
    "/hooks/{source_id}",
    status_code=202,
    summary="推送 Send a message",
    responses={
        200: {"description": "已收过同一条 / the same came before", "model": Receipt},
        401: {"description": "来源不明、签名不符或已过时 / not proved"},
        410: {"description": "来源已停用 / the source has been removed"},
    },
    openapi_extra={
        **ANY_PARAMETER,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/HookMessage"}},
                "application/cloudevents+json": {"schema": {"type": "object"}},
            },
        },
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": "Standard Webhooks",
            }
            for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ],
    },
)
@problems("bad_request hook_refused json_invalid media_type message_id_reused source_removed too_many_requests")
async def receive_hook(source_id: str, request: Request, response: Response) -> Receipt:
    sent = Sent(dict(request.headers), await request.body())
    state = request.app.state
    stored = await receiving.receive(database(request), trail.of(request), state.hook_rate_limit, source_id, sent)
    if not stored.is_new:
        response.status_code = 200
    return Receipt(id=stored.inbox_id)


@router.get("/webhook-sources", summary="推送来源 Sources")
async def list_webhook_sources(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[SourceQuery, Query()]
) -> SourceList:
    return await acts.find(session, actor, query)


@router.post("/webhook-sources", status_code=201, summary="新增来源 Add a source", openapi_extra=SHOWN_ONCE)
@problems("source_name_taken")
async def add_webhook_source(
    body: SourceCreate, request: Request, response: Response, session: WriteSession, actor: CurrentActor
) -> SourceIssued:
    source, secret = await sources.add(session, actor, database(request).settings, body)
    response.headers["Location"] = f"/api/v1/webhook-sources/{source.id}"
    return await _issued(request, session, source, secret)


@router.get("/webhook-sources/{source_id}", summary="来源 A source")
async def get_webhook_source(source_id: UUID, session: SnapshotSession, actor: CurrentActor) -> SourceWithRights:
    source = await sources.get(session, source_id)
    [read] = await sources.read(session, [source])
    return acts.with_rights(actor, read)


@router.patch(
    "/webhook-sources/{source_id}", summary="修改来源 Edit a source", response_model=SourceRead, responses=answer.WAITS
)
@problems("change_pending source_name_taken source_removed")
async def update_webhook_source(
    source_id: UUID,
    body: SourceUpdate,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
) -> SourceRead | Response:
    source = await sources.edit(session, actor, source_id, version, body)
    if isinstance(source, ControlChange):
        return answer.accepted(session, source)
    await session.flush()
    [read] = await sources.read(session, [source])
    return read


@router.post(
    "/webhook-sources/{source_id}/secret", status_code=201, summary="更换密钥 Rotate", openapi_extra=SHOWN_ONCE
)
@problems("source_removed")
async def rotate_webhook_source(
    source_id: UUID, request: Request, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> SourceIssued:
    source, secret = await sources.rotate(session, actor, database(request).settings, source_id, version)
    return await _issued(request, session, source, secret)


@router.delete("/webhook-sources/{source_id}", status_code=204, summary="停用来源 Remove a source")
@problems("source_removed")
async def remove_webhook_source(source_id: UUID, session: WriteSession, actor: CurrentActor, version: IfMatch) -> None:
    await sources.remove(session, actor, source_id, version)


@router.get("/inbox", summary="收到的推送 The inbox")
async def list_inbox(
    query: Annotated[InboxQuery, Query()], session: SnapshotSession, _actor: CurrentActor
) -> InboxList:
    return await inbox.find(session, query)


@router.get("/inbox/{inbox_id}", summary="一条推送 A message")
async def get_inbox_message(inbox_id: UUID, session: ReadSession, _actor: CurrentActor) -> InboxItem:
    return await inbox.read(session, await inbox.get(session, inbox_id))


@router.get(
    "/inbox/{inbox_id}/body",
    summary="推送原文 A message, byte for byte",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_inbox_body(inbox_id: UUID, session: ReadSession, _actor: CurrentActor) -> Response:
    message = await inbox.get(session, inbox_id)
    return Response(message.body, media_type="application/octet-stream")


class Replayed(BaseModel):
    count: int


@router.post("/inbox/replay", summary="重办一批 Replay many")
async def replay_inbox(query: Annotated[ReplayQuery, Query()], session: WriteSession, actor: CurrentActor) -> Replayed:
    return Replayed(count=await inbox.replay_all(session, actor, query))


@router.post("/inbox/{inbox_id}/replay", summary="重办 Replay a message")
@problems("drafted_by_you not_to_be_replayed")
async def replay_inbox_message(inbox_id: UUID, session: WriteSession, actor: CurrentActor) -> InboxItem:
    return await inbox.read(session, await inbox.replay(session, actor, inbox_id))


@router.post("/inbox/{inbox_id}/dismissal", summary="不再办理 Set a message aside")
@problems("drafted_by_you not_to_be_replayed")
async def dismiss_inbox_message(inbox_id: UUID, body: Reason, session: WriteSession, actor: CurrentActor) -> InboxItem:
    return await inbox.read(session, await inbox.dismiss(session, actor, inbox_id, body.reason))


@router.post("/inbox/{inbox_id}/skip", summary="不等所缺的，直接办 Apply it without what is missing before it")
@problems("drafted_by_you earlier_not_settled no_sequence not_to_be_replayed")
async def skip_to_inbox_message(inbox_id: UUID, body: Reason, session: WriteSession, actor: CurrentActor) -> InboxItem:
    return await inbox.read(session, await inbox.skip(session, actor, inbox_id, body.reason))


@router.post("/inbox/{inbox_id}/link", summary="指明对象并重办 Link and replay")
@problems("drafted_by_you no_object not_to_be_replayed")
async def link_inbox_message(inbox_id: UUID, body: LinkCreate, session: WriteSession, actor: CurrentActor) -> InboxItem:
    return await inbox.read(session, await inbox.link(session, actor, inbox_id, body))
