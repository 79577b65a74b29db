"""What the caller may do with an enterprise, an official, a unit, a task force or an account.

The fields an enterprise is known by are not in `may`: who else has business with it is told to nobody, and asking is
counted (`pipeline/identity.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import refusals
from app.accounts.acts import Act, Reason, allowed, nothing, permitted, reasons
from app.accounts.models import Credential
from app.accounts.schemas import UserRead
from app.core.actor import Actor
from app.core.errors import Problem
from app.enterprises import service as enterprises
from app.enterprises import successors
from app.enterprises.schemas import EnterpriseRead, EnterpriseSummary
from app.enterprises.successors import EnterpriseSuccessor
from app.merging import enterprises as merging

EnterpriseAct = Literal["edit", "add_ranking", "add_contact", "merge"]
OfficialAct = Literal["edit", "add_post", "end_post", "unmask"]
UnitAct = Literal["edit", "set_parent"]
TaskForceAct = Literal["edit", "set_target"]
UserAct = Literal[
    "edit",
    "grant",
    "lock",
    "unlock",
    "reset_password",
    "release_password",
    "remove_second_factor",
    "bind_sign_on",
    "unbind_sign_on",
    "issue_token",
]


class _OfEnterprise(NamedTuple):
    actor: Actor
    name: str
    successor: EnterpriseSuccessor | None

    @property
    def merged(self) -> Problem | None:
        return successors.merged(self.successor)


ENTERPRISE_ACTS: Mapping[EnterpriseAct, Act] = {
    "edit": Act("update_enterprise", lambda case: case.merged),
    "add_ranking": Act("add_ranking", lambda case: case.merged),
    "add_contact": Act("add_contact", lambda case: enterprises.not_city_wide(case.actor) or case.merged),
    "merge": Act("merge_enterprise", lambda case: merging.refusal(case.name, case.successor)),
}
OFFICIAL_ACTS: Mapping[OfficialAct, Act] = {
    "edit": Act("update_official", nothing),
    "add_post": Act("add_post", nothing),
    "end_post": Act("end_post", nothing),
    "unmask": Act("unmask_official", nothing),
}
UNIT_ACTS: Mapping[UnitAct, Act] = {
    "edit": Act("update_unit", nothing),
    "set_parent": Act("set_unit_parent", nothing),
}
TASK_FORCE_ACTS: Mapping[TaskForceAct, Act] = {
    "edit": Act("update_task_force", nothing),
    "set_target": Act("set_task_force_target", nothing),
}


class _OfUser(NamedTuple):
    actor: Actor
    user: UserRead
    reset_by: str | None

    @property
    def own(self) -> Problem | None:
        return refusals.own_account(self.actor, self.user.id)

    @property
    def of_administrator(self) -> Problem | None:
        return refusals.of_administrator(self.actor, self.user.roles)


def _release(case: _OfUser) -> Problem | None:
    if not case.user.waits_for_release:
        return refusals.nothing_to_release()
    return refusals.released_by_another(case.actor, case.user.id, case.reset_by)


def _remove_factor(case: _OfUser) -> Problem | None:
    if (refused := case.of_administrator) is not None:
        return refused
    if not case.user.has_password:
        return refusals.no_password()
    return refusals.without_second_factor(has_one=case.user.has_second_factor)


USER_ACTS: Mapping[UserAct, Act] = {
    "edit": Act("update_user", lambda case: case.own),
    "grant": Act("grant_roles", lambda case: case.own),
    "lock": Act("lock_user", lambda case: case.own or refusals.locked_already(is_locked=case.user.is_locked)),
    # Open for an account that is not locked too: it ends the pause after failed sign-ins.
    "unlock": Act("unlock_user", lambda case: case.own),
    "reset_password": Act("reset_password", lambda case: case.of_administrator),
    "release_password": Act("release_password", _release),
    "remove_second_factor": Act("remove_second_factor", _remove_factor),
    "bind_sign_on": Act(
        "bind_sign_on", lambda case: case.of_administrator or refusals.integration_unbound(case.user.roles)
    ),
    "unbind_sign_on": Act(
        "unbind_sign_on",
        lambda case: case.of_administrator or (None if case.user.sign_on_subject else refusals.not_bound()),
    ),
    "issue_token": Act(
        "issue_token", lambda case: refusals.token_of_somebody_else(case.actor, case.user.id, case.user.roles)
    ),
}


def of_enterprises(actor: Actor, page: Sequence[EnterpriseSummary]) -> list[list[EnterpriseAct]]:
    """Returns for each row of a page the acts that are open. Rows name no successor: they say no sentence."""
    acts = permitted(actor, ENTERPRISE_ACTS)
    return [allowed(acts, _OfEnterprise(actor, row.name, _merged_into(row))) for row in page]


def _merged_into(row: EnterpriseSummary) -> EnterpriseSuccessor | None:
    return None if row.merged_into_id is None else EnterpriseSuccessor(row.merged_into_id, row.name, None)


def of_enterprise(actor: Actor, enterprise: EnterpriseRead) -> dict[EnterpriseAct, Reason | None]:
    return reasons(actor, ENTERPRISE_ACTS, _OfEnterprise(actor, enterprise.name, enterprise.successor))


async def of_user(session: AsyncSession, actor: Actor, user: UserRead) -> dict[UserAct, Reason | None]:
    reset_by = await _reset_by(session, [user])
    return reasons(actor, USER_ACTS, _OfUser(actor, user, reset_by.get(user.id)))


async def of_users(session: AsyncSession, actor: Actor, page: Sequence[UserRead]) -> list[list[UserAct]]:
    """Returns for each account of a page the acts that are open, in one statement."""
    acts, reset_by = permitted(actor, USER_ACTS), await _reset_by(session, page)
    return [allowed(acts, _OfUser(actor, user, reset_by.get(user.id))) for user in page]


async def _reset_by(session: AsyncSession, users: Sequence[UserRead]) -> dict[UUID, str | None]:
    query = select(Credential.user_id, Credential.reset_by)
    rows = await session.execute(query.where(Credential.user_id.in_([user.id for user in users])))
    return {row.user_id: row.reset_by for row in rows}
