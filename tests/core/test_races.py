"""Two people at once, for real: one gets it done, the other is told. Nothing is counted twice."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.deals import service as deals
from app.deals.schemas import DealApprove
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make

pytestmark = pytest.mark.anyio
Q1 = {"from": "2023-01-01", "to": "2023-03-31"}


async def together(*calls: Any) -> list[httpx.Response]:
    return list(await asyncio.gather(*calls))


async def test_two_moves_of_one_project(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    version = await world.version(path)
    body = {"to": "negotiating", "happened_on": "2023-01-05"}
    answers = await together(*(world.send("POST", f"{path}/moves", body, version=version) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert len(await world.get(f"{path}/moves")) == 2


@pytest.mark.parametrize("rooms", [("/leads", "/leads"), ("/projects", "/projects"), ("/leads", "/projects")])
async def test_two_clerks_register_the_same_investors_project(world: World, rooms: tuple[str, str]) -> None:
    city = await make.make_city(world)
    common = {"investor_id": city.investor, "unit_id": city.districts[0], "place_unit_id": city.districts[0]}
    lead = {**common, "channel": "walk_in", "first_unit_id": city.districts[0]}
    project = {**common, "industry_code": "26", "direct_entry_reason": "示例"}
    bodies = {"/leads": lead, "/projects": project}
    names = ("示例光电新材料项目", "示例光电新材料项目二")
    answers = await together(
        *(world.send("POST", room, {**bodies[room], "name": name}) for room, name in zip(rooms, names, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "duplicates_found"
    await world.holds()


async def test_a_merge_against_a_move(world: World) -> None:
    city = await make.make_city(world)
    twin, true = await make.make_project(city), await make.make_project(city)
    await make.give_five_ones(city, twin["id"])
    path = f"/projects/{twin['id']}"
    version = await world.version(path)
    move = {"to": "negotiating", "happened_on": "2023-01-05"}
    merge = {"into_id": true["id"], "reason": "示例"}
    answers = await together(
        world.send("POST", f"{path}/moves", move, version=version),
        world.send("POST", f"{path}/merge", merge, version=version),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    await world.holds()


async def test_two_projects_merged_into_each_other(world: World) -> None:
    city = await make.make_city(world)
    one, other = await make.make_project(city), await make.make_project(city)
    answers = await together(
        *(
            world.send("POST", f"/projects/{merged['id']}/merge", {"into_id": into["id"], "reason": "示例"}, version=1)
            for merged, into in ((one, other), (other, one))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    await world.holds()


async def test_two_conversions_of_one_lead(world: World) -> None:
    city = await make.make_city(world)
    path = f"/leads/{(await make.make_lead(city))['id']}"
    lead = await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    answers = await together(*(world.send("POST", f"{path}/conversion", {}, version=lead["version"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert (await world.get("/projects"))["count"]["value"] == 1
    await world.holds()


async def test_two_leads_of_a_new_investor_by_name(world: World) -> None:
    city = await make.make_city(world)
    calls = [make.make_lead(city, investor_id=None, investor_name="示例新公司") for _ in range(4)]
    leads = await asyncio.gather(*calls)
    assert len({lead["investor_id"] for lead in leads}) == 1
    assert (await world.get("/enterprises", q="示例新公司"))["count"]["value"] == 1


async def test_two_leaders_appointed(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    path = f"/projects/{project['id']}/leaders"
    bodies = [{"official_id": official, "opened_on": "2023-01-05"} for official in city.officials[:2]]
    answers = await together(*(world.send("POST", path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "leader_already_open"
    assert len(await world.get(path)) == 1


async def test_two_approvals_of_one_deal(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review")
    body = {
        "project_id": project["id"],
        "title": "示例投资协议",
        "agreement_no": "示例1号",
        "signed_on": "2023-02-01",
        "agreed_amount": "100000000.00",
    }
    draft = await world.post("/deals", body)
    path = f"/deals/{draft['id']}/approval"
    answers = await together(*(world.send("POST", path, {}, version=draft["version"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await world.get("/totals/signings", **Q1))["count"] == 1


async def test_one_idempotency_key_sent_many_times_at_once(world: World) -> None:
    body = {"name": "示例企业有限公司"}
    answers = await together(*(world.send("POST", "/enterprises", body, Idempotency_Key="same-key") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 7
    assert (await world.get("/enterprises"))["count"]["value"] == 1


async def test_twenty_writers_at_once(world: World) -> None:
    answers = await together(*(world.send("POST", "/enterprises", {"name": f"示例企业{n}有限公司"}) for n in range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20


async def test_a_total_read_beside_an_uncommitted_entry_stays_true(world: World) -> None:
    """A writer holds its entry uncommitted while a total is read; the reader's known_at stays true after."""
    city = await make.make_city(world)
    await make.make_signed(city)
    project = await make.make_project(city)
    await make.add_evidence(city, project["id"], "legality_review")
    body = {
        "project_id": project["id"],
        "title": "示例投资协议",
        "agreement_no": "示例2号",
        "signed_on": "2023-02-02",
        "agreed_amount": "100000000.00",
    }
    draft = await world.post("/deals", body)
    async with world.database.writing() as session:
        await deals.approve(session, LOCAL_PERSON, UUID(draft["id"]), draft["version"], DealApprove())
        before = await world.get("/totals/signings", **Q1)
        assert before["count"] == 1
    assert (await world.get("/totals/signings", **Q1))["count"] == 2
    assert await world.get("/totals/signings", **Q1, known_at=before["known_at"]) == before


@pytest.mark.postgresql_only
async def test_an_edited_limit_and_a_move_at_once_leave_no_stale_day(world: World) -> None:
    """However the two interleave, each day kept is what the limits then give."""
    city = await make.make_city(world)
    stage = next(row for row in await world.get("/pipeline/stages") if row["code"] == "screened")
    names = {"name_zh": stage["name_zh"], "name_en": stage["name_en"]}
    version = stage["version"]
    for days in range(15, 9, -1):
        project = await make.make_project(city)
        await make.give_five_ones(city, project["id"])
        path = f"/projects/{project['id']}"
        body = {**names, "limits": [{"kind": "idle", "amount": days, "unit": "day"}]}
        move = {"to": "negotiating", "happened_on": "2023-05-20"}
        answers = await together(
            world.send("PUT", "/pipeline/stages/screened", body, version=version),
            world.send("POST", f"{path}/moves", move, version=await world.version(path)),
            make.make_project(city),
        )
        assert {answer.status_code for answer in answers[:2]} <= {200, 201, 503}
        version += answers[0].status_code == 200
        await world.holds()
