"""A record out of scope is answered like one that does not exist, on every route, and no act moves a record out of the
actor's reach."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.core.actor import Actor, ActorKind, Permission
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make

pytestmark = pytest.mark.anyio

YEAR = {"from": "2023-01-01", "to": "2023-12-31"}
SECRET = "乙区"
"""Stands in every name given to what belongs to the other district."""


def staff(
    *, units: Iterable[str] = (), task_forces: Iterable[str] = (), official: str | None = None, rights: bool = True
) -> Actor:
    return Actor(
        "clerk",
        "经办人",
        ActorKind.person,
        official_id=UUID(official) if official else None,
        permissions=frozenset(Permission) if rights else frozenset(),
        unit_ids=frozenset(UUID(unit) for unit in units),
        task_force_ids=frozenset(UUID(task_force) for task_force in task_forces),
    )


@dataclass
class Two:
    """Two districts: the clerk of the first asks for records of the second."""

    city: make.City
    projects: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    own_project: str = ""
    own_deal: str = ""
    below: dict[str, str] = field(default_factory=dict)
    """Ids beneath the other's project, by the name of the path parameter."""

    @property
    def here(self) -> str:
        return self.city.districts[0]

    @property
    def there(self) -> str:
        return self.city.districts[1]


async def two_districts(world: World) -> Two:
    city = await make.make_city(world)
    two = Two(city)
    own, deal = await make.make_signed(city)
    two.own_project, two.own_deal = own["id"], deal["id"]
    placed = {"unit_id": two.there, "place_unit_id": two.there, "task_force_id": city.task_forces[0]}
    signed, live = await make.make_signed(city, "777000000.00", name=f"{SECRET}机密项目", **placed)
    draft = await world.post("/deals", {"project_id": signed["id"], "title": f"{SECRET}草案"})
    await world.post(f"/plan-lists/2023/projects/{signed['id']}", {"source": f"{SECRET}计划"})
    fresh = await make.make_project(city, name=f"{SECRET}新项目", **placed)
    parent = await make.make_project(city, name=f"{SECRET}总项目", **placed)
    phase = {"name": f"{SECRET}一期", "phase_no": 1, "from_on": "2023-02-01"}
    first = await world.post(f"/projects/{parent['id']}/phases", phase, version=1)
    ended = await make.make_project(city, name=f"{SECRET}终止项目", **placed)
    end = {"happened_on": "2023-02-01", "reason_code": "market", "reason": "示例"}
    await world.post(f"/projects/{ended['id']}/termination", end, version=1)
    lead = await make.make_lead(city, name=f"{SECRET}线索", first_unit_id=two.there, **placed)
    another = await make.make_lead(city, name=f"{SECRET}又一线索", first_unit_id=two.there, **placed)
    two.leads = [lead["id"], another["id"]]
    two.projects = [signed["id"], fresh["id"], parent["id"], first["id"], ended["id"]]
    two.deals = [live["id"], draft["id"]]
    path = f"/projects/{signed['id']}"
    claim = {"claimant_unit_id": two.here, "grounds": f"{SECRET}争议"}
    talk = {"kind": "talk", "with_investor": True, "on": "2023-02-03", "summary": f"{SECRET}洽谈", "document": "示例"}
    await world.post(f"{path}/follow-ups", talk)
    two.below = {
        "evidence_id": (await world.get(f"{path}/evidence"))[0]["id"],
        "move_id": (await world.get(f"{path}/moves"))[-1]["id"],
        "milestone_id": (await world.get(f"{path}/plans"))[0]["milestones"][0]["id"],
        "batch_id": (await world.post("/start-batches", {"name": "示例批次", "held_on": "2023-03-01"}))["id"],
        "year": "2023",
        "dispute_id": (await world.post(f"{path}/first-talk/disputes", claim))["disputes"][0]["id"],
    }
    return two


