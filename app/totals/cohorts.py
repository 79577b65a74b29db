"""签约批次: the projects that entered `signed` in the days asked for, by quarter, and what they reached since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.projects import moves
from app.projects.models import Program, ProjectPlacement
from app.projects.moves import MoveKind
from app.projects.stages import AT_CAPACITY, COMPLETED, LANDED, OPERATING, SIGNED, STARTED
from app.totals import periods
from app.totals.filters import Address, Asked
from app.totals.funnel_schemas import Cohort, CohortStage, FunnelQuery, FunnelWhat
from app.totals.stays import all_stays, counted, nearest_rank

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
    placement_id: UUID | None
    """The placement on the day of entry, where the stay began with an entry into `signed` that is asked for."""
    is_withdrawn: bool = False


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
    query: FunnelQuery,
    days: tuple[date, date],
    positions: Mapping[str, int],
) -> list[Walk]:
    """Returns the projects that entered `signed` on these days. One moved back to before `signed` does not count."""
    stays = all_stays(asked)
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
    placed = (
        select(facts.c.leaf_id, facts.c.number, ProjectPlacement.id.label("placement_id"))
        .select_from(facts)
        .join(ProjectPlacement, and_(*counted(facts, actor, asked, query)))
        .where(ProjectPlacement.program != Program.construction)
        .cte("placed")
    )
    rows = await session.execute(
        select(
            stays.c.leaf_id,
            stays.c.number,
            stays.c.kind,
            stays.c.to_stage,
            stays.c.entered_on.label("happened_on"),
            stays.c.left_on,
            stays.c.left_by,
            placed.c.placement_id,
        )
        .outerjoin(placed, and_(placed.c.leaf_id == stays.c.leaf_id, placed.c.number == stays.c.number))
        .where(stays.c.leaf_id.in_(select(placed.c.leaf_id)))
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
        if entry is not None and entry.placement_id is not None:
            cohort.append(Walk(entries, entry.placement_id))
    return cohort


def by_quarter(cohort: Iterable[Walk], address: Address) -> list[Cohort]:
    """Returns the cohort of each quarter, with the addresses of its rows."""
    walks_of: defaultdict[str, list[Walk]] = defaultdict(list)
    for walk in cohort:
        walks_of[periods.quarter_of(periods.number_of(walk.signed_on))].append(walk)
    return [
        Cohort(
            quarter=quarter,
            signed=len(of_quarter),
            signed_url=address(what=FunnelWhat.signed, within=quarter),
            reached=[_reached(stage, of_quarter, address.under("within", quarter)) for stage in _REACHED],
        )
        for quarter, of_quarter in sorted(walks_of.items())
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
