"""Compares the triggers of the database with those that the migrations make.

`triggers.json` holds the latter, by database; a test compares it with a migrated database and explains how to write it
again.
"""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FILE = Path(__file__).with_name("triggers.json")

_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL = (
    "SELECT t.tgname, concat_ws(' ', t.tgenabled::text, pg_get_triggerdef(t.oid), p.prosrc) FROM pg_trigger t"
    " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
    " UNION ALL SELECT 'rule ' || rulename, definition FROM pg_rules WHERE schemaname = current_schema()"
)


async def present(session: AsyncSession) -> dict[str, str]:
    """Returns by name the SHA-256 of each trigger: of its text, on PostgreSQL also of its state and its function."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    rows = await session.execute(text(_SQLITE if is_sqlite else _POSTGRESQL))
    return {name: hashlib.sha256(_one_line(definition).encode()).hexdigest() for name, definition in rows}


def _one_line(definition: str) -> str:
    return re.sub(r"\s+", " ", definition).strip()


@cache
def expected(dialect: str) -> dict[str, str]:
    """Returns by name the SHA-256 of each trigger that the migrations make."""
    by_dialect: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return by_dialect[dialect]


async def broken(session: AsyncSession) -> list[tuple[str, str]]:
    """Returns (`trigger_missing`, `trigger_altered` or `trigger_added`, name) of each trigger that differs.

    An added trigger, or a rule of PostgreSQL, could change the rows of a transaction before the log reads them.
    """
    actual = await present(session)
    wanted = expected(session.get_bind().dialect.name)
    missing = [("trigger_missing", name) for name in sorted(wanted.keys() - actual.keys())]
    both = sorted(wanted.keys() & actual.keys())
    altered = [("trigger_altered", name) for name in both if actual[name] != wanted[name]]
    added = [("trigger_added", name) for name in sorted(actual.keys() - wanted.keys())]
    return missing + altered + added
