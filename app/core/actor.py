"""Who is asking. Every verb takes an Actor; the system acts under its own name, never under none."""

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy import ColumnElement, or_, true

from app.core.context import ContextValue
from app.core.errors import Forbidden
from app.core.localized import Say, Word


class ActorKind(enum.StrEnum):
    person = "person"
    token = "token"
    system = "system"


class Permission(Word):
    """Named rights that not everybody has."""

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


_OWN = Say("本人范围", "one's own scope")


@dataclass(frozen=True, slots=True)
class Actor:
    """`unit_ids` and `task_force_ids` are what it may see; None means everything."""

    id: str
    name: str
    kind: ActorKind
    official_id: UUID | None = None
    permissions: frozenset[Permission] = frozenset()
    roles: frozenset[str] = frozenset()
    suspended_roles: frozenset[str] = frozenset()
    """Granted, and held back since another person changed the account: they bring nothing."""
    unit_ids: frozenset[UUID] | None = None
    task_force_ids: frozenset[UUID] = field(default_factory=frozenset)
    scope: Say = _OWN
    """Whose records it sees, for people to read beside a total; not read where it sees everything."""

    @property
    def sees_all(self) -> bool:
        return self.unit_ids is None

    def require(self, permission: Permission) -> None:
        """Raises Forbidden (403) naming the right that is missing."""
        if permission not in self.permissions:
            verb = permission.say
            raise Forbidden(
                Say(f"你没有“{verb.zh}”的权限。", f"You do not have the right to {verb.en}."),
                permission=permission.value,
            )

    def scope_text(self) -> str:
        """What it sees, as text: a kept answer is given again only to the same scope."""
        if self.unit_ids is None:
            return "*"
        return " ".join(sorted(map(str, {*self.unit_ids, *self.task_force_ids}))) + f" {self.official_id}"

    def reaches(self, unit_id: UUID | None, task_force_id: UUID | None) -> bool:
        """Whether what stands there would be its own business: by unit or by task force, not by a mere team."""
        return self.unit_ids is None or unit_id in self.unit_ids or task_force_id in self.task_force_ids

    def within(self, unit: Any, task_force: Any) -> ColumnElement[bool]:
        """The condition on two columns under which `reaches` holds for a row."""
        if self.unit_ids is None:
            return true()
        return or_(unit.in_(self.unit_ids), task_force.in_(self.task_force_ids))

    def require_unit(self, unit_id: UUID, pointer: str) -> None:
        """Raises Forbidden where the actor would speak for a unit that is not its own."""
        if not self.reaches(unit_id, None):
            say = Say(
                "不能把记录放到你范围以外的单位；请由招商局办理。",
                "A record cannot be put into a unit outside your scope; ask the bureau.",
            )
            raise Forbidden(say, code="place_out_of_scope", fields=[(pointer, "place_out_of_scope", say)])


NOBODY = Actor("", "", ActorKind.person, unit_ids=frozenset())
"""Whoever has not signed in yet: sees nothing, may do nothing."""


ACTING: ContextValue[Actor] = ContextValue("acting")
"""Who acts in this transaction, for the log entry of a transaction that makes no event of its own."""


def system(name: str) -> Actor:
    """The system acting under a name of its own, such as `sample` or `cli`."""
    return Actor(name, name, ActorKind.system, permissions=frozenset(Permission))


class ScopeRead(BaseModel):
    """Over whose records a total was summed: two people who ask the same may be told two totals."""

    is_whole_city: bool
    zh: str
    en: str


def scope_of(actor: Actor) -> ScopeRead:
    say = Say("全市", "the whole city") if actor.sees_all else actor.scope
    return ScopeRead(is_whole_city=actor.sees_all, zh=say.zh, en=say.en)


ActorSource = Callable[[Request], Awaitable[Actor]]


async def current_actor(request: Request) -> Actor:
    """Who is asking, found out once a request."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        source: ActorSource = request.app.state.actor_source
        actor = request.state.actor = await source(request)
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


def require_for_illustrative(actor: Actor, is_illustrative: bool) -> None:
    """Made-up records come with the sample or from the bureau. Raises Forbidden where another marks one as such."""
    is_of_bureau = actor.sees_all and Permission.edit_organizations in actor.permissions
    if is_illustrative and not is_of_bureau:
        say = Say(
            "示例标记由招商局设置，请不要填写。", "Only the bureau marks a record as made up; leave the mark out."
        )
        raise Forbidden(say, permission=Permission.edit_organizations.value)
