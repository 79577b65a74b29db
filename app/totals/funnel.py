"""转化漏斗: how many entered and left each stage in a period, how long they stayed, and what became of the signed.

A stay begins with a move into the stage and ends with the next move into another, forward or back, or with termination;
its days are calendar days less those it was paused. A phase that continues its parent goes on with the parent's stay.
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

    walker_id: UUID
    number: int
    kind: MoveKind
    to_stage: str
    happened_on: date
    left_on: date | None
    left_by: MoveKind | None
    is_withdrawn: bool = False


def nearest_rank(ordered: Sequence[int], per_cent: int) -> int | None:
    """The value that at least so many per cent of them do not exceed; None of nothing."""
    if not ordered:
        return None
    return ordered[-(-len(ordered) * per_cent // 100) - 1]


def _walked(asked: Asked) -> Any:
    """Every standing move, under the leaf that walks with it, numbered by the stay it belongs to."""
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
    own = (
        select(
            func.coalesce(continuing, made.c.project_id).label("walker_id"),
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
    in_order = (own.c.is_own, own.c.seq)
    begins = case((own.c.kind.in_(_STAGE_MOVES), 1), else_=0)
    return select(
        own,
        func.sum(begins).over(partition_by=own.c.walker_id, order_by=in_order).label("number"),
        func.lead(own.c.day, type_=own.c.day.type)
        .over(partition_by=own.c.walker_id, order_by=in_order)
        .label("next_day"),
    ).cte("walked")


def _stays(walked: Any) -> Any:
    """One row a stay: who, where, from when, until when, and how it ended."""
    began = walked.alias("began")
    ended = walked.alias("ended")
    following = walked.alias("following")
    is_next = and_(
        following.c.walker_id == began.c.walker_id,
        following.c.number == began.c.number + 1,
        following.c.kind.in_(_STAGE_MOVES),
    )
    is_end = and_(ended.c.walker_id == began.c.walker_id, ended.c.number == began.c.number, ended.c.kind.in_(_ENDS))
    return (
        select(
            began.c.walker_id,
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
    """Where the fact counted on its day, and for whom it is asked."""
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
    stays = _stays(_walked(asked))
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
    stays = _stays(_walked(asked))
    facts = (
        select(
            stays.c.left_id.label("project_id"),
            stays.c.left_on.label("day"),
            stays.c.walker_id,
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
    """Days paused, by stay. A pause that ends with the stay counts up to its end."""
    walked = _walked(asked)
    rows = await session.execute(
        select(walked.c.walker_id, walked.c.number, walked.c.day, walked.c.next_day).where(
            walked.c.kind == MoveKind.pause, walked.c.next_day.is_not(None)
        )
    )
    found: defaultdict[tuple[UUID, int], int] = defaultdict(int)
    for row in rows:
        found[row.walker_id, row.number] += (row.next_day - row.day).days
    return found


async def _cohorts(
    session: AsyncSession, actor: Actor, asked: Asked, program: Program | None, table: Pipeline
) -> list[Cohort]:
    """What became of those that entered `signed`, by quarter; who went back before it signed nothing."""
    stays = _stays(_walked(asked))
    signed = stays.alias("signed")
    facts = (
        select(
            signed.c.walker_id,
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
        select(facts.c.walker_id, facts.c.number)
        .select_from(facts)
        .join(ProjectPlacement, and_(*_counted(facts, actor, asked, program)))
        .where(ProjectPlacement.program != Program.construction)
    )
    numbers = {(row.walker_id, row.number) for row in counted}
    walkers = select(facts.c.walker_id)
    rows = await session.execute(
        select(
            stays.c.walker_id,
            stays.c.number,
            stays.c.kind,
            stays.c.to_stage,
            stays.c.entered_on.label("happened_on"),
            stays.c.left_on,
            stays.c.left_by,
        )
        .where(stays.c.walker_id.in_(walkers))
        .order_by(stays.c.walker_id, stays.c.number)
    )
    walks: defaultdict[UUID, list[Stay]] = defaultdict(list)
    for row in rows:
        walks[row.walker_id].append(Stay(**row._mapping))
    standing = [moves.entries_in_force(walk, table.positions) for walk in walks.values()]
    # The entry that stands is counted where it was made, not where an earlier one was.
    own = [walk for walk in standing if SIGNED in walk and (walk[SIGNED].walker_id, walk[SIGNED].number) in numbers]
    return _by_quarter([{stage: stay.happened_on for stage, stay in walk.items()} for walk in own])


def _by_quarter(entries: Iterable[dict[str, date]]) -> list[Cohort]:
    cohorts: defaultdict[str, list[dict[str, date]]] = defaultdict(list)
    for walk in entries:
        on = walk[SIGNED]
        cohorts[f"{on.year}Q{(on.month + 2) // 3}"].append(walk)
    return [
        Cohort(
            quarter=quarter,
            signed=len(walks),
            reached=[_reached(stage, walks) for stage in _REACHED],
        )
        for quarter, walks in sorted(cohorts.items())
    ]


def _reached(stage: str, walks: Sequence[dict[str, date]]) -> CohortStage:
    days = sorted((walk[stage] - walk[SIGNED]).days for walk in walks if stage in walk)
    rate = (Decimal(len(days)) / Decimal(len(walks))).quantize(Decimal("0.0001"))
    return CohortStage(stage=stage, count=len(days), rate=str(rate), median_days=nearest_rank(days, 50))


async def funnel(session: AsyncSession, actor: Actor, query: FunnelQuery) -> Funnel:
    """Every stage of the table, in order, and the cohorts of the period, as known at a moment."""
    known_at = await knowledge.known_at(session, query.known_at)
    start, end = periods.days(query.period)
    asked = Asked(start, end, known_at, query.unit_id, query.task_force_id)
    table = await pipeline(session)
    entered = await _entered(session, actor, asked, query.program)
    paused = await _paused(session, asked)
    left: defaultdict[str, list[tuple[MoveKind, int]]] = defaultdict(list)
    for row in await _left(session, actor, asked, query.program):
        days = (row.day - row.entered_on).days - paused.get((row.walker_id, row.number), 0)
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
