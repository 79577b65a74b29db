"""Lists: keyset pages by row values, an opaque cursor, and a count capped at 10,000.

All keys of a sort have one direction, and the id breaks ties in the same one. Sort keys are never NULL: a nullable
column is wrapped as coalesce(column, literal) with an expression index of the same text.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, NoReturn, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, Subquery, bindparam, func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.core import refs
from app.core.clock import moment_text
from app.core.errors import Invalid
from app.core.localized import Word
from app.core.messages import message
from app.core.money import FEN, MAX_FEN
from app.core.several import Several

COUNT_CAP = 10_000

Item = TypeVar("Item")
Row = TypeVar("Row")


class Count(BaseModel):
    """The number of rows. With `capped` there are at least `value`."""

    value: int
    capped: bool


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None = Field(description="下一页的游标；没有下一页时为 null / null on the last page")
    count: Count | None = Field(None, description="符合条件的行数，以 with=count 索取 / where asked for by with=count")

    def of(self, rows: Iterable[Row]) -> "Page[Row]":
        """Returns the page with other rows, such as the same ones with more fields."""
        return Page(items=list(rows), next_cursor=self.next_cursor, count=self.count)


class With(Word):
    """What a list answers besides its page, because it costs a statement."""

    row_count = "count", "行数", "number of rows"


class ListQuery(BaseModel):
    """The query parameters of every list. Subclasses add their filters and their `sort`."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="一页的行数 / rows of a page")
    cursor: str | None = Field(
        None, max_length=2000, description="上一页给出的 next_cursor / `next_cursor` of the page before"
    )
    with_: Several[With] | None = Field(
        None, alias="with", description="count：一并给出符合条件的行数，最多数到 10,000 / counts the rows, up to 10,000"
    )

    @property
    def wants_count(self) -> bool:
        return self.with_ is not None and With.row_count in self.with_

    def filters(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={"limit", "cursor", "with_"}, exclude_none=True)


