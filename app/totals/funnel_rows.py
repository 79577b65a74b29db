"""The rows behind each number of the funnel: stays, projects at a stage now, and the projects of a cohort."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, paging, refs
from app.core.actor import Actor, scope_of
from app.core.errors import Invalid
from app.core.localized import Say
from app.projects import service as projects
from app.projects.models import Project, ProjectPlacement
from app.projects.stages import SIGNED, pipeline
from app.totals import cohorts, funnel, stays
from app.totals.figure_rows import REFERENCES, project_columns, project_of
from app.totals.filters import Asked, within
from app.totals.funnel_schemas import FunnelRow, FunnelRows, FunnelRowsQuery, FunnelSum, FunnelWhat

_NOW = (FunnelWhat.present, FunnelWhat.overdue)
_COHORT = (FunnelWhat.signed, FunnelWhat.reached)
_EMPTY: dict[str, Any] = dict.fromkeys(("left_on", "left_by", "days", "signed_on", "planned_total"))


async def rows(session: AsyncSession, actor: Actor, query: FunnelRowsQuery) -> FunnelRows:
    """Returns the rows of a number. The cursor pins the known_at of the first page. Raises Invalid for a wrong stage,
    and for an earlier moment where the number is of now."""
    if query.what in _NOW and query.known_at is not None and query.cursor is None:
        say = Say("现有数只有现在的，不能按以前所知。", "What is there now has no earlier moment: leave it out.")
        raise Invalid.field("?known_at", "of_now", say)
    span = query.days()
    known_at = await knowledge.known_at(session, paging.pinned(query.cursor) or query.known_at)
    asked = Asked.of(query, span, known_at)
    positions = (await pipeline(session)).positions
    _check_stage(query, positions)
    if query.what in _NOW:
        items, next_cursor, total = await _present(session, actor, query, asked)
    elif query.what in _COHORT:
        items, next_cursor, total = await _cohort(session, actor, query, asked, positions)
    else:
        items, next_cursor, total = await _stays(session, actor, query, asked)
    return FunnelRows(
        items=items,
        next_cursor=next_cursor,
        count=paging.Count(value=total.count, capped=False),
        sum=total,
        scope=scope_of(actor),
        known_at=known_at,
        caliber=funnel.CALIBER,
    )


def _check_stage(query: FunnelRowsQuery, positions: dict[str, int]) -> None:
    if query.what is FunnelWhat.signed:
        if query.stage not in (None, SIGNED):
            say = Say("签约批次不按其他阶段取；请用 what=reached。", "A cohort is of `signed`; ask for what=reached.")
            raise Invalid.field("?stage", "not_of_cohort", say)
    elif query.stage is None:
        raise Invalid.field("?stage", "missing", Say("请填写阶段。", "Give the stage."))
    elif query.stage not in positions:
        say = Say("没有这个阶段，见 GET /api/v1/pipeline/stages。", "No such stage; see GET /api/v1/pipeline/stages.")
        raise Invalid.field("?stage", "unknown_stage", say)


_Part = tuple[list[FunnelRow], str | None, FunnelSum]


def _row(row: dict[str, Any], **more: Any) -> FunnelRow:
    return FunnelRow(**{**_EMPTY, **row, "project": project_of(row), **more})


async def _stays(session: AsyncSession, actor: Actor, query: FunnelRowsQuery, asked: Asked) -> _Part:
    """Returns a page of the stays by the name of their leaf."""
    facts = stays.stays_within(query.what, asked, within(query, asked.start, asked.end))
    of_stage = facts.c.to_stage == query.stage
    placed = and_(*stays.counted(facts, actor, asked, query.program))
    listed = (
        select(
            facts.c.leaf_id,
            facts.c.number,
            facts.c.to_stage.label("stage"),
            facts.c.entered_on,
            facts.c.left_on,
            facts.c.left_by,
            ProjectPlacement.unit_id,
            ProjectPlacement.task_force_id,
            ProjectPlacement.program,
            Project.is_illustrative,
            *project_columns(actor),
        )
        .select_from(facts)
        .join(ProjectPlacement, placed)
        .join(Project, Project.id == facts.c.leaf_id)
        .where(of_stage)
    )
    order = paging.Order([Project.name_pinyin, facts.c.leaf_id, facts.c.number])
    name = f"funnel:{query.what.value}"
    part = await paging.pinned_rows(session, listed, order, query, name, asked.known_at, REFERENCES)
    leaf_ids = [row["leaf_id"] for row in part.rows]
    paused = await stays.paused(session, asked, leaf_ids)
    number = select(func.count()).select_from(facts).join(ProjectPlacement, placed).where(of_stage)
    count = (await session.scalars(number)).one()
    items = [_row(row, days=stays.days_stayed(row, paused)) for row in part.rows]
    return items, part.next_cursor, FunnelSum(count=count, amount=None, without_amount=None)


async def _present(session: AsyncSession, actor: Actor, query: FunnelRowsQuery, asked: Asked) -> _Part:
    """Returns a page of the projects at the stage now, by name."""
    today = await clock.today(session)
    conditions = [*funnel.present_conditions(actor, query, today), Project.stage == query.stage]
    if query.what is FunnelWhat.overdue:
        conditions.append(projects.is_overdue(today))
    listed = select(
        Project.stage,
        Project.stage_since.label("entered_on"),
        Project.paused_days,
        Project.unit_id,
        Project.task_force_id,
        Project.program,
        Project.planned_total,
        Project.is_illustrative,
        *project_columns(actor),
    ).where(*conditions)
    order = paging.Order([Project.name_pinyin, Project.id])
    name = f"funnel:{query.what.value}"
    part = await paging.pinned_rows(session, listed, order, query, name, asked.known_at, REFERENCES)
    sums = (await session.execute(select(*funnel.present_sums(today)).where(*conditions))).one()
    items = [_row(row, days=(today - row["entered_on"]).days - row["paused_days"]) for row in part.rows]
    return items, part.next_cursor, FunnelSum(count=sums.n, amount=sums.amount, without_amount=sums.without)


async def _cohort(
    session: AsyncSession, actor: Actor, query: FunnelRowsQuery, asked: Asked, positions: dict[str, int]
) -> _Part:
    """Returns a page of the projects of the cohort, or of those that reached a stage, by the day of signing."""
    days = within(query, asked.start, asked.end)
    stage = SIGNED if query.what is FunnelWhat.signed else query.stage
    assert stage is not None
    cohort = await cohorts.walks(session, actor, asked, query.program, days, positions)
    cohort = sorted((walk for walk in cohort if stage in walk.entries), key=_key)
    part, next_cursor = _page(cohort, query, asked)
    leaves = {row["project_id"]: row for row in await _projects(session, actor, part)}
    places = {row["id"]: row for row in await _places(session, part)}
    items = [
        _row(
            {**places[walk.placement_id], **leaves[walk.entries[SIGNED].leaf_id]},
            stage=stage,
            entered_on=walk.entries[stage].happened_on,
            signed_on=walk.signed_on,
            days=walk.days_to(stage),
        )
        for walk in part
    ]
    return items, next_cursor, FunnelSum(count=len(cohort), amount=None, without_amount=None)


def _key(walk: cohorts.Walk) -> tuple[date, Any]:
    return walk.signed_on, walk.entries[SIGNED].leaf_id


def _page(cohort: list[cohorts.Walk], query: FunnelRowsQuery, asked: Asked) -> tuple[list[cohorts.Walk], str | None]:
    """Returns the page of a list in memory: which entry is in force is known only once all are read."""
    name = f"funnel:{query.what.value}"
    filters = query.model_dump(mode="json", exclude={"limit", "cursor", "with_", "known_at"})
    if query.cursor is not None:
        after = tuple(paging.decode(name, filters, query.cursor, [date, UUID]))
        cohort = [walk for walk in cohort if _key(walk) > after]
    part = cohort[: query.limit]
    if len(cohort) <= query.limit:
        return part, None
    return part, paging.encode(name, filters, _key(part[-1]), clock.moment_text(asked.known_at))


async def _projects(session: AsyncSession, actor: Actor, part: list[cohorts.Walk]) -> list[Any]:
    ids = [walk.entries[SIGNED].leaf_id for walk in part]
    rows = select(*project_columns(actor), Project.is_illustrative).where(Project.id.in_(ids))
    return [row._mapping for row in await session.execute(rows)]


async def _places(session: AsyncSession, part: list[cohorts.Walk]) -> list[dict[str, Any]]:
    """Returns the placements on the days of signing, with the names of unit and task force."""
    placed = select(
        ProjectPlacement.id, ProjectPlacement.unit_id, ProjectPlacement.task_force_id, ProjectPlacement.program
    ).where(ProjectPlacement.id.in_([walk.placement_id for walk in part]))
    rows = await session.execute(refs.of_page(placed.subquery("placed"), REFERENCES))
    return [refs.named(row._asdict(), REFERENCES) for row in rows]
