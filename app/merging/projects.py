"""Merges 并入 two records of one project. The dry run names what the successor takes over and what prevents the merge.

The successor takes over what figures count: live and draft deals with their ledger, membership of plan lists and
batches, work resumptions; also follow-ups, contacts, and every amount and field that it does not state itself. The
merged record keeps its moves, evidence, plans and log, stays readable and points to its successor. Where both state a
value, the successor's is valid, and the dry run names both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.construction import succession
from app.core import clock, knowledge
from app.core.actor import Actor, Permission
from app.core.errors import Conflict, Invalid
from app.core.localized import Say, in_one_sentence
from app.deals import facts
from app.deals.models import Deal, DealKind, DealRelocation, DealStatus
from app.enterprises import service as enterprises
from app.events import service as events
from app.five_ones import assignments
from app.merging import fields as merging_fields
from app.merging.schemas import MergeCreate, MergePreview
from app.pipeline import deal_and_stage, line, move_writer
from app.pipeline.line import Head, Line
from app.pipeline.move_writer import Grounds, Step
from app.pipeline.schemas import MergeItem, item
from app.projects import amount_succession, giver_and_taker, moves, successors
from app.projects import service as projects
from app.projects.contacts import ContactLink
from app.projects.follow_ups import FollowUp
from app.projects.giver_and_taker import Holder
from app.projects.models import Program, Project, Status
from app.projects.moves import Move, MoveKind
from app.projects.schemas import ProjectRead
from app.projects.stages import SIGNED, Pipeline, pipeline


class MergeRefused(Conflict):
    """The refusal of a merge, with everything that prevents it, as in the dry run."""

    code = "merge_refused"
    title = Say("不能并入", "Cannot be merged")

    @classmethod
    def of(cls, conflicts: Sequence[MergeItem]) -> "MergeRefused":
        return cls(
            in_one_sentence(conflicts),
            conflicts=[conflict.model_dump(mode="json") for conflict in conflicts],
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """The record to be merged, its successor, and the deals and moves of both."""

    merged: Project
    successor: Project
    deals: Sequence[Deal]
    """The live and draft deals of both, and of their parents."""
    history: dict[UUID, list[Move]]

    def of(self, project: Project, *status: DealStatus) -> list[Deal]:
        """Returns the deals of a project and its parent that have one of these statuses."""
        line = {project.id, project.line_id}
        return [deal for deal in self.deals if deal.project_id in line and deal.status in status]

    @property
    def moved_deals(self) -> list[Deal]:
        """The deals of the merged record itself, which the successor takes over."""
        return [deal for deal in self.deals if deal.project_id == self.merged.id]


async def _load_pair(session: AsyncSession, actor: Actor, merged: Project, successor: Project) -> _Pair:
    for project in (merged, successor):
        if project.merged_into_id is not None:
            project.successor = await successors.find(session, project.id, projects.scope(actor))
    owners = {merged.id, merged.line_id, successor.id, successor.line_id}
    query = select(Deal).where(Deal.project_id.in_(owners), Deal.status.in_([DealStatus.live, DealStatus.draft]))
    deals = (await session.scalars(query.order_by(Deal.id))).all()
    return _Pair(merged, successor, deals, await moves.history(session, [merged.id, successor.id]))


async def _conflicts(session: AsyncSession, two: _Pair) -> list[MergeItem]:
    """Returns everything that prevents the merge, each with its remedy."""
    merged, successor = two.merged, two.successor
    conflicts: list[MergeItem] = []
    if merged.id == successor.id:
        return [item("itself", "不能并入自身。", "A project is not merged into itself.")]
    for project in (merged, successor):
        if project.is_parent:
            conflicts.append(
                item(
                    "project_is_parent",
                    f"{project.code} 已分期，请以各期并入。",
                    f"{project.code} has phases: merge its leaves.",
                )
            )
        if project.status in (Status.terminated, Status.merged):
            where = successors.say(project.successor) if project.status is Status.merged else Say("", "")
            conflicts.append(
                item(
                    "project_ended",
                    f"{project.code} 已{project.status.say.zh}，不参与并入。{where.zh}",
                    f"{project.code} is {project.status.say.en} and takes no part. {where.en}".strip(),
                )
            )
    if conflicts:
        return conflicts
    if successor.program not in (merged.program, Program.both):
        conflicts.append(
            item(
                "program_differs",
                f"{successor.code} 是{successor.program.say.zh}类；请先把类别改为一致或“两者”。",
                f"{successor.code} is of another program: change it to the same or both first.",
            )
        )
    table = await pipeline(session)
    if table.stage(merged.stage).position > table.stage(successor.stage).position:
        conflicts.append(
            item(
                "merge_other_way",
                f"{merged.code} 走得更远，请反过来把 {successor.code} 并入 {merged.code}。",
                f"{merged.code} stands further on: merge {successor.code} into it instead.",
            )
        )
    conflicts += await _deal_conflicts(session, two)
    live = two.of(successor, DealStatus.live) + [
        deal for deal in two.moved_deals if deal.status is DealStatus.live and deal.project_id != successor.line_id
    ]
    entered_on = moves.entries(two.history[successor.id], table.positions).get(SIGNED)
    say = deal_and_stage.breach(successor, live, entered_on, table)
    if say is not None:
        conflicts.append(item("deal_and_stage", say.zh, say.en))
    return conflicts + await _breaches_beside(session, two)


async def _breaches_beside(session: AsyncSession, two: _Pair) -> list[MergeItem]:
    """Returns what is wrong already with other projects of both lines: a merge requires whole lines to be right."""
    lines, pair = {two.merged.line_id, two.successor.line_id}, {two.merged.id, two.successor.id}
    beside = select(Project).where(Project.line_id.in_(lines)).order_by(Project.code)
    breaches = await deal_and_stage.breaches(session, (await session.scalars(beside)).all())
    return [item("deal_and_stage", say.zh, say.en) for project, say in breaches if project.id not in pair]


async def _deal_conflicts(session: AsyncSession, two: _Pair) -> list[MergeItem]:
    """Returns the conflicts of deals: the successor has no unit to count for, or a line keeps a deal without a leaf."""
    merged, successor = two.merged, two.successor
    conflicts = []
    formal = [deal for deal in two.deals if deal.status is DealStatus.live and deal.kind is DealKind.formal]
    if successor.unit_id is None and any(deal.project_id == merged.id for deal in formal):
        conflicts.append(
            item(
                "no_unit",
                f"{successor.code} 没有承接单位，请先流转。",
                f"{successor.code} has no unit; transfer it.",
            )
        )
    of_line = [deal for deal in formal if merged.parent_id is not None and deal.project_id == merged.parent_id]
    if of_line and successor.line_id != merged.line_id and await _is_last_leaf(session, merged):
        conflicts.append(
            item(
                "line_keeps_deal",
                f"总项目的签约 {of_line[0].code} 仍有效，而 {merged.code} 是最后一期；请先终止或更正签约。",
                f"The line's deal {of_line[0].code} stands, and {merged.code} is its last leaf: end or correct it.",
            )
        )
    return conflicts


async def _is_last_leaf(session: AsyncSession, project: Project) -> bool:
    others = select(Project.id).where(
        Project.parent_id == project.parent_id,
        Project.id != project.id,
        Project.status.in_([Status.active, Status.paused]),
    )
    return await session.scalar(others.limit(1)) is None


@dataclass(frozen=True, slots=True)
class _Stated:
    """The amounts and fields that the successor takes over, and those that stay because it states them itself."""

    amounts: amount_succession.Succession
    fields: merging_fields.Succession


async def _stated(session: AsyncSession, two: _Pair) -> _Stated:
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


def _days_apart(two: _Pair, table: Pipeline) -> str:
    """Returns for display the stages that the two entered on different days, with both days."""
    of_merged, of_successor = (
        moves.entries(two.history[one.id], table.positions) for one in (two.merged, two.successor)
    )
    return "；".join(
        f"{table.stage(stage).name_zh} {day}（{two.successor.code} 为 {of_successor.get(stage, '—')}）"
        for stage, day in of_merged.items()
        if of_successor.get(stage) != day
    )


def _landing(two: _Pair) -> list[MergeItem]:
    """Returns the item for a landed phase: its landing counts for the successor, no longer for the deal of its line."""
    merged, successor = two.merged, two.successor
    if merged.landed_on is None or merged.parent_id is None:
        return []
    zh = f"{merged.landed_on} 的落地归 {successor.code}；原总项目签约的当季落地按其余各期重算"
    en = f"the landing of {merged.landed_on} is that of {successor.code}; the deal of its line counts those of the rest"
    return [item("landing", zh, en, 1)]


async def _moved_rows(session: AsyncSession, two: _Pair) -> list[MergeItem]:
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
    two = await _load_pair(session, actor, merged, successor)
    conflicts = await _conflicts(session, two)
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
        two = await _load_pair(session, actor, merged, successor)
        conflicts = await _conflicts(session, two)
        if conflicts:
            raise MergeRefused.of(conflicts)
        on = body.merged_on or await clock.today(session)
        await _check_day(session, two, on)
        await _hand_over(of_merged, of_successor, two, on, body.reason)
    # Not scoped: an actor that saw the project through its team gets the result, though the team is closed now.
    return await projects.read(session, project_id, phases=projects.scope(actor))


async def _check_day(session: AsyncSession, two: _Pair, on: date) -> None:
    """Raises Invalid where the day is before the last move of the merged record or the first of the successor, or after
    today."""
    days = [moves.last_day(two.history[two.merged.id]), two.history[two.successor.id][0].happened_on]
    earliest = max(day for day in days if day is not None)
    today = await clock.today(session)
    if not earliest <= on <= today:
        say = Say(f"应在 {earliest} 与业务日 {today} 之间。", f"Between {earliest} and the business day {today}.")
        raise Invalid.field("/merged_on", "out_of_range", say)


async def _hand_over(of_merged: Line, of_successor: Line, two: _Pair, on: date, reason: str) -> None:
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
    of_successor.mark_moved(successor, of_successor.history, event_id)
    await of_successor.restate()
    if merged.landed_on is not None:
        # The landing now belongs to the successor: it no longer counts for the deals of the merged record's line, and
        # counts for those of the successor unless that has a landing of its own.
        for held in (of_merged, of_successor):
            await held.settle(event_id)
