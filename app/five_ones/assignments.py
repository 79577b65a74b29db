"""One leader and one team: appointing, handing over, replacing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, refs
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, refuse
from app.core.localized import Say
from app.core.records import plain
from app.core.refs import Reference
from app.events import service as events
from app.five_ones.models import LEADER_OPEN, TEAM_OPEN, LeaderAssignment, Team, TeamMember
from app.five_ones.schemas import (
    LeaderAppoint,
    LeaderHandedOver,
    LeaderHandover,
    LeaderRead,
    TeamMemberRead,
    TeamRead,
    TeamReplaced,
    TeamSet,
)
from app.organizations import service as organizations
from app.organizations.models import Official, Post, Unit
from app.projects import members, moves, refusals
from app.projects import service as projects
from app.projects.models import Project


async def _day(session: AsyncSession, project: Project, asked: date | None, not_before: date | None) -> date:
    """Returns the day asked for, today by default. Raises Invalid where it is in the future, before the project's first
    day, or before the predecessor's."""
    today = await clock.today(session)
    day = asked or today
    clock.refuse_after(day, today, "/opened_on")
    first = await moves.first_day(session, project)
    if first is not None and day < first:
        raise Invalid.field(
            "/opened_on",
            "before_entry",
            Say(f"不能早于项目入库（分期）之日 {first}。", f"Not before {first}, the project's own first day."),
        )
    if not_before is not None and day < not_before:
        raise Invalid.field(
            "/opened_on",
            "before_predecessor",
            Say(f"不能早于前任的 {not_before}。", f"Not before the predecessor's {not_before}."),
        )
    return day


# The leader


async def _open_leader(session: AsyncSession, project_id: UUID) -> LeaderAssignment | None:
    return (
        await session.scalars(
            select(LeaderAssignment).where(
                LeaderAssignment.project_id == project_id, LeaderAssignment.closed_on.is_(None)
            )
        )
    ).one_or_none()


async def leader_of(session: AsyncSession, project_id: UUID) -> LeaderRead | None:
    """Returns the open assignment with whether its official holds a post today, None where none is open."""
    leaders = await leaders_of(session, project_id)
    return next((leader for leader in leaders if leader.closed_on is None), None)


async def leaders_of(session: AsyncSession, project_id: UUID) -> list[LeaderRead]:
    """Returns all assignments, latest first."""
    today = await clock.today(session)
    is_in_post = (
        select(Post.id).where(Post.official_id == LeaderAssignment.official_id, organizations.in_post(today)).exists()
    )
    columns = [
        getattr(LeaderAssignment, name)
        for name in LeaderRead.model_fields
        if name not in ("official_name", "is_in_post")
    ]
    rows = await session.execute(
        select(*columns, Official.name.label("official_name"), is_in_post.label("is_in_post"))
        .join(Official, Official.id == LeaderAssignment.official_id)
        .where(LeaderAssignment.project_id == project_id)
        .order_by(LeaderAssignment.opened_on.desc(), LeaderAssignment.id.desc())
    )
    return [LeaderRead.model_validate(row) for row in rows]


async def _last_closed(session: AsyncSession, model: Any, project_id: UUID) -> date | None:
    day: date | None = await session.scalar(select(func.max(model.closed_on)).where(model.project_id == project_id))
    return day


async def open_leader(
    session: AsyncSession,
    project: Project,
    body: LeaderAppoint,
    opened_on: date,
    event_id: UUID,
    *,
    is_illustrative: bool = False,
) -> None:
    session.add(
        LeaderAssignment(
            project_id=project.id,
            official_id=body.official_id,
            capacities=[capacity.value for capacity in body.capacities],
            opened_on=opened_on,
            is_illustrative=is_illustrative,
            event_id=event_id,
        )
    )
    await session.flush()
    await members.replace_leader(session, project.id, body.official_id)


async def appoint(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    body: LeaderAppoint,
    *,
    is_illustrative: bool = False,
) -> LeaderRead:
    """Appoints the first leader. Of two at once the unique constraint on open leaders refuses the second: 409."""
    project = await projects.lock(session, actor, project_id, None)
    refuse(refusals.leaf_in_force(project))
    if await _open_leader(session, project_id) is not None:
        raise Conflict(LEADER_OPEN, code="leader_already_open")
    day = await _day(session, project, body.opened_on, await _last_closed(session, LeaderAssignment, project_id))
    await organizations.require_in_post(session, body.official_id, day, "/official_id")
    event_id = await events.note(
        session,
        actor,
        "five_ones.leader_appointed",
        "project",
        project_id,
        plain(body),
        project_id=project_id,
    )
    await open_leader(session, project, body, day, event_id, is_illustrative=is_illustrative)
    leader = await leader_of(session, project_id)
    assert leader is not None
    return leader


async def hand_over(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: LeaderHandover
) -> LeaderHandedOver:
    """Closes the open assignment on the day before and opens the next, with a note of what is handed over."""
    project = await projects.lock(session, actor, project_id, version)
    refuse(refusals.leaf_in_force(project))
    leader = await _open_leader(session, project_id)
    if leader is None:
        raise Conflict(
            Say("项目还没有包保领导，请先确定。", "The project has no leader yet; appoint one."),
            code="no_leader",
        )
    if leader.official_id == body.official_id:
        raise Invalid.field("/official_id", "unchanged", Say("已由此人包保。", "This person leads it already."))
    day = await _day(session, project, body.opened_on, leader.opened_on)
    await organizations.require_in_post(session, body.official_id, day, "/official_id")
    leader.closed_on = max(leader.opened_on, day - timedelta(days=1))
    leader.handover_note = body.note
    data = {**plain(body), "before": plain(leader.official_id)}
    event_id = await events.record(session, actor, "five_ones.leader_handed_over", project, data, project_id=project_id)
    await open_leader(session, project, body, day, event_id)
    opened = await leader_of(session, project_id)
    assert opened is not None
    return LeaderHandedOver(**dict(opened), project_version=project.version)


