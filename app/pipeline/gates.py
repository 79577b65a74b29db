"""The gates: named predicates over the facts on record. Which stage asks which gate, and how strictly, are rows, which
`five-ones stages` prints; `tests/pipeline/test_gates.py` states them for a new database.

A predicate returns what is missing and which acts would supply it; of a gate that is met the record that meets it, or
None where that is no one record. All facts are loaded at once (`gate_facts`), so the number of statements does not
depend on the number of gates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

from app.core.errors import Invalid
from app.core.localized import Say
from app.deals.models import DealKind
from app.five_ones.schemas import MilestoneRead
from app.pipeline.gate_acts import Remedy, another_day, deal, edit, evidence, follow_up, offer, plan
from app.pipeline.gate_facts import Facts, Live, Row
from app.projects.evidence import EvidenceRead
from app.projects.gate_results import GateRead, MetBy
from app.projects.stages import COMPLETED, LANDED, OPERATING, STARTED, Pipeline, StageGate

AT_CAPACITY_PERCENT = Decimal(80)
"""达产率 80 % [R]."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What a gate lacks: the sentence, and the acts of which each would supply it."""

    say: Say
    remedies: Sequence[Remedy]


Judge = Callable[[Facts], Missing | MetBy | None]


def _missing(zh: str, en: str, *remedies: Remedy) -> Missing:
    return Missing(Say(zh, en), remedies)


def _no_evidence(facts: Facts, zh: str, en: str, *kinds: str) -> Missing:
    return Missing(Say(zh, en), evidence(facts, *kinds))


def _met(kind: str, row_id: UUID | None, on: date | None, zh: str, en: str) -> MetBy:
    return MetBy(type=kind, id=row_id, on=on, zh=zh, en=en)


def _by_project(facts: Facts, zh: str, en: str) -> MetBy:
    return _met("project", facts.project.id, None, zh, en)


def _by_evidence(facts: Facts, *kinds: str) -> MetBy | None:
    row = facts.of(*kinds)
    if row is None:
        return None
    kind = facts.kinds[row.kind]
    zh, en = ("（不涉及）", " (not needed)") if row.is_not_needed else ("", "")
    return _by_row(facts, row, kind.name_zh + zh, kind.name_en + en)


def _by_row(facts: Facts, row: EvidenceRead, zh: str, en: str) -> MetBy:
    """Returns the evidence, without what identifies it where it is the parent's and the actor does not see that."""
    is_seen = facts.line is not None or row.project_id == facts.project.id
    return MetBy.evidence(row, zh, en) if is_seen else _met("evidence", None, row.on, zh, en)


def _evidence(zh: str, en: str, *kinds: str) -> Judge:
    """Returns the predicate of a gate that evidence of one of these kinds meets."""
    return lambda facts: _by_evidence(facts, *kinds) or _no_evidence(facts, zh, en, *kinds)


def _assessed(facts: Facts) -> Missing | MetBy | None:
    if facts.project.direct_entry_reason:
        return _by_project(facts, "直接入库理由", "reason for direct entry")
    if facts.by_then(facts.followed_up_since):
        lead_id = facts.project.lead_id
        return _met("lead", lead_id, facts.followed_up_since, "线索研判为跟进", "its lead assessed to be followed up")
    zh, en = "缺“跟进”的研判结论或直接入库理由", "neither assessed to be followed up nor a reason for direct entry"
    if not facts.is_new:
        return _missing(zh, en)  # its lead is converted: nobody assesses it any more
    if facts.project.lead_id is not None:
        say = Say("研判为跟进", "assess it to be followed up")
        return _missing(zh, en, Remedy("assess_lead", say, {"outcome": "follow_up"}, ["on"], ["reason"]))
    say = Say("填写直接入库理由", "give the reason for direct entry")
    return _missing(zh, en, Remedy("enter_project", say, fields=["direct_entry_reason"]))


def _field(facts: Facts, zh: str, en: str, name: str) -> Remedy:
    """Returns the remedy of a field: of the project, of the request that enters it, or of the lead it is made of."""
    if not facts.is_new:
        return edit(zh, en, name)
    return replace(edit(zh, en, name), act="update_lead" if facts.project.lead_id else "enter_project")


def _industry(facts: Facts) -> Missing | MetBy | None:
    if code := facts.project.industry_code:
        return _by_project(facts, f"行业 {code}", f"industry {code}")
    return _missing("缺行业", "no industry", _field(facts, "行业", "industry", "industry_code"))


