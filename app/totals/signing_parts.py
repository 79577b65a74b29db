"""What the signings of a period consist of: by approval, by month up to its end, and by its largest deals."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.deals import service as deals
from app.deals.models import Deal, LedgerEntry
from app.projects.models import Project
from app.totals import groups, periods, service
from app.totals.figure_schemas import SigningPart, SigningParts, SigningsFigure, TrendMonth
from app.totals.filters import Address, Asked
from app.totals.groups import DIMENSIONS, Dimension, GroupBy, Grouped
from app.totals.schemas import EntryDeal, OpenSum

_LARGEST = 5
"""Deals named in the divided bar."""
_MONTHS = 13
"""The least months of a trend: a year ago is the first of them."""
_TREND = "trend"


class _MonthAndPeriod(Dimension):
    """Months, split by whether a day lies in the period: twice the number of the month, and 1 where it does."""

    __slots__ = ()

    def key(self, rows: FromClause) -> ColumnElement[Any]:
        key: ColumnElement[Any] = Dimension.key(self, rows) * 2 + rows.c.is_in_period
        return key

    @property
    def of_a_day(self) -> tuple[str, ...]:
        return (self.column, "is_in_period")


_BY_MONTH = _MonthAndPeriod("effective_on", "within", None)


def trend_start(start: date, end: date) -> date:
    """Returns the first day of the first month of the trend: nothing is dated before the earliest of all days."""
    number = min(periods.number_of(start), periods.number_of(end) - _MONTHS + 1)
    return date(*periods.year_and_month(max(number, periods.number_of(clock.EARLIEST_DAY))), 1)


@dataclass(frozen=True, slots=True)
class Read:
    """The sums of the period with those of its groups, and the sums of each month of the trend."""

    grouped: Grouped
    by_month: dict[int, dict[str, Any]]


async def summed(session: AsyncSession, actor: Actor, asked: Asked, by: list[GroupBy]) -> Read:
    """Returns what the ledger says of the period and of the months before it, in one statement over one scan."""
    is_in_period = case((LedgerEntry.effective_on >= asked.start, 1), else_=0).label("is_in_period")
    flags = [
        case((condition, 1), else_=0).label(name)
        for name, condition in (("is_source", Deal.is_approved_at_source.expression), ("is_single", service.IS_SINGLE))
    ]
    days = trend_start(asked.start, asked.end), asked.end
    rows = (
        select(*service.columns([GroupBy.month, *by]), is_in_period, *flags)
        .join(Deal, Deal.id == LedgerEntry.deal_id)
        .where(*service.matching(actor, asked, None, days))
        .cte("counted")
    )
    of_period = select(rows).where(rows.c.is_in_period == 1).subquery()
    month = groups.branch(rows, _TREND, _BY_MONTH, _sums(rows))
    others = [groups.branch(of_period, one.value, DIMENSIONS[one], _sums(of_period)) for one in by]
    found = (await session.execute(groups.statement([month, *others]))).all()
    names = [column.name for column in _sums(rows)]
    trend = [row for row in found if row.by == _TREND]
    total = groups.added([row for row in trend if row.number % 2], names)
    parts = {one: groups.parts([row for row in found if row.by == one.value], one, names) for one in by}
    months = {row.number // 2 for row in trend}
    by_month = {of: groups.added([row for row in trend if row.number // 2 == of], names) for of in months}
    return Read(Grouped(total, parts), by_month)


def _sums(rows: FromClause) -> list[ColumnElement[Any]]:
    counted = service.Counted(rows)
    sums = service.sums(counted)
    for name in ("source", "single"):
        is_part = rows.c[f"is_{name}"] == 1
        sums.append(func.coalesce(func.sum(case((is_part, counted.count), else_=0)), 0).label(f"{name}_n"))
        sums.append(groups.total_where(is_part, counted.amount, f"{name}_amount"))
    return sums


async def read(
    session: AsyncSession, actor: Actor, asked: Asked, by: list[GroupBy], address: Address
) -> SigningsFigure:
    """Returns the signings of the period with all they consist of, in two statements."""
    found = await summed(session, actor, asked, by)
    total, days = found.grouped.total, (asked.start, asked.end)
    return SigningsFigure(
        **service.read_sums(total, address, service.read_groups(found.grouped.groups, address, days)),
        approved_at_source=OpenSum(
            count=total["source_n"],
            amount=total["source_amount"],
            entries_url=address(is_approved_at_source=True),
        ),
        single_person=OpenSum(
            count=total["single_n"], amount=total["single_amount"], entries_url=address(is_single_person=True)
        ),
        parts=await _parts(session, actor, asked, total, address),
        trend=_trend(found.by_month, asked, address),
    )


def _trend(by_month: dict[int, dict[str, Any]], asked: Asked, address: Address) -> list[TrendMonth]:
    first = trend_start(asked.start, asked.end)
    nothing = groups.added([], ("n", "amount"))
    months = []
    for number in periods.months(first, asked.end):
        sums, month = by_month.get(number, nothing), periods.month_of(number)
        days = {"period": None, "from": first, "to": asked.end, "within": month}
        months.append(
            TrendMonth(
                month=month,
                is_in_period=number >= periods.number_of(asked.start),
                count=sums["n"],
                amount=sums["amount"],
                entries_url=address(**days),
            )
        )
    return months


async def _parts(
    session: AsyncSession, actor: Actor, asked: Asked, total: dict[str, Any], address: Address
) -> SigningParts:
    """Returns the deals that add most to the period, named where the reader sees them, and what all others add."""
    of_deal = (
        select(
            LedgerEntry.deal_id,
            func.sum(LedgerEntry.count).label("n"),
            func.sum(LedgerEntry.amount).label("amount"),
        )
        .where(*service.matching(actor, asked))
        .group_by(LedgerEntry.deal_id)
        .having(func.sum(LedgerEntry.amount) > 0)
        .order_by(func.sum(LedgerEntry.amount).desc(), LedgerEntry.deal_id)
        .limit(_LARGEST)
        .subquery("largest")
    )
    rows = await session.execute(
        select(of_deal.c.n, of_deal.c.amount, Deal.is_illustrative, *service.deal_columns(actor))
        .select_from(of_deal)
        .join(Deal, Deal.id == of_deal.c.deal_id)
        .join(Project, Project.id == deals.project_then(asked.known_at))
        .order_by(of_deal.c.amount.desc(), of_deal.c.deal_id)
    )
    largest = [
        SigningPart(
            deal=EntryDeal.of(row._mapping),
            is_illustrative=row.is_illustrative,
            count=row.n,
            amount=row.amount,
            entries_url=address(deal_code=row.deal_code),
        )
        for row in rows
    ]
    rest = OpenSum(
        count=total["n"] - sum(part.count for part in largest),
        amount=total["amount"] - sum(part.amount for part in largest),
        entries_url=address(except_deal_code=",".join(part.deal.code for part in largest) or None),
    )
    return SigningParts(largest=largest, rest=rest)
