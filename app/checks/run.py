"""Runs all checks, one after the other, on one snapshot."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from app.checks import access, construction, keys, leads, pipeline, records, signings, written
from app.checks.findings import Check, CheckOfBatch, Finding, batches
from app.core.localized import Say

OF_LINES: tuple[CheckOfBatch, ...] = (
    signings.ledger_against_deals,
    pipeline.stages_against_moves,
    pipeline.deals_against_stages,
    pipeline.places,
    pipeline.days_on_record,
)


async def lines_on_record(session: AsyncSession) -> list[Finding]:
    """Runs all checks of whole lines (`OF_LINES`), batch by batch."""
    findings: list[Finding] = []
    async for batch in batches(session):
        for check in OF_LINES:
            findings += await check(session, batch)
    return findings


CHECKS: tuple[Check, ...] = (
    written.rows_as_written,
    written.rows_sealed_in_time,
    access.sessions_and_browsers,
    access.schedules_come,
    records.versions,
    records.added_rows,
    records.head_of_knowledge,
    lines_on_record,
    signings.one_agreement_counts_once,
    pipeline.one_leader_one_team,
    pipeline.kept_amounts,
    keys.keys_are_current,
    keys.records_are_found,
    keys.money_has_vouchers,
    leads.leads_on_record,
    leads.lead_days,
    construction.rows_before_the_phase,
    construction.rows_of_a_parent,
    construction.batch_members_not_started,
)


_COLLECT_EVERY = 100_000
"""Objects created between two garbage collections. The checks leave little garbage, and a collection takes longer the
more objects are alive: at the interpreter's default, a third of the time of a check."""


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Collects garbage less often within the block."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _not_carried_out(check: Check, error: Exception) -> Finding:
    """Returns the finding for a check that failed on a value no model can read. An earlier finding names that value;
    the remaining checks still run."""
    kind = type(error).__name__
    say = Say(
        f"无法核对（{kind}）：请先处理以上各行", f"cannot be carried out ({kind}): see to the rows named above first"
    )
    return Finding("unreadable", check.__name__, say)


async def run(session: AsyncSession, progress: Callable[[int, int], None] = lambda _done, _all: None) -> list[Finding]:
    """Returns the findings of all checks. Calls `progress(done, all)` after each check.

    Raises the error of a check that fails, unless an earlier finding explains it.
    """
    findings: list[Finding] = []
    with collecting_rarely():
        for done, check in enumerate(CHECKS, 1):
            try:
                findings += await check(session)
            except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
                if all(finding.is_notice for finding in findings):
                    raise
                findings.append(_not_carried_out(check, error))
            progress(done, len(CHECKS))
    return findings
