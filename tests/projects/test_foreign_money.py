"""Foreign money: which currencies exist, which limits apply, and which days a rate may have."""

from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
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
    """Enters a foreign amount on a new project. Returns the answer."""
    city = await make.make_city(world)
    project = await make.make_project(city)
    return await world.send("POST", f"/projects/{project['id']}/amounts", {**WON, **fields})


async def test_the_limit_is_on_the_yuan(world: World) -> None:
    answer = await state(world)
    assert (answer.status_code, answer.json().get("value")) == (201, "6336000000.00")


@pytest.fixture
async def amounts(world: World) -> str:
    """The path of the amounts of a new project."""
    city = await make.make_city(world)
    return f"/projects/{(await make.make_project(city))['id']}/amounts"


async def test_whatever_one_unit_is_worth(world: World, amounts: str) -> None:
    for currency, amount, rate, yuan in (
        ("VND", "3400000000000000", "0.00029", "986000000000.00"),  # 16 digits, just below the limit in yuan
        ("IDR", "1500000000000000.55", "0.00046", "690000000000.00"),
        ("JPY", "20000000000000", "0.048", "960000000000.00"),
        ("KWD", "1234567.89", "23.15", "28580246.65"),
        ("IRR", "9999999999999999.99", "0.00001", "100000000000.00"),  # the largest that can be stored
        ("USD", "0.01", "0.5", "0.01"),  # half a fen is rounded up
    ):
        body = {**WON, "currency": currency, "original_amount": amount, "rate": rate}
        shown = await world.post(amounts, body)
        assert (shown["value"], shown["currency"]) == (yuan, currency)
        assert shown["original_amount"] == (amount if "." in amount else f"{amount}.00")  # nothing lost on the way
    kept = {row["currency"]: row["original_amount"] for row in await world.get(amounts)}
    assert (kept["IRR"], kept["IDR"]) == ("9999999999999999.99", "1500000000000000.55")


async def test_what_cannot_be_kept_is_refused(world: World, amounts: str) -> None:
    for fields, code in (
        ({"original_amount": "190000000000000"}, "money_too_large"),  # 1.0032 万亿元
        ({"currency": "IRR", "original_amount": "10000000000000000", "rate": "0.00001"}, "foreign_too_large"),
        ({"original_amount": "9" * 40}, "foreign_text"),
        ({"currency": "KWD", "original_amount": "1.005", "rate": "23.15"}, "foreign_text"),
        ({"original_amount": "0.00"}, "money_not_positive"),
        ({"original_amount": "-1"}, "money_not_positive"),
        ({"original_amount": "1.00", "rate": "0.00000001"}, "money_too_large"),
    ):
        answer = await refused(world, "POST", amounts, 422, code, json={**WON, **fields})
        assert answer["errors"][0]["pointer"] == "/original_amount"


async def test_a_currency_is_on_the_list(world: World, amounts: str) -> None:
    """Neither yuan by another name, nor metals, funds codes, codes for tests, withdrawn ones, nor anything else."""
    body = {**WON, "original_amount": "100.00", "rate": "1"}
    for currency in ("RMB", "CNH", "XQZ", "XAU", "XXX", "XTS", "XDR", "CLF", "DEM", "HRK", "BTC", "usd", "元", "USDX"):
        answer = await refused(world, "POST", amounts, 422, json={**body, "currency": currency})
        assert "/currency" in {error["pointer"] for error in answer["errors"]}
    for currency in ["USD", "EUR", "HKD", "MOP", "TWD", "GBP", "XOF", "CHF"]:
        await world.post(amounts, {**body, "currency": currency})


