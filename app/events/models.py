from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actor import ActorKind
from app.core.db import Base, Id, choice


class Event(Base):
    """One change. Append-only by trigger. `subject_version` is the version it made; None for a row beneath a record."""

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
    """The project whose timeline this belongs to. No foreign key: events outlive their subjects."""
    address: Mapped[str | None] = mapped_column(String(45))
    """The address of the client; shown to auditors alone."""
    request_id: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class WrittenRows(Base):
    """The values, at the commit, of the rows that a transaction wrote. Append-only by trigger.

    Belongs to the last event of that transaction, and is sealed with it. `number` is taken at the commit, while the
    rows are locked, so two transactions that wrote the same row are numbered in the order of their commits.
    """

    __tablename__ = "written_rows"

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), unique=True)
    tables: Mapped[dict[str, Any]] = mapped_column(JSON)
    """By table: names of `columns`, how many of them are primary `keys`, `rows` of values, and keys of rows `gone`."""
