"""`five-ones user …` and `five-ones token …`: accounts, their roles and their API tokens."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import binding, credentials, service, tokens
from app.accounts.models import ApiToken, TokenScope
from app.accounts.roles import Role
from app.accounts.schemas import SignOnBind, TokenIssue, UserCreate, UserRead
from app.commands import console
from app.core import errors
from app.core.actor import system
from app.core.clock import moment_text
from app.core.db import Database
from app.core.errors import Problem
from app.core.messages import message
from app.organizations.models import Unit
from app.taskforces.models import TaskForce

users = typer.Typer(help="账号与角色 / users and their roles", no_args_is_help=True)
api_tokens = typer.Typer(help="API 令牌 / API tokens", no_args_is_help=True)

CLI = system("cli")

Answer = TypeVar("Answer")

_Roles = Annotated[list[Role] | None, typer.Option("--role", help="角色，可多次 / a role, repeatable")]
_TaskForces = Annotated[list[str] | None, typer.Option("--task-force", help="专班名称 / name of a task force")]


def _write(work: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    """Runs `work` in one transaction and returns its result. Prints an error in both languages and exits with 1."""

    async def whole(database: Database) -> Answer:
        try:
            async with database.writing() as session:
                return await work(session)
        except IntegrityError as error:
            raise errors.conflict(error) from error

    try:
        return console.run(whole)
    except Problem as problem:
        console.fail(f"{problem.detail.zh} / {problem.detail.en}")
    except UnicodeError:
        console.fail("参数应为 UTF-8 文本 / arguments should be UTF-8")
    except ValidationError as error:
        say = message(error.errors()[0]["type"], error.errors()[0].get("ctx"))
        console.fail(f"{say.zh} / {say.en}")


async def _unit(session: AsyncSession, code: str | None) -> UUID | None:
    if code is None:
        return None
    unit_id = await session.scalar(select(Unit.id).where(Unit.code == code))
    if unit_id is None:
        console.fail(f"没有代码为 {code} 的单位 / no unit has the code {code}")
    return unit_id


async def _task_forces(session: AsyncSession, names: list[str] | None) -> list[UUID]:
    ids = []
    for name in names or []:
        task_force_id = await session.scalar(select(TaskForce.id).where(TaskForce.name == name))
        if task_force_id is None:
            console.fail(f"没有专班“{name}” / no task force is called {name}")
        ids.append(task_force_id)
    return ids


def _shown(user: UserRead) -> str:
    roles = "、".join(f"{role.say.zh} {role.value}" for role in user.roles) or "无角色 / no role"
    locked = "，已锁定 / locked" if user.is_locked else ""
    until = f"，至 / until {user.active_until}" if user.active_until else ""
    bound = f"，单点登录 / bound to {user.sign_on_subject}" if user.sign_on_subject else ""
    return f"{user.name}（{user.display_name}）：{roles}{until}{bound}{locked}"


@users.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="登录名 / name to sign in with")],
    display_name: Annotated[str, typer.Option(help="姓名 / shown name")],
    unit: Annotated[str | None, typer.Option(help="单位代码 / code of the unit")] = None,
    role: _Roles = None,
    task_force: _TaskForces = None,
    active_from: Annotated[
        str | None, typer.Option("--from", help="启用日，缺省为今天 / from, today by default")
    ] = None,
    active_until: Annotated[str | None, typer.Option("--until", help="停用日 / until")] = None,
) -> None:
    """新增账号 / add a user."""

    async def work(session: AsyncSession) -> UserRead:
        body = UserCreate.model_validate(
            {
                "name": name,
                "display_name": display_name,
                "unit_id": await _unit(session, unit),
                "active_from": active_from,
                "active_until": active_until,
                "roles": role or [],
                "task_force_ids": await _task_forces(session, task_force),
            }
        )
        return await service.add(session, CLI, body)

    console.out.print(_shown(_write(work)), soft_wrap=True)


@users.command("bootstrap")
def bootstrap() -> None:
    """在没有账号的库中建立系统管理员和安全管理员 / the first two accounts, where there is none."""

    async def work(session: AsyncSession) -> dict[str, str]:
        if await service.is_anybody(session):
            console.fail("已有账号；请用 user add / there are accounts already; use `user add`")
        passwords = {}
        for name, role in (("sysadmin", Role.system_admin), ("secadmin", Role.security_admin)):
            body = UserCreate(name=name, display_name=role.say.zh, roles=[role])
            user = await service.get(session, (await service.add(session, CLI, body)).id)
            passwords[name] = await credentials.reset(session, CLI, user)
        return passwords

    passwords = _write(work)
    console.err.print(
        "口令只显示这一次，首次登录须修改 / passwords, shown once, to be changed at the first sign-in:", soft_wrap=True
    )
    for name, password in passwords.items():
        console.out.print(f"{name}  {password}", soft_wrap=True)


@users.command("grant")
def grant_roles(
    name: str,
    role: _Roles = None,
    task_force: _TaskForces = None,
    no_roles: Annotated[bool, typer.Option("--no-roles", help="收回全部角色 / take every role away")] = False,
) -> None:
    """把角色设为所列的 / let these be the user's roles, none other."""
    if no_roles is bool(role):
        console.fail("请写明 --role，或用 --no-roles 收回全部 / name a --role, or --no-roles to take all away")

    async def work(session: AsyncSession) -> UserRead:
        return await service.grant(session, CLI, name, role or [], await _task_forces(session, task_force))

    console.out.print(_shown(_write(work)), soft_wrap=True)


