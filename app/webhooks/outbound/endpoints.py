"""Endpoints: adding, editing, rotating secrets, taking over, removing, and their health. A secret is shown once.

The user who adds an endpoint owns it, and it receives what its owner sees. Only the owner may change its address; an
operator may switch it off and on.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock, context, refs
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.errors import Conflict, Forbidden, Invalid, refuse
from app.core.localized import Say
from app.core.records import affected, apply, held, locked, one
from app.core.refs import Reference
from app.events import service as events
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.webhooks import secrets
from app.webhooks.outbound import guard
from app.webhooks.outbound.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.webhooks.outbound.schemas import EndpointCreate, EndpointHealth, EndpointRead, EndpointUpdate

ENDPOINT = Say("推送地址", "endpoint")
PURPOSE = "webhook endpoint"
IS_ON = and_(WebhookEndpoint.is_active.is_(True), WebhookEndpoint.is_removed.is_(False))
_HEALTH_PERIOD = timedelta(hours=24)


class Judged(Protocol):
    """What the refusals look at: an endpoint, or what is read of it."""

    @property
    def owner_id(self) -> UUID: ...
    @property
    def is_removed(self) -> bool: ...


def _sees_all(actor: Actor) -> bool:
    return Permission.operate in actor.permissions or (
        actor.sees_all and Permission.keep_endpoints in actor.permissions
    )


def visible_to(actor: Actor) -> Select[UUID]:
    """Selects the ids of one's own endpoints; of all for operators and those who keep endpoints for the whole city."""
    query = select(WebhookEndpoint.id)
    if _sees_all(actor):
        return query
    owner_id = _user_id(actor)
    return query.where(WebhookEndpoint.owner_id == owner_id if owner_id is not None else false())


def _user_id(actor: Actor) -> UUID | None:
    try:
        return UUID(actor.id) if actor.kind is not ActorKind.system else None
    except ValueError:
        return None


_UNIT = [Reference("unit", "unit_id", Unit)]
_NAMES = refs.joined(
    select(User.display_name.label("owner_name")).join_from(WebhookEndpoint, User, User.id == WebhookEndpoint.owner_id),
    WebhookEndpoint.__table__.c,
    _UNIT,
)
"""The names of what endpoints refer to."""


async def find(session: AsyncSession, actor: Actor) -> list[EndpointRead]:
    query = _NAMES.add_columns(WebhookEndpoint).where(WebhookEndpoint.id.in_(visible_to(actor)))
    rows = await session.execute(query.order_by(WebhookEndpoint.name, WebhookEndpoint.id))
    return [_read(actor, row.pop("WebhookEndpoint"), row) for row in refs.all_named(rows, _UNIT)]


async def get(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Returns an endpoint. Raises NotFound."""
    is_visible = WebhookEndpoint.id.in_(visible_to(actor))
    return await one(session, select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, is_visible), ENDPOINT)


async def _lock(session: AsyncSession, actor: Actor, endpoint_id: UUID, version: int) -> WebhookEndpoint:
    is_visible = WebhookEndpoint.id.in_(visible_to(actor))
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, is_visible)
    endpoint = await locked(session, query, version, ENDPOINT)
    refuse(removed(endpoint))
    return endpoint


async def hold(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Locks and returns an endpoint, for an act that is no edit of it. Raises NotFound, or Conflict where it has been
    removed."""
    is_visible = WebhookEndpoint.id.in_(visible_to(actor))
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, is_visible)
    endpoint = await held(session, query, ENDPOINT)
    refuse(removed(endpoint))
    return endpoint


def removed(endpoint: Judged) -> Conflict | None:
    """Returns the refusal of an act on an endpoint that has been removed."""
    if not endpoint.is_removed:
        return None
    return Conflict(Say("推送地址已移除，不能再改。", "The endpoint has been removed."), code="endpoint_removed")


def require_on(endpoint: WebhookEndpoint) -> None:
    """Raises Conflict where the endpoint is off or removed."""
    if not endpoint.is_active or endpoint.is_removed:
        raise Conflict(
            Say("推送地址已停用，请先启用。", "The endpoint is off; switch it on first."), code="endpoint_off"
        )


async def _log(
    session: AsyncSession, actor: Actor, verb: str, endpoint: WebhookEndpoint, data: dict[str, object]
) -> None:
    """Records a change twice, as an event and as a security event: who receives what is a matter of access."""
    await events.record(session, actor, f"webhook_endpoint.{verb}", endpoint, data)
    subject = Subject("webhook_endpoint", endpoint.id)
    await trail.record(session, actor, SecurityEventType.settings_changed, subject, {"key": f"webhook_endpoint.{verb}"})


async def require_allowed(actor: Actor, url: str, settings: Settings) -> None:
    """Raises Invalid where nothing may be sent to the address, without revealing whether its host exists. Raises
    Forbidden before that, so that nobody else can resolve names through us."""
    actor.require(Permission.keep_endpoints)
    try:
        await guard.resolve(url, settings)
    except guard.Refused:
        say = Say(
            "找不到这个主机，或不许推送到那里：只能推送到公网的 https 地址；"
            "内网地址须由运维列入 FIVE_ONES_OUTBOUND_NETWORKS。",
            "There is no such host, or nothing may be sent there: only public https addresses, and intranets that "
            "whoever runs the service names in FIVE_ONES_OUTBOUND_NETWORKS.",
        )
        raise Invalid.field("/url", "url_refused", say) from None


