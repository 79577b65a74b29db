from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.acts import Reason
from app.core.actor import ScopeRead
from app.core.body import ID, body
from app.core.clock import Day, Moment
from app.core.localized import Label, Word
from app.core.money import Yuan
from app.core.refs import Ref
from app.core.text import Code, Prose, Text
from app.deals.models import EntryKind, SizeBand
from app.enterprises.models import Origin, Ownership
from app.leads.schemas import Candidate
from app.projects.gate_results import GateRead, Override
from app.projects.models import PhaseRelation, Program, Status, TerminationReason
from app.projects.moves import MoveKind
from app.projects.schemas import ProjectFields, ProjectRead


class Authority(BaseModel):
    """Who decided outside the system, by which document, on which day."""

    model_config = ConfigDict(extra="forbid")

    official_id: UUID
    document: Text
    decided_on: Day


class AuthorityRead(BaseModel):
    """Who decided outside the system, by name."""

    official_id: UUID
    official: Ref
    document: str
    decided_on: date


class ProjectEnter(ProjectFields):
    """Enter a project directly at `screened`. Gates: industry, place, unit in charge, reason, duplicates ruled."""

    model_config = body(
        {
            "name": "示例：年产 5 万吨特种树脂项目",
            "program": "promotion",
            "unit_id": "01890000-0000-7000-8000-000000000003",
            "place_unit_id": "01890000-0000-7000-8000-000000000003",
            "industry_code": "2651",
            "direct_entry_reason": "市领导交办",
        }
    )

    program: Program = Program.promotion
    unit_id: UUID | None = Field(None, description="承接单位 / unit in charge")
    task_force_id: UUID | None = Field(None, description="产业专班")
    direct_entry_reason: Prose | None = Field(None, description="不经线索直接入库的理由")
    duplicate_ruling: Prose | None = Field(None, description="疑似重复时的裁决理由 / why it is no duplicate")
    entered_on: Day | None = Field(None, description="缺省为业务日 / the business day by default")
    override: Override | None = None


class ProjectRegistered(ProjectRead):
    """The project after the request, and warnings: the records it is perhaps a duplicate of."""

    warnings: list[Candidate]


class LeadConvert(BaseModel):
    """Make a project of a lead. Gates: assessed to be followed up, industry, place, unit, duplicates ruled."""

    model_config = body({"converted_on": "2023-03-06"})

    converted_on: Day | None = Field(None, description="缺省为业务日 / the business day by default")
    duplicate_ruling: Prose | None = Field(None, description="疑似重复时的裁决理由 / why it is no duplicate")
    override: Override | None = None


class MergeItem(BaseModel):
    """One thing that is moved, stays, or prevents the merge of a record."""

    code: str
    zh: str
    en: str
    count: int | None = None


def item(code: str, zh: str, en: str, count: int | None = None) -> MergeItem:
    return MergeItem(code=code, zh=zh, en=en, count=count)


class MoveCreate(BaseModel):
    model_config = body({"to": "negotiating", "happened_on": "2023-02-01"})

    to: Code = Field(description="目标阶段，见 GET /api/v1/pipeline/stages")
    happened_on: Day
    reason: Prose | None = Field(None, description="回退必填 / required to move back")
    authority: Authority | None = None
    catch_up: bool = Field(False, description="补录：一次跨多个阶段 / several stages at once, put on record later")
    override: Override | None = None


class PauseCreate(BaseModel):
    model_config = body(
        {"happened_on": "2023-03-01", "reason": "示例：等待用地指标", "resume_expected_on": "2023-06-30"}
    )

    happened_on: Day
    reason: Prose
    resume_expected_on: Day
    authority: Authority | None = None


class ReactivationCreate(BaseModel):
    model_config = body({"happened_on": "2023-03-20"})

    happened_on: Day
    reason: Prose | None = None


class TerminationCreate(BaseModel):
    """Terminate a project; a live deal on it is terminated with it, on the same day."""

    model_config = body({"happened_on": "2023-04-10", "reason_code": "investor_withdrew", "reason": "示例：投资方放弃"})

    happened_on: Day
    reason_code: TerminationReason
    reason: Prose
    authority: Authority | None = None
    document: Text | None = None


class ReinstatementCreate(BaseModel):
    model_config = body({"reason": "示例：误终止"})

    reason: Text
    becomes: Literal["before_signed"] | None = Field(
        None,
        description="签约不能随之恢复时，退回签约前 / back before `signed` where its deal cannot come back",
    )


class MoveCorrectionCreate(BaseModel):
    """Give the move another day between its neighbours, or withdraw it (the latest move only)."""

    model_config = body({"happened_on": "2023-03-30", "reason": "示例：日期录错"})

    happened_on: Day | None = None
    withdraw: bool = False
    reason: Text


class TransferCreate(BaseModel):
    """流转. Give the new unit, the new task force (null for none), or both."""

    model_config = body(
        {"unit_id": ID, "ruled_on": "2023-03-01", "document": "示例裁〔2023〕1号", "reason": "示例：更适宜在该区落地"}
    )

    unit_id: UUID | None = None
    task_force_id: UUID | None = None
    ruled_on: Day
    document: Text
    reason: Prose


