"""Plan lists, collective starts and work resumptions: entered, withdrawn, entered again; one row is in force at a
time."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.actor import Permission
from tests.conftest import World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

WRONG = {"reason": "示例录错"}


async def refused(world: World, path: str, body: Any = None) -> tuple[int, str]:
    answer = await world.send("POST", path, body)
    document = answer.json()
    return answer.status_code, document["errors"][0]["code"] if "errors" in document else document["code"]


async def carried_over(city: make.City, started_on: str = "2022-06-01") -> str:
    """Makes a construction project started on that day. Returns its id."""
    project = await make.make_project(city, program="construction", entered_on="2022-01-01")
    await make.give_five_ones(city, project["id"], "2022-01-02")
    await make.add_evidence(city, project["id"], "project_approval", "construction_permit", on="2022-01-03")
    await make.move(city, project["id"], "started", started_on, catch_up=True)
    return str(project["id"])


async def test_a_project_is_listed_withdrawn_and_listed_again(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    path = f"/plan-lists/2023/projects/{project['id']}"
    assert await refused(world, f"{path}/withdrawal", WRONG) == (409, "not_on_record")
    body = {"planned_this_year": "50000000.00", "source": "示例"}
    await world.post(path, body)
    assert await refused(world, path, body) == (409, "already_on_record")
    listed = await world.get("/plan-lists/2023")
    assert [(row["id"], row["source"]) for row in listed["items"]] == [(project["id"], "示例")]
    amounts = await world.get(f"/projects/{project['id']}/amounts")
    assert [(row["kind"], row["year"], row["value"]) for row in amounts] == [("planned_this_year", 2023, "50000000.00")]
    await world.post(f"{path}/withdrawal", WRONG)
    assert (await world.get("/plan-lists/2023"))["items"] == []
    await world.post(path, {"source": "示例二"})
    rows = await world.get(f"/projects/{project['id']}/plan-lists")
    assert [row["is_withdrawn"] for row in rows] == [False, True, False]
    assert (await world.get("/plan-lists/2024"))["items"] == []
    assert await world.version(f"/projects/{project['id']}") == project["version"]
    await world.holds()


async def test_a_parent_is_not_listed_and_stays_on_the_list_as_a_whole(world: World, city: make.City) -> None:
    parent = await make.make_project(city)
    await world.post(f"/plan-lists/2023/projects/{parent['id']}", {"source": "示例"})
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10"}
    await world.act(f"/projects/{parent['id']}", "phases", first)
    (listed,) = (await world.get("/plan-lists/2023"))["items"]
    assert (listed["id"], listed["is_whole_line"]) == (parent["id"], True)
    assert await refused(world, f"/plan-lists/2024/projects/{parent['id']}", {"source": "示例"}) == (
        409,
        "project_is_parent",
    )


async def test_a_collective_start(world: World, city: make.City) -> None:
    first, second = await make.make_project(city), await make.make_project(city)
    twice = {"name": "示例批次", "held_on": "2023-03-15", "project_ids": [first["id"], first["id"]]}
    assert await refused(world, "/start-batches", twice) == (422, "repeated_value")
    late = {"name": "示例批次", "held_on": "2023-06-02"}
    assert await refused(world, "/start-batches", late) == (422, "future_day")
    batch = await world.post("/start-batches", {**twice, "project_ids": [first["id"]]})
    path = f"/start-batches/{batch['id']}"
    assert [row["id"] for row in batch["projects"]] == [first["id"]]
    assert await refused(world, f"{path}/projects/{first['id']}") == (409, "already_on_record")
    joined = await world.post(f"{path}/projects/{second['id']}", None)
    assert joined["count"]["value"] == 2
    left = await world.post(f"{path}/projects/{first['id']}/withdrawal", WRONG)
    assert [row["id"] for row in left["projects"]] == [second["id"]]
    assert await refused(world, f"{path}/projects/{first['id']}/withdrawal", WRONG) == (409, "not_on_record")
    withdrawn = await world.post(f"{path}/withdrawal", WRONG)
    assert withdrawn["withdrawn_reason"] == "示例录错"
    assert await refused(world, f"{path}/projects/{first['id']}") == (409, "batch_withdrawn")
    assert await refused(world, f"{path}/withdrawal", WRONG) == (409, "batch_withdrawn")
    assert [row["id"] for row in (await world.get("/start-batches", year=2023))["items"]] == [batch["id"]]
    assert (await world.get("/start-batches", year=2022))["items"] == []
    events = {row["type"] for row in (await world.get(f"/projects/{first['id']}/timeline"))["items"]}
    assert {"project.batch_joined", "project.batch_left"} <= events
    await world.holds()


async def test_a_batch_whose_project_is_refused_is_not_made(world: World, city: make.City) -> None:
    parent = await make.make_project(city)
    await world.act(f"/projects/{parent['id']}", "phases", {"name": "示例", "phase_no": 1, "from_on": "2023-02-10"})
    body = {"name": "示例批次", "held_on": "2023-03-15", "project_ids": [parent["id"]]}
    assert await refused(world, "/start-batches", body) == (409, "project_is_parent")
    assert (await world.get("/start-batches"))["items"] == []


async def test_work_resumes_once_a_year(world: World, city: make.City) -> None:
    project = await carried_over(city)
    path = f"/projects/{project}/work-resumptions"
    await world.post(path, {"on": "2023-03-01", "note": "示例"})
    assert await refused(world, path, {"on": "2023-04-01"}) == (409, "already_on_record")
    await world.post(f"{path}/2023/withdrawal", WRONG)
    await world.post(path, {"on": "2023-03-05"})
    rows = await world.get(path)
    assert [(row["on"], row["is_withdrawn"]) for row in rows] == [
        ("2023-03-05", False),
        ("2023-03-01", True),
        ("2023-03-01", False),
    ]
    assert await refused(world, path, {"on": "2023-06-02"}) == (422, "future_day")
    await world.holds()


async def test_only_what_was_started_before_resumes(world: World, city: make.City) -> None:
    new = await carried_over(city, "2023-02-01")
    assert await refused(world, f"/projects/{new}/work-resumptions", {"on": "2023-03-01"}) == (422, "not_carried_over")
    bare = (await make.make_project(city))["id"]
    assert await refused(world, f"/projects/{bare}/work-resumptions", {"on": "2023-03-01"}) == (422, "not_carried_over")
    done = await carried_over(city)
    await make.add_evidence(city, done, "acceptance", on="2023-01-10")
    await make.move(city, done, "completed", "2023-02-01", catch_up=True)
    assert await refused(world, f"/projects/{done}/work-resumptions", {"on": "2023-03-01"}) == (
        422,
        "already_completed",
    )
    strange = {"on": "2023-01-20", "evidence_id": (await world.get(f"/projects/{new}/evidence"))[0]["id"]}
    assert await refused(world, f"/projects/{done}/work-resumptions", strange) == (409, "unknown_evidence")


async def test_two_clerks_at_once(world: World, city: make.City) -> None:
    project = await carried_over(city)
    for path, body in (
        (f"/projects/{project}/work-resumptions", {"on": "2023-03-01"}),
        (f"/plan-lists/2023/projects/{project}", {"source": "示例"}),
    ):
        answers = await asyncio.gather(*(world.send("POST", path, body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    await world.holds()


async def test_that_one_row_stands_is_a_constraint(world: World, city: make.City) -> None:
    """Two standing rows of a series are refused by the database itself."""
    project = await carried_over(city)
    await world.post(f"/projects/{project}/work-resumptions", {"on": "2023-03-01"})
    copy = """
        INSERT INTO work_resumptions (id, project_id, year, seq, "on", is_withdrawn, recorded_at, event_id)
        SELECT event_id, project_id, year, {seq}, "on", is_withdrawn, recorded_at, event_id FROM work_resumptions
    """
    for seq in (1, 2):
        with pytest.raises(IntegrityError):
            async with world.database.writing() as session:
                await session.execute(text(copy.format(seq=seq)))


async def test_lists_want_a_right(world: World, city: make.City) -> None:
    project = (await make.make_project(city))["id"]
    batch = (await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-15"}))["id"]
    world.actor = type(world.actor)(
        "clerk", "示例", world.actor.kind, permissions=frozenset(Permission) - {"keep_lists"}
    )
    for path, body in (
        (f"/plan-lists/2023/projects/{project}", {"source": "示例"}),
        ("/start-batches", {"name": "示例", "held_on": "2023-03-15"}),
        (f"/start-batches/{batch}/projects/{project}", None),
        (f"/start-batches/{batch}/withdrawal", WRONG),
    ):
        answer = await world.send("POST", path, body)
        assert (answer.status_code, answer.json()["permission"]) == (403, "keep_lists")


async def test_check_tells_of_members_that_never_started(world: World, city: make.City) -> None:
    """The figure counts them all the same, so this is a notice and no breach."""
    started, standing = await carried_over(city), await make.make_project(city)
    body = {"name": "示例批次", "held_on": "2023-03-15", "project_ids": [started, standing["id"]]}
    batch = await world.post("/start-batches", body)
    notices = [(finding.rule, finding.row) for finding in await world.findings() if finding.is_notice]
    assert notices == [("start_batch", f"project {standing['code']}")]
    await world.holds()
    await world.post(f"/start-batches/{batch['id']}/withdrawal", WRONG)
    assert await world.findings() == []
