"""Foreign money: which currencies there are, which limits apply, and on which days a rate may be of."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

WON = {
    "kind": "planned_total",
    "currency": "KRW",
    "original_amount": "1200000000000",
    "rate": "0.00528",
    "rate_on": "2023-03-30",
    "rate_source": "示例",
    "effective_on": "2023-03-30",
    "source": "示例",
}


async def state(world: World, **fields: Any) -> Any:
    """The answer to a foreign amount entered on a new project."""
    city = await make.make_city(world)
    project = await make.make_project(city)
    return await world.send("POST", f"/projects/{project['id']}/amounts", {**WON, **fields})


@pytest.mark.xfail(strict=True, reason="the limit on yuan is laid on won")
async def test_the_limit_is_on_the_yuan(world: World) -> None:
    answer = await state(world)
    assert (answer.status_code, answer.json().get("value")) == (201, "6336000000.00")


@pytest.mark.xfail(strict=True, reason="any three capitals are a currency")
@pytest.mark.parametrize("currency", ["RMB", "XQZ"])
async def test_a_currency_is_on_the_list(world: World, currency: str) -> None:
    answer = await state(world, currency=currency, original_amount="100.00", rate="1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/currency"


@pytest.mark.xfail(strict=True, reason="nobody compares the rate's day with today")
async def test_a_rate_is_not_of_a_day_ahead(world: World) -> None:
    answer = await state(world, currency="USD", original_amount="100.00", rate="7.1", rate_on="2099-03-30")
    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == ("/rate_on", "future_day")
