"""Asks for a change that loosens a control, and confirms, refuses or withdraws it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject
from app.controls.kinds import ASKED_WITH, CONFIRMED_WITH, Controls
from app.controls.models import ChangeState, ControlChange, ControlKind
from app.controls.schemas import ControlChangeQuery, ControlChangeRead
from app.core import clock, paging
from app.core.actor import Actor, Permission, system
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.localized import Say
from app.core.records import locked, one
from app.events import service as events
from app.events.schemas import EventRead, TimelineQuery

CHANGE = Say("变更", "change")
CONFIRM_WITHIN = timedelta(days=7)
_CLOCK = system("schedule")
_UNFOUNDED = "提出人的账号或权限已停用 / the account or right of whoever asked was ended"
_LAPSED = Say("没有在期限内确认，请重新提出。", "It was not confirmed in time; ask for it anew.")


def require_reason(reason: str | None) -> str:
    """Returns the reason of a change that loosens a control. Raises Invalid where it is None."""
    if reason is None:
        say = Say(
            "这项变更会放宽管控，须由另一人确认；请在 reason 中写明理由。",
            "This loosens a control and is confirmed by another person; say why in `reason`.",
        )
        raise Invalid.field("/reason", "reason_required", say)
    return reason


async def ask(
    session: AsyncSession,
    actor: Actor,
    kind: ControlKind,
    key: str,
    *,
    asked: dict[str, Any],
    before: dict[str, Any],
    reason: str | None,
) -> ControlChange:
    """Stores a change until another person confirms it. Raises Conflict where one of this kind and key is pending."""
    actor.require(ASKED_WITH[kind])
    now = clock.now(session)
    await _end_lapsed(session, ControlChange.kind == kind, ControlChange.key == key)
    change = ControlChange(
        kind=kind,
        key=key,
        asked=asked,
        before=before,
        reason=reason,
        asked_by=actor.id,
        asked_by_name=actor.name,
        asked_at=now,
        expires_at=now + CONFIRM_WITHIN,
        state=ChangeState.pending,
    )
    data = {"kind": kind.value, "key": key, "asked": asked, "before": before, "reason": reason}
    await _log(session, actor, "asked", SecurityEventType.control_asked, change, data)
    return change


async def _log(
    session: AsyncSession,
    actor: Actor,
    verb: str,
    what: SecurityEventType,
    change: ControlChange,
    data: dict[str, Any],
) -> None:
    await events.record(session, actor, f"control_change.{verb}", change, data)
    subject = Subject("control_change", change.id)
    await trail.record(session, actor, what, subject, {"kind": change.kind.value, "key": change.key})


async def _lock_pending(session: AsyncSession, change_id: UUID, version: int) -> ControlChange:
    """Locks and returns a pending change. Raises NotFound, Stale, or Conflict where it is settled or has lapsed."""
    change = await locked(session, select(ControlChange).where(ControlChange.id == change_id), version, CHANGE)
    if change.state is not ChangeState.pending:
        state = change.state.say
        raise Conflict(Say(f"这项变更{state.zh}。", f"The change is settled: {state.en}."), code="change_settled")
    if change.expires_at <= clock.now(session):
        raise Conflict(_LAPSED, code="change_lapsed")
    return change


async def _settle(
    session: AsyncSession, actor: Actor, change: ControlChange, state: ChangeState, reason: str | None = None
) -> ControlChange:
    change.state = state
    change.settled_by, change.settled_by_name = actor.id, actor.name
    change.settled_at, change.settled_reason = clock.now(session), reason
    what = {
        ChangeState.confirmed: SecurityEventType.control_confirmed,
        ChangeState.refused: SecurityEventType.control_refused,
        ChangeState.withdrawn: SecurityEventType.control_withdrawn,
        ChangeState.expired: SecurityEventType.control_expired,
    }[state]
    data = {"kind": change.kind.value, "key": change.key, "asked_by": change.asked_by, "reason": reason}
    await _log(session, actor, state.value, what, change, data)
    return change


async def confirm(
    session: AsyncSession, actor: Actor, controls: Controls, change_id: UUID, version: int
) -> tuple[ControlChange, str | None]:
    """Applies a change. Returns it, with the secret that it gives to the confirming person, or None.

    Raises Forbidden for the person who asked, or without the right to confirm. Raises Conflict where the change is
    settled or has lapsed, where the person who asked no longer has the right to ask, or where the present state is not
    `before` any more.
    """
    change = await _require_both(session, actor, controls, change_id, version)
    if actor.id == change.asked_by:
        say = Say("这项变更由你提出，须由另一人确认。", "You asked for this change; another person confirms it.")
        raise Forbidden(say, code="asked_by_you")
    control = controls.of[change.kind]
    if await control.present(session, change.key) != change.before:
        say = Say(
            "提出之后情况已变，请退回或撤回后重新提出。",
            "What it would change is no longer as it was; refuse or withdraw it, and have it asked for anew.",
        )
        raise Conflict(say, code="control_moved")
    secret = await control.carry_out(session, actor, change)
    return await _settle(session, actor, change, ChangeState.confirmed), secret


async def _require_both(
    session: AsyncSession, actor: Actor, controls: Controls, change_id: UUID, version: int
) -> ControlChange:
    """Locks both accounts and the change, and returns the change. Both people keep their rights until the commit.

    Accounts are locked before the change, as by the verbs that take a right away, and in the order of their ids.
    Raises Forbidden where the confirming person lacks the right, Conflict where the person who asked does.
    """
    kind, asked_by = (await _kind_and_asker(session, change_id)) or (None, "")
    has_right = {}
    if kind is not None:
        rights = {asked_by: ASKED_WITH[kind], actor.id: CONFIRMED_WITH[kind]}
        has_right = {actor_id: await controls.holds(session, actor_id, rights[actor_id]) for actor_id in sorted(rights)}
    change = await _lock_pending(session, change_id, version)
    actor.require(CONFIRMED_WITH[change.kind])
    if actor.id != asked_by and not has_right[actor.id]:
        raise Forbidden(
            Say("你的账号或权限刚被停用。", "Your account or right has just been ended."), code="right_ended"
        )
    if not has_right[asked_by]:
        say = Say(
            f"提出人 {change.asked_by_name} 的账号已停用，或已没有提出的权限；请退回，由仍有权限的人重新提出。",
            f"The account of {change.asked_by_name}, who asked, is out of use or lacks the right to ask; refuse "
            "it, and have somebody ask anew who holds the right.",
        )
        raise Conflict(say, code="asker_gone")
    return change


async def _kind_and_asker(session: AsyncSession, change_id: UUID) -> tuple[ControlKind, str] | None:
    """Returns the kind of a change and the actor who asked for it, which never change; needs no lock."""
    query = select(ControlChange.kind, ControlChange.asked_by).where(ControlChange.id == change_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row.kind, row.asked_by)


async def refuse(session: AsyncSession, actor: Actor, change_id: UUID, version: int, reason: str) -> ControlChange:
    """Refuses a pending change, with the right to confirm it."""
    change = await _lock_pending(session, change_id, version)
    actor.require(CONFIRMED_WITH[change.kind])
    return await _settle(session, actor, change, ChangeState.refused, reason)


async def withdraw(session: AsyncSession, actor: Actor, change_id: UUID, version: int) -> ControlChange:
    """Withdraws a pending change: by the person who asked, or by another with the right to ask."""
    change = await _lock_pending(session, change_id, version)
    if actor.id != change.asked_by:
        actor.require(ASKED_WITH[change.kind])
    return await _settle(session, actor, change, ChangeState.withdrawn)


async def withdraw_all(session: AsyncSession, actor: Actor, key: str, *kinds: ControlKind) -> None:
    """Withdraws the pending changes of an object that no longer exists."""
    waiting = select(ControlChange).where(
        ControlChange.key == key, ControlChange.kind.in_(kinds), ControlChange.state == ChangeState.pending
    )
    for change in (await session.scalars(waiting.with_for_update())).all():
        await _settle(session, actor, change, ChangeState.withdrawn)


async def withdraw_without_right(
    session: AsyncSession, actor: Actor, asked_by: str, holds: Collection[Permission]
) -> None:
    """Withdraws the pending changes for which `asked_by` no longer has the right to ask.

    The caller holds the lock on the account and has just removed rights from it. `holds` are the remaining rights.
    """
    waiting = select(ControlChange).where(
        ControlChange.asked_by == asked_by, ControlChange.state == ChangeState.pending
    )
    for change in (await session.scalars(waiting.order_by(ControlChange.id).with_for_update())).all():
        if ASKED_WITH[change.kind] not in holds:
            await _settle(session, actor, change, ChangeState.withdrawn, _UNFOUNDED)


async def _end_lapsed(session: AsyncSession, *conditions: Any) -> int:
    lapsed = select(ControlChange).where(
        ControlChange.state == ChangeState.pending, ControlChange.expires_at <= clock.now(session), *conditions
    )
    changes = (await session.scalars(lapsed.with_for_update())).all()
    for change in changes:
        await _settle(session, _CLOCK, change, ChangeState.expired)
    return len(changes)


async def end_lapsed(session: AsyncSession) -> int:
    """Expires the changes that nobody confirmed in time. Returns how many."""
    return await _end_lapsed(session)


def read(change: Any, now: datetime) -> ControlChangeRead:
    """Returns a change as a schema. One that has lapsed at `now` is `expired`, even if no job has settled it yet."""
    kind: ControlKind = change.kind
    values = {name: getattr(change, name) for name in _COLUMNS}
    if change.state is ChangeState.pending and change.expires_at <= now:
        values["state"] = ChangeState.expired
    return ControlChangeRead(**values, zh=kind.say.zh, en=kind.say.en, confirmed_with=CONFIRMED_WITH[kind])


_COLUMNS = ControlChangeRead.model_fields.keys() - {"zh", "en", "confirmed_with"}


async def get(session: AsyncSession, change_id: UUID) -> ControlChangeRead:
    """Raises NotFound."""
    change = await one(session, select(ControlChange).where(ControlChange.id == change_id), CHANGE)
    return read(change, clock.now(session))


def _in_state(state: ChangeState, now: datetime) -> ColumnElement[bool]:
    """Returns the condition that a change has the state at `now`; one that has lapsed counts as expired."""
    waits = and_(ControlChange.state == ChangeState.pending, ControlChange.expires_at > now)
    lapsed = and_(ControlChange.state == ChangeState.pending, ControlChange.expires_at <= now)
    if state is ChangeState.pending:
        return waits
    settled = ControlChange.state == state
    return or_(settled, lapsed) if state is ChangeState.expired else settled


async def find(session: AsyncSession, query: ControlChangeQuery) -> paging.Page[ControlChangeRead]:
    """Returns the changes of a query, the latest first."""
    changes = select(*(getattr(ControlChange, name) for name in sorted(_COLUMNS)))
    now = clock.now(session)
    if query.kind is not None:
        changes = changes.where(ControlChange.kind == query.kind)
    if query.state is not None:
        changes = changes.where(_in_state(query.state, now))
    order = paging.Order([ControlChange.asked_at, ControlChange.id], descending=True)
    return await paging.page(session, changes, order, query, "control-changes", lambda row: read(row, now))


async def pending(session: AsyncSession, *kinds: ControlKind) -> dict[tuple[ControlKind, str], ControlChange]:
    """Returns the pending changes of these kinds, by kind and key."""
    waits = _in_state(ChangeState.pending, clock.now(session))
    waiting = select(ControlChange).where(ControlChange.kind.in_(kinds), waits)
    return {(change.kind, change.key): change for change in await session.scalars(waiting)}


async def timeline(
    session: AsyncSession, actor: Actor, change_id: UUID, query: TimelineQuery
) -> paging.Page[EventRead]:
    """Returns the events of a change, the latest first. Raises NotFound."""
    await get(session, change_id)
    return await events.timeline_of(session, actor, "control_change", change_id, query)
