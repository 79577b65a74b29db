from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import CODE, NAME, PINYIN
from app.core.db import Base, Id, Versioned, choice
from app.core.localized import Say, Word
from app.search import index
from app.search.keys import Match, Style


class UnitKind(Word):
    city = "city", "市", "city"
    leadership = "leadership", "市领导机关", "city leadership"
    department = "department", "市直部门", "department"
    district = "district", "县区", "district or county"
    zone = "zone", "开发区", "development zone"
    platform = "platform", "平台公司", "platform company"
    provider = "provider", "要素保障部门", "factor provider"


class Unit(Versioned, Base):
    """单位. A closed unit keeps what was counted for it and stays under its last parent."""

    __tablename__ = "units"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="closed_after_opened"),
        Index("ix_units_name_pinyin_id", "name_pinyin", "id"),
    )

    code: Mapped[str] = mapped_column(CODE)
    division_code: Mapped[str | None] = mapped_column(CODE)
    name: Mapped[str] = mapped_column(NAME)
    name_en: Mapped[str | None] = mapped_column(NAME)
    short_name: Mapped[str | None] = mapped_column(NAME)
    """For axes and rows: 清原县."""
    name_pinyin: Mapped[str] = mapped_column(PINYIN)
    kind: Mapped[UnitKind] = mapped_column(choice(UnitKind, "kind"))
    is_assessed: Mapped[bool]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    source: Mapped[str | None] = mapped_column(NAME)


class UnitParent(Base):
    """The parent of a unit from a day on. Append-only: of the latest day the last row recorded is in force."""

    __tablename__ = "unit_parents"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> unit_id", name="not_itself"),
        Index("ix_unit_parents_unit_id_valid_from", "unit_id", "valid_from", "recorded_at"),
    )

    id: Mapped[Id]
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    valid_from: Mapped[date]
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


class Official(Versioned, Base):
    """领导或工作人员. The phone is personal data: masked in answers, never in the event log."""

    __tablename__ = "officials"
    __table_args__ = (Index("ix_officials_name_pinyin_id", "name_pinyin", "id"),)

    name: Mapped[str] = mapped_column(NAME)
    name_pinyin: Mapped[str] = mapped_column(PINYIN)
    phone: Mapped[str | None] = mapped_column(CODE)
    is_illustrative: Mapped[bool]


class Post(Base):
    """A person holding a post in a unit for a term. `is_top_leader`: 党政一把手."""

    __tablename__ = "posts"
    __table_args__ = (CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="ended_after_started"),)

    id: Mapped[Id]
    official_id: Mapped[UUID] = mapped_column(ForeignKey("officials.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    title: Mapped[str] = mapped_column(NAME)
    is_top_leader: Mapped[bool]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(Unit.__table__, "uq_units_code"),
    "unit_code_taken",
    Say("单位代码已被使用。", "That unit code is in use."),
)

index.register(
    "unit",
    Unit,
    {
        "code": (Match.code, Style.NUMBER),
        "name": (Match.own_name, Style.NAME),
        "short_name": (Match.short_name, Style.NAME),
        "name_en": (Match.name_en, Style.TEXT),
    },
)
index.register("official", Official, {"name": (Match.own_name, Style.PERSON)})
