"""The figures outside the ledger: collective start, started or resumed, planned for the year.

Each is a set of dated facts about leaves. Leaf, program, unit and task force are taken as they were on the day of the
fact, amounts as they were effective, and all of it as known at the moment asked for. A figure is a sum over its rows,
in one statement, and its rows are the same statement read out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased

from app.construction.models import PlanListRow, StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.construction.series import latest_rows, read_by
from app.core.actor import Actor
from app.core.say import Label, Word
from app.organizations import service as organizations
from app.projects import phase_links
from app.projects.amounts import AmountKind, ProjectAmount
from app.projects.models import PhaseLink, Program, Project, ProjectPlacement
from app.projects.moves import MoveCorrection, MoveKind, ProjectMove


class Figure(Word):
    collective_start = "collective-start", "集中开工", "collective start"
    started_or_resumed = "started-or-resumed", "开复工", "started or resumed"
    planned_year = "planned-year", "谋划实施", "planned for the year"


NOT_STATISTICS = ("工作调度口径，非统计数据。", "A working caliber, not statistics.")
CALIBERS = {
    Figure.collective_start: Label(
        code="collective_start",
        zh="集中开工：本期各批次的招商引资类末级项目，不论现处阶段；计划总投资取开工当日有效版本。" + NOT_STATISTICS[0],
        en="Collective start: leaves of program promotion or both in the period's batches, whatever their stage; "
        "planned total valid on the day. " + NOT_STATISTICS[1],
    ),
    Figure.started_or_resumed: Label(
        code="started_or_resumed",
        zh="开复工：本期新开工的末级项目，加往年开工、期初前未竣工且本期复工的末级项目，各计一次；终止的仍计，并入的不计；"
        "计划总投资取期末前有效的最新版本。" + NOT_STATISTICS[0],
        en="Started or resumed: leaves started in the period, and leaves started in earlier years, not completed "
        "before it, whose work resumed in it, each once; terminated stay, merged do not; planned total as of the "
        "last day. " + NOT_STATISTICS[1],
    ),
    Figure.planned_year: Label(
        code="planned_year",
        zh="谋划实施：期末在当年计划库中的末级项目；分期自起始日起计，此前及各期均未列入时计总项目；"
        "计划总投资、当年计划取期末前有效的最新版本。" + NOT_STATISTICS[0],
        en="Planned for the year: leaves on the year's plan list on the last day; a phase from its first day on, "
        "before it, and where no phase is listed, its parent; planned total and planned this year as of that day. "
        + NOT_STATISTICS[1],
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A period within one year, both ends included, and what to count of it."""

    start: date
    end: date
    known_at: datetime
    unit_id: UUID | None = None
    task_force_id: UUID | None = None
    min_planned_total: Decimal | None = None


def standing_moves(known_at: datetime) -> Any:
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


def _entered(moves: Any, stage: str) -> ColumnElement[bool]:
    return and_(moves.c.to_stage == stage, moves.c.kind.in_([MoveKind.entry, MoveKind.forward]))


def _reader(rows: Any, asked: Asked, day: Any) -> ColumnElement[Any]:
    """The leaf whose fact a row was on its day: the phase that then continued the project of the row, if one did."""
    return read_by(rows.c.project_id, PhaseLink.effective_on <= day, phase_links.stand(asked.known_at))


def _collective_start(asked: Asked) -> Any:
    rows = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id, known_at=asked.known_at)
    withdrawn = exists().where(
        StartBatchWithdrawal.batch_id == StartBatch.id, StartBatchWithdrawal.recorded_at <= asked.known_at
    )
    # A leaf and the phase that goes on with it are one: of several batches of a period their first counts.
    walker = read_by(rows.c.project_id, phase_links.stand(asked.known_at))
    rank = func.row_number().over(partition_by=walker, order_by=(StartBatch.held_on, rows.c.project_id))
    held = (
        select(
            _reader(rows, asked, StartBatch.held_on).label("project_id"), StartBatch.held_on, rank.label("rank_of_line")
        )
        .select_from(rows)
        .join(StartBatch, StartBatch.id == rows.c.batch_id)
        .where(
            StartBatch.held_on.between(asked.start, asked.end),
            ~withdrawn,
            phase_links.has_begun(rows.c.project_id, StartBatch.held_on, asked.known_at),
        )
        .subquery()
    )
    first = select(held.c.project_id, held.c.held_on.label("day"), literal("batch").label("kind"))
    return first.where(held.c.rank_of_line == 1)


