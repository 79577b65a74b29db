"""What a project's phases and status refuse: asked by the acts, and by the room `rights` for the hints of a page.

Each function returns the refusal, or None where nothing prevents the act; the act raises it by `errors.refuse`.
"""

from typing import Protocol
from uuid import UUID

from app.core.errors import Conflict
from app.core.localized import Say
from app.projects import successors
from app.projects.models import Program, Status, Successor


class Judged(Protocol):
    """What the refusals look at: a project, or a row of a list with these columns."""

    @property
    def status(self) -> Status: ...
    @property
    def is_parent(self) -> bool: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def program(self) -> Program: ...
    @property
    def stage(self) -> str: ...
    @property
    def unit_id(self) -> UUID | None: ...
    @property
    def task_force_id(self) -> UUID | None: ...
    @property
    def successor(self) -> Successor | None: ...


def merged(project: Judged) -> Conflict | None:
    """Returns the refusal for a project that was merged into another, naming that one where the actor sees it."""
    return successors.refusal(project, "project_merged") if project.status is Status.merged else None


def ended(project: Judged) -> Conflict | None:
    """Returns the refusal for a terminated or merged project, to which nothing more may be added."""
    if project.status is Status.merged:
        return successors.refusal(project, "project_ended")
    if project.status is not Status.terminated:
        return None
    say = Say(
        "项目已终止，不能再登记；终止有误可撤销终止。",
        "The project is terminated; undo a mistaken termination first.",
    )
    return Conflict(say, code="project_ended")


def parent(project: Judged) -> Conflict | None:
    """Returns the refusal for a project that has phases, because stages and five ones belong to its leaves."""
    if not project.is_parent:
        return None
    say = Say("项目已分期，请在各期上办理。", "The project has phases; act on its leaves.")
    return Conflict(say, code="project_is_parent")


def leaf_in_force(project: Judged) -> Conflict | None:
    """Returns the refusal for a parent, or for a project that ended."""
    return parent(project) or ended(project)


def inactive(project: Judged) -> Conflict | None:
    """Returns the refusal for a project that is paused, terminated or merged, and so does not move."""
    if project.status is Status.merged:
        return successors.refusal(project, "project_not_active")
    if project.status is Status.active:
        return None
    say = Say(f"项目{project.status.say.zh}，不能移动。", f"The project is {project.status.say.en} and does not move.")
    return Conflict(say, code="project_not_active")


def active_leaf(project: Judged) -> Conflict | None:
    """Returns the refusal for a parent, or for a project that does not move."""
    return parent(project) or inactive(project)