async def _check(session: AsyncSession, unit_id: UUID | None) -> None:
    if unit_id is not None:
        await organizations.require_units(session, {unit_id}, "/unit_id")


async def _owner(session: AsyncSession, actor: Actor) -> UUID:
    """Returns the user id of an actor. Raises Forbidden for an actor who is no user, whose visibility could not be read
    later."""
    user_id = _user_id(actor)
    if user_id is None or await session.get(User, user_id) is None:
        say = Say("推送地址须由登录的用户设立。", "An endpoint is added by a user who has signed in.")
        raise Forbidden(say, code="no_user")
    return user_id


async def add(
    session: AsyncSession, actor: Actor, settings: Settings, body: EndpointCreate
) -> tuple[WebhookEndpoint, str]:
    """Adds an endpoint. Returns it and the secret for its receiver. The caller has checked the address
    (`require_allowed`)."""
    actor.require(Permission.keep_endpoints)
    await _check(session, body.unit_id)
    endpoint = WebhookEndpoint(
        **body.model_dump(), owner_id=await _owner(session, actor), is_active=True, is_removed=False, failures=0, turn=0
    )
    secret = secrets.issue(endpoint, settings, PURPOSE, clock.now(session))
    await _log(session, actor, "added", endpoint, {**body.model_dump(mode="json"), "url": _without_query(body.url)})
    return endpoint, secret


def not_the_owner(actor: Actor, endpoint: Judged) -> Forbidden | None:
    """Returns the refusal to anybody but the owner, who says where an endpoint leads."""
    if actor.id == str(endpoint.owner_id):
        return None
    say = Say(
        "只有设立者能改推送地址的去向；你可以启用、停用，或先接管。",
        "Only its owner says where it leads; you may switch it off and on, or take it over first.",
    )
    return Forbidden(say, code="not_the_owner")


def taken_already(actor: Actor, endpoint: Judged) -> Conflict | None:
    """Returns the refusal to take over what is one's own."""
    if actor.id != str(endpoint.owner_id):
        return None
    return Conflict(Say("这个推送地址已由你管理。", "It is yours already."), code="unchanged")


async def edit(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, version: int, body: EndpointUpdate
) -> WebhookEndpoint:
    """Changes an endpoint. One that is switched on, or has a new address, starts without failures: pending deliveries
    are due at once. Raises Forbidden where somebody else than the owner changes more than `is_active`."""
    endpoint = await _lock(session, actor, endpoint_id, version)
    if body.model_fields_set - {"is_active"}:
        actor.require(Permission.keep_endpoints)
        refuse(not_the_owner(actor, endpoint))
    await _check(session, body.unit_id)
    if changes := apply(endpoint, body):
        if endpoint.is_active and changes.keys() & {"is_active", "url"}:
            await _reset_health(session, endpoint)
        if "url" in changes:
            changes["url"] = [_without_query(url) for url in changes["url"]]
        await _log(session, actor, "changed", endpoint, {"changes": changes})
    return endpoint


def _without_query(url: str) -> str:
    """Returns the address without its query, which may hold a password: the event log is never cleared."""
    return urlsplit(url)._replace(query="…" if urlsplit(url).query else "").geturl()


async def read(session: AsyncSession, actor: Actor, endpoint: WebhookEndpoint) -> EndpointRead:
    """Returns an endpoint as shown to an actor: the query of its address, which may hold a password, only to its
    owner."""
    names = (await session.execute(_NAMES.where(WebhookEndpoint.id == endpoint.id))).one()
    return _read(actor, endpoint, refs.named(names, _UNIT))


def _read(actor: Actor, endpoint: WebhookEndpoint, names: dict[str, Any]) -> EndpointRead:
    columns = {name: getattr(endpoint, name) for name in EndpointRead.model_fields.keys() - names.keys()}
    shown = EndpointRead(**columns, **names)
    return shown if actor.id == str(endpoint.owner_id) else shown.model_copy(update={"url": _without_query(shown.url)})


