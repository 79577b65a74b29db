from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, choice
from app.core.localized import Word


class JobState(Word):
    waiting = "waiting", "待办", "waiting"
    running = "running", "进行中", "running"
    done = "done", "完成", "done"
    failed = "failed", "失败", "failed"
    cancelled = "cancelled", "已取消", "cancelled"


ENDED = frozenset({JobState.done, JobState.failed, JobState.cancelled})


IS_WAITING = text("state = 'waiting'")
IS_RUNNING = text("state = 'running'")
"""As literal text: a partial index serves no query that binds the value as a parameter."""


class Job(Base):
    """Work to be done once, after the commit of the transaction that enqueued it.

    The worker that claimed it has a lease until `lease_until`. `claims` only rises and is the fencing token: a worker
    that lost its lease cannot end the job. `attempts` counts towards the maximum, after which the job has `failed`.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_jobs_waiting", "run_at", "id", sqlite_where=IS_WAITING, postgresql_where=IS_WAITING),
        Index("ix_jobs_running", "lease_until", sqlite_where=IS_RUNNING, postgresql_where=IS_RUNNING),
        Index("ix_jobs_ended_at", "ended_at"),
        Index("ix_jobs_created_at", "created_at", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(200))
    """While a job with this key exists, no other with that key is made."""
    state: Mapped[JobState] = mapped_column(choice(JobState, "state"))
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    claims: Mapped[int] = mapped_column(Integer)
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    is_cancel_wanted: Mapped[bool] = mapped_column(Boolean)
    done_count: Mapped[int | None] = mapped_column(Integer)
    total_count: Mapped[int | None] = mapped_column(Integer)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[str | None] = mapped_column(String(500))
    """Why the last attempt failed."""
    actor_id: Mapped[str] = mapped_column(String(100))
    """The actor that enqueued it."""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Schedule(Base):
    """A job that recurs (cron, Asia/Shanghai). The first worker to poll enqueues each run, once."""

    __tablename__ = "job_schedules"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    cron: Mapped[str] = mapped_column(String(100))
    is_active: Mapped[bool] = mapped_column(Boolean)
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
    last_job_id: Mapped[UUID | None]
