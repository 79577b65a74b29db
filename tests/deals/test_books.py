"""Where two verbs meet in the ledger: the entries of a deal add up to the same, whatever the order of its acts."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.projects import placements
from app.projects.models import Project, ProjectPlacement
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

ENDED = {"effective_on": "2023-03-10", "reason": "示例"}


async def books(world: World, deal_id: str) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Returns the sums of the deal's entries by day and unit, as count and yuan. Sums of zero are left out."""
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


async def test_a_deal_stays_where_it_ended_on_the_day_of_a_ruling(world: World, city: make.City) -> None:
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


@pytest.mark.parametrize(("ended_on", "moves"), [("2023-03-14", False), ("2023-03-15", False), ("2023-03-20", True)])
async def test_a_termination_is_redated_to_any_side_of_a_ruling(
    world: World, city: make.City, ended_on: str, moves: bool
) -> None:
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


async def test_a_correction_of_one_deal_leaves_the_other_where_it_counts(world: World, city: make.City) -> None:
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


@pytest.mark.parametrize("ruled_first", [True, False])
async def test_a_ruling_moves_every_deal_that_stood_on_its_day(
    world: World, city: make.City, ruled_first: bool
) -> None:
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


async def test_a_ruling_of_any_day_around_a_deal(world: World, city: make.City) -> None:
    """Signed 02-01, ended 03-10: passed on from its first day to the last but one, and never else."""
    first, second = city.districts
    for day, moves in (("2023-01-31", None), ("2023-02-01", True), ("2023-03-09", True), ("2023-03-11", False)):
        project = await make.make_project(city)
        deal = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
        await world.act(f"/deals/{deal['id']}", "termination", ENDED)
        await rule(world, project["id"], second, day)
        signed_in = second if moves is None else first
        passed_on = {}
        if moves and day == "2023-02-01":
            passed_on = {("2023-02-01", second): (1, yuan(5))}
        elif moves:
            passed_on = {(day, first): (-1, yuan(-5)), (day, second): (1, yuan(5))}
        signing = {} if day == "2023-02-01" else {("2023-02-01", signed_in): (1, yuan(5))}
        ending = {("2023-03-10", first if moves is False else second): (-1, yuan(-5))}
        assert await books(world, deal["id"]) == {**signing, **passed_on, **ending}, day
        said = await world.get(f"/deals/{deal['id']}")
        await correct(world, deal["id"], amount="200000000.00")
        sums = (await books(world, deal["id"])).items()
        assert {key: (count, amount / 2 * 5) for key, (count, amount) in sums} == {**signing, **passed_on, **ending}
        assert said["status"] == "terminated"
    await world.holds()


async def test_what_was_said_before_a_late_ruling_is_said_again(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    deal = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-05-01", "reason": "示例"})
    asked = {"from": "2023-01-01", "to": "2023-12-31", "group_by": "unit"}
    before = await world.get("/totals/signings", **asked)
    version = await world.version(f"/deals/{deal['id']}")
    await rule(world, project["id"], city.districts[1], "2023-04-01")
    assert await world.version(f"/deals/{deal['id']}") == version + 1
    assert await world.get("/totals/signings", **asked, known_at=before["known_at"]) == before
    after = await world.get("/totals/signings", **asked)
    assert (after["count"], after["amount"]) == (before["count"], before["amount"])
    timeline = (await world.get(f"/projects/{project['id']}/timeline"))["items"]
    assert "deal.transferred" in {event["type"] for event in timeline}


async def test_what_a_correction_would_move_of_another_deal_is_asked_first(world: World, city: make.City) -> None:
    """B was signed before A ended: no place of the project is that of B alone."""
    second = city.districts[1]
    project = await make.make_project(city)
    ended = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{ended['id']}", "termination", ENDED)
    live = await make.make_deal(city, project["id"], "300000000.00", "2023-03-01")
    path, body = f"/deals/{live['id']}", {"reason": "示例", "unit_id": second}
    stood = await books(world, ended["id"])
    refused = await world.send("POST", f"{path}/corrections", body, version=await world.version(path))
    assert (refused.status_code, refused.json()["code"]) == (409, "moves_other_deals")
    assert refused.json()["deals"] == [{"id": ended["id"], "code": ended["code"]}]
    assert ended["code"] in refused.json()["detail"]
    assert await books(world, ended["id"]) == stood
    stranger = {**body, "also_moves": [project["id"]]}
    answer = await world.send("POST", f"{path}/corrections", stranger, version=await world.version(path))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/also_moves")
    await correct(world, live["id"], unit_id=second, also_moves=[ended["id"]])
    assert await books(world, live["id"]) == {("2023-03-01", second): (1, yuan(3))}
    assert await books(world, ended["id"]) == {
        ("2023-02-01", second): (1, yuan(5)),
        ("2023-03-10", second): (-1, yuan(-5)),
    }
    await world.holds()


async def test_a_correction_of_an_ended_deal_leaves_the_one_after_it(world: World, city: make.City) -> None:
    first, second = city.districts
    project = await make.make_project(city)
    ended = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{ended['id']}", "termination", ENDED)
    live = await make.make_deal(city, project["id"], "300000000.00", "2023-04-01")
    await correct(world, ended["id"], unit_id=second)
    assert await books(world, ended["id"]) == {
        ("2023-02-01", second): (1, yuan(5)),
        ("2023-03-10", second): (-1, yuan(-5)),
    }
    assert await books(world, live["id"]) == {("2023-04-01", first): (1, yuan(3))}
    assert (await world.get(f"/projects/{project['id']}"))["unit_id"] == first
    await world.holds()


async def test_a_place_that_changed_beneath_a_deal_is_found(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    deal = await make.make_deal(city, project["id"], "500000000.00", "2023-02-01")
    await world.act(f"/deals/{deal['id']}", "termination", ENDED)
    await world.holds()
    async with world.database.writing() as session:
        row = (await session.scalars(select(Project))).one()
        series = await placements.series(session, row.id)
        wanted = series.corrected(series.stated[0][0], unit_id=UUID(city.districts[1]))
        placements.assign(row, wanted)
        event_id = (await session.scalars(select(ProjectPlacement.event_id))).one()
        await placements.write(session, row, wanted, event_id)
    found = [finding for finding in await world.findings() if finding.rule == "ledger"]
    assert [finding.row for finding in found] == [f"deal {deal['code']}"]
    assert "2023-02-01" in found[0].what.en
