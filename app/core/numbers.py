"""Decimals on the wire are strings with a fixed form; a JSON number would pass through a float."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.core.localized import Say

_NEGATIVE = Say("不能为负，请去掉负号。", "It cannot be negative; take the sign away.")


_TOO_LARGE = Say("数字过大，整数部分最多 {digits} 位。", "Too large: at most {digits} digits before the point.")
_UNSIGNED = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)


def _parser(pattern: str, digits: int, places: int) -> Callable[[object], Decimal]:
    """Returns a parser of text that matches `pattern`; its error names the fault: sign, size, or form and decimals."""

    def parse(value: object) -> Decimal:
        if isinstance(value, Decimal):
            return value
        if isinstance(value, str) and not pattern.startswith("^-") and re.fullmatch(r"-[0-9.]+", value, re.ASCII):
            raise PydanticCustomError("decimal_text", "a decimal string without a sign", {"say": _NEGATIVE})
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            form = _UNSIGNED.fullmatch(value.removeprefix("-")) if isinstance(value, str) else None
            if form is not None and len(form[1]) > digits:
                raise PydanticCustomError("decimal_text", "too large", {"say": _TOO_LARGE.filled(digits=digits)})
            raise PydanticCustomError(
                "decimal_text", "a decimal string with at most {places} decimals", {"places": places}
            )
        return Decimal(value)

    return parse


def _write(value: Decimal) -> str:
    return f"{value:f}"


_RATE = r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,8})?$"
_AREA = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$"
_QUANTITY = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"
_VALUE = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"
_DEGREES = r"^-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$"
_out = PlainSerializer(_write, return_type=str)

Rate = Annotated[
    Decimal, BeforeValidator(_parser(_RATE, 6, 8)), _out, WithJsonSchema({"type": "string", "pattern": _RATE})
]
"""Yuan per 1 unit of the foreign currency, at most 8 decimals."""

Area = Annotated[
    Decimal, BeforeValidator(_parser(_AREA, 9, 2)), _out, WithJsonSchema({"type": "string", "pattern": _AREA})
]
"""Land in 亩, at most 2 decimals. 1 公顷 = 15 亩."""

Quantity = Annotated[
    Decimal,
    BeforeValidator(_parser(_QUANTITY, 12, 4)),
    _out,
    WithJsonSchema({"type": "string", "pattern": _QUANTITY}),
]

Degrees = Annotated[
    Decimal,
    BeforeValidator(_parser(_DEGREES, 3, 6)),
    _out,
    WithJsonSchema({"type": "string", "pattern": _DEGREES}),
]

EvidenceValue = Annotated[
    Decimal, BeforeValidator(_parser(_VALUE, 12, 2)), _out, WithJsonSchema({"type": "string", "pattern": _VALUE})
]
"""The value of a piece of evidence: per cent or yuan, at most 2 decimals."""
