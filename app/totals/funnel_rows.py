"""The rows behind each number of the funnel: stays, projects at a stage now, and the projects of a cohort."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, paging, refs
from app.core.actor import Actor, scope_of
from app.core.errors import Invalid
from app.core.localized import Say
from app.lists.project_filter import UNKNOWN_STAGE
from app.projects import as_of
from app.projects import service as projects
from app.projects.amounts import AmountKind
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
    """Returns the rows of a number, with what all of them add up to. Raises as `rows_page`."""
    number = await _number(session, actor, query)
    page = await number.page()
    total = await number.sum()
    return FunnelRows(
        items=page.items,
        next_cursor=page.next_cursor,
        count=paging.Count(value=total.count, capped=False),
        sum=total,
        pool=query.pool,
        program=None if query.program is None else str(query.program),
        scope=scope_of(actor),
        known_at=number.asked.known_at,
        caliber=funnel.CALIBER,
    )


async def rows_page(session: AsyncSession, actor: Actor, query: FunnelRowsQuery) -> paging.Page[FunnelRow]:
    """Returns the rows of a number. The cursor pins the known_at of the first page. Raises Invalid for a wrong stage,
    and for an earlier moment where the number is of now."""
    return await (await _number(session, actor, query)).page()


async def _number(session: AsyncSession, actor: Actor, query: FunnelRowsQuery) -> "_Number":
    if query.what in _NOW and query.known_at is not None and query.cursor is None:
        say = Say("现有数只有现在的，不能按以前所知。", "What is there now has no earlier moment: leave it out.")
        raise Invalid.field("?known_at", "of_now", say)
    asked = Asked(*query.days(), await query.moment(session), query)
    positions = (await pipeline(session)).positions
    _check_stage(query, positions)
    if query.what in _NOW:
        return _Present(session, actor, query, asked)
    if query.what not in _COHORT:
        return _Stays(session, actor, query, asked)
    days = within(query, asked.start, asked.end)
    walks = await cohorts.walks(session, actor, asked, query, days, positions)
    return _Cohort(session, actor, query, asked, walks)


def _check_stage(query: FunnelRowsQuery, positions: dict[str, int]) -> None:
    if query.what is FunnelWhat.signed:
        if query.stage not in (None, SIGNED):
            say = Say("签约批次不按其他阶段取；请用 what=reached。", "A cohort is of `signed`; ask for what=reached.")
            raise Invalid.field("?stage", "not_of_cohort", say)
    elif query.stage is None:
        raise Invalid.field("?stage", "missing", Say("请填写阶段。", "Give the stage."))
    elif query.stage not in positions:
        raise Invalid.field("?stage", "unknown_stage", UNKNOWN_STAGE)


class _Number:
    """A number of the funnel: a page of its rows, and what all of them add up to."""

    def __init__(self, session: AsyncSession, actor: Actor, query: FunnelRowsQuery, asked: Asked) -> None:
        self.session, self.actor, self.query, self.asked = session, actor, query, asked
        self.name = f"funnel:{query.what.value}"

    async def page(self) -> paging.Page[FunnelRow]:
        raise NotImplementedError

    async def sum(self) -> FunnelSum:
        raise NotImplementedError

    async def _planned_totals(self, leaf_ids: Sequence[UUID]) -> dict[UUID, Decimal | None]:
        """Returns the planned totals on the last day of the period, as known at the moment asked for."""
        facts = select(Project.id.label("project_id")).where(Project.id.in_(leaf_ids)).subquery("facts")
        amount = as_of.amount(facts, AmountKind.planned_total, self.asked.known_at, self.asked.end)
        rows = await self.session.execute(select(facts.c.project_id, amount))
        return {row[0]: row[1] for row in rows}

    async def _pinned(self, listed: Select[*tuple[Any, ...]], *keys: Any) -> paging.Slice:
        order = paging.Order([Project.name_pinyin, *keys])
        known_at = self.asked.known_at
        return await paging.pinned_rows(self.session, listed, order, self.query, self.name, known_at, REFERENCES)


class _Stays(_Number):
    """Stays that began or ended, by the name of their leaf."""

    @cached_property
    def _facts(self) -> tuple[Any, ColumnElement[bool]]:
        """Returns the stays of the stage, and how their placements are joined."""
        query, asked = self.query, self.asked
        facts = stays.stays_within(query.what, asked, within(query, asked.start, asked.end))
        placed = and_(facts.c.to_stage == query.stage, *stays.counted(facts, self.actor, asked, query))
        return facts, placed

    async def page(self) -> paging.Page[FunnelRow]:
        facts, placed = self._facts
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
                *project_columns(self.actor),
            )
            .select_from(facts)
            .join(ProjectPlacement, placed)
            .join(Project, Project.id == facts.c.leaf_id)
        )
        part = await self._pinned(listed, facts.c.leaf_id, facts.c.number)
        leaf_ids = [row["leaf_id"] for row in part.rows]
        paused = await stays.paused(self.session, self.asked, leaf_ids)
        amounts = await self._planned_totals(leaf_ids)
        items = [
            _row(row, days=stays.days_stayed(row, paused), planned_total=amounts[row["leaf_id"]]) for row in part.rows
        ]
        return paging.Page(items=items, next_cursor=part.next_cursor)

    async def sum(self) -> FunnelSum:
        facts, placed = self._facts
        number = select(func.count()).select_from(facts).join(ProjectPlacement, placed)
        return FunnelSum(count=(await self.session.scalars(number)).one(), amount=None, without_amount=None)


class _Present(_Number):
    """Projects at the stage now, by name."""

    async def _conditions(self) -> list[ColumnElement[bool]]:
        today = await clock.today(self.session)
        at_stage = [*funnel.present_conditions(self.actor, self.query, today), Project.stage == self.query.stage]
        return [*at_stage, projects.is_overdue(today)] if self.query.what is FunnelWhat.overdue else at_stage

    async def page(self) -> paging.Page[FunnelRow]:
        today = await clock.today(self.session)
        listed = select(
            Project.stage,
            Project.stage_since.label("entered_on"),
            Project.paused_days,
            Project.unit_id,
            Project.task_force_id,
            Project.program,
            Project.planned_total,
            Project.is_illustrative,
            *project_columns(self.actor),
        ).where(*await self._conditions())
        part = await self._pinned(listed, Project.id)
        items = [_row(row, days=(today - row["entered_on"]).days - row["paused_days"]) for row in part.rows]
        return paging.Page(items=items, next_cursor=part.next_cursor)

    async def sum(self) -> FunnelSum:
        sums = funnel.present_sums(await clock.today(self.session))
        found = (await self.session.execute(select(*sums).where(*await self._conditions()))).one()
        return FunnelSum(count=found.n, amount=found.amount, without_amount=found.without)


class _Cohort(_Number):
    """Projects of the cohort, or those of it that reached a stage, by the day of signing."""

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        query: FunnelRowsQuery,
        asked: Asked,
        walks: Iterable[cohorts.Walk],
    ) -> None:
        super().__init__(session, actor, query, asked)
        self.stage = query.stage or SIGNED
        self.walks = sorted((walk for walk in walks if self.stage in walk.entries), key=_key)

    async def page(self) -> paging.Page[FunnelRow]:
        part, next_cursor = self._cut()
        leaves = {row["project_id"]: row for row in await _projects(self.session, self.actor, part)}
        places = {row["id"]: row for row in await _places(self.session, part)}
        amounts = await self._planned_totals(list(leaves))
        items = [
            _row(
                {**places[walk.placement_id], **leaves[walk.entries[SIGNED].leaf_id]},
                stage=self.stage,
                entered_on=walk.entries[self.stage].happened_on,
                signed_on=walk.signed_on,
                days=walk.days_to(self.stage),
                planned_total=amounts[walk.entries[SIGNED].leaf_id],
            )
            for walk in part
        ]
        return paging.Page(items=items, next_cursor=next_cursor)

    def _cut(self) -> tuple[list[cohorts.Walk], str | None]:
        """Returns the page of a list in memory: which entry is in force is known only once all are read."""
        query, walks = self.query, self.walks
        filters = query.model_dump(mode="json", exclude={"limit", "cursor", "with_", "known_at"})
        if query.cursor is not None:
            after = tuple(paging.decode(self.name, filters, query.cursor, [date, UUID]))
            walks = [walk for walk in walks if _key(walk) > after]
        part = walks[: query.limit]
        if len(walks) <= query.limit:
            return part, None
        return part, paging.encode(self.name, filters, _key(part[-1]), clock.moment_text(self.asked.known_at))

    async def sum(self) -> FunnelSum:
        return FunnelSum(count=len(self.walks), amount=None, without_amount=None)


def _row(row: dict[str, Any], **more: Any) -> FunnelRow:
    return FunnelRow(**{**_EMPTY, **row, "project": project_of(row), **more})


def _key(walk: cohorts.Walk) -> tuple[date, Any]:
    return walk.signed_on, walk.entries[SIGNED].leaf_id


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
    return refs.all_named(rows, REFERENCES)
