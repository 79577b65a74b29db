"""Merges 并入 two records of one project. The dry run names what the successor takes over and what prevents the merge.

The successor takes over what figures count: live and draft deals with their ledger, membership of plan lists and
batches, work resumptions; also follow-ups, contacts, and every amount and field that it does not state itself. The
merged record keeps its moves, evidence, plans and log, stays readable and points to its successor. Where both state a
value, the successor's is valid, and the dry run names both.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import succession
from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Invalid
from app.core.localized import Say
from app.deals import facts
from app.deals.models import DealKind, DealRelocation, DealStatus
from app.enterprises import service as enterprises
from app.events import service as events
from app.five_ones import assignments
from app.merging import fields as merging_fields
from app.merging.conflicts import MergeRefused, Pair, find_conflicts, load_pair
from app.merging.schemas import MergeCreate, MergePreview
from app.pipeline import line, move_writer
from app.pipeline.line import Head, Line
from app.pipeline.move_writer import Grounds, Step
from app.pipeline.schemas import MergeItem, item
from app.projects import amount_succession, giver_and_taker, moves
from app.projects import service as projects
from app.projects.contacts import ContactLink
from app.projects.follow_ups import FollowUp
from app.projects.giver_and_taker import Holder
from app.projects.models import Project, Status
from app.projects.moves import MoveKind
from app.projects.schemas import ProjectRead
from app.projects.stages import Pipeline, pipeline


@dataclass(frozen=True, slots=True)
class _Stated:
    """The amounts and fields that the successor takes over, and those that stay because it states them itself."""

    amounts: amount_succession.Succession
    fields: merging_fields.Succession


async def _stated(session: AsyncSession, two: Pair) -> _Stated:
    return _Stated(
        await amount_succession.compare(session, two.merged, two.successor),
        await merging_fields.compare(session, two.merged, two.successor),
    )


def _amounts(compared: amount_succession.Succession, successor: Project) -> tuple[list[MergeItem], list[MergeItem]]:
    """Returns for display the amounts taken over, and those that stay, with both values. In yuan."""
    over = [
        item(
            key.kind,
            f"{key.say.zh}：{rows[-1].value:f} 元（{rows[-1].effective_on} 起）",
            f"{key.say.en}: {rows[-1].value:f} yuan from {rows[-1].effective_on}",
            len(rows),
        )
        for key, rows in compared.taken.items()
    ]
    apart = [
        merging_fields.both(key.kind, key.say, f"{of_merged.value:f}", f"{of_successor.value:f}", successor.code)
        for key, (of_merged, of_successor) in compared.apart.items()
    ]
    return over, apart


def _days_apart(two: Pair, table: Pipeline) -> str:
    """Returns for display the stages that the two entered on different days, with both days."""
    of_merged, of_successor = (
        moves.entries(two.history[one.id], table.positions) for one in (two.merged, two.successor)
    )
    return "；".join(
        f"{table.stage(stage).name_zh} {day}（{two.successor.code} 为 {of_successor.get(stage, '—')}）"
        for stage, day in of_merged.items()
        if of_successor.get(stage) != day
    )


def _landing(two: Pair) -> list[MergeItem]:
    """Returns the item for a landed phase: its landing counts for the successor, no longer for the deal of its line."""
    merged, successor = two.merged, two.successor
    if merged.landed_on is None or merged.parent_id is None:
        return []
    zh = f"{merged.landed_on} 的落地归 {successor.code}；原总项目签约的当季落地按其余各期重算"
    en = f"the landing of {merged.landed_on} is that of {successor.code}; the deal of its line counts those of the rest"
    return [item("landing", zh, en, 1)]


async def _moved_rows(session: AsyncSession, two: Pair) -> list[MergeItem]:
    """Returns the deals, list entries, follow-ups and contacts that the successor takes over."""
    merged = two.merged
    items = [
        item("deal", f"签约 {deal.code}（{deal.status.say.zh}）", f"deal {deal.code} ({deal.status.say.en})", 1)
        for deal in two.moved_deals
    ]
    lists = await succession.going_over(session, merged)
    for code, zh, en, count in (
        ("plan_lists", "年度计划库", "plan lists", len(lists.years)),
        ("start_batches", "开工批次", "collective starts", len(lists.batches)),
        ("work_resumptions", "复工", "work resumptions", len(lists.resumptions)),
        ("follow_ups", "跟进记录", "follow-ups", await _count(session, FollowUp, merged.id)),
        ("contacts", "联系人", "contacts", await _count(session, ContactLink, merged.id)),
    ):
        if count:
            items.append(item(code, zh, en, count))
    return items


async def _count(session: AsyncSession, model: type[FollowUp] | type[ContactLink], project_id: UUID) -> int:
    query = select(func.count()).select_from(model).where(model.project_id == project_id)
    return (await session.scalars(query)).one()


_STAYING = (
    item("evidence", "依据材料（并入后的项目办理时一并认可）", "evidence, which the gates of the successor accept"),
    item("five_ones", "包保领导、班子（于并入日结束）和方案", "leader and team (closed on the day) and plans"),
    item("ended_deals", "已终止的签约及其台账", "ended deals and their entries"),
)


async def preview(session: AsyncSession, actor: Actor, project_id: UUID, into_id: UUID) -> MergePreview:
    """Returns the dry run of a merge: what the successor takes over, what stays, and what prevents it.

    Raises Forbidden, NotFound, Invalid where the actor sees no such successor.
    """
    actor.require(Permission.merge)
    merged = await projects.fetch(session, actor, project_id)
    successor = await _successor(session, actor, into_id, "?into_id")
    _require_giver_and_taker(actor, merged, successor)
    two = await load_pair(session, actor, merged, successor)
    conflicts = await find_conflicts(session, two)
    stated = await _stated(session, two)
    amounts, amounts_apart = _amounts(stated.amounts, successor)
    fields, fields_apart = await merging_fields.items(session, stated.fields, merged, successor)
    days = _days_apart(two, await pipeline(session))
    stay = item("moves", f"阶段移动：{days}" if days else "阶段移动", f"moves: {days}" if days else "moves")
    return MergePreview(
        id=project_id,
        version=merged.version,
        into_id=into_id,
        is_possible=not conflicts,
        conflicts=conflicts,
        goes_over=[*await _moved_rows(session, two), *_landing(two), *amounts, *fields],
        stays=[stay, *_STAYING, *amounts_apart, *fields_apart],
    )


def _require_giver_and_taker(actor: Actor, merged: Project, successor: Project) -> None:
    """Raises Forbidden where the merge changes the unit or task force that the merged record counts for, and the actor
    may not transfer it so."""
    giver, taker = Holder.of(merged), Holder.of(successor)
    if taker != giver:
        giver_and_taker.require_ruling(actor)
    giver_and_taker.require(actor, giver, taker)


async def _successor(session: AsyncSession, actor: Actor, into_id: UUID, pointer: str) -> Project:
    """Returns the project. Raises Invalid for the field `pointer` where the actor does not see it."""
    query = select(Project).where(Project.id == into_id, projects.scope(actor))
    project = (await session.scalars(query)).one_or_none()
    if project is None:
        raise Invalid.field(pointer, "unknown_project", Say("没有这个项目。", "There is no such project."))
    return project


async def merge(session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: MergeCreate) -> ProjectRead:
    """Merges a project into its successor.

    Raises MergeRefused with everything that prevents it, Forbidden, NotFound or Stale, Invalid for successor or day.
    """
    actor.require(Permission.merge)
    await projects.require_visible(session, actor, project_id)
    successor = await _successor(session, actor, body.into_id, "/into_id")
    before = await projects.fetch(session, actor, project_id)
    await enterprises.hold(session, before.investor_id, successor.investor_id)
    async with line.all_held(session, actor, Head(project_id, version), Head(successor.id)) as (
        of_merged,
        of_successor,
    ):
        merged, successor = of_merged.project, of_successor.project
        _require_giver_and_taker(actor, merged, successor)
        two = await load_pair(session, actor, merged, successor)
        conflicts = await find_conflicts(session, two)
        if conflicts:
            raise MergeRefused.of(conflicts)
        on = body.merged_on or await clock.today(session)
        await _check_day(session, two, on)
        await _hand_over(of_merged, of_successor, two, on, body.reason)
    # Not scoped: an actor that saw the project through its team gets the result, though the team is closed now.
    return await projects.read(session, project_id, phases=projects.scope(actor))


async def _check_day(session: AsyncSession, two: Pair, on: date) -> None:
    """Raises Invalid where the day is before the last move of the merged record or the first of the successor, or after
    today."""
    days = [moves.last_day(two.history[two.merged.id]), two.history[two.successor.id][0].happened_on]
    earliest = max(day for day in days if day is not None)
    today = await clock.today(session)
    if not earliest <= on <= today:
        say = Say(f"应在 {earliest} 与业务日 {today} 之间。", f"Between {earliest} and the business day {today}.")
        raise Invalid.field("/merged_on", "out_of_range", say)


async def _hand_over(of_merged: Line, of_successor: Line, two: Pair, on: date, reason: str) -> None:
    """Carries out the merge: moves rows and deals, records the merge, and settles the ledger where a landing moves."""
    session, actor = of_merged.session, of_merged.actor
    merged, successor = two.merged, two.successor
    merge_data = {
        "merged_id": merged.id,
        "merged_code": merged.code,
        "into_id": successor.id,
        "into_code": successor.code,
    }
    stated = await _stated(session, two)
    await merging_fields.take_over(session, actor, stated.fields, merged, successor, merge_data)
    await amount_succession.take_over(session, actor, stated.amounts, merged, successor)
    await succession.take_over(session, actor, merged, successor, reason)
    for beneath in (FollowUp, ContactLink):
        await session.execute(update(beneath).where(beneath.project_id == merged.id).values(project_id=successor.id))
    await assignments.close_all(session, merged, on)
    for deal in two.moved_deals:
        deal.project_id = successor.id
        event_id = await events.record(session, actor, "deal.relocated", deal, merge_data, project_id=successor.id)
        session.add(
            DealRelocation(
                deal_id=deal.id,
                from_project_id=merged.id,
                to_project_id=successor.id,
                recorded_at=await knowledge.take(session),
                event_id=event_id,
            )
        )
        await session.flush()
        if deal.kind is DealKind.formal and deal.status is DealStatus.live:
            await facts.follow_project(session, actor, deal, event_id, reason)
    merged.merged_into_id = successor.id
    step = Step(MoveKind.merge, merged.stage, Status.merged, on)
    data = {**merge_data, "happened_on": on, "reason": reason}
    await move_writer.make(of_merged, [step], Grounds(reason=reason), "project.merged", data)
    await of_merged.restate()
    event_id = await events.note(
        session, actor, "project.absorbed", "project", successor.id, data, project_id=successor.id
    )
    of_successor.mark_moved(successor, event_id)
    await of_successor.restate()
    if merged.landed_on is not None:
        # The landing now belongs to the successor: it no longer counts for the deals of the merged record's line, and
        # counts for those of the successor unless that has a landing of its own.
        for held in (of_merged, of_successor):
            await held.settle(event_id)
