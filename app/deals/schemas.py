from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.core.body import body
from app.core.clock import Day, Moment
from app.core.currency import ForeignMoney, ForeignMoneyRead
from app.core.localized import Label, Word
from app.core.money import ForeignUnits, PositiveAmount, Yuan
from app.core.numbers import Rate
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import Code, Prose, Text
from app.deals.models import DealKind, DealStatus, EntryKind, FactKind, SizeBand
from app.enterprises.models import Origin, Ownership
from app.projects.gate_results import GateRead, Override

_EXAMPLE: dict[str, JsonValue] = {
    "project_id": "01890000-0000-7000-8000-000000000001",
    "kind": "formal",
    "title": "示例项目投资协议",
    "agreement_no": "示例协〔2023〕1号",
    "signed_on": "2023-02-27",
    "investor_id": "01890000-0000-7000-8000-000000000002",
    "agreed_amount": "500000000.00",
}


class DealCreate(ForeignMoney):
    """A draft. Missing fields can be filled in before approval; for foreign money leave `agreed_amount` out."""

    model_config = body(_EXAMPLE)

    project_id: UUID
    kind: DealKind = DealKind.formal
    title: Text
    agreement_no: Text | None = Field(None, description="协议编号")
    signed_on: Day | None = None
    investor_id: UUID | None = Field(None, description="缺省为项目投资方 / the project's investor by default")
    agreed_amount: PositiveAmount | None = Field(None, description="协议额（元）")
    source: Text | None = None


class DealUpdate(ForeignMoney):
    """An edit of a draft. The money fields go together: give all that apply."""

    model_config = body(
        {"signed_on": "2023-02-27", "agreement_no": "示例协〔2023〕1号", "agreed_amount": "500000000.00"}
    )

    title: Text = unset()
    agreement_no: Text | None = unset()
    signed_on: Day | None = unset()
    investor_id: UUID | None = unset()
    agreed_amount: PositiveAmount | None = unset()
    source: Text | None = unset()


class DealApprove(BaseModel):
    model_config = body({"note": "示例：材料齐全"})

    override: Override | None = None
    note: Prose | None = None


class DealReturn(BaseModel):
    model_config = body({"reason": "示例：协议额与文本不符"})

    reason: Prose


class DealGates(BaseModel):
    """The gates between a draft and its approval."""

    deal_id: UUID
    version: int
    status: DealStatus
    is_open: bool = Field(description="没有未满足的必要门槛 / no blocking gate is unmet")
    gates: list[GateRead]


class DealAmend(ForeignMoney):
    """A supplementary agreement: gives the new agreed amount. The ledger enters the difference on its day."""

    model_config = body(
        {"agreed_amount": "620000000.00", "effective_on": "2023-04-05", "document": "示例补〔2023〕1号"}
    )

    agreed_amount: PositiveAmount | None = None
    effective_on: Day
    document: Text = Field(description="补充协议编号 / number of the supplementary agreement")
    reason: Prose | None = None


class DealSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    code: str
    project_id: UUID
    project_name: str
    project: Ref
    kind: DealKind
    status: DealStatus
    title: str
    agreement_no: str | None
    signed_on: date | None
    investor_id: UUID | None
    investor: Ref | None
    agreed_amount: Yuan | None = Field(description="现行协议额（元）")
    is_illustrative: bool
    is_approved_at_source: bool = Field(description="来源已审核 / approved where it comes from, by a trusted source")
    updated_at: Moment


