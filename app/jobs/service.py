"""Enqueues jobs in the caller's transaction, reads, cancels, retries and ends them."""

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
    """Enqueues a job, which a worker does after the commit; a rollback removes it. Returns its id.

    Where a stored job has the same `key`, nothing is enqueued and its id is returned. A cancelled job loses its key.
    """
    row = _row(clock.now(session), actor.id, kind, payload, key, run_at)
    made = insert(session, Job).values(row).on_conflict_do_nothing(index_elements=["key"]).returning(Job.id)
    for _ in range(_TRIES):
        if (job_id := await session.scalar(made)) is not None:
            context.WAKES.set(session, True)
            return job_id
        if (existing := await session.scalar(select(Job.id).where(Job.key == key))) is not None:
            return existing
    raise Unavailable  # the key was released and taken again each time


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
    """One of many jobs to enqueue: its actor, payload and key."""

    actor_id: str
    payload: Mapping[str, Any]
    key: str


async def enqueue_all(session: AsyncSession, kind: str, wanted: Sequence[Wanted]) -> None:
    """Enqueues many jobs of one kind in one statement. Workers start them in this order."""
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
    """Returns a query of the jobs that the actor sees: all with the right to operate, else its own."""
    query = select(Job)
    return query if Permission.operate in actor.permissions else query.where(Job.actor_id == actor.id)


async def get(session: AsyncSession, actor: Actor, job_id: UUID) -> Job:
    """Raises NotFound."""
    return await one(session, visible_to(actor).where(Job.id == job_id), JOB)


async def _lock(session: AsyncSession, actor: Actor, job_id: UUID) -> Job:
    return await held(session, visible_to(actor).where(Job.id == job_id), JOB)


async def cancel(session: AsyncSession, actor: Actor, job_id: UUID, registry: Registry) -> Job:
    """Cancels a waiting job at once; a running job ends soon, unless it is done first. Raises Conflict for a job that
    has ended, or that was promised to an outside system."""
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
    """Retries a failed job. Raises Conflict for any other job."""
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
    """Returns at most `most` jobs that the actor sees, the latest first."""
    query = visible_to(actor)
    if state is not None:
        query = query.where(Job.state == state)
    if kind is not None:
        query = query.where(Job.kind == kind)
    return list(await session.scalars(query.order_by(Job.created_at.desc(), Job.id.desc()).limit(most)))


async def counts(session: AsyncSession, actor: Actor) -> dict[JobState, int]:
    visible = visible_to(actor).subquery()
    rows = await session.execute(select(visible.c.state, func.count()).group_by(visible.c.state))
    return {state: count for state, count in rows}


async def prune(session: AsyncSession, _job: Claimed) -> Result:
    """Deletes jobs a week after their end, failed ones after 90 days."""
    now, count = clock.now(session), 0
    for state, kept in _KEPT.items():
        expired = delete(Job).where(Job.state == state, Job.ended_at < now - kept)
        count += await affected(session, expired)
    return {"count": count}


def requeued(now: datetime) -> dict[str, Any]:
    """Returns the values of a job that goes back to the queue: waiting, or cancelled where somebody cancelled it."""
    is_cancelled = Job.is_cancel_wanted
    return {
        "state": case((is_cancelled, literal(JobState.cancelled, Job.state.type)), else_=JobState.waiting),
        "ended_at": case((is_cancelled, literal(now, Job.ended_at.type)), else_=None),
        "key": case((is_cancelled, None), else_=Job.key),
    }


def is_held_by(claimed: Claimed) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions under which a job still belongs to this claim."""
    return (
        Job.id == claimed.id,
        Job.claimed_by == claimed.worker,
        Job.claims == claimed.claim,
        Job.state == JobState.running,
    )


async def finish(session: AsyncSession, job: Claimed, state: JobState, **values: Any) -> bool:
    """Ends an attempt. Returns False where another worker has the job: this transaction must then be rolled back."""
    now = clock.now(session)
    changes: dict[str, Any] = {"state": state}
    if state is JobState.waiting:
        changes = requeued(now)
    elif state in ENDED:
        changes["ended_at"] = now
    if state is JobState.cancelled:
        changes["key"] = None
    released = update(Job).where(*is_held_by(job)).values(claimed_by=None, lease_until=None, **changes, **values)
    return await affected(session, released) == 1
