"""Timelines in words: as complete as the log, under the reader's scope, without what was erased."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def told(world: World, path: str, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await world.get(f"{path}/activity", limit=200, **query))["items"]
    return items


async def of_type(world: World, path: str, type: str) -> dict[str, Any]:
    return next(item for item in await told(world, path) if item["type"] == type)


async def test_a_project_is_told_in_words(world: World, city: make.City, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path = f"/projects/{project['id']}"
    body = {"place_unit_id": city.districts[1], "land_area": "350"}
    answer = await world.send("PATCH", path, body, version=project["version"])
    assert answer.status_code == 200, answer.text
    edited = await of_type(world, path, "project.updated")
    assert (edited["kind"], edited["zh"], edited["en"]) == ("field", "修改用地（亩）、落地", "edited: land (mu), place")
    land, place = edited["changes"]
    assert (land["field"], land["from"], land["from_text"]) == ("land_area", None, {"zh": "未填", "en": "empty"})
    assert (place["zh"], place["from_text"]["zh"], place["to_text"]["zh"]) == ("落地", "示例区1", "示例区2")
    assert place["to"] == city.districts[1]
    assert [(ref["type"], ref["name"]) for ref in edited["refs"]] == [("unit", "示例区1"), ("unit", "示例区2")]
    assert edited["actor"] == {"name": "本机用户", "kind": "person"}

    moved = await of_type(world, path, "project.moved")
    assert (moved["kind"], moved["zh"], moved["on"]) == ("stage", "进入“签约”阶段", "2023-02-01")
    drafted = await of_type(world, path, "deal.drafted")
    assert drafted["zh"] == f"起草签约：{deal['code']} 示例投资协议"
    assert [ref["id"] for ref in drafted["refs"]] == [deal["id"]]
    visit = await of_type(world, path, "five_ones.follow_up_added")
    assert (visit["zh"], visit["body"]["zh"]) == ("走访（与投资方）", "示例走访")
    leader = await of_type(world, path, "five_ones.leader_appointed")
    assert (leader["zh"], leader["en"]) == ("确定包保领导：示例干部0", "leader appointed: 示例干部0")


async def test_the_act_that_one_may_undo_says_so(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/projects/{project['id']}"
    pause = {"happened_on": "2023-03-01", "reason": "示例", "resume_expected_on": "2023-12-01"}
    await world.act(path, "pause", pause)

    async def undoable() -> list[str]:
        return [item["type"] for item in await told(world, path) if item["may"] == ["undo"]]

    assert await undoable() == ["project.paused"]
    for other in (clerk(Role.district, units=[city.districts[0]]), clerk(Role.leader)):
        world.actor = other
        assert await undoable() == []
    world.actor = LOCAL_PERSON
    await world.act(path, "reactivation", {"happened_on": "2023-03-10"})
    assert await undoable() == ["project.reactivated"]
    await world.act(path, "undo", None)
    assert await undoable() == ["project.paused"]
    world.clock.moment += timedelta(minutes=16)
    assert await undoable() == []


async def test_the_log_is_told_whole_page_by_page_and_by_kind(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    path = f"/projects/{signed_project[0]['id']}"
    logged = [event["id"] for event in (await world.get(f"{path}/timeline", limit=200))["items"]]
    everything = await told(world, path)
    assert [item["id"] for item in everything] == logged
    paged: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.get(f"{path}/activity", limit=4, **cursor)
        paged += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert paged == logged
    kinds = {item["kind"] for item in everything}
    assert kinds >= {"follow_up", "stage", "deal", "evidence", "people", "plan"}
    for kind in kinds:
        assert await told(world, path, kind=kind) == [item for item in everything if item["kind"] == kind]
    two = await told(world, path, kind="stage,deal")
    assert two == [item for item in everything if item["kind"] in ("stage", "deal")]
    assert await world.count(f"{path}/activity", kind="deal") == len(await told(world, path, kind="deal"))


async def test_a_deal_and_an_official_are_told(world: World, city: make.City, signed_project: make.Signed) -> None:
    _, deal = signed_project
    types = [item["type"] for item in await told(world, f"/deals/{deal['id']}")]
    assert types == ["deal.approved", "deal.drafted"]
    path = f"/officials/{city.officials[0]}"
    phone = {"phone": "13912345678"}
    assert (await world.send("PATCH", path, phone, version=await world.version(path))).status_code == 200
    edited = await of_type(world, path, "official.updated")
    (change,) = edited["changes"]
    assert (change["field"], change["from"], change["to"]) == ("phone", None, None)
    assert change["to_text"] == {"zh": "已更改", "en": "changed"}
    assert "13912345678" not in json.dumps(await told(world, path))


async def test_what_is_erased_is_told_no_more(world: World, city: make.City, signed_project: make.Signed) -> None:
    path = f"/projects/{signed_project[0]['id']}"
    visit = {"kind": "visit", "on": "2023-03-01", "summary": "示例：走访某人", "next_step": "示例：再访某人"}
    await world.post(f"{path}/follow-ups", visit)
    newest = (await told(world, path))[0]
    assert (newest["body"]["zh"], newest["next_step"]) == (visit["summary"], visit["next_step"])
    async with world.database.writing() as session:
        await session.execute(text("DELETE FROM follow_ups WHERE summary = :said"), {"said": visit["summary"]})
    newest = (await told(world, path))[0]
    assert (newest["type"], newest["body"], newest["next_step"]) == ("five_ones.follow_up_added", None, None)
    assert "某人" not in json.dumps(await told(world, path), ensure_ascii=False)


async def test_follow_ups_of_the_lead_are_told_of_its_project(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    visit = {"kind": "talk", "with_investor": True, "on": "2023-06-01", "summary": "示例：首谈"}
    await world.post(f"/leads/{lead['id']}/follow-ups", visit)
    await world.act(f"/leads/{lead['id']}", "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    project = await world.act(f"/leads/{lead['id']}", "conversion", {})
    own = await of_type(world, f"/leads/{lead['id']}", "lead.follow_up_added")
    brought = await of_type(world, f"/projects/{project['id']}", "lead.follow_up_added")
    assert (own["body"]["zh"], brought["body"]["zh"]) == ("示例：首谈", "示例：首谈")
    converted = await of_type(world, f"/leads/{lead['id']}", "lead.converted")
    assert converted["zh"] == f"转为项目：{project['code']} {project['name']}"


async def test_a_project_out_of_scope_is_named_as_another(world: World, city: make.City) -> None:
    here, there = city.districts
    own = await make.make_project(city, unit_id=here, name="示例：本区项目")
    other = await make.make_project(city, unit_id=there, place_unit_id=there, name="示例：邻区机密项目")
    await world.post("/start-batches", {"name": "示例批次", "held_on": "2023-03-01", "project_ids": [own["id"]]})
    body = {"into_id": other["id"], "merged_on": "2023-05-01", "reason": "示例：同一项目"}
    answer = await world.send("POST", f"/projects/{own['id']}/merge", body, version=own["version"])
    assert answer.status_code == 201, answer.text
    path = f"/projects/{own['id']}"
    merged = await of_type(world, path, "project.merged")
    assert merged["zh"] == f"并入{other['code']} 示例：邻区机密项目"
    assert other["id"] in json.dumps(await told(world, path))

    world.actor = clerk(Role.district, units=[here])
    merged = await of_type(world, path, "project.merged")
    assert (merged["zh"], merged["en"], merged["refs"]) == ("并入另一项目", "merged into another project", [])
    left = await of_type(world, path, "project.batch_left")
    assert left["body"] == {"zh": "并入 另一项目：示例：同一项目", "en": "并入 another project：示例：同一项目"}
    said = json.dumps(await told(world, path), ensure_ascii=False)
    assert not [secret for secret in (other["id"], other["code"], "机密") if secret in said]


async def test_who_deals_with_an_enterprise_is_for_the_bureau(world: World, city: make.City) -> None:
    path = f"/enterprises/{city.investor}"
    await world.post(f"{path}/contacts", make.CONTACT)
    assert [item["type"] for item in await told(world, path)] == ["enterprise.contact_added", "enterprise.created"]
    world.actor = clerk(Role.district, units=[city.districts[0]])
    (created,) = await told(world, path)
    assert (created["type"], created["actor"]) == ("enterprise.created", None)
    assert LOCAL_PERSON.name not in json.dumps(created, ensure_ascii=False)


async def test_what_is_out_of_scope_has_no_timeline(world: World, city: make.City, signed_project: make.Signed) -> None:
    project, deal = signed_project
    lead = await make.make_lead(city)
    world.actor = clerk(Role.district, units=[city.districts[1]])
    for path in (f"/projects/{project['id']}", f"/deals/{deal['id']}", f"/leads/{lead['id']}"):
        assert (await world.client.get(f"/api/v1{path}/activity")).status_code == 404


async def test_what_is_taken_back_or_corrected_is_named(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    _, deal = signed_project
    other = await make.make_project(city)
    path = f"/projects/{other['id']}"
    await make.give_five_ones(city, other["id"])
    await make.move(city, other["id"], "negotiating", "2023-01-10")
    await make.add_evidence(city, other["id"], "site_secured")
    moves, (evidence,) = await world.get(f"{path}/moves"), await world.get(f"{path}/evidence")
    last = next(move for move in moves if move["to_stage"] == "negotiating")
    redated = {"happened_on": "2023-01-09", "reason": "示例"}
    await world.act(path, f"moves/{last['id']}/correction", redated)
    await world.act(path, f"moves/{last['id']}/correction", {"withdraw": True, "reason": "示例"})
    await world.act(path, "pause", {"happened_on": "2023-05-01", "reason": "示例", "resume_expected_on": "2023-12-01"})
    paused = (await world.get(f"{path}/moves"))[-1]
    await world.act(path, f"moves/{paused['id']}/correction", {"withdraw": True, "reason": "示例"})
    await world.post(f"{path}/evidence/{evidence['id']}/void", {"reason": "示例"}, status=200)
    corrected = {"amount": "900000000.00", "reason": "示例"}
    await world.act(f"/deals/{deal['id']}", "corrections", corrected)
    said = {item["type"]: (item["zh"], item["en"]) for item in await told(world, path)}
    assert said["project.move_corrected"][0] == "更正进入“在谈”阶段的日期为 2023-01-09"
    undone = [item["zh"] for item in await told(world, path) if item["type"] == "project.move_withdrawn"]
    assert undone == ["撤销变动，从暂缓回到正常", "撤销变动，从“在谈”回到“研判入库”"]
    assert said["project.evidence_voided"][0].startswith("依据“")
    assert "(" not in said["project.evidence_voided"][1]
    told_of_deal = await of_type(world, f"/deals/{deal['id']}", "deal.corrected")
    assert told_of_deal["zh"] == f"更正签约（{deal['code']} 示例投资协议）：金额"
    kinds = (await world.get(f"{path}/activity", limit=1, kind="stage", **{"with": "kinds"}))["kinds"]
    counted_kinds = {kind: 0 for kind in kinds}
    for item in await told(world, path):
        counted_kinds[item["kind"]] += 1
    assert kinds == counted_kinds
    assert kinds["evidence"] == 2
    assert (await world.get(f"{path}/activity"))["kinds"] is None


async def test_a_page_takes_three_statements_and_one_where_an_act_is_recent(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    lead = await make.make_lead(city)
    for path in (
        f"/projects/{project['id']}",
        f"/deals/{deal['id']}",
        f"/leads/{lead['id']}",
        f"/enterprises/{city.investor}",
        f"/officials/{city.officials[0]}",
    ):
        with counted(world) as statements:
            await told(world, path)
        assert len(statements) <= 3 + path.startswith("/projects"), path
