"""Nobody finds out the records of others by many questions: each question is on record, and they are limited per
hour."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.audit import unmasking
from app.audit.models import SecurityEvent, SecurityEventType
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.leads.test_duplicates import lead_body, project_body

pytestmark = pytest.mark.anyio

NAME = "示例顺城光电新材料生产基地项目"
FEW = 6


async def asked(world: World) -> list[SecurityEvent]:
    async with world.database.reading() as session:
        kind = SecurityEvent.type == "duplicates.asked"
        return list(await session.scalars(select(SecurityEvent).where(kind).order_by(SecurityEvent.id)))


async def check(world: World, **body: Any) -> httpx.Response:
    return await world.send("POST", "/duplicates/check", body)


async def hidden(world: World) -> make.City:
    """A project of the second district; from then on a clerk of the first asks."""
    city = await make.make_city(world)
    body = project_body(city, name=NAME, unit_id=city.districts[1], place_unit_id=city.districts[1])
    await world.post("/projects", {**body, "investor_id": city.investor, "national_code": "2302-210400-04-01-123456"})
    world.actor = staff(units=[city.districts[0]])
    world.settings.duplicate_checks_an_hour = FEW
    return city


async def test_the_answer_is_the_same_whatever_the_likeness(world: World) -> None:
    city = await hidden(world)
    other = await make.make_investor(world)
    same = [(await check(world, name=name, investor_id=city.investor)).json() for name in (NAME, NAME[:-1], "完全不同")]
    assert same[0] == same[1] == same[2]
    assert same[0]["candidates"] == []
    assert [one["is_in_scope"] for one in same[0]["warnings"]] == [False]
    by_name = await check(world, name=NAME, investor_id=other)
    assert by_name.json() == same[0]
    # Without a match there is no warning: the answer must not always warn.
    nothing: dict[str, Any] = {"candidates": [], "warnings": []}
    assert (await check(world, name="另一个", investor_id=other)).json() == nothing


async def test_a_check_wants_what_a_form_has(world: World) -> None:
    city = await hidden(world)
    for body, pointer in (
        ({"investor_id": city.investor}, "/name"),
        ({"name": NAME}, "/investor_id"),
        ({"national_code": "2302-210400-04-01-123456"}, "/name"),
        ({"name": NAME, "national_code": "2302-210400-04-01-123456"}, "/investor_id"),
        ({}, "/name"),
    ):
        answer = await check(world, **body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), body
    lead = await world.post("/leads", lead_body(city, name="示例本区线索", investor_id=await make.make_investor(world)))
    assert (await check(world, lead_id=lead["id"])).status_code == 200
    assert (await check(world, name=NAME, credit_code=make.credit_code(998877))).status_code == 200
    world.actor = LOCAL_PERSON
    assert (await check(world, investor_id=city.investor)).status_code == 200


async def test_few_an_hour_each_on_record_without_the_words(world: World) -> None:
    city = await hidden(world)
    answers = [await check(world, name=f"{NAME}{n}", investor_id=city.investor) for n in range(FEW + 2)]
    assert [answer.status_code for answer in answers] == [200] * FEW + [429] * 2
    assert answers[-1].json()["code"] == "duplicates_asked_too_often"
    assert 3500 < int(answers[-1].headers["Retry-After"]) <= 3600
    rows = await asked(world)
    assert {(row.actor_id, row.data["operation"], row.data["investor_id"]) for row in rows} == {
        ("clerk", "check_duplicates", city.investor)
    }
    assert len(rows) == FEW
    assert len({row.data["name_mark"] for row in rows}) == FEW
    assert NAME not in str([row.data for row in rows])
    world.actor = LOCAL_PERSON
    assert (await check(world, name=NAME, investor_id=city.investor)).status_code == 200
    world.actor = staff(units=[city.districts[0]])
    world.clock.moment += timedelta(minutes=61)
    assert (await check(world, name=NAME, investor_id=city.investor)).status_code == 200


async def test_who_asks_at_once_asks_no_more(world: World) -> None:
    city = await hidden(world)
    calls = [check(world, name=f"示例{n}", investor_id=city.investor) for n in range(FEW + 6)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200] * FEW + [429] * 6
    assert len(await asked(world)) == FEW


async def test_registering_tells_no_more(world: World) -> None:
    """Refusals, rulings without the right, and warnings beside a success count under one rate limit."""
    city = await hidden(world)
    ways: list[tuple[str, dict[str, Any], int]] = [
        ("/leads", lead_body(city, name=NAME), 409),
        ("/leads", lead_body(city, name=NAME, duplicate_ruling="示例"), 403),
        ("/projects", project_body(city, name="另一个", national_code="2302-210400-04-01-123456"), 409),
        ("/leads", lead_body(city, name="示例第三个", investor_id=city.investor), 201),
    ]
    limited = staff(units=[city.districts[0]])
    world.actor = type(limited)(
        **{
            **{name: getattr(limited, name) for name in limited.__dataclass_fields__},
            "permissions": limited.permissions - {next(p for p in limited.permissions if p.value == "rule_duplicates")},
        }
    )
    for path, body, status in ways:
        answer = await world.send("POST", path, body)
        assert answer.status_code == status, answer.text
    assert [row.data["operation"] for row in await asked(world)] == [
        "register_lead",
        "register_lead",
        "enter_project",
        "told_beside",
    ]
    # Answers that reveal nothing about others are not counted.
    own = lead_body(city, name="示例只与本区相同")
    assert (await world.send("POST", "/leads", own)).status_code == 201
    assert (await world.send("POST", "/leads", own)).status_code == 409
    assert len(await asked(world)) == 4
    assert (await check(world, name=NAME, investor_id=city.investor)).status_code == 200
    assert (await world.send("POST", "/leads", lead_body(city, name=NAME))).status_code == 409
    # From here on every door is shut alike, whether there is something behind it or not.
    for name in (NAME, "示例谁也没有的名称"):
        answer = await world.send("POST", "/leads", lead_body(city, name=name))
        assert (answer.status_code, answer.json()["code"]) == (429, "duplicates_asked_too_often"), answer.text
        assert "Retry-After" in answer.headers
    world.actor = LOCAL_PERSON
    assert (await world.send("POST", "/leads", lead_body(city, name="示例谁也没有的名称"))).status_code == 201


async def test_unmaskings_at_once_are_no_more_than_one_by_one(
    world: World, city: make.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmasking, "MOST_AN_HOUR", FEW)
    contact = await world.post(f"/enterprises/{city.investor}/contacts", make.CONTACT)
    body = {"purpose": "verify"}
    calls = [world.send("POST", f"/contacts/{contact['id']}/unmasking", body) for _ in range(FEW * 3)]
    answers = await asyncio.gather(*calls)
    assert sum(answer.status_code == 429 for answer in answers) == FEW * 2
    async with world.database.reading() as session:
        kind = SecurityEvent.type == SecurityEventType.unmasked.value
        assert len(list(await session.scalars(select(SecurityEvent.id).where(kind)))) == FEW


TOLD_BY_NUMBERS = ["draft_deal", "update_deal", "add_project_evidence", "add_project_evidence", "add_contact"]


async def test_numbers_and_phones_of_others_tell_in_the_same_pace(world: World, city: make.City) -> None:
    """An agreement, a voucher and a phone could be tried one by one, as names could."""
    there = {"unit_id": city.districts[1], "place_unit_id": city.districts[1]}
    project = await make.make_project(city, **there, investor_id=await make.make_investor(world))
    path = f"/projects/{project['id']}"
    voucher = {"kind": "arrival_audited", "on": "2023-03-30", "value": "5.00", "document_no": "示例验资1号"}
    await world.post(f"{path}/evidence", voucher)
    await world.post(f"{path}/contacts", make.CONTACT)
    own = await make.make_project(city)
    for title, number in (("示例甲", "示例协〔2023〕1号"), ("示例乙", "示例协〔2023〕2号")):
        await world.post("/deals", {"project_id": project["id"], "title": title, "agreement_no": number})
    world.actor = staff(units=[city.districts[0]])
    world.settings.duplicate_checks_an_hour = len(TOLD_BY_NUMBERS)
    draft = {"project_id": own["id"], "title": "示例", "agreement_no": "示例协[2023]1号"}
    made = await world.post("/deals", draft)
    assert [hint["is_in_scope"] for hint in made["warnings"]] == [False]
    deal = f"/deals/{made['id']}"
    # Repeated questions, and answers that reveal nothing about others, are not counted.
    same = await world.send("PATCH", deal, {"title": "示例改"}, version=1)
    assert [hint["is_in_scope"] for hint in same.json()["warnings"]] == [False]
    free = await world.send("PATCH", deal, {"agreement_no": "示例协〔2023〕9号"}, version=2)
    assert free.json()["warnings"] == []
    assert (await world.send("PATCH", deal, {"agreement_no": "示例协〔2023〕第2号"}, version=3)).status_code == 200
    evidence = f"/projects/{own['id']}/evidence"
    for number in ("示例验资1号", "示例验资第１号"):
        answer = await world.send("POST", evidence, {**voucher, "document_no": number})
        assert (answer.status_code, answer.json()["code"]) == (409, "voucher_taken")
    await world.post(evidence, {**voucher, "document_no": "示例验资2号"})
    assert (await world.send("POST", evidence, {**voucher, "document_no": "示例验资2号"})).status_code == 409
    told = await world.post(f"/projects/{own['id']}/contacts", make.CONTACT)
    assert len(told["warnings"]) == 1
    rows = await asked(world)
    assert [row.data["operation"] for row in rows] == TOLD_BY_NUMBERS
    assert not any(text in str([row.data for row in rows]) for text in ("示例协", "示例验资", make.CONTACT["phone"]))
    # The pace is used up: every door is shut alike, whether there is something behind it or not.
    for number in ("1", "777"):
        for method, verb, body, version in (
            ("POST", "/deals", {**draft, "agreement_no": f"示例协〔2023〕{number}号"}, None),
            ("PATCH", deal, {"agreement_no": f"示例协〔2023〕{number}号"}, 4),
            ("POST", evidence, {**voucher, "document_no": f"示例验资{number}号"}, None),
            ("POST", f"/projects/{own['id']}/contacts", {**make.CONTACT, "phone": f"1380000{number:0>4}"}, None),
        ):
            answer = await world.send(method, verb, body, version=version)
            assert (answer.status_code, answer.json()["code"]) == (429, "duplicates_asked_too_often"), answer.text
    # Entries without a number are still accepted, and so are those of an actor who sees the city.
    await world.post("/deals", {"project_id": own["id"], "title": "示例无编号"})
    await world.post(evidence, {"kind": "letter_of_intent", "on": "2023-02-01"})
    await world.post(f"/projects/{own['id']}/contacts", {**make.CONTACT, "phone": None})
    world.actor = LOCAL_PERSON
    await world.post("/deals", draft)
    await world.holds()


async def test_an_edit_that_is_refused_tells_of_others_in_the_same_pace(world: World, city: make.City) -> None:
    """The only unit with business with an enterprise may rename it: a refusal reveals that another unit has some
    too."""
    alone, shared, nobodys = [await make.make_investor(world) for _ in range(3)]
    await make.make_project(city, investor_id=alone)
    await make.make_project(city, investor_id=shared)
    there = {"unit_id": city.districts[1], "place_unit_id": city.districts[1], "investor_id": shared}
    await make.make_project(city, name="示例另一区项目", **there)
    world.actor = staff(units=[city.districts[0]])
    world.settings.duplicate_checks_an_hour = 2

    async def edit(investor: str, version: int = 99) -> tuple[int, str]:
        answer = await world.send("PATCH", f"/enterprises/{investor}", {"name": "示例改名"}, version=version)
        return answer.status_code, answer.json()["code"]

    # A unit learns nothing of an enterprise it has no business with, and nothing is counted.
    for _ in range(3):
        assert await edit(nobodys) == (403, "bureau_decides")
        assert await edit(alone) == (412, "stale")
    assert await asked(world) == []
    for _ in range(2):
        assert await edit(shared) == (403, "bureau_decides")
    assert [row.data["operation"] for row in await asked(world)] == ["update_enterprise"] * 2
    for investor in (shared, alone, nobodys):
        assert await edit(investor) == (429, "duplicates_asked_too_often")
    ranking = {"list_name": "示例榜", "year": 2023, "rank": 3}
    answer = await world.send("POST", f"/enterprises/{shared}/rankings", ranking)
    assert answer.status_code == 429
    world.actor = LOCAL_PERSON
    assert await edit(shared) == (412, "stale")
