"""Sources: adding, editing, rotating secrets, removing.

One person asks for the scope of a source and another confirms it, and each is shown one part of its secret: no single
person can send messages in its name that are applied.
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
from app.core import clock, context, encryption, refs
from app.core.actor import Actor, Permission
from app.core.config import Settings
from app.core.errors import Conflict, Forbidden, refuse
from app.core.localized import Say
from app.core.records import apply, locked, one
from app.core.refs import Ref, Reference
from app.events import service as events
from app.events.models import Event
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.webhooks import secrets
from app.webhooks.inbound import source_scope
from app.webhooks.inbound.models import WebhookSource
from app.webhooks.inbound.schemas import SourceCreate, SourceRead, SourceUpdate

SOURCE = Say("来源", "source")
_PURPOSE = "webhook source"


async def find(session: AsyncSession) -> list[WebhookSource]:
    return list(await session.scalars(select(WebhookSource).order_by(WebhookSource.name)))


async def read(session: AsyncSession, sources: Sequence[WebhookSource]) -> list[SourceRead]:
    """Returns the sources, each with the name of its unit and the change that waits for confirmation."""
    query = _NAMES.where(WebhookSource.id.in_([source.id for source in sources]))
    names = {row.id: refs.named(row, _UNIT) for row in await session.execute(query)}
    waiting = await controls.pending(session, ControlKind.webhook_source, ControlKind.webhook_secret)
    return [_read(source, names[source.id]["unit"], waiting) for source in sources]


_UNIT = [Reference("unit", "unit_id", Unit)]
_NAMES = refs.joined(select(WebhookSource.id), WebhookSource.__table__.c, _UNIT)


def _read(source: WebhookSource, unit: Any, waiting: dict[tuple[ControlKind, str], ControlChange]) -> SourceRead:
    key = str(source.id)
    widening = waiting.get((ControlKind.webhook_source, key))
    change = widening or waiting.get((ControlKind.webhook_secret, key))
    read = SourceRead.model_validate(source)
    read.unit = None if unit is None else Ref(**unit)
    read.pending_change_id = change.id if change is not None else None
    read.wants_trust = widening is not None and bool(widening.asked["is_trusted"]) and not source.is_trusted
    return read


async def get(session: AsyncSession, source_id: UUID) -> WebhookSource:
    """Returns a source. Raises NotFound."""
    return await one(session, select(WebhookSource).where(WebhookSource.id == source_id), SOURCE)


async def _lock(session: AsyncSession, source_id: UUID, version: int) -> WebhookSource:
    source = await locked(session, select(WebhookSource).where(WebhookSource.id == source_id), version, SOURCE)
    refuse(removed(is_removed=source.is_removed))
    return source


def removed(*, is_removed: bool) -> Conflict | None:
    """Returns the refusal of an act on a source that has been removed."""
    if not is_removed:
        return None
    return Conflict(Say("来源已停用，不能再改。", "The source has been removed."), code="source_removed")


async def _log(session: AsyncSession, actor: Actor, verb: str, source: WebhookSource, data: dict[str, object]) -> None:
    """Records a change twice, as an event and as a security event: who may send what is a matter of access."""
    await events.record(session, actor, f"webhook_source.{verb}", source, data)
    subject = Subject("webhook_source", source.id)
    await trail.record(session, actor, SecurityEventType.settings_changed, subject, {"key": f"webhook_source.{verb}"})


async def add(session: AsyncSession, actor: Actor, settings: Settings, body: SourceCreate) -> tuple[WebhookSource, str]:
    """Adds a source. Returns it and the first part of its secret. Nothing it sends is applied before another person has
    confirmed it."""
    actor.require(Permission.operate)
    await _check(session, body.unit_id)
    fields = body.model_dump(exclude={"is_trusted", "reason"})
    source = WebhookSource(**fields, is_removed=False, is_trusted=False, is_secret_split=False)
    first = _begin(source, settings, clock.now(session))
    await _log(session, actor, "added", source, body.model_dump(mode="json", exclude={"reason"}))
    await _request_change(
        session, actor, source, {**source_scope.state(source), "is_trusted": body.is_trusted}, body.reason
    )
    return source, first


def _begin(source: WebhookSource, settings: Settings, now: datetime) -> str:
    """Issues a secret in two parts for a source that is not confirmed. Returns the first, which is valid alone until
    then, to test that messages arrive."""
    first, second = secrets.in_two_parts()
    source.secret = encryption.encrypt(settings, _PURPOSE, first, now)
    source.next_secret = encryption.encrypt(settings, _PURPOSE, first + second, now)
    return first


async def _check(session: AsyncSession, unit_id: UUID | None) -> None:
    if unit_id is not None:
        await organizations.require_units(session, {unit_id}, "/unit_id")


async def _request_change(
    session: AsyncSession, actor: Actor, source: WebhookSource, asked: dict[str, Any], reason: str | None
) -> ControlChange:
    kind, before = ControlKind.webhook_source, source_scope.state(source)
    return await controls.ask(session, actor, kind, str(source.id), asked=asked, before=before, reason=reason)


async def edit(
    session: AsyncSession, actor: Actor, source_id: UUID, version: int, body: SourceUpdate
) -> WebhookSource | ControlChange:
    """Changes a source and returns it. A request that widens its scope waits as a whole until another person confirms
    it: then returns the control change. Raises Invalid where such a request gives no reason."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    await _check(session, body.unit_id)
    if source.confirmed_since is None:
        return await _edit_unconfirmed(session, actor, source, body)
    before = source_scope.state(source)
    asked = {**before, **body.model_dump(mode="json", include=body.model_fields_set - {"reason"})}
    if await source_scope.widens(session, before, asked):
        return await _request_change(session, actor, source, asked, controls.require_reason(body.reason))
    if changes := apply(source, body, without=_NOT_OF_A_SOURCE):
        if not source.is_trusted:
            source.trust_change_id = None
        await _log(session, actor, "changed", source, {"changes": changes})
    return source


