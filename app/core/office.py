"""Settings of the office, which all processes must share: one row for each key."""

from datetime import date

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core import context
from app.core.db import Base

BUSINESS_DAY = "business_day"
"""Set by the sample so that its day does not change; production refuses to start with it."""

SEPARATION = "separation"
"""The drafter of a deal neither approves nor terminates it, nor overrides a gate of its project (our default: on)."""
OFF = "off"

SECOND_FACTOR = "second_factor"
ADMINISTRATORS = "administrators"
"""With this value, administrators of the service sign in with two factors (our default: off)."""


PASSWORD_SIGN_IN = "password_sign_in"
"""Whether users may sign in by password. Off counts only while single sign-on is set up (our default: on)."""


class OfficeSetting(Base):
    __tablename__ = "office_settings"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


async def get(session: AsyncSession, key: str) -> str | None:
    read_before = context.OFFICE_SETTINGS.get_or_set(session, dict)
    if key in read_before:
        return read_before[key]
    value: str | None = await session.scalar(select(OfficeSetting.value).where(OfficeSetting.key == key))
    if not context.IS_WRITING.get(session):
        read_before[key] = value
    return value


async def put(session: AsyncSession, key: str, value: str | None) -> None:
    """Stores a value; None removes it."""
    row = await session.get(OfficeSetting, key)
    if value is None:
        if row is not None:
            await session.delete(row)
    elif row is None:
        session.add(OfficeSetting(key=key, value=value))
    else:
        row.value = value
    context.TODAY.clear(session)
    await session.flush()


async def stored_business_day(session: AsyncSession) -> date | None:
    value = await get(session, BUSINESS_DAY)
    return date.fromisoformat(value) if value else None


async def is_separated(session: AsyncSession) -> bool:
    return await get(session, SEPARATION) != OFF
