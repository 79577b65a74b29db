"""节假日: the office sets a year's working calendar, and every clock that runs in workdays follows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.errors import Invalid, Stale
from app.core.records import plain
from app.core.say import Say
from app.events import service as events
from app.five_ones import due
from app.leads import clocks
from app.projects.models import Project, Status
from app.projects.stages import LimitUnit, StageLimit
from app.reference import workdays
from app.reference.models import CalendarYear, Holiday, HolidayKind
from app.reference.schemas import CalendarDay, CalendarRead, CalendarSet


async def get(session: AsyncSession, year: int) -> CalendarRead:
    return _read(year, await _of(session, year), await _days(session, year))


async def _of(session: AsyncSession, year: int, *, for_update: bool = False) -> CalendarYear | None:
    query = select(CalendarYear).where(CalendarYear.year == year)
    if for_update:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def _days(session: AsyncSession, year: int) -> list[CalendarDay]:
    within = Holiday.day.between(date(year, 1, 1), date(year, 12, 31))
    rows = await session.execute(select(Holiday.day, Holiday.kind, Holiday.name_zh).where(within).order_by(Holiday.day))
    return [CalendarDay.model_validate(row) for row in rows]


def _read(year: int, found: CalendarYear | None, days: Sequence[CalendarDay]) -> CalendarRead:
    return CalendarRead(
        year=year,
        version=found.version if found else 0,
        source=found.source if found else None,
        is_provisional=found.is_provisional if found else True,
        days=list(days),
    )


def _check(year: int, days: Sequence[CalendarDay]) -> None:
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


async def replace(session: AsyncSession, actor: Actor, year: int, version: int, body: CalendarSet) -> CalendarRead:
    """Set all special days of a year; version 0 is that of a year nobody has set. Raises Stale, Invalid."""
    actor.require(Permission.edit_calendar)
    _check(year, body.days)
    # Projects before the calendar, as every verb locks them; in the order of ids.
    waiting = await _counting_in_workdays(session)
    found = await _of(session, year, for_update=True)
    present = found.version if found else 0
    if present != version:
        raise Stale(present)
    before: dict[str, Any] = _read(year, found, await _days(session, year)).model_dump(mode="json")
    if found is None:
        found = CalendarYear(year=year, source=body.source, is_provisional=body.is_provisional)
    found.source, found.is_provisional = body.source, body.is_provisional
    await events.record(session, actor, "calendar_year.set", found, {"before": before, "after": plain(body)})
    await session.execute(delete(Holiday).where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31))))
    session.add_all(Holiday(**row.model_dump()) for row in body.days)
    await session.flush()
    workdays.forget(session)
    await due.refresh_for_all(session, actor, waiting, "calendar")
    await clocks.refresh(session, actor, "calendar")
    return await get(session, year)


async def _counting_in_workdays(session: AsyncSession) -> list[Any]:
    """Ids of the leaves whose stage has a limit in workdays, locked."""
    stages = select(StageLimit.stage).where(StageLimit.unit == LimitUnit.workday)
    query = select(Project.id).where(
        Project.stage.in_(stages), Project.status == Status.active, Project.is_parent.is_(False)
    )
    return list(await session.scalars(query.order_by(Project.id).with_for_update(key_share=True)))