def bodies(two: Two) -> dict[str, Any]:
    """Returns a valid body for each act on a project, deal or lead. A new route must be entered here, else the test
    fails."""
    people, on = two.city.officials, "2023-05-01"
    team = {
        "lead_unit_id": two.here,
        "leader_id": people[1],
        "contact_id": people[2],
        "members": [{"official_id": people[2]}, {"official_id": people[3]}],
    }
    ruling = {"unit_id": two.here, "ruled_on": on, "document": "示例", "grounds": "示例", "transfer": True}
    return {
        "update_project": {"name": "示例改名"},
        "set_project_capacities": {"items": []},
        "add_project_amount": {
            "kind": "planned_total",
            "value": "1.00",
            "effective_on": "2023-02-01",
            "source": "示例",
        },
        "add_project_evidence": {"kind": "local_company", "on": "2023-02-01"},
        "void_project_evidence": {"reason": "示例"},
        "move_project": {"to": "landed", "happened_on": on},
        "undo_move": None,
        "pause_project": {"happened_on": on, "reason": "示例", "resume_expected_on": "2023-12-01"},
        "reactivate_project": {"happened_on": on},
        "terminate_project": {"happened_on": on, "reason": "示例", "reason_code": "market"},
        "reinstate_project": {"reason": "示例"},
        "correct_move": {"withdraw": True, "reason": "示例"},
        "transfer_project": {"unit_id": two.here, "ruled_on": on, "document": "示例", "reason": "示例"},
        "change_project_program": {"program": "both", "effective_on": on, "reason": "示例"},
        "add_project_phase": {"name": "示例", "phase_no": 7, "from_on": on},
        "withdraw_project_phase": {"reason": "示例"},
        "appoint_leader": {"official_id": people[0]},
        "hand_over_leader": {"official_id": people[4], "note": "示例"},
        "set_team": team,
        "replace_team": team,
        "publish_plan": {"title": "示例", "reason": "示例", "milestones": [{"name": "示例", "planned_on": on}]},
        "report_milestone": {"forecast_on": "2024-01-01"},
        "add_follow_up": {"kind": "visit", "on": "2023-02-01", "summary": "示例"},
        "list_project_in_plan": {"source": "示例"},
        "withdraw_project_from_plan": {"reason": "示例"},
        "join_start_batch": None,
        "leave_start_batch": {"reason": "示例"},
        "add_work_resumption": {"on": "2023-03-01"},
        "withdraw_work_resumption": {"reason": "示例"},
        "dispute_lead_first_talk": {"claimant_unit_id": two.here, "grounds": "示例"},
        "dispute_project_first_talk": {"claimant_unit_id": two.here, "grounds": "示例"},
        "rule_lead_first_talk": ruling,
        "rule_project_first_talk": ruling,
        "merge_project": {"into_id": two.own_project, "reason": "示例"},
        "add_project_contact": make.CONTACT,
        "update_lead": {"name": "示例改名"},
        "answer_lead": {"on": "2023-06-01", "note": "示例"},
        "assess_lead": {"outcome": "follow_up", "on": "2023-06-01"},
        "add_lead_follow_up": {"kind": "visit", "on": "2023-02-01", "summary": "示例"},
        "add_lead_contact": make.CONTACT,
        "convert_lead": {},
        "update_deal": {"title": "示例"},
        "discard_deal": None,
        "submit_deal": None,
        "return_deal": {"reason": "示例"},
        "approve_deal": {},
        "amend_deal": {"agreed_amount": "2.00", "effective_on": on, "document": "示例"},
        "terminate_deal": {"effective_on": on, "reason": "示例"},
        "preview_amendment": {"agreed_amount": "2.00", "effective_on": on, "document": "示例"},
        "preview_termination": {"effective_on": on, "reason": "示例"},
        "preview_correction": {"amount": "5.00", "reason": "示例"},
        "correct_deal": {"amount": "5.00", "reason": "示例"},
    }


def same_but_for_ids(answer: httpx.Response) -> tuple[int, str, str | None]:
    return answer.status_code, re.sub(r'"request_id":"[^"]*"', "", answer.text), answer.headers.get("etag")


async def operations(world: World, parameter: str) -> list[tuple[str, str, str]]:
    """Returns (method, path below /api/v1, operationId) of every operation that names such a record."""
    document = (await world.client.get("/api/openapi.json")).json()
    return [
        (method.upper(), path.removeprefix("/api/v1"), operation["operationId"])
        for path, methods in document["paths"].items()
        if f"{{{parameter}}}" in path
        for method, operation in methods.items()
    ]


