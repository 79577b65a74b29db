"""What is common to secrets that open the service to whoever holds them: of tokens, sessions, browsers and screens."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.core.db import Database

log = structlog.get_logger(__name__)


def hashed(secret: str) -> str:
    """Returns what is stored of a secret. Fast on purpose: it is random bits, which nobody can guess even so."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


async def remember_use(database: Database, last_used_at: Any, record_id: UUID, *, every: timedelta) -> None:
    """Writes now into the column of a record, unless it was written within `every`. Where the database fails, only logs
    it: the next use writes it."""
    record = last_used_at.class_
    try:
        async with database.writing() as session:
            now = clock.now(session)
            is_stale = or_(last_used_at.is_(None), last_used_at < now - every)
            await session.execute(
                update(record).where(record.id == record_id, is_stale).values({last_used_at: now}),
                execution_options={"synchronize_session": False, "writes_copies": True},
            )
    except (SQLAlchemyError, OSError):
        log.warning("use_not_remembered", table=record.__tablename__, id=str(record_id))
