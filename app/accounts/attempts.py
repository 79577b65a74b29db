"""Rate limit on failed sign-ins, by name and by address: too many suspend that name or address for a while.

An attempt is counted before the password is checked, so that a hundred concurrent guesses get no more tries than the
limit. An unknown name is counted like any other, so that nothing reveals which names exist.
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
"""Hex digits kept of each hash where two of them form one key."""


@dataclass(frozen=True, slots=True)
class Limit:
    key: str
    most: int


def limits(settings: Settings, name: str, address: str | None) -> list[Limit]:
    """Returns the limits that one attempt counts against, in the order in which their rows are locked."""
    limits = [Limit(_name_key(name), settings.sign_in_failures)]
    if address is not None:
        limits.append(Limit(f"address:{_network(address)}", settings.sign_in_failures_an_address))
    return sorted(limits, key=lambda limit: limit.key)


def device_limits(settings: Settings, name: str, device_hash: str) -> list[Limit]:
    """Returns the only limit for a browser in which this user has signed in before: guesses made elsewhere, or from
    the same address, do not stop it, and it may guess no more often than any other."""
    return [Limit(f"{_device_key_prefix(name)}{device_hash[:_PART]}", settings.sign_in_failures)]


def signed_in_limits(settings: Settings, name: str) -> list[Limit]:
    """Returns the limit for the password asked again of a signed-in user: it counts guesses from the user's sessions,
    and no failed sign-in by strangers."""
    return [Limit(_signed_in_key(name), settings.sign_in_failures)]


def _signed_in_key(name: str) -> str:
    return f"own:{hashlib.sha256(name.casefold().encode()).hexdigest()}"


def _device_key_prefix(name: str) -> str:
    return f"device:{hashlib.sha256(name.casefold().encode()).hexdigest()[:_PART]}:"


def _name_key(name: str) -> str:
    return f"name:{hashlib.sha256(name.casefold().encode()).hexdigest()}"


def _network(address: str) -> str:
    """Returns the address, or for IPv6 its /64 network: whoever holds one address of it can use all."""
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
    """`wait`: suspended for so long, and nothing was counted. `is_last`: if this attempt fails, it suspends sign-in."""

    wait: timedelta | None
    is_last: bool


async def claim(session: AsyncSession, settings: Settings, limits: list[Limit]) -> Claim:
    """Counts one attempt as failed in advance (`release` takes it back), unless one of the limits is reached."""
    now, pause = clock.now(session), timedelta(minutes=settings.sign_in_pause_minutes)
    await _delete_expired(session, now, pause)
    rows = [await _locked(session, limit.key, now, pause) for limit in limits]
    waits = [row.suspended_until - now for row in rows if row.suspended_until is not None]
    if waits:
        return Claim(max(waits), False)
    for row, limit in zip(rows, limits, strict=True):
        row.count += 1
        if row.count >= limit.most:
            row.suspended_until = now + pause
    await session.flush()
    return Claim(None, any(row.suspended_until is not None for row in rows))


async def release(session: AsyncSession, limits: list[Limit], *, succeeded: bool) -> None:
    """Takes back an attempt that did not fail. After a success also clears earlier failures, except by address."""
    for limit in limits:
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
    """Deletes the failures of a name, in every browser. Returns True where sign-in was suspended."""
    keys = or_(
        SignInAttempts.key.in_([_name_key(name), _signed_in_key(name)]),
        SignInAttempts.key.startswith(_device_key_prefix(name), autoescape=True),
    )
    deleted = delete(SignInAttempts).where(keys).returning(SignInAttempts.suspended_until)
    ends = (await session.execute(deleted, execution_options={"synchronize_session": False})).scalars().all()
    return any(end is not None for end in ends)


async def _delete_expired(session: AsyncSession, now: datetime, pause: timedelta) -> None:
    """Deletes rows whose pause is over, so that made-up names do not pile up."""
    is_over = or_(
        SignInAttempts.suspended_until <= now,
        and_(SignInAttempts.suspended_until.is_(None), SignInAttempts.first_at <= now - pause),
    )
    old = select(SignInAttempts.key).where(SignInAttempts.first_at <= now - pause, is_over)
    await session.execute(
        delete(SignInAttempts).where(SignInAttempts.key.in_(old.with_for_update(skip_locked=True))),
        execution_options={"synchronize_session": False},
    )
