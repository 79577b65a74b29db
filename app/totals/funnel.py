"""转化漏斗: entries into and exits from each stage in a period, the days stayed, and what the signed projects reached.

A stay begins with a move into the stage and ends with the next move into another, forward or back, or with termination;
its days are calendar days less those it was paused. A phase that continues its parent continues the parent's stay.
Percentiles are nearest-rank: the smallest number of days that at least so many per cent of the stays did not exceed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import knowledge
from app.core.actor import Actor, scope_of
from app.core.localized import Label
from app.organizations import service as organizations
from app.projects import as_of, moves, phase_links
from app.projects.models import PhaseLink, Program, ProjectPlacement
from app.projects.moves import MoveKind
from app.projects.stages import AT_CAPACITY, COMPLETED, LANDED, OPERATING, SIGNED, STARTED, Pipeline, pipeline
from app.totals import figures, periods
from app.totals.figures import Asked
from app.totals.schemas import Cohort, CohortStage, Funnel, FunnelQuery, FunnelStage

CALIBER = Label(
    code="funnel",
    zh="转化漏斗：本期进入、离开各阶段的次数与停留天数（日历日，扣除暂缓；就近取整的中位数与九成位数），"
    "按当日所在单位、专班、类别统计，并入的不计；签约批次按进入签约阶段的季度与当日所在单位，"
    "截至所知时刻的到达率，不论其后流转至何处。" + figures.NOT_STATISTICS[0],
    en="Funnel: entries into and exits from each stage in the period and the days stayed (calendar days less pauses; "
    "nearest-rank median and 90th percentile), by unit, task force and program of the day, merged ones left out; "
    "cohorts by the quarter and place of entry into `signed`, with what they reached since, wherever. "
    + figures.NOT_STATISTICS[1],
)
_STAGE_MOVES = (MoveKind.entry, MoveKind.forward, MoveKind.back)
_ENDS = (MoveKind.terminate, MoveKind.merge)
_REACHED = (LANDED, STARTED, COMPLETED, OPERATING, AT_CAPACITY)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay of a project at a stage. `to_stage`, `kind` and `happened_on` are those of the move that began it."""

    leaf_id: UUID
    number: int
    kind: MoveKind
    to_stage: str
    happened_on: date
    left_on: date | None
    left_by: MoveKind | None
    is_withdrawn: bool = False


