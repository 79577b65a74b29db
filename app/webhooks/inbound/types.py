"""The types of message that a source may send, and the schema of each.

Facts are numbered and applied without gaps; snapshots are versioned and the newest wins.
"""

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.body import body
from app.core.clock import Day
from app.core.localized import Say
from app.core.money import Amount, PositiveAmount
from app.core.text import Code, Prose, Text
from app.deals.models import DealKind
from app.deals.schemas import ProjectFate
from app.enterprises.credit_code import CreditCode
from app.enterprises.models import Origin, Ownership
from app.projects.follow_ups import FollowUpKind
from app.referrers.models import Channel

ExternalId = Annotated[Text, Field(description="来源系统中的编号 / what the source calls it")]
Number = Annotated[int, Field(ge=1, le=2**53, strict=True)]
Sequence = Annotated[
    Number | None,
    Field(description="这一对象的第几件事，从 1 起连续；按到达的来源可不填 / its number, from 1"),
]
Version = Annotated[
    Number | None, Field(description="越大越新；按到达的来源可不填 / the greater the newer; not wanted by arrival")
]


class ProjectReference(BaseModel):
    """A project of ours: by the source's id, once it is linked, or by our code."""

    model_config = ConfigDict(extra="forbid")

    id: ExternalId | None = None
    code: Code | None = Field(None, description="我方项目编号 / our code of the project")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.id is None and self.code is None:
            raise PydanticCustomError("missing", "id or code")
        return self


class EnterpriseUpdated(BaseModel):
    """The present state of an enterprise at the source. Matched by the source's id, else by the credit code."""

    model_config = body(
        {"id": "E-1001", "version": 3, "name": "示例新材料有限公司", "credit_code": "91000000000000001N"}
    )

    id: ExternalId
    version: Version = None
    name: Text
    credit_code: CreditCode | None = None
    origin: Origin | None = None
    ownership: Ownership | None = None
    registered_place: Text | None = None
    headquarters: Text | None = None
    industry_code: Code | None = None


class LeadRegistered(BaseModel):
    """A lead of the source, registered here at the time of receipt, with the unit that reports it."""

    model_config = body({"id": "L-7", "sequence": 1, "name": "示例线索", "channel": "walk_in", "unit": "示例县招商局"})

    id: ExternalId
    sequence: Sequence = None
    name: Text
    channel: Channel
    unit: Text = Field(description="首报单位：来源的名称（见来源设置）或我方代码 / the unit that reports it")
    investor_credit_code: CreditCode | None = None
    investor_name: Text | None = Field(
        None, description="只作说明，不据此匹配企业 / told to people; no enterprise is matched by it"
    )
    estimate_from: Amount | None = None
    estimate_to: Amount | None = None
    industry_code: Code | None = None
    description: Prose | None = None


class ProjectMoved(BaseModel):
    """A project has entered a stage. The gates of the stage apply as for everybody."""

    model_config = body(
        {"id": "P-12", "code": "P2023-0001", "sequence": 1, "to": "negotiating", "happened_on": "2023-02-01"}
    )

    id: ExternalId
    code: Code | None = Field(None, description="我方项目编号，首次推送时填 / our code of the project, the first time")
    sequence: Sequence = None
    to: Code = Field(description="阶段：来源的名称（见来源设置）或我方代码 / the stage, by its name there or our code")
    happened_on: Day
    reason: Prose | None = None


class ProjectProgress(BaseModel):
    """Progress of a project in words, stored as a follow-up."""

    model_config = body({"id": "P-12", "version": 4, "on": "2023-03-01", "summary": "示例：完成用地预审"})

    id: ExternalId
    code: Code | None = Field(None, description="我方项目编号，首次推送时填 / our code of the project, the first time")
    version: Version = None
    on: Day
    kind: FollowUpKind = FollowUpKind.progress
    summary: Prose


class DealSigned(BaseModel):
    """An agreement was signed. From a trusted source the deal is approved at once, else it is a draft."""

    model_config = body(
        {
            "id": "D-3",
            "sequence": 1,
            "project": {"code": "P2023-0001"},
            "title": "示例项目投资协议",
            "agreement_no": "示例协〔2023〕1号",
            "signed_on": "2023-02-27",
            "agreed_amount": "500000000.00",
        }
    )

    id: ExternalId
    sequence: Sequence = None
    project: ProjectReference
    kind: DealKind = DealKind.formal
    title: Text
    agreement_no: Text | None = None
    signed_on: Day
    agreed_amount: PositiveAmount | None = None
    investor_credit_code: CreditCode | None = Field(None, description="缺省为项目投资方 / the project's by default")


class DealAmended(BaseModel):
    """A supplementary agreement. Requires a trusted source."""

    model_config = body(
        {
            "id": "D-3",
            "sequence": 2,
            "agreed_amount": "620000000.00",
            "effective_on": "2023-04-05",
            "document": "示例补〔2023〕1号",
        }
    )

    id: ExternalId
    sequence: Sequence = None
    agreed_amount: PositiveAmount
    effective_on: Day
    document: Text
    reason: Prose | None = None


class DealTerminated(BaseModel):
    """An agreement has ended. Requires a trusted source."""

    model_config = body(
        {
            "id": "D-3",
            "sequence": 3,
            "effective_on": "2023-04-10",
            "reason": "示例：投资方放弃",
            "project": {"becomes": "before_signed"},
        }
    )

    id: ExternalId
    sequence: Sequence = None
    effective_on: Day
    document: Text | None = None
    reason: Prose
    project: ProjectFate | None = Field(None, description="项目已签约时必填 / required for a signed project")


class FundsArrived(BaseModel):
    """Funds of a project have arrived. Stored and not applied yet; it has numbers of its own, apart from deals and
    projects."""

    model_config = body(
        {
            "id": "F-12",
            "sequence": 1,
            "project": {"code": "P2023-0001"},
            "arrived_on": "2023-03-20",
            "amount": "50000000.00",
            "document": "示例验资报告1号",
        }
    )

    id: ExternalId
    sequence: Sequence = None
    project: ProjectReference
    arrived_on: Day
    amount: PositiveAmount
    document: Text | None = None


@dataclass(frozen=True, slots=True)
class MessageType:
    name: str
    object_kind: str
    is_fact: bool
    data: type[BaseModel]
    say: Say
    is_kept: bool = False
    """Of a matter that this service does not follow yet: validated and stored, to be applied later."""

    @property
    def number_field(self) -> str:
        return "sequence" if self.is_fact else "version"


TYPES = {
    one.name: one
    for one in (
        MessageType("lead.registered", "lead", True, LeadRegistered, Say("线索", "a lead")),
        MessageType("project.moved", "project", True, ProjectMoved, Say("项目进入阶段", "a project came to a stage")),
        MessageType("project.progress", "project", False, ProjectProgress, Say("项目进展", "how a project stands")),
        MessageType("deal.signed", "deal", True, DealSigned, Say("签约", "an agreement was signed")),
        MessageType("deal.amended", "deal", True, DealAmended, Say("签约变更", "a supplementary agreement")),
        MessageType("deal.terminated", "deal", True, DealTerminated, Say("签约终止", "an agreement ended")),
        MessageType("funds.arrived", "funds", True, FundsArrived, Say("资金到位", "funds arrived"), is_kept=True),
        MessageType(
            "enterprise.updated", "enterprise", False, EnterpriseUpdated, Say("企业信息", "an enterprise as it now is")
        ),
    )
}