class ProgramChange(BaseModel):
    model_config = body({"program": "both", "effective_on": "2023-03-01", "reason": "示例：列入重点建设"})

    program: Program
    effective_on: Day
    reason: Prose
    override: Override | None = None


class PhaseCreate(ProjectFields):
    """A phase under this project from a day on. From its first phase on the project is a parent."""

    model_config = body({"name": "示例项目一期", "phase_no": 1, "from_on": "2023-03-01", "continues_parent": True})

    phase_no: int = Field(ge=1, le=99)
    relation: PhaseRelation = PhaseRelation.phase
    from_on: Day
    continues_parent: bool = Field(
        False, description="接续总项目的阶段、领导、班子和方案 / goes on where the parent stands"
    )
    unit_id: UUID | None = Field(None, description="缺省为总项目的承接单位")
    task_force_id: UUID | None = None
    duplicate_ruling: Prose | None = None
    override: Override | None = None


class PhaseWithdraw(BaseModel):
    """Withdraw a phase added by mistake. Its parent is again as if the phase had never been added."""

    model_config = body({"reason": "示例：误设分期"})

    reason: Prose


class MoveRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    project_id: UUID
    seq: int
    kind: MoveKind
    from_stage: str | None
    to_stage: str
    to_status: Status
    happened_on: date
    is_withdrawn: bool
    is_catch_up: bool
    reason: str | None
    reason_code: TerminationReason | None
    expected_on: date | None = Field(description="暂缓时预计恢复之日 / of a pause: when it is expected to resume")
    authority: AuthorityRead | None = Field(
        description="系统外决定的人和文件；没有或不在你范围内为空 / "
        "who decided outside the system; null where nobody did, or it is not for you"
    )
    override: Override | None = Field(
        description="越过的门槛和理由；没有或不在你范围内为空 / "
        "gates passed unmet, and why; null where there are none, or they are not for you"
    )
    recorded_at: Moment


class OpenMove(BaseModel):
    """A move that may be tried now."""

    kind: MoveKind
    to: str
    needs_catch_up: bool
    refused: Reason | None = Field(description="你不能办的原因，可办为空 / why it is not open to you; null where it is")


class TargetKind(Word):
    forward = "forward", "前进", "forward"
    back = "back", "回退", "back"
    none = "none", "不能移入", "no move leads there"


class UnmetGate(BaseModel):
    """A gate that is not met, and what is missing."""

    stage: str
    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, gate: GateRead) -> "UnmetGate":
        assert gate.stage is not None
        return cls(stage=gate.stage, code=gate.code, zh=gate.missing_zh or gate.zh, en=gate.missing_en or gate.en)


class Target(BaseModel):
    """What a move to a stage would meet today. `refused` is not about gates: see `blocks`."""

    to: str
    zh: str
    en: str
    kind: TargetKind
    needs_catch_up: bool = Field(description="要连过几个阶段，须注明补录 / several stages at once, as a catch-up")
    blocks: list[UnmetGate] = Field(description="未满足的必要门槛 / gates that refuse the move")
    warnings: list[UnmetGate] = Field(description="仅提示的 / gates that only warn")
    refused: Reason | None = Field(description="不能移入的原因 / why no move leads there, or none of yours")


class TargetsRead(BaseModel):
    """Every stage, in order, as the target of a move."""

    version: int
    stage: str
    items: list[Target]


class GatesRead(BaseModel):
    """The gates between a project and a stage. The same evaluation refuses the move."""

    project_id: UUID
    version: int
    stage: str
    status: Status
    to: str | None
    happened_on: date
    is_open: bool = Field(description="没有未满足的必要门槛 / no blocking gate is unmet")
    refused_zh: str | None
    refused_en: str | None
    gates: list[GateRead]
    moves: list[OpenMove]


class PreviewEntry(BaseModel):
    """A ledger entry that the act would add, where it is in your scope."""

    model_config = ConfigDict(from_attributes=True)

    deal_id: UUID
    deal_code: str
    kind: EntryKind
    of_kind: EntryKind
    effective_on: date
    count: int
    amount: Yuan
    landed: int
    unit_id: UUID
    unit: Ref
    task_force_id: UUID | None
    task_force: Ref | None
    industry_code: str | None
    industry: Label | None
    origin: Origin | None
    ownership: Ownership | None
    size: SizeBand
    is_reversal: bool
    corrects_id: UUID | None


class PreviewSum(BaseModel):
    count: int
    amount: Yuan


class PreviewTotal(BaseModel):
    """The signing total of a year or quarter, before the act and after it, in your scope."""

    period: str = Field(description="年或季度 / a year or quarter", examples=["2023Q1"])
    before: PreviewSum
    after: PreviewSum


class DealPreview(BaseModel):
    """What an act on a deal would enter into the ledger. Nothing has been written."""

    deal_id: UUID
    version: int
    scope: ScopeRead
    entries: list[PreviewEntry]
    totals: list[PreviewTotal]
    unit: Ref | None = Field(description="办理后归属哪个单位 / the unit of the deal after the act")
    task_force: Ref | None
    project_may_move_to: str | None = Field(
        description="审核后项目可望进入的阶段 / the stage ahead whose gate asks for such a deal"
    )
