"""Checks versions and added rows against events, and the order of knowledge."""

from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding
from app.core.db import Base, Versioned
from app.core.localized import Say
from app.events.models import Event
from app.events.service import subject_name
from app.tables import metadata


@cache
def _of_misfit_versions() -> CompoundSelect[Any]:
    """Returns the query of records whose events are not 1 … version, of every kind at once."""
    kinds = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda kind: kind.__name__)
    return union_all(*(_misfits(kind) for kind in kinds if issubclass(kind, Versioned)))


def _misfits(kind: Any) -> Select[Any]:
    name = subject_name(kind)
    counted = (
        select(
            Event.subject_id,
            func.count().label("events"),
            func.min(Event.subject_version).label("first"),
            func.max(Event.subject_version).label("last"),
        )
        .where(Event.subject_type == name, Event.subject_version.is_not(None))
        .group_by(Event.subject_id)
        .subquery()
    )
    return (
        select(literal(name).label("kind"), kind.id, kind.version, counted.c.events, counted.c.first, counted.c.last)
        .join(counted, counted.c.subject_id == kind.id, isouter=True)
        .where(
            (func.coalesce(counted.c.events, 0) != kind.version)
            | (counted.c.first != 1)
            | (counted.c.last != kind.version)
        )
    )


async def versions(session: AsyncSession) -> list[Finding]:
    """Checks that every versioned record has exactly the events 1 … version."""
    findings = []
    for row in await session.execute(_of_misfit_versions()):
        events = f"{row.first}…{row.last} ({row.events or 0})"
        say = Say(f"版本 {row.version}，事件 {events}", f"version {row.version}, events {events}")
        findings.append(Finding("versions", f"{row.kind} {row.id}", say))
    return findings


@cache
def _of_rows_without_event() -> CompoundSelect[Any]:
    """Returns the query of added rows whose event does not exist, of every table at once. Only the trial message to an
    endpoint is of no event."""
    tables = [table for table in metadata.sorted_tables if "event_id" in table.c and "id" in table.c]
    return union_all(
        *(
            select(literal(table.name), table.c.id).where(
                table.c.event_id.is_not(None), ~select(Event.id).where(Event.id == table.c.event_id).exists()
            )
            for table in tables
        )
    )


async def added_rows(session: AsyncSession) -> list[Finding]:
    """Checks that every added row has the id of an event that exists."""
    say = Say("没有所记的事件", "no such event")
    rows = await session.execute(_of_rows_without_event())
    return [Finding("added_rows", f"{table} {id}", say) for table, id in rows]


_NOT_COUNTABLE = frozenset({"knowledge_head", "follow_ups", "milestone_reports"})
"""Tables whose `recorded_at` is not taken from the head of knowledge, because no total depends on their rows."""


@cache
def _of_rows_after_the_head() -> CompoundSelect[Any]:
    """Returns the query of how many rows each table has that were recorded after the head of knowledge."""
    head = select(text("recorded_at")).select_from(text("knowledge_head")).scalar_subquery()
    tables = [
        table for table in metadata.sorted_tables if "recorded_at" in table.c and table.name not in _NOT_COUNTABLE
    ]
    return union_all(*(select(literal(table.name), func.count()).where(table.c.recorded_at > head) for table in tables))


async def head_of_knowledge(session: AsyncSession) -> list[Finding]:
    """Checks that no countable fact was recorded after the head of knowledge."""
    return [
        Finding("knowledge", table, Say(f"{late} 行的登记时刻晚于最新获知时刻", f"{late} rows after the head"))
        for table, late in await session.execute(_of_rows_after_the_head())
        if late
    ]
