"""Random ledger operations through the front door against a plain model, by group and in whole, on both databases."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import checks
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
    live: bool = True

    def possible(self) -> bool:
        latest, transfer = self.day, self.day
        for fact in self.later:
            bound = transfer if fact["kind"] == "amendment" else latest
            if not bound <= fact["day"] <= TODAY:
                return False
            latest = max(latest, fact["day"])
            transfer = fact["day"] if fact["kind"] == "transfer" else transfer
        return self.day <= TODAY

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

        is_landed = int(self.landed and quarter(LANDED) == quarter(self.day))
        unit, amount = self.unit, self.amount
        enter(unit, self.day, 1, amount, is_landed)
        for fact in self.later:
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


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(operations=OPERATIONS)
def test_the_ledger_agrees_with_a_plain_model(database_url: str, operations: list[tuple[str, int, int]]) -> None:
    asyncio.run(_play(database_url, operations))


async def _play(url: str, operations: list[tuple[str, int, int]]) -> None:
    async with running(url) as world:
        city = await make.make_city(world)
        project, deal = await make.make_signed(city, "500000000.00", START.isoformat())
        model = Model(500_000_000, START)
        said = [await _total(world, city)]
        for operation in operations:
            await _do(world, city, project["id"], deal["id"], model, operation)
            said.append(await _total(world, city))
            assert _by_unit_and_month(said[-1], city) == model.sums()
        for then in said:
            again = await _total(world, city, known_at=then[0]["known_at"])
            assert again == then
        async with world.database.snapshot() as session:
            assert await checks.run(session) == []


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


async def _do(
    world: World, city: make.City, project_id: str, deal_id: str, model: Model, operation: tuple[str, int, int]
) -> None:
    what, days, size = operation
    day = START + timedelta(days=days)
    path, project_path = f"/deals/{deal_id}", f"/projects/{project_id}"
    after = Model(model.amount, model.day, model.unit, [dict(fact) for fact in model.later], model.landed, model.live)
    amount = size * 1_000_000
    if what == "land":
        if model.landed or not model.live:
            return
        await make.land(city, project_id, LANDED.isoformat())
        model.landed = True
        return
    body: dict[str, Any] = {}
    target, method_path = path, ""
    if what == "amend":
        current = next((f["amount"] for f in reversed(model.later) if f["kind"] == "amendment"), model.amount)
        if not model.live or current == amount:
            return
        after.later.append({"kind": "amendment", "day": day, "amount": amount})
        body = {"agreed_amount": f"{amount}.00", "effective_on": day.isoformat(), "document": "示例"}
        method_path = "/amendments"
    elif what == "transfer":
        if not model.live:
            return
        here = next((f["unit"] for f in reversed(model.later) if f["kind"] == "transfer"), model.unit)
        after.later.append({"kind": "transfer", "day": day, "unit": 1 - here})
        body = {
            "unit_id": city.districts[1 - here],
            "ruled_on": day.isoformat(),
            "document": "示例裁定",
            "reason": "示例",
        }
        target, method_path = project_path, "/transfers"
    elif what == "end":
        if not model.live:
            return
        after.later.append({"kind": "termination", "day": day})
        after.live = False
        body = {"happened_on": day.isoformat(), "reason_code": "market", "reason": "示例"}
        target, method_path = project_path, "/termination"
        if day < max(START, LANDED if model.landed else START):
            return
    elif what == "fact_day":
        if not model.later:
            return
        fact = after.later[size % len(after.later)]
        if fact["day"] == day:
            return
        facts = (await world.get(path))["facts"]
        fact["day"] = day
        fact_id = facts[1 + size % len(after.later)]["id"]
        body = {"fact_id": fact_id, "effective_on": day.isoformat(), "reason": "示例录错"}
        method_path = "/corrections"
    else:
        body = {"reason": "示例录错"}
        if what == "amount":
            if amount == model.amount:
                return
            after.amount = amount
            body["amount"] = f"{amount}.00"
        elif what == "day":
            if day == model.day or day > START:
                return
            after.day = day
            body["effective_on"] = day.isoformat()
        else:
            if model.unit == size % 2:
                return
            after.unit = size % 2
            body["unit_id"] = city.districts[after.unit]
        method_path = "/corrections"
    response = await world.send("POST", target + method_path, body, version=await world.version(target))
    placed = response.status_code == 422 and target == project_path
    if response.status_code in (200, 201):
        assert after.possible()
        model.amount, model.day, model.unit = after.amount, after.day, after.unit
        model.later, model.live = after.later, after.live
    else:
        assert response.status_code in (409, 422), response.text
        assert not after.possible() or placed, response.text
