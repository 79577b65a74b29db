"""Sign-in by the office's provider of single sign-on (OpenID Connect).

An attempt is stored only in an encrypted cookie, so that a thousand begun attempts leave no rows here. It expires after
ten minutes, is valid only in the browser that began it, and signs in once.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import NoReturn
from uuid import UUID

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from app.accounts import actors, binding, sessions
from app.accounts.models import SignOnUse, Way
from app.accounts.onward import within_this_site
from app.accounts.openid import Identity, NotProved, Provider, Secrets, Unreachable
from app.audit.models import SecurityEventType, SecurityOutcome
from app.audit.trail import Subject, Trail
from app.core import clock, encryption
from app.core.db import Database

_PURPOSE = "single sign-on"
WITHIN = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Failed(Exception):
    """Sign-in failed. `code` is a problem that the login page explains; `user_id` the account, where one is bound."""

    def __init__(self, code: str, user_id: UUID | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt: `address` is where the browser goes; the cookie holds the attempt until it comes back."""

    address: str
    cookie_name: str
    cookie_value: str


@dataclass(frozen=True, slots=True)
class SignedOn:
    token: str
    onward: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The parameters with which the provider sent the browser back; all None where one came twice."""

    state: str | None = None
    code: str | None = None
    issuer: str | None = None
    error: str | None = None


def cookie_name(state: str) -> str:
    """Returns the name of an attempt's cookie, different for each attempt: two tabs may each have one."""
    return f"five_ones_sign_on_{hashlib.sha256(state.encode('utf-8', 'replace')).hexdigest()[:8]}"


async def begin(database: Database, provider: Provider | None, wanted: str | None) -> Begun:
    """Begins an attempt. Raises Failed where no provider is set up, or it does not answer."""
    if provider is None:
        raise Failed("sign_on_off")
    now = database.clock()
    attempt = Secrets(*(secrets.token_urlsafe(32) for _ in range(3)))
    try:
        address = await provider.address(attempt, now)
    except Unreachable as error:
        _unreachable(error)
    attempt_json = json.dumps({**asdict(attempt), "next": within_this_site(wanted)}, ensure_ascii=False)
    cookie_value = encryption.encrypt(database.settings, _PURPOSE, attempt_json, now)
    return Begun(address, cookie_name(attempt.state), cookie_value)


def _unreachable(error: Unreachable) -> NoReturn:
    log.warning("sign_on_provider_failed", reason=str(error))
    raise Failed("sign_on_unreachable") from error


async def complete(
    database: Database,
    provider: Provider | None,
    events: Trail,
    answer: Answer,
    cookie_value: str | None,
    old_token: str | None,
) -> SignedOn:
    """Begins a session for the user whom the answer identifies, and ends the session of the token `old_token`.

    Raises Failed, after noting it as a security event.
    """
    if provider is None:
        raise Failed("sign_on_off")
    try:
        attempt, onward = _attempt(database, answer, cookie_value)
        identity = await _identity(database, provider, answer, attempt)
        token = await _let_in(database, attempt, identity, old_token)
    except Failed as failed:
        subject = Subject("user", failed.user_id) if failed.user_id is not None else None
        reason = {"reason": failed.code}
        await events.note(None, SecurityEventType.sign_in_failed, subject, reason, outcome=SecurityOutcome.failed)
        raise
    return SignedOn(token, onward)


def _attempt(database: Database, answer: Answer, cookie_value: str | None) -> tuple[Secrets, str]:
    """Returns the attempt and the address to go on to. Raises Failed where another browser began it, it has expired, or
    the state is that of another attempt."""
    opened = encryption.decrypt(database.settings, _PURPOSE, cookie_value or "", database.clock(), WITHIN)
    if opened is None:
        raise Failed("sign_on_expired")
    begun = json.loads(opened)
    onward = begun.pop("next")
    attempt = Secrets(**begun)
    if not hmac.compare_digest(attempt.state.encode(), (answer.state or "").encode("utf-8", "replace")):
        raise Failed("sign_on_expired")
    return attempt, onward


async def _identity(database: Database, provider: Provider, answer: Answer, attempt: Secrets) -> Identity:
    """Returns the identity that the answer proves. Raises Failed."""
    if answer.error == "access_denied":
        raise Failed("sign_on_denied")
    if answer.error is not None or not answer.code:
        log.warning("sign_on_refused", reason=f"the provider answers {(answer.error or 'without a code')[:100]!r}")
        raise Failed("sign_on_refused")
    try:
        return await provider.identify(answer.code, answer.issuer, attempt, database.clock())
    except Unreachable as error:
        _unreachable(error)
    except NotProved as error:
        log.warning("sign_on_refused", reason=str(error))
        raise Failed("sign_on_refused") from error


async def _let_in(database: Database, attempt: Secrets, identity: Identity, old_token: str | None) -> str:
    """Begins a session for the user of an identity and returns its token. Raises Failed.

    Tries once more where another request added the same user, or used the same state, at the same moment.
    """
    state_hash = hashlib.sha256(attempt.state.encode()).hexdigest()
    for is_last in (False, True):
        try:
            return await _begin_session(database, state_hash, identity, old_token)
        except IntegrityError:
            # A concurrent request added the same user or used the same state. A retry finds the user that was added;
            # a used state fails again.
            if is_last:
                raise Failed("sign_on_expired") from None
    raise AssertionError


async def _begin_session(database: Database, state_hash: str, identity: Identity, old_token: str | None) -> str:
    async with database.writing() as session:
        now = clock.now(session)
        user = await binding.bound_to(session, identity)
        if user is None and database.settings.sign_on_adds_users:
            user = await binding.add(session, identity)
        if user is None:
            await binding.remember(session, identity)
        elif actors.is_active(user, clock.business_day(now)):
            await session.execute(delete(SignOnUse).where(SignOnUse.used_at < now - 2 * WITHIN))
            session.add(SignOnUse(state_hash=state_hash, used_at=now))
            await session.flush()
            await sessions.end_token(session, old_token)
            _, token = await sessions.begin(session, database.settings, user, Way.single_sign_on)
            return token
    raise Failed("sign_on_unknown") if user is None else Failed("sign_on_not_in_use", user.id)