_NOT_OF_A_SOURCE = frozenset({"reason"})


async def _edit_unconfirmed(
    session: AsyncSession, actor: Actor, source: WebhookSource, body: SourceUpdate
) -> WebhookSource:
    """Changes a source that is not confirmed yet: at once, because nothing it sends is applied. The confirmation is
    requested again."""
    kind = ControlKind.webhook_source
    waiting = (await controls.pending(session, kind)).get((kind, str(source.id)))
    is_trusted = waiting is not None and bool(waiting.asked["is_trusted"])
    if "is_trusted" in body.model_fields_set:
        is_trusted = body.is_trusted
    await controls.withdraw_all(session, actor, str(source.id), kind)
    if changes := apply(source, body, without=_NOT_OF_A_SOURCE | {"is_trusted"}):
        await _log(session, actor, "changed", source, {"changes": changes})
    await _request_change(session, actor, source, {**source_scope.state(source), "is_trusted": is_trusted}, body.reason)
    return source


async def rotate(
    session: AsyncSession, actor: Actor, settings: Settings, source_id: UUID, version: int
) -> tuple[WebhookSource, str]:
    """Makes a new secret. Returns the source and the first part. The secret becomes valid once another person has
    confirmed it, who is shown the second; the previous one is valid until then and for another 24 hours."""
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


async def _hold(session: AsyncSession, key: str) -> WebhookSource:
    return await locked(session, select(WebhookSource).where(WebhookSource.id == UUID(key)), None, SOURCE)


async def present(session: AsyncSession, key: str) -> dict[str, Any]:
    """Locks a source. Returns its present scope, in the form in which a control change keeps it. Raises NotFound."""
    return source_scope.state(await _hold(session, key))


async def present_secret(session: AsyncSession, key: str) -> dict[str, Any]:
    """Returns the name of the source, the only thing that a control change says of a secret."""
    return {"name": (await _hold(session, key)).name}


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> str | None:
    """Applies a confirmed scope and trust. Returns the second part of the secret at the first confirmation.

    Raises Conflict where one person was given the whole secret, which has to be rotated first. Raises Forbidden for the
    person who was shown the first part and would be shown the second.
    """
    source = await _hold(session, change.key)
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
    body = SourceUpdate.model_validate(change.asked)
    await _check(session, body.unit_id)
    changes = apply(source, body)
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
    """Whether the actor added the source or was the last to rotate its secret, which need not be the person who asked
    for the waiting change."""
    issuing = select(Event.actor_id).where(
        Event.subject_type == "webhook_source",
        Event.subject_id == source.id,
        Event.type.in_(["webhook_source.added", "webhook_source.rotated"]),
    )
    return await session.scalar(issuing.order_by(Event.subject_version.desc()).limit(1)) == actor.id


def _renew_trust(source: WebhookSource, change: ControlChange) -> None:
    """Sets the id of the trust to that of the change that confirmed it. A later change that keeps the trust keeps the
    id."""
    if not source.is_trusted:
        source.trust_change_id = None
    elif source.trust_change_id is None:
        source.trust_change_id = change.id


async def carry_out_secret(session: AsyncSession, actor: Actor, change: ControlChange) -> str:
    """Makes a confirmed secret valid. Returns its second part.

    The previous one stays valid for 24 hours, unless one person was given the whole of it: that person could sign
    trusted messages alone.
    """
    source = await _hold(session, change.key)
    if source.is_secret_split:
        secrets.keep_previous(source, clock.now(session))
    else:
        source.previous_secret, source.previous_until = None, None
    second = _complete(session, source)
    await _log(session, actor, "secret_confirmed", source, dict(event_fields(change)))
    return second


def _complete(session: AsyncSession, source: WebhookSource) -> str:
    """Makes the whole secret valid. Returns its second part. Raises Conflict where FIVE_ONES_SECRET has changed since
    the encryption."""
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
    """Removes a source for good. It is answered 410 from now on; its messages stay in the inbox."""
    actor.require(Permission.operate)
    source = await _lock(session, source_id, version)
    source.is_removed = True
    await controls.withdraw_all(session, actor, str(source.id), ControlKind.webhook_source, ControlKind.webhook_secret)
    await _log(session, actor, "removed", source, {})


def secrets_of(settings: Settings, source: Row[Any], now: datetime) -> list[str]:
    """Returns the valid secrets of a row with `secret`, `previous_secret` and `previous_until`, the latest first."""
    return secrets.valid(source, settings, _PURPOSE, now)
