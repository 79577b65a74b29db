"""Facets of leads: how those of a filter fall into the values of a dimension."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor, scope_of
from app.core.localized import Say
from app.enterprises.models import Enterprise
from app.leads import service as leads
from app.leads.models import Lead, LeadStatus
from app.lists.facets import NO_TASK_FORCE, NO_UNIT, Dimension, Overdue, values
from app.lists.lead_filter import Reading, RunningClock, conditions, running_clock
from app.lists.lead_schemas import LeadFacetBy, LeadFacetList, LeadFacetQuery, LeadFacets
from app.organizations.models import Official, Unit
from app.projects.models import Program
from app.reference.models import Industry
from app.referrers.models import Channel, Referrer
from app.taskforces.models import TaskForce


def _column(column: Any) -> Callable[[Any], Any]:
    return lambda _: column


_NO_HANDLER = Say("未指定经办人", "nobody named")
_NO_CLOCK, _NO_REFERRER = Say("没有未结时限", "no open clock"), Say("无引荐方", "no referrer")
_DIMENSIONS = {
    LeadFacetBy.status: Dimension("status", _column(Lead.status), LeadStatus),
    LeadFacetBy.channel: Dimension("channel", _column(Lead.channel), Channel),
    LeadFacetBy.program: Dimension("program", _column(Lead.program), Program),
    LeadFacetBy.unit: Dimension("own_unit_id", _column(Lead.unit_id), Unit, NO_UNIT),
    LeadFacetBy.first_unit: Dimension("own_first_unit_id", _column(Lead.first_unit_id), Unit),
    LeadFacetBy.task_force: Dimension("task_force_id", _column(Lead.task_force_id), TaskForce, NO_TASK_FORCE),
    LeadFacetBy.industry: Dimension("industry_code", _column(Lead.industry_code), Industry),
    LeadFacetBy.investor: Dimension("investor_id", _column(Lead.investor_id), Enterprise),
    LeadFacetBy.referrer: Dimension("referrer_id", _column(Lead.referrer_id), Referrer, _NO_REFERRER),
    LeadFacetBy.handler: Dimension("handler_id", _column(Lead.handler_id), Official, _NO_HANDLER),
    LeadFacetBy.clock: Dimension("clock", lambda _: running_clock(), RunningClock, _NO_CLOCK),
    LeadFacetBy.is_overdue: Dimension(
        "is_overdue", lambda reading: case((leads.is_overdue(reading.today), "true"), else_="false"), Overdue
    ),
}


async def find(session: AsyncSession, actor: Actor, query: LeadFacetQuery) -> LeadFacets:
    """Returns each dimension asked for, in two statements at most."""
    reading = await Reading.of(session, actor, query)
    return LeadFacets(
        today=reading.today,
        scope=scope_of(actor),
        facets={by: await _facet(session, query, reading, _DIMENSIONS[by]) for by in query.by},
    )


async def _facet(session: AsyncSession, asked: LeadFacetQuery, reading: Reading, dimension: Dimension) -> LeadFacetList:
    where = conditions(asked, reading, without=dimension.filter if asked.ignore_own else None)
    key = dimension.key(reading).label("key")
    inner = select(key).where(*where).subquery()
    rows = await session.execute(select(inner.c.key, func.count().label("n")).group_by(inner.c.key))
    numbers = {row.key: row.n for row in rows}
    items = [value for _, value in await values(session, dimension, numbers)]
    return LeadFacetList(filter=dimension.filter, items=items, is_whole=len(items) == len(numbers))
