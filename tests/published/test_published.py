"""Published figures are compared with the system's over the same period, with the difference."""

from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio

SAID = {"kind": "signings", "period": "2023Q1", "count": 2, "amount": "600000000.00", "source": "示例：某报"}


async def beside(world: World, period: str = "2023Q1", **known_at: str) -> dict[str, Any]:
    found = await world.get("/published-figures", period=period, **known_at)
    return {item["published"]["kind"]: item for item in found["items"]}


async def test_beside_ours_with_caliber_difference_and_rows(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, _ = signed_project
    await make.land(city, project["id"], "2023-03-15")
    explanations = {"explanation": "示例：含框架协议", "explanation_en": "Framework agreements among them."}
    await world.post("/published-figures", {**SAID, **explanations})
    landed = {"kind": "same_quarter_landed", "period": "2023Q1", "count": 1, "source": "示例：某报"}
    await world.post("/published-figures", landed)
    found = await beside(world)
    signings = found["signings"]
    assert (signings["system"]["count"], signings["system"]["amount"]) == (1, "500000000.00")
    assert signings["difference"] == {"count": 1, "amount": "100000000.00", "planned_this_year": None}
    assert (signings["is_equal"], signings["published"]["explanation"]) == (False, "示例：含框架协议")
    assert signings["published"]["explanation_en"] == explanations["explanation_en"]
    assert signings["system"]["caliber"]["code"]
    rows = (await world.client.get(signings["system"]["rows_url"])).json()
    assert rows["sum"]["amount"] == signings["system"]["amount"]
    amount = {"kind": "collective_start", "period": "2023Q1", "count": 0, "planned_this_year": "9.00", "source": "示例"}
    await world.post("/published-figures", amount)
    # A number that nothing can be compared with is found neither equal nor different.
    assert (await beside(world))["collective_start"]["is_equal"] is None
    assert (found["same_quarter_landed"]["is_equal"], found["same_quarter_landed"]["system"]["amount"]) == (True, None)
    await world.holds()


async def test_the_kinds_of_construction_and_a_threshold(world: World, city: make.City) -> None:
    listed = await make.make_project(city)
    for kind, value in (("planned_total", "500.00"),):
        amount = {"kind": kind, "value": value, "effective_on": "2023-01-05", "source": "示例"}
        await world.post(f"/projects/{listed['id']}/amounts", amount)
    world.clock.set(2023, 3, 1)
    await world.post(f"/plan-lists/2023/projects/{listed['id']}", {"planned_this_year": "50.00", "source": "示例"})
    batch = {"name": "示例", "held_on": "2023-03-01", "project_ids": [listed["id"]]}
    await world.post("/start-batches", batch)
    world.clock.set(2023, 6, 1)
    planned = {"count": 1, "amount": "500.00", "planned_this_year": "60.00"}
    for body in (
        {"kind": "planned_year", "period": "2023", **planned},
        {"kind": "collective_start", "period": "2023Q1", "count": 1, "amount": "500.00"},
        {"kind": "started_or_resumed", "period": "2023Q1", "count": 3, "min_planned_total": "100.00"},
        {"kind": "city_activities", "period": "2023Q1", "count": 32},
        {"kind": "other", "period": "2023-02", "amount": "1.00"},
    ):
        await world.post("/published-figures", {**body, "source": "示例"})
    found = await beside(world)
    assert found["planned_year"]["difference"] == {"count": 0, "amount": "0.00", "planned_this_year": "10.00"}
    assert (found["planned_year"]["is_equal"], found["collective_start"]["is_equal"]) == (False, True)
    assert found["started_or_resumed"]["difference"]["count"] == 3
    assert "min_planned_total=100.00" in found["started_or_resumed"]["system"]["rows_url"]
    for kind in ("city_activities", "other"):
        system = found[kind]["system"]
        assert (system["count"], found[kind]["difference"]["count"], found[kind]["is_equal"]) == (None, None, None)
        assert system["reason_zh"]
        assert system["reason_en"]
    assert set(await beside(world, "2023Q2")) == {"planned_year"}
    assert set(await beside(world, "2023-02")) == set(found)
    assert await beside(world, "2022") == {}


async def test_a_figure_published_anew_supersedes(world: World) -> None:
    first = await world.post("/published-figures", {**SAID, "reference": "S1"})
    before = await world.get("/published-figures", period="2023Q1")
    path = f"/published-figures/{first['id']}/supersession"
    again = {"count": 3, "amount": "700000000.00", "source": "示例：某报更正", "published_on": "2023-05-01"}
    second = await world.post(path, again)
    assert (second["supersedes_id"], second["reference"], second["kind"]) == (first["id"], "S1", "signings")
    twice = await world.send("POST", path, again)
    assert (twice.status_code, twice.json()["code"]) == (409, "superseded_already")
    assert (await beside(world))["signings"]["published"]["count"] == 3
    assert await world.get("/published-figures", period="2023Q1", known_at=before["known_at"]) == before
    assert await world.get(f"/published-figures/{first['id']}") == first
    await world.holds()


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"count": None, "amount": None}, "/count", "missing"),
        ({"published_on": "2023-06-02"}, "/published_on", "future_day"),
        ({"min_planned_total": "1.00"}, "/min_planned_total", "not_of_this_figure"),
        ({"period": "2023Q5"}, "/period", "period_text"),
        ({"source": None}, "/source", "string_type"),
    ],
)
async def test_bad_figures_are_named(world: World, fields: dict[str, Any], pointer: str, code: str) -> None:
    answer = await refused(world, "POST", "/published-figures", 422, code, json={**SAID, **fields})
    assert answer["errors"][0]["pointer"] == pointer


async def test_a_part_of_the_city_is_not_compared_with_the_whole(world: World, city: make.City) -> None:
    await make.make_signed(city)
    figure = await world.post("/published-figures", SAID)
    world.actor = staff(units=[city.districts[0]], rights=False)
    item = (await beside(world))["signings"]
    assert (item["published"]["count"], item["system"]["count"]) == (2, None)
    for path in ("/published-figures", f"/published-figures/{figure['id']}/supersession"):
        answer = await world.send("POST", path, SAID if path.endswith("figures") else {"count": 1, "source": "示例"})
        assert (answer.status_code, answer.json()["permission"]) == (403, "keep_lists")
