from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actor import ActorKind
from app.core.db import Base, Id, choice


class Event(Base):
    """One change. Append-only by trigger. `subject_version` is the version the change made, none for a row beneath."""

    __tablename__ = "events"
    __table_args__ = (
        Index("uq_events_subject_version", "subject_type", "subject_id", "subject_version", unique=True),
        Index("ix_events_project_id_at", "project_id", "at", "id"),
        Index("ix_events_at", "at", "id"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[str] = mapped_column(String(100))
    actor_name: Mapped[str] = mapped_column(String(200))
    actor_kind: Mapped[ActorKind] = mapped_column(choice(ActorKind, "actor_kind"))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID]
    subject_version: Mapped[int | None] = mapped_column(Integer)
    project_id: Mapped[UUID | None]
    """The project whose timeline this belongs to. No foreign key: events outlive what they tell of."""
    address: Mapped[str | None] = mapped_column(String(45))
    """Where it came from; for auditors alone."""
    request_id: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class WrittenRows(Base):
    """What the rows that a transaction wrote said when it was committed. Append-only by trigger.

    Part of the last event of that transaction, and sealed with it. `number` is taken at the commit, while the rows are
    locked, so the rows of two transactions that wrote the same one stand in the order of their commits.
    """

    __tablename__ = "written_rows"

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), unique=True)
    tables: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By name of the table: `columns`, how many of them are its `keys`, `rows` of values, and keys of rows `gone`."""
