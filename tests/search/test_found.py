"""What is found, by every way that people write it; and what is not."""

from typing import Any

import pytest
from sqlalchemy import select

from app.projects.models import Project
from app.search import index, keys
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def listed(world: World, path: str, q: str) -> set[str]:
    page = await world.get(path, q=q, limit=200)
    return {item["title" if path == "/deals" else "name"] for item in page["items"]}


async def hits(world: World, q: str, **params: Any) -> list[tuple[str, str, str]]:
    """Returns type, name and match of each hit."""
    answer = await world.get("/search", q=q, **params)
    return [(item["type"], item["name"], item["match"]) for item in answer["items"]]


NAMES: dict[str, tuple[str, str]] = {
    "示例：CATL新能源（中国）有限公司": (
        "catl|ＣＡＴＬ|ｃａｔｌ新能源|CATL新能源(中国)|CATL新能源（中国|新能源中国|能源|CATL 新能源|[中国]有限|"
        "示例：CATL|示例catl|xny|xinnengyuan|xin neng yuan|xinneng|yuanzhong|CATLXNY|slcatlxny|zgyxgs|l新|源(",
        "CATL能源|新源|atlnew|innengyuan|nengxin|xyn|中国新能源|catll",
    ),
    "(中国)石化仓储项目": (
        "zgsh|ZGSH|ｚｇｓｈ|shcc|石化|中国石化|《中国》石化|zhongguo|shihuac|石",
        "zgsx|hua shi|石油|ihua",
    ),
    "ＬＮＧ接收站项目": ("lng|LNG|lng接收|LNGJSZ|jsz|jieshouzhan|L", "lnz|gn"),
    "抚顺长输管线项目": ("csgx|zsgx|changshu|zhangshu|fushun|fscs|长输|長輸|FUSHUN", "shangshu|cgsx"),
    "65万吨苯酚丙酮技改": ("bfbt|65万吨|６５万吨|wdbf|65wdbf|benfen|65wandun|6", "65吨|5吨|bfpt|66万"),
    "示例：年产1.5万吨碳纤维二期": (
        "1.5万吨|１．５万吨|1.5|2期|二期|tanxianwei|nc15wd|ncwd|年产",
        "15万吨|1万吨|5.1|3期|一期",
    ),
    "示例：年产15万吨碳纤维一期": ("15万吨|第一期|1期", "1.5万吨|1-5万吨"),
    "重庆路厦门乐器厂": ("cqlxmyqc|zhongqinglu|zql|chongqinglu|xiamen|shamen|yueqi|leqi|重慶", "cqlxmyqcc|yueqicai"),
    "C++软件园3#厂房": ("c++|3#|3号厂房|rjy|软件园3", "c+软|c--|3-厂"),
    "Ⅱ级配电屏（10-2号）": ("ii级|10-2|10－2号|pdp|配电屏", "102号|101号"),
    "石化甲苯": ("石化甲苯|shihuajiaben|shjb", "石化苯|甲化"),
}


async def test_names_of_projects_and_enterprises(world: World) -> None:
    city = await make.make_city(world)
    for name in NAMES:
        await make.make_project(city, name=name, duplicate_ruling="示例")
        await make.make_investor(world, name=name)
    for name, (found, missed) in NAMES.items():
        for q in found.split("|"):
            assert name in await listed(world, "/projects", q), q
        for q in missed.split("|"):
            assert name not in await listed(world, "/projects", q), q
        for q in found.split("|")[:3]:
            assert name in await listed(world, "/enterprises", q), q
    await the_same_row_by_row(world, [q for texts in NAMES.values() for text in texts for q in text.split("|")])


async def the_same_row_by_row(world: World, asked: list[str]) -> None:
    """Asserts that projects are found alike by the index and, as for words that very many have, row by row."""
    counts = set()
    async with world.database.reading() as session:
        for q in asked:
            needles = keys.sought(q)
            values = index.values_of("project", needles)
            by_index, by_row = [
                set(await session.scalars(select(Project.id).where(condition("project", len(needles))), values))
                for condition in (index.matches_places, index.looked_up)
            ]
            assert by_index == by_row, q
            counts.add(len(by_row))
    assert {0, 1} < counts
    await world.holds()


