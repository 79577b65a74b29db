"""What an account refuses to administrators: asked by the acts, and by the hints of a page.

Each function returns the refusal, or None where nothing prevents the act.
"""

from collections.abc import Collection
from uuid import UUID

from app.accounts.roles import ADMINISTRATORS, Role
from app.core.actor import Actor, ActorKind
from app.core.errors import Conflict, Forbidden
from app.core.localized import Say


def own_account(actor: Actor, user_id: UUID) -> Forbidden | None:
    """Returns the refusal to administrators who would change their own account."""
    if actor.id != str(user_id):
        return None
    say = Say("不能对自己的账号这样做；请由另一位管理员办理。", "Not on your own account; ask another administrator.")
    return Forbidden(say, code="own_account")


def of_administrator(actor: Actor, roles: Collection[Role]) -> Forbidden | None:
    """Returns the refusal of a reset over the network: whoever resets an administrator could become that one."""
    if actor.kind is ActorKind.system or not ADMINISTRATORS & set(roles):
        return None
    say = Say(
        "管理员的口令和动态口令只能在服务器上重置：five-ones user reset。",
        "An administrator's password and second factor are reset at the server alone: `five-ones user reset`.",
    )
    return Forbidden(say, code="administrator_reset")


def locked_already(*, is_locked: bool) -> Conflict | None:
    return Conflict(Say("账号已锁定。", "It is locked already."), code="unchanged") if is_locked else None


def without_second_factor(*, has_one: bool) -> Conflict | None:
    return None if has_one else Conflict(Say("没有启用动态口令。", "No second factor is set up."), code="unchanged")


def no_password() -> Conflict:
    say = Say("这个账号不用口令登录。", "This account does not sign in with a password.")
    return Conflict(say, code="no_password")


def integration_unbound(roles: Collection[Role]) -> Conflict | None:
    """Returns the refusal to bind an integration to single sign-on."""
    if Role.integration not in roles:
        return None
    say = Say("“系统对接”账号不登录，不能绑定。", "An integration does not sign in; it is not bound.")
    return Conflict(say, code="integration_bound")


def not_bound() -> Conflict:
    return Conflict(Say("没有绑定单点登录。", "It is not bound."), code="unchanged")


def nothing_to_release() -> Conflict:
    return Conflict(Say("没有待放行的口令。", "No password waits for release."), code="nothing_to_release")


def released_by_another(actor: Actor, user_id: UUID, reset_by: str | None) -> Forbidden | None:
    """Returns the refusal to whoever reset the password, and to its owner: they would know both parts."""
    if actor.id not in (reset_by, str(user_id)):
        return None
    return Forbidden(Say("须由另一人放行。", "Another person releases it."), code="reset_by_you")


def token_of_somebody_else(actor: Actor, user_id: UUID, roles: Collection[Role]) -> Forbidden | None:
    """Returns the refusal of a token of another person, with which its maker could act as that person."""
    if actor.id == str(user_id) or actor.kind is ActorKind.system or list(roles) == [Role.integration]:
        return None
    say = Say(
        "只能为“系统对接”账号签发令牌；其他人登录后自己签发。",
        "Tokens are made for integrations only; everybody else makes their own after signing in.",
    )
    return Forbidden(say, code="token_of_somebody_else")
