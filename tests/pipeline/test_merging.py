"""Two records of one project, or of one enterprise, become one; nothing that is counted is lost or counted twice."""

import itertools
from typing import Any

import pytest

from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}


async def figures(world: World, **known_at: str) -> dict[str, Any]:
    """Returns signings by unit and the overview of the quarter, without `known_at`."""
    signings = await world.get("/totals/signings", **YEAR, group_by="unit", **known_at)
    overview = await world.get("/totals/overview", period="2023Q1", **known_at)
    found: dict[str, Any] = {"by_unit": signings, **{name: overview[name] for name in overview if name != "known_at"}}
    return found


def plain(found: dict[str, Any]) -> dict[str, Any]:
    """Returns only the numbers."""
    signings = found["by_unit"]
    return {
        "signings": [
            (group["key"], group["count"], group["amount"]) for group in signings["groups"]["unit"] if group["count"]
        ],
        **{
            name: (found[name]["count"], found[name]["amount"])
            for name in ("collective_start", "started_or_resumed", "planned_year", "awaiting_signed")
        },
    }


async def conflicts(world: World, merged: str, into: str) -> list[str]:
    """Returns the conflicts of the dry run, after asserting that the merge is refused for the same ones."""
    path = f"/projects/{merged}"
    dry = await world.get(f"{path}/merge", into_id=into)
    found = [conflict["code"] for conflict in dry["conflicts"]]
    assert dry["is_possible"] is not bool(found)
    if found:
        body = {"into_id": into, "reason": "示例"}
        answer = await world.send("POST", f"{path}/merge", body, version=dry["version"])
        assert (answer.status_code, answer.json()["code"]) == (409, "merge_refused")
        assert [conflict["code"] for conflict in answer.json()["conflicts"]] == found
        assert await world.version(path) == dry["version"]
    return found


async def test_what_is_counted_goes_over(world: World, city: make.City) -> None:
    here, there = city.districts
    twin = await make.make_project(city)
    await make.give_five_ones(city, twin["id"])
    deal = await make.make_deal(city, twin["id"], "300000000.00", "2023-02-01")
    await world.post(f"/plan-lists/2023/projects/{twin['id']}", {"source": "示例"})
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-01", "project_ids": [twin["id"]]})
    true = await make.make_project(city, unit_id=there)
    before = await figures(world)
    moment = before["by_unit"]["known_at"]
    dry = await world.get(f"/projects/{twin['id']}/merge", into_id=true["id"])
    assert (dry["is_possible"], dry["conflicts"]) == (True, [])
    assert [(item["code"], item["count"]) for item in dry["goes_over"]] == [
        ("deal", 1),
        ("plan_lists", 1),
        ("start_batches", 1),
        ("follow_ups", 1),
    ]
    assert plain(await figures(world)) == plain(before)  # the dry run wrote nothing
    path = f"/projects/{twin['id']}"
    merged = await world.act(path, "merge", {"into_id": true["id"], "reason": "示例：重复登记"})
    assert (merged["status"], merged["merged_into_id"], merged["due_on"]) == ("merged", true["id"], None)
    # The deal follows: it counts where its project was, and the sum of the city is the same.
    moved = await world.get(f"/deals/{deal['id']}")
    assert (moved["project_id"], moved["status"]) == (true["id"], "live")
    after = await figures(world)
    assert plain(before)["signings"] == [(here, 1, "300000000.00")]
    assert plain(after)["signings"] == [(there, 1, "300000000.00")]
    assert {**plain(after), "signings": None} == {**plain(before), "signings": None}
    assert await figures(world, known_at=moment) == before
    assert [one["id"] for one in (await world.get(f"/start-batches/{batch['id']}"))["projects"]] == [true["id"]]
    assert [one["id"] for one in (await world.get("/plan-lists/2023"))["items"]] == [true["id"]]
    assert await world.count(f"/projects/{true['id']}/follow-ups") == 1
    # It stays readable, and is closed.
    assert (await world.get(f"{path}/moves"))[-1]["kind"] == "merge"
    assert (await world.get(f"{path}/leaders"))[0]["closed_on"] == "2023-06-01"
    for verb, body in (
        ("moves", {"to": "negotiating", "happened_on": "2023-06-01"}),
        ("reinstatement", {"reason": "示例"}),
        ("termination", {"happened_on": "2023-06-01", "reason_code": "market", "reason": "示例"}),
        ("merge", {"into_id": true["id"], "reason": "示例"}),
    ):
        answer = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
        assert answer.status_code == 409, answer.text
    last = (await world.get(f"{path}/moves"))[-1]["id"]
    undo = {"withdraw": True, "reason": "示例"}
    answer = await world.send("POST", f"{path}/moves/{last}/correction", undo, version=await world.version(path))
    assert (answer.status_code, answer.json()["code"]) == (409, "merge_stays")
    types = [event["type"] for event in (await world.get(f"/projects/{true['id']}/timeline"))["items"]]
    assert {"project.absorbed", "deal.relocated", "project.plan_listed", "project.batch_joined"} <= set(types)
    await world.holds()


