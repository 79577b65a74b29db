"""What a deal is credited with, in which order amendments take effect, and what is undone."""

from typing import Any

import pytest

from app.core.actor import Permission
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

Q1 = {"from": "2023-01-01", "to": "2023-03-31"}
YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
FATE = {"becomes": "before_signed"}


async def landed_by_month(world: World) -> dict[str, int]:
    total = await world.get("/totals/signings", **YEAR, group_by="month")
    return {g["key"]: g["same_quarter_landed"] for g in total["groups"]["month"] if g["same_quarter_landed"]}


async def test_a_deal_that_ended_before_the_landing_has_none(world: World, city: make.City) -> None:
    project, deal = await make.make_signed(city, signed_on="2023-01-10")
    end = {"effective_on": "2023-02-20", "reason": "示例", "project": FATE}
    await world.act(f"/deals/{deal['id']}", "termination", end)
    await make.make_deal(city, project["id"], "200000000.00", "2023-03-01")
    await make.move(city, project["id"], "signed", "2023-03-01")
    await make.land(city, project["id"], "2023-03-15")
    assert await landed_by_month(world) == {"2023-03": 1}
    await world.holds()


async def test_a_deal_signed_after_the_landing_has_none(world: World, city: make.City) -> None:
    """A phase landed under its own deal and ended; the parent's later deal was not landed by it."""
    parent = await make.make_project(city)
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-01-10"}
    phase = await world.act(f"/projects/{parent['id']}", "phases", first)
    await make.give_five_ones(city, phase["id"], "2023-01-10")
    await make.make_deal(city, phase["id"], signed_on="2023-02-01")
    await make.move(city, phase["id"], "signed", "2023-02-01", catch_up=True)
    await make.land(city, phase["id"], "2023-02-20")
    end = {"happened_on": "2023-03-01", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{phase['id']}", "termination", end)
    await make.make_deal(city, parent["id"], signed_on="2023-03-10")
    assert await landed_by_month(world) == {"2023-02": 1, "2023-03": -1}
    quarter = await world.get("/totals/signings", **Q1)
    assert (quarter["count"], quarter["same_quarter_landed"]) == (1, 0)
    await world.holds()


async def test_one_landing_is_credited_once_where_a_deal_was_replaced(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, deal = signed_project
    path = f"/projects/{parent['id']}"
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    phase = await world.act(path, "phases", first)
    end = {"effective_on": "2023-02-20", "reason": "示例", "project": FATE}
    await world.act(f"/deals/{deal['id']}", "termination", end)
    await make.make_deal(city, parent["id"], signed_on="2023-03-01")
    await make.move(city, phase["id"], "signed", "2023-03-01")
    await make.land(city, phase["id"], "2023-03-20")
    assert (await world.get("/totals/signings", **Q1))["same_quarter_landed"] == 1
    await world.holds()


async def test_an_amendment_learnt_late_takes_its_place_by_its_day(world: World, city: make.City) -> None:
    """5 亿 at the signing, 8 from April on record; only then it is learnt that it was 6 from March on."""
    _, deal = await make.make_signed(city, "500000000.00")
    path = f"/deals/{deal['id']}"
    april = {"agreed_amount": "800000000.00", "effective_on": "2023-04-10", "document": "示例补2"}
    await world.act(path, "amendments", april)
    said = await world.get("/totals/signings", **Q1)
    march = {"agreed_amount": "600000000.00", "effective_on": "2023-03-10", "document": "示例补1"}
    found = await world.act(path, "amendments", march)
    assert found["agreed_amount"] == "800000000.00"
    totals = [(await world.get("/totals/signings", **period))["amount"] for period in (Q1, YEAR)]
    assert totals == ["600000000.00", "800000000.00"]
    assert await world.get("/totals/signings", **Q1, known_at=said["known_at"]) == said
    again = await world.send("POST", f"{path}/amendments", march, version=found["version"])
    assert again.json()["errors"][0]["code"] == "unchanged"
    await world.holds()


async def test_an_amendment_that_never_was(world: World, city: make.City) -> None:
    _, deal = await make.make_signed(city, "500000000.00")
    path = f"/deals/{deal['id']}"
    dollars = {
        "currency": "USD",
        "original_amount": "100000000.00",
        "rate": "7.00000000",
        "rate_on": "2023-04-10",
        "rate_source": "示例",
        "effective_on": "2023-04-10",
        "document": "示例补1",
    }
    amended = await world.act(path, "amendments", dollars)
    assert (amended["agreed_amount"], amended["currency"]) == ("700000000.00", "USD")
    assert [fact["currency"] for fact in amended["facts"]] == ["CNY", "USD"]
    fact = amended["facts"][1]["id"]
    back = await world.act(path, "corrections", {"fact_id": fact, "withdraw": True, "reason": "示例录错"})
    assert (back["agreed_amount"], back["currency"], back["original_amount"]) == ("500000000.00", "CNY", None)
    assert (await world.get("/totals/signings", **YEAR))["amount"] == "500000000.00"
    signing = back["facts"][0]["id"]
    body = {"fact_id": signing, "withdraw": True, "reason": "示例"}
    refused = await world.send("POST", f"{path}/corrections", body, version=back["version"])
    assert (refused.status_code, refused.json()["code"]) == (409, "not_withdrawable")
    await world.holds()


async def test_a_correction_of_an_earlier_amount_keeps_the_money_of_the_later(world: World, city: make.City) -> None:
    _, deal = await make.make_signed(city, "500000000.00")
    path = f"/deals/{deal['id']}"
    dollars = {
        "currency": "USD",
        "original_amount": "100000000.00",
        "rate": "7.00000000",
        "rate_on": "2023-04-10",
        "rate_source": "示例",
        "effective_on": "2023-04-10",
        "document": "示例补1",
    }
    await world.act(path, "amendments", dollars)
    found = await world.act(path, "corrections", {"amount": "400000000.00", "reason": "示例录错"})
    assert (found["agreed_amount"], found["currency"]) == ("700000000.00", "USD")
    assert [fact["amount"] for fact in found["facts"]] == ["400000000.00", "700000000.00"]
    await world.holds()


async def test_a_termination_that_never_was(world: World, city: make.City, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path = f"/deals/{deal['id']}"
    await make.move(city, project["id"], "negotiating", "2023-02-05", reason="示例")
    ended = await world.act(path, "termination", {"effective_on": "2023-04-10", "reason": "示例"})
    fact = ended["facts"][-1]["id"]
    back = await world.act(path, "corrections", {"fact_id": fact, "withdraw": True, "reason": "示例"})
    assert (back["status"], back["ended_on"]) == ("live", None)
    assert (await world.get("/totals/signings", **YEAR))["count"] == 1
    await world.holds()


async def test_the_move_back_that_came_with_a_termination_brings_the_deal_back(
    world: World, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    end: dict[str, Any] = {"effective_on": "2023-04-10", "reason": "示例误终止", "project": FATE}
    await world.act(f"/deals/{deal['id']}", "termination", end)
    path = f"/projects/{project['id']}"
    moved = (await world.get(f"{path}/moves"))[-1]
    back = await world.act(path, f"moves/{moved['id']}/correction", {"withdraw": True, "reason": "示例"})
    assert back["stage"] == "signed"
    assert (await world.get(f"/deals/{deal['id']}"))["status"] == "live"
    await world.holds()


async def test_an_ended_project_and_its_deal_are_redated_together(world: World, signed_project: make.Signed) -> None:
    project, deal = signed_project
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    end = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
    await world.act(path, "termination", end)
    assert (await world.get("/totals/signings", **Q1))["count"] == 1
    late = {"fact_id": (await world.get(deal_path))["facts"][-1]["id"], "effective_on": "2023-05-10", "reason": "示例"}
    refused = await world.send("POST", f"{deal_path}/corrections", late, version=await world.version(deal_path))
    assert refused.json()["errors"][0]["code"] == "after_its_project"
    last = (await world.get(f"{path}/moves"))[-1]
    await world.act(path, f"moves/{last['id']}/correction", {"happened_on": "2023-03-10", "reason": "示例"})
    assert (await world.get(deal_path))["ended_on"] == "2023-03-10"
    assert (await world.get("/totals/signings", **Q1))["count"] == 0
    await world.holds()


async def test_a_framework_comes_back_only_with_the_act_that_ended_it(world: World, city: make.City) -> None:
    for own_end in (True, False):
        project = await make.make_project(city)
        framework = await make.make_deal(city, project["id"], kind="framework")
        path, deal_path = f"/projects/{project['id']}", f"/deals/{framework['id']}"
        if own_end:
            await world.act(deal_path, "termination", {"effective_on": "2023-04-10", "reason": "示例"})
        end = {"happened_on": "2023-04-10", "reason_code": "market", "reason": "示例"}
        await world.act(path, "termination", end)
        last = (await world.get(f"{path}/moves"))[-1]
        await world.act(path, f"moves/{last['id']}/correction", {"happened_on": "2023-04-11", "reason": "示例"})
        await world.act(path, "reinstatement", {"reason": "示例"})
        assert (await world.get(deal_path))["status"] == ("terminated" if own_end else "live")
    await world.holds()


@pytest.mark.parametrize("verb", ["never", "termination"])
async def test_a_project_that_loses_its_deal_ends_with_its_framework(
    world: World, city: make.City, signed_project: make.Signed, verb: str
) -> None:
    project, deal = signed_project
    framework = await make.make_deal(city, project["id"], kind="framework")
    fate = {"becomes": "terminated", "reason_code": "market"}
    path = f"/deals/{deal['id']}"
    if verb == "never":
        await world.act(path, "corrections", {"never_a_deal": True, "reason": "示例", "project": fate})
    else:
        await world.act(path, "termination", {"effective_on": "2023-04-10", "reason": "示例", "project": fate})
    assert (await world.get(f"/projects/{project['id']}"))["status"] == "terminated"
    assert (await world.get(f"/deals/{framework['id']}"))["status"] == "terminated"
    await world.holds()


async def test_not_needed_does_not_stand_for_a_review(world: World, city: make.City) -> None:
    """Else an actor without the right to override a gate could approve without the review."""
    project = await make.make_project(city)
    world.actor = type(LOCAL_PERSON)(
        "clerk", "示例", LOCAL_PERSON.kind, permissions=LOCAL_PERSON.permissions - {Permission.override_gates}
    )
    path = f"/projects/{project['id']}/evidence"
    for kind in await world.get("/evidence-kinds"):
        body = {"kind": kind["code"], "on": "2023-01-03", "is_not_needed": True, "reason": "示例"}
        answer = await world.send("POST", path, body)
        if kind["may_be_not_needed"]:
            assert answer.status_code == 201
        else:
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cannot_be_waived")
    waived = {row["kind"] for row in await world.get(path)}
    assert waived == {"site_secured", "construction_permit"}


async def test_what_an_approval_wants_is_said_all_at_once_and_beforehand(world: World, city: make.City) -> None:
    project = await make.make_project(city, investor_id=None)
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例投资协议"})
    path = f"/deals/{draft['id']}"
    listed = await world.get(f"{path}/gates")
    unmet = [gate for gate in listed["gates"] if not gate["is_met"] and gate["strictness"] == "block"]
    names = ["signed_on", "agreed_amount", "investor", "agreement_no", "investor_identified", "legality_review"]
    assert ([gate["code"] for gate in unmet], listed["is_open"]) == (names, False)
    refused = await world.send("POST", f"{path}/approval", version=draft["version"])
    assert (refused.status_code, refused.json()["gates"]) == (409, unmet)
    override = {"override": {"gates": names, "reason": "示例"}}
    forced = await world.send("POST", f"{path}/approval", override, version=draft["version"])
    assert [gate["code"] for gate in forced.json()["gates"]] == ["signed_on", "agreed_amount", "investor"]
    body = {"signed_on": "2023-02-01", "agreed_amount": "1.00", "investor_id": city.investor, "agreement_no": "示例"}
    edited = await world.send("PATCH", path, body, version=draft["version"])
    assert edited.status_code == 200
    await make.add_evidence(city, project["id"], "legality_review")
    assert (await world.get(f"{path}/gates"))["is_open"]
    approved = await world.send("POST", f"{path}/approval", version=await world.version(path))
    assert (approved.status_code, approved.json()["status"]) == (200, "live")
    assert not (await world.get(f"{path}/gates"))["is_open"]
    await world.holds()


@pytest.mark.parametrize("way", ["deal", "move"])
async def test_a_deal_brought_back_follows_what_became_of_its_project_meanwhile(
    world: World, city: make.City, signed_project: make.Signed, way: str
) -> None:
    """Terminated by mistake, its project passed on by ruling, and then undone: the ruling stays."""
    project, deal = signed_project
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    ended = await world.act(deal_path, "termination", {"effective_on": "2023-03-01", "reason": "示例", "project": FATE})
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-04-01", "document": "示例", "reason": "示例"}
    await world.act(path, "transfers", ruling)
    if way == "deal":
        fact = ended["facts"][-1]["id"]
        await world.act(deal_path, "corrections", {"fact_id": fact, "withdraw": True, "reason": "示例"})
    else:
        moved = (await world.get(f"{path}/moves"))[-1]
        await world.act(path, f"moves/{moved['id']}/correction", {"withdraw": True, "reason": "示例"})
    assert (await world.get(path))["unit_id"] == city.districts[1]
    for unit, quarter, year in ((city.districts[0], 1, 0), (city.districts[1], 0, 1)):
        totals = [(await world.get("/totals/signings", **when, unit_id=unit))["count"] for when in (Q1, YEAR)]
        assert totals == [quarter, year]
    await world.holds()


async def test_a_redated_signing_counts_where_the_project_stood_then(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-02-15", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "transfers", ruling)
    deal = await make.make_deal(city, project["id"], signed_on="2023-03-01")
    await world.act(f"/deals/{deal['id']}", "corrections", {"effective_on": "2023-02-01", "reason": "示例"})
    months = {"from": "2023-02-01", "to": "2023-02-14"}
    assert (await world.get("/totals/signings", **months, unit_id=city.districts[0]))["count"] == 1
    assert (await world.get("/totals/signings", **Q1, unit_id=city.districts[1]))["count"] == 1
    assert (await world.get(f"/projects/{project['id']}"))["unit_id"] == city.districts[1]
    await world.holds()


@pytest.mark.parametrize("redated", [False, True])
async def test_a_project_does_not_end_before_its_deal_did(world: World, city: make.City, redated: bool) -> None:
    project = await make.make_project(city)
    deal = await make.make_deal(city, project["id"])
    await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-05-10", "reason": "示例"})
    path = f"/projects/{project['id']}"
    end = {"happened_on": "2023-05-20" if redated else "2023-05-05", "reason_code": "market", "reason": "示例"}
    if redated:
        await world.act(path, "termination", end)
        last = (await world.get(f"{path}/moves"))[-1]
        verb, body = f"moves/{last['id']}/correction", {"happened_on": "2023-05-02", "reason": "示例"}
    else:
        verb, body = "termination", end
    answer = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
    assert (answer.status_code, answer.json()["code"]) == (409, "deal_and_stage")
    assert "2023-05-10" in answer.json()["detail"]
    await world.holds()


async def test_a_project_that_had_no_unit_yet_counts_where_it_first_had_one(world: World, city: make.City) -> None:
    override = {"gates": ["unit_in_charge"], "reason": "示例"}
    project = await make.make_project(city, unit_id=None, override=override)
    ruling = {"unit_id": city.districts[0], "ruled_on": "2023-03-01", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project['id']}", "transfers", ruling)
    deal = await make.make_deal(city, project["id"], signed_on="2023-02-01")
    entries = (await world.get(f"/deals/{deal['id']}/entries"))["items"]
    assert [(entry["effective_on"], entry["unit_id"]) for entry in entries] == [("2023-02-01", city.districts[0])]
    await world.holds()
