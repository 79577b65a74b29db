"""The exports of lists: each its list, walked to the end."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.localized import Say
from app.five_ones import milestones
from app.five_ones import service as five_ones
from app.five_ones.models import Stroke
from app.five_ones.schemas import GapQuery, MilestoneQuery
from app.lists import deals as deal_list
from app.lists import export
from app.lists import leads as lead_list
from app.lists import projects as project_list
from app.lists.deal_schemas import DealQuery
from app.lists.export import Language, Read, Sheet
from app.lists.export_schemas import (
    DealColumn,
    DealExportQuery,
    GapColumn,
    GapExportQuery,
    LeadColumn,
    LeadExportQuery,
    MilestoneColumn,
    MilestoneExportQuery,
    ProjectColumn,
    ProjectExportQuery,
)
from app.lists.lead_schemas import LeadQuery
from app.lists.schemas import ProjectQuery
from app.projects.models import Pool
from app.projects.stages import pipeline

_POOLS = Say("招商引资与重点建设都列出，两者金额不可相加", "both; the amounts of the two are never added up")


def pool_note(pool: Pool | None) -> tuple[Say, object]:
    """Returns the note that says of which pool the rows are."""
    return Say("类别口径", "pool"), _POOLS if pool is None else pool


async def stages(session: AsyncSession) -> Mapping[str | None, Say]:
    """Returns the names of the stages by their codes."""
    return {stage.code: Say(stage.name_zh, stage.name_en) for stage in (await pipeline(session)).stages}


def _stroke(stroke: Stroke) -> Read:
    return lambda row: row.five_ones[stroke]


_STROKES = {f"five_ones.{stroke.value}": _stroke(stroke) for stroke in Stroke}


async def projects(session: AsyncSession, actor: Actor, asked: ProjectExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the projects of a filter. Raises as the list does."""
    names = await stages(session)
    special: dict[str, Read] = {
        **_STROKES,
        "stage": lambda row: names[row.stage],
        "next_stage": lambda row: names.get(row.next_stage),
    }

    async def find(query: ProjectQuery) -> Any:
        return await project_list.find(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("项目", "projects"),
        asked=asked,
        columns=export.chosen(asked.columns, ProjectColumn),
        special=special,
        pages=export.walk(export.listed(ProjectQuery, asked), find),
        notes=[pool_note(asked.pool)],
    )


async def leads(session: AsyncSession, actor: Actor, asked: LeadExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the leads of a filter."""

    async def find(query: LeadQuery) -> Any:
        return await lead_list.find(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("线索", "leads"),
        asked=asked,
        columns=export.chosen(asked.columns, LeadColumn),
        special={},
        pages=export.walk(export.listed(LeadQuery, asked), find),
    )


async def deals(session: AsyncSession, actor: Actor, asked: DealExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the deals of a filter."""

    async def find(query: DealQuery) -> Any:
        return await deal_list.find(session, actor, query)

    def missing(row: Any) -> str:
        return "；".join(language.pick(gate) for gate in row.gates_missing or [])

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("签约", "deals"),
        asked=asked,
        columns=export.chosen(asked.columns, DealColumn),
        special={"gates_missing": missing, "drafted_by": lambda row: row.drafted_by_name or row.drafted_by},
        pages=export.walk(export.listed(DealQuery, asked), find),
    )


async def gaps(session: AsyncSession, actor: Actor, asked: GapExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the leaves that lack one of the five."""
    names = await stages(session)

    async def find(query: GapQuery) -> Any:
        return await five_ones.gaps(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("五个一缺口", "gaps of the five ones"),
        asked=asked,
        columns=export.chosen(asked.columns, GapColumn),
        special={"stage": lambda row: names[row.stage]},
        pages=export.walk(export.listed(GapQuery, asked), find),
    )


async def open_milestones(
    session: AsyncSession, actor: Actor, asked: MilestoneExportQuery, language: Language
) -> Sheet:
    """Returns the sheet of the open milestones of a filter."""
    names = await stages(session)

    async def find(query: MilestoneQuery) -> Any:
        return await milestones.find(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("未完成的里程碑", "open milestones"),
        asked=asked,
        columns=export.chosen(asked.columns, MilestoneColumn),
        special={"stage": lambda row: names[row.stage], "leads_to": lambda row: names.get(row.leads_to)},
        pages=export.walk(export.listed(MilestoneQuery, asked), find),
    )
