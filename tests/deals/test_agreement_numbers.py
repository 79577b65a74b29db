"""One agreement counts once, however its number is written."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.deals.models import Deal
from tests.conftest import World
from tests.core.test_bad_input import refused
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio

NUMBER = "示例协〔2023〕88号"


async def draft(city: make.City, **fields: Any) -> dict[str, Any]:
    """Makes a complete draft of a new project."""
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review", "fair_competition_review")
    body = {
        "project_id": project["id"],
        "title": "示例投资协议",
        "agreement_no": NUMBER,
        "signed_on": "2023-03-30",
        "agreed_amount": "1000000000.00",
        **fields,
    }
    made: dict[str, Any] = await city.world.post("/deals", body)
    return made


async def approve(world: World, deal: dict[str, Any], **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = await world.post(
        f"/deals/{deal['id']}/approval", body, version=await world.version(f"/deals/{deal['id']}"), status=200
    )
    return made


async def test_a_number_that_another_deal_bears_is_a_gate(world: World, city: make.City) -> None:
    first = await approve(world, await draft(city))
    second = await draft(city)
    headers = {"If-Match": f'"{second["version"]}"'}
    answer = await refused(
        world, "POST", f"/deals/{second['id']}/approval", 409, "gates_unmet", json={}, headers=headers
    )
    assert [gate["code"] for gate in answer["gates"]] == ["agreement_no_once"]
    assert first["code"] in answer["detail"]


@pytest.mark.parametrize(
    "writing",
    [
        "示例协[2023]88号",
        "示例协（2023）88号",
        "示例协 【２０２３】 ８８ 号",
        "示例协〔2023〕第88号",
        "示例协〔2023〕88",
        "示例協〔2023〕88號",
        "示例协\u200b〔2023〕88号",
        "示例协2023-088",
        "示例协〔2023〕No.88",
    ],
)
async def test_another_writing_is_the_same_number(world: World, city: make.City, writing: str) -> None:
    await approve(world, await draft(city))
    second = await draft(city, agreement_no=writing)
    gates = {gate["code"]: gate["is_met"] for gate in (await world.get(f"/deals/{second['id']}/gates"))["gates"]}
    assert gates["agreement_no_once"] is False


@pytest.mark.parametrize(
    "other", ["示例协〔2023〕8-8号", "示例协〔2022〕88号", "示例补协〔2023〕88号", "示例协〔2023〕88-1号"]
)
async def test_another_number_stands_in_nobodys_way(world: World, city: make.City, other: str) -> None:
    await approve(world, await draft(city))
    second = await draft(city, agreement_no=other)
    assert second["warnings"] == []
    await approve(world, second)


async def test_it_is_shown_at_drafting_and_at_an_edit_and_overridden_by_name_and_reason(
    world: World, city: make.City
) -> None:
    first = await approve(world, await draft(city))
    second = await draft(city, agreement_no="示例另号")
    assert second["warnings"] == []
    edited = await world.send("PATCH", f"/deals/{second['id']}", {"agreement_no": NUMBER}, version=1)
    assert [hint["deal_code"] for hint in edited.json()["warnings"]] == [first["code"]]
    assert first["code"] in edited.json()["warnings"][0]["zh"]
    third = await draft(city)
    assert [hint["deal_code"] for hint in third["warnings"]] == [first["code"], second["code"]]
    override = {"gates": ["agreement_no_once"], "reason": "示例：两份协议同号"}
    live = await approve(world, second, override=override)
    assert live["override"] == override
    entries = await world.get(f"/deals/{second['id']}/entries")
    assert entries["count"] == 1
    await world.holds()


@pytest.mark.parametrize(
    ("verb", "body", "is_free"),
    [
        ("discard", None, True),
        ("corrections", {"never_a_deal": True, "reason": "示例"}, True),
        ("termination", {"effective_on": "2023-04-10", "reason": "示例"}, False),
    ],
)
async def test_what_was_never_a_deal_gives_its_number_back(
    world: World, city: make.City, verb: str, body: dict[str, Any] | None, is_free: bool
) -> None:
    """A signed deal that was terminated keeps its number: a new one needs another."""
    first = await draft(city)
    if body is None:
        answer = await world.send("DELETE", f"/deals/{first['id']}", version=first["version"])
        assert answer.status_code < 300, answer.text
    else:
        await approve(world, first)
        await world.act(f"/deals/{first['id']}", verb, body)
    second = await draft(city)
    gates = {gate["code"]: gate["is_met"] for gate in (await world.get(f"/deals/{second['id']}/gates"))["gates"]}
    assert gates["agreement_no_once"] is is_free


async def test_a_deal_of_another_unit_is_there_and_nothing_more(world: World, city: make.City) -> None:
    first = await approve(world, await draft(city))
    project = await make.make_project(city, unit_id=city.districts[1], place_unit_id=city.districts[1])
    world.actor = staff(units=[city.districts[1]])
    body = {"project_id": project["id"], "title": "示例", "agreement_no": NUMBER, "signed_on": "2023-03-30"}
    second = await world.post("/deals", body)
    assert [(hint["is_in_scope"], hint["deal_code"], hint["deal_id"]) for hint in second["warnings"]] == [
        (False, None, None)
    ]
    told = str(second["warnings"]) + str(await world.get(f"/deals/{second['id']}/gates"))
    assert "另一单位" in told
    assert first["code"] not in told
    assert first["project_name"] not in told


async def test_of_two_approvals_at_once_one_passes(world: World, city: make.City) -> None:
    drafts = [await draft(city) for _ in range(2)]
    answers = await asyncio.gather(
        *(world.send("POST", f"/deals/{one['id']}/approval", {}, version=one["version"]) for one in drafts)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
    await world.holds()


@pytest.mark.parametrize("verb", ["never", "terminate", "amount"])
async def test_twins_of_before_are_listed_and_each_is_still_dealt_with(
    world: World, city: make.City, verb: str
) -> None:
    """Two deals of one number, approved before the gate was there, or by a number written since: both count, `check`
    lists them, and an act on one leaves the other as it is."""
    first = await approve(world, await draft(city))
    second = await approve(world, await draft(city, agreement_no="示例协〔2023〕89号"))
    assert [finding for finding in await world.findings() if finding.rule == "agreement_no"] == []
    async with world.database.writing() as session:
        number = select(Deal.agreement_no, Deal.agreement_key).where(Deal.id == UUID(first["id"]))
        row = (await session.execute(number)).one()
        await session.execute(update(Deal).where(Deal.id == UUID(second["id"])).values(**row._mapping))
    (found,) = [finding for finding in await world.findings() if finding.rule == "agreement_no"]
    assert found.is_notice
    assert first["code"] in found.row
    assert second["code"] in found.row
    body = {
        "never": {"never_a_deal": True, "reason": "示例：重复录入"},
        "terminate": {"effective_on": "2023-04-10", "reason": "示例"},
        "amount": {"amount": "1.00", "reason": "示例"},
    }[verb]
    entries = await world.get(f"/deals/{first['id']}/entries")
    await world.act(f"/deals/{second['id']}", "termination" if verb == "terminate" else "corrections", body)
    assert await world.get(f"/deals/{first['id']}/entries") == entries
    left = [finding for finding in await world.findings() if finding.rule == "agreement_no"]
    # An ended deal was signed too: one agreement counts twice until one of the two is corrected to no deal.
    assert len(left) == (0 if verb == "never" else 1)
    third = await draft(city)
    gates = {gate["code"]: gate for gate in (await world.get(f"/deals/{third['id']}/gates"))["gates"]}
    assert first["code"] in gates["agreement_no_once"]["missing_en"]


@pytest.mark.parametrize("number", ["无", "暂无编号", "—"])
async def test_what_states_no_number_is_none(world: World, city: make.City, number: str) -> None:
    """The gate of the number is not met, and two agreements without one are not taken for one."""
    await draft(city, agreement_no=number)
    second = await draft(city, agreement_no=number)
    assert second["warnings"] == []
    gates = {gate["code"]: gate["is_met"] for gate in (await world.get(f"/deals/{second['id']}/gates"))["gates"]}
    assert (gates["agreement_no"], gates["agreement_no_once"]) == (False, True)
