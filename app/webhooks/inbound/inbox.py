"""The inbox as people see it: listing, replaying, dismissing and linking of received messages."""

import json
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging, refs
from app.core.actor import Actor
from app.core.db import erases
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.localized import Say
from app.core.records import affected, held, one
from app.core.refs import Reference
from app.deals import separation
from app.deals.models import Deal
from app.enterprises import service as enterprises
from app.events import service as events
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Result
from app.projects import successors
from app.webhooks import objects
from app.webhooks.inbound import ordering
from app.webhooks.inbound.applying import MESSAGE
from app.webhooks.inbound.intake import APPLY
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState, WebhookSource
from app.webhooks.inbound.schemas import InboxItem, InboxList, InboxQuery, InboxRow, LinkCreate, ReplayQuery
from app.webhooks.inbound.types import TYPES

_STUCK = frozenset({InboxState.failed, InboxState.parked, InboxState.waiting})
_REPLAYABLE = _STUCK | {InboxState.received, InboxState.ignored, InboxState.dismissed}
_DONE = [InboxState.applied, InboxState.stale, InboxState.ignored, InboxState.dismissed]
_KEPT = timedelta(days=3 * 366)
_UNKNOWN_KEPT = timedelta(days=31)
_LONGEST_UNTRIED = (func.coalesce(InboxMessage.settled_at, InboxMessage.received_at), InboxMessage.id)
_REFERENCES = [Reference("source", "source_id", WebhookSource)]
_COLUMNS = refs.columns(InboxItem, InboxMessage, _REFERENCES)


async def find(session: AsyncSession, query: InboxQuery) -> InboxList:
    """Returns a page of messages, the latest first, with the number in each state."""
    statement = select(*_COLUMNS)
    if query.state is not None:
        statement = statement.where(InboxMessage.state == query.state)
    if query.source_id is not None:
        statement = statement.where(InboxMessage.source_id == query.source_id)
    order = paging.Order([InboxMessage.received_at, InboxMessage.id], descending=True)
    page = await paging.page(session, statement, order, query, "inbox", InboxRow.model_validate, _REFERENCES)
    counts = await session.execute(select(InboxMessage.state, func.count()).group_by(InboxMessage.state))
    return InboxList(**dict(page), counts={state: count for state, count in counts})


class Received(NamedTuple):
    """What a source has sent: when last, and how many messages are in each state."""

    last_at: datetime | None
    counts: dict[InboxState, int]


NOTHING = Received(None, {})


async def received(session: AsyncSession) -> dict[UUID, Received]:
    """Returns what each source has sent, in one statement; sources that sent nothing are left out."""
    latest = func.max(InboxMessage.received_at)
    query = select(InboxMessage.source_id, InboxMessage.state, func.count(), latest)
    found: dict[UUID, Received] = {}
    for source_id, state, count, last_at in await session.execute(
        query.group_by(InboxMessage.source_id, InboxMessage.state)
    ):
        before = found.get(source_id, NOTHING)
        latest_at = last_at if before.last_at is None else max(before.last_at, last_at)
        found[source_id] = Received(latest_at, {**before.counts, state: count})
    return found


async def get(session: AsyncSession, inbox_id: UUID) -> InboxMessage:
    """Returns a message. Raises NotFound."""
    return await one(session, select(InboxMessage).where(InboxMessage.id == inbox_id), MESSAGE)


async def read(session: AsyncSession, message: InboxMessage) -> InboxItem:
    """Returns a message as it is shown, with the name of its source."""
    source = await session.get_one(WebhookSource, message.source_id)
    return refs.read(InboxItem, message, source=refs.of(source))


async def _hold(session: AsyncSession, inbox_id: UUID) -> InboxMessage:
    return await held(session, select(InboxMessage).where(InboxMessage.id == inbox_id), MESSAGE)


async def _hold_for(session: AsyncSession, actor: Actor, inbox_id: UUID) -> InboxMessage:
    """Locks and returns the message. Raises Forbidden where it is about a deal that the actor drafted: whoever drafts a
    deal may not decide whether, and to which deal, a message is applied."""
    message = await _hold(session, inbox_id)
    external = await _object(session, message)
    if external is not None and external.kind == "deal":
        await _require_another(session, actor, external.record_id)
    return message


