"""Outbound webhooks: endpoints, their health, their deliveries, redelivery and replay."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, CurrentActor
from app.core.db import ReadSession, SnapshotSession, WriteSession, database
from app.core.paging import Page
from app.core.routing import SHOWN_ONCE, IfMatch, Router, problems
from app.webhooks.outbound import acts, deliveries, endpoints
from app.webhooks.outbound.acts import EndpointList, EndpointWithRights
from app.webhooks.outbound.models import WebhookEndpoint
from app.webhooks.outbound.schemas import (
    DeliveryQuery,
    DeliveryRead,
    DeliverySummary,
    EndpointCreate,
    EndpointHealth,
    EndpointIssued,
    EndpointQuery,
    EndpointRead,
    EndpointUpdate,
    ReplayAsked,
    ReplayCreate,
    UndeliveredQuery,
)

router = Router(tags=["推送 webhooks"])


async def _new_address(body: EndpointCreate, request: Request, actor: CurrentActor) -> None:
    """Resolves and checks the address before the transaction begins, because that may take seconds."""
    await endpoints.require_allowed(actor, body.url, database(request).settings)


async def _changed_address(body: EndpointUpdate, request: Request, actor: CurrentActor) -> None:
    if "url" in body.model_fields_set:
        await endpoints.require_allowed(actor, body.url, database(request).settings)


async def _issued(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint, secret: str) -> EndpointIssued:
    return EndpointIssued(**dict(await endpoints.read(session, actor, endpoint)), secret=secret)


@router.get("/webhook-endpoints", summary="推送地址 Endpoints")
async def list_webhook_endpoints(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[EndpointQuery, Query()]
) -> EndpointList:
    return await acts.find(session, actor, query)


@router.post(
    "/webhook-endpoints",
    status_code=201,
    summary="新增推送地址 Add an endpoint",
    openapi_extra=SHOWN_ONCE,
    dependencies=[Depends(_new_address)],
)
@problems("no_user")
async def add_webhook_endpoint(
    body: EndpointCreate, request: Request, response: Response, session: WriteSession, actor: CurrentActor
) -> EndpointIssued:
    endpoint, secret = await endpoints.add(session, actor, database(request).settings, body)
    response.headers["Location"] = f"/api/v1/webhook-endpoints/{endpoint.id}"
    return await _issued(session, actor, endpoint, secret)


@router.get("/webhook-endpoints/{endpoint_id}", summary="推送地址 An endpoint")
async def get_webhook_endpoint(endpoint_id: UUID, session: ReadSession, actor: CurrentActor) -> EndpointWithRights:
    endpoint = await endpoints.get(session, actor, endpoint_id)
    return acts.with_rights(actor, await endpoints.read(session, actor, endpoint))


@router.patch(
    "/webhook-endpoints/{endpoint_id}",
    summary="修改推送地址 Edit an endpoint",
    dependencies=[Depends(_changed_address)],
)
@problems("endpoint_removed not_the_owner")
async def update_webhook_endpoint(
    endpoint_id: UUID,
    body: EndpointUpdate,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
) -> EndpointRead:
    endpoint = await endpoints.edit(session, actor, endpoint_id, version, body)
    return await endpoints.read(session, actor, endpoint)


@router.post(
    "/webhook-endpoints/{endpoint_id}/secret", status_code=201, summary="更换密钥 Rotate", openapi_extra=SHOWN_ONCE
)
@problems("endpoint_removed not_the_owner")
async def rotate_webhook_endpoint(
    endpoint_id: UUID,
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
) -> EndpointIssued:
    endpoint, secret = await endpoints.rotate(session, actor, database(request).settings, endpoint_id, version)
    return await _issued(session, actor, endpoint, secret)


@router.post(
    "/webhook-endpoints/{endpoint_id}/owner", summary="接管推送地址 Take an endpoint over", openapi_extra=SHOWN_ONCE
)
@problems("endpoint_removed no_user unchanged")
async def take_over_webhook_endpoint(
    endpoint_id: UUID,
    request: Request,
    session: WriteSession,
    actor: CurrentActor,
    version: IfMatch,
) -> EndpointIssued:
    endpoint, secret = await endpoints.take_over(session, actor, database(request).settings, endpoint_id, version)
    return await _issued(session, actor, endpoint, secret)


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204, summary="移除推送地址 Remove an endpoint")
@problems("endpoint_removed")
async def remove_webhook_endpoint(
    endpoint_id: UUID, session: WriteSession, actor: CurrentActor, version: IfMatch
) -> None:
    await endpoints.remove(session, actor, endpoint_id, version)


@router.get("/webhook-endpoints/{endpoint_id}/health", summary="推送地址的状况 How an endpoint does")
async def get_webhook_endpoint_health(endpoint_id: UUID, session: ReadSession, actor: CurrentActor) -> EndpointHealth:
    return await endpoints.health_of(session, actor, endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/ping", status_code=202, summary="试推送 Send a ping")
@problems("endpoint_removed ping_pending")
async def ping_webhook_endpoint(endpoint_id: UUID, session: WriteSession, actor: CurrentActor) -> DeliveryRead:
    return await deliveries.ping(session, actor, endpoint_id)


@router.get("/webhook-endpoints/{endpoint_id}/deliveries", summary="推送记录 Deliveries")
async def list_webhook_deliveries(
    endpoint_id: UUID, query: Annotated[DeliveryQuery, Query()], session: SnapshotSession, actor: CurrentActor
) -> Page[DeliverySummary]:
    return await deliveries.find(session, actor, endpoint_id, query)


@router.post("/webhook-endpoints/{endpoint_id}/replay", status_code=202, summary="补送一段时间的 Send a span again")
@problems("endpoint_off endpoint_removed replayed_too_often")
async def replay_webhook_endpoint(
    endpoint_id: UUID, body: ReplayCreate, session: WriteSession, actor: CurrentActor
) -> ReplayAsked:
    return ReplayAsked(job_id=await deliveries.replay(session, actor, endpoint_id, body))


@router.get("/webhook-deliveries", summary="各地址未送达的 What did not arrive, of all endpoints")
async def list_undelivered_webhooks(
    query: Annotated[UndeliveredQuery, Query()], session: SnapshotSession, actor: CurrentActor
) -> Page[DeliverySummary]:
    return await deliveries.undelivered(session, actor, query)


@router.get("/webhook-deliveries/{delivery_id}", summary="一条推送记录 A delivery")
async def get_webhook_delivery(delivery_id: UUID, session: ReadSession, actor: CurrentActor) -> DeliveryRead:
    return await deliveries.get(session, actor, delivery_id)


@router.post("/webhook-deliveries/{delivery_id}/redelivery", status_code=202, summary="重新发送 Send it again")
@problems("endpoint_off endpoint_removed replayed_too_often")
async def redeliver_webhook(delivery_id: UUID, session: WriteSession, actor: CurrentActor) -> DeliveryRead:
    return await deliveries.redeliver(session, actor, delivery_id)
