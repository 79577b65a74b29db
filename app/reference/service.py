from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Invalid
from app.core.localized import Say
from app.core.pinyin import syllables
from app.core.several import Absent
from app.reference.everyday_words import EVERYDAY_WORDS
from app.reference.models import Industry
from app.reference.schemas import IndustryRead, IndustryWord


def _words() -> dict[str, list[IndustryWord]]:
    words: dict[str, list[IndustryWord]] = {}
    for word in EVERYDAY_WORDS:
        for code in word.codes:
            words.setdefault(code, []).append(IndustryWord(zh=word.zh, en=word.en, pinyin=syllables(word.zh)))
    return words


_WORDS = _words()


async def industries(session: AsyncSession) -> list[IndustryRead]:
    rows = await session.execute(
        select(
            Industry.code,
            Industry.name_zh,
            Industry.name_en,
            Industry.level,
            Industry.parent_code,
            Industry.sector,
        ).order_by(Industry.code)
    )
    return [
        IndustryRead(**row._asdict(), pinyin=syllables(row.name_zh), words=_WORDS.get(row.code, [])) for row in rows
    ]


async def require_industries(session: AsyncSession, asked: Iterable[Any] | None, pointer: str) -> None:
    """Raises Invalid naming `pointer` where a code is not in the table. Words beside codes, as `none`, pass."""
    codes = {code for code in asked or () if code is not Absent.none}
    if not codes:
        return
    existing_codes = set(await session.scalars(select(Industry.code).where(Industry.code.in_(codes))))
    if missing := sorted(codes - existing_codes):
        listed = ", ".join(missing)
        raise Invalid.field(
            pointer,
            "unknown_industry",
            Say(
                f"行业代码 {listed} 不在 GB/T 4754-2017 表中，可用代码见 GET /api/v1/industries。",
                f"Industry {listed} is not in the GB/T 4754-2017 table; see GET /api/v1/industries.",
            ),
        )
