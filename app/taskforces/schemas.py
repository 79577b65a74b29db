from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.clock import Day
from app.core.localized import Label
from app.core.money import Amount, Yuan
from app.core.paging import ListQuery
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import SEARCHED, Code, SearchText, Text


class MemberSet(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)

    official_id: UUID
    duty: Text | None = None


class TaskForceCreate(BaseModel):
    model_config = body({"name": "示例产业招商专班", "cadence": "每周调度", "industry_codes": ["26"]})

    name: Text
    name_en: Text | None = None
    short_name: Text | None = Field(None, description="简称，用于图表和列表 / for axes and rows", examples=["示例产业"])
    lead_official_id: UUID | None = Field(None, description="牵头市领导 / lead official")
    lead_unit_id: UUID | None = Field(None, description="牵头单位 / lead unit")
    cadence: Text | None = Field(None, description="调度频次 / how often it reports", examples=["每周调度"])
    opened_on: Day | None = None
    source: Text | None = None
    unit_ids: list[UUID] = Field(default_factory=list, max_length=100)
    members: list[MemberSet] = Field(default_factory=list, max_length=200)
    industry_codes: list[Code] = Field(default_factory=list, max_length=100)


class TaskForceUpdate(BaseModel):
    model_config = body({"cadence": "每月调度"})

    name: Text = unset()
    name_en: Text | None = unset()
    short_name: Text | None = unset()
    lead_official_id: UUID | None = unset()
    lead_unit_id: UUID | None = unset()
    cadence: Text | None = unset()
    closed_on: Day | None = unset()
    source: Text | None = unset()
    unit_ids: list[UUID] = Field(default_factory=list, max_length=100)
    members: list[MemberSet] = Field(default_factory=list, max_length=200)
    industry_codes: list[Code] = Field(default_factory=list, max_length=100)


class TaskForceSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    name_en: str | None
    short_name: str | None
    lead_official_id: UUID | None
    lead_official: Ref | None = Field(description="牵头市领导；未定为空 / lead official; null where none is set")
    lead_unit_id: UUID | None
    lead_unit: Ref | None = Field(description="牵头单位；未定为空 / lead unit; null where none is set")
    cadence: str | None
    opened_on: date
    closed_on: date | None
    source: str | None


class TaskForceMemberRead(MemberSet):
    """A member by name."""

    official: Ref


class TargetSet(BaseModel):
    """A year's targets. A field left out is not a target."""

    model_config = body({"signings": 20, "amount": "10000000000.00", "same_quarter_landed": 5})

    signings: int | None = Field(None, ge=0, le=100_000)
    amount: Amount | None = None
    same_quarter_landed: int | None = Field(None, ge=0, le=100_000)


class TargetRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    year: int
    signings: int | None
    amount: Yuan | None
    same_quarter_landed: int | None


class TaskForceRead(TaskForceSummary):
    unit_ids: list[UUID]
    units: list[Ref] = Field(description="成员单位，同 unit_ids 依次 / the units of `unit_ids`, in their order")
    members: list[TaskForceMemberRead]
    industry_codes: list[str]
    industries: list[Label] = Field(description="主攻行业，同 industry_codes 依次 / those of `industry_codes`")
    targets: list[TargetRead]


class TaskForceQuery(ListQuery):
    q: SearchText | None = Field(None, description=SEARCHED)
