"""Writes the facts of a deal: states a fact, corrects a wrong one, and lets its places follow those of its project.

This is the only writer of `deal_facts`, so every ledger entry is caused here, except one caused by a landing. An actor
that drafted the deal is refused here, for every verb that comes this way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor
from app.core.currency import CONVERSION
from app.deals import ledger, replay, separation
from app.deals.models import Deal, DealFact, FactKind
from app.projects import placements
from app.projects.placements import Place, Series

PROBLEMS = "drafted_by_you ledger_order"
"""The codes of the problems that an act which states or corrects facts of a deal may meet."""
_COPIED = (
    "deal_id",
    "seq",
    "kind",
    "effective_on",
    "amount",
    *CONVERSION,
    "unit_id",
    "task_force_id",
    "industry_code",
    "origin",
    "ownership",
    "document",
    "is_withdrawn",
)
"""The columns that a correcting row copies from the row it corrects."""
TRANSFERRED = "项目已流转"


def money_of(stated: Any, amount: Decimal | None) -> dict[str, Any]:
    """Returns the columns of a fact for an amount in yuan and the foreign amount and rate it was converted from."""
    return {"amount": amount, **{name: getattr(stated, name) for name in CONVERSION}}


async def in_force(session: AsyncSession, deal: Deal) -> list[DealFact]:
    """Returns the facts in force, in the order they were stated."""
    return ledger.facts_in_force(await ledger.facts_of(session, deal.id))


async def state(
    session: AsyncSession, actor: Actor, deal: Deal, kind: FactKind, on: date, event_id: UUID, **stated: Any
) -> replay.Position | None:
    """Appends a fact to a deal that the caller holds locked, and settles the ledger. Returns the position after it.

    Raises Invalid for a day in the future, LedgerRefused where the fact may not be stated for its day, Forbidden where
    the actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    await clock.refuse_future(session, on, "/effective_on")
    existing = [ledger.as_fact(row) for row in await in_force(session, deal)]
    replay.require_statable(existing, replay.Fact(0, kind, on))
    await _append(session, deal, kind, on, event_id, **stated)
    if kind is FactKind.termination:
        return await _follow(session, deal, event_id, stated["reason"])
    return await ledger.settle(session, deal, event_id)


async def _append(session: AsyncSession, deal: Deal, kind: FactKind, on: date, event_id: UUID, **stated: Any) -> None:
    last = await session.scalar(select(func.max(DealFact.seq)).where(DealFact.deal_id == deal.id))
    fact = DealFact(
        deal_id=deal.id,
        seq=1 if last is None else last + 1,
        kind=kind,
        effective_on=on,
        is_withdrawn=False,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
        **stated,
    )
    session.add(fact)
    await session.flush()


async def sign(
    session: AsyncSession, actor: Actor, deal: Deal, event_id: UUID, **stated: Any
) -> replay.Position | None:
    """States the signing for the place of the project on its day, and a transfer for each later change of that place.
    Settles the ledger.

    Raises Forbidden where the actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    assert deal.signed_on is not None
    place, changes = _places_counted(await placements.series(session, deal.project_id), deal.signed_on, date.max)
    columns = {"unit_id": place.unit_id, "task_force_id": place.task_force_id}
    money = money_of(deal, deal.agreed_amount)
    await _append(session, deal, FactKind.signing, deal.signed_on, event_id, **money, **columns, **stated)
    await _transfer(session, deal, changes, event_id, reason=TRANSFERRED)
    return await ledger.settle(session, deal, event_id)


async def _transfer(
    session: AsyncSession, deal: Deal, changes: Sequence[tuple[date, Place]], event_id: UUID, **stated: str
) -> None:
    """Appends a transfer for each (day, place)."""
    for day, place in changes:
        columns = {"unit_id": place.unit_id, "task_force_id": place.task_force_id}
        await _append(session, deal, FactKind.transfer, day, event_id, **columns, **stated)


async def correct(
    session: AsyncSession, actor: Actor, deal: Deal, fact: DealFact, event_id: UUID, reason: str, **right: Any
) -> None:
    """Restates a fact with the right values; the caller then lets the deal follow its project.

    Raises LedgerRefused where the facts would not hold together, Forbidden where the actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    await _restate(session, fact, event_id, reason, **right)
    replay.require_span([ledger.as_fact(row) for row in await in_force(session, deal)])


