"""What the value of a field of a record is: the id of another record, a word, an amount."""

import enum
from functools import cache
from typing import Any

from sqlalchemy import Column, Enum, Table

from app.core.localized import Word
from app.core.money import Money
from app.deals.models import Deal, DealFact
from app.enterprises.models import Enterprise
from app.leads.models import Lead
from app.organizations.models import Official, Post, Unit, UnitParent
from app.projects.models import Project
from app.referrers.models import Referrer
from app.taskforces.models import TaskForce

_TABLES: dict[str, tuple[Any, ...]] = {
    "project": (Project,),
    "lead": (Lead,),
    "deal": (Deal, DealFact),
    "enterprise": (Enterprise,),
    "unit": (Unit, UnitParent),
    "official": (Official, Post),
    "task_force": (TaskForce,),
    "referrer": (Referrer,),
}
_KINDS = {
    "projects": "project",
    "leads": "lead",
    "deals": "deal",
    "enterprises": "enterprise",
    "units": "unit",
    "officials": "official",
    "task_forces": "task_force",
    "referrers": "referrer",
    "industries": "industry",
    "stages": "stage",
    "evidence_kinds": "evidence_kind",
}
"""The kind of record that each table holds, by the name of the table."""
_HUNDREDTHS = frozenset({"land_area"})
"""Fields that are stored as money is and hold something else."""


def _column(record: str, field: str) -> Column[Any] | None:
    for model in _TABLES.get(record, ()):
        table: Table = model.__table__
        if field in table.c:
            return table.c[field]
    return None


@cache
def referred(record: str, field: str) -> str | None:
    """Returns the kind of record that a field holds the id of; None for another field."""
    column = _column(record, field)
    names = [key.target_fullname.partition(".")[0] for key in column.foreign_keys] if column is not None else []
    return next((_KINDS[name] for name in names if name in _KINDS), None)


@cache
def word(record: str, field: str) -> type[Word] | None:
    """Returns the words that a field holds one of; None for another field."""
    column = _column(record, field)
    if column is None or not isinstance(column.type, Enum):
        return None
    kind: type[enum.Enum] | None = column.type.enum_class
    return kind if kind is not None and issubclass(kind, Word) else None


@cache
def is_money(record: str, field: str) -> bool:
    """Returns whether a field holds an amount in yuan."""
    column = _column(record, field)
    return column is not None and isinstance(column.type, Money) and field not in _HUNDREDTHS