@pytest.mark.parametrize("rights", [True, False])
async def test_what_is_out_of_scope_answers_like_what_is_not_there(world: World, rights: bool) -> None:
    """Every route of the OpenAPI document that names such a record, in no, the right and a wrong version."""
    two = await two_districts(world)
    known = bodies(two)
    actor = staff(units=[two.here], rights=rights)
    tried = 0
    for room, records in (("projects", two.projects), ("deals", two.deals), ("leads", two.leads)):
        parameter = f"{room[:-1]}_id"
        for method, path, name in await operations(world, parameter):
            assert method == "GET" or name in known, f"{name}: give it a body in bodies()"
            for record in records:
                world.actor = LOCAL_PERSON
                present = await world.version(f"/{room}/{record}")
                world.actor = actor
                for version in (None, present, 99) if method != "GET" else (None,):
                    answers = []
                    for identity in (record, str(uuid4())):
                        filled = path.replace(f"{{{parameter}}}", identity)
                        for below, value in two.below.items():
                            filled = filled.replace(f"{{{below}}}", value)
                        if name == "preview_project_merge":
                            filled += f"?into_id={two.own_project}"
                        answer = await world.send(method, filled, known.get(name), version=version)
                        assert answer.status_code in (403, 404, 428), (name, answer.text)
                        answers.append(same_but_for_ids(answer))
                    assert answers[0] == answers[1], name
                    tried += 1
    assert tried > 300
    world.actor = LOCAL_PERSON
    await world.holds()


async def test_foreign_rows_beneath_an_own_project_are_not_found(world: World) -> None:
    two = await two_districts(world)
    world.actor = staff(units=[two.here])
    path = f"/projects/{two.own_project}"
    for place, body in (
        ("evidence/{}/void", {"reason": "示例"}),
        ("moves/{}/correction", {"withdraw": True, "reason": "示例"}),
        ("milestones/{}/reports", {"forecast_on": "2024-01-01"}),
    ):
        rows = [two.below[name] for name in ("evidence_id", "move_id", "milestone_id")]
        for foreign in (*rows, *two.projects, *two.deals):
            verb = f"{path}/{place.format(foreign)}"
            answer = await world.send("POST", verb, body, version=await world.version(path))
            assert answer.status_code == 404, answer.text


LISTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/projects", {}),
    ("/projects", {"q": SECRET}),
    ("/projects", {"status": "terminated"}),
    ("/projects", {"is_parent": True}),
    ("/search", {"q": SECRET}),
    ("/leads", {}),
    ("/leads", {"q": SECRET}),
    ("/leads", {"is_overdue": False}),
    ("/leads/facets", {"by": "unit,first_unit,investor,task_force"}),
    ("/deals", {}),
    ("/deals", {"status": "draft", "with": "sum"}),
    ("/deals", {"q": SECRET}),
    ("/deals/facets", {"by": "status,kind,unit,task_force,industry,investor,drafted_by"}),
    ("/five-ones/gaps", {}),
    ("/me/tasks", {"scope": "visible", "horizon_days": 92}),
    ("/me/tasks", {"horizon_days": 92}),
    ("/pipeline/board", {"cards": 50}),
    ("/pipeline/board/cards", {"stage": "screened"}),
    ("/pipeline/board/cards", {"stage": "signed"}),
    ("/plan-lists/2023", {}),
    ("/totals/signings", YEAR),
    ("/totals/signings", {**YEAR, "group_by": "unit"}),
    ("/totals/signings/entries", YEAR),
    ("/totals/overview", {"period": "2023"}),
    ("/totals/planned-year/rows", {"period": "2023"}),
    ("/totals/started-or-resumed/rows", {"period": "2023"}),
    ("/totals/collective-start/rows", {"period": "2023"}),
    ("/totals/awaiting-signed/rows", {"period": "2023"}),
    ("/totals/overview", {"period": "2023", "group_by": "unit,task_force,size,program,kind,month,ownership"}),
    ("/totals/funnel", {"period": "2023"}),
    *(
        ("/totals/funnel/rows", {"period": "2023", "what": what, "stage": "signed"})
        for what in ("entered", "left", "present", "overdue", "signed", "reached")
    ),
    ("/totals/attention", {}),
    ("/task-forces/performance", {"year": 2023}),
    ("/milestones", {}),
    ("/milestones", {"state": "overdue"}),
)


