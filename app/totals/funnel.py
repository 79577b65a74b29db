"""转化漏斗: entries into and exits from each stage in a period, the days stayed, and what the signed projects reached.

A stay begins with a move into the stage and ends with the next move into another, forward or back, or with termination;
its days are calendar days less those it was paused. A phase that continues its parent continues the parent's stay.
Percentiles are nearest-rank: the smallest number of days that at least so many per cent of the stays did not exceed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, scope_of
from app.core.localized import Label
from app.organizations import service as organizations
from app.projects import as_of, moves, phase_links
from app.projects import service as projects
from app.projects.models import PhaseLink, Program, Project, ProjectPlacement, Status
from app.projects.moves import MoveKind
from app.projects.stages import AT_CAPACITY, COMPLETED, LANDED, OPERATING, SIGNED, STARTED, Stage, pipeline
from app.totals import figures, groups, periods
from app.totals.filters import Address, Asked, place
from app.totals.funnel_schemas import (
    Cohort,
    CohortStage,
    Funnel,
    FunnelPresent,
    FunnelQuery,
    FunnelStage,
    FunnelWhat,
)

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
ROWS = "totals/funnel/rows"
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


def counted(facts: Any, actor: Actor, asked: Asked, program: Program | None) -> list[ColumnElement[bool]]:
    """Conditions on where a fact counted on its day, and on what the actor asks for and sees."""
    conditions = [
        ProjectPlacement.id == as_of.placement(facts, asked.known_at),
        as_of.visible_to(actor),
        ~as_of.was_merged(facts, asked.known_at),
        *place(asked, ProjectPlacement.unit_id, ProjectPlacement.task_force_id),
    ]
    if program is not None:
        conditions.append(ProjectPlacement.program.in_([program, Program.both]))
    return conditions


_LEFT_BY = {
    FunnelWhat.left_forward: MoveKind.forward,
    FunnelWhat.left_back: MoveKind.back,
    FunnelWhat.left_ended: MoveKind.terminate,
}


def stays_within(what: FunnelWhat, asked: Asked, days: tuple[date, date]) -> Any:
    """Returns a subquery of the stays that began or ended on these days: `project_id` is the project that made the
    move."""
    stays = _stays(_moves_by_leaf(asked))
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
    if what in _LEFT_BY:
        facts = facts.where(stays.c.left_by == _LEFT_BY[what])
    return facts.subquery("facts")


async def _entered(session: AsyncSession, actor: Actor, asked: Asked, program: Program | None) -> dict[str, int]:
    facts = stays_within(FunnelWhat.entered, asked, (asked.start, asked.end))
    rows = await session.execute(
        select(facts.c.to_stage, func.count().label("n"))
        .select_from(facts)
        .join(ProjectPlacement, and_(*counted(facts, actor, asked, program)))
        .group_by(facts.c.to_stage)
    )
    return {row.to_stage: row.n for row in rows}


async def _left(session: AsyncSession, actor: Actor, asked: Asked, program: Program | None) -> list[Any]:
    facts = stays_within(FunnelWhat.left, asked, (asked.start, asked.end))
    rows = await session.execute(select(facts).join(ProjectPlacement, and_(*counted(facts, actor, asked, program))))
    return list(rows.mappings())


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


@dataclass(frozen=True, slots=True)
class Walk:
    """A project of a cohort: the entries in force by stage, and the placement on the day it entered `signed`."""

    entries: dict[str, Stay]
    placement_id: UUID

    @property
    def signed_on(self) -> date:
        return self.entries[SIGNED].happened_on

    def days_to(self, stage: str) -> int | None:
        """Returns the days from signing to the entry into a stage; None where it was not reached."""
        entry = self.entries.get(stage)
        return None if entry is None else (entry.happened_on - self.signed_on).days


async def walks(
    session: AsyncSession,
    actor: Actor,
    asked: Asked,
    program: Program | None,
    days: tuple[date, date],
    positions: Mapping[str, int],
) -> list[Walk]:
    """Returns the projects that entered `signed` on these days. One moved back to before `signed` does not count."""
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
            signed.c.entered_on.between(*days),
        )
        .subquery("facts")
    )
    found = await session.execute(
        select(facts.c.leaf_id, facts.c.number, ProjectPlacement.id)
        .select_from(facts)
        .join(ProjectPlacement, and_(*counted(facts, actor, asked, program)))
        .where(ProjectPlacement.program != Program.construction)
    )
    placements = {(row.leaf_id, row.number): row.id for row in found}
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
        .where(stays.c.leaf_id.in_(select(facts.c.leaf_id)))
        .order_by(stays.c.leaf_id, stays.c.number)
    )
    stays_of: defaultdict[UUID, list[Stay]] = defaultdict(list)
    for row in rows:
        stays_of[row.leaf_id].append(Stay(**row._mapping))
    cohort = []
    for leaf_stays in stays_of.values():
        entries = moves.entries_in_force(leaf_stays, positions)
        # The entry in force counts in its own quarter and unit, not in those of an earlier entry.
        entry = entries.get(SIGNED)
        if entry is not None and (entry.leaf_id, entry.number) in placements:
            cohort.append(Walk(entries, placements[entry.leaf_id, entry.number]))
    return cohort


def _by_quarter(cohort: Iterable[Walk], address: Address) -> list[Cohort]:
    by_quarter: defaultdict[str, list[Walk]] = defaultdict(list)
    for walk in cohort:
        by_quarter[periods.quarter_of(periods.number_of(walk.signed_on))].append(walk)
    return [
        Cohort(
            quarter=quarter,
            signed=len(of_quarter),
            signed_url=address(what=FunnelWhat.signed, within=quarter),
            reached=[_reached(stage, of_quarter, address.under("within", quarter)) for stage in _REACHED],
        )
        for quarter, of_quarter in sorted(by_quarter.items())
    ]


def _reached(stage: str, cohort: Sequence[Walk], address: Address) -> CohortStage:
    days = sorted(days for walk in cohort if (days := walk.days_to(stage)) is not None)
    rate = (Decimal(len(days)) / Decimal(len(cohort))).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return CohortStage(
        stage=stage,
        count=len(days),
        rate=str(rate),
        median_days=nearest_rank(days, 50),
        rows_url=address(what=FunnelWhat.reached, stage=stage),
    )


def present_conditions(actor: Actor, query: FunnelQuery, today: date) -> list[ColumnElement[bool]]:
    """Returns the conditions on Project that it is an active leaf the query asks for, as on the board."""
    conditions = [projects.scope(actor), projects.is_leaf(), Project.status == Status.active]
    if query.program is not None:
        conditions.append(projects.in_program(query.program))
    if query.unit_id is not None:
        conditions.append(Project.unit_id.in_(organizations.subtree(query.unit_id, today)))
    for values, column in ((query.own_unit_id, Project.unit_id), (query.task_force_id, Project.task_force_id)):
        if values is not None:
            conditions.append(values.holds(column))
    return conditions


def present_sums(today: date) -> list[ColumnElement[Any]]:
    """Returns the sums over the projects at a stage now."""
    return [
        func.count().label("n"),
        groups.total(Project.planned_total, "amount"),
        groups.number(Project.planned_total.is_(None), "without"),
        groups.number(projects.is_overdue(today), "overdue"),
    ]


async def _present(
    session: AsyncSession, actor: Actor, query: FunnelQuery, address: Address, stages: Iterable[str]
) -> dict[str, FunnelPresent]:
    """Returns what is at each stage now. Nothing where the query asks as known at a moment: the day something is due
    is not kept for earlier moments."""
    if query.known_at is not None:
        return {}
    today = await clock.today(session)
    rows = await session.execute(
        select(Project.stage, *present_sums(today))
        .where(*present_conditions(actor, query, today))
        .group_by(Project.stage)
    )
    sums_of = {row.stage: row for row in rows}
    present = {}
    for stage in stages:
        sums, opened = sums_of.get(stage), address.under("stage", stage).under("known_at", None)
        present[stage] = FunnelPresent(
            count=sums.n if sums else 0,
            amount=sums.amount if sums else Decimal(0),
            without_amount=sums.without if sums else 0,
            rows_url=opened(what=FunnelWhat.present, known_at=None),
            overdue=sums.overdue if sums else 0,
            overdue_url=opened(what=FunnelWhat.overdue, known_at=None),
        )
    return present


async def funnel(session: AsyncSession, actor: Actor, query: FunnelQuery) -> Funnel:
    """Returns every stage of the table, in order, and the cohorts of the period, as known at a moment."""
    start, end = query.days()
    asked = Asked.of(query, (start, end), await knowledge.known_at(session, query.known_at))
    table = await pipeline(session)
    address = Address(ROWS, query, asked.known_at)
    entered = await _entered(session, actor, asked, query.program)
    paused_days = await paused(session, asked)
    left: defaultdict[str, list[tuple[MoveKind, int]]] = defaultdict(list)
    for row in await _left(session, actor, asked, query.program):
        left[row["to_stage"]].append((row["left_by"], days_stayed(row, paused_days) or 0))
    present = await _present(session, actor, query, address, [stage.code for stage in table.stages])
    cohort = await walks(session, actor, asked, query.program, (start, end), table.positions)
    return Funnel(
        scope=scope_of(actor),
        period=query.period,
        from_=start,
        to=end,
        known_at=asked.known_at,
        stages=[
            _stage(stage, entered.get(stage.code, 0), left[stage.code], present.get(stage.code), address)
            for stage in table.stages
        ],
        cohorts=_by_quarter(cohort, address),
        caliber=CALIBER,
    )


def _stage(
    stage: Stage, entered: int, exits: list[tuple[MoveKind, int]], present: FunnelPresent | None, address: Address
) -> FunnelStage:
    days = sorted(of_stay for _, of_stay in exits)
    kinds = [kind for kind, _ in exits]
    opened = address.under("stage", stage.code)
    urls = {f"{what.value}_url": opened(what=what) for what in (FunnelWhat.entered, FunnelWhat.left, *_LEFT_BY)}
    return FunnelStage(
        stage=stage.code,
        name_zh=stage.name_zh,
        name_en=stage.name_en,
        entered=entered,
        left=len(exits),
        left_forward=kinds.count(MoveKind.forward),
        left_back=kinds.count(MoveKind.back),
        left_ended=kinds.count(MoveKind.terminate),
        median_days=nearest_rank(days, 50),
        p90_days=nearest_rank(days, 90),
        present=present,
        **urls,
    )
