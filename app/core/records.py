"""Helpers for the records of every room: read under lock, apply an edit, insert or count rows."""

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
    """Returns the default of a field in an edit: absent means unchanged; null is refused where a value is required."""
    return Field(None, json_schema_extra=_drop_default)


async def one(session: AsyncSession, query: Select[Record], what: Say) -> Record:
    """Returns the only row of `query`. Raises NotFound."""
    record = (await session.scalars(query)).one_or_none()
    if record is None:
        raise NotFound.of(what)
    return record


async def locked(
    session: AsyncSession, query: Select[VersionedRecord], version: int | None, what: Say
) -> VersionedRecord:
    """Returns the only row of `query`, locked and reloaded. Raises NotFound, or Stale where it has another version."""
    entity = query.column_descriptions[0]["entity"]
    query = query.with_for_update(key_share=True, of=entity).execution_options(populate_existing=True)
    record = await one(session, query, what)
    if version is not None and record.version != version:
        raise Stale(record.version, record=record, asked=version)
    return record


async def held(session: AsyncSession, query: Select[Record], what: Say) -> Record:
    """Returns the only row of `query`, locked and reloaded, for a record without version. Raises NotFound."""
    return await one(session, query.with_for_update().execution_options(populate_existing=True), what)


async def affected(session: AsyncSession, statement: UpdateBase) -> int:
    """Runs an UPDATE or DELETE and returns how many rows it touched. Objects of the session are not refreshed."""
    result = await session.execute(statement, execution_options={"synchronize_session": False})
    assert isinstance(result, CursorResult)
    return result.rowcount


def insert(session: AsyncSession, table: type[Base] | Table) -> sqlite.Insert | postgresql.Insert:
    """Returns an INSERT in the dialect of the database, which allows ON CONFLICT."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


def plain(value: Any) -> Any:
    """Returns a value in the JSON form of the event log."""
    return to_jsonable_python(value)


def digest(*values: Any) -> str:
    """Returns the SHA-256 of values in the JSON form of the event log."""
    return hashlib.sha256(json.dumps(plain(values), ensure_ascii=False).encode()).hexdigest()


def apply(record: Any, edit: BaseModel, *, without: frozenset[str] = frozenset()) -> Changes:
    """Sets the fields that the client sent. Returns those that changed."""
    changes: Changes = {}
    for name in sorted(edit.model_fields_set - without):
        before, after = getattr(record, name), getattr(edit, name)
        if before != after:
            setattr(record, name, after)
            changes[name] = [plain(before), plain(after)]
    return changes
