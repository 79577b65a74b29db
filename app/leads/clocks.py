"""The clocks of leads, rows an office edits: the time allowed to answer and to assess (1 and 3 workdays by default,
江门 2024 [S]), and how long a first talk is protected (90 days, released after 30 without progress [R]).

A clock that was met keeps its due day; the due days of open clocks follow the calendar and the limits.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.controls import service as controls
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core.actor import Actor, Permission
from app.core.localized import Say
from app.core.records import locked
from app.events import service as events
from app.events.service import RecordEvent
from app.leads.models import ClockCode, Lead, LeadClock, LeadStatus
from app.leads.schemas import LeadClockRead, LeadClockSet
from app.projects.stages import LimitUnit
from app.reference import workdays

CLOCK = Say("线索时限", "lead clock")

_LEADS = cast(Table, Lead.__table__)


async def limits(session: AsyncSession, *, hold: bool = False) -> dict[ClockCode, int]:
    """Returns the time allowed by each clock, in the clock's own unit. `hold` locks limits and calendar against changes
    until the commit."""
    query = select(LeadClock.code, LeadClock.amount).order_by(LeadClock.code)
    rows = await session.execute(query.with_for_update(read=True) if hold else query)
    return {row.code: row.amount for row in rows}


class Rule(NamedTuple):
    """What a clock allows: a number of its unit."""

    amount: int
    unit: LimitUnit


async def rules(session: AsyncSession) -> dict[ClockCode, Rule]:
    """Returns what each clock allows, with its unit."""
    rows = await session.execute(select(LeadClock.code, LeadClock.amount, LeadClock.unit))
    return {row.code: Rule(row.amount, row.unit) for row in rows}


async def clocks(session: AsyncSession) -> list[LeadClockRead]:
    return [_read(row) for row in await session.scalars(select(LeadClock).order_by(LeadClock.code))]


def _read(row: LeadClock) -> LeadClockRead:
    shown = {name: getattr(row, name) for name in ("code", "version", "amount", "unit", "source")}
    return LeadClockRead(**shown, zh=row.code.say.zh, en=row.code.say.en)


@dataclass(frozen=True, slots=True)
class LeadDays:
    answer_due_on: date
    assess_due_on: date
    due_on: date | None


def due(row: Any, allowed: dict[ClockCode, int], calendar: workdays.Calendar) -> LeadDays:
    """Returns the due days of a lead, or of one not yet written. `row` has reported_on, status, answered_on and
    assessed_on."""
    answer = workdays.add(row.reported_on, allowed[ClockCode.answer], calendar)
    assess = workdays.add(row.reported_on, allowed[ClockCode.assess], calendar)
    answer = answer if row.answered_on is None else row.answer_due_on
    assess = assess if row.assessed_on is None else row.assess_due_on
    return LeadDays(answer, assess, earliest_open(row, answer, assess))


def earliest_open(row: Any, answer_due_on: date, assess_due_on: date) -> date | None:
    if row.status is LeadStatus.converted:
        return None
    open_days = [answer_due_on] if row.answered_on is None else []
    open_days += [assess_due_on] if row.assessed_on is None else []
    return min(open_days, default=None)


async def differing(session: AsyncSession) -> dict[UUID, tuple[LeadDays, LeadDays]]:
    """Returns (stored, computed) days of the leads where the two differ."""
    calendar, allowed = await workdays.calendar(session), await limits(session)
    rows = await session.execute(
        select(
            Lead.id,
            Lead.reported_on,
            Lead.status,
            Lead.answered_on,
            Lead.assessed_on,
            Lead.answer_due_on,
            Lead.assess_due_on,
            Lead.due_on,
        ).where(or_(Lead.answered_on.is_(None), Lead.assessed_on.is_(None), Lead.due_on.is_not(None)))
    )
    days_of = {}
    for row in rows:
        stored, computed = LeadDays(row.answer_due_on, row.assess_due_on, row.due_on), due(row, allowed, calendar)
        if computed != stored:
            days_of[row.id] = stored, computed
    return days_of


async def refresh(session: AsyncSession, actor: Actor, by: str) -> None:
    """Updates the stored days of all leads after a change of limits or calendar, and logs an event on each lead whose
    days moved; versions stay. `by` names what was changed: `lead_clock` or `calendar`."""
    await session.flush()
    # Until the commit nobody registers by the old limits, and nobody answers or assesses an open lead.
    await session.execute(select(LeadClock.id).order_by(LeadClock.code).with_for_update())
    is_open = or_(Lead.answered_on.is_(None), Lead.assessed_on.is_(None))
    await session.execute(select(Lead.id).where(is_open).order_by(Lead.id).with_for_update(key_share=True))
    moved = await differing(session)
    changed = [
        {"row_id": lead_id, "answer": computed.answer_due_on, "assess": computed.assess_due_on, "due": computed.due_on}
        for lead_id, (_, computed) in moved.items()
    ]
    if changed:
        days: dict[str, Any] = {
            "answer_due_on": bindparam("answer"),
            "assess_due_on": bindparam("assess"),
            "due_on": bindparam("due"),
        }
        await (await session.connection()).execute(
            update(_LEADS).where(_LEADS.c.id == bindparam("row_id")).values(**days), changed
        )
        notes: list[RecordEvent] = [
            ("lead.due_on_moved", lead_id, {"changes": _changes(stored, computed), "by": by})
            for lead_id, (stored, computed) in sorted(moved.items())
        ]
        await events.note_each(session, actor, "lead", notes)


def _changes(stored: LeadDays, computed: LeadDays) -> dict[str, list[date | None]]:
    before, after = asdict(stored), asdict(computed)
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


async def set_clock(
    session: AsyncSession, actor: Actor, code: ClockCode, version: int, body: LeadClockSet
) -> LeadClockRead | ControlChange:
    """Changes the time a clock allows; the due days of open leads follow.

    More time, or a shorter protection of the first talk, waits until another person confirms it: then the ControlChange
    is returned. Raises Invalid where such a change has no reason.
    """
    actor.require(Permission.edit_stages)
    clock = await _locked(session, code, version)
    if body.amount < clock.amount if code is ClockCode.first_talk else body.amount > clock.amount:
        reason = controls.require_reason(body.reason)
        asked = body.model_dump(mode="json", exclude={"reason"})
        before = _state(clock)
        return await controls.ask(
            session, actor, ControlKind.lead_clock, code.value, asked=asked, before=before, reason=reason
        )
    return await _put(session, actor, clock, body, {})


async def _locked(session: AsyncSession, code: str, version: int | None) -> LeadClock:
    return await locked(session, select(LeadClock).where(LeadClock.code == code), version, CLOCK)


def _state(clock: LeadClock) -> dict[str, Any]:
    return {"amount": clock.amount, "source": clock.source}


async def present(session: AsyncSession, code: str) -> dict[str, Any]:
    """Locks the clock and returns its current values, for comparison with a change. Raises NotFound."""
    return _state(await _locked(session, ClockCode(code), None))


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Makes a confirmed change of a clock take effect."""
    clock = await _locked(session, ClockCode(change.key), None)
    await _put(session, actor, clock, LeadClockSet.model_validate(change.asked), event_fields(change))


async def _put(
    session: AsyncSession, actor: Actor, clock: LeadClock, body: LeadClockSet, people: dict[str, str]
) -> LeadClockRead:
    before = _state(clock)
    clock.amount, clock.source = body.amount, body.source
    data = {"before": before, "after": body.model_dump(mode="json", exclude={"reason"}), **people}
    await events.record(session, actor, "lead_clock.updated", clock, data)
    await refresh(session, actor, "lead_clock")
    return _read(clock)
