"""The signing ledger: facts replayed into postings, and the entries that bring the books to them.

`replay` is pure: the same facts give the same postings. `settle` compares them with what stands in the ledger and
appends the difference: nothing for what agrees, a natural entry for a new fact, and for a corrected fact a reversal
on the old entry's own day beside the right entry, both naming the entry they correct.

Facts take effect in the order of their days, so that an amendment learnt late finds its place among the others.
Whether a deal landed in the quarter of its signing is a property of the whole deal: its share on each day and unit is
compared as a sum, and the difference entered as `landing`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import knowledge
from app.core.actor import Actor
from app.core.clock import quarter
from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.say import Say
from app.deals.models import Deal, DealFact, EntryKind, FactKind, LedgerEntry, SizeBand
from app.enterprises.models import Origin, Ownership
from app.projects.models import Project

YI = Decimal(100_000_000)
LANDING_SEQ = -1
"""Landing belongs to no one fact."""


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What an entry counts for."""

    unit_id: UUID
    task_force_id: UUID | None
    industry_code: str | None
    origin: Origin | None
    ownership: Ownership | None
    size: SizeBand


@dataclass(frozen=True, slots=True)
class Fact:
    """A standing fact: a signing states amount and dimensions, an amendment the amount, a transfer the place."""

    seq: int
    kind: FactKind
    effective_on: date
    amount: Decimal | None = None
    unit_id: UUID | None = None
    task_force_id: UUID | None = None
    industry_code: str | None = None
    origin: Origin | None = None
    ownership: Ownership | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """What the ledger should hold for one side of one fact."""

    seq: int
    side: int
    kind: EntryKind
    effective_on: date
    count: int
    amount: Decimal
    landed: int
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Position:
    """Where a deal stands after its facts. `remaining` is None once it is terminated."""

    remaining: Decimal | None
    dimensions: Dimensions
    signed_on: date
    latest_transfer_on: date | None


class LedgerRefused(Conflict):
    """The facts would not hold together in this order."""

    code = "ledger_order"


def size_band(agreed: Decimal) -> SizeBand:
    if agreed < YI:
        return SizeBand.under_1_yi
    return SizeBand.from_1_to_10_yi if agreed < 10 * YI else SizeBand.from_10_yi


def by_day(fact: Fact) -> tuple[date, int]:
    """Facts take effect in the order of their days; on one day in the order they were stated."""
    return fact.effective_on, fact.seq


def agreed(facts: Iterable[Fact]) -> Fact:
    """The fact that states what is agreed now: the signing, or the amendment of the latest day."""
    return max((fact for fact in facts if fact.amount is not None), key=by_day)


def _refuse_before(fact: Fact, earliest: date, what: Say) -> None:
    if fact.effective_on < earliest:
        raise LedgerRefused(
            Say(
                f"{fact.kind.say.zh}的生效日 {fact.effective_on} 早于{what.zh} {earliest}；"
                "请改用不早于该日的日期，或先更正该项。",
                f"The {fact.kind.say.en} of {fact.effective_on} would precede {what.en} {earliest}; give a later day, "
                "or correct that one first.",
            )
        )


def require_statable(facts: Sequence[Fact], new: Fact) -> None:
    """What a new fact may follow: an amendment not before the latest transfer, a transfer or termination not before
    any entry, nothing after a termination. Raises LedgerRefused."""
    if not facts:
        return
    if any(fact.kind is FactKind.termination for fact in facts):
        raise LedgerRefused(Say("签约已终止，此后只能更正。", "The deal is terminated; only corrections follow."))
    transfers = [fact.effective_on for fact in facts if fact.kind is FactKind.transfer]
    if new.kind is not FactKind.amendment:
        latest = max(fact.effective_on for fact in facts)
        _refuse_before(new, latest, Say("最近一笔台账的生效日", "the latest entry of"))
    elif transfers:
        _refuse_before(new, max(transfers), Say("最近一次流转日", "the latest transfer of"))
    else:
        _refuse_before(new, facts[0].effective_on, Say("签约日", "the signing of"))


def _require_span(facts: Sequence[Fact]) -> None:
    """Whatever was corrected, nothing precedes the signing and nothing follows the termination."""
    signing, *later = facts
    ended = next((fact for fact in later if fact.kind is FactKind.termination), None)
    for fact in later:
        _refuse_before(fact, signing.effective_on, Say("签约日", "the signing of"))
        if ended is not None and fact is not ended:
            _refuse_before(ended, fact.effective_on, Say(f"{fact.kind.say.zh}日", f"the {fact.kind.say.en} of"))


def _sign(fact: Fact) -> tuple[Position, Posting]:
    assert fact.amount is not None
    assert fact.unit_id is not None
    dimensions = Dimensions(
        fact.unit_id,
        fact.task_force_id,
        fact.industry_code,
        fact.origin,
        fact.ownership,
        size_band(fact.amount),
    )
    posting = Posting(fact.seq, 0, EntryKind.signing, fact.effective_on, 1, fact.amount, 0, dimensions)
    return Position(fact.amount, dimensions, fact.effective_on, None), posting


