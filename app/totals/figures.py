"""The figures outside the ledger: collective start, started or resumed, planned for the year.

Each is a set of dated facts about leaves. Leaf, program, unit and task force are taken as of the day of the fact,
amounts as they were effective, all as known at the moment asked for. A figure is a sum over its rows in one statement;
the same statement without the sum lists the rows.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, union_all

from app.construction import plan_years
from app.construction.models import StartBatch, StartBatchRow, StartBatchWithdrawal, WorkResumption
from app.core.actor import Actor
from app.core.localized import Label, Word
from app.core.series import latest_rows
from app.deals.models import SizeBand
from app.projects import as_of, phase_links
from app.projects.amounts import AmountKind
from app.projects.models import PhaseLink, Pool, ProjectPlacement
from app.projects.moves import MoveKind
from app.projects.own_rows import read_by
from app.projects.stages import COMPLETED, STARTED
from app.totals import groups
from app.totals.filters import (
    Asked,
    FigureFilter,
    FigureKind,
    PlaceQuery,
    PlannedFilter,
)
from app.totals.groups import GroupBy


class Figure(Word):
    collective_start = "collective-start", "集中开工", "collective start"
    started_or_resumed = "started-or-resumed", "开复工", "started or resumed"
    planned_year = "planned-year", "谋划实施", "planned for the year"


NOT_STATISTICS = ("工作调度口径，非统计数据。", "A working caliber, not statistics.")
OF_PHASES = (
    "，总项目自身未登记的取各期之和。",
    ", of a parent that states none the sum of its phases'. ",
)
CALIBERS = {
    Figure.collective_start: Label(
        code="collective_start",
        zh="集中开工：本期各批次的招商引资类末级项目，不论现处阶段；计划总投资取开工当日有效版本"
        + OF_PHASES[0]
        + NOT_STATISTICS[0],
        en="Collective start: leaves of program promotion or both in the period's batches, whatever their stage; "
        "planned total valid on the day" + OF_PHASES[1] + NOT_STATISTICS[1],
    ),
    Figure.started_or_resumed: Label(
        code="started_or_resumed",
        zh="开复工：本期新开工的末级项目，加往年开工、期初前未竣工且本期复工的末级项目，各计一次；终止的仍计，并入的不计；"
        "计划总投资取期末前有效的最新版本" + OF_PHASES[0] + NOT_STATISTICS[0],
        en="Started or resumed: leaves started in the period, and leaves started in earlier years, not completed "
        "before it, whose work resumed in it, each once; terminated stay, merged do not; planned total as of the "
        "last day" + OF_PHASES[1] + NOT_STATISTICS[1],
    ),
    Figure.planned_year: Label(
        code="planned_year",
        zh="谋划实施：期末在当年计划库中的末级项目；分期自起始日起计，此前及各期均未列入时计总项目；"
        "计划总投资、当年计划取期末前有效的最新版本" + OF_PHASES[0] + NOT_STATISTICS[0],
        en="Planned for the year: leaves on the year's plan list on the last day; a phase from its first day on, "
        "before it, and where no phase is listed, its parent; planned total and planned this year as of that day"
        + OF_PHASES[1]
        + NOT_STATISTICS[1],
    ),
}


def _is_entry(moves: Any, stage: str) -> ColumnElement[bool]:
    return and_(moves.c.to_stage == stage, moves.c.kind.in_([MoveKind.entry, MoveKind.forward]))


def _leaf_on(rows: Any, asked: Asked, day: Any) -> ColumnElement[Any]:
    """Returns the leaf a row counts for on its day: the phase that by then continued the row's project, else that
    project."""
    return read_by(rows.c.project_id, PhaseLink.effective_on <= day, phase_links.in_force(asked.known_at))


def _collective_start(asked: Asked) -> Any:
    rows = latest_rows(StartBatchRow, StartBatchRow.batch_id, StartBatchRow.project_id, known_at=asked.known_at)
    withdrawn = exists().where(
        StartBatchWithdrawal.batch_id == StartBatch.id, StartBatchWithdrawal.recorded_at <= asked.known_at
    )
    # A leaf and the phase that continues it count once, in their first batch of the period.
    leaf = read_by(rows.c.project_id, phase_links.in_force(asked.known_at))
    rank = func.row_number().over(partition_by=leaf, order_by=(StartBatch.held_on, rows.c.project_id))
    held = (
        select(
            _leaf_on(rows, asked, StartBatch.held_on).label("project_id"),
            StartBatch.held_on,
            rank.label("rank_of_line"),
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
    moves = as_of.moves_in_force(asked.known_at)
    started = select(moves.c.project_id, moves.c.day, literal("started").label("kind")).where(
        _is_entry(moves, STARTED), moves.c.day.between(asked.start, asked.end)
    )
    rows = latest_rows(WorkResumption, WorkResumption.project_id, WorkResumption.year, known_at=asked.known_at)

    def entered_before(stage: str, day: date) -> Any:
        """Selects the projects that entered the stage before the day; a phase that continues its parent reads the
        parent's entries as its own."""
        entered = and_(_is_entry(moves, stage), moves.c.day < day)
        continuing = select(PhaseLink.project_id).join(moves, moves.c.project_id == PhaseLink.parent_id)
        continuing = continuing.where(entered, PhaseLink.continues_parent, phase_links.in_force(asked.known_at))
        return union_all(select(moves.c.project_id).where(entered), continuing)

    leaf = _leaf_on(rows, asked, rows.c.on).label("project_id")
    begun = phase_links.has_begun(rows.c.project_id, rows.c.on, asked.known_at)
    confirmed = select(leaf, rows.c.on).where(rows.c.on.between(asked.start, asked.end), begun).subquery()
    resumed = (
        select(confirmed.c.project_id, func.min(confirmed.c.on).label("day"), literal("resumed").label("kind"))
        .where(
            confirmed.c.project_id.in_(entered_before(STARTED, date(asked.start.year, 1, 1))),
            confirmed.c.project_id.not_in(entered_before(COMPLETED, asked.start)),
        )
        .group_by(confirmed.c.project_id)
    )
    return union_all(started, resumed)


