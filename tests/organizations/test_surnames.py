"""People are sorted by the reading of their surname, everything else by the common reading."""

from typing import Any

import pytest

from app.core.pinyin import name_pinyin, person_pinyin
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

TOLD = ["安", "白", "区", "欧", "仇", "单", "沈", "曾", "翟", "赵"]


async def sorted_as(world: World, names: list[str]) -> list[str]:
    """Returns the officials of these names in the order of GET /officials."""
    unit = await make.make_unit(world, "示例市", kind="city")
    for name in reversed(names):
        await make.make_official(world, unit, name)
    return [official["name"] for official in (await world.get("/officials", limit=100))["items"]]


async def test_officials_stand_by_the_reading_of_their_surname(world: World) -> None:
    # ou ou qiu shan shen zeng zhai zhao; 区 and 欧 are read alike and told apart by the given name.
    names = [f"{surname}{given}" for surname, given in zip(TOLD, "某某甲乙某某某某某某", strict=True)]
    assert await sorted_as(world, names) == names


async def test_others_with_two_readings_and_some_with_one(world: World) -> None:
    # chanyu chong ge hua mo pu(蒲) piao … by their own readings; 丹 (dan) and 钟 (zhong) are not touched.
    names = ["单于某", "种某", "丹某", "盖某", "华某", "令狐某", "缪某", "万俟某", "朴某", "蒲某", "覃某", "任某"]
    names += ["澹台某", "解某", "尉迟某", "乐某", "查某", "长孙某", "钟某"]
    assert await sorted_as(world, names) == names


async def test_a_renamed_official_moves(world: World) -> None:
    unit = await make.make_unit(world, "示例市", kind="city")
    person = await make.make_official(world, unit, "丁某")
    await make.make_official(world, unit, "孙某")
    renamed = {"name": "单某"}
    await world.send("PATCH", f"/officials/{person}", renamed, version=await world.version(f"/officials/{person}"))
    assert [row["name"] for row in (await world.get("/officials"))["items"]] == ["单某", "孙某"]


async def test_advisers_are_people_and_chambers_are_not(world: World) -> None:
    bodies: list[dict[str, Any]] = [
        {"kind": "chamber", "name": "单车商会"},
        {"kind": "adviser", "name": "李某"},
        {"kind": "adviser", "name": "单某"},
        {"kind": "representative", "name": "曾某"},
    ]
    for body in bodies:
        await world.post("/referrers", body)
    assert [row["name"] for row in (await world.get("/referrers"))["items"]] == ["单车商会", "李某", "单某", "曾某"]
    assert [row["name"] for row in (await world.get("/referrers", q="zeng"))["items"]] == ["曾某"]


async def test_contacts_stand_by_surname_too(world: World) -> None:
    investor = await make.make_investor(world)
    for name in ("赵某", "曾某", "单某", "安某"):
        await world.post(f"/enterprises/{investor}/contacts", {**make.CONTACT, "name": name})
    found = await world.get(f"/enterprises/{investor}/contacts")
    assert [contact["name"] for contact in found] == ["安某", "单某", "曾某", "赵某"]


async def test_projects_and_enterprises_keep_the_common_reading(world: World) -> None:
    names = ["单晶硅有限公司", "东某有限公司", "解放有限公司", "区域能源有限公司", "查理有限公司"]
    for name in names:
        await make.make_investor(world, name=name)
    found = [row["name"] for row in (await world.get("/enterprises"))["items"]]
    # cha(li) dan(jing) dong jie(fang) qu(yu)
    assert found == ["查理有限公司", "单晶硅有限公司", "东某有限公司", "解放有限公司", "区域能源有限公司"]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("单于某", "chan yu mou"),
        ("單雄", "shan xiong"),
        ("欧阳单", "ou yang dan"),
        ("任重", "ren zhong"),
        ("查干·某", "cha gan mou"),  # a transcription, which has no surname
        ("Shan 单", "shan dan"),
        ("王单", "wang dan"),
        ("单", "shan"),
        ("薄某", "bo mou"),
        ("卜某", "bu mou"),
        ("都某", "du mou"),
        ("粘某", "nian mou"),
        ("蔚某", "yu mou"),
        ("柏林", "bai lin"),
        ("牟平", "mou ping"),
        ("王重阳", "wang chong yang"),
        ("单•某", "dan mou"),
        ("曾・某", "ceng mou"),
        ("薄荷", "bo he"),
        ("欧阳某", "ou yang mou"),
        ("Bo 薄", "bo bao"),
    ],
)
def test_readings(name: str, read: str) -> None:
    assert " ".join(part for part in person_pinyin(name).split() if part.isalnum()) == read


def test_the_common_reading_stays() -> None:
    assert name_pinyin("单晶") == "dan jing"
