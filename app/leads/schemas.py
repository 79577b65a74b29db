from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import ID, body
from app.core.clock import Day, Moment
from app.core.localized import Label, Word
from app.core.money import Amount, Yuan
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import Code, Prose, Text
from app.enterprises.credit_code import CreditCode
from app.enterprises.schemas import EnterpriseTaken
from app.leads.models import ClockCode, LeadStatus, Outcome, ProspectKind
from app.projects.models import Program, Status, Successor
from app.projects.schemas import NationalCode, ProspectFields, ProspectRead, ProspectUpdate
from app.projects.stages import LimitUnit
from app.referrers.models import Channel


class LeadFields(ProspectFields):
    """The fields that describe a lead. Each is a field of the project it becomes."""

    channel: Channel = Field(description="来源渠道 / how it came to the office")


class LeadCreate(LeadFields):
    """A lead as the unit that reports it registers it; the server sets the time of the report."""

    model_config = body(
        {
            "name": "示例线索",
            "channel": "walk_in",
            "first_unit_id": ID,
            "investor_name": "示例新材料有限公司",
            "estimate_from": "300000000.00",
            "estimate_to": "500000000.00",
        }
    )

    first_unit_id: UUID = Field(description="首报单位，登记后不可改 / never changes")
    investor_name: Text | None = Field(
        None, description="投资方名称，代替 investor_id；未登记的随之登记 / by name, registered if it is new"
    )
    program: Program = Program.promotion
    unit_id: UUID | None = Field(None, description="承接单位 / unit in charge")
    task_force_id: UUID | None = None
    duplicate_ruling: Prose | None = Field(None, description="疑似重复时的裁决理由 / why it is no duplicate")


class LeadUpdate(ProspectUpdate):
    """An edit before conversion. First unit, time of report, status and handler cannot be edited."""

    model_config = body({"estimate_from": "300000000.00", "estimate_to": "300000000.00"})

    channel: Channel = unset()
    program: Program = unset()
    unit_id: UUID | None = unset()
    task_force_id: UUID | None = unset()
    duplicate_ruling: Prose = unset()


class LeadAnswer(BaseModel):
    """The answer given to the referrer of the lead; it may name the official who handles the lead."""

    model_config = body({"on": "2023-03-02", "note": "示例：已电话回复，由招商二科跟办"})

    on: Day
    note: Prose
    handler_id: UUID | None = Field(
        None, description="指定的经办人，不填则不变 / the official who deals with it; without it, whoever does so stays"
    )


class LeadAssess(BaseModel):
    model_config = body({"outcome": "follow_up", "on": "2023-03-03"})

    outcome: Outcome
    on: Day
    reason: Prose | None = Field(None, description="转储备、不跟进必填 / required to reserve or decline")


class LeadAssessmentRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    outcome: Outcome
    reason: str | None
    on: date
    recorded_at: Moment
    recorded_by: str


class LeadSummary(BaseModel):
    """A row of the list."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    code: str
    name: str
    program: Program
    channel: Channel
    status: LeadStatus
    first_unit_id: UUID
    reported_at: Moment
    first_unit: Ref | None
    unit_id: UUID | None
    unit: Ref | None
    task_force_id: UUID | None
    task_force: Ref | None
    investor_id: UUID | None
    investor: Ref | None
    industry_code: str | None
    industry: Label | None
    estimate_from: Yuan | None
    estimate_to: Yuan | None
    due_on: date | None = Field(description="未办结的最早时限 / the earliest clock still running")
    updated_at: Moment
    is_illustrative: bool


class LeadRead(LeadSummary, ProspectRead):
    """The whole lead."""

    reported_on: date
    reported_by: str
    handler_id: UUID | None
    handler: Ref | None
    answer_due_on: date
    answered_on: date | None
    answer_note: str | None
    assess_due_on: date
    assessed_on: date | None
    converted_on: date | None
    created_at: Moment
    is_overdue: bool
    assessments: list[LeadAssessmentRead] = Field(description="历次研判，最近的在前 / latest first")
    project_id: UUID | None = Field(description="转成的项目 / the project it became")
    project: Ref | None = Field(
        description="转成的项目；未转或不在你范围内为空 / the project it became; null where there is none in your scope"
    )
    successor: Successor | None = Field(
        None, description="现为哪个项目：转成的项目，或它并入的项目 / the project it is by now, after any merge"
    )


class LeadWait(Word):
    """What a lead still waits for."""

    answer = "answer", "待响应", "to be answered"
    assessment = "assessment", "待研判", "to be assessed"


class LeadClockSet(BaseModel):
    model_config = body({"amount": 1, "source": "示例：本局办法"})

    amount: int = Field(ge=1, le=1000, description="时长，单位见该时限 / in the unit of the clock")
    source: Text
    reason: Prose | None = Field(
        None, description="放宽时必填，由另一人确认 / required where it loosens, for who confirms it"
    )


class LeadClockRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: ClockCode
    version: int
    zh: str
    en: str
    amount: int
    unit: LimitUnit
    source: str


class Candidate(BaseModel):
    """A possible duplicate. Out of the caller's scope only the sentence (`zh`, `en`) is given."""

    is_in_scope: bool
    zh: str
    en: str
    likenesses: list[Label] = Field(default_factory=list)
    kind: ProspectKind | None = None
    id: UUID | None = None
    code: str | None = None
    name: str | None = None
    unit_id: UUID | None = None
    unit: Ref | None = None
    status: LeadStatus | Status | None = Field(
        None,
        description="线索或项目的状态；不在你范围内为空 / of the lead or project; null where it is out of your scope",
    )
    similarity: int | None = Field(None, description="名称相似度（%）")


