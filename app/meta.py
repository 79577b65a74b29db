"""GET /meta: everything a client must know to show codes by name, in one call that it may keep."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.core import field_names
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession
from app.core.localized import Label
from app.core.routing import DICTIONARY, Route
from app.deals.schemas import DealRead
from app.enterprises.schemas import EnterpriseRead
from app.leads import clocks
from app.leads.schemas import LeadClockRead, LeadRead
from app.lists.schemas import ProjectRow
from app.office import stages
from app.office.schemas import StageRead
from app.pipeline.gates import GATES
from app.projects import evidence
from app.projects.evidence import EvidenceKindRead
from app.reference import labels
from app.reference import service as reference
from app.reference.schemas import IndustryRead

router = APIRouter(route_class=Route, tags=["参考数据 reference"])


_RECORDS: dict[str, type[BaseModel]] = {
    "project": ProjectRow,
    "lead": LeadRead,
    "deal": DealRead,
    "enterprise": EnterpriseRead,
}


class Meta(BaseModel):
    labels: dict[str, list[Label]] = Field(
        description="各枚举的名称，键为枚举名 / names of all coded words, by enumeration"
    )
    stages: list[StageRead] = Field(description="阶段，含期限与门槛，依次 / in order, with limits and gates")
    gates: list[Label] = Field(description="门槛的名称 / names of the gates")
    evidence_kinds: list[EvidenceKindRead]
    lead_clocks: list[LeadClockRead]
    fields: dict[str, list[Label]] = Field(
        description="字段的名称，按记录 / names of the fields of each record, for columns, changes and exports"
    )
    industries: list[IndustryRead] = Field(description="GB/T 4754-2017")


@router.get("/meta", summary="字典：一次取全，可缓存 All dictionaries in one call", openapi_extra=DICTIONARY)
async def get_meta(session: SnapshotSession, _actor: CurrentActor) -> Meta:
    return Meta(
        labels=labels.all_words(),
        stages=await stages.stages(session),
        gates=[Label(code=code, zh=name.zh, en=name.en) for code, (name, _) in GATES.items()],
        evidence_kinds=await evidence.kinds(session),
        lead_clocks=await clocks.clocks(session),
        fields={record: field_names.labels(names.model_fields, record) for record, names in _RECORDS.items()},
        industries=await reference.industries(session),
    )
