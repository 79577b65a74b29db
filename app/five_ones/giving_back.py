"""What a phase that never was held of the five ones: what it took over from its parent goes back, with what came after.

The copies it was made with, and those of a phase that continued nothing, stay on the withdrawn record, closed.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.five_ones.models import LeaderAssignment, Plan, Team, TeamMember
from app.projects import members
from app.projects.models import Project


async def give_back(session: AsyncSession, parent: Project, phase: Project, added_by: UUID, on: date) -> None:
    """Let the parent, a leaf again, have its leader, team and plan as if the phase had not been.

    `added_by` is the event that added the phase; what is left open on the phase closes `on`. `continues_parent` of the
    phase still says whether it went on from its parent.
    """
    for model in (LeaderAssignment, Team):
        await _give_back(session, model, parent, phase, added_by, on)
    if phase.continues_parent:
        await _give_plans_back(session, parent, phase, added_by)
    for project in (phase, parent):
        await _keep_members(session, project.id)


async def close(session: AsyncSession, phase: Project, on: date) -> None:
    """Close what is open on a withdrawn phase while its parent stays one."""
    for model in (LeaderAssignment, Team):
        for row in await _rows(session, model, phase.id):
            _close(row, on)
    await session.flush()
    await _keep_members(session, phase.id)


async def extend(session: AsyncSession, parent: Project, until: date) -> None:
    """Let the last leader and team of a parent have gone on until the day before its first phase that stands."""
    for model in (LeaderAssignment, Team):
        for row in (await _rows(session, model, parent.id))[-1:]:
            row.closed_on = max(row.opened_on, until)
    await session.flush()


async def _rows(session: AsyncSession, model: Any, project_id: UUID) -> list[Any]:
    query = select(model).where(model.project_id == project_id).order_by(model.opened_on, model.id)
    return list(await session.scalars(query))


def _close(row: Any, on: date) -> None:
    if row.closed_on is None:
        row.closed_on = max(row.opened_on, on)


async def _give_back(
    session: AsyncSession, model: Any, parent: Project, phase: Project, added_by: UUID, on: date
) -> None:
    before, rows = await _rows(session, model, parent.id), await _rows(session, model, phase.id)
    copy = next((row for row in rows if row.event_id == added_by), None)
    later = [row for row in rows if row is not copy] if phase.continues_parent else []
    # What was open on the parent was closed by the phase; it goes on, or ended when its copy was handed over.
    ended_on = copy.closed_on if copy is not None else None
    for row in rows:
        if row not in later:
            _close(row, on)
    await session.flush()  # of two open at once the constraint would refuse one
    if before:
        before[-1].closed_on = ended_on
        if copy is not None and model is LeaderAssignment:
            before[-1].handover_note = copy.handover_note
    for row in later:
        row.project_id = parent.id
    await session.flush()


async def _give_plans_back(session: AsyncSession, parent: Project, phase: Project, added_by: UUID) -> None:
    number = await session.scalar(select(func.max(Plan.number)).where(Plan.project_id == parent.id)) or 0
    query = select(Plan).where(Plan.project_id == phase.id, Plan.event_id != added_by).order_by(Plan.number)
    for plan in list(await session.scalars(query)):
        number += 1
        plan.project_id, plan.number = parent.id, number
        await session.flush()


async def _keep_members(session: AsyncSession, project_id: UUID) -> None:
    """Let who works on a project be those of its open leader and team."""
    leader = select(LeaderAssignment.official_id).where(
        LeaderAssignment.project_id == project_id, LeaderAssignment.closed_on.is_(None)
    )
    await members.replace_leader(session, project_id, await session.scalar(leader))
    open_team = select(Team).where(Team.project_id == project_id, Team.closed_on.is_(None))
    team = (await session.scalars(open_team)).one_or_none()
    if team is None:
        await members.replace_team(session, project_id, None, set())
        return
    officials = await session.scalars(select(TeamMember.official_id).where(TeamMember.team_id == team.id))
    await members.replace_team(session, project_id, team.lead_unit_id, {team.leader_id, *officials})
