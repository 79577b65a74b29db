"""Placements: the unit in charge, task force and program that a project counts for, as a series of dated rows.

A row is never changed. The last recorded row of a day is in force, until the next day that has a row. A row holds the
whole place, and which of its values were stated for that day; the other values are carried over from the day before.
So a value learnt late is in force until the next day for which one was stated, and a ruling is kept even where it
states the value that was in force already.

An example, of the unit in charge alone; ( ) marks a day that states nothing any more:

    entered on 01-10 by A                     01-10 A
    ruled to B on 03-01                       01-10 A    03-01 B
    learnt: since 02-01 it had been C's       01-10 A    02-01 C    03-01 B
    the ruling was of 03-15                   01-10 A    02-01 C    (03-01 C)  03-15 B
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import knowledge
from app.projects.models import Program, Project, ProjectPlacement


@dataclass(frozen=True, slots=True)
class Place:
    """The unit in charge, task force and program that a project counts for on a day."""

    unit_id: UUID | None
    task_force_id: UUID | None
    program: Program


_STATES = {"unit_id": "states_unit", "task_force_id": "states_task_force", "program": "states_program"}


def of(project: Project) -> Place:
    """Returns the present place of a project, from its columns."""
    return Place(project.unit_id, project.task_force_id, project.program)


@dataclass(frozen=True, slots=True)
class Series:
    """The values stated for each day, earliest first: all of them on the first day, none on a day whose ruling was
    moved to another day."""

    stated: tuple[tuple[date, Mapping[str, Any]], ...]

    def segments(self) -> list[tuple[date, Place]]:
        """Returns each day of the series with the place from that day on."""
        current: dict[str, Any] = {}
        segments = []
        for day, values in self.stated:
            current |= values
            segments.append((day, Place(**current)))
        return segments

    @property
    def now(self) -> Place:
        """The place of the last segment."""
        return self.segments()[-1][1]

    @property
    def last_stated(self) -> date:
        """The latest day for which a value was stated."""
        return max(day for day, values in self.stated if values)

    def on(self, day: date) -> Place:
        """Returns the place on a day; for a day before the series, the place on its first day."""
        segments = self.segments()
        return next((place for start, place in reversed(segments) if start <= day), segments[0][1])

    def since(self, day: date, name: str) -> date:
        """Returns the day for which the value in force on a day was stated; for a day before the series, its first."""
        first = self.stated[0][0]
        return max((start for start, values in self.stated if start <= day and name in values), default=first)

    def beginning(self, day: date) -> "Series":
        """Returns the series with its first day no later than this one."""
        (first, values), *later = self.stated
        return self if first <= day else Series(((day, values), (first, {}), *later))

    def corrected(self, on: date, **to: Any) -> "Series":
        """Returns the series with other values stated for a day, in force until the next day that states them."""
        by_day = dict(self.stated)
        by_day[on] = {**by_day.get(on, {}), **to}
        return Series(tuple(sorted(by_day.items())))

    def corrected_until(self, on: date, until: date, name: str, value: Any) -> "Series":
        """Returns the series with another value from a day on, until the next day that states one, at the latest until
        `until`: from that day on the previous value is in force again."""
        stated_next = min((day for day, values in self.stated if day > on and name in values), default=date.max)
        wanted = self.corrected(on, **{name: value})
        return wanted if stated_next <= until else wanted.corrected(until, **{name: getattr(self.on(until), name)})

    def ruled(self, on: date, **to: Any) -> "Series":
        """Returns the series with a ruling for a day, which replaces an earlier ruling for that day.

        For a ruling on or before the first day the series begins a day earlier, so that the old values keep one day.
        """
        return self.beginning(on - timedelta(days=1)).corrected(on, **to)

    def redated(self, was_on: date, right_on: date, names: Collection[str]) -> "Series":
        """Returns the series with the ruling on these values moved from one day to another."""
        by_day = dict(self.stated)
        moved = {name: value for name, value in by_day[was_on].items() if name in names}
        by_day[was_on] = {name: value for name, value in by_day[was_on].items() if name not in names}
        return Series(tuple(by_day.items())).ruled(right_on, **moved)


def _latest(rows: Iterable[ProjectPlacement]) -> list[ProjectPlacement]:
    """Returns the last recorded row of each day, in the order of days."""
    latest = {row.effective_on: row for row in sorted(rows, key=lambda row: (row.recorded_at, row.id))}
    return [row for _, row in sorted(latest.items())]


def series_from(rows: Iterable[ProjectPlacement]) -> Series:
    """Returns the series that these rows of one project make."""

    def stated(row: ProjectPlacement) -> dict[str, Any]:
        return {name: getattr(row, name) for name, column in _STATES.items() if getattr(row, column)}

    return Series(tuple((row.effective_on, stated(row)) for row in _latest(rows)))


def are_consistent(rows: Sequence[ProjectPlacement]) -> bool:
    """Returns whether each row in force has the values stated for its day and carries the others over from before."""
    stored = [Place(row.unit_id, row.task_force_id, row.program) for row in _latest(rows)]
    first = _latest(rows)[0]
    states_all = all(getattr(first, column) for column in _STATES.values())
    return states_all and stored == [place for _, place in series_from(rows).segments()]


async def series(session: AsyncSession, project_id: UUID) -> Series:
    """Returns the series on record of a project."""
    rows = await session.scalars(select(ProjectPlacement).where(ProjectPlacement.project_id == project_id))
    return series_from(rows)


def assign(project: Project, wanted: Series) -> None:
    """Sets the project's columns from the last segment; the caller records the event."""
    now = wanted.now
    project.unit_id, project.task_force_id, project.program = now.unit_id, now.task_force_id, now.program


async def begin(session: AsyncSession, project: Project, day: date, event_id: UUID) -> None:
    """Starts the series of a new project: the place in its columns, from a day on."""
    first = Series(((day, {name: getattr(project, name) for name in _STATES}),))
    await _append(session, project, first, {}, event_id)


async def write(session: AsyncSession, project: Project, wanted: Series, event_id: UUID) -> None:
    """Appends the rows that turn the series on record into the wanted one."""
    await _append(session, project, wanted, _rows(await series(session, project.id)), event_id)


async def _append(
    session: AsyncSession, project: Project, wanted: Series, on_record: Mapping[date, Any], event_id: UUID
) -> None:
    for day, row in _rows(wanted).items():
        if on_record.get(day) == row:
            continue
        place, names = row
        session.add(
            ProjectPlacement(
                project_id=project.id,
                effective_on=day,
                recorded_at=await knowledge.take(session),
                unit_id=place.unit_id,
                task_force_id=place.task_force_id,
                program=place.program,
                **{column: name in names for name, column in _STATES.items()},
                event_id=event_id,
            )
        )
    await session.flush()


def _rows(wanted: Series) -> dict[date, tuple[Place, frozenset[str]]]:
    """Returns for each day the place and the names of the values stated for it."""
    return {
        day: (place, frozenset(values))
        for (day, place), (_, values) in zip(wanted.segments(), wanted.stated, strict=True)
    }
