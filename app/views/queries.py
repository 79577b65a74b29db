"""The lists that a view can show: how their parameters and columns are checked, and how their rows are counted."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor
from app.core.errors import Invalid, Problem
from app.core.localized import Label, Say, Word
from app.core.paging import COUNT_CAP
from app.deals.models import Deal, LedgerEntry
from app.five_ones import service as five_ones
from app.five_ones.schemas import GapQuery, GapRow
from app.leads.models import Lead
from app.lists import deal_filter, lead_filter, project_filter
from app.lists.deal_schemas import DealQuery, DealRow
from app.lists.export_schemas import DealColumn, GapColumn, LeadColumn, ProjectColumn
from app.lists.lead_schemas import LeadQuery, LeadRow
from app.lists.schemas import BoardQuery, Card, ProjectQuery, ProjectRow
from app.projects.models import Project
from app.projects.stages import pipeline
from app.totals import service as totals
from app.totals.exports import EntryColumn
from app.totals.filters import EntriesQuery
from app.totals.schemas import EntryRow
from app.views.models import ViewRoom
from app.views.schemas import ViewColumn

QUERIES: dict[ViewRoom, type[BaseModel]] = {
    ViewRoom.projects: ProjectQuery,
    ViewRoom.board: BoardQuery,
    ViewRoom.leads: LeadQuery,
    ViewRoom.deals: DealQuery,
    ViewRoom.entries: EntriesQuery,
    ViewRoom.gaps: GapQuery,
}
_COLUMNS: dict[ViewRoom, tuple[type[BaseModel], type[Word]]] = {
    ViewRoom.projects: (ProjectRow, ProjectColumn),
    ViewRoom.board: (Card, ProjectColumn),
    ViewRoom.leads: (LeadRow, LeadColumn),
    ViewRoom.deals: (DealRow, DealColumn),
    ViewRoom.entries: (EntryRow, EntryColumn),
    ViewRoom.gaps: (GapRow, GapColumn),
}
"""The row of each list, and the columns of its export: a column of a view is a field of the one or one of the other."""
_OF_A_PAGE = ("cursor", "limit", "with")
"""Parameters of a page, not of a view."""


def check(room: ViewRoom, query: dict[str, str]) -> None:
    """Raises RequestValidationError naming each parameter that the list does not take."""
    errors = [
        {**error, "loc": ("body", "query", *error["loc"])} for name in query for error in _errors(room, name, query)
    ]
    if errors:
        raise RequestValidationError(errors)


def check_columns(room: ViewRoom, columns: Sequence[ViewColumn]) -> None:
    """Raises Invalid naming each column that the list does not have, and those that it has."""
    row, exported = _COLUMNS[room]
    codes = sorted({*row.model_fields, *(column.value for column in exported)})
    listed = ", ".join(codes)
    say = Say(f"没有这一列。可用的列：{listed}", f"No such column. There are: {listed}")
    unknown = [number for number, column in enumerate(columns) if column.code not in codes]
    if unknown:
        raise Invalid(say, fields=[(f"/columns/{number}/code", "unknown_column", say) for number in unknown])


def _errors(room: ViewRoom, name: str, query: dict[str, str]) -> list[Any]:
    """Returns what is wrong with one parameter. Parameters that the list requires may be missing: the page gives
    them."""
    if name in _OF_A_PAGE:
        return [{"type": "extra_forbidden", "loc": (name,), "msg": "", "input": None}]
    try:
        QUERIES[room].model_validate({name: query[name]})
    except ValidationError as error:
        return [one for one in error.errors(include_url=False) if one["type"] != "missing"]
    return []


def usable(room: ViewRoom, query: dict[str, str]) -> tuple[dict[str, str], list[Label]]:
    """Returns the parameters that the list still takes, and a notice for each of the others."""
    gone = [name for name in query if _errors(room, name, query)]
    notices = [
        Label(
            code=name,
            zh=f"筛选条件“{name}”已失效，未计入。",
            en=f"The filter {name} does not exist any more and was left out.",
        )
        for name in gone
    ]
    return {name: value for name, value in query.items() if name not in gone}, notices


async def counted(
    session: AsyncSession, actor: Actor, room: ViewRoom, query: dict[str, str]
) -> ScalarSelect[int] | None:
    """Returns the subquery of the number of rows that a view shows, up to the cap; None where the list would refuse
    it: a value names what does not exist, or a period is missing, which the page gives."""
    try:
        rows = await _ROWS[room](session, actor, QUERIES[room].model_validate(query))
    except (Problem, ValidationError):
        return None
    return select(func.count()).select_from(rows.limit(COUNT_CAP + 1).subquery()).scalar_subquery()


Rows = Select[*tuple[Any, ...]]


async def _projects(session: AsyncSession, actor: Actor, asked: Any) -> Rows:
    reading = await project_filter.Reading.of(session, actor, asked)
    return select(Project.id).where(*project_filter.conditions(asked, reading))


async def _leads(session: AsyncSession, actor: Actor, asked: Any) -> Rows:
    reading = await lead_filter.Reading.of(session, actor, asked)
    return select(Lead.id).where(*lead_filter.conditions(asked, reading))


async def _deals(session: AsyncSession, actor: Actor, asked: Any) -> Rows:
    reading = await deal_filter.Reading.of(session, actor, asked)
    of_project = Project.id == Deal.project_id
    return select(Deal.id).join(Project, of_project).where(*deal_filter.conditions(asked, reading))


async def _entries(session: AsyncSession, actor: Actor, asked: Any) -> Rows:
    known_at = await knowledge.known_at(session, asked.known_at)
    return select(LedgerEntry.id).where(*totals.listed(actor, asked, known_at))


async def _gaps(session: AsyncSession, actor: Actor, asked: Any) -> Rows:
    conditions = five_ones.in_gaps(actor, asked, await clock.today(session), await pipeline(session))
    return select(Project.id).where(*conditions)


_ROWS: dict[ViewRoom, Callable[[AsyncSession, Actor, Any], Awaitable[Rows]]] = {
    ViewRoom.projects: _projects,
    ViewRoom.board: _projects,
    ViewRoom.leads: _leads,
    ViewRoom.deals: _deals,
    ViewRoom.entries: _entries,
    ViewRoom.gaps: _gaps,
}
"""Selects the rows of each list."""
