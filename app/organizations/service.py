"""Units and their dated tree, officials and their posts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import unmasking
from app.audit.trail import Subject
from app.audit.unmasking import Purpose, Unmasked
from app.controls import service as controls
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core import clock, knowledge, paging, refs
from app.core.actor import Actor, Permission, require_for_illustrative
from app.core.db import erases
from app.core.errors import Conflict, Invalid, NotFound
from app.core.localized import Say
from app.core.masking import PERSONAL, masked, without_values
from app.core.pinyin import name_pinyin, person_pinyin
from app.core.records import apply, locked, one, plain
from app.core.refs import Reference
from app.events import service as events
from app.organizations import terms
from app.organizations.models import Official, Post, Unit, UnitParent
from app.organizations.schemas import (
    OfficialCreate,
    OfficialQuery,
    OfficialRead,
    OfficialUpdate,
    PostCreate,
    PostRead,
    UnitCreate,
    UnitParentSet,
    UnitQuery,
    UnitRead,
    UnitUpdate,
)
from app.search import index

UNIT = Say("单位", "unit")
OFFICIAL = Say("领导", "official")
POST = Say("职务", "post")


# All staff see the units; the dated tree decides where a figure counts.


def _links(on: date, known_at: datetime | None) -> Any:
    """Selects the parent of each unit on a day, as known at a moment; before its first day, its first parent.

    So data entered for a day before the unit was on record still adds up in the units above it.
    """
    is_past = UnitParent.valid_from <= on
    rank = (
        func.row_number()
        .over(
            partition_by=UnitParent.unit_id,
            order_by=(
                case((is_past, 0), else_=1),
                case((is_past, UnitParent.valid_from)).desc(),
                UnitParent.valid_from,
                UnitParent.recorded_at.desc(),
                UnitParent.id.desc(),
            ),
        )
        .label("rank")
    )
    dated = select(UnitParent.unit_id, UnitParent.parent_id, rank)
    if known_at is not None:
        dated = dated.where(UnitParent.recorded_at <= known_at)
    ranked = dated.subquery()
    return select(ranked.c.unit_id, ranked.c.parent_id).where(ranked.c.rank == 1).cte()


def subtree(unit_id: UUID, on: date, known_at: datetime | None = None) -> Select[UUID]:
    """Selects the ids of a unit and of all below it on a day, as known at a moment (now by default).

    A closed unit stays under its last parent.
    """
    links = _links(on, known_at)
    tree = select(Unit.id.label("id")).where(Unit.id == unit_id).cte(recursive=True)
    tree = tree.union(select(links.c.unit_id).join(tree, links.c.parent_id == tree.c.id))
    return select(tree.c.id)


def _units(on: date) -> Select[*tuple[Any, ...]]:
    links = _links(on, None)
    columns = [getattr(Unit, name) for name in UnitRead.model_fields if name not in {"parent_id", "parent"}]
    return select(*columns, links.c.parent_id).join_from(Unit, links, links.c.unit_id == Unit.id, isouter=True)


_PARENT = [Reference("parent", "parent_id", Unit)]


async def find_units(session: AsyncSession, query: UnitQuery) -> paging.Page[UnitRead]:
    units = _units(await clock.today(session))
    if query.kind is not None:
        units = units.where(Unit.kind == query.kind)
    if query.q is not None:
        units = units.where(index.matches("unit", query.q))
    order = paging.Order([Unit.name_pinyin, Unit.id])
    return await paging.page(session, units, order, query, "units", UnitRead.model_validate, _PARENT)


async def get_unit(session: AsyncSession, unit_id: UUID) -> UnitRead:
    unit = _units(await clock.today(session)).where(Unit.id == unit_id).subquery()
    row = (await session.execute(refs.of_page(unit, _PARENT))).one_or_none()
    if row is None:
        raise NotFound.of(UNIT)
    return UnitRead.model_validate(refs.named(row, _PARENT))


async def require_units(session: AsyncSession, unit_ids: set[UUID], pointer: str, on: date | None = None) -> None:
    """Raises Invalid naming `pointer` where one of them was no open unit on that day (today by default)."""
    day = on or await clock.today(session)
    is_open = and_(Unit.opened_on <= day, or_(Unit.closed_on.is_(None), Unit.closed_on >= day))
    open_ids = set(await session.scalars(select(Unit.id).where(Unit.id.in_(unit_ids), is_open)))
    if open_ids != unit_ids:
        raise Invalid.field(
            pointer,
            "unknown_unit",
            Say(
                f"没有这个单位，或在 {day} 尚未设立或已撤销；见 GET /api/v1/units。",
                f"No such unit, or not open on {day}; see GET /api/v1/units.",
            ),
        )


async def create_unit(session: AsyncSession, actor: Actor, body: UnitCreate) -> UnitRead:
    actor.require(Permission.edit_organizations)
    if body.parent_id is not None:
        await require_units(session, {body.parent_id}, "/parent_id")
    unit = Unit(**body.model_dump(exclude={"parent_id"}), name_pinyin=name_pinyin(body.name))
    unit.opened_on = body.opened_on or await clock.today(session)
    event_id = await events.record(session, actor, "unit.created", unit, body.model_dump(mode="json"))
    session.add(
        UnitParent(
            unit_id=unit.id,
            parent_id=body.parent_id,
            valid_from=unit.opened_on,
            recorded_at=await knowledge.take(session),
            event_id=event_id,
        )
    )
    await session.flush()
    return await get_unit(session, unit.id)


async def update_unit(session: AsyncSession, actor: Actor, unit_id: UUID, version: int, body: UnitUpdate) -> UnitRead:
    actor.require(Permission.edit_organizations)
    unit = await locked(session, select(Unit).where(Unit.id == unit_id), version, UNIT)
    changes = apply(unit, body)
    if unit.closed_on is not None and unit.closed_on < unit.opened_on:
        raise Invalid.field(
            "/closed_on",
            "before_opening",
            Say("撤销日不能早于设立日。", "A unit cannot close before it opened."),
        )
    if changes:
        unit.name_pinyin = name_pinyin(unit.name)
        await events.record(session, actor, "unit.updated", unit, {"changes": changes})
    return await get_unit(session, unit_id)


async def set_unit_parent(
    session: AsyncSession, actor: Actor, unit_id: UUID, version: int, body: UnitParentSet
) -> ControlChange:
    """Requests that a unit has another parent from a day on: scopes and totals follow the tree.

    Raises Conflict where that would close a cycle; Invalid where no reason is given.
    """
    actor.require(Permission.edit_organizations)
    await locked(session, select(Unit).where(Unit.id == unit_id), version, UNIT)
    await _check_parent(session, unit_id, body)
    reason = controls.require_reason(body.reason)
    before = await present_parents(session, str(unit_id))
    asked = body.model_dump(mode="json", exclude={"reason"})
    return await controls.ask(
        session, actor, ControlKind.unit_parent, str(unit_id), asked=asked, before=before, reason=reason
    )


async def _check_parent(session: AsyncSession, unit_id: UUID, body: UnitParentSet) -> None:
    if body.parent_id is not None:
        await require_units(session, {body.parent_id}, "/parent_id")
        await _refuse_cycle(session, unit_id, body)


async def present_parents(session: AsyncSession, key: str) -> dict[str, Any]:
    """Returns every parent a unit was ever given, in the order of recording."""
    query = select(UnitParent.parent_id, UnitParent.valid_from).where(UnitParent.unit_id == UUID(key))
    rows = await session.execute(query.order_by(UnitParent.recorded_at, UnitParent.id))
    return {"parents": [plain([row.parent_id, row.valid_from]) for row in rows]}


async def carry_out_parent(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Makes a confirmed change of a unit's parent take effect. Raises Conflict where it would close a cycle by now."""
    unit_id, body = UUID(change.key), UnitParentSet.model_validate(change.asked)
    unit = await locked(session, select(Unit).where(Unit.id == unit_id), None, UNIT)
    recorded_at = await knowledge.take(session)  # before the check: two changes at once could close a cycle together
    await _check_parent(session, unit_id, body)
    event_id = await events.record(session, actor, "unit.parent_set", unit, {**change.asked, **event_fields(change)})
    session.add(
        UnitParent(
            unit_id=unit_id,
            parent_id=body.parent_id,
            valid_from=body.valid_from,
            recorded_at=recorded_at,
            event_id=event_id,
        )
    )
    await session.flush()


