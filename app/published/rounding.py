"""A published amount is rounded, ours is not: they are the same if ours, rounded as it was, is what was published."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

_USUAL = tuple(Decimal(yuan) for yuan in ("10000000", "1000000", "10000", "1", "0.01"))
"""What amounts are rounded to where they are published: 0.1 亿元, 0.01 亿元, 万元, 元, 分; the commonest first."""


def is_multiple(amount: Decimal, precision: Decimal) -> bool:
    return amount % precision == 0


def usual(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The precision in yuan of published amounts that say none: 0.1 亿元, or finer where one of them is finer.

    None where there is no amount.
    """
    stated = [amount for amount in amounts if amount is not None]
    if not stated:
        return None
    return next(step for step in _USUAL if all(is_multiple(amount, step) for amount in stated))


def rounded(amount: Decimal, precision: Decimal) -> Decimal:
    """Rounded half up to a multiple of `precision`, as newspapers do."""
    return (amount / precision).quantize(Decimal(1), ROUND_HALF_UP) * precision


def is_same(published: Decimal, ours: Decimal, precision: Decimal) -> bool:
    return published in (ours, rounded(ours, precision))
