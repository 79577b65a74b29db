"""What users prove to be themselves by: setting, changing and resetting passwords and second factors."""

import secrets
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, attempts, devices, passwords, second_factor, sessions, tokens
from app.accounts.models import Credential, User
from app.accounts.roles import ADMINISTRATORS
from app.accounts.schemas import PasswordChange, SecondFactorBegun
from app.accounts.sessions import Use
from app.audit import trail
from app.audit.models import Outcome, SecurityEventType
from app.audit.trail import Subject, Trail
from app.core import clock
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import Conflict, Forbidden, Invalid, TooMany, Unauthorized
from app.core.say import Say

_TEMPORARY_BYTES = 12


def temporary() -> str:
    """A password nobody has thought of, for the first sign-in."""
    return secrets.token_urlsafe(_TEMPORARY_BYTES)


async def put(session: AsyncSession, user: User, password_hash: str, *, must_change: bool) -> None:
    """Let this be the user's password; whoever is signed in by the old one is out."""
    credential = await session.get(Credential, user.id, with_for_update=True, populate_existing=True)
    if credential is None:
        credential = Credential(user_id=user.id, last_code_step=None, second_factor=None, second_factor_since=None)
        session.add(credential)
    credential.password_hash = password_hash
    credential.password_set_at = clock.now(session)
    credential.must_change = must_change
    await session.flush()


async def reset(session: AsyncSession, actor: Actor, user: User) -> str:
    """Give a user a password of one sign-in and lift a suspension; answers it, for it is nowhere kept.

    An administrator's is reset at the server alone: who could reset it over the network could become it.
    """
    actor.require(Permission.manage_accounts)
    await require_no_administrator(session, actor, user)
    password = temporary()
    await put(session, user, await passwords.hashed(password), must_change=True)
    await attempts.forgive(session, user.name)
    await devices.forget_all(session, user.id)
    await sessions.end_all(session, user.id)
    await tokens.revoke_all(session, actor, user.id)
    await trail.record(session, actor, SecurityEventType.password_reset, Subject("user", user.id))
    return password


async def require_no_administrator(session: AsyncSession, actor: Actor, user: User) -> None:
    if actor.kind is not ActorKind.system and ADMINISTRATORS & set(await actors.roles_of(session, user.id)):
        say = Say(
            "管理员的口令和动态口令只能在服务器上重置：five-ones user reset。",
            "An administrator's password and second factor are reset at the server alone: `five-ones user reset`.",
        )
        raise Forbidden(say, code="administrator_reset")


def _no_password() -> Conflict:
    say = Say("这个账号不用口令登录。", "This account does not sign in with a password.")
    return Conflict(say, code="no_password")


async def _own(database: Database, use: Use) -> tuple[User, Credential]:
    async with database.reading() as session:
        query = select(User, Credential).join(Credential, Credential.user_id == User.id)
        found = (await session.execute(query.where(User.id == use.user_id))).one_or_none()
    if found is None:
        raise _no_password()
    return found[0], found[1]


async def _prove(database: Database, log: Trail, user: User, credential: Credential, password: str, at: str) -> None:
    """Raises Invalid where it is not the user's password. Failures count as failed sign-ins do: who found a browser
    left open does not guess on for ever."""
    settings = database.settings
    limits = attempts.limits(settings, user.name, None)
    async with database.writing() as session:
        claim = await attempts.claim(session, settings, limits)
    if claim.wait is not None:
        say = Say("失败次数过多，请稍后再试。", "Too many failures; try again later.")
        raise TooMany(say, claim.wait.total_seconds(), code="sign_in_suspended")
    is_right, _ = await passwords.verify(password, credential.password_hash)
    if not is_right:
        subject = Subject("user", user.id)
        reason = {"reason": "wrong_password_while_signed_in"}
        await log.note(None, SecurityEventType.sign_in_failed, subject, reason, outcome=Outcome.failed)
        raise Invalid.field(at, "password_wrong", Say("口令不对。", "That is not the password."))
    async with database.writing() as session:
        await attempts.release(session, limits, succeeded=True)


