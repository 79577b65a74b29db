"""Sends due deliveries: any number of senders work in parallel, in one process or many.

The pending deliveries are the queue. A sender leases an endpoint, sends what is due to it for up to 20 seconds, and
renews the lease meanwhile. The lease of a sender that dies expires, and its unfinished messages are sent again under
the same id.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, error_handlers, logs
from app.core.db import Database
from app.core.records import affected
from app.webhooks.outbound import attempts, deliveries
from app.webhooks.outbound.endpoints import IS_ON
from app.webhooks.outbound.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from app.webhooks.outbound.posting import Outcome

_CONCURRENT_REQUESTS = 4
"""Concurrent requests to one endpoint, once a message has been delivered."""
_TURN_SECONDS = 20.0
_AFTER_TROUBLE = timedelta(seconds=30)
_RECORD_SECONDS = 30.0
_POLL_STEP_SECONDS = 30.0
_END_SECONDS = 10.0

Value = TypeVar("Value")

log = structlog.get_logger(__name__)


class Sender:
    """Serves up to `slots` endpoints at once. Polls every `poll_seconds`, and at once when this process has written a
    message. `hold` is the duration of a lease."""

    def __init__(
        self,
        database: Database,
        *,
        slots: int = 8,
        poll_seconds: float = 1.0,
        hold: timedelta = timedelta(seconds=60),
    ) -> None:
        self._database = database
        self._slots = slots
        self._poll_seconds = poll_seconds
        self._hold = hold
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._turns: dict[UUID, asyncio.Task[int]] = {}
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._database.wakes.add(self._wake)
        self._loop = asyncio.create_task(self._poll())

    async def stop(self, seconds: float) -> None:
        """Takes no more leases. Waits up to `seconds` for running requests, then cancels them: their messages are sent
        again later."""
        self._is_stopping = True
        self._wake.set()
        if self._loop is not None:
            await _end([self._loop], _END_SECONDS)
        await _end(list(self._turns.values()), seconds)
        self._database.wakes.discard(self._wake)

    async def until_idle(self) -> int:
        """Sends what is due now, one endpoint at a time. Returns the number of attempts."""
        count = 0
        while True:
            await deliveries.spread_all(self._database)
            leases = await self._lease(1)
            if not leases:
                return count
            for endpoint_id, turn in leases:
                count += await self._serve(endpoint_id, turn)

    async def _poll(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            is_more = await self._or_default(deliveries.spread(self._database), False)
            none: list[tuple[UUID, int]] = []
            for endpoint_id, turn in await self._or_default(self._lease(self._slots - len(self._turns)), none):
                self._start_serving(endpoint_id, turn)
            if not is_more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._poll_seconds)

    async def _or_default(self, step: Coroutine[Any, Any, Value], default: Value) -> Value:
        """Returns the result of a step, or the default where it fails: the next poll tries again."""
        try:
            async with asyncio.timeout(_POLL_STEP_SECONDS):
                return await step
        except Exception as error:
            log.warning("sender_trouble", reason=type(error).__name__, where=logs.where(error))
            return default

    def _start_serving(self, endpoint_id: UUID, turn: int) -> None:
        task = self._turns[endpoint_id] = asyncio.create_task(self._serve(endpoint_id, turn))

        def ended(_task: asyncio.Task[int]) -> None:
            self._turns.pop(endpoint_id, None)
            self._wake.set()

        task.add_done_callback(ended)

    # Leases

    async def _lease(self, most: int) -> list[tuple[UUID, int]]:
        """Leases up to `most` endpoints with due deliveries that no sender serves, the longest unserved first.

        Returns (endpoint id, lease number) of each.
        """
        if most <= 0:
            return []
        async with self._database.reading() as session:
            free = select(WebhookEndpoint.id).where(*self._is_free(session), self._has_due(session))
            first = free.order_by(WebhookEndpoint.served_at.is_not(None), WebhookEndpoint.served_at).limit(most)
            ids = list(await session.scalars(first))
        leases: list[tuple[UUID, int]] = []
        try:
            for endpoint_id in ids:
                await self._lease_one(endpoint_id, leases)
        except BaseException:
            for endpoint_id, turn in leases:
                await asyncio.shield(self._release(endpoint_id, turn, timedelta()))
            raise
        return leases

    async def _lease_one(self, endpoint_id: UUID, leases: list[tuple[UUID, int]]) -> None:
        async with self._database.writing() as session:
            now = clock.now(session)
            lease = (
                update(WebhookEndpoint)
                .where(WebhookEndpoint.id == endpoint_id, *self._is_free(session))
                .values(turn=WebhookEndpoint.turn + 1, turn_until=now + self._hold, served_at=now)
                .returning(WebhookEndpoint.turn)
            )
            turn = await session.scalar(lease, execution_options={"synchronize_session": False})
        if turn is not None:
            leases.append((endpoint_id, turn))

    def _is_free(self, session: AsyncSession) -> tuple[ColumnElement[bool], ...]:
        until = WebhookEndpoint.turn_until
        return WebhookEndpoint.is_removed.is_(False), or_(until.is_(None), until <= clock.now(session))

    def _has_due(self, session: AsyncSession) -> ColumnElement[bool]:
        is_of_endpoint = WebhookDelivery.endpoint_id == WebhookEndpoint.id
        return exists(select(WebhookDelivery.id).where(is_of_endpoint, *self._is_due(session)))

    def _is_due(self, session: AsyncSession) -> tuple[ColumnElement[bool], ...]:
        """Returns the conditions of a due delivery: a ping, or one to an endpoint that is on and not in backoff."""
        now, backoff_until = clock.now(session), WebhookEndpoint.rests_until
        is_ready = and_(IS_ON, or_(backoff_until.is_(None), backoff_until <= now))
        may_go = or_(WebhookDelivery.is_ping.is_(True), is_ready)
        return WebhookDelivery.state == DeliveryState.pending, WebhookDelivery.next_at <= now, may_go

    async def _serve(self, endpoint_id: UUID, turn: int) -> int:
        """Sends what is due to an endpoint, for up to 20 seconds: one message, then four at once while all succeed.

        Releases the lease. Returns the number of attempts.
        """
        ends, width, count = time.monotonic() + _TURN_SECONDS, 1, 0
        rest = timedelta()
        try:
            while not self._is_stopping and time.monotonic() < ends and await self._renew(endpoint_id, turn):
                due = await self._due(endpoint_id, width)
                if not due:
                    break
                results = await asyncio.gather(*(self._attempt(id) for id in due), return_exceptions=True)
                count += len(due)
                if errors := [result for result in results if isinstance(result, BaseException)]:
                    raise errors[0]
                width = _CONCURRENT_REQUESTS if all(results) else 1
        except Exception as error:
            log.error("turn_trouble", endpoint=str(endpoint_id), reason=type(error).__name__, where=logs.where(error))
            rest = _AFTER_TROUBLE
        finally:
            await asyncio.shield(self._release(endpoint_id, turn, rest))
        return count

    async def _renew(self, endpoint_id: UUID, turn: int) -> bool:
        """Extends a lease. Returns False where another sender has taken it over."""
        async with self._database.writing() as session:
            lease = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.turn == turn)
            return await affected(session, lease.values(turn_until=clock.now(session) + self._hold)) == 1

    async def _release(self, endpoint_id: UUID, turn: int, rest: timedelta) -> None:
        try:
            async with self._database.writing() as session:
                lease = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.turn == turn)
                await affected(session, lease.values(turn_until=clock.now(session) + rest if rest else None))
        except Exception as error:  # the lease expires by itself
            log.warning("turn_not_released", reason=type(error).__name__, where=logs.where(error))

    async def _due(self, endpoint_id: UUID, most: int) -> list[UUID]:
        async with self._database.reading() as session:
            query = select(WebhookDelivery.id).join(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
            first = query.where(*self._is_due(session)).order_by(
                WebhookDelivery.is_ping.desc(), WebhookDelivery.next_at, WebhookDelivery.id
            )
            return list(await session.scalars(first.limit(most)))

    # Attempts

    async def _attempt(self, delivery_id: UUID) -> bool:
        """Attempts a delivery. Returns False where the receiver did not accept it."""
        async with self._database.reading() as session:
            sending = await attempts.read(session, delivery_id)
        if sending is None:
            return True
        if not await attempts.may_be_sent(self._database, sending):
            async with self._database.writing() as session:
                await attempts.withhold(session, sending)
            return True
        outcome = await attempts.send(self._database.settings, sending, self._database.clock())
        await self._record(sending, outcome)
        return outcome.is_success

    async def _record(self, sending: attempts.Sending, outcome: Outcome) -> None:
        """Records an outcome. Retries for 30 seconds while the database is unreachable."""
        ends = time.monotonic() + _RECORD_SECONDS
        while True:
            try:
                async with self._database.writing() as session:
                    await attempts.record(session, sending, outcome)
                return
            except Exception as error:
                if not error_handlers.is_temporary(error) or time.monotonic() >= ends:
                    raise
                await asyncio.sleep(1)


async def _end(tasks: Sequence[asyncio.Task[Any]], seconds: float) -> None:
    """Waits up to `seconds` for tasks, then cancels those that still run and waits up to 10 seconds for that."""
    left = [task for task in tasks if not task.done()]
    if left and seconds > 0:
        _, late = await asyncio.wait(left, timeout=seconds)
        left = list(late)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=_END_SECONDS)
