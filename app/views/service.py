"""Saved views. Who sees one: its owner, the owner's unit, or everyone, as it is shared; the rows it shows are the
reader's.

A view that is shared with everyone wants the right to share. The shared views of a locked account are kept by whoever
has that right.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import User
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Forbidden
from app.core.localized import Say
from app.core.paging import COUNT_CAP, Count
from app.core.records import apply, locked, one
from app.events import service as events
from app.views import queries
from app.views.models import SavedView, Shared, ViewRoom
from app.views.schemas import ViewColumn, ViewCounts, ViewCreate, ViewRead, ViewUpdate

VIEW = Say("视图", "view")
MOST = 100
"""The most views of one owner."""


def _user_id(actor_id: str) -> UUID | None:
    try:
        return UUID(actor_id)
    except ValueError:
        return None


def _visible(actor: Actor) -> ColumnElement[bool]:
    conditions = [SavedView.owner_id == actor.id, SavedView.shared == Shared.everyone]
    if actor.unit_id is not None:
        conditions.append(and_(SavedView.shared == Shared.unit, SavedView.unit_id == actor.unit_id))
    return or_(*conditions)


async def _locked_owners(session: AsyncSession, views: Sequence[SavedView]) -> set[str]:
    """Returns the owners whose account is locked."""
    ids = {user_id for view in views if (user_id := _user_id(view.owner_id)) is not None}
    if not ids:
        return set()
    return {str(user_id) for user_id in await session.scalars(select(User.id).where(User.id.in_(ids), User.is_locked))}


def _may_edit(actor: Actor, view: SavedView, locked_owners: set[str]) -> bool:
    is_orphan = view.shared is not Shared.none and view.owner_id in locked_owners
    return view.owner_id == actor.id or (is_orphan and Permission.share_views in actor.permissions)


def _read(actor: Actor, view: SavedView, locked_owners: set[str]) -> ViewRead:
    query, notices = queries.usable(view.room, view.query)
    return ViewRead(
        id=view.id,
        version=view.version,
        room=view.room,
        name=view.name,
        query=query,
        columns=[ViewColumn.model_validate(column) for column in view.columns],
        layout=view.layout,
        shared=view.shared,
        position=view.position,
        owner=None if view.owner_id in locked_owners else view.owner_name,
        is_mine=view.owner_id == actor.id,
        may_edit=_may_edit(actor, view, locked_owners),
        notices=notices,
        updated_at=view.updated_at,
    )


def _views(actor: Actor, room: ViewRoom | None) -> Select[SavedView]:
    views = select(SavedView).where(_visible(actor))
    if room is not None:
        views = views.where(SavedView.room == room)
    return views.order_by(SavedView.room, SavedView.position, SavedView.created_at, SavedView.id).limit(5 * MOST)


async def find(session: AsyncSession, actor: Actor, room: ViewRoom | None) -> list[ViewRead]:
    """Returns the views that the actor sees, by room and position."""
    views = list(await session.scalars(_views(actor, room)))
    locked_owners = await _locked_owners(session, views)
    return [_read(actor, view, locked_owners) for view in views]


async def get(session: AsyncSession, actor: Actor, view_id: UUID) -> ViewRead:
    """Returns a view. Raises NotFound where it is not shared with the actor."""
    view = await one(session, select(SavedView).where(SavedView.id == view_id, _visible(actor)), VIEW)
    return _read(actor, view, await _locked_owners(session, [view]))


async def counts(session: AsyncSession, actor: Actor, room: ViewRoom) -> ViewCounts:
    """Returns the number of rows of each view of a room, in the reader's scope: one statement for all of them."""
    views = await find(session, actor, room)
    subqueries = {view.id: await queries.counted(session, actor, room, view.query) for view in views}
    columns = [subquery.label(view_id.hex) for view_id, subquery in subqueries.items() if subquery is not None]
    row: Any = (await session.execute(select(*columns))).one()._mapping if columns else {}
    numbers = {view_id: row.get(view_id.hex) for view_id in subqueries}
    return ViewCounts(
        counts={
            view_id: None if number is None else Count(value=min(number, COUNT_CAP), capped=number > COUNT_CAP)
            for view_id, number in numbers.items()
        }
    )


def _share(actor: Actor, view: SavedView) -> None:
    """Sets the unit that a view is shared with. Raises Forbidden or Conflict where the actor may not share it so."""
    view.unit_id = None
    if view.shared is Shared.everyone:
        actor.require(Permission.share_views)
    if view.shared is Shared.unit:
        view.unit_id = actor.unit_id
        if view.unit_id is None:
            say = Say("你的账号没有所属单位，不能与本单位共享。", "Your account has no unit to share it with.")
            raise Conflict(say, code="no_own_unit")


async def create(session: AsyncSession, actor: Actor, body: ViewCreate) -> ViewRead:
    """Saves a view. Raises RequestValidationError for a parameter that its list does not take, Invalid for a column
    that it does not have."""
    queries.check(body.room, body.query)
    queries.check_columns(body.room, body.columns)
    number = await session.scalar(select(func.count()).where(SavedView.owner_id == actor.id)) or 0
    if number >= MOST:
        say = Say(f"视图最多 {MOST} 个，请先删去不用的。", f"At most {MOST} views; delete some first.")
        raise Conflict(say, code="too_many_views")
    view = SavedView(**body.model_dump(), owner_id=actor.id, owner_name=actor.name)
    _share(actor, view)
    await events.record(session, actor, "view.created", view, _told(view))
    return _read(actor, view, set())


def _told(view: SavedView) -> dict[str, Any]:
    """Returns what the log says of a view; its name and filter may tell of people."""
    return {"room": view.room, "shared": view.shared}


async def _held(session: AsyncSession, actor: Actor, view_id: UUID, version: int) -> tuple[SavedView, set[str]]:
    """Locks a view for editing. Raises NotFound, Stale, or Forbidden where it is somebody else's."""
    view = await locked(session, select(SavedView).where(SavedView.id == view_id, _visible(actor)), version, VIEW)
    locked_owners = await _locked_owners(session, [view])
    if not _may_edit(actor, view, locked_owners):
        say = Say("这是别人的视图；可另存一份。", "This view is somebody else's; save one of your own.")
        raise Forbidden(say, code="not_your_view")
    return view, locked_owners


async def update(session: AsyncSession, actor: Actor, view_id: UUID, version: int, body: ViewUpdate) -> ViewRead:
    """Edits a view. Raises as `create` and where it is somebody else's."""
    view, locked_owners = await _held(session, actor, view_id, version)
    if "query" in body.model_fields_set:
        queries.check(view.room, body.query)
    changed = bool(apply(view, body, without=frozenset({"columns"})))
    if "columns" in body.model_fields_set:
        queries.check_columns(view.room, body.columns)
        columns = [column.model_dump() for column in body.columns]
        view.columns, changed = columns, changed or columns != view.columns
    if changed:
        if "shared" in body.model_fields_set:
            _share(actor, view)
        await events.record(session, actor, "view.updated", view, _told(view))
    return _read(actor, view, locked_owners)


async def delete(session: AsyncSession, actor: Actor, view_id: UUID, version: int) -> None:
    """Deletes a view. Raises where it is somebody else's."""
    view, _ = await _held(session, actor, view_id, version)
    await session.delete(view)
    await events.note(session, actor, "view.deleted", "view", view_id, _told(view))
