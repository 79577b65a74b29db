"""What stage and status of a project refuse to the acts of this room: asked by the acts, and by the hints of `rights`.

Each function returns the refusal, or None where nothing prevents the act. Rights are looked at here where they are not
those of the whole operation: to move back and to override.
"""

from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Problem
from app.core.localized import Say
from app.projects import refusals, successors
from app.projects.models import Status
from app.projects.refusals import Judged
from app.projects.stages import STARTED, Pipeline

_LAST_BACK = STARTED
"""From this stage on a project never moves back."""


def standing_at(project: Judged, to: str) -> Conflict | None:
    """Returns the refusal of a move to the stage where the project stands."""
    if project.stage != to:
        return None
    return Conflict(Say("项目已在这个阶段。", "The project stands at this stage already."), code="already_there")


def forward(project: Judged, table: Pipeline) -> Problem | None:
    """Returns the refusal of any move forward; one from the last stage could only lead to where the project stands."""
    last = table.walk(project.program)[-1]
    return refusals.active_leaf(project) or standing_at(project, last.code)


def back(actor: Actor, project: Judged, table: Pipeline) -> Problem | None:
    """Returns the refusal of any move back; one from the first stage could only lead to where the project stands."""
    return (
        refusals.active_leaf(project)
        or standing_at(project, table.walk(project.program)[0].code)
        or actor.lacks(Permission.move_back)
        or _no_way_back(project, table)
    )


def _no_way_back(project: Judged, table: Pipeline) -> Conflict | None:
    if table.at_least(project.stage, _LAST_BACK):
        say = Say(
            "开工以后不能回退；停工请用暂缓，误录请更正移动。",
            "From `started` on a project never moves back; pause it, or correct the move.",
        )
        return Conflict(say, code="no_way_back")
    return None


def not_the_stage_before() -> Conflict:
    """Returns the refusal of a move back to another stage than the one before."""
    return Conflict(
        Say("一次只能回退到上一个阶段。", "A project moves back to the stage before only."), code="one_stage_back"
    )


def reactivate(project: Judged) -> Problem | None:
    if project.is_parent or project.status is Status.paused:
        return refusals.parent(project)
    if project.status is Status.merged:
        return successors.refusal(project, "not_paused")
    say = Say("只有暂缓的项目可以恢复；误终止请撤销终止。", "Only a paused project is reactivated.")
    return Conflict(say, code="not_paused")


def reinstate(project: Judged) -> Problem | None:
    if project.status is Status.terminated:
        return None
    if project.status is Status.merged:
        return successors.refusal(project, "not_terminated")
    return Conflict(
        Say("只有已终止的项目可以撤销终止。", "Only a terminated project is reinstated."), code="not_terminated"
    )


def correct_move(*, is_continued: bool) -> Problem | None:
    """Returns the refusal where a phase continues the project: its moves belong to that phase."""
    if not is_continued:
        return None
    say = Say(
        "总项目的移动已由接续它的分期继承，请在该分期上更正。",
        "A phase continues this project's moves; correct them there.",
    )
    return Conflict(say, code="continued_by_a_phase")


def add_phase(project: Judged) -> Problem | None:
    if (ended := refusals.ended(project)) is not None or project.parent_id is None:
        return ended
    return Conflict(Say("分期之下不再分期。", "A phase has no phases of its own."), code="phase_of_phase")
