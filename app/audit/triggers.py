"""The triggers that the migrations made, and those the database has.

`triggers.json` holds what the migrations make, by database; a test compares it with a migrated database and says how to
write it anew.
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
    """By name the SHA-256 of each trigger's text; on PostgreSQL also of whether it is on, and of its function."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    rows = await session.execute(text(_SQLITE if is_sqlite else _POSTGRESQL))
    return {name: hashlib.sha256(_plain(said).encode()).hexdigest() for name, said in rows}


def _plain(said: str) -> str:
    return re.sub(r"\s+", " ", said).strip()


@cache
def expected(dialect: str) -> dict[str, str]:
    """By name the SHA-256 of each trigger that the migrations make."""
    known: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return known[dialect]


async def broken(session: AsyncSession) -> list[tuple[str, str]]:
    """Kind (`trigger_missing`, `trigger_altered`, `trigger_added`) and name of each trigger that is not as it was made.

    One that somebody added, or a rule of PostgreSQL, could change what a transaction writes before the log reads it.
    """
    there = await present(session)
    wanted = expected(session.get_bind().dialect.name)
    missing = [("trigger_missing", name) for name in sorted(wanted.keys() - there.keys())]
    both = sorted(wanted.keys() & there.keys())
    altered = [("trigger_altered", name) for name in both if there[name] != wanted[name]]
    added = [("trigger_added", name) for name in sorted(there.keys() - wanted.keys())]
    return missing + altered + added
