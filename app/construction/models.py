"""Append-only rows. The last row of each series is in force: rows with odd numbers enter, even ones withdraw."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.column_types import NAME, PROSE
from app.core.db import Base, Id

_EVEN_WITHDRAWS = "is_withdrawn = (seq % 2 = 0)"
_REASON = "(reason IS NOT NULL) = is_withdrawn"


class PlanListRow(Base):
    """谋划实施项目库: puts a project on the plan list of a year, or takes it off. What is planned for the year is an
    amount of the project."""

    __tablename__ = "plan_list_rows"
    __table_args__ = (
        UniqueConstraint("project_id", "year", "seq"),
        CheckConstraint(_EVEN_WITHDRAWS, name="stands_or_withdraws"),
        CheckConstraint(_REASON, name="withdrawal_has_reason"),
        Index("ix_plan_list_rows_year", "year", "project_id", "recorded_at"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    year: Mapped[int]
    seq: Mapped[int]
    is_withdrawn: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(PROSE)
    source: Mapped[str | None] = mapped_column(NAME)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class StartBatch(Base):
    """集中开工: one ceremony. A batch entered by mistake, or on a wrong day, is withdrawn and entered again."""

    __tablename__ = "start_batches"
    __table_args__ = (Index("ix_start_batches_held_on", "held_on", "id"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(NAME)
    held_on: Mapped[date]
    source: Mapped[str | None] = mapped_column(NAME)
    is_illustrative: Mapped[bool]
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class StartBatchWithdrawal(Base):
    __tablename__ = "start_batch_withdrawals"

    id: Mapped[Id]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("start_batches.id"), unique=True)
    reason: Mapped[str] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class StartBatchRow(Base):
    """A project that started with a batch, or was withdrawn from it."""

    __tablename__ = "start_batch_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "project_id", "seq"),
        CheckConstraint(_EVEN_WITHDRAWS, name="stands_or_withdraws"),
        CheckConstraint(_REASON, name="withdrawal_has_reason"),
    )

    id: Mapped[Id]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("start_batches.id"))
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"), index=True)
    seq: Mapped[int]
    is_withdrawn: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class WorkResumption(Base):
    """复工: construction continues in a year; at most one is in force per project and year."""

    __tablename__ = "work_resumptions"
    __table_args__ = (
        UniqueConstraint("project_id", "year", "seq"),
        CheckConstraint(_EVEN_WITHDRAWS, name="stands_or_withdraws"),
        CheckConstraint(_REASON, name="withdrawal_has_reason"),
        Index("ix_work_resumptions_on", "on", "project_id"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    year: Mapped[int]
    seq: Mapped[int]
    on: Mapped[date]
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    note: Mapped[str | None] = mapped_column(PROSE)
    is_withdrawn: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(PROSE)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)
