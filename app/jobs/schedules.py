"""Recurring jobs. Each run is enqueued once by any number of workers: the one that advances `next_at` enqueues it."""

from datetime import datetime, timedelta
from typing import Any

from cronsim import CronSim, CronSimError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.audit.models import SecurityEventType
from app.controls import service as controls
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core import clock
from app.core.actor import Actor, Permission, system
from app.core.clock import SHANGHAI
from app.core.errors import Invalid
from app.core.localized import Say
from app.core.records import held, insert
from app.jobs import service
from app.jobs.kinds import Registry
from app.jobs.models import Schedule
from app.jobs.schemas import ScheduleSet

SCHEDULE = Say("定时", "schedule")
_FIELDS = 5
_MOST_RUNS = 3_000
_YEAR = timedelta(days=366)
_SCHEDULER = system("schedule")


def next_after(cron: str, moment: datetime) -> datetime:
    """Returns the next time of a cron expression. Raises ValueError where it is invalid or has no next time."""
    if len(cron.split()) != _FIELDS:
        raise ValueError("five fields")
    try:
        return next(CronSim(cron, moment.astimezone(SHANGHAI))).astimezone(moment.tzinfo)
    except (CronSimError, StopIteration) as error:
        raise ValueError(str(error)) from error


async def add_missing(session: AsyncSession, registry: Registry) -> None:
    """Adds the schedules of the program that the database lacks. Does not change what an administrator has set."""
    now, existing = clock.now(session), set(await session.scalars(select(Schedule.name)))
    missing = [
        {
            "name": one.name,
            "kind": one.kind,
            "payload": dict(one.payload),
            "cron": one.cron,
            "is_active": True,
            "next_at": next_after(one.cron, now),
        }
        for one in registry.recurring
        if one.name not in existing
    ]
    if missing:  # another worker may add them at the same time
        await session.execute(insert(session, Schedule).on_conflict_do_nothing(), missing)


async def due(session: AsyncSession, registry: Registry) -> list[str]:
    """Returns the names of schedules that are due, of kinds that the program has."""
    has_kind = Schedule.kind.in_(sorted(registry.kinds))
    query = select(Schedule.name).where(Schedule.is_active, has_kind, Schedule.next_at <= clock.now(session))
    return list(await session.scalars(query))


async def fire(session: AsyncSession, name: str) -> None:
    """Enqueues the job of a schedule that is due. Runs missed while no worker ran are enqueued once, not many times."""
    schedule = await _lock(session, name)
    now = clock.now(session)
    if not schedule.is_active or schedule.next_at > now:
        return
    key = f"{name}@{clock.moment_text(schedule.next_at)}"
    schedule.last_job_id = await service.enqueue(session, _SCHEDULER, schedule.kind, schedule.payload, key=key)
    schedule.last_at, schedule.next_at = schedule.next_at, next_after(schedule.cron, now)
    await session.flush()


async def find(session: AsyncSession) -> list[Schedule]:
    return list(await session.scalars(select(Schedule).order_by(Schedule.name)))


async def put(session: AsyncSession, actor: Actor, name: str, body: ScheduleSet) -> Schedule | ControlChange:
    """Changes when a schedule is due, or stops it.

    Where it stops, or its longest gap between two runs grows, another person must confirm: then the pending change is
    returned: these jobs delete data after its retention and end what has lapsed. Raises NotFound, Invalid for a wrong
    cron expression or where such a change has no reason.
    """
    actor.require(Permission.operate)
    schedule = await _lock(session, name)
    now = clock.now(session)
    try:
        next_at = next_after(body.cron, now)
    except ValueError:
        say = Say("应为五段 cron 表达式，例如 10 3 * * *（每天 3:10）。", "Five fields of cron, such as 10 3 * * *.")
        raise Invalid.field("/cron", "cron", say) from None
    if schedule.is_active and (not body.is_active or _longest_gap(body.cron, now) > _longest_gap(schedule.cron, now)):
        reason, asked = controls.require_reason(body.reason), body.model_dump(mode="json", exclude={"reason"})
        kind = ControlKind.job_schedule
        return await controls.ask(session, actor, kind, name, asked=asked, before=_state(schedule), reason=reason)
    if schedule.is_active:
        # A run that is due soon is not postponed: else repeated edits could prevent it for ever.
        next_at = min(next_at, schedule.next_at)
    return await _put(session, actor, schedule, body, next_at, {})


async def _lock(session: AsyncSession, name: str) -> Schedule:
    return await held(session, select(Schedule).where(Schedule.name == name), SCHEDULE)


def _longest_gap(cron: str, moment: datetime) -> timedelta:
    """Returns the longest time between two runs within a year, or within the first 3,000 runs."""
    runs = CronSim(cron, moment.astimezone(SHANGHAI))
    first = last = next(runs)
    longest = timedelta()
    for count, run in enumerate(runs):
        longest, last = max(longest, run - last), run
        if last - first > _YEAR or count > _MOST_RUNS:
            break
    return longest


def _state(schedule: Schedule) -> dict[str, Any]:
    return {"cron": schedule.cron, "is_active": schedule.is_active}


async def present(session: AsyncSession, key: str) -> dict[str, Any]:
    """Locks a schedule and returns its state, for `ControlChange.before`. Raises NotFound."""
    return _state(await _lock(session, key))


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Applies a confirmed change of a schedule."""
    schedule, body = await _lock(session, change.key), ScheduleSet.model_validate(change.asked)
    await _put(session, actor, schedule, body, next_after(body.cron, clock.now(session)), event_fields(change))


async def _put(
    session: AsyncSession,
    actor: Actor,
    schedule: Schedule,
    body: ScheduleSet,
    next_at: datetime,
    people: dict[str, str],
) -> Schedule:
    data = {
        "key": f"schedule.{schedule.name}",
        "changes": {"cron": [schedule.cron, body.cron], "is_active": [schedule.is_active, body.is_active]},
        **people,
    }
    if body.cron != schedule.cron or (body.is_active and not schedule.is_active):
        schedule.next_at = next_at
    schedule.cron, schedule.is_active = body.cron, body.is_active
    await session.flush()
    await trail.record(session, actor, SecurityEventType.settings_changed, data=data)
    return schedule
