"""An enterprise is not entered twice without a word."""

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


async def test_only_the_bureau_marks_a_record_as_made_up(world: World) -> None:
    city = await make.make_city(world)
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


async def test_a_district_is_told_of_a_phone_and_not_whose(world: World) -> None:
    city = await make.make_city(world)
    other = await make.make_investor(world)
    await world.post(f"/enterprises/{other}/contacts", {**make.CONTACT, "phone": "+86 138 0000 1234"})
    project = await make.make_project(city)
    world.actor = staff(units=[city.districts[0]])
    path = f"/projects/{project['id']}/contacts"
    kept = await world.post(path, make.CONTACT)
    assert [(one["contact_id"], one["enterprise_id"]) for one in kept["warnings"]] == [(None, None)]
    assert other not in str(kept)
    assert (await world.post(path, {**make.CONTACT, "phone": "13800001235"}))["warnings"] == []
