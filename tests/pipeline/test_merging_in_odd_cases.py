"""Unusual merges: order, phases, earlier merges, and figures as known then."""

from typing import Any

import pytest
from sqlalchemy import text

from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.factories import city as make

pytestmark = pytest.mark.anyio


async def building(city: make.City, started_on: str, **fields: Any) -> str:
    """Makes a construction project at `building` since a day. Returns its id."""
    project = await make.make_project(city, program="construction", entered_on="2022-01-01", **fields)
    await make.give_five_ones(city, project["id"], "2022-01-02")
    await make.add_evidence(city, project["id"], "project_approval", "construction_permit", on="2022-01-03")
    await make.move(city, project["id"], "started", started_on, catch_up=True)
    visit = {"kind": "inspection", "on": started_on, "summary": "示例"}
    await city.world.post(f"/projects/{project['id']}/follow-ups", visit)
    await make.move(city, project["id"], "building", started_on)
    found: str = project["id"]
    return found


async def merge(world: World, merged: str, into: str, **fields: str) -> Any:
    return await world.act(f"/projects/{merged}", "merge", {"into_id": into, "reason": "示例", **fields})


async def continuing(world: World, parent: str, from_on: str = "2023-04-10") -> str:
    first = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": from_on, "continues_parent": True}
    path = f"/projects/{parent}"
    found: str = (await world.post(f"{path}/phases", first, version=await world.version(path)))["id"]
    return found


async def started(world: World, period: str = "2023Q1") -> int:
    found: int = (await world.get("/totals/overview", period=period))["started_or_resumed"]["count"]
    return found


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_of_two_resumptions_of_a_year_the_earlier_stands(
    world: World, city: make.City, order: tuple[int, int]
) -> None:
    true = await building(city, "2022-07-01")
    twins = [await building(city, "2022-07-01") for _ in range(2)]
    for twin, on in zip(twins, ("2023-03-01", "2023-05-01"), strict=True):
        await world.post(f"/projects/{twin}/work-resumptions", {"on": on})
    for index in order:
        await merge(world, twins[index], true)
    assert (await started(world), await started(world, "2023Q2")) == (1, 0)
    await world.holds()


async def test_what_found_no_place_goes_on_with_the_next_merge(world: World, city: make.City) -> None:
    old, new, last = [await building(city, on) for on in ("2022-06-01", "2023-02-01", "2022-07-01")]
    await world.post(f"/projects/{old}/work-resumptions", {"on": "2023-03-01"})
    await merge(world, old, new)
    assert await started(world) == 1  # the start of `new`
    await merge(world, new, last)
    assert await started(world) == 1  # the resumption of `old`
    await world.holds()


@pytest.mark.parametrize("is_successor", [True, False])
async def test_a_continuing_phase_counts_once_on_either_side(world: World, city: make.City, is_successor: bool) -> None:
    """Its parent's rows as a leaf are its own: resumption, batch, start."""
    parent, other = await building(city, "2022-05-01"), await building(city, "2022-06-01")
    for project, on in ((parent, "2023-03-01"), (other, "2023-03-02")):
        await world.post(f"/projects/{project}/work-resumptions", {"on": on})
    leaf = await continuing(world, parent)
    assert await started(world) == 2
    await merge(world, *((other, leaf) if is_successor else (leaf, other)))
    assert await started(world) == 1
    await world.holds()


async def test_a_start_made_by_the_parent_of_a_merged_phase_counts_no_more(world: World, city: make.City) -> None:
    parent, true = await building(city, "2023-02-01"), await building(city, "2023-02-15")
    leaf = await continuing(world, parent)
    assert await started(world) == 2
    await merge(world, leaf, true)
    assert await started(world) == 1
    funnel = await world.get("/totals/funnel", period="2023Q1")
    assert next(stage["entered"] for stage in funnel["stages"] if stage["stage"] == "started") == 1


async def test_the_name_and_code_of_the_merged_still_block(world: World, city: make.City) -> None:
    code = "2302-210400-04-01-123456"
    twin = await make.make_project(city, name="示例光电新材料项目", national_code=code, investor_id=None)
    true = await make.make_project(city)
    await merge(world, twin["id"], true["id"])
    body = {"name": "示例光电新材料项目", "unit_id": city.districts[0], "place_unit_id": city.districts[0]}
    body |= {"industry_code": "26", "direct_entry_reason": "示例"}
    same_investor = {**body, "investor_id": city.investor}  # of which `true` would only be said
    for asked in (body, same_investor, {**body, "name": "另一名称", "national_code": code}):
        answer = await world.send("POST", "/projects", asked)
        assert answer.status_code == 409, answer.text
        assert [found["id"] for found in answer.json()["candidates"]] == [true["id"]]
    ruled = await world.post("/projects", {**body, "duplicate_ruling": "示例：两个厂区"})
    asked_again = {"name": "示例光电新材料项目", "project_id": ruled["id"]}
    assert (await world.post("/duplicates/check", asked_again, status=200))["candidates"] == []
    # It is no duplicate of what was merged into it.
    mine = {"name": "示例光电新材料项目", "national_code": code, "project_id": true["id"]}
    assert (await world.post("/duplicates/check", mine, status=200))["candidates"] == []


