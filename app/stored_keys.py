"""Keys derived from other columns: finds those that differ from what the code makes now, and renews them.

A key depends on the code and on the tables of its libraries, so `five-ones migrate` renews stale keys and
`five-ones check` names them. A key is not entered by anybody, so a renewal raises no version and makes no event.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Update, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Base, Database
from app.core.name_key import normalized, number_key
from app.core.phone import phone_key
from app.core.pinyin import person_pinyin
from app.deals.models import Deal
from app.enterprises.models import Contact, Enterprise
from app.leads.models import Lead
from app.organizations.models import Official
from app.projects import vouchers
from app.projects.models import Project
from app.referrers import service as referrers
from app.referrers.models import Referrer

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A derived column `key` of a table, made from `column`, and from `also` where it needs a second."""

    model: type[Base]
    column: str
    key: str
    make: Callable[..., str | None]
    also: str | None = None

    @property
    def inputs(self) -> list[str]:
        return [name for name in (self.column, self.also) if name is not None]


STORED_KEYS: tuple[StoredKey, ...] = (
    StoredKey(Enterprise, "name", "name_normalized", normalized),
    StoredKey(Enterprise, "registration_no", "registration_key", number_key),
    StoredKey(Lead, "name", "name_normalized", normalized),
    StoredKey(Project, "name", "name_normalized", normalized),
    StoredKey(Project, "upstream_code", "upstream_key", number_key),
    StoredKey(Official, "name", "name_pinyin", person_pinyin),
    StoredKey(Referrer, "name", "name_normalized", normalized),
    StoredKey(Referrer, "name", "name_pinyin", referrers.pinyin, also="kind"),
    StoredKey(Contact, "phone", "phone_key", phone_key),
    StoredKey(Deal, "agreement_no", "agreement_key", number_key),
)


@dataclass(frozen=True, slots=True)
class Stale:
    """A row whose stored key is stale; `right` is the correct key, made from the values of `inputs`."""

    stored: StoredKey
    id: UUID
    right: str | None
    inputs: Mapping[str, Any]


async def _next_batch(session: AsyncSession, stored: StoredKey, after: UUID | None) -> tuple[UUID | None, list[Stale]]:
    """Returns the last id of the next batch in the order of ids, None where there are no more, and its stale rows."""
    table: Any = stored.model.__table__
    inputs = [table.c[name] for name in stored.inputs]
    query = select(table.c.id, table.c[stored.key], *inputs).order_by(table.c.id).limit(BATCH)
    if after is not None:
        query = query.where(table.c.id > after)
    rows = (await session.execute(query)).all()
    stale = [
        Stale(stored, row_id, right, dict(zip(stored.inputs, values, strict=True)))
        for row_id, key, *values in rows
        if (right := stored.make(*values)) != key
    ]
    return (rows[-1][0] if len(rows) == BATCH else None), stale


async def stale(session: AsyncSession) -> AsyncIterator[Stale]:
    """Yields every row whose key differs from what the code makes now."""
    for stored in STORED_KEYS:
        after: UUID | None = None
        while True:
            after, rows = await _next_batch(session, stored, after)
            for one in rows:
                yield one
            if after is None:
                break


async def renew(database: Database) -> int:
    """Renews stale keys, with one transaction for each batch, while others work. Returns how many were stale."""
    count = 0
    for stored in STORED_KEYS:
        after: UUID | None = None
        while True:
            async with database.writing() as session:
                after, rows = await _next_batch(session, stored, after)
                if rows:
                    await session.execute(_update(stored), [_values(one) for one in rows])
            count += len(rows)
            if after is None:
                break
    async with database.writing() as session:
        return count + await vouchers.renew(session)


def _values(one: Stale) -> dict[str, Any]:
    return {"row_id": one.id, "right": one.right, **{f"read_{name}": value for name, value in one.inputs.items()}}


def _update(stored: StoredKey) -> Update:
    """Returns the UPDATE of one key, of a row that still says what the key was made from: whoever has edited it
    meanwhile has made its key. It is not logged as a written row, for it writes a derived column."""
    table: Any = stored.model.__table__
    columns = [table.c[name] for name in stored.inputs]
    is_as_read = [
        column.is_not_distinct_from(bindparam(f"read_{column.name}", type_=column.type)) for column in columns
    ]
    changed = update(table).where(table.c.id == bindparam("row_id"), *is_as_read)
    changed = changed.values({stored.key: bindparam("right")})
    return changed.execution_options(writes_copies=True)
