from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.localized import Word
from app.core.several import Several
from app.core.text import SearchText
from app.search.keys import Match


class Kind(Word):
    """What is searched."""

    project = "project", "项目", "project"
    enterprise = "enterprise", "企业", "enterprise"
    lead = "lead", "线索", "lead"
    deal = "deal", "签约", "deal"
    official = "official", "领导干部", "official"
    unit = "unit", "单位", "unit"
    task_force = "task_force", "专班", "task force"


class SearchQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: SearchText = Field(
        description="名称、简称、统计用名、各类编号、投资方中的文字，或拼音、首字母；全半角、大小写、括号、空格不计 / "
        "part of a name or number, of the investor's name, or of their pinyin or initials, in any width and case"
    )
    types: Several[Kind] | None = Field(
        None, description="查哪几类，逗号分隔；默认全部 / kinds of records; default: all"
    )
    limit: int = Field(6, ge=1, le=20, description="每类最多几条 / the most of each kind")


class SearchHit(BaseModel):
    type: Kind
    id: UUID
    code: str | None = Field(
        description="编号，企业为信用代码或注册号 / of an enterprise its credit code or registration"
    )
    name: str
    note_zh: str | None = Field(description="单位、投资方、职务等 / unit, investor, post and the like")
    note_en: str | None
    stage: str | None
    status: str | None
    match: Match = Field(description="在哪一项里找到 / what of it was found")
    url_hint: str = Field(description="记录的地址，在 /api/v1 之下 / the address of the record, below /api/v1")


class SearchAnswer(BaseModel):
    items: list[SearchHit] = Field(
        description="整项相同的在先，其次开头相同，再次包含 / equal names and numbers first, then beginnings, parts"
    )
