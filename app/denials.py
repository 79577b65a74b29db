"""What was refused for want of a right, or is not there for who asks, is on record, though everything else of the
request was rolled back."""

from uuid import UUID

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from app.audit import inquiries, trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core.actor import Actor, Permission
from app.core.db import database
from app.core.errors import Forbidden, NotFound, Problem, TooMany, Unavailable

_LONGEST_PATH = 200
_NOTED_ELSEWHERE = frozenset({"csrf_token", "password_sign_in_off"})


async def note(request: Request, problem: Problem) -> Problem:
    """Put a refusal on record; returns the problem to be answered."""
    actor: Actor | None = getattr(request.state, "known", None) or getattr(request.state, "actor", None)
    if actor is not None and not actor.sees_all and _tells_of_others(problem):
        problem = await _counted(request, actor, problem)
    if isinstance(problem, Forbidden) and problem.code not in _NOTED_ELSEWHERE:
        await _note_denial(request, actor, problem)
    elif isinstance(problem, NotFound) and actor is not None and not actor.sees_all:
        await _note_absence(request, actor)
    return problem


def _tells_of_others(problem: Problem) -> bool:
    """Whether a refusal tells that another unit has the like on record."""
    if problem.tells_of_others:
        return True
    return isinstance(problem, Forbidden) and problem.extra.get("permission") == Permission.rule_duplicates


async def _counted(request: Request, actor: Actor, problem: Problem) -> Problem:
    """The problem, put on record; or that too much has been asked, or that it cannot be put on record now."""
    try:
        async with database(request).writing() as session:
            await inquiries.record(session, actor, {"operation": request.scope["route"].name})
    except TooMany as too_often:
        return too_often
    except (SQLAlchemyError, OSError):
        return Unavailable()
    return problem


async def _note_denial(request: Request, actor: Actor | None, problem: Problem) -> None:
    data = {
        "operation": request.scope["route"].name,
        "path": request.url.path[:_LONGEST_PATH],
        "code": problem.code,
        "right": problem.extra.get("permission"),
    }
    await trail.of(request).note(actor, SecurityEventType.denied, _subject(request), data)


async def _note_absence(request: Request, actor: Actor) -> None:
    """What is out of scope and what does not exist are noted alike: nobody looks which it was."""
    if (route := request.scope.get("route")) is not None:  # else there is no such address
        await trail.of(request).note(actor, SecurityEventType.not_found, _subject(request), {"operation": route.name})


def _subject(request: Request) -> Subject | None:
    """`/projects/{project_id}/moves` is about a project."""
    for name, value in request.path_params.items():
        try:
            return Subject(name.removesuffix("_id"), UUID(str(value)))
        except ValueError:
            continue
    return None
