"""Names beside ids: a record that a row refers to is answered as `Ref`, so that no page asks for it again.

The names are joined to the rows of a page, after it was cut to its limit: a list with names takes one statement, and
the plan of the page does not depend on how many tables are named.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Select, Subquery, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.base import ReadOnlyColumnCollection

_COLUMNS = ("id", "code", "name", "name_en", "short_name")
_NOTHING = dict.fromkeys(_COLUMNS)


class Ref(BaseModel):
    """A record by its names. A record without a code, an English or a short name has null there."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    code: str | None
    name: str
    name_en: str | None
    short_name: str | None


@dataclass(frozen=True)
class Reference:
    """A field of a row that names another record: the record of `model` whose id is in the column `key` of the row."""

    field: str
    key: str
    model: Any
    name: Callable[[Any], ColumnElement[Any]] | None = None
    """The current name of a record that bears another one's."""

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


def of_page(page: Subquery, references: Sequence[Reference]) -> Select[*tuple[Any, ...]]:
    """Selects the rows of a page and the names of the records they refer to."""
    return joined(select(*page.c), page.c, references)


def joined(
    statement: Select[*tuple[Any, ...]], keys: ReadOnlyColumnCollection[str, Any], references: Sequence[Reference]
) -> Select[*tuple[Any, ...]]:
    """Adds to a statement the names of the records whose ids are in `keys`, under the names that `named` reads."""
    for reference in references:
        record = aliased(reference.model, name=reference.field)
        statement = statement.outerjoin(record, reference.identity(record) == keys[reference.key])
        columns = reference.columns(record)
        statement = statement.add_columns(
            *(column.label(f"{reference.field}__{name}") for name, column in columns.items())
        )
    return statement


def named(values: dict[str, Any], references: Sequence[Reference]) -> dict[str, Any]:
    """Puts in place of the joined columns one dict for each reference, None where nothing is referred to. Returns the
    values."""
    for reference in references:
        record = {name: values.pop(column) for column, name in reference.joined_columns.items()}
        if record["code" if reference.is_label else "id"] is None:
            values[reference.field] = None
        else:
            values[reference.field] = record if reference.is_label else {**_NOTHING, **record}
    return values
