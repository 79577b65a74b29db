"""Which records are indexed, and the condition on them that they are found.

A room says in its models what is indexed of its records, with `register`. `matches` is the condition for the `q` of a
list. A record is found by what it is called itself, and through the record in a column of `via`: a project by the
investor's present name, which is therefore stored once, and followed by all at a change.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    String,
    Table,
    and_,
    bindparam,
    case,
    false,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from app.search import keys
from app.search.keys import Match, Needle, Style
from app.search.models import FULL_TEXT, Grams, SearchEntry

Fields = Iterable[tuple[Match, Style, str | None]]


@dataclass(frozen=True, slots=True)
class Source:
    """The records of one kind, and what of them is indexed."""

    kind: str
    model: Any
    columns: tuple[str, ...]
    """The columns that `fields` needs."""
    fields: Callable[[Any], Fields]
    via: tuple[tuple[str, str], ...] = ()
    """Columns with the id of a record, and its kind, under whose names it is found too."""

    @property
    def table(self) -> Table:
        table: Table = self.model.__table__
        return table


SOURCES: dict[str, Source] = {}
"""By kind."""


def register(
    kind: str, model: Any, fields: dict[str, tuple[Match, Style]], *, via: tuple[tuple[str, str], ...] = ()
) -> None:
    """Registers the records of a model, with the columns that are indexed."""
    _register(Source(kind, model, tuple(fields), lambda row: _fields(fields, row), via))


def _fields(fields: dict[str, tuple[Match, Style]], row: Any) -> Fields:
    return [(match, style, getattr(row, name)) for name, (match, style) in fields.items()]


def register_by(
    kind: str,
    model: Any,
    columns: tuple[str, ...],
    fields: Callable[[Any], Fields],
    *,
    via: tuple[tuple[str, str], ...] = (),
) -> None:
    """As `register`, where what is indexed depends on the record."""
    _register(Source(kind, model, columns, fields, via))


def _register(source: Source) -> None:
    SOURCES[source.kind] = source


class _holds_one(FunctionElement[Any]):  # noqa: N801
    """Whether the array of grams, the first argument, holds all those of one of the lists from the third on. The second
    is the row's number."""

    inherit_cache = True
    type = NullType()  # of a Boolean, SQLAlchemy would ask on SQLite whether it is 1, which no index answers


@compiles(_holds_one, "postgresql")
def _holds_on_postgresql(element: _holds_one, compiler: SQLCompiler, **options: Any) -> str:
    grams, _, *lists = (compiler.process(clause, **options) for clause in element.clauses)
    return "(" + " OR ".join(f"{grams} @> {sought}" for sought in lists) + ")"


@compiles(_holds_one, "sqlite")
def _holds_on_sqlite(element: _holds_one, compiler: SQLCompiler, **options: Any) -> str:
    _, number, *lists = (compiler.process(clause, **options) for clause in element.clauses)
    words = " || ' OR ' || ".join(f"'(' || {sought} || ')'" for sought in lists)
    return f"{number} IN (SELECT rowid FROM {FULL_TEXT} WHERE {FULL_TEXT} MATCH {words})"


class place_of(FunctionElement[int]):  # noqa: N801
    """The place of the second text in the first, from 1; 0 where it is no part of it. Compared by characters as they
    are, on both databases."""

    inherit_cache = True
    type = Integer()


