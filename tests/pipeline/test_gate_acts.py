"""Each act that a gate names is a request that can be sent, and meets the gate."""

from itertools import count
from typing import Any

import pytest

from app.accounts.roles import Role
from app.pipeline import gate_acts
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.pipeline.test_gates import CASES, ON, lacking

pytestmark = pytest.mark.anyio

_numbers = count(1)
SEVERAL = {
    "intent": {"add_project_evidence", "draft_deal"},
    "code_or_arrival": {"update_project", "add_project_evidence"},
    "project_approved": {"update_project", "add_project_evidence"},
    "reported_since_start": {"add_follow_up", "report_milestone"},
}
"""Gates that several operations meet."""


def filled(city: make.City, act: dict[str, Any]) -> dict[str, Any]:
    """Returns the body of an act with the fields that it requires, and two that show in what meets the gate."""
    people = city.officials
    stages = ("landed", "started", "completed", "operating")
    values = {
        "on": ON,
        "value": "85",
        "document_no": f"示例凭证{next(_numbers)}号",
        "reason": "示例",
        "kind": "visit",
        "summary": "示例",
        "official_id": people[0],
        "opened_on": "2023-01-02",
        "lead_unit_id": city.city,
        "leader_id": people[1],
        "contact_id": people[2],
        "members": [{"official_id": people[2]}, {"official_id": people[3]}],
        "title": "示例",
        "milestones": [{"name": stage, "leads_to": stage, "planned_on": "2024-06-30"} for stage in stages],
        "national_code": "2302-210400-04-01-123456",
        "agreement_no": f"示例{next(_numbers)}号",
        "signed_on": ON,
        "agreed_amount": "100.00",
        "forecast_on": "2024-06-30",
        "actual_on": ON,
        "note": "示例",
        "converted_on": ON,
        "document": "示例",
        "ruled_on": ON,
        "happened_on": "2023-05-30",
        "industry_code": "26",
        "place_unit_id": city.districts[0],
        "unit_id": city.districts[0],
        "investor_id": city.investor,
        "credit_code": make.credit_code(900_000 + next(_numbers)),
        "country": "DE",
        "registration_no": f"示例{next(_numbers)}",
    }
    assert set(act["required"]) <= set(act["fields"])
    given = {
        name: values[name] for name in act["fields"] if name in act["required"] or name in ("opened_on", "document_no")
    }
    return {**given, **act["body"]}


