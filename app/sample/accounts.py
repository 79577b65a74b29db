"""Accounts to look at the sample with, one a role. Their passwords are made up anew on each machine."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import credentials, passwords, service, tokens
from app.accounts.models import Credential, TokenScope, User
from app.accounts.roles import Role
from app.accounts.schemas import TokenIssue, UserCreate
from app.core import clock, context, files
from app.events.models import Event
from app.organizations.models import Unit
from app.sample.acts import SAMPLE
from app.taskforces.models import TaskForce

_UNITS = {Role.bureau: "210400", Role.district: "210404", Role.department: "210400-GX", Role.leader: "210400"}
"""By code. 210404 is 望花区, 210400-GX 抚顺高新区: a department sees what its own unit is in charge of."""

_PASSWORD_BYTES = 9
_TOKEN_DAYS = 366
_TOKEN_NAME = "示例：README 中的命令"


@dataclass(frozen=True, slots=True)
class Access:
    """Passwords by name, in the order of roles, and a token of the leader's that only reads."""

    passwords: dict[str, str]
    token: str


def name_of(role: Role) -> str:
    return "demo-" + role.value.replace("_", "-")


async def is_sample(session: AsyncSession) -> bool:
    """Whether this database holds the sample, and so may have accounts whose passwords lie in a file."""
    return await session.scalar(select(Event.id).where(Event.actor_id == SAMPLE.id).limit(1)) is not None


async def give(session: AsyncSession) -> Access:
    """Make the accounts that are missing, and give all of them new passwords. Real time, not the sample's."""
    clock.set_now(session, context.CLOCK.require(session)())
    made = {}
    for role in Role:
        user = await session.scalar(select(User).where(User.name == name_of(role)))
        if user is None:
            await _add(session, role)
            user = await service.get(session, name_of(role))
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        await credentials.put(session, user, await passwords.hashed(password), must_change=False)
        made[user.name] = password
    leader = await service.get(session, name_of(Role.leader))
    for old in await tokens.of_user(session, leader.id):
        if old.name == _TOKEN_NAME and old.revoked_at is None:
            await tokens.revoke(session, SAMPLE, old.id)
    issued = TokenIssue(name=_TOKEN_NAME, scopes=[TokenScope.read], days=_TOKEN_DAYS)
    _, secret = await tokens.issue(session, SAMPLE, leader.id, issued)
    return Access(made, secret)


async def _add(session: AsyncSession, role: Role) -> None:
    unit_id = await session.scalar(select(Unit.id).where(Unit.code == _UNITS.get(role)))
    forces = await session.scalars(select(TaskForce.id).order_by(TaskForce.name_pinyin, TaskForce.id).limit(1))
    body = UserCreate.model_validate(
        {
            "name": name_of(role),
            "display_name": f"示例{role.say.zh}",
            "unit_id": unit_id,
            "roles": [role],
            "task_force_ids": list(forces) if role is Role.task_force else [],
        }
    )
    await service.add(session, SAMPLE, body, is_illustrative=True)


async def holds(session: AsyncSession, access: Access) -> bool:
    """Whether the passwords that were written down are still those of this database."""
    name, password = next(iter(access.passwords.items()))
    kept = await session.scalar(
        select(Credential.password_hash).join(User, User.id == Credential.user_id).where(User.name == name)
    )
    return (await passwords.verify(password, kept))[0]


def written(folder: Path) -> Access | None:
    """What was written down here before; None where it was not, or cannot be read."""
    try:
        known = json.loads((folder / "demo-accounts").read_text("utf-8"))
        return Access(dict(known), (folder / "demo-token").read_text("utf-8").strip())
    except (OSError, ValueError, TypeError):
        return None


def write(folder: Path, access: Access) -> None:
    """Write it down for whoever owns this folder alone."""
    files.make_folder(folder)
    for name, text in (("demo-accounts", json.dumps(access.passwords, indent=1)), ("demo-token", access.token)):
        path = folder / name
        path.unlink(missing_ok=True)
        files.make_file(path)
        path.write_text(text + "\n", "utf-8")
