"""What prevents a merge of two projects. The dry run shows it, and the merge is refused with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.localized import Say, in_one_sentence
from app.deals.models import Deal, DealKind, DealStatus
from app.pipeline import deal_and_stage
from app.pipeline.schemas import MergeItem, item
from app.projects import moves, successors
from app.projects import service as projects
from app.projects.models import Program, Project, Status
from app.projects.moves import Move
from app.projects.refusals import Judged
from app.projects.stages import SIGNED, pipeline


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
class Pair:
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


async def load_pair(session: AsyncSession, actor: Actor, merged: Project, successor: Project) -> Pair:
    for project in (merged, successor):
        if project.merged_into_id is not None:
            project.successor = await successors.find(session, project.id, projects.scope(actor))
    owners = {merged.id, merged.line_id, successor.id, successor.line_id}
    query = select(Deal).where(Deal.project_id.in_(owners), Deal.status.in_([DealStatus.live, DealStatus.draft]))
    deals = (await session.scalars(query.order_by(Deal.id))).all()
    return Pair(merged, successor, deals, await moves.history(session, [merged.id, successor.id]))


class Party(Judged, Protocol):
    """One of the two projects of a merge."""

    @property
    def code(self) -> str: ...


def _conflicts_of(project: Party) -> list[MergeItem]:
    """Returns what keeps a project out of every merge."""
    conflicts = []
    if project.is_parent:
        zh, en = f"{project.code} 已分期，请以各期并入。", f"{project.code} has phases: merge its leaves."
        conflicts.append(item("project_is_parent", zh, en))
    if project.status in (Status.terminated, Status.merged):
        where = successors.say(project.successor) if project.status is Status.merged else Say("", "")
        zh = f"{project.code} 已{project.status.say.zh}，不参与并入。{where.zh}"
        en = f"{project.code} is {project.status.say.en} and takes no part. {where.en}".strip()
        conflicts.append(item("project_ended", zh, en))
    return conflicts


def refusal(project: Party) -> MergeRefused | None:
    """Returns the refusal of a merge of this project into any other."""
    conflicts = _conflicts_of(project)
    return MergeRefused.of(conflicts) if conflicts else None


async def find_conflicts(session: AsyncSession, two: Pair) -> list[MergeItem]:
    """Returns everything that prevents the merge, each with its remedy."""
    merged, successor = two.merged, two.successor
    if merged.id == successor.id:
        return [item("itself", "不能并入自身。", "A project is not merged into itself.")]
    conflicts = _conflicts_of(merged) + _conflicts_of(successor)
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


async def _breaches_beside(session: AsyncSession, two: Pair) -> list[MergeItem]:
    """Returns what is wrong already with other projects of both lines: a merge requires whole lines to be right."""
    lines, pair = {two.merged.line_id, two.successor.line_id}, {two.merged.id, two.successor.id}
    beside = select(Project).where(Project.line_id.in_(lines)).order_by(Project.code)
    breaches = await deal_and_stage.breaches(session, (await session.scalars(beside)).all())
    return [item("deal_and_stage", say.zh, say.en) for project, say in breaches if project.id not in pair]


async def _deal_conflicts(session: AsyncSession, two: Pair) -> list[MergeItem]:
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
