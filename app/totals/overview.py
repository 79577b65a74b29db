"""A period on one page: signings from the ledger, and the figures of construction beside them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls import settings
from app.core import clock, knowledge, paging
from app.core.actor import Actor, scope_of
from app.core.money import yi
from app.deals.models import Deal
from app.projects import service as projects
from app.projects.models import Project
from app.totals import approvals, awaiting, figures, periods, service
from app.totals.figures import Asked, Figure
from app.totals.schemas import (
    AwaitingRow,
    AwaitingRows,
    AwaitingSum,
    DaySpan,
    EntryDeal,
    FigureFilter,
    FigureProject,
    FigureRead,
    FigureRow,
    FigureRows,
    FigureRowsQuery,
    Overview,
    OverviewQuery,
    PlannedFigure,
    PlannedSum,
    PlannedWithout,
    SigningsFigure,
    SigningsQuery,
    StartedFigure,
)


def _asked(query: FigureFilter, known_at: datetime) -> Asked:
    start, end = periods.days(query.period)
    return Asked(start, end, known_at, query.unit_id, query.task_force_id)


def _minimum(figure: Figure, query: FigureFilter) -> Decimal | None:
    """Returns the least planned total of a row, in yuan: only started or resumed has such a threshold."""
    if figure is Figure.started_or_resumed and isinstance(query, OverviewQuery):
        return query.min_planned_total
    return None


def _url(figure: Figure, query: OverviewQuery, known_at: datetime) -> str:
    names = {"period", "unit_id", "task_force_id"}
    if figure is Figure.started_or_resumed:
        names.add("min_planned_total")
    asked = query.model_dump(mode="json", exclude_none=True, include=names)
    return f"/api/v1/totals/{figure.value}/rows?" + urlencode({**asked, "known_at": clock.moment_text(known_at)})


async def overview(session: AsyncSession, actor: Actor, query: OverviewQuery) -> Overview:
    """Returns every figure of a period, as known at a moment."""
    known_at = await knowledge.known_at(session, query.known_at)
    asked = _asked(query, known_at)
    signings_query = _signings_query(query, asked)
    signed = await service.signings(session, actor, signings_query)
    parts = await approvals.parts(session, actor, signings_query, known_at)
    batches = await _sums(session, Figure.collective_start, actor, asked)
    started = await _sums(session, Figure.started_or_resumed, actor, asked, query.min_planned_total)
    planned = await _sums(session, Figure.planned_year, actor, asked)
    start = _figure(Figure.started_or_resumed, started, query, known_at)
    return Overview(
        scope=scope_of(actor),
        period=query.period,
        from_=asked.start,
        to=asked.end,
        known_at=known_at,
        signings=SigningsFigure(
            count=signed.count,
            amount=signed.amount,
            amount_yi=signed.amount_yi,
            without_amount=0,
            caliber=signed.caliber,
            rows_url=signed.entries_url,
            gross=signed.gross,
            same_quarter_landed=signed.same_quarter_landed,
            approved_at_source=parts.approved_at_source,
            single_person=parts.single_person,
        ),
        collective_start=_figure(Figure.collective_start, batches, query, known_at),
        started_or_resumed=StartedFigure(**start.model_dump(), min_planned_total=query.min_planned_total),
        planned_year=PlannedFigure(
            count=planned.n,
            amount=_planned(planned),
            without_amount=_without(planned),
            caliber=figures.CALIBERS[Figure.planned_year],
            rows_url=_url(Figure.planned_year, query, known_at),
        ),
        awaiting_signed=await _awaiting_figure(session, actor, query, asked),
        separation_off=[
            DaySpan(from_=days.start, to=days.end)
            for days in await settings.separation_off(session, asked.start, asked.end, known_at)
        ],
    )


def _signings_query(query: OverviewQuery, asked: Asked) -> SigningsQuery:
    return SigningsQuery(
        from_=asked.start,
        to=asked.end,
        known_at=asked.known_at,
        unit_id=query.unit_id,
        task_force_id=query.task_force_id,
    )


async def _sums(
    session: AsyncSession, figure: Figure, actor: Actor, asked: Asked, min_planned_total: Decimal | None = None
) -> Any:
    counted = figures.rows(figure, actor, asked, min_planned_total)
    return (await session.execute(select(*figures.sums(counted)))).one()


def _figure(figure: Figure, sums: Any, query: OverviewQuery, known_at: datetime) -> FigureRead:
    return FigureRead(
        count=sums.n,
        amount=sums.planned_total,
        amount_yi=yi(sums.planned_total),
        without_amount=sums.without_total,
        caliber=figures.CALIBERS[figure],
        rows_url=_url(figure, query, known_at),
    )


def _planned(sums: Any) -> PlannedSum:
    return PlannedSum(
        planned_total=sums.planned_total,
        planned_total_yi=yi(sums.planned_total),
        planned_this_year=sums.planned_this_year,
        planned_this_year_yi=yi(sums.planned_this_year),
    )


def _without(sums: Any) -> PlannedWithout:
    return PlannedWithout(planned_total=sums.without_total, planned_this_year=sums.without_this_year)


async def rows(session: AsyncSession, actor: Actor, figure: Figure, query: FigureRowsQuery) -> FigureRows:
    """Returns the rows of a figure by name. The cursor pins the known_at of the first page."""
    known_at = await knowledge.known_at(session, paging.pinned(query.cursor) or query.known_at)
    counted = figures.rows(figure, actor, _asked(query, known_at), _minimum(figure, query))
    columns = [column for column in counted.c if column.name != "project_id"]
    projects_counted: Select[*tuple[Any, ...]] = (
        select(
            *columns,
            Project.id.label("project_id"),
            Project.code,
            Project.name,
            Project.is_illustrative,
            case((projects.scope(actor), 1), else_=0).label("is_visible"),
        )
        .select_from(Project)
        .join(counted, counted.c.project_id == Project.id)
    )
    order = paging.Order([Project.name_pinyin, Project.id])
    part = await paging.pinned_rows(session, projects_counted, order, query, f"figure:{figure.value}", known_at)
    sums = (await session.execute(select(*figures.sums(counted)))).one()
    return FigureRows(
        scope=scope_of(actor),
        items=[_row(row) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, select(counted.c.project_id)),
        sum=_planned(sums),
        without_amount=_without(sums),
        known_at=known_at,
        caliber=figures.CALIBERS[figure],
    )


def _row(row: Any) -> FigureRow:
    visible = bool(row.is_visible)
    project = FigureProject(
        code=row.code,
        id=row.project_id if visible else None,
        name=row.name if visible else None,
        href=f"/api/v1/projects/{row.project_id}" if visible else None,
    )
    columns = {name: getattr(row, name) for name in FigureRow.model_fields if name != "project"}
    return FigureRow(**columns, project=project)


async def _awaiting_figure(session: AsyncSession, actor: Actor, query: OverviewQuery, asked: Asked) -> FigureRead:
    sums = await _awaiting_sums(session, actor, asked)
    names = query.model_dump(mode="json", exclude_none=True, include={"period", "unit_id", "task_force_id"})
    known_at = clock.moment_text(asked.known_at)
    return FigureRead(
        count=sums.n,
        amount=sums.amount,
        amount_yi=yi(sums.amount),
        without_amount=0,
        caliber=awaiting.CALIBER,
        rows_url="/api/v1/totals/awaiting-signed/rows?" + urlencode({**names, "known_at": known_at}),
    )


async def _awaiting_sums(session: AsyncSession, actor: Actor, asked: Asked) -> Any:
    waiting = awaiting.rows(actor, asked).subquery()
    amount = func.coalesce(func.sum(waiting.c.amount), 0, type_=Deal.agreed_amount.type)
    return (await session.execute(select(func.count().label("n"), amount.label("amount")).select_from(waiting))).one()


async def awaiting_rows(session: AsyncSession, actor: Actor, query: FigureRowsQuery) -> AwaitingRows:
    """Returns the deals by code. The cursor pins the known_at of the first page."""
    known_at = await knowledge.known_at(session, paging.pinned(query.cursor) or query.known_at)
    asked = _asked(query, known_at)
    deals = awaiting.rows(actor, asked).add_columns(case((projects.scope(actor), 1), else_=0).label("is_visible"))
    order = paging.Order([Deal.code, Deal.id])
    part = await paging.pinned_rows(session, deals, order, query, "awaiting-signed", known_at)
    sums = await _awaiting_sums(session, actor, asked)
    return AwaitingRows(
        scope=scope_of(actor),
        items=[_awaiting_row(row) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, select(awaiting.rows(actor, asked).subquery().c.deal_id)),
        sum=AwaitingSum(count=sums.n, amount=sums.amount),
        known_at=known_at,
        caliber=awaiting.CALIBER,
    )


def _awaiting_row(row: Any) -> AwaitingRow:
    return AwaitingRow(deal=EntryDeal.of(row), amount=row.amount, is_illustrative=row.is_illustrative)
