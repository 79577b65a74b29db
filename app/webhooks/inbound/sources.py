"""Sources: adding, editing, rotating secrets, removing.

What a source may do is asked for by one person and confirmed by another, and each is shown one part of its secret: no
single person can send in its name what counts.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.controls import service as controls
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core import clock, context, encryption
from app.core.actor import Actor, Permission
from app.core.config import Settings
from app.core.errors import Conflict, Forbidden
from app.core.localized import Say
from app.core.records import apply, locked, one
from app.events import service as events
from app.events.models import Event
from app.organizations import service as organizations
from app.webhooks import secrets
from app.webhooks.inbound import source_scope
from app.webhooks.inbound.models import WebhookSource
from app.webhooks.inbound.schemas import SourceCreate, SourceRead, SourceUpdate

SOURCE = Say("来源", "source")
_PURPOSE = "webhook source"


async def find(session: AsyncSession) -> list[WebhookSource]:
    return list(await session.scalars(select(WebhookSource).order_by(WebhookSource.name)))


async def read(session: AsyncSession, sources: Sequence[WebhookSource]) -> list[SourceRead]:
    """The sources with what waits for confirmation."""
    waiting = await controls.pending(session, ControlKind.webhook_source, ControlKind.webhook_secret)
    return [_read(source, waiting) for source in sources]


def _read(source: WebhookSource, waiting: dict[tuple[ControlKind, str], ControlChange]) -> SourceRead:
    key = str(source.id)
    widening = waiting.get((ControlKind.webhook_source, key))
    change = widening or waiting.get((ControlKind.webhook_secret, key))
    read = SourceRead.model_validate(source)
    read.pending_change_id = change.id if change is not None else None
    read.wants_trust = widening is not None and bool(widening.asked["is_trusted"]) and not source.is_trusted
    return read


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
    """The source, and the first part of its secret. It may do nothing until another person has confirmed it."""
    actor.require(Permission.operate)
    await _check(session, body.unit_id)
    own = body.model_dump(exclude={"is_trusted", "reason"})
    source = WebhookSource(**own, is_removed=False, is_trusted=False, is_secret_split=False)
    first = _begin(source, settings, clock.now(session))
    await _log(session, actor, "added", source, body.model_dump(mode="json", exclude={"reason"}))
    await _ask(session, actor, source, {**source_scope.state(source), "is_trusted": body.is_trusted}, body.reason)
    return source, first


def _begin(source: WebhookSource, settings: Settings, now: datetime) -> str:
    """A secret in two parts for a source that is not confirmed; the first alone only shows that messages come."""
    first, second = secrets.in_two_parts()
    source.secret = encryption.encrypt(settings, _PURPOSE, first, now)
    source.next_secret = encryption.encrypt(settings, _PURPOSE, first + second, now)
    return first


async def _check(session: AsyncSession, unit_id: UUID | None) -> None:
    if unit_id is not None:
        await organizations.require_units(session, {unit_id}, "/unit_id")


async def _ask(
    session: AsyncSession, actor: Actor, source: WebhookSource, asked: dict[str, Any], reason: str | None
) -> ControlChange:
    kind, before = ControlKind.webhook_source, source_scope.state(source)
    return await controls.ask(session, actor, kind, str(source.id), asked=asked, before=before, reason=reason)


async def edit(
    session: AsyncSession, actor: Actor, source_id: UUID, version: int, body: SourceUpdate
) -> WebhookSource | ControlChange:
    """Change a source. What widens what it may do waits, with all else of the request, until another person confirms
    it: then the change is returned. Raises Invalid where that gives no reason."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    await _check(session, body.unit_id)
    if source.confirmed_since is None:
        return await _edit_unconfirmed(session, actor, source, body)
    before = source_scope.state(source)
    asked = {**before, **body.model_dump(mode="json", include=body.model_fields_set - {"reason"})}
    if await source_scope.widens(session, before, asked):
        return await _ask(session, actor, source, asked, controls.require_reason(body.reason))
    if changes := apply(source, body, without=_NOT_OF_A_SOURCE):
        if not source.is_trusted:
            source.trust_change_id = None
        await _log(session, actor, "changed", source, {"changes": changes})
    return source


_NOT_OF_A_SOURCE = frozenset({"reason"})


async def _edit_unconfirmed(
    session: AsyncSession, actor: Actor, source: WebhookSource, body: SourceUpdate
) -> WebhookSource:
    """It may do nothing yet: it is changed at once, and what waits for confirmation is asked for anew."""
    kind = ControlKind.webhook_source
    waiting = (await controls.pending(session, kind)).get((kind, str(source.id)))
    is_trusted = waiting is not None and bool(waiting.asked["is_trusted"])
    if "is_trusted" in body.model_fields_set:
        is_trusted = body.is_trusted
    await controls.withdraw_all(session, actor, str(source.id), kind)
    if changes := apply(source, body, without=_NOT_OF_A_SOURCE | {"is_trusted"}):
        await _log(session, actor, "changed", source, {"changes": changes})
    await _ask(session, actor, source, {**source_scope.state(source), "is_trusted": is_trusted}, body.reason)
    return source


