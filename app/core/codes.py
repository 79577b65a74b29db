"""Codes for people (`P2023-00012`): one series for each letter and year; no code is used twice."""

from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.records import insert


class CodeCounter(Base):
    """The last number given in a series. Locked after projects and before `knowledge_head`."""

    __tablename__ = "code_counters"

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int]


async def one_at_a_time(session: AsyncSession, matter: str) -> None:
    """Holds a city-wide lock on `matter` until the transaction ends. Taken after codes, before `knowledge_head`."""
    await _take(session, f"#{matter}")


async def next_code(session: AsyncSession, letter: str, year: int) -> str:
    series = f"{letter}{year}"
    return f"{series}-{await _take(session, series):05d}"


async def _take(session: AsyncSession, series: str) -> int:
    """Returns the next number of a series, whose row stays locked until the transaction ends."""
    first = insert(session, CodeCounter).values(series=series, last=1)
    taken = first.on_conflict_do_update(
        index_elements=[CodeCounter.series], set_={"last": CodeCounter.last + 1}
    ).returning(CodeCounter.last)
    number: int = (await session.scalars(taken)).one()
    return number
