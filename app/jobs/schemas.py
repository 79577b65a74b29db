from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.clock import Moment
from app.core.text import Code, Prose
from app.jobs.models import JobState


class JobQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: JobState | None = Field(None, description="状态 / the state")
    kind: Code | None = Field(None, description="任务种类 / the kind of job")
    limit: int = Field(50, ge=1, le=200, description="最近的多少个 / so many of the latest")


class JobRead(BaseModel):
    """A job without its payload, which may hold personal data."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    state: JobState
    run_at: Moment
    attempts: int
    done_count: int | None = Field(description="已完成多少 / how much is done")
    total_count: int | None
    result: dict[str, object] | None = Field(
        description="任务的结果，字段因 kind 而异；未完成为空 / "
        "what it did, with fields of its own for each kind; null until it is done"
    )
    error: str | None = Field(description="最近一次失败的原因 / why the last attempt failed")
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class JobList(BaseModel):
    items: list[JobRead]
    counts: dict[JobState, int] = Field(description="各状态的数量，不受筛选影响 / how many in each state, unfiltered")


class ScheduleRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    kind: str
    cron: str = Field(description="五段 cron，按北京时间 / five fields, by the clock of Asia/Shanghai")
    is_active: bool
    next_at: Moment
    last_at: Moment | None
    last_job_id: UUID | None


class ScheduleList(BaseModel):
    items: list[ScheduleRead]


class ScheduleSet(BaseModel):
    model_config = body({"cron": "10 3 * * *", "is_active": True})

    cron: Annotated[Code, Field(description="五段 cron，按北京时间 / five fields, by the clock of Asia/Shanghai")]
    is_active: bool = True
    reason: Prose | None = Field(
        None, description="停用或改为更少运行时必填，由另一人确认 / required to stop it or to let it run less often"
    )
