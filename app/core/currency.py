"""Foreign money beside its yuan: original amount, yuan per 1 unit with 8 decimals, the rate's day and source."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.clock import Day
from app.core.errors import Invalid
from app.core.money import MAX_FEN, PositiveAmount, Yuan, to_fen_rounded
from app.core.numbers import Rate
from app.core.say import Say
from app.core.text import Text

CNY = "CNY"


class ForeignMoney(BaseModel):
    """The fields of an amount agreed in foreign money; all of them, or none and `currency` CNY."""

    model_config = ConfigDict(extra="forbid")

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = CNY
    original_amount: PositiveAmount | None = Field(None, description="原币金额 / in the foreign currency")
    rate: Rate | None = Field(None, description="1 单位外币合多少元 / yuan per 1 unit", examples=["7.18900000"])
    rate_on: Day | None = None
    rate_source: Text | None = None


class ForeignMoneyRead(BaseModel):
    currency: str
    original_amount: Yuan | None
    rate: Rate | None
    rate_on: date | None
    rate_source: str | None


def in_yuan(money: ForeignMoney, value: Decimal | None, pointer: str) -> Decimal:
    """The amount in yuan: as given, or original × rate rounded half up to the fen. Raises Invalid."""
    foreign = {name: getattr(money, name) for name in ("original_amount", "rate", "rate_on", "rate_source")}
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
    yuan = to_fen_rounded(money.original_amount * money.rate)
    if not 0 < yuan.scaleb(2) < MAX_FEN:
        raise Invalid.field(
            "/original_amount",
            "money_too_large",
            Say("折合人民币应大于 0 且低于 1 万亿元。", "In yuan it must be above zero and below 10^12."),
        )
    return yuan