def _amend(at: Position, fact: Fact) -> tuple[Position, list[Posting]]:
    assert fact.amount is not None
    assert at.remaining is not None
    difference = fact.amount - at.remaining
    posting = Posting(fact.seq, 0, EntryKind.amendment, fact.effective_on, 0, difference, 0, at.dimensions)
    return replace(at, remaining=fact.amount), [posting]


def _transfer(at: Position, fact: Fact, landed: int) -> tuple[Position, list[Posting]]:
    assert fact.unit_id is not None
    assert at.remaining is not None
    there = at.dimensions
    here = replace(there, unit_id=fact.unit_id, task_force_id=fact.task_force_id)
    day, what = fact.effective_on, EntryKind.transfer
    return replace(at, dimensions=here, latest_transfer_on=day), [
        Posting(fact.seq, 0, what, day, -1, -at.remaining, -landed, there),
        Posting(fact.seq, 1, what, day, 1, at.remaining, landed, here),
    ]


def _terminate(at: Position, fact: Fact, landed: int) -> tuple[Position, list[Posting]]:
    assert at.remaining is not None
    day = fact.effective_on
    posting = Posting(fact.seq, 0, EntryKind.termination, day, -1, -at.remaining, -landed, at.dimensions)
    return replace(at, remaining=None), [posting]


def _landed_on(facts: Sequence[Fact], landings: Iterable[date]) -> date | None:
    """The first landing while the deal stood: not before its signing, not after its termination."""
    ended_on = next((fact.effective_on for fact in facts if fact.kind is FactKind.termination), date.max)
    return min((day for day in landings if facts[0].effective_on <= day <= ended_on), default=None)


def replay(facts: Sequence[Fact], landings: Iterable[date]) -> tuple[Position | None, list[Posting]]:
    """Where the deal stands, and everything the ledger should hold. Facts come in the order they were stated.

    Raises LedgerRefused for an impossible order.
    """
    if not facts:
        return None, []
    assert facts[0].kind is FactKind.signing
    _require_span(facts)
    signing, *later = sorted(facts, key=by_day)
    at, first = _sign(signing)
    postings = [first]
    landed_on = _landed_on(facts, landings)
    in_quarter = landed_on is not None and quarter(landed_on) == quarter(signing.effective_on)
    if in_quarter:
        postings.append(Posting(LANDING_SEQ, 0, EntryKind.landing, at.signed_on, 0, Decimal(0), 1, at.dimensions))
    for fact in later:
        landed = int(in_quarter and quarter(fact.effective_on) == quarter(at.signed_on))
        if fact.kind is FactKind.amendment:
            at, added = _amend(at, fact)
        elif fact.kind is FactKind.transfer:
            at, added = _transfer(at, fact, landed)
        else:
            at, added = _terminate(at, fact, landed)
        postings += added
    return at, postings


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry about to be appended."""

    posting: Posting
    kind: EntryKind
    is_reversal: bool = False
    corrects_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry in the books."""

    id: UUID
    posting: Posting
    is_reversal: bool
    corrects_id: UUID | None


def _same(one: Posting, other: Posting) -> bool:
    return replace(one, landed=0) == replace(other, landed=0)


def _negated(posting: Posting) -> Posting:
    return replace(posting, count=-posting.count, amount=-posting.amount, landed=-posting.landed)


def difference(wanted: Iterable[Posting], books: Sequence[Standing]) -> list[Draft]:
    """The entries to append so that the books say what is wanted."""
    reversed_ids = {entry.corrects_id for entry in books if entry.is_reversal}
    open_entries = {
        (entry.posting.seq, entry.posting.side): entry
        for entry in books
        if not entry.is_reversal and entry.id not in reversed_ids and entry.posting.seq != LANDING_SEQ
    }
    wanted = list(wanted)
    drafts: list[Draft] = []
    seen = set()
    for posting in wanted:
        if posting.seq == LANDING_SEQ:
            continue
        key = (posting.seq, posting.side)
        seen.add(key)
        entry = open_entries.get(key)
        if entry is None:
            earlier = [e.id for e in books if not e.is_reversal and (e.posting.seq, e.posting.side) == key]
            kind = EntryKind.correction if earlier else posting.kind
            drafts.append(Draft(posting, kind, corrects_id=earlier[-1] if earlier else None))
        elif not _same(entry.posting, posting):
            drafts.append(Draft(_negated(entry.posting), EntryKind.correction, True, entry.id))
            drafts.append(Draft(posting, EntryKind.correction, False, entry.id))
    for key, entry in open_entries.items():
        if key not in seen:
            drafts.append(Draft(_negated(entry.posting), EntryKind.correction, True, entry.id))
    return drafts + _landing_difference(wanted, [entry.posting for entry in books] + [d.posting for d in drafts])


