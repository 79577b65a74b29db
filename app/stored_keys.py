"""Keys stored beside what they are made of: found where they differ from what the code makes now, and made anew.

A key changes with the code and with the tables of its libraries, so `five-ones migrate` makes them anew and
`five-ones check` names those that differ. A key is no statement of anybody's: no version is raised, no event made.
"""

from collections.abc import AsyncIterator, Callable
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
    """A column `key` of a table, made of its column `source`, and of `also` where it depends on a second."""

    model: type[Base]
    source: str
    key: str
    make: Callable[..., str | None]
    also: str | None = None


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
    """A row whose key is not `right`."""

    stored: StoredKey
    id: UUID
    right: str | None


async def _batches(session: AsyncSession, stored: StoredKey, after: UUID | None) -> tuple[UUID | None, list[Stale]]:
    """The stale ones of the next batch in the order of ids, and where it ends; None where there is no more."""
    table: Any = stored.model.__table__
    sources = [table.c[name] for name in (stored.source, stored.also) if name is not None]
    query = select(table.c.id, table.c[stored.key], *sources).order_by(table.c.id).limit(BATCH)
    if after is not None:
        query = query.where(table.c.id > after)
    rows = (await session.execute(query)).all()
    stale = [Stale(stored, row_id, right) for row_id, key, *source in rows if (right := stored.make(*source)) != key]
    return (rows[-1][0] if rows else None), stale


async def stale(session: AsyncSession) -> AsyncIterator[Stale]:
    """Every row whose key is not what the code makes of its source."""
    for stored in STORED_KEYS:
        after: UUID | None = None
        while True:
            after, found = await _batches(session, stored, after)
            if after is None:
                break
            for one in found:
                yield one


async def renew(database: Database) -> int:
    """Make stale keys anew, a transaction a batch; how many there were. Others may work meanwhile."""
    count = 0
    for stored in STORED_KEYS:
        after: UUID | None = None
        while True:
            async with database.writing() as session:
                after, found = await _batches(session, stored, after)
                if found:
                    await session.execute(_update(stored), [{"row_id": one.id, "right": one.right} for one in found])
            if after is None:
                break
            count += len(found)
    async with database.writing() as session:
        return count + await vouchers.renew(session)


def _update(stored: StoredKey) -> Update:
    table: Any = stored.model.__table__
    changed = update(table).where(table.c.id == bindparam("row_id")).values({stored.key: bindparam("right")})
    return changed.execution_options(writes_copies=True)
