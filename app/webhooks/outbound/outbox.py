"""Transactional outbox: messages are written in the transaction of the change, so that a rollback sends nothing.

The receivers are determined afterwards (`deliveries.spread`): an act costs one query and the inserted rows.
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
    types_matching,
)

_BATCH = 200
_INSERT = sql_insert(cast(Table, WebhookMessage.__table__))
_Key = tuple[str, UUID]


async def write(session: AsyncSession) -> None:
    """Writes messages for those events of this transaction that an endpoint subscribes to."""
    ids = events.ids_of_transaction(session)
    if not ids:
        return
    subscribed = await session.scalars(select(WebhookEndpoint.types).where(WebhookEndpoint.is_removed.is_(False)))
    names = types_matching([pattern for patterns in subscribed for pattern in patterns])
    if not names:
        return
    query = select(*Event.__table__.c).where(Event.type.in_(names), Event.subject_type.in_(OBJECTS))
    rows = [
        row
        for start in range(0, len(ids), _BATCH)
        for row in await session.execute(query.where(Event.id.in_(ids[start : start + _BATCH])))
    ]
    if rows:
        await _insert(session, sorted(rows, key=lambda row: (row.at, row.id)))


async def _insert(session: AsyncSession, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
    numbers = await _numbers(session, [(row.subject_type, row.subject_id) for row in rows])
    messages = []
    for row in rows:
        key = row.subject_type, row.subject_id
        change = ChangeTold(
            id=row.id,
            object=ObjectTold(type=row.subject_type, id=row.subject_id),
            project_id=row.project_id,
            version=row.subject_version,
            sequence=next(numbers[key]),
            changed=changed(row.type, row.data),
            link=_link(session, OBJECTS[row.subject_type].path, row.subject_id),
        )
        messages.append(_row(session, MessageTold(type=row.type, timestamp=row.at, data=change)))
    await session.execute(_INSERT, messages)
    context.WAKES.set(session, True)


async def ping(session: AsyncSession, endpoint_id: UUID) -> UUID:
    """Writes a message about the endpoint itself, to try it. Returns its id. The caller creates the delivery."""
    key = ENDPOINT_KIND, endpoint_id
    change = ChangeTold(
        id=None,
        object=ObjectTold(type=key[0], id=endpoint_id),
        project_id=None,
        version=None,
        sequence=next((await _numbers(session, [key]))[key]),
        changed=[],
        link=_link(session, ENDPOINT_PATH, endpoint_id),
    )
    now = clock.now(session)
    row = {**_row(session, MessageTold(type=PING, timestamp=now, data=change)), "spread_at": now}
    await session.execute(_INSERT, [row])
    message_id: UUID = row["id"]
    return message_id


async def _numbers(session: AsyncSession, keys: Iterable[_Key]) -> dict[_Key, Iterator[int]]:
    """Takes the next message numbers of each object. Locks its stream until the commit, so that the numbers follow the
    order of commits.

    All streams are locked in one order, so that two transactions cannot deadlock.
    """
    counts = sorted(Counter(keys).items())
    last_numbers = {}
    for start in range(0, len(counts), _BATCH):
        part = counts[start : start + _BATCH]
        inserted = insert(session, WebhookStream).values(
            [{"object_type": kind, "object_id": id, "last_sequence": count} for (kind, id), count in part]
        )
        last = inserted.on_conflict_do_update(
            index_elements=["object_type", "object_id"],
            set_={"last_sequence": WebhookStream.last_sequence + inserted.excluded.last_sequence},
        ).returning(WebhookStream.object_type, WebhookStream.object_id, WebhookStream.last_sequence)
        for kind, id, number in await session.execute(last, execution_options={"populate_existing": True}):
            last_numbers[kind, id] = number
    return {key: iter(range(last_numbers[key] - count + 1, last_numbers[key] + 1)) for key, count in counts}


def _link(session: AsyncSession, path: str, object_id: UUID) -> str:
    settings = context.SETTINGS.require(session)
    return f"{settings.public_url or ''}/api/v1/{path}/{object_id}"


def _row(session: AsyncSession, message: MessageTold) -> dict[str, Any]:
    return {
        "id": new_id(),
        "event_id": message.data.id,
        "type": message.type,
        "object_type": message.data.object.type,
        "object_id": message.data.object.id,
        "body": message.model_dump_json().encode(),
        "created_at": clock.now(session),
        "spread_at": None,
    }
