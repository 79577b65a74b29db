"""A published amount is rounded, the system's is not: they are the same if the system's, rounded in the same way,
equals the published one."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

_USUAL = tuple(Decimal(yuan) for yuan in ("10000000", "1000000", "10000", "1", "0.01"))
"""What published amounts are rounded to, in yuan: 0.1 亿元, 0.01 亿元, 万元, 元, 分; the most common first."""


def is_multiple(amount: Decimal, precision: Decimal) -> bool:
    return amount % precision == 0


def usual(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Returns the precision in yuan of published amounts that state none: 0.1 亿元, or finer where one of them is
    finer.

    None where there is no amount.
    """
    stated = [amount for amount in amounts if amount is not None]
    if not stated:
        return None
    return next(step for step in _USUAL if all(is_multiple(amount, step) for amount in stated))


def rounded(amount: Decimal, precision: Decimal) -> Decimal:
    """Returns the amount rounded half up to a multiple of `precision`, as newspapers do."""
    return (amount / precision).quantize(Decimal(1), ROUND_HALF_UP) * precision


def is_same(published: Decimal, ours: Decimal, precision: Decimal) -> bool:
    return published in (ours, rounded(ours, precision))
