"""What refuses an act on a deal besides its right: who decides on its project, its status, the separation of duties."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.accounts.acts import Act
from app.core.actor import Actor
from app.core.errors import Forbidden, Problem
from app.deals import refusals, separation
from app.deals.refusals import Judged
from app.projects import refusals as of_project
from app.projects.acts import Case as ProjectCase
from app.projects.acts import Row

DealAct = Literal["edit", "discard", "submit", "return", "approve", "amend", "terminate", "correct"]


@dataclass(frozen=True, slots=True)
class Case:
    """A deal before its acts are asked."""

    actor: Actor
    deal: Judged
    project: Row
    is_drafted: bool
    """Whether the actor drafted it or edited its draft, while the office separates duties."""
    line_has_live: bool
    """Whether the line has a live formal deal already, asked of a draft of one."""
    holders: Sequence[str] = ()
    has_drafted: bool = False
    """Whether the actor drafted it or edited its draft, whatever the office separates."""
    is_submitted: bool = False

    @property
    def only_reports(self) -> Forbidden | None:
        return ProjectCase(self.actor, self.project, self.holders).only_reports

    @property
    def separated(self) -> Forbidden | None:
        return separation.refusal() if self.is_drafted else None


def _submit(case: Case) -> Problem | None:
    return (
        case.only_reports
        or refusals.not_a_draft(case.deal)
        or of_project.ended(case.project)
        or refusals.submitted(is_submitted=case.is_submitted)
        or (None if case.has_drafted else separation.not_the_drafter())
    )


def _return(case: Case) -> Problem | None:
    unsubmitted = refusals.not_submitted(is_submitted=case.is_submitted)
    return case.only_reports or refusals.not_a_draft(case.deal) or unsubmitted or case.separated


def _approve(case: Case) -> Problem | None:
    return (
        case.only_reports
        or refusals.not_a_draft(case.deal)
        or of_project.ended(case.project)
        or case.separated
        or refusals.second(line_has_live=case.line_has_live)
    )


def _decides(refused: Callable[[Any], Problem | None], *, separated: bool = False) -> Callable[[Case], Problem | None]:
    return lambda case: case.only_reports or refused(case.deal) or (case.separated if separated else None)


ACTS: Mapping[DealAct, Act] = {
    "edit": Act("update_deal", _decides(refusals.not_a_draft)),
    "discard": Act("discard_deal", _decides(refusals.not_a_draft)),
    "submit": Act("submit_deal", _submit),
    "return": Act("return_deal", _return),
    "approve": Act("approve_deal", _approve),
    "amend": Act("amend_deal", _decides(refusals.not_live_formal, separated=True)),
    "terminate": Act("terminate_deal", _decides(refusals.not_live, separated=True)),
    "correct": Act("correct_deal", _decides(refusals.not_correctable, separated=True)),
}
