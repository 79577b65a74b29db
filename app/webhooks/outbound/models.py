from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.column_types import NAME
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Word
from app.webhooks.secrets import TwoSecrets

LONGEST_ANSWER = 2048


class Disabled(Word):
    gone = "gone", "对方答复 410", "it answered 410"
    failing = "failing", "连续失败五天", "it failed for five days"


class DeliveryState(Word):
    pending = "pending", "待送", "to be sent"
    delivered = "delivered", "已送达", "delivered"
    failed = "failed", "未送达", "not delivered"
    withheld = "withheld", "不再可见，未送", "withheld: no longer within sight"


class NotSent(Word):
    """Why an attempt got no answer, or no request was made."""

    address = "address", "地址不在允许之列", "an address that is not allowed"
    unreachable = "unreachable", "连接不上", "not reached"
    certificate = "certificate", "证书不被信任", "its certificate is not trusted"
    timeout = "timeout", "未在时限内答复", "no answer in time"
    dropped = "dropped", "未答复即断开", "hung up without an answer"
    secret = "secret", "密钥无法解开", "its secret cannot be read"
    fault = "fault", "系统出错", "a fault of ours"


IS_UNSPREAD = text("spread_at IS NULL")


class WebhookEndpoint(TwoSecrets, Versioned, Base):
    """An address that receives messages about what its owner sees, limited to a unit and all below it if it has one.

    The sender's updates of its health are no edits: they raise no version.
    """

    __tablename__ = "webhook_endpoints"

    name: Mapped[str] = mapped_column(NAME)
    url: Mapped[str] = mapped_column(String(500))
    types: Mapped[list[str]] = mapped_column(JSON)
    """Patterns: a type, `deal.*`, or `*`."""
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    is_active: Mapped[bool] = mapped_column(Boolean)
    is_removed: Mapped[bool] = mapped_column(Boolean)
    disabled: Mapped[Disabled | None] = mapped_column(choice(Disabled, "disabled"))
    """Why the service switched it off by itself."""
    failures: Mapped[int] = mapped_column(Integer)
    """Failed attempts since the last successful one."""
    failing_since: Mapped[datetime | None]
    last_failed_at: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    """End of the backoff: before it only pings are sent."""
    turn: Mapped[int] = mapped_column(Integer)
    turn_until: Mapped[datetime | None]
    """The lease of the sender that serves the endpoint. `turn` rises with each lease, so that an expired sender cannot
    renew it: one sender at a time."""
    served_at: Mapped[datetime | None]


class WebhookStream(Base):
    """The last message number of an object; its row is locked while the next number is taken."""

    __tablename__ = "webhook_streams"

    object_type: Mapped[str] = mapped_column(String(40), primary_key=True)
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_sequence: Mapped[int] = mapped_column(Integer)


class WebhookMessage(Base):
    """A message to other systems, byte for byte, written in the transaction of its event."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        Index("ix_webhook_messages_created_at", "created_at", "id"),
        Index("ix_webhook_messages_unspread", "id", sqlite_where=IS_UNSPREAD, postgresql_where=IS_UNSPREAD),
    )

    id: Mapped[Id]
    event_id: Mapped[UUID | None]
    """No foreign key: an event is never deleted, its messages are."""
    type: Mapped[str] = mapped_column(String(64))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[UUID]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    spread_at: Mapped[datetime | None]
    """When its deliveries were created (fan-out)."""


class WebhookDelivery(Base):
    """One message to one endpoint. While pending, the row is also the queue entry, due at `next_at`."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "message_id"),
        Index("ix_webhook_deliveries_message_id", "message_id"),
        Index("ix_webhook_deliveries_endpoint_id_created_at", "endpoint_id", "created_at", "id"),
        Index("ix_webhook_deliveries_endpoint_id_state", "endpoint_id", "state", "next_at"),
    )

    id: Mapped[Id]
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_messages.id"))
    state: Mapped[DeliveryState] = mapped_column(choice(DeliveryState, "state"))
    is_ping: Mapped[bool] = mapped_column(Boolean)
    """Sent once, also during the endpoint's backoff or while it is off."""
    attempts: Mapped[int] = mapped_column(Integer)
    """Attempts of the present round: a redelivery or replay starts at 0."""
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class WebhookAttempt(Base):
    """One request and its outcome: a status, or why there is none."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (Index("ix_webhook_attempts_endpoint_id_at", "endpoint_id", "at"),)

    id: Mapped[Id]
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_deliveries.id"), index=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoints.id"))
    at: Mapped[datetime]
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[NotSent | None] = mapped_column(choice(NotSent, "error"))
    milliseconds: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(LONGEST_ANSWER))
    """The first 2 KB of the answer."""
