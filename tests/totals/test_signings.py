"""A signing total, as known at each moment, and the rows it adds up."""

from typing import Any
from uuid import UUID

import pytest

from app.core.actor import Actor, ActorKind, Permission
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio
Q1 = {"from": "2023-01-01", "to": "2023-03-31"}
YEAR = {"from": "2023-01-01", "to": "2023-12-31"}


def figures(total: dict[str, Any]) -> tuple[int, str, int]:
    return total["count"], total["amount"], total["same_quarter_landed"]


async def test_one_signing_counts_once_and_opens_into_its_rows(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    total = await world.get("/totals/signings", **Q1)
    assert figures(total) == (1, "500000000.00", 0)
    assert total["caliber"]["code"] == "signings_net"
    rows = (await world.client.get(total["entries_url"])).json()
    assert [row["deal"]["id"] for row in rows["items"]] == [deal["id"]]
    assert (rows["sum"]["count"], rows["sum"]["amount"]) == (1, "500000000.00")
    await make.land(city, project["id"], "2023-03-01")
    assert figures(await world.get("/totals/signings", **Q1)) == (1, "500000000.00", 1)
    await world.holds()


async def test_what_was_said_then_is_said_for_ever(world: World, city: make.City, signed_project: make.Signed) -> None:
    """The total known before amendment, corrections, transfer and termination stays the same."""
    project, deal = signed_project
    await make.land(city, project["id"], "2023-03-01")
    path, said = f"/deals/{deal['id']}", []

    async def note() -> None:
        for group_by in ("unit", "month", "size", "ownership"):
            said.append((group_by, await world.get("/totals/signings", **YEAR, group_by=group_by)))

    await note()
    amendment = {"agreed_amount": "620000000.00", "effective_on": "2023-04-05", "document": "示例补1"}
    await world.post(f"{path}/amendments", amendment, version=await world.version(path), status=200)
    await note()
    for correction in ({"amount": "480000000.00"}, {"effective_on": "2023-01-20"}, {"unit_id": city.districts[1]}):
        body = {**correction, "reason": "示例录错"}
        await world.post(f"{path}/corrections", body, version=await world.version(path))
        await note()
    transfer = {
        "unit_id": city.districts[0],
        "task_force_id": city.task_forces[0],
        "ruled_on": "2023-05-01",
        "document": "示例裁定",
        "reason": "示例",
    }
    project_path = f"/projects/{project['id']}"
    await world.post(f"{project_path}/transfers", transfer, version=await world.version(project_path))
    await note()
    end = {"happened_on": "2023-05-20", "reason_code": "market", "reason": "示例"}
    await world.post(f"{project_path}/termination", end, version=await world.version(project_path))
    await note()
    for group_by, then in said:
        again = await world.get("/totals/signings", **YEAR, group_by=group_by, known_at=then["known_at"])
        assert again == then
    last = said[-1][1]
    assert figures(last) == (0, "0.00", 1)
    assert (last["gross"]["count"], last["gross"]["amount"]) == (1, "620000000.00")
    assert (last["terminations"]["count"], last["terminations"]["amount"]) == (-1, "-620000000.00")
    first_quarter = await world.get("/totals/signings", **Q1)
    assert figures(first_quarter) == (1, "480000000.00", 1)
    await world.holds()


async def test_groups_add_up_to_the_total(world: World, city: make.City) -> None:
    unknown = await make.make_investor(world, ownership=None)
    await make.make_signed(city, "90000000.00", "2023-02-01", investor_id=unknown)
    await make.make_signed(city, "1000000000.00", "2023-04-01", task_force_id=city.task_forces[0])
    by = ("unit", "task_force", "month", "quarter", "industry", "origin", "ownership", "size")
    together = await world.get("/totals/signings", **YEAR, group_by=",".join(by))
    assert list(together["groups"]) == list(by)
    for group_by in by:
        total = await world.get("/totals/signings", **YEAR, group_by=group_by)
        groups = total["groups"][group_by]
        assert groups == together["groups"][group_by]
        assert total["count"] == sum(group["count"] for group in groups) == 2
        cents = [int(group["amount"].replace(".", "")) for group in groups]
        assert sum(cents) == int(total["amount"].replace(".", ""))
    assert [group["key"] for group in together["groups"]["month"]] == [f"2023-{month:02d}" for month in range(1, 13)]
    (placed, none) = together["groups"]["task_force"]
    assert (placed["label"]["id"], placed["label"]["code"]) == (city.task_forces[0], None)
    assert (none["key"], none["label"]["zh"]) == ("none", "未归属")
    assert together["groups"]["ownership"][-1]["label"]["zh"] == "未载明"


async def test_a_unit_counts_with_all_below_it(world: World, city: make.City) -> None:
    await make.make_signed(city)
    for unit, expected in ((city.city, 1), (city.districts[0], 1), (city.districts[1], 0)):
        assert (await world.get("/totals/signings", **Q1, unit_id=unit))["count"] == expected


async def test_a_district_sees_its_own_entries_and_no_others(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, _ = signed_project
    transfer = {"unit_id": city.districts[1], "ruled_on": "2023-05-01", "document": "示例", "reason": "示例"}
    path = f"/projects/{project['id']}"
    await world.post(f"{path}/transfers", transfer, version=await world.version(path))
    world.actor = Actor(
        "d1",
        "示例区1",
        ActorKind.person,
        unit_ids=frozenset({UUID(city.districts[0])}),
        permissions=frozenset(Permission),
    )
    assert figures(await world.get("/totals/signings", **Q1)) == (1, "500000000.00", 0)
    assert figures(await world.get("/totals/signings", **YEAR)) == (0, "0.00", 0)
    rows = await world.get("/totals/signings/entries", **YEAR)
    assert [row["deal"]["href"] for row in rows["items"]] == [None, None]
    for name in ("investor", "credit_code", "is_on_plan_list"):
        assert {row[name] for row in rows["items"]} == {None}
    assert (await world.get("/projects"))["items"] == []
    for below in ("", "/gates", "/timeline", "/five-ones", "/moves", "/amounts", "/evidence", "/plans"):
        assert (await world.send("GET", path + below)).status_code == 404
    assert sum(column["count"] for column in (await world.get("/pipeline/board"))["columns"]) == 0


async def test_an_entry_says_who_invests_and_whether_it_is_on_the_plan_of_its_year(
    world: World, city: make.City
) -> None:
    investor = await make.make_investor(world)
    code = (await world.get(f"/enterprises/{investor}"))["credit_code"]
    deals = {}
    for year in (2022, 2023, None):
        project, deal = await make.make_signed(city, investor_id=investor)
        deals[deal["id"]] = year
        if year is not None:
            await world.post(f"/plan-lists/{year}/projects/{project['id']}", {"source": "示例"})
    listed = await world.get("/totals/signings", **YEAR)
    rows = (await world.get("/totals/signings/entries", **YEAR))["items"]
    assert {deals[row["deal"]["id"]]: row["is_on_plan_list"] for row in rows} == {2022: False, 2023: True, None: False}
    assert {(row["investor"]["id"], row["credit_code"]) for row in rows} == {(investor, code)}
    path = f"/plan-lists/2023/projects/{next(row for row in rows if row['is_on_plan_list'])['deal']['project_id']}"
    await world.post(f"{path}/withdrawal", {"reason": "示例"})
    rows = (await world.get("/totals/signings/entries", **YEAR))["items"]
    assert {row["is_on_plan_list"] for row in rows} == {False}
    then = (await world.client.get(listed["entries_url"])).json()["items"]
    assert sum(row["is_on_plan_list"] for row in then) == 1, "as it was known then"


async def test_a_later_known_at_is_answered_with_the_head(world: World, city: make.City) -> None:
    await make.make_signed(city)
    now = await world.get("/totals/signings", **Q1)
    later = await world.get("/totals/signings", **Q1, known_at="2030-01-01")
    assert later == now


async def test_the_cursor_pins_what_was_known(world: World, city: make.City) -> None:
    _, deal = await make.make_signed(city, signed_on="2023-02-01")
    await make.make_signed(city, signed_on="2023-02-02")
    first = await world.get("/totals/signings/entries", **Q1, limit=1)
    amendment = {"agreed_amount": "1.00", "effective_on": "2023-03-05", "document": "示例"}
    await world.post(f"/deals/{deal['id']}/amendments", amendment, version=deal["version"], status=200)
    second = await world.get("/totals/signings/entries", **Q1, limit=1, cursor=first["next_cursor"])
    assert second["known_at"] == first["known_at"]
    assert second["sum"] == first["sum"]
    assert second["next_cursor"] is None
    foreign = {"from": "2023-01-02", "to": "2023-03-31", "cursor": first["next_cursor"]}
    response = await world.client.get("/api/v1/totals/signings/entries", params=foreign)
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "cursor_foreign"


async def test_a_performance_once_told_is_told_again(world: World, city: make.City) -> None:
    """Targets are dated too: raising one later does not change earlier answers."""
    path = f"/task-forces/{city.task_forces[0]}"
    await make.make_signed(city, task_force_id=city.task_forces[0])
    for signings, version in ((10, 1), (20, 2)):
        answer = await world.send("PUT", f"{path}/targets/2023", {"signings": signings}, version=version)
        assert answer.status_code == 200
        if version == 1:
            said = await world.get(f"{path}/performance", year=2023)
    now = await world.get(f"{path}/performance", year=2023)
    assert (said["signings"]["rate"], now["signings"]["rate"]) == ("0.1000", "0.0500")
    assert await world.get(f"{path}/performance", year=2023, known_at=said["known_at"]) == said
    assert [target["signings"] for target in (await world.get(path))["targets"]] == [20]
    await world.holds()