async def test_what_stands_in_the_way_is_named(world: World, city: make.City, signed_project: make.Signed) -> None:
    signed, deal = signed_project
    other, _ = await make.make_signed(city)
    plain_one = await make.make_project(city)
    assert await conflicts(world, signed["id"], signed["id"]) == ["itself"]
    assert await conflicts(world, signed["id"], plain_one["id"]) == ["merge_other_way"]
    assert await conflicts(world, signed["id"], other["id"]) == ["deal_and_stage"]
    construction = await make.make_project(city, program="construction")
    assert await conflicts(world, plain_one["id"], construction["id"]) == ["program_differs"]
    parent = await make.make_project(city)
    phase = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10"}
    leaf = await world.post(f"/projects/{parent['id']}/phases", phase, version=1)
    assert await conflicts(world, parent["id"], plain_one["id"]) == ["project_is_parent"]
    assert await conflicts(world, plain_one["id"], parent["id"]) == ["project_is_parent"]
    ended = await make.make_project(city)
    end = {"happened_on": "2023-05-01", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{ended['id']}", "termination", end)
    assert await conflicts(world, ended["id"], plain_one["id"]) == ["project_ended"]
    assert await conflicts(world, plain_one["id"], ended["id"]) == ["project_ended"]
    assert await conflicts(world, plain_one["id"], leaf["id"]) == []
    # Two signings of one project: one of the deals never was.
    fate = {"never_a_deal": True, "reason": "示例", "project": {"becomes": "before_signed"}}
    await world.act(f"/deals/{deal['id']}", "corrections", fate)
    assert await conflicts(world, signed["id"], other["id"]) == []
    await world.act(f"/projects/{signed['id']}", "merge", {"into_id": other["id"], "reason": "示例"})
    assert (await world.get("/totals/signings", **YEAR))["count"] == 1
    unknown = {"into_id": "01890000-0000-7000-8000-000000000001", "reason": "示例"}
    answer = await world.send("POST", f"/projects/{plain_one['id']}/merge", unknown, version=1)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/into_id")
    await world.holds()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_the_order_of_merging_changes_no_total(world: World, city: make.City, order: tuple[int, ...]) -> None:
    """Three records of one project, each with something of its own, merged into the fourth one after the other."""
    here, there = city.districts
    true = await make.make_project(city, unit_id=there)
    twins = [await make.make_project(city, unit_id=unit) for unit in (here, there, here)]
    await make.give_five_ones(city, twins[0]["id"])
    await make.make_deal(city, twins[0]["id"], "300000000.00", "2023-02-01")
    for twin in twins[:2]:
        amount = {"planned_this_year": "5.00", "source": "示例"}
        await world.post(f"/plan-lists/2023/projects/{twin['id']}", amount)
    members = [twin["id"] for twin in twins[1:]]
    await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-01", "project_ids": members})
    for index in order:
        body = {"into_id": true["id"], "reason": "示例"}
        await world.act(f"/projects/{twins[index]['id']}", "merge", body)
    found = plain(await figures(world))
    assert found["signings"] == [(there, 1, "300000000.00")]
    assert (found["planned_year"][0], found["collective_start"][0], found["awaiting_signed"][0]) == (1, 1, 1)
    planned = (await world.get("/totals/overview", period="2023"))["planned_year"]
    assert planned["amount"]["planned_this_year"] == "5.00"  # both twins state the same
    await world.holds()


async def test_a_chain_of_merges_ends_at_the_last(world: World, city: make.City) -> None:
    chain = [await make.make_project(city) for _ in range(3)]
    await make.give_five_ones(city, chain[0]["id"])
    deal = await make.make_deal(city, chain[0]["id"])
    said = [await figures(world)]
    for merged, into in itertools.pairwise(chain):
        await world.act(f"/projects/{merged['id']}", "merge", {"into_id": into["id"], "reason": "示例"})
        said.append(await figures(world))
    assert (await world.get(f"/deals/{deal['id']}"))["project_id"] == chain[2]["id"]
    for then in said:
        assert await figures(world, known_at=then["by_unit"]["known_at"]) == then
    rows = await world.get("/totals/awaiting-signed/rows", period="2023Q1", known_at=said[0]["by_unit"]["known_at"])
    assert rows["items"][0]["deal"]["project_id"] == chain[0]["id"]
    await world.holds()


async def test_a_resumption_goes_over_where_it_counts(world: World, city: make.City) -> None:
    """The successor that started this year counts as a start, and takes no resumption over."""

    async def building(started_on: str) -> str:
        project = await make.make_project(city, program="construction", entered_on="2022-01-01")
        await make.give_five_ones(city, project["id"], "2022-01-02")
        await make.add_evidence(city, project["id"], "project_approval", "construction_permit", on="2022-01-03")
        await make.move(city, project["id"], "started", started_on, catch_up=True)
        visit = {"kind": "inspection", "on": started_on, "summary": "示例"}
        await world.post(f"/projects/{project['id']}/follow-ups", visit)
        await make.move(city, project["id"], "building", started_on)
        found: str = project["id"]
        return found

    old, twin, new = await building("2022-05-01"), await building("2022-06-01"), await building("2023-02-01")
    for project in (twin, old):
        await world.post(f"/projects/{project}/work-resumptions", {"on": "2023-03-01", "note": "示例"})
    assert (await world.get("/totals/overview", period="2023Q1"))["started_or_resumed"]["count"] == 3
    await world.act(f"/projects/{twin}", "merge", {"into_id": new, "reason": "示例"})
    assert (await world.get("/totals/overview", period="2023Q1"))["started_or_resumed"]["count"] == 2
    assert await world.get(f"/projects/{new}/work-resumptions") == []
    third = await building("2022-07-01")
    await world.act(f"/projects/{old}", "merge", {"into_id": third, "reason": "示例"})
    assert (await world.get("/totals/overview", period="2023Q1"))["started_or_resumed"]["count"] == 2
    assert (await world.get(f"/projects/{third}/work-resumptions"))[0]["note"].startswith("由 P")
    await world.holds()


async def test_merging_wants_the_right_and_both_in_sight(world: World, city: make.City) -> None:
    mine = await make.make_project(city)
    hidden = await make.make_project(city, unit_id=city.districts[1], place_unit_id=city.districts[1])
    body = {"into_id": hidden["id"], "reason": "示例"}
    world.actor = staff(units=city.districts[:1])
    answer = await world.send("POST", f"/projects/{mine['id']}/merge", body, version=1)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_project")
    assert (await world.send("GET", f"/projects/{mine['id']}/merge?into_id={hidden['id']}")).status_code == 422
    world.actor = staff(rights=False, units=city.districts)
    answer = await world.send("POST", f"/projects/{mine['id']}/merge", body, version=1)
    assert (answer.status_code, answer.json()["permission"]) == (403, "merge")
    world.actor = LOCAL_PERSON
    assert (await world.send("POST", f"/projects/{mine['id']}/merge", body)).status_code == 428


async def test_two_records_of_one_enterprise(world: World, city: make.City) -> None:
    twin = await make.make_investor(world, credit_code=None, origin=None, ownership=None)
    project = await make.make_project(city, investor_id=twin)
    lead = await make.make_lead(city, investor_id=twin)
    below = await make.make_investor(world, parent_id=twin)
    await world.post(f"/enterprises/{twin}/contacts", make.CONTACT)
    rank = {"list_name": "示例榜单", "year": 2022, "rank": 5}
    await world.post(f"/enterprises/{twin}/rankings", rank)
    dry = await world.get(f"/enterprises/{twin}/merge", into_id=city.investor)
    assert [(item["code"], item["count"]) for item in dry["goes_over"]] == [
        ("subsidiaries", 1),
        ("leads", 1),
        ("projects", 1),
        ("contacts", 1),
        ("rankings", 1),
    ]
    merged = await world.act(f"/enterprises/{twin}", "merge", {"into_id": city.investor, "reason": "示例：重复登记"})
    assert merged["merged_into_id"] == city.investor
    assert (await world.get(f"/projects/{project['id']}"))["investor_id"] == city.investor
    assert (await world.get(f"/leads/{lead['id']}"))["investor_id"] == city.investor
    assert (await world.get(f"/enterprises/{below}"))["parent_id"] == city.investor
    assert len(await world.get(f"/enterprises/{city.investor}/contacts")) == 1
    assert (await world.get(f"/enterprises/{city.investor}"))["rankings"][0]["rank"] == 5
    # It is named no more, and closed.
    answer = await world.send("PATCH", f"/projects/{project['id']}", {"investor_id": twin}, version=2)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "merged_enterprise")
    answer = await world.send("PATCH", f"/enterprises/{twin}", {"source": "示例"}, version=merged["version"])
    assert (answer.status_code, answer.json()["code"]) == (409, "merged_enterprise")
    named = await make.make_lead(city, investor_id=None, investor_name=merged["name"])
    assert named["investor_id"] == city.investor
    await world.holds()


