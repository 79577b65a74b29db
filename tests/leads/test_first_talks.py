"""The first talk with an investor is protected for a time; a unit that disputes it gives grounds, and the bureau
rules."""

from datetime import date
from typing import Any

import pytest

from app.leads.first_talks import protected_until
from tests.conftest import World
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.factories.controls import confirmed

pytestmark = pytest.mark.anyio


def visit(on: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "visit", "with_investor": True, "on": on, "summary": "示例", "document": "示例纪要", **fields}


async def test_first_is_what_was_registered_first_with_what_shows_it(world: World, city: make.City) -> None:
    here, there = city.districts
    lead = await make.make_lead(city, first_unit_id=there, unit_id=None)
    path = f"/leads/{lead['id']}"
    assert (await world.get(f"{path}/first-talk"))["state"] == "none"
    await world.post(f"{path}/follow-ups", {"kind": "call", "on": "2023-05-01", "summary": "示例"})
    await world.post(f"{path}/follow-ups", visit("2023-05-02", document=None))
    assert (await world.get(f"{path}/first-talk"))["state"] == "none"
    await world.post(f"{path}/follow-ups", visit("2023-05-20", document="示例纪要1号"))
    # Who says later that they talked earlier has to dispute it.
    await world.post(f"{path}/follow-ups", visit("2023-05-10", document="示例纪要2号", unit_id=here))
    talk = await world.get(f"{path}/first-talk")
    assert (talk["state"], talk["on"], talk["document"]) == ("protected", "2023-05-20", "示例纪要1号")
    assert (talk["unit_id"], talk["is_ruled"]) == (there, False)
    assert talk["protected_until"] == "2023-08-18"


async def test_nobody_puts_a_contact_on_record_in_anothers_name(world: World, city: make.City) -> None:
    here, there = city.districts
    lead = await make.make_lead(city, first_unit_id=here, unit_id=there)
    path = f"/leads/{lead['id']}/follow-ups"
    world.actor = staff(units=[here])
    answer = await world.send("POST", path, visit("2023-05-20", unit_id=there))
    assert (answer.status_code, answer.json()["code"]) == (403, "place_out_of_scope")
    assert (await world.post(path, visit("2023-05-20")))["unit_id"] == here
    world.actor = staff(units=[there])
    assert (await world.post(path, visit("2023-05-20")))["unit_id"] == there


