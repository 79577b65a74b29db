"""Names beside ids: a record that a row refers to is answered as `Ref`, so that no page asks for it again.

The names are joined to the rows of a page, after it was cut to its limit: a list with names takes one statement, and
the plan of the page does not depend on how many tables are named.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.base import ReadOnlyColumnCollection

_COLUMNS = ("id", "code", "name", "name_en", "short_name")

Answer = TypeVar("Answer", bound=BaseModel)


class Ref(BaseModel):
    """A record by its names. A record without a code, an English or a short name has null there."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str | None
    name: str
    name_en: str | None
    short_name: str | None


def of(record: Any) -> Ref:
    """Returns a record that is loaded, or a row of `by_name`, by its names."""
    return Ref(**{name: getattr(record, name, None) for name in _COLUMNS})


def by_name(model: Any) -> Select[*tuple[Any, ...]]:
    """Selects the names of records."""
    return select(*(getattr(model, name) for name in _COLUMNS if hasattr(model, name)))


async def find(
    session: AsyncSession, model: Any, record_id: UUID | None, *conditions: ColumnElement[bool]
) -> Ref | None:
    """Returns a record by its names, None where there is none or the conditions do not hold for it."""
    if record_id is None:
        return None
    row = (await session.execute(by_name(model).where(model.id == record_id, *conditions))).one_or_none()
    return None if row is None else of(row)


def read(schema: type[Answer], record: Any, **others: Any) -> Answer:
    """Returns a record that is loaded as a schema, with the fields that it has no columns for."""
    names = schema.model_fields.keys() - others.keys()
    return schema.model_validate({**{name: getattr(record, name) for name in names}, **others})


@dataclass(frozen=True)
class Reference:
    """A field of a row that names another record: the record of `model` whose id is in the column `key` of the row."""

    field: str
    key: str
    model: Any
    name: Callable[[Any], ColumnElement[Any]] | None = None
    """The current name of a record that bears another one's."""
    scope: Callable[[Any], ColumnElement[bool]] | None = None
    """The condition on the record that the reader sees it; out of scope it is not named."""

    @cached_property
    def is_label(self) -> bool:
        """Whether it is answered as `Label`, with its name in both languages, such as an industry."""
        return hasattr(self.model, "name_zh")

    def identity(self, record: Any) -> ColumnElement[Any]:
        """Returns the column that the key holds."""
        column: ColumnElement[Any] = record.code if self.is_label else record.id
        return column

    def columns(self, record: Any) -> dict[str, ColumnElement[Any]]:
        """Returns the columns that make up the answer, by their names in it."""
        if self.is_label:
            return {"code": record.code, "zh": record.name_zh, "en": record.name_en}
        columns = {name: getattr(record, name) for name in _COLUMNS if hasattr(self.model, name)}
        return columns if self.name is None else {**columns, "name": self.name(record)}

    @cached_property
    def joined_columns(self) -> dict[str, str]:
        """Returns the fields of the answer, by the joined columns that hold them."""
        return {f"{self.field}__{name}": name for name in self.columns(self.model)}


def columns(
    schema: type[BaseModel], model: Any, references: Sequence[Reference], *, without: Collection[str] = ()
) -> list[Any]:
    """Returns the columns of `model` that a schema has as fields: all but those that name other records, and those
    `without` a column."""
    others = {*without, *(reference.field for reference in references)}
    return [getattr(model, name) for name in schema.model_fields if name not in others]


def selected(
    schema: type[BaseModel], model: Any, references: Sequence[Reference], *, without: Collection[str] = ()
) -> Select[*tuple[Any, ...]]:
    """Selects the `columns` of single records with the names of what they refer to."""
    return joined(select(*columns(schema, model, references, without=without)), model.__table__.c, references)


def of_page(page: Subquery, references: Sequence[Reference]) -> Select[*tuple[Any, ...]]:
    """Selects the rows of a page and the names of the records they refer to."""
    return joined(select(*page.c), page.c, references)


def joined(
    statement: Select[*tuple[Any, ...]], keys: ReadOnlyColumnCollection[str, Any], references: Sequence[Reference]
) -> Select[*tuple[Any, ...]]:
    """Adds to a statement the names of the records whose ids are in `keys`, under the names that `named` reads."""
    for reference in references:
        record = aliased(reference.model, name=reference.field)
        is_meant = reference.identity(record) == keys[reference.key]
        if reference.scope is not None:
            is_meant = and_(is_meant, reference.scope(record))
        statement = statement.outerjoin(record, is_meant)
        statement = statement.add_columns(
            *(column.label(f"{reference.field}__{name}") for name, column in reference.columns(record).items())
        )
    return statement


def named(row: Row[*tuple[Any, ...]], references: Sequence[Reference]) -> dict[str, Any]:
    """Returns `all_named` of one row."""
    return all_named([row], references)[0]


def all_named(rows: Iterable[Row[*tuple[Any, ...]]], references: Sequence[Reference]) -> list[dict[str, Any]]:
    """Returns rows of one statement as dicts, with one dict for each reference in place of its joined columns; None
    where nothing is referred to. Where each value stands is worked out once, not for each row."""
    page = list(rows)
    if not page:
        return []
    place = {column: number for number, column in enumerate(page[0]._fields)}
    joined = [(reference.field, *_taken(reference, place)) for reference in references]
    own = [*place]
    values_of = itemgetter(*place.values(), _NULL, _NULL)  # at least two, so that it returns a tuple
    answers = []
    for row in page:
        values = (*row, None)
        answer = dict(zip(own, values_of(values), strict=False))
        for field, identity, columns, names_of in joined:
            is_named = values[identity] is not None
            answer[field] = dict(zip(columns, names_of(values), strict=True)) if is_named else None
        answers.append(answer)
    return answers


_NULL = -1
"""The place of a null behind the values of a row."""


def _taken(reference: Reference, place: dict[str, int]) -> tuple[int, tuple[str, ...], Callable[[Any], Any]]:
    """Takes the joined columns of a reference out of `place`. Returns where its identity stands, the names of its
    answer, and what takes their values from those of a row."""
    found = {name: place.pop(column) for column, name in reference.joined_columns.items()}
    names = tuple(found) if reference.is_label else _COLUMNS
    identity = found["code" if reference.is_label else "id"]
    return identity, names, itemgetter(*(found.get(name, _NULL) for name in names))
