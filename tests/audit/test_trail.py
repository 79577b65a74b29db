"""The audit trail: what it holds, who reads it, and how floods are counted."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.roles import Role
from app.audit.models import SecurityEvent, SecurityEventType
from app.core.actor import Permission
from tests.accounts.people import session_of, sign_in_required, token, user
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff, two_districts
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def events(world: World, what: SecurityEventType) -> list[SecurityEvent]:
    async with world.database.reading() as session:
        query = select(SecurityEvent).where(SecurityEvent.type == what.value).order_by(SecurityEvent.id)
        return list(await session.scalars(query))


async def test_a_denial_is_on_record_though_the_request_was_rolled_back(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city)
    await user(world, "clerk", Role.district, unit_id=city.districts[0])
    clerk = await session_of(world, "clerk")
    path = f"/api/v1/projects/{project['id']}/termination"
    headers = {**clerk, "If-Match": '"1"', "User-Agent": "Mozilla \x1b[31m"}
    async with sign_in_required(world):
        assert (await world.client.post(path, json={}, headers=headers)).status_code == 403
    (denied,) = await events(world, SecurityEventType.denied)
    assert str(denied.subject_id) == project["id"]
    assert (denied.subject_type, denied.outcome, denied.address) == ("project", "refused", "127.0.0.1")
    assert (denied.actor_name, denied.data["right"]) == ("示例人员", Permission.terminate.value)
    assert denied.user_agent is not None
    assert "\x1b" not in denied.user_agent


async def test_a_flood_is_counted_and_not_written(world: World) -> None:
    wrong = {"Authorization": "Bearer fiveones_0_x"}
    world.clock.set(2023, 6, 1)
    async with sign_in_required(world):
        for _ in range(25):
            assert (await world.client.get("/api/v1/me", headers=wrong)).status_code == 401
        assert [event.count for event in await events(world, SecurityEventType.token_refused)] == [1] * 10
        world.clock.moment += timedelta(minutes=1)
        assert (await world.client.get("/api/v1/me", headers=wrong)).status_code == 401
    found = await events(world, SecurityEventType.token_refused)
    assert sorted(event.count for event in found) == [1] * 11 + [15]
    for _ in range(12):
        async with sign_in_required(world):
            await world.client.get("/api/v1/me", headers=wrong)
    await world.app.state.trail.close()
    found = await events(world, SecurityEventType.token_refused)
    assert sum(event.count for event in found) == 25 + 1 + 12


async def test_the_auditor_reads_both_logs_and_nothing_of_their_content(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city, name="示例：不给审计员看的名称")
    await user(world, "auditor", Role.auditor)
    await user(world, "clerk", Role.bureau)
    auditor, clerk = await session_of(world, "auditor"), await session_of(world, "clerk")
    async with sign_in_required(world):
        assert (await world.client.get("/api/v1/audit", headers=clerk)).json()["permission"] == "read_audit"
        page = await world.client.get("/api/v1/audit", params={"limit": 200}, headers=auditor)
        assert page.status_code == 200
        items = page.json()["items"]
        assert {item["log"] for item in items} == {"events", "security_events"}
        assert "不给审计员看的名称" not in page.text
        (denied,) = [item for item in items if item["type"] == "access.denied"]
        assert (denied["outcome"], denied["reason"]) == ("refused", "forbidden")
        (entered,) = [item for item in items if item["type"] == "project.entered"]
        assert (entered["subject_id"], entered["outcome"]) == (project["id"], "done")
        for filters, wanted in (
            ({"log": "security_events"}, lambda item: item["log"] == "security_events"),
            ({"type": "user.added"}, lambda item: item["type"] == "user.added"),
            ({"outcome": "refused"}, lambda item: item["outcome"] == "refused"),
            ({"outcome": "refused", "log": "events"}, lambda item: False),
            ({"subject_id": project["id"]}, lambda item: item["subject_id"] == project["id"]),
            ({"actor_id": denied["actor_id"]}, lambda item: item["actor_id"] == denied["actor_id"]),
            ({"address": "127.0.0.1"}, lambda item: item["address"] == "127.0.0.1"),
            ({"to": "2023-05-31"}, lambda item: item["at"] < "2023-05-31T16"),
            ({"from": "2023-06-01"}, lambda item: item["at"] >= "2023-05-31T16"),
        ):
            answer = await world.client.get("/api/v1/audit", params={**filters, "limit": 200}, headers=auditor)
            found = {item["id"] for item in answer.json()["items"] if item["id"] in {item["id"] for item in items}}
            assert found == {item["id"] for item in items if wanted(item)}, filters
        walked, cursor = [], None
        while True:
            params = {"limit": 7, **({"cursor": cursor} if cursor else {})}
            part = (await world.client.get("/api/v1/audit", params=params, headers=auditor)).json()
            walked += [item["id"] for item in part["items"]]
            cursor = part["next_cursor"]
            if cursor is None:
                break
        assert walked == [item["id"] for item in items]


async def test_an_export_is_a_spreadsheet_and_on_record(world: World) -> None:
    await user(world, "auditor", Role.auditor, display_name="=HYPERLINK(1)")
    auditor = await session_of(world, "auditor")
    key = await token(world, "auditor")
    async with sign_in_required(world):
        await world.client.get("/api/v1/projects", headers=auditor)
        answer = await world.client.get("/api/v1/audit/export", params={"log": "security_events"}, headers=auditor)
        assert answer.headers["content-type"].startswith("text/csv")
        assert "audit.csv" in answer.headers["content-disposition"]
        assert (await world.client.get("/api/v1/audit/export", params={"limit": 1}, headers=key)).status_code == 422
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert "access.denied" in {row["type"] for row in rows}
    assert {row["actor_name"] for row in rows if row["type"] == "access.denied"} == {"'=HYPERLINK(1)"}
    (exported,) = await events(world, SecurityEventType.exported)
    assert (exported.outcome, exported.data["log"]) == ("done", "security_events")


@pytest.mark.parametrize("agent", ["＝1+1", " ＝1+1", "﹢1+1", "＠SUM(A1)"])
async def test_no_agent_of_a_stranger_is_a_formula(world: World, agent: str) -> None:
    await user(world, "auditor", Role.auditor)
    auditor = await session_of(world, "auditor")
    body = {"name": "nobody", "password": "示例"}
    await world.client.post("/api/v1/session", json=body, headers={b"User-Agent": agent.encode()})
    async with sign_in_required(world):
        answer = await world.client.get("/api/v1/audit/export", params={"log": "security_events"}, headers=auditor)
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    (shown,) = {row["user_agent"] for row in rows if row["type"] == "session.sign_in_failed"}
    assert shown.startswith("'")


async def test_nobody_hides_in_the_flood_of_another(world: World) -> None:
    """Denials are counted by actor and operation; an export is never only counted, and is on record before it
    begins."""
    await user(world, "clerk", Role.bureau)
    await user(world, "auditor", Role.auditor)
    clerk, auditor = await session_of(world, "clerk"), await session_of(world, "auditor")
    world.clock.set(2023, 6, 1)
    async with sign_in_required(world):
        for _ in range(15):
            await world.client.get("/api/v1/users", headers=clerk)
            await world.client.get("/api/v1/audit/export", headers=auditor)
        await world.client.get("/api/v1/audit/export", headers=clerk)
    denied = await events(world, SecurityEventType.denied)
    assert [event.data["operation"] for event in denied].count("export_audit") == 1
    exported = await events(world, SecurityEventType.exported)
    assert len([event for event in exported if event.actor_name == "示例人员"]) == 15
    await world.app.state.trail.close()
    (rest,) = [event for event in await events(world, SecurityEventType.denied) if event.count > 1]
    assert (rest.count, rest.actor_id, rest.data["operation"]) == (5, denied[0].actor_id, "list_users")


async def test_asking_for_what_is_not_there_or_not_ones_own_is_on_record(world: World) -> None:
    """Alike for both: neither the answer nor the log distinguishes a record out of scope from one that does not
    exist."""
    two = await two_districts(world)
    world.actor = staff(units=[two.here])
    wanted = [two.projects[0], str(uuid4())]
    for record in wanted:
        assert (await world.send("GET", f"/projects/{record}")).status_code == 404
        assert (await world.send("POST", f"/deals/{record}/approval", {}, version=1)).status_code == 404
        assert (await world.send("GET", f"/leads/{record}/timeline")).status_code == 404
    kept = await events(world, SecurityEventType.not_found)
    assert [str(event.subject_id) for event in kept] == [record for record in wanted for _ in range(3)]
    told = [(event.actor_id, event.outcome, event.subject_type, event.data["operation"]) for event in kept]
    assert told[:3] == told[3:]
    assert told[0] == ("clerk", "refused", "project", "get_project")
    drafted = await world.send("POST", "/deals", {"project_id": two.projects[0], "title": "示例"})
    assert drafted.status_code == 404
    assert (await events(world, SecurityEventType.not_found))[-1].data["operation"] == "draft_deal"
    for _ in range(20):  # a flood is counted
        await world.send("GET", f"/projects/{uuid4()}")
    assert len(await events(world, SecurityEventType.not_found)) < 20
    # What is seen, addresses that do not exist, and mistakes of whoever sees the city leave nothing.
    before = len(await events(world, SecurityEventType.not_found))
    assert (await world.send("GET", f"/projects/{two.own_project}")).status_code == 200
    assert (await world.send("GET", "/nothing/here")).status_code == 404
    assert (await world.send("GET", "/projects/no-id")).status_code == 422
    world.actor = LOCAL_PERSON
    assert (await world.send("GET", f"/projects/{uuid4()}")).status_code == 404
    assert len(await events(world, SecurityEventType.not_found)) == before
