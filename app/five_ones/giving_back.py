"""Returns leader, team and plans of a withdrawn phase to the parent it took them over from, with all later changes.

The copies made when the phase was added, and all rows of a phase that did not continue its parent, stay on the
withdrawn record, closed.
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
    """Restores leader, team and plan of the parent, which is a leaf again, as if the phase had never been added.

    `added_by` is the event that added the phase; what is still open on the phase closes `on`. Call it while
    `continues_parent` of the phase still says whether it continued its parent.
    """
    for model in (LeaderAssignment, Team):
        await _give_back(session, model, parent, phase, added_by, on)
    if phase.continues_parent:
        await _give_plans_back(session, parent, phase, added_by)
    for project in (phase, parent):
        await _reset_members(session, project.id)


async def close(session: AsyncSession, phase: Project, on: date) -> None:
    """Closes the open leader and team of a withdrawn phase whose parent remains a parent."""
    for model in (LeaderAssignment, Team):
        for row in await _rows(session, model, phase.id):
            _close(row, on)
    await session.flush()
    await _reset_members(session, phase.id)


async def extend(session: AsyncSession, parent: Project, until: date) -> None:
    """Extends the last leader and team of a parent to `until`, the day before its first phase in force."""
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
    # Adding the phase closed the parent's row: it is open again, or ended when its copy was handed over.
    ended_on = copy.closed_on if copy is not None else None
    for row in rows:
        if row not in later:
            _close(row, on)
    await session.flush()  # else the unique constraint would refuse two open rows
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


async def _reset_members(session: AsyncSession, project_id: UUID) -> None:
    """Sets the members of a project to its open leader and team."""
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
