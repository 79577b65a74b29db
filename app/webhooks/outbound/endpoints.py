"""Endpoints: adding, editing, rotating secrets, taking over, removing, and how they do. A secret is shown once.

Whoever adds one owns it: it is told what its owner sees. Where it leads only its owner says; whoever looks after the
service may switch it off and on.
"""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.core import clock, context
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.localized import Say
from app.core.records import affected, apply, held, locked, one
from app.events import service as events
from app.organizations import service as organizations
from app.webhooks import secrets
from app.webhooks.outbound import guard
from app.webhooks.outbound.models import DeliveryState, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.webhooks.outbound.schemas import EndpointCreate, EndpointHealth, EndpointRead, EndpointUpdate

ENDPOINT = Say("推送地址", "endpoint")
PURPOSE = "webhook endpoint"
IS_ON = and_(WebhookEndpoint.is_active.is_(True), WebhookEndpoint.is_removed.is_(False))
_LOOKED_AT = timedelta(hours=24)


def _sees_all(actor: Actor) -> bool:
    return Permission.operate in actor.permissions or (
        actor.sees_all and Permission.keep_endpoints in actor.permissions
    )


def visible_to(actor: Actor) -> Select[UUID]:
    """One's own; whoever operates the service, or keeps endpoints over the whole city, sees every one."""
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


async def find(session: AsyncSession, actor: Actor) -> list[WebhookEndpoint]:
    query = select(WebhookEndpoint).where(WebhookEndpoint.id.in_(visible_to(actor)))
    return list(await session.scalars(query.order_by(WebhookEndpoint.name, WebhookEndpoint.id)))


