"""Periods: as text (`2023`, `2023H1`, `2023Q1`, `2023-03`), or from one day to another."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.core.clock import Day
from app.core.errors import Invalid
from app.core.localized import Say

_PATTERN = r"^(1949|19[5-9][0-9]|20[0-9]{2}|21[0-9]{2})(H[12]|Q[1-4]|-(0[1-9]|1[0-2]))?$"


def _checked(value: str) -> str:
    if not re.fullmatch(_PATTERN, value, re.ASCII):
        raise PydanticCustomError("period_text", "a period looks like 2023, 2023H1, 2023Q1 or 2023-03")
    return value


Period = Annotated[
    str,
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": _PATTERN,
            "description": "年、半年、季度或月 / a year, half, quarter or month",
            "examples": ["2023Q1", "2023", "2023-03"],
        }
    ),
]


def days(period: str) -> tuple[date, date]:
    """Returns the first and the last day, both included."""
    year, part = int(period[:4]), period[4:]
    if not part:
        first, months = 1, 12
    elif part[0] == "H":
        first, months = 6 * int(part[1]) - 5, 6
    elif part[0] == "Q":
        first, months = 3 * int(part[1]) - 2, 3
    else:
        first, months = int(part[1:]), 1
    last = first + months - 1
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


class SpanQuery(BaseModel):
    """The days asked for, both ends included: a `period`, or `from` and `to`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    period: Period | None = Field(
        None, description="期间，或以 from、to 指定 / a year, half, quarter or month; else give `from` and `to`"
    )
    from_: Day | None = Field(None, alias="from", description="起始日（含），与 to 同用 / first day, with `to`")
    to: Day | None = Field(None, description="截止日（含），与 from 同用 / last day, with `from`")

    def days(self) -> tuple[date, date]:
        """Returns the first and the last day. Raises Invalid where none are given, or they contradict each other."""
        if self.from_ is None and self.to is None:
            if self.period is None:
                say = Say("请填写期间，或起始日和截止日。", "Give a `period`, or `from` and `to`.")
                raise Invalid.field("?period", "missing", say)
            return days(self.period)
        if self.from_ is None or self.to is None:
            missing = "?from" if self.from_ is None else "?to"
            raise Invalid.field(missing, "missing", Say("起始日和截止日须同时填写。", "Give both `from` and `to`."))
        if self.to < self.from_:
            raise Invalid.field("?to", "before_from", Say("截止日不能早于起始日。", "`to` cannot lie before `from`."))
        if self.period is not None and days(self.period) != (self.from_, self.to):
            say = Say("期间与起止日不一致，请只填其一。", "`period` names other days than `from` and `to`; give one.")
            raise Invalid.field("?period", "two_periods", say)
        return self.from_, self.to

    def days_of_year(self) -> tuple[date, date]:
        """As `days`. Raises Invalid also where they lie in two years: plans are made for a year."""
        start, end = self.days()
        if start.year != end.year:
            say = Say("起止日须在同一年内。", "Both days lie in one year: plans and resumptions are counted by year.")
            raise Invalid.field("?to", "not_one_year", say)
        return start, end


def year_and_month(number: int) -> tuple[int, int]:
    """Returns the year and the month (1 to 12) of a month by its number, year × 12 + month − 1."""
    return number // 12, number % 12 + 1


def month_of(number: int) -> str:
    """Returns the period of a month from its number, year × 12 + month − 1."""
    year, month = year_and_month(number)
    return f"{year:04d}-{month:02d}"


def number_of(day: date) -> int:
    """Returns the number of the month of a day, year × 12 + month − 1."""
    return day.year * 12 + day.month - 1


def quarter_of(number: int) -> str:
    """Returns the period of the quarter in which a month lies, from the number of the month."""
    return f"{number // 12:04d}Q{number % 12 // 3 + 1}"


def months(start: date, end: date) -> Iterator[int]:
    """Yields the numbers of the months from one day to another."""
    yield from range(number_of(start), number_of(end) + 1)
