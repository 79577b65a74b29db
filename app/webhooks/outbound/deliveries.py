"""Which message goes to whom: spread once after the change, and again where somebody asks for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging
from app.core.actor import Actor, system
from app.core.db import Database
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.records import affected, held, insert, one
from app.core.say import Say
from app.events import service as events
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Result, Run
from app.webhooks.outbound import endpoints, outbox, sight
from app.webhooks.outbound.models import (
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from app.webhooks.outbound.schemas import (
    AttemptRead,
    DeliveryQuery,
    DeliveryRead,
    DeliverySummary,
    ReplayCreate,
    ReplayWhat,
)
from app.webhooks.outbound.types import PING, wanted

DELIVER = "webhooks.deliver"
REPLAY = "webhooks.replay"
DELIVERY = Say("推送记录", "delivery")
_SENDER = system("sender")
_AT_ONCE = 100
_KEPT = timedelta(days=90)
_Row = Row[*tuple[Any, ...]]
_MESSAGE = (WebhookMessage.id, WebhookMessage.type, WebhookMessage.object_type, WebhookMessage.object_id)


async def spread(run: Run) -> Result:
    """Give the messages of one transaction to every endpoint that asks for them and may see what they tell of."""
    ids = [UUID(one) for one in run.job.payload["messages"]]
    async with run.database.reading() as session:
        messages = (await session.execute(select(*_MESSAGE).where(WebhookMessage.id.in_(ids)))).all()
        found = await session.scalars(select(WebhookEndpoint).where(endpoints.IS_ON).order_by(WebhookEndpoint.id))
        known = list(found)
    count = 0
    for endpoint in known:
        own = await _seen(run.database, endpoint, messages)
        if own:
            async with run.database.writing() as session:
                count += await _give(session, endpoint.id, [row.id for row in own])
    return {"count": count}


async def _seen(database: Database, endpoint: WebhookEndpoint, messages: Sequence[_Row]) -> list[_Row]:
    """Those it asks for and may see, in their order."""
    names = wanted(endpoint.types)
    asked = [row for row in messages if row.type in names]
    if not asked:
        return []
    actor = await sight.of(database, endpoint.owner_id, endpoint.unit_id)
    if actor is None:
        return []
    async with database.reading() as session:
        seen = await sight.within(session, actor, {(row.object_type, row.object_id) for row in asked})
    return sorted((row for row in asked if (row.object_type, row.object_id) in seen), key=lambda row: row.id)


async def _give(session: AsyncSession, endpoint_id: UUID, message_ids: Sequence[UUID]) -> int:
    """New deliveries, each with its job; none of what the endpoint has been given before."""
    now = clock.now(session)
    rows = [
        {
            "id": new_id(),
            "endpoint_id": endpoint_id,
            "message_id": message_id,
            "state": DeliveryState.pending,
            "attempts": 0,
            "next_at": now,
            "created_at": now,
        }
        for message_id in message_ids
    ]
    made = insert(session, WebhookDelivery).values(rows)
    once = made.on_conflict_do_nothing(index_elements=["endpoint_id", "message_id"]).returning(WebhookDelivery.id)
    ids = sorted(await session.scalars(once))
    for delivery_id in ids:
        await jobs.enqueue(session, _SENDER, DELIVER, {"delivery": str(delivery_id)})
    return len(ids)


async def ping(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> DeliveryRead:
    """Try an endpoint with a message about itself, once, also while it is off."""
    endpoint = await endpoints.get(session, actor, endpoint_id)
    message_id = await outbox.ping(session, actor, endpoint.id, PING)
    await _give(session, endpoint.id, [message_id])
    found = select(WebhookDelivery.id).where(WebhookDelivery.message_id == message_id)
    return await get(session, actor, (await session.scalars(found)).one())


def _again(delivery: WebhookDelivery, now: datetime) -> None:
    delivery.state, delivery.attempts = DeliveryState.pending, 0
    delivery.next_at, delivery.settled_at = now, None


async def redeliver(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryRead:
    """Send a message again, whatever came of it. Raises Conflict where it is still to be sent."""
    await get(session, actor, delivery_id)
    delivery = await held(session, select(WebhookDelivery).where(WebhookDelivery.id == delivery_id), DELIVERY)
    if delivery.state is DeliveryState.pending:
        say = Say("这条推送还在按计划发送。", "It is still being sent, as its schedule has it.")
        raise Conflict(say, code="delivery_pending")
    _again(delivery, clock.now(session))
    await events.note(session, actor, "webhook.redelivered", "webhook_delivery", delivery.id)
    await jobs.enqueue(session, _SENDER, DELIVER, {"delivery": str(delivery.id)})
    await session.flush()
    return await get(session, actor, delivery_id)


async def replay(session: AsyncSession, actor: Actor, endpoint_id: UUID, body: ReplayCreate) -> UUID:
    """A job that sends again what was told of since a moment; its id."""
    endpoint = await endpoints.get(session, actor, endpoint_id)
    endpoints.require_on(endpoint)
    asked = {**body.model_dump(mode="json"), "asked_at": clock.now(session).isoformat()}
    await events.note(session, actor, "webhook.replay_asked", "webhook_endpoint", endpoint.id, asked)
    return await jobs.enqueue(session, actor, REPLAY, {**asked, "endpoint": str(endpoint.id)})


async def send_again(run: Run) -> Result:
    """The work of a replay: begun again it goes on, for what it has sent itself was settled after it was asked for."""
    body = ReplayCreate.model_validate({name: run.job.payload[name] for name in ReplayCreate.model_fields})
    asked_at = datetime.fromisoformat(run.job.payload["asked_at"])
    until = body.until or asked_at
    endpoint_id, last, count = UUID(run.job.payload["endpoint"]), (body.since, UUID(int=0)), 0
    while True:
        async with run.database.reading() as session:
            endpoint = await session.get_one(WebhookEndpoint, endpoint_id)
            place = tuple_(WebhookMessage.created_at, WebhookMessage.id)
            told = select(*_MESSAGE, WebhookMessage.created_at).where(place > last, WebhookMessage.created_at <= until)
            ordered = told.order_by(WebhookMessage.created_at, WebhookMessage.id).limit(_AT_ONCE)
            messages = (await session.execute(ordered)).all()
        if not messages or not endpoint.is_active or endpoint.is_removed:
            return {"count": count}
        own = await _seen(run.database, endpoint, messages)
        if own:
            async with run.database.writing() as session:
                count += await _resend(session, endpoint_id, [row.id for row in own], body.what, asked_at)
        last = messages[-1].created_at, messages[-1].id
        await run.progress(count, None)


async def _resend(
    session: AsyncSession, endpoint_id: UUID, message_ids: list[UUID], what: ReplayWhat, asked_at: datetime
) -> int:
    count = await _give(session, endpoint_id, message_ids)
    settled = [DeliveryState.failed, DeliveryState.withheld]
    if what is ReplayWhat.all:
        settled.append(DeliveryState.delivered)
    query = select(WebhookDelivery).where(
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.message_id.in_(message_ids),
        WebhookDelivery.state.in_(settled),
        WebhookDelivery.settled_at < asked_at,
    )
    for delivery in await session.scalars(query.order_by(WebhookDelivery.id).with_for_update()):
        _again(delivery, clock.now(session))
        await jobs.enqueue(session, _SENDER, DELIVER, {"delivery": str(delivery.id)})
        count += 1
    return count


_SUMMARY = (
    WebhookDelivery.id,
    WebhookDelivery.endpoint_id,
    WebhookDelivery.message_id,
    WebhookMessage.type,
    WebhookMessage.object_type,
    WebhookMessage.object_id,
    WebhookDelivery.state,
    WebhookDelivery.attempts,
    WebhookDelivery.next_at,
    WebhookDelivery.created_at,
    WebhookDelivery.settled_at,
)


async def find(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, query: DeliveryQuery
) -> paging.Page[DeliverySummary]:
    """The latest first."""
    await endpoints.get(session, actor, endpoint_id)
    found = select(*_SUMMARY).join(WebhookMessage).where(WebhookDelivery.endpoint_id == endpoint_id)
    if query.state is not None:
        found = found.where(WebhookDelivery.state == query.state)
    if query.type is not None:
        found = found.where(WebhookMessage.type == query.type)
    if query.since is not None:
        found = found.where(WebhookDelivery.created_at >= query.since)
    order = paging.Order([WebhookDelivery.created_at, WebhookDelivery.id], descending=True)
    return await paging.page(session, found, order, query, f"deliveries:{endpoint_id}", DeliverySummary.model_validate)


async def get(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryRead:
    """A delivery with every attempt, the latest last. Raises NotFound."""
    own = WebhookDelivery.endpoint_id.in_(endpoints.visible_to(actor))
    row = select(*_SUMMARY, WebhookMessage.body).join(WebhookMessage).where(WebhookDelivery.id == delivery_id, own)
    found = (await session.execute(row)).one_or_none()
    if found is None:
        await one(session, select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, own), DELIVERY)
        raise AssertionError("a delivery without its message")
    made = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    attempts = await session.scalars(made.order_by(WebhookAttempt.at, WebhookAttempt.id))
    return DeliveryRead(
        **DeliverySummary.model_validate(found).model_dump(),
        body=found.body.decode(),
        made=[AttemptRead.model_validate(attempt) for attempt in attempts],
    )


async def prune(session: AsyncSession, _job: Claimed) -> Result:
    """Forget what was told three months ago, and what came of it; not what is still to be sent."""
    old = WebhookMessage.created_at < clock.now(session) - _KEPT
    pending = select(WebhookDelivery.message_id).where(WebhookDelivery.state == DeliveryState.pending)
    messages = select(WebhookMessage.id).where(old, WebhookMessage.id.not_in(pending))
    gone = select(WebhookDelivery.id).where(WebhookDelivery.message_id.in_(messages))
    await affected(session, delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(gone)))
    await affected(session, delete(WebhookDelivery).where(WebhookDelivery.message_id.in_(messages)))
    return {"count": await affected(session, delete(WebhookMessage).where(old, WebhookMessage.id.not_in(pending)))}
