"""Which tables and columns the sealed log vouches for; what is left out, and why.

Every table is vouched for that is not named here, with every column that is not named here: a new one need not be
entered. A text that may tell of a person must be, for the log can never be cleared.
"""

import enum
import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Enum,
    Integer,
    String,
    Table,
    Uuid,
    type_coerce,
)

from app.core.db import Base, UTCDateTime
from app.core.money import Money

LEFT_OUT = {
    "events": "the log itself",
    "written_rows": "the log itself",
    "security_events": "a log with seals of its own",
    "seals": "the chain itself",
    "prunings": "compared by `audit verify`",
    "knowledge_head": "a counter; `check` compares it",
    "code_counters": "a counter",
    "idempotency_keys": "answers kept for two days",
    "jobs": "work to do, no fact",
    "known_devices": "each is told of by a sealed security event, which `check` compares",
    "sessions": "each is told of by a sealed security event, which `check` compares",
    "sign_in_attempts": "a counter",
    "sign_on_arrivals": "whom a provider knows and we do not",
    "sign_on_uses": "attempts of the last minutes",
    "webhook_inbox": "messages as they came; what they did is vouched for",
    "webhook_objects": "another system's numbers",
    "webhook_messages": "a copy of events",
    "webhook_streams": "a counter",
    "webhook_deliveries": "work to do, no fact",
    "webhook_attempts": "work done, no fact",
}
"""Tables that are not vouched for, each with the reason."""

SINCE = {"job_schedules": "20261129201"}
"""By table that was there before it was vouched for, the revision since which it is: `five-ones migrate` then enters
its rows as they are found. A new table is entered nowhere."""

_EVERYWHERE = frozenset(
    {
        # raised by each event, which `check` compares
        "version",
        "created_at",
        "updated_at",
        # made of the name
        "name_normalized",
        "name_pinyin",
        "initials",
        # free text, which may tell of people
        "answer_note",
        "asked_by_name",
        "authority",
        "cadence",
        "changed_by_name",
        "confirmed_by_name",
        "description",
        "direct_entry_reason",
        "duplicate_ruling",
        "duty",
        "end_reason",
        "energy_note",
        "grounds",
        "handover_note",
        "next_step",
        "next_steps",
        "note",
        "override",
        "papers",
        "progress",
        "reason",
        "settled_by_name",
        "settled_reason",
        "summary",
    }
)
_MADE_OF = "_key"
"""How the names of columns end that the code makes of others (`app/stored_keys.py`); `check` compares them."""
_COLUMNS = {
    "api_tokens": {"name", "last_used_at"},
    "credentials": {"last_code_step"},
    "enterprise_contacts": {"name", "title", "phone", "email", "source", "purpose", "consent"},
    # moved by each firing; `check` compares the next one with the times that the row names
    "job_schedules": {"next_at", "last_at", "last_job_id"},
    # kept copies, which `check` computes anew
    "leads": {"answer_due_on", "assess_due_on", "due_on"},
    "officials": {"name", "phone"},
    "projects": {"due_on", "last_activity_on", "planned_total", "is_parent", "paused_days", "progress_on"}
    | {"stage", "stage_since", "status", "paused_on", "resume_expected_on", "landed_on"},
    "referrers": {"name", "organization", "appointment_no"},
    "users": {"display_name"},
    "webhook_endpoints": {"name", "url", "failures", "failing_since", "last_failed_at", "rests_until", "turn"}
    | {"turn_until", "served_at"},
    "webhook_sources": {"name"},
}
_FINGERPRINTS = {
    "api_tokens": {"token_hash"},
    "credentials": {"password_hash", "second_factor", "second_part"},
    "sign_on_identities": {"subject"},
    "webhook_endpoints": {"secret", "previous_secret", "next_secret"},
    "webhook_sources": {"secret", "previous_secret", "next_secret"},
}
"""Of these the log keeps a SHA-256. Each is salted, encrypted or random, but the subject, which an event tells of."""

Plain = Callable[[Any], Any]


def tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


@cache
def columns(table: Table) -> tuple[Column[Any], ...]:
    """The columns vouched for, those of the key first."""
    without = _EVERYWHERE | _COLUMNS.get(table.name, set())
    keys = tuple(table.primary_key)
    others = (column for column in table.c if not column.primary_key and not column.name.endswith(_MADE_OF))
    return keys + tuple(column for column in others if column.name not in without)


@cache
def names(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in columns(table))


def logged_row(table: Table, values: Any) -> list[Any]:
    """The values of a row, in the order of `columns`, as the log keeps them: the same on every database.

    A value may come as the database holds it (`raw`) or as the model has it.
    """
    return [
        value if how is None or value is None else how(value) for how, value in zip(_sayers(table), values, strict=True)
    ]


def logged_key(key: tuple[Any, ...]) -> list[Any]:
    """The key of a row as `logged_row` tells it."""
    return [_plain(value) for value in key]


@cache
def json_columns(table: Table) -> frozenset[str]:
    """Columns whose values have parts, which databases need not keep in their order."""
    return frozenset(column.name for column in table.c if isinstance(column.type, JSON))


def raw(column: Column[Any], *, is_sqlite: bool) -> ColumnElement[Any]:
    """The column as the database holds it, where that can be told as well: making an object of each value takes most of
    a walk over all rows, and of one that somebody has made invalid none can be made."""
    kind = column.type
    if isinstance(kind, Enum) or (is_sqlite and isinstance(kind, Uuid | Date | UTCDateTime)):
        return type_coerce(column, String)
    return type_coerce(column, BigInteger) if isinstance(kind, Money) else column


@cache
def _sayers(table: Table) -> tuple[Plain | None, ...]:
    """How to tell each column; None where the value is told as it is."""
    hidden = _FINGERPRINTS.get(table.name, set())
    return tuple(_fingerprint if column.name in hidden else _sayer(column) for column in columns(table))


def _sayer(column: Column[Any]) -> Plain | None:
    if isinstance(column.type, Enum):
        return _plain
    if isinstance(column.type, String | Integer | Boolean | JSON):
        return None
    if isinstance(column.type, Money):
        return _money
    return _moment if isinstance(column.type, UTCDateTime) else _plain


def _plain(value: Any) -> Any:
    how = _HOW.get(type(value))
    if how is not None:
        return how(value)
    if isinstance(value, UUID):  # a driver's own kind of it
        return value.hex
    return value.value if isinstance(value, enum.Enum) else value


_HOW: dict[type, Plain] = {
    str: lambda value: value,
    UUID: lambda value: value.hex,
    Decimal: lambda value: f"{value.normalize():f}",
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    date: lambda value: value.isoformat(),
}
_FEN_A_YUAN = 100
_TEXT_OF_A_MOMENT = 26
"""Characters in which SQLite keeps a moment: `2023-03-01 02:00:00.000000`, in UTC."""


def _money(value: Any) -> Any:
    """Yuan without trailing zeros, from fen or a Decimal of yuan."""
    if type(value) is not int:
        return _plain(value)
    yuan, fen = divmod(abs(value), _FEN_A_YUAN)
    said = f"{yuan}.{fen:02d}".rstrip("0").rstrip(".") if fen else str(yuan)
    return f"-{said}" if value < 0 else said


def _moment(value: Any) -> Any:
    if type(value) is not str:
        return _plain(value)
    if len(value) == _TEXT_OF_A_MOMENT:
        return f"{value[:10]}T{value[11:]}+00:00"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return _plain(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _fingerprint(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
