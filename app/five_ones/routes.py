from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.core import dated
from app.core.actor import CurrentActor
from app.core.db import SnapshotSession, WriteSession
from app.core.paging import ListQuery, Page
from app.core.routing import IfMatch, Router, problems
from app.five_ones import assignments, follow_ups, milestones, plans, posts, service
from app.five_ones.schemas import (
    FiveOnesRead,
    GapQuery,
    GapRow,
    LeaderAppoint,
    LeaderHandedOver,
    LeaderHandover,
    LeaderRead,
    MilestoneQuery,
    MilestoneRead,
    MilestoneReportCreate,
    MilestoneRow,
    OfficialProject,
    PlanPublish,
    PlanPublished,
    PlanRead,
    TeamRead,
    TeamReplaced,
    TeamSet,
)
from app.organizations.schemas import OfficialRead, PostCreate, PostEnd
from app.projects import service as projects
from app.projects.follow_ups import FollowUpCreate, FollowUpQuery, FollowUpRead

router = Router(tags=["五个一 five ones"])
official_posts = Router(tags=["单位与领导 organizations"])
"""Routes on posts stand here because this room logs their effect on the projects an official leads."""


@router.get("/projects/{project_id}/five-ones", summary="五个一是否齐全 The five ones, and what is missing")
async def get_five_ones(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> FiveOnesRead:
    return await service.get(session, actor, project_id)


@router.get("/milestones", summary="未完成的里程碑 Open milestones across projects")
async def list_milestones(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[MilestoneQuery, Query()]
) -> dated.Page[MilestoneRow]:
    return await milestones.find(session, actor, query)


@router.get("/five-ones/gaps", summary="五个一缺口 Leaves that lack one of the five")
async def list_five_ones_gaps(
    session: SnapshotSession, actor: CurrentActor, query: Annotated[GapQuery, Query()]
) -> dated.Page[GapRow]:
    return await service.gaps(session, actor, query)


@router.get("/officials/{official_id}/projects", summary="领导包保和参与的项目 What an official answers for")
async def list_official_projects(
    session: SnapshotSession, actor: CurrentActor, official_id: UUID, query: Annotated[ListQuery, Query()]
) -> Page[OfficialProject]:
    return await service.projects_of_official(session, actor, official_id, query)


@router.get("/projects/{project_id}/leaders", summary="历任包保领导 All leaders, latest first")
async def list_leaders(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> list[LeaderRead]:
    await projects.require_visible(session, actor, project_id)
    return await assignments.leaders_of(session, project_id)


@router.post("/projects/{project_id}/leaders", status_code=201, summary="确定包保领导 Appoint the first leader")
@problems("leader_already_open owner_decides project_ended project_is_parent")
async def appoint_leader(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: LeaderAppoint
) -> LeaderRead:
    return await assignments.appoint(session, actor, project_id, body)


@router.post("/projects/{project_id}/leader-handovers", status_code=201, summary="交接包保领导 Hand over")
@problems("no_leader owner_decides project_ended project_is_parent")
async def hand_over_leader(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: LeaderHandover,
) -> LeaderHandedOver:
    return await assignments.hand_over(session, actor, project_id, version, body)


@router.post("/projects/{project_id}/teams", status_code=201, summary="确定班子 Set the first team")
@problems("owner_decides project_ended project_is_parent team_already_open")
async def set_team(session: WriteSession, actor: CurrentActor, project_id: UUID, body: TeamSet) -> TeamRead:
    return await assignments.set_team(session, actor, project_id, body)


@router.post("/projects/{project_id}/team-replacements", status_code=201, summary="更换班子 Replace the team")
@problems("no_team owner_decides project_ended project_is_parent")
async def replace_team(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: TeamSet,
) -> TeamReplaced:
    return await assignments.replace_team(session, actor, project_id, version, body)


@router.get("/projects/{project_id}/plans", summary="方案各版本 All versions of the plan, current first")
async def list_plans(session: SnapshotSession, actor: CurrentActor, project_id: UUID) -> list[PlanRead]:
    await projects.require_visible(session, actor, project_id)
    return await plans.versions(session, project_id)


@router.post("/projects/{project_id}/plans", status_code=201, summary="发布方案 Publish a version of the plan")
@problems("owner_decides project_ended project_is_parent")
async def publish_plan(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    version: IfMatch,
    body: PlanPublish,
) -> PlanPublished:
    return await plans.publish(session, actor, project_id, version, body)


@router.post(
    "/projects/{project_id}/milestones/{milestone_id}/reports",
    status_code=201,
    summary="报告里程碑 Report a forecast or the actual day",
)
@problems("project_ended project_is_parent unknown_evidence")
async def report_milestone(
    session: WriteSession,
    actor: CurrentActor,
    project_id: UUID,
    milestone_id: UUID,
    body: MilestoneReportCreate,
) -> MilestoneRead:
    return await plans.report(session, actor, project_id, milestone_id, body)


@router.get("/projects/{project_id}/follow-ups", summary="跟进记录 Follow-ups, latest first")
async def list_follow_ups(
    session: SnapshotSession, actor: CurrentActor, project_id: UUID, query: Annotated[FollowUpQuery, Query()]
) -> Page[FollowUpRead]:
    return await follow_ups.find(session, actor, project_id, query)


@router.post("/projects/{project_id}/follow-ups", status_code=201, summary="登记跟进 Record a follow-up")
@problems("place_out_of_scope project_ended project_is_parent")
async def add_follow_up(
    session: WriteSession, actor: CurrentActor, project_id: UUID, body: FollowUpCreate
) -> FollowUpRead:
    return await follow_ups.add(session, actor, project_id, body)


@official_posts.post("/officials/{official_id}/posts", status_code=201, summary="登记任职 Add a post")
@problems("post_overlaps")
async def add_post(session: WriteSession, actor: CurrentActor, official_id: UUID, body: PostCreate) -> OfficialRead:
    return await posts.add(session, actor, official_id, body)


@official_posts.post("/officials/{official_id}/posts/{post_id}/end", summary="离任 End a post")
@problems("post_overlaps")
async def end_post(
    session: WriteSession,
    actor: CurrentActor,
    official_id: UUID,
    post_id: UUID,
    version: IfMatch,
    body: PostEnd,
) -> OfficialRead:
    return await posts.end(session, actor, official_id, post_id, version, body)