async def withdraw(
    session: AsyncSession, actor: Actor, deal: Deal, rows: Iterable[DealFact], event_id: UUID, reason: str
) -> replay.Position | None:
    """Withdraws facts that never happened. The remaining facts follow the project's places; settles the ledger.

    Raises Forbidden where the actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    for row in rows:
        await _restate(session, row, event_id, reason, is_withdrawn=True)
    return await _follow(session, deal, event_id, reason)


async def _restate(session: AsyncSession, fact: DealFact, event_id: UUID, reason: str, **values: object) -> DealFact:
    """Appends a further row of a fact with other values; the last row of a `seq` is in force."""
    row = DealFact(
        **{**{name: getattr(fact, name) for name in _COPIED}, **values},
        reason=reason,
        corrects_id=fact.id,
        recorded_at=await knowledge.take(session),
        event_id=event_id,
    )
    session.add(row)
    await session.flush()
    return row


def _place(row: DealFact | Place) -> tuple[UUID | None, UUID | None]:
    return row.unit_id, row.task_force_id


def signed_from(series: Series, signed_on: date) -> date:
    """Returns the day whose place a signing counts for: the day before the signing, so before any ruling of that day.

    Where the project had no unit in charge then, it is the first later day on which it had one.
    """
    before = signed_on - timedelta(days=1)
    if series.on(before).unit_id is not None:
        return before
    return next((day for day, place in series.segments() if day > before and place.unit_id is not None), before)


def _places_counted(series: Series, signed_on: date, ended_on: date) -> tuple[Place, list[tuple[date, Place]]]:
    """Returns the place a signing counts for, and (day, place) for each later transfer while the deal was live.

    A ruling takes effect at the end of its day. So a ruling on the day of signing makes a transfer on that day, and a
    ruling on the day the deal ended makes none.
    """
    place = series.on(signed_from(series, signed_on))
    current, changes = place, []
    for day, following in series.segments():
        if signed_on <= day < ended_on and following.unit_id is not None and _place(following) != _place(current):
            current = following
            changes.append((day, following))
    return place, changes


@dataclass(frozen=True, slots=True)
class Restatement:
    """The changes that make a deal's facts in force agree with its project's placements."""

    corrections: list[tuple[DealFact, dict[str, Any]]]
    """Each fact that disagrees, with the right values."""
    transfers: list[tuple[date, Place]]
    """The missing transfers: day and new place."""

    def __bool__(self) -> bool:
        return bool(self.corrections or self.transfers)


def restatement(rows: Sequence[DealFact], series: Series) -> Restatement:
    """Returns what `follow_project` would write for a deal with these facts in force; empty where they agree.

    The same facts and places give the same ledger sums, in whatever order they were recorded.
    """
    if not rows:
        return Restatement([], [])
    signing, *later = rows
    place, changes = _places_counted(series, signing.effective_on, end_of(rows))
    corrections = [(signing, _stated(place))] if _place(signing) != _place(place) else []
    wanted = dict(changes)
    for row in later:
        if row.kind is not FactKind.transfer:
            continue
        right = wanted.pop(row.effective_on, None)
        if right is None:
            corrections.append((row, {"is_withdrawn": True}))
        elif _place(right) != _place(row):
            corrections.append((row, _stated(right)))
    return Restatement(corrections, sorted(wanted.items(), key=lambda change: change[0]))


def _stated(place: Place) -> dict[str, Any]:
    return {"unit_id": place.unit_id, "task_force_id": place.task_force_id}


def end_of(rows: Iterable[DealFact]) -> date:
    """Returns the day a deal with these facts in force was terminated; `date.max` where it was not."""
    return next((row.effective_on for row in rows if row.kind is FactKind.termination), date.max)


async def require_transferable(session: AsyncSession, deal: Deal, on: date) -> None:
    """Raises LedgerRefused where a live deal may not be transferred on that day."""
    existing = [ledger.as_fact(row) for row in await in_force(session, deal)]
    replay.require_statable(existing, replay.Fact(0, FactKind.transfer, on))


async def follow_project(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    event_id: UUID,
    reason: str,
    *,
    ruling: Mapping[str, str] | None = None,
) -> replay.Position | None:
    """Makes the deal's facts agree with the project's placements, and settles the ledger.

    `ruling` gives the document and the reason of a transfer ruled just now. Raises Forbidden where the actor drafted
    the deal and its place would change.
    """
    changes = await _restatement_of(session, deal)
    if changes:
        await separation.require_another(session, actor, [deal])
    return await _apply(session, deal, changes, event_id, reason, ruling=ruling)


async def _follow(session: AsyncSession, deal: Deal, event_id: UUID, reason: str) -> replay.Position | None:
    """As `follow_project`, without the check of the actor: the caller has made it."""
    return await _apply(session, deal, await _restatement_of(session, deal), event_id, reason)


async def _restatement_of(session: AsyncSession, deal: Deal) -> Restatement:
    return restatement(await in_force(session, deal), await placements.series(session, deal.project_id))


async def _apply(
    session: AsyncSession,
    deal: Deal,
    changes: Restatement,
    event_id: UUID,
    reason: str,
    *,
    ruling: Mapping[str, str] | None = None,
) -> replay.Position | None:
    """Writes a restatement, and settles the ledger."""
    for row, values in changes.corrections:
        await _restate(session, row, event_id, reason, **values)
    await _transfer(session, deal, changes.transfers, event_id, **(ruling or {"reason": TRANSFERRED}))
    return await ledger.settle(session, deal, event_id)
