"""The list of leads, with what each row shows: the clock that ends first, who brought it, who handles it."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import paging
from app.core.actor import Actor, scope_of
from app.core.refs import Reference
from app.core.remembered import Remembered
from app.leads import service as leads
from app.leads.models import Lead
from app.lists.lead_filter import Reading, RunningClock, conditions, running_clock
from app.lists.lead_schemas import LeadClockLeft, LeadList, LeadQuery, LeadRow, LeadSort
from app.organizations.models import Official
from app.reference import workdays
from app.referrers import service as referrers
from app.referrers.models import Referrer
from app.rights import leads as rights

_FAR: ColumnElement[date] = literal_column("'2199-12-31'")
REFERRER = Reference("referrer", "referrer_id", Referrer, referrers.current_name)
_REFERENCES = [*leads.REFERENCES, REFERRER, Reference("handler", "handler_id", Official)]
_COMPUTED = {"is_overdue", "clock", "days_waiting", "may", *(reference.field for reference in _REFERENCES)}
_STORED = [getattr(Lead, name) for name in LeadRow.model_fields if name not in _COMPUTED]
_ORDERS: dict[str, Any] = {
    "reported_at": Lead.reported_at,
    "updated_at": Lead.updated_at,
    "name": Lead.name_pinyin,
    "code": Lead.code,
    "due_on": func.coalesce(Lead.due_on, _FAR, type_=Lead.due_on.type),
}


def order(sort: LeadSort) -> paging.Order:
    """Returns the order of a list. By due day, leads without an open clock sort as 2199-12-31."""
    return paging.Order.by(sort.value, _ORDERS, Lead.id)


async def find(session: AsyncSession, actor: Actor, query: LeadQuery) -> LeadList:
    """Returns a page of the leads the actor sees."""
    reading = await Reading.of(session, actor, query)
    filters = query.filters()
    key = (json.dumps(filters), reading.key, query.limit, query.cursor is None)
    page = _PAGES.get(key, lambda: _page(query, reading))
    part = await paging.fetch(
        session,
        page,
        order(query.sort),
        name="leads",
        limit=query.limit,
        cursor=query.cursor,
        filters=filters,
        names=_REFERENCES,
    )
    calendar = await workdays.calendar(session)
    rows = [_row(row, reading.today, calendar) for row in part.rows]
    for row, may in zip(rows, rights.of_page(actor, rows), strict=True):
        row.may = may
    matching = select(Lead.id).where(*conditions(query, reading)) if query.wants_count else None
    return LeadList(
        items=rows,
        next_cursor=part.next_cursor,
        count=None if matching is None else await paging.count(session, matching),
        today=reading.today,
        scope=scope_of(actor),
    )


_PAGES: Remembered[Select[*tuple[Any, ...]]] = Remembered()


def _page(query: LeadQuery, reading: Reading) -> Select[*tuple[Any, ...]]:
    rows = select(*_STORED, running_clock().label("clock")).where(*conditions(query, reading))
    return paging.statement(rows, order(query.sort), _REFERENCES, limit=query.limit, is_next=query.cursor is not None)


def _row(row: Mapping[str, Any], today: date, calendar: workdays.Calendar) -> LeadRow:
    left = None
    if row["clock"] is not None:
        left = LeadClockLeft(
            code=RunningClock(row["clock"]),
            due_on=row["due_on"],
            workdays_left=workdays.between(today, row["due_on"], calendar),
            days_left=(row["due_on"] - today).days,
        )
    return LeadRow.model_validate(
        {
            **row,
            "may": [],  # told for the whole page
            "clock": left,
            "is_overdue": left is not None and left.days_left < 0,
            "days_waiting": None if left is None else (today - row["reported_on"]).days,
        }
    )
