"""record() logs a change of a versioned record, note() a row added beneath one, note_each() the effects of a change of
a shared object on other records; timeline() reads."""

import re
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Table, and_, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from app.core import client, clock, context, paging
from app.core.actor import Actor
from app.core.db import Versioned
from app.core.ids import new_id
from app.core.records import plain
from app.events import written_rows
from app.events.models import Event
from app.events.schemas import EventRead, TimelineQuery

_INSERT = insert(cast(Table, Event.__table__))
"""Built once: every act logs an event, and building the statement costs more than running it."""


class Rehearsed(Exception):
    """Not an error: an act that is only tried has come to its event. Carries the data that it would log."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__("rehearsed")
        self.data = data


def _end_rehearsal(session: AsyncSession, data: dict[str, Any] | None = None) -> None:
    """Raises Rehearsed where the act is only tried. Nothing is flushed by then."""
    if context.REHEARSES.get(session):
        raise Rehearsed(data or {})


def subject_name(kind: type) -> str:
    """Returns the name of a subject type, `task_force` for `TaskForce`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


async def record(
    session: AsyncSession,
    actor: Actor,
    type: str,
    subject: Versioned,
    data: dict[str, Any] | None = None,
    *,
    project_id: UUID | None = None,
) -> UUID:
    """Flushes a change of `subject`, which raises its version by one, and logs it under that version.

    Returns the id of the event.

    Call it once for each act, after all attributes are set: each version has one event.
    """
    _end_rehearsal(session, data)
    now = clock.now(session)
    state = inspect(subject)
    if state.persistent:
        subject.updated_at = now
        flag_modified(subject, "updated_at")
    else:
        subject.created_at = subject.updated_at = now
        session.add(subject)
    await session.flush()
    return await _insert(
        session, actor, type, subject_name(subject.__class__), subject.id, subject.version, project_id, data
    )


async def note(
    session: AsyncSession,
    actor: Actor,
    type: str,
    subject_type: str,
    subject_id: UUID,
    data: dict[str, Any] | None = None,
    *,
    project_id: UUID | None = None,
) -> UUID:
    """Logs a row added beneath a record, whose version does not change. Returns the id of the event."""
    _end_rehearsal(session, data)
    await session.flush()
    return await _insert(session, actor, type, subject_type, subject_id, None, project_id, data)


RecordEvent = tuple[str, UUID, dict[str, Any]]
"""Type of the event, id of the record it is about, data."""


async def note_each(
    session: AsyncSession, actor: Actor, subject_type: str, record_events: Sequence[RecordEvent]
) -> None:
    """Logs the effects of one act on a shared object on other records, in one statement.

    The event of a project belongs to its timeline. The act itself is logged as an event of the shared object.
    """
    if not record_events:
        return
    _end_rehearsal(session)
    await session.flush()
    rows = [
        _row(session, actor, type, subject_type, id, None, id if subject_type == "project" else None, data)
        for type, id, data in record_events
    ]
    await session.execute(_INSERT, rows)
    written_rows.events_of(session).extend(row["id"] for row in rows)


async def _insert(
    session: AsyncSession,
    actor: Actor,
    type: str,
    subject_type: str,
    subject_id: UUID,
    version: int | None,
    project_id: UUID | None,
    data: dict[str, Any] | None,
) -> UUID:
    values = _row(session, actor, type, subject_type, subject_id, version, project_id, data)
    await session.execute(_INSERT, values)
    event_id: UUID = values["id"]
    written_rows.events_of(session).append(event_id)
    return event_id


def _row(
    session: AsyncSession,
    actor: Actor,
    type: str,
    subject_type: str,
    subject_id: UUID,
    version: int | None,
    project_id: UUID | None,
    data: dict[str, Any] | None,
) -> dict[str, Any]:
    if (batch_id := context.BATCH.get(session)) is not None:
        data = {**(data or {}), "batch_id": batch_id}
    return {
        "id": new_id(),
        "at": clock.now(session),
        "type": type,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "actor_kind": actor.kind,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "subject_version": version,
        "project_id": project_id,
        "address": client.current().address,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "data": plain(data or {}),
    }


def ids_of_transaction(session: AsyncSession) -> list[UUID]:
    """Returns the ids of the events of this transaction, in their order."""
    return written_rows.events_of(session)


async def timeline(session: AsyncSession, project_id: UUID, query: TimelineQuery) -> paging.Page[EventRead]:
    """Returns the events of one project, newest first. The caller has checked that the project is visible."""
    return await _page(session, Event.project_id == project_id, query, f"timeline:{project_id}")


FOR_ALL = frozenset({"enterprise", "official", "referrer", "task_force", "unit"})
"""Records that all staff see. Who does business with whom is for whoever sees the whole city: others learn neither who
else changed such a record nor that it has got a contact."""


def shows_actor(actor: Actor, event: Any) -> bool:
    """Returns whether the reader may know who caused an event."""
    return actor.sees_all or event.subject_type not in FOR_ALL or event.actor_id == actor.id


def about(actor: Actor, subject_type: str, subject_id: UUID) -> ColumnElement[bool]:
    """Returns the condition on Event that it is about a record, and that the reader may know of it."""
    is_about = and_(Event.subject_type == subject_type, Event.subject_id == subject_id)
    if actor.sees_all or subject_type not in FOR_ALL:
        return is_about
    return and_(is_about, Event.type.not_like("%.contact\\_%", escape="\\"))


async def timeline_of(
    session: AsyncSession, actor: Actor, subject_type: str, subject_id: UUID, query: TimelineQuery
) -> paging.Page[EventRead]:
    """Returns the events of a record that is no project, newest first, as far as the reader may know of them. The
    caller has checked that the record is visible."""
    page = await _page(session, about(actor, subject_type, subject_id), query, f"timeline:{subject_id}")
    items = [row if shows_actor(actor, row) else row.model_copy(update=_HIDDEN_ACTOR) for row in page.items]
    return page.model_copy(update={"items": items})


_HIDDEN_ACTOR = {"actor_id": "", "actor_name": "（不公开 not shown）"}


async def _page(
    session: AsyncSession, condition: ColumnElement[bool], query: TimelineQuery, name: str
) -> paging.Page[EventRead]:
    events = select(
        Event.id,
        Event.at,
        Event.type,
        Event.actor_id,
        Event.actor_name,
        Event.actor_kind,
        Event.subject_type,
        Event.subject_id,
        Event.subject_version,
        Event.data,
    ).where(condition)
    if query.type is not None:
        events = events.where(Event.type == query.type)
    order = paging.Order([Event.at, Event.id], descending=True)
    return await paging.page(session, events, order, query, name, EventRead.model_validate)
