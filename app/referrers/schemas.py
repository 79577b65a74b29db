from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.body import body
from app.core.paging import ListQuery
from app.core.records import unset
from app.core.refs import Ref
from app.core.text import SEARCHED, Code, SearchText, Text
from app.referrers.models import ReferrerKind


class ReferrerCreate(BaseModel):
    """An official or an enterprise is given by its id and keeps its own name; the other kinds by `name`."""

    model_config = body({"kind": "chamber", "name": "示例商会"})

    kind: ReferrerKind
    name: Text | None = Field(None, description="领导和企业不填，取其登记的名称 / not for officials and enterprises")
    official_id: UUID | None = Field(None, description="kind=official 时必填")
    enterprise_id: UUID | None = Field(None, description="kind=enterprise 时必填")
    organization: Text | None = Field(None, description="所在单位")
    appointment_no: Code | None = Field(None, description="聘书号")
    is_illustrative: bool = False


class ReferrerUpdate(BaseModel):
    model_config = body({"appointment_no": "示例聘〔2023〕1号"})

    name: Text = unset()
    organization: Text | None = unset()
    appointment_no: Code | None = unset()


class ReferrerRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    kind: ReferrerKind
    name: str
    official_id: UUID | None
    official: Ref | None = Field(description="kind=official 时是哪位领导，否则为空 / the official, else null")
    enterprise_id: UUID | None
    enterprise: Ref | None = Field(description="kind=enterprise 时是哪家企业，否则为空 / the enterprise, else null")
    organization: str | None
    appointment_no: str | None
    is_illustrative: bool


class ReferrerRegistered(ReferrerRead):
    """The referrer after the act."""

    warnings: list[ReferrerRead] = Field(
        description="同类同名的引荐方，可能是同一个 / of the same kind and name: perhaps the same"
    )


class ReferrerQuery(ListQuery):
    kind: ReferrerKind | None = Field(None, description="引荐方种类 / the kind of referrer")
    q: SearchText | None = Field(None, description=SEARCHED)
