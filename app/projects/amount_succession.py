"""Copies to the successor of a merge the versions of amounts that it lacks.

An amount is identified by its kind and, where it has one, its year. The versions of the merged record that take effect
before the successor's first version are copied with their days and sources; all of them where the successor has none.
`done` adds up within one record, so its versions are copied all or none. Where both state an amount, the successor's
value is valid.
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
    """What identifies an amount of a project: its kind, and its year where the kind has one."""

    kind: AmountKind
    year: int | None

    @property
    def say(self) -> Say:
        if self.year is None:
            return self.kind.say
        return Say(f"{self.year} 年{self.kind.say.zh}", f"{self.kind.say.en} of {self.year}")


Versions = dict[Key, list[ProjectAmount]]
"""The valid version of each effective day, in the order of days."""


@dataclass(frozen=True, slots=True)
class Succession:
    """`taken`: versions to copy to the successor. `apart`: pairs (merged, successor) of different latest values."""

    taken: Versions
    apart: dict[Key, tuple[ProjectAmount, ProjectAmount]]


async def compare(session: AsyncSession, merged: Project, successor: Project) -> Succession:
    """Compares the amounts of a record about to be merged with those of its successor."""
    query = select(ProjectAmount).where(ProjectAmount.project_id.in_({*merged.own_ids, *successor.own_ids}))
    order = (ProjectAmount.effective_on, ProjectAmount.recorded_at, ProjectAmount.id)
    rows = list(await session.scalars(query.order_by(*order)))
    # A phase that continues its parent counts with the parent's plan lists, so with the parent's amounts too.
    offered = _combined([_versions_of(rows, project_id) for project_id in merged.own_ids])
    stated, of_parent = (_versions_of(rows, project_id) for project_id in (successor.id, successor.line_id))
    taken: Versions = {}
    apart: dict[Key, tuple[ProjectAmount, ProjectAmount]] = {}
    for key, versions in offered.items():
        existing = stated.get(key, [])
        if not existing and key.kind is AmountKind.planned_this_year and successor.continues_parent:
            existing, until = of_parent.get(key, []), date.min
        else:
            until = date.min if key.kind is AmountKind.done else existing[0].effective_on if existing else date.max
        copied = [row for row in versions if not existing or row.effective_on < until]
        if copied:
            taken[key] = copied
        if existing and existing[-1].value != versions[-1].value:
            apart[key] = versions[-1], existing[-1]
    return Succession(taken, apart)


def _versions_of(rows: Iterable[ProjectAmount], project_id: UUID) -> Versions:
    """Returns the versions of a project: of each effective day the one recorded last."""
    versions: dict[Key, dict[date, ProjectAmount]] = {}
    for row in rows:
        if row.project_id == project_id:
            versions.setdefault(Key(row.kind, row.year), {})[row.effective_on] = row
    return {key: list(by_day.values()) for key, by_day in versions.items()}


def _combined(series: Iterable[Versions]) -> Versions:
    """Combines several series: an earlier one wins from its first day on, a later one fills the days before."""
    whole: Versions = {}
    for versions in series:
        for key, rows in versions.items():
            later = whole.get(key, [])
            if later and key.kind is AmountKind.done:
                continue
            whole[key] = [row for row in rows if not later or row.effective_on < later[0].effective_on] + later
    return whole


async def take_over(
    session: AsyncSession, actor: Actor, compared: Succession, merged: Project, successor: Project
) -> None:
    """Appends the versions to copy to the successor, each with its event. The caller holds the successor locked."""
    for row in (row for versions in compared.taken.values() for row in versions):
        values = {name: getattr(row, name) for name in _COPIED}
        data = {**plain(values), "merged_id": merged.id, "merged_code": merged.code}
        event_id = await events.note(
            session, actor, "project.amount_added", "project", successor.id, data, project_id=successor.id
        )
        recorded_at = await knowledge.take(session)
        session.add(ProjectAmount(project_id=successor.id, recorded_at=recorded_at, event_id=event_id, **values))
    await session.flush()
    if any(key.kind is AmountKind.planned_total for key in compared.taken):
        await amounts.keep_planned_total(session, successor.id)
