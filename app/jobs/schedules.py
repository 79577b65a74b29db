"""Jobs made at times. Each time is made once, however many workers look: whoever moves `next_at` on makes the job."""

from datetime import datetime

from cronsim import CronSim, CronSimError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.audit.models import SecurityEventType
from app.core import clock
from app.core.actor import Actor, Permission, system
from app.core.clock import SHANGHAI
from app.core.errors import Invalid
from app.core.records import held, insert
from app.core.say import Say
from app.jobs import service
from app.jobs.kinds import Registry
from app.jobs.models import Schedule

SCHEDULE = Say("定时", "schedule")
_FIELDS = 5
_SCHEDULER = system("schedule")


def next_after(cron: str, moment: datetime) -> datetime:
    """The next time a cron expression names. Raises ValueError for what is none, or never comes."""
    if len(cron.split()) != _FIELDS:
        raise ValueError("five fields")
    try:
        return next(CronSim(cron, moment.astimezone(SHANGHAI))).astimezone(moment.tzinfo)
    except (CronSimError, StopIteration) as error:
        raise ValueError(str(error)) from error


async def bring(session: AsyncSession, registry: Registry) -> None:
    """Add the program's schedules that the database does not have yet. What an administrator has set stays."""
    now = clock.now(session)
    for one in registry.recurring:
        row = {
            "name": one.name,
            "kind": one.kind,
            "payload": dict(one.payload),
            "cron": one.cron,
            "is_active": True,
            "next_at": next_after(one.cron, now),
        }
        await session.execute(insert(session, Schedule).values(row).on_conflict_do_nothing())


async def due(session: AsyncSession, registry: Registry) -> list[str]:
    """Names of those to be fired, of kinds that the program knows."""
    known = Schedule.kind.in_(sorted(registry.kinds))
    query = select(Schedule.name).where(Schedule.is_active, known, Schedule.next_at <= clock.now(session))
    return list(await session.scalars(query))


async def fire(session: AsyncSession, name: str) -> None:
    """Make the job of a schedule that is due. What was missed while no worker ran is made once, not many times."""
    schedule = await held(session, select(Schedule).where(Schedule.name == name), SCHEDULE)
    now = clock.now(session)
    if not schedule.is_active or schedule.next_at > now:
        return
    key = f"{name}@{clock.moment_text(schedule.next_at)}"
    schedule.last_job_id = await service.enqueue(session, _SCHEDULER, schedule.kind, schedule.payload, key=key)
    schedule.last_at, schedule.next_at = schedule.next_at, next_after(schedule.cron, now)
    await session.flush()


async def find(session: AsyncSession) -> list[Schedule]:
    return list(await session.scalars(select(Schedule).order_by(Schedule.name)))


async def put(session: AsyncSession, actor: Actor, name: str, cron: str, is_active: bool) -> Schedule:
    """Change when a schedule is due, or stop it. Raises NotFound, or Invalid for what is no cron expression."""
    actor.require(Permission.operate)
    schedule = await held(session, select(Schedule).where(Schedule.name == name), SCHEDULE)
    try:
        next_at = next_after(cron, clock.now(session))
    except ValueError:
        say = Say("应为五段 cron 表达式，例如 10 3 * * *（每天 3:10）。", "Five fields of cron, such as 10 3 * * *.")
        raise Invalid.field("/cron", "cron", say) from None
    data = {
        "key": f"schedule.{name}",
        "changes": {"cron": [schedule.cron, cron], "is_active": [schedule.is_active, is_active]},
    }
    if cron != schedule.cron or (is_active and not schedule.is_active):
        schedule.next_at = next_at
    schedule.cron, schedule.is_active = cron, is_active
    await session.flush()
    await trail.record(session, actor, SecurityEventType.settings_changed, data=data)
    return schedule