async def get(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Raises NotFound."""
    seen = WebhookEndpoint.id.in_(visible_to(actor))
    return await one(session, select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, seen), ENDPOINT)


async def _lock(session: AsyncSession, actor: Actor, endpoint_id: UUID, version: int) -> WebhookEndpoint:
    seen = WebhookEndpoint.id.in_(visible_to(actor))
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, seen)
    endpoint = await locked(session, query, version, ENDPOINT)
    _require_kept(endpoint)
    return endpoint


async def hold(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """Locked, for what is no edit of it. Raises NotFound, or Conflict where it has been removed."""
    seen = WebhookEndpoint.id.in_(visible_to(actor))
    endpoint = await held(session, select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, seen), ENDPOINT)
    _require_kept(endpoint)
    return endpoint


def _require_kept(endpoint: WebhookEndpoint) -> None:
    if endpoint.is_removed:
        raise Conflict(Say("推送地址已移除，不能再改。", "The endpoint has been removed."), code="endpoint_removed")


def require_on(endpoint: WebhookEndpoint) -> None:
    """Raises Conflict where nothing is sent there."""
    if not endpoint.is_active or endpoint.is_removed:
        raise Conflict(
            Say("推送地址已停用，请先启用。", "The endpoint is off; switch it on first."), code="endpoint_off"
        )


async def _log(
    session: AsyncSession, actor: Actor, verb: str, endpoint: WebhookEndpoint, data: dict[str, object]
) -> None:
    """Who is told what is a matter of access: on both records."""
    await events.record(session, actor, f"webhook_endpoint.{verb}", endpoint, data)
    subject = Subject("webhook_endpoint", endpoint.id)
    await trail.record(session, actor, SecurityEventType.settings_changed, subject, {"key": f"webhook_endpoint.{verb}"})


async def require_allowed(actor: Actor, url: str, settings: Settings) -> None:
    """Raises Invalid where nothing may be sent there, without saying whether there is such a name; Forbidden first, for
    nobody else asks names through us."""
    actor.require(Permission.keep_endpoints)
    try:
        await guard.judge(url, settings)
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
    """Raises Forbidden for whoever is no user: nobody's sight could be asked for later."""
    user_id = _user_id(actor)
    if user_id is None or await session.get(User, user_id) is None:
        say = Say("推送地址须由登录的用户设立。", "An endpoint is added by a user who has signed in.")
        raise Forbidden(say, code="no_user")
    return user_id


async def add(
    session: AsyncSession, actor: Actor, settings: Settings, body: EndpointCreate
) -> tuple[WebhookEndpoint, str]:
    """The endpoint, and its secret for the receiver. The address has been asked about (`require_allowed`)."""
    actor.require(Permission.keep_endpoints)
    await _check(session, body.unit_id)
    endpoint = WebhookEndpoint(
        **body.model_dump(), owner_id=await _owner(session, actor), is_active=True, is_removed=False, failures=0, turn=0
    )
    secret = secrets.issue(endpoint, settings, PURPOSE, clock.now(session))
    await _log(session, actor, "added", endpoint, {**body.model_dump(mode="json"), "url": _shown(body.url)})
    return endpoint, secret


def _require_owner(actor: Actor, endpoint: WebhookEndpoint) -> None:
    if actor.id != str(endpoint.owner_id):
        say = Say(
            "只有设立者能改推送地址的去向；你可以启用、停用，或先接管。",
            "Only its owner says where it leads; you may switch it off and on, or take it over first.",
        )
        raise Forbidden(say, code="not_the_owner")


async def edit(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, version: int, body: EndpointUpdate
) -> WebhookEndpoint:
    """Switched on again, or sent elsewhere, it begins anew: what waits for it goes at once."""
    endpoint = await _lock(session, actor, endpoint_id, version)
    if body.model_fields_set - {"is_active"}:
        actor.require(Permission.keep_endpoints)
        _require_owner(actor, endpoint)
    await _check(session, body.unit_id)
    if changes := apply(endpoint, body):
        if endpoint.is_active and changes.keys() & {"is_active", "url"}:
            await _begin_anew(session, endpoint)
        if "url" in changes:
            changes["url"] = [_shown(url) for url in changes["url"]]
        await _log(session, actor, "changed", endpoint, {"changes": changes})
    return endpoint


def _shown(url: str) -> str:
    """For the records, which are kept for ever: without what may be a password."""
    return urlsplit(url)._replace(query="…" if urlsplit(url).query else "").geturl()


def read(actor: Actor, endpoint: WebhookEndpoint) -> EndpointRead:
    """An endpoint as it is shown: what may be a password in its address is for its owner."""
    found = EndpointRead.model_validate(endpoint)
    return found if actor.id == str(endpoint.owner_id) else found.model_copy(update={"url": _shown(found.url)})


def _waits(endpoint_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return WebhookDelivery.endpoint_id == endpoint_id, WebhookDelivery.state == DeliveryState.pending


async def _begin_anew(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    endpoint.disabled = endpoint.failing_since = endpoint.last_failed_at = None
    endpoint.failures = 0
    await rest_no_more(session, endpoint.id)
    now = clock.now(session)
    await affected(session, update(WebhookDelivery).where(*_waits(endpoint.id)).values(next_at=now))
    context.WAKES.set(session, True)


async def rest_no_more(session: AsyncSession, endpoint_id: UUID) -> None:
    rests = update(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    await affected(session, rests.values(rests_until=None))


async def rotate(
    session: AsyncSession, actor: Actor, settings: Settings, endpoint_id: UUID, version: int
) -> tuple[WebhookEndpoint, str]:
    """A new secret; for 24 hours messages are signed with the one before as well."""
    actor.require(Permission.keep_endpoints)
    endpoint = await _lock(session, actor, endpoint_id, version)
    _require_owner(actor, endpoint)
    secret = secrets.rotate(endpoint, settings, PURPOSE, clock.now(session))
    await _log(session, actor, "rotated", endpoint, {})
    return endpoint, secret


async def take_over(
    session: AsyncSession, actor: Actor, settings: Settings, endpoint_id: UUID, version: int
) -> tuple[WebhookEndpoint, str]:
    """Become its owner, such as of a colleague's who has left: once it is on again it is told what the new one sees.

    It is off until then and signs by a new secret alone: whoever chose its address and knows its secret may see less.
    """
    actor.require(Permission.keep_endpoints)
    endpoint = await _lock(session, actor, endpoint_id, version)
    owner_id = await _owner(session, actor)
    if owner_id == endpoint.owner_id:
        raise Conflict(Say("这个推送地址已由你管理。", "It is yours already."), code="unchanged")
    before, endpoint.owner_id, endpoint.is_active = endpoint.owner_id, owner_id, False
    secret = secrets.issue(endpoint, settings, PURPOSE, clock.now(session))
    endpoint.previous_secret = endpoint.previous_until = None
    await _log(session, actor, "taken_over", endpoint, {"changes": {"owner_id": [str(before), str(owner_id)]}})
    return endpoint, secret


async def remove(session: AsyncSession, actor: Actor, endpoint_id: UUID, version: int) -> None:
    """For good: nothing is sent there any more; what was sent stays on record."""
    endpoint = await _lock(session, actor, endpoint_id, version)
    endpoint.is_removed, endpoint.is_active = True, False
    ended = {"state": DeliveryState.failed, "next_at": None, "settled_at": clock.now(session)}
    await affected(session, update(WebhookDelivery).where(*_waits(endpoint.id)).values(**ended))
    await _log(session, actor, "removed", endpoint, {})


async def health(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> EndpointHealth:
    endpoint = await get(session, actor, endpoint_id)
    succeeded = WebhookAttempt.status.between(200, 299)
    failed = or_(WebhookAttempt.status.is_(None), not_(succeeded))
    since = clock.now(session) - _LOOKED_AT
    lately = select(
        func.count(case((succeeded, 1))),
        func.count(case((failed, 1))),
        func.avg(case((succeeded, WebhookAttempt.milliseconds))),
    ).where(WebhookAttempt.endpoint_id == endpoint_id, WebhookAttempt.at > since)
    answered, unanswered, milliseconds = (await session.execute(lately)).one()
    pending = select(func.count(), func.min(WebhookDelivery.created_at)).where(*_waits(endpoint_id))
    waiting, oldest = (await session.execute(pending)).one()
    last = {
        outcome: await session.scalar(
            select(WebhookAttempt.at)
            .where(WebhookAttempt.endpoint_id == endpoint_id, condition)
            .order_by(WebhookAttempt.at.desc())
            .limit(1)
        )
        for outcome, condition in ((True, succeeded), (False, failed))
    }
    return EndpointHealth(
        is_active=endpoint.is_active,
        disabled=endpoint.disabled,
        failing_since=endpoint.failing_since,
        rests_until=endpoint.rests_until,
        pending=waiting,
        oldest_pending_at=oldest,
        succeeded_in_24_hours=answered,
        failed_in_24_hours=unanswered,
        average_milliseconds=None if milliseconds is None else round(milliseconds),
        last_success_at=last[True],
        last_failure_at=last[False],
    )
