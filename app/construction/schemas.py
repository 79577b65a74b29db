from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import ID, body
from app.core.clock import Day, Moment
from app.core.money import Amount, Yuan
from app.core.paging import Count, ListQuery
from app.core.refs import Ref
from app.core.text import Prose, Text
from app.projects.models import Program


class Withdrawal(BaseModel):
    model_config = body({"reason": "示例：录入有误"})

    reason: Prose


class PlanListAdd(BaseModel):
    """Puts a project on the list of a year. `planned_this_year`, if given, is also recorded as the project's planned
    amount for that year, from today on."""

    model_config = body({"planned_this_year": "50000000.00", "source": "示例：年度计划"})

    planned_this_year: Amount | None = Field(None, description="当年计划投资（元）")
    source: Text


class PlanListRead(BaseModel):
    """A row of a year's list: the project is on it, or was withdrawn."""

    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    year: int
    is_withdrawn: bool
    reason: str | None
    source: str | None
    recorded_at: Moment


class PlanListQuery(ListQuery):
    on: Day | None = Field(
        None, description="年内的哪一天，缺省为年末 / as of which day of the year, its last by default"
    )
    unit_id: UUID | None = Field(None, description="单位及其下级 / the unit and all below it")
    task_force_id: UUID | None = Field(None, description="产业专班 / the task force")
    program: Program | None = Field(None, description="类别，原值 / the stored program")


class PlanListItem(BaseModel):
    """A project that the figure `planned_year` counts on that day, as known now: place, program and amounts are those
    of the day, name and stage those of now. The figure as known at an earlier moment is in the totals."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    program: Program
    stage: str
    unit_id: UUID | None
    unit: Ref | None
    task_force_id: UUID | None
    task_force: Ref | None
    planned_total: Yuan | None
    planned_this_year: Yuan | None
    is_whole_line: bool = Field(
        description="已分期而作为一项计入：当日尚未分期，或各期均未列入 / "
        "a parent that counts once for all of it: it had no phases on that day, or none of them is on the list"
    )
    listed_as: list[str] = Field(
        description="列入登记所在的项目编号；分期起始日前由总项目计入的，是分期的编号 / "
        "the codes of the records that were put on the list, as far as they are in scope; those of phases where their "
        "parent counts for them"
    )
    source: str | None
    recorded_at: Moment


class StartBatchCreate(BaseModel):
    model_config = body({"name": "示例：一季度集中开工", "held_on": "2023-03-15", "project_ids": [ID]})

    name: Text
    held_on: Day
    source: Text | None = None
    project_ids: list[UUID] = Field(default_factory=list, max_length=500)


class StartBatchRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    held_on: date
    source: str | None
    is_illustrative: bool
    recorded_at: Moment
    withdrawn_reason: str | None


class StartBatchQuery(ListQuery):
    year: int | None = Field(None, ge=1949, le=2199, description="开工年份 / the year they were held in")


class BatchMember(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    program: Program
    stage: str
    planned_total: Yuan | None


class StartBatchDetail(StartBatchRead):
    """The batch with those of its projects that the reader sees; `count` counts these."""

    projects: list[BatchMember]
    count: Count


class WorkResumptionCreate(BaseModel):
    model_config = body({"on": "2023-03-01", "note": "示例：现场核实复工"})

    on: Day
    evidence_id: UUID | None = None
    note: Prose | None = None


class WorkResumptionRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    project_id: UUID
    year: int
    on: date
    evidence_id: UUID | None
    note: str | None
    is_withdrawn: bool
    reason: str | None
    recorded_at: Moment
