"""What a project was on the day of a fact, as known at a moment: where it counted, whether it was a leaf or has been
merged, and its amounts.

The facts are a subquery with a `project_id` and a `day` each; what is said of them is a condition or a value beside it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core.actor import Actor
from app.projects import phase_links
from app.projects.amounts import AmountKind, ProjectAmount
from app.projects.models import PhaseLink, ProjectPlacement
from app.projects.moves import MoveCorrection, MoveKind, ProjectMove


def moves_in_force(known_at: datetime) -> Any:
    """Moves as known then, with the day that then held for them; withdrawn ones left out."""
    rank = func.row_number().over(
        partition_by=MoveCorrection.move_id,
        order_by=(MoveCorrection.recorded_at.desc(), MoveCorrection.id.desc()),
    )
    ranked = (
        select(MoveCorrection.move_id, MoveCorrection.happened_on, MoveCorrection.is_withdrawn, rank.label("rank"))
        .where(MoveCorrection.recorded_at <= known_at)
        .subquery()
    )
    return (
        select(
            ProjectMove.project_id,
            ProjectMove.seq,
            ProjectMove.kind,
            ProjectMove.to_stage,
            func.coalesce(ranked.c.happened_on, ProjectMove.happened_on).label("day"),
        )
        .join(ranked, (ranked.c.move_id == ProjectMove.id) & (ranked.c.rank == 1), isouter=True)
        .where(ProjectMove.recorded_at <= known_at, ~func.coalesce(ranked.c.is_withdrawn, False))
        .cte()
    )


def placement(facts: Any, known_at: datetime) -> ColumnElement[Any]:
    """The row that says where a project counted on the day of the fact; before its first day, its first."""
    then, ever = aliased(ProjectPlacement), aliased(ProjectPlacement)
    past = (
        select(then.id)
        .where(
            then.project_id == facts.c.project_id,
            then.recorded_at <= known_at,
            then.effective_on <= facts.c.day,
        )
        .order_by(then.effective_on.desc(), then.recorded_at.desc(), then.id.desc())
        .limit(1)
        .correlate(facts)
        .scalar_subquery()
    )
    earliest = (
        select(ever.id)
        .where(ever.project_id == facts.c.project_id, ever.recorded_at <= known_at)
        .order_by(ever.effective_on, ever.recorded_at.desc(), ever.id.desc())
        .limit(1)
        .correlate(facts)
        .scalar_subquery()
    )
    return func.coalesce(past, earliest)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A fact is seen where it counted: by the unit or task force of its day, as in the ledger."""
    return actor.within(ProjectPlacement.unit_id, ProjectPlacement.task_force_id)


def merged_ids(known_at: datetime) -> Select[Any]:
    """The projects that had been merged into another by then."""
    moves = moves_in_force(known_at)
    return select(moves.c.project_id).where(moves.c.kind == MoveKind.merge)


def was_merged(facts: Any, known_at: datetime) -> ColumnElement[bool]:
    """The project of the fact, or the phase that continues it, had been merged into another by then."""
    merged = merged_ids(known_at)
    continued = select(PhaseLink.parent_id).where(
        PhaseLink.project_id.in_(merged), PhaseLink.continues_parent, phase_links.in_force(known_at)
    )
    return or_(facts.c.project_id.in_(merged), facts.c.project_id.in_(continued))


def has_phases(facts: Any, known_at: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions on PhaseLink that it is that of a phase the project of the fact had by its day."""
    return (
        PhaseLink.parent_id == facts.c.project_id,
        PhaseLink.effective_on <= facts.c.day,
        phase_links.in_force(known_at),
    )


def was_leaf(facts: Any, known_at: datetime) -> ColumnElement[bool]:
    return ~exists().where(*has_phases(facts, known_at))


def _stated(
    facts: Any, kind: AmountKind, known_at: datetime, day: date | ColumnElement[date], year: int | None
) -> ColumnElement[Decimal]:
    row = aliased(ProjectAmount)
    conditions = [row.project_id == facts.c.project_id, row.kind == kind, row.effective_on <= day]
    if year is not None:
        conditions.append(row.year == year)
    return (
        select(row.value)
        .where(*conditions, row.recorded_at <= known_at)
        .order_by(row.effective_on.desc(), row.recorded_at.desc(), row.id.desc())
        .limit(1)
        .correlate(facts)
        .scalar_subquery()
    )


def amount(
    facts: Any, kind: AmountKind, known_at: datetime, day: date | ColumnElement[date], year: int | None = None
) -> ColumnElement[Decimal]:
    """The amount valid on a day, in yuan: what the project states, else the sum of what its phases state, NULL where
    nobody states any. `year` goes with the kinds that have one.

    A parent that counts as a whole, as before its first phase, is what its phases are. A phase that has been merged
    into another record is no part of the sum: its amounts are those of its successor.
    """
    phases = (
        select(PhaseLink.parent_id, PhaseLink.project_id)
        .where(phase_links.in_force(known_at), PhaseLink.project_id.not_in(merged_ids(known_at)))
        .subquery()
    )
    of_phases = (
        select(func.sum(_stated(phases, kind, known_at, day, year), type_=ProjectAmount.value.type))
        .where(phases.c.parent_id == facts.c.project_id)
        .correlate(facts)
        .scalar_subquery()
    )
    own = _stated(facts, kind, known_at, day, year)
    return func.coalesce(own, of_phases, type_=ProjectAmount.value.type)


def amount_of_parent(
    facts: Any, kind: AmountKind, known_at: datetime, day: date | ColumnElement[date], year: int | None = None
) -> ColumnElement[Decimal]:
    """What the parent that a phase continues states: it was said with the row that the phase now reads."""
    link = (
        select(PhaseLink.parent_id.label("project_id"), PhaseLink.project_id.label("phase_id"))
        .where(PhaseLink.continues_parent, phase_links.in_force(known_at))
        .subquery()
    )
    stated = _stated(link, kind, known_at, day, year)
    return select(stated).where(link.c.phase_id == facts.c.project_id).correlate(facts).scalar_subquery()
