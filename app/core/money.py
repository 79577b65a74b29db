"""Money: integer fen in the database, Decimal yuan in Python, a decimal string in yuan on the wire.

In SQL only sums, comparisons and negation keep the unit; any other arithmetic needs
`type_coerce(expression, Money())`. Factors are applied outside SQL.
"""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

MAX_FEN = 10**14
"""One amount is below 1 万亿元."""

MAX_FOREIGN = 10**16
"""One amount in a foreign currency is below this many units. Its hundredths fit a BIGINT (9.2 × 10^18); even for dong
and rupiah, which are worth little, the limit in yuan is reached first."""

FEN = Decimal("0.01")
_PATTERN = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,2})?$"


class Money(TypeDecorator[Decimal]):
    """Yuan as Decimal with at most two decimals, stored as BIGINT fen."""

    impl = BigInteger
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        fen = Decimal(value).scaleb(2)
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} is finer than a fen")
        return int(fen)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        # PostgreSQL gives sum(bigint) as numeric, SQLite as int; both are whole fen.
        return None if value is None else Decimal(int(value)).scaleb(-2)


def to_fen_rounded(value: Decimal) -> Decimal:
    """Returns yuan rounded half up to the fen, the rule for converted foreign money."""
    return value.quantize(FEN, ROUND_HALF_UP)


def text(value: Decimal) -> str:
    """Returns yuan as `13880000000.00`: no separators, always two decimals."""
    return f"{value:.2f}"


def yi(value: Decimal) -> str:
    """Returns 亿元 with one decimal, for display only; sum first, round last."""
    return f"{(value / 100_000_000).quantize(Decimal('0.1'), ROUND_HALF_UP)}"


def _from_string(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(_PATTERN, value, re.ASCII):
        raise PydanticCustomError("money_text", "an amount is a string of yuan with at most two decimals")
    return Decimal(value)


def _foreign_from_string(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(_FOREIGN_PATTERN, value, re.ASCII):
        raise PydanticCustomError("foreign_text", "a foreign amount is a string with at most two decimals")
    return Decimal(value)


def _within_foreign_limit(value: Decimal) -> Decimal:
    if value >= MAX_FOREIGN:
        raise PydanticCustomError("foreign_too_large", "a foreign amount is below 10^16 units")
    return value


def _within_limit(value: Decimal) -> Decimal:
    if abs(value).scaleb(2) >= MAX_FEN:
        raise PydanticCustomError("money_too_large", "one amount is below 10^14 fen")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("money_negative", "an amount is not negative")
    return value


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise PydanticCustomError("money_not_positive", "an amount is above zero")
    return value


def _schema(pattern: str, description: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": pattern, "description": description, "examples": ["8680000000.00"]}
    )


_FOREIGN_PATTERN = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,2})?$"
_NON_NEGATIVE = _PATTERN.replace("-?", "")
_NON_NEGATIVE_FOREIGN = _FOREIGN_PATTERN.replace("-?", "")
_serialize = PlainSerializer(text, return_type=str)
_parse = BeforeValidator(_from_string)

Yuan = Annotated[Decimal, _parse, _serialize, _schema(_PATTERN, "元 yuan, decimal string")]
"""Any sum, also negative and above the limit of one amount (answers only)."""

Amount = Annotated[
    Decimal,
    _parse,
    AfterValidator(_within_limit),
    AfterValidator(_not_negative),
    _serialize,
    _schema(_NON_NEGATIVE, "元 yuan, decimal string, 0 or more, below 10^12"),
]
PositiveAmount = Annotated[
    Decimal,
    _parse,
    AfterValidator(_within_limit),
    AfterValidator(_positive),
    _serialize,
    _schema(_NON_NEGATIVE, "元 yuan, decimal string, above 0, below 10^12"),
]

ForeignUnits = Annotated[
    Decimal,
    BeforeValidator(_foreign_from_string),
    _serialize,
    _schema(_NON_NEGATIVE_FOREIGN, "原币金额 in units of the foreign currency, decimal string"),
]
"""A foreign amount in an answer."""

ForeignAmount = Annotated[
    Decimal,
    BeforeValidator(_foreign_from_string),
    AfterValidator(_within_foreign_limit),
    AfterValidator(_positive),
    _serialize,
    _schema(_NON_NEGATIVE_FOREIGN, "原币金额 in the foreign currency, decimal string, above 0, below 10^16"),
]
"""Units of a foreign currency with at most two decimals, stored as whole hundredths. A third decimal, which dinars
have, is refused, never rounded."""
