"""The order of knowledge: one sequence of transaction times (`recorded_at`) for all countable facts.

A transaction takes `recorded_at` under a lock on the one row of `knowledge_head`, held until it ends. So facts become
visible in the order of their `recorded_at`, and a total as known at an earlier head never changes. Lock order:
idempotency claim, enterprise, project (parent before phase), deal, head.
"""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock, context
from app.core.db import Base


class KnowledgeHead(Base):
    """One row, seeded by migration with 1949-10-01T00:00:00Z."""

    __tablename__ = "knowledge_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]


async def take(session: AsyncSession) -> datetime:
    """Returns the `recorded_at` of all facts of this transaction: max(now, head + 1 µs). Take it last of all locks."""
    moment = context.RECORDED_AT.get(session)
    if moment is None:
        head = (await session.scalars(select(KnowledgeHead.recorded_at).with_for_update())).one()
        moment = max(clock.now(session), head + timedelta(microseconds=1))
        await session.execute(update(KnowledgeHead).values(recorded_at=moment))
        context.RECORDED_AT.set(session, moment)
    return moment


async def known_at(session: AsyncSession, asked: datetime | None) -> datetime:
    """Returns the moment that an answer states: the head in its snapshot, or the earlier moment asked for."""
    head = context.HEAD.get(session)
    if head is None:
        head = (await session.scalars(select(KnowledgeHead.recorded_at))).one()
        if not context.IS_WRITING.get(session):
            context.HEAD.set(session, head)
    return head if asked is None else min(asked, head)