def _place(facts: Facts) -> Missing | MetBy | None:
    if unit_id := facts.project.place_unit_id:
        return _met("unit", unit_id, None, "落地属地", "place")
    return _missing("缺落地属地", "no place", _field(facts, "落地属地", "place", "place_unit_id"))


def _unit(facts: Facts) -> Missing | MetBy | None:
    if unit_id := facts.project.unit_id:
        return _met("unit", unit_id, None, "承接单位", "unit in charge")
    remedy = _field(facts, "承接单位", "unit in charge", "unit_id")
    if not facts.is_new:
        say = Say("流转到承接单位", "transfer it to a unit in charge")
        remedy = Remedy("transfer", say, fields=["unit_id", "ruled_on", "document", "reason"])
    return _missing("缺承接单位", "no unit in charge", remedy)


def _duplicates(facts: Facts) -> Missing | MetBy | None:
    if not facts.duplicates:
        return None
    return _missing(
        "已有同名或同统一代码的项目，须裁决是否重复",
        "another project has the same name or national code; rule whether it is a duplicate",
        edit("查重裁决理由", "ruling on duplicates", "duplicate_ruling"),
    )


def _contact(facts: Facts) -> Missing | MetBy | None:
    row = facts.contact
    if row is not None and facts.by_then(row.on):
        return _met("follow_up", row.id, row.on, "与投资方的首次接触", "the first contact with the investor")
    return _missing("缺与投资方的实质接触记录", "no contact with the investor on record", follow_up(with_investor=True))


def _leader(facts: Facts) -> Missing | MetBy | None:
    if row := facts.held(facts.leaders):
        return _met("leader", row.id, row.span.start, "包保领导", "leader")
    say = Say("确定包保领导", "appoint a leader")
    remedy = Remedy("appoint", say, fields=["official_id"], optional=["opened_on", "capacities"])
    return _missing("缺包保领导", "no leader", remedy)


def _team(facts: Facts) -> Missing | MetBy | None:
    if row := facts.held(facts.teams):
        return _met("team", row.id, row.span.start, "工作班子", "team")
    fields = ["lead_unit_id", "leader_id", "contact_id", "members"]
    remedy = Remedy("set_team", Say("确定工作班子", "set a team"), fields=fields, optional=["opened_on", "note"])
    return _missing("缺工作班子", "no team", remedy)


def _by_plan(facts: Facts) -> MetBy | None:
    if facts.plan is None:
        return None
    zh, en = f"方案第 {facts.plan.number} 版", f"version {facts.plan.number} of the plan"
    return _met("plan", facts.plan.id, facts.plan.published_on, zh, en)


def _plan(facts: Facts) -> Missing | MetBy | None:
    return (
        _by_plan(facts)
        if facts.milestones
        else _missing("缺含里程碑的推进方案", "no plan with a dated milestone", plan(facts))
    )


def _by_deal(row: Live) -> MetBy:
    if not row.is_seen:
        return _met("deal", None, row.signed_on, *row.kind.say)
    return _met("deal", row.id, row.signed_on, f"{row.kind.say.zh} {row.code}", f"{row.kind.say.en} {row.code}")


def _intent(facts: Facts) -> Missing | MetBy | None:
    if met := _by_evidence(facts, "letter_of_intent"):
        return met
    live = [row for row in facts.deals if row.kind is DealKind.framework and facts.by_then(row.signed_on)]
    if live:
        return _by_deal(live[0])
    remedies = [*evidence(facts, "letter_of_intent"), *deal(facts, DealKind.framework)]
    return _missing("缺意向书或框架协议", "neither letter of intent nor framework deal", *remedies)


def _formal_deal(facts: Facts) -> Missing | MetBy | None:
    signed = [row for row in facts.deals if row.kind is DealKind.formal and row.signed_on is not None]
    if in_time := [row for row in signed if facts.by_then(row.signed_on)]:
        return _by_deal(in_time[0])
    if signed:
        first = min(row.signed_on for row in signed if row.signed_on is not None)
        return _missing(
            f"投资协议签约日 {first} 晚于 {facts.happened_on}",
            f"the formal deal was signed on {first}, after {facts.happened_on}",
            another_day(facts),
        )
    return _missing("缺审核通过的投资协议", "no live formal deal", *deal(facts, DealKind.formal))


_PLANNED = (LANDED, STARTED, COMPLETED, OPERATING)


