"""Browsers in which somebody has signed in with a password before: a suspension made elsewhere does not stop them.

Anybody can have a name suspended by wrong passwords. Whoever holds what a browser was given at an earlier sign-in is
counted apart, so that the person is let in and the guesses of others are not. It is the browser and not the address
that is known: behind one address sit many people. What the browser holds proves nothing by itself.
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import KnownDevice, User
from app.core import clock
from app.core.records import affected, digest

COOKIE = "five_ones_device"
KEPT = timedelta(days=90)
"""How long a browser is known after the last sign-in in it."""
_MOST = 10
"""Browsers of one user; the one longest unused is forgotten for another. It bounds how often all of them may guess."""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def known(session: AsyncSession, name: str, token: str | None) -> str | None:
    """Returns the SHA-256 of the token where the user of that sign-in name has been let in with it, else None."""
    if token is None:
        return None
    query = (
        select(KnownDevice.token_hash)
        .join(User, User.id == KnownDevice.user_id)
        .where(
            User.name == name.casefold(),
            KnownDevice.token_hash == _hash(token),
            KnownDevice.last_at > clock.now(session) - KEPT,
        )
    )
    return await session.scalar(query)


async def remember(session: AsyncSession, user_id: UUID, token: str | None) -> tuple[KnownDevice, str]:
    """Know this browser from now on. Returns its row and what it is to hold: what it brought where that is this user's,
    else anew, for a token that somebody else has put there must never become known."""
    now = clock.now(session)
    query = select(KnownDevice).where(KnownDevice.user_id == user_id).order_by(KnownDevice.last_at.desc())
    devices = list(await session.scalars(query.with_for_update()))
    for device in devices:
        if token is not None and device.token_hash == _hash(token) and device.last_at > now - KEPT:
            device.last_at = now
            return device, token
    for device in devices[_MOST - 1 :]:
        await session.delete(device)
    fresh = secrets.token_urlsafe(32)
    made = KnownDevice(user_id=user_id, token_hash=_hash(fresh), first_at=now, last_at=now)
    session.add(made)
    await session.flush()
    return made, fresh


def said(row: KnownDevice) -> str:
    """SHA-256 of what is known of a browser and stays so: whose it is, since when, what it holds."""
    return digest(row.id, row.user_id, row.token_hash, row.first_at)


async def forget_all(session: AsyncSession, user_id: UUID) -> None:
    """Know no browser of a user any more: somebody else may have had the password or the browser."""
    await session.execute(delete(KnownDevice).where(KnownDevice.user_id == user_id))


async def prune(session: AsyncSession) -> int:
    """Forget browsers unused for too long; how many there were."""
    return await affected(session, delete(KnownDevice).where(KnownDevice.last_at <= clock.now(session) - KEPT))
