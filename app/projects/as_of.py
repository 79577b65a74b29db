"""A project on the day of a fact, as known at a moment: where it counted, whether it was a leaf or had been merged, and
its amounts.

`facts` is a subquery with the columns `project_id` and `day`. The functions return SQL conditions and values that are
correlated to it.
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
    """Returns the moves known at a moment, without withdrawn ones; `day` is the day in force at that moment."""
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
    """Returns the id of the placement in force on the day of the fact; of the first placement for an earlier day."""
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
    """Returns the condition on ProjectPlacement that its unit or task force is in the actor's scope.

    A fact is visible to the unit and the task force it counted for on its day, as in the ledger.
    """
    return actor.within(ProjectPlacement.unit_id, ProjectPlacement.task_force_id)


def merged_ids(known_at: datetime) -> Select[Any]:
    """Selects the ids of the projects that had been merged into another at that moment."""
    moves = moves_in_force(known_at)
    return select(moves.c.project_id).where(moves.c.kind == MoveKind.merge)


def was_merged(facts: Any, known_at: datetime) -> ColumnElement[bool]:
    """Returns the condition that the project of the fact, or the phase continuing it, was merged at that moment."""
    merged = merged_ids(known_at)
    continued = select(PhaseLink.parent_id).where(
        PhaseLink.project_id.in_(merged), PhaseLink.continues_parent, phase_links.in_force(known_at)
    )
    return or_(facts.c.project_id.in_(merged), facts.c.project_id.in_(continued))


def has_phases(facts: Any, known_at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions on PhaseLink that it links a phase which the project of the fact had on the fact's day."""
    return (
        PhaseLink.parent_id == facts.c.project_id,
        PhaseLink.effective_on <= facts.c.day,
        phase_links.in_force(known_at),
    )


def was_leaf(facts: Any, known_at: datetime) -> ColumnElement[bool]:
    """Returns the condition that the project of the fact had no phases on the fact's day."""
    return ~exists().where(*has_phases(facts, known_at))


def _stated_amount(
    facts: Any, kind: AmountKind, known_at: datetime, day: date | ColumnElement[date], year: int | None
) -> ColumnElement[Decimal]:
    """Returns the amount in yuan that the project itself states for a day; NULL where it states none."""
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
    """Returns the amount valid on a day, in yuan: the project's own, else the sum of its phases', else NULL. Give
    `year` for the kinds that have one.

    The sum is for a parent that counts as a whole, as before its first phase. It leaves out phases merged into another
    record, because their amounts count for the successor.
    """
    phases = (
        select(PhaseLink.parent_id, PhaseLink.project_id)
        .where(phase_links.in_force(known_at), PhaseLink.project_id.not_in(merged_ids(known_at)))
        .subquery()
    )
    of_phases = (
        select(func.sum(_stated_amount(phases, kind, known_at, day, year), type_=ProjectAmount.value.type))
        .where(phases.c.parent_id == facts.c.project_id)
        .correlate(facts)
        .scalar_subquery()
    )
    of_project = _stated_amount(facts, kind, known_at, day, year)
    return func.coalesce(of_project, of_phases, type_=ProjectAmount.value.type)


def amount_of_parent(
    facts: Any, kind: AmountKind, known_at: datetime, day: date | ColumnElement[date], year: int | None = None
) -> ColumnElement[Decimal]:
    """Returns the amount in yuan stated by the parent that a phase continues; it belongs to the parent's rows, which
    now count for the phase."""
    link = (
        select(PhaseLink.parent_id.label("project_id"), PhaseLink.project_id.label("phase_id"))
        .where(PhaseLink.continues_parent, phase_links.in_force(known_at))
        .subquery()
    )
    stated = _stated_amount(link, kind, known_at, day, year)
    return select(stated).where(link.c.phase_id == facts.c.project_id).correlate(facts).scalar_subquery()
