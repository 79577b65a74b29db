"""What the caller may do with a lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.accounts.acts import Act, Reason, allowed, permitted, reasons
from app.core.actor import Actor
from app.core.errors import Forbidden, Problem
from app.leads import refusals
from app.leads.refusals import Judged
from app.leads.schemas import LeadRead
from app.projects.models import Successor

LeadAct = Literal["edit", "follow_up", "add_contact", "answer", "assess", "convert", "dispute", "rule"]


@dataclass(frozen=True, slots=True)
class Case:
    """A lead before its acts are asked."""

    actor: Actor
    lead: Judged
    became: Successor | None = None
    names: Sequence[str] = ()
    """The names of who decides on it."""

    @property
    def only_reports(self) -> Forbidden | None:
        return refusals.only_reports(self.actor, self.lead, self.names)

    @property
    def converted(self) -> Problem | None:
        return refusals.converted(self.lead, self.became)

    @property
    def raised_elsewhere(self) -> Problem | None:
        return refusals.raised_elsewhere(self.lead, self.became)


ACTS: Mapping[LeadAct, Act] = {
    "edit": Act("update_lead", lambda case: case.only_reports or case.converted),
    "follow_up": Act("add_lead_follow_up", lambda case: case.converted),
    "add_contact": Act("add_lead_contact", lambda case: case.only_reports or case.converted),
    "answer": Act("answer_lead", lambda case: case.only_reports or refusals.answered(case.lead)),
    "assess": Act("assess_lead", lambda case: case.only_reports or case.converted),
    "convert": Act("convert_lead", lambda case: case.only_reports or case.converted),
    "dispute": Act("dispute_lead_first_talk", lambda case: case.raised_elsewhere),
    "rule": Act("rule_lead_first_talk", lambda case: case.only_reports or case.raised_elsewhere),
}
"""The acts on a lead. Those that do not ask `only_reports` lock it with `reports=True`."""


def may(actor: Actor, lead: LeadRead) -> dict[LeadAct, Reason | None]:
    """Returns for each act on a lead that the actor sees why it is not open, None where it is."""
    own = [named.name for named in (lead.unit, lead.task_force) if named is not None]
    names = own or ([lead.first_unit.name] if lead.first_unit is not None else [])
    return reasons(actor, ACTS, Case(actor, lead, lead.successor, names))


def of_page(actor: Actor, rows: Sequence[Judged]) -> list[list[LeadAct]]:
    """Returns for each row of a page, all of which the actor sees, the acts that are open."""
    acts = permitted(actor, ACTS)
    return [allowed(acts, Case(actor, row)) for row in rows]