async def test_a_merged_record_takes_nothing_more(world: World, city: make.City) -> None:
    twin, true = await make.make_project(city), await make.make_project(city)
    merged = await merge(world, twin["id"], true["id"])
    batch = {"name": "示例", "held_on": "2023-03-01", "project_ids": [twin["id"], true["id"]]}
    answer = await world.send("POST", "/start-batches", batch)
    assert (answer.status_code, answer.json()["code"]) == (409, "project_merged")
    edit = await world.send("PATCH", f"/projects/{twin['id']}", {"short_name": "示例"}, version=merged["version"])
    assert (edit.status_code, edit.json()["code"]) == (409, "project_merged")
    assert await world.count("/start-batches") == 0


async def test_who_sees_it_by_the_team_alone_does_not_merge_it(world: World, city: make.City) -> None:
    """A member of the team reports and does not decide; after the merge the member still learns the successor."""
    here, there = city.districts
    twin = await make.make_project(city, unit_id=there, place_unit_id=there)
    await make.give_five_ones(city, twin["id"])
    true = await make.make_project(city, unit_id=here)
    path = f"/projects/{twin['id']}"
    version = await world.version(path)
    world.actor = staff(units=[here], official=city.officials[0])
    answer = await world.send("POST", f"{path}/merge", {"into_id": true["id"], "reason": "示例"}, version=version)
    assert (answer.status_code, answer.json()["code"]) == (403, "owner_decides")
    world.actor = LOCAL_PERSON
    await merge(world, twin["id"], true["id"])
    await world.holds()


async def test_conflicts_that_only_the_act_would_have_found(world: World, city: make.City) -> None:
    twin = await make.make_project(city)
    await make.make_deal(city, twin["id"])
    bare = await make.make_project(
        city, unit_id=None, override={"gates": ["unit_in_charge"], "reason": "示例"}, task_force_id=city.task_forces[0]
    )
    dry = await world.get(f"/projects/{twin['id']}/merge", into_id=bare["id"])
    assert [conflict["code"] for conflict in dry["conflicts"]] == ["no_unit"]
    parent, _ = await make.make_signed(city)
    leaf = await continuing(world, parent["id"], "2023-02-10")
    other, _ = await make.make_signed(city)
    dry = await world.get(f"/projects/{leaf}/merge", into_id=other["id"])
    assert [conflict["code"] for conflict in dry["conflicts"]] == ["line_keeps_deal"]
    true = await make.make_project(city, entered_on="2023-05-01")
    body = {"into_id": true["id"], "reason": "示例"}
    for day in ("2023-04-30", "2023-06-02"):
        path = f"/projects/{twin['id']}"
        answer = await world.send(
            "POST", f"{path}/merge", {**body, "merged_on": day}, version=await world.version(path)
        )
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/merged_on")


async def test_rulings_on_a_first_talk_go_over_and_open_ones_can_still_be_ruled(world: World, city: make.City) -> None:
    here, there = city.districts
    talk = {"kind": "talk", "with_investor": True, "on": "2023-05-20", "summary": "示例", "document": "示例纪要"}
    claim = {"claimant_unit_id": there, "grounds": "示例"}
    ruling = {"unit_id": there, "ruled_on": "2023-06-01", "document": "示例", "grounds": "示例"}
    ruled, waiting, true = [await make.make_project(city) for _ in range(3)]
    for project in (ruled, waiting):
        await world.post(f"/projects/{project['id']}/follow-ups", talk)
        dispute = (await world.post(f"/projects/{project['id']}/first-talk/disputes", claim))["disputes"][0]
        if project is ruled:
            path = f"/projects/{project['id']}"
            verb = f"{path}/first-talk/disputes/{dispute['id']}/ruling"
            await world.post(verb, ruling, version=await world.version(path))
    await merge(world, ruled["id"], true["id"])
    found = await world.get(f"/projects/{true['id']}/first-talk")
    assert (found["unit_id"], found["is_ruled"]) == (there, True)
    await merge(world, waiting["id"], true["id"])
    found = await world.get(f"/projects/{true['id']}/first-talk")
    opened = next(dispute["id"] for dispute in found["disputes"] if dispute["ruling"] is None)
    path = f"/projects/{true['id']}"
    verb = f"{path}/first-talk/disputes/{opened}/ruling"
    await world.post(verb, {**ruling, "unit_id": here}, version=await world.version(path))
    closed = await world.send("POST", f"/projects/{waiting['id']}/first-talk/disputes", claim)
    assert (closed.status_code, closed.json()["code"]) == (409, "raised_elsewhere")
    phase = await continuing(world, true["id"])
    assert (await world.get(f"/projects/{phase}/first-talk"))["is_ruled"]


