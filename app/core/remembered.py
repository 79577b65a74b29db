"""Statements built once for each shape: building a SELECT of sixty columns takes as long as running it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

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
