"""Values as people read them: amounts, words, days, lists."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from app.core.localized import Say

CHANGED = Say("已更改", "changed")
"""Stands for a personal value, which no log holds."""
EMPTY = Say("未填", "empty")
_YES, _NO = Say("是", "yes"), Say("否", "no")
_LONGEST = 200


def yuan(value: Any) -> Say | None:
    """Returns an amount in yuan in the unit it is read in, rounded to four decimals of it; None where it is none."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return Say(
        _scaled(amount, (("亿元", 10**8), ("万元", 10**4)), "元"),
        _scaled(amount, ((" billion yuan", 10**9), (" million yuan", 10**6)), " yuan"),
    )


def _scaled(amount: Decimal, scales: tuple[tuple[str, int], ...], smallest: str) -> str:
    unit, size = next(((name, size) for name, size in scales if abs(amount) >= size), (smallest, 1))
    scaled = (amount / size).quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()
    return f"{scaled:,f}{unit}"


def plainly(value: Any) -> Say:
    """Returns a value that is neither an id nor a word as text."""
    if value is None or value == [] or value == "":
        return EMPTY
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, dict):
        return _joined(plainly(part) for part in value.values() if part is not None)
    if isinstance(value, list):
        parts = [plainly(part) for part in value]
        return Say("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))
    text = str(value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return Say(text, text)


def _joined(parts: Any) -> Say:
    listed = list(parts)
    return Say(" ".join(part.zh for part in listed), " ".join(part.en for part in listed))
