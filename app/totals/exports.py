"""The exports of the rows behind the figures: each its list, walked to the end without summing it on every page."""

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.localized import Say, Word
from app.core.several import Several
from app.lists import export
from app.lists.export import COLUMNS, Language, Sheet
from app.lists.exports import pool_note, stages
from app.totals import awaiting, figure_rows, figures, funnel, funnel_rows, service
from app.totals.figures import Figure
from app.totals.filters import (
    AwaitingFilter,
    AwaitingRowsQuery,
    EntriesQuery,
    FigureFilter,
    FigureRowsQuery,
    PlannedFilter,
    PlannedRowsQuery,
    SigningsFilter,
    StartedFilter,
    StartedRowsQuery,
)
from app.totals.funnel_schemas import FunnelRowsFilter, FunnelRowsQuery


class EntryColumn(Word):
    """The columns of an export of ledger entries."""

    effective_on = "effective_on", "所属日", "effective on"
    kind = "kind", "类别", "kind"
    of_kind = "of_kind", "更正何类", "of kind"
    deal_code = "deal.code", "协议编号", "deal"
    deal_title = "deal.title", "协议", "title"
    project = "deal.project_name", "项目", "project"
    investor = "investor", "投资方", "investor"
    credit_code = "credit_code", "统一社会信用代码", "credit code"
    is_on_plan_list = "is_on_plan_list", "列入当年计划", "on the year's plan list"
    count_ = "count", "个数", "count"
    amount = "amount", "金额（元）", "amount (yuan)"
    landed = "landed", "当季落地", "landed in its quarter"
    unit = "unit", "单位", "unit"
    task_force = "task_force", "产业专班", "task force"
    industry = "industry", "行业", "industry"
    origin = "origin", "来源地", "origin"
    ownership = "ownership", "所有制", "ownership"
    size = "size", "规模", "size"
    recorded_at = "recorded_at", "记账时间", "recorded at"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class EntryExportQuery(SigningsFilter):
    columns: Several[EntryColumn] | None = Field(None, description=COLUMNS)


class FigureColumn(Word):
    """The columns of an export of the rows of a figure."""

    project_code = "project.code", "项目编号", "project code"
    project = "project.name", "项目", "project"
    day = "day", "计入日", "counted on"
    kind = "kind", "计入原因", "counted as"
    unit = "unit", "单位", "unit"
    task_force = "task_force", "产业专班", "task force"
    program = "program", "类别", "program"
    planned_total = "planned_total", "计划总投资（元）", "planned total (yuan)"
    planned_this_year = "planned_this_year", "当年计划（元）", "planned this year (yuan)"
    size = "size", "规模", "size"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class _FigureColumns(BaseModel):
    columns: Several[FigureColumn] | None = Field(None, description=COLUMNS)


class FigureExportQuery(FigureFilter, _FigureColumns):
    pass


class StartedExportQuery(StartedFilter, _FigureColumns):
    pass


class PlannedExportQuery(PlannedFilter, _FigureColumns):
    pass


AnyFigureQuery = FigureExportQuery | StartedExportQuery | PlannedExportQuery


class AwaitingColumn(Word):
    """The columns of an export of approved deals that are not at `signed`."""

    deal_code = "deal.code", "协议编号", "deal"
    deal_title = "deal.title", "协议", "title"
    project = "deal.project_name", "项目", "project"
    amount = "amount", "金额（元）", "amount (yuan)"
    unit = "unit", "单位", "unit"
    task_force = "task_force", "产业专班", "task force"
    program = "program", "类别", "program"
    size = "size", "规模", "size"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class AwaitingExportQuery(AwaitingFilter):
    columns: Several[AwaitingColumn] | None = Field(None, description=COLUMNS)


class FunnelColumn(Word):
    """The columns of an export of the rows of the funnel."""

    project_code = "project.code", "项目编号", "project code"
    project = "project.name", "项目", "project"
    stage = "stage", "阶段", "stage"
    entered_on = "entered_on", "进入日", "entered on"
    left_on = "left_on", "离开日", "left on"
    left_by = "left_by", "如何离开", "left by"
    days = "days", "天数", "days"
    signed_on = "signed_on", "签约日", "signed on"
    unit = "unit", "单位", "unit"
    task_force = "task_force", "产业专班", "task force"
    program = "program", "类别", "program"
    planned_total = "planned_total", "计划总投资（元）", "planned total (yuan)"
    is_illustrative = "is_illustrative", "示例数据", "made up"


class FunnelExportQuery(FunnelRowsFilter):
    columns: Several[FunnelColumn] | None = Field(None, description=COLUMNS)


async def entries(session: AsyncSession, actor: Actor, asked: EntryExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the entries that a total adds up, as known at a moment. Raises as the list does."""

    async def find(query: EntriesQuery) -> Any:
        return await service.entries_page(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("签约明细", "ledger entries"),
        asked=asked,
        columns=export.chosen(asked.columns, EntryColumn),
        special={},
        pages=export.walk(export.listed(EntriesQuery, asked), find),
        caliber=service.CALIBER,
        known_at=asked.known_at,
    )


_PAGES = 10
"""How many pages of a figure are read at once: each of them counts the whole figure."""
_ROWS: dict[Figure, type[FigureRowsQuery]] = {
    Figure.collective_start: FigureRowsQuery,
    Figure.started_or_resumed: StartedRowsQuery,
    Figure.planned_year: PlannedRowsQuery,
}


async def of_figure(
    figure: Figure,
    session: AsyncSession,
    actor: Actor,
    asked: AnyFigureQuery,
    language: Language,
) -> Sheet:
    """Returns the sheet of the projects that a figure adds up, as known at a moment. Raises as the list does."""

    async def find(query: FigureRowsQuery) -> Any:
        return await figure_rows.rows_page(session, actor, figure, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=figure.say,
        asked=asked,
        columns=export.chosen(asked.columns, FigureColumn),
        special={},
        pages=export.walk(export.listed(_ROWS[figure], asked, _PAGES), find),
        caliber=figures.CALIBERS[figure],
        known_at=asked.known_at,
    )


async def awaiting_signed(session: AsyncSession, actor: Actor, asked: AwaitingExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the approved deals whose project is not at `signed`, as known at a moment."""

    async def find(query: AwaitingRowsQuery) -> Any:
        return await figure_rows.awaiting_page(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("已审核待转签约", "approved, not yet at signed"),
        asked=asked,
        columns=export.chosen(asked.columns, AwaitingColumn),
        special={},
        pages=export.walk(export.listed(AwaitingRowsQuery, asked, _PAGES), find),
        caliber=awaiting.CALIBER,
        known_at=asked.known_at,
    )


async def funnel_number(session: AsyncSession, actor: Actor, asked: FunnelExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the rows behind a number of the funnel. Raises as the list does."""
    names = await stages(session)

    async def find(query: FunnelRowsQuery) -> Any:
        return await funnel_rows.rows_page(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say(f"转化漏斗：{asked.what.say.zh}", f"funnel: {asked.what.say.en}"),
        asked=asked,
        columns=export.chosen(asked.columns, FunnelColumn),
        special={"stage": lambda row: names[row.stage]},
        pages=export.walk(export.listed(FunnelRowsQuery, asked, _PAGES), find),
        caliber=funnel.CALIBER,
        notes=[pool_note(asked.pool)],
        known_at=asked.known_at,
    )