def _planned_year(asked: Asked) -> Any:
    rows = plan_years.rows_in_force(asked.start.year, asked.end, asked.known_at)
    return select(rows.c.project_id, rows.c.day, literal("listed").label("kind")).distinct()


_FACTS: dict[Figure, Callable[[Asked], Any]] = {
    Figure.collective_start: _collective_start,
    Figure.started_or_resumed: _started_or_resumed,
    Figure.planned_year: _planned_year,
}


def _counts(figure: Figure, facts: Any, asked: Asked) -> ColumnElement[bool]:
    """Returns the condition that the figure counts a project with such a fact on its day."""
    if figure is Figure.planned_year:
        return plan_years.counts(facts, asked.start.year, asked.known_at)
    was_leaf = as_of.was_leaf(facts, asked.known_at)
    if figure is Figure.collective_start:
        return and_(was_leaf, ProjectPlacement.program.in_(Pool.promotion.programs))
    # A start is always that of a leaf: a parent makes no moves, and may have started on the day of its first phase.
    is_start = facts.c.kind == "started"
    return and_(or_(is_start, was_leaf), ~as_of.was_merged(facts, asked.known_at))


def _has_started(facts: Any, asked: Asked) -> ColumnElement[bool]:
    """Returns the condition that work had begun by the last day of the period, on the project, the parent it continues,
    or a phase."""
    moves = as_of.moves_in_force(asked.known_at)
    started = select(moves.c.project_id).where(_is_entry(moves, STARTED), moves.c.day <= asked.end)
    links = phase_links.in_force(asked.known_at)
    by_parent = select(PhaseLink.project_id).where(PhaseLink.continues_parent, links, PhaseLink.parent_id.in_(started))
    by_phase = select(PhaseLink.parent_id).where(links, PhaseLink.project_id.in_(started))
    has_begun: ColumnElement[bool] = facts.c.project_id.in_(union_all(started, by_parent, by_phase))
    return has_begun


