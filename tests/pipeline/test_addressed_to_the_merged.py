"""A message or act on a merged record reaches its successor, or is answered with the successor's code."""

from typing import Any

import pytest

from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.webhooks.sender import Sender, inbox, source, work_off

pytestmark = pytest.mark.anyio


async def merge(world: World, merged: str, into: str) -> Any:
    return await world.act(f"/projects/{merged}", "merge", {"into_id": into, "reason": "示例"})


async def report(sender: Sender, version: int, code: str, external_id: str = "P-900") -> None:
    told = {"id": external_id, "version": version, "code": code, "on": "2023-03-01", "summary": f"示例{version}"}
    assert (await sender.send("project.progress", told)).status_code == 202
    await work_off(sender.world)


async def test_a_message_about_a_merged_project_reaches_its_successor(world: World, city: make.City) -> None:
    """By the source's own id and by our old code, through two merges."""
    first, second, third = [await make.make_project(city) for _ in range(3)]
    sender = await source(world)
    await report(sender, 1, first["code"])
    await merge(world, first["id"], second["id"])
    await merge(world, second["id"], third["id"])
    await report(sender, 2, first["code"])
    await report(sender, 1, first["code"], "P-901")
    move = {"id": "P-900", "sequence": 1, "to": "negotiating", "happened_on": "2023-03-02"}
    await make.give_five_ones(city, third["id"])
    assert (await sender.send("project.moved", move)).status_code == 202
    signed = {"id": "D-1", "sequence": 1, "project": {"id": "P-901"}, "title": "示例", "signed_on": "2023-03-01"}
    assert (await sender.send("deal.signed", {**signed, "agreed_amount": "5.00"})).status_code == 202
    await work_off(world)
    messages = await inbox(world)
    assert [message["state"] for message in messages] == ["applied"] * 5
    here, instead = {"type": "project", "id": third["id"], "instead_of": None}, {"instead_of": first["id"]}
    assert [message["changed"] for message in messages[:4]] == [
        [{**here, "id": first["id"]}],
        [{**here, **instead}],
        [{**here, **instead}],
        [here],
    ]
    assert (await world.get(f"/projects/{third['id']}"))["stage"] == "negotiating"
    (deal,) = (await world.get("/deals", project_id=third["id"]))["items"]
    assert messages[4]["changed"] == [{**here, "type": "deal", "id": deal["id"]}]
    # An object linked by hand to a merged record is linked to its successor.
    await world.post(f"/inbox/{messages[1]['id']}/link", {"record_id": first["id"]}, status=200)
    await report(sender, 3, first["code"])
    assert (await inbox(world))[-1]["changed"] == [here]
    await world.holds()


async def test_a_successor_out_of_reach_parks_the_message(world: World, city: make.City) -> None:
    here, there = city.districts
    first = await make.make_project(city)
    second = await make.make_project(city, unit_id=there, place_unit_id=there)
    sender = await source(world, unit_id=here)
    await merge(world, first["id"], second["id"])
    await report(sender, 1, first["code"])
    (message,) = await inbox(world)
    assert (message["state"], message["errors"][0]["code"]) == ("parked", "merged_out_of_reach")
    assert second["code"] not in str(message["errors"])
    assert await world.count(f"/projects/{second['id']}/follow-ups") == 0


FOLLOW_UP = {"kind": "progress", "on": "2023-03-01", "summary": "示例"}
ACTS: list[tuple[str, Any, bool]] = [
    ("follow-ups", FOLLOW_UP, False),
    ("amounts", {"kind": "filed", "value": "1.00", "effective_on": "2023-03-01", "source": "示例"}, False),
    ("evidence", {"kind": "legality_review", "on": "2023-03-01"}, False),
    ("contacts", make.CONTACT, False),
    ("work-resumptions", {"on": "2023-03-01"}, False),
    ("work-resumptions/2023/withdrawal", {"reason": "示例"}, False),
    ("moves", {"to": "negotiating", "happened_on": "2023-06-01"}, True),
    ("pause", {"happened_on": "2023-06-01", "reason": "示例", "resume_expected_on": "2023-09-01"}, True),
    ("reactivation", {"happened_on": "2023-06-01", "reason": "示例"}, True),
    ("termination", {"happened_on": "2023-06-01", "reason_code": "market", "reason": "示例"}, True),
    ("reinstatement", {"reason": "示例"}, True),
    ("phases", {"name": "示例一期", "phase_no": 1, "from_on": "2023-06-01"}, True),
]