PEOPLE = {
    "曾某": "zm|zeng|zengmou|曾|Zeng Mou|cengmou",
    "仇某某": "qmm|qiu|qiumou",
    "翟某": "zm|zhai|翟某",
    "单某文": "smw|shanmouwen",
    "尉迟某": "ycm|yuchi|yuchimou",
    "示例：解某": "xm|xie|解某",
    "欧阳某": "oym|ouyang",
}


async def test_officials_by_the_reading_of_their_surname(world: World) -> None:
    city = await make.make_city(world)
    for name in PEOPLE:
        await make.make_official(world, city.city, name, title="示例局长")
        await world.post("/referrers", {"kind": "adviser", "name": name})
    for name, found in PEOPLE.items():
        for q in found.split("|"):
            assert name in await listed(world, "/officials", q), q
            assert name in await listed(world, "/referrers", q), q
            assert ("official", name) in [hit[:2] for hit in await hits(world, q, types="official", limit=20)], q
    assert await listed(world, "/officials", "仇单") == set()
    (hit,) = (await world.get("/search", q="翟某", types="official"))["items"]
    assert (hit["note_zh"], hit["match"], hit["url_hint"]) == ("示例市 · 示例局长", "name", f"/officials/{hit['id']}")


async def test_numbers_by_which_things_are_known(world: World) -> None:
    city = await make.make_city(world)
    numbers = {"upstream_code": "LN-2023-0077", "national_code": "2103-210404-04-01-123456"}
    names = {"short_name": "抚北碳纤", "statistical_name": "抚顺高新碳纤维原丝"}
    project = await make.make_project(city, name="示例甲", **numbers, **names)
    for q, match in (
        (project["code"].lower(), "code"),
        (project["code"].replace("-", ""), "code"),
        ("ln-2023-0077", "upstream_code"),
        ("ＬＮ－２０２３－００７７", "upstream_code"),
        ("LN20230077", "upstream_code"),
        ("2103-210404", "national_code"),
        ("210321040404", "national_code"),
        ("抚北", "short_name"),
        ("fbtx", "initials"),
        ("高新碳纤维", "statistical_name"),
    ):
        assert await listed(world, "/projects", q) == {"示例甲"}, q
        assert await hits(world, q) == [("project", "示例甲", match)], q
    assert await listed(world, "/projects", "210404041") == set()
    body = {"project_id": project["id"], "title": "示例甲投资协议", "agreement_no": "示例协〔2023〕88号"}
    await world.post("/deals", body)
    body = {"project_id": project["id"], "title": "示例乙", "agreement_no": "示例协〔2023〕188号"}
    await world.post("/deals", body)
    for q, found in (
        ("示例协〔2023〕88号", {"示例甲投资协议"}),
        ("示例协[2023]88号", {"示例甲投资协议"}),
        ("示例协（２０２３）第88号", {"示例甲投资协议"}),
        ("示例协2023-088", {"示例甲投资协议"}),
        ("示例协〔2023〕", {"示例甲投资协议", "示例乙"}),
        ("甲投资", {"示例甲投资协议"}),
        ("jtzxy", {"示例甲投资协议"}),
        ("88号", {"示例甲投资协议", "示例乙"}),
        ("示例协〔2022〕88号", set()),
    ):
        assert await listed(world, "/deals", q) == found, q
    foreign = {"name": "示例外企", "country": "KR", "registration_no": "110111-0012345", "credit_code": None}
    await make.make_investor(world, **foreign)
    assert await listed(world, "/enterprises", "110111-00123") == {"示例外企"}
    code = (await world.get(f"/enterprises/{city.investor}"))["credit_code"]
    for q in (code, code.lower(), code[8:]):
        assert len(await listed(world, "/enterprises", q)) == 1
    assert ("enterprise", "credit_code") in [(hit[0], hit[2]) for hit in await hits(world, code)]


async def test_units_and_task_forces(world: World) -> None:
    unit = {
        "code": "210421",
        "name": "示例抚顺县",
        "short_name": "抚县",
        "name_en": "Fushun County",
        "kind": "district",
    }
    await world.post("/units", {**unit, "opened_on": "2020-01-01"})
    task_force = {"name": "示例煤化工专班", "short_name": "煤化工", "opened_on": "2020-01-01"}
    await world.post("/task-forces", task_force)
    for q in ("抚顺", "fsx", "抚县", "fushun county", "210421"):
        assert await listed(world, "/units", q) == {"示例抚顺县"}, q
    for q in ("煤化工", "mhg", "meihua", "专班"):
        assert await listed(world, "/task-forces", q) == {"示例煤化工专班"}, q
    assert await hits(world, "煤化工") == [("task_force", "示例煤化工专班", "short_name")]


