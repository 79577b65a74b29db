"""One attempt of a delivery: signs it, with the same id and the same bytes each time, sends it and records the outcome.

Ten attempts over some 75 hours, as Standard Webhooks 1.0 advises, each pause ±20 %. After a failure nothing is sent to
the endpoint for 2 to 60 seconds (backoff), or as long as its Retry-After asks; then one message to try it.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks.webhooks import Webhook

from app import VERSION
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock, logs
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database
from app.core.ids import new_id
from app.core.records import affected, held
from app.events import service as events
from app.webhooks import objects, secrets
from app.webhooks.outbound import visibility
from app.webhooks.outbound.deliveries import DELIVERY
from app.webhooks.outbound.endpoints import ENDPOINT, PURPOSE
from app.webhooks.outbound.models import (
    DeliveryState,
    Disabled,
    NotSent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
)
from app.webhooks.outbound.posting import Outcome, post
from app.webhooks.outbound.types import types_matching

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pause after each attempt but the last."""
JITTER = 0.2
GIVES_UP_AFTER = timedelta(days=5)
_ANOTHER_FAILURE = timedelta(hours=48)
"""Longer than any pause of the schedule: a failure later than that begins a new series of failures."""
_LONGEST_BACKOFF = timedelta(seconds=60)
_GONE = 410
_SENDER = system("sender")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """A pending delivery with its endpoint and message, as read before sending."""

    delivery: WebhookDelivery
    endpoint: WebhookEndpoint
    message: WebhookMessage


async def read(session: AsyncSession, delivery_id: UUID) -> Sending | None:
    """Reads a pending delivery. Returns None where it is no longer pending."""
    query = select(WebhookDelivery, WebhookEndpoint, WebhookMessage).join(WebhookEndpoint).join(WebhookMessage)
    row = (await session.execute(query.where(WebhookDelivery.id == delivery_id))).one_or_none()
    if row is None or row[0].state is not DeliveryState.pending:
        return None
    return Sending(*row)


async def may_be_sent(database: Database, sending: Sending) -> bool:
    """Whether the endpoint still subscribes to the type, and its owner still sees the object."""
    endpoint, message = sending.endpoint, sending.message
    if sending.delivery.is_ping:
        return True
    if message.type not in types_matching(endpoint.types):
        return False
    actor = await visibility.owner_as_actor(database, endpoint.owner_id, endpoint.unit_id)
    if actor is None:
        return False
    async with database.reading() as session:
        return bool(await objects.visible(session, actor, [(message.object_type, message.object_id)]))


async def send(settings: Settings, sending: Sending, now: datetime) -> Outcome:
    """Signs a message with every valid secret and sends it. The timestamp is the real time, also where the service runs
    on a stored business day."""
    message_id, body = f"msg_{sending.message.id.hex}", sending.message.body
    valid_secrets = secrets.valid(sending.endpoint, settings, PURPOSE, now)
    if not valid_secrets:
        return Outcome(error=NotSent.secret)
    signed_at = datetime.now(UTC)
    signatures = [Webhook(secret).sign(message_id, signed_at, body.decode()) for secret in valid_secrets]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"five-ones/{VERSION}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    try:
        return await post(settings, sending.endpoint.url, headers, body, [*valid_secrets, *signatures])
    except Exception as error:  # counts as a failed attempt, so that the next one follows
        log.error("delivery_fault", message=message_id, reason=type(error).__name__, where=logs.where(error))
        return Outcome(error=NotSent.fault)


async def withhold(session: AsyncSession, sending: Sending) -> None:
    """Settles a delivery as withheld: its owner may not see the object any more, or does not subscribe to it."""
    delivery = await _hold(session, sending)
    if delivery.state is DeliveryState.pending:
        _settle(session, delivery, DeliveryState.withheld)


async def _hold(session: AsyncSession, sending: Sending) -> WebhookDelivery:
    return await held(session, select(WebhookDelivery).where(WebhookDelivery.id == sending.delivery.id), DELIVERY)


