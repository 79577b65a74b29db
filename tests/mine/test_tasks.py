"""The queue holds what is due, in order, for who is to do it, and says what clears it."""

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import SignInSession
from app.accounts.roles import Role
from app.core import office
from app.mine import tasks
from app.mine.kinds import TaskKind
from tests.accounts.people import session_of, sign_in_required, user
from tests.conftest import World
from tests.core.test_statements import counted
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio


async def queue(world: World, **asked: Any) -> list[dict[str, Any]]:
    """Returns the whole queue, two rows a page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.get("/me/tasks", scope="visible", **{"limit": 2, **asked, **cursor})
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        cursor = {"cursor": page["next_cursor"]}


async def test_each_kind_is_in_the_queue_once_and_says_what_clears_it(world: World, city: make.City) -> None:
    late = await make.make_project(city, name="示例：超期")
    idle = await make.make_project(city, name="示例：将到期", entered_on="2023-05-01")
    signed, _ = await make.make_signed(city, name="示例：签约")
    plan = {
        "title": "示例",
        "reason": "示例",
        "milestones": [
            {"name": "示例：过期", "planned_on": "2023-05-20"},
            {"name": "示例：推迟", "planned_on": "2023-05-21"},
            {"name": "示例：将到期", "planned_on": "2023-06-10"},
            {"name": "示例：已完成", "planned_on": "2023-05-10"},
            {"name": "示例：远", "planned_on": "2023-12-10"},
        ],
    }
    path = f"/projects/{signed['id']}"
    published = await world.post(f"{path}/plans", plan, version=await world.version(path))
    by_name = {one["name"]: one["id"] for one in published["milestones"]}
    await world.post(f"{path}/milestones/{by_name['示例：推迟']}/reports", {"forecast_on": "2023-06-12"})
    done = {"actual_on": "2023-05-10", "note": "示例"}
    await world.post(f"{path}/milestones/{by_name['示例：已完成']}/reports", done)
    step = {
        "kind": "call",
        "on": "2023-05-02",
        "summary": "示例",
        "next_step": "示例：回访",
        "next_step_on": "2023-05-09",
    }
    await world.post(f"{path}/follow-ups", step)
    await world.post(f"{path}/follow-ups", {**step, "on": "2023-05-03", "next_step_on": "2023-06-02"})
    lead = await make.make_lead(city)
    await world.post(f"/leads/{lead['id']}/follow-ups", {**step, "on": "2023-05-31", "next_step_on": "2023-06-01"})
    draft = await world.post("/deals", {"project_id": idle["id"], "title": "示例：草案"})
    await world.act(f"/deals/{draft['id']}", "submission", None)
    world.actor = clerk(Role.bureau, name="another")

    items = await queue(world)
    said = [(item["kind"], item["due_on"], item["subject"]["id"], item["severity"]) for item in items]
    assert said == sorted(said, key=lambda one: one[1] or "2023-06-01")
    late_limit = (await world.get(f"/projects/{late['id']}"))["due_on"]
    limit = (await world.get(f"/projects/{signed['id']}"))["due_on"]
    soon = (await world.get(f"/projects/{idle['id']}"))["due_on"]
    assert soon == "2023-06-15"
    expected = [
        ("overdue", late_limit, late["id"], "overdue"),
        ("milestone", "2023-05-20", signed["id"], "overdue"),
        ("next_step", "2023-06-01", lead["id"], "today"),
        ("answer", "2023-06-02", lead["id"], "soon"),
        ("next_step", "2023-06-02", signed["id"], "soon"),
        ("assess", "2023-06-06", lead["id"], "soon"),
        ("milestone", "2023-06-10", signed["id"], "soon"),
        ("milestone", "2023-06-12", signed["id"], "soon"),
        ("idle_limit", soon, idle["id"], "soon"),
        ("approval", None, idle["id"], "today"),
        ("five_ones", None, late["id"], "today"),
        ("five_ones", None, idle["id"], "today"),
    ]
    expected = [(kind, due, draft["id"] if kind == "approval" else of, how) for kind, due, of, how in expected]
    assert limit < "2023-06-01" or limit > "2023-06-15"
    if limit < "2023-06-01":
        expected.append(("overdue", limit, signed["id"], "overdue"))
    assert sorted(said, key=str) == sorted(expected, key=str)
    page = await world.get("/me/tasks", scope="visible", limit=1)
    kinds = Counter(item["kind"] for item in items)
    counts = page["counts"]
    assert counts["by_kind"] == {kind: urgency(items, kind) for kind in TaskKind}
    assert {name: counts[name] for name in TaskKind} == {kind: kinds[kind] for kind in TaskKind}
    assert {name: counts[name] for name in ("all", "past_due", "today", "soon")} == urgency(items, *TaskKind)
    assert counts["overdue_projects"] == kinds["overdue"] < counts["past_due"]
    for severity in ("overdue", "today,soon"):
        chosen = await queue(world, severity=severity)
        assert chosen == [item for item in items if item["severity"] in severity.split(",")]
    shows_what_it_is_recognized_by(items, idle["id"])
    for item in items:
        assert item["zh"]
        assert item["en"]
        assert (item["days"] is None) == (item["due_on"] is None)
        assert item["subject"]["version"] == await world.version(f"/{item['subject']['type']}s/{item['subject']['id']}")
        assert item["unit"]["id"] == city.districts[0]
        assert item["act"] is not None, item
    listed = (await world.get("/milestones", until="2023-06-15"))["items"]
    assert [(row["id"], row["due_on"]) for row in listed] == [
        (item["id"], item["due_on"]) for item in items if item["kind"] == "milestone"
    ]
    for kind in kinds:
        chosen = await queue(world, kind=kind)
        assert chosen == [item for item in items if item["kind"] == kind]
    await world.holds()


def urgency(items: list[dict[str, Any]], *kinds: TaskKind) -> dict[str, int]:
    found = Counter(item["severity"] for item in items if item["kind"] in kinds)
    return {"all": found.total(), "past_due": found["overdue"], "today": found["today"], "soon": found["soon"]}


def shows_what_it_is_recognized_by(items: list[dict[str, Any]], idle_id: str) -> None:
    """Asserts what the lines of the first test show of a lead, of limits, milestones, next steps and drafts."""
    by_kind = {item["kind"]: item for item in items}
    answer, assess = by_kind["answer"], by_kind["assess"]
    assert answer["limit"] == {"kind": None, "amount": 1, "unit": "workday"}
    assert (answer["left"], answer["days"]) == ({"amount": 1, "unit": "workday"}, 1)
    assert "还剩 1 个工作日" in answer["zh"]
    assert (assess["left"], assess["days"]) == ({"amount": 3, "unit": "workday"}, 5)
    assert assess["en"].endswith("3 workdays left")
    assert (answer["channel"], answer["amount"], answer["amount_to"]) == ("walk_in", None, None)
    assert answer["last_follow_up"] == {"on": "2023-05-31", "kind": "call", "with_investor": False}
    idle = by_kind["idle_limit"]
    assert idle["limit"]["kind"] == "idle"
    assert idle["left"] == {"amount": idle["days"], "unit": "day"}
    assert (idle["last_follow_up"], [act["operation"] for act in idle["others"]]) == (None, ["pause_project"])
    assert {item["amount"] for item in items if item["subject"]["id"] == idle_id} == {idle["amount"]}
    milestones = {item["milestone"]["name"]: item["milestone"] for item in items if item["kind"] == "milestone"}
    postponed = {"planned_on": "2023-05-21", "forecast_on": "2023-06-12", "plan_number": 2}
    assert milestones["示例：推迟"] == {"name": "示例：推迟", **postponed}
    assert milestones["示例：过期"]["forecast_on"] is None
    step = next(item for item in items if item["kind"] == "next_step" and item["subject"]["type"] == "project")
    assert (step["next_step"], step["last_follow_up"]["on"]) == ("示例：回访", "2023-05-03")
    draft = by_kind["approval"]["draft"]
    assert (draft["kind"], draft["project"]["id"], draft["is_drafted_by_me"]) == ("formal", idle_id, False)
    assert "signed_on" in {gate["code"] for gate in draft["gates_missing"]}
    assert (by_kind["approval"]["limit"], by_kind["approval"]["left"]) == (None, None)
    assert [act["operation"] for act in by_kind["approval"]["others"]] == ["return_deal"]


async def test_a_returned_draft_waits_for_who_drafted_it(world: World, city: make.City) -> None:
    project = await make.make_project(city, unit_id=city.districts[0])
    drafter = clerk(Role.bureau, name="a")
    world.actor = drafter
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例：草案"})
    await world.act(f"/deals/{draft['id']}", "submission", None)
    approver = clerk(Role.bureau, name="b")
    world.actor = approver
    assert (await world.get("/me/tasks", kind="returned", scope="visible"))["items"] == []
    await world.act(f"/deals/{draft['id']}", "return", {"reason": "示例：金额与协议不符"})
    assert (await world.get("/me/tasks", kind="returned"))["items"] == []
    assert (await world.get("/me/counts"))["returned"] == 0
    (seen,) = (await world.get("/me/tasks", kind="returned", scope="visible"))["items"]
    assert (seen["act"], seen["draft"]["is_drafted_by_me"]) == (None, False)
    world.actor = drafter
    (mine,) = (await world.get("/me/tasks", kind="returned"))["items"]
    assert (await world.get("/me/counts"))["returned"] == 1
    assert mine["subject"] == seen["subject"]
    assert mine["draft"]["return_reason"] == "示例：金额与协议不符"
    assert mine["zh"] == "签约草稿被退回：示例：金额与协议不符"
    assert (mine["severity"], mine["act"]["operation"]) == ("today", "submit_deal")
    await world.act(f"/deals/{draft['id']}", "submission", None)
    assert (await world.get("/me/counts"))["returned"] == 0
    await world.holds()


async def test_over_a_weekend_a_workday_limit_is_told_in_days(world: World, city: make.City) -> None:
    lead = await make.make_lead(city)
    due_on = (await world.get(f"/leads/{lead['id']}"))["answer_due_on"]
    assert due_on == "2023-06-02", "a Friday"
    said = {}
    for day in (2, 3, 5):
        world.clock.set(2023, 6, day)
        (task,) = (await world.get("/me/tasks", scope="visible", kind="answer"))["items"]
        said[day] = (task["left"]["amount"], task["left"]["unit"], task["zh"].partition("，")[2])
    assert said == {
        2: (0, "workday", "今天到期"),
        3: (-1, "day", "超期 1 天"),
        5: (-1, "workday", "超期 1 个工作日"),
    }


async def test_the_agenda_is_this_week_and_the_next(world: World, city: make.City) -> None:
    signed, _ = await make.make_signed(city)
    path = f"/projects/{signed['id']}"
    days = ("2023-05-28", "2023-05-29", "2023-05-30", "2023-06-01", "2023-06-11", "2023-06-12", "2023-06-20")
    plan = {
        "title": "示例",
        "reason": "示例",
        "milestones": [{"name": f"示例：{day}", "planned_on": day} for day in days],
    }
    await world.post(f"{path}/plans", plan, version=await world.version(path))
    await make.make_lead(city)
    asked = {"scope": "visible", "with": "agenda", "limit": 1}
    agenda = (await world.get("/me/tasks", horizon_days=0, **asked))["agenda"]
    assert [day["on"] for day in agenda["days"]] == [f"2023-05-{n}" for n in (29, 30, 31)] + [
        f"2023-06-{n:02}" for n in range(1, 12)
    ]
    assert {day["on"]: day["count"] for day in agenda["days"] if day["count"]} == {
        "2023-05-29": 1,
        "2023-05-30": 1,
        "2023-06-01": 1,
        "2023-06-02": 1,
        "2023-06-06": 1,
        "2023-06-11": 1,
    }
    assert [day["on"][-2:] for day in agenda["days"] if not day["is_workday"]] == ["03", "04", "10", "11"]
    assert [(item["kind"], item["due_on"]) for item in agenda["items"]] == [
        ("answer", "2023-06-02"),
        ("assess", "2023-06-06"),
        ("milestone", "2023-06-11"),
    ]
    later = (await world.get("/me/tasks", horizon_days=30, **asked))["agenda"]
    assert (later["days"], len(later["items"])) == (agenda["days"], 5)
    assert later["items"][:3] == agenda["items"]
    assert (await world.get("/me/tasks", scope="visible"))["agenda"] is None


async def test_every_act_is_an_operation_at_its_address(world: World, city: make.City) -> None:
    document = (await world.client.get("/api/openapi.json")).json()
    templates = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    for operation, _, _, path in tasks.ACTS.values():
        method, template = templates[operation]
        assert method == "POST"
        assert re.sub(r"{\w+}", "{}", "/api/v1" + path) == re.sub(r"{\w+}", "{}", template)


async def test_an_act_is_offered_to_who_may_do_it(world: World, city: make.City) -> None:
    project, _ = await make.make_signed(city)
    lead = await make.make_lead(city)
    await world.act(
        f"/leads/{lead['id']}", "answer", {"on": "2023-06-01", "note": "示例", "handler_id": city.officials[4]}
    )
    member = clerk(Role.department, official=city.officials[3])
    handler = clerk(Role.department, official=city.officials[4])
    owner = clerk(Role.district, units=city.districts[:1])
    for actor, kinds in (
        (clerk(Role.leader), {"overdue": None, "assess": None}),
        (member, {"overdue": None}),
        (handler, {"assess": None}),
        (owner, {"overdue": "move_project", "assess": "assess_lead"}),
    ):
        world.actor = actor
        items = await queue(world)
        assert {item["kind"]: (item["act"] or {}).get("operation") for item in items} == kinds
    assert items[0]["subject"]["id"] == project["id"]


async def test_a_next_step_comes_back_to_who_wrote_it_down_while_it_is_seen(world: World, city: make.City) -> None:
    project = await make.make_project(city, unit_id=city.districts[0])
    lead = await make.make_lead(city)
    step = {"kind": "call", "on": "2023-06-01", "summary": "示例", "next_step": "示例", "next_step_on": "2023-06-05"}
    writer = clerk(Role.bureau, official=city.officials[3], name="writer")
    world.actor = writer
    await world.post(f"/projects/{project['id']}/follow-ups", step)
    await world.post(f"/leads/{lead['id']}/follow-ups", step)
    records = {project["id"], lead["id"]}
    mine = (await world.get("/me/tasks", kind="next_step"))["items"]
    assert {item["subject"]["id"] for item in mine} == records
    assert (await world.get("/me/counts"))["soon"] == 2
    for other in (
        clerk(Role.bureau, official=city.officials[4], name="other"),
        clerk(Role.district, units=city.districts[1:2], official=city.officials[3], name="writer"),
    ):
        world.actor = other
        assert (await world.get("/me/tasks", kind="next_step"))["items"] == []
    world.actor = clerk(Role.bureau, official=city.officials[4], name="other")
    await world.post(f"/projects/{project['id']}/follow-ups", {**step, "next_step": None, "next_step_on": None})
    world.actor = writer
    (left,) = (await world.get("/me/tasks", kind="next_step"))["items"]
    assert left["subject"]["id"] == lead["id"], "another went on with the project"


async def test_drafts_wait_for_another_than_who_drafted_or_edited_them(world: World, city: make.City) -> None:
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    project = await make.make_project(city)
    first, second, third = (clerk(Role.bureau, name=name) for name in ("a", "b", "c"))
    world.actor = first
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
    world.actor = second
    edited = await world.send("PATCH", f"/deals/{draft['id']}", {"title": "示例改"}, version=draft["version"])
    assert edited.status_code == 200, edited.text
    assert (await world.get("/me/tasks", kind="approval", scope="visible"))["items"] == [], "it is not submitted"
    await world.act(f"/deals/{draft['id']}", "submission", None)
    for actor, number in ((first, 0), (second, 0), (third, 1), (clerk(Role.district, units=city.districts), 0)):
        world.actor = actor
        mine = (await world.get("/me/tasks", kind="approval"))["items"]
        assert [item["subject"]["id"] for item in mine] == [draft["id"]] * number
        assert (await world.get("/me/counts"))["deals"] == number
        (seen,) = (await world.get("/me/tasks", kind="approval", scope="visible"))["items"]
        assert (seen["act"] is not None) == bool(number)
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, office.OFF)
    world.actor = first
    assert (await world.get("/me/counts"))["deals"] == 1


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"kind": "overdue,late"}, "?kind"),
        ({"scope": "everything"}, "?scope"),
        ({"horizon_days": "93"}, "?horizon_days"),
        ({"horizon_days": "-1"}, "?horizon_days"),
        ({"cursor": "x"}, "?cursor"),
        ({"sort": "name"}, "?sort"),
    ],
)
async def test_what_the_queue_refuses(world: World, asked: dict[str, str], pointer: str) -> None:
    answer = await world.client.get("/api/v1/me/tasks", params=asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_counting_takes_three_statements_and_does_not_renew_the_session(world: World) -> None:
    await user(world, "somebody", Role.bureau)
    headers = await session_of(world, "somebody")

    async def last_seen() -> Any:
        async with world.database.reading() as session:
            return await session.scalar(select(SignInSession.last_seen_at))

    async with sign_in_required(world):
        began = await last_seen()
        await world.client.get("/api/v1/me/counts", headers=headers)  # which remembers the stage table
        world.clock.moment += timedelta(minutes=20)
        with counted(world) as statements:
            answer = await world.client.get("/api/v1/me/counts", headers=headers)
        assert answer.status_code == 200
        assert len(statements) <= 3, statements
        assert await last_seen() == began
        await world.client.get("/api/v1/me/tasks", headers=headers)
        assert await last_seen() > began


async def test_the_quarter_is_what_the_totals_say(world: World, city: make.City) -> None:
    here, there = city.districts
    for unit, day in ((here, "2023-04-03"), (here, "2023-05-01"), (there, "2023-03-31")):
        await make.make_signed(city, signed_on=day, unit_id=unit)
    assert (await world.get("/me/tasks"))["quarter"] is None
    signed = []
    for actor in (world.actor, clerk(Role.district, units=[there])):
        world.actor = actor
        quarter = (await world.get("/me/tasks", **{"with": "quarter"}))["quarter"]
        totals = await world.get("/totals/signings", period="2023Q2")
        assert quarter["period"] == "2023Q2"
        assert {name: totals[name] for name in quarter if name in totals and not name.endswith("_url")} == {
            name: quarter[name] for name in ("count", "amount", "amount_yi", "same_quarter_landed")
        }
        rows = (await world.client.get(quarter["entries_url"])).json()
        assert rows["sum"]["count"] == quarter["count"]
        signed.append(quarter["count"])
    assert signed == [2, 0]
