"""Facts in the order of their numbers: what waits for which, what is missing, and what people do about it."""

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
_AT_ONCE = 200
_MOST_NAMED = 10
_STANDS = (InboxState.waiting, InboxState.parked)
_UNSETTLED = {InboxState.received, *_STANDS, InboxState.failed}
_INBOX = system("inbox")


def about(source_id: UUID, kind: str | None, external_id: str | None) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a message is about this object of a source."""
    return (
        InboxMessage.source_id == source_id,
        InboxMessage.object_kind == kind,
        InboxMessage.external_id == external_id,
    )


def same_object(message: InboxMessage) -> tuple[ColumnElement[bool], ...]:
    return about(message.source_id, message.object_kind, message.external_id)


async def object_of(session: AsyncSession, source_id: UUID, kind: str, external_id: str) -> ExternalObject:
    """What a source calls so, locked; remembered from now on."""
    key = {"source_id": source_id, "kind": kind, "external_id": external_id}
    await session.execute(insert(session, ExternalObject).values(**key, is_linked=False).on_conflict_do_nothing())
    its = [getattr(ExternalObject, name) == value for name, value in key.items()]
    return await held(session, select(ExternalObject).where(*its), OBJECT)


async def done(session: AsyncSession, message: InboxMessage, known: ExternalObject) -> None:
    """Its number is done with: whichever comes next has its turn."""
    assert message.sequence is not None
    known.last_sequence = max(message.sequence, known.last_sequence or 0)
    await go_on(session, message, known)


async def go_on(session: AsyncSession, message: InboxMessage, known: ExternalObject) -> None:
    """Let the next number of the object have its turn. One that was set aside is passed over, unless another message
    bears it too."""
    while True:
        number = (known.last_sequence or 0) + 1
        found = (*same_object(message), IS_FACT, InboxMessage.sequence == number)
        rows = (await session.execute(select(InboxMessage.id, InboxMessage.state).where(*found))).all()
        for row in rows:
            if row.state in _STANDS:
                await jobs.enqueue(session, _of(message), APPLY, {"message": str(row.id)})
        states = {row.state for row in rows}
        if states & _UNSETTLED or InboxState.dismissed not in states:
            return
        known.last_sequence = number


def _of(message: InboxMessage) -> Actor:
    return Actor(f"source:{message.source_id}", "", ActorKind.token)


async def skip(session: AsyncSession, message: InboxMessage, known: ExternalObject) -> None:
    """Wait no longer for numbers that never came. Raises Conflict where one of them is here and not applied."""
    assert message.sequence is not None
    last = known.last_sequence or 0
    here = InboxMessage.sequence.between(last + 1, message.sequence - 1)
    query = select(InboxMessage.sequence).where(
        *same_object(message), IS_FACT, here, InboxMessage.state.in_(_UNSETTLED)
    )
    first = await session.scalar(query.order_by(InboxMessage.sequence).limit(1))
    if first is not None:
        say = Say(
            f"第 {first} 号已收到而未办，请先处理它。", f"Number {first} is here and not applied: see to it first."
        )
        raise Conflict(say, code="earlier_not_settled")
    known.last_sequence = max(last, message.sequence - 1)


async def park(session: AsyncSession, job: Claimed) -> Result:
    """Leave to a person what has waited for a day, and say what it waits for; some at a time, in the order of ids."""
    late = InboxMessage.state == InboxState.waiting, InboxMessage.received_at < clock.now(session) - _WAITS
    after = UUID(job.payload["after"]) if "after" in job.payload else UUID(int=0)
    query = select(InboxMessage).where(*late, InboxMessage.id > after)
    found = list(await session.scalars(query.order_by(InboxMessage.id).limit(_AT_ONCE).with_for_update()))
    present: dict[tuple[UUID, str | None, str | None], tuple[int, set[int]]] = {}
    for message in found:
        key = message.source_id, message.object_kind, message.external_id
        if key not in present:
            present[key] = await _present(session, message)
        await _park(session, message, *present[key])
    if len(found) == _AT_ONCE:
        await jobs.enqueue(session, _INBOX, PARK, {"after": str(found[-1].id)})
    return {"count": len(found)}


async def _present(session: AsyncSession, message: InboxMessage) -> tuple[int, set[int]]:
    """The last number of its object that is done with, and those after it that are here."""
    key = (message.source_id, message.object_kind, message.external_id)
    known = await session.get(ExternalObject, key)
    last = (known and known.last_sequence) or 0
    here = InboxMessage.state.in_([*_STANDS, InboxState.dismissed])
    query = select(InboxMessage.sequence).where(*same_object(message), IS_FACT, here, InboxMessage.sequence > last)
    return last, {number for number in await session.scalars(query) if number is not None}


async def _park(session: AsyncSession, message: InboxMessage, last: int, here: set[int]) -> None:
    assert message.sequence is not None
    if message.sequence <= last + 1:
        await jobs.enqueue(session, _of(message), APPLY, {"message": str(message.id)})
        return
    missing = _missing(range(last + 1, message.sequence), here)
    if not missing:
        return  # it waits for one that is left to a person already
    listed = ", ".join(map(str, missing[:_MOST_NAMED])) + ("…" if len(missing) > _MOST_NAMED else "")
    say = Say(f"尚缺第 {listed} 号。", f"Numbers missing before it: {listed}.")
    message.state, message.settled_at = InboxState.parked, clock.now(session)
    message.errors = [error("/data/sequence", "sequence_gap", say)]


def _missing(numbers: Iterable[int], here: set[int]) -> list[int]:
    """Numbers that have not come, or came and were not applied; the first of them."""
    found: list[int] = []
    for number in numbers:
        if number not in here:
            found.append(number)
        if len(found) > _MOST_NAMED:
            break
    return found


async def begin_again(session: AsyncSession, _job: Claimed) -> Result:
    """Make a new job for what has been received and not looked at for an hour: whatever became of the first one.

    `settled_at` says when that was done last: once an hour for each, the longest untried first.
    """
    now = clock.now(session)
    tried = func.coalesce(InboxMessage.settled_at, InboxMessage.received_at)
    query = select(InboxMessage).where(InboxMessage.state == InboxState.received, tried < now - _OVERLOOKED_AFTER)
    found = list(await session.scalars(query.order_by(tried, InboxMessage.id).limit(_AT_ONCE).with_for_update()))
    for message in found:
        message.settled_at = now
        await jobs.enqueue(session, _of(message), APPLY, {"message": str(message.id)})
    return {"count": len(found)}
