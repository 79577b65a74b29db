"""The types of message sent to other systems, and the schema of a message.

A message names what changed and where to read it, and holds no value of a record. So it carries no personal data, and
the receiver reads the record with rights of its own.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.clock import Moment
from app.core.localized import Say

PING = "webhook.ping"
ENDPOINT_KIND, ENDPOINT_PATH = "webhook_endpoint", "webhook-endpoints"
"""The object of a ping: the endpoint itself. Events of endpoints are not sent."""


class ObjectTold(BaseModel):
    type: str
    id: UUID


class ChangeTold(BaseModel):
    id: UUID | None = Field(description="业务日志中事件的编号 / the event's id in the business log")
    object: ObjectTold
    project_id: UUID | None = Field(description="所属项目 / the project it belongs to")
    version: int | None = Field(
        description="改动后的版本；在其下新增时为 null / the record's version after it; null for a row added beneath"
    )
    sequence: int = Field(
        description="该对象的第几条消息，越大越新；未订阅的类型会留下空号 / its number among messages of the "
        "object, the greater the newer; types you did not ask for leave gaps"
    )
    changed: list[str] = Field(description="改动的字段 / the fields that changed")
    link: str = Field(description="在这里读现状（须有令牌）/ where it can be read, with a token")


class MessageTold(BaseModel):
    type: str
    timestamp: Moment
    data: ChangeTold


@dataclass(frozen=True, slots=True)
class EventType:
    """`changed`: the changed fields, for events that do not list them."""

    name: str
    say: Say
    changed: tuple[str, ...] = ()


def _types(*rows: tuple[str, str, str, str]) -> dict[str, EventType]:
    return {name: EventType(name, Say(zh, en), tuple(changed.split())) for name, zh, en, changed in rows}


TYPES = _types(
    (PING, "试推送", "a ping", ""),
    ("lead.registered", "线索登记", "a lead was registered", ""),
    ("lead.updated", "线索修改", "a lead was edited", ""),
    ("lead.answered", "线索答复", "a lead was answered", "answered_at"),
    ("lead.assessed", "线索研判", "a lead was assessed", "assessment"),
    ("lead.transferred", "线索移交", "a lead was handed over", "unit_id"),
    ("lead.follow_up_added", "线索跟进", "a follow-up was added to a lead", "follow_ups"),
    ("lead.converted", "线索转为项目", "a lead became a project", "project_id"),
    ("lead.due_on_moved", "线索时限变动", "the days of a lead moved with the limits or the calendar", "due_on"),
    ("first_talk.disputed", "首谈有争议", "a first talk is disputed", "first_talk"),
    ("first_talk.ruled", "首谈已裁定", "a first talk was ruled on", "first_talk"),
    ("project.entered", "项目入库", "a project was entered", ""),
    ("project.converted", "项目由线索转入", "a project came of a lead", ""),
    ("project.phase_added", "项目分期", "a phase was added", "phases"),
    ("project.phase_withdrawn", "误设的分期撤销", "a phase that never was, was withdrawn", "phases stage"),
    ("project.updated", "项目修改", "a project was edited", ""),
    ("project.moved", "项目进入下一阶段", "a project moved on", "stage"),
    ("project.moved_back", "项目回退", "a project moved back", "stage"),
    ("project.move_corrected", "阶段日期更正", "the day of a move was corrected", "moves"),
    ("project.move_withdrawn", "阶段变动撤销", "a move was withdrawn", "stage status"),
    ("project.paused", "项目暂缓", "a project was paused", "status"),
    ("project.reactivated", "项目恢复", "a project was taken up again", "status"),
    ("project.terminated", "项目终止", "a project was terminated", "status"),
    ("project.reinstated", "项目终止撤销", "a termination was taken back", "status"),
    ("project.merged", "项目并入另一项目", "a project was merged into another", "status"),
    ("project.absorbed", "并入了另一项目", "a project took in another", ""),
    ("project.transferred", "项目流转", "a project was transferred", "unit_id"),
    ("project.program_changed", "项目类别变更", "the program of a project changed", "program"),
    ("project.place_corrected", "项目归属更正", "where a project stood was corrected", "unit_id"),
    ("project.capacities_set", "项目产能设定", "the capacities of a project were set", "capacities"),
    ("project.amount_added", "项目金额登记", "an amount was added to a project", "amounts"),
    ("project.evidence_added", "依据登记", "evidence was added to a project", "evidence"),
    ("project.evidence_voided", "依据作废", "evidence of a project was voided", "evidence"),
    ("project.plan_listed", "列入年度计划", "a project was put on a plan list", "plan_lists"),
    ("project.plan_list_withdrawn", "移出年度计划", "a project was taken off a plan list", "plan_lists"),
    ("project.batch_joined", "参加集中开工", "a project joined a collective start", "start_batches"),
    ("project.batch_left", "退出集中开工", "a project left a collective start", "start_batches"),
    ("project.work_resumed", "项目复工", "work on a project was resumed", "work_resumptions"),
    ("project.work_resumption_withdrawn", "复工撤销", "a resumption was withdrawn", "work_resumptions"),
    ("project.due_on_moved", "阶段期限变动", "the day due moved with the limits or the calendar", "due_on"),
    ("five_ones.leader_appointed", "确定领导", "a leader was appointed", "leader"),
    ("five_ones.leader_handed_over", "更换领导", "another leader took over", "leader"),
    ("five_ones.leader_out_of_post", "包保领导离任", "days on which the leader holds no post", "leader"),
    ("five_ones.leader_in_post", "包保领导在任", "the leader holds a post on every day again", "leader"),
    ("five_ones.team_set", "组成班子", "a team was set", "team"),
    ("five_ones.team_replaced", "更换班子", "another team took over", "team"),
    ("five_ones.plan_published", "发布方案", "a plan was published", "plan"),
    ("five_ones.milestone_reported", "里程碑上报", "a milestone was reported", "milestones"),
    ("five_ones.follow_up_added", "项目跟进", "a follow-up was added to a project", "follow_ups"),
    ("deal.drafted", "签约起草", "a deal was drafted", ""),
    ("deal.updated", "签约草稿修改", "the draft of a deal was edited", ""),
    ("deal.submitted", "签约草稿送审", "the draft of a deal was submitted for approval", "submitted_at"),
    ("deal.returned", "签约草稿退回", "the draft of a deal was returned to its drafter", "submitted_at return_reason"),
    ("deal.discarded", "签约草稿作废", "the draft of a deal was discarded", "status"),
    ("deal.approved", "签约审核通过", "a deal was approved", "status"),
    ("deal.amended", "签约变更", "a deal was amended", "agreed_amount"),
    ("deal.corrected", "签约更正", "a deal was corrected", "entries"),
    ("deal.voided", "签约作废", "a deal was voided", "status entries"),
    ("deal.transferred", "签约归属流转", "a deal was transferred with its project", "entries"),
    ("deal.relocated", "签约随项目并入", "a deal went over to another project", "project_id"),
    ("deal.terminated", "签约终止", "a deal was terminated", "status entries"),
    ("deal.termination_undone", "签约终止撤销", "the end of a deal was taken back", "status entries"),
    ("enterprise.created", "企业登记", "an enterprise was registered", ""),
    ("enterprise.updated", "企业修改", "an enterprise was edited", ""),
    ("enterprise.ranking_added", "企业榜单登记", "a ranking was added to an enterprise", "rankings"),
    ("enterprise.merged", "企业并入另一企业", "an enterprise was merged into another", "successor_id"),
    ("enterprise.absorbed", "并入了另一企业", "an enterprise took in another", ""),
    ("unit.created", "单位登记", "a unit was registered", ""),
    ("unit.updated", "单位修改或撤销", "a unit was edited or closed", ""),
    ("unit.parent_set", "单位上级变动", "a unit was placed under another from a day on", "parent_id"),
    ("task_force.created", "专班设立", "a task force was set up", ""),
    ("task_force.updated", "专班修改或撤销", "a task force was edited or closed", ""),
    ("task_force.target_set", "专班目标设定", "the targets of a task force were set", "targets"),
    ("start_batch.created", "集中开工批次登记", "a collective start was recorded", ""),
    ("start_batch.withdrawn", "集中开工批次撤回", "a collective start was withdrawn", "withdrawn_reason"),
)
WITHHELD = {
    "enterprise.contact_added": Say("企业联系人登记", "a contact was added to an enterprise"),
    "enterprise.contact_erased": Say("企业联系人删除", "a contact of an enterprise was erased"),
    "project.contact_added": Say("项目联系人登记", "a contact was added to a project"),
    "lead.contact_added": Say("线索联系人登记", "a contact was added to a lead"),
    "official.created": Say("人员登记", "an official was put on record"),
    "official.updated": Say("人员修改", "an official was edited"),
    "official.post_added": Say("任职登记", "a post was added to an official"),
    "official.post_ended": Say("离任登记", "a post of an official ended"),
    "referrer.created": Say("引荐方登记", "a referrer was registered"),
    "referrer.updated": Say("引荐方修改", "a referrer was edited"),
}
"""Event types that are never sent, because they are about persons."""


def matches(pattern: str, name: str) -> bool:
    return pattern in ("*", name) or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def types_matching(patterns: list[str]) -> frozenset[str]:
    """Returns the types that match at least one of the patterns, except pings."""
    return frozenset(name for name in TYPES if name != PING and any(matches(pattern, name) for pattern in patterns))


def changed(name: str, data: dict[str, Any]) -> list[str]:
    """Returns the fields that an event changed."""
    changes = data.get("changes")
    return sorted(changes) if isinstance(changes, dict) else list(TYPES[name].changed)
