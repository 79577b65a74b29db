"""One plan: versions, milestones and their reports."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.errors import Conflict, Invalid, NotFound, refuse
from app.core.ids import new_id
from app.core.localized import Say
from app.core.records import plain
from app.events import service as events
from app.five_ones import due, order
from app.five_ones.models import Milestone, MilestoneReport, Plan
from app.five_ones.schemas import (
    MilestoneRead,
    MilestoneReportCreate,
    MilestoneSet,
    PlanDates,
    PlanPublish,
    PlanPublished,
    PlanRead,
)
from app.projects import refusals
from app.projects import service as projects
from app.projects.evidence import valid
from app.projects.models import Project
from app.projects.stages import pipeline

MILESTONE = Say("里程碑", "milestone")


async def _reports(session: AsyncSession, line_ids: Collection[UUID]) -> dict[UUID, tuple[Any, Any]]:
    """Returns (latest forecast, latest actual day) by milestone line. A line may begin in a parent's plan."""
    rows = await session.execute(
        select(MilestoneReport.line_id, MilestoneReport.forecast_on, MilestoneReport.actual_on)
        .where(MilestoneReport.line_id.in_(line_ids))
        .order_by(MilestoneReport.recorded_at, MilestoneReport.id)
    )
    latest: dict[UUID, tuple[Any, Any]] = {}
    for row in rows:
        forecast, actual = latest.get(row.line_id, (None, None))
        latest[row.line_id] = (row.forecast_on or forecast, row.actual_on or actual)
    return latest


async def versions(session: AsyncSession, project_id: UUID) -> list[PlanRead]:
    """Returns all versions, the current one first, in at most three statements besides the table of stages."""
    return await _read(session, select(Plan).where(Plan.project_id == project_id))


async def current(session: AsyncSession, project_id: UUID) -> PlanRead | None:
    """Returns the latest version, None where there is no plan, in at most three statements besides the table of
    stages."""
    plans = await _read(session, select(Plan).where(Plan.project_id == project_id).limit(1))
    return next(iter(plans), None)


async def _read(session: AsyncSession, query: Select[Plan]) -> list[PlanRead]:
    plans = (await session.scalars(query.order_by(Plan.number.desc()))).all()
    if not plans:
        return []
    rows = (
        await session.scalars(
            select(Milestone)
            .where(Milestone.plan_id.in_([plan.id for plan in plans]))
            .order_by(Milestone.planned_on, Milestone.position)
        )
    ).all()
    reports = await _reports(session, {row.line_id for row in rows})
    table, today = await pipeline(session), await clock.today(session)
    versions_read: list[PlanRead] = []
    for plan in plans:
        milestones = [
            MilestoneRead(
                id=row.id,
                line_id=row.line_id,
                name=row.name,
                leads_to=row.leads_to,
                planned_on=row.planned_on,
                forecast_on=reports.get(row.line_id, (None, None))[0],
                actual_on=reports.get(row.line_id, (None, None))[1],
            )
            for row in rows
            if row.plan_id == plan.id
        ]
        values = {name: getattr(plan, name) for name in PlanRead.model_fields if name not in ("milestones", "warnings")}
        warnings = order.warnings(table, milestones, today) if not versions_read else []
        versions_read.append(PlanRead(**values, milestones=milestones, warnings=warnings))
    return versions_read


def plan_dates(plans: list[PlanRead], stages: list[str]) -> list[PlanDates]:
    """Returns original days from the first version and current days from the latest, for the stages that either
    names."""
    if not plans:
        return []
    current, first = plans[0], plans[-1]

    def leading_to(plan: PlanRead, stage: str) -> MilestoneRead | None:
        return next((m for m in plan.milestones if m.leads_to == stage), None)

    dates = []
    for stage in stages:
        now, then = leading_to(current, stage), leading_to(first, stage)
        if now or then:
            dates.append(
                PlanDates(
                    stage=stage,
                    original_on=then.planned_on if then else None,
                    current_on=now.planned_on if now else None,
                    forecast_on=now.forecast_on if now else None,
                    actual_on=now.actual_on if now else None,
                )
            )
    return dates


def _line(body: MilestoneSet, index: int, before: PlanRead | None, taken: set[UUID]) -> UUID:
    """Returns the line a milestone continues: the one it names, else that of the same stage in the previous version,
    else a new one."""
    earlier = before.milestones if before else []
    if body.continues is not None:
        line = next((m.line_id for m in earlier if body.continues in (m.id, m.line_id)), None)
        if line is None or line in taken:
            raise Invalid.field(
                f"/milestones/{index}/continues",
                "unknown_milestone",
                Say(
                    "上一版方案没有这个里程碑，或已被接续。",
                    "The version before has no such milestone, or it is taken.",
                ),
            )
        return line
    same = (m.line_id for m in earlier if body.leads_to is not None and m.leads_to == body.leads_to)
    return next((line for line in same if line not in taken), None) or new_id()


async def publish(
    session: AsyncSession,
    actor: Actor,
    project_id: UUID,
    version: int | None,
    body: PlanPublish,
    *,
    is_illustrative: bool = False,
) -> PlanPublished:
    """Publishes the next version. Earlier versions stay; milestones that continue keep their reports.

    `version` is None where the caller has not read the project and runs this within its own transaction.
    """
    project = await projects.lock(session, actor, project_id, version)
    refuse(refusals.leaf_in_force(project))
    before = await current(session, project_id)
    if before is not None and body.reason is None:
        raise Invalid.field(
            "/reason", "missing", Say("调整方案须写明理由。", "A further version says why it was made.")
        )
    await _require_order(session, body)
    event_id = await events.record(
        session, actor, "five_ones.plan_published", project, plain(body), project_id=project_id
    )
    number = before.number + 1 if before is not None else 1
    await write_plan(session, project, number, body, before, event_id, is_illustrative=is_illustrative)
    await due.refresh(session, [project_id])
    published = await current(session, project_id)
    assert published is not None
    return PlanPublished(**dict(published), project_version=project.version)


