"""Made-up projects: the same at every load, with totals equal to the published ones.

Only `Random.random()` is used, whose series is the same in every version of Python.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from app.sample.city import CEREMONY_ON, LISTED_ON

STEP = Decimal(1_000_000)
"""Amounts are whole multiples of 0.01 亿元 (in yuan)."""

_YI = 100
"""1 亿元 in units of `STEP`."""

UNITS = ("210404", "210403", "210411", "210402", "210400-GX", "210421", "210422", "210423")
SHORT = ("望花区", "东洲区", "顺城区", "新抚区", "高新区", "抚顺县", "新宾县", "清原县")

WORKS = (
    ("道路改造工程", "48"),
    ("供热管网改造工程", "44"),
    ("老旧小区改造工程", "47"),
    ("污水处理工程", "46"),
    ("河道治理工程", "76"),
    ("学校建设项目", "83"),
    ("医院建设项目", "84"),
    ("标准厂房项目", "47"),
    ("仓储物流项目", "59"),
    ("装备制造项目", "34"),
    ("精细化工项目", "26"),
    ("农产品加工项目", "13"),
    ("新能源发电项目", "44"),
    ("矿山生态修复工程", "77"),
    ("公共服务设施项目", "78"),
    ("技术改造项目", "33"),
)

STARTERS = (
    ("装备制造项目", "34", "先进装备制造业"),
    ("精细化工项目", "26", "高端精细化工"),
    ("中药材加工项目", "27", "农产品(中药材)深加工"),
    ("清洁能源项目", "44", "新型清洁能源"),
    ("煤矸石利用项目", "42", "新型煤化工及煤矸石综合利用"),
    ("闲置厂房盘活项目", "70", "闲置资产盘活"),
)

Drawn = TypeVar("Drawn")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A made-up project and its days, None for a stage not reached yet. Amounts in yuan."""

    number: int
    name: str
    unit: str
    industry: str
    task_force: str | None
    planned_total: Decimal
    planned_this_year: Decimal
    entered_on: date
    signed_on: date | None = None
    prepared_on: date | None = None
    started_on: date | None = None
    resumed_on: tuple[date, ...] = ()
    inspected_on: date | None = None
    completed_on: date | None = None
    operating_on: date | None = None
    at_capacity_on: date | None = None


def split(total: int, count: int, low: int, high: int, draw: Callable[[], float]) -> list[int]:
    """Returns `count` whole numbers from `low` to `high` that add up to `total`, more small than large ones."""
    weights = [draw() ** 3 + 0.05 for _ in range(count)]
    spare = total - count * low
    parts = [min(high, low + int(spare * weight / sum(weights))) for weight in weights]
    while (left := total - sum(parts)) > 0:
        room = [index for index, part in enumerate(parts) if part < high][:left]
        for index in room:
            parts[index] += 1
    return parts


def _pick(values: Sequence[Drawn], draw: Callable[[], float]) -> Drawn:
    return values[int(draw() * len(values))]


def _day(first: date, last: date, draw: Callable[[], float]) -> date:
    """Returns a random day from `first` to `last`, both included."""
    return first + timedelta(days=int(draw() * ((last - first).days + 1)))


def leaves(workday: Callable[[date], date]) -> list[Leaf]:
    """Returns every made-up leaf, with days moved to workdays: `workday` returns the last workday up to a day.

    36 of the collective start, 75 new and 130 resumed, 488 that neither started nor resumed in the quarter.
    """
    draw = Random(731).random
    totals = [
        *split(3_880, 20, _YI, 6 * _YI, draw),
        *split(800, 16, 15, _YI - 1, draw),
        *split(56_060, 125, _YI, 40 * _YI, draw),
        *split(4_000, 80, 10, _YI - 1, draw),
        *split(88_340, 488, 8, 30 * _YI, draw),
    ]
    # Shuffled, so that the size of the 205 does not decide which are new and which resumed.
    built = totals[36:241]
    order = sorted(range(len(built)), key=lambda _: draw())
    totals[36:241] = [built[index] for index in order]
    this_year = _this_year(totals, draw)
    makers = [
        *[_starter] * 36,
        *[_new] * 75,
        *[_resumed] * 130,
        *[_not_resumed] * 40,
        *[_preparing] * 88,
        *[_idea] * 360,
    ]
    made_up = []
    for number, make in enumerate(makers, start=1):
        made_up.append(make(number, totals[number - 1] * STEP, this_year[number - 1] * STEP, draw))
    _complete(made_up, draw)
    return [_on_workdays(leaf, workday) for leaf in made_up]


def _complete(made_up: list[Leaf], draw: Callable[[], float]) -> None:
    """Completes a few of those started in 2021, so that no stage is empty: 6 are completed in this quarter, 4 more
    produce since, 2 of these at capacity. None of them resumed, so that no figure of the quarter moves."""
    early = [
        index
        for index, leaf in enumerate(made_up)
        if leaf.started_on is not None and leaf.started_on.year == 2021 and not leaf.resumed_on
    ]
    chosen = sorted(early, key=lambda _: draw())[:10]
    for place, index in enumerate(chosen):
        is_operating = place < 4
        first, last = (date(2023, 1, 16), date(2023, 2, 3)) if is_operating else (date(2023, 2, 6), date(2023, 3, 28))
        made_up[index] = replace(
            made_up[index],
            completed_on=_day(first, last, draw),
            operating_on=_day(date(2023, 2, 13), date(2023, 2, 24), draw) if is_operating else None,
            at_capacity_on=_day(date(2023, 3, 13), date(2023, 3, 24), draw) if place < 2 else None,
        )


