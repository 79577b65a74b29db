"""Deliveries: fans out each message to the endpoints that may have it, once after the change and again on request."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, Select, delete, func, select, tuple_, update
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
    UndeliveredQuery,
)
from app.webhooks.outbound.types import types_matching

REPLAY = "webhooks.replay"
_REPLAY_ASKED, _REDELIVERED = "webhook.replay_asked", "webhook.redelivered"
DELIVERY = Say("推送记录", "delivery")
_BATCH = 100
_KEPT = timedelta(days=90)
_MOST_REPLAYS = 10
_REPLAY_WINDOW = timedelta(hours=1)
_Row = Row[*tuple[Any, ...]]
_MESSAGE = (WebhookMessage.id, WebhookMessage.type, WebhookMessage.object_type, WebhookMessage.object_id)


log = structlog.get_logger(__name__)


async def spread_all(database: Database) -> None:
    """Fans out all new messages, in batches."""
    while await spread(database):
        pass


async def spread(database: Database) -> bool:
    """Fans out a batch of new messages: a delivery for each endpoint that subscribes to the type and whose owner sees
    the object. Returns whether there may be more. Idempotent, also with two senders or after a crash."""
    async with database.reading() as session:
        new = select(*_MESSAGE).where(IS_UNSPREAD).order_by(WebhookMessage.id).limit(_BATCH)
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
    return len(messages) == _BATCH


async def _spread_alone(database: Database, message: _Row) -> None:
    """Fans out one message. One that fails is logged and marked as done, so that it does not block the others; a replay
    can still send it."""
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
        active = select(WebhookEndpoint).where(endpoints.IS_ON).order_by(WebhookEndpoint.id)
        receivers = list(await session.scalars(active))
    visible = [(endpoint.id, await _visible(database, endpoint, messages)) for endpoint in receivers]
    async with database.writing() as session:
        active_ids = set(await session.scalars(select(WebhookEndpoint.id).where(endpoints.IS_ON)))
        for endpoint_id, rows in visible:
            if endpoint_id in active_ids:
                await _create(session, endpoint_id, [row.id for row in rows])
        await _mark_spread(session, messages)


async def _mark_spread(session: AsyncSession, messages: Sequence[_Row]) -> None:
    mark = update(WebhookMessage).where(WebhookMessage.id.in_([row.id for row in messages]))
    await affected(session, mark.values(spread_at=clock.now(session)))


async def _visible(database: Database, endpoint: WebhookEndpoint, messages: Sequence[_Row]) -> list[_Row]:
    """Returns the messages that an endpoint subscribes to and whose objects its owner sees, in the order of ids."""
    names = types_matching(endpoint.types)
    subscribed = [row for row in messages if row.type in names]
    if not subscribed:
        return []
    actor = await visibility.owner_as_actor(database, endpoint.owner_id, endpoint.unit_id)
    if actor is None:
        return []
    async with database.reading() as session:
        seen = await objects.visible(session, actor, {(row.object_type, row.object_id) for row in subscribed})
    return sorted((row for row in subscribed if (row.object_type, row.object_id) in seen), key=lambda row: row.id)


async def _create(
    session: AsyncSession, endpoint_id: UUID, message_ids: Sequence[UUID], *, is_ping: bool = False
) -> int:
    """Creates pending deliveries, except of messages that the endpoint has a delivery of. Returns how many."""
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
    inserted = insert(session, WebhookDelivery).values(rows)
    once = inserted.on_conflict_do_nothing(index_elements=["endpoint_id", "message_id"]).returning(WebhookDelivery.id)
    context.WAKES.set(session, True)
    return len(list(await session.scalars(once)))


async def ping(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> DeliveryRead:
    """Sends a message about the endpoint itself, once and also while it is off, to try it. Returns its delivery.

    Raises Conflict while another ping is pending.
    """
    endpoint = await endpoints.hold(session, actor, endpoint_id)
    pending = select(WebhookDelivery.id).where(
        WebhookDelivery.endpoint_id == endpoint.id,
        WebhookDelivery.state == DeliveryState.pending,
        WebhookDelivery.is_ping.is_(True),
    )
    if await session.scalar(pending.limit(1)) is not None:
        raise Conflict(Say("上一次试推送还在发送。", "The ping before is still on its way."), code="ping_pending")
    message_id = await outbox.ping(session, endpoint.id)
    await _create(session, endpoint.id, [message_id], is_ping=True)
    created = select(WebhookDelivery.id).where(WebhookDelivery.message_id == message_id)
    return await get(session, actor, (await session.scalars(created)).one())


def _reset(delivery: WebhookDelivery, now: datetime) -> None:
    """Makes a delivery pending again, due at once."""
    delivery.state, delivery.attempts = DeliveryState.pending, 0
    delivery.next_at, delivery.settled_at = now, None


async def redeliver(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryRead:
    """Sends a message again at once, whatever its outcome was and without the endpoint's backoff. Returns its delivery.

    Raises Conflict where the endpoint is off; TooMany after ten by one user in an hour for one endpoint, because for
    many messages there is a replay.
    """
    delivery = await get(session, actor, delivery_id)
    endpoint = await endpoints.hold(session, actor, delivery.endpoint_id)
    endpoints.require_on(endpoint)
    await _require_below_limit(session, actor, endpoint.id, _REDELIVERED)
    query = select(WebhookDelivery).where(WebhookDelivery.id == delivery_id)
    _reset(await held(session, query, DELIVERY), clock.now(session))
    await endpoints.clear_backoff(session, endpoint.id)
    data = {"delivery_id": str(delivery_id)}
    await events.note(session, actor, _REDELIVERED, "webhook_endpoint", endpoint.id, data)
    context.WAKES.set(session, True)
    return await get(session, actor, delivery_id)


async def replay(session: AsyncSession, actor: Actor, endpoint_id: UUID, body: ReplayCreate) -> UUID:
    """Enqueues a job that sends the messages of a period again. Returns its id. Raises Conflict where the endpoint is
    off; TooMany after ten by one user in an hour for one endpoint, because the messages of other systems wait."""
    endpoint = await endpoints.hold(session, actor, endpoint_id)
    endpoints.require_on(endpoint)
    await _require_below_limit(session, actor, endpoint_id, _REPLAY_ASKED)
    asked = {
        **body.model_dump(mode="json"),
        "asked_at": clock.now(session).isoformat(),
        "owner": str(endpoint.owner_id),
    }
    await events.note(session, actor, _REPLAY_ASKED, "webhook_endpoint", endpoint.id, asked)
    return await jobs.enqueue(session, actor, REPLAY, {**asked, "endpoint": str(endpoint.id)})


async def _require_below_limit(session: AsyncSession, actor: Actor, endpoint_id: UUID, event_type: str) -> None:
    """Raises TooMany after ten events of that type by one user in an hour. Counts the event log, and so for all
    processes; the caller holds the lock on the endpoint."""
    now = clock.now(session)
    asked = select(func.count(), func.min(Event.at)).where(
        Event.subject_type == "webhook_endpoint",
        Event.subject_id == endpoint_id,
        Event.type == event_type,
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


async def run_replay(run: Run) -> Result:
    """Runs a replay in batches. After a restart it skips what it has sent: that was settled after the request."""
    body = ReplayCreate.model_validate({name: run.job.payload[name] for name in ReplayCreate.model_fields})
    asked_at = datetime.fromisoformat(run.job.payload["asked_at"])
    until = body.until or asked_at
    endpoint_id, last, count = UUID(run.job.payload["endpoint"]), (body.since, UUID(int=0)), 0
    while True:
        async with run.database.reading() as session:
            endpoint = await session.get_one(WebhookEndpoint, endpoint_id)
            position = tuple_(WebhookMessage.created_at, WebhookMessage.id)
            is_next = (position > last, WebhookMessage.created_at <= until)
            query = select(*_MESSAGE, WebhookMessage.created_at).where(*is_next)
            ordered = query.order_by(WebhookMessage.created_at, WebhookMessage.id).limit(_BATCH)
            messages = (await session.execute(ordered)).all()
        if not messages or not endpoint.is_active or str(endpoint.owner_id) != run.job.payload["owner"]:
            return {"count": count}
        visible = await _visible(run.database, endpoint, messages)
        if visible:
            async with run.database.writing() as session:
                count += await _resend(session, endpoint_id, [row.id for row in visible], body.what, asked_at)
        last = messages[-1].created_at, messages[-1].id
        await run.progress(count, None)


async def _resend(
    session: AsyncSession, endpoint_id: UUID, message_ids: list[UUID], what: ReplayWhat, asked_at: datetime
) -> int:
    """Creates missing deliveries and resets those settled before the request. Returns how many."""
    count = await _create(session, endpoint_id, message_ids)
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
        _reset(delivery, clock.now(session))
        count += 1
    return count


_SUMMARY = (
    WebhookDelivery.id,
    WebhookDelivery.endpoint_id,
    WebhookEndpoint.name.label("endpoint_name"),
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
    """Returns a page of the deliveries to an endpoint, the latest first. Raises NotFound."""
    await endpoints.get(session, actor, endpoint_id)
    statement = _summaries().where(WebhookDelivery.endpoint_id == endpoint_id)
    if query.state is not None:
        statement = statement.where(WebhookDelivery.state == query.state)
    return await _page(session, actor, statement, query, f"deliveries:{endpoint_id}")


async def undelivered(session: AsyncSession, actor: Actor, query: UndeliveredQuery) -> paging.Page[DeliverySummary]:
    """Returns a page of what did not arrive at the endpoints that the actor sees, the latest first."""
    is_visible = WebhookDelivery.endpoint_id.in_(endpoints.visible_to(actor))
    statement = _summaries().where(is_visible, WebhookDelivery.state == query.state)
    return await _page(session, actor, statement, query, "undelivered")


def _summaries() -> Select[*tuple[Any, ...]]:
    return select(*_SUMMARY).join(WebhookMessage).join(WebhookEndpoint)


async def _page(
    session: AsyncSession,
    actor: Actor,
    statement: Select[*tuple[Any, ...]],
    query: DeliveryQuery | UndeliveredQuery,
    name: str,
) -> paging.Page[DeliverySummary]:
    if query.type is not None:
        statement = statement.where(WebhookMessage.type == query.type)
    if query.since is not None:
        statement = statement.where(WebhookDelivery.created_at >= query.since)
    order = paging.Order([WebhookDelivery.created_at, WebhookDelivery.id], descending=True)
    return await paging.page(session, statement, order, query, name, partial(_summary, actor))


async def get(session: AsyncSession, actor: Actor, delivery_id: UUID) -> DeliveryRead:
    """Returns a delivery with every attempt, the latest last. Body and object id only for those who may read business.

    Raises NotFound.
    """
    is_visible = WebhookDelivery.endpoint_id.in_(endpoints.visible_to(actor))
    query = _summaries().add_columns(WebhookMessage.body)
    row = (await session.execute(query.where(WebhookDelivery.id == delivery_id, is_visible))).one_or_none()
    if row is None:
        raise NotFound.of(DELIVERY)
    made = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    attempts = await session.scalars(made.order_by(WebhookAttempt.at, WebhookAttempt.id))
    return DeliveryRead(
        **_summary(actor, row).model_dump(),
        body=row.body.decode() if _may_read(actor) else None,
        made=[_attempt(actor, attempt) for attempt in attempts],
    )


def _attempt(actor: Actor, attempt: WebhookAttempt) -> AttemptRead:
    """Returns an attempt. The receiver's answer is only for operators: else an owner could read pages of an intranet
    through us."""
    read = AttemptRead.model_validate(attempt)
    return read if Permission.operate in actor.permissions else read.model_copy(update={"answer": ""})


def _may_read(actor: Actor) -> bool:
    return Permission.read in actor.permissions


def _summary(actor: Actor, row: Any) -> DeliverySummary:
    summary = DeliverySummary.model_validate(row)
    return summary if _may_read(actor) else summary.model_copy(update={"object_id": None})


async def prune(session: AsyncSession, _job: Claimed) -> Result:
    """Deletes messages older than 90 days with their deliveries and attempts. By then no retry is left."""
    old = select(WebhookMessage.id).where(WebhookMessage.created_at < clock.now(session) - _KEPT)
    count = 0
    while ids := list(await session.scalars(old.order_by(WebhookMessage.id).limit(_BATCH).with_for_update())):
        query = select(WebhookDelivery.id).where(WebhookDelivery.message_id.in_(ids)).order_by(WebhookDelivery.id)
        delivery_ids = list(await session.scalars(query.with_for_update()))
        await affected(session, delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(delivery_ids)))
        await affected(session, delete(WebhookDelivery).where(WebhookDelivery.id.in_(delivery_ids)))
        count += await affected(session, delete(WebhookMessage).where(WebhookMessage.id.in_(ids)))
    return {"count": count}