async def test_lists_counts_and_sums_are_cut(world: World) -> None:
    two = await two_districts(world)
    own = await world.get("/totals/signings", **YEAR, unit_id=two.here)
    filters = [{}, {"unit_id": two.there}, {"task_force_id": two.city.task_forces[0]}]
    everything = {(path, str(query)): (await world.client.get(f"/api/v1{path}", params=query)) for path, query in LISTS}
    for actor in (
        staff(units=[two.here]),
        staff(),
        staff(task_forces=two.city.task_forces[1:]),
        staff(official=two.city.officials[4]),
    ):
        world.actor = actor
        for path, query in LISTS:
            for more in filters:
                answer = await world.client.get(f"/api/v1{path}", params={**query, **more})
                if path == "/projects" or "unit_id" not in more or "board" in path or "totals" in path:
                    assert answer.status_code in (200, 422), answer.text
                assert SECRET not in answer.text, (path, query, more)
                assert not [one for one in (*two.projects, *two.deals, *two.leads) if one in answer.text]
    assert any(SECRET in answer.text for answer in everything.values())
    world.actor = staff(units=[two.here])
    cut = await world.get("/totals/signings", **YEAR)
    assert (cut["count"], cut["amount"]) == (own["count"], own["amount"]) == (1, "500000000.00")
    board = {column["stage"]: column["count"] for column in (await world.get("/pipeline/board"))["columns"]}
    assert sum(board.values()) == board["signed"] == 1
    world.actor = staff()
    for path in ("/projects", "/leads", "/deals", "/five-ones/gaps", "/totals/signings/entries"):
        query = YEAR if "totals" in path else {}
        assert await world.count(path, **query) == 0


async def test_another_persons_cursor_opens_nothing(world: World) -> None:
    two = await two_districts(world)
    pages: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/projects", {"limit": 1}),
        ("/deals", {"limit": 1}),
        ("/leads", {"limit": 1}),
        ("/pipeline/board/cards", {"stage": "screened", "limit": 1}),
        ("/totals/signings/entries", {**YEAR, "limit": 1}),
    )
    cursors = [(path, query, (await world.get(path, **query))["next_cursor"]) for path, query in pages]
    world.actor = staff(units=[two.here])
    for path, query, cursor in cursors:
        assert cursor
        answer = await world.client.get(f"/api/v1{path}", params={**query, "cursor": cursor})
        assert SECRET not in answer.text


async def test_a_kept_answer_is_given_to_nobody_else(world: World) -> None:
    """Neither to another person, nor to a token of the same id, nor to an actor whose scope no longer has the
    record."""
    two = await two_districts(world)
    path, body = f"/projects/{two.projects[0]}/follow-ups", {"kind": "call", "on": "2023-02-01", "summary": SECRET}
    owner = staff(units=[two.there])
    world.actor = owner
    first = await world.send("POST", path, body, Idempotency_Key="k-1")
    assert first.status_code == 201
    assert (await world.send("POST", path, body, Idempotency_Key="k-1")).content == first.content
    for other in (
        staff(units=[two.here]),
        Actor("clerk", "令牌", ActorKind.token, unit_ids=frozenset({UUID(two.here)})),
    ):
        world.actor = other
        answer = await world.send("POST", path, body, Idempotency_Key="k-1")
        assert answer.status_code in (404, 422)
        assert SECRET not in answer.text


@dataclass
class Line:
    """A parent of the first district with its live deal, and a second phase that the bureau gave to the second."""

    parent: str
    deal: str
    own_phase: str
    hidden_phase: str
    hidden_code: str


async def shared_line(world: World, two: Two) -> Line:
    parent, deal = await make.make_signed(two.city)
    path = f"/projects/{parent['id']}"
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    own = await world.post(f"{path}/phases", first, version=await world.version(path))
    second = {"name": f"{SECRET}二期", "phase_no": 2, "from_on": "2023-02-10", "unit_id": two.there}
    hidden = await world.post(f"{path}/phases", second, version=await world.version(path))
    await make.give_five_ones(two.city, hidden["id"], "2023-02-10")
    await make.move(two.city, hidden["id"], "signed", "2023-02-12", catch_up=True)
    return Line(parent["id"], deal["id"], own["id"], hidden["id"], hidden["code"])


