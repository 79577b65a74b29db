"""Background work of each server process for the audit trail: writes counted floods and seals closed ranges."""

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

_INTERVAL_SECONDS = 60.0
_END_SECONDS = 10.0
"""How long sealing may delay the end of a process."""
_TRIES_AT_END = 5

log = structlog.get_logger(__name__)


async def seal_all(
    database: Database, now: datetime, *, after_migrations: bool = True, open_too: bool = False, logs_heads: bool = True
) -> dict[Log, int]:
    """Seals the ranges that are closed at the real moment `now`. Returns how many rows of each log it sealed.

    `after_migrations` also seals rows that migrations made, which reads the whole log: once for each start is enough.
    `open_too` also seals rows that are not in a closed range yet, for a process that ends. `logs_heads` also writes
    each head to the log of this process, which commands for a person do not keep. Another process may seal first.
    """
    before = seals.closed(database.settings, now)
    sealed = dict.fromkeys(Log, 0)
    for kind in Log:
        sealers: list[Callable[[AsyncSession], Awaitable[Seal | None]]] = []
        if after_migrations:
            sealers.append(partial(seals.seal_migrations, log=kind))
        sealers.append(partial(seals.seal, log=kind, before=before))
        if open_too:
            sealers.append(partial(seals.seal_open, log=kind, now=now))
        for _ in range(_TRIES_AT_END if open_too else 1):
            # A process that sealed at the same time may have sealed fewer rows than there are now.
            with suppress(IntegrityError):
                for sealer in sealers:
                    while count := await _seal(database, sealer, logs_heads=logs_heads):
                        sealed[kind] += count
                break
    return sealed


async def _seal(
    database: Database, sealer: Callable[[AsyncSession], Awaitable[Seal | None]], *, logs_heads: bool
) -> int:
    """Makes one seal and, after the commit, appends its head to the file of heads. Returns how many rows it holds."""
    async with database.writing() as session:
        made = await sealer(session)
    if made is None:
        return 0
    heads.append(database.settings, made)
    if logs_heads:
        log.info("sealed", log=made.log.value, count=made.count, head=made.hash)
    return made.count


async def seal_at_end(database: Database, *, logs_heads: bool = True) -> None:
    """Seals all rows before a process ends, as it may be long until another one runs. Never raises."""
    try:
        async with asyncio.timeout(_END_SECONDS):
            now = datetime.now(UTC)
            await seal_all(database, now, after_migrations=False, open_too=True, logs_heads=logs_heads)
    except Exception as error:  # the next process seals it
        log.warning("not_sealed_at_end", reason=type(error).__name__)


async def maintain(database: Database, trail: Trail) -> None:
    """Does two things once a minute until cancelled: writes the counts of events too frequent to be written one by one
    (floods), and seals closed ranges. After a failure the next minute tries again."""
    is_first = True
    while True:
        await asyncio.sleep(_INTERVAL_SECONDS)
        try:
            await trail.flush()
            await seal_all(database, datetime.now(UTC), after_migrations=is_first)
            is_first = False
        except Exception as error:  # whatever it is, the next minute retries
            log.warning("trail_not_kept", reason=type(error).__name__, exc_info=error)
