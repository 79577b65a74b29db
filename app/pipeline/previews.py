"""What an act on a deal enters into the ledger: the act itself, done in a transaction that is rolled back (ADR 42).

So a preview refuses what the act refuses, and says what the act would enter. While it is computed, it holds what the
act would hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, refs
from app.core.actor import Actor, ActorKind, Permission, scope_of
from app.core.records import one
from app.deals import approval, facts, ledger, replay
from app.deals import service as deals
from app.deals.models import Deal, DealKind, LedgerEntry
from app.deals.schemas import DealAmend, DealApprove, DealCorrect, DealTerminate
from app.organizations.models import Unit
from app.pipeline import deal_corrections, endings
from app.pipeline.schemas import DealPreview, PreviewEntry, PreviewSum, PreviewTotal
from app.projects.gate_results import Override
from app.projects.models import Project, Status
from app.projects.stages import Strictness, pipeline
from app.taskforces.models import TaskForce

_ASKS = {DealKind.formal: "formal_deal", DealKind.framework: "intent"}
"""The gate of a stage that a live deal of this kind meets."""
_COLUMNS = [
    *(getattr(LedgerEntry, name) for name in PreviewEntry.model_fields if hasattr(LedgerEntry, name)),
    Deal.code.label("deal_code"),
]


async def of_approval(session: AsyncSession, actor: Actor, deal_id: UUID) -> DealPreview:
    """Returns what the approval of a draft would enter once its gates are met: nothing for a framework deal.

    Whoever may not approve is shown what somebody else's approval would enter. Raises as the approval does, but for
    gates that may be overridden: an approver sees beside what is missing what it is for.
    """
    version = await _version(session, actor, deal_id)
    approver = replace(actor, permissions=actor.permissions | {Permission.approve_deals, Permission.override_gates})
    if Permission.approve_deals not in actor.permissions:
        approver = replace(approver, kind=ActorKind.system)
    missing = await _missing(session, approver, deal_id)
    override = Override(gates=missing, reason="预演") if missing else None
    await deals.approve(session, approver, deal_id, None, DealApprove(override=override))
    preview = await _told(session, actor, deal_id, version)
    preview.project_may_move_to = await _may_move_to(session, deal_id)
    return preview


async def _missing(session: AsyncSession, actor: Actor, deal_id: UUID) -> list[str]:
    """Returns the codes of the gates of approval that are not met and may be overridden."""
    deal, project = await deals.lock(session, actor, deal_id, None)
    gates = await approval.gates(session, actor, deal, project, await approval.investor_of(session, deal))
    return [
        gate.code for gate in gates if not gate.is_met and not gate.is_fixed and gate.strictness is Strictness.block
    ]


async def of_amendment(session: AsyncSession, actor: Actor, deal_id: UUID, body: DealAmend) -> DealPreview:
    """Returns what an amendment would enter. Raises as the amendment does."""
    version = await _version(session, actor, deal_id)
    await deals.amend(session, actor, deal_id, None, body)
    return await _told(session, actor, deal_id, version)


async def of_termination(session: AsyncSession, actor: Actor, deal_id: UUID, body: DealTerminate) -> DealPreview:
    """Returns what the termination of a deal would enter. Raises as the termination does."""
    version = await _version(session, actor, deal_id)
    await endings.terminate_deal(session, actor, deal_id, None, body)
    return await _told(session, actor, deal_id, version)


async def of_correction(session: AsyncSession, actor: Actor, deal_id: UUID, body: DealCorrect) -> DealPreview:
    """Returns what a correction would enter, for other deals too that move with it. Raises as the correction does."""
    version = await _version(session, actor, deal_id)
    await deal_corrections.correct(session, actor, deal_id, None, body)
    return await _told(session, actor, deal_id, version)


async def _version(session: AsyncSession, actor: Actor, deal_id: UUID) -> int:
    """Returns the version of the deal before the act. Raises NotFound."""
    return await one(session, select(Deal.version).where(Deal.id == deal_id, deals.scope(actor)), deals.DEAL)


async def _may_move_to(session: AsyncSession, deal_id: UUID) -> str | None:
    """Returns the stage ahead whose gate asks for a deal of this kind; None where there is none."""
    deal = await session.get_one(Deal, deal_id)
    project = await session.get_one(Project, deal.project_id)
    if project.status is not Status.active or project.is_parent:
        return None
    table = await pipeline(session)
    here = table.stage(project.stage).position
    for stage in table.walk(project.program):
        asks = {gate.gate for gate in table.gates(stage.code, project.program)}
        if stage.position > here and _ASKS[deal.kind] in asks:
            return stage.code
    return None


async def _told(session: AsyncSession, actor: Actor, deal_id: UUID, version: int) -> DealPreview:
    """Returns what the act has entered, in the actor's scope, and where the deal counts after it."""
    deal = await session.get_one(Deal, deal_id)
    in_force = [ledger.as_fact(row) for row in await facts.in_force(session, deal)]
    position, _ = replay.replay(in_force, [])
    at = position.dimensions if position is not None else None
    recorded_at = await knowledge.take(session)
    entries = await _entered(session, actor, deal, recorded_at)
    return DealPreview(
        deal_id=deal_id,
        version=version,
        scope=scope_of(actor),
        entries=entries,
        totals=await _totals(session, actor, [entry.effective_on for entry in entries], recorded_at),
        unit=await refs.find(session, Unit, at.unit_id) if at else None,
        task_force=await refs.find(session, TaskForce, at.task_force_id) if at else None,
        project_may_move_to=None,
    )


