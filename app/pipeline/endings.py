"""Terminates projects and deals, and undoes terminations. Project and deal end together, in one transaction."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Forbidden, Invalid, refuse
from app.core.localized import Say
from app.deals import facts, separation
from app.deals import refusals as deal_refusals
from app.deals import service as deals
from app.deals.models import Deal, DealKind, DealStatus, FactKind
from app.deals.schemas import DealRead, DealTerminate, FateKind, ProjectFate
from app.events import service as events
from app.pipeline import deal_and_stage, line, move_writer, refusals
from app.pipeline.line import Line
from app.pipeline.move_writer import Grounds, Step
from app.pipeline.schemas import ReinstatementCreate, TerminationCreate
from app.projects import decision_rights, moves
from app.projects import refusals as project_refusals
from app.projects import service as projects
from app.projects.models import Project, Status, TerminationReason
from app.projects.moves import Move, MoveCorrection, MoveKind, ProjectMove
from app.projects.schemas import ProjectRead
from app.projects.stages import SIGNED, STARTED

# Ending a project


async def terminate(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: TerminationCreate
) -> ProjectRead:
    """Terminates a project at any stage, and its live deals with it, on the same day.

    Raises Forbidden, NotFound or Stale, Conflict for a parent or an ended project, Invalid for the day.
    """
    actor.require(Permission.terminate)
    async with line.held(session, actor, project_id, version) as held:
        refuse(project_refusals.leaf_in_force(held.project))
        await move_writer.check_authority(session, body.authority)
        grounds = Grounds(reason=body.reason, reason_code=body.reason_code, authority=body.authority)
        await _end_project(held, held.project, body.happened_on, grounds, body.document)
    return await projects.get(session, actor, project_id)


async def _end_project(held: Line, project: Project, on: date, grounds: Grounds, document: str | None = None) -> None:
    """Terminates a leaf of the line, and with it every live deal of its own."""
    session, actor = held.session, held.actor
    await move_writer.check_day(session, project, on, await held.history_of(project))
    assert grounds.reason is not None
    live = [deal for deal in await deals.on_line(session, project, DealStatus.live) if deal.project_id == project.id]
    steps = [Step(MoveKind.terminate, project.stage, Status.terminated, on)]
    data = {"happened_on": on, "reason": grounds.reason, "reason_code": grounds.reason_code}
    await move_writer.make(held, steps, grounds, "project.terminated", data, project=project)
    for deal in live:
        await _end_deal(session, actor, deal, on, grounds.reason, document)


async def _end_deal(
    session: AsyncSession, actor: Actor, deal: Deal, on: date, reason: str, document: str | None
) -> None:
    """Terminates a live deal. The ledger reverses count and remaining amount of a formal deal on that day."""
    deal.status, deal.ended_on, deal.end_reason = DealStatus.terminated, on, reason
    deal.ended_at = await knowledge.take(session)
    data = {"status": ["live", "terminated"], "effective_on": on, "reason": reason, "document": document}
    event_id = await events.record(session, actor, "deal.terminated", deal, data, project_id=deal.project_id)
    if deal.kind is DealKind.formal:
        await facts.state(session, actor, deal, FactKind.termination, on, event_id, document=document, reason=reason)
    else:
        await separation.require_another(session, actor, [deal])


# Undoing it


async def reinstate(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: ReinstatementCreate
) -> ProjectRead:
    """Undoes a mistaken termination: withdraws the move, and with it the termination of its deal.

    Where that deal cannot be restored, `becomes` moves the project back before `signed`. Raises Conflict where the
    project is not terminated.
    """
    actor.require(Permission.correct)
    async with line.held(session, actor, project_id, version) as held:
        refuse(refusals.reinstate(held.project))
        last = next(move for move in reversed(held.history) if not move.is_withdrawn)
        await withdraw(held, [last], body.reason, "project.reinstated")
        if body.becomes is not None:
            await _back_before_signed(held, held.project, await clock.today(session), body.reason)
    return await projects.get(session, actor, project_id)


async def withdraw(held: Line, latest: Sequence[Move], reason: str, event: str) -> None:
    """Withdraws the latest moves in force, made in one act, and restores the deals that ended in it."""
    session, actor, project = held.session, held.actor, held.project
    last, stage_before = latest[-1], project.stage
    held.assign(project, moves.withdrawn(held.history, {move.id for move in latest}))
    data = {
        "move_id": last.id,
        "moves": [move.id for move in latest],
        "reason": reason,
        "changes": {"stage": [stage_before, project.stage], "status": [last.to_status, project.status]},
    }
    event_id = await events.record(session, actor, event, project, data, project_id=project.id)
    restored = await deals_ended_by(session, project, last) if last.kind in (MoveKind.terminate, MoveKind.back) else []
    recorded_at = await knowledge.take(session)
    session.add_all(
        MoveCorrection(move_id=move.id, is_withdrawn=True, reason=reason, recorded_at=recorded_at, event_id=event_id)
        for move in latest
    )
    await session.flush()
    for deal in restored:
        await restore_deal(session, actor, deal, reason)
    held.mark_moved(project, event_id)


async def deals_ended_by(session: AsyncSession, project: Project, move: Move) -> Sequence[Deal]:
    """Returns the deals of the project and its parent that were terminated in the same act as the move, locked."""
    recorded_at = select(ProjectMove.recorded_at).where(ProjectMove.id == move.id).scalar_subquery()
    query = select(Deal).where(
        Deal.project_id.in_({project.id, project.line_id}),
        Deal.status == DealStatus.terminated,
        Deal.ended_at == recorded_at,
    )
    return (await session.scalars(query.order_by(Deal.id).with_for_update(key_share=True))).all()


async def restore_deal(session: AsyncSession, actor: Actor, deal: Deal, reason: str) -> None:
    """Undoes the termination of a deal: it is live again, and its places follow its project's since then."""
    deal.status, deal.ended_on, deal.ended_at, deal.end_reason = DealStatus.live, None, None, None
    data = {"status": ["terminated", "live"], "reason": reason}
    event_id = await events.record(session, actor, "deal.termination_undone", deal, data, project_id=deal.project_id)
    if deal.kind is DealKind.formal:
        in_force = await facts.in_force(session, deal)
        terminations = [row for row in in_force if row.kind is FactKind.termination]
        await facts.withdraw(session, actor, deal, terminations, event_id, reason)
    else:
        await separation.require_another(session, actor, [deal])


