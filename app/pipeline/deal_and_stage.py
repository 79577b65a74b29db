"""«Deal and stage»: the invariant between the stages of a line and its deals.

An active or paused leaf of program promotion or both, at `signed` or later, has exactly one live formal deal on its
line, signed no later than the leaf entered `signed`. A terminated or merged project has no live deal, and no deal of a
terminated project ended after it.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.core.localized import Say
from app.deals.models import Deal, DealKind, DealStatus
from app.projects import moves
from app.projects.models import Program, Project, Status
from app.projects.moves import Move
from app.projects.stages import SIGNED, Pipeline, pipeline


def needs_deal(project: Project, table: Pipeline) -> bool:
    """Returns whether the project must have a live formal deal on its line."""
    return (
        project.status in (Status.active, Status.paused)
        and project.program is not Program.construction
        and not project.is_parent
        and table.at_least(project.stage, SIGNED)
    )


def breach(project: Project, live: Sequence[Deal], entered_signed_on: date | None, table: Pipeline) -> Say | None:
    """Returns what is wrong with a project, and the remedy; None if nothing. `live`: its deals and its parent's."""
    if project.status in (Status.terminated, Status.merged) and any(deal.project_id == project.id for deal in live):
        return Say(
            f"{project.code} 已终止或并入，不能留有有效签约；请随项目终止签约。",
            f"{project.code} has ended: no live deal may hang on it; terminate the deal with the project.",
        )
    formal = [deal for deal in live if deal.kind is DealKind.formal]
    if len(formal) > 1:
        codes = ", ".join(sorted(deal.code for deal in formal))
        return Say(
            f"{project.code} 的总项目与分期不能同时有有效投资协议（{codes}）；请先终止或更正其中一份。",
            f"{project.code}: parent and phases cannot both have live formal deals ({codes}); end or correct one.",
        )
    if not needs_deal(project, table):
        return None
    if not formal:
        return Say(
            f"{project.code} 已在签约或以后阶段，须有一份有效投资协议；"
            "终止或更正签约时请写明项目去向（project）；撤销终止时可选 becomes=before_signed（开工前）。",
            f"{project.code} stands at `signed` or later and needs a live formal deal; say what becomes of it "
            "(project), or, before `started`, reinstate it with becomes=before_signed.",
        )
    signed_on = formal[0].signed_on
    if entered_signed_on is not None and signed_on is not None and signed_on > entered_signed_on:
        return Say(
            f"{project.code} 于 {entered_signed_on} 进入签约阶段，早于投资协议签约日 {signed_on}；"
            "请更正移动或签约的日期。",
            f"{project.code} entered `signed` on {entered_signed_on}, before its deal was signed on {signed_on}; "
            "correct the day of the move or of the deal.",
        )
    return None


def outlived(project: Project, ended: Sequence[Deal], history: Sequence[Move]) -> Say | None:
    """Returns the sentence about a deal that ended after its terminated project; None if there is none."""
    if project.status is not Status.terminated:
        return None
    last = moves.last_day(history)
    for deal in ended:
        if last is not None and deal.ended_on is not None and deal.ended_on > last:
            return Say(
                f"签约 {deal.code} 于 {deal.ended_on} 终止，晚于项目 {project.code} 的终止日 {last}；"
                "请改用不早于该日的日期，或先更正签约的终止日。",
                f"The deal {deal.code} ended on {deal.ended_on}, after its project {project.code} on {last}; "
                "give a day not before it, or correct the deal's first.",
            )
    return None


async def breaches(
    session: AsyncSession, projects: Sequence[Project], history: Mapping[UUID, Sequence[Move]] | None = None
) -> list[tuple[Project, Say]]:
    """Returns the projects that break the rule, each with what is wrong. The projects are whole lines.

    Runs a fixed number of statements, however many projects there are. `history` gives the moves by project, where the
    caller has read them.
    """
    table = await pipeline(session)
    ids = [project.id for project in projects]
    deals: dict[tuple[UUID, DealStatus], list[Deal]] = {}
    statuses = [DealStatus.live, DealStatus.terminated]
    for deal in await session.scalars(select(Deal).where(Deal.status.in_(statuses), Deal.project_id.in_(ids))):
        deals.setdefault((deal.project_id, deal.status), []).append(deal)
    if history is None:
        history = await moves.history(session, ids) if deals else {project_id: [] for project_id in ids}
    breached = []
    for project in projects:
        line = [project.id] if project.parent_id is None else [project.id, project.parent_id]
        live = [deal for owner in line for deal in deals.get((owner, DealStatus.live), [])]
        entered_on = moves.entries(history[project.id], table.positions).get(SIGNED)
        ended = deals.get((project.id, DealStatus.terminated), [])
        say = breach(project, live, entered_on, table) or outlived(project, ended, history[project.id])
        if say is not None:
            breached.append((project, say))
    return breached


async def require(
    session: AsyncSession, line_ids: Collection[UUID], unwritten: Mapping[UUID, Sequence[Move]] | None = None
) -> None:
    """Raises Conflict, naming the remedy, where one of these lines breaks the rule. `unwritten`: histories that differ
    from those on record, because the act is only tried."""
    lines = select(Project).where(Project.line_id.in_(line_ids)).order_by(Project.code)
    projects = (await session.scalars(lines)).all()
    history = None
    if unwritten is not None:
        history = {**await moves.history(session, [project.id for project in projects]), **unwritten}
    for _, say in await breaches(session, projects, history):
        raise Conflict(say, code="deal_and_stage")
