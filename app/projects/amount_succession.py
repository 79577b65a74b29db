"""What a successor does not state of an amount is taken over from the record merged into it, version by version.

An amount is told apart by its kind and, where it has one, its year. The versions of the merged record that take effect
before the first of the successor's own go over with their days and sources, all of them where it has none. `done` adds
up within one record: it goes over whole or not at all. Where both state an amount the successor's stands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import knowledge
from app.core.actor import Actor
from app.core.localized import Say
from app.core.records import plain
from app.events import service as events
from app.projects import amounts
from app.projects.amounts import AmountKind, ProjectAmount
from app.projects.models import Project

_COPIED = (
    "kind",
    "value",
    "year",
    "through_on",
    "effective_on",
    "source",
    "currency",
    "original_amount",
    "rate",
    "rate_on",
    "rate_source",
)


@dataclass(frozen=True, slots=True)
class Key:
    kind: AmountKind
    year: int | None

    @property
    def say(self) -> Say:
        if self.year is None:
            return self.kind.say
        return Say(f"{self.year} 年{self.kind.say.zh}", f"{self.kind.say.en} of {self.year}")


Versions = dict[Key, list[ProjectAmount]]
"""The versions that hold from each day on, by day."""


@dataclass(frozen=True, slots=True)
class Succession:
    """`taken` goes over to the successor, and `apart` is stated by both, the value of the merged record first."""

    taken: Versions
    apart: dict[Key, tuple[ProjectAmount, ProjectAmount]]


async def compare(session: AsyncSession, merged: Project, successor: Project) -> Succession:
    """What of the amounts of a record about to be merged goes over, and what stays."""
    query = select(ProjectAmount).where(ProjectAmount.project_id.in_({*merged.own_ids, *successor.own_ids}))
    order = (ProjectAmount.effective_on, ProjectAmount.recorded_at, ProjectAmount.id)
    rows = list(await session.scalars(query.order_by(*order)))
    # A phase that continues its parent counts with its parent's rows, and with what was said of them.
    offered = _whole([_of(rows, project_id) for project_id in merged.own_ids])
    stated, of_parent = (_of(rows, project_id) for project_id in (successor.id, successor.line_id))
    taken: Versions = {}
    apart: dict[Key, tuple[ProjectAmount, ProjectAmount]] = {}
    for key, versions in offered.items():
        own = stated.get(key, [])
        if not own and key.kind is AmountKind.planned_this_year and successor.continues_parent:
            own, until = of_parent.get(key, []), date.min
        else:
            until = date.min if key.kind is AmountKind.done else own[0].effective_on if own else date.max
        going = [row for row in versions if not own or row.effective_on < until]
        if going:
            taken[key] = going
        if own and own[-1].value != versions[-1].value:
            apart[key] = versions[-1], own[-1]
    return Succession(taken, apart)


def _of(rows: Iterable[ProjectAmount], project_id: UUID) -> Versions:
    """Of each day the version recorded last."""
    found: dict[Key, dict[date, ProjectAmount]] = {}
    for row in rows:
        if row.project_id == project_id:
            found.setdefault(Key(row.kind, row.year), {})[row.effective_on] = row
    return {key: list(by_day.values()) for key, by_day in found.items()}


def _whole(series: Iterable[Versions]) -> Versions:
    """The first of the series, and before its first day what the next one says."""
    whole: Versions = {}
    for versions in series:
        for key, rows in versions.items():
            later = whole.get(key, [])
            if later and key.kind is AmountKind.done:
                continue
            whole[key] = [row for row in rows if not later or row.effective_on < later[0].effective_on] + later
    return whole


async def take_over(
    session: AsyncSession, actor: Actor, found: Succession, merged: Project, successor: Project
) -> None:
    """Append to the successor, whose row the caller holds locked, the versions that go over, each with its event."""
    for row in (row for versions in found.taken.values() for row in versions):
        copied = {name: getattr(row, name) for name in _COPIED}
        data = {**plain(copied), "merged_id": merged.id, "merged_code": merged.code}
        event_id = await events.note(
            session, actor, "project.amount_added", "project", successor.id, data, project_id=successor.id
        )
        recorded_at = await knowledge.take(session)
        session.add(ProjectAmount(project_id=successor.id, recorded_at=recorded_at, event_id=event_id, **copied))
    await session.flush()
    if any(key.kind is AmountKind.planned_total for key in found.taken):
        await amounts.keep_planned_total(session, successor.id)
