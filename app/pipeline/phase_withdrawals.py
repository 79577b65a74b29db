"""Withdraws a phase added by mistake: the link to its parent is no longer in force, and its record is merged into it.

Earlier totals can still be reproduced (`known_at`). Rows of the phase that count somewhere prevent the withdrawal, each
named with its remedy. Follow-ups and contacts move to the parent, and the five ones that the phase took over from it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import succession
from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, refuse
from app.core.localized import Say, in_one_sentence
from app.deals import separation
from app.deals.models import Deal, DealStatus
from app.events import service as events
from app.five_ones import giving_back
from app.pipeline import line, move_writer
from app.pipeline.line import Line
from app.pipeline.move_writer import Grounds, Step
from app.pipeline.schemas import MergeItem, PhaseWithdraw, item
from app.projects import amounts, evidence, giver_and_taker, moves, phase_links, refusals
from app.projects import service as projects
from app.projects.contacts import ContactLink
from app.projects.follow_ups import FollowUp
from app.projects.giver_and_taker import Holder
from app.projects.models import PhaseLink, PhaseWithdrawal, Project, Status
from app.projects.moves import Move, MoveCorrection, MoveKind
from app.projects.schemas import ProjectRead


class PhaseStays(Conflict):
    """The refusal to withdraw a phase, with everything that prevents it and each remedy."""

    code = "phase_stays"
    title = Say("分期不能撤销", "The phase cannot be withdrawn")

    @classmethod
    def of(cls, conflicts: Sequence[MergeItem]) -> "PhaseStays":
        return cls(in_one_sentence(conflicts), conflicts=[conflict.model_dump(mode="json") for conflict in conflicts])


async def withdraw(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: PhaseWithdraw
) -> ProjectRead:
    """Withdraws a phase. Its record is merged into the parent, which becomes a leaf again if it has no other phase.

    Raises Forbidden, PhaseStays naming everything that prevents it, Conflict where the project is no phase.
    """
    actor.require(Permission.correct)
    async with line.held(session, actor, project_id, version) as held:
        phase = held.project
        refuse(refusals.merged(phase))
        if phase.parent_id is None:
            raise Conflict(Say("这个项目不是分期。", "This project is no phase."), code="not_a_phase")
        parent = await projects.fetch_unscoped(session, phase.parent_id)  # locked before its phase
        giver, taker = Holder.of(phase), Holder.of(parent)
        if giver != taker:
            giver_and_taker.require_ruling(actor)
        giver_and_taker.require(actor, giver, taker)
        await separation.require_another_on(session, actor, phase)
        phase_moves = [move for move in held.history if move.project_id == phase.id]
        next_on = await _next_first_day(session, phase)
        is_last = next_on is None
        conflicts = await _conflicts(session, phase, parent, phase_moves, is_last=is_last)
        if conflicts:
            raise PhaseStays.of(conflicts)
        link = (await session.scalars(select(PhaseLink).where(PhaseLink.project_id == phase.id))).one()
        on = await clock.today(session)
        if phase.continues_parent:
            await succession.note_on_phase(session, actor, parent.id, phase.id, is_over=True)
        await _hand_over(session, phase, parent, link, on, next_on)
        await _detach(held, parent, phase_moves, on, link, body.reason)
        await _restore(held, parent, body.reason, is_last=is_last)
    # Not scoped: the actor that withdrew the phase gets the result, whatever it sees afterwards.
    return await projects.read(session, phase.id, phases=projects.scope(actor))


async def _next_first_day(session: AsyncSession, phase: Project) -> date | None:
    """Returns the day from which the parent has phases without this one; None where it has no other."""
    assert phase.parent_id is not None
    others = select(func.min(PhaseLink.effective_on)).where(
        phase_links.under(phase.parent_id), PhaseLink.project_id != phase.id
    )
    day: date | None = await session.scalar(others)
    return day


async def _conflicts(
    session: AsyncSession, phase: Project, parent: Project, phase_moves: Sequence[Move], *, is_last: bool
) -> list[MergeItem]:
    """Returns everything that prevents the withdrawal, each with its remedy."""
    conflicts = []
    if phase.continues_parent and not is_last:
        zh = "它接续总项目，而其他分期仍在；请先撤销其他误设的分期。"
        en = "It continues its parent while other phases stand: withdraw those added by mistake first."
        conflicts.append(item("other_phases", zh, en))
    if made := [move for move in phase_moves if not move.is_withdrawn and move.kind is not MoveKind.entry]:
        zh, en = "分期有自己的移动；请先逐次撤回。", "It has moves of its own: withdraw them first, latest first."
        conflicts.append(item("moves", zh, en, len(made)))
    kept = select(Deal.code).where(
        Deal.project_id == phase.id, Deal.status.not_in([DealStatus.discarded, DealStatus.voided])
    )
    if codes := list(await session.scalars(kept.order_by(Deal.code))):
        zh = f"分期有签约 {'、'.join(codes)}；草稿请弃用，其余请更正为“误录作废”，在总项目上另行起草。"
        en = f"It has deals, {', '.join(codes)}: discard drafts, correct others as never a deal; draft on the parent."
        conflicts.append(item("deals", zh, en, len(codes)))
    listed = await succession.listed(session, [phase.id])
    for code, zh, en, rows in (
        ("plan_lists", "分期列入年度计划；请先移出。", "It is on a plan list: take it off first.", listed.years),
        ("start_batches", "分期列入开工批次；请先移出。", "It is in a start batch: take it out first.", listed.batches),
        (
            "work_resumptions",
            "分期有复工登记；请先撤回。",
            "It has resumed work: withdraw that.",
            listed.resumptions,
        ),
    ):
        if rows:
            conflicts.append(item(code, zh, en, len(rows)))
    valid_evidence = [row for row in await evidence.of_project(session, phase.id) if row.void_reason is None]
    if valid_evidence:
        zh = "分期有依据；请在分期上作废，登记到总项目。"
        en = "It has evidence: void it here, and put it on record for the parent."
        conflicts.append(item("evidence", zh, en, len(valid_evidence)))
    conflicts += await _amounts_without(session, phase, parent)
    absorbed = select(func.count()).select_from(Project).where(Project.merged_into_id == phase.id)
    if count := await session.scalar(absorbed):
        conflicts.append(item("absorbed", "有项目已并入这一分期，不能撤销。", "A project was merged into it.", count))
    return conflicts


async def _amounts_without(session: AsyncSession, phase: Project, parent: Project) -> list[MergeItem]:
    """Returns a conflict where the phase has amounts of a kind and year of which the parent has none."""
    of_parent = {(row.kind, row.year) for row in await amounts.versions(session, parent.id)}
    missing = {(row.kind, row.year) for row in await amounts.versions(session, phase.id)} - of_parent
    if not missing:
        return []
    names = sorted({kind.say.zh for kind, _ in missing}), sorted({kind.say.en for kind, _ in missing})
    zh = f"总项目没有{'、'.join(names[0])}，而分期有；请先在总项目上登记。"
    en = f"The parent has no {', '.join(names[1])} while the phase has: enter it on the parent first."
    return [item("amounts", zh, en, len(missing))]


async def _hand_over(
    session: AsyncSession, phase: Project, parent: Project, link: PhaseLink, on: date, next_on: date | None
) -> None:
    """Moves follow-ups and contacts of the phase to the parent. Gives its five ones back where it is the last phase;
    else closes them and extends the parent's up to the day before its next phase."""
    for beneath in (FollowUp, ContactLink):
        await session.execute(update(beneath).where(beneath.project_id == phase.id).values(project_id=parent.id))
    if next_on is None:
        await giving_back.give_back(session, parent, phase, link.event_id, on)
        return
    await giving_back.close(session, phase, on)
    if link.effective_on < next_on:
        await giving_back.extend(session, parent, next_on - timedelta(days=1))


