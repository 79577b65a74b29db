"""What a worker knows to do. Rooms name their kinds; `app.work` gathers them for the server and the worker."""

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database

Result = dict[str, Any] | None
"""What is kept of a job that is done: small, and without personal data."""


class Later(Exception):
    """Not now, and nothing is wrong: the job waits until `at`, and the attempt does not count."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class GivenUp(Exception):
    """It will not succeed by being tried again."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job as its worker holds it."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    claim: int
    worker: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a long job has at hand. Its own transactions are its own business; it may be begun again after any."""

    job: Claimed
    database: Database
    progress: Callable[[int, int | None], Awaitable[None]]
    """Say how much is done, of how much. Raises CancelledError where somebody has cancelled the job."""


InTransaction = Callable[[AsyncSession, Claimed], Awaitable[Result]]
"""Work whose effects are rows alone: they are committed together with the job's end, or not at all."""
InSteps = Callable[[Run], Awaitable[Result]]
"""Work with effects elsewhere, or of many transactions: it is done at least once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`first_pause` doubles with each failure up to `longest_pause`, ±20 %; after `most_attempts` it is given up.

    What `is_promise` has been given to somebody outside: nobody cancels it.
    """

    name: str
    work: InTransaction | None = None
    steps: InSteps | None = None
    most_attempts: int = 12
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=1)
    is_promise: bool = False

    def __post_init__(self) -> None:
        if (self.work is None) is (self.steps is None):
            raise ValueError(f"{self.name}: either work or steps")

    def pause(self, attempt: int) -> timedelta:
        doubled = self.first_pause * (1 << min(attempt - 1, 20))
        return min(doubled, self.longest_pause) * random.uniform(0.8, 1.2)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A schedule the program brings along: five fields of cron, by the clock of Asia/Shanghai."""

    name: str
    kind: str
    cron: str
    payload: Mapping[str, Any] = field(default_factory=dict)


class Registry:
    def __init__(self, kinds: Iterable[Kind], recurring: Iterable[Recurring] = ()) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self.recurring = tuple(recurring)
        if unknown := {one.kind for one in self.recurring} - self.kinds.keys():
            raise ValueError(f"schedules of unknown kinds: {sorted(unknown)}")
