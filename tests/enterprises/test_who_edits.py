"""The identifying data of an enterprise is edited by the bureau, or by the only unit that has business with it."""

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def test_a_district_does_not_rename_the_investor_of_anothers_deal(world: World, city: make.City) -> None:
    await make.make_signed(city)
    path = f"/enterprises/{city.investor}"
    world.actor = clerk(Role.district, units=[city.districts[1]])
    for body in ({"name": "示例改名有限公司"}, {"credit_code": None}, {"origin": "overseas"}):
        answer = await world.send("PATCH", path, body, version=1)
        assert (answer.status_code, answer.json()["code"]) == (403, "bureau_decides"), answer.text
        assert "示例区" not in answer.text
    world.actor = LOCAL_PERSON
    assert (await world.get(path))["version"] == 1


async def change(world: World, path: str, **body: object) -> tuple[int, str]:
    """Edits an enterprise. Returns status and code of a refusal."""
    answer = await world.send("PATCH", path, body, version=await world.version(path))
    return answer.status_code, answer.json().get("code", "") if answer.status_code != 200 else ""


REFUSED = (403, "bureau_decides")


async def test_whoever_alone_has_business_with_it_edits_it(world: World, city: make.City) -> None:
    """A lead, a draft of a deal and a referral are business; where others have some too, the bureau edits."""
    here, there = city.districts
    own, other = (clerk(Role.district, units=[unit], name=unit) for unit in city.districts)
    lead = await make.make_lead(city, first_unit_id=here, unit_id=here)
    path = f"/enterprises/{lead['investor_id']}"
    world.actor = other
    assert await change(world, path, name="示例乙改名") == REFUSED
    assert await change(world, path, headquarters="示例市") == (200, "")  # nothing it is known by
    same = (await world.get(path))["name"]
    assert await change(world, path, name=same) == (200, "")  # no change
    ranking = {"list_name": "示例榜单", "year": 2022, "rank": 3}
    assert (await world.send("POST", f"{path}/rankings", ranking)).status_code == 403
    world.actor = own
    assert await change(world, path, name="示例甲改名", ownership="foreign") == (200, "")
    await world.post(f"{path}/rankings", ranking)
    world.actor = LOCAL_PERSON
    project = await make.make_project(city, unit_id=there, place_unit_id=there)
    await world.post("/deals", {"project_id": project["id"], "title": "示例", "investor_id": lead["investor_id"]})
    world.actor = own
    assert await change(world, path, name="示例又改名") == REFUSED
    world.actor = other
    assert await change(world, path, origin="overseas") == REFUSED
    world.actor = clerk(Role.bureau)
    assert await change(world, path, name="示例招商局改名") == (200, "")


async def test_whoever_entered_it_puts_a_slip_right_while_nobody_deals_with_it(world: World, city: make.City) -> None:
    own, other = (clerk(Role.district, units=[unit], name=unit) for unit in city.districts)
    for room, body in (
        ("enterprises", {"name": "示例错字有限公司"}),
        ("referrers", {"kind": "chamber", "name": "示例错字商会"}),
    ):
        world.actor = own
        made = await world.post(f"/{room}", body)
        path = f"/{room}/{made['id']}"
        world.actor = other
        assert await change(world, path, name="示例他人改名") == REFUSED
        world.actor = own
        assert await change(world, path, name="示例改正") == (200, "")
        world.actor = LOCAL_PERSON
        named = {"investor_id" if room == "enterprises" else "referrer_id": made["id"]}
        await make.make_project(city, unit_id=city.districts[1], place_unit_id=city.districts[1], **named)
        world.actor = own
        assert await change(world, path, name="示例再改") == REFUSED


async def test_the_investor_of_a_live_deal_keeps_a_number(world: World, city: make.City) -> None:
    await make.make_signed(city)
    path = f"/enterprises/{city.investor}"
    assert await change(world, path, credit_code=None) == (409, "identified_by_deals")
    moved = {"credit_code": None, "country": "JP", "registration_no": "示例0100-01"}
    assert await change(world, path, **moved) == (200, "")
    free = await make.make_investor(world)
    assert await change(world, f"/enterprises/{free}", credit_code=None) == (200, "")
