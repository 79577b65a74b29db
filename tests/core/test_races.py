"""Two people at the same time: one act succeeds, the other gets a clear refusal. Nothing is counted twice."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.accounts.roles import Role
from app.deals import service as deals
from app.deals.schemas import DealApprove
from tests.accounts.people import confirm, session_of, sign_in_required, user
from tests.accounts.test_controls import SEPARATION, separated
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make

pytestmark = pytest.mark.anyio
Q1 = {"from": "2023-01-01", "to": "2023-03-31"}


async def together(*calls: Any) -> list[httpx.Response]:
    return list(await asyncio.gather(*calls))


async def test_two_moves_of_one_project(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    version = await world.version(path)
    body = {"to": "negotiating", "happened_on": "2023-01-05"}
    answers = await together(*(world.send("POST", f"{path}/moves", body, version=version) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert len(await world.get(f"{path}/moves")) == 2


@pytest.mark.parametrize("rooms", [("/leads", "/leads"), ("/projects", "/projects"), ("/leads", "/projects")])
async def test_two_clerks_register_the_same_investors_project(
    world: World, city: make.City, rooms: tuple[str, str]
) -> None:
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


async def test_a_merge_against_a_move(world: World, city: make.City) -> None:
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


async def test_two_projects_merged_into_each_other(world: World, city: make.City) -> None:
    one, other = await make.make_project(city), await make.make_project(city)
    answers = await together(
        *(
            world.send("POST", f"/projects/{merged['id']}/merge", {"into_id": into["id"], "reason": "示例"}, version=1)
            for merged, into in ((one, other), (other, one))
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    await world.holds()


@pytest.mark.postgresql_only
async def test_one_project_merged_into_two_others(world: World, city: make.City) -> None:
    """And merged into one of them while that is merged into it: one merge succeeds, the other is refused."""

    async def merge(one: dict[str, Any], into: dict[str, Any]) -> httpx.Response:
        body = {"into_id": into["id"], "reason": "示例"}
        return await world.send("POST", f"/projects/{one['id']}/merge", body, version=1)

    for number in range(6):
        one, other, third = [await make.make_project(city) for _ in range(3)]
        second = (one, third) if number % 2 else (other, one)
        answers = await together(merge(one, other), merge(*second))
        assert sorted(answer.status_code for answer in answers) in ([201, 409], [201, 412])
        merged = [await world.get(f"/projects/{project['id']}") for project in (one, other, third)]
        assert sum(project["status"] == "merged" for project in merged) == 1
    await world.holds()


@pytest.mark.postgresql_only
async def test_a_phase_withdrawn_against_what_would_keep_it(world: World, city: make.City) -> None:
    """However the two interleave, either the phase was withdrawn or something is on record for it."""
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-05-01", "continues_parent": True}
    evidence = {"kind": "letter_of_intent", "on": "2023-05-02", "document_no": "示例1号"}
    amount = {"kind": "planned_total", "value": "7000000.00", "effective_on": "2023-05-02", "source": "示例"}
    against: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("{phase}", "/phase-withdrawal", {"reason": "示例"}),
        ("{phase}", "/moves", {"to": "negotiating", "happened_on": "2023-05-20"}),
        ("{phase}", "/evidence", evidence),
        ("{phase}", "/amounts", amount),
        ("/plan-lists/2023{phase}", "", {"source": "示例"}),
        ("{parent}", "/phases", {**first, "name": "示例二期", "phase_no": 2, "continues_parent": False}),
        ("{parent}", "/moves", {"to": "negotiating", "happened_on": "2023-05-20"}),
    )
    for number, (path, verb, body) in enumerate(against):
        project = await make.make_project(city)
        await make.give_five_ones(city, project["id"])
        parent = f"/projects/{project['id']}"
        name = {"name": make.distinct_name("一期"), "duplicate_ruling": f"示例：第 {number} 个"}
        phase = f"/projects/{(await world.act(parent, 'phases', first | name))['id']}"
        versions = {one: await world.version(one) for one in (parent, phase)}
        whose = parent if "parent" in path else phase
        answers = await together(
            world.send("POST", f"{phase}/phase-withdrawal", {"reason": "示例"}, version=versions[phase]),
            world.send("POST", path.format(parent=parent, phase=phase) + verb, body, version=versions[whose]),
        )
        codes = [answer.status_code for answer in answers]
        assert {*codes} <= {201, 404, 409, 412, 422}, [answer.text for answer in answers]
        assert 201 in codes, (path, verb, [answer.text for answer in answers])
        gone = await world.get(phase)
        assert (gone["status"] == "merged") is (codes[0] == 201 or (verb == "/phase-withdrawal" and codes[1] == 201))
        assert (await world.get(parent))["is_parent"] is (gone["status"] != "merged" or codes == [201, 201])
        if verb == "/phase-withdrawal":
            assert sorted(codes) == [201, 412]
        await world.holds()


@pytest.mark.postgresql_only
async def test_two_phases_of_one_project_withdrawn(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    parent = f"/projects/{project['id']}"
    phases = []
    for number in (1, 2):
        body = {"name": f"示例{number}期", "phase_no": number, "from_on": f"2023-05-0{number}"}
        phases.append(f"/projects/{(await world.act(parent, 'phases', body))['id']}")
    versions = [await world.version(phase) for phase in phases]
    answers = await together(
        *(
            world.send("POST", f"{phase}/phase-withdrawal", {"reason": "示例"}, version=version)
            for phase, version in zip(phases, versions, strict=True)
        )
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert (await world.get(parent))["is_parent"] is False
    await world.holds()


async def test_two_confirmations_of_one_change(world: World) -> None:
    """It takes effect once, and the second is answered that it is settled."""
    await user(world, "system", Role.system_admin)
    secure = ("secure", "secure-too")
    for name in secure:
        await user(world, name, Role.security_admin)
    await separated(world)
    system, *both = [await session_of(world, name) for name in ("system", *secure)]
    async with sign_in_required(world):
        for _ in range(3):
            body = {"value": "off", "reason": "示例"}
            asked = await world.client.put(SEPARATION, json=body, headers=system)
            answers = await together(*(confirm(world, asked, headers) for headers in both))
            assert sorted(answer.status_code for answer in answers) == [200, 412]
            timeline = await world.client.get(f"{asked.headers['Location']}/timeline", headers=system)
            told = [event["type"] for event in timeline.json()["items"]]
            assert told == ["control_change.confirmed", "control_change.asked"]
            assert (await world.client.put(SEPARATION, json={"value": "on"}, headers=system)).status_code == 200
    await world.holds()


@pytest.mark.postgresql_only
@pytest.mark.parametrize("whose", ["system", "secure"])
async def test_a_confirmation_against_a_lock(world: World, whose: str) -> None:
    """Nothing takes effect after the account that asked, or confirms, was locked."""
    for name, role in (("system", Role.system_admin), ("boss", Role.system_admin), ("secure", Role.security_admin)):
        await user(world, name, role)
    await separated(world)
    async with sign_in_required(world):
        for _ in range(4):
            system, boss, secure = [await session_of(world, name) for name in ("system", "boss", "secure")]
            users = (await world.client.get("/api/v1/users", headers=boss)).json()["items"]
            found = next(one for one in users if one["name"] == whose)
            path = f"/api/v1/users/{found['id']}"
            asked = await world.client.put(SEPARATION, json={"value": "off", "reason": "示例"}, headers=system)
            done, locked = await together(
                confirm(world, asked, secure),
                world.client.post(f"{path}/lock", headers={**boss, "If-Match": f'"{found["version"]}"'}),
            )
            assert locked.status_code == 200, locked.text
            assert done.status_code in (200, 401, 403, 409, 412), done.text
            changes = (await world.client.get("/api/v1/control-changes", headers=boss)).json()["items"]
            assert (changes[0]["state"] == "confirmed") is (done.status_code == 200)
            if changes[0]["state"] == "pending":
                withdrawal = f"/api/v1/control-changes/{changes[0]['id']}/withdrawal"
                version = {"If-Match": f'"{changes[0]["version"]}"'}
                assert (await world.client.post(withdrawal, headers={**boss, **version})).status_code == 200
            await world.client.put(SEPARATION, json={"value": "on"}, headers=boss)
            unlocked = {**boss, "If-Match": locked.headers["ETag"]}
            assert (await world.client.post(f"{path}/unlock", headers=unlocked)).status_code == 200
    await world.holds()


async def test_two_conversions_of_one_lead(world: World, city: make.City) -> None:
    path = f"/leads/{(await make.make_lead(city))['id']}"
    lead = await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    answers = await together(*(world.send("POST", f"{path}/conversion", {}, version=lead["version"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert await world.count("/projects") == 1
    await world.holds()


async def test_two_leads_of_a_new_investor_by_name(world: World, city: make.City) -> None:
    calls = [make.make_lead(city, investor_id=None, investor_name="示例新公司") for _ in range(4)]
    leads = await asyncio.gather(*calls)
    assert len({lead["investor_id"] for lead in leads}) == 1
    assert await world.count("/enterprises", q="示例新公司") == 1


async def test_two_leaders_appointed(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}/leaders"
    bodies = [{"official_id": official, "opened_on": "2023-01-05"} for official in city.officials[:2]]
    answers = await together(*(world.send("POST", path, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "leader_already_open"
    assert len(await world.get(path)) == 1


async def test_two_approvals_of_one_deal(world: World, city: make.City) -> None:
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
    assert await world.count("/enterprises") == 1


async def test_twenty_writers_at_once(world: World) -> None:
    answers = await together(*(world.send("POST", "/enterprises", {"name": f"示例企业{n}有限公司"}) for n in range(20)))
    assert [answer.status_code for answer in answers] == [201] * 20


async def test_a_total_read_beside_an_uncommitted_entry_stays_true(world: World, city: make.City) -> None:
    """A writer holds its entry uncommitted while a total is read; the reader's known_at stays true after."""
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
async def test_an_edited_limit_and_a_move_at_once_leave_no_stale_day(world: World, city: make.City) -> None:
    """However the two interleave, each stored day follows from the new limits."""
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
