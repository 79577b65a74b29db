"""一抓到底 (followed through), computed day by day.

A project must be followed from its entry into `negotiating` (construction: `preparing`) until `at_capacity`,
termination or merge, without the paused days. A day is covered when a leader in post and a team were both open. When a
leader's post ends, the gap begins on the next day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from app.five_ones.schemas import Continuity, Gap
from app.projects.models import Program, Status
from app.projects.moves import Move, MoveKind
from app.projects.stages import AT_CAPACITY, NEGOTIATING, PREPARING

LEADER_LATE_DAYS = 7
"""Before the project must be followed, a missing leader is a warning from day 7 [R]."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` to `end`, both included; no `end` means still open."""

    start: date
    end: date | None

    def holds(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


def due_from(program: Program, entries: Mapping[str, date], position: Mapping[str, int]) -> date | None:
    """Returns the day of the first entry at `negotiating` (construction: `preparing`) or beyond: a change of program
    may have skipped the stage itself."""
    first = position[PREPARING if program is Program.construction else NEGOTIATING]
    return min((on for stage, on in entries.items() if position[stage] >= first), default=None)


def paused_spans(moves: Sequence[Move]) -> list[Span]:
    """Returns the spans in which a project was paused; the day it was reactivated counts again."""
    spans: list[Span] = []
    since: date | None = None
    for move in moves:
        if move.is_withdrawn:
            continue
        if move.to_status is Status.paused:
            since = since or move.happened_on
        elif since is not None:
            if move.happened_on > since:
                spans.append(Span(since, move.happened_on - _DAY))
            since = None
    if since is not None:
        spans.append(Span(since, None))
    return spans


def ended_on(moves: Sequence[Move], entries: dict[str, date]) -> date | None:
    """Returns the day from which the project need not be followed any more: when it reached capacity, was terminated or
    merged. None before that."""
    ends = [entries[AT_CAPACITY]] if AT_CAPACITY in entries else []
    in_force = [move for move in moves if not move.is_withdrawn]
    if in_force and in_force[-1].kind in (MoveKind.terminate, MoveKind.merge):
        ends.append(in_force[-1].happened_on)
    return min(ends, default=None)


def measure(
    start: date | None,
    end: date | None,
    today: date,
    paused: Sequence[Span],
    leaders: Sequence[Span],
    teams: Sequence[Span],
    *,
    entered_on: date,
) -> Continuity:
    """Returns the continuity up to `today`. `end` is the first day that no longer counts; `leaders` are the spans in
    which a leader in post was open."""
    has_leader = any(span.holds(today) for span in leaders)
    if start is None or start > today:
        late = not has_leader and end is None and (today - entered_on).days >= LEADER_LATE_DAYS
        return Continuity(from_on=None, to_on=None, days=0, covered_days=0, rate=None, gaps=[], is_leader_late=late)
    last = today if end is None else min(today, end - _DAY)
    days = covered = 0
    gaps: list[Gap] = []
    day = start
    while day <= last:
        if not any(span.holds(day) for span in paused):
            days += 1
            lacks = [
                name
                for name, spans in (("leader", leaders), ("team", teams))
                if not any(span.holds(day) for span in spans)
            ]
            covered += not lacks
            if lacks:
                _extend(gaps, day, lacks)
        day += _DAY
    rate = None if days == 0 else str((Decimal(covered) / days).quantize(Decimal("0.0001"), ROUND_HALF_UP))
    return Continuity(
        from_on=start, to_on=last, days=days, covered_days=covered, rate=rate, gaps=gaps, is_leader_late=False
    )


def days_of_open_gap(continuity: Continuity, today: date) -> int:
    """Returns for how many days up to today the project has been without leader or team; 0 where it has both today."""
    days, day = 0, today
    for gap in reversed(continuity.gaps):
        if gap.to_on != day:
            break
        days, day = days + gap.days, gap.from_on - _DAY
    return days


def _extend(gaps: list[Gap], day: date, lacks: list[str]) -> None:
    if gaps and gaps[-1].lacks == lacks and gaps[-1].to_on == day - _DAY:
        gaps[-1] = gaps[-1].model_copy(update={"to_on": day, "days": gaps[-1].days + 1})
    else:
        gaps.append(Gap(from_on=day, to_on=day, days=1, lacks=lacks))
