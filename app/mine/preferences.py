"""What a user has set for the pages: one JSON object, which the pages alone understand."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Invalid, Stale
from app.core.localized import Say
from app.core.records import affected, insert
from app.mine.models import Preferences
from app.mine.schemas import PreferencesRead

MOST_BYTES = 32 * 1024


async def get(session: AsyncSession, user_id: UUID) -> PreferencesRead:
    """Returns the preferences of a user: version 0, with nothing in them, before any were set."""
    query = select(Preferences.version, Preferences.value).where(Preferences.user_id == user_id)
    row = (await session.execute(query)).one_or_none()
    return (
        PreferencesRead(version=0, value={}) if row is None else PreferencesRead(version=row.version, value=row.value)
    )


async def put(session: AsyncSession, user_id: UUID, version: int, value: dict[str, Any]) -> PreferencesRead:
    """Replaces the preferences. Raises Invalid where they are too large or not text, Stale where they have another
    version."""
    _check(value)
    if version == 0:
        row = {"user_id": user_id, "version": 1, "value": value}
        changed = await affected(session, insert(session, Preferences).values(row).on_conflict_do_nothing())
    else:
        is_read = (Preferences.user_id == user_id, Preferences.version == version)
        statement = update(Preferences).where(*is_read).values(version=version + 1, value=value)
        changed = await affected(session, statement)
    if not changed:
        raise Stale((await get(session, user_id)).version)
    return PreferencesRead(version=version + 1, value=value)


def _check(value: dict[str, Any]) -> None:
    try:
        size = len(json.dumps(value, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        say = Say("含有不成字的编码，请去掉。", "It holds what is not text; leave it out.")
        raise Invalid.field("/value", "text_surrogate", say) from None
    if size > MOST_BYTES:
        say = Say(f"有 {size} 字节，最多 {MOST_BYTES}。", f"It has {size} bytes; {MOST_BYTES} at most.")
        raise Invalid.field("/value", "too_large", say)
