"""Making jobs in the caller's transaction, and what people may do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, case, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, context
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Unavailable
from app.core.ids import new_id
from app.core.localized import Say
from app.core.records import affected, held, insert, one
from app.events import service as events
from app.jobs.kinds import Claimed, Registry, Result
from app.jobs.models import ENDED, Job, JobState

JOB = Say("任务", "job")
_TRIES = 3
_KEPT = {JobState.done: timedelta(days=7), JobState.cancelled: timedelta(days=7), JobState.failed: timedelta(days=90)}


async def enqueue(
    session: AsyncSession,
    actor: Actor,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    run_at: datetime | None = None,
) -> UUID:
    """Let a worker do this after the transaction, or never if that is rolled back; its id.

    With a `key` that a kept job has, that job's: nothing is done twice. A cancelled job keeps no key.
    """
    row = _row(clock.now(session), actor.id, kind, payload, key, run_at)
    made = insert(session, Job).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Job.id)
    for _ in range(_TRIES):
        if (job_id := await session.scalar(made)) is not None:
            context.WAKES.set(session, True)
            return job_id
        if (kept := await session.scalar(select(Job.id).where(Job.key == key))) is not None:
            return kept
    raise Unavailable  # the key was let go and taken again each time


def _row(
    now: datetime, actor_id: str, kind: str, payload: Mapping[str, Any], key: str | None, run_at: datetime | None = None
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "payload": dict(payload),
        "key": key,
        "state": JobState.waiting,
        "run_at": run_at or now,
        "attempts": 0,
        "claims": 0,
        "is_cancel_wanted": False,
        "actor_id": actor_id,
        "created_at": now,
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of many jobs: whose doing makes it, with what, and its key."""

    actor_id: str
    payload: Mapping[str, Any]
    key: str


async def enqueue_all(session: AsyncSession, kind: str, wanted: Sequence[Wanted]) -> None:
    """As `enqueue`, for many of one kind in one statement, to be begun in this order."""
    if not wanted:
        return
    now = clock.now(session)
    rows = [_row(now, one.actor_id, kind, one.payload, one.key) for one in wanted]
    table = Job.__table__
    assert isinstance(table, Table)
    connection = await session.connection()
    await connection.execute(insert(session, table).on_conflict_do_nothing(index_elements=["key"]), rows)
    context.WAKES.set(session, True)


def visible_to(actor: Actor) -> Select[Job]:
    """Whoever operates the service sees every job, others those they asked for."""
    query = select(Job)
    return query if Permission.operate in actor.permissions else query.where(Job.actor_id == actor.id)


async def get(session: AsyncSession, actor: Actor, job_id: UUID) -> Job:
    """Raises NotFound."""
    return await one(session, visible_to(actor).where(Job.id == job_id), JOB)


async def _lock(session: AsyncSession, actor: Actor, job_id: UUID) -> Job:
    return await held(session, visible_to(actor).where(Job.id == job_id), JOB)


async def cancel(session: AsyncSession, actor: Actor, job_id: UUID, registry: Registry) -> Job:
    """At once while it waits; one that runs is told, and ends unless it is done first. Raises Conflict for one that has
    ended, or is a promise to somebody outside."""
    job = await _lock(session, actor, job_id)
    kind = registry.kinds.get(job.kind)
    if kind is not None and kind.is_promise:
        say = Say("这类任务关系到收发的推送，不能取消。", "A job about messages of others is not cancelled.")
        raise Conflict(say, code="job_is_promise")
    if job.state in ENDED:
        raise Conflict(Say("任务已结束。", "The job has ended."), code="job_ended")
    job.is_cancel_wanted = True
    if job.state is JobState.waiting:
        job.state, job.ended_at, job.key = JobState.cancelled, clock.now(session), None
    await events.note(session, actor, "job.cancelled", "job", job.id, {"kind": job.kind})
    return job


async def retry(session: AsyncSession, actor: Actor, job_id: UUID) -> Job:
    """Try again what was given up. Raises Conflict for any other job."""
    actor.require(Permission.operate)
    job = await _lock(session, actor, job_id)
    if job.state is not JobState.failed:
        raise Conflict(Say("只有失败的任务可以重试。", "Only a failed job is tried again."), code="job_not_failed")
    job.state, job.run_at, job.attempts, job.is_cancel_wanted = JobState.waiting, clock.now(session), 0, False
    job.error = job.done_count = job.total_count = job.started_at = job.ended_at = None
    context.WAKES.set(session, True)
    await events.note(session, actor, "job.retried", "job", job.id, {"kind": job.kind})
    return job


async def find(session: AsyncSession, actor: Actor, state: JobState | None, kind: str | None, most: int) -> list[Job]:
    """The latest first."""
    query = visible_to(actor)
    if state is not None:
        query = query.where(Job.state == state)
    if kind is not None:
        query = query.where(Job.kind == kind)
    return list(await session.scalars(query.order_by(Job.created_at.desc(), Job.id.desc()).limit(most)))


async def counts(session: AsyncSession, actor: Actor) -> dict[JobState, int]:
    seen = visible_to(actor).subquery()
    rows = await session.execute(select(seen.c.state, func.count()).group_by(seen.c.state))
    return {state: count for state, count in rows}


async def prune(session: AsyncSession, _job: Claimed) -> Result:
    """Forget what ended long enough ago: a week, three months for what failed."""
    now, count = clock.now(session), 0
    for state, kept in _KEPT.items():
        gone = delete(Job).where(Job.state == state, Job.ended_at < now - kept)
        count += await affected(session, gone)
    return {"count": count}


def requeued(now: datetime) -> dict[str, Any]:
    """What a job becomes that is to be begun again: waiting, unless somebody has cancelled it meanwhile."""
    wanted = Job.is_cancel_wanted
    return {
        "state": case((wanted, literal(JobState.cancelled, Job.state.type)), else_=JobState.waiting),
        "ended_at": case((wanted, literal(now, Job.ended_at.type)), else_=None),
        "key": case((wanted, None), else_=Job.key),
    }


def is_held_by(job: Claimed) -> tuple[ColumnElement[bool], ...]:
    """Whether it is still this claim's."""
    return Job.id == job.id, Job.claimed_by == job.worker, Job.claims == job.claim, Job.state == JobState.running


async def finish(session: AsyncSession, job: Claimed, state: JobState, **values: Any) -> bool:
    """End an attempt. False where the job is no longer this worker's: another has it, and what was done must not be."""
    now = clock.now(session)
    becomes: dict[str, Any] = {"state": state}
    if state is JobState.waiting:
        becomes = requeued(now)
    elif state in ENDED:
        becomes["ended_at"] = now
    if state is JobState.cancelled:
        becomes["key"] = None
    released = update(Job).where(*is_held_by(job)).values(claimed_by=None, lease_until=None, **becomes, **values)
    return await affected(session, released) == 1