async def _refuse_cycle(session: AsyncSession, unit_id: UUID, body: UnitParentSet) -> None:
    """Raises Conflict where the unit would be above itself on any day."""
    rows = await session.execute(
        select(UnitParent.unit_id, UnitParent.valid_from, UnitParent.parent_id).order_by(
            UnitParent.recorded_at, UnitParent.id
        )
    )
    parents: dict[UUID, dict[date, UUID | None]] = {}
    for row in rows:
        parents.setdefault(row.unit_id, {})[row.valid_from] = row.parent_id
    parents.setdefault(unit_id, {})[body.valid_from] = body.parent_id
    # Checks every day on which a parent changes, and one before them all: a unit's first parent applies before its day.
    days_of_change = {day for dated in parents.values() for day in dated}
    for day in sorted({clock.EARLIEST_DAY, *days_of_change}):
        current_id, visited = unit_id, set[UUID]()
        while (parent := _parent_on(parents.get(current_id, {}), day)) is not None and parent not in visited:
            if parent == unit_id:
                raise Conflict(
                    Say(
                        f"上级单位不能是本单位或其下级（{day} 起将成环）。",
                        f"The parent cannot be the unit itself or one below it (a ring from {day} on).",
                    ),
                    code="unit_ring",
                )
            visited.add(parent)
            current_id = parent