def _is_pending(endpoint_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.state == DeliveryState.pending


async def _reset_health(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    endpoint.disabled = endpoint.failing_since = endpoint.last_failed_at = None
    endpoint.failures = 0
    await clear_backoff(session, endpoint.id)
    now = clock.now(session)
    await affected(session, update(WebhookDelivery).where(*_is_pending(endpoint.id)).values(next_at=now))
    context.WAKES.set(session, True)


async def clear_backoff(session: AsyncSession, endpoint_id: UUID) -> None:
    cleared = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    await affected(session, cleared.values(rests_until=None))


async def rotate(
    session: AsyncSession, actor: Actor, settings: Settings, endpoint_id: UUID, version: int
) -> tuple[WebhookEndpoint, str]:
    """Makes a new secret and returns it with the endpoint. For 24 hours messages are signed with the previous one too.

    Raises Forbidden for somebody else than the owner.
    """
    actor.require(Permission.keep_endpoints)
    endpoint = await _lock(session, actor, endpoint_id, version)
    refuse(not_the_owner(actor, endpoint))
    secret = secrets.rotate(endpoint, settings, PURPOSE, clock.now(session))
    await _log(session, actor, "rotated", endpoint, {})
    return endpoint, secret


async def take_over(
    session: AsyncSession, actor: Actor, settings: Settings, endpoint_id: UUID, version: int
) -> tuple[WebhookEndpoint, str]:
    """Makes the actor the owner, such as after a colleague has left. Returns the endpoint and a new secret.

    The endpoint is switched off, and the old secret is invalid: whoever chose its address and knows its secret may see
    less than the new owner. Once on again it receives what the new owner sees. Raises Conflict for one's own.
    """
    actor.require(Permission.keep_endpoints)
    endpoint = await _lock(session, actor, endpoint_id, version)
    owner_id = await _owner(session, actor)
    refuse(taken_already(actor, endpoint))
    before, endpoint.owner_id, endpoint.is_active = endpoint.owner_id, owner_id, False
    secret = secrets.issue(endpoint, settings, PURPOSE, clock.now(session))
    endpoint.previous_secret = endpoint.previous_until = None
    await _log(session, actor, "taken_over", endpoint, {"changes": {"owner_id": [str(before), str(owner_id)]}})
    return endpoint, secret


async def remove(session: AsyncSession, actor: Actor, endpoint_id: UUID, version: int) -> None:
    """Removes an endpoint for good. Its pending deliveries fail; its deliveries stay on record."""
    endpoint = await _lock(session, actor, endpoint_id, version)
    endpoint.is_removed, endpoint.is_active = True, False
    failed = {"state": DeliveryState.failed, "next_at": None, "settled_at": clock.now(session)}
    await affected(session, update(WebhookDelivery).where(*_is_pending(endpoint.id)).values(**failed))
    await _log(session, actor, "removed", endpoint, {})


async def health(session: AsyncSession, endpoint_ids: Collection[UUID]) -> dict[UUID, EndpointHealth]:
    """Returns the health of endpoints over the last 24 hours, in one statement."""
    since = clock.now(session) - _HEALTH_PERIOD
    recent = (
        select(
            WebhookAttempt.endpoint_id,
            func.count(case((_SUCCEEDED, 1))).label("succeeded"),
            func.count(case((_FAILED, 1))).label("failed"),
            func.avg(case((_SUCCEEDED, WebhookAttempt.milliseconds))).label("milliseconds"),
        )
        .where(WebhookAttempt.endpoint_id.in_(endpoint_ids), WebhookAttempt.at > since)
        .group_by(WebhookAttempt.endpoint_id)
        .subquery("recent")
    )
    pending = (
        select(
            WebhookDelivery.endpoint_id,
            func.count().label("waiting"),
            func.min(WebhookDelivery.created_at).label("oldest"),
        )
        .where(WebhookDelivery.endpoint_id.in_(endpoint_ids), WebhookDelivery.state == DeliveryState.pending)
        .group_by(WebhookDelivery.endpoint_id)
        .subquery("pending")
    )
    query = (
        select(
            *(
                getattr(WebhookEndpoint, name)
                for name in ("id", "is_active", "disabled", "failing_since", "rests_until")
            ),
            func.coalesce(pending.c.waiting, 0).label("pending"),
            pending.c.oldest.label("oldest_pending_at"),
            func.coalesce(recent.c.succeeded, 0).label("succeeded_in_24_hours"),
            func.coalesce(recent.c.failed, 0).label("failed_in_24_hours"),
            recent.c.milliseconds,
            _last(_SUCCEEDED).label("last_success_at"),
            _last(_FAILED).label("last_failure_at"),
        )
        .outerjoin(recent, recent.c.endpoint_id == WebhookEndpoint.id)
        .outerjoin(pending, pending.c.endpoint_id == WebhookEndpoint.id)
        .where(WebhookEndpoint.id.in_(endpoint_ids))
    )
    return {row.id: _health(**row._asdict()) for row in await session.execute(query)}


_SUCCEEDED = WebhookAttempt.status.between(200, 299)
_FAILED = or_(WebhookAttempt.status.is_(None), not_(_SUCCEEDED))


def _last(outcome: ColumnElement[bool]) -> Any:
    """Returns the moment of the latest attempt of an endpoint with this outcome."""
    query = select(WebhookAttempt.at).where(WebhookAttempt.endpoint_id == WebhookEndpoint.id, outcome)
    return query.order_by(WebhookAttempt.at.desc()).limit(1).correlate(WebhookEndpoint).scalar_subquery()


def _health(id: UUID, milliseconds: Any, **columns: Any) -> EndpointHealth:
    return EndpointHealth(**columns, average_milliseconds=None if milliseconds is None else round(milliseconds))


async def health_of(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> EndpointHealth:
    """Returns the health of an endpoint over the last 24 hours. Raises NotFound."""
    await get(session, actor, endpoint_id)
    return (await health(session, [endpoint_id]))[endpoint_id]
