"""Where two verbs meet in the ledger: the books of a deal are the same whatever the order of the acts behind them."""

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

ENDED = {"effective_on": "2023-03-10", "reason": "示例"}


async def books(world: World, deal_id: str) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """What the deal's entries add up to, by day and unit: count and yuan. What cancels out is left out."""
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for entry in (await world.get(f"/deals/{deal_id}/entries"))["items"]:
        key = (entry["effective_on"], entry["unit_id"])
        count, amount = sums.get(key, (0, Decimal(0)))
        sums[key] = (count + entry["count"], amount + Decimal(entry["amount"]))
    return {key: value for key, value in sums.items() if any(value)}


async def rule(world: World, project_id: str, unit_id: str, on: str) -> None:
    body = {"unit_id": unit_id, "ruled_on": on, "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project_id}", "transfers", body)


async def correct(world: World, deal_id: str, **right: Any) -> Any:
    return await world.act(f"/deals/{deal_id}", "corrections", {"reason": "示例", **right})


async def ending_of(world: World, deal_id: str) -> str:
    facts = (await world.get(f"/deals/{deal_id}"))["facts"]
    found: str = next(fact["id"] for fact in facts if fact["kind"] == "termination")
    return found


def yuan(*amounts: int) -> Decimal:
    return sum((Decimal(amount) * 100_000_000 for amount in amounts), Decimal(0))


@pytest.mark.xfail(strict=True, reason="the amount cannot be corrected: 500")
async def test_a_deal_stays_where_it_ended_on_the_day_of_a_ruling(world: World) -> None:
    city = await make.make_city(world)
    first, second = city.districts
    project = await make.make_project(city)
    deal = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{deal['id']}", "termination", ENDED)
    await rule(world, project["id"], second, "2023-03-10")
    await correct(world, deal["id"], amount="200000000.00")
    assert await books(world, deal["id"]) == {
        ("2023-02-01", first): (1, yuan(2)),
        ("2023-03-10", first): (-1, yuan(-2)),
    }
    await world.holds()


@pytest.mark.xfail(strict=True, reason="the termination cannot be redated onto the day of the ruling: 500")
@pytest.mark.parametrize(("ended_on", "moves"), [("2023-03-14", False), ("2023-03-15", False), ("2023-03-20", True)])
async def test_a_termination_is_redated_to_any_side_of_a_ruling(world: World, ended_on: str, moves: bool) -> None:
    city = await make.make_city(world)
    first, second = city.districts
    project = await make.make_project(city)
    deal = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{deal['id']}", "termination", ENDED)
    await rule(world, project["id"], second, "2023-03-15")
    fact = await ending_of(world, deal["id"])
    await correct(world, deal["id"], fact_id=fact, effective_on="2023-03-15")
    if ended_on != "2023-03-15":
        fact = await ending_of(world, deal["id"])
        await correct(world, deal["id"], fact_id=fact, effective_on=ended_on)
    passed_on = {("2023-03-15", first): (-1, yuan(-5)), ("2023-03-15", second): (1, yuan(5))} if moves else {}
    assert await books(world, deal["id"]) == {
        ("2023-02-01", first): (1, yuan(5)),
        **passed_on,
        (ended_on, second if moves else first): (-1, yuan(-5)),
    }
    await world.holds()


@pytest.mark.xfail(strict=True, reason="the correction of an amount moves the signing to another district")
async def test_a_correction_of_one_deal_leaves_the_other_where_it_counts(world: World) -> None:
    city = await make.make_city(world)
    first, second = city.districts
    project = await make.make_project(city)
    ended = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{ended['id']}", "termination", ENDED)
    live = await make.make_deal(city, project["id"], "300000000.00", "2023-04-01")
    await correct(world, live["id"], unit_id=second)
    assert await books(world, live["id"]) == {("2023-04-01", second): (1, yuan(3))}
    await correct(world, ended["id"], amount="200000000.00")
    assert await books(world, ended["id"]) == {
        ("2023-02-01", first): (1, yuan(2)),
        ("2023-03-10", first): (-1, yuan(-2)),
    }
    assert (await world.get(f"/projects/{project['id']}"))["unit_id"] == second
    await world.holds()


RULED_LATER = pytest.param(False, marks=pytest.mark.xfail(strict=True, reason="what is restated depends on when"))


@pytest.mark.parametrize("ruled_first", [True, RULED_LATER])
async def test_a_ruling_moves_every_deal_that_stood_on_its_day(world: World, ruled_first: bool) -> None:
    city = await make.make_city(world)
    first, second = city.districts
    project = await make.make_project(city)
    deal = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    path = f"/deals/{deal['id']}"
    ended = {"effective_on": "2023-05-01", "reason": "示例"}
    if ruled_first:
        await rule(world, project["id"], second, "2023-04-01")
        await world.act(path, "termination", ended)
    else:
        await world.act(path, "termination", ended)
        await rule(world, project["id"], second, "2023-04-01")
    for amount in (5, 2):
        assert await books(world, deal["id"]) == {
            ("2023-02-01", first): (1, yuan(amount)),
            ("2023-04-01", first): (-1, yuan(-amount)),
            ("2023-04-01", second): (1, yuan(amount)),
            ("2023-05-01", second): (-1, yuan(-amount)),
        }
        if amount == 5:
            await correct(world, deal["id"], amount="200000000.00")
    await world.holds()
