"""The actor of a request. Every verb takes an Actor; the system always acts under a name of its own."""

import enum
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy import ColumnElement, or_, true

from app.core.context import ContextValue
from app.core.errors import Forbidden, refuse
from app.core.localized import Say, Word


class ActorKind(enum.StrEnum):
    person = "person"
    token = "token"
    system = "system"


class Permission(Word):
    """Rights that not every user has."""

    read = "read", "查阅业务", "read business records"
    write = "write", "登记和办理业务", "write business records"
    override_gates = "override_gates", "越过门槛", "override a gate"
    move_back = "move_back", "回退阶段", "move a project back"
    correct = "correct", "更正记录", "correct what is on record"
    approve_deals = "approve_deals", "审核签约", "approve a deal"
    terminate = "terminate", "终止项目或签约", "terminate a project or deal"
    transfer = "transfer", "流转项目", "transfer a project"
    edit_stages = "edit_stages", "修改阶段设置", "edit the stage table"
    operate = "operate", "查看和管理后台任务", "look after background jobs"
    edit_calendar = "edit_calendar", "维护节假日", "edit the working calendar"
    edit_organizations = "edit_organizations", "维护单位、领导和专班", "edit units, officials and task forces"
    share_views = "share_views", "与所有人共享视图", "share views with everyone"
    keep_lists = "keep_lists", "维护计划库、开工批次和发布数", "keep plan lists, batches and published figures"
    keep_inbox = "keep_inbox", "办理收到的推送", "look after the inbox"
    keep_endpoints = "keep_endpoints", "设立和管理推送地址", "keep endpoints that are told of changes"
    rule_duplicates = "rule_duplicates", "裁定跨单位重复", "rule on duplicates of other units"
    rule_first_talks = "rule_first_talks", "裁定首谈争议", "rule on a first talk"
    merge = "merge", "合并重复记录", "merge records"
    unmask = "unmask", "查看完整联系方式", "see phone and mail in full"
    erase = "erase", "删除个人信息", "delete personal data"
    manage_accounts = "manage_accounts", "管理账号", "manage accounts"
    grant_roles = "grant_roles", "授予角色", "grant roles"
    read_audit = "read_audit", "查阅审计", "read the audit trail"


_OWN_SCOPE = Say("本人范围", "one's own scope")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `unit_ids` and `task_force_ids` are its scope; with `unit_ids` None it sees everything."""

    id: str
    name: str
    kind: ActorKind
    official_id: UUID | None = None
    unit_id: UUID | None = None
    """The unit of its account, of which `unit_ids` may hold those below too."""
    permissions: frozenset[Permission] = frozenset()
    roles: frozenset[str] = frozenset()
    suspended_roles: frozenset[str] = frozenset()
    """Granted roles that give no rights now, because another person changed the account."""
    unit_ids: frozenset[UUID] | None = None
    task_force_ids: frozenset[UUID] = field(default_factory=frozenset)
    scope: Say = _OWN_SCOPE
    """The name of its scope, shown beside a total; not used where it sees everything."""

    @property
    def scope_key(self) -> Hashable:
        """What the condition of a scope is built from, the same for all actors that see the same."""
        return self.unit_ids, self.task_force_ids, self.official_id

    @property
    def sees_all(self) -> bool:
        return self.unit_ids is None

    def lacks(self, permission: Permission) -> Forbidden | None:
        """Returns the refusal (403) naming the right that is missing; None where the actor has it."""
        if permission in self.permissions:
            return None
        verb = permission.say
        say = Say(f"你没有“{verb.zh}”的权限。", f"You do not have the right to {verb.en}.")
        return Forbidden(say, permission=permission.value)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden (403) naming the right that is missing."""
        refuse(self.lacks(permission))

    def scope_text(self) -> str:
        """Returns the scope as text: a stored answer is replayed only in the same scope."""
        if self.unit_ids is None:
            return "*"
        return " ".join(sorted(map(str, {*self.unit_ids, *self.task_force_ids}))) + f" {self.official_id}"

    def reaches(self, unit_id: UUID | None, task_force_id: UUID | None) -> bool:
        """Whether a record of this unit or task force is in scope; membership of a project team does not count here."""
        return self.unit_ids is None or unit_id in self.unit_ids or task_force_id in self.task_force_ids

    def within(self, unit: Any, task_force: Any) -> ColumnElement[bool]:
        """Returns the condition on two columns that is true for rows for which `reaches` is."""
        if self.unit_ids is None:
            return true()
        return or_(unit.in_(self.unit_ids), task_force.in_(self.task_force_ids))

    def require_unit(self, unit_id: UUID, pointer: str) -> None:
        """Raises Forbidden, naming `pointer`, where the unit is out of scope."""
        if not self.reaches(unit_id, None):
            say = Say(
                "不能把记录放到你范围以外的单位；请由招商局办理。",
                "A record cannot be put into a unit outside your scope; ask the bureau.",
            )
            raise Forbidden(say, code="place_out_of_scope", fields=[(pointer, "place_out_of_scope", say)])


NOBODY = Actor("", "", ActorKind.person, unit_ids=frozenset())
"""The actor of a request without authentication: sees nothing, may do nothing."""


ACTING: ContextValue[Actor] = ContextValue("acting")
"""The actor of this transaction, for the log entry of a transaction that makes no event of its own."""


def system(name: str) -> Actor:
    """Returns the system as an actor under a name of its own, such as `sample` or `cli`. It has every right."""
    return Actor(name, name, ActorKind.system, permissions=frozenset(Permission))


class ScopeRead(BaseModel):
    """The scope that a total was summed over: two people with different scopes may see different totals."""

    is_whole_city: bool
    zh: str
    en: str


def scope_of(actor: Actor) -> ScopeRead:
    say = Say("全市", "the whole city") if actor.sees_all else actor.scope
    return ScopeRead(is_whole_city=actor.sees_all, zh=say.zh, en=say.en)


ActorSource = Callable[[Request], Awaitable[Actor]]


async def current_actor(request: Request) -> Actor:
    """Returns the actor of a request, authenticated once for each request."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        source: ActorSource = request.app.state.actor_source
        actor = request.state.actor = await source(request)
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def require_for_illustrative(actor: Actor, is_illustrative: bool) -> None:
    """Raises Forbidden where anybody but the bureau marks a record as made up."""
    is_of_bureau = actor.sees_all and Permission.edit_organizations in actor.permissions
    if is_illustrative and not is_of_bureau:
        say = Say(
            "示例标记由招商局设置，请不要填写。", "Only the bureau marks a record as made up; leave the mark out."
        )
        raise Forbidden(say, permission=Permission.edit_organizations.value)
