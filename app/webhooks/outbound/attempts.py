"""One attempt of a delivery: signed anew over the same bytes, under the same id, and what comes of it.

Ten attempts over some 75 hours, as Standard Webhooks 1.0 advises, each ±20 %. An endpoint that fails rests, from two
seconds up to a minute, and is then tried by one message.
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
from app.webhooks.outbound.types import wanted

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
"""Longer than any pause of the schedule: what fails again after that fails anew."""
_LONGEST_REST = timedelta(seconds=60)
_GONE = 410
_SENDER = system("sender")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery about to be sent, as it was read."""

    delivery: WebhookDelivery
    endpoint: WebhookEndpoint
    message: WebhookMessage


async def read(session: AsyncSession, delivery_id: UUID) -> Sending | None:
    """None where there is nothing to send any more."""
    query = select(WebhookDelivery, WebhookEndpoint, WebhookMessage).join(WebhookEndpoint).join(WebhookMessage)
    row = (await session.execute(query.where(WebhookDelivery.id == delivery_id))).one_or_none()
    if row is None or row[0].state is not DeliveryState.pending:
        return None
    return Sending(*row)


async def may_be_told(database: Database, sending: Sending) -> bool:
    """Whether it is still asked for, and its owner still sees what it tells of."""
    endpoint, message = sending.endpoint, sending.message
    if sending.delivery.is_ping:
        return True
    if message.type not in wanted(endpoint.types):
        return False
    actor = await visibility.owner_as_actor(database, endpoint.owner_id, endpoint.unit_id)
    if actor is None:
        return False
    async with database.reading() as session:
        return bool(await objects.visible(session, actor, [(message.object_type, message.object_id)]))


async def send(settings: Settings, sending: Sending, now: datetime) -> Outcome:
    """Sign it by the secrets that hold, as of the real time whatever day is kept here, and send it."""
    message_id, body = f"msg_{sending.message.id.hex}", sending.message.body
    own = secrets.valid(sending.endpoint, settings, PURPOSE, now)
    if not own:
        return Outcome(error=NotSent.secret)
    signed_at = datetime.now(UTC)
    signatures = [Webhook(secret).sign(message_id, signed_at, body.decode()) for secret in own]
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
        return await post(settings, sending.endpoint.url, headers, body, [*own, *signatures])
    except Exception as error:  # whatever it is, the attempt was made, and the next one is another
        log.error("delivery_fault", message=message_id, reason=type(error).__name__, where=logs.where(error))
        return Outcome(error=NotSent.fault)


async def withhold(session: AsyncSession, sending: Sending) -> None:
    delivery = await _held(session, sending)
    if delivery.state is DeliveryState.pending:
        _settle(session, delivery, DeliveryState.withheld)


async def _held(session: AsyncSession, sending: Sending) -> WebhookDelivery:
    return await held(session, select(WebhookDelivery).where(WebhookDelivery.id == sending.delivery.id), DELIVERY)


def _settle(session: AsyncSession, delivery: WebhookDelivery, state: DeliveryState) -> None:
    delivery.state, delivery.next_at, delivery.settled_at = state, None, clock.now(session)


async def keep(session: AsyncSession, sending: Sending, outcome: Outcome) -> None:
    """Write down what came of an attempt. What somebody else has settled meanwhile stays as it is."""
    its = select(WebhookEndpoint).where(WebhookEndpoint.id == sending.endpoint.id)
    endpoint = await held(session, its, ENDPOINT)
    delivery = await _held(session, sending)
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
        return  # what was said there is no word of where it leads now
    if outcome.is_success:
        await _health(session, endpoint.id, failures=0, failing_since=None, rests_until=None)
    if (delivery.state, delivery.attempts) != (DeliveryState.pending, sending.delivery.attempts):
        return
    delivery.attempts += 1
    if outcome.is_success:
        _settle(session, delivery, DeliveryState.delivered)
    elif delivery.is_ping:
        _settle(session, delivery, DeliveryState.failed)
    else:
        await _failed(session, endpoint, delivery, outcome)


async def _failed(
    session: AsyncSession, endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome
) -> None:
    now, asked = clock.now(session), outcome.retry_after or timedelta()
    failures, since = endpoint.failures + 1, endpoint.failing_since
    if since is None or endpoint.last_failed_at is None or now - endpoint.last_failed_at > _ANOTHER_FAILURE:
        since = now
    rests = max(min(timedelta(seconds=2 ** min(failures, 10)), _LONGEST_REST), asked)
    await _health(
        session, endpoint.id, failures=failures, failing_since=since, last_failed_at=now, rests_until=now + rests
    )
    if outcome.status == _GONE:
        await _disable(session, endpoint, Disabled.gone)
    elif now - since >= GIVES_UP_AFTER:
        await _disable(session, endpoint, Disabled.failing)
    if delivery.attempts > len(SCHEDULE) or outcome.status == _GONE:
        _settle(session, delivery, DeliveryState.failed)
        return
    pause = SCHEDULE[delivery.attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    delivery.next_at = now + max(pause, asked)


async def _health(session: AsyncSession, endpoint_id: UUID, **values: object) -> None:
    """No edit of the endpoint: its version stays as it is."""
    await affected(session, update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(**values))


async def _disable(session: AsyncSession, endpoint: WebhookEndpoint, why: Disabled) -> None:
    """Switch it off, and say so on both records. What waits for it goes on once it is on again."""
    if not endpoint.is_active:
        return
    endpoint.is_active, endpoint.disabled = False, why
    data = {"changes": {"is_active": [True, False]}, "why": why.value}
    await events.record(session, _SENDER, "webhook_endpoint.disabled", endpoint, data)
    subject = Subject("webhook_endpoint", endpoint.id)
    told = {"key": "webhook_endpoint.disabled", "why": why.value}
    await trail.record(session, _SENDER, SecurityEventType.settings_changed, subject, told)
