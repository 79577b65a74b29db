"""Which right a request wants before anything else is looked at. Verbs ask for further rights of their own."""

from app.core.actor import Actor, Permission
from app.core.errors import Forbidden
from app.core.say import Say

_READS = frozenset({"GET", "HEAD", "OPTIONS"})

_WANTS: dict[str, Permission] = {
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
}
"""By operation, where it is not the right to write."""

_FOR_ALL = frozenset({"get_me"})
"""What whoever signed in may ask, in whatever role or none."""


def wanted(method: str, operation: str) -> Permission | None:
    return None if method in _READS else _WANTS.get(operation, Permission.write)


def require(actor: Actor, method: str, operation: str) -> None:
    """Raises Forbidden naming the right that is missing, or where nobody has given the actor a role yet."""
    if not actor.roles and operation not in _FOR_ALL:
        say = Say("账号还没有角色，请管理员授予。", "The account has no role yet; ask an administrator to grant one.")
        raise Forbidden(say, code="no_role")
    right = wanted(method, operation)
    if right is not None:
        actor.require(right)
