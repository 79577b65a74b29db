"""Random ledger operations through the API against a plain model, by group and in total, on both databases."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make
from tests.properties import asked

START = date(2023, 2, 1)
TODAY = date(2023, 6, 1)
LANDED = date(2023, 3, 15)


@dataclass(frozen=True)
class Model:
    """A deal as a person would record it: the facts as stated. Sums are computed from scratch each time."""

    amount: int
    day: date
    unit: int = 0
    amendments: tuple[tuple[date, int], ...] = ()
    rulings: dict[date, int] = field(default_factory=dict)
    ended: date | None = None
    landed: bool = False
    project_ended_on: date | None = None

    @property
    def live(self) -> bool:
        return self.project_ended_on is None

    def transfers(self) -> list[tuple[date, int]]:
        """Returns the rulings that pass the deal on: not those to the place where it is, nor one on the day it
        ended."""
        at, found = self.unit, []
        for day, unit in sorted(self.rulings.items()):
            if unit != at and day < (self.ended or date.max):
                at = unit
                found.append((day, unit))
        return found

    def days(self) -> list[date]:
        return [self.day, *(day for day, _ in self.amendments), *(day for day, _ in self.transfers())]

    def is_possible(self) -> bool:
        """Whether a fact is possible: none is before the signing, after the termination or in the future."""
        return self.day <= min(self.days()) and max(self.days()) <= (self.ended or TODAY) <= TODAY

    def unit_now(self) -> int:
        return self.rulings[max(self.rulings)] if self.rulings else self.unit

    def agreed_on(self, day: date) -> int:
        """Returns the amount agreed at the end of a day."""
        stated = [(self.day, self.amount), *sorted(self.amendments, key=lambda stated: stated[0])]
        return [amount for stated_on, amount in stated if stated_on <= day or stated_on == self.day][-1]

    def sums(self) -> dict[tuple[int, str], tuple[int, int, int]]:
        """Returns the sums by unit and month: count, yuan, landed."""
        found: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])

        def enter(unit: int, day: date, count: int, amount: int, landed: int) -> None:
            row = found[(unit, day.isoformat()[:7])]
            row[0] += count
            row[1] += amount
            row[2] += landed

        def quarter(day: date) -> tuple[int, int]:
            return day.year, (day.month - 1) // 3

        stood = self.day <= LANDED <= (self.ended or TODAY)
        is_landed = int(self.landed and stood and quarter(LANDED) == quarter(self.day))
        unit, amount = self.unit, self.amount
        enter(unit, self.day, 1, amount, is_landed)
        happened = [(day, "amendment", amount) for day, amount in self.amendments]
        happened += [(day, "transfer", unit) for day, unit in self.transfers()]
        happened += [(self.ended, "termination", 0)] if self.ended else []
        for day, kind, value in sorted(happened, key=lambda fact: (fact[0], fact[1] == "termination")):
            carried = is_landed if quarter(day) == quarter(self.day) else 0
            if kind == "amendment":
                enter(unit, day, 0, value - amount, 0)
                amount = value
            else:
                enter(unit, day, -1, -amount, -carried)
            if kind == "transfer":
                unit = value
                enter(unit, day, 1, amount, carried)
        return {key: (row[0], row[1], row[2]) for key, row in found.items() if any(row)}


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["amend", "transfer", "amount", "day", "unit", "land", "end", "fact_day"]),
        st.integers(0, 119),
        st.integers(1, 2_000),
    ),
    min_size=1,
    max_size=8,
)


def test_the_ledger_agrees_with_a_plain_model(
    signed: tuple[str, make.City, dict[str, str]], copy_of: Callable[[str], str]
) -> None:
    url, city, ids = signed

    @asked(url, 30)
    @given(operations=OPERATIONS)
    @example(operations=[("transfer", 46, 1), ("transfer", 46, 1), ("unit", 0, 1)])
    @example(operations=[("transfer", 10, 1), ("end", 40, 1), ("fact_day", 60, 0)])
    @example(operations=[("transfer", 30, 1), ("end", 40, 1), ("fact_day", 20, 1)])
    @example(operations=[("transfer", 0, 1), ("unit", 0, 1), ("unit", 0, 0)])
    def agrees(operations: list[tuple[str, int, int]]) -> None:
        asyncio.run(_play(copy_of(url), city, ids, operations))

    agrees()


@pytest.fixture
def signed(database_url: str) -> tuple[str, make.City, dict[str, str]]:
    async def fill() -> tuple[str, make.City, dict[str, str]]:
        async with running(database_url) as world:
            city = await make.make_city(world)
            project, deal = await make.make_signed(city, "500000000.00", START.isoformat())
            return database_url, city, {"project": project["id"], "deal": deal["id"]}

    return asyncio.run(fill())


async def _play(url: str, city: make.City, ids: dict[str, str], operations: list[tuple[str, int, int]]) -> None:
    async with running(url) as world:
        city = replace(city, world=world)
        model = Model(500_000_000, START)
        said = [await _total(world, city)]
        for operation in operations:
            model = await _do(world, city, ids, model, operation)
            said.append(await _total(world, city))
            assert _by_unit_and_month(said[-1], city) == model.sums()
        for then in said:
            again = await _total(world, city, known_at=then[0]["known_at"])
            assert again == then
        await world.holds()


async def _total(world: World, city: make.City, **known_at: str) -> list[Any]:
    period = {"from": "2023-01-01", "to": "2023-12-31", "group_by": "month", **known_at}
    return [await world.get("/totals/signings", **period, unit_id=unit) for unit in city.districts]


def _by_unit_and_month(totals: list[Any], city: make.City) -> dict[tuple[int, str], tuple[int, int, int]]:
    found = {}
    for unit, total in enumerate(totals):
        for group in total["groups"]["month"]:
            sums = (group["count"], int(group["amount"].removesuffix(".00")), group["same_quarter_landed"])
            if any(sums):
                found[(unit, group["key"])] = sums
        assert total["count"] == sum(group["count"] for group in total["groups"]["month"])
    return found


@dataclass
class Request:
    """A request, and the model after it if it is accepted."""

    target: str
    verb: str
    body: dict[str, Any]
    after: Model
    is_possible: bool


@dataclass
class Asked:
    """An operation as drawn, and the facts of the deal that it may concern."""

    day: date
    size: int
    city: make.City
    facts: list[Any]


def _corrected(body: dict[str, Any], after: Model) -> Request:
    return Request("deal", "corrections", {**body, "reason": "示例录错"}, after, after.is_possible())


def _amend(model: Model, asked: Asked) -> Request | None:
    amount, day = asked.size * 1_000_000, asked.day
    if not model.live or model.agreed_on(day) == amount:
        return None
    body = {"agreed_amount": f"{amount}.00", "effective_on": day.isoformat(), "document": "示例"}
    after = replace(model, amendments=(*model.amendments, (day, amount)))
    earliest = max([model.day, *(day for day, _ in model.transfers())])
    return Request("deal", "amendments", body, after, earliest <= day <= TODAY)


def _transfer(model: Model, asked: Asked) -> Request | None:
    if not model.live:
        return None
    there, day = 1 - model.unit_now(), asked.day
    body = {"unit_id": asked.city.districts[there], "ruled_on": day.isoformat(), "document": "示例", "reason": "示例"}
    after = replace(model, rulings=model.rulings | {day: there})
    return Request("project", "transfers", body, after, max([*model.days(), *model.rulings]) <= day <= TODAY)


def _end(model: Model, asked: Asked) -> Request | None:
    if not model.live or (model.landed and asked.day < LANDED):
        return None
    body = {"happened_on": asked.day.isoformat(), "reason_code": "market", "reason": "示例"}
    after = replace(model, ended=asked.day, project_ended_on=asked.day)
    return Request("project", "termination", body, after, max(model.days()) <= asked.day <= TODAY)


def _correct_amount(model: Model, asked: Asked) -> Request | None:
    amount = asked.size * 1_000_000
    if amount == model.amount:
        return None
    return _corrected({"amount": f"{amount}.00"}, replace(model, amount=amount))


def _correct_day(model: Model, asked: Asked) -> Request | None:
    earlier = START - timedelta(days=asked.size % 30)
    if earlier == model.day:
        return None
    return _corrected({"effective_on": earlier.isoformat()}, replace(model, day=earlier))


def _correct_unit(model: Model, asked: Asked) -> Request | None:
    unit = asked.size % 2
    if model.unit == unit:
        return None
    return _corrected({"unit_id": asked.city.districts[unit]}, replace(model, unit=unit))


def _correct_later_day(model: Model, asked: Asked) -> Request | None:
    later, day = asked.facts[1:], asked.day
    fact = later[asked.size % len(later)] if later else None
    if fact is None or fact["effective_on"] == day.isoformat():
        return None
    was_on = date.fromisoformat(fact["effective_on"])
    others = [date.fromisoformat(one["effective_on"]) for one in later if one is not fact]
    is_possible = model.day <= day <= (model.ended or TODAY)
    if fact["kind"] == "amendment":
        index = [one["id"] for one in later if one["kind"] == "amendment"].index(fact["id"])
        moved = [(day, amount) if n == index else (on, amount) for n, (on, amount) in enumerate(model.amendments)]
        after = replace(model, amendments=tuple(moved))
    elif fact["kind"] == "transfer":
        kept = {on: unit for on, unit in model.rulings.items() if on != was_on}
        after = replace(model, rulings=kept | {day: model.rulings[was_on]})
    else:
        after = replace(model, ended=day)
        is_possible = max([model.day, *others]) <= day <= (model.project_ended_on or TODAY)
    return replace(_corrected({"fact_id": fact["id"], "effective_on": day.isoformat()}, after), is_possible=is_possible)


_BUILDERS: dict[str, Callable[[Model, Asked], Request | None]] = {
    "amend": _amend,
    "transfer": _transfer,
    "end": _end,
    "amount": _correct_amount,
    "day": _correct_day,
    "unit": _correct_unit,
    "fact_day": _correct_later_day,
}


async def _do(
    world: World, city: make.City, ids: dict[str, str], model: Model, operation: tuple[str, int, int]
) -> Model:
    """Sends one operation, asserting that it is accepted exactly when the model says possible. Returns the model
    afterwards."""
    what, days, size = operation
    if what == "land":
        if not model.landed and model.live:
            await make.land(city, ids["project"], LANDED.isoformat())
            return replace(model, landed=True)
        return model
    facts = (await world.get(f"/deals/{ids['deal']}"))["facts"]
    request = _BUILDERS[what](model, Asked(START + timedelta(days=days), size, city, facts))
    if request is None:
        return model
    path = f"/{request.target}s/{ids[request.target]}"
    version = await world.version(path)
    response = await world.send("POST", f"{path}/{request.verb}", request.body, version=version)
    assert response.status_code in (200, 201, 409, 422), response.text
    assert response.is_success == request.is_possible, (operation, model, response.text)
    return request.after if request.is_possible else model
