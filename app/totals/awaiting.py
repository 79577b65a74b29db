"""Approved deals whose project is not at `signed` or later, as known at a moment, whatever the period.

A deal is live where its entries add up to one, and counts in that unit and task force. The stage is that of the
project, or of the furthest leaf under it, by the moves in force then.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from app.core.actor import Actor
from app.core.localized import Label
from app.deals import ledger
from app.deals import service as deals
from app.deals.models import Deal, LedgerEntry
from app.projects import as_of, phase_links
from app.projects.models import PhaseLink, Program, Project, ProjectPlacement
from app.projects.moves import MoveKind
from app.projects.stages import SIGNED, Stage
from app.totals import figures, groups
from app.totals.filters import Asked, PlaceQuery
from app.totals.groups import GroupBy

CALIBER = Label(
    code="awaiting_signed",
    zh="已审核待转签约：投资协议已审核生效，项目尚未推进到签约阶段，与期间无关；已计入签约，不另加。"
    + figures.NOT_STATISTICS[0],
    en="Approved, not yet at signed: live formal deals whose project does not stand at `signed`, whatever the period; "
    "the signings hold them already. " + figures.NOT_STATISTICS[1],
)
BY = frozenset({GroupBy.unit, GroupBy.task_force, GroupBy.program, GroupBy.size})
_STAGE_MOVES = (MoveKind.entry, MoveKind.forward, MoveKind.back)


def _live(actor: Actor, asked: Asked) -> Any:
    """Selects each deal whose entries add up to one, with its place and amount."""
    return (
        select(
            LedgerEntry.deal_id,
            LedgerEntry.unit_id,
            LedgerEntry.task_force_id,
            func.sum(LedgerEntry.amount).label("amount"),
        )
        .where(
            ledger.visible_to(actor),
            LedgerEntry.recorded_at <= asked.known_at,
            *asked.place(LedgerEntry.unit_id, LedgerEntry.task_force_id),
        )
        .group_by(LedgerEntry.deal_id, LedgerEntry.unit_id, LedgerEntry.task_force_id)
        .having(func.sum(LedgerEntry.count) == 1)
        .subquery("live")
    )


def _reached_signed(asked: Asked) -> ColumnElement[bool]:
    moves = as_of.moves_in_force(asked.known_at)
    rank = func.row_number().over(partition_by=moves.c.project_id, order_by=moves.c.seq.desc()).label("rank")
    ranked = (
        select(moves.c.project_id, Stage.position, rank)
        .join(Stage, Stage.code == moves.c.to_stage)
        .where(moves.c.kind.in_(_STAGE_MOVES))
        .subquery()
    )
    signed = select(Stage.position).where(Stage.code == SIGNED).scalar_subquery()
    reached = select(ranked.c.project_id).where(ranked.c.rank == 1, ranked.c.position >= signed)
    parents = select(PhaseLink.parent_id).where(phase_links.in_force(asked.known_at))
    # A phase that continues its parent and has made no move of its own is at the parent's stage.
    with_unmoved_phase = parents.where(
        PhaseLink.continues_parent, PhaseLink.project_id.not_in(select(ranked.c.project_id))
    )
    has_own_stage = or_(Project.id.not_in(parents), Project.id.in_(with_unmoved_phase))
    by_a_phase = Project.id.in_(parents.where(PhaseLink.project_id.in_(reached)))
    return or_(and_(has_own_stage, Project.id.in_(reached)), by_a_phase)


def rows(actor: Actor, asked: Asked, query: PlaceQuery) -> Select[*tuple[Any, ...]]:
    """Selects the deals with project, place, program and size; columns of Deal and Project can be added."""
    live = _live(actor, asked)
    facts = select(
        Project.id.label("project_id"), literal(asked.end, PhaseLink.effective_on.type).label("day")
    ).subquery()
    size = groups.size_of(live.c.amount)
    conditions = [ProjectPlacement.program != Program.construction, ~_reached_signed(asked)]
    for name, column in (("program", ProjectPlacement.program), ("size", size)):
        if (values := getattr(query, name, None)) is not None:
            conditions.append(values.holds(column))
    return (
        select(
            Deal.id,
            live.c.unit_id,
            live.c.task_force_id,
            live.c.amount,
            ProjectPlacement.program,
            size.label("size"),
            Deal.is_illustrative,
        )
        .select_from(Deal)
        .join(live, live.c.deal_id == Deal.id)
        .join(Project, Project.id == deals.project_then(asked.known_at))
        .join(facts, facts.c.project_id == Project.id)
        .join(ProjectPlacement, ProjectPlacement.id == as_of.placement(facts, asked.known_at))
        .where(*conditions)
    )


def sums(rows: Any) -> list[ColumnElement[Any]]:
    return [func.count().label("n"), groups.total(rows.c.amount, "amount")]
