"""Doing what a message asks for, under the rules that hold for people. What is refused stays in the inbox with its
reason and changes nothing; it can be replayed once its cause is mended.

Facts of one object are applied in the order of their numbers, none left out: one that comes early waits for those
before it. Of snapshots the newest version stands.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, ActorKind
from app.core.errors import Problem
from app.core.records import held, insert
from app.core.say import Say
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Result
from app.organizations import service as organizations
from app.webhooks.inbound import sources
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState, SourceOrder, WebhookSource
from app.webhooks.inbound.receiving import APPLY, KEPT, error, read_data
from app.webhooks.inbound.types import TYPES, MessageType
from app.webhooks.inbound.verbs import VERBS, Doing, Parked

MESSAGE = Say("推送", "message")
_WAITS = timedelta(hours=24)
_MOST_NAMED = 10
_FACTS = sorted(kind.name for kind in TYPES.values() if kind.is_fact)


async def apply(session: AsyncSession, job: Claimed) -> Result:
    """The work of a job: a message that has been received, or whose turn has come."""
    wanted = UUID(job.payload["message"])
    message = await held(session, select(InboxMessage).where(InboxMessage.id == wanted), MESSAGE)
    if message.state not in (InboxState.received, InboxState.waiting, InboxState.parked):
        return None
    source = await sources.get(session, message.source_id)
    kind = TYPES.get(message.type or "")
    if kind is None:
        _settle(session, message, InboxState.ignored)
        return None
    data, errors = read_data(kind, json.loads(message.body).get("data"), source.order)
    if data is None:
        _settle(session, message, InboxState.failed, errors)
        return None
    if kind.is_kept:
        _settle(session, message, InboxState.ignored, [KEPT])
        return None
    known = await _object(session, source, kind, data.id)
    number = getattr(data, kind.number_field) if source.order is SourceOrder.sequence else None
    message.object_kind, message.external_id, message.sequence = kind.object_kind, data.id, number
    if number is not None and not _is_next(session, message, kind, known, number):
        return None
    doing = Doing(session, source, known, await _below(session, source))
    if await _carry_out(doing, message, kind, data) and number is not None:
        if kind.is_fact:
            known.last_sequence = number
            await _wake_next(session, message, number)
        else:
            known.last_version = number
    return {"state": message.state.value}


def _is_next(
    session: AsyncSession, message: InboxMessage, kind: MessageType, known: ExternalObject, number: int
) -> bool:
    last = (known.last_sequence if kind.is_fact else known.last_version) or 0
    if not kind.is_fact:
        if number <= last:
            _settle(session, message, InboxState.stale)
        return number > last
    if number <= last:
        say = Say(f"第 {number} 号已办过，现到第 {last} 号。", f"Number {number} is done; the last was {last}.")
        _settle(session, message, InboxState.failed, [error("/data/sequence", "sequence_taken", say)])
    elif number > last + 1:
        message.state = InboxState.waiting
    return number == last + 1


def _settle(
    session: AsyncSession, message: InboxMessage, state: InboxState, errors: list[dict[str, Any]] | None = None
) -> None:
    message.state, message.errors, message.settled_at = state, errors or [], clock.now(session)


async def _carry_out(doing: Doing, message: InboxMessage, kind: MessageType, data: Any) -> bool:
    """Whether the message is applied; else it has changed nothing."""
    session = doing.session
    try:
        async with session.begin_nested():
            await VERBS[kind.name](doing, data)
    except Parked as parked:
        _settle(session, message, InboxState.parked, [error(*parked.told)])
    except Problem as problem:
        told = problem.fields or [("", problem.code, problem.detail)]
        _settle(session, message, InboxState.failed, [error(*one) for one in told])
    else:
        message.changed = doing.changed
        _settle(session, message, InboxState.applied)
        return True
    return False


async def _below(session: AsyncSession, source: WebhookSource) -> frozenset[UUID] | None:
    """The units a source may write for; None for all."""
    if source.unit_id is None:
        return None
    today = await clock.today(session)
    return frozenset(await session.scalars(organizations.subtree(source.unit_id, today)))


async def _object(session: AsyncSession, source: WebhookSource, kind: MessageType, external_id: str) -> ExternalObject:
    """What the source calls so, locked: its messages are applied one at a time."""
    key = {"source_id": source.id, "kind": kind.object_kind, "external_id": external_id}
    await session.execute(insert(session, ExternalObject).values(key).on_conflict_do_nothing())
    its = [getattr(ExternalObject, name) == value for name, value in key.items()]
    return await held(session, select(ExternalObject).where(*its), MESSAGE)


async def _wake_next(session: AsyncSession, message: InboxMessage, number: int) -> None:
    following = select(InboxMessage.id).where(
        InboxMessage.source_id == message.source_id,
        InboxMessage.object_kind == message.object_kind,
        InboxMessage.external_id == message.external_id,
        InboxMessage.sequence == number + 1,
        InboxMessage.type.in_(_FACTS),
        InboxMessage.state.in_([InboxState.waiting, InboxState.parked]),
    )
    for inbox_id in await session.scalars(following):
        await jobs.enqueue(session, _of(message), APPLY, {"message": str(inbox_id)})


def _of(message: InboxMessage) -> Actor:
    return Actor(f"source:{message.source_id}", "", ActorKind.token)


async def park(session: AsyncSession, _job: Claimed) -> Result:
    """Leave to a person what has waited for a day, and say what it waits for."""
    late = select(InboxMessage).where(
        InboxMessage.state == InboxState.waiting, InboxMessage.received_at < clock.now(session) - _WAITS
    )
    found = list(await session.scalars(late.order_by(InboxMessage.id).with_for_update()))
    for message in found:
        assert message.sequence is not None
        key = (message.source_id, message.object_kind, message.external_id)
        known = await session.get(ExternalObject, key)
        missing = await _missing(session, message, (known and known.last_sequence) or 0)
        listed = ", ".join(map(str, missing[:_MOST_NAMED])) + ("…" if len(missing) > _MOST_NAMED else "")
        say = Say(f"尚缺第 {listed} 号。", f"Numbers missing before it: {listed}.")
        _settle(session, message, InboxState.parked, [error("/data/sequence", "sequence_gap", say)])
    return {"count": len(found)}


async def _missing(session: AsyncSession, message: InboxMessage, last: int) -> list[int]:
    """Numbers before a message's that have not come, or came and were not applied; the first of them."""
    assert message.sequence is not None
    there = set(
        await session.scalars(
            select(InboxMessage.sequence).where(
                InboxMessage.source_id == message.source_id,
                InboxMessage.object_kind == message.object_kind,
                InboxMessage.external_id == message.external_id,
                InboxMessage.state.in_([InboxState.waiting, InboxState.parked]),
                InboxMessage.type.in_(_FACTS),
                InboxMessage.sequence.between(last + 1, message.sequence - 1),
            )
        )
    )
    found: list[int] = []
    for number in range(last + 1, message.sequence):
        if number not in there:
            found.append(number)
        if len(found) > _MOST_NAMED:
            break
    return found
