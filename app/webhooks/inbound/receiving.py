"""Receiving a message of a source (Standard Webhooks 1.0, or CloudEvents 1.0 structured): prove it, keep it, answer.

It is kept with its job before it is answered; what it says is looked at by the job.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.audit.models import SecurityEventType
from app.audit.trail import Subject, Trail
from app.core import client
from app.core.actor import Actor, ActorKind
from app.core.db import Database
from app.core.errors import BrokenRequest, Conflict, Gone, TooMany, Unauthorized, WrongMediaType
from app.core.ids import new_id
from app.core.localized import Say
from app.core.rate_limits import RateLimit
from app.webhooks.inbound import reading
from app.webhooks.inbound.intake import Intake, Known, Taken, intake_of
from app.webhooks.inbound.models import InboxState
from app.webhooks.inbound.types import TYPES

_LONGEST_ID = 200
_LONGEST_KEPT = 16 * 1024
_REFUSED = Say(
    "来源不明、签名不符或已过时；请核对地址、密钥和时钟。",
    "The source is unknown, or the signature wrong or out of time: check the address, the secret and the clock.",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came. `headers` are in lower case."""

    headers: dict[str, str]
    body: bytes


async def receive(database: Database, trail: Trail, pace: RateLimit, source_id: str, sent: Sent) -> Taken:
    """Keep a message with the job that applies it. The same again is answered alike; nothing else has effects here.

    Raises Unauthorized for whatever is not proved, Gone, TooMany, WrongMediaType, BrokenRequest, Conflict for another
    body under an id that is taken.
    """
    intake = intake_of(database)
    found, now = await _source(intake, source_id), database.clock()
    subject = Subject("webhook_source", found.id) if found is not None else None
    reason = _why_not(found, sent)
    if reason is not None or found is None:
        await trail.note(None, SecurityEventType.hook_refused, subject, {"reason": reason, "operation": "receive_hook"})
        raise Unauthorized(_REFUSED, code="hook_refused")
    if found.is_removed:  # said to its sender alone: to strangers it is as any other unknown one
        raise Gone(
            Say("来源已停用，请勿再推送。", "The source has been removed; send nothing more."), code="source_removed"
        )
    wait = pace.take(str(found.id), now)
    if wait is not None:
        raise TooMany(Say("推送过快，请稍后再送。", "Too many messages; send again later."), wait.total_seconds())
    envelope = _envelope(sent)
    taken = await intake.keep(_row(found, envelope, sent))
    if taken is None:
        await trail.note(_actor(found), SecurityEventType.hook_refused, subject, {"reason": "other_body"})
        say = Say("这个消息编号已用于另一内容。", "That message id was used for another body.")
        raise Conflict(say, code="message_id_reused")
    return taken


def _actor(found: Known) -> Actor:
    """Who does what a source asks for: itself, by its name. What it reaches is found out when it is done."""
    return Actor(f"source:{found.id}", found.name, ActorKind.token, unit_ids=frozenset())


async def _source(intake: Intake, source_id: str) -> Known | None:
    try:
        wanted = UUID(source_id)
    except ValueError:
        return None
    return await intake.source(wanted)


def _why_not(found: Known | None, sent: Sent) -> str | None:
    """For the log alone: the sender learns only that it is refused."""
    if found is None:
        return "unknown_source"
    if not found.is_active:
        return "inactive"
    if found.networks and not _is_within(found.networks):
        return "address"
    for secret in found.secrets:
        try:
            Webhook(secret).verify(sent.body, sent.headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            continue
        return None
    return "signature"


def _is_within(networks: list[str]) -> bool:
    address = client.current().address
    if address is None:
        return False
    came_from = ip_address(address)
    return any(came_from in ip_network(network) for network in networks)


@dataclass(frozen=True, slots=True)
class _Envelope:
    message_id: str
    content_type: str
    type: str | None
    data: Any
    errors: list[dict[str, Any]]


def _envelope(sent: Sent) -> _Envelope:
    """Raises WrongMediaType, BrokenRequest."""
    told = EmailMessage()
    told["content-type"] = sent.headers.get("content-type", "")
    content_type = told.get_content_type()
    if content_type not in (reading.PLAIN, reading.CLOUD) or str(told.get_param("charset", "utf-8")).lower() != "utf-8":
        say = Say(f"请以 {reading.PLAIN} 或 {reading.CLOUD} 发送。", f"Send it as {reading.PLAIN} or {reading.CLOUD}.")
        raise WrongMediaType(say, code="media_type")
    message_id = sent.headers["webhook-id"]
    if len(message_id) > _LONGEST_ID or not (message_id.isascii() and message_id.isprintable()):
        raise BrokenRequest(
            Say("webhook-id 应为 1 至 200 个可见字符。", "1 to 200 printable characters in webhook-id.")
        )
    try:
        read = reading.json_object(sent.body)
    except ValueError:
        raise BrokenRequest(
            Say("正文应为 JSON 对象。", "The body should be a JSON object."), code="json_invalid"
        ) from None
    type, errors = reading.read_envelope(content_type, read)
    return _Envelope(message_id, content_type, type, read.get("data"), errors)


def _row(found: Known, envelope: _Envelope, sent: Sent) -> dict[str, Any]:
    row = {
        "id": new_id(),
        "source_id": found.id,
        "message_id": envelope.message_id,
        "body": _kept(envelope, sent.body),
        "content_type": envelope.content_type,
        "type": envelope.type,
        "object_kind": None,
        "external_id": None,
        "sequence": None,
        "state": InboxState.received,
        "errors": envelope.errors,
        "changed": [],
        "is_confirmed": found.is_confirmed,
        "trust_change_id": found.trust_change_id,
    }
    if envelope.errors:
        return row | {"state": InboxState.failed}
    kind = TYPES.get(envelope.type or "")
    if kind is None:
        return row | {"state": InboxState.ignored}
    data, errors = reading.read_data(kind, envelope.data, found.order)
    if data is None:
        return row | {"state": InboxState.failed, "errors": errors}
    row["body"] = sent.body
    number = getattr(data, kind.number_field)
    row |= {"object_kind": kind.object_kind, "external_id": data.id, "sequence": number}
    return row | {"state": InboxState.ignored, "errors": [reading.KEPT]} if kind.is_kept else row


def _kept(envelope: _Envelope, body: bytes) -> bytes:
    """What is kept of a body that cannot be applied: all of it, or of a long one its hash, by which the same body sent
    again is known. No message of ours is that long, so that nobody could mend it."""
    if len(body) <= _LONGEST_KEPT:
        return body
    told = {"type": envelope.type, "kept": False, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(told).encode()


def pace(most_a_minute: int) -> RateLimit:
    return RateLimit(most_a_minute, timedelta(minutes=1))
