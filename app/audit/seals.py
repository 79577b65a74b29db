"""Both logs are sealed by a chain of SHA-256 over closed ranges of rows, so that changes of the past are detected.

A range is closed when it is older than twice the longest transaction: no row can still be added to it. Rows are in the
order of ids, which are UUIDv7 of the real time, not of the business day. A process that ends cannot wait until a range
is closed: it seals the rows it sees one by one (`seal_open`), which does not exclude further rows between them, and the
range that is closed later holds them again. A person who can write to the database can make a whole new chain; only a
head (`Verdict.heads`) that was written down elsewhere cannot be forged.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail, triggers
from app.audit.heads import Head
from app.audit.models import Log, Pruning, Seal, SecurityEvent, SecurityEventType
from app.core import clock
from app.core.actor import Actor
from app.core.config import Settings
from app.core.db import Base
from app.core.records import plain

RETENTION = timedelta(days=184)
"""How long security events are kept at least: any six months. Source: 网络安全法."""

_MIGRATION = "migration"
"""The actor of rows that migrations made, with ids made of a name instead of the time."""
_NAME_BASED_UUID = 5
"""The version of such ids."""
_SKEW = timedelta(minutes=5)
"""How much the clocks of two servers may differ."""
_MOST_ROWS = 1000
_FIRST = UUID(int=0)
_NO_PREVIOUS = "0" * 64
_ID_BYTES, _DIGEST_BYTES = 16, 32


def closed(settings: Settings, now: datetime) -> datetime:
    """Returns the moment before which all rows are committed and visible; `now` is the real moment."""
    return now - 2 * timedelta(seconds=settings.longest_transaction_seconds)


def allowance(settings: Settings) -> timedelta:
    """Returns how old an unsealed row may be: twice the longest transaction, and five minutes."""
    return 2 * timedelta(seconds=settings.longest_transaction_seconds) + _SKEW


def _bound(moment: datetime) -> UUID:
    """Returns the smallest UUIDv7 of a millisecond."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (2 << 62))


def _made_at(id: UUID) -> datetime:
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC)


def _table(log: Log) -> Table:
    table: Table = Base.metadata.tables[log.value]
    return table


