"""The kinds of tasks, in the order in which a day shows them, and what a task is about."""

from app.core.localized import Word


class TaskKind(Word):
    overdue = "overdue", "项目超期", "project overdue"
    answer = "answer", "响应线索", "answer a lead"
    assess = "assess", "研判线索", "assess a lead"
    milestone = "milestone", "里程碑", "milestone"
    next_step = "next_step", "下一步", "next step"
    idle_limit = "idle_limit", "跟进将到期", "follow-up due soon"
    stage_limit = "stage_limit", "阶段将到期", "stage limit ends soon"
    approval = "approval", "待审核签约", "deal to approve"
    returned = "returned", "被退回的签约草稿", "draft returned to its drafter"
    five_ones = "five_ones", "五个一缺口", "gap in the five ones"
    inbox = "inbox", "待处理推送", "message to look after"

    @property
    def rank(self) -> int:
        return RANKS[self]


RANKS = {kind: rank for rank, kind in enumerate(TaskKind)}
BY_RANK = list(TaskKind)
UNDATED = frozenset({TaskKind.approval, TaskKind.returned, TaskKind.five_ones, TaskKind.inbox})
"""Kinds without a due day: they stand under today."""


class TaskScope(Word):
    mine = "mine", "我的", "mine"
    visible = "visible", "看得到的", "all I see"


class Severity(Word):
    overdue = "overdue", "已超期", "overdue"
    today = "today", "今天", "today"
    soon = "soon", "将到期", "soon"


class SubjectType(Word):
    project = "project", "项目", "project"
    lead = "lead", "线索", "lead"
    deal = "deal", "签约", "deal"
    inbox_message = "inbox_message", "推送", "message"


class Page(Word):
    """The pages of the client."""

    workbench = "workbench", "我的工作台", "workbench"
    cockpit = "cockpit", "驾驶舱", "cockpit"
    board = "board", "看板", "board"
    ledger = "ledger", "台账", "ledger"
    leads = "leads", "线索", "leads"
    deals = "deals", "签约", "deals"
    enterprises = "enterprises", "企业", "enterprises"
    task_forces = "task_forces", "产业专班", "task forces"
    officials = "officials", "领导干部", "officials"
    units = "units", "单位", "units"
    published = "published", "对外发布", "published figures"
    inbox = "inbox", "收到的推送", "inbox"
    endpoints = "endpoints", "推送地址", "endpoints"
    sources = "sources", "推送来源", "sources"
    control_changes = "control_changes", "待确认变更", "changes to confirm"
    users = "users", "账号", "users"
    stages = "stages", "阶段设置", "stages"
    settings = "settings", "系统设置", "settings"
    calendar = "calendar", "节假日", "calendar"
    jobs = "jobs", "后台任务", "jobs"
    audit = "audit", "审计", "audit trail"


BEGINS_WITH = {
    Page.workbench: "list_my_tasks",
    Page.cockpit: "get_overview",
    Page.board: "get_board",
    Page.ledger: "list_projects",
    Page.leads: "list_leads",
    Page.deals: "list_deals",
    Page.enterprises: "list_enterprises",
    Page.task_forces: "list_task_force_performances",
    Page.officials: "list_officials",
    Page.units: "list_units",
    Page.published: "list_published_figures",
    Page.inbox: "list_inbox",
    Page.endpoints: "list_webhook_endpoints",
    Page.sources: "list_webhook_sources",
    Page.control_changes: "list_control_changes",
    Page.users: "list_users",
    Page.stages: "list_stages",
    Page.settings: "list_office_settings",
    Page.calendar: "get_calendar",
    Page.jobs: "list_jobs",
    Page.audit: "list_audit",
}
"""The operation that each page begins with: whoever may call it may open the page."""
