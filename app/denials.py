"""Records refusals for lack of a right, and requests for absent records, though the rest of the request is rolled
back."""

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
_RECORDED_ELSEWHERE = frozenset({"csrf_token", "password_sign_in_off"})


async def note(request: Request, problem: Problem, subject: Subject | None = None) -> Problem:
    """Records a refusal. Returns the problem to answer with. `subject` is the record refused, by default the one that
    the path names."""
    subject = subject or _subject(request)
    actor: Actor | None = getattr(request.state, "known", None) or getattr(request.state, "actor", None)
    if actor is not None and not actor.sees_all and _discloses_others(problem):
        problem = await _record_disclosure(request, actor, problem)
    if isinstance(problem, Forbidden) and problem.code not in _RECORDED_ELSEWHERE:
        await _record_denial(request, actor, problem, subject)
    elif isinstance(problem, NotFound) and actor is not None and not actor.sees_all:
        await _record_absence(request, actor, subject)
    return problem


def _discloses_others(problem: Problem) -> bool:
    """Whether a refusal discloses that another unit has a similar record."""
    if problem.tells_of_others:
        return True
    return isinstance(problem, Forbidden) and problem.extra.get("permission") == Permission.rule_duplicates


async def _record_disclosure(request: Request, actor: Actor, problem: Problem) -> Problem:
    """Records the disclosure. Returns the problem, TooMany beyond the rate limit, or Unavailable if recording fails."""
    try:
        async with database(request).writing() as session:
            await inquiries.record(session, actor, {"operation": request.scope["route"].name})
    except TooMany as too_many:
        return too_many
    except (SQLAlchemyError, OSError):
        return Unavailable()
    return problem


async def _record_denial(request: Request, actor: Actor | None, problem: Problem, subject: Subject | None) -> None:
    data = {
        "operation": request.scope["route"].name,
        "path": request.url.path[:_LONGEST_PATH],
        "code": problem.code,
        "right": problem.extra.get("permission"),
    }
    await trail.of(request).note(actor, SecurityEventType.denied, subject, data)


async def _record_absence(request: Request, actor: Actor, subject: Subject | None) -> None:
    """Records a request for a record that does not exist or is out of scope; the two are not distinguished."""
    if (route := request.scope.get("route")) is not None:  # None where no route has this address
        data = {"operation": route.name}
        await trail.of(request).note(actor, SecurityEventType.not_found, subject, data)


def _subject(request: Request) -> Subject | None:
    """Returns the first id in the path with its type, a project for `/projects/{project_id}/moves`; else None."""
    for name, value in request.path_params.items():
        try:
            return Subject(name.removesuffix("_id"), UUID(str(value)))
        except ValueError:
            continue
    return None
