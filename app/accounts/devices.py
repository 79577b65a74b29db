"""Browsers in which a user has signed in with a password before: a suspension caused elsewhere does not stop them.

Anybody can have a name suspended by wrong passwords. A browser with a cookie of an earlier sign-in is counted apart, so
that the user can sign in while others who guess cannot. The browser is recognized, not the address, because many people
share an address. The cookie alone does not sign in.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.bearer import hashed
from app.accounts.models import KnownDevice, User
from app.core import clock
from app.core.records import affected, digest

COOKIE = "five_ones_device"
KEPT = timedelta(days=90)
"""How long a browser is recognized after its last sign-in."""
_MOST = 10
"""Browsers of one user; a new one replaces the one longest unused. This also bounds how many guesses all may make."""


async def recognize(session: AsyncSession, name: str, token: str | None) -> str | None:
    """Returns the SHA-256 of the token where it is of a browser in which the user of that name has signed in, else
    None."""
    if token is None:
        return None
    query = (
        select(KnownDevice.token_hash)
        .join(User, User.id == KnownDevice.user_id)
        .where(
            User.name == name.casefold(),
            KnownDevice.token_hash == hashed(token),
            KnownDevice.last_at > clock.now(session) - KEPT,
        )
    )
    return await session.scalar(query)


async def remember(session: AsyncSession, user_id: UUID, token: str | None) -> tuple[KnownDevice, str]:
    """Records a sign-in in this browser. Returns (row, token for its cookie): the token it sent where that is one of
    this user's, else a new one, for a token that somebody else has put there must never be accepted."""
    now = clock.now(session)
    query = select(KnownDevice).where(KnownDevice.user_id == user_id).order_by(KnownDevice.last_at.desc())
    devices = list(await session.scalars(query.with_for_update()))
    for device in devices:
        if token is not None and device.token_hash == hashed(token) and device.last_at > now - KEPT:
            device.last_at = now
            return device, token
    for device in devices[_MOST - 1 :]:
        await session.delete(device)
    new_token = secrets.token_urlsafe(32)
    device = KnownDevice(user_id=user_id, token_hash=hashed(new_token), first_at=now, last_at=now)
    session.add(device)
    await session.flush()
    return device, new_token


def fingerprint(row: KnownDevice) -> str:
    """Returns the SHA-256 of the columns of a browser that never change: user, token, time of the first sign-in."""
    return digest(row.id, row.user_id, row.token_hash, row.first_at)


async def forget_all(session: AsyncSession, user_id: UUID) -> None:
    """Deletes every browser of a user: somebody else may have had the password or the browser."""
    await session.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))


async def prune(session: AsyncSession) -> int:
    """Deletes browsers without a sign-in for 90 days. Returns how many were deleted."""
    return await affected(session, delete(KnownDevice).where(KnownDevice.last_at <= clock.now(session) - KEPT))
