from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import NAME
from app.core.db import Base, Versioned, choice
from app.core.localized import Say, Word


class IndustryLevel(Word):
    section = "section", "门类", "section"
    division = "division", "大类", "division"
    class_ = "class", "小类", "class"


class Sector(Word):
    """三次产业, derived by 《三次产业划分规定》."""

    primary = "primary", "第一产业", "primary"
    secondary = "secondary", "第二产业", "secondary"
    tertiary = "tertiary", "第三产业", "tertiary"


class Industry(Base):
    """GB/T 4754-2017. Sections, divisions and the classes used; the official table can be imported over these rows."""

    __tablename__ = "industries"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    level: Mapped[IndustryLevel] = mapped_column(choice(IndustryLevel, "level"))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("industries.code"), index=True)
    sector: Mapped[Sector | None] = mapped_column(choice(Sector, "sector"))


class CalendarYear(Versioned, Base):
    """The working calendar of a year, as set by one notice. `is_provisional` 暂估: statutory days, no notice yet."""

    __tablename__ = "calendar_years"
    __table_args__ = (UniqueConstraint("year"),)

    year: Mapped[int]
    source: Mapped[str] = mapped_column(NAME)
    is_provisional: Mapped[bool]


class HolidayKind(Word):
    off = "off", "放假", "day off"
    work = "work", "调休上班", "worked weekend day"


class Holiday(Base):
    """An exception to the weekday: a day off or a worked weekend day."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[HolidayKind] = mapped_column(choice(HolidayKind, "kind"))
    name_zh: Mapped[str] = mapped_column(String(40))


errors.on_conflict(
    errors.rule_of(CalendarYear.__table__, "uq_calendar_years_year"),
    "recorded_meanwhile",
    Say("别人刚刚登记了这一年，请重新读取。", "Somebody has just recorded this year; read it again."),
)
