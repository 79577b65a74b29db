"""Passwords and second factors of users: setting, changing and resetting them."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, attempts, devices, passwords, refusals, second_factor, sessions, suspension, tokens
from app.accounts.models import AccountPart, Credential, User
from app.accounts.schemas import PasswordChange, SecondFactorBegun
from app.accounts.sessions import Use
from app.audit import trail
from app.audit.models import SecurityEventType, SecurityOutcome
from app.audit.trail import Subject, Trail
from app.core import clock, context, encryption
from app.core.actor import Actor, ActorKind, Permission
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import Conflict, Invalid, TooMany, Unauthorized, refuse
from app.core.localized import Say
from app.events import service as events

_TEMPORARY_BYTES = 12
_RELEASE = "second part of a password"
_RELEASED_WITHIN = timedelta(days=7)


def temporary() -> str:
    """Returns a random password, for the first sign-in."""
    return secrets.token_urlsafe(_TEMPORARY_BYTES)


async def put(session: AsyncSession, user: User, password_hash: str, *, must_change: bool) -> None:
    """Sets the user's password. The caller ends the sessions."""
    credential = await session.get(Credential, user.id, with_for_update=True, populate_existing=True)
    if credential is None:
        credential = Credential(user_id=user.id, last_code_step=None, second_factor=None, second_factor_since=None)
        session.add(credential)
    credential.password_hash = password_hash
    credential.password_set_at = clock.now(session)
    credential.must_change = must_change
    credential.second_part = credential.reset_by = None
    await session.flush()


async def reset(session: AsyncSession, actor: Actor, user: User) -> str:
    """Gives a user a password to be changed at the next sign-in, and lifts a suspension after failures. Ends the user's
    sessions and tokens. Returns the password, which is not stored.

    Over the network it has two parts: the first is returned, the second is shown to the security administrator who
    releases it (`release`); only the user gets both. Raises Forbidden for an administrator's over the network: whoever
    could reset it could become that administrator.
    """
    actor.require(Permission.manage_accounts)
    await require_no_administrator(session, actor, user)
    first = temporary()
    second = "" if actor.kind is ActorKind.system else temporary()
    await put(session, user, await passwords.hashed(first + second), must_change=True)
    if second:
        credential = await session.get_one(Credential, user.id)
        settings = context.SETTINGS.require(session)
        credential.second_part = encryption.encrypt(settings, _RELEASE, second, clock.now(session))
        credential.reset_by = actor.id
    await attempts.forgive(session, user.name)
    await devices.forget_all(session, user.id)
    await sessions.end_all(session, user.id)
    await tokens.revoke_all(session, actor, user.id)
    await trail.record(session, actor, SecurityEventType.password_reset, Subject("user", user.id))
    await suspension.changed(session, actor, user, AccountPart.password)
    return first


async def release(session: AsyncSession, actor: Actor, user: User) -> str:
    """Returns, once, the second part of a password that another person has reset, without which it does not sign in.

    Raises Forbidden on one's own account or where the same person reset it; Conflict where none waits, or it was reset
    more than seven days ago.
    """
    actor.require(Permission.grant_roles)
    credential = await session.get(Credential, user.id, with_for_update=True, populate_existing=True)
    if credential is None or credential.second_part is None:
        raise refusals.nothing_to_release()
    refuse(refusals.released_by_another(actor, user.id, credential.reset_by))
    settings = context.SETTINGS.require(session)
    second = encryption.decrypt(settings, _RELEASE, credential.second_part, clock.now(session), _RELEASED_WITHIN)
    if second is None:
        say = Say("重置已过期，请系统管理员再次重置。", "The reset has lapsed; have it reset anew.")
        raise Conflict(say, code="reset_lapsed")
    data = {"reset_by": credential.reset_by}
    credential.second_part = None
    await events.note(session, actor, SecurityEventType.password_released.value, "user", user.id, data)
    await trail.record(session, actor, SecurityEventType.password_released, Subject("user", user.id), data)
    await session.flush()
    return second


async def require_no_administrator(session: AsyncSession, actor: Actor, user: User) -> None:
    """Raises Forbidden for an administrator's account, unless the command is given at the server."""
    refuse(refusals.of_administrator(actor, await actors.roles_of(session, user.id)))


async def _read(database: Database, use: Use) -> tuple[User, Credential]:
    """Returns the user of the session and its credential. Raises Conflict where it has no password."""
    async with database.reading() as session:
        query = select(User, Credential).join(Credential, Credential.user_id == User.id)
        row = (await session.execute(query.where(User.id == use.user_id))).one_or_none()
    if row is None:
        raise refusals.no_password()
    return row[0], row[1]


async def _prove(database: Database, log: Trail, user: User, credential: Credential, password: str, at: str) -> None:
    """Raises Invalid where it is not the user's password; TooMany after as many failures as a sign-in allows, which
    stops guesses in a browser left open. They are counted apart from sign-ins, so that strangers who fail to sign in
    do not keep the user from changing the password."""
    settings = database.settings
    limits = attempts.signed_in_limits(settings, user.name)
    async with database.writing() as session:
        claim = await attempts.claim(session, settings, limits)
    if claim.wait is not None:
        say = Say("失败次数过多，请稍后再试。", "Too many failures; try again later.")
        raise TooMany(say, claim.wait.total_seconds(), code="sign_in_suspended")
    is_right, _ = await passwords.verify(password, credential.password_hash)
    if not is_right:
        subject = Subject("user", user.id)
        reason = {"reason": "wrong_password_while_signed_in"}
        await log.note(None, SecurityEventType.sign_in_failed, subject, reason, outcome=SecurityOutcome.failed)
        raise Invalid.field(at, "password_wrong", Say("口令不对。", "That is not the password."))
    async with database.writing() as session:
        await attempts.release(session, limits, succeeded=True)


