"""Receives a message of a source (Standard Webhooks 1.0, or CloudEvents 1.0 structured): verify it, store it, answer.

It is stored with its job before the answer; the job applies it.
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
from app.webhooks.inbound.intake import Intake, SourceAtReceipt, Stored, intake_of
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
    """A received request. Header names are in lower case."""

    headers: dict[str, str]
    body: bytes


async def receive(database: Database, trail: Trail, limit: RateLimit, source_id: str, sent: Sent) -> Stored:
    """Stores a message with the job that applies it. The same message again returns the same id and has no effect.

    Raises Unauthorized where the message is not authentic, Gone for a removed source, TooMany, WrongMediaType,
    BrokenRequest, Conflict for another body under an id already used.
    """
    intake = intake_of(database)
    source, now = await _source(intake, source_id), database.clock()
    subject = Subject("webhook_source", source.id) if source is not None else None
    reason = _refusal(source, sent)
    if reason is not None or source is None:
        await trail.note(None, SecurityEventType.hook_refused, subject, {"reason": reason, "operation": "receive_hook"})
        raise Unauthorized(_REFUSED, code="hook_refused")
    if source.is_removed:  # only its sender learns this: for strangers a removed source looks like an unknown one
        raise Gone(
            Say("来源已停用，请勿再推送。", "The source has been removed; send nothing more."), code="source_removed"
        )
    wait = limit.take(str(source.id), now)
    if wait is not None:
        raise TooMany(Say("推送过快，请稍后再送。", "Too many messages; send again later."), wait.total_seconds())
    stored = await intake.keep(row_of(source, sent))
    if stored is None:
        await trail.note(_actor(source), SecurityEventType.hook_refused, subject, {"reason": "other_body"})
        say = Say("这个消息编号已用于另一内容。", "That message id was used for another body.")
        raise Conflict(say, code="message_id_reused")
    return stored


def _actor(source: SourceAtReceipt) -> Actor:
    """Returns the source as an actor, without any units: its scope is read when the message is applied."""
    return Actor(f"source:{source.id}", source.name, ActorKind.token, unit_ids=frozenset())


async def _source(intake: Intake, source_id: str) -> SourceAtReceipt | None:
    try:
        parsed_id = UUID(source_id)
    except ValueError:
        return None
    return await intake.source(parsed_id)


def _refusal(source: SourceAtReceipt | None, sent: Sent) -> str | None:
    """Returns why the message is refused, None where it is authentic. For the log only: the sender is not told why."""
    if source is None:
        return "unknown_source"
    if not source.is_active:
        return "inactive"
    if source.networks and not _is_within(source.networks):
        return "address"
    for secret in source.secrets:
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
    sender = ip_address(address)
    return any(sender in ip_network(network) for network in networks)


@dataclass(frozen=True, slots=True)
class _Envelope:
    message_id: str
    content_type: str
    type: str | None
    data: Any
    errors: list[dict[str, Any]]


def _envelope(sent: Sent) -> _Envelope:
    """Parses the headers and the envelope of a request. Raises WrongMediaType, BrokenRequest."""
    header = EmailMessage()
    header["content-type"] = sent.headers.get("content-type", "")
    content_type, charset = header.get_content_type(), str(header.get_param("charset", "utf-8"))
    if content_type not in (reading.PLAIN, reading.CLOUD) or charset.lower() != "utf-8":
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


def row_of(source: SourceAtReceipt, sent: Sent) -> dict[str, Any]:
    """Returns the row of the inbox for a message that is authentic. Raises WrongMediaType, BrokenRequest."""
    envelope = _envelope(sent)
    row = {
        "id": new_id(),
        "source_id": source.id,
        "message_id": envelope.message_id,
        "body": _body_or_hash(envelope, sent.body),
        "content_type": envelope.content_type,
        "type": envelope.type,
        "object_kind": None,
        "external_id": None,
        "sequence": None,
        "state": InboxState.received,
        "errors": envelope.errors,
        "changed": [],
        "is_confirmed": source.is_confirmed,
        "trust_change_id": source.trust_change_id,
    }
    if envelope.errors:
        return row | {"state": InboxState.failed}
    kind = TYPES.get(envelope.type or "")
    if kind is None:
        return row | {"state": InboxState.ignored}
    data, errors = reading.read_data(kind, envelope.data, source.order)
    if data is None:
        return row | {"state": InboxState.failed, "errors": errors}
    row["body"] = sent.body
    number = getattr(data, kind.number_field)
    row |= {"object_kind": kind.object_kind, "external_id": data.id, "sequence": number}
    return row | {"state": InboxState.ignored, "errors": [reading.KEPT]} if kind.is_kept else row


def _body_or_hash(envelope: _Envelope, body: bytes) -> bytes:
    """Returns what is stored of a body that cannot be applied: the body, or for more than 16 KB its hash, which
    recognizes the same body sent again. No valid message is that long, so that the rest is of no use."""
    if len(body) <= _LONGEST_KEPT:
        return body
    summary = {"type": envelope.type, "kept": False, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    return json.dumps(summary).encode()


def rate_limit(most_a_minute: int) -> RateLimit:
    """Returns the rate limit on messages, counted by source."""
    return RateLimit(most_a_minute, timedelta(minutes=1))
