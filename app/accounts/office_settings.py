"""Settings of the office. The system administrator alone may tighten a control; loosening one takes two people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import sessions
from app.accounts.models import SignInSession, Way
from app.audit import trail
from app.audit.models import SecurityEventType
from app.controls import service as controls
from app.controls import settings
from app.controls.kinds import event_fields
from app.controls.models import ControlChange, ControlKind
from app.core import office
from app.core.actor import Actor, Permission
from app.core.body import body
from app.core.errors import Conflict, Invalid
from app.core.localized import Say, Word
from app.core.text import Prose
from app.events import service as events

OFFICE = UUID(int=0)
"""The subject id of events that concern the office as a whole."""


class OfficeKey(Word):
    separation = office.SEPARATION, "起草与审核分离", "who drafts a deal leaves its fate to others"
    second_factor = office.SECOND_FACTOR, "须启用动态口令的人", "who signs in by two factors"
    password_sign_in = office.PASSWORD_SIGN_IN, "口令登录", "signing in with a password"


_VALUES = {
    OfficeKey.separation: ("on", office.OFF),
    OfficeKey.second_factor: (office.OFF, office.ADMINISTRATORS),
    OfficeKey.password_sign_in: ("on", office.OFF),
}
"""The values of each setting; the first is the default."""


_LOOSE = {
    OfficeKey.separation: office.OFF,
    OfficeKey.second_factor: office.OFF,
    OfficeKey.password_sign_in: "on",
}
"""The value that loosens a control: it takes effect once another person has confirmed it."""


class OfficeSettingSet(BaseModel):
    model_config = body({"value": "on"})

    value: str
    reason: Prose | None = Field(
        None, description="放宽时必填，由另一人确认 / required where it loosens, for who confirms it"
    )


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


def in_force(stored: Mapping[str, str]) -> dict[OfficeKey, str]:
    """Returns the value of each setting, given the settings that are stored."""
    return {key: stored.get(key.value, values[0]) for key, values in _VALUES.items()}


async def find(session: AsyncSession) -> OfficeSettings:
    return OfficeSettings(items=[await _read(session, key) for key in OfficeKey])


async def put(
    session: AsyncSession, actor: Actor, key: OfficeKey, body: OfficeSettingSet, came_by: Way | None
) -> OfficeSettingRead | ControlChange:
    """Changes a setting and returns it. One that loosens a control waits for confirmation: returns the control change.

    Raises Invalid for a value that the key does not take, or for a missing reason; Conflict where nobody could sign in
    afterwards.
    """
    actor.require(Permission.edit_stages)
    value = body.value
    if value not in _VALUES[key]:
        listed = "、".join(_VALUES[key])
        raise Invalid.field("/value", "enum", Say(f"应为 {listed} 之一。", f"Should be one of {listed}."))
    before = await present(session, key.value)
    if before["value"] == value:
        return await _read(session, key)
    if value == _LOOSE[key]:
        reason, asked = controls.require_reason(body.reason), {"value": value}
        kind = ControlKind.office_setting
        return await controls.ask(session, actor, kind, key.value, asked=asked, before=before, reason=reason)
    if key is OfficeKey.password_sign_in:
        await _end_password_sessions(session, came_by)
    await _set(session, actor, key, before["value"], value, {})
    return await _read(session, key)


async def present(session: AsyncSession, key: str) -> dict[str, Any]:
    """Returns the present value, in the form in which a control change keeps it."""
    return {"value": (await _read(session, OfficeKey(key))).value}


async def carry_out(session: AsyncSession, actor: Actor, change: ControlChange) -> None:
    """Applies a confirmed change of a setting."""
    key = OfficeKey(change.key)
    await _set(session, actor, key, change.before["value"], change.asked["value"], event_fields(change))


async def _set(
    session: AsyncSession, actor: Actor, key: OfficeKey, before: str, value: str, people: dict[str, str]
) -> None:
    data = {"key": key.value, "changes": {"value": [before, value]}, **people}
    event_id = await events.note(session, actor, SecurityEventType.settings_changed.value, "office", OFFICE, data)
    await trail.record(session, actor, SecurityEventType.settings_changed, data=data)
    await settings.store(session, key.value, None if value == _VALUES[key][0] else value, event_id)


async def _end_password_sessions(session: AsyncSession, came_by: Way | None) -> None:
    """Ends every session begun with a password. Raises Conflict unless the administrator signed in by single sign-on,
    which proves that it works and that somebody can still sign in to switch passwords on again."""
    if came_by is not Way.single_sign_on:
        say = Say(
            "请先以单点登录进入，再停用口令登录；以免谁都进不来。",
            "Come in by single sign-on yourself, then switch passwords off: else nobody might get in any more.",
        )
        raise Conflict(say, code="sign_on_first")
    await sessions.end(session, SignInSession.way == Way.password)
