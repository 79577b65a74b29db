"""What refuses an act on a project besides its right: who decides, and status. The acts of the room `pipeline`, which
look at the stage too, are in `pipeline/acts.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol
from uuid import UUID

from app.accounts.acts import Act
from app.core.actor import Actor
from app.core.errors import Forbidden, Problem
from app.projects import decision_rights, refusals
from app.projects.giver_and_taker import Holder
from app.projects.models import Program, Status, Successor
from app.projects.refusals import Judged


class Row(Judged, Protocol):
    """A project, or a row of a list with its columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A project as a row of a list has it, where no successor is named: rows show open acts, not sentences."""

    id: UUID
    code: str
    status: Status
    is_parent: bool
    parent_id: UUID | None
    program: Program
    stage: str
    unit_id: UUID | None
    task_force_id: UUID | None
    successor: Successor | None = None

    @classmethod
    def of(cls, row: Any, prefix: str = "") -> "Listed":
        """Returns the project of a row that has these columns, under names that may begin with a prefix."""
        return cls(**{name: getattr(row, prefix + name) for name in COLUMNS})


COLUMNS = tuple(field.name for field in fields(Listed) if field.name != "successor")
"""The columns of Project that a row needs."""


@dataclass(frozen=True, slots=True)
class Case:
    """A project before its acts are asked."""

    actor: Actor
    project: Row
    holders: Sequence[str] = ()
    """The names of its unit in charge and task force, for the sentence that says who decides."""

    @property
    def only_reports(self) -> Forbidden | None:
        """The refusal of a decision to whoever sees the project only as a member of its team."""
        if self.actor.reaches(self.project.unit_id, self.project.task_force_id):
            return None
        return decision_rights.refusal(self.holders, decision_rights.MEMBER)

    @property
    def holder(self) -> Holder:
        return Holder(self.project.unit_id, self.project.task_force_id)


Refused = Callable[[Any], Problem | None]


def decides(refused: Refused) -> Refused:
    """An act that only its unit in charge and its task force do."""
    return lambda case: case.only_reports or refused(case.project)


def reports(refused: Refused) -> Refused:
    """An act open to a member of the team: it locks the project with `reports=True`."""
    return lambda case: refused(case.project)


ACTS: Mapping[str, Act] = {
    "edit": Act("update_project", decides(refusals.merged)),
    "follow_up": Act("add_follow_up", reports(refusals.leaf_in_force)),
    "add_evidence": Act("add_project_evidence", reports(refusals.ended)),
    "add_amount": Act("add_project_amount", decides(refusals.ended)),
    "add_contact": Act("add_project_contact", decides(refusals.ended)),
    "appoint": Act("appoint_leader", decides(refusals.leaf_in_force)),
    "set_team": Act("set_team", decides(refusals.leaf_in_force)),
    "publish_plan": Act("publish_plan", decides(refusals.leaf_in_force)),
    "report_milestone": Act("report_milestone", reports(refusals.leaf_in_force)),
    "draft_deal": Act("draft_deal", decides(refusals.ended)),
}
