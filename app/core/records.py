"""What every room does with a record: find it under lock, and apply an edit."""

import hashlib
import json
from typing import Any, TypeVar

from pydantic import BaseModel, Field
from pydantic_core import to_jsonable_python
from sqlalchemy import CursorResult, Select, Table, UpdateBase
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Base, Versioned
from app.core.errors import NotFound, Stale
from app.core.localized import Say

Record = TypeVar("Record")
VersionedRecord = TypeVar("VersionedRecord", bound=Versioned)

Changes = dict[str, Any]
"""`{field: [before, after]}`, ready for the event log."""


def _drop_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def unset() -> Any:
    """The default of a field in an edit: absent means untouched, and null is refused where a value must be."""
    return Field(None, json_schema_extra=_drop_default)


async def one(session: AsyncSession, query: Select[Record], what: Say) -> Record:
    """The only row of `query`. Raises NotFound."""
    record = (await session.scalars(query)).one_or_none()
    if record is None:
        raise NotFound.of(what)
    return record


async def locked(
    session: AsyncSession, query: Select[VersionedRecord], version: int | None, what: Say
) -> VersionedRecord:
    """The only row of `query`, locked and fresh. Raises NotFound, or Stale where `version` is not its own."""
    entity = query.column_descriptions[0]["entity"]
    query = query.with_for_update(key_share=True, of=entity).execution_options(populate_existing=True)
    record = await one(session, query, what)
    if version is not None and record.version != version:
        raise Stale(record.version)
    return record


async def held(session: AsyncSession, query: Select[Record], what: Say) -> Record:
    """The only row of `query`, locked and fresh: of a record that bears no version. Raises NotFound."""
    return await one(session, query.with_for_update().execution_options(populate_existing=True), what)


async def affected(session: AsyncSession, statement: UpdateBase) -> int:
    """How many rows an UPDATE or DELETE has touched. Rows that the session holds are not told."""
    result = await session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


def insert(session: AsyncSession, table: type[Base] | Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what to do on conflict, in the database's own dialect."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def plain(value: Any) -> Any:
    """A value as the event log keeps it."""
    return to_jsonable_python(value)


def digest(*values: Any) -> str:
    """SHA-256 of these values as the event log keeps them."""
    return hashlib.sha256(json.dumps(plain(values), ensure_ascii=False).encode()).hexdigest()


def apply(record: Any, edit: BaseModel, *, without: frozenset[str] = frozenset()) -> Changes:
    """Set what the client sent and return what it changed."""
    changes: Changes = {}
    for name in sorted(edit.model_fields_set - without):
        before, after = getattr(record, name), getattr(edit, name)
        if before != after:
            setattr(record, name, after)
            changes[name] = [plain(before), plain(after)]
    return changes
