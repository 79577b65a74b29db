"""Sets the working calendar of a year (节假日), and recomputes every limit that counts workdays.

An additional day off gives everybody more time, so a second person must confirm it (ADR 30). Fewer days off take effect
at once.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls import service as controls
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core.actor import Actor, Permission
from app.core.errors import Invalid, Stale
from app.core.localized import Say
from app.events import service as events
from app.five_ones import due
from app.leads import clocks
from app.projects.models import Project, Status
from app.projects.stages import LimitUnit, StageLimit
from app.reference import workdays
from app.reference.models import CalendarYear, Holiday, HolidayKind
from app.reference.schemas import CalendarDay, CalendarRead, CalendarSet


async def get(session: AsyncSession, year: int) -> CalendarRead:
    """Returns the working calendar of a year; version 0, provisional and without days where nobody has set it."""
    return _read(year, await _year_row(session, year), await _days_of(session, year))


async def _year_row(session: AsyncSession, year: int, *, for_update: bool = False) -> CalendarYear | None:
    query = select(CalendarYear).where(CalendarYear.year == year)
    if for_update:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def _days_of(session: AsyncSession, year: int) -> list[CalendarDay]:
    within = Holiday.day.between(date(year, 1, 1), date(year, 12, 31))
    rows = await session.execute(select(Holiday.day, Holiday.kind, Holiday.name_zh).where(within).order_by(Holiday.day))
    return [CalendarDay.model_validate(row) for row in rows]


def _read(year: int, row: CalendarYear | None, days: Sequence[CalendarDay]) -> CalendarRead:
    return CalendarRead(
        year=year,
        version=row.version if row else 0,
        source=row.source if row else None,
        is_provisional=row.is_provisional if row else True,
        days=list(days),
    )


def _check(year: int, days: Sequence[CalendarDay]) -> None:
    """Raises Invalid for a day of another year, a repeated day, or a weekday marked as worked."""
    seen: set[date] = set()
    for index, row in enumerate(days):
        problem: tuple[str, Say] | None = None
        if row.day.year != year:
            problem = "other_year", Say(f"不在 {year} 年。", f"Not in {year}.")
        elif row.day in seen:
            problem = "repeated_value", Say("同一天重复出现。", "The day is given twice.")
        elif row.kind is HolidayKind.work and row.day.weekday() < 5:
            problem = "works_anyway", Say("平日本来上班，调休上班只登记周末。", "A weekday is worked anyway.")
        if problem is not None:
            raise Invalid.field(f"/days/{index}/day", *problem)
        seen.add(row.day)


async def replace(
    session: AsyncSession, actor: Actor, year: int, version: int, body: CalendarSet
) -> CalendarRead | ControlChange:
    """Sets all special days of a year; a year that nobody has set has version 0.

    A request that makes a workday a day off waits as a whole until another person confirms it: then the waiting change
    is returned. Raises Forbidden, Stale, Invalid for wrong days or where such a request gives no reason.
    """
    actor.require(Permission.edit_calendar)
    _check(year, body.days)
    project_ids, row = await _locked(session, year)
    before = await _now(session, year, row)
    if before.version != version:
        raise Stale(before.version)
    if _gives_time(year, before.days, body.days):
        reason, asked = controls.require_reason(body.reason), body.model_dump(mode="json", exclude={"reason"})
        kind = ControlKind.calendar
        return await controls.ask(session, actor, kind, str(year), asked=asked, before=_state(before), reason=reason)
    return await _put(session, actor, before, row, project_ids, body, {})


async def _locked(session: AsyncSession, year: int) -> tuple[list[Any], CalendarYear | None]:
    """Locks and returns the ids of the projects with limits in workdays, then the year; in the order of every verb."""
    project_ids = await _counting_in_workdays(session)
    return project_ids, await _year_row(session, year, for_update=True)


async def _now(session: AsyncSession, year: int, row: CalendarYear | None) -> CalendarRead:
    return _read(year, row, await _days_of(session, year))


def _state(calendar: CalendarRead) -> dict[str, Any]:
    return calendar.model_dump(mode="json", exclude={"year", "version"})


def _gives_time(year: int, before: Sequence[CalendarDay], asked: Sequence[CalendarDay]) -> bool:
    """Returns whether a day that is a workday would become a day off."""
    kinds_before, kinds_asked = ({row.day: row.kind for row in days} for days in (before, asked))
    first, count = date(year, 1, 1), (date(year, 12, 31) - date(year, 1, 1)).days + 1
    days = (first + timedelta(days=number) for number in range(count))
    return any(workdays.is_workday(day, kinds_before) and not workdays.is_workday(day, kinds_asked) for day in days)


async def present(session: AsyncSession, key: str) -> dict[str, Any]:
    """Returns the present calendar of a year, locked, as `ControlChange.before` holds it."""
    _, row = await _locked(session, int(key))
    return _state(await _now(session, int(key), row))


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Sets the calendar that a second person confirmed, and recomputes every limit that counts workdays."""
    project_ids, row = await _locked(session, int(change.key))
    before = await _now(session, int(change.key), row)
    await _put(session, actor, before, row, project_ids, CalendarSet.model_validate(change.asked), event_fields(change))


async def _put(
    session: AsyncSession,
    actor: Actor,
    before: CalendarRead,
    year_row: CalendarYear | None,
    project_ids: list[Any],
    body: CalendarSet,
    people: dict[str, str],
) -> CalendarRead:
    year = before.year
    if year_row is None:
        year_row = CalendarYear(year=year, source=body.source, is_provisional=body.is_provisional)
    year_row.source, year_row.is_provisional = body.source, body.is_provisional
    after = body.model_dump(mode="json", exclude={"reason"})
    data = {"before": before.model_dump(mode="json"), "after": after, **people}
    await events.record(session, actor, "calendar_year.set", year_row, data)
    await session.execute(delete(Holiday).where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31))))
    session.add_all(Holiday(**row.model_dump()) for row in body.days)
    await session.flush()
    workdays.forget(session)
    await due.refresh_for_all(session, actor, project_ids, "calendar")
    await clocks.refresh(session, actor, "calendar")
    return await get(session, year)


async def _counting_in_workdays(session: AsyncSession) -> list[Any]:
    """Returns the ids of the active leaves whose stage has a limit in workdays, locked."""
    stages = select(StageLimit.stage).where(StageLimit.unit == LimitUnit.workday)
    query = select(Project.id).where(
        Project.stage.in_(stages), Project.status == Status.active, Project.is_parent.is_(False)
    )
    return list(await session.scalars(query.order_by(Project.id).with_for_update(key_share=True)))