class FactRead(BaseModel):
    """A fact about the deal that is in force."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    seq: int
    kind: FactKind
    effective_on: date
    amount: Yuan | None
    currency: str | None
    original_amount: ForeignUnits | None
    rate: Rate | None
    rate_on: date | None
    rate_source: str | None
    unit_id: UUID | None
    unit: Ref | None = Field(description="计入的单位；未写明的同前 / the unit it counts for; null: as before")
    task_force_id: UUID | None
    task_force: Ref | None
    industry_code: str | None
    industry: Label | None
    origin: Origin | None
    ownership: Ownership | None
    document: str | None
    reason: str | None
    recorded_at: Moment


class DealRead(ForeignMoneyRead, DealSummary):
    """The deal with its facts in force. Corrected facts are seen in the entries and in the timeline."""

    drafted_by: str
    drafted_by_name: str | None
    submitted_by: str | None
    submitted_by_name: str | None
    submitted_at: Moment | None = Field(
        description="草稿送审的时间；修改或退回后为空 / when the draft was submitted; null after an edit or a return"
    )
    return_reason: str | None = Field(description="退回理由，留到再次送审 / why it was returned, until submitted again")
    approved_by: str | None
    approved_by_name: str | None
    approved_at: Moment | None
    is_single_person: bool
    trust_confirmed_by: str | None = Field(
        description="来源的信任由谁确认；来源已审核而为空的按单人审批计 / who confirmed the trust of its source"
    )
    trust_confirmed_by_name: str | None
    override: Override | None = Field(
        description="审核时越过的门槛和理由；没有为空 / gates passed unmet by its approval, and why; else null"
    )
    ended_on: date | None
    end_reason: str | None
    source: str | None
    facts: list[FactRead]


class NumberBorne(BaseModel):
    """Another deal with the same agreement number. Where it is out of your scope, only the sentence is given."""

    is_in_scope: bool
    zh: str
    en: str
    deal_id: UUID | None
    deal_code: str | None


class DealDrafted(DealRead):
    """The draft after the request, and warnings to look at before it is approved."""

    warnings: list[NumberBorne]


class EntryRead(BaseModel):
    """A ledger entry of one deal."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: EntryKind
    of_kind: EntryKind
    effective_on: date
    recorded_at: Moment
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
    event_id: UUID


class EntriesRead(BaseModel):
    """Every entry of one deal in the order of recording, and their sums."""

    items: list[EntryRead]
    count: int
    amount: Yuan
    landed: int


class DealCorrect(BaseModel):
    """The values that should have been recorded. Give only those that were wrong; `fact_id` defaults to the signing.

    `never_a_deal` undoes the signing and everything after it, `withdraw` an amendment or a termination.
    """

    model_config = body({"amount": "480000000.00", "reason": "示例：录入有误"})

    fact_id: UUID | None = None
    effective_on: Day = unset()
    amount: PositiveAmount = unset()
    unit_id: UUID = unset()
    task_force_id: UUID | None = unset()
    industry_code: Code | None = unset()
    investor_id: UUID = unset()
    also_moves: list[UUID] = Field(
        [],
        max_length=20,
        description="同一项目其他已审核签约，同意一并改变归属 / other approved deals of the same project that may come "
        "to count elsewhere with this correction; without them it is refused with 409 `moves_other_deals`",
    )
    never_a_deal: bool = False
    withdraw: bool = Field(
        False, description="这次变更或终止从未发生 / the amendment or termination named by fact_id never was"
    )
    reason: Prose
    project: "ProjectFate | None" = Field(
        None,
        description="签约后的项目失去签约时必填 / required when a project at `signed` or later loses its deal",
    )


class FateKind(Word):
    before_signed = "before_signed", "退回签约前", "back before signed"
    terminated = "terminated", "项目终止", "the project is terminated"


class ProjectFate(BaseModel):
    """The new state of a project that loses its deal."""

    model_config = ConfigDict(extra="forbid")

    becomes: FateKind
    reason_code: Code | None = Field(None, description="终止时必填 / required with `terminated`")


class DealTerminate(BaseModel):
    model_config = body(
        {"effective_on": "2023-04-10", "reason": "示例：投资方放弃", "project": {"becomes": "before_signed"}}
    )

    effective_on: Day
    document: Text | None = None
    reason: Prose
    project: ProjectFate | None = Field(
        None, description="项目已在签约或以后阶段时必填 / required when the project is at `signed` or later"
    )
