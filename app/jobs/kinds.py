"""Kinds of jobs. Rooms define the functions; `app.job_registry` collects the kinds for the server and the worker."""

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database

Result = dict[str, Any] | None
"""The stored result of a job: small, and without personal data."""


class Later(Exception):
    """Postpones the job until `at` without an error: the attempt does not count."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class GivenUp(Exception):
    """A retry cannot succeed: the job fails at once."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job that a worker has claimed."""

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    claim: int
    worker: str


@dataclass(frozen=True, slots=True)
class Run:
    """The input of a long job. It opens its own transactions, and may be started again after any of them."""

    job: Claimed
    database: Database
    progress: Callable[[int, int | None], Awaitable[None]]
    """Reports the number done and the total. Raises CancelledError where somebody has cancelled the job."""


InTransaction = Callable[[AsyncSession, Claimed], Awaitable[Result]]
"""Work that only writes rows: they are committed together with the end of the job, or not at all."""
InSteps = Callable[[Run], Awaitable[Result]]
"""Work with other effects, or in several transactions: it is done at least once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. The backoff is `first_pause`, doubled with each failure up to `longest_pause`, ±20 %.

    After `most_attempts` a job is given up. With `is_promise` it was promised to an outside system and nobody can
    cancel it.
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
        """Returns the backoff after a failed attempt."""
        doubled = self.first_pause * (1 << min(attempt - 1, 20))
        return min(doubled, self.longest_pause) * random.uniform(0.8, 1.2)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that recurs, with the schedule it has by default: five cron fields in the time of Asia/Shanghai."""

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
