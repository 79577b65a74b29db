"""What has changed since a stale read: 412 names the fields, who changed them, and the record as it is now."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.clock import moment_text
from app.core.db import database
from app.core.errors import ChangedField, NotFound, Problem, Stale
from app.dossiers import changes, pages
from app.dossiers.changes import WITHHELD, Change
from app.dossiers.references import References
from app.dossiers.sentences import OTHER, SENTENCES
from app.events import service as events
from app.events.models import Event
from app.rights import routes as rights

_MOST_EVENTS = 200
"""So many of the latest events are looked at."""

_CURRENT: dict[str, Callable[[AsyncSession, Actor, UUID], Awaitable[BaseModel]]] = {
    "project": pages.of_project,
    "lead": rights.get_lead,
    "deal": rights.get_deal,
    "enterprise": rights.get_enterprise,
    "unit": rights.get_unit,
    "official": rights.get_official,
    "task_force": rights.get_task_force,
}
"""How each kind of record is read: as its GET answers it."""


async def explained(request: Request, problem: Problem) -> Problem:
    """Returns the problem; a stale write with `changed` and `current`, where the actor may read the record."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if not isinstance(problem, Stale) or problem.record is None or actor is None:
        return problem
    if Permission.read not in actor.permissions:
        return problem
    kind, (record_id,) = events.subject_name(type(problem.record)), inspect(problem.record).identity
    try:
        async with database(request).snapshot() as session:
            problem.extra |= await _since(session, actor, kind, record_id, problem.asked or 0)
    except (NotFound, SQLAlchemyError, OSError):
        pass  # the answer then says that the record has changed, and no more
    return problem


async def _since(session: AsyncSession, actor: Actor, kind: str, record_id: UUID, asked: int) -> dict[str, Any]:
    read = _CURRENT.get(kind)
    if read is None:
        return {}
    current = (await read(session, actor, record_id)).model_dump(mode="json", by_alias=True)
    newest = (
        select(Event.at, Event.type, Event.actor_id, Event.actor_name, Event.subject_type, Event.data)
        .where(Event.subject_type == kind, Event.subject_id == record_id, Event.subject_version > asked)
        .order_by(Event.subject_version.desc())
        .limit(_MOST_EVENTS)
    )
    merged = _merged(reversed((await session.execute(newest)).all()))
    references = References()
    for name, (change, _) in merged.items():
        changes.want(references, kind, name, change)
    await references.read(session, actor)
    changed = [_told(references, actor, kind, name, last) for name, last in merged.items()]
    return {"current_version": current["version"], "changed": changed, "current": current}


class _Last(NamedTuple):
    """What became of a field in several events, and the last of them."""

    change: Change
    event: Any


def _merged(rows: Iterable[Any]) -> dict[str, _Last]:
    """Returns the fields that these events, in their order, changed in the end."""
    merged: dict[str, _Last] = {}
    for row in rows:
        found = changes.of_event(row.type, row.data)
        field = SENTENCES.get(row.type, OTHER).field
        if not found and field is not None:
            found = {field: WITHHELD}
        for name, change in found.items():
            first = merged[name].change if name in merged else change
            is_withheld = first.is_withheld or change.is_withheld
            merged[name] = _Last(WITHHELD if is_withheld else Change(first.before, change.after), row)
    return {
        name: last
        for name, last in merged.items()
        if last.change.is_withheld or last.change.before != last.change.after
    }


def _told(references: References, actor: Actor, kind: str, name: str, last: _Last) -> dict[str, Any]:
    change = changes.told(references, kind, name, last.change).model_dump(mode="json", by_alias=True)
    by = last.event.actor_name if events.shows_actor(actor, last.event) else None
    return ChangedField(**change, by=by, at=moment_text(last.event.at)).model_dump(mode="json", by_alias=True)
