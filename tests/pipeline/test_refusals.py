"""What acts on projects and deals refuse: for the codes that their operations declare, a way to meet each."""

from typing import Any

import pytest

from app.accounts.roles import Role
from app.core import office
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import staff
from tests.factories import city as make
from tests.factories.staff import clerk

pytestmark = pytest.mark.anyio

REASON = {"reason": "示例"}
BACK = {"becomes": "before_signed"}
END = {"happened_on": "2023-05-10", "reason_code": "market", **REASON}
PAUSE = {"happened_on": "2023-05-10", "resume_expected_on": "2023-12-01", **REASON}
OTHER = clerk(Role.bureau, name="other")


async def code(world: World, path: str, verb: str, body: dict[str, Any] | None) -> str:
    """Sends a verb on a record in its present version. Returns the code that it is refused with, and its preview too,
    where it has one."""
    answer = await world.send("POST", f"{path}/{verb}", body, version=await world.version(path))
    assert answer.status_code in (403, 409), answer.text
    found: str = answer.json()["code"]
    if path.startswith("/deals/") and verb in ("approval", "amendments", "termination", "corrections"):
        asks: tuple[str, Any] = ("GET", None) if verb == "approval" else ("POST", body)
        preview = await world.send(asks[0], f"{path}/{verb}/preview", asks[1])
        assert (preview.status_code, preview.json()["code"]) == (answer.status_code, found), verb
    return found


async def version_of(world: World, path: str) -> int | None:
    """Returns the version of the record at the head of a path; None where it names none."""
    record = "/".join(path.split("/")[:3])
    return await world.version(record) if record.count("/") == 2 else None


async def last_move(world: World, path: str) -> str:
    """Returns the verb that corrects the latest move in force."""
    moves = [move for move in await world.get(f"{path}/moves") if not move["is_withdrawn"]]
    return f"moves/{moves[-1]['id']}/correction"


async def disputed(world: World, city: make.City, path: str) -> str:
    """Returns the verb that rules on a dispute of a first talk."""
    talk = {"kind": "talk", "with_investor": True, "on": "2023-02-03", "summary": "示例", "document": "示例"}
    await world.post(f"{path}/follow-ups", talk)
    claim = {"claimant_unit_id": city.districts[1], "grounds": "示例"}
    disputes = (await world.post(f"{path}/first-talk/disputes", claim))["disputes"]
    return f"first-talk/disputes/{disputes[0]['id']}/ruling"


def ruling(city: make.City, on: str = "2023-06-01") -> dict[str, Any]:
    """Returns a ruling that gives the record to the second district."""
    return {"unit_id": city.districts[1], "ruled_on": on, "document": "示例", "grounds": "示例", "transfer": True}


def transfer(city: make.City, on: str) -> dict[str, Any]:
    return {"unit_id": city.districts[1], "ruled_on": on, "document": "示例", **REASON}


async def test_what_would_stand_before_the_ledgers_latest_entry(
    world: World, city: make.City, signed_project: make.Signed
) -> None:
    project, deal = signed_project
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    rules = await disputed(world, city, path)
    world.clock.set(2023, 6, 10)
    for on, amount in (("2023-04-10", "1.00"), ("2023-06-05", "2.00")):
        await world.act(deal_path, "amendments", {"agreed_amount": amount, "effective_on": on, "document": "示例"})
    for place, verb, body in (
        (path, "transfers", transfer(city, "2023-03-10")),
        (path, rules, ruling(city, "2023-06-03")),
        (path, "termination", END),
        (deal_path, "termination", {"effective_on": "2023-03-10", "project": BACK, **REASON}),
        (deal_path, "corrections", {"effective_on": "2023-05-10", **REASON}),
    ):
        assert await code(world, place, verb, body) == "ledger_order", verb
    await world.act(path, "termination", {**END, "happened_on": "2023-06-07"})
    corrected = {"happened_on": "2023-04-01", **REASON}
    assert await code(world, path, await last_move(world, path), corrected) == "ledger_order"
    await world.act(path, "reinstatement", REASON)
    await world.act(path, "transfers", transfer(city, "2023-06-08"))
    earlier = {"agreed_amount": "3.00", "effective_on": "2023-06-07", "document": "示例"}
    assert await code(world, deal_path, "amendments", earlier) == "ledger_order"


