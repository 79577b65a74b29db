"""Facets of deals: how the deals of a filter fall into the values of a dimension, each value with its sum."""

from typing import Any

from sqlalchemy import case
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, scope_of
from app.deals.models import Deal, DealKind, DealStatus
from app.enterprises.models import Enterprise
from app.lists import deal_sums
from app.lists.deal_filter import DraftedBy, Reading, conditions
from app.lists.deal_schemas import DealFacet, DealFacetBy, DealFacetList, DealFacetQuery, DealFacets
from app.lists.facets import NO_TASK_FORCE, NO_UNIT, Dimension, values
from app.organizations.models import Unit
from app.projects.models import Project
from app.reference.models import Industry
from app.taskforces.models import TaskForce


def _drafted_by(reading: Reading) -> Any:
    return case((Deal.drafted_by == reading.actor.id, DraftedBy.me.value), else_=DraftedBy.others.value)


_DIMENSIONS = {
    DealFacetBy.status: Dimension("status", lambda _: Deal.status, DealStatus),
    DealFacetBy.kind: Dimension("kind", lambda _: Deal.kind, DealKind),
    DealFacetBy.unit: Dimension("own_unit_id", lambda _: Project.unit_id, Unit, NO_UNIT),
    DealFacetBy.task_force: Dimension("task_force_id", lambda _: Project.task_force_id, TaskForce, NO_TASK_FORCE),
    DealFacetBy.industry: Dimension("industry_code", lambda _: Project.industry_code, Industry),
    DealFacetBy.investor: Dimension("investor_id", lambda _: Deal.investor_id, Enterprise),
    DealFacetBy.drafted_by: Dimension("drafted_by", _drafted_by, DraftedBy),
}


async def facets(session: AsyncSession, actor: Actor, query: DealFacetQuery) -> DealFacets:
    """Returns each dimension asked for, in a statement or two."""
    reading = await Reading.of(session, actor, query)
    return DealFacets(
        today=reading.today,
        scope=scope_of(actor),
        facets={by: await _facet(session, query, reading, _DIMENSIONS[by]) for by in query.by},
    )


async def _facet(session: AsyncSession, asked: DealFacetQuery, reading: Reading, dimension: Dimension) -> DealFacetList:
    where = conditions(asked, reading, without=dimension.filter if asked.ignore_own else None)
    by_key: dict[Any, list[Any]] = {}
    for row in await session.execute(deal_sums.grouped(where, dimension.key(reading).label("key"))):
        by_key.setdefault(row.key, []).append(row)
    numbers = {key: sum(row.n for row in rows) for key, rows in by_key.items()}
    items = []
    for key, value in await values(session, dimension, numbers):
        total, left_out = deal_sums.read(by_key[key])
        items.append(DealFacet(**value.model_dump(), sum=total, left_out=left_out))
    return DealFacetList(filter=dimension.filter, items=items, is_whole=len(items) == len(by_key))