async def _require_another(session: AsyncSession, actor: Actor, deal_id: UUID | None) -> None:
    drafts = await session.scalars(select(Deal).where(Deal.id == deal_id))
    await separation.require_another(session, actor, drafts)


async def replay(session: AsyncSession, actor: Actor, inbox_id: UUID) -> InboxMessage:
    """Applies a message again. Raises Conflict where it has been applied, Forbidden for whoever drafted its deal."""
    message = await _hold_for(session, actor, inbox_id)
    _require(message, _REPLAYABLE)
    return await _replay(session, actor, message)


async def _replay(session: AsyncSession, actor: Actor, message: InboxMessage) -> InboxMessage:
    message.state, message.errors, message.settled_at = InboxState.received, [], None
    await jobs.enqueue(session, actor, APPLY, {"message": str(message.id)})
    data = {"message_id": message.message_id}
    await events.note(session, actor, "webhook.replayed", "webhook_message", message.id, data)
    return message


def _require(message: InboxMessage, states: frozenset[InboxState]) -> None:
    """Raises Conflict unless the message is in one of the states."""
    if message.state not in states:
        say = Say(f"这条推送{message.state.say.zh}，不能这样处理。", f"The message is {message.state.say.en}.")
        raise Conflict(say, code="not_to_be_replayed")


async def dismiss(session: AsyncSession, actor: Actor, inbox_id: UUID, reason: str) -> InboxMessage:
    """Sets a message aside for good, such as one that a person has entered by hand meanwhile; the next numbers are no
    longer held up by it. Raises Conflict where it has been applied, Forbidden for whoever drafted its deal."""
    message = await _hold_for(session, actor, inbox_id)
    _require(message, _STUCK)
    message.state, message.settled_at = InboxState.dismissed, clock.now(session)
    data = {"message_id": message.message_id, "reason": reason}
    await events.note(session, actor, "webhook.dismissed", "webhook_message", message.id, data)
    external = await _object(session, message)
    if external is not None and _is_numbered(message) and message.sequence == (external.last_sequence or 0) + 1:
        await session.flush()
        await ordering.enqueue_next(session, message, external)
    return message


async def skip(session: AsyncSession, actor: Actor, inbox_id: UUID, reason: str) -> InboxMessage:
    """Waits no longer for the missing numbers before a message, and tries to apply it.

    Raises Conflict where it bears no number, or where one of the missing has been received and not applied, Forbidden
    for whoever drafted its deal.
    """
    message = await _hold_for(session, actor, inbox_id)
    _require(message, _STUCK)
    external = await _object(session, message)
    if external is None or not _is_numbered(message):
        raise Conflict(Say("这条推送没有序号。", "The message bears no number."), code="no_sequence")
    await ordering.skip(session, message, external)
    data = {"message_id": message.message_id, "reason": reason, "sequence": message.sequence}
    await events.note(session, actor, "webhook.skipped_to", "webhook_message", message.id, data)
    return await replay(session, actor, inbox_id)


def _is_numbered(message: InboxMessage) -> bool:
    kind = TYPES.get(message.type or "")
    return message.sequence is not None and kind is not None and kind.is_fact and not kind.is_kept


async def _object(session: AsyncSession, message: InboxMessage) -> ExternalObject | None:
    """Locks and returns the object that a message is about; None where it was not read."""
    if message.object_kind is None or message.external_id is None:
        return None
    return await ordering.object_of(session, message.source_id, message.object_kind, message.external_id)


