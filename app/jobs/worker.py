"""Claims jobs and does them: any number of workers side by side, in one process or many.

A claim is one statement that no other worker can take the same row by. Its holder renews the lease while it works; a
worker that dies leaves leases that run out, and what it had begun is begun again.
"""

import asyncio
import os
import secrets
import socket
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, TextClause, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Database
from app.jobs import schedules, service
from app.jobs.kinds import Claimed, GivenUp, Kind, Later, Registry, Result, Run
from app.jobs.models import IS_RUNNING, IS_WAITING, Job, JobState

_LONGEST_ERROR = 500
_PROGRESS_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 5.0

_Conditions = tuple[ColumnElement[bool] | TextClause, ...]

log = structlog.get_logger(__name__)


class _Lost(Exception):
    """Another worker has the job by now: what this one did of it is rolled back."""


class Worker:
    """`slots` jobs at once; looks for due ones every `poll_seconds`, and at once when this process has made one.

    What runs is held for `lease` and renewed four times within it.
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        *,
        slots: int = 4,
        poll_seconds: float = 1.0,
        lease: timedelta = timedelta(seconds=60),
    ) -> None:
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._database = database
        self._registry = registry
        self._slots = slots
        self._poll_seconds = poll_seconds
        self._lease = lease
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._cancelled: set[UUID] = set()
        self._stopping = False

    async def run(self) -> None:
        """Until `stop`. Whatever fails is tried again."""
        self._database.wake = wake = asyncio.Event()
        renewing = asyncio.create_task(self._renew_for_ever())
        is_brought = False
        try:
            while not self._stopping:
                wake.clear()
                try:
                    if not is_brought:
                        async with self._database.writing() as session:
                            await schedules.bring(session, self._registry)
                        is_brought = True
                    await self.fire_due()
                    claimed = await self.claim(self._slots - len(self._running))
                except Exception as error:  # whatever it is, the next look is another
                    log.warning("worker_trouble", reason=type(error).__name__, exc_info=error)
                    await self._sleep(wake, _AFTER_TROUBLE_SECONDS)
                    continue
                for job in claimed:
                    self._begin(job, wake)
                if not claimed:
                    await self._sleep(wake, self._poll_seconds)
                elif len(self._running) >= self._slots:
                    await asyncio.wait(self._running.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            renewing.cancel()

    async def _sleep(self, wake: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), seconds)

    def _begin(self, job: Claimed, wake: asyncio.Event) -> None:
        task = asyncio.create_task(self.do(job))
        self._running[job.id] = task

        def ended(_task: asyncio.Task[None]) -> None:
            del self._running[job.id]
            self._cancelled.discard(job.id)
            wake.set()

        task.add_done_callback(ended)

    async def stop(self, seconds: float) -> None:
        """Claim nothing more; wait so long for what runs, then give it back to be begun again."""
        self._stopping = True
        if self._database.wake is not None:
            self._database.wake.set()
        if not self._running:
            return
        _, late = await asyncio.wait(list(self._running.values()), timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def until_idle(self) -> int:
        """Do what is due now and what comes of it, one job at a time; how many were done."""
        count = 0
        while True:
            await self.fire_due()
            claimed = await self.claim(1)
            if not claimed:
                return count
            await self.do(claimed[0])
            count += 1

    async def fire_due(self) -> None:
        async with self._database.reading() as session:
            names = await schedules.due(session)
        for name in names:
            async with self._database.writing() as session:
                await schedules.fire(session, name)

    async def claim(self, most: int) -> list[Claimed]:
        """Up to so many due jobs, the longest due first; those whose worker is gone are due again."""
        if most <= 0:
            return []
        async with self._database.reading() as session:
            now = clock.now(session)
            waiting = await session.scalar(select(Job.id).where(*self._due(session)).limit(1))
            lost = await session.scalar(select(Job.id).where(*_lost(session)).limit(1))
        if lost is not None:
            async with self._database.writing() as session:
                freed = update(Job).where(*_lost(session)).values(state=JobState.waiting, claimed_by=None, run_at=now)
                await session.execute(freed, execution_options={"synchronize_session": False})
        elif waiting is None:
            return []
        async with self._database.writing() as session:
            now = clock.now(session)
            first = select(Job.id).where(*self._due(session)).order_by(Job.run_at, Job.id).limit(most)
            # In a CTE the limit holds whatever the planner thinks of.
            chosen = first.with_for_update(skip_locked=True).cte("chosen")
            claim = (
                update(Job)
                .where(Job.id.in_(select(chosen.c.id)))
                .values(
                    state=JobState.running,
                    claimed_by=self.name,
                    lease_until=now + self._lease,
                    attempts=Job.attempts + 1,
                    started_at=now,
                )
                .returning(Job.id, Job.kind, Job.payload, Job.attempts, Job.run_at)
            )
            rows = (await session.execute(claim, execution_options={"synchronize_session": False})).all()
        rows = sorted(rows, key=lambda row: (row.run_at, row.id))
        return [Claimed(row.id, row.kind, row.payload, row.attempts, self.name) for row in rows]

    def _due(self, session: AsyncSession) -> _Conditions:
        known = Job.kind.in_(sorted(self._registry.kinds))
        return IS_WAITING, Job.run_at <= clock.now(session), known

    async def do(self, job: Claimed) -> None:
        kind = self._registry.kinds[job.kind]
        state, values = JobState.done, {}
        try:
            if job.attempt > kind.most_attempts:
                raise GivenUp("没有一次做完：进程每次都中断 / its worker died each time")
            await self._work(kind, job)
            return
        except _Lost:
            log.warning("job_lost", job=str(job.id), kind=job.kind)
            return
        except Later as later:
            state, values = JobState.waiting, {"run_at": later.at, "attempts": job.attempt - 1}
        except asyncio.CancelledError:
            if job.id in self._cancelled:
                state = JobState.cancelled
            else:
                state, values = JobState.waiting, {"run_at": self._database.clock(), "attempts": job.attempt - 1}
        except Exception as error:
            state, values = self._failed(kind, job, error)
        try:
            await asyncio.shield(self._end(job, state, values))
        except Exception as error:  # its lease runs out, and it is begun again
            log.warning("job_end_not_kept", job=str(job.id), reason=type(error).__name__, exc_info=error)

    async def _work(self, kind: Kind, job: Claimed) -> None:
        if kind.work is not None:
            async with self._database.writing() as session:
                result = await kind.work(session, job)
                await _done(session, job, result)
            return
        assert kind.steps is not None
        result = await kind.steps(Run(job, self._database, partial(self._progress, job)))
        async with self._database.writing() as session:
            await _done(session, job, result)

    def _failed(self, kind: Kind, job: Claimed, error: Exception) -> tuple[JobState, dict[str, object]]:
        said = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        if isinstance(error, GivenUp) or job.attempt >= kind.most_attempts:
            log.error("job_failed", job=str(job.id), kind=job.kind, attempt=job.attempt, exc_info=error)
            return JobState.failed, {"error": said}
        log.warning("job_attempt_failed", job=str(job.id), kind=job.kind, attempt=job.attempt, exc_info=error)
        return JobState.waiting, {"error": said, "run_at": self._database.clock() + kind.pause(job.attempt)}

    async def _end(self, job: Claimed, state: JobState, values: dict[str, object]) -> None:
        async with self._database.writing() as session:
            await service.finish(session, job, state, **values)

    async def _progress(self, job: Claimed, done: int, total: int | None) -> None:
        async with self._database.writing() as session:
            its = (Job.id == job.id, Job.claimed_by == self.name, Job.attempts == job.attempt)
            said = update(Job).where(*its).values(done_count=done, total_count=total).returning(Job.is_cancel_wanted)
            wanted = (await session.execute(said, execution_options={"synchronize_session": False})).one_or_none()
        if wanted is None:
            raise _Lost
        if wanted[0]:
            self._cancelled.add(job.id)
            raise asyncio.CancelledError

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            try:
                await self.renew()
            except Exception as error:  # the next time is another, and a lease outlives some
                log.warning("leases_not_renewed", reason=type(error).__name__, exc_info=error)

    async def renew(self) -> None:
        """Hold on to what runs; let go of what another worker has, or somebody has cancelled."""
        ids = list(self._running)
        if not ids:
            return
        async with self._database.writing() as session:
            own = (Job.claimed_by == self.name, Job.state == JobState.running, Job.id.in_(ids))
            held = update(Job).where(*own).values(lease_until=clock.now(session) + self._lease)
            rows = await session.execute(
                held.returning(Job.id, Job.is_cancel_wanted), execution_options={"synchronize_session": False}
            )
            cancelled = {row.id for row in rows if row.is_cancel_wanted}
        for job_id in cancelled & self._running.keys():
            self._cancelled.add(job_id)
            self._running[job_id].cancel()


def _lost(session: AsyncSession) -> _Conditions:
    return IS_RUNNING, Job.lease_until < clock.now(session)


async def _done(session: AsyncSession, job: Claimed, result: Result) -> None:
    if not await service.finish(session, job, JobState.done, result=result, error=None):
        raise _Lost
