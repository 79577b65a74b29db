"""What a total counts, as clients ask for it and as statements use it, and the addresses of its rows.

A number and its rows take the same parameters. The address of a part of a number is that of the number with one more
parameter, so that what counted for the whole is asked in the same way of the part.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import Field
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, knowledge, paging
from app.core.clock import KnownAt
from app.core.localized import Word
from app.core.money import PositiveAmount
from app.core.paging import ListQuery
from app.core.several import Several, SeveralOrNone
from app.core.text import Code
from app.deals.models import EntryKind, SizeBand
from app.enterprises.models import Origin, Ownership
from app.projects.models import Program
from app.projects.placed import PlacedFilter
from app.totals.periods import Period, SpanQuery, days


class PlaceQuery(SpanQuery, PlacedFilter):
    """A period, what counted for whom in it, and as known when."""

    known_at: KnownAt | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A period, both ends included, what to count of it, and as known when."""

    start: date
    end: date
    known_at: datetime
    placed: PlacedFilter = field(default_factory=PlacedFilter)

    def place(self, unit_id: Any, task_force_id: Any) -> list[ColumnElement[bool]]:
        """Returns the conditions on the columns of a row's unit and task force."""
        return self.placed.conditions(unit_id, task_force_id, self.end, self.known_at)


class PlaceRowsQuery(ListQuery, PlaceQuery):
    """A page of the rows behind a number."""

    async def moment(self, session: AsyncSession) -> datetime:
        """Returns as known when the page is: as the first one was, where a cursor pins it."""
        return await knowledge.known_at(session, paging.pinned(self.cursor) or self.known_at)


WITHIN = Field(
    None,
    description="期间内只列此月、此季的 / of the period only what happened within this month, quarter, half or year",
    examples=["2023-03"],
)


class SigningsFilter(PlaceQuery):
    """The ledger entries that a total of signings adds up."""

    within: Period | None = WITHIN
    industry_code: SeveralOrNone[Code] | None = Field(
        None, description="行业代码；none 为未载明 / industries; none: unknown", examples=["26"]
    )
    origin: SeveralOrNone[Origin] | None = Field(None, description="来源地；none 为未载明 / origins; none: unknown")
    ownership: SeveralOrNone[Ownership] | None = Field(
        None, description="所有制；none 为未载明 / ownership; none: unknown"
    )
    size: Several[SizeBand] | None = Field(None, description="签约时的规模 / size by the amount agreed at signing")
    kind: Several[EntryKind] | None = Field(None, description="明细类别 / kinds of entries")
    of_kind: Several[EntryKind] | None = Field(
        None, description="明细类别，更正按其所更正的 / kinds; a correction is of the kind that it corrects"
    )
    is_landing: bool | None = Field(
        None, description="是否改变“当季落地”个数 / whether it changes the number landed in their quarter"
    )
    is_approved_at_source: bool | None = Field(None, description="来源已审核 / approved where it came from")
    is_single_person: bool | None = Field(
        None, description="单人审批，含来源信任无人确认的 / approved by one person, or by a source nobody confirmed"
    )
    deal_code: Several[Code] | None = Field(None, description="这些协议的 / of these deals", examples=["D-2023-0001"])
    except_deal_code: Several[Code] | None = Field(
        None, description="除这些协议外的 / of all deals but these", examples=["D-2023-0001"]
    )


class EntriesQuery(PlaceRowsQuery, SigningsFilter):
    pass


class FigureKind(Word):
    """The fact for which a figure counts a project."""

    started = "started", "新开工", "newly started"
    resumed = "resumed", "复工", "resumed"
    batch = "batch", "列入开工批次", "in a start batch"
    listed = "listed", "列入计划库", "on the plan list"


class WithoutAmount(Word):
    planned_total = "planned_total", "无计划总投资", "without a planned total"
    planned_this_year = "planned_this_year", "无当年计划", "without a plan for the year"


class OverviewFilter(PlaceQuery):
    min_planned_total: PositiveAmount | None = Field(
        None, description="只计计划总投资不低于此数的开复工 / started or resumed from this planned total on"
    )


class AwaitingFilter(PlaceQuery):
    program: Several[Program] | None = Field(None, description="类别 / programs")
    size: SeveralOrNone[SizeBand] | None = Field(
        None, description="按该数所计金额的规模；none 为无金额 / size by the amount that counts; none: without one"
    )


class AwaitingRowsQuery(PlaceRowsQuery, AwaitingFilter):
    pass


class FigureFilter(AwaitingFilter):
    without: WithoutAmount | None = Field(None, description="只列没有该金额的 / only those without this amount")


class FigureRowsQuery(PlaceRowsQuery, FigureFilter):
    pass


class StartedFilter(OverviewFilter, FigureFilter):
    kind: Several[FigureKind] | None = Field(None, description="新开工或复工 / newly started, or resumed")


class StartedRowsQuery(FigureRowsQuery, StartedFilter):
    pass


class PlannedFilter(FigureFilter):
    is_started: bool | None = Field(None, description="期末前是否已开工 / whether work had begun by the last day")


class PlannedRowsQuery(FigureRowsQuery, PlannedFilter):
    pass


class Address:
    """The address of the rows of a number, to which parameters can be added."""

    def __init__(self, path: str, query: PlaceQuery, known_at: datetime | None, **changes: Any) -> None:
        left_out = {"known_at", "limit", "cursor", "with_", "group_by"}
        given = query.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=left_out)
        if known_at is not None:
            given["known_at"] = clock.moment_text(known_at)
        self.path, self.parameters = path, _changed(given, changes)

    def __call__(self, **changes: Any) -> str:
        """Returns the address with other parameters. One that is None is left out."""
        return f"/api/v1/{self.path}?" + urlencode(_changed(self.parameters, changes))

    def under(self, name: str, value: Any) -> "Address":
        """Returns the address with one parameter more."""
        narrower = copy(self)
        narrower.parameters = _changed(self.parameters, {name: value})
        return narrower


def _changed(given: dict[str, Any], changes: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in {**given, **changes}.items() if value is not None}


def _text(value: Any) -> str:
    """Returns a value as a parameter is sent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(str(one) for one in value)
    return str(value)


def within(query: PlaceQuery, start: date, end: date) -> tuple[date, date]:
    """Returns the days of the period that lie within the month or quarter asked for."""
    narrower: str | None = getattr(query, "within", None)
    if narrower is None:
        return start, end
    first, last = days(narrower)
    return max(start, first), min(end, last)
