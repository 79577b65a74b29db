"""Displays: screens on a wall that show its figures without anybody signed in.

An administrator adds a display and is shown a code, which works once within a day. The browser of the screen exchanges
it for a cookie, which reads the wall until the display expires or is ended.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import bearer
from app.accounts.bearer import hashed
from app.accounts.models import Display
from app.accounts.schemas import DisplayAdd, DisplayAdded, DisplayRead
from app.audit import trail
from app.audit.models import SecurityEventType
from app.audit.trail import Subject, Trail
from app.core import client, clock
from app.core.actor import Actor, ActorKind, Permission
from app.core.db import Database
from app.core.errors import Conflict, Unauthorized
from app.core.localized import Say
from app.core.records import one

DISPLAY = Say("大屏", "display")
COOKIE = "five_ones_display"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O: the code is typed with a remote control."""
_GROUPS, _GROUP = 3, 4
"""Twelve characters of 32: 60 bits, for a day, with the rate limit on invalid tokens."""
_CODE_LIVES = timedelta(days=1)
_SEEN_EVERY = timedelta(minutes=10)
"""Precision of `last_used_at`."""


def _of_code(code: str) -> str:
    """Returns the hash of a code as it was typed: case, spaces and hyphens do not count."""
    return hashed("".join(character for character in code.upper() if character.isalnum()))


async def add(session: AsyncSession, actor: Actor, body: DisplayAdd) -> DisplayAdded:
    """Adds a display. Returns it with the code by which its screen is set up."""
    actor.require(Permission.manage_accounts)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP))
    now = clock.now(session)
    display = Display(
        name=body.name,
        code_hash=_of_code(code),
        code_until=now + _CODE_LIVES,
        created_at=now,
        expires_at=now + timedelta(days=body.days),
    )
    session.add(display)
    await session.flush()
    data = {"name": body.name, "days": body.days}
    await trail.record(session, actor, SecurityEventType.display_added, Subject("display", display.id), data)
    shown = "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))
    return DisplayAdded(**_read(display, now).model_dump(), code=shown)


async def find(session: AsyncSession) -> list[DisplayRead]:
    """Returns every display there ever was, the latest first."""
    rows = await session.scalars(select(Display).order_by(Display.created_at.desc(), Display.id))
    now = clock.now(session)
    return [_read(row, now) for row in rows]


def _read(display: Display, now: datetime) -> DisplayRead:
    read = DisplayRead.model_validate(display)
    read.is_in_use = display.ended_at is None and now < display.expires_at
    return read


async def end(session: AsyncSession, actor: Actor, display_id: UUID) -> None:
    """Ends a display: its screen is told at its next reading. Raises NotFound, or Conflict where it has ended."""
    actor.require(Permission.manage_accounts)
    display = await one(session, select(Display).where(Display.id == display_id).with_for_update(), DISPLAY)
    if display.ended_at is not None:
        raise Conflict(Say("这块大屏已停用。", "It has been ended already."), code="unchanged")
    display.ended_at, display.code_hash = clock.now(session), None
    await session.flush()
    await trail.record(session, actor, SecurityEventType.display_ended, Subject("display", display.id))


CODE_INVALID = Say(
    "接入码不对、已用过或已过期；请管理员在“管理 → 大屏”重新生成。",
    "The code is wrong, was used or has expired; ask an administrator for a new one (Administration, Displays).",
)


async def begin(database: Database, audit: Trail, code: str) -> tuple[DisplayRead, str]:
    """Sets up the screen that a code is for. Returns the display and the token for the browser's cookie.

    Raises Unauthorized, in the same words for a code that is wrong, was used or has expired.
    """
    token = secrets.token_urlsafe(32)
    async with database.writing() as session:
        query = select(Display).where(Display.code_hash == _of_code(code)).with_for_update()
        display, now = await session.scalar(query), clock.now(session)
        if display is not None and now < min(display.code_until, display.expires_at):
            origin = client.current()
            display.code_hash, display.token_hash, display.begun_at = None, hashed(token), now
            display.address, display.user_agent, display.last_used_at = origin.address, origin.user_agent, now
            await session.flush()
            actor = _actor(display.id, display.name)
            await trail.record(session, actor, SecurityEventType.display_begun, Subject("display", display.id))
            return _read(display, now), token
    await audit.note(None, SecurityEventType.token_refused)
    raise Unauthorized(CODE_INVALID, code="display_code")


_QUERY = select(Display.id, Display.name, Display.expires_at, Display.last_used_at, Display.ended_at).where(
    Display.token_hash == bindparam("token_hash")
)


async def actor_of(database: Database, token: str) -> tuple[Actor, UUID, bool] | None:
    """Returns the display of a token as an actor, its id, and whether `last_used_at` is so old that it is written anew;
    None where no display in use has the token."""
    row = await database.row(_QUERY, token_hash=hashed(token))
    now = database.clock()
    if row is None or row.ended_at is not None or now >= row.expires_at:
        return None
    return _actor(row.id, row.name), row.id, row.last_used_at + _SEEN_EVERY < now


def _actor(display_id: UUID, name: str) -> Actor:
    """Returns a display as an actor: it reads the figures of the whole city by the operations in `policy.DISPLAYED`."""
    return Actor(
        id=str(display_id),
        name=name,
        kind=ActorKind.token,
        permissions=frozenset({Permission.read}),
        roles=frozenset({"display"}),
    )


async def remember_use(database: Database, display_id: UUID) -> None:
    """Writes when a display was last used."""
    await bearer.remember_use(database, Display.last_used_at, display_id, every=_SEEN_EVERY)
