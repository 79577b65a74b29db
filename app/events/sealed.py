"""The tables and columns whose values the sealed log holds, and those that are left out, with the reason.

All tables and columns are included unless named here, so a new one needs no entry. A text that may hold personal data
must be named, because the log can never be cleared.
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
    "search_entries": "derived from names and codes; `check` compares it",
    "security_events": "a log with seals of its own",
    "saved_views": "personal settings, no fact",
    "seals": "the chain itself",
    "prunings": "compared by `audit verify`",
    "knowledge_head": "a counter; `check` compares it",
    "code_counters": "a counter",
    "idempotency_keys": "answers kept for two days",
    "jobs": "work to do, no fact",
    "preferences": "how pages look to one person, no fact",
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
"""Tables that are not in the log, each with the reason."""

SINCE: dict[str, str] = {}
"""By table that is older than its inclusion, the revision that included it: `five-ones migrate` then logs its present
rows. A new table needs no entry."""

_EVERYWHERE = frozenset(
    {
        # raised with each event; `check` compares them
        "version",
        "created_at",
        "updated_at",
        # derived from the name
        "name_normalized",
        "name_pinyin",
        "initials",
        # free text, which may hold personal data
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
        "return_reason",
        "settled_by_name",
        "settled_reason",
        "summary",
    }
)
_DERIVED_SUFFIX = "_key"
"""The end of the names of columns that the code derives from others (`app/stored_keys.py`); `check` compares them."""
_COLUMNS = {
    "api_tokens": {"name", "last_used_at"},
    "credentials": {"last_code_step"},
    "displays": {"name", "last_used_at"},
    "enterprise_contacts": {"name", "title", "phone", "email", "source", "purpose", "consent"},
    # changed by each run; `check` compares `next_at` with the cron expression
    "job_schedules": {"next_at", "last_at", "last_job_id"},
    # derived columns, which `check` recomputes
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
    "displays": {"code_hash", "token_hash"},
    "sign_on_identities": {"subject"},
    "webhook_endpoints": {"secret", "previous_secret", "next_secret"},
    "webhook_sources": {"secret", "previous_secret", "next_secret"},
}
"""Of these the log holds a SHA-256. All are salted, encrypted or random, except the subject, which an event names."""

Convert = Callable[[Any], Any]


def tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


@cache
def columns(table: Table) -> tuple[Column[Any], ...]:
    """Returns the columns in the log, those of the primary key first."""
    without = _EVERYWHERE | _COLUMNS.get(table.name, set())
    keys = tuple(table.primary_key)
    others = (column for column in table.c if not column.primary_key and not column.name.endswith(_DERIVED_SUFFIX))
    return keys + tuple(column for column in others if column.name not in without)


@cache
def names(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in columns(table))


def logged_row(table: Table, values: Any) -> list[Any]:
    """Returns the values of a row as the log holds them, in the order of `columns`: the same on every database.

    A value may be in the form of the database (`raw`) or of the model.
    """
    return [
        value if convert is None or value is None else convert(value)
        for convert, value in zip(_converters(table), values, strict=True)
    ]


def logged_key(key: tuple[Any, ...]) -> list[Any]:
    """Returns the primary key of a row as the log holds it."""
    return [_plain(value) for value in key]


@cache
def json_columns(table: Table) -> frozenset[str]:
    """Returns the names of JSON columns, whose parts a database may reorder."""
    return frozenset(column.name for column in table.c if isinstance(column.type, JSON))


def raw(column: Column[Any], *, is_sqlite: bool) -> ColumnElement[Any]:
    """Returns the column in the form of the database, where `logged_row` can convert it. Building an object of each
    value takes most of the time of reading all rows, and fails for a value that somebody made invalid."""
    kind = column.type
    if isinstance(kind, Enum) or (is_sqlite and isinstance(kind, Uuid | Date | UTCDateTime)):
        return type_coerce(column, String)
    return type_coerce(column, BigInteger) if isinstance(kind, Money) else column


@cache
def _converters(table: Table) -> tuple[Convert | None, ...]:
    """Returns the conversion of each column for the log; None where the value is logged as it is."""
    hidden = _FINGERPRINTS.get(table.name, set())
    return tuple(_fingerprint if column.name in hidden else _converter(column) for column in columns(table))


def _converter(column: Column[Any]) -> Convert | None:
    if isinstance(column.type, Enum):
        return _plain
    if isinstance(column.type, String | Integer | Boolean | JSON):
        return None
    if isinstance(column.type, Money):
        return _money
    return _moment if isinstance(column.type, UTCDateTime) else _plain


def _plain(value: Any) -> Any:
    convert = _CONVERT.get(type(value))
    if convert is not None:
        return convert(value)
    if isinstance(value, UUID):  # a subclass of the driver
        return value.hex
    return value.value if isinstance(value, enum.Enum) else value


_CONVERT: dict[type, Convert] = {
    str: lambda value: value,
    UUID: lambda value: value.hex,
    Decimal: lambda value: f"{value.normalize():f}",
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
    date: lambda value: value.isoformat(),
}
_FEN_A_YUAN = 100
_TEXT_OF_A_MOMENT = 26
"""Length of a moment in SQLite: `2023-03-01 02:00:00.000000`, in UTC."""


def _money(value: Any) -> Any:
    """Returns yuan without trailing zeros, from fen (int) or yuan (Decimal)."""
    if type(value) is not int:
        return _plain(value)
    yuan, fen = divmod(abs(value), _FEN_A_YUAN)
    text = f"{yuan}.{fen:02d}".rstrip("0").rstrip(".") if fen else str(yuan)
    return f"-{text}" if value < 0 else text


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