@users.command("lock")
def lock_user(name: str) -> None:
    """锁定账号，立即生效 / lock a user out at once."""
    console.out.print(_shown(_write(lambda session: service.set_locked(session, CLI, name, True))), soft_wrap=True)


@users.command("unlock")
def unlock_user(name: str) -> None:
    """解除锁定 / let a user in again."""
    console.out.print(_shown(_write(lambda session: service.set_locked(session, CLI, name, False))), soft_wrap=True)


@users.command("reset")
def reset_user(
    name: str,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="停用动态口令 / remove the second factor")
    ] = False,
) -> None:
    """重置口令，只显示一次，首次登录须修改 / a new password, shown once, to be changed at the first sign-in."""

    async def work(session: AsyncSession) -> str:
        user = await service.lock(session, name)
        if second_factor:
            await credentials.remove_second_factor(session, CLI, user)
        return await credentials.reset(session, CLI, user)

    password = _write(work)
    console.err.print("新口令，只显示这一次 / the new password, shown this once:", soft_wrap=True)
    console.out.print(password, soft_wrap=True)


@users.command("bind")
def bind_user(
    name: str, subject: Annotated[str, typer.Argument(help="提供方给此人的 sub / what the provider calls them")]
) -> None:
    """把账号绑定到单点登录身份 / bind the account to an identity of single sign-on."""
    issuer = console.read_settings().sign_on_issuer

    async def work(session: AsyncSession) -> UserRead:
        return await binding.bind(session, CLI, name, issuer, SignOnBind(subject=subject).subject)

    console.out.print(_shown(_write(work)), soft_wrap=True)


@users.command("unbind")
def unbind_user(name: str) -> None:
    """解除单点登录绑定，立即生效 / unbind a user from single sign-on at once."""
    console.out.print(_shown(_write(lambda session: binding.unbind(session, CLI, name))), soft_wrap=True)


@users.command("arrivals")
def list_arrivals() -> None:
    """来过而未绑定账号的单点登录身份 / who came by single sign-on and is bound to no account."""
    for row in _write(binding.arrivals):
        names = "，".join(part for part in (row.name, row.user_name) if part)
        console.out.print(f"{row.subject}（{names}）{moment_text(row.last_at)}", soft_wrap=True)


@users.command("list")
def list_users() -> None:
    """全部账号 / all users."""
    for user in _write(service.everybody):
        console.out.print(_shown(user), soft_wrap=True)


@api_tokens.command("add")
def add_token(
    user: Annotated[str, typer.Argument(help="登录名 / the user's name")],
    name: Annotated[str, typer.Option(help="用途 / what it is for")],
    scope: Annotated[list[TokenScope], typer.Option(help="范围，可多次 / a scope, repeatable")],
    days: Annotated[int, typer.Option(help="有效天数 / days it is valid")] = 90,
) -> None:
    """为账号签发令牌，只显示一次 / make a token of a user; it is shown once."""
    token, secret = _write(
        lambda session: tokens.issue(session, CLI, user, TokenIssue(name=name, scopes=scope, days=days))
    )
    until = moment_text(token.expires_at)
    console.err.print(f"有效至 / valid until {until}；只显示这一次 / shown this once:", soft_wrap=True)
    console.out.print(secret, soft_wrap=True)


@api_tokens.command("list")
def list_tokens(user: str) -> None:
    """账号的令牌 / a user's tokens."""

    async def work(session: AsyncSession) -> list[ApiToken]:
        return await tokens.of_user(session, (await service.get(session, user)).id)

    for token in _write(work):
        state = "已撤销 / revoked" if token.revoked_at else f"至 / until {moment_text(token.expires_at)}"
        console.out.print(f"{token.prefix} {token.name} {','.join(token.scopes)} {state}", soft_wrap=True)


@api_tokens.command("revoke")
def revoke_token(prefix: Annotated[str, typer.Argument(help="令牌开头，见 token list / its beginning")]) -> None:
    """撤销令牌，立即生效 / revoke a token at once."""
    _write(lambda session: tokens.revoke(session, CLI, prefix))
    console.out.print(f"已撤销 / revoked: {prefix}", soft_wrap=True)