def _landing_difference(wanted: Iterable[Posting], books: Iterable[Posting]) -> list[Draft]:
    missing: defaultdict[tuple[date, Dimensions], int] = defaultdict(int)
    for posting in wanted:
        missing[(posting.effective_on, posting.dimensions)] += posting.landed
    for posting in books:
        missing[(posting.effective_on, posting.dimensions)] -= posting.landed
    drafts = []
    for (day, dimensions), landed in missing.items():
        step = 1 if landed > 0 else -1
        posting = Posting(LANDING_SEQ, 0, EntryKind.landing, day, 0, Decimal(0), step, dimensions)
        drafts += [Draft(posting, EntryKind.landing)] * abs(landed)
    return drafts


# Between the rows and the arithmetic


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Entries are scoped by their own unit or task force: a district keeps what it once counted, and no more."""
    if actor.unit_ids is None:
        return true()
    return or_(LedgerEntry.unit_id.in_(actor.unit_ids), LedgerEntry.task_force_id.in_(actor.task_force_ids))


def standing_facts(rows: Iterable[DealFact]) -> list[DealFact]:
    """The last row of each seq, without the withdrawn, in the order the facts were stated."""
    latest: dict[int, DealFact] = {}
    for row in sorted(rows, key=lambda row: row.recorded_at):
        corrected = latest.get(row.seq)
        if corrected is None or row.corrects_id == corrected.id:
            latest[row.seq] = row
    return [row for _, row in sorted(latest.items()) if not row.is_withdrawn]


def as_fact(row: DealFact) -> Fact:
    return Fact(
        row.seq,
        row.kind,
        row.effective_on,
        row.amount,
        row.unit_id,
        row.task_force_id,
        row.industry_code,
        row.origin,
        row.ownership,
    )


async def facts_of(session: AsyncSession, deal_id: UUID) -> list[DealFact]:
    rows = await session.scalars(
        select(DealFact).where(DealFact.deal_id == deal_id).order_by(DealFact.recorded_at, DealFact.id)
    )
    return list(rows)


async def books_of(session: AsyncSession, deal_id: UUID) -> list[Standing]:
    rows = await session.scalars(
        select(LedgerEntry).where(LedgerEntry.deal_id == deal_id).order_by(LedgerEntry.recorded_at, LedgerEntry.id)
    )
    return [standing(row) for row in rows]


def standing(row: LedgerEntry) -> Standing:
    dimensions = Dimensions(row.unit_id, row.task_force_id, row.industry_code, row.origin, row.ownership, row.size)
    posting = Posting(row.seq, row.side, row.of_kind, row.effective_on, row.count, row.amount, row.landed, dimensions)
    return Standing(row.id, posting, row.is_reversal, row.corrects_id)


async def landings(session: AsyncSession, deal: Deal) -> list[date]:
    """The days on which the deal's project, or a leaf under it, landed."""
    days = await session.scalars(
        select(Project.landed_on).where(
            or_(Project.id == deal.project_id, Project.parent_id == deal.project_id),
            Project.landed_on.is_not(None),
        )
    )
    return [day for day in days if day is not None]


async def settle(session: AsyncSession, deal: Deal, event_id: UUID) -> Position | None:
    """Bring the ledger to the deal's facts and landing; the caller holds the deal's row lock.

    Answers where the deal stands, None if it never was one. The amount agreed, with the conversion it came from, is
    kept on the deal; its version stays, for the act that brought this about has raised it. Raises LedgerRefused.
    """
    recorded_at = await knowledge.take(session)
    rows = standing_facts(await facts_of(session, deal.id))
    facts = [as_fact(row) for row in rows]
    position, wanted = replay(facts, await landings(session, deal))
    drafts = difference(wanted, await books_of(session, deal.id))
    if drafts:
        await session.execute(insert(LedgerEntry), [_row(deal, draft, recorded_at, event_id) for draft in drafts])
    if facts:
        await _keep_agreed(session, deal, next(row for row in rows if row.seq == agreed(facts).seq))
    return position


async def _keep_agreed(session: AsyncSession, deal: Deal, stated: DealFact) -> None:
    names = ("currency", "original_amount", "rate", "rate_on", "rate_source")
    money = {"agreed_amount": stated.amount, **{name: getattr(stated, name) for name in names}}
    if any(getattr(deal, name) != value for name, value in money.items()):
        await session.execute(
            update(Deal).where(Deal.id == deal.id).values(**money),
            execution_options={"synchronize_session": "evaluate"},
        )


def _row(deal: Deal, draft: Draft, recorded_at: datetime, event_id: UUID) -> dict[str, object]:
    posting = draft.posting
    dimensions = {name: getattr(posting.dimensions, name) for name in Dimensions.__slots__}
    return {
        "id": new_id(),
        "deal_id": deal.id,
        "kind": draft.kind,
        "of_kind": posting.kind,
        "effective_on": posting.effective_on,
        "recorded_at": recorded_at,
        "count": posting.count,
        "amount": posting.amount,
        "landed": posting.landed,
        "seq": posting.seq,
        "side": posting.side,
        "is_reversal": draft.is_reversal,
        "corrects_id": draft.corrects_id,
        "event_id": event_id,
        **dimensions,
    }
