"""Statements built once for each shape: building a SELECT of sixty columns takes as long as running it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, false, literal

T = TypeVar("T")


class Remembered(Generic[T]):
    """The latest values built, by a key that holds everything they were built from."""

    def __init__(self, most: int = 500) -> None:
        self.most = most
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def find(self, key: Hashable) -> T | None:
        """Returns the value of a key; None where it is not remembered."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def keep(self, key: Hashable, value: T) -> T:
        """Remembers a value, and forgets the one not asked for longest. Returns the value."""
        self._values[key] = value
        if len(self._values) > self.most:
            self._values.popitem(last=False)
        return value

    def get(self, key: Hashable, build: Callable[[], T]) -> T:
        """Returns the value of a key, built where it is not remembered."""
        value = self.find(key)
        return self.keep(key, build()) if value is None else value


def one_of(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Returns the condition that a column has one of these values. A list given to `in_` itself is spelled out anew at
    each execution of a statement, however often it was built before."""
    spelled = [literal(value, column.type) for value in values]
    condition: ColumnElement[bool] = column.in_(spelled) if spelled else false()
    return condition
