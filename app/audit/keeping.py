"""What each server process does for the trail beside its requests: write counted floods, and seal what is closed."""

import asyncio
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import IntegrityError

from app.audit import heads, seals
from app.audit.models import Log, Seal
from app.audit.trail import Trail
from app.core.db import Database

_EVERY_SECONDS = 60.0

log = structlog.get_logger(__name__)


async def seal_all(database: Database, now: datetime, *, after_migrations: bool = True) -> dict[Log, int]:
    """Seal what is closed at the real moment `now`; how many rows of each log. Another process may do it first.

    `after_migrations` also looks for what migrations made, which reads the whole log: once for each start is enough.
    """
    before = seals.closed(database.settings, now)
    sealed = dict.fromkeys(Log, 0)
    for kind in Log:
        try:
            if after_migrations:
                async with database.writing() as session:
                    made = await seals.seal_migrations(session, kind)
                sealed[kind] += _told(database, made)
            while True:
                async with database.writing() as session:
                    made = await seals.seal(session, kind, before)
                count = _told(database, made)
                if not count:
                    break
                sealed[kind] += count
        except IntegrityError:
            continue
    return sealed


def _told(database: Database, made: Seal | None) -> int:
    """Keep the head of a seal that is committed: in the log of this process, and in the file of heads."""
    if made is None:
        return 0
    heads.keep(database.settings, made)
    log.info("sealed", log=made.log.value, count=made.count, head=made.hash)
    return made.count


async def keep(database: Database, trail: Trail) -> None:
    """For ever, once a minute; whatever fails is tried again."""
    is_first = True
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        try:
            await trail.flush()
            await seal_all(database, datetime.now(UTC), after_migrations=is_first)
            is_first = False
        except Exception as error:  # whatever it is, the next minute is another
            log.warning("trail_not_kept", reason=type(error).__name__, exc_info=error)
