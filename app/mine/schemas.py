from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.accounts.schemas import MeRead
from app.core.actor import ScopeRead
from app.core.body import body
from app.core.clock import Moment
from app.core.localized import Label, Word
from app.core.money import Yuan
from app.core.paging import ListQuery, Page
from app.core.refs import Ref
from app.core.several import Several
from app.deals.models import DealKind
from app.mine.kinds import Page as PageCode
from app.mine.kinds import Severity, SubjectType, TaskKind, TaskScope
from app.projects.follow_ups import FollowUpKind
from app.projects.stages import LimitKind, LimitUnit
from app.referrers.models import Channel
from app.totals.periods import Period
from app.totals.schemas import OpenSum


class TaskWith(Word):
    """What the queue answers besides its page."""

    row_count = "count", "行数", "number of rows"
    quarter = "quarter", "本季签约", "signings of the quarter"
    agenda = "agenda", "本周与下周", "this week and the next"


class TaskQuery(ListQuery):
    """The query of the queue."""

    with_: Several[TaskWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；quarter：本季签约；agenda：本周与下周的日程 / "
        "the number of rows; signings of the quarter; the diary of this week and the next",
    )

    scope: TaskScope = Field(
        TaskScope.mine,
        description="mine：我包保、参与、经办或可审核的；账号没有对应领导的，为本单位（不含下级）的，没有单位的，为本专班的。"
        "visible：看得到的全部 / what I lead, work on, handle or may approve; for an account without an official what "
        "its own unit owes, without those below it, or its task forces where it has no unit; `visible`: all that I see",
    )
    kind: Several[TaskKind] | None = Field(None, description="种类，逗号分隔 / kinds, separated by commas")
    severity: Several[Severity] | None = Field(None, description="紧急程度，逗号分隔 / how urgent, separated by commas")
    horizon_days: int = Field(14, ge=0, le=92, description="今后多少天内到期的 / due within so many days")


class Subject(BaseModel):
    """The record that a task is about."""

    type: SubjectType
    id: UUID
    code: str
    name: str
    stage: str | None = Field(description="项目的阶段 / the stage of a project")
    version: int | None = Field(description="办理时写进 If-Match / for If-Match; null for a message")
    is_illustrative: bool = Field(description="示例数据 / made-up data")


class TaskAct(BaseModel):
    """An act on the record of a task."""

    operation: str
    zh: str
    en: str
    method: str
    path: str


class TaskLimit(BaseModel):
    """The rule that sets the day of a task."""

    kind: LimitKind | None = Field(
        description="阶段时限的种类；线索时限为空 / of a stage; null for the clock of a lead"
    )
    amount: int | None = Field(description="计划节点为空 / null for a planned day")
    unit: LimitUnit | None = Field(description="天、工作日或月 / days, workdays or months")


class TimeLeft(BaseModel):
    amount: int = Field(description="超期为负 / negative where it is over")
    unit: LimitUnit = Field(
        description="时限按工作日的为 workday，其余为 day / workdays where the limit is in workdays, else days"
    )


class TaskFollowUp(BaseModel):
    """The latest follow-up of a project or lead."""

    on: date
    kind: FollowUpKind
    with_investor: bool


class TaskMilestone(BaseModel):
    name: str
    planned_on: date
    forecast_on: date | None = Field(description="最近的预计日；未报为空 / null where none was reported")
    plan_number: int = Field(description="方案第几版 / the version of the plan")


class TaskDraft(BaseModel):
    """The draft of a deal that is to be approved, or was returned."""

    kind: DealKind
    agreement_no: str | None
    signed_on: date | None
    project: Ref
    is_drafted_by_me: bool
    gates_missing: list[Label] = Field(description="审核尚缺的必要门槛 / blocking gates of approval that are unmet")
    return_reason: str | None = Field(description="退回理由 / why it was returned")


class Task(BaseModel):
    kind: TaskKind
    id: UUID = Field(
        description="到期之物：项目、线索、里程碑、跟进、签约或推送 / of what is due: a project, a lead, a milestone, "
        "a follow-up, a deal or a message"
    )
    severity: Severity
    due_on: date | None = Field(
        description="没有期限的为空，排在今天 / null without a day; such tasks stand under today"
    )
    days: int | None = Field(
        description="还有多少天（自然日），超期为负 / calendar days left, negative where it is over"
    )
    left: TimeLeft | None = Field(
        description="还有多少时间，以时限的单位计；zh、en 所说即此 / in the unit of the limit, as the sentence says it"
    )
    limit: TaskLimit | None = Field(description="由时限得出到期日的 / where a limit sets the day")
    zh: str
    en: str
    subject: Subject
    unit: Ref | None = Field(description="承接单位；线索尚无的，为首报单位 / in charge, or the first to report a lead")
    last_follow_up: TaskFollowUp | None = Field(description="项目或线索最近一次跟进 / of a project or lead")
    amount: Yuan | None = Field(
        description="项目计划总投资、线索拟投资额的下限或草稿协议额（元） / planned total of a project, lower end of "
        "the estimate of a lead, or amount of a draft"
    )
    amount_to: Yuan | None = Field(description="线索拟投资额的上限（元） / upper end of the estimate of a lead")
    channel: Channel | None = Field(description="线索的来源渠道 / how a lead came")
    answered_on: date | None = Field(description="线索已于何日响应 / when a lead was answered")
    milestone: TaskMilestone | None = Field(description="里程碑任务的 / of a milestone")
    next_step: str | None = Field(description="跟进所记的下一步 / of a next step")
    draft: TaskDraft | None = Field(description="待审核、被退回的签约草稿 / of a draft to approve, or returned")
    act: TaskAct | None = Field(description="我不能办的为空 / null where it is not mine to do")
    others: list[TaskAct] = Field(description="也可以这样办：暂缓、退回 / other ways: to pause, to return")


