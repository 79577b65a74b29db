"""Units in a dated tree, officials with posts by term."""

import pytest

from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirmed

pytestmark = pytest.mark.anyio


async def test_the_tree_is_dated_and_has_no_ring(world: World, city: make.City) -> None:
    town = await make.make_unit(world, "示例镇", city.districts[0])
    ring = {"parent_id": town, "valid_from": "2023-01-01"}
    response = await world.send("POST", f"/units/{city.districts[0]}/parents", ring, version=1)
    assert (response.status_code, response.json()["code"]) == (409, "unit_ring")
    await make.make_signed(city, unit_id=town, place_unit_id=town)
    move = {"parent_id": city.districts[1], "valid_from": "2023-04-01", "reason": "示例"}
    await confirmed(world, await world.send("POST", f"/units/{town}/parents", move, version=1))
    assert (await world.get(f"/units/{town}"))["parent_id"] == city.districts[1]
    quarter = {"from": "2023-01-01", "to": "2023-03-31"}
    year = {"from": "2023-01-01", "to": "2023-12-31"}
    counts = [
        (await world.get("/totals/signings", **period, unit_id=unit))["count"]
        for period in (quarter, year)
        for unit in city.districts
    ]
    assert counts == [1, 0, 0, 1]


async def test_an_edit_needs_the_version_it_read(world: World) -> None:
    unit = await make.make_unit(world, "示例局", kind="department")
    path = f"/units/{unit}"
    assert (await world.send("PATCH", path, {"name": "示例新局"})).status_code == 428
    assert (await world.send("PATCH", path, {"name": "示例新局"}, version=7)).status_code == 412
    renamed = await world.send("PATCH", path, {"name": "示例新局"}, version=1)
    assert (renamed.json()["name"], renamed.headers["etag"]) == ("示例新局", '"2"')
    assert (await world.send("PATCH", path, {"name": None}, version=2)).status_code == 422


async def test_a_post_has_a_term(world: World) -> None:
    unit = await make.make_unit(world, "示例局", kind="department")
    official = await make.make_official(world, unit)
    path = f"/officials/{official}"
    post = (await world.get(path))["posts"][0]["id"]
    early = await world.send("POST", f"{path}/posts/{post}/end", {"ended_on": "2019-01-01"}, version=1)
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/ended_on")
    ended = await world.send("POST", f"{path}/posts/{post}/end", {"ended_on": "2023-01-31"}, version=1)
    assert ended.json()["posts"][0]["ended_on"] == "2023-01-31"
    assert (await world.get("/officials", unit_id=unit))["items"] == []


async def test_the_phone_is_masked(world: World) -> None:
    found = await world.post("/officials", {"name": "示例干部", "phone": "13800001234"})
    assert found["phone_masked"] == "138****1234"


async def test_the_tree_has_no_ring_on_any_day(world: World, city: make.City) -> None:
    """Parent and child change places twice: a cycle only on past days is refused too."""
    first, second = city.districts
    for unit, parent, day, status in (
        (second, first, "2023-01-01", 202),
        (second, city.city, "2024-01-01", 202),
        (first, second, "2023-02-01", 409),
        (first, second, "2024-01-01", 202),
        (second, first, "2025-01-01", 409),
    ):
        path = f"/units/{unit}"
        body = {"parent_id": parent, "valid_from": day, "reason": "示例"}
        answer = await world.send("POST", f"{path}/parents", body, version=await world.version(path))
        assert answer.status_code == status, (day, answer.text)
        if status == 202:
            await confirmed(world, answer)


async def test_what_counts_before_a_unit_was_opened_still_adds_up(world: World, city: make.City) -> None:
    body = {"code": "示例新区", "name": "示例新区", "kind": "zone", "parent_id": city.city, "opened_on": "2023-05-01"}
    unit = (await world.post("/units", body))["id"]
    q1 = {"from": "2023-01-01", "to": "2023-03-31"}
    project = await make.make_project(city, entered_on="2023-05-02", unit_id=unit)
    await make.make_deal(city, project["id"], signed_on="2023-02-01")
    whole, of_city = (
        await world.get("/totals/signings", **q1),
        await world.get("/totals/signings", **q1, unit_id=city.city),
    )
    assert (whole["count"], of_city["count"]) == (1, 1)


async def test_a_fact_is_placed_in_units_open_on_its_day(world: World, city: make.City) -> None:
    """A transfer to a unit not yet opened is refused; a correction to one closed since is not."""
    body = {"code": "示例新区", "name": "示例新区", "kind": "zone", "parent_id": city.city, "opened_on": "2023-05-01"}
    new = (await world.post("/units", body))["id"]
    project, deal = await make.make_signed(city)
    path = f"/projects/{project['id']}"
    to_new = {"unit_id": new, "ruled_on": "2023-03-01", "document": "示例", "reason": "示例"}
    answer = await world.send("POST", f"{path}/transfers", to_new, version=await world.version(path))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/unit_id")
    await world.act(path, "transfers", {**to_new, "ruled_on": "2023-05-01"})
    closed = await world.send("PATCH", f"/units/{city.districts[1]}", {"closed_on": "2023-05-01"}, version=1)
    assert closed.status_code == 200
    corrected = {"unit_id": city.districts[1], "reason": "示例"}
    await world.act(f"/deals/{deal['id']}", "corrections", corrected)
    of_closed = await world.get(
        "/totals/signings", unit_id=city.districts[1], **{"from": "2023-01-01", "to": "2023-03-31"}
    )
    assert of_closed["count"] == 1
    await world.holds()


async def test_no_ring_before_a_units_first_day_either(world: World, city: make.City) -> None:
    """Before its first day a unit is under its first parent."""
    upper = await make.make_unit(world, "示例局甲", city.city)
    body = {"code": "示例乙", "name": "示例局乙", "kind": "department", "parent_id": upper, "opened_on": "2005-01-01"}
    lower = (await world.post("/units", body))["id"]
    for unit, parent, status in ((lower, None, 202), (upper, lower, 409)):
        path = f"/units/{unit}"
        turn = {"parent_id": parent, "valid_from": "2010-01-01", "reason": "示例"}
        answer = await world.send("POST", f"{path}/parents", turn, version=await world.version(path))
        assert answer.status_code == status, answer.text
        if status == 202:
            await confirmed(world, answer)
