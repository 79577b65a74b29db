"""Telling others in the transaction of the change itself: what is rolled back was never told.

Who is told is found out afterwards (`spreading`), by the worker: an act pays for one question and the rows.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor, system
from app.core.config import Settings
from app.core.ids import new_id
from app.core.records import insert
from app.events import service as events
from app.events.models import Event
from app.jobs import service as jobs
from app.webhooks.outbound.models import WebhookEndpoint, WebhookMessage, WebhookStream
from app.webhooks.outbound.types import PLACES, ChangeTold, MessageTold, ObjectTold, changed, wanted

SPREAD = "webhooks.spread"
_AT_ONCE = 200
_OUTBOX = system("outbox")


async def write(session: AsyncSession) -> None:
    """Make the messages of this transaction's events that somebody asks for."""
    ids = events.logged(session)
    if not ids:
        return
    asked = await session.scalars(select(WebhookEndpoint.types).where(WebhookEndpoint.is_removed.is_(False)))
    names = wanted([pattern for patterns in asked for pattern in patterns])
    if not names:
        return
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        told = select(*Event.__table__.c).where(
            Event.id.in_(part), Event.type.in_(names), Event.subject_type.in_(PLACES)
        )
        rows = (await session.execute(told.order_by(Event.at, Event.id))).all()
        if rows:
            await _tell(session, rows)


async def _tell(session: AsyncSession, rows: Sequence[Row[Any]]) -> None:
    numbers = await _numbers(session, [(row.subject_type, row.subject_id) for row in rows])
    made = []
    for row in rows:
        key = row.subject_type, row.subject_id
        told = ChangeTold(
            id=row.id,
            object=ObjectTold(type=row.subject_type, id=row.subject_id),
            project_id=row.project_id,
            version=row.subject_version,
            sequence=next(numbers[key]),
            changed=changed(row.type, row.data),
            link=_link(session, *key),
        )
        made.append(_message(session, MessageTold(type=row.type, timestamp=row.at, data=told)))
    await session.execute(insert(session, WebhookMessage).values(made))
    await jobs.enqueue(session, _OUTBOX, SPREAD, {"messages": [str(one["id"]) for one in made]})


async def ping(session: AsyncSession, actor: Actor, endpoint_id: UUID, type: str) -> UUID:
    """A message about the endpoint itself, for trying it; its id."""
    key = "webhook_endpoint", endpoint_id
    told = ChangeTold(
        id=None,
        object=ObjectTold(type=key[0], id=endpoint_id),
        project_id=None,
        version=None,
        sequence=next((await _numbers(session, [key]))[key]),
        changed=[],
        link=_link(session, *key),
    )
    row = _message(session, MessageTold(type=type, timestamp=clock.now(session), data=told))
    await session.execute(insert(session, WebhookMessage).values(row))
    made: UUID = row["id"]
    return made


async def _numbers(session: AsyncSession, keys: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], Any]:
    """The next numbers of each object, whose stream is locked until the commit: the greater number is the later."""
    found = {}
    for key, count in sorted(Counter(keys).items()):
        taken = insert(session, WebhookStream).values(object_type=key[0], object_id=key[1], last_sequence=count)
        taken = taken.on_conflict_do_update(
            index_elements=["object_type", "object_id"],
            set_={"last_sequence": WebhookStream.last_sequence + count},
        )
        last = await session.scalar(taken.returning(WebhookStream.last_sequence))
        assert last is not None
        found[key] = iter(range(last - count + 1, last + 1))
    return found


def _link(session: AsyncSession, kind: str, object_id: UUID) -> str:
    settings: Settings = session.info["settings"]
    return f"{settings.public_url or ''}/api/v1/{PLACES[kind]}/{object_id}"


def _message(session: AsyncSession, told: MessageTold) -> dict[str, Any]:
    return {
        "id": new_id(),
        "event_id": told.data.id,
        "type": told.type,
        "object_type": told.data.object.type,
        "object_id": told.data.object.id,
        "body": told.model_dump_json().encode(),
        "created_at": clock.now(session),
    }
