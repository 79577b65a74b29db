"""Checks versions and added rows against events, and the order of knowledge."""

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.checks.findings import Finding
from app.core.db import Base, Versioned
from app.core.localized import Say
from app.events.models import Event
from app.events.service import subject_name
from app.tables import metadata


async def versions(session: AsyncSession) -> list[Finding]:
    """Checks that every versioned record has exactly the events 1 … version."""
    findings = []
    for mapper in Base.registry.mappers:
        kind: Any = mapper.class_
        if not issubclass(kind, Versioned):
            continue
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
        rows = await session.execute(
            select(kind.id, kind.version, counted.c.events, counted.c.first, counted.c.last)
            .join(counted, counted.c.subject_id == kind.id, isouter=True)
            .where(
                (func.coalesce(counted.c.events, 0) != kind.version)
                | (counted.c.first != 1)
                | (counted.c.last != kind.version)
            )
        )
        for row in rows:
            events = f"{row.first}…{row.last} ({row.events or 0})"
            say = Say(f"版本 {row.version}，事件 {events}", f"version {row.version}, events {events}")
            findings.append(Finding("versions", f"{name} {row.id}", say))
    return findings


async def added_rows(session: AsyncSession) -> list[Finding]:
    """Checks that every added row has the id of an event that exists."""
    findings = []
    for table in metadata.sorted_tables:
        if "event_id" not in table.c or "id" not in table.c:
            continue
        rows = await session.scalars(
            select(table.c.id).where(~select(Event.id).where(Event.id == table.c.event_id).exists())
        )
        say = Say("没有所记的事件", "no such event")
        findings += [Finding("added_rows", f"{table.name} {row}", say) for row in rows]
    return findings


_NOT_COUNTABLE = frozenset({"knowledge_head", "follow_ups", "milestone_reports"})
"""Tables whose `recorded_at` is not taken from the head of knowledge, because no total depends on their rows."""


async def head_of_knowledge(session: AsyncSession) -> list[Finding]:
    """Checks that no countable fact was recorded after the head of knowledge."""
    findings = []
    for table in metadata.sorted_tables:
        if "recorded_at" not in table.c or table.name in _NOT_COUNTABLE:
            continue
        late = await session.scalar(
            select(func.count()).where(
                table.c.recorded_at > select(text("recorded_at")).select_from(text("knowledge_head")).scalar_subquery()
            )
        )
        if late:
            say = Say(f"{late} 行的登记时刻晚于最新获知时刻", f"{late} rows after the head")
            findings.append(Finding("knowledge", table.name, say))
    return findings
