"""The sentence of every event type, in both languages.

`{name}` is a value of the event's data, `{changes.name}` the value after a change, `{was.name}` the one before it.
`{name:kind}` says how it is read: a kind of record, a list of words, `yuan`, `count`, or `flag`, which is empty and
only says that the value is true. What stands in [brackets] is left out where a value in it is missing. `{subject}` is
the record that the event is about, `{changed}` the names of the changed fields.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.core.localized import Say, Word
from app.dossiers.schemas import ActivityKind
from app.leads.models import LeadStatus
from app.projects.amounts import AmountKind
from app.projects.follow_ups import FollowUpKind
from app.projects.models import Program, Status

WORDS: dict[str, type[Word]] = {
    "follow_up_kind": FollowUpKind,
    "amount_kind": AmountKind,
    "lead_status": LeadStatus,
    "program": Program,
    "status": Status,
}
"""Lists of words by the name they have in templates."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What an event type says; `field` is what it changes, where its data lists no changes."""

    kind: ActivityKind
    say: Say
    field: str | None = None


def _read(text: str) -> dict[str, Sentence]:
    """Reads blocks of three lines: type, kind and perhaps field; the Chinese; the English."""
    lines = [line.strip() for line in text.strip().splitlines()]
    sentences = {}
    for head, zh, en in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, kind, *field = head.split()
        sentences[name] = Sentence(ActivityKind(kind), Say(zh, en), *field)
    return sentences


