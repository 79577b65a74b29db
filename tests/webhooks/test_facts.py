"""Deals, moves and leads reported by a source: numbered, in order, under the same rules as entries by people."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from app.deals import service as deals
from app.deals.schemas import DealAmend
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.webhooks.sender import Sender, inbox, someone_waits, source, states, work_off

pytestmark = pytest.mark.anyio

TOTALS = {"from": "2023-01-01", "to": "2023-12-31"}


async def ready(world: World) -> tuple[make.City, dict[str, Any]]:
    """Makes a project for which a deal may be signed."""
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    await make.move(city, project["id"], "negotiating", "2023-01-03")
    await make.add_evidence(city, project["id"], "legality_review", "fair_competition_review")
    return city, project


def signed(project: dict[str, Any], sequence: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": "D-1",
        "sequence": sequence,
        "project": {"code": project["code"]},
        "title": "示例投资协议",
        "agreement_no": "示例1号",
        "signed_on": "2023-02-01",
        "agreed_amount": "500000000.00",
        **more,
    }


AMENDED = {
    "id": "D-1",
    "sequence": 2,
    "agreed_amount": "620000000.00",
    "effective_on": "2023-03-01",
    "document": "示例补1号",
}
TERMINATED = {"id": "D-1", "sequence": 3, "effective_on": "2023-04-01", "reason": "示例：投资方放弃"}


async def total(world: World) -> tuple[int, str]:
    read = await world.get("/totals/signings", **TOTALS)
    return read["count"], read["amount"]


async def test_a_deal_from_a_trusted_source_counts(world: World) -> None:
    """Even where a deal takes two people: it was approved at its source, and the record is marked so."""
    _, project = await ready(world)
    await world.send("PUT", "/office-settings/separation", {"value": "on"})
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    (item,) = await inbox(world)
    assert (item["state"], item["errors"]) == ("applied", [])
    assert await total(world) == (1, "500000000.00")
    deal = await world.get(f"/deals/{item['changed'][0]['id']}")
    assert (deal["status"], deal["source"], deal["is_single_person"]) == ("live", "示例平台", False)
    assert (deal["drafted_by"], deal["approved_by"]) == (f"source:{sender.id}", f"source:{sender.id}:approval")
    await sender.send("deal.amended", AMENDED)
    await sender.send("deal.terminated", TERMINATED)
    await work_off(world)
    assert await states(world) == ["applied"] * 3
    assert await total(world) == (0, "0.00")
    assert (await world.get("/totals/signings", **{"from": "2023-01-01", "to": "2023-03-31"}))["count"] == 1
    await world.holds()


async def test_a_deal_from_another_source_is_a_draft(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world)
    await sender.send("deal.signed", signed(project))
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    first, second = await inbox(world)
    assert (first["state"], second["state"]) == ("applied", "failed")
    assert second["errors"][0]["code"] == "forbidden"
    deal = await world.get(f"/deals/{first['changed'][0]['id']}")
    assert deal["status"] == "draft"
    assert await total(world) == (0, "0.00")


async def test_facts_are_applied_in_their_order_however_they_come(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.terminated", TERMINATED)
    await work_off(world)
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    assert await states(world) == ["waiting", "waiting"]
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    assert await states(world) == ["applied"] * 3
    deal_id = (await inbox(world))[0]["changed"][0]["id"]
    kinds = [entry["kind"] for entry in (await world.get(f"/deals/{deal_id}/entries"))["items"]]
    assert kinds == ["signing", "amendment", "termination"]
    await sender.send("deal.amended", {**AMENDED, "document": "示例补2号"})
    await work_off(world)
    last = (await inbox(world))[-1]
    assert (last["state"], last["errors"][0]["code"]) == ("failed", "sequence_taken")
    await world.holds()


async def test_what_waits_for_a_day_is_left_to_a_person_and_goes_on_by_itself(world: World) -> None:
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.terminated", {**TERMINATED, "sequence": 5})
    await sender.send("deal.amended", {**AMENDED, "sequence": 3})
    await work_off(world)
    world.clock.moment += timedelta(hours=26)
    await work_off(world)
    late, early = await inbox(world)
    assert (late["state"], early["state"]) == ("parked", "parked")
    assert [item["errors"][0]["en"] for item in (late, early)] == [
        "Numbers missing before it: 1, 2, 4.",
        "Numbers missing before it: 1, 2.",
    ]
    await sender.send("deal.signed", signed(project))
    second = {"sequence": 2, "document": "示例补0号", "effective_on": "2023-02-20", "agreed_amount": "550000000.00"}
    await sender.send("deal.amended", {**AMENDED, **second})
    await work_off(world)
    assert await states(world) == ["parked", "applied", "applied", "applied"]
    fourth = {"sequence": 4, "document": "示例补4号", "effective_on": "2023-03-10", "agreed_amount": "700000000.00"}
    await sender.send("deal.amended", {**AMENDED, **fourth})
    await work_off(world)
    assert await states(world) == ["applied"] * 5
    await world.holds()


async def test_what_failed_holds_up_what_follows_until_it_is_mended(world: World) -> None:
    city, project = await ready(world)
    other = await make.make_project(city)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(other))
    await sender.send("deal.amended", AMENDED)
    await work_off(world)
    first, second = await inbox(world)
    assert (first["state"], second["state"]) == ("failed", "waiting")
    assert first["errors"], "the gates of the approval"
    assert await total(world) == (0, "0.00")
    assert await world.count("/deals") == 0, "nothing is left of it"
    await make.give_five_ones(city, other["id"])
    await make.move(city, other["id"], "negotiating", "2023-01-03")
    await make.add_evidence(city, other["id"], "legality_review", "fair_competition_review")
    await world.post(f"/inbox/{first['id']}/replay", None, status=200)
    await work_off(world)
    assert await states(world) == ["applied", "applied"]
    assert await total(world) == (1, "620000000.00")
    assert project["id"] != other["id"]
    await world.holds()


async def moved(sender: Sender, project: dict[str, Any], sequence: int, to: str, on: str) -> None:
    data = {"id": "P-1", "code": project["code"], "sequence": sequence, "to": to, "happened_on": on}
    assert (await sender.send("project.moved", data)).status_code == 202


async def test_a_move_passes_its_gates(world: World) -> None:
    city, project = await ready(world)
    sender = await source(world, is_trusted=True, stages={"洽谈中": "negotiating", "已签约": "signed"})
    await moved(sender, project, 1, "已签约", "2023-02-01")
    await work_off(world)
    (item,) = await inbox(world)
    assert item["state"] == "failed"
    assert (await world.get(f"/projects/{project['id']}"))["stage"] == "negotiating"
    await make.make_deal(city, project["id"])
    await world.post(f"/inbox/{item['id']}/replay", None, status=200)
    progress = {"id": "P-1", "version": 9, "on": "2023-02-02", "summary": "示例：完成用地预审"}
    await work_off(world)
    await sender.send("project.progress", progress)
    await work_off(world)
    assert await states(world) == ["applied", "applied"]
    assert (await world.get(f"/projects/{project['id']}"))["stage"] == "signed"
    said = (await world.get(f"/projects/{project['id']}/follow-ups"))["items"]
    assert "示例：完成用地预审" in [one["summary"] for one in said]
    await moved(sender, project, 2, "不存在", "2023-03-01")
    await work_off(world)
    assert (await inbox(world))[-1]["state"] == "failed"
    await world.holds()


async def test_a_deal_finds_its_project_by_what_the_source_calls_it(world: World) -> None:
    city, project = await ready(world)
    sender = await source(world, is_trusted=True)
    data = signed(project) | {"project": {"id": "P-1"}}
    await sender.send("deal.signed", data)
    await work_off(world)
    (item,) = await inbox(world)
    assert (item["state"], item["errors"][0]["pointer"]) == ("parked", "/data/project")
    progress = {"id": "P-1", "code": project["code"], "version": 1, "on": "2023-02-02", "summary": "示例：进展"}
    await sender.send("project.progress", progress)
    await work_off(world)
    await world.post(f"/inbox/{item['id']}/replay", None, status=200)
    await work_off(world)
    assert await states(world) == ["applied", "applied"]
    assert city.city


async def test_a_source_of_a_district_reaches_no_further(world: World) -> None:
    city, project = await ready(world)
    sender = await source(world, is_trusted=True, unit_id=city.districts[1])
    await sender.send("deal.signed", signed(project))
    names = {"id": "L-1", "sequence": 1, "name": "示例线索", "channel": "walk_in"}
    unit = await world.get(f"/units/{city.districts[0]}")
    await sender.send("lead.registered", {**names, "unit": unit["code"]})
    await work_off(world)
    first, second = await inbox(world)
    assert (first["state"], first["errors"][0]["code"]) == ("parked", "unmatched")
    assert (second["state"], second["errors"][0]["code"]) == ("parked", "unmatched")
    assert await total(world) == (0, "0.00")
    assert await world.count("/leads") == 0


async def test_a_lead_is_registered_for_its_unit(world: World) -> None:
    city, _ = await ready(world)
    unit = await world.get(f"/units/{city.districts[0]}")
    sender = await source(world, units={"示例县招商局": unit["code"]})
    data = {"id": "L-1", "sequence": 1, "name": "示例线索甲", "channel": "walk_in", "unit": "示例县招商局"}
    more = {"investor_name": "示例投资方", "estimate_from": "100000000.00", "estimate_to": "200000000.00"}
    await sender.send("lead.registered", {**data, **more})
    await sender.send("lead.registered", {**data, "id": "L-2", "unit": "别处"})
    await work_off(world)
    first, second = await inbox(world)
    assert (first["state"], second["state"]) == ("applied", "parked")
    lead = await world.get(f"/leads/{first['changed'][0]['id']}")
    assert (lead["name"], lead["first_unit_id"], lead["source"]) == ("示例线索甲", city.districts[0], "示例平台")
    assert lead["estimate_to"] == "200000000.00"
    version = (await world.get(f"/webhook-sources/{sender.id}"))["version"]
    mapped = {"units": {"示例县招商局": unit["code"], "别处": unit["code"]}, "reason": "示例"}
    await confirmed(world, await world.send("PATCH", f"/webhook-sources/{sender.id}", mapped, version=version))
    await world.post(f"/inbox/{second['id']}/replay", None, status=200)
    await work_off(world)
    second = (await inbox(world))[1]
    assert second["state"] == "failed", "it looks like the first, and nobody has ruled that it is none"
    await world.holds()


async def test_a_fact_does_not_fail_for_what_a_clerk_saves_meanwhile(world: World) -> None:
    if world.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    _, project = await ready(world)
    sender = await source(world, is_trusted=True)
    await sender.send("deal.signed", signed(project))
    await work_off(world)
    deal = (await world.get("/deals"))["items"][0]
    await sender.send("deal.amended", AMENDED)
    async with world.database.writing() as session:
        earlier = DealAmend(agreed_amount=Decimal("550000000"), effective_on=date(2023, 2, 20), document="示例补0号")
        await deals.amend(session, LOCAL_PERSON, UUID(deal["id"]), deal["version"], earlier)
        working = asyncio.create_task(work_off(world))
        await someone_waits(world)
    await working
    assert await states(world) == ["applied", "applied"]
    assert await total(world) == (1, "620000000.00")
    await world.holds()
