"""Time: `now` is real and in UTC; `today` is the business day in Asia/Shanghai, or the stored one while it is set.

Within one transaction `now` does not change: all rows that a request writes have the same moment.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import context, office
from app.core.context import AnySession
from app.core.errors import Invalid
from app.core.localized import Say

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST_DAY = date(1949, 10, 1)
LATEST_DAY = date(2199, 12, 31)

Now = Callable[[], datetime]


def system_now() -> datetime:
    return datetime.now(UTC)


def business_day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """Returns the last microsecond of a business day, in UTC."""
    return datetime.combine(day, time.max, SHANGHAI).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Returns the first moment of a business day, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def now(session: AnySession) -> datetime:
    return context.NOW.get_or_set(session, context.CLOCK.require(session))


def set_now(session: AsyncSession, moment: datetime) -> None:
    """Sets the moment of the rest of this transaction. For the sample only."""
    context.TODAY.clear(session)
    context.RECORDED_AT.clear(session)
    context.NOW.set(session, moment.astimezone(UTC))


async def today(session: AsyncSession) -> date:
    """Returns the business day: the stored `business_day` while one is set, else the day of `now` in Asia/Shanghai."""
    day = context.TODAY.get(session)
    if day is None:
        before = context.READ_BEFORE.get(session)
        stored = before.business_day if before is not None else await office.stored_business_day(session)
        day = context.TODAY.set(session, stored or business_day(now(session)))
    return day


async def refuse_future(session: AsyncSession, day: date | None, pointer: str) -> None:
    """Raises Invalid, naming `pointer`, where the day is after the business day. None is accepted."""
    refuse_after(day, await today(session), pointer)


def refuse_after(day: date | None, today: date, pointer: str) -> None:
    """Raises the same as `refuse_future`, for callers that have the business day."""
    if day is not None and day > today:
        raise Invalid.field(
            pointer, "future_day", Say(f"不能晚于业务日 {today}。", f"Not after the business day {today}.")
        )


def month_after(day: date, months: int) -> date:
    """Returns the same day `months` later, or the last day of the month where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def quarter(day: date) -> tuple[int, int]:
    """Returns the year and the quarter (1 to 4) of a day."""
    return day.year, (day.month + 2) // 3


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) != 10:
        raise PydanticCustomError("day_text", "a day is written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("day_text", "a day is written YYYY-MM-DD") from None


def _sane_day(value: date) -> date:
    if not EARLIEST_DAY <= value <= LATEST_DAY:
        raise PydanticCustomError("day_range", "a day lies between 1949-10-01 and 2199-12-31")
    return value


_DAY_SCHEMA = WithJsonSchema({"type": "string", "format": "date", "examples": ["2023-02-27"]})

Day = Annotated[date, BeforeValidator(_day), AfterValidator(_sane_day), _DAY_SCHEMA]
"""A business day, `YYYY-MM-DD`, 1949-10-01 to 2199-12-31."""


def moment_text(value: datetime) -> str:
    """Returns a moment in UTC with six decimals, so that a `known_at` is read exactly as it was written."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


Moment = Annotated[
    datetime,
    PlainSerializer(moment_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2023-02-27T02:00:00.000000Z"]}),
]


def _known_at(value: Any) -> datetime:
    if isinstance(value, str) and len(value) == 10:
        return end_of_day(_sane_day(_day(value)))
    return _instant(value)


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, str) and 10 < len(value) <= 40:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("moment_text", "a moment is an ISO 8601 time with offset, or a day") from None
        if moment.tzinfo is None:
            raise PydanticCustomError("moment_without_offset", "a time needs its offset")
        _sane_day(moment.date())
        return moment.astimezone(UTC)
    raise PydanticCustomError("moment_text", "a moment is an ISO 8601 time with offset, or a day")


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2023-02-27T00:00:00+08:00"]}),
]
"""A moment that a client sends, with its offset."""

KnownAt = Annotated[
    datetime,
    BeforeValidator(_known_at),
    WithJsonSchema(
        {
            "type": "string",
            "description": (
                "截至何时已知的数：带时区的时刻，或一个日期（按北京时间当日结束）。"
                "As known at: a time with offset, or a day (its end in Asia/Shanghai)."
            ),
            "examples": ["2023-02-28", "2023-02-28T15:59:59.999999Z"],
        }
    ),
]
