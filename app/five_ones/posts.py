"""Adds and ends posts, and logs an event on each project whose leader is in post on other days than before.

A leader without a post is a gap of the project: webhook receivers and readers of its timeline learn it from that event.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.events import service as events
from app.events.service import RecordEvent
from app.five_ones.models import LeaderAssignment
from app.organizations import posts as office_posts
from app.organizations import service as organizations
from app.organizations.models import Post
from app.organizations.schemas import OfficialRead, PostCreate, PostEnd

_DAY = timedelta(days=1)
Days = tuple[date, date | None]
"""First and last day, both included; no last day means still open."""


async def add(session: AsyncSession, actor: Actor, official_id: UUID, body: PostCreate) -> OfficialRead:
    """Adds a post. Raises what `organizations.posts.add` raises."""
    before = await _posts(session, official_id)
    official = await office_posts.add(session, actor, official_id, body)
    await _note_changes(session, actor, official_id, before)
    return official


async def end(
    session: AsyncSession, actor: Actor, official_id: UUID, post_id: UUID, version: int, body: PostEnd
) -> OfficialRead:
    """Ends a term. Raises what `organizations.posts.end` raises."""
    before = await _posts(session, official_id)
    official = await office_posts.end(session, actor, official_id, post_id, version, body)
    await _note_changes(session, actor, official_id, before)
    return official


async def _posts(session: AsyncSession, official_id: UUID) -> list[Days]:
    """Locks the official and returns the terms: until the commit nobody appoints this leader or changes a term."""
    await organizations.hold_official(session, official_id)
    rows = await session.execute(
        select(Post.started_on, Post.ended_on).where(Post.official_id == official_id).order_by(Post.started_on, Post.id)
    )
    return [(row.started_on, row.ended_on) for row in rows]


async def _note_changes(session: AsyncSession, actor: Actor, official_id: UUID, before: Sequence[Days]) -> None:
    """Logs an event on each project whose days without a leader in post changed, in a fixed number of statements."""
    after = await _posts(session, official_id)
    assignments = await session.execute(
        select(LeaderAssignment.project_id, LeaderAssignment.opened_on, LeaderAssignment.closed_on)
        .where(LeaderAssignment.official_id == official_id)
        .order_by(LeaderAssignment.project_id, LeaderAssignment.opened_on, LeaderAssignment.id)
    )
    gaps_of: dict[UUID, tuple[list[Days], list[Days]]] = {}
    for row in assignments:
        was, now = gaps_of.setdefault(row.project_id, ([], []))
        was += out_of_post(before, row.opened_on, row.closed_on)
        now += out_of_post(after, row.opened_on, row.closed_on)
    notes = [_note(official_id, project_id, now) for project_id, (was, now) in gaps_of.items() if was != now]
    await events.note_each(session, actor, "project", notes)


def _note(official_id: UUID, project_id: UUID, gaps: Sequence[Days]) -> RecordEvent:
    data: dict[str, Any] = {"official_id": official_id, "out_of_post": [list(days) for days in gaps]}
    return "five_ones.leader_out_of_post" if gaps else "five_ones.leader_in_post", project_id, data


def out_of_post(posts: Sequence[Days], opened_on: date, closed_on: date | None) -> list[Days]:
    """Returns the days from `opened_on` to `closed_on` on which none of the posts was held. `posts` are in order of
    their first days."""
    gaps: list[Days] = []
    day = opened_on
    for started_on, ended_on in posts:
        if closed_on is not None and started_on > closed_on:
            break
        if started_on > day:
            gaps.append((day, started_on - _DAY))
        if ended_on is None:
            return gaps
        day = max(day, ended_on + _DAY)
    if closed_on is None or day <= closed_on:
        gaps.append((day, closed_on))
    return gaps
