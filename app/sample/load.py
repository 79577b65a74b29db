"""Loads the sample into an empty database through the ordinary services, oldest day first, in one transaction.

The injected clock gives every row the time of its own day, so that queries with an earlier `known_at` show the quarter
growing.
"""

import csv
from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import and_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.office_settings import OFFICE
from app.core import clock, context, office
from app.core.clock import SHANGHAI
from app.events import service as events
from app.events.models import Event
from app.organizations import service as organizations
from app.organizations.models import Unit, UnitKind
from app.organizations.schemas import OfficialCreate, PostCreate, UnitCreate
from app.projects.models import Project
from app.reference import workdays
from app.sample import construction, exchange, leads, published, signings, talks
from app.sample.acts import SAMPLE, City
from app.sample.city import (
    AIMS,
    AIMS_SOURCE,
    BUSINESS_DAY,
    FOUNDED_ON,
    LISTED_ON,
    POSTS,
    SOURCE,
    TASK_FORCES,
)
from app.taskforces import service as taskforces
from app.taskforces.schemas import MemberSet, TargetSet, TaskForceCreate

UNITS = Path(__file__).parent / "data" / "units.csv"
EDITION = 6
"""Raised whenever the content of the sample changes: whoever has an older edition is told how to renew it."""


class NotEmpty(RuntimeError):
    """The database holds something already."""


async def is_empty(session: AsyncSession) -> bool:
    unit = await session.scalar(select(Unit.id).limit(1))
    return unit is None and await session.scalar(select(Project.id).limit(1)) is None


async def edition(session: AsyncSession) -> int | None:
    """Returns the edition of the sample that the database holds, None where it holds none."""
    is_loading = and_(Event.actor_id == SAMPLE.id, Event.type == "office.business_day_set")
    data: dict[str, Any] | None = await session.scalar(select(Event.data).where(is_loading).limit(1))
    return None if data is None else int(data.get("sample_edition", 1))


async def load(session: AsyncSession, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
    """Loads the sample in the caller's transaction. Raises NotEmpty."""
    if not await is_empty(session):
        raise NotEmpty
    city = City(calendar=await workdays.calendar(session))
    city.at(FOUNDED_ON, lambda s: _add_organizations(s, city))
    signings.plan(city)
    construction.plan(city)
    leads.plan(city)
    talks.plan(city)
    city.at(LISTED_ON, lambda s: _set_targets(s, city))
    city.at(BUSINESS_DAY, published.enter)
    steps = sorted(city.plan, key=lambda step: step[:2])
    today = None
    for done, (day, _, step) in enumerate(steps):
        if day != today:
            today = day
            clock.set_now(session, datetime.combine(day, time(9), SHANGHAI))
        await step(session)
        progress(done + 1, len(steps))
    clock.set_now(session, datetime.combine(BUSINESS_DAY, time(18), SHANGHAI))
    await office.put(session, office.BUSINESS_DAY, BUSINESS_DAY.isoformat())
    data = {"business_day": BUSINESS_DAY.isoformat(), "sample_edition": EDITION}
    await events.note(session, SAMPLE, "office.business_day_set", "office", OFFICE, data)
    # What accounts and other systems do with a city of that day, they do now.
    clock.set_now(session, context.CLOCK.require(session)())
    await exchange.add(session, city)
    # A database filled in one transaction has no statistics. Without them a query may take a second, not a millisecond.
    await session.execute(text("ANALYZE"))


async def _add_organizations(session: AsyncSession, city: City) -> None:
    """Adds units, officials and task forces."""
    with UNITS.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: bool(row["parent_code"]))
    for row in rows:
        unit = await organizations.create_unit(
            session,
            SAMPLE,
            UnitCreate(
                code=row["code"],
                name=row["name_zh"],
                name_en=row["name_en"],
                short_name=row["short_name"],
                kind=UnitKind(row["kind"]),
                division_code=row["division_code"] or None,
                parent_id=city.units.get(row["parent_code"]),
                is_assessed=row["kind"] != "city",
                source=SOURCE if row["source"] == "article" else row["source"],
            ),
        )
        city.units[row["code"]] = unit.id
    for number, title in enumerate(POSTS, start=1):
        post = PostCreate(unit_id=city.units["210400"], title=title, started_on=FOUNDED_ON)
        official = await organizations.create_official(
            session, SAMPLE, OfficialCreate(name=f"示例干部{number:02d}", is_illustrative=True, posts=[post])
        )
        city.officials.append(official.id)
    for number, (name, (short_name, name_en)) in enumerate(TASK_FORCES.items()):
        body = TaskForceCreate(
            name=name,
            name_en=name_en,
            short_name=short_name,
            lead_official_id=city.officials[number],
            lead_unit_id=city.units[AIMS[name].lead_unit],
            cadence=AIMS[name].cadence,
            members=[MemberSet(official_id=member, duty="示例：联络") for member in city.people(number)[1:]],
            source=AIMS_SOURCE,
        )
        task_force = await taskforces.create(session, SAMPLE, body)
        city.task_forces[name] = task_force.id


async def _set_targets(session: AsyncSession, city: City) -> None:
    """Sets the year's targets of the task forces."""
    for name, aim in AIMS.items():
        target = TargetSet(
            signings=aim.signings,
            amount=Decimal(aim.amount_yi) * 100_000_000,
            same_quarter_landed=aim.same_quarter_landed,
        )
        task_force = await taskforces.get(session, city.task_forces[name])
        await taskforces.set_target(session, SAMPLE, task_force.id, LISTED_ON.year, task_force.version, target)
