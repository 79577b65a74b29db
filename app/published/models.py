from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core import errors
from app.core.column_types import CODE, NAME, PROSE
from app.core.db import Base, Id, choice
from app.core.localized import Say, Word
from app.core.money import Money


class PublishedKind(Word):
    """What a published figure counts; some kinds the system does not count yet."""

    signings = "signings", "签约", "signings"
    same_quarter_landed = "same_quarter_landed", "当季签约当季落地", "landed in the quarter of signing"
    collective_start = "collective_start", "集中开工", "collective start"
    started_or_resumed = "started_or_resumed", "开复工", "started or resumed"
    planned_year = "planned_year", "谋划实施", "planned for the year"
    city_activities = "city_activities", "市领导带队招商活动", "activities led by city leaders"
    district_activities = "district_activities", "县区领导带队招商活动", "activities led by district leaders"
    other = "other", "其他", "other"


class PublishedFigure(Base):
    """One figure as it was published. Append-only: a figure published again supersedes the earlier row."""

    __tablename__ = "published_figures"
    __table_args__ = (
        CheckConstraint(
            "count IS NOT NULL OR amount IS NOT NULL OR planned_this_year IS NOT NULL", name="says_something"
        ),
        CheckConstraint("count >= 0 AND amount >= 0 AND planned_this_year >= 0", name="not_negative"),
        CheckConstraint(
            "(precision IS NOT NULL) = (amount IS NOT NULL OR planned_this_year IS NOT NULL)",
            name="precision_of_amounts",
        ),
        CheckConstraint("precision > 0", name="precision_positive"),
        CheckConstraint("supersedes_id IS NULL OR supersedes_id <> id", name="not_itself"),
        Index("ix_published_figures_period", "period", "kind", "id"),
    )

    id: Mapped[Id]
    reference: Mapped[str | None] = mapped_column(CODE)
    """The office's own number for it."""
    kind: Mapped[PublishedKind] = mapped_column(choice(PublishedKind, "kind"))
    period: Mapped[str] = mapped_column(CODE)
    min_planned_total: Mapped[Decimal | None] = mapped_column(Money)
    """The threshold it was published under, in yuan, such as 亿元以上."""
    count: Mapped[int | None]
    amount: Mapped[Decimal | None] = mapped_column(Money)
    planned_this_year: Mapped[Decimal | None] = mapped_column(Money)
    precision: Mapped[Decimal | None] = mapped_column(Money)
    """What its amounts were rounded to, in yuan."""
    caliber: Mapped[str | None] = mapped_column(PROSE)
    """The words in which it was published."""
    source: Mapped[str] = mapped_column(NAME)
    published_on: Mapped[date | None]
    explanation: Mapped[str | None] = mapped_column(PROSE)
    """Why it differs from what the system has."""
    explanation_en: Mapped[str | None] = mapped_column(PROSE)
    """The same in English."""
    supersedes_id: Mapped[UUID | None] = mapped_column(ForeignKey("published_figures.id"), unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(NAME)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


errors.on_conflict(
    errors.rule_of(PublishedFigure.__table__, "uq_published_figures_supersedes_id"),
    "superseded_already",
    Say("这个数已有更新的发布，请更新最近的那一个。", "It was superseded already; supersede the latest one."),
)
