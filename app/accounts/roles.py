"""What each role may see and do: one table for the code, `GET /api/v1/me` and the documentation.

Rules: the three administrators who exclude each other come from 等保 2.0; the other rights are our default [R].
"""

from collections.abc import Collection
from dataclasses import dataclass

from app.core.actor import Permission
from app.core.errors import Invalid
from app.core.localized import Say, Word


class Reach(Word):
    """The scope of a role: which projects, deals and leads it sees, with the records beneath them."""

    everything = "everything", "全市", "the whole city"
    subtree = "subtree", "本单位及下级", "one's own unit and all below it"
    unit = "unit", "本单位承接或牵头的项目", "projects one's own unit is in charge of or leads the team of"
    task_forces = "task_forces", "所属专班的项目", "projects of one's task forces"
    nothing = "nothing", "不看业务数据", "no business records"


class Role(Word):
    leader = "leader", "市领导", "city leader"
    bureau = "bureau", "招商局", "the bureau"
    district = "district", "县区/开发区", "district or zone"
    task_force = "task_force", "专班", "task force"
    department = "department", "部门", "department"
    integration = "integration", "系统对接", "integration"
    system_admin = "system_admin", "系统管理员", "system administrator"
    security_admin = "security_admin", "安全管理员", "security administrator"
    auditor = "auditor", "审计员", "auditor"


@dataclass(frozen=True, slots=True)
class Grant:
    """Scope and rights of a role. A member of a five-ones team sees its project in any role."""

    reach: Reach
    permissions: frozenset[Permission]
    is_clerk: bool = False
    """One person may hold several clerk roles. Every other role is held alone: a leader sees the whole city and writes
    nowhere; an administrator holds neither of the two other administrator roles, nor a business role."""


_CLERK = frozenset({Permission.read, Permission.write, Permission.unmask})
_BUREAU = frozenset(
    {
        *_CLERK,
        Permission.override_gates,
        Permission.move_back,
        Permission.correct,
        Permission.approve_deals,
        Permission.terminate,
        Permission.transfer,
        Permission.edit_calendar,
        Permission.edit_organizations,
        Permission.keep_lists,
        Permission.share_views,
        Permission.keep_inbox,
        Permission.keep_endpoints,
        Permission.rule_duplicates,
        Permission.rule_first_talks,
        Permission.merge,
        Permission.erase,
    }
)
_SYSTEM = frozenset(
    {
        Permission.edit_stages,
        Permission.edit_calendar,
        Permission.edit_organizations,
        Permission.manage_accounts,
        Permission.operate,
    }
)

GRANTS = {
    Role.leader: Grant(Reach.everything, frozenset({Permission.read})),
    Role.bureau: Grant(Reach.everything, _BUREAU, is_clerk=True),
    Role.district: Grant(Reach.subtree, _CLERK | {Permission.keep_endpoints}, is_clerk=True),
    Role.task_force: Grant(Reach.task_forces, _CLERK, is_clerk=True),
    Role.department: Grant(Reach.unit, _CLERK, is_clerk=True),
    Role.integration: Grant(Reach.nothing, frozenset()),
    Role.system_admin: Grant(Reach.nothing, _SYSTEM),
    Role.security_admin: Grant(Reach.nothing, frozenset({Permission.grant_roles})),
    Role.auditor: Grant(Reach.nothing, frozenset({Permission.read_audit})),
}

ADMINISTRATORS = frozenset({Role.system_admin, Role.security_admin, Role.auditor})
"""三员: one person holds at most one of these three roles, and no business role beside it."""


def check_together(roles: Collection[Role], pointer: str) -> None:
    """Raises Invalid where one person may not hold these roles at once."""
    distinct = sorted(set(roles))
    if len(distinct) > 1 and not all(GRANTS[role].is_clerk for role in distinct):
        zh, en = "、".join(role.say.zh for role in distinct), ", ".join(role.say.en for role in distinct)
        say = Say(f"不能由一人兼任：{zh}。", f"Not held by one person: {en}.")
        raise Invalid.field(pointer, "roles_apart", say)


def permissions_of(roles: Collection[Role]) -> frozenset[Permission]:
    return frozenset[Permission]().union(*(GRANTS[role].permissions for role in roles))
