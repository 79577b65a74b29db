"""Doing what a message asks for, under the rules that hold for people. What is refused stays in the inbox with its
reason and changes nothing; it can be replayed once its cause is mended, or set aside.

Facts of one object are applied in the order of their numbers, none left out (`waiting`). Of snapshots the newest
version stands. A source that cannot number goes by the order in which its messages came.
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
from app.webhooks.inbound.handlers import VERBS, Doing, Parked
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
    """The work of a job: a message that has been received, or whose turn has come."""
    wanted = UUID(job.payload["message"])
    message = await held(session, select(InboxMessage).where(InboxMessage.id == wanted), MESSAGE)
    if message.state not in (InboxState.received, InboxState.waiting, InboxState.parked):
        return None
    source = await sources.get(session, message.source_id)
    if not source.is_active or source.is_removed:
        _settle(session, message, InboxState.parked, [error("", "source_off", _OFF)])
        return None
    if not message.is_confirmed:
        _settle(session, message, InboxState.failed, [error("", "source_unconfirmed", _UNCONFIRMED)])
        return None
    read = json.loads(message.body)
    name, errors = read_envelope(message.content_type, read)
    kind = TYPES.get(name or "")
    if errors or kind is None:
        _settle(session, message, InboxState.failed if errors else InboxState.ignored, errors)
        return None
    data, errors = read_data(kind, read.get("data"), source.order)
    if data is None:
        _settle(session, message, InboxState.failed, errors)
        return None
    number = getattr(data, kind.number_field)
    message.object_kind, message.external_id, message.sequence = kind.object_kind, data.id, number
    if kind.is_kept:
        _settle(session, message, InboxState.ignored, [KEPT])
        return None
    known = await ordering.object_of(session, source.id, kind.object_kind, data.id)
    is_turn = _is_turn if source.order is SourceOrder.sequence else _is_turn_by_arrival
    if not await is_turn(session, message, kind, known):
        return None
    is_trusted = source.is_trusted and message.trust_change_id == source.trust_change_id
    doing = Doing(session, source, known, await _below(session, source), is_trusted)
    if await _carry_out(doing, message, kind, data) and number is not None:
        if kind.is_fact:
            await ordering.done(session, message, known)
        else:
            known.last_version = max(number, known.last_version or 0)
    return {"state": message.state.value}


async def _is_turn(session: AsyncSession, message: InboxMessage, kind: MessageType, known: ExternalObject) -> bool:
    number = message.sequence
    assert number is not None
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


async def _is_turn_by_arrival(
    session: AsyncSession, message: InboxMessage, kind: MessageType, _known: ExternalObject
) -> bool:
    """What came before is applied before, and what came after it stands. Raises Later for a fact that overtook one."""
    place = tuple_(InboxMessage.received_at, InboxMessage.id)
    own = tuple_(message.received_at, message.id)
    same = ordering.same_object(message)
    if kind.is_fact:
        if await _any(session, *same, ordering.IS_FACT, InboxMessage.state == InboxState.received, place < own):
            raise Later(clock.now(session) + timedelta(seconds=1))
        return True
    later = (InboxMessage.type == message.type, InboxMessage.state == InboxState.applied, place > own)
    if await _any(session, *same, *later):
        _settle(session, message, InboxState.stale)
        return False
    return True


async def _any(session: AsyncSession, *conditions: ColumnElement[bool]) -> bool:
    return bool(await session.scalar(select(exists(select(InboxMessage.id).where(*conditions)))))


def _settle(
    session: AsyncSession, message: InboxMessage, state: InboxState, errors: list[dict[str, Any]] | None = None
) -> None:
    message.state, message.errors, message.settled_at = state, errors or [], clock.now(session)


async def _carry_out(doing: Doing, message: InboxMessage, kind: MessageType, data: Any) -> bool:
    """Whether the message is applied; else it has changed nothing and says why. What passes by itself is raised."""
    session = doing.session
    try:
        async with session.begin_nested():
            await VERBS[kind.name](doing, data)
    except Parked as parked:
        _settle(session, message, InboxState.parked, [error(*parked.told)])
    except Stale:
        raise Later(clock.now(session)) from None  # somebody was at the record just now
    except Problem as problem:
        _settle(session, message, InboxState.failed, _told(problem))
    except IntegrityError as broken:
        _settle(session, message, InboxState.failed, _told(conflict(broken)))
    except ValidationError as wrong:
        _settle(session, message, InboxState.failed, errors_of(wrong))
    except Exception as fault:
        if error_handlers.is_temporary(fault):
            raise
        log.error("message_fault", message=str(message.id), reason=type(fault).__name__, where=logs.where(fault))
        _settle(session, message, InboxState.failed, [error("", "internal_error", _FAULT)])
    else:
        message.changed = doing.changed
        _settle(session, message, InboxState.applied)
        return True
    return False


def _told(problem: Problem) -> list[dict[str, Any]]:
    told = problem.fields or [("", problem.code, problem.detail)]
    return [error(f"/data{pointer}" if pointer.startswith("/") else pointer, code, say) for pointer, code, say in told]


async def _below(session: AsyncSession, source: WebhookSource) -> frozenset[UUID] | None:
    """The units a source may write for; None for all."""
    if source.unit_id is None:
        return None
    today = await clock.today(session)
    return frozenset(await session.scalars(organizations.subtree(source.unit_id, today)))
