"""A period on one page: each figure has its caliber and rows that add up to it, as known at any moment."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.core.actor import Actor, ActorKind
from app.pipeline import line, move_writer
from app.projects.models import Status
from app.projects.moves import MoveKind
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.figures import adds_up, rows

pytestmark = pytest.mark.anyio

FIGURES = ("collective-start", "started-or-resumed", "planned-year")


async def building(city: make.City, started_on: str, planned: str | None = None, **fields: Any) -> str:
    """Makes a construction project started on a day. Returns its id."""
    entered_on = f"{int(started_on[:4]) - 1}-12-01"
    project = await make.make_project(city, program="construction", entered_on=entered_on, **fields)
    await make.give_five_ones(city, project["id"], entered_on)
    await make.add_evidence(city, project["id"], "project_approval", "construction_permit", on=entered_on)
    await make.move(city, project["id"], "started", started_on, catch_up=True)
    if planned is not None:
        await plan(city, project["id"], planned, "2022-01-01")
    return str(project["id"])


async def plan(city: make.City, project: str, amount: str, on: str) -> None:
    body = {"kind": "planned_total", "value": amount, "effective_on": on, "source": "示例"}
    await city.world.post(f"/projects/{project}/amounts", body)


async def merged(world: World, project_id: str) -> None:
    """Merges a project by its move alone, without the checks of the verb."""
    async with (
        world.database.writing() as session,
        line.held(session, LOCAL_PERSON, UUID(project_id), None) as held,
    ):
        step = move_writer.Step(MoveKind.merge, held.project.stage, Status.merged, held.project.updated_at.date())
        await move_writer.make(held, [step], move_writer.Grounds(), "project.merged", {})


async def test_started_and_resumed_each_once(world: World, city: make.City) -> None:
    new = await building(city, "2023-02-10", "100.00")
    await building(city, "2023-04-10", "7.00")  # after the quarter
    old = await building(city, "2022-05-01", "20.00")
    silent = await building(city, "2022-05-01", "3.00")  # carried over, not resumed
    bare = await building(city, "2022-05-01")
    done = await building(city, "2022-05-01", "5.00")
    for project, on in ((old, "2023-03-01"), (bare, "2023-03-31"), (done, "2023-02-01")):
        await world.post(f"/projects/{project}/work-resumptions", {"on": on})
    await make.add_evidence(city, done, "acceptance", on="2023-02-10")
    await make.move(city, done, "completed", "2023-02-20", catch_up=True)  # within the quarter: it still counts
    found = await adds_up(world, period="2023Q1")
    started = found["started_or_resumed"]
    assert (started["count"], started["amount"], started["without_amount"]) == (4, "125.00", 1)
    kinds = {row["project"]["id"]: row["kind"] for row in await rows(world, started)}
    assert kinds == {new: "started", old: "resumed", bare: "resumed", done: "resumed"}
    assert silent not in kinds
    dear = await adds_up(world, period="2023Q1", min_planned_total="20.00")
    assert (dear["started_or_resumed"]["count"], dear["started_or_resumed"]["amount"]) == (2, "120.00")
    assert dear["planned_year"] == {**found["planned_year"]}
    second = await adds_up(world, period="2023Q2")
    assert second["started_or_resumed"]["count"] == 1
    whole = await adds_up(world, period="2023")
    assert whole["started_or_resumed"]["count"] == 5
    end = {"happened_on": "2023-05-10", "reason_code": "market", "reason": "示例"}
    await world.act(f"/projects/{new}", "termination", end)
    assert (await adds_up(world, period="2023Q1"))["started_or_resumed"]["count"] == 4
    before = await adds_up(world, period="2023Q1")
    await merged(world, old)
    after = await adds_up(world, period="2023Q1")
    assert (after["started_or_resumed"]["count"], after["started_or_resumed"]["amount"]) == (3, "105.00")
    assert await world.get("/totals/overview", period="2023Q1", known_at=before["known_at"]) == before


async def test_the_rows_of_a_filter_are_grouped_with_it(world: World, city: make.City) -> None:
    await building(city, "2023-02-10", "100.00")
    await building(city, "2023-03-10", "20.00")
    asked = {"period": "2023Q1", "min_planned_total": "1.00", "kind": "started", "limit": 1}
    found = await world.get("/totals/started-or-resumed/rows", **asked, group_by="unit,program,month")
    assert set(found["groups"]) == {"unit", "program"}, "by those it has"
    (program,) = found["groups"]["program"]
    assert (program["key"], program["count"], program["amount"]) == ("construction", 2, "120.00")
    assert found["sum"]["planned_total"] == "120.00"
    asked["min_planned_total"] = "50.00"
    narrower = await world.get("/totals/started-or-resumed/rows", **asked, group_by="size")
    (size,) = narrower["groups"]["size"]
    assert (size["count"], size["amount"]) == (1, "100.00")
    behind = (await world.client.get(size["rows_url"])).json()
    assert [row["planned_total"] for row in behind["items"]] == ["100.00"]
    waiting = await world.get("/totals/awaiting-signed/rows", period="2023Q1", group_by="unit")
    assert waiting["groups"] == {"unit": []}


async def test_a_completed_project_is_carried_over_no_more(world: World, city: make.City) -> None:
    done = await building(city, "2022-05-01", "5.00")
    await world.post(f"/projects/{done}/work-resumptions", {"on": "2023-02-01"})
    await make.add_evidence(city, done, "acceptance", on="2022-11-01")
    await make.move(city, done, "completed", "2023-02-20", catch_up=True)
    assert (await adds_up(world, period="2023Q1"))["started_or_resumed"]["count"] == 1
    assert (await adds_up(world, period="2023Q2"))["started_or_resumed"]["count"] == 0


async def test_the_plan_list_with_what_it_plans_for_the_year(world: World, city: make.City) -> None:
    listed, bare = await make.make_project(city), await make.make_project(city)
    await plan(city, listed["id"], "500.00", "2023-01-05")
    world.clock.set(2023, 3, 1)
    await world.post(f"/plan-lists/2023/projects/{listed['id']}", {"planned_this_year": "50.00", "source": "示例"})
    await world.post(f"/plan-lists/2023/projects/{bare['id']}", {"source": "示例"})
    world.clock.set(2023, 5, 1)
    found = (await adds_up(world, period="2023Q1"))["planned_year"]
    assert (found["count"], found["without_amount"]) == (2, {"planned_total": 1, "planned_this_year": 1})
    assert (found["amount"]["planned_total"], found["amount"]["planned_this_year"]) == ("500.00", "50.00")
    assert (await adds_up(world, period="2022"))["planned_year"]["count"] == 0
    await plan(city, listed["id"], "900.00", "2023-04-20")
    assert (await adds_up(world, period="2023Q1"))["planned_year"]["amount"]["planned_total"] == "500.00"
    assert (await adds_up(world, period="2023Q2"))["planned_year"]["amount"]["planned_total"] == "900.00"


async def test_a_collective_start_counts_promotion_at_the_amount_of_the_day(world: World, city: make.City) -> None:
    first, second = await make.make_project(city), await make.make_project(city, program="both")
    other = await make.make_project(city, program="construction")
    await plan(city, first["id"], "10.00", "2023-01-05")
    await plan(city, first["id"], "99.00", "2023-03-20")
    ids = [first["id"], second["id"], other["id"]]
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-15", "project_ids": ids})
    found = (await adds_up(world, period="2023Q1"))["collective_start"]
    assert (found["count"], found["amount"], found["without_amount"]) == (2, "10.00", 1)
    again = await world.post("/start-batches", {"name": "示例二", "held_on": "2023-03-25", "project_ids": ids[:1]})
    assert (await adds_up(world, period="2023Q1"))["collective_start"]["count"] == 2
    assert (await adds_up(world, period="2023-02"))["collective_start"]["count"] == 0
    for wrong in (batch, again):
        await world.post(f"/start-batches/{wrong['id']}/withdrawal", {"reason": "示例"})
    assert (await adds_up(world, period="2023Q1"))["collective_start"]["count"] == 0


async def test_what_was_said_then_is_said_again(world: World, city: make.City) -> None:
    """After withdrawals, new amounts, transfers, phases and corrections, each earlier answer comes back."""
    started = await building(city, "2023-02-10", "100.00")
    old = await building(city, "2022-05-01", "20.00")
    signed, deal = await make.make_signed(city)
    said: list[tuple[dict[str, Any], dict[str, Any]]] = []

    async def note() -> None:
        for unit in (None, city.districts[0], city.districts[1]):
            asked: dict[str, Any] = {"period": "2023Q1", **({"unit_id": unit} if unit else {})}
            said.append((asked, await adds_up(world, **asked)))

    await note()
    await world.post(f"/projects/{old}/work-resumptions", {"on": "2023-03-01"})
    await world.post(f"/plan-lists/2023/projects/{started}", {"planned_this_year": "5.00", "source": "示例"})
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-15", "project_ids": [signed["id"]]})
    await note()
    await world.post(f"/projects/{old}/work-resumptions/2023/withdrawal", {"reason": "示例"})
    await world.post(f"/plan-lists/2023/projects/{started}/withdrawal", {"reason": "示例"})
    await world.post(f"/start-batches/{batch['id']}/projects/{signed['id']}/withdrawal", {"reason": "示例"})
    await note()
    await plan(city, started, "300.00", "2023-03-01")
    last = (await world.get(f"/projects/{started}/moves"))[-1]
    redated = {"happened_on": "2023-02-20", "reason": "示例"}
    await world.act(f"/projects/{started}", f"moves/{last['id']}/correction", redated)
    await note()
    ruling = {"unit_id": city.districts[1], "ruled_on": "2023-03-01", "document": "示例", "reason": "示例"}
    for project in (started, signed["id"]):
        await world.act(f"/projects/{project}", "transfers", ruling)
    await note()
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-03-20", "continues_parent": True}
    await world.act(f"/projects/{started}", "phases", first)
    await world.act(f"/projects/{signed['id']}", "phases", {**first, "name": "示例另一项目一期"})
    await make.move(city, (await phase_of(world, signed["id"])), "negotiating", "2023-04-01", reason="示例")
    await note()
    await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-05-01", "reason": "示例"})
    await note()
    for asked, then in said:
        again = await world.get("/totals/overview", **asked, known_at=then["known_at"])
        assert again == then
    waiting = [then["awaiting_signed"]["count"] for asked, then in said if "unit_id" not in asked]
    assert waiting == [0, 0, 0, 0, 0, 1, 0]
    starts = [then["started_or_resumed"]["count"] for asked, then in said if asked.get("unit_id") == city.districts[1]]
    assert starts == [0] * len(starts)  # it started in February, before it was passed on
    await world.holds()


async def phase_of(world: World, parent: str) -> str:
    return str((await world.get(f"/projects/{parent}"))["phases"][0]["id"])


async def test_a_start_made_by_a_parent_is_counted_once(world: World, city: make.City) -> None:
    """It was a leaf then; the phase that continues it resumes work in later years."""
    parent = await building(city, "2022-05-01", "20.00")
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2022-06-01", "continues_parent": True}
    phase = await world.act(f"/projects/{parent}", "phases", first)
    assert (await adds_up(world, period="2022"))["started_or_resumed"]["count"] == 1
    await world.post(f"/projects/{phase['id']}/work-resumptions", {"on": "2023-03-01"})
    found = await adds_up(world, period="2023Q1")
    assert [row["project"]["id"] for row in await rows(world, found["started_or_resumed"])] == [phase["id"]]


async def test_an_approved_deal_waits_until_its_project_is_signed(world: World, city: make.City) -> None:
    project = await make.make_project(city)
    await make.give_five_ones(city, project["id"])
    deal = await make.make_deal(city, project["id"], "300.00")
    found = (await adds_up(world, period="2023Q1"))["awaiting_signed"]
    assert (found["count"], found["amount"]) == (1, "300.00")
    assert [row["deal"]["id"] for row in await rows(world, found)] == [deal["id"]]
    await make.move(city, project["id"], "signed", "2023-02-01", catch_up=True)
    assert (await adds_up(world, period="2023Q1"))["awaiting_signed"]["count"] == 0


async def test_a_district_keeps_what_counted_for_it(world: World, city: make.City) -> None:
    here, there = city.districts
    project = await building(city, "2023-02-10", "100.00")
    ruling = {"unit_id": there, "ruled_on": "2023-04-01", "document": "示例", "reason": "示例"}
    await world.act(f"/projects/{project}", "transfers", ruling)
    await building(city, "2023-02-10", "7.00", unit_id=there, place_unit_id=there)
    world.actor = Actor("d1", "示例区1", ActorKind.person, unit_ids=frozenset({UUID(here)}))
    found = await adds_up(world, period="2023Q1")
    assert (found["started_or_resumed"]["count"], found["started_or_resumed"]["amount"]) == (1, "100.00")
    row = (await rows(world, found["started_or_resumed"]))[0]["project"]
    assert (row["id"], row["name"], row["href"]) == (None, None, None)
    assert row["code"].startswith("P")


@pytest.mark.parametrize("period", ["", "23Q1", "2023Q5", "2023-13", "2023H3", "2023Q1 ", "1948", "２０２３"])
async def test_periods_that_are_none(world: World, period: str) -> None:
    for path in ("overview", *(f"{figure}/rows" for figure in (*FIGURES, "awaiting-signed"))):
        answer = await world.client.get(f"/api/v1/totals/{path}", params={"period": period})
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "?period"


async def continued(world: World, parent: str, from_on: str, **fields: Any) -> str:
    """Adds a phase that continues a project from a day on. Returns its id."""
    body = {"name": make.distinct_name("示例一期"), "phase_no": 1, "from_on": from_on, "continues_parent": True}
    return str((await world.act(f"/projects/{parent}", "phases", {**body, **fields}))["id"])


async def test_a_leaf_on_the_plan_list_that_gets_phases_stays_on_it(world: World, city: make.City) -> None:
    """The phase that continues it takes its place from its first day on, and is withdrawn in the same way."""
    parent = await building(city, "2022-03-01", "100.00")
    listing = f"/plan-lists/2023/projects/{parent}"
    await world.post(listing, {"planned_this_year": "5.00", "source": "示例：只说给总项目"})
    phase = await continued(world, parent, "2023-05-01", unit_id=city.districts[1])
    second = {"name": "示例另一项目二期", "phase_no": 2, "from_on": "2023-05-01"}
    await world.act(f"/projects/{parent}", "phases", second)
    for period, leaf in (("2023Q1", parent), ("2023Q2", phase)):
        found = (await adds_up(world, period=period))["planned_year"]
        assert [row["project"]["id"] for row in await rows(world, found)] == [leaf]
    # Said on 1 June; what was planned with the row goes with it.
    assert found["amount"]["planned_this_year"] == "5.00"
    assert [item["id"] for item in (await world.get("/plan-lists/2023"))["items"]] == [phase]
    world.actor = replace(LOCAL_PERSON, unit_ids=frozenset({UUID(city.districts[1])}))
    assert (await world.send("GET", f"/projects/{parent}")).status_code == 404
    assert [(row["year"], row["source"]) for row in await world.get(f"/projects/{phase}/plan-lists")] == [(2023, None)]
    assert [item["source"] for item in (await world.get("/plan-lists/2023"))["items"]] == [None]
    world.actor = LOCAL_PERSON
    again = await world.send("POST", f"/plan-lists/2023/projects/{phase}", {"source": "示例"})
    assert again.status_code == 409
    await world.post(f"/plan-lists/2023/projects/{phase}/withdrawal", {"reason": "示例"})
    assert (await adds_up(world, period="2023Q2"))["planned_year"]["count"] == 0
    assert (await world.get(f"/projects/{phase}/timeline"))["items"][0]["type"] == "project.plan_list_withdrawn"
    await world.post(f"/plan-lists/2023/projects/{phase}", {"source": "示例"})
    assert (await adds_up(world, period="2023Q2"))["planned_year"]["count"] == 1
    shown = await world.get(f"/projects/{phase}/plan-lists")
    assert [(row["project_id"], row["is_withdrawn"]) for row in shown] == [
        (phase, False),
        (parent, True),
        (parent, False),
    ]
    await world.holds()


@pytest.mark.parametrize("from_on", ["2023-03-15", "2023-03-25"])
async def test_a_fact_of_a_project_is_counted_once_whenever_its_phases_began(
    world: World, city: make.City, from_on: str
) -> None:
    """Resumed and started together on 20 March; continued by a phase from before that day, or from after it."""
    resumed = await building(city, "2022-03-01", "100.00")
    await world.post(f"/projects/{resumed}/work-resumptions", {"on": "2023-03-20"})
    together = (await make.make_project(city, program="both", entered_on="2023-01-10"))["id"]
    batch = await world.post("/start-batches", {"name": "示例", "held_on": "2023-03-20", "project_ids": [together]})
    for project in (resumed, together):
        phase = await continued(world, project, from_on)
        leaf = phase if from_on < "2023-03-20" else project
        found = await adds_up(world, period="2023Q1")
        name = "started_or_resumed" if project == resumed else "collective_start"
        assert [row["project"]["id"] for row in await rows(world, found[name])] == [leaf]
        twice = (
            await world.send("POST", f"/projects/{phase}/work-resumptions", {"on": "2023-03-28"})
            if project == resumed
            else await world.send("POST", f"/start-batches/{batch['id']}/projects/{phase}")
        )
        assert (twice.status_code, twice.json()["code"]) == (409, "already_on_record")
    await world.holds()