async def test_the_ledger_keeps_what_was_so_at_signing(world: World, city: make.City) -> None:
    twin = await make.make_investor(world, origin="overseas", ownership="foreign")
    await make.make_signed(city, investor_id=twin)
    plain_one = await make.make_investor(world, credit_code=None)
    said = await world.get("/totals/signings", **YEAR, group_by="origin")
    # The record with the code is the one that stays.
    await world.act(f"/enterprises/{plain_one}", "merge", {"into_id": twin, "reason": "示例"})
    again = await world.get("/totals/signings", **YEAR, group_by="origin")
    assert [(group["key"], group["count"]) for group in again["groups"]["origin"]] == [("overseas", 1)]
    assert (again["count"], again["amount"]) == (said["count"], said["amount"])
    await world.holds()


async def test_two_legal_persons_are_not_one(world: World, city: make.City) -> None:
    other = await make.make_investor(world)
    bare = await make.make_investor(world, credit_code=None)
    group = await make.make_investor(world, credit_code=None)
    below = await make.make_investor(world, credit_code=None, parent_id=group)
    for enterprise, rank in ((bare, 3), (group, 4)):
        await world.post(f"/enterprises/{enterprise}/rankings", {"list_name": "示例榜单", "year": 2022, "rank": rank})
    for merged, into, expected in (
        (other, city.investor, ["credit_code_differs"]),
        (other, bare, ["merge_other_way"]),
        (group, below, ["group_ring"]),
        (bare, group, ["ranking_differs"]),
        (bare, bare, ["itself"]),
        (bare, city.investor, []),
    ):
        dry = await world.get(f"/enterprises/{merged}/merge", into_id=into)
        assert [conflict["code"] for conflict in dry["conflicts"]] == expected
        if expected:
            body = {"into_id": into, "reason": "示例"}
            answer = await world.send("POST", f"/enterprises/{merged}/merge", body, version=dry["version"])
            assert (answer.status_code, answer.json()["code"]) == (409, "merge_refused")
    await world.act(f"/enterprises/{bare}", "merge", {"into_id": city.investor, "reason": "示例"})
    dry = await world.get(f"/enterprises/{bare}/merge", into_id=other)
    assert [conflict["code"] for conflict in dry["conflicts"]] == ["merged_already"]
