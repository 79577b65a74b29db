"""Rate limits of one person, counted from security events, so that they hold across processes."""

import hashlib
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import SecurityEvent, SecurityEventType
from app.core import clock
from app.core.actor import Actor
from app.core.codes import one_at_a_time
from app.core.errors import TooMany
from app.core.localized import Say

_HOUR = timedelta(hours=1)


async def require(session: AsyncSession, actor: Actor, what: SecurityEventType, most: int, say: Say, code: str) -> None:
    """Raises TooMany where the actor has at least `most` security events of this type in the last hour."""
    now = clock.now(session)
    latest = select(SecurityEvent.at).where(
        SecurityEvent.actor_id == actor.id, SecurityEvent.type == what.value, SecurityEvent.at > now - _HOUR
    )
    last_counted = await session.scalar(latest.order_by(SecurityEvent.at.desc()).offset(most - 1).limit(1))
    if last_counted is not None:
        raise TooMany(say, (last_counted + _HOUR - now).total_seconds(), code=code)


async def require_serialized(
    session: AsyncSession, actor: Actor, what: SecurityEventType, most: int, say: Say, code: str
) -> None:
    """Raises the same as `require`, under a lock until the transaction ends, for callers that then record an event."""
    matter = hashlib.blake2b(f"{what.value} {actor.id}".encode(), digest_size=6).hexdigest()
    await one_at_a_time(session, f"pace-{matter}")
    await require(session, actor, what, most, say, code)