class DuplicatesRead(BaseModel):
    candidates: list[Candidate] = Field(description="须裁决的 / to be ruled on before it can be registered")
    warnings: list[Candidate] = Field(description="仅提示的 / worth a look")


class SimilarQuery(BaseModel):
    """A name as far as it is typed."""

    model_config = ConfigDict(extra="forbid")

    name: Text | None = Field(None, description="项目名称，可不完整 / the name, as far as it is typed")
    investor_id: UUID | None = Field(None, description="投资方 / the investor")
    lead_id: UUID | None = Field(None, description="正在编辑的线索 / the lead being edited, not like itself")
    project_id: UUID | None = Field(None, description="正在编辑的项目 / the project being edited, not like itself")


class DuplicateCheck(BaseModel):
    """The fields of a form filled in so far. `lead_id` or `project_id` is the record being edited, no duplicate of
    itself."""

    model_config = body({"name": "示例新材料项目", "credit_code": "91000000000000001N"})

    name: Text | None = None
    national_code: NationalCode | None = Field(None, description="投资项目统一代码")
    upstream_code: Code | None = Field(None, description="上级平台编码")
    investor_id: UUID | None = None
    credit_code: CreditCode | None = Field(None, description="投资方统一社会信用代码，代替 investor_id")
    industry_code: Code | None = None
    estimate_from: Amount | None = None
    estimate_to: Amount | None = None
    lead_id: UUID | None = None
    project_id: UUID | None = None


class LeadRegistered(LeadRead):
    """The lead after the act, with the possible duplicates that did not block it."""

    warnings: list[Candidate]
    investor_taken: EnterpriseTaken | None = Field(
        description="按 investor_name 认定或新登记的企业；未按名称填写时为空 / what `investor_name` was taken for"
    )


class FirstTalkState(Word):
    none = "none", "尚无首谈", "no first talk yet"
    protected = "protected", "保护期内", "protected"
    released = "released", "无进展已释放", "released for lying idle"
    expired = "expired", "保护期满", "expired"


Papers = Annotated[list[Text], Field(max_length=50)]


class DisputeRaise(BaseModel):
    model_config = body({"claimant_unit_id": ID, "grounds": "示例：会谈在先", "papers": ["示例纪要〔2023〕3号"]})

    claimant_unit_id: UUID = Field(description="主张首谈的单位 / the unit that claims the first talk")
    grounds: Prose
    papers: Papers = Field(default_factory=list, description="材料名称或文号 / papers, by name or number")


class DisputeRule(BaseModel):
    """A ruling on whose first talk it is. With `transfer` the record passes to that unit too, by the same document."""

    model_config = body(
        {
            "unit_id": ID,
            "ruled_on": "2023-03-10",
            "document": "示例裁〔2023〕2号",
            "grounds": "示例：会谈纪要在先",
            "transfer": True,
        }
    )

    unit_id: UUID
    ruled_on: Day
    document: Text
    grounds: Prose
    papers: Papers = Field(default_factory=list)
    transfer: bool = False


class RulingRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    unit_id: UUID
    unit: Ref
    ruled_on: date
    document: str
    grounds: str
    papers: list[str]
    is_transferred: bool
    recorded_at: Moment
    recorded_by: str


class DisputeRead(BaseModel):
    id: UUID
    claimant_unit_id: UUID
    claimant_unit: Ref
    grounds: str
    papers: list[str]
    recorded_at: Moment
    recorded_by: str
    ruling: RulingRead | None


class FirstTalkRead(BaseModel):
    """Which unit has the first talk, and how long it is protected."""

    state: FirstTalkState
    state_zh: str
    state_en: str
    unit_id: UUID | None = Field(description="首谈单位 / the unit")
    unit: Ref | None = Field(description="首谈单位；尚无首谈为空 / the unit; null where there is no first talk")
    is_ruled: bool = Field(description="由裁定确定 / by ruling")
    on: date | None = Field(description="首次实质接触之日 / the day of the first real contact")
    document: str | None
    protected_until: date | None
    disputes: list[DisputeRead] = Field(description="最近的在前 / latest first")
