"""Claims and runs jobs. Any number of workers may run in parallel, in one process or many.

A claim is one statement, which gives a job to one worker alone. The worker renews the lease while it works; the leases
of a worker that dies expire, and its jobs are started again.
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, TextClause, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, error_handlers, logs
from app.core.db import Database
from app.core.errors import Problem
from app.jobs import schedules, service
from app.jobs.kinds import Claimed, GivenUp, Kind, Later, Registry, Result, Run
from app.jobs.models import IS_RUNNING, IS_WAITING, Job, JobState

_LONGEST_ERROR = 500
_PROGRESS_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 5.0
_LONGEST_POLL_SECONDS = 30.0
"""Timeout of a poll, so that a database that does not answer cannot block a worker."""
_END_SECONDS = 10.0
_SOON = timedelta(seconds=1)
_Conditions = tuple[ColumnElement[bool] | TextClause, ...]

log = structlog.get_logger(__name__)


class _ClaimLost(Exception):
    """Another worker has the job now: the work of this one is rolled back."""


@dataclass(slots=True)
class _RunningJob:
    """A job that this worker runs. `is_lost`: another worker has it; `is_cancelled`: somebody cancelled it."""

    job: Claimed
    task: asyncio.Task[None]
    is_lost: bool = False
    is_cancelled: bool = False


class Worker:
    """Runs up to `slots` jobs at once. Polls every `poll_seconds`, and at once when this process has enqueued a job.

    A running job has a lease of the length `lease`, renewed four times within it.
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
        self._running: dict[UUID, _RunningJob] = {}
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._has_schedules = False
        self._loops: list[asyncio.Task[None]] = []
        self._sqlite_writer = asyncio.Lock()

    # Polling

    def start(self) -> None:
        """Polls for jobs until `stop`. Retries whatever fails."""
        self._database.wakes.add(self._wake)
        self._loops = [asyncio.create_task(self._poll_for_ever()), asyncio.create_task(self._renew_for_ever())]

    async def stop(self, seconds: float) -> None:
        """Claims no more jobs, waits up to `seconds` for running ones, then returns the rest to the queue."""
        self._is_stopping = True
        self._wake.set()
        await _end_tasks(self._loops[:1], _END_SECONDS)
        running = [running.task for running in self._running.values()]
        await _end_tasks(running, seconds, then_seconds=_END_SECONDS)
        await _end_tasks(self._loops, 0, then_seconds=_END_SECONDS)

    async def until_idle(self) -> int:
        """Runs all due jobs, and those that they enqueue, one at a time. Returns how many."""
        count = 0
        while True:
            await self.fire_due()
            claimed = await self.claim(1)
            if not claimed:
                return count
            await self._start_job(claimed[0])
            count += 1

    async def _poll_for_ever(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            try:
                async with asyncio.timeout(_LONGEST_POLL_SECONDS):
                    claimed = await self._poll()
            except Exception as error:  # whatever it is, the next poll retries
                log.warning("worker_trouble", reason=type(error).__name__, where=logs.where(error))
                await self._sleep(_AFTER_TROUBLE_SECONDS)
                continue
            for job in claimed:
                if self._is_stopping:
                    await self._give_back(job)
                else:
                    self._start_job(job)
            if not claimed or len(self._running) >= self._slots:
                await self._sleep(self._poll_seconds)

    async def _poll(self) -> list[Claimed]:
        if not self._has_schedules:
            async with self._database.writing() as session:
                await schedules.add_missing(session, self._registry)
            self._has_schedules = True
        await self.fire_due()
        return await self.claim(self._slots - len(self._running))

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def fire_due(self) -> None:
        """Enqueues the jobs of due schedules. One that fails does not prevent the others."""
        async with self._database.reading() as session:
            names = await schedules.due(session, self._registry)
        for name in names:
            try:
                async with self._database.writing() as session:
                    await schedules.fire(session, name)
            except Exception as error:
                log.warning("schedule_not_fired", schedule=name, reason=type(error).__name__, where=logs.where(error))

    async def claim(self, most: int) -> list[Claimed]:
        """Returns jobs with an expired lease to the queue, then claims up to `most` due jobs, the longest due first."""
        async with self._database.reading() as session:
            waiting = await session.scalar(select(Job.id).where(*self._due(session)).limit(1))
            orphaned = await session.scalar(select(Job.id).where(*self._orphaned(session)).limit(1))
        if orphaned is not None:
            async with self._database.writing() as session:
                now = clock.now(session)
                freed = update(Job).where(*self._orphaned(session))
                freed = freed.values(**service.requeued(now), claimed_by=None, lease_until=None, run_at=now)
                await session.execute(freed, execution_options={"synchronize_session": False})
        if most <= 0 or (orphaned is None and waiting is None):
            return []
        async with self._database.writing() as session:
            now = clock.now(session)
            first = select(Job.id).where(*self._due(session)).order_by(Job.run_at, Job.id).limit(most)
            # In a CTE the limit applies whatever plan the database chooses.
            chosen = first.with_for_update(skip_locked=True).cte("chosen")
            claim = (
                update(Job)
                .where(Job.id.in_(select(chosen.c.id)))
                .values(
                    state=JobState.running,
                    claimed_by=self.name,
                    lease_until=now + self._lease,
                    claims=Job.claims + 1,
                    attempts=Job.attempts + 1,
                    started_at=now,
                )
                .returning(Job.id, Job.kind, Job.payload, Job.attempts, Job.claims, Job.run_at)
            )
            rows = (await session.execute(claim, execution_options={"synchronize_session": False})).all()
        rows = sorted(rows, key=lambda row: (row.run_at, row.id))
        return [Claimed(row.id, row.kind, row.payload, row.attempts, row.claims, self.name) for row in rows]

    def _due(self, session: AsyncSession) -> _Conditions:
        has_kind = Job.kind.in_(sorted(self._registry.kinds))
        return IS_WAITING, Job.run_at <= clock.now(session), has_kind, Job.id.not_in(list(self._running))

    def _orphaned(self, session: AsyncSession) -> _Conditions:
        """Returns the conditions of running jobs with an expired lease, except those that this worker still runs."""
        return IS_RUNNING, Job.lease_until < clock.now(session), Job.id.not_in(list(self._running))

    # Running

    def _start_job(self, job: Claimed) -> asyncio.Task[None]:
        task = asyncio.create_task(self.do(job))
        running = self._running[job.id] = _RunningJob(job, task)

        def ended(_task: asyncio.Task[None]) -> None:
            if self._running.get(job.id) is running:
                del self._running[job.id]
            self._wake.set()

        task.add_done_callback(ended)
        return task

    async def do(self, job: Claimed) -> None:
        """Makes one attempt and stores its outcome with the job, unless another worker has the job by now."""
        kind = self._registry.kinds[job.kind]
        state, values = JobState.done, {}
        try:
            if job.attempt > kind.most_attempts:
                raise GivenUp("没有一次做完：进程每次都中断 / its worker died each time")
            await self._work(kind, job)
            return
        except _ClaimLost:
            log.warning("job_lost", job=str(job.id), kind=job.kind)
            return
        except Later as later:
            soonest = self._database.clock() + _SOON
            state, values = JobState.waiting, {"run_at": max(later.at, soonest), "attempts": job.attempt - 1}
        except asyncio.CancelledError:
            running = self._running.get(job.id)
            if running is not None and running.is_lost:
                return
            if running is None or not running.is_cancelled:
                await self._give_back(job)
                return
            state = JobState.cancelled
        except Exception as error:
            state, values = self._after_failure(kind, job, error)
        await self._end(job, state, values)

    async def _give_back(self, job: Claimed) -> None:
        await self._end(job, JobState.waiting, {"run_at": self._database.clock(), "attempts": job.attempt - 1})

    async def _work(self, kind: Kind, job: Claimed) -> None:
        if kind.work is not None:
            async with AsyncExitStack() as stack:
                if self._database.is_sqlite:
                    # SQLite has one writing connection; a job that waits for it here has not failed.
                    await stack.enter_async_context(self._sqlite_writer)
                session = await stack.enter_async_context(self._database.writing())
                await _finish_done(session, job, await kind.work(session, job))
            return
        assert kind.steps is not None
        result = await kind.steps(Run(job, self._database, _Progress(self, job)))
        await self._end(job, JobState.done, {"result": result, "error": None})

    def _after_failure(self, kind: Kind, job: Claimed, error: Exception) -> tuple[JobState, dict[str, object]]:
        """Returns the state and values of the job: waiting for a retry with backoff, or failed. Logs the error."""
        log_fields = {"job": str(job.id), "kind": job.kind, "attempt": job.attempt, "reason": type(error).__name__}
        if error_handlers.is_temporary(error):
            log.warning("job_put_off", **log_fields)
            at = self._database.clock() + timedelta(seconds=_AFTER_TROUBLE_SECONDS)
            return JobState.waiting, {"run_at": at, "attempts": job.attempt - 1}
        values: dict[str, object] = {"error": _error_text(error)}
        if isinstance(error, GivenUp) or job.attempt >= kind.most_attempts:
            log.error("job_failed", where=logs.where(error), **log_fields)
            return JobState.failed, values
        log.warning("job_attempt_failed", where=logs.where(error), **log_fields)
        return JobState.waiting, {**values, "run_at": self._database.clock() + kind.pause(job.attempt)}

    async def _end(self, job: Claimed, state: JobState, values: dict[str, object]) -> None:
        """Stores the outcome, with retries. Meanwhile the lease is renewed, so no other worker starts the job."""
        while True:
            writing = asyncio.ensure_future(self._write_end(job, state, values))
            with suppress(asyncio.CancelledError):  # the attempt ends anyway
                await asyncio.wait([writing], timeout=_LONGEST_POLL_SECONDS)
            if not writing.done():
                await asyncio.wait([writing], timeout=_END_SECONDS)
            error = writing.exception() if writing.done() else TimeoutError()
            if error is None:
                return
            writing.cancel()
            log.warning("job_end_not_kept", job=str(job.id), reason=type(error).__name__, where=logs.where(error))
            if self._is_stopping:
                return  # the lease expires, and another worker starts it again
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def _write_end(self, job: Claimed, state: JobState, values: dict[str, object]) -> None:
        async with self._database.writing() as session:
            if not await service.finish(session, job, state, **values):
                log.warning("job_lost", job=str(job.id), kind=job.kind)

    async def store_progress(self, job: Claimed, done: int, total: int | None) -> None:
        """Stores the progress. Raises CancelledError where somebody cancelled the job, or another worker has it."""
        async with self._database.writing() as session:
            progress = update(Job).where(*service.is_held_by(job)).values(done_count=done, total_count=total)
            row = (
                await session.execute(
                    progress.returning(Job.is_cancel_wanted), execution_options={"synchronize_session": False}
                )
            ).one_or_none()
        running = self._running.get(job.id)
        if row is None:
            if running is not None:
                running.is_lost = True
            raise asyncio.CancelledError
        if row.is_cancel_wanted:
            if running is not None:
                running.is_cancelled = True
            raise asyncio.CancelledError

    # Leases

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            try:
                async with asyncio.timeout(_LONGEST_POLL_SECONDS):
                    await self.renew()
            except Exception as error:  # the next renewal retries; a lease lasts four of them
                log.warning("leases_not_renewed", reason=type(error).__name__, where=logs.where(error))

    async def renew(self) -> None:
        """Renews the leases of running jobs; stops those that another worker has, or that somebody cancelled."""
        mine = dict(self._running)
        if not mine:
            return
        async with self._database.writing() as session:
            is_mine = (Job.claimed_by == self.name, IS_RUNNING, Job.id.in_(list(mine)))
            renewed = update(Job).where(*is_mine).values(lease_until=clock.now(session) + self._lease)
            rows = await session.execute(
                renewed.returning(Job.id, Job.claims, Job.is_cancel_wanted),
                execution_options={"synchronize_session": False},
            )
            still_mine = {(row.id, row.claims): bool(row.is_cancel_wanted) for row in rows}
        for job_id, running in mine.items():
            is_cancel_wanted = still_mine.get((job_id, running.job.claim))
            if is_cancel_wanted is False or running.task.done():
                continue
            running.is_lost, running.is_cancelled = is_cancel_wanted is None, is_cancel_wanted is True
            running.task.cancel()


class _Progress:
    """Stores the progress of a job at most once a second, and when it is complete."""

    def __init__(self, worker: Worker, job: Claimed) -> None:
        self._store = partial(worker.store_progress, job)
        self._stored_at = float("-inf")

    def __call__(self, done: int, total: int | None) -> Awaitable[None]:
        return self._store_throttled(done, total)

    async def _store_throttled(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if done == total or now - self._stored_at >= _PROGRESS_SECONDS:
            self._stored_at = now
            await self._store(done, total)


async def _end_tasks(tasks: list[asyncio.Task[None]], seconds: float, then_seconds: float = 0) -> None:
    """Waits up to `seconds` for the tasks, cancels the rest and waits up to `then_seconds` for those."""
    left = [task for task in tasks if not task.done()]
    if left and seconds > 0:
        _, late = await asyncio.wait(left, timeout=seconds)
        left = list(late)
    for task in left:
        task.cancel()
    if left and then_seconds > 0:
        await asyncio.wait(left, timeout=then_seconds)


async def _finish_done(session: AsyncSession, job: Claimed, result: Result) -> None:
    if not await service.finish(session, job, JobState.done, result=result, error=None):
        raise _ClaimLost


def _error_text(error: Exception) -> str:
    """Returns the text of our own errors, and only the type of any other, whose text may hold parts of a payload or
    row."""
    if isinstance(error, GivenUp):
        text = str(error)
    elif isinstance(error, Problem):
        text = f"{error.detail.zh} / {error.detail.en}"
    else:
        text = type(error).__name__
    return "".join(c if c.isprintable() else "�" for c in text)[:_LONGEST_ERROR]