async def replay_all(session: AsyncSession, actor: Actor, query: ReplayQuery) -> int:
    """Applies again up to `limit` messages of one state, those longest untried first. Returns how many. Leaves out
    messages about deals that the actor drafted."""
    state = query.state or InboxState.failed
    if state not in _REPLAYABLE:
        raise Invalid.field("?state", "enum", Say("这个状态不能重办。", "What is in that state is not replayed."))
    statement = select(InboxMessage.id).where(InboxMessage.state == state)
    if query.source_id is not None:
        statement = statement.where(InboxMessage.source_id == query.source_id)
    ids = list(await session.scalars(statement.order_by(*_LONGEST_UNTRIED).limit(query.limit)))
    count = 0
    for inbox_id in ids:
        try:
            message = await _hold_for(session, actor, inbox_id)
        except Forbidden:
            continue
        if message.state is state:  # else somebody else has replayed it meanwhile
            await _replay(session, actor, message)
            count += 1
    return count


async def link(session: AsyncSession, actor: Actor, inbox_id: UUID, body: LinkCreate) -> InboxMessage:
    """Binds the source's id to a record of ours from now on, and applies the message again unless it is done.

    A message about a signed deal names its project too: `kind` says which of the two is bound. Raises Conflict where it
    names no such object; Invalid where there is no such record; Forbidden for whoever drafted the deal, before or now.
    """
    message = await _hold_for(session, actor, inbox_id)
    external = await _object_named(session, message, body.kind)
    if external is None:
        raise Conflict(Say("这条推送没有指明对象。", "The message is about nothing."), code="no_object")
    # A merged project stands for the one it was merged into.
    is_project = external.kind == "project"
    record_id = await successors.last_id(session, body.record_id) if is_project else body.record_id
    await _require_record(session, actor, external.kind, record_id)
    if external.kind == "deal":
        await _require_another(session, actor, record_id)
    external.record_id, external.is_linked = record_id, not await _is_registered(session, external)
    data = {"kind": external.kind, "external_id": external.external_id, "record_id": str(record_id)}
    await events.note(session, actor, "webhook.linked", "webhook_source", external.source_id, data)
    return await replay(session, actor, inbox_id) if message.state in _REPLAYABLE else message


async def _is_registered(session: AsyncSession, external: ExternalObject) -> bool:
    """Whether a message that registers this object has been applied: another one would create a second record."""
    registers = InboxMessage.type.in_(["deal.signed", "lead.registered"])
    is_about = ordering.about(external.source_id, external.kind, external.external_id)
    applied = select(InboxMessage.id).where(*is_about, registers, InboxMessage.state == InboxState.applied)
    return await session.scalar(applied.limit(1)) is not None


async def _object_named(session: AsyncSession, message: InboxMessage, kind: str | None) -> ExternalObject | None:
    """Returns the object that a message is about, or with `kind` "project" the project that it names."""
    if kind in (None, message.object_kind):
        return await _object(session, message)
    data = json.loads(message.body).get("data")
    named = data.get(kind) if isinstance(data, dict) and message.object_kind is not None else None
    external_id = named.get("id") if isinstance(named, dict) else None
    if kind != "project" or not isinstance(external_id, str):
        return None
    return await ordering.object_of(session, message.source_id, kind, external_id.strip())


_LINKABLE = frozenset({"project", "deal", "lead"})


async def _require_record(session: AsyncSession, actor: Actor, kind: str, record_id: UUID) -> None:
    """Raises Invalid where the actor sees no such record of that kind."""
    if kind == "enterprise":
        await enterprises.require(session, record_id, "/record_id")
        return
    if kind not in _LINKABLE or not await objects.visible(session, actor, [(kind, record_id)]):
        say = Say("没有这条记录，或类型不符。", "There is no such record of that kind.")
        raise Invalid.field("/record_id", "unknown_record", say)


async def prune(session: AsyncSession, _job: Claimed) -> Result:
    """Deletes messages settled three years ago, which may hold personal data, and after a month those of a type that is
    not in use here."""
    now, settled_at = clock.now(session), InboxMessage.settled_at
    old = and_(InboxMessage.state.in_(_DONE), settled_at < now - _KEPT)
    unknown = and_(InboxMessage.state == InboxState.ignored, InboxMessage.type.not_in(TYPES))
    is_expired = or_(old, and_(unknown, settled_at < now - _UNKNOWN_KEPT))
    count = await affected(session, delete(InboxMessage).where(is_expired))
    if count:
        erases(session)
    return {"count": count}
