"""The export of the ledger entries behind a total of signings."""

from typing import Any

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.localized import Say, Word
from app.core.several import Several
from app.lists import export
from app.lists.export import COLUMNS, Language, Sheet
from app.totals import service
from app.totals.filters import EntriesQuery, SigningsFilter


class EntryColumn(Word):
    """The columns of an export of ledger entries."""

    effective_on = "effective_on", "所属日", "effective on"
    kind = "kind", "类别", "kind"
    of_kind = "of_kind", "更正何类", "of kind"
    deal_code = "deal.code", "协议编号", "deal"
    deal_title = "deal.title", "协议", "title"
    project = "deal.project_name", "项目", "project"
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


async def entries(session: AsyncSession, actor: Actor, asked: EntryExportQuery, language: Language) -> Sheet:
    """Returns the sheet of the entries that a total adds up, as known at a moment. Raises as the list does."""

    async def find(query: EntriesQuery) -> Any:
        return await service.entries(session, actor, query)

    return await export.sheet(
        session,
        actor,
        language,
        what=Say("签约明细", "ledger entries"),
        asked=asked,
        columns=export.chosen(asked.columns, EntryColumn),
        special={},
        pages=export.walk(export.listed(EntriesQuery, asked), find),
        known_at=asked.known_at,
    )