async def change(database: Database, log: Trail, actor: Actor, use: Use, body: PasswordChange) -> None:
    """Change one's own password. Every other session of the user ends, and so do the tokens unless they are kept."""
    user, credential = await _own(database, use)
    await _prove(database, log, user, credential, body.current.get_secret_value(), "/current")
    new = body.new.get_secret_value()
    if new == body.current.get_secret_value():
        raise Invalid.field("/new", "password_same", Say("新口令与原口令相同。", "It is the same as before."))
    passwords.check(database.settings, new, "/new", name=user.name, display_name=user.display_name)
    new_hash = await passwords.hashed(new)
    async with database.writing() as session:
        await _require_unchanged(session, use, credential)
        await put(session, user, new_hash, must_change=False)
        await sessions.end_all(session, user.id, but=use.session_id)
        if not body.keep_tokens:
            await tokens.revoke_all(session, actor, user.id)
        data = {"keep_tokens": body.keep_tokens}
        await trail.record(session, actor, SecurityEventType.password_changed, Subject("user", user.id), data)


async def _require_unchanged(session: AsyncSession, use: Use, seen: Credential) -> None:
    """Raises Unauthorized where somebody has reset the password, or ended the session, since it was proved."""
    now = await session.get(Credential, seen.user_id, with_for_update=True, populate_existing=True)
    row = await sessions.get(session, use.session_id)
    if now is None or now.password_hash != seen.password_hash or row.ended_at is not None:
        raise Unauthorized(sessions.NOBODY)


async def begin_second_factor(session: AsyncSession, settings: Settings, use: Use) -> SecondFactorBegun:
    """A new key, which counts once it is confirmed. Raises Conflict where one is set up already."""
    user, credential = await _locked(session, use.user_id)
    if credential.second_factor_since is not None:
        say = Say("动态口令已启用；要更换，请先停用。", "A second factor is set up; remove it first.")
        raise Conflict(say, code="second_factor_set")
    key = second_factor.new_key()
    credential.second_factor = second_factor.sealed(settings, key, clock.now(session))
    await session.flush()
    return SecondFactorBegun(key=key, address=second_factor.address(key, user.name))


async def confirm_second_factor(session: AsyncSession, settings: Settings, actor: Actor, use: Use, code: str) -> None:
    """From now on sign-in wants a code too. Raises Invalid for a wrong one."""
    user, credential = await _locked(session, use.user_id)
    if credential.second_factor is None or credential.second_factor_since is not None:
        raise Conflict(Say("没有待确认的动态口令。", "There is none to be confirmed."), code="nothing_to_confirm")
    now = clock.now(session)
    step = second_factor.step_of(settings, credential.second_factor, code, now, None)
    if step is None:
        say = Say("动态口令不对，请核对手机时间。", "The code is wrong; check the clock of your phone.")
        raise Invalid.field("/code", "code_wrong", say)
    credential.second_factor_since, credential.last_code_step = now, step
    await sessions.end_all(session, user.id, but=use.session_id)
    await trail.record(session, actor, SecurityEventType.second_factor_set, Subject("user", user.id))


async def remove_own_second_factor(database: Database, log: Trail, actor: Actor, use: Use, password: str) -> None:
    user, credential = await _own(database, use)
    await _prove(database, log, user, credential, password, "/password")
    async with database.writing() as session:
        await _require_unchanged(session, use, credential)
        await _remove_second_factor(session, actor, user)


async def remove_second_factor(session: AsyncSession, actor: Actor, user: User) -> None:
    """Of somebody who lost the phone. Raises Conflict where none is set up; Forbidden as `reset` does."""
    actor.require(Permission.manage_accounts)
    await require_no_administrator(session, actor, user)
    await _remove_second_factor(session, actor, user)


async def _remove_second_factor(session: AsyncSession, actor: Actor, user: User) -> None:
    _, credential = await _locked(session, user.id)
    if credential.second_factor is None:
        raise Conflict(Say("没有启用动态口令。", "No second factor is set up."), code="unchanged")
    credential.second_factor = credential.second_factor_since = credential.last_code_step = None
    await trail.record(session, actor, SecurityEventType.second_factor_removed, Subject("user", user.id))


async def _locked(session: AsyncSession, user_id: UUID) -> tuple[User, Credential]:
    credential = await session.get(Credential, user_id, with_for_update=True, populate_existing=True)
    user = await session.get(User, user_id)
    if credential is None or user is None:
        raise _no_password()
    return user, credential
