"""Where a project counts, day by day: facts learnt late change the days they concern and no others."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.projects import placements
from app.projects.models import Program
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def units_by_day(world: World, city: make.City, project_id: str) -> list[tuple[str, str, str]]:
    """Returns (from day, A or B, program) of each segment."""
    names = {UUID(city.districts[0]): "A", UUID(city.districts[1]): "B"}
    async with world.database.snapshot() as session:
        series = await placements.series(session, UUID(project_id))
    return [
        (day.isoformat(), names[place.unit_id], place.program.value)
        for day, place in series.segments()
        if place.unit_id
    ]


def to(city: make.City, number: int, day: str) -> dict[str, Any]:
    return {"unit_id": city.districts[number], "ruled_on": day, "document": "示例", "reason": "示例"}


async def test_a_corrected_unit_holds_until_the_next_transfer_and_leaves_the_program_alone(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    await world.act(path, "program-changes", {"program": "both", "effective_on": "2023-03-01", "reason": "示例"})
    await world.act(f"/deals/{deal['id']}", "corrections", {"unit_id": city.districts[1], "reason": "示例"})
    assert await units_by_day(world, city, project["id"]) == [
        ("2023-01-01", "B", "promotion"),
        ("2023-03-01", "B", "both"),
    ]
    await world.holds()


async def test_a_late_approval_counts_where_the_project_stood(world: World, city: make.City) -> None:
    """Signed under A, passed on to B, and approved only then: A counts it until the transfer, B from then on."""
    project = await make.make_project(city)
    await world.act(f"/projects/{project['id']}", "transfers", to(city, 1, "2023-03-01"))
    deal = await make.make_deal(city, project["id"], signed_on="2023-02-01")
    entries = (await world.get(f"/deals/{deal['id']}/entries"))["items"]
    assert [(e["effective_on"], e["count"], e["unit_id"]) for e in entries] == [
        ("2023-02-01", 1, city.districts[0]),
        ("2023-03-01", -1, city.districts[0]),
        ("2023-03-01", 1, city.districts[1]),
    ]
    await world.holds()


@pytest.mark.parametrize("right_on", ["2023-05-01", "2023-02-10"])
async def test_a_redated_transfer_takes_the_project_along(
    world: World, city: make.City, signed_project: make.Signed, right_on: str
) -> None:
    project, deal = signed_project
    await world.act(f"/projects/{project['id']}", "transfers", to(city, 1, "2023-03-01"))
    fact = (await world.get(f"/deals/{deal['id']}"))["facts"][-1]["id"]
    body = {"fact_id": fact, "effective_on": right_on, "reason": "示例"}
    await world.act(f"/deals/{deal['id']}", "corrections", body)
    async with world.database.snapshot() as session:
        series = await placements.series(session, UUID(project["id"]))
    day = date.fromisoformat(right_on)
    before, after = series.on(day - timedelta(days=1)), series.on(day)
    assert (str(before.unit_id), str(after.unit_id)) == (city.districts[0], city.districts[1])
    await world.holds()


async def test_of_two_rulings_of_one_day_the_later_holds_whatever_is_corrected_before_it(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    """Passed to B and back to A on one day, the deal never left; once its signing is B's, it passes to A that day."""
    project, deal = signed_project
    for there in (1, 0):
        await world.act(f"/projects/{project['id']}", "transfers", to(city, there, "2023-03-01"))
    assert [fact["kind"] for fact in (await world.get(f"/deals/{deal['id']}"))["facts"]] == ["signing"]
    await world.act(f"/deals/{deal['id']}", "corrections", {"unit_id": city.districts[1], "reason": "示例"})
    facts = (await world.get(f"/deals/{deal['id']}"))["facts"]
    assert [(fact["kind"], fact["unit_id"]) for fact in facts] == [
        ("signing", city.districts[1]),
        ("transfer", city.districts[0]),
    ]
    await world.holds()


async def test_a_correction_made_while_ended_holds_when_it_comes_back(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    await world.act(path, "termination", {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"})
    await world.act(f"/deals/{deal['id']}", "corrections", {"unit_id": city.districts[1], "reason": "示例"})
    back = await world.act(path, "reinstatement", {"reason": "示例"})
    assert back["unit_id"] == city.districts[1]
    await world.holds()


async def test_an_entry_redated_to_an_earlier_day_has_a_place_from_then_on(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    entry = (await world.get(f"{path}/moves"))[0]
    await world.act(path, f"moves/{entry['id']}/correction", {"happened_on": "2022-06-01", "reason": "示例"})
    assert (await units_by_day(world, city, project["id"]))[0] == ("2022-06-01", "A", "promotion")
    await world.holds()


async def test_the_series_as_arithmetic() -> None:
    a, b, c = (UUID(int=n) for n in (1, 2, 3))
    program = Program.promotion

    def at(unit: UUID) -> placements.Place:
        return placements.Place(unit, None, program)

    first, second, third = date(2023, 1, 1), date(2023, 3, 1), date(2023, 5, 1)
    begun = placements.Series(((first, {"unit_id": a, "task_force_id": None, "program": program}),))
    known = begun.ruled(second, unit_id=b)
    assert known.segments() == [(first, at(a)), (second, at(b))]
    assert known.ruled(third, unit_id=c).segments() == [*known.segments(), (third, at(c))]
    # An earlier change goes on until the day for which another was stated.
    assert known.corrected(date(2023, 2, 1), unit_id=c).segments() == [
        (first, at(a)),
        (date(2023, 2, 1), at(c)),
        (second, at(b)),
    ]
    moved = known.redated(second, third, ["unit_id"])
    assert [moved.on(day).unit_id for day in (first, second, third)] == [a, a, b]
    assert known.on(date(2020, 1, 1)) == at(a)
    # A ruling to the same unit again is a ruling too, and one of the first day leaves what was before it.
    assert known.ruled(second, unit_id=a).corrected(first, unit_id=c).on(second) == at(a)
    assert begun.ruled(first, unit_id=b).on(first - timedelta(days=1)) == at(a)
    assert begun.ruled(first, unit_id=b).redated(first, third, ["unit_id"]).on(second) == at(a)


async def test_a_redated_transfer_does_not_bar_a_true_later_one(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    await world.act(path, "transfers", to(city, 1, "2023-05-20"))
    fact = (await world.get(f"/deals/{deal['id']}"))["facts"][-1]["id"]
    body = {"fact_id": fact, "effective_on": "2023-03-01", "reason": "示例"}
    await world.act(f"/deals/{deal['id']}", "corrections", body)
    back = await world.act(path, "transfers", to(city, 0, "2023-04-01"))
    assert back["unit_id"] == city.districts[0]
    assert [(day, unit) for day, unit, _ in await units_by_day(world, city, project["id"])][-1][1] == "A"
    await world.holds()
