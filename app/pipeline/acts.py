"""What refuses an act on a project besides its right: who decides, status, stage, and the separation of duties."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.accounts.acts import Act
from app.core.actor import Permission
from app.core.errors import Forbidden, Problem
from app.deals import separation
from app.deals.separation import Drafted
from app.leads import first_talks
from app.pipeline import refusals, undoing
from app.pipeline.undoing import Latest
from app.projects import acts, giver_and_taker
from app.projects import refusals as of_project
from app.projects.acts import decides, reports
from app.projects.stages import Pipeline


@dataclass(frozen=True, slots=True)
class Case(acts.Case):
    """A project before its acts are asked."""

    stages: Pipeline = field(kw_only=True)
    drafted: Sequence[Drafted] = ()
    """The deals of its line on which the actor may not decide."""
    is_continued: bool = False
    """Whether a phase continues it."""
    latest: Latest | None = None
    """Its last move in force."""


def _separated(is_bound: bool) -> Forbidden | None:
    return separation.refusal() if is_bound else None


def _forward(case: Case) -> Problem | None:
    return case.only_reports or refusals.forward(case.project, case.stages)


def _back(case: Case) -> Problem | None:
    return case.only_reports or refusals.back(case.actor, case.project, case.stages)


def _override(case: Case) -> Problem | None:
    is_bound = any(deal.binds(case.project) for deal in case.drafted)
    return _forward(case) or case.actor.lacks(Permission.override_gates) or _separated(is_bound)


def _correct_move(case: Case) -> Problem | None:
    return case.only_reports or refusals.correct_move(is_continued=case.is_continued)


def _undo(case: Case) -> Problem | None:
    return case.only_reports or undoing.refusal(case.actor, case.project, case.latest)


def _terminate(case: Case) -> Problem | None:
    is_bound = any(deal.ends_with(case.project) for deal in case.drafted)
    return case.only_reports or of_project.leaf_in_force(case.project) or _separated(is_bound)


def _reinstate(case: Case) -> Problem | None:
    is_bound = any(deal.returns_with(case.project) for deal in case.drafted)
    return case.only_reports or refusals.reinstate(case.project) or _separated(is_bound)


def _transfer(case: Case) -> Problem | None:
    is_bound = any(deal.moves_with(case.project) for deal in case.drafted)
    return case.only_reports or of_project.ended(case.project) or _separated(is_bound)


def _add_phase(case: Case) -> Problem | None:
    giving = None if case.actor.sees_all else giver_and_taker.giving(case.actor, case.holder)
    return giving or case.only_reports or refusals.add_phase(case.project)


ACTS: Mapping[str, Act] = {
    **acts.ACTS,
    "move": Act("move_project", _forward),
    "move_back": Act("move_project", _back),
    "override": Act("move_project", _override),
    "undo": Act("undo_move", _undo),
    "correct_move": Act("correct_move", _correct_move),
    "pause": Act("pause_project", decides(of_project.active_leaf)),
    "reactivate": Act("reactivate_project", decides(refusals.reactivate)),
    "terminate": Act("terminate_project", _terminate),
    "reinstate": Act("reinstate_project", _reinstate),
    "transfer": Act("transfer_project", _transfer),
    "change_program": Act("change_project_program", decides(of_project.active_leaf)),
    "add_phase": Act("add_project_phase", _add_phase),
    "dispute": Act("dispute_project_first_talk", reports(first_talks.raised_elsewhere)),
    "rule": Act("rule_project_first_talk", decides(first_talks.raised_elsewhere)),
}
