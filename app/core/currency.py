"""Amounts in foreign money and in yuan: original amount, yuan per 1 unit with 8 decimals, the rate's day and source."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated

from babel.core import get_global
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.core.clock import Day, refuse_after
from app.core.errors import Invalid
from app.core.localized import Say
from app.core.money import MAX_FEN, ForeignAmount, ForeignUnits, to_fen_rounded
from app.core.numbers import Rate
from app.core.text import Text

CNY = "CNY"
CONVERSION = ("currency", "original_amount", "rate", "rate_on", "rate_source")
"""Columns that hold what an amount in yuan was converted from."""

_THREE_CAPITALS = "^[A-Z]{3}$"

_YUAN_ALIASES = frozenset({"RMB", "CNH"})
"""Codes that people write for yuan and that are no currencies of ISO 4217."""


@cache
def _spans() -> Mapping[str, Sequence[tuple[date, date]]]:
    """Returns by ISO 4217 currency the spans of days on which it was legal tender somewhere.

    Source: Unicode CLDR as shipped with Babel. Funds codes, metals, XXX and XTS are nowhere legal tender.
    """
    spans = defaultdict(list)
    for currencies in get_global("territory_currencies").values():
        for code, start, end, is_tender in currencies:
            if is_tender:
                spans[code].append((date(*start) if start else date.min, date(*end) if end else date.max))
    return spans


def _refuse_unknown(currency: str, on: date) -> None:
    """Raises Invalid where the currency was nowhere legal tender on that day."""
    if currency in _YUAN_ALIASES:
        raise Invalid.field("/currency", "unknown_currency", Say("人民币请写 CNY。", "Write CNY for yuan."))
    if not any(start <= on <= end for start, end in _spans().get(currency, ())):
        raise Invalid.field(
            "/currency",
            "unknown_currency",
            Say(
                f"{currency} 在 {on} 不是流通货币；请填 ISO 4217 货币代码，例如 USD、EUR、JPY。",
                f"{currency} was no country's money on {on}; give an ISO 4217 currency code, such as USD, EUR, JPY.",
            ),
        )


def _of_three_capitals(currency: str) -> str:
    if not re.fullmatch(_THREE_CAPITALS, currency, re.ASCII):
        raise PydanticCustomError("currency_text", "an ISO 4217 code")
    return currency


Currency = Annotated[
    str,
    AfterValidator(_of_three_capitals),
    WithJsonSchema({"type": "string", "pattern": _THREE_CAPITALS, "description": "ISO 4217"}),
]


class ForeignMoney(BaseModel):
    """The fields of an amount agreed in foreign money: either all are given, or none and `currency` is CNY."""

    model_config = ConfigDict(extra="forbid")

    currency: Currency = CNY
    original_amount: ForeignAmount | None = Field(None, description="原币金额 / in the foreign currency")
    rate: Rate | None = Field(None, description="1 单位外币合多少元 / yuan per 1 unit", examples=["7.18900000"])
    rate_on: Day | None = Field(None, description="汇率日，不晚于业务日 / not after the business day")
    rate_source: Text | None = None


class ForeignMoneyRead(BaseModel):
    currency: str
    original_amount: ForeignUnits | None
    rate: Rate | None
    rate_on: date | None
    rate_source: str | None


def in_yuan(money: ForeignMoney, value: Decimal | None, pointer: str, today: date) -> Decimal:
    """Returns the amount in yuan: as given, or original × rate rounded half up to the fen.

    Raises Invalid where a field is missing or must be absent, the currency was nowhere legal tender on the rate's day,
    that day is after `today`, or the result is out of range. The rate's day may be long before or after the day of the
    amount: an agreement may fix a rate, and a later version may convert again.
    """
    foreign = {name: getattr(money, name) for name in CONVERSION[1:]}
    if money.currency == CNY:
        for name, given in foreign.items():
            if given is not None:
                raise Invalid.field(
                    f"/{name}",
                    "not_foreign",
                    Say(
                        "人民币金额不填折算信息；外币请填 currency。",
                        "Leave it out for yuan, or name the currency.",
                    ),
                )
        if value is None:
            raise Invalid.field(pointer, "missing", Say("请填写金额（元）。", "Supply the amount in yuan."))
        return value
    refuse_after(money.rate_on, today, "/rate_on")
    _refuse_unknown(money.currency, money.rate_on or today)
    for name, given in foreign.items():
        if given is None:
            raise Invalid.field(
                f"/{name}",
                "missing",
                Say(
                    "外币须填原币金额、汇率、汇率日和汇率来源。",
                    "Foreign money needs amount, rate, the rate's day and source.",
                ),
            )
    if value is not None:
        raise Invalid.field(
            pointer,
            "not_yuan",
            Say("外币金额由系统折算，请勿填写元。", "Yuan are computed from the rate; leave it out."),
        )
    assert money.original_amount is not None
    assert money.rate is not None
    if money.rate == 0:
        say = Say("汇率应大于 0。", "A rate is above zero.")
        raise Invalid.field("/rate", "rate_not_positive", say)
    yuan = to_fen_rounded(money.original_amount * money.rate)
    if not 0 < yuan.scaleb(2) < MAX_FEN:
        raise Invalid.field(
            "/original_amount",
            "money_too_large",
            Say("折合人民币应大于 0 且低于 1 万亿元。", "In yuan it must be above zero and below 10^12."),
        )
    return yuan