def nearest_rank(ordered: Sequence[int], per_cent: int) -> int | None:
    """Returns the smallest of these values that at least `per_cent` of them do not exceed; None where there are
    none."""
    if not ordered:
        return None
    return ordered[-(-len(ordered) * per_cent // 100) - 1]


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


def _stays(moves_by_leaf: Any) -> Any:
    """Selects one row per stay: leaf, stage, day of entry, day of exit, and how it ended."""
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


def _counted(facts: Any, actor: Actor, asked: Asked, program: Program | None) -> list[ColumnElement[bool]]:
    """Conditions on where a fact counted on its day, and on what the actor asks for and sees."""
    conditions = [
        ProjectPlacement.id == as_of.placement(facts, asked.known_at),
        as_of.visible_to(actor),
        ~as_of.was_merged(facts, asked.known_at),
    ]
    if asked.unit_id is not None:
        subtree = organizations.subtree(asked.unit_id, asked.end, asked.known_at)
        conditions.append(ProjectPlacement.unit_id.in_(subtree))
    if asked.task_force_id is not None:
        conditions.append(ProjectPlacement.task_force_id == asked.task_force_id)
    if program is not None:
        conditions.append(ProjectPlacement.program.in_([program, Program.both]))
    return conditions


async def _entered(session: AsyncSession, actor: Actor, asked: Asked, program: Program | None) -> dict[str, int]:
    stays = _stays(_moves_by_leaf(asked))
    facts = (
        select(stays.c.entered_id.label("project_id"), stays.c.entered_on.label("day"), stays.c.to_stage)
        .where(stays.c.entered_on.between(asked.start, asked.end))
        .subquery("facts")
    )
    rows = await session.execute(
        select(facts.c.to_stage, func.count().label("n"))
        .select_from(facts)
        .join(ProjectPlacement, and_(*_counted(facts, actor, asked, program)))
        .group_by(facts.c.to_stage)
    )
    return {row.to_stage: row.n for row in rows}


async def _left(session: AsyncSession, actor: Actor, asked: Asked, program: Program | None) -> list[Any]:
    stays = _stays(_moves_by_leaf(asked))
    facts = (
        select(
            stays.c.left_id.label("project_id"),
            stays.c.left_on.label("day"),
            stays.c.leaf_id,
            stays.c.number,
            stays.c.to_stage,
            stays.c.entered_on,
            stays.c.left_by,
        )
        .where(stays.c.left_on.between(asked.start, asked.end))
        .subquery("facts")
    )
    columns = [column for column in facts.c if column.name != "project_id"]
    rows = await session.execute(
        select(*columns).select_from(facts).join(ProjectPlacement, and_(*_counted(facts, actor, asked, program)))
    )
    return list(rows)


async def _paused(session: AsyncSession, asked: Asked) -> dict[tuple[UUID, int], int]:
    """Returns the days paused, by stay. A pause that ends with the stay counts up to its end."""
    moves_by_leaf = _moves_by_leaf(asked)
    rows = await session.execute(
        select(moves_by_leaf.c.leaf_id, moves_by_leaf.c.number, moves_by_leaf.c.day, moves_by_leaf.c.next_day).where(
            moves_by_leaf.c.kind == MoveKind.pause, moves_by_leaf.c.next_day.is_not(None)
        )
    )
    days_of: defaultdict[tuple[UUID, int], int] = defaultdict(int)
    for row in rows:
        days_of[row.leaf_id, row.number] += (row.next_day - row.day).days
    return days_of


async def _cohorts(
    session: AsyncSession, actor: Actor, asked: Asked, program: Program | None, table: Pipeline
) -> list[Cohort]:
    """Returns what the projects that entered `signed` have reached, by quarter. A project moved back to before `signed`
    does not count."""
    stays = _stays(_moves_by_leaf(asked))
    signed = stays.alias("signed")
    facts = (
        select(
            signed.c.leaf_id,
            signed.c.number,
            signed.c.entered_id.label("project_id"),
            signed.c.entered_on.label("day"),
        )
        .where(
            signed.c.to_stage == SIGNED,
            signed.c.kind.in_([MoveKind.entry, MoveKind.forward]),
            signed.c.entered_on.between(asked.start, asked.end),
        )
        .subquery("facts")
    )
    counted = await session.execute(
        select(facts.c.leaf_id, facts.c.number)
        .select_from(facts)
        .join(ProjectPlacement, and_(*_counted(facts, actor, asked, program)))
        .where(ProjectPlacement.program != Program.construction)
    )
    numbers = {(row.leaf_id, row.number) for row in counted}
    leaf_ids = select(facts.c.leaf_id)
    rows = await session.execute(
        select(
            stays.c.leaf_id,
            stays.c.number,
            stays.c.kind,
            stays.c.to_stage,
            stays.c.entered_on.label("happened_on"),
            stays.c.left_on,
            stays.c.left_by,
        )
        .where(stays.c.leaf_id.in_(leaf_ids))
        .order_by(stays.c.leaf_id, stays.c.number)
    )
    stays_of: defaultdict[UUID, list[Stay]] = defaultdict(list)
    for row in rows:
        stays_of[row.leaf_id].append(Stay(**row._mapping))
    in_force = [moves.entries_in_force(leaf_stays, table.positions) for leaf_stays in stays_of.values()]
    # The entry in force counts in its own quarter and unit, not in those of an earlier entry.
    counted_entries = [
        leaf_stays
        for leaf_stays in in_force
        if SIGNED in leaf_stays and (leaf_stays[SIGNED].leaf_id, leaf_stays[SIGNED].number) in numbers
    ]
    return _by_quarter(
        [{stage: stay.happened_on for stage, stay in leaf_stays.items()} for leaf_stays in counted_entries]
    )


def _by_quarter(all_entry_days: Iterable[dict[str, date]]) -> list[Cohort]:
    cohorts: defaultdict[str, list[dict[str, date]]] = defaultdict(list)
    for entry_days in all_entry_days:
        on = entry_days[SIGNED]
        cohorts[f"{on.year}Q{(on.month + 2) // 3}"].append(entry_days)
    return [
        Cohort(
            quarter=quarter,
            signed=len(projects),
            reached=[_reached(stage, projects) for stage in _REACHED],
        )
        for quarter, projects in sorted(cohorts.items())
    ]


def _reached(stage: str, projects: Sequence[dict[str, date]]) -> CohortStage:
    days = sorted((entry_days[stage] - entry_days[SIGNED]).days for entry_days in projects if stage in entry_days)
    rate = (Decimal(len(days)) / Decimal(len(projects))).quantize(Decimal("0.0001"))
    return CohortStage(stage=stage, count=len(days), rate=str(rate), median_days=nearest_rank(days, 50))


async def funnel(session: AsyncSession, actor: Actor, query: FunnelQuery) -> Funnel:
    """Returns every stage of the table, in order, and the cohorts of the period, as known at a moment."""
    known_at = await knowledge.known_at(session, query.known_at)
    start, end = periods.days(query.period)
    asked = Asked(start, end, known_at, query.unit_id, query.task_force_id)
    table = await pipeline(session)
    entered = await _entered(session, actor, asked, query.program)
    paused = await _paused(session, asked)
    left: defaultdict[str, list[tuple[MoveKind, int]]] = defaultdict(list)
    for row in await _left(session, actor, asked, query.program):
        days = (row.day - row.entered_on).days - paused.get((row.leaf_id, row.number), 0)
        left[row.to_stage].append((row.left_by, days))
    stages = []
    for stage in table.stages:
        exits = left[stage.code]
        days_stayed = sorted(days for _, days in exits)
        kinds = [kind for kind, _ in exits]
        stages.append(
            FunnelStage(
                stage=stage.code,
                name_zh=stage.name_zh,
                name_en=stage.name_en,
                entered=entered.get(stage.code, 0),
                left=len(exits),
                left_forward=kinds.count(MoveKind.forward),
                left_back=kinds.count(MoveKind.back),
                left_ended=kinds.count(MoveKind.terminate),
                median_days=nearest_rank(days_stayed, 50),
                p90_days=nearest_rank(days_stayed, 90),
            )
        )
    return Funnel(
        scope=scope_of(actor),
        period=query.period,
        from_=start,
        to=end,
        known_at=known_at,
        stages=stages,
        cohorts=await _cohorts(session, actor, asked, query.program, table),
        caliber=CALIBER,
    )
