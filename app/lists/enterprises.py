"""The list of enterprises, with what of each the reader sees: projects, deals and the last contact."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.localized import Word
from app.core.money import Yuan
from app.core.paging import Page
from app.core.several import Several
from app.deals.models import Deal
from app.enterprises import service as enterprises
from app.enterprises.models import Enterprise
from app.enterprises.schemas import EnterpriseQuery, EnterpriseSummary
from app.lists.project_filter import own_deal
from app.projects import service as projects
from app.projects.follow_ups import FollowUp
from app.projects.models import Project
from app.rights import others
from app.rights.others import EnterpriseAct


class EnterpriseWith(Word):
    """What the list answers besides its page, each for one statement more."""

    row_count = "count", "行数", "number of rows"
    business = "business", "往来", "business"


class EnterpriseListQuery(EnterpriseQuery):
    with_: Several[EnterpriseWith] | None = Field(  # type: ignore[assignment]
        None,
        alias="with",
        description="count：行数，最多数到 10,000；business：项目、签约额和最近联系 / the number of rows; "
        "the projects, signed amount and last contact of each",
    )


class Business(BaseModel):
    """What an enterprise invests in, of what you see."""

    projects: int = Field(description="投资的项目，含分期 / projects and phases that it invests in")
    projects_url: str
    deals: int = Field(description="有效的投资协议 / live formal deals")
    signed_amount: Yuan = Field(description="现行协议额之和（元）/ in yuan")
    last_contact_on: date | None = Field(description="最近一次与投资方联系 / the last follow-up with the investor")


class EnterpriseRow(EnterpriseSummary):
    """A row of the list: the enterprise, the acts that are open, and its business where that is asked for."""

    may: list[EnterpriseAct] = Field(description="你现在可以办理的 / the acts open to you")
    business: Business | None


async def find(session: AsyncSession, actor: Actor, query: EnterpriseListQuery) -> Page[EnterpriseRow]:
    """Returns a page of the enterprises, by name."""
    page = await enterprises.find(session, query)
    business: dict[UUID, Business] | None = None
    if query.with_ is not None and EnterpriseWith.business in query.with_:
        business = await _business(session, actor, [row.id for row in page.items])
    rows = zip(page.items, others.of_enterprises(actor, page.items), strict=True)
    return page.of(
        EnterpriseRow.model_construct(**dict(row), may=may, business=None if business is None else business[row.id])
        for row, may in rows
    )


async def _business(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Business]:
    """Returns the business of each enterprise within the scope of the actor, in one statement."""
    visible = projects.scope(actor)
    deals = (
        select(Deal.investor_id, func.count().label("deals"), func.sum(Deal.agreed_amount).label("amount"))
        .join(Project, Project.id == Deal.project_id)
        .where(Deal.investor_id.in_(ids), own_deal(), visible)
        .group_by(Deal.investor_id)
        .subquery("signed")
    )
    owned = (
        select(
            Project.investor_id,
            func.count(Project.id.distinct()).label("projects"),
            func.max(FollowUp.on).label("last_contact_on"),
        )
        .outerjoin(FollowUp, (FollowUp.project_id == Project.id) & FollowUp.with_investor)
        .where(Project.investor_id.in_(ids), visible)
        .group_by(Project.investor_id)
        .subquery("owned")
    )
    query = (
        select(Enterprise.id, owned.c.projects, deals.c.deals, deals.c.amount, owned.c.last_contact_on)
        .outerjoin(owned, owned.c.investor_id == Enterprise.id)
        .outerjoin(deals, deals.c.investor_id == Enterprise.id)
        .where(Enterprise.id.in_(ids))
    )
    return {row.id: _of(row) for row in await session.execute(query)}


def _of(row: Any) -> Business:
    return Business(
        projects=row.projects or 0,
        projects_url="/api/v1/projects?" + urlencode({"investor_id": row.id}),
        deals=row.deals or 0,
        signed_amount=row.amount or Decimal(0),
        last_contact_on=row.last_contact_on,
    )
