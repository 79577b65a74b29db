"""How often one person may do what is on record as a security event, across processes and whatever comes at once."""

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
    """Raises TooMany where `most` events of this type by the actor are on record of the last hour."""
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
    """As `require`, for whoever then records one more in this transaction: others who would wait for its end."""
    own = hashlib.blake2b(f"{what.value} {actor.id}".encode(), digest_size=6).hexdigest()
    await one_at_a_time(session, f"pace-{own}")
    await require(session, actor, what, most, say, code)
