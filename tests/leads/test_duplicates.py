"""The same project is not registered twice by accident; a ruling that it is another gives its reason and stays on
record."""

from decimal import Decimal
from typing import Any

import pytest

from app.leads.likeness import are_near
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio


def lead_body(city: make.City, **fields: Any) -> dict[str, Any]:
    return {"name": "示例光电新材料项目", "channel": "walk_in", "first_unit_id": city.districts[0], **fields}


def project_body(city: make.City, **fields: Any) -> dict[str, Any]:
    return {
        "name": "示例光电新材料项目",
        "unit_id": city.districts[0],
        "place_unit_id": city.districts[0],
        "industry_code": "26",
        "direct_entry_reason": "示例",
        **fields,
    }


NATIONAL = "2302-210400-04-01-123456"


@pytest.mark.parametrize("first", ["lead", "project"])
@pytest.mark.parametrize("second", ["lead", "project"])
async def test_the_same_name_is_refused_with_what_it_is_like(
    world: World, city: make.City, first: str, second: str
) -> None:
    """Full-width brackets and blanks make no other name."""
    make_body = {"lead": lead_body, "project": project_body}
    known = await world.post(f"/{first}s", make_body[first](city, name="示例（甲）项目 一期"))
    body = make_body[second](city, name="示例(甲)项目一期")
    answer = await refused(world, "POST", f"/{second}s", 409, "duplicates_found", json=body)
    found = answer["candidates"]
    assert [(one["kind"], one["id"], one["code"], one["similarity"]) for one in found] == [
        (first, known["id"], known["code"], 100)
    ]
    assert [way["code"] for way in found[0]["likenesses"]] == ["same_name"]
    assert known["code"] in answer["detail"]
    assert await world.count(f"/{second}s") == (1 if first == second else 0)
    ruled = await world.post(f"/{second}s", {**body, "duplicate_ruling": "示例：两个厂区"})
    # The pair is not asked about again, from either side.
    for kind, record in ((first, known), (second, ruled)):
        asked = {"name": "示例（甲）项目一期", f"{kind}_id": record["id"]}
        assert (await world.post("/duplicates/check", asked, status=200))["candidates"] == []
    third = await world.send("POST", "/leads", lead_body(city, name="示例（甲）项目一期"))
    assert len(third.json()["candidates"]) == 2
    await world.holds()


async def test_the_same_project_code_is_refused_whatever_the_name(world: World, city: make.City) -> None:
    for code in ({"national_code": NATIONAL}, {"upstream_code": "示例-1"}):
        known = await world.post("/projects", project_body(city, name=f"示例{code}", **code))
        body = project_body(city, name=f"另一名称{code}", **code)
        answer = await refused(world, "POST", "/projects", 409, "duplicates_found", json=body)
        assert [one["id"] for one in answer["candidates"]] == [known["id"]]
        assert [way["code"] for way in answer["candidates"][0]["likenesses"]] == ["same_code"]


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("ln－2023－001", True),
        ("LN-2023-1号", True),
        ("LN-2023-011", False),
        ("LN-2022-001", False),
    ],
)
async def test_a_superior_code_is_one_in_any_writing(world: World, city: make.City, other: str, is_same: bool) -> None:
    """Entered, edited and searched for; a record without a code is like none."""
    known = await world.post("/projects", project_body(city, name="示例甲", upstream_code="LN-2023-001"))
    found = [known["id"]] if is_same else []
    asked = await world.post("/duplicates/check", {"name": "示例乙", "upstream_code": other}, status=200)
    assert [one["id"] for one in asked["candidates"]] == found
    answer = await world.send("POST", "/projects", project_body(city, name="示例丙", upstream_code=other))
    assert answer.status_code == (409 if is_same else 201), answer.text
    for name in ("示例丁", "示例戊"):
        third = await world.post("/projects", project_body(city, name=name, upstream_code="无"))
    edited = await world.send(
        "PATCH", f"/projects/{third['id']}", {"upstream_code": "LN2023"}, version=third["version"]
    )
    assert edited.status_code == 200, edited.text
    edited = await world.send("PATCH", f"/projects/{third['id']}", {"upstream_code": "ＬＮ-2023-01"}, version=2)
    assert edited.status_code == 409, edited.text
    await world.holds()