def _started_or_resumed(asked: Asked) -> Any:
    moves = standing_moves(asked.known_at)
    started = select(moves.c.project_id, moves.c.day, literal("started").label("kind")).where(
        _entered(moves, "started"), moves.c.day.between(asked.start, asked.end)
    )
    rows = latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year, known_at=asked.known_at)

    def entered_before(stage: str, day: date) -> Any:
        """The projects that were; a phase that continues its parent reads the parent's entries as its own."""
        entered = and_(_entered(moves, stage), moves.c.day < day)
        continuing = select(PhaseLink.project_id).join(moves, moves.c.project_id == PhaseLink.parent_id)
        continuing = continuing.where(entered, PhaseLink.continues_parent, phase_links.stand(asked.known_at))
        return union_all(select(moves.c.project_id).where(entered), continuing)

    leaf = _reader(rows, asked, rows.c.on).label("project_id")
    begun = phase_links.has_begun(rows.c.project_id, rows.c.on, asked.known_at)
    confirmed = select(leaf, rows.c.on).where(rows.c.on.between(asked.start, asked.end), begun).subquery()
    resumed = (
        select(confirmed.c.project_id, func.min(confirmed.c.on).label("day"), literal("resumed").label("kind"))
        .where(
            confirmed.c.project_id.in_(entered_before("started", date(asked.start.year, 1, 1))),
            confirmed.c.project_id.not_in(entered_before("completed", asked.start)),
        )
        .group_by(confirmed.c.project_id)
    )
    return union_all(started, resumed)


def _planned_year(asked: Asked) -> Any:
    rows = latest_rows(PlanListRow, PlanListRow.project_id, PlanListRow.year, known_at=asked.known_at)
    day = literal(asked.end, PhaseLink.effective_on.type)
    # Before its first day a phase is part of its parent, which is then on the list through it.
    parent = select(PhaseLink.parent_id).where(
        PhaseLink.project_id == rows.c.project_id, PhaseLink.effective_on > day, phase_links.stand(asked.known_at)
    )
    project_id = func.coalesce(parent.correlate(rows).scalar_subquery(), rows.c.project_id).label("project_id")
    of_day = select(project_id).where(rows.c.year == asked.start.year).subquery()
    leaf = _reader(of_day, asked, asked.end).label("project_id")
    return select(leaf, day.label("day"), literal("listed").label("kind")).distinct()


_FACTS: dict[Figure, Callable[[Asked], Any]] = {
    Figure.collective_start: _collective_start,
    Figure.started_or_resumed: _started_or_resumed,
    Figure.planned_year: _planned_year,
}


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


def _amount(facts: Any, kind: AmountKind, asked: Asked, day: Any, year: int | None = None) -> ColumnElement[Decimal]:
    row = aliased(ProjectAmount)
    conditions = [row.project_id == facts.c.project_id, row.kind == kind, row.effective_on <= day]
    if year is not None:
        conditions.append(row.year == year)
    latest = (
        select(row.value)
        .where(*conditions, row.recorded_at <= asked.known_at)
        .order_by(row.effective_on.desc(), row.recorded_at.desc(), row.id.desc())
        .limit(1)
        .correlate(facts)
        .scalar_subquery()
    )
    return latest


def _of_parent(facts: Any, asked: Asked) -> ColumnElement[Decimal]:
    """What the parent that a phase continues planned for the year: it was said with the row the phase now reads."""
    link = (
        select(PhaseLink.parent_id.label("project_id"), PhaseLink.project_id.label("phase_id"))
        .where(PhaseLink.continues_parent, phase_links.stand(asked.known_at))
        .subquery()
    )
    amount = _amount(link, AmountKind.planned_this_year, asked, asked.end, asked.start.year)
    return select(amount).where(link.c.phase_id == facts.c.project_id).correlate(facts).scalar_subquery()


def _was_leaf(facts: Any, known_at: datetime) -> ColumnElement[bool]:
    return ~exists().where(
        PhaseLink.parent_id == facts.c.project_id,
        PhaseLink.effective_on <= facts.c.day,
        phase_links.stand(known_at),
    )


