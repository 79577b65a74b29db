"""The rows that the figures outside the ledger add up, page by page. The cursor pins the known_at of the first page."""

from typing import Any

from sqlalchemy import Select, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import paging
from app.core.actor import Actor, scope_of
from app.core.refs import Reference
from app.deals.models import Deal
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects.models import Project
from app.taskforces.models import TaskForce
from app.totals import awaiting, figures, groups, overview, service
from app.totals.figure_schemas import (
    AwaitingQuery,
    AwaitingRow,
    AwaitingRows,
    AwaitingSum,
    CollectiveQuery,
    FigureProject,
    FigureRow,
    FigureRows,
    Grouping,
    PlannedQuery,
    PlannedWithout,
    StartedQuery,
)
from app.totals.figures import Figure
from app.totals.filters import Address, Asked, AwaitingRowsQuery, FigureRowsQuery, PlaceRowsQuery
from app.totals.groups import GroupBy
from app.totals.schemas import EntryDeal

REFERENCES = [Reference("unit", "unit_id", Unit), Reference("task_force", "task_force_id", TaskForce)]


async def _asked(session: AsyncSession, query: PlaceRowsQuery) -> Asked:
    return Asked(*query.days_of_year(), await query.moment(session), query)


def _by(query: Grouping, possible: frozenset[GroupBy]) -> list[GroupBy]:
    return [one for one in query.group_by or () if one in possible]


async def rows(
    session: AsyncSession, actor: Actor, figure: Figure, query: CollectiveQuery | StartedQuery | PlannedQuery
) -> FigureRows:
    """Returns the rows of a figure by name, with what all of them and those of each group add up to."""
    asked = await _asked(session, query)
    counted = figures.rows(figure, actor, asked, query)
    page = await _page(session, actor, figure, query, asked, counted)
    found = await groups.summed(session, counted, figures.sums(figure, counted), _by(query, figures.BY[figure]))
    total = found.total
    return FigureRows(
        scope=scope_of(actor),
        items=page.items,
        next_cursor=page.next_cursor,
        count=paging.Count(value=total["n"], capped=False),
        sum=overview.planned_sum(total),
        without_amount=PlannedWithout(planned_total=total["without"], planned_this_year=total["without_year"]),
        groups=overview.figure_groups(found, Address(f"totals/{figure.value}/rows", query, asked.known_at)),
        known_at=asked.known_at,
        caliber=figures.CALIBERS[figure],
    )


async def rows_page(
    session: AsyncSession, actor: Actor, figure: Figure, query: FigureRowsQuery
) -> paging.Page[FigureRow]:
    """Returns the rows of a figure by name."""
    asked = await _asked(session, query)
    return await _page(session, actor, figure, query, asked, figures.rows(figure, actor, asked, query))


async def _page(
    session: AsyncSession, actor: Actor, figure: Figure, query: FigureRowsQuery, asked: Asked, counted: Any
) -> paging.Page[FigureRow]:
    columns = [column for column in counted.c if column.name not in ("project_id", "is_started")]
    listed: Select[*tuple[Any, ...]] = (
        select(*columns, *project_columns(actor), Project.is_illustrative)
        .select_from(Project)
        .join(counted, counted.c.project_id == Project.id)
    )
    order = paging.Order([Project.name_pinyin, Project.id])
    name = f"figure:{figure.value}"
    part = await paging.pinned_rows(session, listed, order, query, name, asked.known_at, REFERENCES)
    items = [FigureRow(**{**row, "project": project_of(row)}) for row in part.rows]
    return paging.Page(items=items, next_cursor=part.next_cursor)


def project_columns(actor: Actor) -> list[Any]:
    """Returns the columns of Project that `project_of` reads."""
    return [
        Project.id.label("project_id"),
        Project.code.label("project_code"),
        Project.name.label("project_name"),
        case((projects.scope(actor), 1), else_=0).label("is_visible"),
    ]


def project_of(row: dict[str, Any]) -> FigureProject:
    """Returns the project of a row; where it is not visible, by its code alone."""
    visible = bool(row["is_visible"])
    return FigureProject(
        code=row["project_code"],
        id=row["project_id"] if visible else None,
        name=row["project_name"] if visible else None,
        href=f"/api/v1/projects/{row['project_id']}" if visible else None,
    )


async def awaiting_rows(session: AsyncSession, actor: Actor, query: AwaitingQuery) -> AwaitingRows:
    """Returns the deals by code, with what all of them and those of each group add up to."""
    page = await awaiting_page(session, actor, query)
    asked = await _asked(session, query)
    waiting = awaiting.rows(actor, asked, query).cte("waiting")
    found = await groups.summed(session, waiting, awaiting.sums(waiting), _by(query, awaiting.BY))
    return AwaitingRows(
        scope=scope_of(actor),
        items=page.items,
        next_cursor=page.next_cursor,
        count=paging.Count(value=found.total["n"], capped=False),
        sum=AwaitingSum(count=found.total["n"], amount=found.total["amount"]),
        groups=overview.awaiting_groups(found, Address("totals/awaiting-signed/rows", query, asked.known_at)),
        known_at=asked.known_at,
        caliber=awaiting.CALIBER,
    )


async def awaiting_page(session: AsyncSession, actor: Actor, query: AwaitingRowsQuery) -> paging.Page[AwaitingRow]:
    """Returns the deals by code."""
    asked = await _asked(session, query)
    order = paging.Order([Deal.code, Deal.id])
    listed = awaiting.rows(actor, asked, query).add_columns(*service.deal_columns(actor))
    part = await paging.pinned_rows(session, listed, order, query, "awaiting-signed", asked.known_at, REFERENCES)
    items = [AwaitingRow(**{**row, "deal": EntryDeal.of(row)}) for row in part.rows]
    return paging.Page(items=items, next_cursor=part.next_cursor)
