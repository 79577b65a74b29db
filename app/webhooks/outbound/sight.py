"""What an endpoint may be told of: what its owner sees at that moment, of projects, deals and leads those
of its unit and below if it has one; what all staff see, such as enterprises, is of no unit."""

import dataclasses
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors
from app.construction.models import StartBatch
from app.core import clock
from app.core.actor import Actor, Permission
from app.core.db import Database
from app.deals import service as deals
from app.deals.models import Deal
from app.enterprises.models import Enterprise
from app.leads import service as leads
from app.leads.models import Lead
from app.organizations import service as organizations
from app.organizations.models import Unit
from app.projects import service as projects
from app.projects.models import Project
from app.taskforces.models import TaskForce


async def of(database: Database, owner_id: UUID, unit_id: UUID | None) -> Actor | None:
    """None where the owner may read no business, or keep no endpoint, any more."""
    owner = await actors.standing(database, owner_id)
    if owner is None or not {Permission.read, Permission.keep_endpoints} <= owner.permissions:
        return None
    if unit_id is None:
        return owner
    async with database.reading() as session:
        below = frozenset(await session.scalars(organizations.subtree(unit_id, await clock.today(session))))
    unit_ids = below if owner.unit_ids is None else below & owner.unit_ids
    return dataclasses.replace(owner, unit_ids=unit_ids, task_force_ids=frozenset(), official_id=None)


_FOR_ALL: dict[str, Any] = {
    "enterprise": Enterprise,
    "unit": Unit,
    "task_force": TaskForce,
    "start_batch": StartBatch,
}
"""Seen by all staff."""


def _seen(actor: Actor, kind: str, ids: list[UUID]) -> Select[UUID]:
    if kind == "project":
        return projects.visible_to(actor).where(Project.id.in_(ids))
    if kind == "deal":
        return deals.visible_to(actor).where(Deal.id.in_(ids))
    if kind == "lead":
        return select(Lead.id).where(leads.scope(actor), Lead.id.in_(ids))
    return select(_FOR_ALL[kind].id).where(_FOR_ALL[kind].id.in_(ids))


async def within(session: AsyncSession, actor: Actor, objects: Iterable[tuple[str, UUID]]) -> set[tuple[str, UUID]]:
    """Those of the objects that are seen."""
    by_kind: dict[str, list[UUID]] = {}
    for kind, object_id in objects:
        by_kind.setdefault(kind, []).append(object_id)
    return {
        (kind, seen) for kind, ids in by_kind.items() for seen in await session.scalars(_seen(actor, kind, sorted(ids)))
    }
