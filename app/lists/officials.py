"""The list of officials, with what each leads now."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.accounts.acts import allowed, permitted
from app.core import clock
from app.core.actor import Actor
from app.core.localized import Word
from app.core.paging import Page
from app.core.several import Several
from app.five_ones import strokes
from app.five_ones.models import LeaderAssignment
from app.organizations import service as organizations
from app.organizations.schemas import OfficialQuery, OfficialRead
from app.projects import service as projects
from app.projects.models import Project, Status
from app.projects.stages import pipeline
from app.rights.others import OFFICIAL_ACTS, OfficialAct


class OfficialWith(Word):
    """What the list answers besides its page, each for one statement more."""

    row_count = "count", "行数", "number of rows"
    led = "led", "包保的项目", "projects led"


class OfficialListQuery(OfficialQuery):
    with_: Several[OfficialWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；led：包保的项目 / the number of rows; the projects each leads",
    )


class Led(BaseModel):
    """The active and paused leaves that an official leads now, of those that you see."""

    projects: int
    projects_url: str
    overdue: int
    overdue_url: str
    gaps: int = Field(description="五个一有缺口或超期的 / with a gap in the five ones, or overdue")
    gaps_url: str


class OfficialRow(OfficialRead):
    """A row of the list: the official, the acts that are open, and the projects led where they are asked for."""

    may: list[OfficialAct] = Field(description="你现在可以办理的 / the acts open to you")
    led: Led | None


async def find(session: AsyncSession, actor: Actor, query: OfficialListQuery) -> Page[OfficialRow]:
    """Returns a page of the officials, by name."""
    page = await organizations.find_officials(session, query)
    acts = permitted(actor, OFFICIAL_ACTS)
    led: dict[UUID, Led] | None = None
    if query.with_ is not None and OfficialWith.led in query.with_:
        led = await _led(session, actor, [official.id for official in page.items])
    return page.of(
        OfficialRow.model_construct(
            **dict(official), may=allowed(acts, official), led=None if led is None else led[official.id]
        )
        for official in page.items
    )


async def _led(session: AsyncSession, actor: Actor, official_ids: Sequence[UUID]) -> dict[UUID, Led]:
    """Returns what each official leads now, within the scope of the actor, in one statement."""
    today, table = await clock.today(session), await pipeline(session)
    flags = strokes.flags(Project, today, table)
    is_lacking = or_(strokes.is_lacking(Project, flags, table), flags.is_overdue)
    assignment = aliased(LeaderAssignment, name="assignment")
    query = (
        select(assignment.official_id, func.count(), _number(flags.is_overdue), _number(is_lacking))
        .join(Project, Project.id == assignment.project_id)
        .where(assignment.official_id.in_(official_ids), assignment.closed_on.is_(None))
        .where(projects.scope(actor), projects.is_leaf(), Project.status.in_([Status.active, Status.paused]))
        .group_by(assignment.official_id)
    )
    numbers = {official_id: counts for official_id, *counts in await session.execute(query)}
    return {official_id: _of(official_id, *numbers.get(official_id, (0, 0, 0))) for official_id in official_ids}


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _of(official_id: UUID, number: int, overdue: int, gaps: int) -> Led:
    leaves = {"leader_id": official_id, "is_leaf": "true"}
    return Led(
        projects=number,
        projects_url=f"/api/v1/projects?{urlencode(leaves)}&status=active,paused",
        overdue=overdue,
        overdue_url=f"/api/v1/projects?{urlencode(leaves)}&is_overdue=true",
        gaps=gaps,
        gaps_url=f"/api/v1/five-ones/gaps?{urlencode({'leader_id': official_id})}",
    )