def _milestones(facts: Facts) -> Missing | MetBy | None:
    planned = {milestone.leads_to: milestone.planned_on for milestone in facts.milestones}
    zh = {stage: facts.table.stage(stage).name_zh for stage in _PLANNED}
    if unplanned := [stage for stage in _PLANNED if stage not in planned]:
        return _missing(
            "方案缺里程碑：" + "、".join(zh[stage] for stage in unplanned),
            "the plan has no milestone for " + ", ".join(unplanned),
            plan(facts),
        )
    late = next((after for before, after in pairwise(_PLANNED) if planned[after] < planned[before]), None)
    if late is None:
        return _by_plan(facts)
    return _missing(
        f"方案里程碑次序颠倒：{zh[late]}早于前一阶段", f"in the plan {late} lies before an earlier stage", plan(facts)
    )


def _by_follow_up(row: Row) -> MetBy:
    return _met("follow_up", row.id, row.on, "最近一次跟进", "the latest follow-up")


def _followed_up(facts: Facts) -> Missing | MetBy | None:
    if facts.idle_days is None:
        return None
    earliest = facts.happened_on - timedelta(days=facts.idle_days)
    if facts.last_follow_up is not None and facts.last_follow_up.on >= earliest:
        return _by_follow_up(facts.last_follow_up)
    return _missing(f"{facts.idle_days} 天内没有跟进记录", f"no follow-up within {facts.idle_days} days", follow_up())


def _by_code(facts: Facts) -> MetBy | None:
    code = facts.project.national_code
    return _by_project(facts, f"统一代码 {code}", f"national code {code}") if code else None


def _code_or_arrival(facts: Facts) -> Missing | MetBy | None:
    kinds = ("project_code", "arrival_audited")
    zh, en = "缺统一代码或首笔审核到资", "neither national project code nor a first audited arrival"
    return _by_code(facts) or _by_evidence(facts, *kinds) or _missing(zh, en, _CODE, *evidence(facts, *kinds))


_CODE = edit("统一代码", "national project code", "national_code")


def _approved(facts: Facts) -> Missing | MetBy | None:
    kinds = ("project_approval", "project_code")
    zh, en = "缺立项批复或统一代码", "neither project approval nor national code"
    return _by_code(facts) or _by_evidence(facts, *kinds) or _missing(zh, en, *evidence(facts, *kinds), _CODE)


def _reports(milestones: Sequence[MilestoneRead]) -> list[Remedy]:
    """Returns two remedies for each milestone: its forecast, and that it was reached."""
    remedies = []
    for row in milestones:
        say = Say(f"预测里程碑：{row.name}", f"forecast the milestone {row.name}")
        remedies.append(Remedy("report_milestone", say, {}, ["forecast_on"], ["note"], row.id))
        say = Say(f"报告里程碑已完成：{row.name}", f"report the milestone {row.name} as reached")
        remedies.append(Remedy("report_milestone", say, {}, ["actual_on", "note"], ["evidence_id"], row.id))
    return remedies


def _forecasts(facts: Facts) -> Missing | MetBy | None:
    without = [
        milestone for milestone in facts.milestones if milestone.actual_on is None and milestone.forecast_on is None
    ]
    if not without:
        return _by_plan(facts)
    listed = "、".join(milestone.name for milestone in without[:5])
    return _missing(
        f"未报预测日的里程碑：{listed}", f"open milestones without a forecast: {listed}", *_reports(without)
    )


def _reported(facts: Facts) -> Missing | MetBy | None:
    started_on, last = facts.started_on, facts.last_follow_up
    if started_on is not None and last is not None and last.on >= started_on:
        return _by_follow_up(last)
    if started_on is not None and facts.last_report_on is not None and facts.last_report_on >= started_on:
        return _met("milestone_report", None, facts.last_report_on, "里程碑报告", "a milestone report")
    remedies = [follow_up(), *_reports([row for row in facts.milestones if row.actual_on is None])]
    zh, en = "开工以来没有跟进或里程碑报告", "neither follow-up nor milestone report since the start"
    return _missing(zh, en, *remedies)


_site = _evidence("缺用地或厂房落实（或不涉及）", "site neither secured nor “not needed”", "site_secured")
_permit = _evidence(
    "缺施工许可证或承诺即开工承诺书（或不涉及）",
    "neither construction permit nor commit-and-start promise, nor “not needed”",
    "construction_permit",
    "commit_and_start",
)
_local_company = _evidence("缺本地项目公司", "no local company on record", "local_company")
_procedures = _evidence("缺前期手续清单", "no list of procedures", "procedure_list")
_acceptance = _evidence("缺竣工验收", "no acceptance", "acceptance")
_production = _evidence("缺投产证明", "no evidence of production", "production")