async def test_people_are_told_the_code_of_the_successor(world: World, city: make.City) -> None:
    first, second, third = [await make.make_project(city) for _ in range(3)]
    await merge(world, first["id"], second["id"])
    await merge(world, second["id"], third["id"])
    path = f"/projects/{first['id']}"
    version = await world.version(path)
    for verb, body, wants_version in ACTS:
        for language, said in (("en", "deal with that one"), ("zh", "请在那里办理")):
            answer = await world.send(
                "POST", f"{path}/{verb}", body, version=version if wants_version else None, Accept_Language=language
            )
            assert answer.status_code == 409, (verb, answer.text)
            problem = answer.json()
            assert f"{third['code']}" in problem["detail"], (verb, problem)
            assert said in problem["detail"]
            assert problem["successor"]["code"] == third["code"], verb
    for method, below, body in (
        ("PATCH", "", {"short_name": "示例"}),
        ("PUT", "/capacities", {"items": []}),
    ):
        answer = await world.send(method, f"{path}{below}", body, version=version)
        assert (answer.status_code, answer.json()["successor"]["code"]) == (409, third["code"])
    for listed in (f"/plan-lists/2023/projects/{first['id']}", f"/plan-lists/2023/projects/{first['id']}/withdrawal"):
        answer = await world.send("POST", listed, {"source": "示例"} if "with" not in listed else {"reason": "示例"})
        assert (answer.status_code, answer.json()["successor"]["code"]) == (409, third["code"])
    draft = {"project_id": first["id"], "title": "示例", "signed_on": "2023-03-01", "agreed_amount": "1.00"}
    assert (await world.send("POST", "/deals", draft)).json()["successor"]["id"] == third["id"]
    dry = await world.get(f"{path}/merge", into_id=third["id"])
    assert third["code"] in dry["conflicts"][0]["en"]
    read = await world.get(path)
    assert (read["merged_into_code"], read["successor"]["code"]) == (second["code"], third["code"])
    assert (await world.get(f"/projects/{third['id']}"))["successor"] is None