@compiles(place_of, "postgresql")
def _place_on_postgresql(element: place_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(place_of, "sqlite")
def _place_on_sqlite(element: place_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


class Bound(NamedTuple):
    """A needle in a statement: its texts and grams as parameters."""

    text: ColumnElement[str]
    grams: ColumnElement[Any]
    whole: ColumnElement[str]
    start: ColumnElement[str]


def bound(needle: Needle, kind: str) -> Bound:
    """Returns a needle with its values, to find records of a kind."""
    grams = literal([*needle.grams, keys.kind_gram(kind)], Grams())
    return Bound(literal(needle.text), grams, literal(needle.whole), literal(needle.start))


def places(count: int, kind: str = "") -> list[Bound]:
    """Returns the places of so many needles, for a statement that is built once; `values` fills them. With a kind, they
    find its records alone."""
    return [
        Bound(
            bindparam(f"text_{place}{kind}", type_=String),
            bindparam(f"grams_{place}{kind}", type_=Grams()),
            bindparam(f"whole_{place}{kind}", type_=String),
            bindparam(f"start_{place}{kind}", type_=String),
        )
        for place in range(count)
    ]


def values(needles: Sequence[Needle]) -> dict[str, Any]:
    return {
        f"{name}_{place}": value for place, needle in enumerate(needles) for name, value in needle._asdict().items()
    }


def _has(text: ColumnElement[str]) -> ColumnElement[bool]:
    return place_of(SearchEntry.lines, text) > 0


def found(needles: Sequence[Bound]) -> ColumnElement[bool]:
    """Returns the condition on an entry that one of the needles is part of it."""
    is_held = _holds_one(SearchEntry.grams, SearchEntry.number, *(needle.grams for needle in needles))
    return and_(is_held, or_(*(_has(needle.text) for needle in needles)))


def holding(kind: str, texts: Iterable[str]) -> ColumnElement[bool]:
    """Returns the condition on an entry of a kind that it has the grams of one of the texts, of two characters or more.
    Whoever asks checks the text itself."""
    lists = [literal([*grams, keys.kind_gram(kind)], Grams()) for grams in map(keys.grams_of_part, texts)]
    return and_(SearchEntry.kind == kind, _holds_one(SearchEntry.grams, SearchEntry.number, *lists))


WHOLE, START, PART = 0, 1, 2


def rank(needles: Sequence[Bound]) -> ColumnElement[int]:
    """Returns how well an entry was found: as a whole line, at the start of one, or as a part."""
    is_whole = or_(*(_has(needle.whole) for needle in needles))
    is_start = or_(*(_has(needle.start) for needle in needles))
    return case((is_whole, WHOLE), (is_start, START), else_=PART)


def _of_kind(kind: str, needles: Sequence[Bound]) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions on an entry that it is of a kind and found."""
    return SearchEntry.kind == kind, found(needles)


def matches(kind: str, q: str) -> ColumnElement[bool]:
    """Returns the condition on the id of a record of this kind that it is found by what somebody typed."""
    needles = keys.sought(q)
    return _matches(kind, lambda of: [bound(needle, of) for needle in needles]) if needles else false()


def matches_places(kind: str, count: int) -> ColumnElement[bool]:
    """Returns the same condition for a statement that is built once, with the places of so many needles; `values_of`
    fills them."""
    return _matches(kind, lambda of: places(count, of)) if count else false()


def values_of(kind: str, needles: Sequence[Needle]) -> dict[str, Any]:
    """Returns the values of the places of `matches_places`."""
    kinds = (kind, *(other for _, other in SOURCES[kind].via))
    return {
        f"{name}_{place}{of}": value
        for of in kinds
        for place, needle in enumerate(needles)
        for name, value in (("text", needle.text), ("grams", [*needle.grams, keys.kind_gram(of)]))
    }


def _matches(kind: str, needles: Callable[[str], Sequence[Bound]]) -> ColumnElement[bool]:
    is_found: ColumnElement[bool] = SOURCES[kind].model.id.in_(_ids(kind, needles))
    return is_found


def found_ids(kind: str, needles: Sequence[Needle]) -> Any:
    """Selects the ids of the records of a kind that are found by one of the needles."""
    return _ids(kind, lambda of: [bound(needle, of) for needle in needles])


def _ids(kind: str, needles: Callable[[str], Sequence[Bound]]) -> Any:
    """Selects the same ids, given the needles of each kind whose names are looked at."""
    source = SOURCES[kind]
    record_ids = [select(SearchEntry.record_id).where(*_of_kind(kind, needles(kind)))]
    for column, other in source.via:
        found_by = select(source.model.id).join(SearchEntry, SearchEntry.record_id == getattr(source.model, column))
        record_ids.append(found_by.where(*_of_kind(other, needles(other))))
    return union_all(*record_ids) if len(record_ids) > 1 else record_ids[0]


def looked_up(kind: str, count: int) -> ColumnElement[bool]:
    """As `matches_places`, by looking at the names of each row: for a list that walks its order until a page is full,
    where very many records are found."""
    source = SOURCES[kind]

    def is_found(record_id: Any, of: str) -> ColumnElement[bool]:
        # As a boolean, of which PostgreSQL expects half to hold, so that it walks the order. `=` would be thought rare.
        is_part = or_(*(_has(needle.text) for needle in places(count, of)))
        entry = select(is_part).where(SearchEntry.record_id == record_id, SearchEntry.kind == of)
        return type_coerce(entry.correlate(source.model).scalar_subquery(), Boolean)

    through = [is_found(getattr(source.model, column), other) for column, other in source.via]
    return or_(is_found(source.model.id, kind), *through) if count else false()