async def test_what_would_leave_a_stage_without_its_deal(world: World, city: make.City) -> None:
    project, deal = await make.make_signed(city)
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    await world.act(path, "moves", {"to": "negotiating", "happened_on": "2023-05-10", **REASON})
    await world.act(deal_path, "termination", {"effective_on": "2023-05-10", **REASON})
    assert await code(world, path, "undo", None) == "deal_and_stage"
    withdrawn = {"withdraw": True, **REASON}
    assert await code(world, path, await last_move(world, path), withdrawn) == "deal_and_stage"

    parent, deal = await make.make_signed(city)
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-03-01"}
    first = await world.act(f"/projects/{parent['id']}", "phases", phase)
    await world.act(f"/deals/{deal['id']}", "termination", {"effective_on": "2023-05-10", **REASON})
    assert await code(world, f"/projects/{first['id']}", "phase-withdrawal", REASON) == "deal_and_stage"

    project = await make.make_project(city)
    framework = await make.make_deal(city, project["id"], kind="framework")
    await world.act(f"/deals/{framework['id']}", "termination", {"effective_on": "2023-05-10", **REASON})
    early = {**END, "happened_on": "2023-04-10"}
    assert await code(world, f"/projects/{project['id']}", "termination", early) == "deal_and_stage"


async def test_what_whoever_drafted_the_deal_leaves_to_others(world: World, city: make.City) -> None:
    project, deal = await make.make_signed(city)
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    rules = await disputed(world, city, path)
    parent, _ = await make.make_signed(city)
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-03-01"}
    first = await world.act(f"/projects/{parent['id']}", "phases", phase)
    merged = await make.make_project(city)
    await make.make_deal(city, merged["id"])
    target = await make.make_project(city, unit_id=city.districts[1])
    async with world.database.writing() as session:
        await office.put(session, office.SEPARATION, None)
    override = {"gates": ["local_company", "code_or_arrival", "site_secured"], **REASON}
    landed = {"to": "landed", "happened_on": "2023-05-10", "override": override}
    acts: list[tuple[str, str, dict[str, Any] | None]] = [
        (path, "moves", landed),
        (path, "transfers", transfer(city, "2023-05-10")),
        (path, rules, ruling(city)),
        (path, "termination", END),
        (deal_path, "termination", {"effective_on": "2023-05-10", "project": BACK, **REASON}),
        (deal_path, "corrections", {"amount": "5.00", **REASON}),
        (f"/projects/{first['id']}", "phase-withdrawal", REASON),
        (f"/projects/{merged['id']}", "merge", {"into_id": target["id"], **REASON}),
    ]
    for place, verb, body in acts:
        assert await code(world, place, verb, body) == "drafted_by_you", verb
    world.actor = OTHER
    await world.act(path, "termination", END)
    world.actor = LOCAL_PERSON
    assert await code(world, path, "reinstatement", REASON) == "drafted_by_you"
    withdrawn = {"withdraw": True, **REASON}
    assert await code(world, path, await last_move(world, path), withdrawn) == "drafted_by_you"


async def test_what_stage_status_and_phases_refuse(world: World, city: make.City) -> None:
    project, deal = await make.make_signed(city)
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    signing = (await world.get(deal_path))["facts"][0]["id"]
    assert await code(world, deal_path, "corrections", {"fact_id": signing, "withdraw": True, **REASON}) == (
        "not_withdrawable"
    )
    rules = await disputed(world, city, path)
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
    await world.act(path, "termination", END)
    ending = (await world.get(deal_path))["facts"][-1]["id"]
    for verb, body in (
        ("transfers", transfer(city, "2023-05-20")),
        (rules, ruling(city)),
        ("phases", {"name": "示例", "phase_no": 1, "from_on": "2023-05-20"}),
        ("amounts", {"kind": "planned_total", "value": "1.00", "effective_on": "2023-02-01", "source": "示例"}),
        ("evidence", {"kind": "local_company", "on": "2023-02-01"}),
        ("contacts", make.CONTACT),
        *of_five_ones(city),
    ):
        assert await code(world, path, verb, body) == "project_ended", verb
    withdrawn = {"fact_id": ending, "withdraw": True, **REASON}
    assert await code(world, deal_path, "corrections", withdrawn) == "ended_with_its_project"
    assert await code(world, f"/deals/{draft['id']}", "approval", {}) == "project_ended"

    parent = await make.make_project(city)
    parent_path = f"/projects/{parent['id']}"
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-02-10"}
    await world.act(parent_path, "phases", phase)
    for verb, sent in (
        ("undo", None),
        ("pause", PAUSE),
        ("program-changes", {"program": "both", "effective_on": "2023-05-10", **REASON}),
        *of_five_ones(city),
    ):
        assert await code(world, parent_path, verb, sent) == "project_is_parent", verb
    again = {**phase, "name": make.distinct_name("又一期")}
    assert await code(world, parent_path, "phases", again) == "phase_taken"