async def test_a_phase_of_another_district_stays_hidden(world: World) -> None:
    two = await two_districts(world)
    line = await shared_line(world, two)
    world.actor = staff(units=[two.here])
    path = f"/projects/{line.parent}"
    assert [phase["id"] for phase in (await world.get(path))["phases"]] == [line.own_phase]
    assert (await world.get(f"/projects/{line.own_phase}"))["parent"]["id"] == line.parent
    rows = {row["id"]: row["parent"] for row in (await world.get("/projects"))["items"]}
    assert (rows[line.own_phase]["id"], rows[line.parent]) == (line.parent, None)
    assert SECRET not in (await world.client.get(f"/api/v1{path}/timeline")).text
    body = {"task_force_id": two.city.task_forces[0], "ruled_on": "2023-05-01", "document": "示例", "reason": "示例"}
    answer = await world.send("POST", f"{path}/transfers", body, version=await world.version(path))
    assert (answer.status_code, SECRET in answer.text) == (201, False)
    world.actor = staff(units=[two.there])
    phase = await world.get(f"/projects/{line.hidden_phase}")
    (row,) = (await world.get("/projects", q=line.hidden_code))["items"]
    for said in (phase, row):
        assert (said["parent_id"], said["parent"]) == (line.parent, None)


async def test_a_deal_does_not_move_a_phase_its_clerk_cannot_see(world: World) -> None:
    two = await two_districts(world)
    line = await shared_line(world, two)
    world.actor = staff(units=[two.here])
    path = f"/deals/{line.deal}"
    for verb, body in (
        ("termination", {"effective_on": "2023-05-01", "reason": "示例"}),
        ("corrections", {"never_a_deal": True, "reason": "示例"}),
    ):
        for fate in ({}, {"project": {"becomes": "terminated", "reason_code": "market"}}):
            answer = await world.send("POST", f"{path}/{verb}", {**body, **fate}, version=await world.version(path))
            assert (answer.status_code, answer.json()["code"]) == (403, "line_out_of_scope")
            assert line.hidden_code not in answer.text
    world.actor = LOCAL_PERSON
    assert (await world.get(f"/projects/{line.hidden_phase}"))["stage"] == "signed"
    assert (await world.get(path))["status"] == "live"
    await world.holds()