@dataclass(frozen=True, slots=True)
class Order:
    """A sort: its keys, all in one direction; the last one is unique."""

    keys: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]]
    descending: bool = False

    @classmethod
    def by(cls, sort: str, columns: Mapping[str, Any], last: InstrumentedAttribute[Any]) -> "Order":
        """Returns the order that a client asked for: a name in `columns`, with a leading minus for descending."""
        return cls([columns[sort.removeprefix("-")], last], descending=sort.startswith("-"))


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows, before they become schemas."""

    rows: Sequence[Any]
    """Rows of the statement; where names were asked for, dicts with a dict for each reference."""
    next_cursor: str | None


def _refuse(kind: str) -> NoReturn:
    raise Invalid.field("?cursor", kind, message(kind, None))


def _list_hash(name: str, filters: Mapping[str, Any]) -> str:
    """Returns a hash of a list and its filters, by which a cursor of another list is refused."""
    plain = json.dumps([name, filters], sort_keys=True, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _write(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, UUID | date | Decimal):
        return str(value)
    return value


def _read_moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)  # OverflowError at the edges of the calendar


def _read_amount(value: str) -> Decimal:
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount) > MAX_FEN or amount != amount.quantize(FEN):
        raise ValueError
    return amount


def _read_text(value: str) -> str:
    value.encode("utf-8")
    if "\x00" in value:
        raise ValueError
    return value


_READERS: dict[type[Any], Callable[[str], Any]] = {
    datetime: _read_moment,
    date: date.fromisoformat,
    Decimal: _read_amount,
    UUID: UUID,
    str: _read_text,
}


def _read(value: Any, kind: type[Any]) -> Any:
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return value
    if not isinstance(value, str) or kind not in _READERS:
        raise ValueError
    return _READERS[kind](value)


def encode(name: str, filters: Mapping[str, Any], values: Sequence[Any], pin: str | None = None) -> str:
    """Returns the cursor after the row with these key values; `pin` is the moment that it pins."""
    document = {"m": _list_hash(name, filters), "k": [_write(value) for value in values], "p": pin}
    packed = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _unpack(cursor: str) -> dict[str, Any]:
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        document = json.loads(packed)
    except (binascii.Error, ValueError, RecursionError):
        _refuse("cursor_broken")
    if not isinstance(document, dict) or not isinstance(document.get("k"), list):
        _refuse("cursor_broken")
    return document


def pinned(cursor: str | None) -> datetime | None:
    """Returns the moment that a cursor pins (the known_at of its first page). Raises Invalid where it is broken."""
    if cursor is None:
        return None
    pin = _unpack(cursor).get("p")
    if not isinstance(pin, str):
        return None
    try:
        return _read_moment(pin)
    except (ValueError, OverflowError):
        _refuse("cursor_broken")


def decode(name: str, filters: Mapping[str, Any], cursor: str, kinds: Sequence[type[Any]]) -> list[Any]:
    """Returns the key values in a cursor. Raises Invalid where it is broken or of another list."""
    document = _unpack(cursor)
    if document.get("m") != _list_hash(name, filters):
        _refuse("cursor_foreign")
    values = document["k"]
    if len(values) != len(kinds):
        _refuse("cursor_broken")
    try:
        return [_read(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        _refuse("cursor_broken")


def _after(order: Order) -> list[ColumnElement[bool]]:
    """Returns the conditions of the rows that follow the row whose key values are bound as `after_0`, `after_1`…"""
    keys = _keys(order)
    bounds = [bindparam(f"after_{number}", type_=key.type) for number, key in enumerate(keys)]
    here, there = tuple_(*keys), tuple_(*bounds)
    conditions: list[ColumnElement[bool]] = [here < there if order.descending else here > there]
    if not isinstance(order.keys[0], InstrumentedAttribute):
        # SQLite does not seek on an expression by row value; the plain bound lets it.
        conditions.append(keys[0] <= bounds[0] if order.descending else keys[0] >= bounds[0])
    return conditions


def _keys(order: Order) -> list[ColumnElement[Any]]:
    return [key.expression if isinstance(key, InstrumentedAttribute) else key for key in order.keys]


More = Callable[[Subquery], Select[*tuple[Any, ...]]]
"""Selects the rows of a page that was cut already with further columns, computed for its rows alone."""


def filled(page: Subquery, names: Sequence[refs.Reference], more: More | None) -> Select[*tuple[Any, ...]]:
    """Selects the rows of a page that was cut already, with further columns and with the names of what they refer
    to."""
    if more is not None:
        page = more(page).subquery("shown")
    return refs.of_page(page, names)


def statement(
    query: Select[*tuple[Any, ...]],
    order: Order,
    names: Sequence[refs.Reference] = (),
    more: More | None = None,
    *,
    limit: int,
    is_next: bool,
) -> Select[*tuple[Any, ...]]:
    """Returns the statement of a page of `query`, for `fetch`, and for a page that is not the first (`is_next`), with
    the keys of the row before it as parameters. The limit is spelled out, so that PostgreSQL plans for it."""
    keys = _keys(order)
    page = query.add_columns(*(key.label(f"key_{number}") for number, key in enumerate(keys)))
    if is_next:
        page = page.where(*_after(order))
    page = page.order_by(*(key.desc() if order.descending else key.asc() for key in keys))
    page = page.limit(literal_column(str(limit + 1)))
    if names:
        page = filled(page.subquery("page"), names, more)
        cut_keys = [page.selected_columns[f"key_{number}"] for number in range(len(keys))]
        page = page.order_by(*(key.desc() if order.descending else key for key in cut_keys))
    return page


async def fetch(
    session: AsyncSession,
    page: Select[*tuple[Any, ...]],
    order: Order,
    *,
    name: str,
    limit: int,
    cursor: str | None,
    filters: Mapping[str, Any],
    pin: str | None = None,
    names: Sequence[refs.Reference] = (),
    values: Mapping[str, Any] | None = None,
) -> Slice:
    """Returns the rows of a page by its `statement`; `values` are those of parameters of its own. Raises Invalid (422)
    for a cursor that is broken or of another list."""
    keys = _keys(order)
    parameters = dict(values or {})
    if cursor is not None:
        after = decode(name, filters, cursor, [key.type.python_type for key in keys])
        parameters |= {f"after_{number}": value for number, value in enumerate(after)}
    # Rows of a page are no objects of the session: its connection reads them with half the work.
    fetched = (await (await session.connection()).execute(page, parameters)).all()
    next_cursor = None
    if len(fetched) > limit:
        last = fetched[limit - 1]
        next_cursor = encode(name, filters, [last._mapping[f"key_{i}"] for i in range(len(keys))], pin)
    part = fetched[:limit]
    return Slice(refs.all_named(part, names) if names else part, next_cursor)


async def rows(
    session: AsyncSession,
    query: Select[*tuple[Any, ...]],
    order: Order,
    *,
    name: str,
    limit: int,
    cursor: str | None,
    filters: Mapping[str, Any],
    pin: str | None = None,
    names: Sequence[refs.Reference] = (),
) -> Slice:
    """Returns one page of `query`, with the names of the records that its rows refer to. Raises Invalid (422) for a
    cursor that is broken or of another list."""
    page = statement(query, order, names, limit=limit, is_next=cursor is not None)
    return await fetch(
        session, page, order, name=name, limit=limit, cursor=cursor, filters=filters, pin=pin, names=names
    )


async def pinned_rows(
    session: AsyncSession,
    query: Select[*tuple[Any, ...]],
    order: Order,
    asked: ListQuery,
    name: str,
    known_at: datetime,
    names: Sequence[refs.Reference] = (),
) -> Slice:
    """Returns one page of rows as known at a moment, which the cursor pins for all further pages."""
    filters = asked.model_dump(mode="json", exclude={"limit", "cursor", "with_", "known_at"})
    pin = moment_text(known_at)
    return await rows(
        session, query, order, name=name, limit=asked.limit, cursor=asked.cursor, filters=filters, pin=pin, names=names
    )


async def count(session: AsyncSession, query: Select[*tuple[Any, ...]]) -> Count:
    """Returns the number of rows, counted up to the cap."""
    capped = (
        query.with_only_columns(literal_column("1"), maintain_column_froms=True)
        .order_by(None)
        .limit(COUNT_CAP + 1)
        .subquery()
    )
    total = await session.scalar(select(func.count()).select_from(capped)) or 0
    return Count(value=min(total, COUNT_CAP), capped=total > COUNT_CAP)


async def page(
    session: AsyncSession,
    query: Select[*tuple[Any, ...]],
    order: Order,
    asked: ListQuery,
    name: str,
    read: Callable[[Any], Item],
    names: Sequence[refs.Reference] = (),
) -> Page[Item]:
    """Returns a page of schemas, and the count where it is asked for. With it, needs a SnapshotSession: page and count
    are two statements."""
    part = await rows(
        session,
        query,
        order,
        name=name,
        limit=asked.limit,
        cursor=asked.cursor,
        filters=asked.filters(),
        names=names,
    )
    return Page(
        items=[read(row) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await count(session, query) if asked.wants_count else None,
    )