def _on_workdays(leaf: Leaf, workday: Callable[[date], date]) -> Leaf:
    days = {name: day for name in _DAYS if (day := getattr(leaf, name)) is not None}
    moved: dict[str, Any] = {name: workday(day) for name, day in days.items()}
    return replace(leaf, **moved, resumed_on=tuple(workday(day) for day in leaf.resumed_on))


_DAYS = (
    "entered_on",
    "signed_on",
    "prepared_on",
    "started_on",
    "inspected_on",
    "completed_on",
    "operating_on",
    "at_capacity_on",
)


def _this_year(totals: Sequence[int], draw: Callable[[], float]) -> list[int]:
    """Returns the planned investment of the year for each project, in units of `STEP`: 204.0 亿元 in all, and for no
    project more than its total."""
    planned = 20_400
    weights = [total * (0.3 + draw()) * (2.0 if index < 241 else 1.0) for index, total in enumerate(totals)]
    parts = [
        min(total, max(1, int(planned * weight / sum(weights)))) for total, weight in zip(totals, weights, strict=True)
    ]
    index = 0
    while (left := planned - sum(parts)) != 0:
        step = 1 if left > 0 else -1
        if 1 <= parts[index] + step <= totals[index]:
            parts[index] += step
        index = (index + 1) % len(parts)
    return parts


def _leaf(
    number: int,
    total: Decimal,
    this_year: Decimal,
    draw: Callable[[], float],
    entered_on: date,
    what: tuple[str, str, str | None] | None = None,
    **days: date | tuple[date, ...] | None,
) -> Leaf:
    place = int(draw() * len(UNITS))
    name, industry, task_force = what or (*_pick(WORKS, draw), None)
    return Leaf(
        number=number,
        name=f"{SHORT[place]}{name}{number:03d}",
        unit=UNITS[place],
        industry=industry,
        task_force=task_force,
        planned_total=total,
        planned_this_year=this_year,
        entered_on=entered_on,
        **days,  # type: ignore[arg-type]
    )


def _starter(number: int, total: Decimal, this_year: Decimal, draw: Callable[[], float]) -> Leaf:
    signed_on = _day(date(2022, 3, 1), date(2022, 12, 16), draw)
    entered_on = signed_on - timedelta(days=70)
    what = _pick(STARTERS, draw)
    return _leaf(number, total, this_year, draw, entered_on, what, signed_on=signed_on, started_on=CEREMONY_ON)


def _new(number: int, total: Decimal, this_year: Decimal, draw: Callable[[], float]) -> Leaf:
    started_on = _day(date(2023, 2, 13), date(2023, 3, 30), draw)
    entered_on = _day(date(2022, 6, 1), date(2022, 12, 20), draw)
    inspected_on = _day(max(started_on, date(2023, 3, 20)), date(2023, 3, 31), draw)
    return _leaf(number, total, this_year, draw, entered_on, started_on=started_on, inspected_on=inspected_on)


def _carried(draw: Callable[[], float]) -> tuple[date, date]:
    """Returns (day of entry, day of start) of a project started in 2021 or 2022."""
    started_on = _day(date(2021, 4, 6), date(2022, 10, 28), draw)
    return max(date(2021, 1, 8), started_on - timedelta(days=40 + int(draw() * 90))), started_on


def _resumed(number: int, total: Decimal, this_year: Decimal, draw: Callable[[], float]) -> Leaf:
    entered_on, started_on = _carried(draw)
    resumed_on = [_day(date(2022, 3, 1), date(2022, 4, 15), draw)] if started_on.year == 2021 else []
    resumed_on.append(_day(date(2023, 2, 13), date(2023, 3, 29), draw))
    inspected_on = _day(max(resumed_on[-1], date(2023, 3, 21)), date(2023, 3, 31), draw)
    return _leaf(
        number,
        total,
        this_year,
        draw,
        entered_on,
        started_on=started_on,
        resumed_on=tuple(resumed_on),
        inspected_on=inspected_on,
    )


def _not_resumed(number: int, total: Decimal, this_year: Decimal, draw: Callable[[], float]) -> Leaf:
    """Started in an earlier year, last inspected before the winter, not resumed yet."""
    entered_on, started_on = _carried(draw)
    inspected_on = _day(date(2022, 11, 7), date(2022, 12, 23), draw)
    return _leaf(number, total, this_year, draw, entered_on, started_on=started_on, inspected_on=inspected_on)


def _preparing(number: int, total: Decimal, this_year: Decimal, draw: Callable[[], float]) -> Leaf:
    entered_on = _day(date(2022, 9, 1), date(2022, 12, 20), draw)
    prepared_on = _day(LISTED_ON, date(2023, 3, 24), draw)
    return _leaf(number, total, this_year, draw, entered_on, prepared_on=prepared_on)


def _idea(number: int, total: Decimal, this_year: Decimal, draw: Callable[[], float]) -> Leaf:
    """Not prepared yet; most were entered in the last weeks."""
    return _leaf(number, total, this_year, draw, date(2023, 3, 28) - timedelta(days=int(draw() ** 2 * 70)))