async def test_a_terminated_project_is_told_as_before(world: World, city: make.City) -> None:
    ended = await make.make_project(city)
    end = {"happened_on": "2023-05-01", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{ended['id']}", "termination", end)
    answer = await world.send("POST", f"/projects/{ended['id']}/follow-ups", FOLLOW_UP, Accept_Language="en")
    assert (answer.status_code, answer.json()["code"]) == (409, "project_ended")
    assert "undo a mistaken termination" in answer.json()["detail"]
    assert "successor" not in answer.json()


async def test_a_successor_out_of_scope_is_not_named(world: World, city: make.City) -> None:
    here, there = city.districts
    first = await make.make_project(city)
    second = await make.make_project(city, unit_id=there, place_unit_id=there)
    await merge(world, first["id"], second["id"])
    world.actor = staff(units=[here])
    answer = await world.send("POST", f"/projects/{first['id']}/follow-ups", FOLLOW_UP, Accept_Language="en")
    assert (answer.status_code, answer.json()["code"]) == (409, "project_ended")
    assert "ask the bureau" in answer.json()["detail"]
    assert second["code"] not in answer.text
    assert second["name"] not in answer.text
    read = await world.get(f"/projects/{first['id']}")
    assert (read["merged_into_code"], read["successor"]) == (None, None)
    world.actor = LOCAL_PERSON


async def test_a_lead_whose_project_was_merged_names_what_it_is_now(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    path = f"/leads/{lead['id']}"
    await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    became = await world.act(path, "conversion", {})
    assert (await world.get(path))["successor"]["code"] == became["code"]
    true = await make.make_project(city)
    await merge(world, became["id"], true["id"])
    read = await world.get(path)
    assert (read["project_id"], read["successor"]["code"]) == (became["id"], true["code"])
    for verb, body, wants_version in (
        ("follow-ups", FOLLOW_UP, False),
        ("assessments", {"outcome": "follow_up", "on": "2023-06-01"}, True),
        ("conversion", {}, True),
    ):
        version = read["version"] if wants_version else None
        answer = await world.send("POST", f"{path}/{verb}", body, version=version)
        assert (answer.status_code, answer.json()["code"]) == (409, "lead_converted"), answer.text
        assert true["code"] in answer.json()["detail"]


async def test_an_enterprise_is_named_by_what_it_is_now(world: World, city: make.City) -> None:
    chain = [await make.make_investor(world, credit_code=None) for _ in range(2)]
    names = [(await world.get(f"/enterprises/{one}"))["name"] for one in chain]
    for merged, into in ((chain[0], chain[1]), (chain[1], city.investor)):
        await world.act(f"/enterprises/{merged}", "merge", {"into_id": into, "reason": "示例"})
    true = await world.get(f"/enterprises/{city.investor}")
    read = await world.get(f"/enterprises/{chain[0]}")
    assert (read["merged_into_id"], read["successor"]["id"]) == (chain[1], city.investor)
    project = await make.make_project(city)
    answer = await world.send("PATCH", f"/projects/{project['id']}", {"investor_id": chain[0]}, version=1)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "merged_enterprise")
    assert true["name"] in answer.json()["errors"][0]["detail"]
    answer = await world.send("PATCH", f"/enterprises/{chain[0]}", {"source": "示例"}, version=read["version"])
    assert (answer.status_code, answer.json()["successor"]["credit_code"]) == (409, true["credit_code"])
    # By name, whichever of the merged records bore it; but another that bears it now is meant itself.
    assert (await make.make_lead(city, investor_id=None, investor_name=names[0]))["investor_id"] == city.investor
    again = await world.post("/enterprises", {"name": names[1], "twin_ruling": "示例：外地同名"})
    assert (await make.make_lead(city, investor_id=None, investor_name=names[1]))["investor_id"] == again["id"]


async def test_a_merged_enterprise_is_not_merged_again_without_its_name(world: World) -> None:
    first, second, third = [await make.make_investor(world, credit_code=None) for _ in range(3)]
    for merged, into in ((first, second), (second, third)):
        await world.act(f"/enterprises/{merged}", "merge", {"into_id": into, "reason": "示例"})
    name = (await world.get(f"/enterprises/{third}"))["name"]
    other = await make.make_investor(world, credit_code=None)
    for merged, into in ((first, other), (other, first), (other, second)):
        dry = await world.get(f"/enterprises/{merged}/merge", into_id=into)
        assert name in dry["conflicts"][0]["zh"]
        answer = await world.send(
            "POST",
            f"/enterprises/{merged}/merge",
            {"into_id": into, "reason": "示例"},
            version=await world.version(f"/enterprises/{merged}"),
        )
        assert (answer.status_code, name in answer.json()["detail"]) == (409, True)
    answer = await world.send(
        "POST",
        f"/enterprises/{second}/merge",
        {"into_id": first, "reason": "示例"},
        version=await world.version(f"/enterprises/{second}"),
    )
    said = answer.json()["detail"]
    assert said.count(name) == 2
    assert "。；" not in said
    assert said.endswith("。")
    assert (await world.get(f"/enterprises/{other}/merge", into_id=third))["is_possible"]