async def do(city: make.City, act: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Sends the request of an act, in the present version of its record. Returns its body."""
    world = city.world
    path = act["path"].removeprefix("/api/v1")
    record = "/".join(path.split("/")[:3])
    version = await world.version(record) if record.count("/") == 2 else None
    body = filled(city, act) | more
    answer = await world.send(act["method"], path, body, version=version)
    assert answer.status_code in (200, 201), f"{act} {answer.text}"
    return body


async def gate_of(world: World, path: str, code: str, **query: str) -> dict[str, Any]:
    [gate] = [gate for gate in (await world.get(f"{path}/gates", **query))["gates"] if gate["code"] == code]
    return dict(gate)


async def meets(city: make.City, project: str, code: str, index: int, **query: str) -> int:
    """Does one of the acts of a gate, with those it leads to. Asserts that the gate is met by a record. Returns the
    number of acts there were."""
    world, path = city.world, f"/projects/{project}"
    gate = await gate_of(world, path, code, **query)
    acts = gate["acts"]
    assert acts
    assert not gate["is_met"]
    assert gate["met_by"] is None
    assert {act["operation"] for act in acts} >= SEVERAL.get(code, set())
    for _ in range(8):
        act = gate["acts"][min(index, len(gate["acts"]) - 1)]
        assert act["may"] is None
        sent = await do(city, act)
        gate = await gate_of(world, path, code, **query)
        if gate["is_met"]:
            break
    assert gate["is_met"], gate
    assert gate["acts"] == []
    assert gate["met_by"]["id"] is not None
    assert gate["met_by"]["document_no"] == (sent.get("document_no") if gate["met_by"]["type"] == "evidence" else None)
    return len(acts)


@pytest.mark.parametrize(
    ("program", "stage", "gate"), [case for case in CASES if case[0] == "promotion" or case[2] == "project_approved"]
)
async def test_each_act_of_a_gate_meets_it(world: World, program: str, stage: str, gate: str) -> None:
    city = await make.make_city(world)
    index, number = 0, 1
    while index < number:
        project = await lacking(city, program, gate)
        await make.add_evidence(city, project, "legality_review")
        number = await meets(city, project, gate, index, to=stage, happened_on=ON)
        index += 1


@pytest.mark.parametrize("gate", ["procedure_list", "forecasts"])
async def test_the_acts_of_a_warning_meet_it(world: World, gate: str) -> None:
    city = await make.make_city(world)
    project = await lacking(city, "promotion", "")
    await meets(city, project, gate, 0, to="at_capacity", happened_on="2023-05-30")


@pytest.mark.parametrize(("gate", "first"), [("follow_up_in_time", "screened"), ("reported_since_start", "started")])
async def test_each_report_meets_what_wants_one(world: World, gate: str, first: str) -> None:
    """A follow-up counts on its own day, a milestone report on the day it was made."""
    city = await make.make_city(world)
    operations = {"add_follow_up", "report_milestone"} if gate in SEVERAL else {"add_follow_up"}
    for operation in sorted(operations):
        project = await lacking(city, "promotion", "")
        if first != "screened":
            await make.move(city, project, first, ON, catch_up=True)
        query = {"to": "at_capacity", "happened_on": "2023-06-01"}
        shown = await gate_of(world, f"/projects/{project}", gate, **query)
        assert {act["operation"] for act in shown["acts"]} == operations
        act = next(act for act in shown["acts"] if act["operation"] == operation)
        await do(city, act, **({"on": "2023-05-29"} if operation == "add_follow_up" else {}))
        met = await gate_of(world, f"/projects/{project}", gate, **query)
        kind = "follow_up" if operation == "add_follow_up" else "milestone_report"
        assert (met["is_met"], met["met_by"]["type"], met["acts"]) == (True, kind, [])


async def test_the_approval_of_a_deal_names_its_acts(world: World) -> None:
    city = await make.make_city(world)
    project = await make.make_project(city, investor_id=await make.make_investor(world, credit_code=None))
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
    path = f"/deals/{draft['id']}"
    codes = [gate["code"] for gate in (await world.get(f"{path}/gates"))["gates"] if not gate["is_met"]]
    assert codes == [
        "signed_on",
        "agreed_amount",
        "agreement_no",
        "investor_identified",
        "legality_review",
        "fair_competition_review",
    ]
    for code in codes:
        gate = await gate_of(world, path, code)
        await do(city, gate["acts"][-1])
        met = await gate_of(world, path, code)
        assert (met["is_met"], met["acts"]) == (True, [])
        assert met["met_by"]["id"] is not None
    assert (await world.get(f"{path}/gates"))["is_open"]


async def test_an_act_says_who_may_do_it(world: World) -> None:
    city = await make.make_city(world)
    project = await lacking(city, "promotion", "formal_deal")
    path = f"/projects/{project}"
    member = clerk(Role.district, units=[city.districts[1]], official=city.officials[3])
    draft = await world.post("/deals", {"project_id": project, "title": "示例"})
    for actor, operation, code in (
        (LOCAL_PERSON, "approve_deal", None),
        (clerk(Role.district, units=[city.districts[0]]), "approve_deal", "forbidden"),
        (member, "approve_deal", "forbidden"),
    ):
        world.actor = actor
        [act] = (await gate_of(world, path, "formal_deal", to="signed"))["acts"]
        assert (act["operation"], act["path"]) == (operation, f"/api/v1/deals/{draft['id']}/approval")
        assert (act["may"] and act["may"]["code"]) == code
    shown = await world.get(f"{path}/gates")
    assert {move["refused"]["code"] for move in shown["moves"]} == {"owner_decides"}


async def test_the_requests_are_those_of_the_document(world: World) -> None:
    document = world.app.openapi()["paths"]
    named = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document.items()
        for method, operation in methods.items()
    }
    for operation, (method, path) in gate_acts._REQUESTS.items():
        parts = path.replace("{beneath}", "{}").replace("{project}", "{}").replace("{lead}", "{}")
        found = named[operation]
        assert (method, parts.count("/")) == (found[0], found[1].removeprefix("/api/v1").count("/"))
        assert [part for part in parts.split("/") if part != "{}"] == [
            part for part in found[1].removeprefix("/api/v1").split("/") if "{" not in part
        ]


async def test_gates_of_a_phase_do_not_name_what_its_parent_has_out_of_sight(world: World) -> None:
    city = await make.make_city(world)
    here, there = city.districts
    parent, deal = await make.make_signed(city, unit_id=here, place_unit_id=here)
    path = f"/projects/{parent['id']}"
    body = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-03-01", "continues_parent": False}
    answer = await world.send("POST", f"{path}/phases", {**body, "unit_id": there}, version=await world.version(path))
    phase = answer.json()["id"]
    kept = await world.get(f"{path}/evidence")
    draft = {"project_id": parent["id"], "kind": "framework", "title": "示例", "signed_on": "2023-03-02"}
    draft = await world.post("/deals", draft)
    named = [deal["id"], deal["code"], draft["id"], draft["code"], *(row["id"] for row in kept)]
    everything = (await world.get(f"/projects/{phase}/gates", to="signed"))["gates"]
    assert deal["code"] in str(everything)
    world.actor = clerk(Role.district, units=[there])
    assert (await world.send("GET", path)).status_code == 404
    for stage in ("signed", "landed", "framework"):
        for way in ("gates", "targets"):
            asked = {"to": stage} if way == "gates" else {}
            answer = await world.client.get(f"/api/v1/projects/{phase}/{way}", params=asked)
            assert answer.status_code == 200
            assert not [name for name in named if name in answer.text], (stage, way)
    mine = (await world.get(f"/projects/{phase}/gates", to="signed"))["gates"]
    assert [gate["is_met"] for gate in mine] == [gate["is_met"] for gate in everything], "they meet all the same"


async def test_what_is_met_on_a_later_day_asks_for_the_whole_move_again(world: World) -> None:
    city = await make.make_city(world)
    project = await lacking(city, "promotion", "")
    for to, body in (("negotiating", {"to": "negotiating"}), ("signed", {"to": "signed", "catch_up": True})):
        gates = (await world.get(f"/projects/{project}/gates", to=to, happened_on="2023-01-01"))["gates"]
        moves = [act for gate in gates for act in gate["acts"] if act["operation"] == "move_project"]
        assert moves
        for act in moves:
            assert act["body"] == body
    act["body"]["happened_on"] = ON
    await do(city, act)
