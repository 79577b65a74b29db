"""The one writer for exports of lists: it walks the list itself, page by page in one snapshot, and writes what each row
answers, so that an export and its list cannot differ.

A list brings a `Sheet`: what is said above the rows, the heads, and the rows as text. `csv` writes a sheet; another
format is another function that takes a sheet.

The handler reads the first page itself, so that what the list refuses is answered as an error; the rest is read while
the answer is sent. An export therefore holds a connection as long as its client reads: at most half of them do.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, TypeVar, cast

from fastapi import Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.audit.models import SecurityEventType
from app.core import clock, knowledge, money, spreadsheet
from app.core.actor import Actor, scope_of
from app.core.db import Database, database
from app.core.error_handlers import wants_english
from app.core.errors import Unavailable
from app.core.localized import Label, Say, Word
from app.core.paging import ListQuery
from app.core.refs import Ref
from app.core.several import Several
from app.lists import conditions

PAGE = 500
"""Rows of the list read at once."""

CALIBER = Say("工作调度口径，非统计数据", "a working caliber, not statistics")
COLUMNS = "列，逗号分隔，缺省全部 / columns, separated by commas; all by default"
"""The description of the parameter that chooses columns."""

CSV: dict[str, Any] = {
    "response_class": StreamingResponse,
    "responses": {200: {"content": {"text/csv": {}}, "description": "CSV, UTF-8"}},
}
"""What the route of an export says of its answer."""

_YES, _NO = Say("是", "yes"), Say("否", "no")

Read = Callable[[Any], object]
"""Returns the value of a cell from a row of the list."""
Asked = TypeVar("Asked", bound=ListQuery)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is exported, before it has a format: all cells are texts."""

    notes: Sequence[Sequence[str]]
    heads: Sequence[str]
    pages: AsyncIterator[list[list[str]]]
    end: Callable[[int], Sequence[str]]
    """Returns the last line for a number of rows: without it, what was received is not whole."""


Prepare = Callable[[AsyncSession, "Language"], Awaitable[Sheet]]


class Language(NamedTuple):
    is_english: bool

    def pick(self, say: Any) -> str:
        """Returns the text of what has `zh` and `en`."""
        text: str = say.en if self.is_english else say.zh
        return text

    def text(self, value: object) -> str:
        """Returns a value as a cell shows it: names, amounts in yuan, days in ISO form, moments with their offset."""
        if value is None:
            return ""
        if isinstance(value, Word):
            return self.pick(value.say)
        if isinstance(value, Label | Say):
            return self.pick(value)
        if isinstance(value, Ref):
            return (self.is_english and value.name_en) or value.name
        if isinstance(value, bool):
            return self.pick(_YES if value else _NO)
        if isinstance(value, Decimal):
            return money.text(value)
        if isinstance(value, datetime):
            return value.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
        return value.isoformat() if isinstance(value, date) else str(value)


def _at(path: str, row: Any) -> Any:
    """Returns the attribute at a dotted path, None where a part of it is None."""
    for name in path.split("."):
        row = None if row is None else getattr(row, name)
    return row


def _readers(columns: Iterable[Word], special: Mapping[str, Read]) -> list[Read]:
    """Returns how to read each column: as `special` says, else the attribute of its code."""
    return [special.get(column.value) or partial(_at, column.value) for column in columns]


async def sheet(
    session: AsyncSession,
    actor: Actor,
    language: Language,
    *,
    what: Say,
    asked: BaseModel,
    columns: Iterable[Word],
    special: Mapping[str, Read],
    pages: AsyncIterator[Any],
    caliber: Say | Label = CALIBER,
    notes: Iterable[tuple[Say, object]] = (),
    known_at: datetime | None = None,
) -> Sheet:
    """Returns the sheet of a list. `pages` are its answers; `notes` are said besides scope, filter, day and moment."""
    columns = list(columns)
    readers = _readers(columns, special)
    known_at = await knowledge.known_at(session, known_at)
    told = await conditions.told(session, actor, asked, language.text)
    said: list[tuple[Say, object]] = [
        (Say("内容", "content"), what),
        (Say("口径", "caliber"), caliber),
        (Say("范围", "scope"), Say(scope_of(actor).zh, scope_of(actor).en)),
        *notes,
        *((Say("条件", "filter"), condition) for condition in told),
        (Say("业务日", "business day"), await clock.today(session)),
        (Say("数据截至", "known at"), clock.moment_text(known_at)),
    ]

    async def rows() -> AsyncIterator[list[list[str]]]:
        async for page in pages:
            yield [[language.text(read(row)) for read in readers] for row in page.items]

    return Sheet(
        notes=[["#", language.pick(name), language.text(value)] for name, value in said],
        heads=[language.pick(column.say) for column in columns],
        pages=rows(),
        end=lambda count: ["#", language.pick(Say("行数", "rows")), str(count)],
    )


