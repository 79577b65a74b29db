"""Whose tasks the queue holds, for a district, a department, a task force and an official, against plain SQL; and
against the lists of the same rows, for the whole sample."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from app.accounts import service as accounts
from app.accounts.roles import Role
from tests.accounts.people import session_of, sign_in_required, user
from tests.accounts.test_scope_of_roles import city_of_several, scalar, spelled
from tests.conftest import World, running
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.lists.test_facets import walked

TODAY, UNTIL = "2023-06-01", "2023-06-15"
OPEN = "NOT p.is_parent AND p.status = 'active'"
LAST = (
    "SELECT * FROM follow_ups f WHERE f.next_step_on <= '{until}' AND NOT EXISTS (SELECT 1 FROM follow_ups g"
    ' WHERE g.{key} = f.{key} AND (g."on" > f."on" OR (g."on" = f."on" AND g.id > f.id)))'
)
FROM = "(SELECT position FROM stages WHERE code = 'negotiating')"
TO = "(SELECT position FROM stages WHERE code = 'at_capacity')"
LACKS = (
    "(NOT EXISTS (SELECT 1 FROM leader_assignments a WHERE a.project_id = p.id AND a.closed_on IS NULL)"
    " OR NOT EXISTS (SELECT 1 FROM teams t WHERE t.project_id = p.id AND t.closed_on IS NULL)"
    " OR NOT EXISTS (SELECT 1 FROM plans q WHERE q.project_id = p.id))"
)
NO_LEADER = "NOT EXISTS (SELECT 1 FROM leader_assignments a WHERE a.project_id = p.id AND a.closed_on IS NULL)"
QUERIES = {
    "overdue": f"SELECT count(*) FROM projects p WHERE {OPEN} AND p.due_on < '{TODAY}' AND {{p}}",
    "limits": f"SELECT count(*) FROM projects p WHERE {OPEN} AND p.due_on BETWEEN '{TODAY}' AND '{UNTIL}' AND {{p}}",
    "answer": "SELECT count(*) FROM leads l WHERE l.answered_on IS NULL AND {l}",
    "assess": "SELECT count(*) FROM leads l WHERE l.assessed_on IS NULL AND {l}",
    "milestone": "SELECT count(*) FROM milestones m JOIN plans n ON n.id = m.plan_id JOIN projects p ON p.id ="
    f" n.project_id WHERE {OPEN} AND m.planned_on <= '{UNTIL}' AND {{p}}",
    "next_step": "SELECT (SELECT count(*) FROM projects p JOIN ("
    + LAST.format(until=UNTIL, key="project_id")
    + f") f ON f.project_id = p.id WHERE {OPEN} AND {{steps_p}}) + (SELECT count(*) FROM leads l JOIN ("
    + LAST.format(until=UNTIL, key="lead_id")
    + ") f ON f.lead_id = l.id WHERE {steps_l})",
    "approval": "SELECT count(*) FROM deals d JOIN projects p ON p.id = d.project_id WHERE d.status = 'draft'"
    " AND d.submitted_at IS NOT NULL AND {d}",
    "returned": "SELECT count(*) FROM deals d JOIN projects p ON p.id = d.project_id WHERE d.status = 'draft'"
    " AND d.return_reason IS NOT NULL AND {r}",
    "five_ones": "SELECT count(*) FROM projects p JOIN stages s ON s.code = p.stage WHERE NOT p.is_parent"
    f" AND p.status IN ('active', 'paused') AND s.position < {TO} AND {{p}}"
    f" AND ((s.position >= {FROM} AND {LACKS}) OR (s.position < {FROM} AND {NO_LEADER}))",
    "inbox": "SELECT 0",
}


async def of_several(world: World) -> make.City:
    """Adds tasks of each kind to a city of several units."""
    city = await city_of_several(world)
    projects = (await world.get("/projects", sort="code"))["items"]
    step = {"kind": "call", "on": "2023-05-31", "summary": "示例", "next_step_on": "2023-06-10"}
    for number, project in enumerate(projects):
        path = f"/projects/{project['id']}"
        if number % 2:
            await world.post(f"{path}/follow-ups", step)
        else:
            draft = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
            if number:
                await world.act(f"/deals/{draft['id']}", "submission", None)
            if number == 2:
                await world.act(f"/deals/{draft['id']}", "return", {"reason": "示例"})
        if project["stage"] == "signed":
            plan = {"title": "示例", "reason": "示例", "milestones": [{"name": "示例", "planned_on": "2023-06-05"}]}
            await world.post(f"{path}/plans", plan, version=await world.version(path))
    for number, unit in enumerate((*city.districts, *city.districts)):
        where = {"unit_id": None} if number > 2 else {"unit_id": unit}
        force = city.task_forces[0] if number == 4 else None
        lead = await make.make_lead(city, first_unit_id=unit, place_unit_id=unit, task_force_id=force, **where)
        if number == 1:
            answered = {"on": "2023-06-01", "note": "示例", "handler_id": city.officials[3]}
            await world.act(f"/leads/{lead['id']}", "answer", answered)
            await world.post(f"/leads/{lead['id']}/follow-ups", {**step, "on": "2023-06-01"})
    return city


async def next_steps_of(world: World, city: make.City, names: tuple[str, ...]) -> None:
    """Has each user write down a next step of every project and lead, which are then open to all of them alike."""
    step = {"kind": "call", "on": "2023-06-01", "summary": "示例", "next_step": "示例", "next_step_on": "2023-06-08"}
    before = world.actor
    paths = [
        f"/{room}/{record['id']}/follow-ups"
        for room in ("projects", "leads")
        for record in (await world.get(f"/{room}", limit=200))["items"]
    ]
    for number, path in enumerate(paths):
        if (writer := number % (len(names) + 1)) == len(names):
            continue
        async with world.database.reading() as session:
            id = (await accounts.get(session, names[writer])).id
        world.actor = clerk(Role.bureau, name=str(id))
        await world.post(path, step)
    world.actor = before


@pytest.mark.anyio
async def test_the_queue_is_that_of_the_scope(world: World) -> None:
    city = await of_several(world)
    here, there, below = city.districts[0], city.districts[1], city.districts[-1]
    force, person = city.task_forces[0], city.officials[3]
    await user(world, "leader", Role.leader)
    await user(world, "bureau", Role.bureau)
    await user(world, "district", Role.district, unit_id=here)
    await user(world, "department", Role.department, unit_id=there)
    await user(world, "force", Role.task_force, task_force_ids=[force])
    await user(world, "person", Role.district, unit_id=here, official_id=person)

    await next_steps_of(world, city, ("bureau", "district", "department", "person"))
    wrote = (
        "EXISTS (SELECT 1 FROM events e JOIN users u ON u.name = '{0}' WHERE e.id = f.event_id AND"
        " replace(e.actor_id, '-', '') = replace(CAST(u.id AS VARCHAR(36)), '-', ''))"
    )

    def units(*ids: str) -> str:
        return f"IN ({spelled(world, list(ids))})"

    works = f"p.id IN (SELECT project_id FROM project_members WHERE official_id {units(person)})"
    handles = f"l.handler_id {units(person)}"
    nothing, everything = "1 = 0", "1 = 1"
    deals_with = "CASE WHEN l.unit_id IS NULL AND l.task_force_id IS NULL THEN l.first_unit_id ELSE l.unit_id END"
    reports = "(l.unit_id {0} OR l.first_unit_id {0})"
    tree = units(here, below)
    expected: dict[tuple[str, str], tuple[str, str, str]] = {
        ("leader", "visible"): (everything, everything, everything),
        ("leader", "mine"): (nothing, nothing, nothing),
        ("bureau", "visible"): (everything, everything, everything),
        ("bureau", "mine"): (nothing, nothing, everything),
        ("district", "visible"): (f"p.unit_id {tree}", reports.format(tree), f"p.unit_id {tree}"),
        ("district", "mine"): (f"p.unit_id {units(here)}", f"{deals_with} {units(here)}", nothing),
        ("department", "visible"): (
            f"p.unit_id {units(there)}",
            reports.format(units(there)),
            f"p.unit_id {units(there)}",
        ),
        ("department", "mine"): (f"p.unit_id {units(there)}", f"{deals_with} {units(there)}", nothing),
        ("force", "visible"): (
            f"p.task_force_id {units(force)}",
            f"l.task_force_id {units(force)}",
            f"p.task_force_id {units(force)}",
        ),
        ("force", "mine"): (f"p.task_force_id {units(force)}", f"l.task_force_id {units(force)}", nothing),
        ("person", "visible"): (
            f"(p.unit_id {tree} OR {works})",
            f"({reports.format(tree)} OR {handles})",
            f"(p.unit_id {tree} OR {works})",
        ),
        ("person", "mine"): (works, handles, nothing),
    }
    seen = set()
    async with sign_in_required(world):
        for (name, scope), (of_projects, of_leads, of_deals) in expected.items():
            headers = await session_of(world, name)
            answer = await world.client.get("/api/v1/me/tasks", params={"scope": scope, "limit": 200}, headers=headers)
            page = answer.json()
            found = Counter(item["kind"] for item in page["items"])
            found["limits"] = found.pop("idle_limit", 0) + found.pop("stage_limit", 0)
            for kind, query in QUERIES.items():
                of_drafts = of_projects if scope == "visible" else nothing
                seen_projects, seen_leads, _ = expected[name, "visible"]
                steps = {
                    "steps_p": f"({of_projects} OR ({wrote.format(name)} AND {seen_projects}))",
                    "steps_l": f"({of_leads} OR ({wrote.format(name)} AND {seen_leads}))",
                }
                number = await scalar(world, query.format(p=of_projects, l=of_leads, d=of_deals, r=of_drafts, **steps))
                assert found[kind] == number, (name, scope, kind)
            assert page["counts"]["all"] == len(page["items"]), (name, scope)
            seen.add(page["counts"]["all"])
            if scope == "mine":
                counts = (await world.client.get("/api/v1/me/counts", headers=headers)).json()
                urgent = Counter(item["severity"] for item in page["items"])
                assert counts == {
                    "todo": len(page["items"]),
                    "overdue": urgent["overdue"],
                    "past_due": urgent["overdue"],
                    "today": urgent["today"],
                    "soon": urgent["soon"],
                    "overdue_projects": found["overdue"],
                    "leads": found["answer"] + found["assess"],
                    "deals": found["approval"],
                    "returned": 0,
                    "inbox": 0,
                }
    assert len(seen) > 6


def test_the_queue_of_the_sample_is_what_the_lists_say(sample_copy: str) -> None:
    async def all_of_it() -> None:
        async with running(sample_copy) as world:
            first = await world.get("/me/tasks", scope="visible", limit=1, horizon_days=92)
            day = first["today"]
            tasks = await walked(world, "/me/tasks", scope="visible", horizon_days=92)
            assert first["counts"]["all"] == len(tasks) > 100
            keys = [(item["due_on"] or day, item["kind"], item["id"]) for item in tasks]
            assert len(set(keys)) == len(keys)
            assert [key[0] for key in keys] == sorted(key[0] for key in keys)
            rows = {row["id"]: row for row in await walked(world, "/projects", is_leaf="true")}
            by_kind: dict[str, set[str]] = {}
            for item in tasks:
                by_kind.setdefault(item["kind"], set()).add(item["id"])
            overdue = {id for id, row in rows.items() if row["is_overdue"]}
            assert by_kind["overdue"] == overdue
            running_out = {
                id: row["clock"]["kind"]
                for id, row in rows.items()
                if row["clock"] and 0 <= row["clock"]["days_left"] <= 92 and row["status"] == "active"
            }
            assert by_kind["idle_limit"] == {id for id, kind in running_out.items() if kind == "idle"}
            assert by_kind["stage_limit"] == {id for id, kind in running_out.items() if kind != "idle"}
            gaps = await walked(world, "/five-ones/gaps")
            lacking = {
                gap["id"]
                for gap in gaps
                if gap["lacks_leader"] or gap["lacks_team"] or gap["lacks_plan"] or gap["is_leader_out_of_post"]
            }
            assert by_kind.get("five_ones", set()) <= lacking
            assert UUID(tasks[0]["id"])

    asyncio.run(all_of_it())
