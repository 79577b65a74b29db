"""What each server process does for the trail beside its requests: write counted floods, and seal what is closed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import heads, seals
from app.audit.models import Log, Seal
from app.audit.trail import Trail
from app.core.db import Database

_EVERY_SECONDS = 60.0
_END_SECONDS = 10.0
"""How long sealing may keep a process from ending."""
_TRIES_AT_END = 5

log = structlog.get_logger(__name__)


async def seal_all(
    database: Database, now: datetime, *, after_migrations: bool = True, open_too: bool = False, logs_heads: bool = True
) -> dict[Log, int]:
    """Seal what is closed at the real moment `now`; how many rows of each log. Another process may do it first.

    `after_migrations` also looks for what migrations made, which reads the whole log: once for each start is enough.
    `open_too` seals what is not closed yet, row by row: for a process that ends. `logs_heads` says each head in the log
    of this process besides, which commands that write for a person do not keep.
    """
    before = seals.closed(database.settings, now)
    sealed = dict.fromkeys(Log, 0)
    for kind in Log:
        ways: list[Callable[[AsyncSession], Awaitable[Seal | None]]] = []
        if after_migrations:
            ways.append(partial(seals.seal_migrations, log=kind))
        ways.append(partial(seals.seal, log=kind, before=before))
        if open_too:
            ways.append(partial(seals.seal_open, log=kind, now=now))
        for _ in range(_TRIES_AT_END if open_too else 1):
            # Another process that seals at once may have sealed less than is there now.
            with suppress(IntegrityError):
                for way in ways:
                    while count := await _seal(database, way, logs_heads=logs_heads):
                        sealed[kind] += count
                break
    return sealed


async def _seal(database: Database, way: Callable[[AsyncSession], Awaitable[Seal | None]], *, logs_heads: bool) -> int:
    """How many rows; the head of the seal, once it is committed, goes into the file of heads."""
    async with database.writing() as session:
        made = await way(session)
    if made is None:
        return 0
    heads.append(database.settings, made)
    if logs_heads:
        log.info("sealed", log=made.log.value, count=made.count, head=made.hash)
    return made.count


async def seal_at_end(database: Database, *, logs_heads: bool = True) -> None:
    """Seal all that is there, before a process ends: perhaps none runs for long after it. Never raises."""
    try:
        async with asyncio.timeout(_END_SECONDS):
            now = datetime.now(UTC)
            await seal_all(database, now, after_migrations=False, open_too=True, logs_heads=logs_heads)
    except Exception as error:  # the next process seals it
        log.warning("not_sealed_at_end", reason=type(error).__name__)


async def maintain(database: Database, trail: Trail) -> None:
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
