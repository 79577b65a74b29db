"""A source of a unit that only leads the team of a project may report, and decides nothing."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make
from tests.pipeline.test_giver_and_taker import figures, led_by_another
from tests.webhooks.sender import inbox, source, work_off
from tests.webhooks.test_facts import AMENDED, TERMINATED, signed

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_a_source_of_the_lead_unit_reports_and_does_not_decide(
    world: World, city: make.City, is_trusted: bool
) -> None:
    path, _ = await led_by_another(city)
    project = await world.get(path)
    await make.move(city, project["id"], "negotiating", "2023-01-03")
    deal = await make.make_deal(city, project["id"])
    sender = await source(world, unit_id=city.districts[1], is_trusted=is_trusted)
    before, books = await figures(world, *city.districts), await world.get(f"/deals/{deal['id']}/entries")
    version = await world.version(path)
    visit = {"id": "P-1", "version": 1, "code": project["code"], "kind": "visit", "on": "2023-03-30"}
    await sender.send("project.progress", {**visit, "summary": "示例"})
    told: list[tuple[str, dict[str, Any]]] = [
        ("project.moved", {"id": "P-1", "sequence": 1, "to": "signed", "happened_on": "2023-02-02"}),
        ("deal.signed", {**signed(project), "project": {"id": "P-1"}}),
        ("deal.signed", signed(project, id="D-2", agreement_no="示例另1号")),
        ("deal.amended", {**AMENDED, "id": "D-3", "sequence": 1}),
        ("deal.terminated", {**TERMINATED, "id": "D-4", "sequence": 1}),
    ]
    for type, data in told:
        await sender.send(type, data)
    await work_off(world)
    first, *others = await inbox(world)
    assert (first["state"], [one["id"] for one in first["changed"]]) == ("applied", [project["id"]])
    assert "示例" in [one["summary"] for one in (await world.get(f"{path}/follow-ups"))["items"]]
    said = [(item["state"], item["errors"][0]["code"]) for item in others]
    assert said == [("failed", "owner_decides")] * 3 + [("parked", "unmatched")] * 2
    for item in others[3:]:  # a person says which deal is meant; it is the owner's all the same
        await world.post(f"/inbox/{item['id']}/link", {"record_id": deal["id"]}, status=200)
    await work_off(world)
    for item in (await inbox(world))[1:]:
        is_linked = item["type"] in ("deal.amended", "deal.terminated")
        code = "forbidden" if is_linked and not is_trusted else "owner_decides"
        assert (item["state"], item["errors"][0]["code"]) == ("failed", code), item
        assert code == "forbidden" or "示例区1" in item["errors"][0]["zh"]
    assert await figures(world, *city.districts) == before
    assert await world.get(f"/deals/{deal['id']}/entries") == books
    assert await world.version(path) == version
    assert [one["id"] for one in (await world.get("/deals"))["items"]] == [deal["id"]]
    await world.holds()
