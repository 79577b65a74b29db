"""Reading the trail: both logs as one list, the newest first."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, false, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.selectable import Subquery

from app.audit.models import Log, SecurityEvent, SecurityOutcome
from app.audit.schemas import AuditFilter, AuditQuery, AuditRead, reason_of
from app.core import clock, paging, spreadsheet
from app.core.db import Database
from app.events.models import Event

_COMMON_COLUMNS = ("id", "at", "type", "actor_id", "actor_name", "actor_kind", "subject_type", "subject_id", "address")
_NAME = "audit"
_EXPORT_PAGE = 200


def _conditions(model: type[Event] | type[SecurityEvent], asked: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        getattr(model, name) == getattr(asked, name)
        for name in ("type", "actor_id", "subject_id", "address")
        if getattr(asked, name) is not None
    ]
    if asked.from_ is not None:
        conditions.append(model.at >= clock.start_of_day(asked.from_))
    if asked.to is not None:
        conditions.append(model.at <= clock.end_of_day(asked.to))
    return conditions


def _rows(asked: AuditFilter) -> Subquery:
    """Returns both logs with the same columns. The data of business events is left out; their outcome is `done`."""
    parts: list[Select[Any]] = []
    if asked.log in (None, Log.events):
        kept = [] if asked.outcome in (None, SecurityOutcome.done) else [false()]
        parts.append(
            select(
                *(getattr(Event, name) for name in _COMMON_COLUMNS),
                literal(Log.events.value).label("log"),
                literal(SecurityOutcome.done.value).label("outcome"),
                cast(null(), String(200)).label("user_agent"),
                Event.request_id,
                literal(1).label("count"),
                cast(null(), SecurityEvent.data.type).label("data"),
            ).where(*_conditions(Event, asked), *kept)
        )
    if asked.log in (None, Log.security_events):
        outcome = [] if asked.outcome is None else [SecurityEvent.outcome == asked.outcome]
        parts.append(
            select(
                *(getattr(SecurityEvent, name) for name in _COMMON_COLUMNS),
                literal(Log.security_events.value).label("log"),
                cast(SecurityEvent.outcome, String(40)).label("outcome"),
                SecurityEvent.user_agent,
                SecurityEvent.request_id,
                SecurityEvent.count,
                SecurityEvent.data,
            ).where(*_conditions(SecurityEvent, asked), *outcome)
        )
    return union_all(*parts).subquery()


async def find(session: AsyncSession, asked: AuditQuery) -> paging.Page[AuditRead]:
    """Returns a page of both logs, the newest first."""
    rows = _rows(asked)
    return await paging.page(session, select(rows), _order(rows), asked, _NAME, _read)


def _order(rows: Subquery) -> paging.Order:
    return paging.Order([rows.c.at, rows.c.id], descending=True)


def _read(row: Any) -> AuditRead:
    values = row._mapping
    reason = reason_of(values["data"] or {})
    return AuditRead(**{name: values[name] for name in AuditRead.model_fields.keys() - {"reason"}}, reason=reason)


async def export(database: Database, asked: AuditFilter) -> AsyncIterator[str]:
    """Yields the same rows as CSV for a spreadsheet, page by page, each in a session of its own."""
    names = list(AuditRead.model_fields)
    yield spreadsheet.MARK + spreadsheet.line(names)
    cursor: str | None = None
    while True:
        rows = _rows(asked)
        async with database.reading() as session:
            part = await paging.rows(
                session, select(rows), _order(rows), name=_NAME, limit=_EXPORT_PAGE, cursor=cursor, filters={}
            )
        items = [_read(row).model_dump(mode="json") for row in part.rows]
        yield "".join(spreadsheet.line(item.values()) for item in items)
        cursor = part.next_cursor
        if cursor is None:
            return