def _parent_on(dated: Mapping[date, UUID | None], day: date) -> UUID | None:
    if not dated:
        return None
    return dated[max((start for start in dated if start <= day), default=min(dated))]


# Officials


def in_post(on: date) -> ColumnElement[bool]:
    """Returns the condition on Post that it was held on that day."""
    return and_(Post.started_on <= on, or_(Post.ended_on.is_(None), Post.ended_on >= on))


async def _posts(session: AsyncSession, official_ids: Sequence[UUID]) -> dict[UUID, list[PostRead]]:
    columns = [getattr(Post, name) for name in PostRead.model_fields if name != "unit_name"]
    rows = await session.execute(
        select(*columns, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.official_id.in_(official_ids))
        .order_by(Post.started_on.desc(), Post.id)
    )
    posts_of: dict[UUID, list[PostRead]] = {official_id: [] for official_id in official_ids}
    for row in rows:
        posts_of[row.official_id].append(PostRead.model_validate(row))
    return posts_of


def _read(official: Any, posts: list[PostRead]) -> OfficialRead:
    return OfficialRead(
        id=official.id,
        version=official.version,
        name=official.name,
        phone_masked=masked(official.phone),
        is_illustrative=official.is_illustrative,
        posts=posts,
    )


async def find_officials(session: AsyncSession, query: OfficialQuery) -> paging.Page[OfficialRead]:
    officials: Select[*tuple[Any, ...]] = select(
        Official.id, Official.version, Official.name, Official.phone, Official.is_illustrative
    )
    if query.q is not None:
        officials = officials.where(index.matches("official", query.q))
    if query.unit_id is not None:
        is_held = in_post(await clock.today(session))
        officials = officials.where(
            select(Post.id).where(Post.official_id == Official.id, Post.unit_id == query.unit_id, is_held).exists()
        )
    part = await paging.rows(
        session,
        officials,
        paging.Order([Official.name_pinyin, Official.id]),
        name="officials",
        limit=query.limit,
        cursor=query.cursor,
        filters=query.filters(),
    )
    posts = await _posts(session, [row.id for row in part.rows])
    return paging.Page(
        items=[_read(row, posts[row.id]) for row in part.rows],
        next_cursor=part.next_cursor,
        count=await paging.count(session, officials) if query.wants_count else None,
    )


