"""The gates: named predicates over the facts on record. Which stage asks which gate, and how strictly, are rows, which
`five-ones stages` prints; `tests/pipeline/test_gates.py` states them for a new database.

A predicate returns None when the gate is met, else what is missing and which request or field would supply it. All
facts are loaded at once (`gate_facts`), so the number of statements does not depend on the number of gates.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from app.core.errors import Invalid
from app.core.localized import Say
from app.deals.models import DealKind
from app.pipeline.gate_facts import Facts
from app.projects.gate_results import GateRead
from app.projects.stages import COMPLETED, LANDED, OPERATING, STARTED, Pipeline, StageGate

_EVIDENCE = "POST /api/v1/projects/{id}/evidence"
_PROJECT = "PATCH /api/v1/projects/{id}"
_FOLLOW_UPS = "POST /api/v1/projects/{id}/follow-ups"
_PLANS = "POST /api/v1/projects/{id}/plans"

AT_CAPACITY_PERCENT = Decimal(80)
"""达产率 80 % [R]."""


class Remedy(NamedTuple):
    """The request and field that would meet a gate. An empty `request` means the request that is being judged."""

    request: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.request} {self.field}".strip()


_ANOTHER_DAY = Remedy("", "happened_on")


@dataclass(frozen=True, slots=True)
class Missing:
    """What a gate lacks: the sentence, and the remedy."""

    say: Say
    satisfied_by: Remedy


Judge = Callable[[Facts], Missing | None]


def _missing(zh: str, en: str, request: str, field: str = "") -> Missing:
    return Missing(Say(zh, en), Remedy(request, field))


def _no_evidence(zh: str, en: str, kind: str) -> Missing:
    return _missing(zh, en, _EVIDENCE, f"kind={kind}")


def _assessed(facts: Facts) -> Missing | None:
    if facts.project.direct_entry_reason or facts.by_then(facts.followed_up_since):
        return None
    return _missing(
        "缺“跟进”的研判结论或直接入库理由",
        "neither assessed to be followed up nor a reason for direct entry",
        "",
        "direct_entry_reason",
    )


def _industry(facts: Facts) -> Missing | None:
    return None if facts.project.industry_code else _missing("缺行业", "no industry", _PROJECT, "industry_code")


def _place(facts: Facts) -> Missing | None:
    return None if facts.project.place_unit_id else _missing("缺落地属地", "no place", _PROJECT, "place_unit_id")


def _unit(facts: Facts) -> Missing | None:
    if facts.project.unit_id:
        return None
    return _missing("缺承接单位", "no unit in charge", "POST /api/v1/projects/{id}/transfers", "unit_id")


def _duplicates(facts: Facts) -> Missing | None:
    if not facts.duplicates:
        return None
    return _missing(
        "已有同名或同统一代码的项目，须裁决是否重复",
        "another project has the same name or national code; rule whether it is a duplicate",
        _PROJECT,
        "duplicate_ruling",
    )


def _contact(facts: Facts) -> Missing | None:
    if facts.by_then(facts.contact_on):
        return None
    return _missing(
        "缺与投资方的实质接触记录",
        "no contact with the investor on record",
        _FOLLOW_UPS,
        "with_investor=true",
    )


def _leader(facts: Facts) -> Missing | None:
    if facts.was_held(facts.leaders):
        return None
    return _missing("缺包保领导", "no leader", "POST /api/v1/projects/{id}/leaders")


def _team(facts: Facts) -> Missing | None:
    if facts.was_held(facts.teams):
        return None
    return _missing("缺工作班子", "no team", "POST /api/v1/projects/{id}/teams")


def _plan(facts: Facts) -> Missing | None:
    if facts.milestones:
        return None
    return _missing("缺含里程碑的推进方案", "no plan with a dated milestone", _PLANS)


def _intent(facts: Facts) -> Missing | None:
    if facts.has("letter_of_intent") or any(
        kind is DealKind.framework and facts.by_then(on) for kind, on in facts.deals
    ):
        return None
    return _no_evidence("缺意向书或框架协议", "neither letter of intent nor framework deal", "letter_of_intent")


def _formal_deal(facts: Facts) -> Missing | None:
    days = [on for kind, on in facts.deals if kind is DealKind.formal and on is not None]
    if any(on <= facts.happened_on for on in days):
        return None
    if days:
        return _missing(
            f"投资协议签约日 {min(days)} 晚于 {facts.happened_on}",
            f"the formal deal was signed on {min(days)}, after {facts.happened_on}",
            *_ANOTHER_DAY,
        )
    return _missing("缺审核通过的投资协议", "no live formal deal", "POST /api/v1/deals/{id}/approval")


_PLANNED = (LANDED, STARTED, COMPLETED, OPERATING)


def _milestones(facts: Facts) -> Missing | None:
    named = {milestone.leads_to for milestone in facts.milestones}
    unplanned = [stage for stage in _PLANNED if stage not in named]
    zh = {stage: facts.table.stage(stage).name_zh for stage in _PLANNED}
    if not unplanned:
        planned = {milestone.leads_to: milestone.planned_on for milestone in facts.milestones}
        late = next((after for before, after in pairwise(_PLANNED) if planned[after] < planned[before]), None)
        if late is None:
            return None
        return _missing(
            f"方案里程碑次序颠倒：{zh[late]}早于前一阶段",
            f"in the plan {late} lies before an earlier stage",
            _PLANS,
        )
    return _missing(
        "方案缺里程碑：" + "、".join(zh[stage] for stage in unplanned),
        "the plan has no milestone for " + ", ".join(unplanned),
        _PLANS,
    )


def _followed_up(facts: Facts) -> Missing | None:
    if facts.idle_days is None:
        return None
    earliest = facts.happened_on - timedelta(days=facts.idle_days)
    if facts.last_follow_up_on is not None and facts.last_follow_up_on >= earliest:
        return None
    return _missing(
        f"{facts.idle_days} 天内没有跟进记录",
        f"no follow-up within {facts.idle_days} days",
        _FOLLOW_UPS,
    )


def _local_company(facts: Facts) -> Missing | None:
    if facts.has("local_company"):
        return None
    return _no_evidence("缺本地项目公司", "no local company on record", "local_company")


def _code_or_arrival(facts: Facts) -> Missing | None:
    if facts.project.national_code or facts.has("project_code", "arrival_audited"):
        return None
    return _missing(
        "缺统一代码或首笔审核到资",
        "neither national project code nor a first audited arrival",
        _PROJECT,
        "national_code",
    )


def _site(facts: Facts) -> Missing | None:
    if facts.has("site_secured"):
        return None
    return _no_evidence("缺用地或厂房落实（或不涉及）", "site neither secured nor “not needed”", "site_secured")


def _procedures(facts: Facts) -> Missing | None:
    if facts.has("procedure_list"):
        return None
    return _no_evidence("缺前期手续清单", "no list of procedures", "procedure_list")


def _approved(facts: Facts) -> Missing | None:
    if facts.project.national_code or facts.has("project_approval", "project_code"):
        return None
    return _no_evidence("缺立项批复或统一代码", "neither project approval nor national code", "project_approval")


def _permit(facts: Facts) -> Missing | None:
    if facts.has("construction_permit", "commit_and_start"):
        return None
    return _no_evidence(
        "缺施工许可证或承诺即开工承诺书（或不涉及）",
        "neither construction permit nor commit-and-start promise, nor “not needed”",
        "construction_permit",
    )


def _forecasts(facts: Facts) -> Missing | None:
    without_forecast = [m.name for m in facts.milestones if m.actual_on is None and m.forecast_on is None]
    if not without_forecast:
        return None
    listed = "、".join(without_forecast[:5])
    return _missing(
        f"未报预测日的里程碑：{listed}",
        f"open milestones without a forecast: {listed}",
        "POST /api/v1/projects/{id}/milestones/{id}/reports",
    )


def _reported(facts: Facts) -> Missing | None:
    days = [day for day in (facts.last_follow_up_on, facts.last_report_on) if day is not None]
    if facts.started_on is not None and any(day >= facts.started_on for day in days):
        return None
    return _missing(
        "开工以来没有跟进或里程碑报告",
        "neither follow-up nor milestone report since the start",
        _FOLLOW_UPS,
    )


def _acceptance(facts: Facts) -> Missing | None:
    return None if facts.has("acceptance") else _no_evidence("缺竣工验收", "no acceptance", "acceptance")


def _production(facts: Facts) -> Missing | None:
    return None if facts.has("production") else _no_evidence("缺投产证明", "no evidence of production", "production")


def _capacity(facts: Facts) -> Missing | None:
    reached = any(
        row.kind == "capacity" and row.value is not None and row.value >= AT_CAPACITY_PERCENT
        for row in facts.valid_evidence
    )
    if reached or facts.has("above_threshold"):
        return None
    return _no_evidence(
        "达产率未到 80%，也未纳统升规", "capacity below 80 %, nor above the statistical threshold", "capacity"
    )


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
    return predicate(replace(facts, happened_on=date.max)) is None


def _too_late(say: Say, day: date) -> Say:
    return Say(f"{say.zh}（现有记录晚于 {day}）", f"{say.en} (what is on record is later than {day})")


def _on_lead(field: str) -> Remedy:
    """Returns the remedy for a lead about to be converted, in place of the project's field."""
    if field == "direct_entry_reason":
        return Remedy("POST /api/v1/leads/{id}/assessments", "outcome=follow_up")
    return Remedy("" if field == "duplicate_ruling" else "PATCH /api/v1/leads/{id}", field)


def judge(row: StageGate, facts: Facts) -> GateRead:
    """Returns whether one gate of a stage is met by these facts; if not, what is missing and how to supply it.

    The remedy is another day where the facts on record meet the gate only on a later day. For a project that does not
    exist yet it is a field of this request, or of its lead.
    """
    name, predicate = GATES[row.gate]
    missing = predicate(facts)
    if missing is not None and facts.is_new:
        # No project exists yet for another request: the remedy is a field of this request, or of its lead.
        field = missing.satisfied_by.field
        missing = replace(missing, satisfied_by=_on_lead(field) if facts.project.lead_id else Remedy("", field))
    if missing is not None and _is_met_later(predicate, facts) and missing.satisfied_by != _ANOTHER_DAY:
        missing = Missing(_too_late(missing.say, facts.happened_on), _ANOTHER_DAY)
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
        satisfied_by=str(missing.satisfied_by) if missing else None,
    )


def evaluate(table: Pipeline, facts: Facts, stages: Sequence[str]) -> list[GateRead]:
    """Returns the results of the gates of these stages, in order."""
    return [judge(row, facts) for stage in stages for row in table.gates(stage, facts.project.program)]


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
