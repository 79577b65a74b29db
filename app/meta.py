"""GET /meta: everything a client must know to show codes by name, in one call that it may keep."""

from pydantic import BaseModel, Field

from app.construction.schemas import PlanListItem
from app.core import field_names
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession
from app.core.localized import Label, Say
from app.core.routing import DICTIONARY, Router
from app.deals.schemas import DealRead
from app.enterprises.schemas import EnterpriseRead
from app.five_ones.schemas import GapRow, MilestoneRow
from app.leads import clocks
from app.leads.schemas import LeadClockRead, LeadRead
from app.lists.deal_schemas import DealRow
from app.lists.enterprises import EnterpriseRow
from app.lists.lead_schemas import LeadRow
from app.lists.officials import OfficialRow
from app.lists.schemas import ProjectRow
from app.office import stages
from app.office.schemas import StageRead
from app.pipeline.gates import GATES
from app.projects import evidence
from app.projects.evidence import EvidenceKindRead, EvidenceRead
from app.projects.follow_ups import FollowUpRead
from app.projects.schemas import ProjectRead
from app.reference import labels
from app.reference import service as reference
from app.reference.schemas import IndustryRead
from app.referrers.schemas import ReferrerRead
from app.rights.schemas import TaskForceRow, UnitRow, UserRow
from app.taskforces.schemas import TaskForceRead
from app.totals.figure_schemas import FigureRow
from app.totals.schemas import EntryRow
from app.webhooks.outbound.types import PING, TYPES, WITHHELD

router = Router(tags=["参考数据 reference"])


_RECORDS: dict[str, tuple[type[BaseModel], ...]] = {
    "project": (ProjectRow, ProjectRead),
    "lead": (LeadRow, LeadRead),
    "deal": (DealRow, DealRead),
    "enterprise": (EnterpriseRow, EnterpriseRead),
    "unit": (UnitRow,),
    "official": (OfficialRow,),
    "task_force": (TaskForceRow, TaskForceRead),
    "referrer": (ReferrerRead,),
    "user": (UserRow,),
    "entry": (EntryRow,),
    "figure": (FigureRow,),
    "plan_list": (PlanListItem,),
    "milestone": (MilestoneRow,),
    "gap": (GapRow,),
    "follow_up": (FollowUpRead,),
    "evidence": (EvidenceRead,),
}
"""The row of the list of each record, and the record itself where that shows more."""


def _fields(record: str) -> list[Label]:
    names = dict.fromkeys(name for model in _RECORDS[record] for name in model.model_fields)
    return field_names.labels(names, record)


def _event_types() -> dict[str, Say]:
    sent = {name: kind.say for name, kind in TYPES.items() if name != PING}
    return {**sent, **WITHHELD}


class Meta(BaseModel):
    labels: dict[str, list[Label]] = Field(
        description="各枚举的名称，键为枚举名 / names of all coded words, by enumeration"
    )
    stages: list[StageRead] = Field(description="阶段，含期限与门槛，依次 / in order, with limits and gates")
    gates: list[Label] = Field(description="门槛的名称 / names of the gates")
    evidence_kinds: list[EvidenceKindRead]
    lead_clocks: list[LeadClockRead]
    event_types: list[Label] = Field(
        description="时间线和 activity 中的事件类型 / types of the events in timelines and activities"
    )
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
        event_types=[Label(code=name, zh=say.zh, en=say.en) for name, say in sorted(_event_types().items())],
        fields={record: _fields(record) for record in _RECORDS},
        industries=await reference.industries(session),
    )
