from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.clock import Day
from app.core.localized import Label
from app.core.paging import ListQuery
from app.core.phone import Phone
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import SEARCHED, Code, Prose, SearchText, Text
from app.enterprises.credit_code import CreditCode
from app.enterprises.models import Origin, Ownership
from app.enterprises.successors import EnterpriseSuccessor

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, 境外投资方 / foreign investors")]


class EnterpriseCreate(BaseModel):
    model_config = body(
        {
            "name": "示例新材料有限公司",
            "credit_code": "91000000000000001N",
            "origin": "domestic",
            "ownership": "private",
        }
    )

    name: Text
    credit_code: CreditCode | None = Field(None, description="统一社会信用代码 GB 32100")
    country: Country | None = None
    registration_no: Code | None = Field(None, description="境外注册号，与 country 同填 / with country")
    parent_id: UUID | None = Field(None, description="所属集团 / parent group")
    origin: Origin | None = None
    ownership: Ownership | None = None
    registered_place: Text | None = None
    headquarters: Text | None = None
    industry_code: Code | None = None
    source: Text | None = None
    is_illustrative: bool = Field(False, description="仅招商局可标记 / marked by the bureau alone")
    twin_ruling: Prose | None = Field(
        None, description="与已有企业同名时，为何是另一家 / why it is another of that name"
    )


class EnterpriseUpdate(BaseModel):
    model_config = body({"credit_code": "91000000000000001N"})

    name: Text = unset()
    credit_code: CreditCode | None = unset()
    country: Country | None = unset()
    registration_no: Code | None = unset()
    parent_id: UUID | None = unset()
    origin: Origin | None = unset()
    ownership: Ownership | None = unset()
    registered_place: Text | None = unset()
    headquarters: Text | None = unset()
    industry_code: Code | None = unset()
    source: Text | None = unset()
    twin_ruling: Prose = unset()


class RankingCreate(BaseModel):
    model_config = body({"list_name": "示例榜单", "year": 2022, "rank": 471, "source": "示例"})

    list_name: Text = Field(examples=["中国企业500强"])
    year: int = Field(ge=1949, le=2199)
    rank: int = Field(ge=1, le=1_000_000)
    source: Text | None = None


class RankingRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    list_name: str
    year: int
    rank: int
    source: str | None


class EnterpriseSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    credit_code: str | None
    country: str | None
    registration_no: str | None
    parent_id: UUID | None
    parent: Ref | None = Field(description="所属集团；没有为空 / parent group; null where there is none")
    origin: Origin | None
    ownership: Ownership | None
    registered_place: str | None
    headquarters: str | None
    industry_code: str | None
    industry: Label | None
    source: str | None
    merged_into_id: UUID | None = Field(description="已并入的企业 / its successor")
    merged_into: Ref | None = Field(description="已并入的企业；未并入为空 / what it was merged into, else null")
    is_illustrative: bool


class EnterpriseRead(EnterpriseSummary):
    """An enterprise with its group and its rankings, latest first."""

    parent_name: str | None
    successor: EnterpriseSuccessor | None = Field(
        None, description="逐次并入后的现行企业 / the enterprise it is by now, through any number of merges"
    )
    rankings: list[RankingRead]


class EnterpriseTaken(BaseModel):
    """The enterprise that a given name was matched with, or that was registered under it."""

    id: UUID
    name: str
    credit_code: str | None
    is_new: bool = Field(description="随之新登记 / registered by this")


class EnterpriseQuery(ListQuery):
    q: SearchText | None = Field(None, description=SEARCHED)
    origin: Origin | None = Field(None, description="来源地 / where it comes from")
    ownership: Ownership | None = Field(None, description="所有制 / its ownership")
    parent_id: UUID | None = Field(None, description="所属集团 / the group it belongs to")


class ContactCreate(BaseModel):
    """A contact may be kept only for a purpose, with consent and until a day."""

    model_config = body(
        {
            "name": "示例联系人",
            "title": "示例职务",
            "phone": "13800000000",
            "purpose": "项目洽谈",
            "consent": "当面告知并同意",
            "consent_on": "2023-02-01",
            "keep_until": "2025-02-01",
        }
    )

    name: Text
    title: Text | None = None
    phone: Phone | None = None
    email: Text | None = None
    source: Text | None = None
    purpose: Text = Field(description="用途 / what it is kept for")
    consent: Text = Field(description="告知与同意方式 / how the person was told and agreed")
    consent_on: Day
    keep_until: Day = Field(description="保存期限 / kept until")


class ContactRead(BaseModel):
    """A contact, phone and mail masked."""

    id: UUID
    name: str
    title: str | None
    phone_masked: str | None
    email_masked: str | None
    source: str | None
    purpose: str
    consent: str
    consent_on: date
    keep_until: date


class PhoneKnown(BaseModel):
    """Another contact has the same phone. Only those who see the contacts of every enterprise learn which."""

    zh: str
    en: str
    contact_id: UUID | None
    enterprise_id: UUID | None


class ContactKept(ContactRead):
    """The contact as stored, with warnings."""

    warnings: list[PhoneKnown]
