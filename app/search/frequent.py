"""Words that very many records have, such as 项目: all hits of one are read and sorted before the first page is shown.

For such a word a list walks its order instead and looks at the names of each row, until the page is full. Which words
they are PostgreSQL knows from its statistics; how many records of a kind a word finds is then counted once in a while.
"""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, cast, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.remembered import Remembered
from app.search import index
from app.search.keys import Needle
from app.search.models import SearchEntry

SHARE = 0.02
"""Of all entries: the grams of rarer words find few rows, and fast."""
NUMEROUS = 3_000
"""Records found; to walk past those that are not found takes less time from here on."""
_SECONDS = 600.0

_STATISTICS: Select[*tuple[Any, ...]] = (
    select(cast(column("most_common_elems"), String).label("grams"), column("most_common_elem_freqs").label("shares"))
    .select_from(table("pg_stats"))
    .where(
        column("schemaname") == func.current_schema(),
        column("tablename") == SearchEntry.__tablename__,
        column("attname") == SearchEntry.grams.key,
    )
)
_GRAMS: Remembered[tuple[float, frozenset[int]]] = Remembered(100)
_NUMEROUS: Remembered[tuple[float, bool]] = Remembered()


async def is_numerous(session: AsyncSession, kind: str, needles: Sequence[Needle]) -> bool:
    """Returns whether one of the needles finds very many records of a kind; never on SQLite, which has no
    statistics."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    place = session.get_bind().engine.url
    common = await _common(session, place)
    frequent = [needle for needle in needles if common.issuperset(needle.grams)]
    if not frequent:
        return False
    key = (place, kind, tuple(needle.text for needle in needles))
    kept = _NUMEROUS.find(key)
    if kept is None or kept[0] < time.monotonic() - _SECONDS:
        found = index.found_ids(kind, needles).limit(NUMEROUS).subquery()
        count = await session.scalar(select(func.count()).select_from(found))
        kept = _NUMEROUS.keep(key, (time.monotonic(), count == NUMEROUS))
    return kept[1]


async def _common(session: AsyncSession, place: Any) -> frozenset[int]:
    """Returns the grams that more than `SHARE` of the entries have."""
    kept = _GRAMS.find(place)
    if kept is None or kept[0] < time.monotonic() - _SECONDS:
        row = (await session.execute(_STATISTICS)).one_or_none()
        common = frozenset[int]()
        if row is not None and row.grams is not None:
            grams = [int(gram) for gram in row.grams.strip("{}").split(",")]
            common = frozenset(gram for gram, share in zip(grams, row.shares, strict=False) if share > SHARE)
        kept = _GRAMS.keep(place, (time.monotonic(), common))
    return kept[1]