async def get_official(session: AsyncSession, official_id: UUID) -> OfficialRead:
    official = await one(session, select(Official).where(Official.id == official_id), OFFICIAL)
    return _read(official, (await _posts(session, [official_id]))[official_id])


async def require_officials(session: AsyncSession, official_ids: set[UUID], pointer: str) -> None:
    """Raises Invalid naming `pointer` where one of them does not exist."""
    existing_ids = set(await session.scalars(select(Official.id).where(Official.id.in_(official_ids))))
    if existing_ids != official_ids:
        raise Invalid.field(pointer, "unknown_official", Say("没有这位领导或工作人员。", "There is no such official."))


async def require_in_post(session: AsyncSession, official_id: UUID, on: date, pointer: str) -> None:
    """Raises Invalid where the official holds no post on that day. Locks the official, so that no post ends until the
    commit."""
    await session.execute(select(Official.id).where(Official.id == official_id).with_for_update(read=True))
    post_id = await session.scalar(select(Post.id).where(Post.official_id == official_id, in_post(on)).limit(1))
    if post_id is None:
        await require_officials(session, {official_id}, pointer)
        raise Invalid.field(
            pointer,
            "not_in_post",
            Say(
                f"此人 {on} 没有在任职务；请先登记任职。",
                f"This person holds no post on {on}; record the post first.",
            ),
        )


async def create_official(session: AsyncSession, actor: Actor, body: OfficialCreate) -> OfficialRead:
    actor.require(Permission.edit_organizations)
    require_for_illustrative(actor, body.is_illustrative)
    official = Official(
        name=body.name,
        name_pinyin=person_pinyin(body.name),
        phone=body.phone,
        is_illustrative=body.is_illustrative,
    )
    event_id = await events.record(session, actor, "official.created", official, {"posts": plain(body.posts)})
    for place, post in enumerate(body.posts):
        await enter_post(session, official.id, post, event_id, f"/posts/{place}")
    await session.flush()
    return await get_official(session, official.id)


async def unmask_official(session: AsyncSession, actor: Actor, official_id: UUID, purpose: Purpose) -> Unmasked:
    """Returns name and phone in full. Raises NotFound, Forbidden, TooMany."""
    official = await one(session, select(Official).where(Official.id == official_id), OFFICIAL)
    await unmasking.note(session, actor, Subject("official", official.id), purpose)
    return Unmasked(name=official.name, phone=official.phone, email=None)


async def update_official(
    session: AsyncSession, actor: Actor, official_id: UUID, version: int, body: OfficialUpdate
) -> OfficialRead:
    actor.require(Permission.edit_organizations)
    official = await locked(session, select(Official).where(Official.id == official_id), version, OFFICIAL)
    changes = apply(official, body)
    if changes:
        if PERSONAL & changes.keys():
            erases(session)
        official.name_pinyin = person_pinyin(official.name)
        await events.record(session, actor, "official.updated", official, {"changes": without_values(changes)})
    return await get_official(session, official_id)


async def enter_post(session: AsyncSession, official_id: UUID, body: PostCreate, event_id: UUID, pointer: str) -> None:
    """Writes a term of an official who is locked or new. Raises Invalid, or Conflict where it overlaps another."""
    await require_units(session, {body.unit_id}, f"{pointer}/unit_id")
    if body.ended_on is not None and body.ended_on < body.started_on:
        raise Invalid.field(
            f"{pointer}/ended_on",
            "before_start",
            Say("离任日不能早于到任日。", "A post cannot end before it starts."),
        )
    term = body.model_dump(include={"unit_id", "title", "started_on", "ended_on"})
    await terms.refuse_overlap(session, None, f"{pointer}/started_on", official_id=official_id, **term)
    session.add(Post(official_id=official_id, event_id=event_id, **body.model_dump()))
    await session.flush()


async def hold_official(session: AsyncSession, official_id: UUID) -> None:
    """Locks an official. Raises NotFound."""
    await locked(session, select(Official).where(Official.id == official_id), None, OFFICIAL)
