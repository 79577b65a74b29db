"""What was refused for want of a right is on record, though everything else of the request was rolled back."""

from uuid import UUID

from fastapi import Request

from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core.actor import Actor
from app.core.errors import Forbidden, Problem

_LONGEST_PATH = 200
_NOTED_ELSEWHERE = frozenset({"csrf_token", "password_sign_in_off"})


async def note(request: Request, problem: Problem) -> None:
    if not isinstance(problem, Forbidden) or problem.code in _NOTED_ELSEWHERE:
        return
    actor: Actor | None = getattr(request.state, "known", None) or getattr(request.state, "actor", None)
    data = {
        "operation": request.scope["route"].name,
        "path": request.url.path[:_LONGEST_PATH],
        "code": problem.code,
        "right": problem.extra.get("permission"),
    }
    await trail.of(request).note(actor, SecurityEventType.denied, _subject(request), data)


def _subject(request: Request) -> Subject | None:
    """`/projects/{project_id}/moves` is about a project."""
    for name, value in request.path_params.items():
        try:
            return Subject(name.removesuffix("_id"), UUID(str(value)))
        except ValueError:
            continue
    return None