def _filters(asked: BaseModel) -> dict[str, Any]:
    """Returns the parameters of a filter as they are sent."""
    return asked.model_dump(mode="json", exclude={"columns"}, exclude_none=True, by_alias=True)


async def walk(asked: Asked, find: Callable[[Asked], Awaitable[Any]]) -> AsyncIterator[Any]:
    """Yields the pages of a list, as it answers them."""
    while True:
        page = await find(asked)
        yield page
        if page.next_cursor is None:
            return
        asked = asked.model_copy(update={"cursor": page.next_cursor})


def listed(query: type[Asked], filter: BaseModel, pages: int = 1) -> Asked:
    """Returns the query of the list for the filter of an export, which was checked already. It asks for so many pages
    at once, where each page costs what all of them do."""
    given = {name: getattr(filter, name) for name in query.model_fields if hasattr(filter, name)}
    return cast(Asked, query.model_construct(**{**given, "limit": pages * PAGE}))


def chosen(columns: Several[Any] | None, all_of_them: type[Word]) -> list[Word]:
    """Returns the columns asked for, all by default."""
    return list(all_of_them if columns is None else columns)


async def csv(sheet: Sheet) -> AsyncIterator[str]:
    """Yields a sheet as CSV for a spreadsheet: what is said above and the first page together, then page by page."""
    text = spreadsheet.MARK + "".join(spreadsheet.line(note) for note in sheet.notes) + spreadsheet.line(sheet.heads)
    count = 0
    async for rows in sheet.pages:
        count += len(rows)
        yield text + "".join(spreadsheet.line(row) for row in rows)
        text = ""
    yield text + spreadsheet.line(sheet.end(count))


def places(database: Database) -> asyncio.Semaphore:
    """Returns the places for exports of this process: half of the connections that read, so that pages have theirs."""
    if "exports" not in database.remembered:
        database.remembered["exports"] = asyncio.Semaphore(max(1, database.settings.pool_size // 2))
    found: asyncio.Semaphore = database.remembered["exports"]
    return found


def prepared(sheet: Callable[..., Awaitable[Sheet]], actor: Actor, asked: BaseModel) -> Prepare:
    """Returns what makes the sheet once the session of the export is open."""
    return lambda session, language: sheet(session, actor, asked, language)


async def _chunks(database: Database, prepare: Prepare, language: Language) -> AsyncGenerator[str, None]:
    place = places(database)
    if place.locked():
        raise Unavailable
    async with place, database.snapshot(plans_by_value=True) as session:
        async for chunk in csv(await prepare(session, language)):
            yield chunk


async def respond(request: Request, actor: Actor, name: str, asked: BaseModel, prepare: Prepare) -> StreamingResponse:
    """Answers an export as CSV. It is in the security log before the first row leaves.

    Raises what the list raises, and Unavailable where all places for exports are taken.
    """
    language = Language(wants_english(request))
    chunks = _chunks(database(request), prepare, language)
    first = await anext(chunks)
    # A text searched for may be the name of a person, which no log keeps.
    filters = {**_filters(asked), **({"q": True} if getattr(asked, "q", None) is not None else {})}
    data = {"what": name, "filter": filters, "columns": str(getattr(asked, "columns", None) or "")}
    try:
        async with database(request).writing() as session:
            await trail.record(session, actor, SecurityEventType.list_exported, data=data)
    except BaseException:
        await chunks.aclose()
        raise

    async def all_chunks() -> AsyncIterator[str]:
        try:
            yield first
            async for chunk in chunks:
                yield chunk
        finally:
            await chunks.aclose()

    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Content-Language": "en" if language.is_english else "zh-CN",
        "Vary": "Accept-Language",
    }
    return StreamingResponse(all_chunks(), media_type="text/csv", headers=headers)
