"""A published figure is compared in the precision in which it was published."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.published import rounding
from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.factories import city as make
from tests.published.test_published import beside

SAID = {"kind": "signings", "period": "2023Q1", "count": 1, "source": "示例：某报"}
OURS = "7743326000.00"

steps = st.sampled_from([Decimal(step) for step in ("0.01", "1", "10000", "1000000", "10000000", "100000000", "2500")])
fen = st.integers(0, 10**14).map(lambda amount: Decimal(amount).scaleb(-2))


@given(ours=fen, step=steps)
def test_what_was_rounded_half_up_is_the_same_and_its_neighbours_are_not(ours: Decimal, step: Decimal) -> None:
    published = rounding.rounded(ours, step)
    assert published % step == 0
    assert -step / 2 < published - ours <= step / 2  # half of it goes up
    assert rounding.is_same(published, ours, step)
    for neighbour in (published - step, published + step):
        assert rounding.is_same(neighbour, ours, step) is (neighbour == ours)


@given(amounts=st.lists(fen, min_size=1, max_size=2))
def test_no_amount_is_finer_than_its_usual_precision(amounts: list[Decimal]) -> None:
    step = rounding.usual([None, *amounts])
    assert step is not None
    assert step <= 10_000_000
    assert all(rounding.is_same(amount, amount, step) and amount % step == 0 for amount in amounts)


@pytest.mark.anyio
async def test_one_decimal_of_yi(world: World) -> None:
    await make.make_signed(await make.make_city(world), amount=OURS)
    await world.post("/published-figures", {**SAID, "amount": "7740000000.00"})
    found = (await beside(world))["signings"]
    assert (found["is_equal"], found["difference"]["amount"]) == (True, "-3326000.00")
    assert found["published"]["precision"] == "10000000.00"
    assert "四舍五入" in found["comparison"]["zh"]
    assert "half up" in found["comparison"]["en"]


@pytest.mark.anyio
async def test_the_precision_is_what_was_said_or_what_the_amount_shows(world: World) -> None:
    await make.make_signed(await make.make_city(world), amount=OURS)
    latest: dict[str, Any] = await world.post("/published-figures", {**SAID, "amount": OURS})
    for said, precision, is_equal in (
        ({"amount": OURS}, "1.00", True),
        ({"amount": "7743330000.00"}, "10000.00", True),
        ({"amount": "7743000000.00"}, "1000000.00", True),  # 77.43 亿
        ({"amount": "7744000000.00"}, "1000000.00", False),
        ({"amount": "7740000000.00", "precision": "1000000.00"}, "1000000.00", False),  # stated as 77.40 亿
        ({"amount": "7700000000.00", "precision": "100000000.00"}, "100000000.00", True),  # 77 亿
        ({"amount": "7700000000.00"}, "10000000.00", False),  # 77.0 亿
        ({"amount": "7750000000.00"}, "10000000.00", False),
        ({"amount": "7740000000.00", "count": 2}, "10000000.00", False),  # counts are exact
    ):
        body = {"count": 1, "source": "示例：某报", **said}
        latest = await world.post(f"/published-figures/{latest['id']}/supersession", body)
        assert latest["precision"] == precision
        assert (await beside(world))["signings"]["is_equal"] is is_equal, said
    await world.holds()


@pytest.mark.anyio
async def test_what_is_equal_to_the_fen_is_equal(world: World) -> None:
    await make.make_signed(await make.make_city(world), amount="7743326000.05")
    found = await world.post("/published-figures", {**SAID, "amount": "7743326000.05"})
    assert found["precision"] == "0.01"
    shown = (await beside(world))["signings"]
    assert (shown["is_equal"], shown["difference"]["amount"]) == (True, "0.00")


@pytest.mark.anyio
async def test_nothing_to_compare_is_null(world: World, city: make.City) -> None:
    await make.make_signed(city)
    landed = {"kind": "same_quarter_landed", "amount": "500000000.00"}
    for body, is_equal in (
        ({"kind": "city_activities", "count": 32}, None),  # the system has no such figure
        ({**landed, "count": 0}, None),  # the count is ours; of the amount the system has none
        ({**landed, "count": 1}, False),  # the count is not
        ({"kind": "other", "count": None, "amount": "1.00"}, None),
        ({"kind": "signings", "count": 1}, True),  # no amount was published
        ({"kind": "signings", "count": 3}, False),
    ):
        await world.post("/published-figures", {**SAID, **body})
        items = (await world.get("/published-figures", period="2023Q1"))["items"]
        assert items[-1]["is_equal"] is is_equal, body
    exact = [item["comparison"]["code"] for item in items if item["published"]["precision"] is None]
    assert set(exact) == {"exact"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": "7743000000.00", "precision": "10000000.00"}, "finer_than_precision"),
        ({"amount": "7740000000.00", "planned_this_year": "1.00", "precision": "10000000.00"}, "finer_than_precision"),
        ({"precision": "10000000.00"}, "without_amount"),
        ({"amount": "7740000000.00", "precision": "0"}, "money_not_positive"),
    ],
)
async def test_a_precision_that_cannot_be(world: World, fields: dict[str, Any], code: str) -> None:
    answer = await refused(world, "POST", "/published-figures", 422, code, json={**SAID, **fields})
    assert answer["errors"][0]["pointer"] == "/precision"