async def test_a_rate_is_above_zero_and_errors_name_what_is_wrong(world: World, amounts: str) -> None:
    body = {**WON, "currency": "USD", "original_amount": "100.00"}
    for rate, words in (
        ("0", "大于 0"),
        ("0.00", "大于 0"),
        ("-7", "不能为负"),
        ("1000000", "数字过大"),
        ("7.123456789", "8 位小数"),
    ):
        answer = await refused(world, "POST", amounts, 422, json={**body, "rate": rate})
        assert answer["errors"][0]["pointer"] == "/rate"
        assert words in answer["errors"][0]["detail"]
    for currency in ("usd", "ＵＳＤ", "美元", "人民币", "US$", "USD "):
        answer = await refused(world, "POST", amounts, 422, "currency_text", json={**body, "currency": currency})
        assert "CNY" in answer["errors"][0]["detail"]
    for rate in ("0.00000001", "999999.99999999"):
        await world.post(amounts, {**body, "original_amount": "1000000.00", "rate": rate})


async def test_yuan_are_called_by_their_code(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    body = {**WON, "currency": "RMB"}
    answer = await refused(world, "POST", f"/projects/{project['id']}/amounts", 422, "unknown_currency", json=body)
    assert "CNY" in answer["errors"][0]["detail"]


async def test_what_was_money_on_the_day_of_the_rate(world: World, city: make.City) -> None:
    """An amount of 1998 can be entered as it was; of 2023 nothing is in Marks or Kuna."""
    path = f"/projects/{(await make.make_project(city))['id']}/amounts"
    then = {**WON, "original_amount": "100.00", "rate": "4.6"}
    await world.post(path, {**then, "currency": "DEM", "rate_on": "1998-03-30"})
    await world.post(path, {**then, "currency": "HRK", "rate_on": "2022-12-30"})
    for currency in ("DEM", "HRK"):
        await refused(world, "POST", path, 422, "unknown_currency", json={**then, "currency": currency})


async def test_a_rate_is_not_of_a_day_ahead(world: World, amounts: str) -> None:
    body = {**WON, "currency": "USD", "original_amount": "100.00", "rate": "7.1"}
    for day in ("2023-06-02", "2024-01-01", "2099-03-30"):
        answer = await refused(world, "POST", amounts, 422, "future_day", json={**body, "rate_on": day})
        assert answer["errors"][0]["pointer"] == "/rate_on"
    for day in ("2023-06-01", "2005-07-21", "2023-05-31"):
        assert (await world.post(amounts, {**body, "rate_on": day}))["rate_on"] == day


async def test_drafts_edits_and_amendments_too(world: World, signed_project: make.Signed) -> None:
    project, deal = signed_project
    money = {name: WON[name] for name in ("currency", "original_amount", "rate", "rate_on", "rate_source")}
    draft = {"project_id": project["id"], "kind": "framework", "title": "示例框架协议", **money}
    made = await world.post("/deals", draft)
    assert (made["agreed_amount"], made["original_amount"]) == ("6336000000.00", "1200000000000.00")
    amendment = {"effective_on": "2023-04-05", "document": "示例补〔2023〕1号", **money}
    amend = f"/deals/{deal['id']}/amendments"
    for wrong, code in (({"currency": "RMB"}, "unknown_currency"), ({"rate_on": "2023-06-02"}, "future_day")):
        await refused(world, "POST", "/deals", 422, code, json={**draft, **wrong})
        head = {"If-Match": f'"{made["version"]}"'}
        await refused(world, "PATCH", f"/deals/{made['id']}", 422, code, json={**money, **wrong}, headers=head)
        version = await world.version(amend.removesuffix("/amendments"))
        head = {"If-Match": f'"{version}"'}
        await refused(world, "POST", amend, 422, code, json={**amendment, **wrong}, headers=head)
    await refused(
        world, "POST", "/deals", 422, "unknown_currency", json={**draft, **dict.fromkeys(money), "currency": "XQZ"}
    )
    amended = await world.act(f"/deals/{deal['id']}", "amendments", amendment)
    assert (amended["agreed_amount"], amended["currency"]) == ("6336000000.00", "KRW")
    total = await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-06-01"})
    assert total["amount"] == "6336000000.00"
    await world.holds()
