"""The clocks of leads, rows an office edits: by when to answer and assess (1 and 3 workdays by default, 江门 2024 [S]),
and how long a first talk is protected (90 days, released after 30 without progress [R]).

A clock that has been met keeps the day that held when it was; the open ones follow the calendar and the limits.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast
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
from app.reference import workdays

CLOCK = Say("线索时限", "lead clock")

_LEADS = cast(Table, Lead.__table__)


async def limits(session: AsyncSession, *, hold: bool = False) -> dict[ClockCode, int]:
    """How much is allowed, by clock, each in its own unit; `hold` keeps limits and calendar as they are meanwhile."""
    query = select(LeadClock.code, LeadClock.amount).order_by(LeadClock.code)
    rows = await session.execute(query.with_for_update(read=True) if hold else query)
    return {row.code: row.amount for row in rows}


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
    """The days of a lead, or of one about to be: `row` has reported_on, status, answered_on and assessed_on."""
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
    """The kept and the right days of the leads where they are not the same."""
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
    found = {}
    for row in rows:
        kept, right = LeadDays(row.answer_due_on, row.assess_due_on, row.due_on), due(row, allowed, calendar)
        if right != kept:
            found[row.id] = kept, right
    return found


async def refresh(session: AsyncSession, actor: Actor, by: str) -> None:
    """Bring the kept days of all leads up to date after a change of limits or calendar, and tell each whose days have
    moved; their versions stay. `by` says what was changed: `lead_clock` or `calendar`."""
    await session.flush()
    # Nobody registers by the old days meanwhile, nor answers while they are read.
    await session.execute(select(LeadClock.id).order_by(LeadClock.code).with_for_update())
    is_open = or_(Lead.answered_on.is_(None), Lead.assessed_on.is_(None))
    await session.execute(select(Lead.id).where(is_open).order_by(Lead.id).with_for_update(key_share=True))
    moved = await differing(session)
    changed = [
        {"row_id": lead_id, "answer": right.answer_due_on, "assess": right.assess_due_on, "due": right.due_on}
        for lead_id, (_, right) in moved.items()
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
        told: list[RecordEvent] = [
            ("lead.due_on_moved", lead_id, {"changes": _changes(kept, right), "by": by})
            for lead_id, (kept, right) in sorted(moved.items())
        ]
        await events.note_each(session, actor, "lead", told)


def _changes(kept: LeadDays, right: LeadDays) -> dict[str, list[date | None]]:
    before, after = asdict(kept), asdict(right)
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


async def set_clock(
    session: AsyncSession, actor: Actor, code: ClockCode, version: int, body: LeadClockSet
) -> LeadClockRead | ControlChange:
    """Change how much is allowed; the days of leads still waiting follow.

    More time, or a shorter protection of the first talk, waits until another person confirms it: then the change is
    returned. Raises Invalid where it gives no reason.
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
    """The clock as a change of it would find it, locked. Raises NotFound."""
    return _state(await _locked(session, ClockCode(code), None))


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Make a confirmed change of a clock take effect."""
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
