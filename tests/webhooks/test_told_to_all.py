"""An act on a shared object that affects several projects is logged on each: in its timeline and to receivers."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.controls import confirmed
from tests.webhooks.endpoints import endpoint
from tests.webhooks.receiver import Receiver, receiver
from tests.webhooks.sender import work_off

pytestmark = pytest.mark.anyio

WRONG = {"reason": "示例录错"}
PAUSE = {"happened_on": "2023-01-10", "reason": "示例", "resume_expected_on": "2023-09-01"}


async def timeline(world: World, project_id: str) -> list[dict[str, Any]]:
    """Returns the events of a project, the latest first."""
    found: list[dict[str, Any]] = (await world.get(f"/projects/{project_id}/timeline", limit=200))["items"]
    return found


async def types_of(world: World, project_id: str) -> list[str]:
    return [row["type"] for row in await timeline(world, project_id)]


def told(other: Receiver, *types: str) -> Counter[tuple[str, str]]:
    """Returns how many messages came of each type and object."""
    found = [request.told for request in other.requests]
    return Counter((one["type"], one["data"]["object"]["id"]) for one in found if one["type"] in types)


async def batch_of(world: World, *project_ids: str, name: str = "示例批次") -> str:
    body = {"name": name, "held_on": "2023-03-15", "project_ids": list(project_ids)}
    found: str = (await world.post("/start-batches", body))["id"]
    return found


async def test_a_batch_withdrawn_is_told_of_every_member(world: World, city: make.City) -> None:
    first, second, left, other = [(await make.make_project(city))["id"] for _ in range(4)]
    batch, kept = await batch_of(world, first, second, left), await batch_of(world, first, other)
    await world.post(f"/start-batches/{batch}/projects/{left}/withdrawal", WRONG)
    async with receiver() as to:
        await endpoint(world, to, "project.batch_left")
        await world.post(f"/start-batches/{batch}/withdrawal", WRONG)
        await work_off(world)
        assert told(to, "project.batch_left") == {("project.batch_left", one): 1 for one in (first, second)}
    newest = (await timeline(world, first))[0]
    assert newest["type"] == "project.batch_left"
    assert newest["data"] == {"batch_id": batch, "reason": "示例录错", "is_whole_batch": True}
    assert (await types_of(world, left)).count("project.batch_left") == 1
    assert "project.batch_left" not in await types_of(world, other)
    assert {row["id"] for row in (await world.get(f"/start-batches/{kept}"))["projects"]} == {first, other}
    await world.holds()


async def test_a_withdrawal_costs_the_same_however_many_members(world: World, city: make.City) -> None:
    ids = [(await make.make_project(city))["id"] for _ in range(12)]
    costs = []
    for members in (ids[:2], ids[2:]):
        batch = await batch_of(world, *members)
        with counted(world) as statements:
            await world.post(f"/start-batches/{batch}/withdrawal", WRONG)
        costs.append(len(statements))
        assert [(await types_of(world, one))[0] for one in members] == ["project.batch_left"] * len(members)
    assert costs[0] == costs[1]


async def act_at_random(world: World, chance: random.Random, number: int, ids: list[str], batches: list[str]) -> None:
    """Does a random act on some projects and one of the batches, which may be refused."""
    some, act = chance.sample(ids, chance.randint(0, 3)), chance.randrange(8) if batches else 0
    path = f"/start-batches/{chance.choice(batches)}" if batches else ""
    if act == 0:
        body = {"name": f"示例{number}", "held_on": "2023-03-15", "project_ids": some}
        made = await world.send("POST", "/start-batches", body)
        batches += [made.json()["id"]] if made.status_code == 201 else []
    elif act <= 5:
        for one in some:
            await world.send("POST", f"{path}/projects/{one}" + ("/withdrawal" if act > 3 else ""), act > 3 and WRONG)
    elif act == 6 and number % 3 == 0 and len(some) > 1:
        merge = {"into_id": some[1], "reason": "示例"}
        version = await world.version(f"/projects/{some[0]}")
        await world.send("POST", f"/projects/{some[0]}/merge", merge, version=version)
    else:
        await world.send("POST", f"{path}/withdrawal", WRONG)


async def members_of(world: World, batches: list[str]) -> Counter[str]:
    """Returns in how many of the batches each project is."""
    members: Counter[str] = Counter()
    for batch in batches:
        found = await world.get(f"/start-batches/{batch}")
        if found["withdrawn_reason"] is None:
            members.update(row["id"] for row in found["projects"])
    return members


@pytest.mark.parametrize("seed", [1, 2, 5])
async def test_joined_minus_left_is_who_is_in_it(world: World, city: make.City, seed: int) -> None:
    """After any acts, a receiver that counts knows the members of every batch, and so does a reader of timelines."""
    chance, batches = random.Random(seed), list[str]()
    ids = [(await make.make_project(city))["id"] for _ in range(5)]
    async with receiver() as to:
        await endpoint(world, to, "project.batch_joined", "project.batch_left")
        for number in range(30):
            await act_at_random(world, chance, number, ids, batches)
        await work_off(world)
        joined, left = told(to, "project.batch_joined"), told(to, "project.batch_left")
    members = await members_of(world, batches)
    for one in ids:
        by_message = joined["project.batch_joined", one] - left["project.batch_left", one]
        seen = Counter(await types_of(world, one))
        assert by_message == seen["project.batch_joined"] - seen["project.batch_left"] == members[one]
    assert sum(left.values()) > 0
    await world.holds()


async def test_nobody_joins_a_batch_that_is_being_withdrawn(world: World, city: make.City) -> None:
    ids = [(await make.make_project(city))["id"] for _ in range(6)]
    for number in range(3):
        batch = await batch_of(world, ids[0], name=f"示例{number}")
        joins = [world.send("POST", f"/start-batches/{batch}/projects/{one}") for one in ids[1:]]
        answers = await asyncio.gather(*joins, world.send("POST", f"/start-batches/{batch}/withdrawal", WRONG))
        assert answers[-1].status_code == 201
        assert {answer.status_code for answer in answers} <= {201, 409}
    for one in ids:
        seen = Counter(await types_of(world, one))
        assert seen["project.batch_joined"] == seen["project.batch_left"]


async def test_what_a_phase_reads_of_its_parent_is_told_of_both(world: World, city: make.City) -> None:
    parent = (await make.make_project(city))["id"]
    await world.post(f"/plan-lists/2023/projects/{parent}", {"source": "示例"})
    batch = await batch_of(world, parent)
    body = {"name": "示例一期", "phase_no": 1, "from_on": "2023-04-10", "continues_parent": True}
    phase = (await world.act(f"/projects/{parent}", "phases", body))["id"]
    await world.post(f"/plan-lists/2023/projects/{phase}/withdrawal", WRONG)
    await world.post(f"/start-batches/{batch}/withdrawal", WRONG)
    for one in (parent, phase):
        seen = Counter(await types_of(world, one))
        assert seen["project.batch_left"] == seen["project.batch_joined"] == 1
        assert seen["project.plan_list_withdrawn"] == seen["project.plan_listed"] == 1
    assert (await timeline(world, phase))[0]["data"]["of_project_id"] == parent


async def test_the_end_of_a_post_is_told_of_every_project_led(world: World, city: make.City) -> None:
    led, handed_over, other = [(await make.make_project(city))["id"] for _ in range(3)]
    for one in (led, handed_over):
        await world.post(f"/projects/{one}/leaders", {"official_id": city.officials[0], "opened_on": "2023-01-02"})
    await world.post(f"/projects/{other}/leaders", {"official_id": city.officials[1], "opened_on": "2023-01-02"})
    note = {"official_id": city.officials[1], "opened_on": "2023-02-01", "note": "示例交接"}
    await world.act(f"/projects/{handed_over}", "leader-handovers", note)
    official = f"/officials/{city.officials[0]}"
    post = (await world.get(official))["posts"][0]["id"]
    async with receiver() as to:
        await endpoint(world, to, "five_ones.*")
        await world.act(official, f"posts/{post}/end", {"ended_on": "2023-03-31"})
        await work_off(world)
        assert told(to, "five_ones.leader_out_of_post") == {("five_ones.leader_out_of_post", led): 1}
        # The next post begins later: a gap stays between them.
        term = {"unit_id": city.city, "title": "示例职务二", "started_on": "2023-05-01"}
        await world.post(f"{official}/posts", term)
        await work_off(world)
        assert (
            told(to, "five_ones.leader_out_of_post", "five_ones.leader_in_post")["five_ones.leader_out_of_post", led]
            == 2
        )
        # Ended before that of the same day: nothing is missing any more, and who handed over then is not concerned.
        await world.act(official, f"posts/{post}/end", {"ended_on": "2023-04-30"})
        await work_off(world)
        assert told(to, "five_ones.leader_in_post") == {("five_ones.leader_in_post", led): 1}
    gaps = [row["data"]["out_of_post"] for row in await timeline(world, led) if "_post" in row["type"]]
    assert gaps == [[], [["2023-04-01", "2023-04-30"]], [["2023-04-01", None]]]
    for one in (handed_over, other):
        assert not [row for row in await types_of(world, one) if "_post" in row]
    await world.holds()


async def test_a_post_that_ended_before_a_handover_is_told_too(world: World, city: make.City) -> None:
    led = (await make.make_project(city))["id"]
    await world.post(f"/projects/{led}/leaders", {"official_id": city.officials[0], "opened_on": "2023-01-02"})
    note = {"official_id": city.officials[1], "opened_on": "2023-02-01", "note": "示例交接"}
    await world.act(f"/projects/{led}", "leader-handovers", note)
    official = f"/officials/{city.officials[0]}"
    post = (await world.get(official))["posts"][0]["id"]
    await world.act(official, f"posts/{post}/end", {"ended_on": "2023-01-20"})
    newest = (await timeline(world, led))[0]
    assert (newest["type"], newest["data"]["out_of_post"]) == (
        "five_ones.leader_out_of_post",
        [["2023-01-21", "2023-01-31"]],
    )


async def test_limits_are_told_of_the_projects_whose_day_moves(world: World, city: make.City) -> None:
    waiting, paused = [(await make.make_project(city))["id"] for _ in range(2)]
    await world.act(f"/projects/{paused}", "pause", PAUSE)
    stages = {row["code"]: row for row in await world.get("/pipeline/stages")}
    was = (await world.get(f"/projects/{waiting}"))["due_on"]
    screened = stages["screened"]
    body = {name: screened[name] for name in ("name_zh", "name_en")}
    async with receiver() as to:
        await endpoint(world, to, "*")
        for version, amount in ((screened["version"], 20), (screened["version"] + 1, 20)):
            limits = [{"kind": "idle", "amount": amount, "unit": "day"}]
            answer = await world.send(
                "PUT", "/pipeline/stages/screened", {**body, "limits": limits, "gates": []}, version=version
            )
            assert answer.status_code == 200, answer.text
        await work_off(world)
        assert told(to, "project.due_on_moved") == {("project.due_on_moved", waiting): 1}
        (one,) = [request.told for request in to.requests if request.told["type"] == "project.due_on_moved"]
        assert one["data"]["changed"] == ["due_on"]
    now = (await world.get(f"/projects/{waiting}"))["due_on"]
    newest = (await timeline(world, waiting))[0]
    assert (newest["type"], newest["data"]) == (
        "project.due_on_moved",
        {"changes": {"due_on": [was, now]}, "by": "stage"},
    )
    assert "project.due_on_moved" not in await types_of(world, paused)


async def test_a_calendar_and_a_clock_are_told_of_what_waits_by_them(world: World, city: make.City) -> None:
    waiting, answered = await make.make_lead(city), await make.make_lead(city)
    own = f"/leads/{answered['id']}"
    await world.act(own, "answer", {"on": "2023-06-01", "note": "示例"})
    await world.act(own, "assessments", {"outcome": "reserve", "on": "2023-06-01", "reason": "示例"})
    off = {"kind": "off", "name_zh": "示例放假"}
    days = [*(await world.get("/calendars/2023"))["days"], {"day": "2023-06-02", **off}]
    async with receiver() as to:
        await endpoint(world, to, "*")
        body = {"source": "示例通知", "days": days, "reason": "示例"}
        await confirmed(world, await world.send("PUT", "/calendars/2023", body, version=1))
        clock = {"amount": 5, "source": "示例", "reason": "示例"}
        await confirmed(world, await world.send("PUT", "/lead-clocks/assess", clock, version=1))
        await work_off(world)
        assert told(to, "lead.due_on_moved") == {("lead.due_on_moved", waiting["id"]): 2}
    rows = (await world.get(f"/leads/{waiting['id']}/timeline"))["items"]
    moved = [row["data"] for row in rows if row["type"] == "lead.due_on_moved"]
    assert [one["by"] for one in moved] == ["lead_clock", "calendar"]
    assert sorted(moved[0]["changes"]) == ["assess_due_on"]
    assert sorted(moved[1]["changes"]) == ["answer_due_on", "assess_due_on", "due_on"]
    assert await world.version(f"/leads/{waiting['id']}") == waiting["version"]


async def test_shared_objects_are_told_of_themselves(world: World, city: make.City) -> None:
    unit, force = f"/units/{city.districts[1]}", f"/task-forces/{city.task_forces[0]}"
    async with receiver() as to:
        await endpoint(world, to, "unit.*", "task_force.*", "start_batch.*")
        version = await world.version(unit)
        body = {"parent_id": city.districts[0], "valid_from": "2023-05-01", "reason": "示例"}
        await confirmed(world, await world.send("POST", f"{unit}/parents", body, version=version))
        closing = {"closed_on": "2023-05-31"}
        assert (await world.send("PATCH", unit, closing, version=version + 1)).status_code == 200
        force_version = await world.version(force)
        assert (await world.send("PATCH", force, closing, version=force_version)).status_code == 200
        batch = await batch_of(world)
        await work_off(world)
        assert Counter(request.told["type"] for request in to.requests) == {
            "unit.parent_set": 1,
            "unit.updated": 1,
            "task_force.updated": 1,
            "start_batch.created": 1,
        }
        for request in to.requests:
            link = request.told["data"]["link"]
            assert (await world.client.get(link)).status_code == 200, link
    assert batch


async def test_nobody_is_appointed_untold_while_the_post_ends(world: World, city: make.City) -> None:
    """Either the appointment is refused because the post has ended, or an event of the project names the end."""
    for number in range(3):
        official = await make.make_official(world, city.city, f"示例干部甲{number}")
        project = (await make.make_project(city))["id"]
        post = (await world.get(f"/officials/{official}"))["posts"][0]["id"]
        appoint = {"official_id": official, "opened_on": "2023-04-10"}
        end, appointed = await asyncio.gather(
            world.send("POST", f"/officials/{official}/posts/{post}/end", {"ended_on": "2023-03-31"}, version=1),
            world.send("POST", f"/projects/{project}/leaders", appoint),
        )
        assert (end.is_success, appointed.status_code) in ((True, 201), (True, 422))
        was_told = "five_ones.leader_out_of_post" in await types_of(world, project)
        assert was_told is (appointed.status_code == 201)


async def test_a_phase_that_never_was_is_told_that_it_left(world: World, city: make.City) -> None:
    parent = (await make.make_project(city))["id"]
    await world.post(f"/plan-lists/2023/projects/{parent}", {"source": "示例"})
    batch = await batch_of(world, parent)
    body = {"name": "示例一期", "phase_no": 1, "from_on": "2023-04-10", "continues_parent": True}
    phase = (await world.act(f"/projects/{parent}", "phases", body))["id"]
    await world.act(f"/projects/{phase}", "phase-withdrawal", WRONG)
    seen = Counter(await types_of(world, phase))
    assert seen["project.batch_left"] == seen["project.batch_joined"] == 1
    assert seen["project.plan_list_withdrawn"] == seen["project.plan_listed"] == 1
    await world.post(f"/start-batches/{batch}/withdrawal", WRONG)
    assert (await types_of(world, parent)).count("project.batch_left") == 1
    assert (await types_of(world, phase)).count("project.batch_left") == 1
    await world.holds()