# Ending a deal


async def terminate_deal(
    session: AsyncSession, actor: Actor, deal_id: UUID, version: int | None, body: DealTerminate
) -> DealRead:
    """Terminates a live deal: the ledger enters −1 and minus the remaining amount on its day.

    `body.project` says what becomes of leaves at `signed` or later that lose their deal. Raises Forbidden, NotFound or
    Stale, Conflict where the deal is not live or `project` is missing, Invalid where it is needless or the day wrong.
    """
    actor.require(Permission.terminate)
    async with line.of_deal(session, actor, deal_id, version) as (deal, held):
        refuse(deal_refusals.not_live(deal))
        today = await clock.today(session)
        if deal.signed_on is not None and not deal.signed_on <= body.effective_on <= today:
            raise Invalid.field(
                "/effective_on",
                "out_of_range",
                Say(
                    f"终止日应在签约日 {deal.signed_on} 与业务日 {today} 之间。",
                    f"Between the signing and {today}.",
                ),
            )
        leaves = await leaves_losing_deal(held, deal)
        require_fate(leaves, body.project)
        await _end_deal(session, actor, deal, body.effective_on, body.reason, body.document)
        for leaf in leaves:
            await apply_fate(held, leaf, body.project, body.effective_on, body.reason)
    return await deals.get(session, actor, deal_id)


