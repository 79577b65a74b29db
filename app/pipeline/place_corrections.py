"""Corrects a project's placements when the place of its deal is corrected: both always agree.

A project may have had several formal deals, one after the other, and all of them follow its placements. A correction
because of one deal ends where another deal begins to count. If it would change another deal, the request must name it.

    places of the project   01-01 D1 ────────────────────────────────────────────
    deal A                        02-01 signed, 03-10 ended
    deal B                                                  04-01 signed, live
    B corrected to D2       01-01 D1 ──────────── 03-10 D2 ──────────────────────  A stays in D1
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict, Invalid
from app.core.localized import Say
from app.core.records import plain
from app.deals import facts
from app.deals import service as deals
from app.deals.facts import Restatement
from app.deals.models import Deal, DealFact, FactKind
from app.events import service as events
from app.projects import placements
from app.projects.models import Project
from app.projects.placements import Series

_DIMENSIONS = ("unit_id", "task_force_id")


@dataclass(frozen=True, slots=True)
class Span:
    """The days whose placements a deal counts by: from the day before its signing until the day before its end."""

    start: date
    end: date

    @classmethod
    def of(cls, rows: Sequence[DealFact], series: Series) -> "Span":
        return cls(facts.signed_from(series, rows[0].effective_on), facts.end_of(rows))


def corrected(series: Series, fact: DealFact, values: dict[str, Any], ends: date, others: Iterable[Span]) -> Series:
    """Returns a project's series once a signing or transfer of its deal is corrected: first the day, then the values.

    A wrong unit at the signing was wrong since the project got it, not only since the signing, but not on days that
    another deal counts by. `ends` is the day the corrected deal ended, `others` are the spans of other deals.
    """
    day = values.get("effective_on", fact.effective_on)
    changes = {name: values[name] for name in _DIMENSIONS if name in values}
    if fact.kind is FactKind.transfer:
        if day != fact.effective_on:
            series = series.redated(fact.effective_on, day, _DIMENSIONS)
        since = {name: day for name in changes}
    elif fact.kind is FactKind.signing:
        day = facts.signed_from(series, day)
        since = {name: series.since(day, name) for name in changes}
    else:
        return series
    other_spans = list(others)
    for name, value in changes.items():
        start = max([since[name], *(span.end for span in other_spans if span.end <= day)])
        until = min((span.start for span in other_spans if span.start > day and span.start >= ends), default=date.max)
        series = series.corrected_until(start, until, name, value)
    return series


async def follow(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    project: Project,
    fact: DealFact,
    values: dict[str, Any],
    *,
    reason: str,
    also_moves: Iterable[UUID],
) -> None:
    """Writes a project's placements as the correction of its deal implies. The caller then lets the deal follow them.

    Other deals named in `also_moves` follow at once. Raises Conflict naming those that would change place and are not
    named, Invalid where `also_moves` names no other approved formal deal of this project.
    """
    series = await placements.series(session, project.id)
    rows = {other: await facts.in_force(session, other) for other in await deals.formal_on(session, project)}
    ends = facts.end_of(rows.pop(deal, []))
    wanted = corrected(series, fact, values, ends, [Span.of(in_force, series) for in_force in rows.values()])
    moved = {other: changes for other, in_force in rows.items() if (changes := facts.restatement(in_force, wanted))}
    _require_agreed(rows, moved, set(also_moves))
    if wanted == series:
        return
    await _write(session, actor, deal, project, wanted, reason)
    for other in moved:
        data = {"reason": reason, "because_of": deal.code}
        event_id = await events.record(session, actor, "deal.corrected", other, data, project_id=project.id)
        await facts.follow_project(session, actor, other, event_id, reason)


def _require_agreed(others: Iterable[Deal], moved: dict[Deal, Restatement], agreed: set[UUID]) -> None:
    """Raises Invalid where the request names a deal not among the others, Conflict where it omits one that moves."""
    unknown = agreed - {other.id for other in others}
    if unknown:
        say = Say(
            "只填同一项目其他已审核的投资协议。",
            "Name other approved formal deals of the same project only.",
        )
        raise Invalid.field("/also_moves", "unknown_deal", say)
    unnamed = sorted((other for other in moved if other.id not in agreed), key=lambda other: other.code)
    if unnamed:
        codes = ", ".join(other.code for other in unnamed)
        say = Say(
            f"这样更正会使同一项目的签约 {codes} 也改变归属；确需一并改变请列入 also_moves，否则请先更正该签约。",
            f"The deals {codes} of the same project would come to count elsewhere too: list them in `also_moves` if "
            "they should, else correct them first.",
        )
        raise Conflict(say, code="moves_other_deals", deals=[{"id": str(one.id), "code": one.code} for one in unnamed])


async def _write(
    session: AsyncSession, actor: Actor, deal: Deal, project: Project, wanted: Series, reason: str
) -> None:
    before = placements.of(project)
    placements.assign(project, wanted)
    after = placements.of(project)
    changes = {name: plain([getattr(before, name), getattr(after, name)]) for name in _DIMENSIONS}
    data = {"deal_id": deal.id, "reason": reason, "changes": changes}
    event_id = await events.record(session, actor, "project.place_corrected", project, data, project_id=project.id)
    await placements.write(session, project, wanted, event_id)
