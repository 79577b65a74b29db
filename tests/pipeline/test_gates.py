"""A project that meets every gate but one is refused for exactly that one, in a single move and in a catch-up."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app import stored_keys
from app.projects.models import Project
from tests.conftest import World
from tests.factories import city as make
from tests.factories.controls import confirmed

pytestmark = pytest.mark.anyio

ON = "2023-02-02"
KINDS = {
    "intent": "letter_of_intent",
    "local_company": "local_company",
    "code_or_arrival": "arrival_audited",
    "site_secured": "site_secured",
    "project_approved": "project_approval",
    "permit": "construction_permit",
    "acceptance": "acceptance",
    "production": "production",
    "capacity": "above_threshold",
}
PROMOTION = (
    ("negotiating", "investor_contact"),
    ("negotiating", "leader"),
    ("negotiating", "team"),
    ("negotiating", "plan"),
    ("framework", "intent"),
    ("signed", "formal_deal"),
    ("signed", "milestones_planned"),
    ("landed", "local_company"),
    ("landed", "code_or_arrival"),
    ("landed", "site_secured"),
    ("started", "permit"),
    ("completed", "acceptance"),
    ("operating", "production"),
    ("at_capacity", "capacity"),
)
CONSTRUCTION = (
    ("preparing", "leader"),
    ("preparing", "team"),
    ("preparing", "plan"),
    ("preparing", "project_approved"),
    ("started", "permit"),
    ("completed", "acceptance"),
    ("operating", "production"),
    ("at_capacity", "capacity"),
)
CASES = [("promotion", *case) for case in PROMOTION] + [("construction", *case) for case in CONSTRUCTION]


async def lacking(city: make.City, program: str, gate: str) -> str:
    """Makes a project at `screened` that meets every gate of its program but this one."""
    world, people = city.world, city.officials
    project = await make.make_project(city, program=program)
    path = f"/projects/{project['id']}"
    visit = {"kind": "visit", "with_investor": gate != "investor_contact", "on": "2023-01-20", "summary": "示例"}
    await world.post(f"{path}/follow-ups", visit)
    if gate != "leader":
        await world.post(f"{path}/leaders", {"official_id": people[0], "opened_on": "2023-01-02"})
    if gate != "team":
        team = {
            "lead_unit_id": city.city,
            "leader_id": people[1],
            "contact_id": people[2],
            "members": [{"official_id": people[2]}, {"official_id": people[3]}],
            "opened_on": "2023-01-02",
        }
        await world.post(f"{path}/teams", team)
    stages = ["landed", "started", "completed", "operating"][program == "construction" :]
    if gate == "milestones_planned":
        stages = stages[:-1]
    if gate != "plan":
        milestones = [{"name": stage, "leads_to": stage, "planned_on": "2024-06-30"} for stage in stages]
        await world.post(f"{path}/plans", {"title": "示例方案", "milestones": milestones}, version=1)
    await make.add_evidence(city, project["id"], *(kind for name, kind in KINDS.items() if name != gate))
    if program != "construction" and gate != "formal_deal":
        await make.make_deal(city, project["id"])
    return str(project["id"])


def blocking(answer: dict[str, Any]) -> list[str]:
    return [gate["code"] for gate in answer["gates"] if not gate["is_met"] and gate["strictness"] == "block"]


@pytest.mark.parametrize(("program", "stage", "gate"), CASES)
async def test_a_gate_alone_refuses_and_is_named(
    world: World, city: make.City, program: str, stage: str, gate: str
) -> None:
    """From `screened` in a catch-up, and step by step; without a plan the planned milestones are missing too."""
    project = await lacking(city, program, gate)
    path = f"/projects/{project}"
    last = stage if gate == "intent" else "at_capacity"
    wanted = [gate, "milestones_planned"] if (program, gate) == ("promotion", "plan") else [gate]
    body = {"to": last, "happened_on": ON, "catch_up": True}
    refused = await world.send("POST", f"{path}/moves", body, version=await world.version(path))
    assert (refused.status_code, refused.json()["code"]) == (409, "gates_unmet")
    assert [unmet["code"] for unmet in refused.json()["gates"]] == wanted
    listed = await world.get(f"{path}/gates", to=last, happened_on=ON)
    assert (listed["is_open"], blocking(listed)) == (False, wanted)
    assert [unmet for unmet in listed["gates"] if unmet["code"] in wanted] == refused.json()["gates"]
    for _ in range(10):
        shown = await world.get(f"{path}/gates", happened_on=ON, **({"to": stage} if gate == "intent" else {}))
        step = {"to": shown["to"], "happened_on": ON, "catch_up": gate == "intent"}
        answer = await world.send("POST", f"{path}/moves", step, version=shown["version"])
        assert answer.status_code == (201 if shown["is_open"] else 409)
        if answer.status_code == 409:
            assert (shown["to"], blocking(shown)) == (stage, [gate])
            assert [unmet["code"] for unmet in answer.json()["gates"]] == [gate]
            break
    else:
        pytest.fail("nothing was refused")


@pytest.mark.parametrize(
    ("gate", "named"),
    [
        ("assessed", {"direct_entry_reason": None}),
        ("industry", {"industry_code": None}),
        ("place", {"place_unit_id": None}),
        ("unit_in_charge", {"unit_id": None}),
    ],
)
async def test_entry_has_gates_too(world: World, city: make.City, gate: str, named: dict[str, Any]) -> None:
    body = {
        "name": "示例项目",
        "unit_id": city.districts[0],
        "place_unit_id": city.districts[0],
        "industry_code": "26",
        "direct_entry_reason": "示例",
    }
    refused = await world.send("POST", "/projects", {**body, **named})
    assert (refused.status_code, [unmet["code"] for unmet in refused.json()["gates"]]) == (409, [gate])
    [act] = refused.json()["gates"][0]["acts"]
    assert (act["operation"], act["path"], act["fields"]) == ("enter_project", "/api/v1/projects", list(named))
    assert (await world.get("/projects"))["items"] == []
    await world.post("/projects", body)


@pytest.mark.parametrize("program", ["promotion", "construction"])
async def test_a_warning_does_not_block(world: World, city: make.City, program: str) -> None:
    """No list of procedures, no forecasts, no report since the start, the last follow-up long ago."""
    project = await lacking(city, program, "")
    path = f"/projects/{project}"
    day = "2023-05-20"
    listed = await world.get(f"{path}/gates", to="at_capacity", happened_on=day)
    warned = [gate["code"] for gate in listed["gates"] if not gate["is_met"]]
    common = ["forecasts", "reported_since_start"]
    assert warned == (["follow_up_in_time", "procedure_list", *common] if program == "promotion" else common)
    assert listed["is_open"]
    found = await make.move(city, project, "at_capacity", day, catch_up=True)
    assert found["stage"] == "at_capacity"


async def test_a_loosened_gate_no_longer_blocks(world: World, city: make.City) -> None:
    project = await lacking(city, "promotion", "team")
    body = {
        "name_zh": "在谈",
        "name_en": "negotiating",
        "limits": [],
        "gates": [{"code": "team", "strictness": "warn"}],
        "reason": "示例",
    }
    path = f"/projects/{project}"
    step = {"to": "negotiating", "happened_on": ON}
    version = await world.version(path)
    assert (await world.send("POST", f"{path}/moves", step, version=version)).status_code == 409
    await confirmed(world, await world.send("PUT", "/pipeline/stages/negotiating", body, version=1))
    found = await world.post(f"{path}/moves", step, version=version)
    assert (found["stage"], found["due_on"]) == ("negotiating", None)
    tightened = {**body, "gates": [{"code": "no_such_gate", "strictness": "warn"}]}
    unknown = await world.send("PUT", "/pipeline/stages/negotiating", tightened, version=2)
    assert unknown.json()["errors"][0]["code"] == "unknown_gate"


async def test_a_deal_signed_later_does_not_open_the_gate(world: World, city: make.City) -> None:
    project = await lacking(city, "promotion", "formal_deal")
    await make.make_deal(city, project, signed_on="2023-02-10")
    path = f"/projects/{project}"
    for day, met in (("2023-02-09", False), ("2023-02-10", True)):
        assert (await world.get(f"{path}/gates", to="signed", happened_on=day))["is_open"] is met
    early = {"to": "signed", "happened_on": "2023-02-09", "catch_up": True}
    refused = await world.send("POST", f"{path}/moves", early, version=await world.version(path))
    assert [unmet["code"] for unmet in refused.json()["gates"]] == ["formal_deal"]
    forced = {**early, "override": {"gates": ["formal_deal"], "reason": "示例"}}
    still = await world.send("POST", f"{path}/moves", forced, version=await world.version(path))
    assert (still.status_code, still.json()["code"]) == (409, "gates_unmet")


async def test_what_came_later_opened_no_gate_then(world: World, city: make.City, signed_project: make.Signed) -> None:
    """Evidence, contact, leader and team of May do not let a project land, or enter talks, in March."""
    project, _ = signed_project
    path = f"/projects/{project['id']}"
    await make.add_evidence(city, project["id"], "local_company", "project_code", "site_secured", on="2023-05-30")
    body = {"to": "landed", "happened_on": "2023-03-10"}
    refused = await world.send("POST", f"{path}/moves", body, version=await world.version(path))
    assert [gate["code"] for gate in refused.json()["gates"]] == ["local_company", "code_or_arrival", "site_secured"]
    acts = [act for gate in refused.json()["gates"] for act in gate["acts"]]
    assert {(act["operation"], *act["fields"]) for act in acts} == {("move_project", "happened_on")}
    assert "2023-03-10" in refused.json()["gates"][0]["missing_zh"]
    await make.move(city, project["id"], "landed", "2023-05-30")
    late = await make.make_project(city)
    await make.give_five_ones(city, late["id"], "2023-05-20")
    path = f"/projects/{late['id']}"
    body = {"to": "negotiating", "happened_on": "2023-01-03"}
    refused = await world.send("POST", f"{path}/moves", body, version=await world.version(path))
    assert [gate["code"] for gate in refused.json()["gates"]] == ["investor_contact", "leader", "team"]
    await make.move(city, late["id"], "negotiating", "2023-05-20")


async def test_a_leader_handed_over_since_was_in_charge_then(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    path = f"/projects/{project['id']}"
    over = {"official_id": city.officials[4], "opened_on": "2023-05-01", "note": "示例"}
    await world.act(path, "leader-handovers", over)
    await make.move(city, project["id"], "negotiating", "2023-04-15")


async def test_a_framework_deal_opens_its_gate_from_its_day_on(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    await make.move(city, project["id"], "negotiating", "2023-01-05")
    await make.make_deal(city, project["id"], kind="framework", signed_on="2023-05-01")
    path = f"/projects/{project['id']}"
    body = {"to": "framework", "happened_on": "2023-02-01"}
    refused = await world.send("POST", f"{path}/moves", body, version=await world.version(path))
    assert [gate["code"] for gate in refused.json()["gates"]] == ["intent"]
    await make.move(city, project["id"], "framework", "2023-05-01")


async def test_a_move_is_not_redated_to_a_day_on_which_its_gates_were_shut(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    """Else a landing of May could be corrected into a quarter in which there was no company."""
    project, _ = signed_project
    path = f"/projects/{project['id']}"
    await make.add_evidence(city, project["id"], "local_company", "project_code", "site_secured", on="2023-05-03")
    await make.move(city, project["id"], "landed", "2023-05-04")
    landed = (await world.get(f"{path}/moves"))[-1]
    verb = f"{path}/moves/{landed['id']}/correction"
    early = {"happened_on": "2023-03-20", "reason": "示例"}
    refused = await world.send("POST", verb, early, version=await world.version(path))
    assert (refused.status_code, refused.json()["code"]) == (409, "gates_unmet")
    assert [gate["code"] for gate in refused.json()["gates"]] == ["local_company", "code_or_arrival", "site_secured"]
    await world.post(verb, {**early, "happened_on": "2023-05-03"}, version=await world.version(path))
    await world.holds()


async def test_what_was_overridden_stays_so_on_another_day(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, _ = signed_project
    path = f"/projects/{project['id']}"
    gates = ["local_company", "code_or_arrival", "site_secured"]
    await make.move(city, project["id"], "landed", "2023-05-04", override={"gates": gates, "reason": "示例"})
    landed = (await world.get(f"{path}/moves"))[-1]
    early = {"happened_on": "2023-03-20", "reason": "示例"}
    await world.act(path, f"moves/{landed['id']}/correction", early)
    await world.holds()


NAMES = (
    ("示例：年产1.5万吨碳纤维项目", "示例：年产15万吨碳纤维项目", False),
    ("示例C++软件园", "示例C软件园", False),
    ("示例1-2号标准厂房", "示例12号标准厂房", False),
    ("示例储能电站工程", "示例 储能電站工程", True),
    ("示例（抚顺）ABB电气", "示例抚顺\u0410BB电气", True),
)


async def test_the_gate_of_duplicates_goes_by_the_key_of_names(world: World, city: make.City) -> None:
    """Both were entered before this comparison existed, so no ruling was asked for. A ruling now meets the gate."""
    body = {"program": "both", "effective_on": "2023-05-01", "reason": "示例"}
    for number, (one, other, is_same) in enumerate(NAMES):
        code = make.credit_code(70 + number)
        investor = await make.make_investor(world, name=make.distinct_name("投资方"), credit_code=code)
        await make.make_project(city, name=one)
        project = await make.make_project(city, investor_id=investor)
        path = f"/projects/{project['id']}"
        async with world.database.writing() as session:
            its = update(Project).where(Project.id == UUID(project["id"]))
            await session.execute(its.values(name=other, name_normalized="before the rule"))
        await stored_keys.renew(world.database)
        answer = await world.send("POST", f"{path}/program-changes", body, version=await world.version(path))
        assert answer.status_code == (409 if is_same else 201), answer.text
        if is_same:
            assert [gate["code"] for gate in answer.json()["gates"]] == ["duplicates_ruled"]
            ruling = {"duplicate_ruling": "示例：确非重复"}
            assert (await world.send("PATCH", path, ruling, version=await world.version(path))).status_code == 200
            await world.act(path, "program-changes", body)


async def test_the_gate_of_duplicates_sees_what_a_merge_of_investors_makes_alike(world: World, city: make.City) -> None:
    """Names of two investors may be alike; of one they may not."""
    investor = await make.make_investor(world, name="示例：另一投资方", credit_code=None)
    name = "示例年产两万吨电解液添加剂扩建项目"
    await make.make_project(city, name=f"{name}甲")
    path = f"/projects/{(await make.make_project(city, name=f'{name}乙', investor_id=investor))['id']}"
    body = {"program": "both", "effective_on": "2023-05-01", "reason": "示例"}
    merge = {"into_id": city.investor, "reason": "示例"}
    await world.act(f"/enterprises/{investor}", "merge", merge)
    answer = await world.send("POST", f"{path}/program-changes", body, version=await world.version(path))
    assert (answer.status_code, [gate["code"] for gate in answer.json()["gates"]]) == (409, ["duplicates_ruled"])
    ruling = {"duplicate_ruling": "示例：确非重复"}
    assert (await world.send("PATCH", path, ruling, version=await world.version(path))).status_code == 200
    await world.act(path, "program-changes", body)
    await world.holds()
