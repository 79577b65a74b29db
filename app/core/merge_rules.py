"""Compares two records that are merged: values that one of them states, and values that differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.core.localized import Say


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that belong together: stated where any of them is filled, and taken over all or none."""

    columns: tuple[str, ...]
    name: Say

    def of(self, record: Any) -> tuple[Any, ...]:
        return tuple(getattr(record, column) for column in self.columns)

    def is_stated(self, record: Any) -> bool:
        return any(value is not None for value in self.of(record))


def group(columns: str, zh: str, en: str) -> Group:
    return Group(tuple(columns.split()), Say(zh, en))


def taken_over(groups: Iterable[Group], merged: Any, successor: Any) -> list[Group]:
    """Returns the groups that the merged record states and its successor does not."""
    return [one for one in groups if one.is_stated(merged) and not one.is_stated(successor)]


def stated_differently(groups: Iterable[Group], merged: Any, successor: Any) -> list[Group]:
    """Returns the groups that both state with different values: the successor's values remain."""
    return [
        one
        for one in groups
        if one.is_stated(merged) and one.is_stated(successor) and one.of(merged) != one.of(successor)
    ]