def counted(figure: Figure, actor: Actor, asked: Asked) -> Any:
    """Returns a subquery of the leaves the figure counts, each once: project, day, kind, place and amounts."""
    facts = _FACTS[figure](asked).subquery("facts")
    valid_on = facts.c.day if figure is Figure.collective_start else asked.end
    planned_total = as_of.amount(facts, AmountKind.planned_total, asked.known_at, valid_on)
    year = asked.start.year
    columns = []
    if figure is Figure.planned_year:
        planned_this_year = plan_years.planned_this_year(facts, year, asked.end, asked.known_at)
        columns.append(case((_has_started(facts, asked), 1), else_=0).label("is_started"))
    else:
        planned_this_year = as_of.amount(facts, AmountKind.planned_this_year, asked.known_at, asked.end, year)
    rows: Select[*tuple[Any, ...]] = (
        select(
            facts.c.project_id,
            facts.c.day,
            facts.c.kind,
            ProjectPlacement.unit_id,
            ProjectPlacement.task_force_id,
            ProjectPlacement.program,
            planned_total.label("planned_total"),
            planned_this_year.label("planned_this_year"),
            *columns,
        )
        .join(ProjectPlacement, ProjectPlacement.id == as_of.placement(facts, asked.known_at))
        .where(
            as_of.visible_to(actor),
            _counts(figure, facts, asked),
            *asked.place(ProjectPlacement.unit_id, ProjectPlacement.task_force_id),
        )
    )
    # Computed once per statement: a planner without statistics would repeat it for every row it is joined to.
    return rows.cte("counted").prefix_with("MATERIALIZED")


def rows(figure: Figure, actor: Actor, asked: Asked, query: PlaceQuery) -> Any:
    """Returns a subquery of those leaves that the query asks for, with their size band."""
    every = counted(figure, actor, asked)
    size = groups.size_of(every.c.planned_total)
    conditions: list[ColumnElement[bool]] = []
    for name, column in (("program", every.c.program), ("size", size), ("kind", every.c.kind)):
        if (values := getattr(query, name, None)) is not None:
            conditions.append(values.holds(column))
    least = getattr(query, "min_planned_total", None)
    if figure is Figure.started_or_resumed and least is not None:
        conditions.append(every.c.planned_total >= least)
    if isinstance(query, FigureFilter) and query.without is not None:
        conditions.append(every.c[query.without.value].is_(None))
    if isinstance(query, PlannedFilter) and query.is_started is not None:
        conditions.append(every.c.is_started == int(query.is_started))
    return select(every, size.label("size")).where(*conditions).cte("asked")


BY = {
    Figure.collective_start: frozenset({GroupBy.unit, GroupBy.task_force, GroupBy.program, GroupBy.size}),
    Figure.started_or_resumed: frozenset(
        {GroupBy.unit, GroupBy.task_force, GroupBy.program, GroupBy.size, GroupBy.kind}
    ),
    Figure.planned_year: frozenset({GroupBy.unit, GroupBy.task_force, GroupBy.program, GroupBy.size}),
}
"""What each figure can be grouped by."""


FROM_1_YI = [SizeBand.from_1_to_10_yi.value, SizeBand.from_10_yi.value]


def _part(figure: Figure, rows: Any) -> ColumnElement[bool]:
    """Returns the condition on the part of the figure that is told besides: from 1 亿元 on, newly started, or started
    already."""
    if figure is Figure.collective_start:
        return rows.c.size.in_(FROM_1_YI)  # type: ignore[no-any-return]
    if figure is Figure.started_or_resumed:
        return rows.c.kind == FigureKind.started.value  # type: ignore[no-any-return]
    return rows.c.is_started == 1  # type: ignore[no-any-return]


def sums(figure: Figure, rows: Any) -> list[ColumnElement[Any]]:
    """Returns the sums over the rows of a figure, and those of its part."""
    part, amount, of_year = _part(figure, rows), rows.c.planned_total, rows.c.planned_this_year
    return [
        func.count().label("n"),
        groups.total(amount, "amount"),
        groups.total(of_year, "year_amount"),
        groups.number(amount.is_(None), "without"),
        groups.number(of_year.is_(None), "without_year"),
        groups.number(part, "part_n"),
        groups.total_where(part, amount, "part_amount"),
        groups.number(and_(part, amount.is_(None)), "part_without"),
    ]
