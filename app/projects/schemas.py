import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.core.body import body
from app.core.clock import Day, Moment
from app.core.localized import Label
from app.core.money import Amount, Yuan
from app.core.numbers import Area, Degrees, Quantity
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import Code, Prose, Text, tidied_code
from app.projects.models import (
    ChainRole,
    Confidentiality,
    ConstructionNature,
    PhaseRelation,
    Program,
    Status,
    Successor,
)
from app.referrers.models import Channel


def _national_code(typed: str) -> str:
    """Returns a national project code, tidied: `YYMM-RRRRRR-CC-CC-SSSSSS` (GB/T 40058). Only its structure is checked,
    and that the month exists."""
    value = tidied_code(typed)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}", value, re.ASCII):
        raise PydanticCustomError("national_code", "not a national project code")
    if not 1 <= int(value[2:4]) <= 12:
        raise PydanticCustomError("national_code", "not a national project code")
    return value


NationalCode = Annotated[Code, AfterValidator(_national_code)]


class CapacitySet(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    product: Text = Field(examples=["苯酚丙酮"])
    quantity: Quantity = Field(examples=["65"])
    unit: Code = Field(examples=["万吨/年"])


class CapacitiesSet(BaseModel):
    model_config = body({"items": [{"product": "示例产品", "quantity": "65", "unit": "万吨/年"}]})

    items: list[CapacitySet] = Field(max_length=50)


class ProspectFields(BaseModel):
    """The fields that a lead and the project it becomes have in common."""

    model_config = ConfigDict(extra="forbid")

    name: Text
    channel: Channel | None = Field(None, description="来源渠道 / how it came to the office")
    occasion: Text | None = Field(None, description="来源活动 / the event it came from")
    referrer_id: UUID | None = Field(None, description="引荐方，见 GET /api/v1/referrers")
    investor_id: UUID | None = Field(None, description="投资方 / lead investor")
    description: Prose | None = Field(None, description="建设内容及规模")
    estimate_from: Amount | None = Field(None, description="拟投资额（元）下限；单一数额时与上限相同 / lower end")
    estimate_to: Amount | None = Field(None, description="拟投资额（元）上限 / upper end, the same for one value")
    industry_code: Code | None = Field(None, description="GB/T 4754-2017")
    place_unit_id: UUID | None = Field(None, description="落地县区或开发区 / district or zone it is built in")
    land_area: Area | None = Field(None, description="用地（亩）/ land in mu")
    plant_area: Quantity | None = Field(None, description="厂房（平方米）/ floor space in m²")
    energy_use: Quantity | None = Field(None, description="年用能（吨标准煤）/ tonnes of coal equivalent a year")
    energy_note: Prose | None = Field(None, description="水电气热等用能要求 / power, water, gas and heat wanted")
    confidentiality: Confidentiality = Field(
        Confidentiality.internal, description="国家秘密不得录入 / never enter state secrets"
    )
    source: Text | None = Field(None, description="数据来源")


class ProspectUpdate(BaseModel):
    name: Text = unset()
    occasion: Text | None = unset()
    referrer_id: UUID | None = unset()
    investor_id: UUID | None = unset()
    description: Prose | None = unset()
    estimate_from: Amount | None = unset()
    estimate_to: Amount | None = unset()
    industry_code: Code | None = unset()
    place_unit_id: UUID | None = unset()
    land_area: Area | None = unset()
    plant_area: Quantity | None = unset()
    energy_use: Quantity | None = unset()
    energy_note: Prose | None = unset()
    confidentiality: Confidentiality = unset()
    source: Text | None = unset()


class ProspectRead(BaseModel):
    """The fields of a lead or project that its row in a list does not show."""

    occasion: str | None
    referrer_id: UUID | None
    referrer: Ref | None
    description: str | None
    place_unit_id: UUID | None
    place: Ref | None
    land_area: Area | None
    plant_area: Quantity | None
    energy_use: Quantity | None
    energy_note: str | None
    confidentiality: Confidentiality
    source: str | None


class ProjectFields(ProspectFields):
    """The descriptive fields of a project, at any stage."""

    short_name: Text | None = None
    upstream_code: Code | None = Field(None, description="上级平台编码")
    national_code: NationalCode | None = Field(
        None, description="投资项目统一代码", examples=["2302-210400-04-01-123456"]
    )
    statistical_name: Text | None = Field(None, description="纳统名称")
    longitude: Degrees | None = None
    latitude: Degrees | None = None
    parcel_no: Text | None = None
    chain: Text | None = Field(None, description="产业链环节")
    chain_role: ChainRole | None = None
    construction_nature: ConstructionNature | None = None
    annual_revenue: Amount | None = Field(None, description="达产年营业收入（元）")
    annual_tax: Amount | None = Field(None, description="达产年税收（元）")
    jobs: int | None = Field(None, ge=0, le=10_000_000)
    progress: Prose | None = Field(None, description="当前进展")
    progress_on: Day | None = Field(None, description="进展日期")
    next_steps: Prose | None = Field(None, description="下步计划")


class ProjectUpdate(ProspectUpdate):
    """An edit. Stage, status, program, unit and task force are changed by requests of their own."""

    model_config = body(
        {"national_code": "2302-210400-04-01-123456", "progress": "示例：正在办理用地", "progress_on": "2023-03-31"}
    )

    channel: Channel | None = unset()
    short_name: Text | None = unset()
    upstream_code: Code | None = unset()
    national_code: NationalCode | None = unset()
    statistical_name: Text | None = unset()
    longitude: Degrees | None = unset()
    latitude: Degrees | None = unset()
    parcel_no: Text | None = unset()
    chain: Text | None = unset()
    chain_role: ChainRole | None = unset()
    construction_nature: ConstructionNature | None = unset()
    annual_revenue: Amount | None = unset()
    annual_tax: Amount | None = unset()
    jobs: int | None = Field(None, ge=0, le=10_000_000)
    progress: Prose | None = unset()
    progress_on: Day | None = unset()
    next_steps: Prose | None = unset()
    duplicate_ruling: Prose = unset()


class ProjectSummary(BaseModel):
    """What every answer about a project begins with."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    code: str
    name: str
    program: Program
    stage: str
    stage_since: date
    status: Status
    due_on: date | None
    is_parent: bool
    parent_id: UUID | None
    parent: Ref | None = Field(
        description="总项目；不是分期或不在你范围内为空 / what it is a phase of; null where none is in your scope"
    )
    phase_no: int | None
    unit_id: UUID | None
    unit: Ref | None
    task_force_id: UUID | None
    task_force: Ref | None
    industry_code: str | None
    industry: Label | None
    investor_id: UUID | None
    investor: Ref | None
    planned_total: Yuan | None = Field(description="计划总投资，最新版本（元）/ latest version")
    last_activity_on: date
    updated_at: Moment
    is_illustrative: bool


class PhaseRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str
    name: str
    phase_no: int
    relation: PhaseRelation
    continues_parent: bool
    effective_on: date
    stage: str
    status: Status
    planned_total: Yuan | None


class ProjectRead(ProjectSummary, ProspectRead):
    """The whole project."""

    lead_id: UUID | None = Field(description="由哪条线索转来 / the lead it was")
    channel: Channel | None
    estimate_from: Yuan | None
    estimate_to: Yuan | None
    short_name: str | None
    upstream_code: str | None
    national_code: str | None
    statistical_name: str | None
    longitude: Degrees | None
    latitude: Degrees | None
    parcel_no: str | None
    chain: str | None
    chain_role: ChainRole | None
    construction_nature: ConstructionNature | None
    annual_revenue: Yuan | None
    annual_tax: Yuan | None
    jobs: int | None
    progress: str | None
    progress_on: date | None
    next_steps: str | None
    relation: PhaseRelation | None
    continues_parent: bool
    paused_on: date | None
    resume_expected_on: date | None
    merged_into_id: UUID | None
    merged_into: Ref | None = Field(
        description="并入的项目；未并入或不在你范围内为空 / what it was merged into; null where none is in your scope"
    )
    merged_into_code: str | None = Field(
        None,
        description="并入的项目编号，不在你范围内的为空 / code of its successor, if in your scope",
    )
    successor: Successor | None = Field(
        None, description="逐次并入后的现行项目 / the project it is by now, through any number of merges"
    )
    direct_entry_reason: str | None
    duplicate_ruling: str | None
    created_at: Moment
    days_in_stage: int
    is_overdue: bool
    capacities: list[CapacitySet]
    phases: list[PhaseRead]
