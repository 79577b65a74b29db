"""The kinds of jobs and the schedules of every room; used by the server and by `five-ones worker`."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

import app.search.following  # noqa: F401  a process that writes must have the index follow its writes
from app.accounts import devices, sessions
from app.audit import seals
from app.controls import service as controls
from app.core import clock, idempotency
from app.core.actor import system
from app.core.config import Settings
from app.core.db import Database
from app.jobs import service as jobs
from app.jobs.kinds import Claimed, Kind, Recurring, Registry, Result, Run
from app.jobs.worker import Worker
from app.leads import personal
from app.webhooks.inbound import applying, inbox, intake, ordering
from app.webhooks.outbound import deliveries, outbox
from app.webhooks.outbound.sender import Sender

_WORKER = system("worker")


async def _erase_expired(session: AsyncSession, _job: Claimed) -> Result:
    return {"count": await personal.erase_expired(session, _WORKER)}


async def _prune_security_events(run: Run) -> Result:
    """Prunes by the real clock, as `audit prune` does, a hundred ranges in each transaction."""
    count = 0
    while True:
        async with run.database.writing() as session:
            pruned = await seals.prune(session, _WORKER, datetime.now(UTC))
        if pruned is None:
            return {"count": count}
        count += pruned
        await run.progress(count, None)


async def _prune_keys(session: AsyncSession, _job: Claimed) -> Result:
    return {"count": await idempotency.prune(session)}


async def _prune_sessions(session: AsyncSession, _job: Claimed) -> Result:
    return {"count": await sessions.prune(session) + await devices.prune(session)}


async def _end_lapsed_changes(session: AsyncSession, _job: Claimed) -> Result:
    return {"count": await controls.end_lapsed(session)}


def open_database(settings: Settings, now: clock.Now, *, is_shared: bool = True) -> Database:
    """Opens the database. Each commit also writes the outbox of webhooks."""
    database = Database(settings, now, is_shared=is_shared)
    database.before_commit = outbox.write
    return database


class Background:
    """The background tasks of a process: its worker of jobs and its sender of webhooks."""

    def __init__(self, database: Database) -> None:
        self._settings = database.settings
        self.worker = Worker(database, registry(), slots=self._settings.worker_slots)
        self.sender = Sender(database, slots=self._settings.sender_slots)

    def start(self) -> None:
        self.worker.start()
        self.sender.start()

    async def stop(self) -> None:
        seconds = self._settings.worker_drain_seconds
        await asyncio.gather(self.worker.stop(seconds), self.sender.stop(seconds))


def registry() -> Registry:
    return Registry(
        [
            Kind("jobs.prune", work=jobs.prune),
            Kind(intake.APPLY, work=applying.apply, is_promise=True),
            Kind(ordering.PARK, work=ordering.park),
            Kind("inbox.again", work=ordering.enqueue_overlooked),
            Kind("inbox.prune", work=inbox.prune),
            Kind(deliveries.REPLAY, steps=deliveries.run_replay),
            Kind("webhooks.prune", work=deliveries.prune),
            Kind("contacts.erase_expired", work=_erase_expired),
            Kind("audit.prune", steps=_prune_security_events),
            Kind("idempotency.prune", work=_prune_keys),
            Kind("sessions.prune", work=_prune_sessions),
            Kind("controls.end_lapsed", work=_end_lapsed_changes),
        ],
        [
            Recurring("jobs.prune", "jobs.prune", "50 2 * * *"),
            Recurring("contacts.erase_expired", "contacts.erase_expired", "10 3 * * *"),
            Recurring("audit.prune", "audit.prune", "30 3 * * *"),
            Recurring("inbox.park", ordering.PARK, "15 * * * *"),
            Recurring("inbox.again", "inbox.again", "25 * * * *"),
            Recurring("inbox.prune", "inbox.prune", "0 4 * * *"),
            Recurring("webhooks.prune", "webhooks.prune", "20 3 * * *"),
            Recurring("idempotency.prune", "idempotency.prune", "20 * * * *"),
            Recurring("sessions.prune", "sessions.prune", "40 3 * * *"),
            Recurring("controls.end_lapsed", "controls.end_lapsed", "5 * * * *"),
        ],
    )
