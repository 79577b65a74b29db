"""Of two records that become one: what only one of them states, and what both state differently."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.core.localized import Say


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that say one thing together: stated where any of them is filled, and taken over all or none."""

    columns: tuple[str, ...]
    name: Say

    def of(self, record: Any) -> tuple[Any, ...]:
        return tuple(getattr(record, column) for column in self.columns)

    def is_stated(self, record: Any) -> bool:
        return any(value is not None for value in self.of(record))


def group(columns: str, zh: str, en: str) -> Group:
    return Group(tuple(columns.split()), Say(zh, en))


def taken_over(groups: Iterable[Group], merged: Any, successor: Any) -> list[Group]:
    """What the merged record states and its successor does not."""
    return [found for found in groups if found.is_stated(merged) and not found.is_stated(successor)]


def stated_differently(groups: Iterable[Group], merged: Any, successor: Any) -> list[Group]:
    """What both state, and not alike: the successor's stands."""
    return [
        found
        for found in groups
        if found.is_stated(merged) and found.is_stated(successor) and found.of(merged) != found.of(successor)
    ]
