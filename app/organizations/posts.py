"""Adds and ends posts. The room `five_ones` logs what that means for the projects an official leads."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, Permission
from app.core.errors import Invalid
from app.core.localized import Say
from app.core.records import locked, one, plain
from app.events import service as events
from app.organizations import service as organizations
from app.organizations import terms
from app.organizations.models import Official, Post
from app.organizations.schemas import OfficialRead, PostCreate, PostEnd
from app.organizations.service import OFFICIAL, POST


async def add(session: AsyncSession, actor: Actor, official_id: UUID, body: PostCreate) -> OfficialRead:
    """Adds a term. Raises Forbidden, NotFound, Invalid, or Conflict where it overlaps another of the same post."""
    actor.require(Permission.edit_organizations)
    official = await locked(session, select(Official).where(Official.id == official_id), None, OFFICIAL)
    event_id = await events.note(session, actor, "official.post_added", "official", official.id, plain(body))
    await organizations.enter_post(session, official_id, body, event_id, "")
    await session.flush()
    return await organizations.get_official(session, official_id)


async def end(
    session: AsyncSession, actor: Actor, official_id: UUID, post_id: UUID, version: int, body: PostEnd
) -> OfficialRead:
    """Ends a term, or corrects the day it ended. Every project the official leads has a gap from the next day; that
    blocks nothing."""
    actor.require(Permission.edit_organizations)
    official = await locked(session, select(Official).where(Official.id == official_id), version, OFFICIAL)
    post = await one(session, select(Post).where(Post.id == post_id, Post.official_id == official_id), POST)
    if body.ended_on < post.started_on:
        raise Invalid.field(
            "/ended_on", "before_start", Say("离任日不能早于到任日。", "A post cannot end before it starts.")
        )
    if post.ended_on is not None and body.ended_on > post.ended_on:
        added_from = post.ended_on + timedelta(days=1)
        await terms.refuse_overlap(
            session,
            post,
            "/ended_on",
            official_id=official_id,
            unit_id=post.unit_id,
            title=post.title,
            started_on=added_from,
            ended_on=body.ended_on,
        )
    data = {"post_id": plain(post_id), "changes": {"ended_on": [plain(post.ended_on), plain(body.ended_on)]}}
    post.ended_on = body.ended_on
    await events.record(session, actor, "official.post_ended", official, data)
    return await organizations.get_official(session, official_id)