SENTENCES = _read(
    """
    project.entered stage
      入库[，由{unit_id:unit}承接]
      entered[, in the charge of {unit_id:unit}]
    project.converted stage
      由线索[{lead_id:lead}]转为项目
      became a project[ from the lead {lead_id:lead}]
    project.phase_added field phases
      增设第 {phase_no} 期
      phase {phase_no} was added
    project.phase_withdrawn field phases
      撤销误设的分期
      a phase that never was, was withdrawn
    project.updated field
      修改{changed}
      edited: {changed}
    project.moved stage
      进入“{to:stage}”阶段[，越过 {override.gates:count} 项门槛]
      moved on to {to:stage}[, overriding {override.gates:count} gates]
    project.moved_back stage
      回退到“{to:stage}”阶段
      moved back to {to:stage}
    project.move_corrected stage
      更正进入[“{to:stage}”]阶段的日期[为 {changes.happened_on}]
      the day of a move[ to {to:stage}] was corrected[ to {changes.happened_on}]
    project.move_withdrawn stage stage
      撤销变动[，从“{was.stage:stage}”回到“{changes.stage:stage}”][，从{was.status:status}回到{changes.status:status}]
      a move was withdrawn[: {was.stage:stage} → {changes.stage:stage}][: {was.status:status} → {changes.status:status}]
    project.paused stage
      暂缓[，预计 {resume_expected_on} 恢复]
      paused[, expected to resume on {resume_expected_on}]
    project.reactivated stage
      恢复推进
      taken up again
    project.terminated stage
      终止
      terminated
    project.reinstated stage
      撤销终止
      the termination was taken back
    project.merged stage
      并入{into_id:project}
      merged into {into_id:project}
    project.absorbed stage
      {merged_id:project}并入本项目
      took in {merged_id:project}
    project.transferred field
      流转[到{changes.unit_id:unit}][，归{changes.task_force_id:task_force}]
      transferred[ to {changes.unit_id:unit}][, under {changes.task_force_id:task_force}]
    project.program_changed field
      类别变更[为{changes.program:program}]
      the program was changed[ to {changes.program:program}]
    project.place_corrected field
      更正归属：{changed}
      where it stood was corrected: {changed}
    project.capacities_set field capacities
      设定产能
      the capacities were set
    project.amount_added amount amount
      登记{kind:amount_kind}[（{year} 年）] {value:yuan}
      {kind:amount_kind}[ of {year}]: {value:yuan}
    project.evidence_added evidence
      登记依据“{kind:evidence_kind}”[（不涉及）{is_not_needed:flag}]
      evidence was added: {kind:evidence_kind}[ (not needed){is_not_needed:flag}]
    project.evidence_voided evidence
      依据[“{kind:evidence_kind}”]作废
      evidence was voided[: {kind:evidence_kind}]
    project.contact_added people
      登记联系人
      a contact was added
    project.plan_listed plan
      列入 {year} 年度计划
      put on the plan list of {year}
    project.plan_list_withdrawn plan
      移出 {year} 年度计划
      taken off the plan list of {year}
    project.batch_joined plan
      参加集中开工[“{name}”]
      joined a collective start[: {name}]
    project.batch_left plan
      退出集中开工
      left a collective start
    project.work_resumed plan
      复工
      work was resumed
    project.work_resumption_withdrawn plan
      撤销 {year} 年的复工登记
      the resumption of {year} was withdrawn
    project.due_on_moved stage
      到期日变为 {changes.due_on}
      due on {changes.due_on} from now on
    five_ones.leader_appointed people leader
      确定包保领导：{official_id:official}
      leader appointed: {official_id:official}
    five_ones.leader_handed_over people leader
      包保领导[由{before:official}]更换为{official_id:official}
      the leader is now {official_id:official}[ instead of {before:official}]
    five_ones.leader_out_of_post people leader
      包保领导{official_id:official}有不在任的日子
      the leader {official_id:official} is out of post on some days
    five_ones.leader_in_post people leader
      包保领导{official_id:official}每日均在任
      the leader {official_id:official} holds a post on every day
    five_ones.team_set people team
      组成班子：{lead_unit_id:unit}牵头[，{leader_id:official}任组长]
      team set: led by {lead_unit_id:unit}[, head {leader_id:official}]
    five_ones.team_replaced people team
      更换班子：{lead_unit_id:unit}牵头[，{leader_id:official}任组长]
      another team: led by {lead_unit_id:unit}[, head {leader_id:official}]
    five_ones.plan_published plan plan
      发布方案“{title}”[，{milestones:count} 个里程碑]
      plan published: {title}[, {milestones:count} milestones]
    five_ones.milestone_reported plan
      里程碑“{milestone}”[于 {actual_on} 完成][预计 {forecast_on} 完成]
      milestone «{milestone}»[ reached on {actual_on}][ expected on {forecast_on}]
    five_ones.follow_up_added follow_up
      {kind:follow_up_kind}[（与投资方）{with_investor:flag}]
      {kind:follow_up_kind}[ with the investor{with_investor:flag}]
    deal.drafted deal
      起草签约：{subject}
      deal drafted: {subject}
    deal.updated deal
      修改签约草稿（{subject}）：{changed}
      draft edited ({subject}): {changed}
    deal.submitted deal submitted_at
      送审：{subject}
      submitted for approval: {subject}
    deal.returned deal return_reason
      退回起草人：{subject}
      returned to its drafter: {subject}
    deal.discarded deal status
      作废签约草稿：{subject}
      draft discarded: {subject}
    deal.approved deal
      审核通过：{subject}[，越过 {override.gates:count} 项门槛]
      approved: {subject}[, overriding {override.gates:count} gates]
    deal.amended deal
      变更协议额[为 {changes.agreed_amount:yuan}]：{subject}
      agreed amount changed[ to {changes.agreed_amount:yuan}]: {subject}
    deal.corrected deal facts
      更正签约（{subject}）[：{changed}][：撤回变更额 {amount:yuan}]
      deal corrected ({subject})[: {changed}][: the amount {amount:yuan} was taken back]
    deal.voided deal
      作废签约：{subject}
      deal voided: {subject}
    deal.transferred deal
      随项目流转：{subject}
      transferred with its project: {subject}
    deal.relocated deal project_id
      {subject}由{merged_id:project}转入{into_id:project}
      {subject} went over from {merged_id:project} to {into_id:project}
    deal.terminated deal
      终止签约：{subject}
      deal terminated: {subject}
    deal.termination_undone deal
      撤销签约的终止：{subject}
      the end of a deal was taken back: {subject}
    lead.registered field
      登记线索[，{fields.first_unit_id:unit}首报]
      registered[, first reported by {fields.first_unit_id:unit}]
    lead.updated field
      修改{changed}
      edited: {changed}
    lead.answered stage answered_on
      已响应[，由{handler_id:official}经办]
      answered[, handled by {handler_id:official}]
    lead.assessed stage
      研判：{changes.status:lead_status}
      assessed: {changes.status:lead_status}
    lead.transferred field
      移交[给{changes.unit_id:unit}]
      handed over[ to {changes.unit_id:unit}]
    lead.follow_up_added follow_up
      {kind:follow_up_kind}[（与投资方）{with_investor:flag}]
      {kind:follow_up_kind}[ with the investor{with_investor:flag}]
    lead.converted stage status
      转为项目：{project_id:project}
      became a project: {project_id:project}
    lead.contact_added people
      登记联系人
      a contact was added
    lead.due_on_moved stage
      时限随规定变动
      the days moved with the limits or the calendar
    first_talk.disputed people
      {claimant_unit_id:unit}对首谈提出争议
      {claimant_unit_id:unit} disputes the first talk
    first_talk.ruled people
      首谈裁定归{unit_id:unit}
      the first talk was ruled to be that of {unit_id:unit}
    enterprise.created field
      登记企业
      registered
    enterprise.updated field
      修改{changed}
      edited: {changed}
    enterprise.ranking_added field
      登记榜单：{list_name} {year} 年第 {rank} 位
      ranking added: {list_name} {year}, number {rank}
    enterprise.merged stage merged_into_id
      并入{into_id:enterprise}
      merged into {into_id:enterprise}
    enterprise.absorbed stage
      {merged_id:enterprise}并入本企业
      took in {merged_id:enterprise}
    enterprise.contact_added people
      登记联系人
      a contact was added
    enterprise.contact_erased people
      删除联系人
      a contact was erased
    unit.created field
      登记单位
      registered
    unit.updated field
      修改{changed}
      edited: {changed}
    unit.parent_set field parent_id
      上级单位变动
      placed under another unit
    official.created people
      登记
      registered
    official.updated people
      修改{changed}
      edited: {changed}
    official.post_added people
      任{unit_id:unit}[{title}]
      post at {unit_id:unit}[: {title}]
    official.post_ended people
      离任[，至 {changes.ended_on}]
      post ended[ on {changes.ended_on}]
    task_force.created field
      设立专班
      set up
    task_force.updated field
      修改{changed}
      edited: {changed}
    task_force.target_set plan targets
      设定 {year} 年目标
      the targets of {year} were set
    start_batch.created plan
      登记集中开工批次“{name}”
      collective start recorded: {name}
    start_batch.withdrawn plan
      撤回集中开工批次
      the collective start was withdrawn
    referrer.created people
      登记引荐方
      registered
    referrer.updated people
      修改{changed}
      edited: {changed}
    """
)
OTHER = Sentence(ActivityKind.field, Say("有改动", "something was changed"))
"""What is said of a type that this version of the service does not know."""

Lookup = Callable[[str, str | None], str | None]
"""Returns the text of a value by its name and how it is read; None where it is missing."""

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_VALUE = re.compile(r"\{([\w.]+)(?::(\w+))?\}")
MISSING = "…"


def values(sentence: Say) -> list[tuple[str, str | None]]:
    """Returns the values that a sentence names, each with how it is read."""
    return [(match[1], match[2]) for match in _VALUE.finditer(sentence.zh)]


def filled(template: str, lookup: Lookup) -> str:
    """Returns a template with its values filled in, without the parts whose values are missing."""

    def optional(match: re.Match[str]) -> str:
        texts = [lookup(inner[1], inner[2]) for inner in _VALUE.finditer(match[1])]
        return "" if None in texts else match[1]

    def value(match: re.Match[str]) -> str:
        text = lookup(match[1], match[2])
        return MISSING if text is None else text

    return _VALUE.sub(value, _OPTIONAL.sub(optional, template))
