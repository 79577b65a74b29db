"""The inbox, for people: what came, what became of it, and another try."""

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.records import held, one
from app.core.say import Say
from app.deals import service as deals
from app.deals.models import Deal
from app.enterprises import service as enterprises
from app.events import service as events
from app.jobs import service as jobs
from app.leads import service as leads
from app.leads.models import Lead
from app.projects import service as projects
from app.projects.models import Project
from app.webhooks.inbound.applying import MESSAGE
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState
from app.webhooks.inbound.receiving import APPLY
from app.webhooks.inbound.schemas import InboxItem, InboxList, InboxQuery

_AGAIN = frozenset({InboxState.failed, InboxState.parked, InboxState.ignored, InboxState.waiting})
_COLUMNS = [getattr(InboxMessage, name) for name in InboxItem.model_fields]


async def find(session: AsyncSession, query: InboxQuery) -> InboxList:
    """The latest first."""
    found = select(*_COLUMNS).order_by(InboxMessage.received_at.desc(), InboxMessage.id.desc()).limit(query.limit)
    if query.state is not None:
        found = found.where(InboxMessage.state == query.state)
    if query.source_id is not None:
        found = found.where(InboxMessage.source_id == query.source_id)
    rows = await session.execute(found)
    counts = await session.execute(select(InboxMessage.state, func.count()).group_by(InboxMessage.state))
    return InboxList(
        items=[InboxItem.model_validate(row) for row in rows], counts={state: count for state, count in counts}
    )


async def get(session: AsyncSession, inbox_id: UUID) -> InboxMessage:
    """Raises NotFound."""
    return await one(session, select(InboxMessage).where(InboxMessage.id == inbox_id), MESSAGE)


async def replay(session: AsyncSession, actor: Actor, inbox_id: UUID) -> InboxMessage:
    """Try again what was not applied. Raises Conflict for what was, or is about to be."""
    message = await held(session, select(InboxMessage).where(InboxMessage.id == inbox_id), MESSAGE)
    if message.state not in _AGAIN:
        say = Say(f"这条推送{message.state.say.zh}，不能重办。", f"The message is {message.state.say.en}.")
        raise Conflict(say, code="not_to_be_replayed")
    message.state, message.errors, message.settled_at = InboxState.received, [], None
    await jobs.enqueue(session, actor, APPLY, {"message": str(message.id)})
    data = {"message_id": message.message_id}
    await events.note(session, actor, "webhook.replayed", "webhook_message", message.id, data)
    return message


async def replay_all(session: AsyncSession, actor: Actor, query: InboxQuery) -> int:
    """Try again up to so many of one state, the earliest first; how many there are."""
    state = query.state or InboxState.failed
    if state not in _AGAIN:
        raise Invalid.field("?state", "enum", Say("这个状态不能重办。", "What is in that state is not replayed."))
    found = select(InboxMessage.id).where(InboxMessage.state == state)
    if query.source_id is not None:
        found = found.where(InboxMessage.source_id == query.source_id)
    ids = list(await session.scalars(found.order_by(InboxMessage.received_at, InboxMessage.id).limit(query.limit)))
    for inbox_id in ids:
        await replay(session, actor, inbox_id)
    return len(ids)


async def link(session: AsyncSession, actor: Actor, inbox_id: UUID, record_id: UUID) -> InboxMessage:
    """Say which record of ours the source means by its id, from now on, and try the message again."""
    message = await get(session, inbox_id)
    key = (message.source_id, message.object_kind, message.external_id)
    known = await session.get(ExternalObject, key, with_for_update=True) if None not in key else None
    if known is None:
        raise Conflict(Say("这条推送没有指明对象。", "The message is about nothing."), code="no_object")
    await _require(session, actor, known.kind, record_id)
    known.record_id = record_id
    data = {"kind": known.kind, "external_id": known.external_id, "record_id": str(record_id)}
    await events.note(session, actor, "webhook.linked", "webhook_source", known.source_id, data)
    return await replay(session, actor, inbox_id)


async def _require(session: AsyncSession, actor: Actor, kind: str, record_id: UUID) -> None:
    """Raises Invalid where there is no such record of that kind."""
    if kind == "enterprise":
        await enterprises.require(session, record_id, "/record_id")
        return
    seen: dict[str, Select[UUID]] = {
        "project": projects.visible_to(actor).where(Project.id == record_id),
        "deal": deals.visible_to(actor).where(Deal.id == record_id),
        "lead": select(Lead.id).where(leads.scope(actor), Lead.id == record_id),
    }
    if await session.scalar(seen[kind]) is None:
        say = Say("没有这条记录，或类型不符。", "There is no such record of that kind.")
        raise Invalid.field("/record_id", "unknown_record", say)
