"""Enters published figures, and sets them beside what the system has over the same period."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core import clock, knowledge, money
from app.core.actor import Actor, Permission
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.localized import Label, Say
from app.core.records import one, plain
from app.events import service as events
from app.published import rounding
from app.published.models import PublishedFigure, PublishedKind
from app.published.schemas import (
    Difference,
    PublishedBesideOurs,
    PublishedCreate,
    PublishedFigures,
    PublishedQuery,
    PublishedRead,
    PublishedSupersede,
    PublishedValues,
    SystemFigure,
)
from app.totals import overview, periods
from app.totals.figure_schemas import FigureRead
from app.totals.filters import Asked, OverviewFilter

FIGURE = Say("对外发布数", "published figure")

_NUMBERS = ("count", "amount", "planned_this_year")
_NOT_COUNTED = {
    PublishedKind.city_activities: Say("招商活动尚未建库。", "There is no room for activities yet."),
    PublishedKind.district_activities: Say("招商活动尚未建库。", "There is no room for activities yet."),
    PublishedKind.other: Say("系统没有对应的数。", "The system has no such figure."),
}
_Count = Callable[[AsyncSession, Actor, Asked, OverviewFilter], Awaitable[SystemFigure]]
_NOT_CITY_WIDE = Say("只有全市范围可以对照发布数。", "Only who sees the whole city compares with what was published.")


async def create(session: AsyncSession, actor: Actor, body: PublishedCreate) -> PublishedRead:
    """Enters a figure as it was published."""
    actor.require(Permission.keep_lists)
    if body.min_planned_total is not None and body.kind is not PublishedKind.started_or_resumed:
        say = Say("只有开复工按门槛统计。", "Only started or resumed is counted from a threshold.")
        raise Invalid.field("/min_planned_total", "not_of_this_figure", say)
    identity = {name: getattr(body, name) for name in ("reference", "kind", "period", "min_planned_total")}
    return await _write(session, actor, "published_figure.entered", body, identity)


async def supersede(session: AsyncSession, actor: Actor, figure_id: UUID, body: PublishedSupersede) -> PublishedRead:
    """Enters a figure that was published again. Raises Conflict where it was superseded already."""
    actor.require(Permission.keep_lists)
    before = await one(session, select(PublishedFigure).where(PublishedFigure.id == figure_id), FIGURE)
    identity = {name: getattr(before, name) for name in ("reference", "kind", "period", "min_planned_total")}
    return await _write(session, actor, "published_figure.superseded", body, {**identity, "supersedes_id": figure_id})


async def _write(
    session: AsyncSession, actor: Actor, event: str, body: PublishedValues, identity: dict[str, Any]
) -> PublishedRead:
    values = {name: getattr(body, name) for name in PublishedValues.model_fields}
    values["precision"] = _precision(body)
    if all(values[name] is None for name in _NUMBERS):
        say = Say("至少填写个数或金额。", "Give a number or an amount at least.")
        raise Invalid.field("/count", "missing", say)
    await clock.refuse_future(session, body.published_on, "/published_on")
    figure_id = new_id()
    event_id = await events.note(session, actor, event, "published_figure", figure_id, plain({**identity, **values}))
    row = PublishedFigure(
        id=figure_id,
        recorded_at=await knowledge.take(session),
        recorded_by=actor.name,
        event_id=event_id,
        **identity,
        **values,
    )
    session.add(row)
    await session.flush()
    return PublishedRead.model_validate(row)


def _precision(body: PublishedValues) -> Decimal | None:
    """Returns what the amounts were rounded to: as given, else as usual. Raises Invalid where an amount is finer, or
    there is no amount."""
    if body.precision is None:
        return rounding.usual((body.amount, body.planned_this_year))
    for name in ("amount", "planned_this_year"):
        amount = getattr(body, name)
        if amount is not None and not rounding.is_multiple(amount, body.precision):
            say = Say(
                f"{money.text(amount)} 元比所填精度 {money.text(body.precision)} 元更细，请改精度或金额。",
                f"{money.text(amount)} is finer than {money.text(body.precision)}; change one of the two.",
            )
            raise Invalid.field("/precision", "finer_than_precision", say)
    if body.amount is None and body.planned_this_year is None:
        say = Say("个数不取整，只填个数时不填精度。", "Counts are not rounded; leave it out where there is no amount.")
        raise Invalid.field("/precision", "without_amount", say)
    return body.precision


async def get(session: AsyncSession, figure_id: UUID) -> PublishedRead:
    return PublishedRead.model_validate(
        await one(session, select(PublishedFigure).where(PublishedFigure.id == figure_id), FIGURE)
    )


async def _in_force(session: AsyncSession, known_at: datetime, period: str) -> list[PublishedFigure]:
    """Returns the figures in force at a moment whose periods overlap this one, in the order they were entered."""
    later = aliased(PublishedFigure)
    superseded = exists().where(later.supersedes_id == PublishedFigure.id, later.recorded_at <= known_at)
    rows = await session.scalars(
        select(PublishedFigure)
        .where(PublishedFigure.recorded_at <= known_at, ~superseded)
        .order_by(PublishedFigure.recorded_at, PublishedFigure.id)
    )
    start, end = periods.days(period)
    figures = []
    for row in rows:
        first, last = periods.days(row.period)
        if first <= end and last >= start:
            figures.append(row)
    return figures


async def find(session: AsyncSession, actor: Actor, query: PublishedQuery) -> PublishedFigures:
    """Returns what was published, what the system has, and the difference, as known at a moment."""
    known_at = await knowledge.known_at(session, query.known_at)
    known: _Known = {}
    items = []
    for row in await _in_force(session, known_at, query.period):
        ours = await _ours(session, actor, row, known_at, known)
        items.append(_beside(row, ours))
    return PublishedFigures(period=query.period, known_at=known_at, items=items)


_Known = dict[tuple[PublishedKind, tuple[date, date], Decimal | None], SystemFigure]
"""What was counted already, by kind, days and threshold: one figure may have been published several times."""


async def _ours(
    session: AsyncSession, actor: Actor, row: PublishedFigure, known_at: datetime, known: _Known
) -> SystemFigure:
    refused = _NOT_COUNTED.get(row.kind) if actor.sees_all else _NOT_CITY_WIDE
    if refused is not None:
        return SystemFigure(reason_zh=refused.zh, reason_en=refused.en)
    key = (row.kind, periods.days(row.period), row.min_planned_total)
    if key not in known:
        asked = Asked(*periods.days(row.period), known_at)
        query = OverviewFilter(period=row.period, min_planned_total=row.min_planned_total)
        known[key] = await _COUNT[row.kind](session, actor, asked, query)
    return known[key]


async def _signings(session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter) -> SystemFigure:
    found = await overview.signings_sums(session, actor, asked, query)
    return SystemFigure(
        count=found.count, amount=found.amount, without_amount=0, caliber=found.caliber, rows_url=found.entries_url
    )


async def _landed(session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter) -> SystemFigure:
    found = await overview.signings_sums(session, actor, asked, query)
    return SystemFigure(count=found.same_quarter_landed, caliber=found.caliber, rows_url=found.same_quarter_landed_url)


def _plain(read: Callable[..., Awaitable[FigureRead]]) -> _Count:
    async def count(session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter) -> SystemFigure:
        found = await read(session, actor, asked, query, [])
        return SystemFigure(
            count=found.count,
            amount=found.amount,
            without_amount=found.without_amount,
            caliber=found.caliber,
            rows_url=found.rows_url,
        )

    return count


async def _planned(session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter) -> SystemFigure:
    found = await overview.planned_year(session, actor, asked, query, [])
    return SystemFigure(
        count=found.count,
        amount=found.amount.planned_total,
        planned_this_year=found.amount.planned_this_year,
        without_amount=found.without_amount.planned_total,
        caliber=found.caliber,
        rows_url=found.rows_url,
    )


_COUNT: dict[PublishedKind, _Count] = {
    PublishedKind.signings: _signings,
    PublishedKind.same_quarter_landed: _landed,
    PublishedKind.collective_start: _plain(overview.collective_start),
    PublishedKind.started_or_resumed: _plain(overview.started_or_resumed),
    PublishedKind.planned_year: _planned,
}
"""What the system has of each kind: that figure of the overview alone."""


def _same(row: PublishedFigure, ours: SystemFigure, name: str) -> bool | None:
    """Whether a number equals the system's; None where it was not published, or the system has none."""
    published, computed = getattr(row, name), getattr(ours, name)
    if published is None or computed is None:
        return None
    if row.precision is None or name == "count":
        return bool(published == computed)
    return rounding.is_same(published, computed, row.precision)


def _comparison(row: PublishedFigure) -> Label:
    if row.precision is None:
        return Label(code="exact", zh="个数须一致", en="counts are equal")
    step = money.text(row.precision)
    return Label(
        code="rounded_half_up",
        zh=f"系统数四舍五入到 {step} 元后与发布数比较，个数须一致；差额不取整",
        en=f"ours, rounded half up to {step} yuan, is what was published; counts are equal; differences in full",
    )


def _beside(row: PublishedFigure, ours: SystemFigure) -> PublishedBesideOurs:
    differences: dict[str, Any] = {}
    for name in _NUMBERS:
        published, computed = getattr(row, name), getattr(ours, name)
        differences[name] = None if published is None or computed is None else published - computed
    same = [_same(row, ours, name) for name in _NUMBERS if getattr(row, name) is not None]
    return PublishedBesideOurs(
        published=PublishedRead.model_validate(row),
        label=row.kind.label,
        system=ours,
        difference=Difference(**differences),
        is_equal=False if False in same else None if None in same else True,
        comparison=_comparison(row),
    )
