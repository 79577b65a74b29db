"""Where a project counts: unit in charge, task force and program from a day on, as a series of dated rows.

A row is never changed. The last recorded row of a day holds, and holds until the next day that has one. A row keeps the
whole place, and which of its values were stated for that day; the others go on from before. So a value learnt late goes
on as far as nobody stated another, and a ruling is not forgotten because it happens to say what was said already.

An example, of the unit in charge alone; ( ) marks a day on which nothing is stated any more:

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
    unit_id: UUID | None
    task_force_id: UUID | None
    program: Program


_STATES = {"unit_id": "states_unit", "task_force_id": "states_task_force", "program": "states_program"}


def of(project: Project) -> Place:
    return Place(project.unit_id, project.task_force_id, project.program)


@dataclass(frozen=True, slots=True)
class Series:
    """What was stated, by day, earliest first: everything on the first day, nothing on a day stripped of its ruling."""

    stated: tuple[tuple[date, Mapping[str, Any]], ...]

    def segments(self) -> list[tuple[date, Place]]:
        """Each day of the series, with what holds from it on."""
        held: dict[str, Any] = {}
        found = []
        for day, values in self.stated:
            held |= values
            found.append((day, Place(**held)))
        return found

    @property
    def now(self) -> Place:
        return self.segments()[-1][1]

    @property
    def last_stated(self) -> date:
        return max(day for day, values in self.stated if values)

    def on(self, day: date) -> Place:
        """What holds on a day; before the first day of all, what holds on that."""
        segments = self.segments()
        return next((place for start, place in reversed(segments) if start <= day), segments[0][1])

    def since(self, day: date, name: str) -> date:
        """The day for which the value that holds on a day was stated; the first day of all for one before it."""
        first = self.stated[0][0]
        return max((start for start, values in self.stated if start <= day and name in values), default=first)

    def beginning(self, day: date) -> "Series":
        """The series with its first day no later than this one."""
        (first, values), *later = self.stated
        return self if first <= day else Series(((day, values), (first, {}), *later))

    def corrected(self, on: date, **to: Any) -> "Series":
        """The series with other values stated for a day. They hold until the next day for which they were stated."""
        known = dict(self.stated)
        known[on] = {**known.get(on, {}), **to}
        return Series(tuple(sorted(known.items())))

    def corrected_until(self, on: date, until: date, name: str, value: Any) -> "Series":
        """The series with another value from a day on, which holds until the next day for which one was stated, at the
        latest until `until`: from there on what held before holds again."""
        stated_next = min((day for day, values in self.stated if day > on and name in values), default=date.max)
        wanted = self.corrected(on, **{name: value})
        return wanted if stated_next <= until else wanted.corrected(until, **{name: getattr(self.on(until), name)})

    def ruled(self, on: date, **to: Any) -> "Series":
        """The series with a ruling of a day, in place of an earlier one of that day.

        One for the first day of all, or before it, leaves what it changes a day of its own.
        """
        return self.beginning(on - timedelta(days=1)).corrected(on, **to)

    def redated(self, was_on: date, right_on: date, names: Collection[str]) -> "Series":
        """The series with what was ruled of these values for one day ruled for another."""
        known = dict(self.stated)
        moved = {name: value for name, value in known[was_on].items() if name in names}
        known[was_on] = {name: value for name, value in known[was_on].items() if name not in names}
        return Series(tuple(known.items())).ruled(right_on, **moved)


def _latest(rows: Iterable[ProjectPlacement]) -> list[ProjectPlacement]:
    """The last recorded row of each day, by day."""
    latest = {row.effective_on: row for row in sorted(rows, key=lambda row: (row.recorded_at, row.id))}
    return [row for _, row in sorted(latest.items())]


def series_from(rows: Iterable[ProjectPlacement]) -> Series:
    def stated(row: ProjectPlacement) -> dict[str, Any]:
        return {name: getattr(row, name) for name, column in _STATES.items() if getattr(row, column)}

    return Series(tuple((row.effective_on, stated(row)) for row in _latest(rows)))


def are_carried(rows: Sequence[ProjectPlacement]) -> bool:
    """Whether each row that stands keeps what was stated for its day, and for the rest what goes on from before."""
    kept = [Place(row.unit_id, row.task_force_id, row.program) for row in _latest(rows)]
    first = _latest(rows)[0]
    states_all = all(getattr(first, column) for column in _STATES.values())
    return states_all and kept == [place for _, place in series_from(rows).segments()]


async def series(session: AsyncSession, project_id: UUID) -> Series:
    rows = await session.scalars(select(ProjectPlacement).where(ProjectPlacement.project_id == project_id))
    return series_from(rows)


def assign(project: Project, wanted: Series) -> None:
    """Let the project's columns say what the last segment says; the caller records the event."""
    now = wanted.now
    project.unit_id, project.task_force_id, project.program = now.unit_id, now.task_force_id, now.program


async def begin(session: AsyncSession, project: Project, day: date, event_id: UUID) -> None:
    """Begin the series of a new project: where its columns say, from a day on."""
    first = Series(((day, {name: getattr(project, name) for name in _STATES}),))
    await _append(session, project, first, {}, event_id)


async def write(session: AsyncSession, project: Project, wanted: Series, event_id: UUID) -> None:
    """Append the rows by which the series on record comes to say what is wanted."""
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


def _rows(known: Series) -> dict[date, tuple[Place, frozenset[str]]]:
    return {
        day: (place, frozenset(values))
        for (day, place), (_, values) in zip(known.segments(), known.stated, strict=True)
    }
