"""Telling others in the transaction of the change itself: what is rolled back was never told.

Who is told is found out afterwards (`deliveries.spread`): an act pays for one question and the rows.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, select
from sqlalchemy import insert as sql_insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, context
from app.core.ids import new_id
from app.core.records import insert
from app.events import service as events
from app.events.models import Event
from app.webhooks.objects import OBJECTS
from app.webhooks.outbound.models import WebhookEndpoint, WebhookMessage, WebhookStream
from app.webhooks.outbound.types import (
    ENDPOINT_KIND,
    ENDPOINT_PATH,
    PING,
    ChangeTold,
    MessageTold,
    ObjectTold,
    changed,
    wanted,
)

_AT_ONCE = 200
_INSERT = sql_insert(cast(Table, WebhookMessage.__table__))
_Key = tuple[str, UUID]


async def write(session: AsyncSession) -> None:
    """Make the messages of this transaction's events that somebody asks for."""
    ids = events.ids_of_transaction(session)
    if not ids:
        return
    asked = await session.scalars(select(WebhookEndpoint.types).where(WebhookEndpoint.is_removed.is_(False)))
    names = wanted([pattern for patterns in asked for pattern in patterns])
    if not names:
        return
    told = select(*Event.__table__.c).where(Event.type.in_(names), Event.subject_type.in_(OBJECTS))
    rows = [
        row
        for start in range(0, len(ids), _AT_ONCE)
        for row in await session.execute(told.where(Event.id.in_(ids[start : start + _AT_ONCE])))
    ]
    if rows:
        await _tell(session, sorted(rows, key=lambda row: (row.at, row.id)))


async def _tell(session: AsyncSession, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
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
            link=_link(session, OBJECTS[row.subject_type].path, row.subject_id),
        )
        made.append(_message(session, MessageTold(type=row.type, timestamp=row.at, data=told)))
    await session.execute(_INSERT, made)
    context.WAKES.set(session, True)


async def ping(session: AsyncSession, endpoint_id: UUID) -> UUID:
    """A message about the endpoint itself, for trying it; its id."""
    key = ENDPOINT_KIND, endpoint_id
    told = ChangeTold(
        id=None,
        object=ObjectTold(type=key[0], id=endpoint_id),
        project_id=None,
        version=None,
        sequence=next((await _numbers(session, [key]))[key]),
        changed=[],
        link=_link(session, ENDPOINT_PATH, endpoint_id),
    )
    now = clock.now(session)
    row = {**_message(session, MessageTold(type=PING, timestamp=now, data=told)), "spread_at": now}
    await session.execute(_INSERT, [row])
    made: UUID = row["id"]
    return made


async def _numbers(session: AsyncSession, keys: Iterable[_Key]) -> dict[_Key, Iterator[int]]:
    """The next numbers of each object, whose stream is locked until the commit: the greater number is the later.

    All at once and in one order: nobody waits for somebody who waits for them.
    """
    counts = sorted(Counter(keys).items())
    found = {}
    for start in range(0, len(counts), _AT_ONCE):
        part = counts[start : start + _AT_ONCE]
        taken = insert(session, WebhookStream).values(
            [{"object_type": kind, "object_id": id, "last_sequence": count} for (kind, id), count in part]
        )
        last = taken.on_conflict_do_update(
            index_elements=["object_type", "object_id"],
            set_={"last_sequence": WebhookStream.last_sequence + taken.excluded.last_sequence},
        ).returning(WebhookStream.object_type, WebhookStream.object_id, WebhookStream.last_sequence)
        for kind, id, number in await session.execute(last, execution_options={"populate_existing": True}):
            found[kind, id] = number
    return {key: iter(range(found[key] - count + 1, found[key] + 1)) for key, count in counts}


def _link(session: AsyncSession, path: str, object_id: UUID) -> str:
    settings = context.SETTINGS.require(session)
    return f"{settings.public_url or ''}/api/v1/{path}/{object_id}"


def _message(session: AsyncSession, told: MessageTold) -> dict[str, Any]:
    return {
        "id": new_id(),
        "event_id": told.data.id,
        "type": told.type,
        "object_type": told.data.object.type,
        "object_id": told.data.object.id,
        "body": told.model_dump_json().encode(),
        "created_at": clock.now(session),
        "spread_at": None,
    }