async def _require_order(session: AsyncSession, body: PlanPublish) -> None:
    """Raises Invalid where a milestone is planned before that of an earlier stage."""
    dated = [(milestone.leads_to, milestone.planned_on) for milestone in body.milestones]
    misplaced = order.disorder(order.stage_days(await pipeline(session), dated))
    if misplaced is not None:
        late, early = (body.milestones[stage_day.place] for stage_day in misplaced)
        raise Invalid.field(
            f"/milestones/{misplaced[0].place}/planned_on",
            "before_earlier_stage",
            Say(
                f"“{late.name}”不能早于前一阶段“{early.name}”的 {early.planned_on}。",
                f"{late.name} cannot be planned before {early.planned_on}, the day of the earlier {early.name}.",
            ),
        )


async def write_plan(
    session: AsyncSession,
    project: Project,
    number: int,
    body: PlanPublish,
    before: PlanRead | None,
    event_id: UUID,
    *,
    is_illustrative: bool,
) -> None:
    table = await pipeline(session)
    plan = Plan(
        project_id=project.id,
        number=number,
        title=body.title,
        reason=body.reason,
        published_on=await clock.today(session),
        is_illustrative=is_illustrative,
        event_id=event_id,
    )
    session.add(plan)
    await session.flush()
    taken: set[UUID] = set()
    stages: set[str] = set()
    for index, milestone in enumerate(body.milestones):
        stage = milestone.leads_to
        if stage is not None and (stage not in table or not table.stage(stage).applies_to(project.program)):
            raise Invalid.field(
                f"/milestones/{index}/leads_to",
                "unknown_stage",
                Say(
                    "本项目没有这个阶段，见 GET /api/v1/pipeline/stages。",
                    "This project walks no such stage.",
                ),
            )
        if stage is not None and stage in stages:
            raise Invalid.field(
                f"/milestones/{index}/leads_to",
                "repeated_value",
                Say("每个阶段只设一个里程碑。", "One milestone leads to a stage."),
            )
        if stage is not None:
            stages.add(stage)
        line_id = _line(milestone, index, before, taken)
        taken.add(line_id)
        session.add(
            Milestone(
                plan_id=plan.id,
                line_id=line_id,
                position=index,
                name=milestone.name,
                leads_to=stage,
                planned_on=milestone.planned_on,
            )
        )
    await session.flush()


async def report(
    session: AsyncSession, actor: Actor, project_id: UUID, milestone_id: UUID, body: MilestoneReportCreate
) -> MilestoneRead:
    """Reports a forecast or the actual day, with what proves it. The report is a row beneath the project, whose version
    stays."""
    project = await projects.lock(session, actor, project_id, None, reports=True)
    refuse(refusals.leaf_in_force(project))
    plan = await current(session, project_id)
    milestone = next((m for m in plan.milestones if m.id == milestone_id), None) if plan else None
    if milestone is None:
        raise NotFound.of(MILESTONE)
    await _check_report(session, project, body)
    today = await clock.today(session)
    data = {"milestone": milestone.name, **body.model_dump(mode="json", exclude_none=True)}
    event_id = await events.note(
        session, actor, "five_ones.milestone_reported", "project", project_id, data, project_id=project_id
    )
    session.add(
        MilestoneReport(
            project_id=project_id,
            milestone_id=milestone_id,
            line_id=milestone.line_id,
            on=today,
            recorded_at=clock.now(session),
            event_id=event_id,
            **body.model_dump(),
        )
    )
    await session.flush()
    await due.touched(session, project_id, today)
    updated_plan = await current(session, project_id)
    assert updated_plan is not None
    return next(m for m in updated_plan.milestones if m.id == milestone_id)


async def _check_report(session: AsyncSession, project: Project, body: MilestoneReportCreate) -> None:
    if (body.forecast_on is None) == (body.actual_on is None):
        raise Invalid.field(
            "/actual_on",
            "forecast_or_actual",
            Say("预测日和实际日填且只填一个。", "Give the forecast or the actual day, one of the two."),
        )
    today = await clock.today(session)
    if body.forecast_on is not None and body.forecast_on < today:
        raise Invalid.field(
            "/forecast_on",
            "past_day",
            Say(
                f"预测日不能早于业务日 {today}；已完成的请填实际日。",
                f"Not before the business day {today}; report what has been reached by its actual day.",
            ),
        )
    clock.refuse_after(body.actual_on, today, "/actual_on")
    if body.actual_on is not None and body.evidence_id is None and body.note is None:
        raise Invalid.field(
            "/evidence_id",
            "missing",
            Say(
                "实际日须指明依据，或在说明中写明。",
                "The actual day names its evidence or a note saying what proves it.",
            ),
        )
    if body.evidence_id is not None:
        evidence_ids = {row.id for row in await valid(session, [project.id, project.line_id])}
        if body.evidence_id not in evidence_ids:
            raise Conflict(
                Say("本项目没有这条依据，或已作废。", "This project has no such evidence, or it is void."),
                code="unknown_evidence",
            )
