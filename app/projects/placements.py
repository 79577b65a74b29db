"""Where a project counts: unit in charge, task force and program from a day on, as a series of dated rows.

A row is never changed. The last recorded row of a day holds, and holds until the next day that has one. What is learnt
late is written as further rows for the days it concerns; the project's own columns say what holds now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import knowledge
from app.projects.models import Program, Project, ProjectPlacement


@dataclass(frozen=True, slots=True)
class Place:
    unit_id: UUID | None
    task_force_id: UUID | None
    program: Program


Series = list[tuple[date, Place]]
"""Each day on which a row holds, with what holds from it on, earliest first; never empty for a project."""


def of(project: Project) -> Place:
    return Place(project.unit_id, project.task_force_id, project.program)


def standing(rows: Iterable[ProjectPlacement]) -> Series:
    latest: dict[date, Place] = {}
    for row in sorted(rows, key=lambda row: (row.recorded_at, row.id)):
        latest[row.effective_on] = Place(row.unit_id, row.task_force_id, row.program)
    return sorted(latest.items(), key=lambda segment: segment[0])


async def series(session: AsyncSession, project_id: UUID) -> Series:
    rows = await session.scalars(select(ProjectPlacement).where(ProjectPlacement.project_id == project_id))
    return standing(rows)


def on(known: Series, day: date) -> Place:
    """What holds on a day; before the first day of all, what holds on that."""
    return next((place for start, place in reversed(known) if start <= day), known[0][1])


def last_change(known: Series) -> date:
    """The last day on which a value really became another; the first day where none ever did."""
    day, at = known[0]
    for start, place in known:
        if place != at:
            day, at = start, place
    return day


def since(known: Series, day: date, names: Sequence[str]) -> date:
    """Since when these values have been what they are on a day."""
    held = [getattr(on(known, day), name) for name in names]
    start = min(day, known[0][0])
    for begins, place in known:
        if begins > day:
            break
        same = [getattr(place, name) for name in names] == held
        earlier = [getattr(on(known, begins - timedelta(days=1)), name) for name in names]
        if same and (begins == known[0][0] or earlier != held):
            start = begins
    return start


def changed(known: Series, from_on: date, **to: Any) -> Series:
    """The series with other values from a day on.

    A value goes on as far as the old one did: a later day that had a value of its own keeps it.
    """
    old = on(known, from_on)
    days = {day for day, _ in known if day > from_on} | {from_on}
    going_on = set(to)
    found = {day: place for day, place in known if day < from_on}
    for day in sorted(days):
        place = on(known, day)
        going_on = {name for name in going_on if getattr(place, name) == getattr(old, name)}
        found[day] = replace(place, **{name: to[name] for name in going_on})
    return sorted(found.items(), key=lambda segment: segment[0])


def redated(known: Series, was_on: date, right_on: date, names: Sequence[str]) -> Series:
    """The series with a change of these values on another day than it was thought to be."""
    before, after = on(known, was_on - timedelta(days=1)), on(known, was_on)
    without = changed(known, was_on, **{name: getattr(before, name) for name in names})
    return changed(without, right_on, **{name: getattr(after, name) for name in names})


def assign(project: Project, wanted: Series) -> None:
    """Let the project's columns say what the last segment says; the caller records the event."""
    now = wanted[-1][1]
    project.unit_id, project.task_force_id, project.program = now.unit_id, now.task_force_id, now.program


async def write(session: AsyncSession, project: Project, wanted: Series, event_id: UUID) -> None:
    """Append the rows by which the series on record comes to say what is wanted."""
    known = await series(session, project.id)
    for day, place in wanted:
        if known and (day, place) in known:
            continue
        session.add(
            ProjectPlacement(
                project_id=project.id,
                effective_on=day,
                recorded_at=await knowledge.take(session),
                unit_id=place.unit_id,
                task_force_id=place.task_force_id,
                program=place.program,
                event_id=event_id,
            )
        )
    await session.flush()