async def test_a_record_is_found_by_its_investor(world: World) -> None:
    city = await make.make_city(world)
    investor = await make.make_investor(world, name="示例：远大氢能")
    project, _ = await make.make_signed(city, name="示例站", investor_id=investor)
    await make.make_lead(city, name="示例堆", investor_id=investor)
    await world.post("/referrers", {"kind": "enterprise", "enterprise_id": investor})
    for q in ("氢能", "ydqn", "yuanda"):
        assert await listed(world, "/projects", q) == {"示例站"}
        assert await listed(world, "/leads", q) == {"示例堆"}
        assert len(await listed(world, "/deals", q)) == 1
        assert await listed(world, "/referrers", q) == {"示例：远大氢能"}
        kinds = {(kind, match) for kind, _, match in await hits(world, q)}
        assert {("project", "investor"), ("lead", "investor"), ("deal", "investor")} < kinds
    path = f"/enterprises/{investor}"
    answer = await world.send("PATCH", path, {"name": "示例：宏图储能"}, version=await world.version(path))
    assert answer.status_code == 200
    for path, name in (("/projects", "示例站"), ("/leads", "示例堆"), ("/referrers", "示例：宏图储能")):
        assert await listed(world, path, "氢能") == set()
        assert await listed(world, path, "htcn") == {name}
    assert [hit[:2] for hit in await hits(world, "宏图", types="project")] == [("project", "示例站")]
    await world.holds()
    assert project["name"] == "示例站"


async def test_whole_names_come_first_then_beginnings(world: World) -> None:
    city = await make.make_city(world)
    for name in ("示例：新抚顺石化", "示例：抚顺石化二厂", "示例：抚顺石化", "示例：大抚顺石化"):
        await make.make_project(city, name=name, duplicate_ruling="示例")
    answer = await hits(world, "抚顺石化", types="project")
    assert [hit[1] for hit in answer] == [
        "示例：抚顺石化",
        "示例：抚顺石化二厂",
        "示例：大抚顺石化",
        "示例：新抚顺石化",
    ]
    assert [hit[1] for hit in await hits(world, "抚顺石化", types="project", limit=2)] == [hit[1] for hit in answer[:2]]
    code = (await world.get("/projects", q="新抚顺"))["items"][0]["code"]
    assert (await hits(world, code))[0] == ("project", "示例：新抚顺石化", "code")
    await make.make_lead(city, name="抚顺石化配套")
    kinds = [hit[0] for hit in await hits(world, "抚顺石化", types="lead,project")]
    assert kinds == ["project", "lead", "project", "project", "project"]
    assert [hit[0] for hit in await hits(world, "抚顺石化", types="lead")] == ["lead"]


@pytest.mark.parametrize(
    "q", ["，", "()", "“”", "、。", "——", "％", "*", "_", "'", '"', "\\", "OR", "-", "a", "石", "5", "𠮷"]
)
async def test_odd_input_is_harmless(world: World, q: str) -> None:
    for path in ("/projects", "/leads", "/deals", "/enterprises", "/officials", "/units", "/task-forces", "/referrers"):
        assert (await world.get(path, q=q))["items"] == []
    assert (await world.get("/search", q=q))["items"] == []


async def test_wrong_input_is_refused(world: World) -> None:
    for params, pointer in (
        ({}, "?q"),
        ({"q": ""}, "?q"),
        ({"q": "   "}, "?q"),
        ({"q": "示" * 201}, "?q"),
        ({"q": "示例", "limit": "0"}, "?limit"),
        ({"q": "示例", "limit": "21"}, "?limit"),
        ({"q": "示例", "types": "contact"}, "?types"),
        ({"q": "示例", "types": ""}, "?types"),
    ):
        answer = await world.client.get("/api/v1/search", params=params)
        assert answer.status_code == 422, params
        assert answer.json()["errors"][0]["pointer"].startswith(pointer), answer.text
    for q in ("示" * 200, "xian" * 50, "a" * 200, "1-" * 100, "(" * 200, "𠮷" * 200):
        assert (await world.get("/search", q=q))["items"] == []
        assert (await world.get("/projects", q=q))["items"] == []
