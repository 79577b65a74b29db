"""Visibility of an endpoint: what its owner sees at the time; of projects, deals and leads only those of the endpoint's
unit and below, if it has one. Objects that all staff see, such as enterprises, belong to no unit."""

import dataclasses
from uuid import UUID

from app.accounts import actors
from app.core import clock
from app.core.actor import Actor, Permission
from app.core.db import Database
from app.organizations import service as organizations


async def owner_as_actor(database: Database, owner_id: UUID, unit_id: UUID | None) -> Actor | None:
    """Returns the owner of an endpoint as an actor, limited to the endpoint's unit if it has one. None where the owner
    may no longer read business or keep endpoints."""
    owner = await actors.absent_user(database, owner_id)
    if owner is None or not {Permission.read, Permission.keep_endpoints} <= owner.permissions:
        return None
    if unit_id is None:
        return owner
    async with database.reading() as session:
        subtree = frozenset(await session.scalars(organizations.subtree(unit_id, await clock.today(session))))
    unit_ids = subtree if owner.unit_ids is None else subtree & owner.unit_ids
    return dataclasses.replace(owner, unit_ids=unit_ids, task_force_ids=frozenset(), official_id=None)
