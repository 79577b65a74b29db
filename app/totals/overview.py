"""A period on one page: signings from the ledger, and the figures of construction beside them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls import settings
from app.core import knowledge
from app.core.actor import Actor, scope_of
from app.core.money import yi
from app.deals.models import LedgerEntry
from app.totals import awaiting, figures, groups, service, signing_parts
from app.totals.figure_schemas import (
    AwaitingFigure,
    AwaitingGroup,
    CollectiveFigure,
    DaySpan,
    FigureGroup,
    FigurePart,
    Overview,
    OverviewQuery,
    PlannedFigure,
    PlannedGroup,
    PlannedSum,
    PlannedWithout,
    SigningsFigure,
    StartedFigure,
)
from app.totals.figures import Figure
from app.totals.filters import Address, Asked, OverviewFilter, WithoutAmount
from app.totals.groups import DIMENSIONS, GroupBy, Grouped, Part
from app.totals.schemas import SigningsSums


async def overview(session: AsyncSession, actor: Actor, query: OverviewQuery) -> Overview:
    """Returns every figure of a period, as known at a moment."""
    span = query.days_of_year()
    asked = Asked(*span, await knowledge.known_at(session, query.known_at), query)
    by = list(query.group_by or ())
    return Overview(
        scope=scope_of(actor),
        period=query.period,
        from_=asked.start,
        to=asked.end,
        known_at=asked.known_at,
        signings=await signings(session, actor, asked, query, by),
        collective_start=await collective_start(session, actor, asked, query, by),
        started_or_resumed=await started_or_resumed(session, actor, asked, query, by),
        planned_year=await planned_year(session, actor, asked, query, by),
        awaiting_signed=await awaiting_signed(session, actor, asked, query, by),
        separation_off=[
            DaySpan(from_=days.start, to=days.end)
            for days in await settings.separation_off(session, asked.start, asked.end, asked.known_at)
        ],
    )


async def signings(
    session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter, by: list[GroupBy]
) -> SigningsFigure:
    address = _entries(asked, query)
    return await signing_parts.read(session, actor, asked, [one for one in by if one in service.BY], address)


async def signings_sums(session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter) -> SigningsSums:
    """Returns the signings of the period without what they consist of, in one statement."""
    sums = service.sums(LedgerEntry)
    total = (await session.execute(select(*sums).where(*service.matching(actor, asked)))).one()
    return SigningsSums(**service.read_sums(dict(total._mapping), _entries(asked, query), {}))


def _entries(asked: Asked, query: OverviewFilter) -> Address:
    return Address(service.ENTRIES, query, asked.known_at, min_planned_total=None)


async def _grouped(
    session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter, figure: Figure, by: list[GroupBy]
) -> tuple[Grouped, Address]:
    rows = figures.rows(figure, actor, asked, query)
    wanted = [one for one in by if one in figures.BY[figure]]
    found = await groups.summed(session, rows, figures.sums(figure, rows), wanted)
    address = Address(f"totals/{figure.value}/rows", query, asked.known_at)
    return found, address if figure is Figure.started_or_resumed else address.under("min_planned_total", None)


def _part(sums: dict[str, Any], address: str, prefix: str = "") -> dict[str, Any]:
    """Returns the fields of `FigurePart`."""
    return {
        "count": sums[f"{prefix}n"],
        "amount": sums[f"{prefix}amount"],
        "without_amount": sums[f"{prefix}without"],
        "rows_url": address,
    }


def _figure(figure: Figure, found: Grouped, address: Address) -> dict[str, Any]:
    """Returns the fields of `FigureRead`."""
    return {
        **_part(found.total, address()),
        "amount_yi": yi(found.total["amount"]),
        "without_amount_url": address(without=WithoutAmount.planned_total),
        "groups": figure_groups(found, address),
        "caliber": figures.CALIBERS[figure],
    }


def figure_groups(found: Grouped, address: Address) -> dict[GroupBy, list[FigureGroup]]:
    """Returns the groups of each dimension, with the addresses of their rows."""
    return {by: [FigureGroup(**_group(by, part, address)) for part in parts] for by, parts in found.groups.items()}


def _group(by: GroupBy, part: Part, address: Address) -> dict[str, Any]:
    """Returns the fields of `FigureGroup`."""
    opened = address(**{DIMENSIONS[by].parameter: part.key})
    return {"key": part.key, "label": part.label, **_part(part.sums, opened)}


async def collective_start(
    session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter, by: list[GroupBy]
) -> CollectiveFigure:
    found, address = await _grouped(session, actor, asked, query, Figure.collective_start, by)
    return CollectiveFigure(
        **_figure(Figure.collective_start, found, address),
        from_1_yi=FigurePart(**_part(found.total, address(size=figures.FROM_1_YI), "part_")),
    )


async def started_or_resumed(
    session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter, by: list[GroupBy]
) -> StartedFigure:
    found, address = await _grouped(session, actor, asked, query, Figure.started_or_resumed, by)
    total = found.total
    resumed = {name: total[name] - total[f"part_{name}"] for name in ("n", "amount", "without")}
    return StartedFigure(
        **_figure(Figure.started_or_resumed, found, address),
        min_planned_total=query.min_planned_total,
        new=FigurePart(**_part(total, address(kind="started"), "part_")),
        resumed=FigurePart(**_part(resumed, address(kind="resumed"))),
    )


async def planned_year(
    session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter, by: list[GroupBy]
) -> PlannedFigure:
    found, address = await _grouped(session, actor, asked, query, Figure.planned_year, by)
    total = found.total
    return PlannedFigure(
        count=total["n"],
        amount=planned_sum(total),
        without_amount=PlannedWithout(planned_total=total["without"], planned_this_year=total["without_year"]),
        without_planned_total_url=address(without=WithoutAmount.planned_total),
        without_planned_this_year_url=address(without=WithoutAmount.planned_this_year),
        started=FigurePart(**_part(total, address(is_started=True), "part_")),
        groups={
            one: [
                PlannedGroup(**_group(one, part, address), planned_this_year=part.sums["year_amount"]) for part in parts
            ]
            for one, parts in found.groups.items()
        },
        caliber=figures.CALIBERS[Figure.planned_year],
        rows_url=address(),
    )


def planned_sum(sums: dict[str, Any]) -> PlannedSum:
    return PlannedSum(
        planned_total=sums["amount"],
        planned_total_yi=yi(sums["amount"]),
        planned_this_year=sums["year_amount"],
        planned_this_year_yi=yi(sums["year_amount"]),
    )


async def awaiting_signed(
    session: AsyncSession, actor: Actor, asked: Asked, query: OverviewFilter, by: list[GroupBy]
) -> AwaitingFigure:
    rows = awaiting.rows(actor, asked, query).cte("waiting")
    found = await groups.summed(session, rows, awaiting.sums(rows), [one for one in by if one in awaiting.BY])
    address = Address("totals/awaiting-signed/rows", query, asked.known_at, min_planned_total=None)
    return AwaitingFigure(
        count=found.total["n"],
        amount=found.total["amount"],
        amount_yi=yi(found.total["amount"]),
        groups=awaiting_groups(found, address),
        caliber=awaiting.CALIBER,
        rows_url=address(),
    )


def awaiting_groups(found: Grouped, address: Address) -> dict[GroupBy, list[AwaitingGroup]]:
    """Returns the groups of each dimension, with the addresses of their rows."""
    return {
        by: [
            AwaitingGroup(
                key=part.key,
                label=part.label,
                count=part.sums["n"],
                amount=part.sums["amount"],
                rows_url=address(**{DIMENSIONS[by].parameter: part.key}),
            )
            for part in parts
        ]
        for by, parts in found.groups.items()
    }
