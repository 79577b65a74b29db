from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import NAME, PINYIN
from app.core.db import Base, Id, Versioned
from app.core.localized import Say
from app.core.money import Money
from app.search import index
from app.search.keys import Match, Style


class TaskForce(Versioned, Base):
    """产业招商专班. A closed one keeps what was counted for it."""

    __tablename__ = "task_forces"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
        Index("ix_task_forces_name_pinyin_id", "name_pinyin", "id"),
    )

    name: Mapped[str] = mapped_column(NAME)
    name_en: Mapped[str | None] = mapped_column(NAME)
    short_name: Mapped[str | None] = mapped_column(NAME)
    """For axes and rows: 煤化工."""
    name_pinyin: Mapped[str] = mapped_column(PINYIN)
    lead_official_id: Mapped[UUID | None] = mapped_column(ForeignKey("officials.id"), index=True)
    lead_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    cadence: Mapped[str | None] = mapped_column(NAME)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    source: Mapped[str | None] = mapped_column(NAME)


class TaskForceUnit(Base):
    __tablename__ = "task_force_units"

    task_force_id: Mapped[UUID] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)


class TaskForceMember(Base):
    __tablename__ = "task_force_members"

    task_force_id: Mapped[UUID] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    official_id: Mapped[UUID] = mapped_column(ForeignKey("officials.id"), primary_key=True, index=True)
    duty: Mapped[str | None] = mapped_column(NAME)


class TaskForceIndustry(Base):
    __tablename__ = "task_force_industries"

    task_force_id: Mapped[UUID] = mapped_column(ForeignKey("task_forces.id"), primary_key=True)
    industry_code: Mapped[str] = mapped_column(ForeignKey("industries.code"), primary_key=True, index=True)


class TaskForceTarget(Base):
    """The targets of a task force in a year; an empty field is no target. Append-only: the last row is in force. The
    earlier rows are kept, so that what was known at an earlier moment can still be computed."""

    __tablename__ = "task_force_targets"
    __table_args__ = (
        CheckConstraint("signings >= 0 AND amount >= 0 AND same_quarter_landed >= 0", name="not_negative"),
        Index("ix_task_force_targets_known", "task_force_id", "year", "recorded_at"),
    )

    id: Mapped[Id]
    task_force_id: Mapped[UUID] = mapped_column(ForeignKey("task_forces.id"))
    year: Mapped[int]
    signings: Mapped[int | None]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    same_quarter_landed: Mapped[int | None]
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(TaskForce.__table__, "uq_task_forces_name"),
    "task_force_name_taken",
    Say("已有同名专班。", "A task force of that name is on record already."),
)

index.register(
    "task_force",
    TaskForce,
    {
        "name": (Match.own_name, Style.NAME),
        "short_name": (Match.short_name, Style.NAME),
        "name_en": (Match.name_en, Style.TEXT),
    },
)
