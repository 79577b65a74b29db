"""Whoever sees a project through its team alone reports; the unit in charge and the task force decide."""

from typing import Any

import pytest

from app.accounts.roles import Role
from tests.conftest import LOCAL_PERSON, World
from tests.factories import city as make
from tests.factories.staff import clerk
from tests.pipeline.test_giver_and_taker import led_by_another

pytestmark = pytest.mark.anyio


async def test_the_lead_unit_of_a_team_reports_and_does_not_decide(world: World) -> None:
    city = await make.make_city(world)
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
