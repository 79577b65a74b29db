"""Limits how much a user may learn of records out of scope, by checks for duplicates and by errors when registering:
names, numbers of agreements and vouchers, phone numbers.

Each answer that discloses such a record is a security event and counts towards one rate limit an hour. The event holds
ids and a keyed hash of the name, by which equal names can be recognised, but not the name itself.
"""

import hashlib
import hmac
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import rate_limits, trail
from app.audit.models import SecurityEventType
from app.core import context
from app.core.actor import Actor
from app.core.localized import Say

_CODE = "duplicates_asked_too_often"


def _limit(session: AsyncSession) -> int:
    settings = context.SETTINGS.require(session)
    return settings.duplicate_checks_an_hour


def _too_many(most: int) -> Say:
    return Say(
        f"一小时最多查重 {most} 次，登记时被告知他人已报送的也计入；请稍后再试。",
        f"At most {most} checks for duplicates an hour, with what registering told of others; try again later.",
    )


def learns_of_others(actor: Actor) -> bool:
    """Whether an answer can disclose anything: not to actors who see the whole city, and not to webhook sources."""
    return not actor.sees_all and not actor.id.startswith("source:")


async def require_within_limit(session: AsyncSession, actor: Actor) -> None:
    """Raises TooMany where the actor has reached the rate limit of disclosures in the last hour."""
    if learns_of_others(actor):
        most = _limit(session)
        await rate_limits.require(session, actor, SecurityEventType.duplicates_asked, most, _too_many(most), _CODE)


async def record_disclosure(session: AsyncSession, actor: Actor, operation: str, field: str, key: str | None) -> None:
    """Records that the actor learnt that a record out of scope has this number. Raises TooMany."""
    if learns_of_others(actor):
        await record(session, actor, of_question(session, operation, {field}, key, None))


async def record(session: AsyncSession, actor: Actor, data: dict[str, Any]) -> None:
    """Records a question or disclosure, serialized for each actor. Raises TooMany as `require_within_limit` does."""
    if learns_of_others(actor):
        most = _limit(session)
        await rate_limits.require_serialized(
            session, actor, SecurityEventType.duplicates_asked, most, _too_many(most), _CODE
        )
    await trail.record(session, actor, SecurityEventType.duplicates_asked, None, data)


def of_question(
    session: AsyncSession, operation: str, fields: set[str], name: str | None, investor_id: UUID | None
) -> dict[str, Any]:
    """Returns the data of the event about a question. `name`, or a number, is given as its key."""
    settings = context.SETTINGS.require(session)
    data: dict[str, Any] = {"operation": operation, "fields": sorted(fields), "investor_id": investor_id}
    if name is not None:
        key = settings.secret.get_secret_value().encode()
        data["name_mark"] = hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:16]
        data["name_length"] = len(name)
    return data
