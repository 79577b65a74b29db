"""Sends what is due: any number of senders side by side, in one process or many.

A pending delivery is its own place in the queue. Endpoints are served by turns: whoever has taken one sends what is due
to it for some seconds, and renews its hold meanwhile. A sender that dies leaves a hold that runs out, and what it was
at is sent again under the same id.
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

_AT_ONCE = 4
"""To one endpoint, once a message has got through."""
_TURN_SECONDS = 20.0
_AFTER_TROUBLE = timedelta(seconds=30)
_KEEP_SECONDS = 30.0
_LOOK_SECONDS = 30.0
_END_SECONDS = 10.0

Found = TypeVar("Found")

log = structlog.get_logger(__name__)


class Sender:
    """`slots` endpoints at once; looks every `poll_seconds`, and at once when this process has something to tell."""

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
        self._loop = asyncio.create_task(self._look_for_ever())

    async def stop(self, seconds: float) -> None:
        """Take no more turns; wait so long for what is being sent, then leave it to be sent again. Never for ever."""
        self._is_stopping = True
        self._wake.set()
        if self._loop is not None:
            await _end([self._loop], _END_SECONDS)
        await _end(list(self._turns.values()), seconds)
        self._database.wakes.discard(self._wake)

    async def until_idle(self) -> int:
        """Send what is due now, one endpoint at a time; how many attempts that were."""
        count = 0
        while True:
            await deliveries.spread_all(self._database)
            taken = await self._take(1)
            if not taken:
                return count
            for endpoint_id, turn in taken:
                count += await self._serve(endpoint_id, turn)

    async def _look_for_ever(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            is_more = await self._tried(deliveries.spread(self._database), otherwise=False)
            nothing: list[tuple[UUID, int]] = []
            for endpoint_id, turn in await self._tried(self._take(self._slots - len(self._turns)), otherwise=nothing):
                self._begin(endpoint_id, turn)
            if not is_more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._poll_seconds)

    async def _tried(self, look: Coroutine[Any, Any, Found], *, otherwise: Found) -> Found:
        """Whatever fails, the next look is another, and it keeps nothing else back."""
        try:
            async with asyncio.timeout(_LOOK_SECONDS):
                return await look
        except Exception as error:
            log.warning("sender_trouble", reason=type(error).__name__, where=logs.where(error))
            return otherwise

    def _begin(self, endpoint_id: UUID, turn: int) -> None:
        task = self._turns[endpoint_id] = asyncio.create_task(self._serve(endpoint_id, turn))

        def ended(_task: asyncio.Task[int]) -> None:
            self._turns.pop(endpoint_id, None)
            self._wake.set()

        task.add_done_callback(ended)

    # Turns

    async def _take(self, most: int) -> list[tuple[UUID, int]]:
        """Up to so many endpoints that something is due to and nobody serves, the longest unserved first."""
        if most <= 0:
            return []
        async with self._database.reading() as session:
            found = select(WebhookEndpoint.id).where(*self._is_free(session), self._has_due(session))
            first = found.order_by(WebhookEndpoint.served_at.is_not(None), WebhookEndpoint.served_at).limit(most)
            ids = list(await session.scalars(first))
        taken: list[tuple[UUID, int]] = []
        try:
            for endpoint_id in ids:
                await self._take_one(endpoint_id, taken)
        except BaseException:
            for endpoint_id, turn in taken:
                await asyncio.shield(self._release(endpoint_id, turn, timedelta()))
            raise
        return taken

    async def _take_one(self, endpoint_id: UUID, taken: list[tuple[UUID, int]]) -> None:
        async with self._database.writing() as session:
            now = clock.now(session)
            turn = (
                update(WebhookEndpoint)
                .where(WebhookEndpoint.id == endpoint_id, *self._is_free(session))
                .values(turn=WebhookEndpoint.turn + 1, turn_until=now + self._hold, served_at=now)
                .returning(WebhookEndpoint.turn)
            )
            number = await session.scalar(turn, execution_options={"synchronize_session": False})
        if number is not None:
            taken.append((endpoint_id, number))

    def _is_free(self, session: AsyncSession) -> tuple[ColumnElement[bool], ...]:
        until = WebhookEndpoint.turn_until
        return WebhookEndpoint.is_removed.is_(False), or_(until.is_(None), until <= clock.now(session))

    def _has_due(self, session: AsyncSession) -> ColumnElement[bool]:
        own = WebhookDelivery.endpoint_id == WebhookEndpoint.id
        return exists(select(WebhookDelivery.id).where(own, *self._is_due(session)))

    def _is_due(self, session: AsyncSession) -> tuple[ColumnElement[bool], ...]:
        """Of an endpoint that is on and does not rest; a ping goes anyway."""
        now, rests = clock.now(session), WebhookEndpoint.rests_until
        goes = or_(WebhookDelivery.is_ping.is_(True), and_(IS_ON, or_(rests.is_(None), rests <= now)))
        return WebhookDelivery.state == DeliveryState.pending, WebhookDelivery.next_at <= now, goes

    async def _serve(self, endpoint_id: UUID, turn: int) -> int:
        """Send what is due to it: one message, and some at once when that got through, for as long as a turn is."""
        ends, width, count = time.monotonic() + _TURN_SECONDS, 1, 0
        rest = timedelta()
        try:
            while not self._is_stopping and time.monotonic() < ends and await self._renew(endpoint_id, turn):
                due = await self._due(endpoint_id, width)
                if not due:
                    break
                went = await asyncio.gather(*(self._attempt(one) for one in due), return_exceptions=True)
                count += len(due)
                if trouble := [one for one in went if isinstance(one, BaseException)]:
                    raise trouble[0]
                width = _AT_ONCE if all(went) else 1
        except Exception as error:
            log.error("turn_trouble", endpoint=str(endpoint_id), reason=type(error).__name__, where=logs.where(error))
            rest = _AFTER_TROUBLE
        finally:
            await asyncio.shield(self._release(endpoint_id, turn, rest))
        return count

    async def _renew(self, endpoint_id: UUID, turn: int) -> bool:
        async with self._database.writing() as session:
            own = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.turn == turn)
            return await affected(session, own.values(turn_until=clock.now(session) + self._hold)) == 1

    async def _release(self, endpoint_id: UUID, turn: int, rest: timedelta) -> None:
        try:
            async with self._database.writing() as session:
                own = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.turn == turn)
                await affected(session, own.values(turn_until=clock.now(session) + rest if rest else None))
        except Exception as error:  # it runs out by itself
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
        """False where the receiver did not take it."""
        async with self._database.reading() as session:
            found = await attempts.read(session, delivery_id)
        if found is None:
            return True
        if not await attempts.may_be_told(self._database, found):
            async with self._database.writing() as session:
                await attempts.withhold(session, found)
            return True
        outcome = await attempts.send(self._database.settings, found, self._database.clock())
        await self._keep(found, outcome)
        return outcome.is_success

    async def _keep(self, found: attempts.Sending, outcome: Outcome) -> None:
        """Write down what came of it; while the database is out of reach, again and again for some time."""
        ends = time.monotonic() + _KEEP_SECONDS
        while True:
            try:
                async with self._database.writing() as session:
                    await attempts.keep(session, found, outcome)
                return
            except Exception as error:
                if not error_handlers.is_temporary(error) or time.monotonic() >= ends:
                    raise
                await asyncio.sleep(1)


async def _end(tasks: Sequence[asyncio.Task[Any]], seconds: float) -> None:
    """Wait so long for them, then cancel what is left and wait a little for that."""
    left = [task for task in tasks if not task.done()]
    if left and seconds > 0:
        _, late = await asyncio.wait(left, timeout=seconds)
        left = list(late)
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=_END_SECONDS)
