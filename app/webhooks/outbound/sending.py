"""Sending one message: signed anew each time over the same bytes, under the same id, and what comes of it.

Ten attempts over some 75 hours, as Standard Webhooks 1.0 advises, each ±20 %. An endpoint that fails is tried by one
message at a time, ever more seldom up to once a minute, so that it holds up nobody else's.
"""

import asyncio
import random
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from standardwebhooks.webhooks import Webhook

from app import VERSION
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database
from app.core.ids import new_id
from app.core.records import affected, held
from app.events import service as events
from app.jobs.kinds import Later, Result, Run
from app.webhooks import secrets
from app.webhooks.outbound import guard, sight
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
from app.webhooks.outbound.types import PING

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
LONGEST_RETRY_AFTER = timedelta(hours=24)
_LONGEST_PAUSE = timedelta(seconds=60)
_LONGEST_ANSWER = 2048
_ANSWER_SECONDS = 2.0
_GONE = 410
_SENDER = system("sender")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one request came to. `status` is None where there was no answer, and `error` says why."""

    status: int | None = None
    error: NotSent | None = None
    answer: str = ""
    retry_after: timedelta | None = None
    milliseconds: int = 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _Sending:
    """A delivery about to be sent, as it was read."""

    delivery: WebhookDelivery
    endpoint: WebhookEndpoint
    message: WebhookMessage


async def deliver(run: Run) -> Result:
    """The work of a job: one attempt, after which the job waits for the next one or is done."""
    sending = await _read(run.database, UUID(run.job.payload["delivery"]))
    if sending is None:
        return None
    now = run.database.clock()
    if sending.delivery.next_at is not None and sending.delivery.next_at > now:
        raise Later(sending.delivery.next_at)
    state = await _why_not(run.database, sending)
    if state is not None:
        async with run.database.writing() as session:
            await _settle(session, sending.delivery.id, state)
        return {"state": state.value}
    await _take_turn(run.database, sending)
    outcome = await _send(run.database.settings, sending, now)
    async with run.database.writing() as session:
        next_at = await _keep(session, sending, outcome)
    if next_at is not None:
        raise Later(next_at)
    return {"status": outcome.status}


async def _read(database: Database, delivery_id: UUID) -> _Sending | None:
    """None where there is nothing to send any more."""
    query = select(WebhookDelivery, WebhookEndpoint, WebhookMessage).join(WebhookEndpoint).join(WebhookMessage)
    async with database.reading() as session:
        row = (await session.execute(query.where(WebhookDelivery.id == delivery_id))).one_or_none()
    if row is None or row[0].state is not DeliveryState.pending:
        return None
    return _Sending(*row)


async def _why_not(database: Database, sending: _Sending) -> DeliveryState | None:
    """What becomes of it unsent: its endpoint is off, or its owner does not see any more what it tells of."""
    endpoint, message = sending.endpoint, sending.message
    if endpoint.is_removed:
        return DeliveryState.failed
    if message.type == PING:
        return None
    if not endpoint.is_active:
        return DeliveryState.failed
    actor = await sight.of(database, endpoint.owner_id, endpoint.unit_id)
    if actor is not None:
        async with database.reading() as session:
            if await sight.within(session, actor, [(message.object_type, message.object_id)]):
                return None
    return DeliveryState.withheld


async def _settle(session: AsyncSession, delivery_id: UUID, state: DeliveryState) -> None:
    delivery = await held(session, select(WebhookDelivery).where(WebhookDelivery.id == delivery_id), DELIVERY)
    delivery.state, delivery.next_at, delivery.settled_at = state, None, clock.now(session)


async def _take_turn(database: Database, sending: _Sending) -> None:
    """To an endpoint that fails one message goes at a time. Raises Later for the others, and while it wants to rest."""
    endpoint = sending.endpoint
    if endpoint.paused_until is None and not endpoint.failures:
        return
    async with database.writing() as session:
        now = clock.now(session)
        is_free = or_(WebhookEndpoint.paused_until.is_(None), WebhookEndpoint.paused_until <= now)
        turn = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id, is_free)
        if await affected(session, turn.values(paused_until=now + _LONGEST_PAUSE)):
            return
        until = await session.scalar(select(WebhookEndpoint.paused_until).where(WebhookEndpoint.id == endpoint.id))
    raise Later(until or now)


async def _send(settings: Settings, sending: _Sending, now: datetime) -> Outcome:
    """Sign it by the secrets that hold, as of the real time whatever day is kept here, and send it."""
    body, message_id = sending.message.body.decode(), f"msg_{sending.message.id.hex}"
    own = secrets.valid(sending.endpoint, settings, PURPOSE, now)
    if not own:
        return Outcome(error=NotSent.secret)
    signed_at = datetime.now(UTC)
    signatures = [Webhook(secret).sign(message_id, signed_at, body) for secret in own]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"five-ones/{VERSION}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(signed_at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    outcome = await post(settings, sending.endpoint.url, headers, sending.message.body)
    return _without(outcome, [*own, *signatures])


def _without(outcome: Outcome, words: list[str]) -> Outcome:
    """An answer that says our secrets back is kept without them."""
    answer = outcome.answer
    for word in words:
        for part in (word, word.removeprefix("whsec_"), word.removeprefix("v1,")):
            answer = answer.replace(part, "…")
    return Outcome(outcome.status, outcome.error, answer, outcome.retry_after, outcome.milliseconds)


async def post(settings: Settings, url: str, headers: dict[str, str], body: bytes) -> Outcome:
    """One request, within its time. What is wrong on the other side is an outcome, never an error of ours."""
    began = time.monotonic()
    status, answer, retry_after, error = None, "", None, None
    try:
        async with asyncio.timeout(settings.outbound_seconds):
            await guard.require(url, settings)
            async with (
                guard.client(settings, url) as client,
                client.stream("POST", url, content=body, headers=headers) as response,
            ):
                status, retry_after = response.status_code, _retry_after(response.headers.get("retry-after"))
                answer = await _beginning(response)
    except TimeoutError:
        error = NotSent.timeout
    except guard.Refused as refused:
        error = NotSent.address if refused.why == "address" else NotSent.unreachable
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as failed:
        error = _of(failed)
    milliseconds = round((time.monotonic() - began) * 1000)
    return Outcome(status, None if status is not None else error, answer, retry_after, milliseconds)


def _of(error: BaseException) -> NotSent:
    """An address refused only while connecting is told as one that is not reached: nobody learns what is there."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return NotSent.certificate
        seen = seen.__cause__ or seen.__context__
    is_dropped = isinstance(error, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError))
    return NotSent.dropped if is_dropped else NotSent.unreachable


