"""Which message goes to whom: spread once after the change, and again where somebody asks for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, context, error_handlers, logs, paging
from app.core.actor import Actor, Permission
from app.core.db import Database
from app.core.errors import Conflict, NotFound, TooMany
from app.core.ids import new_id
from app.core.localized import Say
from app.core.records import affected, held, insert
from app.events import service as events
from app.events.models import Event
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Result, Run
from app.webhooks import objects
from app.webhooks.outbound import endpoints, outbox, visibility
from app.webhooks.outbound.models import (
    IS_UNSPREAD,
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
from app.webhooks.outbound.types import wanted

REPLAY = "webhooks.replay"
_REPLAY_ASKED, _REDELIVERED = "webhook.replay_asked", "webhook.redelivered"
DELIVERY = Say("推送记录", "delivery")
_AT_ONCE = 100
_KEPT = timedelta(days=90)
_MOST_REPLAYS = 10
_REPLAY_WINDOW = timedelta(hours=1)
_Row = Row[*tuple[Any, ...]]
_MESSAGE = (WebhookMessage.id, WebhookMessage.type, WebhookMessage.object_type, WebhookMessage.object_id)


log = structlog.get_logger(__name__)


async def spread_all(database: Database) -> None:
    while await spread(database):
        pass


async def spread(database: Database) -> bool:
    """Give new messages to those who ask for them and may see what they tell of, some at a time; whether there may be
    more. Done twice, by two senders or after a crash, it is done once."""
    async with database.reading() as session:
        new = select(*_MESSAGE).where(IS_UNSPREAD).order_by(WebhookMessage.id).limit(_AT_ONCE)
        messages = (await session.execute(new)).all()
    if not messages:
        return False
    try:
        await _spread(database, messages)
    except Exception as error:
        if error_handlers.is_temporary(error):
            raise
        for message in messages:
            await _spread_alone(database, message)
    return len(messages) == _AT_ONCE


async def _spread_alone(database: Database, message: _Row) -> None:
    """One that cannot be spread keeps back no other: it can be had by a replay."""
    try:
        await _spread(database, [message])
    except Exception as error:
        if error_handlers.is_temporary(error):
            raise
        log.error("message_not_spread", message=str(message.id), reason=type(error).__name__, where=logs.where(error))
        async with database.writing() as session:
            await _mark_spread(session, [message])


async def _spread(database: Database, messages: Sequence[_Row]) -> None:
    async with database.reading() as session:
        known = list(await session.scalars(select(WebhookEndpoint).where(endpoints.IS_ON).order_by(WebhookEndpoint.id)))
    told = [(endpoint.id, await _seen(database, endpoint, messages)) for endpoint in known]
    async with database.writing() as session:
        on = set(await session.scalars(select(WebhookEndpoint.id).where(endpoints.IS_ON)))
        for endpoint_id, own in told:
            if endpoint_id in on:
                await _give(session, endpoint_id, [row.id for row in own])
        await _mark_spread(session, messages)


async def _mark_spread(session: AsyncSession, messages: Sequence[_Row]) -> None:
    done = update(WebhookMessage).where(WebhookMessage.id.in_([row.id for row in messages]))
    await affected(session, done.values(spread_at=clock.now(session)))


async def _seen(database: Database, endpoint: WebhookEndpoint, messages: Sequence[_Row]) -> list[_Row]:
    """Those it asks for and may see, in their order."""
    names = wanted(endpoint.types)
    asked = [row for row in messages if row.type in names]
    if not asked:
        return []
    actor = await visibility.owner_as_actor(database, endpoint.owner_id, endpoint.unit_id)
    if actor is None:
        return []
    async with database.reading() as session:
        seen = await objects.visible(session, actor, {(row.object_type, row.object_id) for row in asked})
    return sorted((row for row in asked if (row.object_type, row.object_id) in seen), key=lambda row: row.id)


async def _give(session: AsyncSession, endpoint_id: UUID, message_ids: Sequence[UUID], *, is_ping: bool = False) -> int:
    """New deliveries; none of what the endpoint has been given before."""
    if not message_ids:
        return 0
    now = clock.now(session)
    rows = [
        {
            "id": new_id(),
            "endpoint_id": endpoint_id,
            "message_id": message_id,
            "state": DeliveryState.pending,
            "is_ping": is_ping,
            "attempts": 0,
            "next_at": now,
            "created_at": now,
        }
        for message_id in message_ids
    ]
    made = insert(session, WebhookDelivery).values(rows)
    once = made.on_conflict_do_nothing(index_elements=["endpoint_id", "message_id"]).returning(WebhookDelivery.id)
    context.WAKES.set(session, True)
    return len(list(await session.scalars(once)))


async def ping(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> DeliveryRead:
    """Try an endpoint with a message about itself, once, also while it is off. Raises Conflict while another is under
    way."""
    endpoint = await endpoints.hold(session, actor, endpoint_id)
    its = WebhookDelivery.endpoint_id == endpoint.id
    waits = select(WebhookDelivery.id).where(
        its, WebhookDelivery.state == DeliveryState.pending, WebhookDelivery.is_ping.is_(True)
    )
    if await session.scalar(waits.limit(1)) is not None:
        raise Conflict(Say("上一次试推送还在发送。", "The ping before is still on its way."), code="ping_pending")
    message_id = await outbox.ping(session, endpoint.id)
    await _give(session, endpoint.id, [message_id], is_ping=True)
    found = select(WebhookDelivery.id).where(WebhookDelivery.message_id == message_id)
    return await get(session, actor, (await session.scalars(found)).one())


def _again(delivery: WebhookDelivery, now: datetime) -> None:
    delivery.state, delivery.attempts = DeliveryState.pending, 0
    delivery.next_at, delivery.settled_at = now, None


async def redeliver(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryRead:
    """Send a message at once, whatever came of it and however long its endpoint was to rest. Raises Conflict where
    that is off, TooMany after ten of one user in an hour for one endpoint: for many there is a replay."""
    found = await get(session, actor, delivery_id)
    endpoint = await endpoints.hold(session, actor, found.endpoint_id)
    endpoints.require_on(endpoint)
    await _require_patience(session, actor, endpoint.id, _REDELIVERED)
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id)
    _again(await held(session, query, DELIVERY), clock.now(session))
    await endpoints.rest_no_more(session, endpoint.id)
    told = {"delivery_id": str(delivery_id)}
    await events.note(session, actor, _REDELIVERED, "webhook_endpoint", endpoint.id, told)
    context.WAKES.set(session, True)
    return await get(session, actor, delivery_id)


async def replay(session: AsyncSession, actor: Actor, endpoint_id: UUID, body: ReplayCreate) -> UUID:
    """A job that sends again what was told of since a moment; its id. Raises TooMany after ten of one user in an hour
    for one endpoint: messages of other systems wait behind them."""
    endpoint = await endpoints.hold(session, actor, endpoint_id)
    endpoints.require_on(endpoint)
    await _require_patience(session, actor, endpoint_id, _REPLAY_ASKED)
    asked = {
        **body.model_dump(mode="json"),
        "asked_at": clock.now(session).isoformat(),
        "owner": str(endpoint.owner_id),
    }
    await events.note(session, actor, _REPLAY_ASKED, "webhook_endpoint", endpoint.id, asked)
    return await jobs.enqueue(session, actor, REPLAY, {**asked, "endpoint": str(endpoint.id)})


async def _require_patience(session: AsyncSession, actor: Actor, endpoint_id: UUID, what: str) -> None:
    """By what is on record, so that it holds for all processes; whoever holds the endpoint asks alone."""
    now = clock.now(session)
    asked = select(func.count(), func.min(Event.at)).where(
        Event.subject_type == "webhook_endpoint",
        Event.subject_id == endpoint_id,
        Event.type == what,
        Event.actor_id == actor.id,
        Event.at > now - _REPLAY_WINDOW,
    )
    count, first = (await session.execute(asked)).one()
    if count >= _MOST_REPLAYS:
        say = Say(
            f"对同一推送地址一小时内最多补送 {_MOST_REPLAYS} 次、重新发送 {_MOST_REPLAYS} 条，"
            "请稍后再试；多条请用补送。",
            f"At most {_MOST_REPLAYS} replays of one endpoint, and {_MOST_REPLAYS} messages sent again, in an hour; "
            "try again later, and replay where there are many.",
        )
        raise TooMany(say, (first + _REPLAY_WINDOW - now).total_seconds(), code="replayed_too_often")


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
        if not messages or not endpoint.is_active or str(endpoint.owner_id) != run.job.payload["owner"]:
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
    return await paging.page(session, found, order, query, f"deliveries:{endpoint_id}", partial(_summary, actor))


async def get(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryRead:
    """A delivery with every attempt, the latest last. Raises NotFound. What it tells of is for those who may read
    business."""
    own = WebhookDelivery.endpoint_id.in_(endpoints.visible_to(actor))
    query = select(*_SUMMARY, WebhookMessage.body).join(WebhookMessage).where(WebhookDelivery.id == delivery_id, own)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise NotFound.of(DELIVERY)
    made = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    attempts = await session.scalars(made.order_by(WebhookAttempt.at, WebhookAttempt.id))
    return DeliveryRead(
        **_summary(actor, row).model_dump(),
        body=row.body.decode() if _reads(actor) else None,
        made=[_attempt(actor, attempt) for attempt in attempts],
    )


def _attempt(actor: Actor, attempt: WebhookAttempt) -> AttemptRead:
    """What a receiver answered is for whoever runs the service: an owner would read pages of an intranet by it."""
    found = AttemptRead.model_validate(attempt)
    return found if Permission.operate in actor.permissions else found.model_copy(update={"answer": ""})


def _reads(actor: Actor) -> bool:
    return Permission.read in actor.permissions


def _summary(actor: Actor, row: Any) -> DeliverySummary:
    found = DeliverySummary.model_validate(row)
    return found if _reads(actor) else found.model_copy(update={"object_id": None})


async def prune(session: AsyncSession, _job: Claimed) -> Result:
    """Forget what was told three months ago, and what came of it: by then nothing is sent again by itself."""
    old = select(WebhookMessage.id).where(WebhookMessage.created_at < clock.now(session) - _KEPT)
    count = 0
    while ids := list(await session.scalars(old.order_by(WebhookMessage.id).limit(_AT_ONCE).with_for_update())):
        its = select(WebhookDelivery.id).where(WebhookDelivery.message_id.in_(ids)).order_by(WebhookDelivery.id)
        gone = list(await session.scalars(its.with_for_update()))
        await affected(session, delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(gone)))
        await affected(session, delete(WebhookDelivery).where(WebhookDelivery.id.in_(gone)))
        count += await affected(session, delete(WebhookMessage).where(WebhookMessage.id.in_(ids)))
    return {"count": count}
