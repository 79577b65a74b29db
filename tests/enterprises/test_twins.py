"""An enterprise of an existing name is entered only with a ruling."""

import pytest

from app.accounts.roles import Role
from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def test_a_second_enterprise_of_the_name_is_refused_with_the_first(world: World) -> None:
    known = await world.post("/enterprises", {"name": "示例：兴海化工有限公司"})
    answer = await refused(
        world, "POST", "/enterprises", 409, "enterprise_twins", json={"name": "示例：兴海化工有限公司"}
    )
    assert [twin["id"] for twin in answer["candidates"]] == [known["id"]]


async def test_a_phone_known_already_is_said_and_no_phone_is_refused(world: World) -> None:
    enterprise = await make.make_investor(world)
    path = f"/enterprises/{enterprise}/contacts"
    await world.post(path, make.CONTACT)
    again = await world.post(path, {**make.CONTACT, "name": "示例另一人"})
    assert len(again["warnings"]) == 1
    await refused(world, "POST", path, 422, "phone", json={**make.CONTACT, "phone": "abc"})


async def test_a_twin_is_made_by_reason_and_never_by_another_writing_or_a_change_of_name(world: World) -> None:
    await world.post("/enterprises", {"name": "示例：兴海（抚顺）化工"})
    for name in ("示例：兴海(抚顺)化工", "示例:興海 抚顺化工", "示例：兴海\u200b（抚顺）化工"):
        await refused(world, "POST", "/enterprises", 409, "enterprise_twins", json={"name": name})
    other = await world.post("/enterprises", {"name": "示例：兴海2（抚顺）化工"})
    path, rename = f"/enterprises/{other['id']}", {"name": "示例：兴海（抚顺）化工"}
    headers = {"If-Match": f'"{other["version"]}"'}
    await refused(world, "PATCH", path, 409, "enterprise_twins", json=rename, headers=headers)
    ruled = await world.send("PATCH", path, {**rename, "twin_ruling": "示例：外地同名"}, version=other["version"])
    assert ruled.status_code == 200, ruled.text
    told = await world.send("PATCH", path, {"name": "示例：兴海(抚顺)化工"}, version=ruled.json()["version"])
    assert told.status_code == 200, told.text


async def test_only_the_bureau_marks_a_record_as_made_up(world: World, city: make.City) -> None:
    world.actor = staff(units=[city.districts[0]])
    body = {"name": "示例：某企业", "is_illustrative": True}
    assert (await world.send("POST", "/enterprises", body)).status_code == 403
    await world.post("/enterprises", {**body, "is_illustrative": False})
    others = (
        (staff(units=[city.districts[0]]), "/referrers", {"kind": "chamber", "name": "示例：某商会"}),
        (clerk(Role.system_admin), "/officials", {"name": "示例某人"}),
        (clerk(Role.task_force, task_forces=city.task_forces[:1]), "/enterprises", {"name": "示例：另一家"}),
    )
    for actor, path, made in others:
        world.actor = actor
        refused = await world.send("POST", path, {**made, "is_illustrative": True})
        assert (refused.status_code, refused.json()["permission"]) == (403, "edit_organizations"), refused.text
        assert (await world.post(path, made))["is_illustrative"] is False
    world.actor = clerk(Role.bureau)
    assert (await world.post("/officials", {"name": "示例又一人", "is_illustrative": True}))["is_illustrative"]


@pytest.mark.parametrize(
    "name", ["张三13800001234", "张三 138 0000 1234", "张三 zs@example.com", "１３８００００１２３"]
)
async def test_a_phone_is_no_part_of_an_officials_name(world: World, name: str) -> None:
    """It is shown to all; a phone has a field of its own, which is masked."""
    await refused(world, "POST", "/officials", 422, "number_in_name", json={"name": name})
    made = await world.post("/officials", {"name": "示例张三1", "phone": "13800001234"})
    path = f"/officials/{made['id']}"
    headers = {"If-Match": '"1"'}
    await refused(world, "PATCH", path, 422, "number_in_name", json={"name": name}, headers=headers)


