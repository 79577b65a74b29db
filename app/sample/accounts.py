"""Demo accounts for the sample, one for each role and a second of the bureau, with new random passwords on each
machine."""

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
from app.organizations.models import Post, Unit
from app.sample.acts import SAMPLE
from app.taskforces.models import TaskForce

_UNITS = {Role.bureau: "210400", Role.district: "210404", Role.department: "210400-GX", Role.leader: "210400"}
"""Unit codes. 210404 is 望花区, 210400-GX 抚顺高新区: a department sees what its own unit is in charge of."""

_POSTS = {
    "demo-leader": "副市长（示例）",
    "demo-bureau": "市招商局局长（示例）",
    "demo-bureau-2": "市招商局副局长（示例）",
}
"""Posts of the officials whose accounts these are: what they lead or work on is theirs. The others have no official,
and what their unit or task force is in charge of is theirs."""

_PASSWORD_BYTES = 9
_TOKEN_DAYS = 366
_TOKEN_NAME = "示例：README 中的命令"


@dataclass(frozen=True, slots=True)
class Access:
    """Passwords by user name, in the order of roles, and a read-only token of the leader."""

    passwords: dict[str, str]
    token: str


def name_of(role: Role) -> str:
    return "demo-" + role.value.replace("_", "-")


SECOND_BUREAU = "demo-bureau-2"
"""A second account of the bureau, since nobody approves what they drafted themselves."""


def roles() -> dict[str, Role]:
    """Returns the accounts by name, each with its role, in the order of roles."""
    named: dict[str, Role] = {}
    for role in Role:
        named[name_of(role)] = role
        if role is Role.bureau:
            named[SECOND_BUREAU] = role
    return named


async def is_sample(session: AsyncSession) -> bool:
    """Whether this database holds the sample, and so may have accounts whose passwords are in a file."""
    return await session.scalar(select(Event.id).where(Event.actor_id == SAMPLE.id).limit(1)) is not None


async def issue(session: AsyncSession) -> Access:
    """Adds the missing accounts, and sets new passwords and a new token. Returns them. Uses the real time, not the
    sample's."""
    clock.set_now(session, context.CLOCK.require(session)())
    new_passwords = {}
    await add_missing(session)
    for name in roles():
        user = await service.get(session, name)
        password = secrets.token_urlsafe(_PASSWORD_BYTES)
        await credentials.put(session, user, await passwords.hashed(password), must_change=False)
        new_passwords[user.name] = password
    leader = await service.get(session, name_of(Role.leader))
    for old in await tokens.of_user(session, leader.id):
        if old.name == _TOKEN_NAME and old.revoked_at is None:
            await tokens.revoke(session, SAMPLE, old.id)
    body = TokenIssue(name=_TOKEN_NAME, scopes=[TokenScope.read], days=_TOKEN_DAYS)
    _, secret = await tokens.issue(session, SAMPLE, leader.id, body)
    return Access(new_passwords, secret)


async def add_missing(session: AsyncSession) -> None:
    """Adds the accounts that are not there, which nobody can sign in with before `issue`."""
    present = set(await session.scalars(select(User.name)))
    for name, role in roles().items():
        if name not in present:
            await _add(session, name, role)


async def _add(session: AsyncSession, name: str, role: Role) -> None:
    unit_id = await session.scalar(select(Unit.id).where(Unit.code == _UNITS.get(role)))
    forces = await session.scalars(select(TaskForce.id).order_by(TaskForce.name_pinyin, TaskForce.id).limit(1))
    official_ids = await session.scalars(
        select(Post.official_id).where(Post.title == _POSTS.get(name)).order_by(Post.official_id).limit(1)
    )
    body = UserCreate.model_validate(
        {
            "name": name,
            "display_name": f"示例{role.say.zh}" + ("（二）" if name == SECOND_BUREAU else ""),
            "unit_id": unit_id,
            "official_id": official_ids.one_or_none(),
            "roles": [role],
            "task_force_ids": list(forces) if role is Role.task_force else [],
        }
    )
    await service.add(session, SAMPLE, body, is_illustrative=True)


async def is_valid(session: AsyncSession, access: Access) -> bool:
    """Whether the passwords from the file are still those of this database. Checks one of them."""
    name, password = next(iter(access.passwords.items()))
    password_hash = await session.scalar(
        select(Credential.password_hash).join(User, User.id == Credential.user_id).where(User.name == name)
    )
    return (await passwords.verify(password, password_hash))[0]


def read(folder: Path) -> Access | None:
    """Returns the passwords and the token from the files in a folder; None where they are missing or unreadable."""
    try:
        stored = json.loads((folder / "demo-accounts").read_text("utf-8"))
        return Access(dict(stored), (folder / "demo-token").read_text("utf-8").strip())
    except (OSError, ValueError, TypeError):
        return None


def write(folder: Path, access: Access) -> None:
    """Writes the passwords and the token to files that only their owner can read."""
    files.make_folder(folder)
    for name, text in (("demo-accounts", json.dumps(access.passwords, indent=1)), ("demo-token", access.token)):
        path = folder / name
        path.unlink(missing_ok=True)
        files.make_file(path)
        path.write_text(text + "\n", "utf-8")
