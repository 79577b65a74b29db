"""Random ledger operations through the front door against a plain model, by group and in whole, on both databases."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import World, running
from tests.factories import city as make

START = date(2023, 2, 1)
TODAY = date(2023, 6, 1)
LANDED = date(2023, 3, 15)


@dataclass
class Model:
    """A deal as a person would keep it: what was stated, in order. Sums are worked out from scratch each time."""

    amount: int
    day: date
    unit: int = 0
    later: list[dict[str, Any]] = field(default_factory=list)
    landed: bool = False
    project_ended_on: date | None = None

    def possible(self) -> bool:
        """Nothing precedes the signing, nothing follows the termination or lies ahead."""
        ended = next((fact["day"] for fact in self.later if fact["kind"] == "termination"), TODAY)
        return self.day <= TODAY and all(self.day <= fact["day"] <= ended for fact in self.later)

    @property
    def live(self) -> bool:
        return self.project_ended_on is None

    def with_transfers_folded(self, right: dict[str, Any] | None = None) -> "Model":
        """Without transfers that change nothing, or that share their day with one just corrected."""
        unit, kept = self.unit, []
        transfers = sorted((fact for fact in self.later if fact["kind"] == "transfer"), key=lambda fact: fact["day"])
        for fact in transfers:
            is_replaced = right is not None and fact is not right and fact["day"] == right["day"]
            if not is_replaced and fact["unit"] != unit:
                unit = fact["unit"]
                kept.append(fact)
        return replace(self, later=[fact for fact in self.later if fact["kind"] != "transfer" or fact in kept])

    def statable(self, new: dict[str, Any]) -> bool:
        """A new amendment is not before the latest transfer, a new transfer or termination before no entry at all."""
        days = [self.day, *(fact["day"] for fact in self.later if new["kind"] != "amendment")]
        days += [fact["day"] for fact in self.later if fact["kind"] == "transfer"]
        return bool(max(days) <= new["day"] <= TODAY)

    def unit_now(self) -> int:
        transfers = sorted((fact for fact in self.later if fact["kind"] == "transfer"), key=lambda fact: fact["day"])
        return int(transfers[-1]["unit"]) if transfers else self.unit

    def agreed_on(self, day: date) -> int:
        """The amount agreed at the end of a day."""
        stated = sorted((fact for fact in self.later if fact["kind"] == "amendment"), key=lambda fact: fact["day"])
        found: int = next((fact["amount"] for fact in reversed(stated) if fact["day"] <= day), self.amount)
        return found

    def sums(self) -> dict[tuple[int, str], tuple[int, int, int]]:
        """By unit and month: count, yuan, landed."""
        found: defaultdict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])

        def enter(unit: int, day: date, count: int, amount: int, landed: int) -> None:
            row = found[(unit, day.isoformat()[:7])]
            row[0] += count
            row[1] += amount
            row[2] += landed

        def quarter(day: date) -> tuple[int, int]:
            return day.year, (day.month - 1) // 3

        ended = min((fact["day"] for fact in self.later if fact["kind"] == "termination"), default=TODAY)
        stood = self.day <= LANDED <= ended
        is_landed = int(self.landed and stood and quarter(LANDED) == quarter(self.day))
        unit, amount = self.unit, self.amount
        enter(unit, self.day, 1, amount, is_landed)
        for fact in sorted(self.later, key=lambda fact: fact["day"]):
            carried = is_landed if quarter(fact["day"]) == quarter(self.day) else 0
            if fact["kind"] == "amendment":
                enter(unit, fact["day"], 0, fact["amount"] - amount, 0)
                amount = fact["amount"]
            elif fact["kind"] == "transfer":
                enter(unit, fact["day"], -1, -amount, -carried)
                unit = fact["unit"]
                enter(unit, fact["day"], 1, amount, carried)
            else:
                enter(unit, fact["day"], -1, -amount, -carried)
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


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(operations=OPERATIONS)
def test_the_ledger_agrees_with_a_plain_model(
    signed: tuple[str, make.City, dict[str, str]],
    copy_of: Callable[[str], str],
    operations: list[tuple[str, int, int]],
) -> None:
    url, city, ids = signed
    asyncio.run(_play(copy_of(url), city, ids, operations))


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
        for group in total["groups"]:
            sums = (group["count"], int(group["amount"].removesuffix(".00")), group["same_quarter_landed"])
            if any(sums):
                found[(unit, group["key"])] = sums
        assert total["count"] == sum(group["count"] for group in total["groups"])
    return found


@dataclass
class Request:
    """What to send, and what the model says if it is accepted."""

    target: str
    verb: str
    body: dict[str, Any]
    after: Model
    is_possible: bool


def _stated(model: Model, target: str, verb: str, body: dict[str, Any], fact: dict[str, Any]) -> Request:
    after = replace(model, later=[*model.later, fact])
    return Request(target, verb, body, after, model.statable(fact))


def _corrected(body: dict[str, Any], after: Model) -> Request:
    return Request("deal", "corrections", body, after, after.possible())


def _amend(model: Model, day: date, size: int, city: make.City) -> Request | None:
    amount = size * 1_000_000
    if not model.live or model.agreed_on(day) == amount:
        return None
    body = {"agreed_amount": f"{amount}.00", "effective_on": day.isoformat(), "document": "示例"}
    return _stated(model, "deal", "amendments", body, {"kind": "amendment", "day": day, "amount": amount})


def _transfer(model: Model, day: date, size: int, city: make.City) -> Request | None:
    if not model.live:
        return None
    there = 1 - model.unit_now()
    body = {"unit_id": city.districts[there], "ruled_on": day.isoformat(), "document": "示例", "reason": "示例"}
    return _stated(model, "project", "transfers", body, {"kind": "transfer", "day": day, "unit": there})


def _end(model: Model, day: date, size: int, city: make.City) -> Request | None:
    if not model.live or (model.landed and day < LANDED):
        return None
    body = {"happened_on": day.isoformat(), "reason_code": "market", "reason": "示例"}
    request = _stated(model, "project", "termination", body, {"kind": "termination", "day": day})
    return replace(request, after=replace(request.after, project_ended_on=day))


def _correct_amount(model: Model, day: date, size: int, city: make.City) -> Request | None:
    amount = size * 1_000_000
    if amount == model.amount:
        return None
    return _corrected({"amount": f"{amount}.00"}, replace(model, amount=amount))


def _correct_day(model: Model, day: date, size: int, city: make.City) -> Request | None:
    earlier = START - timedelta(days=size % 30)
    if earlier == model.day:
        return None
    return _corrected({"effective_on": earlier.isoformat()}, replace(model, day=earlier))


def _correct_unit(model: Model, day: date, size: int, city: make.City) -> Request | None:
    if model.unit == size % 2:
        return None
    body = {"unit_id": city.districts[size % 2]}
    return _corrected(body, replace(model, unit=size % 2).with_transfers_folded())


def _correct_later_day(model: Model, day: date, size: int, city: make.City) -> Request | None:
    if not model.later or model.later[size % len(model.later)]["day"] == day:
        return None
    index = size % len(model.later)
    right = {**model.later[index], "day": day}
    after = replace(model, later=[right if i == index else fact for i, fact in enumerate(model.later)])
    request = _corrected({"fact_index": 1 + index, "effective_on": day.isoformat()}, after)
    if right["kind"] == "transfer":
        request = replace(request, after=after.with_transfers_folded(right))
    if right["kind"] == "termination" and (model.project_ended_on is None or day > model.project_ended_on):
        request = replace(request, is_possible=False)
    return request


_BUILDERS: dict[str, Callable[[Model, date, int, make.City], Request | None]] = {
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
    """Send one operation; answers the model as it stands afterwards. Accepted exactly when the model says possible."""
    what, days, size = operation
    if what == "land":
        if not model.landed and model.live:
            await make.land(city, ids["project"], LANDED.isoformat())
            return replace(model, landed=True)
        return model
    request = _BUILDERS[what](model, START + timedelta(days=days), size, city)
    if request is None:
        return model
    path = f"/{request.target}s/{ids[request.target]}"
    body = request.body
    if request.verb == "corrections":
        body = {**body, "reason": "示例录错"}
        if (index := body.pop("fact_index", None)) is not None:
            body["fact_id"] = (await world.get(path))["facts"][index]["id"]
    version = await world.version(path)
    response = await world.send("POST", f"{path}/{request.verb}", body, version=version)
    if response.status_code in (200, 201):
        assert request.is_possible, (operation, model)
        return request.after
    assert response.status_code in (409, 422), response.text
    # A project is transferred in the order of rulings: its own placements may refuse what the deal alone would allow.
    assert not request.is_possible or request.target == "project", (operation, model, response.text)
    return model
