"""Claims jobs and does them: any number of workers side by side, in one process or many.

A claim is one statement that no other worker can take the same row by. Its holder renews the lease while it works; a
worker that dies leaves leases that run out, and what it had begun is begun again.
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
_LONGEST_LOOK_SECONDS = 30.0
"""A database that does not answer at all must not hold a worker for ever."""
_END_SECONDS = 10.0
_SOON = timedelta(seconds=1)
_Conditions = tuple[ColumnElement[bool] | TextClause, ...]

log = structlog.get_logger(__name__)


class _Lost(Exception):
    """Another worker has the job by now: what this one did of it is rolled back."""


@dataclass(slots=True)
class _Held:
    """A job that this worker is doing. `is_lost`: another has it; `is_cancelled`: somebody wants it to end."""

    job: Claimed
    task: asyncio.Task[None]
    is_lost: bool = False
    is_cancelled: bool = False


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
        self._running: dict[UUID, _Held] = {}
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._is_brought = False
        self._loops: list[asyncio.Task[None]] = []
        self._one_writes = asyncio.Lock()

    # Looking

    def start(self) -> None:
        """Look for jobs until `stop`. Whatever fails is tried again."""
        self._database.wakes.add(self._wake)
        self._loops = [asyncio.create_task(self._look_for_ever()), asyncio.create_task(self._renew_for_ever())]

    async def stop(self, seconds: float) -> None:
        """Claim nothing more; wait so long for what runs, then give it back to be begun again."""
        self._is_stopping = True
        self._wake.set()
        await _over(self._loops[:1], _END_SECONDS)
        held = [held.task for held in self._running.values()]
        await _over(held, seconds, then_seconds=_END_SECONDS)
        await _over(self._loops, 0, then_seconds=_END_SECONDS)

    async def until_idle(self) -> int:
        """Do what is due now and what comes of it, one job at a time; how many were done."""
        count = 0
        while True:
            await self.fire_due()
            claimed = await self.claim(1)
            if not claimed:
                return count
            await self._begin(claimed[0])
            count += 1

    async def _look_for_ever(self) -> None:
        while not self._is_stopping:
            self._wake.clear()
            try:
                async with asyncio.timeout(_LONGEST_LOOK_SECONDS):
                    claimed = await self._look()
            except Exception as error:  # whatever it is, the next look is another
                log.warning("worker_trouble", reason=type(error).__name__, where=logs.where(error))
                await self._sleep(_AFTER_TROUBLE_SECONDS)
                continue
            for job in claimed:
                if self._is_stopping:
                    await self._give_back(job)
                else:
                    self._begin(job)
            if not claimed or len(self._running) >= self._slots:
                await self._sleep(self._poll_seconds)

    async def _look(self) -> list[Claimed]:
        if not self._is_brought:
            async with self._database.writing() as session:
                await schedules.add_missing(session, self._registry)
            self._is_brought = True
        await self.fire_due()
        return await self.claim(self._slots - len(self._running))

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    async def fire_due(self) -> None:
        """Make the jobs of schedules that are due. One that cannot be made keeps back no other."""
        async with self._database.reading() as session:
            names = await schedules.due(session, self._registry)
        for name in names:
            try:
                async with self._database.writing() as session:
                    await schedules.fire(session, name)
            except Exception as error:
                log.warning("schedule_not_fired", schedule=name, reason=type(error).__name__, where=logs.where(error))

    async def claim(self, most: int) -> list[Claimed]:
        """Up to so many due jobs, the longest due first; those whose worker is gone are due again."""
        async with self._database.reading() as session:
            waiting = await session.scalar(select(Job.id).where(*self._due(session)).limit(1))
            lost = await session.scalar(select(Job.id).where(*self._orphaned(session)).limit(1))
        if lost is not None:
            async with self._database.writing() as session:
                now = clock.now(session)
                freed = update(Job).where(*self._orphaned(session))
                freed = freed.values(**service.requeued(now), claimed_by=None, lease_until=None, run_at=now)
                await session.execute(freed, execution_options={"synchronize_session": False})
        if most <= 0 or (lost is None and waiting is None):
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
        known = Job.kind.in_(sorted(self._registry.kinds))
        return IS_WAITING, Job.run_at <= clock.now(session), known, Job.id.not_in(list(self._running))

    def _orphaned(self, session: AsyncSession) -> _Conditions:
        """Running, and held by nobody any more; not what this worker itself is doing, however late it renews."""
        return IS_RUNNING, Job.lease_until < clock.now(session), Job.id.not_in(list(self._running))

    # Doing

    def _begin(self, job: Claimed) -> asyncio.Task[None]:
        task = asyncio.create_task(self.do(job))
        held = self._running[job.id] = _Held(job, task)

        def ended(_task: asyncio.Task[None]) -> None:
            if self._running.get(job.id) is held:
                del self._running[job.id]
            self._wake.set()

        task.add_done_callback(ended)
        return task

    async def do(self, job: Claimed) -> None:
        """One attempt, and what comes of it. Whatever happens is kept with the job, unless another has it by now."""
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
            soonest = self._database.clock() + _SOON
            state, values = JobState.waiting, {"run_at": max(later.at, soonest), "attempts": job.attempt - 1}
        except asyncio.CancelledError:
            held = self._running.get(job.id)
            if held is not None and held.is_lost:
                return
            if held is None or not held.is_cancelled:
                await self._give_back(job)
                return
            state = JobState.cancelled
        except Exception as error:
            state, values = self._failed(kind, job, error)
        await self._end(job, state, values)

    async def _give_back(self, job: Claimed) -> None:
        await self._end(job, JobState.waiting, {"run_at": self._database.clock(), "attempts": job.attempt - 1})

    async def _work(self, kind: Kind, job: Claimed) -> None:
        if kind.work is not None:
            async with AsyncExitStack() as stack:
                if self._database.is_sqlite:
                    # There is one connection that writes: who waits for it here has not failed.
                    await stack.enter_async_context(self._one_writes)
                session = await stack.enter_async_context(self._database.writing())
                await _done(session, job, await kind.work(session, job))
            return
        assert kind.steps is not None
        result = await kind.steps(Run(job, self._database, _Progress(self, job)))
        await self._end(job, JobState.done, {"result": result, "error": None})

    def _failed(self, kind: Kind, job: Claimed, error: Exception) -> tuple[JobState, dict[str, object]]:
        told = {"job": str(job.id), "kind": job.kind, "attempt": job.attempt, "reason": type(error).__name__}
        if error_handlers.is_temporary(error):
            log.warning("job_put_off", **told)
            at = self._database.clock() + timedelta(seconds=_AFTER_TROUBLE_SECONDS)
            return JobState.waiting, {"run_at": at, "attempts": job.attempt - 1}
        said: dict[str, object] = {"error": _said(error)}
        if isinstance(error, GivenUp) or job.attempt >= kind.most_attempts:
            log.error("job_failed", where=logs.where(error), **told)
            return JobState.failed, said
        log.warning("job_attempt_failed", where=logs.where(error), **told)
        return JobState.waiting, {**said, "run_at": self._database.clock() + kind.pause(job.attempt)}

    async def _end(self, job: Claimed, state: JobState, values: dict[str, object]) -> None:
        """Write what came of it, and try until it is written: meanwhile the lease is renewed, so nobody begins anew."""
        while True:
            writing = asyncio.ensure_future(self._write_end(job, state, values))
            with suppress(asyncio.CancelledError):  # whoever wants it to end gets what is wanted
                await asyncio.wait([writing], timeout=_LONGEST_LOOK_SECONDS)
            if not writing.done():
                await asyncio.wait([writing], timeout=_END_SECONDS)
            error = writing.exception() if writing.done() else TimeoutError()
            if error is None:
                return
            writing.cancel()
            log.warning("job_end_not_kept", job=str(job.id), reason=type(error).__name__, where=logs.where(error))
            if self._is_stopping:
                return  # the lease runs out, and another begins it again
            await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def _write_end(self, job: Claimed, state: JobState, values: dict[str, object]) -> None:
        async with self._database.writing() as session:
            if not await service.finish(session, job, state, **values):
                log.warning("job_lost", job=str(job.id), kind=job.kind)

    async def say_progress(self, job: Claimed, done: int, total: int | None) -> None:
        """Raises CancelledError where somebody wants the job to end, or another worker has it."""
        async with self._database.writing() as session:
            said = update(Job).where(*service.is_held_by(job)).values(done_count=done, total_count=total)
            wanted = (
                await session.execute(
                    said.returning(Job.is_cancel_wanted), execution_options={"synchronize_session": False}
                )
            ).one_or_none()
        held = self._running.get(job.id)
        if wanted is None:
            if held is not None:
                held.is_lost = True
            raise asyncio.CancelledError
        if wanted[0]:
            if held is not None:
                held.is_cancelled = True
            raise asyncio.CancelledError

    # Holding

    async def _renew_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 4)
            try:
                async with asyncio.timeout(_LONGEST_LOOK_SECONDS):
                    await self.renew()
            except Exception as error:  # the next time is another, and a lease outlives some
                log.warning("leases_not_renewed", reason=type(error).__name__, where=logs.where(error))

    async def renew(self) -> None:
        """Hold on to what runs; let go of what another worker has, or somebody has cancelled."""
        mine = dict(self._running)
        if not mine:
            return
        async with self._database.writing() as session:
            own = (Job.claimed_by == self.name, IS_RUNNING, Job.id.in_(list(mine)))
            renewed = update(Job).where(*own).values(lease_until=clock.now(session) + self._lease)
            rows = await session.execute(
                renewed.returning(Job.id, Job.claims, Job.is_cancel_wanted),
                execution_options={"synchronize_session": False},
            )
            kept = {(row.id, row.claims): bool(row.is_cancel_wanted) for row in rows}
        for job_id, held in mine.items():
            wanted = kept.get((job_id, held.job.claim))
            if wanted is False or held.task.done():
                continue
            held.is_lost, held.is_cancelled = wanted is None, wanted is True
            held.task.cancel()


class _Progress:
    """Says how far a job is, at most once a second, and when it is done."""

    def __init__(self, worker: Worker, job: Claimed) -> None:
        self._say = partial(worker.say_progress, job)
        self._said_at = float("-inf")

    def __call__(self, done: int, total: int | None) -> Awaitable[None]:
        return self._tell(done, total)

    async def _tell(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if done == total or now - self._said_at >= _PROGRESS_SECONDS:
            self._said_at = now
            await self._say(done, total)


async def _over(tasks: list[asyncio.Task[None]], seconds: float, then_seconds: float = 0) -> None:
    """Wait so long for them, then cancel what is left and wait a little for that; never for ever."""
    left = [task for task in tasks if not task.done()]
    if left and seconds > 0:
        _, late = await asyncio.wait(left, timeout=seconds)
        left = list(late)
    for task in left:
        task.cancel()
    if left and then_seconds > 0:
        await asyncio.wait(left, timeout=then_seconds)


async def _done(session: AsyncSession, job: Claimed, result: Result) -> None:
    if not await service.finish(session, job, JobState.done, result=result, error=None):
        raise _Lost


def _said(error: Exception) -> str:
    """What people may read: our own words, and of anything else its kind alone, for its text may hold what was in a
    payload or a row."""
    if isinstance(error, GivenUp):
        text = str(error)
    elif isinstance(error, Problem):
        text = f"{error.detail.zh} / {error.detail.en}"
    else:
        text = type(error).__name__
    return "".join(c if c.isprintable() else "�" for c in text)[:_LONGEST_ERROR]