async def test_a_referrer_of_the_name_is_said(world: World) -> None:
    first = await world.post("/referrers", {"kind": "chamber", "name": "示例（东北）商会"})
    second = await world.post("/referrers", {"kind": "chamber", "name": "示例(东北)商会"})
    assert (first["warnings"], [one["id"] for one in second["warnings"]]) == ([], [first["id"]])
    assert (await world.post("/referrers", {"kind": "adviser", "name": "示例东北商会"}))["warnings"] == []


async def test_a_district_is_told_of_a_phone_and_not_whose(world: World, city: make.City) -> None:
    other = await make.make_investor(world)
    await world.post(f"/enterprises/{other}/contacts", {**make.CONTACT, "phone": "+86 138 0000 1234"})
    project = await make.make_project(city)
    world.actor = staff(units=[city.districts[0]])
    path = f"/projects/{project['id']}/contacts"
    kept = await world.post(path, make.CONTACT)
    assert [(one["contact_id"], one["enterprise_id"]) for one in kept["warnings"]] == [(None, None)]
    assert other not in str(kept)
    assert (await world.post(path, {**make.CONTACT, "phone": "13800001235"}))["warnings"] == []


async def test_the_name_of_a_merged_enterprise_stands_for_its_successor(world: World) -> None:
    first, second = [await make.make_investor(world, name=f"示例：{name}化工", credit_code=None) for name in "甲乙"]
    await world.act(f"/enterprises/{first}", "merge", {"into_id": second, "reason": "示例"})
    answer = await refused(world, "POST", "/enterprises", 409, "enterprise_twins", json={"name": "示例（甲）化工"})
    assert [twin["id"] for twin in answer["candidates"]] == [second]
    assert "示例：乙化工" in answer["detail"]
    await world.post("/enterprises", {"name": "示例：甲化工", "twin_ruling": "示例：外地同名"})
    # What it absorbed is no twin of the successor itself, nor is a name that only begins so.
    renamed = {"name": "示例：乙化工（甲）"}
    assert (
        await world.send(
            "PATCH", f"/enterprises/{second}", renamed, version=await world.version(f"/enterprises/{second}")
        )
    ).status_code == 200
    await world.post("/enterprises", {"name": "示例：甲化工二厂"})


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("HRB-12345", "ｈｒｂ－12345", True),
        ("HRB 12345", "No. HRB 12345", True),
        ("0012345", "12345", True),
        ("HRB12345", "HRB12346", False),
        ("1-23", "12-3", False),
        ("A/1", "A-1", False),
    ],
)
async def test_a_foreign_registration_is_one_in_any_writing(world: World, one: str, other: str, is_same: bool) -> None:
    await world.post("/enterprises", {"name": make.distinct_name("企业"), "country": "DE", "registration_no": one})
    body = {"name": make.distinct_name("企业"), "country": "DE", "registration_no": other}
    answer = await world.send("POST", "/enterprises", body)
    assert (answer.status_code, answer.json()["code"] if is_same else None) == (
        (409, "registration_taken") if is_same else (201, None)
    )
    elsewhere = await world.post("/enterprises", {**body, "country": "AT", "name": make.distinct_name("企业")})
    path = f"/enterprises/{elsewhere['id']}"
    moved = await world.send("PATCH", path, {"country": "DE"}, version=elsewhere["version"])
    assert moved.status_code == 409, moved.text


@pytest.mark.parametrize(
    ("written", "is_same"),
    [
        ("+86 138-0000-1234", True),
        ("００８６１３８００００１２３４", True),
        ("(138) 0000 1234", True),
        ("13800001243", False),
        ("0413-57500000", False),
        ("+81 138 0000 1234", False),
    ],
)
async def test_a_phone_is_one_in_any_writing(world: World, written: str, is_same: bool) -> None:
    path = f"/enterprises/{await make.make_investor(world)}/contacts"
    await world.post(path, make.CONTACT)
    again = await world.post(path, {**make.CONTACT, "name": "示例另一人", "phone": written})
    assert len(again["warnings"]) == is_same


@pytest.mark.parametrize("phone", ["abc", "一三八", "138", "13800001234、13900001234", "138000012345678901", "无"])
async def test_what_is_no_phone_is_refused(world: World, phone: str) -> None:
    path = f"/enterprises/{await make.make_investor(world)}/contacts"
    answer = await world.send("POST", path, {**make.CONTACT, "phone": phone})
    assert answer.status_code == 422, answer.text