async def test_the_moves_a_phase_inherits_hide_what_was_said_of_them(world: World) -> None:
    """DOMAIN grants a continuing phase its parent's entries, not the reasons given in another district."""
    two = await two_districts(world)
    parent, _ = await make.make_signed(two.city)
    path = f"/projects/{parent['id']}"
    first = {"name": "示例一期", "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    phase = await world.post(f"{path}/phases", {**first, "unit_id": two.there}, version=await world.version(path))
    whole = await world.get(f"/projects/{phase['id']}/moves")
    assert whole[0]["reason"] == "示例"
    world.actor = staff(units=[two.there])
    seen = await world.get(f"/projects/{phase['id']}/moves")
    assert [move["to_stage"] for move in seen] == ["screened", "negotiating", "signed"]
    assert {move["reason"] for move in seen} == {None}


async def test_nothing_is_put_where_its_clerk_has_no_say(world: World) -> None:
    """Entering, phases and corrections look at where a record is put, and refuse before anything is written."""
    two = await two_districts(world)
    led = await make.make_project(two.city, unit_id=two.there, place_unit_id=two.there)
    await make.give_five_ones(two.city, led["id"])
    version = await world.version(f"/projects/{led['id']}")
    world.actor = staff(units=[two.here], official=two.city.officials[2])
    body = {
        "name": "示例越界项目",
        "unit_id": two.there,
        "place_unit_id": two.there,
        "industry_code": "26",
        "direct_entry_reason": "示例",
    }
    path = f"/deals/{two.own_deal}"
    asked: list[tuple[str, dict[str, Any], int | None]] = [
        ("/projects", body, None),
        (f"/projects/{led['id']}/phases", {"name": "示例", "phase_no": 1, "from_on": "2023-05-01"}, version),
        (f"{path}/corrections", {"unit_id": two.there, "reason": "示例"}, await world.version(path)),
    ]
    for verb, given, at in asked:
        answer = await world.send("POST", verb, given, version=at)
        code = "owner_decides" if verb.endswith("phases") else "place_out_of_scope"
        assert (answer.status_code, answer.json()["code"]) == (403, code), answer.text
    task_force = staff(task_forces=two.city.task_forces[:1])
    world.actor = task_force
    assert (await world.send("POST", "/projects", body)).status_code == 403
    marked = await world.send("POST", "/projects", {**body, "task_force_id": two.city.task_forces[0]})
    assert (marked.status_code, marked.json()["errors"][0]["pointer"]) == (403, "/unit_id")
    world.actor = staff(units=[two.there], task_forces=two.city.task_forces[:1])
    entered = await world.post("/projects", {**body, "task_force_id": two.city.task_forces[0]})
    assert entered["task_force_id"] == two.city.task_forces[0]
    world.actor = LOCAL_PERSON
    await world.holds()


async def test_a_correction_of_the_place_is_a_transfer_too(world: World) -> None:
    two = await two_districts(world)
    rights = frozenset({Permission.correct})
    world.actor = Actor("bureau", "示例", ActorKind.person, permissions=rights)
    path = f"/deals/{two.own_deal}"
    body = {"unit_id": two.there, "reason": "示例"}
    answer = await world.send("POST", f"{path}/corrections", body, version=await world.version(path))
    assert (answer.status_code, answer.json()["permission"]) == (403, "transfer")
    world.actor = Actor("bureau", "示例", ActorKind.person, permissions=rights | {Permission.transfer})
    await world.post(f"{path}/corrections", body, version=await world.version(path))
    world.actor = LOCAL_PERSON
    await world.holds()


async def test_a_deals_ledger_is_cut_by_the_units_of_its_entries(world: World) -> None:
    """The unit that receives a deal by transfer reads the entries that count for it, as in the totals."""
    two = await two_districts(world)
    path = f"/projects/{two.own_project}"
    body = {"unit_id": two.there, "ruled_on": "2023-05-01", "document": "示例", "reason": "示例"}
    await world.post(f"{path}/transfers", body, version=await world.version(path))
    entries = f"/deals/{two.own_deal}/entries"
    assert [item["count"] for item in (await world.get(entries))["items"]] == [1, -1, 1]
    world.actor = staff(units=[two.there])
    mine = await world.get(entries)
    assert ([item["count"] for item in mine["items"]], mine["count"]) == ([1], 1)
    rows = await world.get("/totals/signings/entries", **YEAR)
    assert {item["id"] for item in mine["items"]} <= {row["id"] for row in rows["items"]}


async def test_a_share_has_no_rate_of_the_whole_target(world: World) -> None:
    two = await two_districts(world)
    task_force = two.city.task_forces[0]
    target = await world.send("PUT", f"/task-forces/{task_force}/targets/2023", {"signings": 2}, version=1)
    assert target.status_code == 200
    path = f"/task-forces/{task_force}/performance"
    assert (await world.get(path, year=2023))["signings"] == {"target": "2", "reached": "1", "rate": "0.5000"}
    world.actor = staff(task_forces=[task_force])
    assert (await world.get(path, year=2023))["signings"]["rate"] == "0.5000"
    world.actor = staff(units=[two.there])
    assert (await world.get(path, year=2023))["signings"] == {"target": "2", "reached": "1", "rate": None}


async def test_a_record_named_in_a_body_answers_like_one_that_is_not_there(world: World) -> None:
    two = await two_districts(world)
    foreign = [two.below["evidence_id"]]
    world.actor = staff(units=[two.here])
    own = f"/projects/{two.own_project}"
    milestone = (await world.get(f"{own}/plans"))[0]["milestones"][0]["id"]
    named: list[tuple[str, str, dict[str, Any], list[str]]] = [
        ("/deals", "project_id", {"title": "示例"}, two.projects),
        ("/duplicates/check", "project_id", {"name": "示例", "investor_id": two.city.investor}, two.projects),
        ("/duplicates/check", "lead_id", {"name": "示例", "investor_id": two.city.investor}, two.leads),
        (f"{own}/merge", "into_id", {"reason": "示例"}, two.projects[1:3]),
        (f"{own}/work-resumptions", "evidence_id", {"on": "2023-03-01"}, foreign),
        (f"{own}/milestones/{milestone}/reports", "evidence_id", {"done_on": "2023-03-01"}, foreign),
        ("/start-batches", "project_ids", {"name": "示例", "held_on": "2023-03-01"}, two.projects[:2]),
    ]
    for path, field_, body, records in named:
        for record in records:
            answers = []
            for identity in (record, str(uuid4())):
                value = [identity] if field_ == "project_ids" else identity
                version = await world.version(own)
                answers.append(await world.send("POST", path, {**body, field_: value}, version=version))
            assert answers[0].status_code in (403, 404, 422), (path, answers[0].text)
            assert same_but_for_ids(answers[0]) == same_but_for_ids(answers[1]), path