async def test_entries_known_then_name_the_project_of_then(world: World, city: make.City) -> None:
    twin, true = await make.make_project(city), await make.make_project(city)
    await make.make_deal(city, twin["id"])
    year = {"from": "2023-01-01", "to": "2023-12-31"}
    before = await world.get("/totals/signings/entries", **year)
    await merge(world, twin["id"], true["id"])
    assert await world.get("/totals/signings/entries", **year, known_at=before["known_at"]) == before
    assert (await world.get("/totals/signings/entries", **year))["items"][0]["deal"]["project_id"] == true["id"]


async def test_an_ended_deal_of_a_merged_project_says_where_to_go(world: World, city: make.City) -> None:
    twin, true = await make.make_project(city), await make.make_project(city)
    deal = await make.make_deal(city, twin["id"])
    ended = await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-05-01", "reason": "示例"})
    await merge(world, twin["id"], true["id"])
    body = {"fact_id": ended["facts"][-1]["id"], "withdraw": True, "reason": "示例"}
    answer = await world.send("POST", f"/deals/{deal['id']}/corrections", body, version=ended["version"])
    assert (answer.status_code, answer.json()["code"]) == (409, "project_merged")
    await world.holds()


async def test_an_enterprise_is_merged_by_whoever_sees_the_city(world: World, city: make.City) -> None:
    twin = await make.make_investor(world, credit_code=None)
    foreign = await make.make_investor(world, credit_code=None, country="JP", registration_no="R1", origin="overseas")
    korean = await make.make_investor(world, credit_code=None, country="KR", registration_no="R1", origin="overseas")
    for into, code in ((korean, "registration_differs"), (city.investor, "identities_apart")):
        dry = await world.get(f"/enterprises/{foreign}/merge", into_id=into)
        assert [conflict["code"] for conflict in dry["conflicts"]] == [code]
    world.actor = staff(units=city.districts)
    body = {"into_id": city.investor, "reason": "示例"}
    assert (await world.send("POST", f"/enterprises/{twin}/merge", body, version=1)).status_code == 403
    world.actor = LOCAL_PERSON
    lead = await make.make_lead(city, investor_id=city.investor)
    await world.act(f"/enterprises/{twin}", "merge", body)
    found = await world.post("/duplicates/check", {"investor_id": twin}, status=200)
    assert [one["id"] for one in found["warnings"]] == [lead["id"]]
    for verb, row in (("rankings", {"list_name": "示例", "year": 2022, "rank": 1}), ("contacts", make.CONTACT)):
        answer = await world.send("POST", f"/enterprises/{twin}/{verb}", row)
        assert (answer.status_code, answer.json()["code"]) == (409, "merged_enterprise")


async def test_the_dry_run_names_what_is_wrong_already_beside_the_two(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    parent, deal = signed_project
    await continuing(world, parent["id"])
    second = {"name": make.distinct_name("二期"), "phase_no": 2, "from_on": "2023-04-20"}
    path = f"/projects/{parent['id']}"
    phase = await world.post(f"{path}/phases", second, version=await world.version(path))
    free = await make.make_project(city)
    async with world.database.writing() as session:
        await session.execute(text("UPDATE deals SET status = 'voided' WHERE code = :code"), {"code": deal["code"]})
    dry_run = await world.get(f"/projects/{phase['id']}/merge", into_id=free["id"])
    assert [found["code"] for found in dry_run["conflicts"]] == ["deal_and_stage"]
    body = {"into_id": free["id"], "reason": "示例"}
    refused = await world.send("POST", f"/projects/{phase['id']}/merge", body, version=phase["version"])
    assert (refused.status_code, refused.json()["conflicts"]) == (409, dry_run["conflicts"])


async def test_a_project_merged_into_itself_is_compared_with_the_version_that_was_read(
    world: World, city: make.City
) -> None:
    project = await make.make_project(city)
    body = {"into_id": project["id"], "reason": "示例"}
    for version, status in ((project["version"] + 1, 412), (project["version"], 409)):
        answer = await world.send("POST", f"/projects/{project['id']}/merge", body, version=version)
        assert answer.status_code == status, answer.text
