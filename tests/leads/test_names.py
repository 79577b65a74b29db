"""Two names are equal where two clerks would have meant the same, and no record is attached to another's."""

from typing import Any

import pytest

from tests.conftest import World
from tests.factories import city as make
from tests.webhooks.sender import inbox, source, states, work_off

pytestmark = pytest.mark.anyio


def lead(city: make.City, name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "channel": "walk_in", "first_unit_id": city.districts[0], **fields}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例：年产1.5万吨碳纤维项目", "示例：年产15万吨碳纤维项目"),
        ("示例C++软件园", "示例C软件园"),
        ("示例1-2号厂房", "示例12号厂房"),
        ("示例-5℃冷库", "示例5℃冷库"),
        ("示例½产能项目", "示例12产能项目"),
        ("示例50%绿电项目", "示例50绿电项目"),
    ],
)
async def test_a_sign_beside_a_digit_or_latin_letter_tells_names_apart(
    world: World, city: make.City, one: str, other: str
) -> None:
    await world.post("/leads", lead(city, one))
    await world.post("/leads", lead(city, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("示例ABB电气项目", "示例\u0410BB电气项目"),
        ("示例ABB电气项目", "示例\u0391BB电气项目"),
        ("示例储能项目", "示例储能項目"),
        ("示例CATL储能项目", "示例CAT\u0307L储能项目"),
    ],
)
async def test_what_looks_alike_is_alike(world: World, city: make.City, one: str, other: str) -> None:
    await world.post("/leads", lead(city, one))
    answer = await world.send("POST", "/leads", lead(city, other))
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicates_found")


async def test_an_investor_is_taken_only_by_an_equal_name_and_named(world: World, city: make.City) -> None:
    known = await world.post("/enterprises", {"name": "示例：15度能源有限公司"})
    body = lead(city, "示例：储能电站", investor_name="示例：1.5度能源有限公司")
    made = await world.post("/leads", body)
    assert made["investor_id"] != known["id"]
    assert made["investor_taken"] == {
        "id": made["investor_id"],
        "name": "示例：1.5度能源有限公司",
        "credit_code": None,
        "is_new": True,
    }


async def test_every_door_compares_by_the_same_key(world: World, city: make.City) -> None:
    """The check of a form, a lead, a project entered directly, and the gate of one renamed by hand."""
    known = await world.post("/leads", lead(city, "示例年产1.5万吨（一期）"))
    for name, is_known in (("示例年产１．５万 吨[一期]", True), ("示例年产15万吨一期", False)):
        checked = await world.post("/duplicates/check", {"name": name}, status=200)
        assert [one["id"] for one in checked["candidates"]] == ([known["id"]] if is_known else [])
        project = {
            "name": name,
            "unit_id": city.districts[0],
            "place_unit_id": city.districts[0],
            "industry_code": "26",
            "direct_entry_reason": "示例",
        }
        for path, body in (("/leads", lead(city, name)), ("/projects", project)):
            answer = await world.send("POST", path, body)
            if is_known:
                assert (answer.status_code, answer.json()["code"]) == (409, "duplicates_found")
            elif path == "/leads":
                assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("known", "given", "is_taken"),
    [
        ("示例：C++科技有限公司", "示例：C科技有限公司", False),
        ("示例：1-2号仓储有限公司", "示例：12号仓储有限公司", False),
        ("示例：乾元化工有限公司", "示例：干元化工有限公司", False),
        ("示例：一期置业有限公司", "示例：二期置业有限公司", False),
        ("示例：光电股份有限公司", "示例：光电有限公司", False),
        ("示例：１５度（抚顺）能源有限公司", "示例:15度(抚顺) 能源有限公司", True),
        ("示例：光电有限责任公司", "示例：光电有限公司", False),
        ("示例：光電有限公司", "示例：光电\u200b有限公司", True),
        ("Example Co., Ltd.", "EXAMPLE CO.,LTD", True),
    ],
)
async def test_whom_a_lead_takes_for_its_investor(
    world: World, city: make.City, known: str, given: str, is_taken: bool
) -> None:
    enterprise = await world.post("/enterprises", {"name": known})
    made = await world.post("/leads", lead(city, "示例：储能电站", investor_name=given))
    assert (made["investor_id"] == enterprise["id"], made["investor_taken"]["is_new"]) == (is_taken, not is_taken)
    assert made["investor_taken"]["name"] == (known if is_taken else given)


async def test_messages_gates_and_edits_compare_by_the_same_key(world: World, city: make.City) -> None:
    unit = (await world.get(f"/units/{city.districts[0]}"))["code"]
    known = await world.post("/leads", lead(city, "示例2×300MW热电一期"))
    sender = await source(world)
    names = {"示例2x300ＭＷ热电（1期）": "failed", "示例2300MW热电一期": "applied", "示例2×300MW热电二期": "applied"}
    for number, name in enumerate(names):
        told = {"id": f"L-{number}", "sequence": 1, "name": name, "channel": "walk_in", "unit": unit}
        assert (await sender.send("lead.registered", told)).status_code == 202
    await work_off(world)
    assert await states(world) == list(names.values()), [m["errors"] for m in await inbox(world)]
    other = await make.make_project(city, name="示例2×300MW热电三期")
    path = f"/projects/{other['id']}"
    for name, status in (("示例2×300MW热电四期", 200), ("示例2*300MW 热电1期", 409)):
        answer = await world.send("PATCH", path, {"name": name}, version=await world.version(path))
        assert answer.status_code == status, answer.text
    assert known["code"] in answer.json()["detail"]
    ruled = {"name": "示例2*300MW 热电1期", "duplicate_ruling": "示例"}
    assert (await world.send("PATCH", path, ruled, version=await world.version(path))).status_code == 200
