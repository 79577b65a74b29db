"""Failed sign-ins are counted by name and by address; too many suspend both for a while.

Counted before the password is looked at, so that a hundred guesses at once are no more than five. A name that nobody
has is counted as any other: nothing tells which names exist.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import SignInAttempts
from app.core import clock
from app.core.config import Settings
from app.core.records import insert

_IPV6_PREFIX = 64
_PART = 32
"""Of a hash, where two of them make one key."""


@dataclass(frozen=True, slots=True)
class Limit:
    key: str
    most: int


def limits(settings: Settings, name: str, address: str | None) -> list[Limit]:
    """What one attempt counts against, in the order in which it is locked."""
    found = [Limit(_of_name(name), settings.sign_in_failures)]
    if address is not None:
        found.append(Limit(f"address:{_network(address)}", settings.sign_in_failures_an_address))
    return sorted(found, key=lambda limit: limit.key)


def device_limits(settings: Settings, name: str, device_hash: str) -> list[Limit]:
    """What an attempt from a browser of the user's own counts against, and nothing else: neither who guesses elsewhere
    nor who sits behind the same address stops it, and it guesses no more often than anybody."""
    return [Limit(f"{_devices_of(name)}{device_hash[:_PART]}", settings.sign_in_failures)]


def own_limits(settings: Settings, name: str) -> list[Limit]:
    """What a password that is asked for again of somebody signed in counts against: guesses from sessions of the user's
    own, and nothing that strangers do."""
    return [Limit(_own_of(name), settings.sign_in_failures)]


def _own_of(name: str) -> str:
    return f"own:{hashlib.sha256(name.casefold().encode()).hexdigest()}"


def _devices_of(name: str) -> str:
    return f"device:{hashlib.sha256(name.casefold().encode()).hexdigest()[:_PART]}:"


def _of_name(name: str) -> str:
    return f"name:{hashlib.sha256(name.casefold().encode()).hexdigest()}"


def _network(address: str) -> str:
    """Whoever has one IPv6 address has all of its /64."""
    return str(ip_network((address, _IPV6_PREFIX), strict=False)) if ":" in address else address


async def _locked(session: AsyncSession, key: str, now: datetime, pause: timedelta) -> SignInAttempts:
    fresh = insert(session, SignInAttempts).values(key=key, count=0, first_at=now).on_conflict_do_nothing()
    await session.execute(fresh)
    query = select(SignInAttempts).where(SignInAttempts.key == key).with_for_update()
    row = (await session.scalars(query, execution_options={"populate_existing": True})).one()
    is_over = row.suspended_until <= now if row.suspended_until is not None else row.first_at + pause <= now
    if is_over:
        row.count, row.first_at, row.suspended_until = 0, now, None
    return row


@dataclass(frozen=True, slots=True)
class Claim:
    """`wait`: nobody may try for so long, and nothing was counted. `is_last`: should this one fail, so it will be."""

    wait: timedelta | None
    is_last: bool


async def claim(session: AsyncSession, settings: Settings, found: list[Limit]) -> Claim:
    """Count one attempt as failed, unless there were too many."""
    now, pause = clock.now(session), timedelta(minutes=settings.sign_in_pause_minutes)
    await _forget(session, now, pause)
    rows = [await _locked(session, limit.key, now, pause) for limit in found]
    waits = [row.suspended_until - now for row in rows if row.suspended_until is not None]
    if waits:
        return Claim(max(waits), False)
    for row, limit in zip(rows, found, strict=True):
        row.count += 1
        if row.count >= limit.most:
            row.suspended_until = now + pause
    await session.flush()
    return Claim(None, any(row.suspended_until is not None for row in rows))


async def release(session: AsyncSession, found: list[Limit], *, succeeded: bool) -> None:
    """The attempt was none that failed: take it back, and after a success forget the failures under the name."""
    for limit in found:
        query = select(SignInAttempts).where(SignInAttempts.key == limit.key).with_for_update()
        row = (await session.scalars(query, execution_options={"populate_existing": True})).one_or_none()
        if row is None:
            continue
        if succeeded and not limit.key.startswith("address:"):
            await session.delete(row)
            continue
        row.count = max(0, row.count - 1)
        if row.count < limit.most:
            row.suspended_until = None
    await session.flush()


async def forgive(session: AsyncSession, name: str) -> bool:
    """An administrator lets a name in again at once, from everywhere; whether there was anything to forgive."""
    its = or_(
        SignInAttempts.key.in_([_of_name(name), _own_of(name)]),
        SignInAttempts.key.startswith(_devices_of(name), autoescape=True),
    )
    gone = delete(SignInAttempts).where(its).returning(SignInAttempts.suspended_until)
    ends = (await session.execute(gone, execution_options={"synchronize_session": False})).scalars().all()
    return any(end is not None for end in ends)


async def _forget(session: AsyncSession, now: datetime, pause: timedelta) -> None:
    """Rows that mean nothing any more, so that made-up names do not pile up."""
    is_over = or_(
        SignInAttempts.suspended_until <= now,
        and_(SignInAttempts.suspended_until.is_(None), SignInAttempts.first_at <= now - pause),
    )
    old = select(SignInAttempts.key).where(SignInAttempts.first_at <= now - pause, is_over)
    await session.execute(
        delete(SignInAttempts).where(SignInAttempts.key.in_(old.with_for_update(skip_locked=True))),
        execution_options={"synchronize_session": False},
    )
