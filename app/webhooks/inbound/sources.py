"""Sources: adding, editing, rotating secrets, removing. A secret is shown once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock
from app.core.actor import Actor, Permission
from app.core.config import Settings
from app.core.errors import Conflict
from app.core.records import apply, locked, one
from app.core.say import Say
from app.events import service as events
from app.organizations import service as organizations
from app.webhooks import secrets
from app.webhooks.inbound.models import WebhookSource
from app.webhooks.inbound.schemas import SourceCreate, SourceUpdate

SOURCE = Say("来源", "source")
_PURPOSE = "webhook source"


async def find(session: AsyncSession) -> list[WebhookSource]:
    return list(await session.scalars(select(WebhookSource).order_by(WebhookSource.name)))


async def get(session: AsyncSession, source_id: UUID) -> WebhookSource:
    """Raises NotFound."""
    return await one(session, select(WebhookSource).where(WebhookSource.id == source_id), SOURCE)


async def _lock(session: AsyncSession, source_id: UUID, version: int) -> WebhookSource:
    source = await locked(session, select(WebhookSource).where(WebhookSource.id == source_id), version, SOURCE)
    if source.is_removed:
        raise Conflict(Say("来源已停用，不能再改。", "The source has been removed."), code="source_removed")
    return source


async def _log(session: AsyncSession, actor: Actor, verb: str, source: WebhookSource, data: dict[str, object]) -> None:
    """Whoever may send what is a matter of access: on both records."""
    await events.record(session, actor, f"webhook_source.{verb}", source, data)
    subject = Subject("webhook_source", source.id)
    await trail.record(session, actor, SecurityEventType.settings_changed, subject, {"key": f"webhook_source.{verb}"})


async def add(session: AsyncSession, actor: Actor, settings: Settings, body: SourceCreate) -> tuple[WebhookSource, str]:
    """The source, and its secret for the sender."""
    actor.require(Permission.operate)
    await _check(session, body.unit_id)
    source = WebhookSource(**body.model_dump(), is_removed=False)
    secret = secrets.give(source, settings, _PURPOSE, clock.now(session))
    await _log(session, actor, "added", source, body.model_dump(mode="json"))
    return source, secret


async def _check(session: AsyncSession, unit_id: UUID | None) -> None:
    if unit_id is not None:
        await organizations.require_units(session, {unit_id}, "/unit_id")


async def edit(session: AsyncSession, actor: Actor, source_id: UUID, version: int, body: SourceUpdate) -> WebhookSource:
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    await _check(session, body.unit_id)
    if changes := apply(source, body):
        await _log(session, actor, "changed", source, {"changes": changes})
    return source


async def rotate(
    session: AsyncSession, actor: Actor, settings: Settings, source_id: UUID, version: int
) -> tuple[WebhookSource, str]:
    """A new secret; the one before holds for another 24 hours."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    secret = secrets.rotate(source, settings, _PURPOSE, clock.now(session))
    await _log(session, actor, "rotated", source, {})
    return source, secret


async def remove(session: AsyncSession, actor: Actor, source_id: UUID, version: int) -> None:
    """For good: what it sends is answered 410, what it sent stays."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    source.is_removed = True
    await _log(session, actor, "removed", source, {})


def secrets_of(settings: Settings, source: Row[Any], now: datetime) -> list[str]:
    """Those of a row with `secret`, `previous_secret` and `previous_until` that hold now, the latest first."""
    return secrets.valid(source, settings, _PURPOSE, now)
