"""What happened to a deal: stating a fact, restating a wrong one, and keeping its places those of its project.

Every row of `deal_facts` is written here, and so every entry of the ledger is caused here, but for a landing. Whoever
drafted a deal is refused here, whatever road led to it.
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

"""What an amount was converted from; kept with the fact that stated it, and on the deal for what is agreed now."""

_KEPT = (
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
TRANSFERRED = "项目已流转"


def money_of(stated: Any, amount: Decimal | None) -> dict[str, Any]:
    """An amount with the conversion it came from, as a fact keeps it."""
    return {"amount": amount, **{name: getattr(stated, name) for name in CONVERSION}}


async def in_force(session: AsyncSession, deal: Deal) -> list[DealFact]:
    """The facts that stand, in the order they were stated."""
    return ledger.facts_in_force(await ledger.facts_of(session, deal.id))


async def state(
    session: AsyncSession, actor: Actor, deal: Deal, kind: FactKind, on: date, event_id: UUID, **stated: Any
) -> replay.Position | None:
    """Append a fact to a deal the caller holds locked, and settle the ledger.

    Raises Invalid for a day ahead, LedgerRefused where the fact may not be stated on its day, Forbidden where the
    actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    await clock.refuse_future(session, on, "/effective_on")
    known = [ledger.as_fact(row) for row in await in_force(session, deal)]
    replay.require_statable(known, replay.Fact(0, kind, on))
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
    """State the signing where the project stood on its day, and as transfers where it was passed on since."""
    await separation.require_another(session, actor, [deal])
    assert deal.signed_on is not None
    place, changes = _counts(await placements.series(session, deal.project_id), deal.signed_on, date.max)
    here = {"unit_id": place.unit_id, "task_force_id": place.task_force_id}
    money = money_of(deal, deal.agreed_amount)
    await _append(session, deal, FactKind.signing, deal.signed_on, event_id, **money, **here, **stated)
    await _transfer(session, deal, changes, event_id, reason=TRANSFERRED)
    return await ledger.settle(session, deal, event_id)


async def _transfer(
    session: AsyncSession, deal: Deal, changes: Sequence[tuple[date, Place]], event_id: UUID, **told: str
) -> None:
    for day, place in changes:
        here = {"unit_id": place.unit_id, "task_force_id": place.task_force_id}
        await _append(session, deal, FactKind.transfer, day, event_id, **here, **told)


async def correct(
    session: AsyncSession, actor: Actor, deal: Deal, fact: DealFact, event_id: UUID, reason: str, **right: Any
) -> None:
    """Restate a fact as it was; the caller then lets the deal follow its project.

    Raises LedgerRefused where the facts would not hold together, Forbidden where the actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    await _restate(session, fact, event_id, reason, **right)
    replay.require_span([ledger.as_fact(row) for row in await in_force(session, deal)])


async def withdraw(
    session: AsyncSession, actor: Actor, deal: Deal, rows: Iterable[DealFact], event_id: UUID, reason: str
) -> replay.Position | None:
    """Facts that never were. What is left counts where the project stood, and the ledger is settled.

    Raises Forbidden where the actor drafted the deal.
    """
    await separation.require_another(session, actor, [deal])
    for row in rows:
        await _restate(session, row, event_id, reason, is_withdrawn=True)
    return await _follow(session, deal, event_id, reason)


async def _restate(session: AsyncSession, fact: DealFact, event_id: UUID, reason: str, **values: object) -> DealFact:
    """Append a further row of a fact with other values; the last row of a seq stands."""
    row = DealFact(
        **{**{name: getattr(fact, name) for name in _KEPT}, **values},
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
    """The day on which a project stood where a signing counts: the day before, before any ruling of the day itself.

    A project that had no unit in charge yet counts where it first had one.
    """
    before = signed_on - timedelta(days=1)
    if series.on(before).unit_id is not None:
        return before
    return next((day for day, place in series.segments() if day > before and place.unit_id is not None), before)


def _counts(series: Series, signed_on: date, ended_on: date) -> tuple[Place, list[tuple[date, Place]]]:
    """Where a signing counts, and each later day on which the project was passed on while the deal stood.

    A ruling takes effect at the close of its day. One of the day of signing passes on what was signed: it is a transfer
    of that day. One of the day the deal ended finds nothing left: the deal ended where it stood as the day began.
    """
    place = series.on(signed_from(series, signed_on))
    at, changes = place, []
    for day, following in series.segments():
        if signed_on <= day < ended_on and following.unit_id is not None and _place(following) != _place(at):
            at = following
            changes.append((day, following))
    return place, changes


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a deal's standing facts lack to say what its project's dated places say."""

    corrections: list[tuple[DealFact, dict[str, Any]]]
    """Each fact that says something else, with the right values."""
    transfers: list[tuple[date, Place]]
    """Transfers that are not on record."""

    def __bool__(self) -> bool:
        return bool(self.corrections or self.transfers)


def restatement(rows: Sequence[DealFact], series: Series) -> Restatement:
    """Returns what `follow_project` would write for a deal with these standing facts: nothing where all is right.

    The same facts and places give the same books, in whatever order they came to be known.
    """
    if not rows:
        return Restatement([], [])
    signing, *later = rows
    place, changes = _counts(series, signing.effective_on, end_of(rows))
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
    """Returns the day a deal with these standing facts ended; `date.max` where it stands."""
    return next((row.effective_on for row in rows if row.kind is FactKind.termination), date.max)


async def require_transferable(session: AsyncSession, deal: Deal, on: date) -> None:
    """Raises LedgerRefused where a live deal may not be passed on on that day."""
    known = [ledger.as_fact(row) for row in await in_force(session, deal)]
    replay.require_statable(known, replay.Fact(0, FactKind.transfer, on))


async def follow_project(
    session: AsyncSession,
    actor: Actor,
    deal: Deal,
    event_id: UUID,
    reason: str,
    *,
    ruling: Mapping[str, str] | None = None,
) -> replay.Position | None:
    """Project and deal go together: let the deal's facts say what the project's dated places say, and settle.

    `ruling` gives the document and the reason of a transfer ruled just now. Raises Forbidden where the actor drafted
    the deal and it would come to count elsewhere.
    """
    lacking = await _lacking(session, deal)
    if lacking:
        await separation.require_another(session, actor, [deal])
    return await _supply(session, deal, lacking, event_id, reason, ruling=ruling)


async def _follow(session: AsyncSession, deal: Deal, event_id: UUID, reason: str) -> replay.Position | None:
    """Follow the project without asking who acts: the caller has asked."""
    return await _supply(session, deal, await _lacking(session, deal), event_id, reason)


async def _lacking(session: AsyncSession, deal: Deal) -> Restatement:
    return restatement(await in_force(session, deal), await placements.series(session, deal.project_id))


async def _supply(
    session: AsyncSession,
    deal: Deal,
    lacking: Restatement,
    event_id: UUID,
    reason: str,
    *,
    ruling: Mapping[str, str] | None = None,
) -> replay.Position | None:
    for row, values in lacking.corrections:
        await _restate(session, row, event_id, reason, **values)
    await _transfer(session, deal, lacking.transfers, event_id, **(ruling or {"reason": TRANSFERRED}))
    return await ledger.settle(session, deal, event_id)
