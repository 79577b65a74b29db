"""Amounts of a project, in yuan. Each kind is a series of dated versions; a total uses the version valid at its moment.

Two amounts are not stored here: money that arrived is a sum of audited vouchers (`evidence`), and the agreed amount
belongs to the deal and its ledger.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import ConfigDict, Field
from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock, knowledge, money
from app.core.actor import Actor
from app.core.body import body
from app.core.clock import Day, Moment
from app.core.column_types import NAME
from app.core.currency import CNY, ForeignMoney, ForeignMoneyRead, in_yuan
from app.core.db import Base, Id, choice
from app.core.errors import Invalid
from app.core.localized import Say, Word
from app.core.money import Amount, Money, Yuan
from app.core.text import Text
from app.events import service as events
from app.projects.derived_columns import keep
from app.projects.models import Project


class AmountKind(Word):
    planned_total = "planned_total", "计划总投资", "planned total"
    agreed_external = "agreed_external", "合同域外资金", "agreed from outside"
    filed = "filed", "备案额", "filed"
    planned_fixed_assets = "planned_fixed_assets", "计划固投", "planned fixed assets"
    planned_this_year = "planned_this_year", "当年计划", "planned this year"
    done = "done", "完成投资", "done"


_WITH_YEAR = {AmountKind.planned_this_year, AmountKind.done}


class ProjectAmount(Base):
    """One version of one amount. Append-only."""

    __tablename__ = "project_amounts"
    __table_args__ = (
        CheckConstraint("value >= 0 AND value < 100000000000000", name="value_in_range"),
        CheckConstraint("(year IS NOT NULL) = (kind IN ('planned_this_year', 'done'))", name="year_where_due"),
        CheckConstraint("(through_on IS NOT NULL) = (kind = 'done')", name="through_where_done"),
        CheckConstraint("(currency = 'CNY') = (original_amount IS NULL)", name="original_where_foreign"),
        CheckConstraint(
            "(original_amount IS NULL) = (rate IS NULL) AND (rate IS NULL) = (rate_on IS NULL)"
            " AND (rate IS NULL) = (rate_source IS NULL)",
            name="rate_complete",
        ),
        Index("ix_project_amounts_version", "project_id", "kind", "year", "effective_on", "recorded_at"),
    )

    id: Mapped[Id]
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[AmountKind] = mapped_column(choice(AmountKind, "kind"))
    value: Mapped[Decimal] = mapped_column(Money)
    year: Mapped[int | None]
    through_on: Mapped[date | None]
    effective_on: Mapped[date]
    source: Mapped[str] = mapped_column(NAME)
    currency: Mapped[str] = mapped_column(String(3))
    original_amount: Mapped[Decimal | None] = mapped_column(Money)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    rate_on: Mapped[date | None]
    rate_source: Mapped[str | None] = mapped_column(NAME)
    recorded_at: Mapped[datetime]
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"), index=True)


_LATEST_FIRST = (
    func.coalesce(ProjectAmount.through_on, ProjectAmount.effective_on).desc(),
    ProjectAmount.recorded_at.desc(),
    ProjectAmount.id.desc(),
)


class AmountCreate(ForeignMoney):
    """A new version. Give `value` for yuan; for foreign money give `currency`, `original_amount` and its rate."""

    model_config = body(
        {
            "kind": "planned_total",
            "value": "8680000000.00",
            "effective_on": "2023-02-27",
            "source": "投资协议",
        }
    )

    kind: AmountKind
    value: Amount | None = None
    year: int | None = Field(None, ge=1949, le=2199, description="当年计划、完成投资必填 / planned_this_year and done")
    through_on: Day | None = Field(
        None,
        description=(
            "完成投资统计到哪一天，在该年度内；同一截止日再次登记即更正，不同截止日的累计额不减少。"
            "done: through which day of its year. The same day again corrects it; sums never get less from day to day."
        ),
    )
    effective_on: Day
    source: Text


class AmountRead(ForeignMoneyRead):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: AmountKind
    value: Yuan
    year: int | None
    through_on: date | None
    effective_on: date
    source: str
    recorded_at: Moment


def _check(body: AmountCreate, today: date) -> None:
    if (body.year is not None) != (body.kind in _WITH_YEAR):
        raise Invalid.field(
            "/year",
            "year_where_due",
            Say(
                "当年计划和完成投资须填年度，其他金额不填。",
                "A year goes with planned_this_year and done, and only there.",
            ),
        )
    if (body.through_on is not None) != (body.kind is AmountKind.done):
        raise Invalid.field(
            "/through_on",
            "through_where_done",
            Say("完成投资须填统计截止日，其他金额不填。", "through_on goes with done, and only there."),
        )
    if body.through_on is not None and body.through_on.year != body.year:
        raise Invalid.field(
            "/through_on",
            "not_in_year",
            Say(
                f"完成投资按年累计，截止日应在 {body.year} 年内。",
                f"What is done is counted within its year: a day of {body.year}.",
            ),
        )
    clock.refuse_after(body.effective_on, today, "/effective_on")
    clock.refuse_after(body.through_on, today, "/through_on")


def _excess(body: AmountCreate, value: Decimal, other: ProjectAmount) -> Decimal:
    """Returns the new amount minus another one. Two amounts in the same foreign currency are compared in that currency,
    because rates change."""
    if body.currency == other.currency and body.original_amount is not None and other.original_amount is not None:
        return body.original_amount - other.original_amount
    return value - other.value


async def _refuse_decrease(session: AsyncSession, project_id: UUID, body: AmountCreate, value: Decimal) -> None:
    """Raises Invalid where the investment done in a year would decrease from one day to a later one, naming that day.

    Entering a day again replaces its sum, so a wrong sum is corrected on its own day. To correct several days
    downwards, start with the earliest; upwards, with the latest.
    """
    same = (ProjectAmount.project_id == project_id, ProjectAmount.kind == body.kind, ProjectAmount.year == body.year)
    rows = await session.scalars(select(ProjectAmount).where(*same).order_by(*_LATEST_FIRST))
    by_day: dict[date, ProjectAmount] = {}
    for row in rows:
        assert row.through_on is not None
        by_day.setdefault(row.through_on, row)
    assert body.through_on is not None
    earlier = max((day for day in by_day if day < body.through_on), default=None)
    later = min((day for day in by_day if day > body.through_on), default=None)
    for day, is_wrong in (
        (earlier, earlier is not None and _excess(body, value, by_day[earlier]) < 0),
        (later, later is not None and _excess(body, value, by_day[later]) > 0),
    ):
        if day is not None and is_wrong:
            sum_then = money.text(by_day[day].value)
            raise Invalid.field(
                "/value" if body.currency == CNY else "/original_amount",
                "done_descends",
                Say(
                    f"截至 {day} 已登记完成 {sum_then} 元，年内累计不能减少；"
                    f"若是那一笔有误，请先以截止日 {day} 重新登记。",
                    f"{sum_then} yuan were done through {day}, and a year's sum never gets less; "
                    f"if that one is wrong, enter the day {day} again first.",
                ),
            )


async def add(session: AsyncSession, actor: Actor, project: Project, body: AmountCreate) -> AmountRead:
    """Adds a version to a project that the caller holds locked. Does not raise the project's version.

    Raises Invalid where a field is wrong, or the investment done in a year would decrease from one day to a later one.
    """
    today = await clock.today(session)
    _check(body, today)
    value = in_yuan(body, body.value, "/value", today)
    if body.kind is AmountKind.done:
        await _refuse_decrease(session, project.id, body, value)
    event_id = await events.note(
        session,
        actor,
        "project.amount_added",
        "project",
        project.id,
        body.model_dump(mode="json"),
        project_id=project.id,
    )
    amount = ProjectAmount(
        project_id=project.id,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **{**body.model_dump(), "value": value},
    )
    session.add(amount)
    await session.flush()
    if body.kind is AmountKind.planned_total:
        await keep_planned_total(session, project.id)
    return AmountRead.model_validate(amount)


async def keep_planned_total(session: AsyncSession, project_id: UUID) -> None:
    """Sets the project's `planned_total` to the latest version."""
    latest = (
        select(ProjectAmount.value)
        .where(ProjectAmount.project_id == project_id, ProjectAmount.kind == AmountKind.planned_total)
        .order_by(ProjectAmount.effective_on.desc(), ProjectAmount.recorded_at.desc(), ProjectAmount.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    await keep(session, project_id, planned_total=latest)


async def versions(session: AsyncSession, project_id: UUID) -> Sequence[AmountRead]:
    """Returns all versions of all amounts, the valid one of each kind and year first. Of `done`, the latest version of
    the latest `through_on` is valid."""
    rows = await session.execute(
        select(*(getattr(ProjectAmount, name) for name in AmountRead.model_fields))
        .where(ProjectAmount.project_id == project_id)
        .order_by(
            ProjectAmount.kind,
            ProjectAmount.year,
            *_LATEST_FIRST,
        )
    )
    return [AmountRead.model_validate(row) for row in rows]
