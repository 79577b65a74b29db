"""Periods as text: `2023`, `2023H1`, `2023Q1`, `2023-03`."""

import re
from calendar import monthrange
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

_PATTERN = r"^(19[5-9][0-9]|20[0-9]{2}|21[0-9]{2})(H[12]|Q[1-4]|-(0[1-9]|1[0-2]))?$"


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