async def change(database: Database, log: Trail, actor: Actor, use: Use, body: PasswordChange) -> None:
    """Changes one's own password. Ends every other session of the user, and the tokens unless `keep_tokens`.

    Raises Invalid, TooMany, Conflict, or Unauthorized where the password was reset meanwhile."""
    user, credential = await _read(database, use)
    await _prove(database, log, user, credential, body.current.get_secret_value(), "/current")
    new = body.new.get_secret_value()
    if new == body.current.get_secret_value():
        raise Invalid.field("/new", "password_same", Say("新口令与原口令相同。", "It is the same as before."))
    passwords.check(database.settings, new, "/new", name=user.name, display_name=user.display_name)
    new_hash = await passwords.hashed(new)
    async with database.writing() as session:
        await _require_unchanged(session, use, credential)
        await put(session, user, new_hash, must_change=False)
        await sessions.end_all(session, user.id, except_id=use.session_id)
        if not body.keep_tokens:
            await tokens.revoke_all(session, actor, user.id)
        data = {"keep_tokens": body.keep_tokens}
        await trail.record(session, actor, SecurityEventType.password_changed, Subject("user", user.id), data)


async def _require_unchanged(session: AsyncSession, use: Use, verified: Credential) -> None:
    """Raises Unauthorized where the password has changed, or the session has ended, since the password was verified."""
    current = await session.get(Credential, verified.user_id, with_for_update=True, populate_existing=True)
    row = await sessions.get(session, use.session_id)
    if current is None or current.password_hash != verified.password_hash or row.ended_at is not None:
        raise Unauthorized(sessions.SIGNED_OUT)


async def begin_second_factor(session: AsyncSession, settings: Settings, use: Use) -> SecondFactorBegun:
    """Stores and returns a new key, which takes effect once confirmed. Raises Conflict where one is set up already."""
    user, credential = await _locked(session, use.user_id)
    if credential.second_factor_since is not None:
        say = Say("动态口令已启用；要更换，请先停用。", "A second factor is set up; remove it first.")
        raise Conflict(say, code="second_factor_set")
    key = second_factor.new_key()
    credential.second_factor = second_factor.encrypted(settings, key, clock.now(session))
    await session.flush()
    return SecondFactorBegun(key=key, address=second_factor.address(key, user.name))


async def confirm_second_factor(session: AsyncSession, settings: Settings, actor: Actor, use: Use, code: str) -> None:
    """Sets up the second factor: sign-in requires a code from now on. Ends every other session.

    Raises Invalid for a wrong code, Conflict where no key waits to be confirmed.
    """
    user, credential = await _locked(session, use.user_id)
    if credential.second_factor is None or credential.second_factor_since is not None:
        raise Conflict(Say("没有待确认的动态口令。", "There is none to be confirmed."), code="nothing_to_confirm")
    now = clock.now(session)
    step = second_factor.step_of(settings, credential.second_factor, code, now, None)
    if step is None:
        say = Say("动态口令不对，请核对手机时间。", "The code is wrong; check the clock of your phone.")
        raise Invalid.field("/code", "code_wrong", say)
    credential.second_factor_since, credential.last_code_step = now, step
    await sessions.end_all(session, user.id, except_id=use.session_id)
    await trail.record(session, actor, SecurityEventType.second_factor_set, Subject("user", user.id))


async def remove_own_second_factor(database: Database, log: Trail, actor: Actor, use: Use, password: str) -> None:
    """Removes one's own second factor. Raises as `change` does; Conflict also where none is set up."""
    user, credential = await _read(database, use)
    await _prove(database, log, user, credential, password, "/password")
    async with database.writing() as session:
        await _require_unchanged(session, use, credential)
        await _remove_second_factor(session, actor, user)


async def remove_second_factor(session: AsyncSession, actor: Actor, user: User) -> None:
    """Removes the second factor of a user who lost the phone. Raises Conflict where none is set up; Forbidden as
    `reset` does."""
    actor.require(Permission.manage_accounts)
    await require_no_administrator(session, actor, user)
    await _remove_second_factor(session, actor, user)
    await suspension.changed(session, actor, user, AccountPart.second_factor)


async def _remove_second_factor(session: AsyncSession, actor: Actor, user: User) -> None:
    _, credential = await _locked(session, user.id)
    refuse(refusals.without_second_factor(has_one=credential.second_factor is not None))
    credential.second_factor = credential.second_factor_since = credential.last_code_step = None
    await trail.record(session, actor, SecurityEventType.second_factor_removed, Subject("user", user.id))


async def _locked(session: AsyncSession, user_id: UUID) -> tuple[User, Credential]:
    credential = await session.get(Credential, user_id, with_for_update=True, populate_existing=True)
    user = await session.get(User, user_id)
    if credential is None or user is None:
        raise refusals.no_password()
    return user, credential
