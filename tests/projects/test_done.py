"""The sum done within a year never falls from one day to a later one; a day entered again corrects that day."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


@pytest.fixture
async def path(world: World) -> str:
    """The path of the amounts of a new project."""
    city = await make.make_city(world)
    return f"/projects/{(await make.make_project(city))['id']}/amounts"


async def done(world: World, path: str, through_on: str, value: str | None, year: int = 2023, **fields: Any) -> Any:
    body = {"kind": "done", "year": year, "through_on": through_on, "effective_on": through_on, "value": value}
    return await world.send("POST", path, {**body, "source": "示例", **fields})


async def wrong(world: World, path: str, through_on: str, value: str | None, **fields: Any) -> tuple[str, str, str]:
    """Returns pointer, code and text of the refusal."""
    answer = await done(world, path, through_on, value, **fields)
    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    return error["pointer"], error["code"], error["detail"]


async def standing(world: World, path: str) -> str:
    """Returns the sum that is valid now."""
    first = next(row for row in await world.get(path) if row["year"] == 2023)
    value: str = first["value"]
    return value


async def test_a_year_is_counted_through_one_of_its_days(world: World, path: str) -> None:
    for year, day in ((2023, "2022-12-31"), (2022, "2023-01-01"), (2021, "2023-05-31")):
        assert (await wrong(world, path, day, "1.00", year=year))[:2] == ("/through_on", "not_in_year")
    assert (await wrong(world, path, "2023-06-02", "1.00", effective_on="2023-06-01"))[:2] == (
        "/through_on",
        "future_day",
    )
    for year, day in ((2023, "2023-01-01"), (2023, "2023-06-01"), (2022, "2022-12-31")):
        assert (await done(world, path, day, "1.00", year=year)).status_code == 201


async def test_a_later_day_has_no_smaller_sum(world: World, path: str) -> None:
    assert (await done(world, path, "2023-02-28", "500.00")).status_code == 201
    pointer, code, text = await wrong(world, path, "2023-03-31", "499.99")
    assert (pointer, code) == ("/value", "done_descends")
    assert "2023-02-28" in text
    assert "500.00" in text
    assert (await done(world, path, "2023-03-31", "500.00")).status_code == 201  # nothing was done in March
    assert (await done(world, path, "2023-04-30", "0.00")).status_code == 422
    assert (await done(world, path, "2022-12-31", "900.00", year=2022)).status_code == 201  # another year's sum
    assert (await done(world, path, "2023-04-30", "620.00")).status_code == 201
    assert await standing(world, path) == "620.00"


async def test_one_entered_late_lies_between_its_neighbours(world: World, path: str) -> None:
    for day, value in (("2023-01-31", "100.00"), ("2023-03-31", "300.00")):
        assert (await done(world, path, day, value)).status_code == 201
    assert (await wrong(world, path, "2023-02-28", "99.00"))[1] == "done_descends"
    pointer, code, text = await wrong(world, path, "2023-02-28", "300.01")
    assert (pointer, code) == ("/value", "done_descends")
    assert "2023-03-31" in text
    for value in ("100.00", "300.00", "200.00"):
        assert (await done(world, path, "2023-02-28", value)).status_code == 201
    assert await standing(world, path) == "300.00"  # written down last, but through an earlier day


async def test_a_day_entered_again_corrects_it(world: World, path: str) -> None:
    """Where sums get smaller the earliest day comes first, where they get greater the latest; all remain readable."""
    for day, value in (("2023-02-28", "500.00"), ("2023-03-31", "600.00")):
        assert (await done(world, path, day, value)).status_code == 201
    assert (await done(world, path, "2023-03-31", "450.00")).status_code == 422
    for day, value in (("2023-02-28", "400.00"), ("2023-03-31", "450.00")):
        assert (await done(world, path, day, value)).status_code == 201
    assert (await done(world, path, "2023-02-28", "700.00")).status_code == 422
    for day, value in (("2023-03-31", "800.00"), ("2023-02-28", "700.00")):
        assert (await done(world, path, day, value)).status_code == 201
    assert await standing(world, path) == "800.00"
    assert [row["value"] for row in await world.get(path)] == [
        "800.00",
        "450.00",
        "600.00",
        "700.00",
        "400.00",
        "500.00",
    ]
    await world.holds()


async def test_foreign_sums_are_compared_in_their_own_currency(world: World, path: str) -> None:
    def dollars(amount: str, rate: str, on: str) -> dict[str, Any]:
        return {"currency": "USD", "original_amount": amount, "rate": rate, "rate_on": on, "rate_source": "示例"}

    first = dollars("100.00", "7.20", "2023-02-28")
    assert (await done(world, path, "2023-02-28", None, **first)).status_code == 201
    weaker = dollars("101.00", "7.00", "2023-03-31")  # fewer yuan, more dollars
    assert (await done(world, path, "2023-03-31", None, **weaker)).status_code == 201
    less = dollars("100.99", "7.50", "2023-04-30")
    assert (await wrong(world, path, "2023-04-30", None, **less))[:2] == ("/original_amount", "done_descends")
    assert (await wrong(world, path, "2023-04-30", "706.99"))[1] == "done_descends"
    assert (await done(world, path, "2023-04-30", "707.00")).status_code == 201


async def test_other_amounts_may_get_less(world: World, path: str) -> None:
    for value, day in (("500.00", "2023-02-01"), ("400.00", "2023-03-01")):
        body: dict[str, Any] = {"value": value, "effective_on": day, "source": "示例"}
        await world.post(path, {**body, "kind": "planned_total"})
        await world.post(path, {**body, "kind": "planned_this_year", "year": 2023})