async def _detach(
    held: Line,
    parent: Project,
    phase_moves: list[Move],
    on: date,
    link: PhaseLink,
    reason: str,
) -> None:
    """Makes the phase a project of its own, merged into the parent, and withdraws its entry and its link."""
    session, phase = held.session, held.project
    data: dict[str, Any] = {
        "phase_no": phase.phase_no,
        "merged_id": phase.id,
        "merged_code": phase.code,
        "into_id": parent.id,
        "into_code": parent.code,
        "happened_on": on,
        "reason": reason,
        "never_was_a_phase": True,
    }
    stage = phase.stage
    entries = [move for move in phase_moves if move.kind is MoveKind.entry and not move.is_withdrawn]
    phase.line_id, phase.parent_id, phase.phase_no = phase.id, None, None
    phase.continues_parent = False
    phase.landed_on = None
    phase.merged_into_id = parent.id
    for entry in entries:
        phase_moves = moves.withdrawn(phase_moves, {entry.id})
    held.set_history(phase, phase_moves)
    step = Step(MoveKind.merge, stage, Status.merged, on)
    event_id = await move_writer.make(held, [step], Grounds(reason=reason), "project.merged", data)
    recorded_at = await knowledge.take(session)
    session.add(PhaseWithdrawal(link_id=link.id, reason=reason, recorded_at=recorded_at, event_id=event_id))
    for entry in entries:
        session.add(
            MoveCorrection(
                move_id=entry.id,
                happened_on=None,
                is_withdrawn=True,
                reason=reason[:200],
                recorded_at=recorded_at,
                event_id=event_id,
            )
        )
    await session.flush()


async def _restore(held: Line, parent: Project, reason: str, *, is_last: bool) -> None:
    """Makes the parent a leaf again, at the stage of its own moves, where this was its last phase.

    Otherwise its stage is again that of its furthest leaf.
    """
    session, actor, phase = held.session, held.actor, held.project
    if is_last:
        parent.is_parent = False
        held.assign(parent, await held.history_of(parent))
    data = {"phase_code": phase.code, "is_leaf_again": is_last, "reason": reason, "changes": {"stage": parent.stage}}
    event_id = await events.record(session, actor, "project.phase_withdrawn", parent, data, project_id=parent.id)
    if is_last:
        held.mark_moved(parent, event_id)
    else:
        await line.refresh_after_move(session, parent)
