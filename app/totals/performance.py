"""The year of the task forces: targets beside what the ledger says was reached."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, refs
from app.core.actor import Actor, scope_of
from app.core.errors import NotFound
from app.core.refs import Reference
from app.deals.models import LedgerEntry
from app.organizations.models import Official
from app.projects import service as projects
from app.projects.models import Project, Status
from app.taskforces import service as taskforces
from app.taskforces.models import TaskForce, TaskForceTarget
from app.totals import service
from app.totals.filters import Asked
from app.totals.schemas import Performance, PerformanceFigures, Performances, TargetFigure

_LEADER = [Reference("leader", "leader_id", Official)]
_FIGURES = {"signings": "n", "amount": "amount", "same_quarter_landed": "landed"}
"""Each target, and the sum over the ledger that it is compared with."""


def _targets(year: int, known_at: datetime) -> Any:
    """Selects the targets in force of each task force."""
    rank = func.row_number().over(
        partition_by=TaskForceTarget.task_force_id,
        order_by=(TaskForceTarget.recorded_at.desc(), TaskForceTarget.id.desc()),
    )
    ranked = (
        select(
            TaskForceTarget.task_force_id,
            *(getattr(TaskForceTarget, name).label(f"target_{name}") for name in _FIGURES),
            rank.label("rank"),
        )
        .where(TaskForceTarget.year == year, TaskForceTarget.recorded_at <= known_at)
        .subquery()
    )
    return select(ranked).where(ranked.c.rank == 1).subquery("targets")


def _reached(actor: Actor, asked: Asked) -> Any:
    """Selects what the ledger says was reached, by task force."""
    return (
        select(LedgerEntry.task_force_id, *service.sums(LedgerEntry))
        .where(*service.matching(actor, asked))
        .group_by(LedgerEntry.task_force_id)
        .subquery("reached")
    )


def _present(actor: Actor, today: date) -> Any:
    """Selects the number of leaves of each task force now, and of those overdue, within the reader's scope."""
    return (
        select(
            Project.task_force_id,
            func.count().label("projects"),
            func.sum(case((projects.is_overdue(today), 1), else_=0)).label("overdue"),
        )
        .where(projects.scope(actor), projects.is_leaf(), Project.status == Status.active)
        .group_by(Project.task_force_id)
        .subquery("present")
    )


def _statement(actor: Actor, asked: Asked, today: date, *conditions: Any) -> Select[Any]:
    targets, reached = _targets(asked.start.year, asked.known_at), _reached(actor, asked)
    present = _present(actor, today)
    columns = [
        TaskForce.id,
        TaskForce.name,
        TaskForce.name_en,
        TaskForce.short_name,
        TaskForce.lead_official_id.label("leader_id"),
        *(targets.c[f"target_{name}"] for name in _FIGURES),
        *(reached.c[name] for name in _FIGURES.values()),
        present.c.projects,
        present.c.overdue,
        TaskForce.name_pinyin,
    ]
    rows = (
        select(*columns)
        .select_from(TaskForce)
        .outerjoin(targets, targets.c.task_force_id == TaskForce.id)
        .outerjoin(reached, reached.c.task_force_id == TaskForce.id)
        .outerjoin(present, present.c.task_force_id == TaskForce.id)
        .where(*conditions)
        .subquery("rows")
    )
    return refs.of_page(rows, _LEADER).order_by(rows.c.name_pinyin, rows.c.id)


def _figure(target: Decimal | int | None, reached: Decimal | int, *, is_whole: bool) -> TargetFigure:
    """Returns a target beside what was reached. Where that is only a part (not `is_whole`), there is no rate."""

    def text(value: Decimal | int) -> str:
        return f"{value:.2f}" if isinstance(value, Decimal) else str(value)

    rate = None
    if target and is_whole:
        rate = str((Decimal(reached) / Decimal(target)).quantize(Decimal("0.0001"), ROUND_HALF_UP))
    return TargetFigure(target=None if target is None else text(target), reached=text(reached), rate=rate)


def _read(actor: Actor, row: dict[str, Any], year: int, known_at: datetime) -> PerformanceFigures:
    is_whole = actor.sees_all or row["id"] in actor.task_force_ids
    days = {"from": f"{year}-01-01", "to": f"{year}-12-31", "task_force_id": row["id"]}
    entries = urlencode({**days, "known_at": clock.moment_text(known_at)})
    leaves = urlencode({"task_force_id": row["id"], "is_leaf": "true"})
    nothing: dict[str, Any] = {"n": 0, "amount": Decimal(0), "landed": 0}
    figures = {
        name: _figure(row[f"target_{name}"], row[reached] or nothing[reached], is_whole=is_whole)
        for name, reached in _FIGURES.items()
    }
    return PerformanceFigures(
        task_force_id=row["id"],
        name=row["name"],
        task_force=refs.Ref(code=None, **{name: row[name] for name in ("id", "name", "name_en", "short_name")}),
        leader_id=row["leader_id"],
        leader=row["leader"],
        projects=row["projects"] or 0,
        projects_url=f"/api/v1/projects?{leaves}&status=active",
        overdue=row["overdue"] or 0,
        overdue_url=f"/api/v1/projects?{leaves}&is_overdue=true",
        entries_url=f"/api/v1/{service.ENTRIES}?{entries}",
        **figures,
    )


async def _rows(
    session: AsyncSession, actor: Actor, year: int, known_at: datetime | None, *conditions: Any
) -> tuple[datetime, list[PerformanceFigures]]:
    moment = await knowledge.known_at(session, known_at)
    asked = Asked(date(year, 1, 1), date(year, 12, 31), moment)
    rows = await session.execute(_statement(actor, asked, await clock.today(session), *conditions))
    return moment, [_read(actor, row, year, moment) for row in refs.all_named(rows, _LEADER)]


async def performance(
    session: AsyncSession, actor: Actor, task_force_id: UUID, year: int, known_at: datetime | None
) -> Performance:
    """Returns a task force's year against its targets. Raises NotFound."""
    moment, rows = await _rows(session, actor, year, known_at, TaskForce.id == task_force_id)
    if not rows:
        raise NotFound.of(taskforces.TASK_FORCE)
    return Performance(
        **rows[0].model_dump(), year=year, scope=scope_of(actor), known_at=moment, caliber=service.CALIBER
    )


async def performances(session: AsyncSession, actor: Actor, year: int, known_at: datetime | None) -> Performances:
    """Returns the year of every task force, closed ones too: they keep what was counted for them."""
    moment, rows = await _rows(session, actor, year, known_at)
    return Performances(year=year, scope=scope_of(actor), known_at=moment, items=rows, caliber=service.CALIBER)
