"""The requests that supply what a gate lacks, each with whether it is open to whoever asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.accounts.acts import Act, nothing
from app.core.localized import Say
from app.deals import acts as deal_acts
from app.deals.models import DealKind
from app.pipeline import acts
from app.pipeline.gate_facts import Draft, Facts
from app.projects import vouchers
from app.projects.gate_results import GateAct


@dataclass(frozen=True, slots=True)
class Remedy:
    """An act that would meet a gate: with `fields`, which must be filled in, and `optional` ones. `beneath`: the row
    beneath the project, or the deal, that it is about."""

    act: str
    say: Say
    body: Mapping[str, Any] = field(default_factory=dict)
    fields: Sequence[str] = ()
    optional: Sequence[str] = ()
    beneath: UUID | None = None


_PLAIN = {name: Act(name, nothing) for name in ("enter_project", "convert_lead", "assess_lead", "update_lead")}
"""Acts on what is no project yet. Whoever is refused a conversion decides on its lead, which is not converted."""

_REQUESTS = {
    "add_follow_up": ("POST", "/projects/{project}/follow-ups"),
    "add_project_evidence": ("POST", "/projects/{project}/evidence"),
    "appoint_leader": ("POST", "/projects/{project}/leaders"),
    "approve_deal": ("POST", "/deals/{beneath}/approval"),
    "assess_lead": ("POST", "/leads/{lead}/assessments"),
    "convert_lead": ("POST", "/leads/{lead}/conversion"),
    "draft_deal": ("POST", "/deals"),
    "enter_project": ("POST", "/projects"),
    "move_project": ("POST", "/projects/{project}/moves"),
    "publish_plan": ("POST", "/projects/{project}/plans"),
    "report_milestone": ("POST", "/projects/{project}/milestones/{beneath}/reports"),
    "set_team": ("POST", "/projects/{project}/teams"),
    "transfer_project": ("POST", "/projects/{project}/transfers"),
    "update_lead": ("PATCH", "/leads/{lead}"),
    "update_project": ("PATCH", "/projects/{project}"),
}
"""Method and path of each operation; `tests/pipeline/test_gate_acts.py` compares them with the OpenAPI document."""


def offer(facts: Facts, remedy: Remedy, move: Mapping[str, Any]) -> GateAct:
    """Returns the request of a remedy, and why it is not open to the actor. `move`: the body of the move that asks."""
    project = facts.project
    act, case = _asked(facts, remedy)
    method, path = _REQUESTS[act.operation]
    return GateAct.of(
        facts.actor,
        act,
        case,
        remedy.say,
        method,
        path.format(project=project.id, lead=project.lead_id, beneath=remedy.beneath),
        move if act.operation == "move_project" else remedy.body,
        remedy.fields,
        remedy.optional,
    )


def _asked(facts: Facts, remedy: Remedy) -> tuple[Act, object]:
    """Returns the act of a remedy, and the case before which it is asked."""
    if remedy.act in _PLAIN:
        return _PLAIN[remedy.act], None
    if remedy.act == "approve":
        draft = next(draft for draft in facts.drafts if draft.id == remedy.beneath)
        return deal_acts.ACTS["approve"], _of_draft(facts, draft)
    case = acts.Case(facts.actor, facts.project, facts.holders, stages=facts.table)
    return acts.ACTS[remedy.act], case


def _of_draft(facts: Facts, draft: Draft) -> deal_acts.Case:
    has_live = draft.kind is DealKind.formal and any(deal.kind is DealKind.formal for deal in facts.deals)
    is_own = draft.id in facts.own_drafts
    if facts.line is not None and draft.project_id == facts.line.id != facts.project.id:
        return deal_acts.Case(facts.actor, draft, facts.line, is_own, has_live, facts.line_holders)
    return deal_acts.Case(facts.actor, draft, facts.project, is_own, has_live, facts.holders)


# Remedies by what they give


def another_day(facts: Facts) -> Remedy:
    """Returns the remedy of what is on record for a later day only: the same request, with a later day."""
    say = Say("改为以后的日期", "give a later day")
    if not facts.is_new:
        return Remedy("move", say, fields=["happened_on"])
    if facts.project.lead_id is not None:
        return Remedy("convert_lead", say, fields=["converted_on"])
    return Remedy("enter_project", say, fields=["entered_on"])


def evidence(facts: Facts, *kinds: str) -> list[Remedy]:
    """Returns one remedy for each kind of evidence, and one for «not needed» where that may stand for it."""
    remedies = []
    for kind in kinds:
        row = facts.kinds[kind]
        fields, optional = ["on"], ["document_no", "issuer", "note"]
        if row.value_unit is not None:
            fields.append("value")
        if row.value_unit == vouchers.YUAN:
            fields.append(optional.pop(0))
        name = Say(f"登记依据：{row.name_zh}", f"put on record: {row.name_en}")
        remedies.append(Remedy("add_evidence", name, {"kind": kind}, fields, optional))
        if row.may_be_not_needed:
            name = Say(f"登记不涉及：{row.name_zh}", f"not needed: {row.name_en}")
            remedies.append(Remedy("add_evidence", name, {"kind": kind, "is_not_needed": True}, ["on", "reason"]))
    return remedies


def edit(zh: str, en: str, name: str) -> Remedy:
    return Remedy("edit", Say(f"填写{zh}", f"fill in the {en}"), fields=[name])


def follow_up(*, with_investor: bool = False) -> Remedy:
    body: dict[str, Any] = {"with_investor": True} if with_investor else {}
    return Remedy(
        "follow_up",
        Say("登记跟进", "add a follow-up"),
        body,
        ["kind", "on", "summary"],
        ["next_step", "next_step_on", "unit_id", "document"],
    )


def plan(facts: Facts) -> Remedy:
    """Returns the publication of a plan, which from the second version on gives a reason."""
    reason, rest = (["reason"], []) if facts.plan is not None else ([], ["reason"])
    say = Say("发布方案", "publish a plan")
    return Remedy("publish_plan", say, fields=["title", "milestones", *reason], optional=rest)


def deal(facts: Facts, kind: DealKind) -> list[Remedy]:
    """Returns the approval of each draft of that kind, and the drafting of one where there is none."""
    name = Say(kind.say.zh, f"{kind.say.en} deal")
    drafts = [draft for draft in facts.drafts if draft.kind is kind]
    if drafts:
        return [
            Remedy(
                "approve",
                Say(f"审核{name.zh} {draft.code}", f"approve the {name.en} {draft.code}"),
                optional=["note"],
                beneath=draft.id,
            )
            for draft in drafts
        ]
    body = {"project_id": str(facts.project.id), "kind": kind.value}
    fields = ["title", "agreement_no", "signed_on", "agreed_amount"]
    say = Say(f"起草{name.zh}，再审核", f"draft a {name.en}, to be approved")
    return [Remedy("draft_deal", say, body, fields, ["investor_id"])]
