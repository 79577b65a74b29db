"""What an office decides for itself, changed by the system administrator and on record."""

from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import sessions
from app.accounts.models import SignInSession, Way
from app.audit import trail
from app.audit.models import SecurityEventType
from app.core import office
from app.core.actor import Actor, Permission
from app.core.body import body
from app.core.errors import Conflict, Invalid
from app.core.say import Say, Word
from app.events import service as events

OFFICE = UUID(int=0)
"""The subject of events that concern the office as a whole."""


class OfficeKey(Word):
    separation = office.SEPARATION, "起草与审核分离", "who drafts a deal leaves its fate to others"
    second_factor = office.SECOND_FACTOR, "须启用动态口令的人", "who signs in by two factors"
    password_sign_in = office.PASSWORD_SIGN_IN, "口令登录", "signing in with a password"


_VALUES = {
    OfficeKey.separation: ("on", office.OFF),
    OfficeKey.second_factor: (office.OFF, office.ADMINISTRATORS),
    OfficeKey.password_sign_in: ("on", office.OFF),
}
"""The first is the default."""


class OfficeSettingSet(BaseModel):
    model_config = body({"value": "on"})

    value: str


class OfficeSettingRead(BaseModel):
    key: OfficeKey
    zh: str
    en: str
    value: str
    values: list[str]


class OfficeSettings(BaseModel):
    items: list[OfficeSettingRead]


async def _read(session: AsyncSession, key: OfficeKey) -> OfficeSettingRead:
    value = await office.get(session, key.value) or _VALUES[key][0]
    return OfficeSettingRead(key=key, zh=key.say.zh, en=key.say.en, value=value, values=list(_VALUES[key]))


async def find(session: AsyncSession) -> OfficeSettings:
    return OfficeSettings(items=[await _read(session, key) for key in OfficeKey])


async def put(
    session: AsyncSession, actor: Actor, key: OfficeKey, value: str, came_by: Way | None
) -> OfficeSettingRead:
    """`came_by` is None for a token. Raises Invalid for a value that the key does not take; Conflict where nobody could
    sign in any more."""
    actor.require(Permission.edit_stages)
    if value not in _VALUES[key]:
        listed = "、".join(_VALUES[key])
        raise Invalid.field("/value", "enum", Say(f"应为 {listed} 之一。", f"Should be one of {listed}."))
    before = (await _read(session, key)).value
    if before != value:
        if key is OfficeKey.password_sign_in and value == office.OFF:
            await _end_passwords(session, came_by)
        await office.put(session, key.value, None if value == _VALUES[key][0] else value)
        data = {"key": key.value, "changes": {"value": [before, value]}}
        await events.note(session, actor, SecurityEventType.settings_changed.value, "office", OFFICE, data)
        await trail.record(session, actor, SecurityEventType.settings_changed, data=data)
    return await _read(session, key)


async def _end_passwords(session: AsyncSession, came_by: Way | None) -> None:
    """Whoever came by a password goes. Raises Conflict unless the administrator came by single sign-on: it works,
    then, and somebody can get in to switch passwords on again."""
    if came_by is not Way.single_sign_on:
        say = Say(
            "请先以单点登录进入，再停用口令登录；以免谁都进不来。",
            "Come in by single sign-on yourself, then switch passwords off: else nobody might get in any more.",
        )
        raise Conflict(say, code="sign_on_first")
    await sessions.end(session, SignInSession.way == Way.password)