def _capacity(facts: Facts) -> Missing | MetBy | None:
    for row in facts.valid_evidence:
        if row.kind == "capacity" and row.value is not None and row.value >= AT_CAPACITY_PERCENT:
            return _by_row(facts, row, f"达产率 {row.value:f}%", f"capacity {row.value:f} %")
    zh, en = "达产率未到 80%，也未纳统升规", "capacity below 80 %, nor above the statistical threshold"
    return _by_evidence(facts, "above_threshold") or _no_evidence(facts, zh, en, "capacity", "above_threshold")


GATES: dict[str, tuple[Say, Judge]] = {
    "assessed": (Say("研判通过或直接入库", "assessed, or entered directly"), _assessed),
    "industry": (Say("行业", "industry"), _industry),
    "place": (Say("属地", "place"), _place),
    "unit_in_charge": (Say("承接单位", "unit in charge"), _unit),
    "duplicates_ruled": (Say("重复已裁决", "duplicates ruled"), _duplicates),
    "investor_contact": (Say("接触投资方", "contact with the investor"), _contact),
    "leader": (Say("一名领导", "one leader"), _leader),
    "team": (Say("一套班子", "one team"), _team),
    "plan": (Say("一个方案", "one plan"), _plan),
    "intent": (Say("意向书或框架协议", "letter of intent or framework deal"), _intent),
    "formal_deal": (Say("有效投资协议", "a live formal deal"), _formal_deal),
    "milestones_planned": (Say("落地至投产的里程碑", "milestones from landing to production"), _milestones),
    "follow_up_in_time": (Say("跟进及时", "last follow-up in time"), _followed_up),
    "local_company": (Say("本地公司", "local company"), _local_company),
    "code_or_arrival": (Say("统一代码或首笔到资", "national code or first arrival"), _code_or_arrival),
    "site_secured": (Say("用地落实", "site secured"), _site),
    "procedure_list": (Say("手续清单", "list of procedures"), _procedures),
    "project_approved": (Say("立项", "project approval or national code"), _approved),
    "permit": (Say("施工许可", "construction permit"), _permit),
    "forecasts": (Say("里程碑预测", "forecasts"), _forecasts),
    "reported_since_start": (Say("开工后有报告", "reported since the start"), _reported),
    "acceptance": (Say("竣工验收", "acceptance"), _acceptance),
    "production": (Say("投产证明", "production"), _production),
    "capacity": (Say("达产或纳统", "capacity or above threshold"), _capacity),
}


def _is_met_later(predicate: Judge, facts: Facts) -> bool:
    """Returns whether the facts on record meet the gate on some later day."""
    return not isinstance(predicate(replace(facts, happened_on=date.max)), Missing)


def _too_late(say: Say, day: date) -> Say:
    return Say(f"{say.zh}（现有记录晚于 {day}）", f"{say.en} (what is on record is later than {day})")


def judge(row: StageGate, facts: Facts, move: Mapping[str, Any]) -> GateRead:
    """Returns whether one gate of a stage is met by these facts; if not, what is missing and how to supply it. `move`
    is the body of the move that asks, but for its day.

    The remedy is another day where the facts on record meet the gate only on a later day.
    """
    name, predicate = GATES[row.gate]
    verdict = predicate(facts)
    missing = verdict if isinstance(verdict, Missing) else None
    later = another_day(facts)
    if missing is not None and _is_met_later(predicate, facts) and later not in missing.remedies:
        missing = Missing(_too_late(missing.say, facts.happened_on), [later])
    remedies = missing.remedies if missing else ()
    return GateRead(
        stage=row.stage,
        code=row.gate,
        zh=name.zh,
        en=name.en,
        strictness=row.strictness,
        is_fixed=row.is_fixed,
        is_met=missing is None,
        missing_zh=missing.say.zh if missing else None,
        missing_en=missing.say.en if missing else None,
        acts=[offer(facts, remedy, move) for remedy in remedies],
        met_by=verdict if isinstance(verdict, MetBy) else None,
    )


def evaluate(table: Pipeline, facts: Facts, stages: Sequence[str]) -> list[GateRead]:
    """Returns the results of the gates of these stages, in order, for a move through them to the last."""
    move: dict[str, Any] = {"to": stages[-1]} if stages else {}
    if len(stages) > 1:
        move["catch_up"] = True
    return [judge(row, facts, move) for stage in stages for row in table.gates(stage, facts.project.program)]


def require_stage(table: Pipeline, code: str, pointer: str) -> None:
    """Raises Invalid for the field `pointer` where there is no such stage."""
    if code not in table:
        raise Invalid.field(
            pointer,
            "unknown_stage",
            Say(
                "没有这个阶段，见 GET /api/v1/pipeline/stages。",
                "No such stage; see GET /api/v1/pipeline/stages.",
            ),
        )
