"""Actors with the rights of a role, over the places given."""

from collections.abc import Iterable
from uuid import UUID

from app.accounts.roles import GRANTS, Reach, Role
from app.core.actor import Actor, ActorKind


def clerk(
    role: Role,
    *,
    units: Iterable[str] = (),
    task_forces: Iterable[str] = (),
    official: str | None = None,
    name: str | None = None,
) -> Actor:
    """Returns an actor of that role. Its id is `name`, by default the name of the role."""
    grant = GRANTS[role]
    sees_all = grant.reach is Reach.everything
    return Actor(
        name or role.value,
        f"示例{role.say.zh}",
        ActorKind.person,
        official_id=UUID(official) if official else None,
        permissions=grant.permissions,
        roles=frozenset({role}),
        unit_ids=None if sees_all else frozenset(UUID(unit) for unit in units),
        task_force_ids=frozenset(UUID(task_force) for task_force in task_forces),
    )