def _stands_for_phases(facts: Any, asked: Asked) -> ColumnElement[bool]:
    """The project has phases by that day, and none of them was ever put on the year's list: it is listed as a whole,
    and counts itself until one of them is. What is left of its phases may not all be merged into others."""
    known_at = asked.known_at
    of_parent = (
        PhaseLink.parent_id == facts.c.project_id,
        PhaseLink.effective_on <= facts.c.day,
        phase_links.stand(known_at),
    )
    moves = standing_moves(known_at)
    merged = select(moves.c.project_id).where(moves.c.kind == MoveKind.merge)
    is_left = exists().where(*of_parent, PhaseLink.project_id.not_in(merged)).correlate(facts)
    rows = (PlanListRow.year == asked.start.year, PlanListRow.recorded_at <= known_at)
    listed = exists().where(*of_parent, PlanListRow.project_id == PhaseLink.project_id, *rows).correlate(facts)
    return and_(is_left, ~listed)


def was_merged(facts: Any, known_at: datetime) -> ColumnElement[bool]:
    """The project of the fact, or the phase that continues it, had been merged into another by then."""
    moves = standing_moves(known_at)
    merged = select(moves.c.project_id).where(moves.c.kind == MoveKind.merge)
    continued = select(PhaseLink.parent_id).where(
        PhaseLink.project_id.in_(merged), PhaseLink.continues_parent, phase_links.stand(known_at)
    )
    return or_(facts.c.project_id.in_(merged), facts.c.project_id.in_(continued))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A fact is seen where it counted: by the unit or task force of its day, as in the ledger."""
    if actor.unit_ids is None:
        return true()
    return or_(ProjectPlacement.unit_id.in_(actor.unit_ids), ProjectPlacement.task_force_id.in_(actor.task_force_ids))


def rows(figure: Figure, actor: Actor, asked: Asked) -> Any:
    """Every leaf the figure counts, once: project, day, kind, where it counted, and its amounts."""
    facts = _FACTS[figure](asked).subquery("facts")
    valid_on = facts.c.day if figure is Figure.collective_start else asked.end
    planned_total = _amount(facts, AmountKind.planned_total, asked, valid_on)
    planned_this_year = _amount(facts, AmountKind.planned_this_year, asked, asked.end, asked.start.year)
    if figure is Figure.planned_year:
        planned_this_year = func.coalesce(planned_this_year, _of_parent(facts, asked), type_=planned_this_year.type)
    found: Select[*tuple[Any, ...]] = (
        select(
            facts.c.project_id,
            facts.c.day,
            facts.c.kind,
            ProjectPlacement.unit_id,
            ProjectPlacement.task_force_id,
            ProjectPlacement.program,
            planned_total.label("planned_total"),
            planned_this_year.label("planned_this_year"),
        )
        .join(ProjectPlacement, ProjectPlacement.id == placement(facts, asked.known_at))
        .where(visible_to(actor))
    )
    counts = _was_leaf(facts, asked.known_at)
    if figure is Figure.planned_year:
        counts = or_(counts, _stands_for_phases(facts, asked))
    found = found.where(counts)
    if figure is Figure.collective_start:
        found = found.where(ProjectPlacement.program.in_([Program.promotion, Program.both]))
    else:
        found = found.where(~was_merged(facts, asked.known_at))
    if asked.unit_id is not None:
        subtree = organizations.subtree(asked.unit_id, asked.end, asked.known_at)
        found = found.where(ProjectPlacement.unit_id.in_(subtree))
    if asked.task_force_id is not None:
        found = found.where(ProjectPlacement.task_force_id == asked.task_force_id)
    if asked.min_planned_total is not None:
        found = found.where(planned_total >= asked.min_planned_total)
    # Once for the whole answer: a planner without statistics would do it anew for every row it is joined to.
    return found.cte("counted").prefix_with("MATERIALIZED")


def sums(counted: Any) -> list[ColumnElement[Any]]:
    zero = Decimal(0)

    def total(column: Any) -> ColumnElement[Any]:
        return func.coalesce(func.sum(column), zero, type_=Project.planned_total.type)

    def without(column: Any) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((column.is_(None), 1), else_=0)), 0)

    return [
        func.count().label("n"),
        total(counted.c.planned_total).label("planned_total"),
        total(counted.c.planned_this_year).label("planned_this_year"),
        without(counted.c.planned_total).label("without_total"),
        without(counted.c.planned_this_year).label("without_this_year"),
    ]
