"""Which right a request wants before anything else is looked at. Verbs ask for further rights of their own."""

from app.core.actor import Actor, Permission

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

_WANTS: dict[str, Permission | None] = {
    "create_unit": Permission.edit_organizations,
    "update_unit": Permission.edit_organizations,
    "set_unit_parent": Permission.edit_organizations,
    "create_official": Permission.edit_organizations,
    "update_official": Permission.edit_organizations,
    "add_post": Permission.edit_organizations,
    "end_post": Permission.edit_organizations,
    "create_task_force": Permission.edit_organizations,
    "update_task_force": Permission.edit_organizations,
    "set_task_force_target": Permission.edit_organizations,
    "set_stage": Permission.edit_stages,
    "set_lead_clock": Permission.edit_stages,
    "set_calendar": Permission.edit_calendar,
    "check_duplicates": None,
}
"""By operation, where it is not the right to write: None where a POST only asks."""


def wanted(method: str, operation: str) -> Permission | None:
    return None if method in _READS else _WANTS.get(operation, Permission.write)


def require(actor: Actor, method: str, operation: str) -> None:
    """Raises Forbidden naming the right that is missing."""
    right = wanted(method, operation)
    if right is not None:
        actor.require(right)
