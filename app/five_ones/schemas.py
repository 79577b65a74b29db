from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import ID, body
from app.core.clock import Day
from app.core.localized import Word
from app.core.paging import ListQuery
from app.core.refs import Ref
from app.core.several import PICKED, Picked, Several
from app.core.text import Code, Prose, Text
from app.five_ones.models import Capacity, Stroke, StrokeState
from app.projects.members import MemberRole
from app.projects.placed import PlacedFilter


class LeaderAppoint(BaseModel):
    model_config = body({"official_id": ID, "opened_on": "2023-02-01", "capacities": ["commander"]})

    official_id: UUID
    opened_on: Day | None = Field(None, description="缺省为业务日 / the business day by default")
    capacities: list[Capacity] = Field(
        default_factory=lambda: list(Capacity),
        min_length=1,
        max_length=3,
        description="指挥员、协调员、服务员",
    )


class LeaderHandover(LeaderAppoint):
    model_config = body({"official_id": ID, "note": "示例：项目进展与待办已交接"})

    note: Prose = Field(description="交接说明 / what is handed over")


class LeaderRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    official_id: UUID
    official_name: str
    capacities: list[Capacity]
    opened_on: date
    closed_on: date | None
    handover_note: str | None
    is_in_post: bool


class TeamMemberSet(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    official_id: UUID
    duty: Text | None = None


class TeamSet(BaseModel):
    """At least two members; the contact is one of them or the team leader."""

    model_config = body(
        {
            "lead_unit_id": ID,
            "leader_id": ID,
            "contact_id": "01890000-0000-7000-8000-000000000002",
            "members": [
                {"official_id": "01890000-0000-7000-8000-000000000002", "duty": "联络"},
                {"official_id": "01890000-0000-7000-8000-000000000003"},
            ],
        }
    )

    lead_unit_id: UUID
    leader_id: UUID
    contact_id: UUID
    members: list[TeamMemberSet] = Field(min_length=2, max_length=100)
    opened_on: Day | None = None
    note: Prose | None = None


class TeamMemberRead(TeamMemberSet):
    official: Ref


class TeamRead(BaseModel):
    id: UUID
    lead_unit_id: UUID
    lead_unit: Ref
    leader_id: UUID
    leader: Ref
    contact_id: UUID
    contact: Ref
    members: list[TeamMemberRead]
    opened_on: date
    closed_on: date | None
    note: str | None


class MilestoneSet(BaseModel):
    """`continues` names the milestone of the previous version that this one continues; by default the one that leads to
    the same stage, so that reports carry over."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    leads_to: Code | None = Field(None, description="通向的阶段 / the stage it leads to")
    planned_on: Day = Field(description="不早于前一阶段的计划日 / not before that of an earlier stage")
    continues: UUID | None = None


class PlanPublish(BaseModel):
    model_config = body(
        {
            "title": "推进方案",
            "milestones": [
                {"name": "落地", "leads_to": "landed", "planned_on": "2023-05-31"},
                {"name": "开工", "leads_to": "started", "planned_on": "2023-09-30"},
                {"name": "竣工", "leads_to": "completed", "planned_on": "2024-12-31"},
                {"name": "投产", "leads_to": "operating", "planned_on": "2025-03-31"},
            ],
        }
    )

    title: Text
    reason: Prose | None = Field(None, description="新版本的理由，第二版起必填 / required from version 2 on")
    milestones: list[MilestoneSet] = Field(min_length=1, max_length=100)


class MilestoneRead(BaseModel):
    id: UUID
    line_id: UUID
    name: str
    leads_to: str | None
    planned_on: date
    forecast_on: date | None
    actual_on: date | None


class PlanWarning(BaseModel):
    """A warning on the current plan; it blocks nothing."""

    code: str = Field(description="out_of_order, past_day")
    milestone_id: UUID
    zh: str
    en: str


class PlanRead(BaseModel):
    id: UUID
    number: int
    title: str
    reason: str | None
    published_on: date
    milestones: list[MilestoneRead]
    warnings: list[PlanWarning] = Field(description="现行方案中须注意之处；旧版本为空 / none for earlier versions")


class PlanDates(BaseModel):
    """The days of one stage: first planned, planned now, forecast and actual."""

    stage: str
    original_on: date | None
    current_on: date | None
    forecast_on: date | None
    actual_on: date | None


class MilestoneReportCreate(BaseModel):
    """Either a forecast or the actual day; the actual day names its evidence or says what proves it."""

    model_config = body({"forecast_on": "2024-06-30"})

    forecast_on: Day | None = Field(None, description="预测日，不早于业务日 / not before the business day")
    actual_on: Day | None = None
    evidence_id: UUID | None = None
    note: Prose | None = None


class Gap(BaseModel):
    """Days without a leader in post or without a team, both ends included."""

    from_on: date
    to_on: date
    days: int
    lacks: list[str] = Field(description="leader, team")


class Continuity(BaseModel):
    """一抓到底: days with a leader in post and a team ÷ days since the project had to be followed, without paused
    days."""

    from_on: date | None
    to_on: date | None
    days: int
    covered_days: int
    rate: str | None = Field(description="四位小数 / four decimals; null before it is due")
    gaps: list[Gap]
    is_leader_late: bool = Field(description="进入在谈之前，第 7 天起提醒 [R] / before it is due, a warning from day 7")


class FiveOne(BaseModel):
    """One of the five: whether it is complete, and what is missing."""

    code: Stroke
    zh: str
    en: str
    state: StrokeState
    is_complete: bool
    missing_zh: str | None
    missing_en: str | None


class ProjectVersion(BaseModel):
    """Added to the answer of an act that raises the version of the project."""

    project_version: int = Field(description="办理后项目的版本，即 ETag / the project's version after the act")


class LeaderHandedOver(LeaderRead, ProjectVersion):
    pass


class TeamReplaced(TeamRead, ProjectVersion):
    pass


class PlanPublished(PlanRead, ProjectVersion):
    pass


class FiveOnesRead(BaseModel):
    project_id: UUID
    version: int
    is_complete: bool
    ones: list[FiveOne]
    leader: LeaderRead | None
    team: TeamRead | None
    plan: PlanRead | None
    plan_dates: list[PlanDates]
    continuity: Continuity
    late_on: date | None = Field(description="跟进已超期的到期日 / the due day that has passed")


class GapRow(BaseModel):
    """A leaf that lacks one of the five today, or is overdue, by the rules of its own page. Before it must be followed,
    a leader is required from day 7, and one appointed must be in post."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    stage: str
    unit_id: UUID | None
    unit: Ref | None
    leader_id: UUID | None
    leader: Ref | None = Field(description="现任包保领导，含已离任的；没有为空 / also one out of post; null for none")
    lacks_leader: bool
    lacks_team: bool
    lacks_plan: bool
    is_leader_out_of_post: bool = Field(description="包保领导今天没有在任职务 / the leader holds no post today")
    is_leader_late: bool = Field(description="应跟进之前，入库 7 天仍无在任领导 / no leader in post 7 days after entry")
    is_late: bool = Field(description="跟进或阶段已超期 / past the limit of its stage")


class GapKind(Word):
    """What is wrong with the five ones of a leaf, by the names of the fields of its row."""

    lacks_leader = "lacks_leader", "缺领导", "no leader"
    lacks_team = "lacks_team", "缺班子", "no team"
    lacks_plan = "lacks_plan", "缺方案", "no plan"
    is_leader_out_of_post = "is_leader_out_of_post", "领导已离任", "the leader's post has ended"
    is_leader_late = "is_leader_late", "入库 7 天仍无领导", "no leader 7 days after entry"
    is_late = "is_late", "跟进超期", "overdue"


class GapFilter(PlacedFilter):
    kind: Several[GapKind] | None = Field(None, description="有其中任一缺口的 / with one of these gaps")
    ids: Picked[UUID] | None = Field(None, description=PICKED)
    leader_id: UUID | None = Field(None, description="包保领导 / the official who leads the project")


class GapQuery(ListQuery, GapFilter):
    pass


class MilestoneState(Word):
    overdue = "overdue", "已超期", "past its day"
    due = "due", "即将到期", "due soon"


class MilestoneFilter(PlacedFilter):
    state: MilestoneState | None = Field(None, description="已超期，或将到期 / past its day, or due soon")
    until: Day | None = Field(
        None,
        description="到期日不晚于此日，有预计日的按预计日；将到期的缺省为 14 天内 / "
        "due by this day; due soon: within 14 days",
    )
    leader_id: UUID | None = Field(None, description="包保领导 / the official who leads the project")
    ids: Picked[UUID] | None = Field(None, description=PICKED)


class MilestoneQuery(ListQuery, MilestoneFilter):
    pass


class MilestoneRow(BaseModel):
    """An open milestone of the current plan of an active project."""

    id: UUID
    line_id: UUID
    name: str
    leads_to: str | None
    planned_on: date
    forecast_on: date | None
    due_on: date = Field(description="最近的预计日，没有的为计划日 / the latest forecast, else the planned day")
    days_late: int
    project_id: UUID
    project: Ref
    stage: str
    unit_id: UUID | None
    unit: Ref | None
    task_force_id: UUID | None
    task_force: Ref | None


class OfficialProject(BaseModel):
    """A project an official leads or works on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    stage: str
    due_on: date | None = Field(description="最先到期之日；没有时限为空 / the first limit to end; null where none runs")
    unit_id: UUID | None
    unit: Ref | None = Field(description="承接单位；尚无为空 / unit in charge; null where there is none yet")
    role: MemberRole = Field(
        description="包保领导，或班子成员；两者都是的计为领导 / leader or team member; who is both is the leader"
    )