async def leaves_losing_deal(held: Line, deal: Deal) -> list[Project]:
    """Returns the leaves at `signed` or later that would lose their only formal deal, locked.

    Raises Forbidden where the actor may not decide on one of them.
    """
    if deal.kind is not DealKind.formal:
        return []
    project_id = held.project.id
    query = select(Project).where((Project.id == project_id) | (Project.parent_id == project_id)).order_by(Project.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    leaves = [leaf for leaf in await held.session.scalars(locked) if deal_and_stage.needs_deal(leaf, held.table)]
    ids = {leaf.id for leaf in leaves}
    decides = select(Project.id).where(decision_rights.decided_by(held.actor), Project.id.in_(ids))
    decided = set(await held.session.scalars(decides))
    if decided != ids:
        raise Forbidden(
            Say(
                "这份协议还支撑着你范围以外的分期；请由招商局办理。",
                "Phases outside your scope stand on this deal; ask the bureau.",
            ),
            code="line_out_of_scope",
        )
    return leaves


def require_fate(leaves: Sequence[Project], fate: ProjectFate | None) -> None:
    """Raises Conflict where leaves lose their deal and no fate is named, Invalid where one is named needlessly."""
    if leaves and fate is None:
        codes = ", ".join(leaf.code for leaf in leaves)
        raise Conflict(
            Say(
                f"项目 {codes} 已在签约或以后阶段，请在 project 中写明去向：退回签约前，或项目终止。",
                f"{codes} stands at `signed` or later: say in `project` whether it goes back before signed or ends.",
            ),
            code="project_fate_required",
        )
    if not leaves and fate is not None:
        raise Invalid.field(
            "/project",
            "needless_fate",
            Say("没有项目因此失去签约，请勿填写。", "No project loses its deal by this; leave it out."),
        )


async def apply_fate(held: Line, leaf: Project, fate: ProjectFate | None, on: date, reason: str) -> None:
    """Moves a leaf that lost its deal back before `signed`, or terminates it, as `fate` says."""
    assert fate is not None
    day = max(on, moves.last_day(await held.history_of(leaf)) or on)
    if fate.becomes is FateKind.terminated:
        if fate.reason_code not in set(TerminationReason):
            raise Invalid.field(
                "/project/reason_code",
                "unknown_reason",
                Say(
                    "终止原因应为 " + ", ".join(TerminationReason),
                    "One of " + ", ".join(TerminationReason),
                ),
            )
        grounds = Grounds(reason=reason, reason_code=TerminationReason(fate.reason_code))
        await _end_project(held, leaf, day, grounds)
        return
    await _back_before_signed(held, leaf, day, reason)


async def _back_before_signed(held: Line, leaf: Project, day: date, reason: str) -> None:
    """Moves a leaf back to the last stage it had before `signed`.

    Raises Conflict from `started` on, after which no project moves back, and Invalid where it is before `signed`.
    """
    table = held.table
    if not table.at_least(leaf.stage, SIGNED):
        raise Invalid.field(
            "/becomes",
            "needless_fate",
            Say("项目尚未到签约阶段，请勿填写。", "The project stands before `signed`; leave it out."),
        )
    if table.at_least(leaf.stage, STARTED):
        raise Conflict(
            Say(f"项目 {leaf.code} 已开工，不能退回签约前。", f"{leaf.code} has started and cannot go back."),
            code="no_way_back",
        )
    entries = (await held.state_of(leaf)).entries
    before = [s.code for s in table.stages if s.code in entries and not table.at_least(s.code, SIGNED)]
    steps = [Step(MoveKind.back, before[-1], leaf.status, day)]
    data = {"to": before[-1], "happened_on": day, "reason": reason}
    grounds = Grounds(reason=reason)
    await move_writer.make(held, steps, grounds, "project.moved_back", data, project=leaf)