async def _entered(session: AsyncSession, actor: Actor, deal: Deal, recorded_at: datetime) -> list[PreviewEntry]:
    """Returns the entries of this transaction: of the deal, and of others of its project that moved with it."""
    of_project = select(Deal.id).where(Deal.project_id == deal.project_id)
    entered = (
        select(*_COLUMNS)
        .join(Deal, Deal.id == LedgerEntry.deal_id)
        .where(LedgerEntry.deal_id.in_(of_project), LedgerEntry.recorded_at == recorded_at, ledger.visible_to(actor))
        .order_by(LedgerEntry.id)
    )
    rows = await session.execute(refs.joined(entered, LedgerEntry.__table__.c, ledger.REFERENCES))
    return [PreviewEntry.model_validate(entry) for entry in refs.all_named(rows, ledger.REFERENCES)]


def _periods(days: Sequence[date]) -> dict[str, tuple[date, date]]:
    """Returns each year and quarter that one of the days lies in, with its first and last day."""
    found: dict[str, tuple[date, date]] = {}
    for day in sorted(days):
        year, number = clock.quarter(day)
        found[str(year)] = date(year, 1, 1), date(year, 12, 31)
        last = date(year, 12, 31) if number == 4 else date.fromordinal(date(year, 3 * number + 1, 1).toordinal() - 1)
        found[f"{year}Q{number}"] = date(year, 3 * number - 2, 1), last
    return found


async def _totals(
    session: AsyncSession, actor: Actor, days: Sequence[date], recorded_at: datetime
) -> list[PreviewTotal]:
    """Returns the signing totals of each year and quarter concerned, before and after, in the actor's scope."""
    periods = _periods(days)
    if not periods:
        return []
    of_any = or_(*(LedgerEntry.effective_on.between(*span) for span in periods.values()))
    was_there = LedgerEntry.recorded_at != recorded_at
    columns = []
    for span in periods.values():
        lies_in = LedgerEntry.effective_on.between(*span)
        for condition in (lies_in & was_there, lies_in):
            columns += [
                func.sum(case((condition, column), else_=0)) for column in (LedgerEntry.count, LedgerEntry.amount)
            ]
    sums = iter((await session.execute(select(*columns).where(ledger.visible_to(actor), of_any))).one())
    return [PreviewTotal(period=period, before=_sum(sums), after=_sum(sums)) for period in periods]


def _sum(values: Iterator[Any]) -> PreviewSum:
    """Returns the next number and amount."""
    return PreviewSum(count=next(values) or 0, amount=Decimal(next(values) or 0))