@pytest.mark.parametrize(
    ("name", "is_alike"),
    [
        ("示例光电新材料项目二", True),  # 9 of 10 characters on both sides
        ("示例光电新能源项目", False),  # 7 of 9
        ("完全不同的名称", False),
    ],
)
async def test_a_similar_name_counts_with_the_same_investor_only(
    world: World, city: make.City, name: str, is_alike: bool
) -> None:
    known = await world.post("/leads", lead_body(city, investor_id=city.investor))
    asked = {"name": name, "investor_id": await make.make_investor(world)}
    checked = await world.post("/duplicates/check", asked, status=200)
    assert (checked["candidates"], checked["warnings"]) == ([], [])
    answer = await world.send("POST", "/leads", lead_body(city, name=name, investor_id=city.investor))
    if is_alike:
        assert answer.status_code == 409
        assert [way["code"] for way in answer.json()["candidates"][0]["likenesses"]] == [
            "similar_name",
            "same_investor",
        ]
        assert answer.json()["candidates"][0]["similarity"] >= 85
    else:
        assert answer.status_code == 201
        found = answer.json()["warnings"]
        assert [(one["id"], [way["code"] for way in one["likenesses"]]) for one in found] == [
            (known["id"], ["same_investor"])
        ]


async def test_the_same_industry_and_a_similar_amount_are_said(world: World, city: make.City) -> None:
    investor = {"investor_id": city.investor, "industry_code": "26"}
    project = await world.post("/projects", project_body(city, **investor))
    amount = {"kind": "planned_total", "value": "100.00", "effective_on": "2023-05-01", "source": "示例"}
    await world.post(f"/projects/{project['id']}/amounts", amount)
    for low, high, industry, is_near in (
        ("83.00", "83.00", "26", True),
        ("125.00", "125.00", "26", True),
        ("79.00", "79.00", "26", False),
        ("126.00", "300.00", "26", False),
        ("10.00", "90.00", "26", True),
        ("100.00", "100.00", "27", False),
    ):
        asked = {"investor_id": city.investor, "industry_code": industry, "estimate_from": low, "estimate_to": high}
        found = await world.post("/duplicates/check", {**asked, "name": "另一名称"}, status=200)
        ways = [way["code"] for way in found["warnings"][0]["likenesses"]]
        assert ways == (["same_investor", "similar_amount"] if is_near else ["same_investor"]), (low, high)
        assert found["candidates"] == []


async def test_amounts_are_near_in_either_order() -> None:
    def near(*ends: int) -> bool:
        low, high, other_low, other_high = (Decimal(end) for end in ends)
        found = are_near(low, high, other_low, other_high)
        assert are_near(other_low, other_high, low, high) is found
        return found

    assert near(80, 80, 100, 100)
    assert not near(79, 79, 100, 100)
    assert near(1, 1000, 500, 600)
    assert near(0, 0, 0, 0)
    assert not near(0, 0, 1, 1)


async def test_a_form_asks_by_credit_code(world: World, city: make.City) -> None:
    known = await world.post("/leads", lead_body(city, investor_id=city.investor))
    code = (await world.get(f"/enterprises/{city.investor}"))["credit_code"]
    found = await world.post("/duplicates/check", {"name": "示例光电新材料项目", "credit_code": code}, status=200)
    assert [one["id"] for one in found["candidates"]] == [known["id"]]
    unknown = await world.post("/duplicates/check", {"credit_code": make.credit_code(987654)}, status=200)
    nothing: dict[str, Any] = {"candidates": [], "warnings": []}
    assert unknown == nothing
    assert await world.post("/duplicates/check", {}, status=200) == nothing
    both = {"credit_code": code, "investor_id": city.investor}
    await refused(world, "POST", "/duplicates/check", 422, "either_or", json=both)
    for name in ("lead_id", "project_id"):
        await refused(world, "POST", "/duplicates/check", 404, json={name: city.investor})


async def test_an_edit_makes_no_duplicate_unawares(world: World, city: make.City) -> None:
    await world.post("/projects", project_body(city))
    lead = await make.make_lead(city, name="示例另一名称")
    project = await make.make_project(city, name="示例又一名称")
    for path in (f"/leads/{lead['id']}", f"/projects/{project['id']}"):
        version = await world.version(path)
        answer = await world.send("PATCH", path, {"name": "示例光电新材料项目"}, version=version)
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicates_found")
        assert await world.version(path) == version
        renamed = {"name": "示例光电新材料项目", "duplicate_ruling": "示例：并非同一项目"}
        answer = await world.send("PATCH", path, renamed, version=version)
        assert answer.status_code == 200
        # Once ruled on it is only a warning.
        answer = await world.send("PATCH", path, {"name": "示例光电新材料项目（新）"}, version=version + 1)
        assert answer.status_code == 200
        answer = await world.send("PATCH", path, {"name": "示例光电新材料项目"}, version=version + 2)
        assert [way["code"] for one in answer.json()["warnings"] for way in one["likenesses"]].count("same_name") > 0
    await world.holds()