async def _beginning(response: httpx.Response) -> str:
    """The first 2 KB of an answer. Its status counts however the rest of it goes."""
    read = bytearray()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                read += chunk[: _LONGEST_ANSWER - len(read)]
                if len(read) >= _LONGEST_ANSWER:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass
    text = read.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


def _retry_after(value: str | None) -> timedelta | None:
    """Seconds or a date of HTTP; None for what is neither, and a day at the most."""
    if value is None:
        return None
    try:
        if value.isascii() and value.isdigit():
            asked = timedelta(seconds=min(int(value), int(LONGEST_RETRY_AFTER.total_seconds())))
        else:
            asked = parsedate_to_datetime(value).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(asked, timedelta()), LONGEST_RETRY_AFTER)


async def _keep(session: AsyncSession, sending: _Sending, outcome: Outcome) -> datetime | None:
    """Write down what came of an attempt; when the next one is, or None where there is none."""
    now = clock.now(session)
    endpoint = await held(session, select(WebhookEndpoint).where(WebhookEndpoint.id == sending.endpoint.id), ENDPOINT)
    delivery = await held(session, select(WebhookDelivery).where(WebhookDelivery.id == sending.delivery.id), DELIVERY)
    session.add(
        WebhookAttempt(
            id=new_id(),
            delivery_id=delivery.id,
            endpoint_id=endpoint.id,
            at=now,
            status=outcome.status,
            error=outcome.error,
            milliseconds=outcome.milliseconds,
            answer=outcome.answer,
        )
    )
    delivery.attempts += 1
    if outcome.is_success:
        delivery.state, delivery.next_at, delivery.settled_at = DeliveryState.delivered, None, now
        await _health(session, endpoint.id, failures=0, failing_since=None, paused_until=None)
        return None
    return await _failed(session, endpoint, delivery, sending.message.type, outcome)


async def _failed(
    session: AsyncSession, endpoint: WebhookEndpoint, delivery: WebhookDelivery, type: str, outcome: Outcome
) -> datetime | None:
    now = clock.now(session)
    rests = max(
        min(timedelta(seconds=2 ** min(endpoint.failures + 1, 10)), _LONGEST_PAUSE), outcome.retry_after or timedelta()
    )
    since = endpoint.failing_since or now
    await _health(session, endpoint.id, failures=endpoint.failures + 1, failing_since=since, paused_until=now + rests)
    if endpoint.is_active and type != PING:
        if outcome.status == _GONE:
            await _disable(session, endpoint, Disabled.gone)
        elif now - since >= GIVES_UP_AFTER:
            await _disable(session, endpoint, Disabled.failing)
    is_last = delivery.attempts > len(SCHEDULE) or outcome.status == _GONE or type == PING
    if is_last or not endpoint.is_active:
        delivery.state, delivery.next_at, delivery.settled_at = DeliveryState.failed, None, now
        return None
    pause = SCHEDULE[delivery.attempts - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    delivery.next_at = now + max(pause, outcome.retry_after or timedelta())
    return delivery.next_at


async def _health(session: AsyncSession, endpoint_id: UUID, **values: Any) -> None:
    await affected(session, update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).values(**values))


async def _disable(session: AsyncSession, endpoint: WebhookEndpoint, why: Disabled) -> None:
    """Switch it off, and say so on both records. What waits for it fails as its turn comes, and can be sent again."""
    endpoint.is_active, endpoint.disabled = False, why
    data = {"changes": {"is_active": [True, False]}, "why": why.value}
    await events.record(session, _SENDER, "webhook_endpoint.disabled", endpoint, data)
    subject = Subject("webhook_endpoint", endpoint.id)
    told = {"key": "webhook_endpoint.disabled", "why": why.value}
    await trail.record(session, _SENDER, SecurityEventType.settings_changed, subject, told)
