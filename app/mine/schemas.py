from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.accounts.office_settings import OfficeKey
from app.accounts.schemas import MeRead
from app.core.actor import ScopeRead
from app.core.body import body
from app.core.clock import Moment
from app.core.localized import Word
from app.core.paging import ListQuery, Page
from app.core.refs import Ref
from app.core.several import Several
from app.mine.kinds import Page as PageCode
from app.mine.kinds import Severity, SubjectType, TaskKind, TaskScope
from app.totals.periods import Period
from app.totals.schemas import OpenSum


class TaskWith(Word):
    """What the queue answers besides its page."""

    row_count = "count", "行数", "number of rows"
    quarter = "quarter", "本季签约", "signings of the quarter"


class TaskQuery(ListQuery):
    """The query of the queue."""

    with_: Several[TaskWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；quarter：本季签约 / the number of rows; signings of the quarter",
    )

    scope: TaskScope = Field(
        TaskScope.mine,
        description="mine：我包保、参与、经办或可审核的；账号没有对应领导的，为本单位（不含下级）的，没有单位的，为本专班的。"
        "visible：看得到的全部 / what I lead, work on, handle or may approve; for an account without an official what "
        "its own unit owes, without those below it, or its task forces where it has no unit; `visible`: all that I see",
    )
    kind: Several[TaskKind] | None = Field(None, description="种类，逗号分隔 / kinds, separated by commas")
    horizon_days: int = Field(14, ge=0, le=92, description="今后多少天内到期的 / due within so many days")


class Subject(BaseModel):
    """The record that a task is about."""

    type: SubjectType
    id: UUID
    code: str
    name: str
    stage: str | None = Field(description="项目的阶段 / the stage of a project")
    version: int | None = Field(description="办理时写进 If-Match / for If-Match; null for a message")


class TaskAct(BaseModel):
    """The one act that clears a task."""

    operation: str
    zh: str
    en: str
    method: str
    path: str


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
    days: int | None = Field(description="还有多少天，超期为负 / days left, negative where it is over")
    zh: str
    en: str
    subject: Subject
    unit: Ref | None = Field(description="承接单位；线索尚无的，为首报单位 / in charge, or the first to report a lead")
    act: TaskAct | None = Field(description="我不能办的为空 / null where it is not mine to do")


class TaskCounts(BaseModel):
    """The number of tasks of each kind, and of all."""

    all: int
    overdue: int
    answer: int
    assess: int
    milestone: int
    next_step: int
    idle_limit: int
    stage_limit: int
    approval: int
    five_ones: int
    inbox: int


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


class MyCounts(BaseModel):
    """What waits for me, for the badges of the pages. All are of `scope=mine` and 14 days ahead."""

    todo: int
    overdue: int = Field(description="其中已过期的 / of these, past their day")
    leads: int = Field(description="待回应、研判的线索 / leads to answer or assess")
    deals: int = Field(description="待我审核的签约 / deals that I may approve")
    inbox: int = Field(description="待处理的推送 / messages to look after")


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
    office: dict[OfficeKey, str] = Field(description="本局设置的现值 / present values of the settings of the office")
    pages: list[PageCode] = Field(description="可用的页面 / the pages that this account can use")


class PreferencesRead(BaseModel):
    version: int = Field(description="尚未设过的为 0 / 0 before any were set")
    value: dict[str, JsonValue]


class PreferencesSet(BaseModel):
    model_config = body({"value": {"density": "compact", "landing_page": "workbench"}})

    value: dict[str, JsonValue] = Field(description="一个 JSON 对象，32 kB 以内 / one JSON object, up to 32 kB")