def _settle(session: AsyncSession, delivery: WebhookDelivery, state: DeliveryState) -> None:
    delivery.state, delivery.next_at, delivery.settled_at = state, None, clock.now(session)


async def record(session: AsyncSession, sending: Sending, outcome: Outcome) -> None:
    """Records an attempt, then updates the health of the endpoint and the state or next attempt of the delivery.

    A delivery that was settled or tried by somebody else meanwhile stays as it is. So do endpoint and delivery where
    the address or the owner of the endpoint changed: the outcome says nothing about the new one.
    """
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == sending.endpoint.id)
    endpoint = await held(session, query, ENDPOINT)
    delivery = await _hold(session, sending)
    session.add(
        WebhookAttempt(
            id=new_id(),
            delivery_id=delivery.id,
            endpoint_id=endpoint.id,
            at=clock.now(session),
            status=outcome.status,
            error=outcome.error,
            milliseconds=outcome.milliseconds,
            answer=outcome.answer,
        )
    )
    if (endpoint.url, endpoint.owner_id) != (sending.endpoint.url, sending.endpoint.owner_id):
        return  # the address or owner changed while we sent: this outcome says nothing about the new one
    if outcome.is_success:
        await _set_health(session, endpoint.id, failures=0, failing_since=None, rests_until=None)
    if (delivery.state, delivery.attempts) != (DeliveryState.pending, sending.delivery.attempts):
        return
    delivery.attempts += 1
    if outcome.is_success:
        _settle(session, delivery, DeliveryState.delivered)
    elif delivery.is_ping:
        _settle(session, delivery, DeliveryState.failed)
    else:
        await _record_failure(session, endpoint, delivery, outcome)


async def _record_failure(
    session: AsyncSession, endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome
) -> None:
    """Sets the backoff of the endpoint and the next attempt of the delivery. Switches the endpoint off after 410, or
    after five days of failures; the delivery fails after 410 or ten attempts."""
    now, retry_after = clock.now(session), outcome.retry_after or timedelta()
    failures, since = endpoint.failures + 1, endpoint.failing_since
    if since is None or endpoint.last_failed_at is None or now - endpoint.last_failed_at > _ANOTHER_FAILURE:
        since = now
    backoff = max(min(timedelta(seconds=2 ** min(failures, 10)), _LONGEST_BACKOFF), retry_after)
    await _set_health(
        session, endpoint.id, failures=failures, failing_since=since, last_failed_at=now, rests_until=now + backoff
    )
    if outcome.status == _GONE:
        await _disable(session, endpoint, Disabled.gone)
    elif now - since >= GIVES_UP_AFTER:
        await _disable(session, endpoint, Disabled.failing)
    if delivery.attempts > len(SCHEDULE) or outcome.status == _GONE:
        _settle(session, delivery, DeliveryState.failed)
        return
    pause = SCHEDULE[delivery.attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    delivery.next_at = now + max(pause, retry_after)


async def _set_health(session: AsyncSession, endpoint_id: UUID, **values: object) -> None:
    """Writes the health of an endpoint. It is no edit, so that the version stays as it is."""
    await affected(session, update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(**values))


async def _disable(session: AsyncSession, endpoint: WebhookEndpoint, why: Disabled) -> None:
    """Switches an endpoint off, with an event and a security event. Pending deliveries continue once it is on again."""
    if not endpoint.is_active:
        return
    endpoint.is_active, endpoint.disabled = False, why
    data = {"changes": {"is_active": [True, False]}, "why": why.value}
    await events.record(session, _SENDER, "webhook_endpoint.disabled", endpoint, data)
    subject = Subject("webhook_endpoint", endpoint.id)
    details = {"key": "webhook_endpoint.disabled", "why": why.value}
    await trail.record(session, _SENDER, SecurityEventType.settings_changed, subject, details)
