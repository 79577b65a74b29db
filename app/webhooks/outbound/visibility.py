"""What an endpoint may be told of: what its owner sees at that moment; of projects, deals and leads only those of the
endpoint's unit and below, if it has one. What all staff see, such as enterprises, belongs to no unit."""

import dataclasses
from uuid import UUID

from app.accounts import actors
from app.core import clock
from app.core.actor import Actor, Permission
from app.core.db import Database
from app.organizations import service as organizations


async def owner_as_actor(database: Database, owner_id: UUID, unit_id: UUID | None) -> Actor | None:
    """Returns the owner of an endpoint, confined to its unit if it has one; None where the owner may read no business,
    or keep no endpoint, any more."""
    owner = await actors.absent_user(database, owner_id)
    if owner is None or not {Permission.read, Permission.keep_endpoints} <= owner.permissions:
        return None
    if unit_id is None:
        return owner
    async with database.reading() as session:
        below = frozenset(await session.scalars(organizations.subtree(unit_id, await clock.today(session))))
    unit_ids = below if owner.unit_ids is None else below & owner.unit_ids
    return dataclasses.replace(owner, unit_ids=unit_ids, task_force_ids=frozenset(), official_id=None)
