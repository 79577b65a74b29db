"""A user who sees a project only through its team may report; the unit in charge and the task force decide."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.core.test_scope import Two, bodies, operations, staff, two_districts
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.pipeline.test_giver_and_taker import led_by_another

pytestmark = pytest.mark.anyio


async def test_the_lead_unit_of_a_team_reports_and_does_not_decide(world: World, city: make.City) -> None:
    path, team = await led_by_another(city)
    review = await world.post(f"{path}/evidence", {"kind": "legality_review", "on": "2023-01-03"})
    draft = await world.post("/deals", {"project_id": path.split("/")[2], "title": "示例草案"})
    world.actor = clerk(Role.district, units=[city.districts[1]])
    version = await world.version(path)
    total = {"kind": "planned_total", "value": "99900000000.00", "effective_on": "2023-02-01", "source": "示例"}
    pause = {"happened_on": "2023-05-01", "reason": "示例", "resume_expected_on": "2023-12-01"}
    refused: list[tuple[str, str, Any]] = [
        ("PATCH", path, {"name": "示例改名"}),
        ("POST", f"{path}/amounts", total),
        ("POST", f"{path}/evidence/{review['id']}/void", {"reason": "示例"}),
        ("POST", "/deals", {"project_id": path.split("/")[2], "title": "示例另一份"}),
        ("DELETE", f"/deals/{draft['id']}", None),
        ("POST", f"{path}/pause", pause),
        ("POST", f"{path}/team-replacements", team),
    ]
    for method, verb, body in refused:
        answer = await world.send(method, verb, body, version=1 if "/deals/" in verb else version)
        assert (answer.status_code, answer.json()["code"]) == (403, "owner_decides"), (verb, answer.text)
    visit = {"kind": "visit", "on": "2023-02-01", "summary": "示例"}
    await world.post(f"{path}/follow-ups", visit)
    await world.post(f"{path}/evidence", {"kind": "letter_of_intent", "on": "2023-02-01"})
    milestone = (await world.get(f"{path}/plans"))[0]["milestones"][0]["id"]
    await world.post(f"{path}/milestones/{milestone}/reports", {"forecast_on": "2024-08-01"})
    world.actor = LOCAL_PERSON
    await world.holds()
    contact = await world.post(f"{path}/contacts", make.CONTACT)
    evidence = {"kind": "site_secured", "on": "2023-02-01", "is_not_needed": True, "reason": "示例"}
    world.actor = clerk(Role.district, units=[city.districts[1]])
    for verb, body in (
        (f"{path}/evidence", evidence),  # that it is not needed, is a decision
        (f"{path}/contacts", make.CONTACT),
        (f"/contacts/{contact['id']}/unmasking", {"purpose": "negotiate"}),
    ):
        answer = await world.send("POST", verb, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "owner_decides"), (verb, answer.text)
    answer = await world.send("PATCH", path, {"name": "示例改名"}, version=1)
    assert "示例区1" in answer.json()["detail"]  # who decides
    world.actor = clerk(Role.district, units=[city.districts[0]])
    assert (await world.send("POST", f"{path}/evidence", evidence)).status_code == 201
    unmasked = await world.send("POST", f"/contacts/{contact['id']}/unmasking", {"purpose": "negotiate"})
    assert unmasked.json()["phone"] == make.CONTACT["phone"]


REPORTS = {
    "add_follow_up",
    "report_milestone",
    "add_project_evidence",
    "dispute_project_first_talk",
    "add_lead_follow_up",
    "dispute_lead_first_talk",
}
"""What whoever only sees a record may do to it. Everything else is decided by its unit in charge or task force."""


async def table_of(world: World, two: Two) -> list[tuple[str, str, str, str]]:
    """Returns (operationId, method, path, path of the record) of every operation that writes to one of these
    records."""
    records = {"projects": two.projects[0], "deals": two.deals[0], "leads": two.leads[0]}
    found = []
    for room, record in records.items():
        parameter = f"{room[:-1]}_id"
        for method, path, name in await operations(world, parameter):
            if method == "GET":
                continue
            filled = path.replace(f"{{{parameter}}}", record)
            for below, value in two.below.items():
                filled = filled.replace(f"{{{below}}}", value)
            found.append((name, method, filled, f"/{room}/{record}"))
    return found


async def test_who_may_do_what_to_a_project_deal_and_lead(world: World) -> None:
    """Every verb: the owner is not refused, a member only reports, a stranger gets 404. All three have every right."""
    two = await two_districts(world)
    led = f"/projects/{two.projects[0]}"
    await world.act(led, "team-replacements", bodies(two)["set_team"])  # the first district leads the team
    reported = await make.make_lead(two.city, first_unit_id=two.here, unit_id=two.there)
    two.leads[0] = reported["id"]  # reported by the first district, which does not deal with it
    table = await table_of(world, two)
    owner, member = staff(units=[two.there]), staff(units=[two.here])
    stranger = staff(units=[two.city.city])
    tried = set()
    for name, method, path, record in table:
        body = bodies(two)[name]
        world.actor = LOCAL_PERSON
        version = await world.version(record)
        world.actor = stranger
        assert (await world.send(method, path, body, version=version)).status_code == 404, name
        world.actor = member
        answer = await world.send(method, path, body, version=version)
        refused = answer.status_code == 403 and answer.json()["code"] in ("owner_decides", "forbidden")
        assert refused is (name not in REPORTS), (name, answer.text)
        world.actor = owner
        answer = await world.send(method, path, body, version=99)  # stale where it acts: nothing more is done
        assert answer.status_code != 403 or answer.json()["code"] == "place_out_of_scope", (name, answer.text)
        tried.add(name)
    assert tried >= REPORTS | {"update_project", "discard_deal", "void_project_evidence", "convert_lead"}
    assert len(tried) > 40
    world.actor = LOCAL_PERSON
    await world.holds()
