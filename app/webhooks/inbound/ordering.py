"""Applies facts in the order of their numbers: waiting for missing numbers, leaving them to people, skipping them."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, ActorKind, system
from app.core.errors import Conflict
from app.core.localized import Say
from app.core.records import held, insert
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Result
from app.webhooks.inbound.intake import APPLY
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState
from app.webhooks.inbound.reading import error
from app.webhooks.inbound.types import TYPES

PARK = "inbox.park"
OBJECT = Say("对象", "object")
IS_FACT = InboxMessage.type.in_(sorted(kind.name for kind in TYPES.values() if kind.is_fact))
_WAITS = timedelta(hours=24)
_OVERLOOKED_AFTER = timedelta(hours=1)
_BATCH = 200
_MOST_NAMED = 10
_HELD_UP = (InboxState.waiting, InboxState.parked)
_UNSETTLED = {InboxState.received, *_HELD_UP, InboxState.failed}
_INBOX = system("inbox")


def about(source_id: UUID, kind: str | None, external_id: str | None) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions under which a message is about this object of a source."""
    return (
        InboxMessage.source_id == source_id,
        InboxMessage.object_kind == kind,
        InboxMessage.external_id == external_id,
    )


def same_object(message: InboxMessage) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions under which another message is about the same object."""
    return about(message.source_id, message.object_kind, message.external_id)


async def object_of(session: AsyncSession, source_id: UUID, kind: str, external_id: str) -> ExternalObject:
    """Locks and returns the object of an external id. Inserts it where it is new."""
    key = {"source_id": source_id, "kind": kind, "external_id": external_id}
    await session.execute(insert(session, ExternalObject).values(**key, is_linked=False).on_conflict_do_nothing())
    is_object = [getattr(ExternalObject, name) == value for name, value in key.items()]
    return await held(session, select(ExternalObject).where(*is_object), OBJECT)


async def mark_applied(session: AsyncSession, message: InboxMessage, external: ExternalObject) -> None:
    """Advances the object to the number of a fact that has been applied, and enqueues the next one."""
    assert message.sequence is not None
    external.last_sequence = max(message.sequence, external.last_sequence or 0)
    await enqueue_next(session, message, external)


async def enqueue_next(session: AsyncSession, message: InboxMessage, external: ExternalObject) -> None:
    """Enqueues the next number of the object. Passes over a number that was set aside, unless another message has the
    same number and is not settled."""
    while True:
        number = (external.last_sequence or 0) + 1
        conditions = (*same_object(message), IS_FACT, InboxMessage.sequence == number)
        rows = (await session.execute(select(InboxMessage.id, InboxMessage.state).where(*conditions))).all()
        for row in rows:
            if row.state in _HELD_UP:
                await jobs.enqueue(session, _actor(message), APPLY, {"message": str(row.id)})
        states = {row.state for row in rows}
        if states & _UNSETTLED or InboxState.dismissed not in states:
            return
        external.last_sequence = number


def _actor(message: InboxMessage) -> Actor:
    return Actor(f"source:{message.source_id}", "", ActorKind.token)


async def skip(session: AsyncSession, message: InboxMessage, external: ExternalObject) -> None:
    """Stops waiting for the numbers before a message. Raises Conflict where one of them is here and not applied."""
    assert message.sequence is not None
    last = external.last_sequence or 0
    is_before = InboxMessage.sequence.between(last + 1, message.sequence - 1)
    query = select(InboxMessage.sequence).where(
        *same_object(message), IS_FACT, is_before, InboxMessage.state.in_(_UNSETTLED)
    )
    first = await session.scalar(query.order_by(InboxMessage.sequence).limit(1))
    if first is not None:
        say = Say(
            f"第 {first} 号已收到而未办，请先处理它。", f"Number {first} is here and not applied: see to it first."
        )
        raise Conflict(say, code="earlier_not_settled")
    external.last_sequence = max(last, message.sequence - 1)


async def park(session: AsyncSession, job: Claimed) -> Result:
    """Leaves messages that have waited for a day to a person, with the numbers they wait for; in batches by id."""
    is_late = InboxMessage.state == InboxState.waiting, InboxMessage.received_at < clock.now(session) - _WAITS
    after = UUID(job.payload["after"]) if "after" in job.payload else UUID(int=0)
    query = select(InboxMessage).where(*is_late, InboxMessage.id > after)
    messages = list(await session.scalars(query.order_by(InboxMessage.id).limit(_BATCH).with_for_update()))
    present: dict[tuple[UUID, str | None, str | None], tuple[int, set[int]]] = {}
    for message in messages:
        key = message.source_id, message.object_kind, message.external_id
        if key not in present:
            present[key] = await _present(session, message)
        await _park(session, message, *present[key])
    if len(messages) == _BATCH:
        await jobs.enqueue(session, _INBOX, PARK, {"after": str(messages[-1].id)})
    return {"count": len(messages)}


async def _present(session: AsyncSession, message: InboxMessage) -> tuple[int, set[int]]:
    """Returns (last settled number of the message's object, later numbers that are here)."""
    key = (message.source_id, message.object_kind, message.external_id)
    external = await session.get(ExternalObject, key)
    last = (external and external.last_sequence) or 0
    is_here = InboxMessage.state.in_([*_HELD_UP, InboxState.dismissed])
    query = select(InboxMessage.sequence).where(*same_object(message), IS_FACT, is_here, InboxMessage.sequence > last)
    return last, {number for number in await session.scalars(query) if number is not None}


async def _park(session: AsyncSession, message: InboxMessage, last: int, present: set[int]) -> None:
    assert message.sequence is not None
    if message.sequence <= last + 1:
        await jobs.enqueue(session, _actor(message), APPLY, {"message": str(message.id)})
        return
    missing = _missing(range(last + 1, message.sequence), present)
    if not missing:
        return  # it waits for a message that is left to a person already
    listed = ", ".join(map(str, missing[:_MOST_NAMED])) + ("…" if len(missing) > _MOST_NAMED else "")
    say = Say(f"尚缺第 {listed} 号。", f"Numbers missing before it: {listed}.")
    message.state, message.settled_at = InboxState.parked, clock.now(session)
    message.errors = [error("/data/sequence", "sequence_gap", say)]


def _missing(numbers: Iterable[int], present: set[int]) -> list[int]:
    """Returns the first of the numbers that are not present: they have not come, or came and were not applied."""
    missing: list[int] = []
    for number in numbers:
        if number not in present:
            missing.append(number)
        if len(missing) > _MOST_NAMED:
            break
    return missing


async def enqueue_overlooked(session: AsyncSession, _job: Claimed) -> Result:
    """Enqueues again messages that were received more than an hour ago and not applied, in case their job was lost.

    `settled_at` holds the time of the last retry: once an hour for each message, the longest untried first.
    """
    now = clock.now(session)
    tried = func.coalesce(InboxMessage.settled_at, InboxMessage.received_at)
    query = select(InboxMessage).where(InboxMessage.state == InboxState.received, tried < now - _OVERLOOKED_AFTER)
    messages = list(await session.scalars(query.order_by(tried, InboxMessage.id).limit(_BATCH).with_for_update()))
    for message in messages:
        message.settled_at = now
        await jobs.enqueue(session, _actor(message), APPLY, {"message": str(message.id)})
    return {"count": len(messages)}
