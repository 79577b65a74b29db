from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import NAME
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.webhooks.secrets import TwoSecrets

EXTERNAL_ID = String(200)


class SourceOrder(Word):
    sequence = "sequence", "按序号", "by the sender's numbers"
    arrival = "arrival", "按到达", "as they arrive"


class InboxState(Word):
    received = "received", "已收", "received"
    applied = "applied", "已办", "applied"
    ignored = "ignored", "不办的类型", "of a type we do not use"
    stale = "stale", "已有更新的", "older than what is known"
    waiting = "waiting", "等前一条", "waiting for the one before it"
    parked = "parked", "待人处理", "left to a person"
    failed = "failed", "未能办理", "failed"
    dismissed = "dismissed", "不再办理", "set aside"


class WebhookSource(TwoSecrets, Versioned, Base):
    """Another system that sends us messages.

    A source without a unit may write for the whole city, one with a unit for that unit and all below it.
    """

    __tablename__ = "webhook_sources"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("is_trusted = (trust_change_id IS NOT NULL)", name="trusted_by_change"),
    )

    name: Mapped[str] = mapped_column(NAME)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    order: Mapped[SourceOrder] = mapped_column(choice(SourceOrder, "order"))
    is_active: Mapped[bool] = mapped_column(Boolean)
    is_removed: Mapped[bool] = mapped_column(Boolean)
    is_trusted: Mapped[bool] = mapped_column(Boolean)
    """Whether its deals are approved at the source already; else people here approve them."""
    trust_change_id: Mapped[UUID | None]
    """The control change that confirmed this trust. Trust confirmed again has another id."""
    units: Mapped[dict[str, str]] = mapped_column(JSON)
    stages: Mapped[dict[str, str]] = mapped_column(JSON)
    """The source's names of units and stages → our codes."""
    networks: Mapped[list[str]] = mapped_column(JSON)
    """Addresses and networks it may send from; empty for any."""
    confirmed_since: Mapped[datetime | None]
    """When its scope was first confirmed. None before that: nothing it sends is applied."""
    confirmed_by: Mapped[str | None] = mapped_column(NAME)
    confirmed_by_name: Mapped[str | None] = mapped_column(NAME)
    confirmed_at: Mapped[datetime | None]
    """Who last confirmed its trust and scope. None where they were set before confirmation was required."""
    is_secret_split: Mapped[bool] = mapped_column(Boolean)
    """Nobody was given the whole secret: one person got the first part, another who confirmed it the second."""
    next_secret: Mapped[str | None] = mapped_column(String(400))
    """The whole secret, encrypted, that becomes valid once it is confirmed."""


class InboxMessage(Base):
    """A message of a source, byte for byte, and its state."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        UniqueConstraint("source_id", "message_id"),
        Index("ix_webhook_inbox_received_at", "received_at", "id"),
        Index("ix_webhook_inbox_state_received_at", "state", "received_at", "id"),
        Index("ix_webhook_inbox_object", "source_id", "object_kind", "external_id", "sequence"),
    )

    id: Mapped[Id]
    source_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_sources.id"))
    message_id: Mapped[str] = mapped_column(String(200))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str] = mapped_column(String(100))
    type: Mapped[str | None] = mapped_column(String(64))
    object_kind: Mapped[str | None] = mapped_column(String(40))
    external_id: Mapped[str | None] = mapped_column(EXTERNAL_ID)
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    """The number of a fact among those of its object, or the version of a snapshot."""
    state: Mapped[InboxState] = mapped_column(choice(InboxState, "state"))
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Why it is not applied: `{pointer, code, zh, en}`."""
    changed: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Records it changed: `{type, id}` of each, with `instead_of` where a merged record was meant."""
    is_confirmed: Mapped[bool] = mapped_column(Boolean)
    """Whether the source's scope was confirmed when the message was received. Else it is never applied."""
    trust_change_id: Mapped[UUID | None]
    """The source's trust when the message was received, None for none: it approves deals only under the same trust."""
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class ExternalObject(Base):
    """The id that a source uses for one of our records, with the last fact and snapshot of it that were applied."""

    __tablename__ = "webhook_objects"

    source_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_sources.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    external_id: Mapped[str] = mapped_column(EXTERNAL_ID, primary_key=True)
    record_id: Mapped[UUID | None]
    """No foreign key: the record may be in several tables."""
    is_linked: Mapped[bool] = mapped_column(Boolean)
    """A person has linked the record: a message that registers it creates no second one."""
    last_sequence: Mapped[int | None] = mapped_column(BigInteger)
    last_version: Mapped[int | None] = mapped_column(BigInteger)


errors.on_conflict(
    errors.rule_of(WebhookSource.__table__, "uq_webhook_sources_name"),
    "source_name_taken",
    Say("已有这个名称的来源。", "A source of that name exists."),
)