async def test_it_is_released_for_lying_idle_and_ends(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    await world.post(f"{path}/follow-ups", visit("2023-05-20"))

    async def state() -> tuple[str, str]:
        talk = await world.get(f"{path}/first-talk")
        return talk["state"], talk["protected_until"]

    assert await state() == ("protected", "2023-08-18")
    world.clock.set(2023, 7, 1)
    assert await state() == ("protected", "2023-08-18")
    world.clock.set(2023, 7, 2)
    assert await state() == ("released", "2023-07-01")
    # Neither rows after the release restore it, nor rows dated before it.
    await world.post(f"{path}/follow-ups", visit("2023-07-02"))
    await world.post(f"{path}/follow-ups", {"kind": "progress", "on": "2023-06-15", "summary": "示例"})
    assert await state() == ("released", "2023-07-01")
    # An office that is more patient sets its own days.
    patient = {"amount": 60, "source": "示例", "reason": "示例"}
    await confirmed(world, await world.send("PUT", "/lead-clocks/first_talk_idle", patient, version=1))
    assert await state() == ("protected", "2023-08-18")
    world.clock.set(2023, 8, 19)
    assert await state() == ("expired", "2023-08-18")


async def test_the_arithmetic_of_protection() -> None:
    first = date(2023, 1, 1)

    def on(today: date, *activity: date, known: date = first) -> tuple[date, bool]:
        return protected_until(first, known, activity, 90, 30, today)

    assert on(date(2023, 1, 31)) == (date(2023, 4, 1), False)
    assert on(date(2023, 2, 1)) == (date(2023, 1, 31), True)
    assert on(date(2023, 2, 1), known=date(2023, 1, 10)) == (date(2023, 4, 1), False)
    kept = (date(2023, 1, 31), date(2023, 3, 2))
    assert on(date(2023, 4, 1), *kept) == (date(2023, 4, 1), False)
    assert on(date(2024, 1, 1), *kept) == (date(2023, 4, 1), False)
    assert on(date(2024, 1, 1), date(2023, 2, 1)) == (date(2023, 1, 31), True)  # a day too late
    assert on(date(2024, 1, 1), date(2022, 12, 1)) == (date(2023, 1, 31), True)  # before the first talk


@pytest.mark.parametrize("kind", ["lead", "project"])
async def test_a_dispute_is_ruled_and_the_record_passes_on(world: World, city: make.City, kind: str) -> None:
    here, there = city.districts
    made = await (make.make_lead(city) if kind == "lead" else make.make_project(city))
    path = f"/{kind}s/{made['id']}"
    claim = {"claimant_unit_id": there, "grounds": "示例：会谈在先", "papers": ["示例纪要3号"]}
    none = await world.send("POST", f"{path}/first-talk/disputes", claim)
    assert (none.status_code, none.json()["code"]) == (409, "no_first_talk")
    await world.post(f"{path}/follow-ups", visit("2023-05-20"))
    talk = await world.post(f"{path}/first-talk/disputes", claim)
    assert (talk["unit_id"], talk["is_ruled"]) == (here, False)
    dispute = talk["disputes"][0]
    assert (dispute["papers"], dispute["ruling"]) == (["示例纪要3号"], None)
    mine = await world.send("POST", f"{path}/first-talk/disputes", {**claim, "claimant_unit_id": here})
    assert (mine.status_code, mine.json()["errors"][0]["pointer"]) == (422, "/claimant_unit_id")
    twice = await world.send("POST", f"{path}/first-talk/disputes", claim)
    assert (twice.status_code, twice.json()["code"]) == (409, "dispute_open")
    verb = f"{path}/first-talk/disputes/{dispute['id']}/ruling"
    ruling = {
        "unit_id": there,
        "ruled_on": "2023-06-01",
        "document": "示例裁1号",
        "grounds": "示例：纪要属实",
        "papers": ["示例核查表"],
        "transfer": True,
    }
    version = await world.version(path)
    world.actor = staff(units=[city.city, *city.districts], rights=False)
    refused = await world.send("POST", verb, ruling, version=version)
    assert (refused.status_code, refused.json()["permission"]) == (403, "rule_first_talks")
    world.actor = staff(units=[city.city, *city.districts])
    assert (await world.send("POST", verb, ruling)).status_code == 428
    for day in ("2023-05-31", "2023-06-02"):
        bad = await world.send("POST", verb, {**ruling, "ruled_on": day}, version=version)
        assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/ruled_on")
    answer = await world.send("POST", verb, ruling, version=version)
    assert answer.status_code == 201, answer.text
    talk = answer.json()
    assert (talk["unit_id"], talk["is_ruled"]) == (there, True)
    assert talk["disputes"][0]["ruling"]["is_transferred"]
    assert talk["disputes"][0]["ruling"]["papers"] == ["示例核查表"]
    assert (await world.get(path))["unit_id"] == there
    types = [event["type"] for event in (await world.get(f"{path}/timeline"))["items"]]
    assert types[:3] == ["first_talk.ruled", f"{kind}.transferred", "first_talk.disputed"]
    again = await world.send("POST", verb, ruling, version=await world.version(path))
    assert (again.status_code, again.json()["code"]) == (409, "ruled_already")
    # It may be disputed again, and the later ruling holds.
    talk = await world.post(f"{path}/first-talk/disputes", {**claim, "claimant_unit_id": here})
    verb = f"{path}/first-talk/disputes/{talk['disputes'][0]['id']}/ruling"
    body = {**ruling, "unit_id": here, "transfer": False}
    answer = await world.send("POST", verb, body, version=await world.version(path))
    assert (answer.json()["unit_id"], (await world.get(path))["unit_id"]) == (here, there)
    await world.holds()


async def test_what_was_disputed_of_a_lead_goes_over(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    await world.post(f"{path}/follow-ups", visit("2023-05-20"))
    await world.post(f"{path}/first-talk/disputes", {"claimant_unit_id": city.districts[1], "grounds": "示例"})
    await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    project = await world.act(path, "conversion", {})
    own = f"/projects/{project['id']}"
    talk = await world.get(f"{own}/first-talk")
    assert (talk["on"], len(talk["disputes"])) == ("2023-05-20", 1)
    claim = {"claimant_unit_id": city.districts[1], "grounds": "示例"}
    closed = await world.send("POST", f"{path}/first-talk/disputes", claim)
    assert (closed.status_code, closed.json()["code"]) == (409, "raised_elsewhere")
    body = {"unit_id": city.districts[0], "ruled_on": "2023-06-01", "document": "示例", "grounds": "示例"}
    verb = f"{own}/first-talk/disputes/{talk['disputes'][0]['id']}/ruling"
    ruled = await world.send("POST", verb, body, version=project["version"])
    assert (ruled.status_code, ruled.json()["is_ruled"]) == (201, True)
    assert (await world.get(f"{path}/first-talk"))["is_ruled"]
    await world.holds()


async def test_nobody_rules_past_anothers_protected_talk(world: World, city: make.City) -> None:
    """Only the bureau rules on a duplicate of a record that another unit's first talk protects."""
    here, there = city.districts
    common = city.task_forces[0]
    placed = {"unit_id": there, "first_unit_id": there, "task_force_id": common}
    first = await make.make_lead(city, name="示例光电新材料项目", **placed)
    await world.post(f"/leads/{first['id']}/follow-ups", visit("2023-05-20"))
    body = {
        "name": "示例光电新材料项目",
        "channel": "walk_in",
        "first_unit_id": here,
        "duplicate_ruling": "示例：并非同一项目",
    }
    world.actor = staff(units=[here], task_forces=[common], rights=False)
    answer = await world.send("POST", "/leads", body)
    assert (answer.status_code, answer.json()["permission"]) == (403, "rule_duplicates")
    world.clock.set(2023, 7, 2)  # released
    assert (await world.send("POST", "/leads", body)).status_code == 201
