"""What each server process does for the trail beside its requests: write counted floods, and seal what is closed."""

import asyncio
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import IntegrityError

from app.audit import seals
from app.audit.models import Log
from app.audit.trail import Trail
from app.core.db import Database

_EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


async def seal_all(database: Database, now: datetime) -> dict[Log, int]:
    """Seal what is closed at the real moment `now`; how many rows of each log. Another process may do it first."""
    before = seals.closed(database.settings, now)
    sealed = dict.fromkeys(Log, 0)
    for kind in Log:
        try:
            while True:
                async with database.writing() as session:
                    made = await seals.seal(session, kind, before)
                    count, head = (made.count, made.hash) if made is not None else (0, "")
                if not count:
                    break
                sealed[kind] += count
                log.info("sealed", log=kind.value, count=count, head=head)
        except IntegrityError:
            continue
    return sealed


async def keep(database: Database, trail: Trail) -> None:
    """For ever, once a minute; whatever fails is tried again."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await trail.flush()
            await seal_all(database, datetime.now(UTC))
        except Exception as error:  # whatever it is, the next minute is another
            log.warning("trail_not_kept", reason=type(error).__name__, exc_info=error)