def of_five_ones(city: make.City) -> list[tuple[str, dict[str, Any]]]:
    """Returns the verbs of leaders, teams, plans and follow-ups, each with a body."""
    people = city.officials
    team = {
        "lead_unit_id": city.city,
        "leader_id": people[1],
        "contact_id": people[2],
        "members": [{"official_id": people[2]}, {"official_id": people[3]}],
    }
    return [
        ("leaders", {"official_id": people[0]}),
        ("leader-handovers", {"official_id": people[4], "note": "示例"}),
        ("teams", team),
        ("team-replacements", team),
        ("plans", {"title": "示例", **REASON, "milestones": [{"name": "示例", "planned_on": "2024-06-30"}]}),
        ("follow-ups", {"kind": "visit", "on": "2023-02-01", "summary": "示例"}),
    ]


async def test_what_is_there_already_and_what_is_not_there_yet(world: World, city: make.City) -> None:
    project = await make.make_project(city, investor_id=None)
    path, verbs = f"/projects/{project['id']}", dict(of_five_ones(city))
    assert await code(world, path, "leader-handovers", verbs["leader-handovers"]) == "no_leader"
    assert await code(world, path, "team-replacements", verbs["team-replacements"]) == "no_team"
    assert await code(world, path, "contacts", make.CONTACT) == "no_investor"
    for verb, refused in (("leaders", "leader_already_open"), ("teams", "team_already_open")):
        await world.post(f"{path}/{verb}", verbs[verb])
        assert await code(world, path, verb, verbs[verb]) == refused
    review = await world.post(f"{path}/evidence", {"kind": "legality_review", "on": "2023-01-03"})
    await world.post(f"{path}/evidence/{review['id']}/void", REASON, status=200)
    assert await code(world, path, f"evidence/{review['id']}/void", REASON) == "already_void"
    deal = await make.make_deal(city, (await make.make_project(city))["id"])
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
    for place, verb, body, refused in (
        (deal, "approval", {}, "not_a_draft"),
        (deal, "submission", None, "not_a_draft"),
        (deal, "return", REASON, "not_a_draft"),
        (draft, "amendments", {"agreed_amount": "2.00", "effective_on": "2023-05-01", "document": "示例"}, "not_live"),
        (draft, "termination", {"effective_on": "2023-05-01", **REASON}, "not_live"),
        (draft, "corrections", {"amount": "5.00", **REASON}, "not_correctable"),
    ):
        assert await code(world, f"/deals/{place['id']}", verb, body) == refused, verb
    for method, body in (("PATCH", {"title": "示例"}), ("DELETE", None)):
        answer = await world.send(method, f"/deals/{deal['id']}", body, version=deal["version"])
        assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")
    answer = await world.send("POST", "/deals", {"project_id": deal["id"], "title": "示例"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_what_has_started_never_goes_back(world: World, city: make.City) -> None:
    project, deal = await make.make_signed(city)
    path, deal_path = f"/projects/{project['id']}", f"/deals/{deal['id']}"
    await make.add_evidence(city, project["id"], "local_company", "project_code", "site_secured", "project_approval")
    await make.add_evidence(city, project["id"], "procedure_list", "construction_permit")
    await make.move(city, project["id"], "started", "2023-03-01", catch_up=True)
    ending = {"effective_on": "2023-05-10", "project": BACK, **REASON}
    assert await code(world, deal_path, "termination", ending) == "no_way_back"
    assert await code(world, deal_path, "corrections", {"never_a_deal": True, "project": BACK, **REASON}) == (
        "no_way_back"
    )
    assert await code(world, path, "moves", {"to": "landed", "happened_on": "2023-05-10", **REASON}) == "no_way_back"
    await world.act(path, "termination", END)
    assert await code(world, path, "reinstatement", {"becomes": "before_signed", **REASON}) == "no_way_back"


async def test_a_line_with_two_deals_and_one_out_of_scope(world: World, city: make.City) -> None:
    here, there = city.districts
    project, first = await make.make_signed(city)
    first_path = f"/deals/{first['id']}"
    await world.act(first_path, "termination", {"effective_on": "2023-03-01", "project": BACK, **REASON})
    await make.make_deal(city, project["id"], signed_on="2023-04-01")
    ending = (await world.get(first_path))["facts"][-1]["id"]
    restored = {"fact_id": ending, "withdraw": True, **REASON}
    assert await code(world, first_path, "corrections", restored) == "line_has_live_deal"

    parent, deal = await make.make_signed(city)
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-02-10", "continues_parent": True}
    await world.act(f"/projects/{parent['id']}", "phases", {**phase, "unit_id": there})
    deal_path = f"/deals/{deal['id']}"
    world.actor = staff(units=[here])
    assert await code(world, deal_path, "termination", {"effective_on": "2023-05-10", **REASON}) == "line_out_of_scope"
    assert await code(world, deal_path, "corrections", {"never_a_deal": True, **REASON}) == "line_out_of_scope"
    assert await code(world, deal_path, "corrections", {"unit_id": there, **REASON}) == "place_out_of_scope"


async def test_a_later_deal_of_the_project_would_move_too(world: World, city: make.City) -> None:
    project, first = await make.make_signed(city)
    await world.act(f"/deals/{first['id']}", "termination", {"effective_on": "2023-03-01", "project": BACK, **REASON})
    await make.make_deal(city, project["id"], signed_on="2023-02-15")
    moved = {"unit_id": city.districts[1], **REASON}
    assert await code(world, f"/deals/{first['id']}", "corrections", moved) == "moves_other_deals"


async def test_who_asks_too_often_and_who_names_another_place(world: World, city: make.City) -> None:
    """A clerk of a district, who has learnt of records of others once already."""
    here, there = city.districts
    elsewhere = await make.make_project(city, unit_id=there, place_unit_id=there)
    project = await make.make_project(city)
    lead = await make.make_lead(city)
    await world.act(f"/leads/{lead['id']}", "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    draft = await world.post("/deals", {"project_id": project["id"], "title": "示例"})
    talk = {"kind": "talk", "with_investor": True, "on": "2023-06-01", "summary": "示例", "document": "示例"}
    path, lead_path = f"/projects/{project['id']}", f"/leads/{lead['id']}"
    for place in (path, lead_path):
        await world.post(f"{place}/follow-ups", talk)
    world.actor = staff(units=[here])
    for place in (path, lead_path):
        claim = {"claimant_unit_id": there, "grounds": "示例"}
        answer = await world.send("POST", f"{place}/first-talk/disputes", claim)
        assert (answer.status_code, answer.json()["code"]) == (403, "place_out_of_scope")
    visit = {"kind": "visit", "on": "2023-02-01", "summary": "示例", "unit_id": there}
    assert await code(world, path, "follow-ups", visit) == "place_out_of_scope"
    world.settings.duplicate_checks_an_hour = 1
    asked = {"name": elsewhere["name"], "investor_id": city.investor}
    await world.post("/duplicates/check", asked, status=200)
    entered = {"program": "promotion", "unit_id": here, "investor_id": city.investor, "direct_entry_reason": "示例"}
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-02-10"}
    for method, verb, body in (
        ("POST", "/projects", {**entered, "name": "示例新项目", "industry_code": "26", "place_unit_id": here}),
        ("PATCH", path, {"name": "示例改名"}),
        ("POST", f"{path}/phases", phase),
        ("POST", f"{path}/contacts", make.CONTACT),
        ("POST", "/leads", {"name": "示例新线索", "channel": "walk_in", "first_unit_id": here}),
        ("PATCH", lead_path, {"name": "示例改名"}),
        ("POST", f"{lead_path}/conversion", {}),
        ("POST", f"{lead_path}/contacts", make.CONTACT),
        ("POST", "/deals", {"project_id": project["id"], "title": "示例", "agreement_no": "示例1号"}),
        ("PATCH", f"/deals/{draft['id']}", {"agreement_no": "示例1号"}),
    ):
        answer = await world.send(method, verb, body, version=await version_of(world, verb))
        assert (answer.status_code, answer.json()["code"]) == (429, "duplicates_asked_too_often"), (verb, answer.text)


async def test_a_name_that_another_record_has(world: World, city: make.City) -> None:
    other = await make.make_project(city)
    twin, name = await make.make_investor(world, credit_code=None), "示例：年产六十五万吨苯酚丙酮一体化项目"
    project = await make.make_project(city, name=f"{name}甲")
    lead = await make.make_lead(city, name=f"{name}乙", investor_id=twin)
    await world.act(f"/leads/{lead['id']}", "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    # A similar name is a duplicate once the investors are known to be one.
    await world.act(f"/enterprises/{twin}", "merge", {"into_id": city.investor, "reason": "示例"})
    phase = {"name": other["name"], "phase_no": 1, "from_on": "2023-02-10"}
    for method, path, body in (
        ("PATCH", f"/projects/{project['id']}", {"name": other["name"]}),
        ("POST", f"/projects/{project['id']}/phases", phase),
        ("POST", f"/leads/{lead['id']}/conversion", {}),
    ):
        answer = await world.send(method, path, body, version=await version_of(world, path))
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicates_found"), (path, answer.text)


async def test_a_lead_of_nobody_is_converted_by_the_bureau_alone(world: World, city: make.City) -> None:
    lead = await make.make_lead(city, unit_id=None)
    path = f"/leads/{lead['id']}"
    rules = await disputed_lead(world, city, path)
    await world.act(path, "assessments", {"outcome": "follow_up", "on": "2023-06-01"})
    world.actor = staff(units=[city.districts[0]])
    override = {"override": {"gates": ["unit_in_charge"], **REASON}}
    assert await code(world, path, "conversion", override) == "place_out_of_scope"
    world.actor = LOCAL_PERSON
    await world.act(path, "conversion", override)
    assert await code(world, path, rules, ruling(city)) == "raised_elsewhere"


async def disputed_lead(world: World, city: make.City, path: str) -> str:
    """As `disputed`, of a lead that was just reported."""
    talk = {"kind": "talk", "with_investor": True, "on": "2023-06-01", "summary": "示例", "document": "示例"}
    await world.post(f"{path}/follow-ups", talk)
    claim = {"claimant_unit_id": city.districts[1], "grounds": "示例"}
    disputes = (await world.post(f"{path}/first-talk/disputes", claim))["disputes"]
    return f"first-talk/disputes/{disputes[0]['id']}/ruling"


async def test_a_dispute_is_ruled_on_once_and_where_the_project_went(world: World, city: make.City) -> None:
    project, into = await make.make_project(city), await make.make_project(city)
    path = f"/projects/{project['id']}"
    rules = await disputed(world, city, path)
    await world.act(path, rules, {**ruling(city), "transfer": False})
    assert await code(world, path, rules, ruling(city)) == "ruled_already"
    await world.act(path, "merge", {"into_id": into["id"], **REASON})
    assert await code(world, path, rules, ruling(city)) == "raised_elsewhere"


async def test_nothing_is_given_to_a_place_out_of_scope(world: World, city: make.City) -> None:
    """A clerk of a district and of a task force, who decides on what another district has with that task force."""
    here, there = city.districts
    elsewhere = {"unit_id": there, "place_unit_id": there, "task_force_id": city.task_forces[0]}
    project, into = await make.make_project(city), await make.make_project(city, **elsewhere)
    phase = {"name": make.distinct_name("一期"), "phase_no": 1, "from_on": "2023-02-10", "unit_id": here}
    parent = await make.make_project(city, **elsewhere)
    first = await world.act(f"/projects/{parent['id']}", "phases", phase)
    world.actor = staff(units=[here], task_forces=city.task_forces[:1])
    path = f"/projects/{project['id']}"
    assert await code(world, path, "merge", {"into_id": into["id"], **REASON}) == "place_out_of_scope"
    preview = await world.send("GET", f"{path}/merge?into_id={into['id']}")
    assert (preview.status_code, preview.json()["code"]) == (403, "place_out_of_scope")
    assert await code(world, f"/projects/{first['id']}", "phase-withdrawal", REASON) == "place_out_of_scope"


async def test_a_program_that_does_not_walk_the_stage(world: World, city: make.City) -> None:
    project, _ = await make.make_signed(city)
    changed = {"program": "construction", "effective_on": "2023-05-10", **REASON}
    assert await code(world, f"/projects/{project['id']}", "program-changes", changed) == "stage_not_walked"
