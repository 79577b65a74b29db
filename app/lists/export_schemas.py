"""What exports ask for: the filter of the list, its sort, and which columns."""

from pydantic import Field

from app.core.localized import Word
from app.core.several import Several
from app.five_ones.schemas import GapFilter, MilestoneFilter
from app.lists.deal_filter import DealFilter
from app.lists.deal_schemas import DealSort
from app.lists.export import COLUMNS
from app.lists.lead_filter import LeadFilter
from app.lists.lead_schemas import LeadSort
from app.lists.project_filter import ProjectFilter
from app.lists.schemas import ProjectSort


class ProjectColumn(Word):
    """The columns of an export of projects. A code with a dot is a part of the row."""

    code = "code", "编号", "code"
    name_ = "name", "项目名称", "name"
    program = "program", "类别", "program"
    stage = "stage", "阶段", "stage"
    stage_since = "stage_since", "进入阶段日", "in its stage since"
    days_in_stage = "days_in_stage", "在阶段天数", "days in stage"
    next_stage = "next_stage", "下一阶段", "next stage"
    status = "status", "状态", "status"
    due_on = "due_on", "到期日", "due on"
    is_overdue = "is_overdue", "超期", "overdue"
    days_left = "clock.days_left", "剩余天数", "days left"
    unit = "unit", "承接单位", "unit in charge"
    task_force = "task_force", "产业专班", "task force"
    place = "place", "落地县区", "place"
    industry_code = "industry_code", "行业代码", "industry code"
    industry = "industry", "行业", "industry"
    investor = "investor", "投资方", "investor"
    leader = "leader", "包保领导", "leader"
    one_project = "five_ones.project", "一个项目", "one project"
    one_leader = "five_ones.leader", "一名领导", "one leader"
    one_team = "five_ones.team", "一套班子", "one team"
    one_plan = "five_ones.plan", "一个方案", "one plan"
    followed_through = "five_ones.followed_through", "一抓到底", "followed through"
    planned_total = "planned_total", "计划总投资（元）", "planned total (yuan)"
    agreed_amount = "agreed_amount", "现行协议额（元）", "agreed amount (yuan)"
    signed_on = "signed_on", "签订日", "signed on"
    line_deal = "line_deal", "协议签在总项目或分期上", "deal is its parent's or a phase's"
    is_parent = "is_parent", "已分期", "has phases"
    phase_no = "phase_no", "期次", "phase"
    last_activity_on = "last_activity_on", "最近动态日", "last activity on"
    updated_at = "updated_at", "更新时间", "updated at"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class ProjectExportQuery(ProjectFilter):
    sort: ProjectSort = Field(ProjectSort.updated_latest, description="排序，减号为降序 / a minus means descending")
    columns: Several[ProjectColumn] | None = Field(None, description=COLUMNS)


class LeadColumn(Word):
    """The columns of an export of leads."""

    code = "code", "编号", "code"
    name_ = "name", "线索名称", "name"
    program = "program", "类别", "program"
    channel = "channel", "来源渠道", "channel"
    status = "status", "状态", "status"
    first_unit = "first_unit", "首报单位", "reported first by"
    reported_at = "reported_at", "报送时间", "reported at"
    unit = "unit", "承接单位", "unit in charge"
    task_force = "task_force", "产业专班", "task force"
    investor = "investor", "投资方", "investor"
    industry_code = "industry_code", "行业代码", "industry code"
    industry = "industry", "行业", "industry"
    estimate_from = "estimate_from", "拟投资额下限（元）", "estimate from (yuan)"
    estimate_to = "estimate_to", "拟投资额上限（元）", "estimate to (yuan)"
    due_on = "due_on", "到期日", "due on"
    updated_at = "updated_at", "更新时间", "updated at"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class LeadExportQuery(LeadFilter):
    sort: LeadSort = Field(LeadSort.reported_latest, description="排序，减号为降序 / a minus means descending")
    columns: Several[LeadColumn] | None = Field(None, description=COLUMNS)


class DealColumn(Word):
    """The columns of an export of deals."""

    code = "code", "编号", "code"
    title_ = "title", "协议名称", "title"
    project = "project", "项目", "project"
    kind = "kind", "协议种类", "kind"
    status = "status", "状态", "status"
    agreement_no = "agreement_no", "协议编号", "agreement number"
    signed_on = "signed_on", "签订日", "signed on"
    investor = "investor", "投资方", "investor"
    unit = "unit", "承接单位", "unit in charge"
    task_force = "task_force", "产业专班", "task force"
    agreed_amount = "agreed_amount", "现行协议额（元）", "agreed amount (yuan)"
    drafted_by = "drafted_by", "起草人", "drafted by"
    drafted_at = "drafted_at", "起草时间", "drafted at"
    submitted_at = "submitted_at", "送审时间", "submitted at"
    gates_missing = "gates_missing", "审核尚缺", "gates unmet"
    is_approved_at_source = "is_approved_at_source", "来源已审核", "approved at source"
    updated_at = "updated_at", "更新时间", "updated at"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class DealExportQuery(DealFilter):
    sort: DealSort = Field(DealSort.updated_latest, description="排序，减号为降序 / a minus means descending")
    columns: Several[DealColumn] | None = Field(None, description=COLUMNS)


class GapColumn(Word):
    """The columns of an export of the gaps of the five ones."""

    code = "code", "编号", "code"
    name_ = "name", "项目名称", "name"
    stage = "stage", "阶段", "stage"
    unit = "unit", "承接单位", "unit in charge"
    leader = "leader", "包保领导", "leader"
    lacks_leader = "lacks_leader", "缺包保领导", "no leader"
    lacks_team = "lacks_team", "缺工作班子", "no team"
    lacks_plan = "lacks_plan", "缺推进方案", "no plan"
    is_leader_out_of_post = "is_leader_out_of_post", "领导已离任", "leader's post has ended"
    is_leader_late = "is_leader_late", "入库 7 天仍无在任领导", "no leader in post 7 days after entry"
    is_late = "is_late", "超期", "overdue"


class GapExportQuery(GapFilter):
    columns: Several[GapColumn] | None = Field(None, description=COLUMNS)


class MilestoneColumn(Word):
    """The columns of an export of open milestones."""

    project_code = "project.code", "项目编号", "project code"
    project = "project", "项目", "project"
    name_ = "name", "里程碑", "milestone"
    leads_to = "leads_to", "到达阶段", "leads to"
    planned_on = "planned_on", "计划日", "planned on"
    forecast_on = "forecast_on", "预计日", "forecast on"
    due_on = "due_on", "到期日", "due on"
    days_late = "days_late", "超期天数", "days late"
    stage = "stage", "现阶段", "stage"
    unit = "unit", "承接单位", "unit in charge"
    task_force = "task_force", "产业专班", "task force"


class MilestoneExportQuery(MilestoneFilter):
    columns: Several[MilestoneColumn] | None = Field(None, description=COLUMNS)
