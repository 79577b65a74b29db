"""Applies a received message, under the rules that hold for people. A refused message changes nothing and stays in the
inbox with the reason; it can be replayed once the cause is removed, or set aside.

Facts of one object are applied in the order of their numbers, without gaps (`ordering`). Of snapshots the newest
version wins. Messages of a source that cannot number them are applied in the order of arrival.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import ColumnElement, exists, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, error_handlers, logs
from app.core.errors import Problem, Stale, conflict
from app.core.localized import Say
from app.core.records import held
from app.jobs.kinds import Claimed, Later, Result
from app.organizations import service as organizations
from app.webhooks.inbound import ordering, sources
from app.webhooks.inbound.handlers import VERBS, MessageContext, Parked
from app.webhooks.inbound.models import ExternalObject, InboxMessage, InboxState, SourceOrder, WebhookSource
from app.webhooks.inbound.reading import KEPT, error, errors_of, read_data, read_envelope
from app.webhooks.inbound.types import TYPES, MessageType

MESSAGE = Say("推送", "message")
_OFF = Say("来源已停用，收到的推送留待处理。", "Its source is off: what it sent is left to a person.")
_UNCONFIRMED = Say(
    "收到时来源的信任与范围尚未由有权审核签约的人确认，没有办理。确认后请以新的 webhook-id 重新推送。",
    "When it came, nobody with the right to approve deals had confirmed what its source may do: nothing was done. Once "
    "that is confirmed, send it again under a new webhook-id.",
)
_FAULT = Say(
    "系统出错，什么都没有改动；可重办，仍不行请找管理员。",
    "A fault of ours; nothing was changed. Replay it, or ask for help.",
)

log = structlog.get_logger(__name__)


async def apply(session: AsyncSession, job: Claimed) -> Result:
    """Applies the message of a job, when it has been received or its turn has come."""
    inbox_id = UUID(job.payload["message"])
    message = await held(session, select(InboxMessage).where(InboxMessage.id == inbox_id), MESSAGE)
    if message.state not in (InboxState.received, InboxState.waiting, InboxState.parked):
        return None
    source = await sources.get(session, message.source_id)
    if not source.is_active or source.is_removed:
        _settle(session, message, InboxState.parked, [error("", "source_off", _OFF)])
        return None
    if not message.is_confirmed:
        _settle(session, message, InboxState.failed, [error("", "source_unconfirmed", _UNCONFIRMED)])
        return None
    envelope = json.loads(message.body)
    name, errors = read_envelope(message.content_type, envelope)
    kind = TYPES.get(name or "")
    if errors or kind is None:
        _settle(session, message, InboxState.failed if errors else InboxState.ignored, errors)
        return None
    data, errors = read_data(kind, envelope.get("data"), source.order)
    if data is None:
        _settle(session, message, InboxState.failed, errors)
        return None
    number = getattr(data, kind.number_field)
    message.object_kind, message.external_id, message.sequence = kind.object_kind, data.id, number
    if kind.is_kept:
        _settle(session, message, InboxState.ignored, [KEPT])
        return None
    external = await ordering.object_of(session, source.id, kind.object_kind, data.id)
    is_turn = _is_turn if source.order is SourceOrder.sequence else _is_turn_by_arrival
    if not await is_turn(session, message, kind, external):
        return None
    is_trusted = source.is_trusted and message.trust_change_id == source.trust_change_id
    context = MessageContext(session, source, external, await _unit_ids(session, source), is_trusted)
    if await _carry_out(context, message, kind, data) and number is not None:
        if kind.is_fact:
            await ordering.mark_applied(session, message, external)
        else:
            external.last_version = max(number, external.last_version or 0)
    return {"state": message.state.value}


async def _is_turn(session: AsyncSession, message: InboxMessage, kind: MessageType, external: ExternalObject) -> bool:
    """Whether a numbered message is the next of its object. Else settles it, or leaves it waiting for a gap to fill."""
    number = message.sequence
    assert number is not None
    last = (external.last_sequence if kind.is_fact else external.last_version) or 0
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


async def _is_turn_by_arrival(
    session: AsyncSession, message: InboxMessage, kind: MessageType, _known: ExternalObject
) -> bool:
    """Whether a message without a number may be applied. A snapshot is stale once a later one has been applied.

    Raises Later for a fact while an earlier one is not applied.
    """
    position = tuple_(InboxMessage.received_at, InboxMessage.id)
    this_position = tuple_(message.received_at, message.id)
    same = ordering.same_object(message)
    if kind.is_fact:
        is_received = InboxMessage.state == InboxState.received
        if await _any(session, *same, ordering.IS_FACT, is_received, position < this_position):
            raise Later(clock.now(session) + timedelta(seconds=1))
        return True
    later = (InboxMessage.type == message.type, InboxMessage.state == InboxState.applied, position > this_position)
    if await _any(session, *same, *later):
        _settle(session, message, InboxState.stale)
        return False
    return True


async def _any(session: AsyncSession, *conditions: ColumnElement[bool]) -> bool:
    return bool(await session.scalar(select(exists(select(InboxMessage.id).where(*conditions)))))


def _settle(
    session: AsyncSession, message: InboxMessage, state: InboxState, errors: list[dict[str, Any]] | None = None
) -> None:
    """Sets the state of a message, its errors, if any, and the time."""
    message.state, message.errors, message.settled_at = state, errors or [], clock.now(session)


async def _carry_out(context: MessageContext, message: InboxMessage, kind: MessageType, data: Any) -> bool:
    """Applies a message in a savepoint. Returns True on success, else False: nothing has changed and the message holds
    the reason. Raises Later and temporary errors, for a retry."""
    session = context.session
    try:
        async with session.begin_nested():
            await VERBS[kind.name](context, data)
    except Parked as parked:
        _settle(session, message, InboxState.parked, [error(*parked.reason)])
    except Stale:
        raise Later(clock.now(session)) from None  # somebody has just changed the record
    except Problem as problem:
        _settle(session, message, InboxState.failed, _errors(problem))
    except IntegrityError as broken:
        _settle(session, message, InboxState.failed, _errors(conflict(broken)))
    except ValidationError as wrong:
        _settle(session, message, InboxState.failed, errors_of(wrong))
    except Exception as fault:
        if error_handlers.is_temporary(fault):
            raise
        log.error("message_fault", message=str(message.id), reason=type(fault).__name__, where=logs.where(fault))
        _settle(session, message, InboxState.failed, [error("", "internal_error", _FAULT)])
    else:
        message.changed = context.changed
        _settle(session, message, InboxState.applied)
        return True
    return False


def _errors(problem: Problem) -> list[dict[str, Any]]:
    fields = problem.fields or [("", problem.code, problem.detail)]
    return [
        error(f"/data{pointer}" if pointer.startswith("/") else pointer, code, say) for pointer, code, say in fields
    ]


async def _unit_ids(session: AsyncSession, source: WebhookSource) -> frozenset[UUID] | None:
    """Returns the units that a source may write for; None for all."""
    if source.unit_id is None:
        return None
    today = await clock.today(session)
    return frozenset(await session.scalars(organizations.subtree(source.unit_id, today)))
