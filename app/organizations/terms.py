"""Terms in which an official holds one post: they do not overlap."""

from datetime import date
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.errors import Conflict
from app.core.localized import Say
from app.core.name_key import normalized
from app.organizations.models import Post


async def refuse_overlap(
    session: AsyncSession,
    post: Post | None,
    pointer: str,
    *,
    official_id: UUID,
    unit_id: UUID,
    title: str,
    started_on: date,
    ended_on: date | None,
) -> None:
    """Raises Conflict naming `pointer` where the official holds the same post in another term that overlaps this one.

    Posts are the same where unit and normalized title are equal. `post` is the one whose term is checked, None for a
    new one. The caller has locked the official.
    """
    overlaps = and_(
        Post.started_on <= (ended_on or date.max), or_(Post.ended_on.is_(None), Post.ended_on >= started_on)
    )
    others = select(Post).where(Post.official_id == official_id, Post.unit_id == unit_id, overlaps)
    for other in await session.scalars(others.order_by(Post.started_on, Post.id)):
        if other is not post and normalized(other.title) == normalized(title):
            until = Say("至今", "today") if other.ended_on is None else Say(f"至 {other.ended_on}", str(other.ended_on))
            say = Say(
                f"此人任“{other.title}”已登记（{other.started_on} {until.zh}）；同一职务的任期不能重叠，请核对起止日。",
                f"The post {other.title} is on record from {other.started_on} to {until.en}; terms of one post do not "
                "overlap. Check the days on which they start and end.",
            )
            raise Conflict(say, code="post_overlaps", fields=[(pointer, "post_overlaps", say)])