class Urgency(BaseModel):
    """Tasks by how urgent they are; `past_due`, `today` and `soon` add up to `all`."""

    all: int
    past_due: int = Field(description="已超期的任务 / tasks past their day: `severity` is `overdue`")
    today: int = Field(description="今天到期的，含没有期限的 / due today, or without a day")
    soon: int = Field(description="将到期的 / due later")


class TaskCounts(Urgency):
    """The number of tasks of each kind, and of all."""

    overdue_projects: int = Field(description="超期的项目 / projects that are overdue")
    overdue: int = Field(description="同 overdue_projects，旧名 / the same, by its old name")
    answer: int
    assess: int
    milestone: int
    next_step: int
    idle_limit: int
    stage_limit: int
    approval: int
    returned: int
    five_ones: int
    inbox: int
    by_kind: dict[TaskKind, Urgency] = Field(description="每一种类按紧急程度 / each kind by how urgent")


class AgendaDay(BaseModel):
    on: date
    is_workday: bool
    count: int


class Agenda(BaseModel):
    """What stands in a diary: leads to answer and assess, milestones and next steps."""

    days: list[AgendaDay] = Field(description="本周一至下周日 / from Monday of this week to Sunday of the next")
    items: list[Task] = Field(description="今天以后最先到的五项 / the five that come first after today")


class Quarter(OpenSum):
    """Net signings of the quarter in which the business day lies, within the reader's scope."""

    model_config = ConfigDict(from_attributes=True)

    period: Period
    amount_yi: str = Field(description="亿元，一位小数，仅供显示 / display only")
    same_quarter_landed: int
    same_quarter_landed_url: str


class TaskList(Page[Task]):
    today: date
    scope: ScopeRead
    counts: TaskCounts = Field(description="不受 kind 和翻页影响 / whatever `kind` and page ask for")
    quarter: Quarter | None = Field(None, description="以 with=quarter 索取 / where asked for")
    agenda: Agenda | None = Field(None, description="以 with=agenda 索取 / where asked for")


class MyCounts(BaseModel):
    """What waits for me, for the badges of the pages. All are of `scope=mine` and 14 days ahead."""

    todo: int
    past_due: int = Field(description="其中已超期的，不论种类 / of these, past their day, of any kind")
    today: int = Field(description="其中今天到期的，含没有期限的 / of these, due today or without a day")
    soon: int = Field(description="其中将到期的 / of these, due later")
    overdue_projects: int = Field(description="其中超期的项目 / of these, projects that are overdue")
    overdue: int = Field(description="同 past_due，旧名 / the same as `past_due`, by its old name")
    leads: int = Field(description="待响应、研判的线索 / leads to answer or assess")
    deals: int = Field(description="待我审核的签约 / deals that I may approve")
    returned: int = Field(description="退回给我的签约草稿 / drafts of mine that were returned")
    inbox: int = Field(description="待处理的推送 / messages to look after")


class OfficeInForce(BaseModel):
    """The settings of the office, with their values in force."""

    separation: Literal["on", "off"] = Field(
        description="on：起草签约的人不审核、变更、终止它 / on: who drafts a deal leaves its fate to others"
    )
    second_factor: Literal["off", "administrators"] = Field(
        description="须启用动态口令的人 / who signs in by two factors"
    )
    password_sign_in: Literal["on", "off"] = Field(description="可否用口令登录 / whether passwords are taken")


class MyRead(MeRead):
    """The user who asks: roles, rights and scope with names, the day, and the pages that are open."""

    today: date = Field(description="业务日 / the business day")
    business_day_is_set: bool = Field(description="业务日已固定，如示例数据 / it is a stored one, as the sample's")
    known_at: Moment = Field(description="最近一次记账的时刻 / when something countable was last recorded")
    scope: ScopeRead
    unit: Ref | None = Field(description="账号所属单位 / the unit of the account")
    units: list[Ref] = Field(description="看得到其项目的单位；看全市的为空 / of `unit_ids`; empty for the whole city")
    task_forces: list[Ref]
    official: Ref | None = Field(description="账号对应的领导干部 / the official of the account")
    has_second_factor: bool = Field(description="已启用动态口令 / one-time codes are in use")
    office: OfficeInForce = Field(description="本局设置的现值 / present values of the settings of the office")
    pages: list[PageCode] = Field(description="可用的页面 / the pages that this account can use")


class PreferencesRead(BaseModel):
    version: int = Field(description="尚未设过的为 0 / 0 before any were set")
    value: dict[str, JsonValue]


class PreferencesSet(BaseModel):
    model_config = body({"value": {"density": "compact", "landing_page": "workbench"}})

    value: dict[str, JsonValue] = Field(description="一个 JSON 对象，32 kB 以内 / one JSON object, up to 32 kB")