def _digest(log: Log, row: dict[str, Any]) -> bytes:
    """Returns the SHA-256 of a row. NULLs are left out, so that a column added later changes no digest."""
    values = {name: plain(value) for name, value in row.items() if value is not None}
    text = json.dumps([log.value, values], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _range(log: Log, after: UUID, until: UUID) -> Select[Any]:
    table = _table(log)
    is_ours = table.c.actor_id.is_distinct_from(_MIGRATION)
    return _rows(log).where(table.c.id > after, table.c.id <= until, is_ours).order_by(table.c.id)


def _rows(log: Log) -> Select[Any]:
    """Returns a query of the rows of a log; an event with the rows that its transaction wrote."""
    table = _table(log)
    if log is not Log.events:
        return select(table)
    written: Table = Base.metadata.tables["written_rows"]
    joined = table.outerjoin(written, written.c.event_id == table.c.id)
    return select(table, written.c.number.label("written_number"), written.c.tables.label("written")).select_from(
        joined
    )


async def _by_migrations(session: AsyncSession, log: Log) -> list[dict[str, Any]]:
    table = _table(log)
    rows = await session.execute(_rows(log).where(table.c.actor_id == _MIGRATION).order_by(table.c.id))
    return [dict(row) for row in rows.mappings()]


def _link(seal: Seal) -> str:
    """Returns the hash of a seal, which includes the hash of the previous one."""
    kind = "migrations" if seal.of_migrations else "range"
    header = f"{seal.previous} {seal.log.value} {seal.number} {kind} {seal.until.hex} {seal.count} ".encode()
    return hashlib.sha256(header + seal.digests).hexdigest()


async def _last(session: AsyncSession, log: Log) -> Seal | None:
    return (await session.scalars(select(Seal).where(Seal.log == log).order_by(Seal.number.desc()).limit(1))).first()


async def _add(
    session: AsyncSession, log: Log, last: Seal | None, until: UUID, rows: list[dict[str, Any]], *, of_migrations: bool
) -> Seal:
    made = Seal(
        log=log,
        number=last.number + 1 if last else 1,
        of_migrations=of_migrations,
        until=until,
        count=len(rows),
        digests=b"".join(row["id"].bytes + _digest(log, row) for row in rows),
        previous=last.hash if last else _NO_PREVIOUS,
        made_at=clock.now(session),
    )
    made.hash = _link(made)
    session.add(made)
    await session.flush()
    return made


async def seal_migrations(session: AsyncSession, log: Log) -> Seal | None:
    """Seals the rows of migrations that no seal holds yet. Returns None where there are none."""
    sealed = {
        id
        for digests in await session.scalars(select(Seal.digests).where(Seal.log == log, Seal.of_migrations))
        for id, _ in _split(digests)
    }
    new = [row for row in await _by_migrations(session, log) if row["id"] not in sealed]
    if not new:
        return None
    last = await _last(session, log)
    return await _add(session, log, last, last.until if last else _FIRST, new, of_migrations=True)


async def seal(session: AsyncSession, log: Log, before: datetime) -> Seal | None:
    """Seals the next range of rows made before that moment, at most a thousand. Returns None where there are none.

    Raises IntegrityError where another process has made the link of the same number.
    """
    last = await _last(session, log)
    after, bound = (last.until if last else _FIRST), _bound(before)
    if bound <= after:
        return None
    rows = [dict(row) for row in (await session.execute(_range(log, after, bound).limit(_MOST_ROWS))).mappings()]
    if not rows:
        return None
    until = rows[-1]["id"] if len(rows) == _MOST_ROWS else bound
    return await _add(session, log, last, until, rows, of_migrations=False)


async def seal_open(session: AsyncSession, log: Log, now: datetime) -> Seal | None:
    """Seals the next rows after the last range that no seal holds yet, at most a thousand. Returns None without any.

    Such a seal holds no range: its `until` is that of the previous seal. It says nothing about rows not yet committed.
    """
    last = await _last(session, log)
    after = last.until if last else _FIRST
    sealed = await _sealed_singly(session, log, after)
    ids = [id for id in await session.scalars(_ids_after(log, after)) if id not in sealed and id < _bound(now + _SKEW)]
    if not ids:
        return None
    query = _rows(log).where(_table(log).c.id.in_(ids[:_MOST_ROWS])).order_by(_table(log).c.id)
    rows = [dict(row) for row in (await session.execute(query)).mappings()]
    return await _add(session, log, last, after, rows, of_migrations=False)


async def _sealed_singly(session: AsyncSession, log: Log, after: UUID) -> dict[UUID, bytes]:
    """Returns by id the digests of rows that were sealed one by one since the range that ends with `after`."""
    query = select(Seal.digests).where(Seal.log == log, ~Seal.of_migrations, Seal.until == after)
    sealed = {id: digest for digests in await session.scalars(query) for id, digest in _split(digests)}
    return {id: digest for id, digest in sealed.items() if id > after}


async def overdue(session: AsyncSession, settings: Settings, now: datetime) -> dict[Log, datetime]:
    """Returns each log with a row that has been unsealed for longer than `allowance`, and when the first was made.

    `now` is the real moment. Where sealing is in time, it runs two statements for each log and finds no row.
    """
    late = {}
    for log in Log:
        after = await session.scalar(select(Seal.until).where(Seal.log == log).order_by(Seal.number.desc()).limit(1))
        waiting = _ids_after(log, after or _FIRST).where(_table(log).c.id < _bound(now - allowance(settings)))
        ids = (await session.scalars(waiting)).all()
        sealed = await _sealed_singly(session, log, after or _FIRST) if ids else {}
        if first := next((id for id in ids if id not in sealed), None):
            late[log] = _made_at(first)
    return late


@dataclass(frozen=True, slots=True)
class Broken:
    """One fault of a log: `what` is the id of a row, the number of a seal, or the name of a trigger."""

    log: Log
    kind: str
    """`altered`, `missing`, `inserted`, `from_the_future`, `seal_broken`, `pruned_too_early`, `pruning_forged`,
    `head_unknown`, `head_gone`, `head_newer`, `not_sealed_in_time`, `empty`, `trigger_missing`, `trigger_altered` or
    `trigger_added`."""
    what: str


@dataclass(slots=True)
class Verdict:
    """`broken` is in the order of the chain; `heads` holds the number and hash of the last link of each log."""

    sealed: dict[Log, int] = field(default_factory=dict)
    open: dict[Log, int] = field(default_factory=dict)
    heads: dict[Log, tuple[int, str]] = field(default_factory=dict)
    broken: list[Broken] = field(default_factory=list)


async def verify(
    session: AsyncSession,
    now: datetime,
    known_heads: tuple[str, ...] = (),
    *,
    kept: Sequence[Head] = (),
    allowed: timedelta | None = None,
) -> Verdict:
    """Compares every row of both logs with its seal, and every seal with the previous one. Needs a snapshot.

    `now` is the real moment; `known_heads` are links written down elsewhere, and `kept` those that the server stored:
    both must still be in the chain. A row may be unsealed for as long as `allowed`; None does not limit its age.
    """
    verdict = Verdict()
    links: set[str] = set()
    for log in Log:
        waiting = await _verify(session, log, now, verdict, links)
        await _verify_empty(session, log, verdict)
        if waiting and allowed is not None and (made_at := _made_at(waiting[0])) < now - allowed:
            verdict.broken.append(Broken(log, "not_sealed_in_time", f"{waiting[0]} {made_at:%Y-%m-%d %H:%M}Z"))
    for stored in kept:
        if stored.hash not in links:
            is_newer = stored.number > verdict.heads[Log(stored.log)][0]
            kind = "head_newer" if is_newer else "head_gone"
            verdict.broken.append(Broken(Log(stored.log), kind, f"{stored.number} {stored.hash}"))
    verdict.broken.extend(Broken(Log.events, kind, name) for kind, name in await triggers.broken(session))
    for head in known_heads:
        if head not in links:
            verdict.broken.append(Broken(Log.events, "head_unknown", head))
    return verdict


async def _verify(session: AsyncSession, log: Log, now: datetime, verdict: Verdict, links: set[str]) -> list[UUID]:
    """Verifies one log. Returns the ids of its rows that no seal holds, except those of migrations, oldest first."""
    pruned = await _prunings(session, log, now, verdict)
    numbers = list(await session.scalars(select(Seal.number).where(Seal.log == log).order_by(Seal.number)))
    after, previous, sealed = _FIRST, _NO_PREVIOUS, 0
    by_migrations: dict[UUID, bytes] = {}
    singly: dict[UUID, bytes] = {}
    for expected, number in enumerate(numbers, 1):
        seal = (await session.scalars(select(Seal).where(Seal.log == log, Seal.number == number))).one()
        is_in_place = number == expected and seal.previous == previous and seal.until >= after
        if not is_in_place or seal.hash != _link(seal):
            verdict.broken.append(Broken(log, "seal_broken", str(number)))
        sealed_digests = dict(_split(seal.digests))
        if seal.of_migrations:
            by_migrations |= sealed_digests
        elif seal.until == after:
            singly |= sealed_digests
        else:
            rows = (await session.execute(_range(log, after, seal.until))).mappings()
            actual = {row["id"]: _digest(log, dict(row)) for row in rows}
            verdict.broken.extend(_compared(log, actual, sealed_digests, may_be_gone=number in pruned))
            sealed_before = {id: singly.pop(id) for id in list(singly) if id <= seal.until}
            again = {id: sealed_digests[id] for id in sealed_before.keys() & sealed_digests.keys()}
            verdict.broken.extend(_compared(log, again, sealed_before, may_be_gone=False))
            sealed -= len(sealed_before)
        if number in pruned and not _is_due(pruned[number], after, seal):
            verdict.broken.append(Broken(log, "pruned_too_early", str(number)))
        sealed += seal.count
        after, previous = seal.until, seal.hash
        links.add(seal.hash)
        session.expunge(seal)
    made = {row["id"]: _digest(log, row) for row in await _by_migrations(session, log)}
    verdict.broken.extend(Broken(log, "inserted", str(id)) for id in made if id.version != _NAME_BASED_UUID)
    new = made.keys() - by_migrations.keys()
    sealed_rows = {id: digest for id, digest in made.items() if id not in new}
    verdict.broken.extend(_compared(log, sealed_rows, by_migrations, may_be_gone=False))
    verdict.broken.extend(_compared(log, await _digests(session, log, singly), singly, may_be_gone=False))
    rows_open = [id for id in await session.scalars(_ids_after(log, after)) if id not in singly]
    future = _bound(now + _SKEW)
    verdict.broken.extend(Broken(log, "from_the_future", str(id)) for id in rows_open if id > future)
    verdict.sealed[log] = sealed
    verdict.open[log] = len(rows_open) + len(new)
    verdict.heads[log] = (len(numbers), previous)
    return rows_open


async def _digests(session: AsyncSession, log: Log, ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Returns by id the present digests of these rows, without rows that are gone."""
    listed = list(ids)
    digests: dict[UUID, bytes] = {}
    for at in range(0, len(listed), _MOST_ROWS):
        query = _rows(log).where(_table(log).c.id.in_(listed[at : at + _MOST_ROWS]))
        digests |= {row["id"]: _digest(log, dict(row)) for row in (await session.execute(query)).mappings()}
    return digests


async def _verify_empty(session: AsyncSession, log: Log, verdict: Verdict) -> None:
    """Adds a fault where the log is empty although there are users."""
    table = _table(log)
    if not verdict.heads[log][0] and not await session.scalar(select(func.count()).select_from(table)):
        # With a seal, its rows are reported missing one by one. Without, adding a user makes an event in both logs.
        users = await session.scalar(select(func.count()).select_from(Base.metadata.tables["users"]))
        if users:
            verdict.broken.append(Broken(log, "empty", f"{users} users"))


async def _prunings(session: AsyncSession, log: Log, now: datetime, verdict: Verdict) -> dict[int, Pruning]:
    """Returns by number of the seal the prunings that a security event records; others excuse no missing row."""
    recorded = select(SecurityEvent.data).where(SecurityEvent.type == SecurityEventType.pruned.value)
    numbers = {number for data in await session.scalars(recorded) for number in data.get("seals", [])}
    prunings = {}
    for row in await session.scalars(select(Pruning).where(Pruning.log == log).order_by(Pruning.number)):
        if log is Log.security_events and row.number in numbers and row.pruned_at <= now + _SKEW:
            prunings[row.number] = row
        else:
            verdict.broken.append(Broken(log, "pruning_forged", str(row.number)))
    return prunings


def _is_due(pruning: Pruning, after: UUID, seal: Seal) -> bool:
    is_same_range = pruning.after == after and pruning.until == seal.until
    return is_same_range and pruning.pruned_at - _made_at(seal.until) >= RETENTION


def _ids_after(log: Log, after: UUID) -> Select[UUID]:
    """Returns a query of the ids after the last sealed range, without rows that migrations made."""
    table = _table(log)
    is_ours = table.c.actor_id.is_distinct_from(_MIGRATION)
    return select(table.c.id).where(table.c.id > after, is_ours).order_by(table.c.id)


def _split(digests: bytes) -> Iterator[tuple[UUID, bytes]]:
    """Yields id and digest of each row of a seal."""
    size = _ID_BYTES + _DIGEST_BYTES
    for at in range(0, len(digests) - size + 1, size):
        yield UUID(bytes=digests[at : at + _ID_BYTES]), digests[at + _ID_BYTES : at + size]


def _compared(log: Log, actual: dict[UUID, bytes], sealed: dict[UUID, bytes], *, may_be_gone: bool) -> Iterator[Broken]:
    for id in sorted(actual.keys() | sealed.keys()):
        if id not in actual:
            if not may_be_gone:
                yield Broken(log, "missing", str(id))
        elif id not in sealed:
            yield Broken(log, "inserted", str(id))
        elif actual[id] != sealed[id]:
            yield Broken(log, "altered", str(id))


_RANGES_AT_ONCE = 100


async def prune(session: AsyncSession, actor: Actor, now: datetime, days: int = RETENTION.days) -> int | None:
    """Deletes security events of sealed ranges that ended more than `days` ago, at most a hundred ranges a call.

    Returns how many rows were deleted, None where no range was due. `now` is the real moment. Each range is recorded
    before its rows are deleted, as the trigger requires.
    """
    log = Log.security_events
    limit = now - max(timedelta(days=days), RETENTION)
    pruned = select(Pruning.number).where(Pruning.log == log)
    due = select(Seal.number, Seal.until).where(Seal.log == log, Seal.until < _bound(limit), Seal.number.not_in(pruned))
    ranges = (await session.execute(due.order_by(Seal.number).limit(_RANGES_AT_ONCE))).all()
    count = 0
    for number, until in ranges:
        before = await session.scalar(select(Seal.until).where(Seal.log == log, Seal.number == number - 1))
        after = before or _FIRST
        session.add(Pruning(log=log, number=number, after=after, until=until, pruned_at=now))
        await session.flush()
        in_range = SecurityEvent.id > after, SecurityEvent.id <= until
        deleted = await session.execute(
            delete(SecurityEvent).where(*in_range).returning(SecurityEvent.id),
            execution_options={"synchronize_session": False},
        )
        count += len(deleted.all())
    if not ranges:
        return None
    data = {"seals": [number for number, _ in ranges], "until": plain(_made_at(ranges[-1][1])), "rows": count}
    await trail.record(session, actor, SecurityEventType.pruned, data=data)
    return count