# The team


_NAMES = [
    Reference("lead_unit", "lead_unit_id", Unit),
    Reference("leader", "leader_id", Official),
    Reference("contact", "contact_id", Official),
]
_COLUMNS = [getattr(Team, name) for name in ("id", *(one.key for one in _NAMES), "opened_on", "closed_on", "note")]
_TEAM = refs.joined(select(*_COLUMNS).where(Team.closed_on.is_(None)), Team.__table__.c, _NAMES)
_MEMBER = Reference("official", "official_id", Official)
_MEMBERS = (
    refs.joined(select(TeamMember.official_id, TeamMember.duty), TeamMember.__table__.c, [_MEMBER])
    .join(Official, Official.id == TeamMember.official_id)
    .order_by(Official.name_pinyin, Official.id)
)


async def team_of(session: AsyncSession, project_id: UUID) -> TeamRead | None:
    """Returns the open team with the names of its people, None where none is open."""
    team = (await session.execute(_TEAM.where(Team.project_id == project_id))).one_or_none()
    if team is None:
        return None
    rows = await session.execute(_MEMBERS.where(TeamMember.team_id == team.id))
    people = [TeamMemberRead(**member) for member in refs.all_named(rows, [_MEMBER])]
    return TeamRead(**refs.named(team, _NAMES), members=people)


async def _open_team(session: AsyncSession, project_id: UUID) -> Team | None:
    return (
        await session.scalars(select(Team).where(and_(Team.project_id == project_id, Team.closed_on.is_(None))))
    ).one_or_none()


async def _check_team(session: AsyncSession, body: TeamSet) -> None:
    officials = [member.official_id for member in body.members]
    if len(set(officials)) != len(officials):
        raise Invalid.field("/members", "repeated_value", Say("成员重复。", "A member is given twice."))
    if body.contact_id not in {*officials, body.leader_id}:
        raise Invalid.field(
            "/contact_id",
            "not_in_team",
            Say("联络人应是班子成员或组长。", "The contact is a member of the team or its leader."),
        )
    await organizations.require_officials(session, {*officials, body.leader_id}, "/members")
    await organizations.require_units(session, {body.lead_unit_id}, "/lead_unit_id")


async def open_team(
    session: AsyncSession,
    project: Project,
    body: TeamSet,
    opened_on: date,
    event_id: UUID,
    *,
    is_illustrative: bool = False,
) -> None:
    team = Team(
        project_id=project.id,
        lead_unit_id=body.lead_unit_id,
        leader_id=body.leader_id,
        contact_id=body.contact_id,
        opened_on=opened_on,
        note=body.note,
        is_illustrative=is_illustrative,
        event_id=event_id,
    )
    session.add(team)
    await session.flush()
    session.add_all(TeamMember(team_id=team.id, **member.model_dump()) for member in body.members)
    people = {body.leader_id, *(member.official_id for member in body.members)}
    await members.replace_team(session, project.id, body.lead_unit_id, people)


async def set_team(
    session: AsyncSession, actor: Actor, project_id: UUID, body: TeamSet, *, is_illustrative: bool = False
) -> TeamRead:
    """Sets the first team. Of two at once the unique constraint on open teams refuses the second: 409."""
    project = await projects.lock(session, actor, project_id, None)
    refuse(refusals.leaf_in_force(project))
    if await _open_team(session, project_id) is not None:
        raise Conflict(TEAM_OPEN, code="team_already_open")
    await _check_team(session, body)
    day = await _day(session, project, body.opened_on, await _last_closed(session, Team, project_id))
    event_id = await events.note(
        session, actor, "five_ones.team_set", "project", project_id, plain(body), project_id=project_id
    )
    await open_team(session, project, body, day, event_id, is_illustrative=is_illustrative)
    team = await team_of(session, project_id)
    assert team is not None
    return team


async def replace_team(
    session: AsyncSession, actor: Actor, project_id: UUID, version: int, body: TeamSet
) -> TeamReplaced:
    """Closes the open team on the day before and opens the next."""
    project = await projects.lock(session, actor, project_id, version)
    refuse(refusals.leaf_in_force(project))
    team = await _open_team(session, project_id)
    if team is None:
        raise Conflict(Say("项目还没有班子，请先确定。", "The project has no team yet; set one."), code="no_team")
    await _check_team(session, body)
    day = await _day(session, project, body.opened_on, team.opened_on)
    team.closed_on = max(team.opened_on, day - timedelta(days=1))
    data = {**plain(body), "before": plain(team.id)}
    event_id = await events.record(session, actor, "five_ones.team_replaced", project, data, project_id=project_id)
    await open_team(session, project, body, day, event_id)
    opened = await team_of(session, project_id)
    assert opened is not None
    return TeamReplaced(**dict(opened), project_version=project.version)


async def close_all(session: AsyncSession, project: Project, on: date) -> tuple[LeaderAssignment | None, Team | None]:
    """Closes the open leader and team of a project that becomes a parent or is merged, and takes their people off the
    project's members. Neither closes before the day it was opened. Returns both, None where none was open."""
    leader, team = await _open_leader(session, project.id), await _open_team(session, project.id)
    for row in (leader, team):
        if row is not None:
            row.closed_on = max(row.opened_on, on)
    await members.replace_leader(session, project.id, None)
    await members.replace_team(session, project.id, None, set())
    return leader, team
