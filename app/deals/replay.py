"""Computes from a deal's facts the postings the signing ledger should hold, and the entries it lacks. Pure arithmetic.

The same facts give the same postings. The difference to the books is appended: nothing where they agree, an entry of
the fact's kind for a new fact, and for a corrected fact a reversal on the day of the old entry together with the right
entry, both naming the entry they correct.

Facts take effect in the order of their days, so that an amendment learnt late takes its place among the others.
Whether a deal landed in the quarter of its signing is a property of the whole deal: `landed` is compared as a sum by
day and dimensions, and the difference is entered as `landing`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.core.clock import quarter
from app.core.errors import Conflict
from app.core.localized import Say
from app.deals.models import EntryKind, FactKind, SizeBand
from app.enterprises.models import Origin, Ownership

YI = Decimal(100_000_000)
LANDING_SEQ = -1
"""The `seq` of landing entries, which belong to no single fact."""


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The dimensions that an entry counts for."""

    unit_id: UUID
    task_force_id: UUID | None
    industry_code: str | None
    origin: Origin | None
    ownership: Ownership | None
    size: SizeBand


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in force. A signing states amount and dimensions, an amendment the amount, a transfer the place. Yuan."""

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
    """The entry that the ledger should hold for one side of one fact."""

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
    """The state of a deal after its facts. `remaining` (yuan) is None once it is terminated."""

    remaining: Decimal | None
    dimensions: Dimensions
    signed_on: date


class LedgerRefused(Conflict):
    """The facts would contradict each other in this order."""

    code = "ledger_order"


def size_band(agreed: Decimal) -> SizeBand:
    """Returns the size band of an amount in yuan."""
    if agreed < YI:
        return SizeBand.under_1_yi
    return SizeBand.from_1_to_10_yi if agreed < 10 * YI else SizeBand.from_10_yi


def by_day(fact: Fact) -> tuple[date, bool, int]:
    """Sort key: facts take effect by day; on one day in the order they were stated, the termination last."""
    return fact.effective_on, fact.kind is FactKind.termination, fact.seq


def agreed(facts: Iterable[Fact]) -> Fact:
    """Returns the fact that states the amount agreed now: the amendment of the latest day, else the signing."""
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
    """Raises LedgerRefused where the new fact may not follow the facts in force: an amendment before the latest
    transfer (or the signing), a transfer or termination before any fact, anything after a termination."""
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


def require_span(facts: Sequence[Fact]) -> None:
    """Raises LedgerRefused where a fact precedes the signing or follows the termination."""
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
    return Position(fact.amount, dimensions, fact.effective_on), posting


def _amend(position: Position, fact: Fact) -> tuple[Position, list[Posting]]:
    assert fact.amount is not None
    assert position.remaining is not None
    difference = fact.amount - position.remaining
    posting = Posting(fact.seq, 0, EntryKind.amendment, fact.effective_on, 0, difference, 0, position.dimensions)
    return replace(position, remaining=fact.amount), [posting]


def _transfer(position: Position, fact: Fact, landed: int) -> tuple[Position, list[Posting]]:
    assert fact.unit_id is not None
    assert position.remaining is not None
    before = position.dimensions
    after = replace(before, unit_id=fact.unit_id, task_force_id=fact.task_force_id)
    day, what = fact.effective_on, EntryKind.transfer
    return replace(position, dimensions=after), [
        Posting(fact.seq, 0, what, day, -1, -position.remaining, -landed, before),
        Posting(fact.seq, 1, what, day, 1, position.remaining, landed, after),
    ]


def _terminate(position: Position, fact: Fact, landed: int) -> tuple[Position, list[Posting]]:
    assert position.remaining is not None
    day = fact.effective_on
    posting = Posting(fact.seq, 0, EntryKind.termination, day, -1, -position.remaining, -landed, position.dimensions)
    return replace(position, remaining=None), [posting]


def _landed_on(facts: Sequence[Fact], landings: Iterable[date]) -> date | None:
    """Returns the day of the first landing from the signing to the termination, both included; None without one."""
    ended_on = next((fact.effective_on for fact in facts if fact.kind is FactKind.termination), date.max)
    return min((day for day in landings if facts[0].effective_on <= day <= ended_on), default=None)


def replay(facts: Sequence[Fact], landings: Iterable[date]) -> tuple[Position | None, list[Posting]]:
    """Returns the position after all facts, None without facts, and all postings the ledger should hold.

    `facts` are in the order they were stated. Raises LedgerRefused for an impossible order.
    """
    if not facts:
        return None, []
    assert facts[0].kind is FactKind.signing
    require_span(facts)
    signing, *later = sorted(facts, key=by_day)
    position, first = _sign(signing)
    postings = [first]
    landed_on = _landed_on(facts, landings)
    in_quarter = landed_on is not None and quarter(landed_on) == quarter(signing.effective_on)
    if in_quarter:
        postings.append(
            Posting(LANDING_SEQ, 0, EntryKind.landing, position.signed_on, 0, Decimal(0), 1, position.dimensions)
        )
    for fact in later:
        landed = int(in_quarter and quarter(fact.effective_on) == quarter(position.signed_on))
        if fact.kind is FactKind.amendment:
            position, added = _amend(position, fact)
        elif fact.kind is FactKind.transfer:
            position, added = _transfer(position, fact, landed)
        else:
            position, added = _terminate(position, fact, landed)
        postings += added
    return position, postings


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry about to be appended."""

    posting: Posting
    kind: EntryKind
    is_reversal: bool = False
    corrects_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BookEntry:
    """An entry of the ledger as it was appended."""

    id: UUID
    posting: Posting
    is_reversal: bool
    corrects_id: UUID | None


def _same(one: Posting, other: Posting) -> bool:
    return replace(one, landed=0) == replace(other, landed=0)


def _negated(posting: Posting) -> Posting:
    return replace(posting, count=-posting.count, amount=-posting.amount, landed=-posting.landed)


def difference(wanted: Iterable[Posting], books: Sequence[BookEntry]) -> list[Draft]:
    """Returns the entries to append so that the books agree with the wanted postings."""
    reversed_ids = {entry.corrects_id for entry in books if entry.is_reversal}
    open_entries = {
        (entry.posting.seq, entry.posting.side): entry
        for entry in books
        if not entry.is_reversal and entry.id not in reversed_ids and entry.posting.seq != LANDING_SEQ
    }
    wanted = list(wanted)
    drafts: list[Draft] = []
    wanted_keys = set()
    for posting in wanted:
        if posting.seq == LANDING_SEQ:
            continue
        key = (posting.seq, posting.side)
        wanted_keys.add(key)
        entry = open_entries.get(key)
        if entry is None:
            earlier = [e.id for e in books if not e.is_reversal and (e.posting.seq, e.posting.side) == key]
            kind = EntryKind.correction if earlier else posting.kind
            drafts.append(Draft(posting, kind, corrects_id=earlier[-1] if earlier else None))
        elif not _same(entry.posting, posting):
            drafts.append(Draft(_negated(entry.posting), EntryKind.correction, True, entry.id))
            drafts.append(Draft(posting, EntryKind.correction, False, entry.id))
    for key, entry in open_entries.items():
        if key not in wanted_keys:
            drafts.append(Draft(_negated(entry.posting), EntryKind.correction, True, entry.id))
    return drafts + _landing_difference(wanted, [entry.posting for entry in books] + [d.posting for d in drafts])


def _landing_difference(wanted: Iterable[Posting], books: Iterable[Posting]) -> list[Draft]:
    """Returns the `landing` entries by which the books lack `landed`, by day and dimensions."""
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