async def rotate(
    session: AsyncSession, actor: Actor, settings: Settings, source_id: UUID, version: int
) -> tuple[WebhookSource, str]:
    """The first part of a new secret. It holds once another person has confirmed it, who is given the second; the one
    before holds until then, and for another 24 hours."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    now, key = clock.now(session), str(source.id)
    if source.confirmed_since is None:
        first = _begin(source, settings, now)
    else:
        await controls.withdraw_all(session, actor, key, ControlKind.webhook_secret)
        asked, before = {"secret": "new"}, {"name": source.name}
        kind = ControlKind.webhook_secret
        await controls.ask(session, actor, kind, key, asked=asked, before=before, reason=None)
        first, second = secrets.in_two_parts()
        source.next_secret = encryption.encrypt(settings, _PURPOSE, first + second, now)
    await _log(session, actor, "rotated", source, {})
    return source, first


async def _held(session: AsyncSession, key: str) -> WebhookSource:
    return await locked(session, select(WebhookSource).where(WebhookSource.id == UUID(key)), None, SOURCE)


async def present(session: AsyncSession, key: str) -> dict[str, Any]:
    """What a source may do, as a change of it would find it, locked. Raises NotFound."""
    return source_scope.state(await _held(session, key))


async def present_secret(session: AsyncSession, key: str) -> dict[str, Any]:
    """Of a secret nothing is told but whose it is."""
    return {"name": (await _held(session, key)).name}


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> str | None:
    """Make confirmed trust and reach take effect. Returns the second part of the secret where it is the first time.

    Raises Conflict where one person was given the whole secret: it is rotated first. Raises Forbidden for whoever was
    shown the first part of it and would be shown the second.
    """
    source = await _held(session, change.key)
    if source.confirmed_since is None and await _was_shown_first_part(session, actor, source):
        say = Say(
            "这个来源的密钥前段由你取得，后段须交另一人；请由另一人确认。",
            "You were shown the first part of its secret; the second is for another: have another person confirm it.",
        )
        raise Forbidden(say, code="first_part_is_yours")
    if not source.is_secret_split and (source.next_secret is None or source.confirmed_since is not None):
        say = Say(
            "它的密钥是由一人整段取得的：请系统管理员先更换密钥，确认新密钥后再确认此项。",
            "One person was given its whole secret: have the system administrator rotate it, confirm the new secret, "
            "then confirm this.",
        )
        raise Conflict(say, code="rotate_first")
    wanted = SourceUpdate.model_validate(change.asked)
    await _check(session, wanted.unit_id)
    changes = apply(source, wanted)
    _renew_trust(source, change)
    now = clock.now(session)
    source.confirmed_by, source.confirmed_by_name, source.confirmed_at = actor.id, actor.name, now
    second = None
    if source.confirmed_since is None:
        source.confirmed_since = now
        second = _complete(session, source)
    await _log(session, actor, "confirmed", source, {"changes": changes, **event_fields(change)})
    return second


async def _was_shown_first_part(session: AsyncSession, actor: Actor, source: WebhookSource) -> bool:
    """Whoever added it, or rotated its secret since: not always who asked last for what waits."""
    issuing = select(Event.actor_id).where(
        Event.subject_type == "webhook_source",
        Event.subject_id == source.id,
        Event.type.in_(["webhook_source.added", "webhook_source.rotated"]),
    )
    return await session.scalar(issuing.order_by(Event.subject_version.desc()).limit(1)) == actor.id


def _renew_trust(source: WebhookSource, change: ControlChange) -> None:
    """Trust is that of the change which confirmed it; a later change that leaves it as it is begins no other."""
    if not source.is_trusted:
        source.trust_change_id = None
    elif source.trust_change_id is None:
        source.trust_change_id = change.id


async def carry_out_secret(session: AsyncSession, actor: Actor, change: ControlChange) -> str:
    """Let a new secret hold. Returns the second part.

    The one before counts for another 24 hours, unless one person was given the whole of it: they would sign alone what
    is trusted meanwhile.
    """
    source = await _held(session, change.key)
    if source.is_secret_split:
        secrets.outlive(source, clock.now(session))
    else:
        source.previous_secret, source.previous_until = None, None
    second = _complete(session, source)
    await _log(session, actor, "secret_confirmed", source, dict(event_fields(change)))
    return second


def _complete(session: AsyncSession, source: WebhookSource) -> str:
    """The whole secret holds from now on. Raises Conflict where it was sealed under another FIVE_ONES_SECRET."""
    assert source.next_secret is not None
    whole = encryption.decrypt(context.SETTINGS.require(session), _PURPOSE, source.next_secret, clock.now(session))
    if whole is None:
        say = Say(
            "服务器的 FIVE_ONES_SECRET 已更换，请先更换来源的密钥。",
            "FIVE_ONES_SECRET of the server was changed; rotate the secret of the source first.",
        )
        raise Conflict(say, code="secret_unreadable")
    source.secret, source.next_secret, source.is_secret_split = source.next_secret, None, True
    return secrets.second_part(whole)


async def remove(session: AsyncSession, actor: Actor, source_id: UUID, version: int) -> None:
    """For good: what it sends is answered 410, what it sent stays."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    source.is_removed = True
    await controls.withdraw_all(session, actor, str(source.id), ControlKind.webhook_source, ControlKind.webhook_secret)
    await _log(session, actor, "removed", source, {})


def secrets_of(settings: Settings, source: Row[Any], now: datetime) -> list[str]:
    """Those of a row with `secret`, `previous_secret` and `previous_until` that hold now, the latest first."""
    return secrets.valid(source, settings, _PURPOSE, now)
