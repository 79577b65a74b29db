"""The context of one transaction: values kept on its session, each declared once, with its type.

A rollback to a savepoint restores every value to what it held when the savepoint began, as the database does with its
rows. Values with `is_kept` are not restored, such as `now`: a transaction has one moment (ADR 3).
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from app.core.config import Settings

T = TypeVar("T")
AnySession = AsyncSession | Session


class ContextValue(Generic[T]):
    """A value of the transaction's context. With `is_kept` a rollback to a savepoint does not restore it; `copied`
    makes the copy to restore where the value is mutable."""

    def __init__(self, name: str, *, is_kept: bool = False, copied: Callable[[T], T] = lambda value: value) -> None:
        self.name = name
        self.is_kept = is_kept
        self.copied = copied

    def get(self, session: AnySession) -> T | None:
        return cast(T | None, _values(session).get(self))

    def require(self, session: AnySession) -> T:
        """Returns a value that is set for every transaction of this kind. Raises KeyError where it is not."""
        return cast(T, _values(session)[self])

    def get_or_set(self, session: AnySession, make: Callable[[], T]) -> T:
        values = _values(session)
        if self not in values:
            values[self] = make()
        return cast(T, values[self])

    def set(self, session: AnySession, value: T) -> T:
        _values(session)[self] = value
        return value

    def clear(self, session: AnySession) -> T | None:
        """Removes the value and returns it."""
        return cast(T | None, _values(session).pop(self, None))

    def __repr__(self) -> str:
        return f"ContextValue({self.name!r})"


class ReadBefore(NamedTuple):
    """What authentication has read for the rest of its request."""

    business_day: date | None
    """The business day that the office has set, or None."""
    stage_versions: str
    """The versions of the stage table, see `core.stage_versions`."""


CLOCK: ContextValue[Callable[[], datetime]] = ContextValue("clock", is_kept=True)
SETTINGS: ContextValue[Settings] = ContextValue("settings", is_kept=True)
IS_WRITING: ContextValue[bool] = ContextValue("is_writing", is_kept=True)
NOW: ContextValue[datetime] = ContextValue("now", is_kept=True)
TODAY: ContextValue[date] = ContextValue("today")
READ_BEFORE: ContextValue[ReadBefore] = ContextValue("read_before")
"""Saves a session a statement for each of these values; not set where nothing was read before it."""
RECORDED_AT: ContextValue[datetime] = ContextValue("recorded_at")
"""Set once the transaction holds the head of knowledge."""
HEAD: ContextValue[datetime] = ContextValue("head")
"""The head of knowledge, as a session that only reads has read it."""
OFFICE_SETTINGS: ContextValue[dict[str, str | None]] = ContextValue("office_settings")
"""The settings of the office that a session that only reads has read."""
BATCH: ContextValue[UUID] = ContextValue("batch", is_kept=True)
"""The batch that this transaction is a part of: all of its events name it."""
REHEARSES: ContextValue[bool] = ContextValue("rehearses", is_kept=True)
"""Whether an act is only tried: it ends where it would log its event (`events.Rehearsed`)."""
WAKES: ContextValue[bool] = ContextValue("wakes")
"""Whether the transaction made work for the background tasks of this process."""
ERASES: ContextValue[bool] = ContextValue("erases")
"""Whether the transaction deletes personal data."""
EVENTS: ContextValue[list[UUID]] = ContextValue("events", copied=list)
"""Ids of the events of the transaction, in their order."""
WRITTEN_KEYS: ContextValue[dict[str, set[tuple[Any, ...]]]] = ContextValue("written_keys", copied=deepcopy)
"""Primary keys of the rows that the transaction wrote, by table."""


_Values = dict[ContextValue[Any], Any]


def _values(session: AnySession) -> _Values:
    values: _Values = session.info.setdefault("context", {})
    return values


_SAVEPOINTS: ContextValue[WeakKeyDictionary[SessionTransaction, _Values]] = ContextValue("savepoints", is_kept=True)


@event.listens_for(Session, "after_transaction_create")
def _savepoint_began(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        copies = {key: key.copied(value) for key, value in _values(session).items() if not key.is_kept}
        _SAVEPOINTS.get_or_set(session, WeakKeyDictionary)[transaction] = copies


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        values = _values(session)
        for key in [key for key in values if not key.is_kept]:
            del values[key]
        values.update(_SAVEPOINTS.require(session)[transaction])