async def test_a_lead_is_no_duplicate_of_the_project_it_became(world: World, city: make.City) -> None:
    first = await world.post("/projects", project_body(city))
    lead = await make.make_lead(city, name="示例光电新材料项目", duplicate_ruling="示例：并非同一项目")
    path = f"/leads/{lead['id']}"
    await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    project = await world.act(path, "conversion", {})
    # A ruling on the lead also applies to its project.
    asked = {"name": project["name"], "project_id": project["id"]}
    found = await world.post("/duplicates/check", asked, status=200)
    assert (found["candidates"], [one["id"] for one in found["warnings"]]) == ([], [first["id"]])
    await world.holds()


async def test_what_is_out_of_scope_is_named_by_nothing(world: World, city: make.City) -> None:
    here, there = city.districts
    hidden = [
        await world.post("/leads", lead_body(city, first_unit_id=there, investor_id=city.investor)),
        await world.post("/projects", project_body(city, unit_id=there, duplicate_ruling="示例")),
    ]
    clerk = staff(units=[here], rights=False)
    world.actor = clerk
    answer = await world.send("POST", "/leads", lead_body(city, investor_id=city.investor))
    assert answer.status_code == 409
    nothing: dict[str, Any] = {"is_in_scope": False, "zh": answer.json()["candidates"][0]["zh"]}
    assert "裁定" in nothing["zh"]
    assert len(answer.json()["candidates"]) == 1
    assert {key: value for key, value in answer.json()["candidates"][0].items() if value} == {
        "zh": nothing["zh"],
        "en": "Another unit has reported it; ask the bureau to rule.",
    }
    for secret in (hidden[0]["code"], hidden[1]["code"], hidden[0]["id"], hidden[1]["id"]):
        assert secret not in answer.text
    form = await world.post("/duplicates/check", {"name": "另一名称", "investor_id": city.investor}, status=200)
    assert [one["is_in_scope"] for one in form["warnings"]] == [False]
    # Who cannot see the other cannot rule on it, unless the office gave that right.
    body = lead_body(city, investor_id=city.investor, duplicate_ruling="示例：并非同一项目")
    answer = await world.send("POST", "/leads", body)
    assert (answer.status_code, answer.json()["permission"]) == (403, "rule_duplicates")
    world.actor = staff(units=[here])
    assert (await world.send("POST", "/leads", body)).status_code == 201
    world.actor = LOCAL_PERSON
    await world.holds()


async def test_a_form_that_edits_a_record_asks_with_what_it_has(world: World, city: make.City) -> None:
    known = await world.post("/leads", lead_body(city, investor_id=city.investor))
    mine = await make.make_lead(city, name="示例另一名称", investor_id=city.investor)
    asked = {"name": "示例光电新材料项目二", "lead_id": mine["id"]}
    found = await world.post("/duplicates/check", asked, status=200)
    assert [one["id"] for one in found["candidates"]] == [known["id"]]
    both = {"lead_id": mine["id"], "project_id": mine["id"]}
    await refused(world, "POST", "/duplicates/check", 422, "either_or", json=both)


async def test_a_ruling_rules_on_the_pair_it_was_given_for(world: World, city: make.City) -> None:
    """Words on record for one pair, or for none, open nothing for another."""
    project = await world.post("/projects", project_body(city, duplicate_ruling="示例：预先写上"))
    twin = await world.post("/leads", lead_body(city, duplicate_ruling="示例：两个厂区"))
    path = f"/projects/{project['id']}"
    other = await world.post("/leads", lead_body(city, name="示例光电新材料项目", duplicate_ruling="示例：又一个"))
    asked = {"name": project["name"], "project_id": project["id"]}
    assert (await world.post("/duplicates/check", asked, status=200))["candidates"] == []
    assert {twin["id"], other["id"]} <= {
        one["id"] for one in (await world.post("/duplicates/check", asked, status=200))["warnings"]
    }
    answer = await world.send("PATCH", path, {"duplicate_ruling": None}, version=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/duplicate_ruling")
