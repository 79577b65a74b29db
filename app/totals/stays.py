"""The stays of projects at stages, as known at a moment.

A stay begins with a move into the stage and ends with the next move into another, forward or back, or with termination;
its days are calendar days less those it was paused. A phase that continues its parent continues the parent's stay.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.projects import as_of, phase_links
from app.projects.models import PhaseLink, ProjectPlacement
from app.projects.moves import MoveKind
from app.totals.filters import Asked
from app.totals.funnel_schemas import FunnelQuery, FunnelWhat

_STAGE_MOVES = (MoveKind.entry, MoveKind.forward, MoveKind.back)
_ENDS = (MoveKind.terminate, MoveKind.merge)
LEFT_BY = {
    FunnelWhat.left_forward: MoveKind.forward,
    FunnelWhat.left_back: MoveKind.back,
    FunnelWhat.left_ended: MoveKind.terminate,
}


def nearest_rank(ordered: Sequence[int], per_cent: int) -> int | None:
    """Returns the smallest of these values that at least `per_cent` of them do not exceed; None where there are
    none."""
    if not ordered:
        return None
    return ordered[-(-len(ordered) * per_cent // 100) - 1]


def days_stayed(stay: Mapping[str, Any], paused_days: Mapping[tuple[UUID, int], int]) -> int | None:
    """Returns the calendar days of a stay less those paused; None where it has not ended."""
    if stay["left_on"] is None:
        return None
    days: int = (stay["left_on"] - stay["entered_on"]).days
    return days - paused_days.get((stay["leaf_id"], stay["number"]), 0)


def _moves_by_leaf(asked: Asked) -> Any:
    """Selects every move in force with the leaf it counts for, numbered by the stay it belongs to."""
    made = as_of.moves_in_force(asked.known_at)
    continuing = (
        select(PhaseLink.project_id)
        .where(
            PhaseLink.parent_id == made.c.project_id,
            PhaseLink.continues_parent,
            phase_links.in_force(asked.known_at),
        )
        .scalar_subquery()
    )
    by_leaf = (
        select(
            func.coalesce(continuing, made.c.project_id).label("leaf_id"),
            case((continuing.is_(None), 1), else_=0).label("is_own"),
            made.c.project_id,
            made.c.seq,
            made.c.kind,
            made.c.to_stage,
            made.c.day,
        )
        .select_from(made)
        .subquery()
    )
    in_order = (by_leaf.c.is_own, by_leaf.c.seq)
    begins = case((by_leaf.c.kind.in_(_STAGE_MOVES), 1), else_=0)
    return select(
        by_leaf,
        func.sum(begins).over(partition_by=by_leaf.c.leaf_id, order_by=in_order).label("number"),
        func.lead(by_leaf.c.day, type_=by_leaf.c.day.type)
        .over(partition_by=by_leaf.c.leaf_id, order_by=in_order)
        .label("next_day"),
    ).cte("moves_by_leaf")


def all_stays(asked: Asked) -> Any:
    """Selects one row per stay: leaf, stage, day of entry, day of exit, and how it ended."""
    moves_by_leaf = _moves_by_leaf(asked)
    began = moves_by_leaf.alias("began")
    ended = moves_by_leaf.alias("ended")
    following = moves_by_leaf.alias("following")
    is_next = and_(
        following.c.leaf_id == began.c.leaf_id,
        following.c.number == began.c.number + 1,
        following.c.kind.in_(_STAGE_MOVES),
    )
    is_end = and_(ended.c.leaf_id == began.c.leaf_id, ended.c.number == began.c.number, ended.c.kind.in_(_ENDS))
    return (
        select(
            began.c.leaf_id,
            began.c.number,
            began.c.project_id.label("entered_id"),
            began.c.kind,
            began.c.to_stage,
            began.c.day.label("entered_on"),
            func.coalesce(following.c.project_id, ended.c.project_id).label("left_id"),
            func.coalesce(following.c.day, ended.c.day).label("left_on"),
            func.coalesce(following.c.kind, ended.c.kind).label("left_by"),
        )
        .select_from(began)
        .join(following, is_next, isouter=True)
        .join(ended, is_end, isouter=True)
        .where(began.c.kind.in_(_STAGE_MOVES))
        .cte("stays")
    )


def counted(facts: Any, actor: Actor, asked: Asked, query: FunnelQuery) -> list[ColumnElement[bool]]:
    """Returns the conditions on where a fact counted on its day, and on what the actor asks for and sees."""
    return [
        ProjectPlacement.id == as_of.placement(facts, asked.known_at),
        as_of.visible_to(actor),
        ~as_of.was_merged(facts, asked.known_at),
        *asked.place(ProjectPlacement.unit_id, ProjectPlacement.task_force_id),
        *query.of_programs(ProjectPlacement.program),
    ]


def stays_within(what: FunnelWhat, asked: Asked, days: tuple[date, date]) -> Any:
    """Returns a subquery of the stays that began or ended on these days: `project_id` is the project that made the
    move."""
    stays = all_stays(asked)
    side = "entered" if what is FunnelWhat.entered else "left"
    facts = select(
        stays.c[f"{side}_id"].label("project_id"),
        stays.c[f"{side}_on"].label("day"),
        stays.c.leaf_id,
        stays.c.number,
        stays.c.to_stage,
        stays.c.entered_on,
        stays.c.left_on,
        stays.c.left_by,
    ).where(stays.c[f"{side}_on"].between(*days))
    if what in LEFT_BY:
        facts = facts.where(stays.c.left_by == LEFT_BY[what])
    return facts.subquery("facts")


async def paused(
    session: AsyncSession, asked: Asked, leaf_ids: Collection[UUID] | None = None
) -> dict[tuple[UUID, int], int]:
    """Returns the days paused, by stay, of these leaves or of all. A pause that ends with the stay counts up to its
    end."""
    by_leaf = _moves_by_leaf(asked)
    conditions = [by_leaf.c.kind == MoveKind.pause, by_leaf.c.next_day.is_not(None)]
    if leaf_ids is not None:
        conditions.append(by_leaf.c.leaf_id.in_(leaf_ids))
    rows = await session.execute(
        select(by_leaf.c.leaf_id, by_leaf.c.number, by_leaf.c.day, by_leaf.c.next_day).where(*conditions)
    )
    days_of: defaultdict[tuple[UUID, int], int] = defaultdict(int)
    for row in rows:
        days_of[row.leaf_id, row.number] += (row.next_day - row.day).days
    return days_of
