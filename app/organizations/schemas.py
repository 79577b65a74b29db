from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.core.body import ID, body
from app.core.clock import Day
from app.core.masking import without_numbers
from app.core.paging import ListQuery
from app.core.phone import Phone
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import SEARCHED, Code, Prose, SearchText, Text
from app.organizations.models import UnitKind


def _without_numbers(name: str) -> str:
    if without_numbers(name) != name:
        raise PydanticCustomError("number_in_name", "a phone or mail address in a name")
    return name


PersonName = Annotated[Text, AfterValidator(_without_numbers)]
"""A name is shown to all, so it may contain no phone or mail address."""


class UnitCreate(BaseModel):
    model_config = body({"code": "000000-01", "name": "示例区", "kind": "district"})

    code: Code
    name: Text
    name_en: Text | None = None
    short_name: Text | None = Field(None, description="简称，用于图表和列表 / for axes and rows", examples=["示例区"])
    kind: UnitKind
    division_code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = Field(None, description="GB/T 2260")
    parent_id: UUID | None = None
    is_assessed: bool = False
    opened_on: Day | None = Field(None, description="缺省为业务日 / the business day by default")
    source: Text | None = None


class UnitUpdate(BaseModel):
    model_config = body({"name": "示例新区"})

    name: Text = unset()
    name_en: Text | None = unset()
    short_name: Text | None = unset()
    is_assessed: bool = unset()
    closed_on: Day | None = unset()
    source: Text | None = unset()


class UnitParentSet(BaseModel):
    model_config = body({"parent_id": ID, "valid_from": "2023-01-01"})

    parent_id: UUID | None
    valid_from: Day
    reason: Prose | None = Field(None, description="必填，由另一人确认 / required, for who confirms it")


class UnitRead(BaseModel):
    """A unit with the parent it has today."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    code: str
    division_code: str | None
    name: str
    name_en: str | None
    short_name: str | None
    kind: UnitKind
    is_assessed: bool
    opened_on: date
    closed_on: date | None
    source: str | None
    parent_id: UUID | None
    parent: Ref | None = Field(description="今天的上级单位；最上级为空 / the unit above today; null at the top")


class UnitQuery(ListQuery):
    kind: UnitKind | None = Field(None, description="单位种类 / the kind of unit")
    q: SearchText | None = Field(None, description=SEARCHED)


class PostCreate(BaseModel):
    model_config = body({"unit_id": ID, "title": "示例职务", "is_top_leader": False, "started_on": "2021-01-01"})

    unit_id: UUID
    title: Text
    is_top_leader: bool = Field(False, description="党政一把手 / head of party or government")
    started_on: Day
    ended_on: Day | None = None


class PostEnd(BaseModel):
    model_config = body({"ended_on": "2023-03-31"})

    ended_on: Day


class PostRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    official_id: UUID
    unit_id: UUID
    unit_name: str
    title: str
    is_top_leader: bool
    started_on: date
    ended_on: date | None


class OfficialCreate(BaseModel):
    model_config = body(
        {"name": "示例干部", "posts": [{"unit_id": ID, "title": "示例职务", "started_on": "2021-01-01"}]}
    )

    name: PersonName
    phone: Phone | None = None
    is_illustrative: bool = False
    posts: list[PostCreate] = Field(default_factory=list, max_length=20)


class OfficialUpdate(BaseModel):
    model_config = body({"phone": "13800000000"})

    name: PersonName = unset()
    phone: Phone | None = unset()


class OfficialRead(BaseModel):
    """An official with all posts, latest first. The phone is masked."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    name: str
    phone_masked: str | None
    is_illustrative: bool
    posts: list[PostRead]


class OfficialQuery(ListQuery):
    unit_id: UUID | None = Field(None, description="现任职务所在单位 / unit of a present post")
    q: SearchText | None = Field(None, description=SEARCHED)
