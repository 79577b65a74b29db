"""Sign-in with a password. Every failure gives the same answer in the same time; too many suspend sign-in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import actors, attempts, devices, passwords, second_factor, sessions, suspension
from app.accounts.models import Credential, Must, SignInSession, User, Way
from app.accounts.schemas import AccountChangeRead, SignIn
from app.audit.models import SecurityEventType, SecurityOutcome
from app.audit.trail import Subject, Trail
from app.core import client, clock, office
from app.core.config import Settings
from app.core.db import Database
from app.core.errors import Forbidden, TooMany, Unauthorized
from app.core.localized import Say

_WRONG = Say(
    "登录名、口令或动态口令不对，或账号不可用。", "The name, password or code is wrong, or the account is not in use."
)


class _Failed(Exception):
    """Sign-in failed. The reason goes to the log only."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Proof:
    """What was verified about an attempt, and what to store where it succeeds.

    `seen_hash` and `seen_second_factor` must be unchanged then; `better_hash` is a rehash with stronger parameters.
    """

    seen_hash: str
    seen_second_factor: datetime | None
    better_hash: str | None
    code_step: int | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun. `token` goes into the browser's cookie and is not stored here."""

    row: SignInSession
    token: str
    must: tuple[Must, ...]
    device: str
    """Token of the long-lived cookie by which the browser is recognized (`devices`)."""
    notices: list[AccountChangeRead]


async def sign_in(database: Database, log: Trail, body: SignIn, old_token: str | None, device: str | None) -> SignedIn:
    """Begins a session, and ends the session of the token `old_token`.

    Raises Unauthorized in the same words for an unknown name, a wrong password, a wrong code and an account not in
    use; with the code `code_required` where the password is right and a second factor is set up; TooMany while
    sign-in is suspended; Forbidden where the office takes no passwords.
    """
    settings = database.settings
    async with database.reading() as session:
        if not await takes_passwords(session, settings):
            await log.note(None, SecurityEventType.sign_in_failed, data={"reason": "passwords_off"})
            say = Say(
                f"本局不用口令登录，请用“{settings.sign_on_name}”。",
                f"Passwords are switched off here; use «{settings.sign_on_name}».",
            )
            raise Forbidden(say, code="password_sign_in_off")
    limits = attempts.limits(settings, body.name, client.current().address)
    async with database.writing() as session:
        if device_hash := await devices.recognize(session, body.name, device):
            limits = attempts.device_limits(settings, body.name, device_hash)
        claim = await attempts.claim(session, settings, limits)
    if claim.wait is not None:
        await log.note(None, SecurityEventType.sign_in_failed, data={"reason": "suspended"})
        minutes = settings.sign_in_pause_minutes
        say = Say(
            f"登录失败次数过多，请 {minutes} 分钟后再试。", f"Too many failed sign-ins; try again in {minutes} minutes."
        )
        raise TooMany(say, claim.wait.total_seconds(), code="sign_in_suspended")
    async with database.reading() as session:
        user, credential = await _find(session, body.name)
        now = clock.now(session)
    try:
        proof = await _prove(settings, user, credential, body, now)
    except _Failed as failed:
        await _note(log, user, failed.reason, is_last=claim.is_last)
        raise Unauthorized(_WRONG, code="sign_in_failed") from None
    if proof is None:
        async with database.writing() as session:
            await attempts.release(session, limits, succeeded=False)
        say = Say("请再填写动态口令（6 位数字）。", "Send the six-digit code of your authenticator as well.")
        raise Unauthorized(say, code="code_required")
    assert user is not None
    return await _let_in(database, limits, user, proof, old_token, device)


async def takes_passwords(session: AsyncSession, settings: Settings) -> bool:
    """Whether passwords are switched on. Always without single sign-on: there would be no other way to sign in."""
    return settings.sign_on_issuer is None or await office.get(session, office.PASSWORD_SIGN_IN) != office.OFF


async def _find(session: AsyncSession, name: str) -> tuple[User | None, Credential | None]:
    query = select(User, Credential).outerjoin(Credential, Credential.user_id == User.id)
    row = (await session.execute(query.where(User.name == name.casefold()))).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


async def _prove(
    settings: Settings, user: User | None, credential: Credential | None, body: SignIn, now: datetime
) -> _Proof | None:
    """Verifies the attempt. Returns None where the password is right and a code is still missing. Raises _Failed."""
    password_hash = credential.password_hash if credential is not None else None
    is_right, better = await passwords.verify(body.password.get_secret_value(), password_hash)
    if user is None:
        raise _Failed("unknown_name")
    if not is_right or credential is None:
        raise _Failed("wrong_password")
    if not actors.is_active(user, clock.business_day(now)):
        raise _Failed("not_in_use")
    if credential.second_factor is None or credential.second_factor_since is None:
        return _Proof(credential.password_hash, None, better, None)
    if body.code is None:
        return None
    step = second_factor.step_of(settings, credential.second_factor, body.code, now, credential.last_code_step)
    if step is None:
        raise _Failed("wrong_code")
    return _Proof(credential.password_hash, credential.second_factor_since, better, step)


async def _let_in(
    database: Database,
    limits: list[attempts.Limit],
    user: User,
    proof: _Proof,
    old_token: str | None,
    device: str | None,
) -> SignedIn:
    async with database.writing() as session:
        credential = await session.get(Credential, user.id, with_for_update=True, populate_existing=True)
        if credential is None or not _store(credential, proof):
            raise Unauthorized(_WRONG, code="sign_in_failed")
        await attempts.release(session, limits, succeeded=True)
        await sessions.end_token(session, old_token)
        known_device, device_token = await devices.remember(session, user.id, device)
        row, token = await sessions.begin(session, database.settings, user, Way.password, known_device)
        notices = await suspension.notices(session, user.id)
    _, use = await sessions.actor_of(database, token)
    return SignedIn(row, token, use.must, device_token, notices)


def _store(credential: Credential, proof: _Proof) -> bool:
    """Stores the code's step and the rehash. Returns False where the credential has changed since it was verified, or
    a concurrent attempt has used the same code."""
    if credential.password_hash != proof.seen_hash or credential.second_factor_since != proof.seen_second_factor:
        return False
    if proof.code_step is not None:
        if credential.last_code_step is not None and credential.last_code_step >= proof.code_step:
            return False
        credential.last_code_step = proof.code_step
    if proof.better_hash is not None:
        credential.password_hash = proof.better_hash
    return True


async def _note(log: Trail, user: User | None, reason: str, *, is_last: bool) -> None:
    """Logs a failure. The typed name is never logged: people may type their password there by mistake."""
    subject = Subject("user", user.id) if user is not None else None
    event_type = SecurityEventType.sign_in_failed
    await log.note(None, event_type, subject, {"reason": reason}, outcome=SecurityOutcome.failed)
    if is_last:
        await log.note(None, SecurityEventType.sign_in_locked, subject)
