"""What the status of a lead refuses: asked by the acts, and by the room `rights` for the hints of a page.

Each function returns the refusal, or None where nothing prevents the act. `became` is the project that a converted lead
has become, None where it is out of the actor's scope.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from app.core.actor import Actor
from app.core.errors import Conflict, Forbidden
from app.core.localized import Say
from app.leads.models import LeadStatus
from app.projects import decision_rights, successors
from app.projects.giver_and_taker import NOBODY, Holder
from app.projects.models import Successor

_REPORTER = Say("首报单位和经手人可登记跟进", "whoever reported or handles the lead may add follow-ups")


class Judged(Protocol):
    """What the refusals look at: a lead, or a row of a list with these columns."""

    @property
    def status(self) -> LeadStatus: ...
    @property
    def unit_id(self) -> UUID | None: ...
    @property
    def task_force_id(self) -> UUID | None: ...
    @property
    def first_unit_id(self) -> UUID | None: ...
    @property
    def answered_on(self) -> date | None: ...


def dealt_with_by(lead: Judged) -> Holder:
    """Returns who decides on a lead: its unit and task force, or who reported it, while nobody deals with it."""
    holder = Holder(lead.unit_id, lead.task_force_id)
    return Holder(lead.first_unit_id, None) if holder == NOBODY else holder


def only_reports(actor: Actor, lead: Judged, names: Sequence[str]) -> Forbidden | None:
    """Returns the refusal, naming who decides, to whoever sees the lead but does not decide on it."""
    return None if actor.reaches(*dealt_with_by(lead)) else decision_rights.refusal(names, _REPORTER)


def converted(lead: Judged, became: Successor | None) -> Conflict | None:
    return _on_the_project(became, "lead_converted") if lead.status is LeadStatus.converted else None


def raised_elsewhere(lead: Judged, became: Successor | None) -> Conflict | None:
    """Returns the refusal for a converted lead: a dispute is raised, and ruled on, on its project."""
    return _on_the_project(became, "raised_elsewhere") if lead.status is LeadStatus.converted else None


def _on_the_project(became: Successor | None, code: str) -> Conflict:
    return Conflict(_say_became(became), code=code, **successors.problem_members(became))


def _say_became(project: Successor | None) -> Say:
    """Returns the message that names the project to act on instead of a converted lead."""
    if project is None:
        return Say("线索已转为项目，请在项目上办理。", "The lead has become a project; act on the project.")
    return Say(
        f"线索已转为项目，现为 {project.code}，请在那里办理。",
        f"The lead has become a project, now {project.code}; deal with that one.",
    )


def answered(lead: Judged) -> Conflict | None:
    if lead.answered_on is None:
        return None
    say = Say(f"{lead.answered_on} 已响应。", f"It was answered on {lead.answered_on}.")
    return Conflict(say, code="answered_already")
